"""Workbooks by openpyxl: every visible sheet as one grid, with merged ranges; numbers as stored,
not as formatted.

A number that a format rounds reads differently here, and that is to be said.
"""

import io
from typing import Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from extract.archive import open_archive
from extract.document import Cell, Document, ReadError, Reason, grid_of
from extract.limits import TABLE_COLUMNS, TABLE_ROWS

READER: Final = "openpyxl"


def read(data: bytes) -> Document:
    """The workbook; ReadError(DAMAGED) for what openpyxl cannot open."""
    archive = open_archive(data)
    for name in archive.names:
        if name.endswith((".xml", ".rels")):
            archive.read(name)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except (InvalidFileException, KeyError, ValueError, TypeError) as error:
        raise ReadError(Reason.DAMAGED, f"openpyxl cannot open it ({error})") from error
    grids = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        # left, top, right, bottom
        bounds: list[tuple[int, int, int, int]] = [m.bounds for m in sheet.merged_cells.ranges]
        spans = {
            (top, left): (bottom - top + 1, right - left + 1) for left, top, right, bottom in bounds
        }
        covered = {
            (r, c)
            for (top, left), (tall, wide) in spans.items()
            for r in range(top, top + tall)
            for c in range(left, left + wide)
        } - spans.keys()
        cells = []
        for r, row in enumerate(
            sheet.iter_rows(max_row=TABLE_ROWS, max_col=TABLE_COLUMNS, values_only=True), 1
        ):
            for c, value in enumerate(row, 1):
                if (r, c) not in covered:
                    cells.append(Cell(_text(value), r - 1, c - 1, *spans.get((r, c), (1, 1))))
        if any(c.text for c in cells):
            grids.append(grid_of(cells))
    return Document(tuple(grids), READER)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
