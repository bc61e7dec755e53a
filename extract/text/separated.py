"""Tables in text whose cells commas or semicolons part, as spreadsheet programs save them (RFC
4180).

`read_separated(lines, start)` gives the table that begins at the line `start`, or None. Lines are
rows as long as each has two cells or more; a cell in quotation marks may go on over lines. Commas
stand in prose as well, so there must be two rows at least, a cell that is a number, and no running
text beside another filled cell. Running text alone in its row, and what stands alone in a row above
the table, is prose.
"""

import csv
from collections.abc import Sequence
from typing import Final

from extract.document import Block
from extract.number_text import is_number
from extract.text.delimited import (
    BLANK,
    Row,
    TextBlocks,
    is_sentence,
    make_paragraphs,
    make_table_in_order,
)

_MARKS: Final = (",", ";")
_RECORD_LINES: Final = 10  # of one row: more, and a quotation mark was left open
_LINE_LENGTH: Final = 20_000


def read_separated(lines: list[str], start: int) -> TextBlocks | None:
    """Rows of cells with commas or semicolons between them."""
    for mark in _MARKS:
        if mark in lines[start]:
            rows, end = _read_rows(lines, start, mark)
            if len(rows) > 1 and any(is_number(cell) for row in rows for cell in row):
                return TextBlocks(_make_blocks(rows), end)
    return None


def _read_rows(lines: list[str], start: int, mark: str) -> tuple[list[Row], int]:
    """The rows from `start` on, and the index behind the last."""
    rows: list[Row] = []
    at = start
    while at < len(lines) and (record := _read_record(lines, at, mark)) is not None:
        row, at = record
        rows.append(row)
    return rows, at


def _read_record(lines: list[str], at: int, mark: str) -> tuple[Row, int] | None:
    """The row that begins at `at`, and the index behind it; None for prose."""
    if mark not in lines[at] or len(lines[at]) > _LINE_LENGTH:
        return None
    own = lines[at : at + (_RECORD_LINES if '"' in lines[at] else 1)]
    reader = csv.reader((f"{line}\n" for line in own), delimiter=mark, strict=True)
    try:
        cells = [cell.strip(BLANK) for cell in next(reader)]
    except csv.Error:
        return None
    filled = [cell for cell in cells if cell]
    if len(cells) < 2 or (len(filled) > 1 and any(map(is_sentence, filled))):
        return None
    return cells, at + reader.line_num


def _make_blocks(rows: Sequence[Row]) -> tuple[Block, ...]:
    """A grid of the rows, with prose before and between them as paragraphs."""
    blocks: list[Block] = []
    table: list[Row] = []
    for row in rows:
        filled = [cell for cell in row if cell]
        is_prose = len(filled) == 1 and (not table or is_sentence(filled[0]))
        if not is_prose:
            table.append(row)
            continue
        blocks += make_table_in_order(table)
        blocks += make_paragraphs(filled)
        table = []
    return (*blocks, *make_table_in_order(table))
