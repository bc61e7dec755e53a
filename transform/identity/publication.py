"""The day on which a report was published, as sites print it around the title.

Takes the paragraphs and small tables around the title; gives an ISO date: behind a label
(发布日期：, 时间：, 发文日期：), or a bare date at the beginning of the line below the title. The
day of a signature, of the text's making (成文日期) or of a period (… 至 …) is none. Facts that the
format states itself go before this and are the caller's to ask.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from extract.document import Block, Grid, Paragraph
from transform.identity.title import HAN

BEFORE_TITLE: Final = 4  # paragraphs
BEHIND_TITLE: Final = 6
FIELD_CELLS: Final = 40  # of a table of fields; a table of the form has more
_DAY: Final = r"20[0-9]{2}\s*[-/.年]\s*[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2}(?![0-9])(?:\s*日)?+"
_NO_PERIOD: Final = r"(?!\s*[至到—~～])"
_LABELLED: Final = re.compile(
    rf"(?<![{HAN}])(?:发布|公布|公开|发文|发表)?(?:日期|时间)\s*[:：]\s*(?P<day>{_DAY}){_NO_PERIOD}"
)
_FIELD: Final = re.compile(
    rf"(?<![{HAN}])(?:发布|公布|公开|发文)(?:日期|时间)\s*[:：]?\s*(?P<day>{_DAY}){_NO_PERIOD}"
)
_BARE: Final = re.compile(rf"(?P<day>{_DAY})(?:\s+[0-9:]+)?\s*(?:来源.*|作者.*|发布.*|浏览.*)?")
_PARTS: Final = re.compile(r"(20[0-9]{2})\D+([0-9]{1,2})\D+([0-9]{1,2})(?![0-9])")


def iso_day(text: str) -> str | None:
    """The day with which `text` begins, as ISO date; None where it is none (2021-02-30)."""
    found = _PARTS.match(text.strip())
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None


def published_near(
    blocks: Sequence[Block], paragraphs: Sequence[Paragraph], title: tuple[int, int] | None
) -> str | None:
    """The day printed near the title, which stands at paragraphs [start, end); None where none
    is.
    """
    start, end = title or (0, 0)
    near = [p.text for p in paragraphs[max(0, start - BEFORE_TITLE) : end + BEHIND_TITLE]]
    below = [p.text for p in paragraphs[end : end + 2]] if title else []
    fields = [_text_of(b) for b in blocks[:BEHIND_TITLE] if isinstance(b, Grid)]
    return (
        _first(_LABELLED.search(text) for text in near)
        or _first(_FIELD.search(text) for text in fields)
        or _first(_BARE.fullmatch(text.strip()) for text in below)
    )


def _text_of(grid: Grid) -> str:
    """The cells of a table of fields in reading order; nothing for a larger table."""
    return " ".join(c.text.strip() for c in grid.cells) if len(grid.cells) <= FIELD_CELLS else ""


def _first(matches: Iterable[re.Match[str] | None]) -> str | None:
    days = (iso_day(found["day"]) for found in matches if found is not None)
    return next((day for day in days if day is not None), None)
