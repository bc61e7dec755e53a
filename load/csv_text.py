"""Text in CSV that a spreadsheet takes for text, never for a formula.

`csv_bytes` gives a small table for people whole; files of frames are written by `load.frames`.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

# what a spreadsheet may take for the beginning of a formula, and numbers, which it may take
_FORMULA_START: Final = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_PLAIN_NUMBER: Final = re.compile(r"\s*[+-]?\d[\d,]*(\.\d+)?\s*")


def make_inert(value: object) -> object:
    """The value, with an apostrophe before a text that would be a formula."""
    if not isinstance(value, str) or _PLAIN_NUMBER.fullmatch(value):
        return value
    return f"'{value}" if _FORMULA_START.match(value) else value


def csv_bytes(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table with its heads, in UTF-8 with the mark by which spreadsheets know it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([make_inert(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
