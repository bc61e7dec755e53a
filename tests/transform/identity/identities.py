"""Identities of documents made of lines."""

from datetime import date

from extract.document import Document, Paragraph
from transform.identity.identify import Identity, SourceEntry, identify

TODAY = date(2026, 11, 24)


def identify_lines(
    *lines: str, facts: tuple[tuple[str, str], ...] = (), source: SourceEntry | None = None
) -> Identity:
    return identify(
        Document(tuple(Paragraph(line) for line in lines), "test", facts), source, TODAY
    )
