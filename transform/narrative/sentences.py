"""The prose of a document, apart from its tables: sentences, and the headings of the six statutory
sections.

`read_prose(document, forms, patterns)` gives `Prose`: sentences in order with the number of the
paragraph where each begins, the headings of the six sections as printed, and the text under those
whose whole text is prose. Lines that a page or a line break cut are joined first; the characters
are those of `normalize_text`.

Out of scope: what a sentence states (`transform.narrative.claims`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from extract.document import Cell, Document, Paragraph
from transform.form.forms import Forms
from transform.narrative.headings import (
    LONGEST_HEADING,
    Heading,
    HeadingWords,
    choose_headings,
    find_heading,
    find_inner_headings,
    may_hold_heading,
    read_heading_words,
)
from transform.narrative.normalize import normalize_text

# characters of a run of joined lines; an honest paragraph has some hundreds
LONGEST_RUN: Final = 6_000
CONTEXT_LENGTH: Final = 200  # characters ahead of a sentence that may say what it is about

_ITEM: Final = re.compile(
    r"（?(?:[一二三四五六七八九十]{1,3}|[0-9]{1,2})(?:[、.）]|[是要](?![0-9])|，(?=[^0-9]))|"
    r"第[一二三四五六七八九十]|[①-⑳]|[—\-=]{2,}"
)
# a heading within a section
_TOPIC: Final = re.compile(
    r"（?(?:[一二三四五六七八九十]{1,3}|[0-9]{1,2})[、.），][^。，；：！？]{2,30}"
)
_LINE_ENDS: Final = "。；：！？.」”"
_SENTENCE: Final = re.compile(r"[^。！？]+[。！？]?")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence.

    `paragraph` counts from 0 in `document.paragraphs`; `before` is what its paragraph says ahead of
    it.
    """

    text: str
    paragraph: int
    before: str


@dataclass(frozen=True)
class Prose:
    """`bodies` holds the text under a heading, for sections whose whole text is prose; none for
    those with a table in them.
    """

    sentences: tuple[Sentence, ...]
    headings: tuple[Heading, ...]
    bodies: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _ProseLine:
    """One paragraph: `text` without the heading with which it begins, and `body`, what stands
    behind the last of its headings.
    """

    paragraph: int
    text: str
    body: str
    heading: Heading | None
    inner_headings: tuple[Heading, ...]

    @property
    def headings(self) -> tuple[Heading, ...]:
        return (*((self.heading,) if self.heading else ()), *self.inner_headings)


@dataclass(frozen=True, slots=True)
class _TablePlace:
    """A table between paragraphs, with the headings that its cells hold."""

    headings: tuple[Heading, ...]


@dataclass(frozen=True, slots=True)
class _LineRun:
    """Lines joined to one text; `starts` are the offset and paragraph of each."""

    text: str = ""
    starts: tuple[tuple[int, int], ...] = ()

    def ends_before(self, line: str) -> bool:
        """Whether a line begins anew, and is not the rest of a sentence that a break cut."""
        return bool(self.text) and (
            self.text[-1] in _LINE_ENDS
            or _ITEM.match(line) is not None
            or _TOPIC.fullmatch(self.text) is not None
            or len(self.text) > LONGEST_RUN
        )

    def join(self, line: _ProseLine) -> "_LineRun":
        parted = self.text[-1:].isdigit() and line.text[:1].isdigit()
        before = self.text + ("_" if parted else "")
        starts = (*(self.starts if before else ()), (len(before), line.paragraph))
        return _LineRun(before + line.text, starts)

    def split_sentences(self, topic: str) -> Iterator[Sentence]:
        """Its sentences, with the heading above it ahead of each; one that begins with 其中 belongs
        to the one before.
        """
        spans: list[tuple[int, int]] = []
        for found in _SENTENCE.finditer(self.text):
            if spans and found[0].startswith("其中"):
                spans[-1] = (spans[-1][0], found.end())
            else:
                spans.append(found.span())
        for start, end in spans:
            paragraph = next(number for offset, number in reversed(self.starts) if offset <= start)
            before = self.text[max(0, start - CONTEXT_LENGTH) : start]
            yield Sentence(self.text[start:end], paragraph, topic + before)


def read_prose(document: Document, forms: Forms, patterns: Mapping[str, re.Pattern[str]]) -> Prose:
    """The prose of `document`; `patterns` says by section what a heading may read beside the form's
    own labels.
    """
    words = read_heading_words(forms, patterns)
    parts = tuple(_read_parts(document, words))
    headings = [heading for part in parts for heading in part.headings]
    return Prose(
        tuple(_read_sentences(parts)), choose_headings(headings, words), _collect_bodies(parts)
    )


def _read_parts(document: Document, words: HeadingWords) -> Iterator[_ProseLine | _TablePlace]:
    paragraph = 0
    for block in document.blocks:
        if isinstance(block, Paragraph):
            yield _read_line(normalize_text(block.text), paragraph, words)
            paragraph += 1
        else:
            yield _TablePlace(tuple(_find_cell_headings(block.cells, paragraph, words)))


def _find_cell_headings(
    cells: Iterable[Cell], paragraph: int, words: HeadingWords
) -> Iterator[Heading]:
    for cell in cells:
        if may_hold_heading(cell.text):
            heading = find_heading(normalize_text(cell.text), paragraph, words)
            if heading is not None:
                yield heading


def _read_line(text: str, paragraph: int, words: HeadingWords) -> _ProseLine:
    heading = find_heading(text, paragraph, words) if text else None
    if heading is not None:
        text = text.partition(heading.title)[2].lstrip("：。")
    inner = tuple(find_inner_headings(text, paragraph, words))
    body = text
    # nothing but a line break within the paragraph sets such a heading off
    for found in inner:
        body = text[text.rindex(found.title) + len(found.title) :]
        text = text.replace(found.title, f"。{found.title}。")
    return _ProseLine(paragraph, text, body, heading, inner)


def _read_sentences(parts: Sequence[_ProseLine | _TablePlace]) -> Iterator[Sentence]:
    run, topic = _LineRun(), ""
    for part in parts:
        if isinstance(part, _TablePlace):
            yield from run.split_sentences(topic)
            run = _LineRun()
            continue
        if part.heading is not None:
            yield from run.split_sentences(topic)
            run, topic = _LineRun(), f"{part.heading.title}。"
        if run.ends_before(part.text):
            yield from run.split_sentences(topic)
            if _ITEM.match(run.text) and len(run.text) <= LONGEST_HEADING:
                topic = f"{run.text}。"
            run = _LineRun()
        run = run.join(part)
    yield from run.split_sentences(topic)


def _collect_bodies(parts: Sequence[_ProseLine | _TablePlace]) -> dict[str, str]:
    """The text under each section's heading, without sections that hold a table."""
    bodies: dict[str, list[str]] = {}
    with_tables: set[str] = set()
    section: str | None = None
    for part in parts:
        if isinstance(part, _TablePlace):
            with_tables |= {h.section for h in part.headings} | ({section} if section else set())
            continue
        if part.heading is not None:
            section = part.heading.section
            bodies.setdefault(section, [])
        for heading in part.inner_headings:
            section = heading.section
            bodies[section] = []
        if section is not None and part.body:
            bodies[section].append(part.body)
    return {s: "".join(texts) for s, texts in bodies.items() if s not in with_tables}
