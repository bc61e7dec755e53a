"""Workbooks a second time, by other libraries: xlsx by openpyxl, xls by calamine. Every visible
sheet becomes one grid with its merged ranges.

Numbers are given as stored, not as formatted: one that a format rounds reads differently here, and
that is to be reported.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from extract.archive import open_archive
from extract.document import UNREADABLE, Cell, Document, Grid, ReadError, Reason, grid_of
from extract.limits import TABLE_COLUMNS, TABLE_ROWS

READER_XLSX: Final = "openpyxl"
READER_XLS: Final = "calamine"

# first and last row, first and last column of a merged range, from 0
MergedRange = tuple[int, int, int, int]
CalamineValue = int | float | str | bool | time | date | datetime | timedelta


def read_xlsx(data: bytes) -> Document:
    """The workbook by openpyxl; ReadError(DAMAGED) for what it cannot open."""
    archive = open_archive(data)
    for name in archive.names:
        if name.endswith((".xml", ".rels")):
            archive.read(name)  # openpyxl inflates without limits; the guard does so with them
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except (InvalidFileException, KeyError, ValueError, TypeError) as error:
        raise ReadError(Reason.DAMAGED, f"openpyxl cannot open it ({error})") from error
    # a formula whose result is not in the file has no value, as a blank has none
    formulas = openpyxl.load_workbook(io.BytesIO(data))
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return _document(
        (_read_worksheet(sheet, formulas[sheet.title]) for sheet in sheets), READER_XLSX
    )


def _read_worksheet(sheet: Worksheet, formulas: Worksheet) -> Grid:
    bounds: list[tuple[int, int, int, int]] = [m.bounds for m in sheet.merged_cells.ranges]
    merged = [(top - 1, bottom - 1, left - 1, right - 1) for left, top, right, bottom in bounds]
    rows = zip(_rows(sheet), _rows(formulas), strict=True)
    shown = [list(map(_value_or_unreadable, *pair)) for pair in rows]
    return _grid(shown, merged)


def _rows(sheet: Worksheet) -> list[tuple[object, ...]]:
    return list(sheet.iter_rows(max_row=TABLE_ROWS, max_col=TABLE_COLUMNS, values_only=True))


def _value_or_unreadable(value: object, formula: object) -> object:
    return UNREADABLE if value is None and formula is not None else value


def read_xls(data: bytes) -> Document:
    """The workbook by calamine; ReadError(DAMAGED) for what it cannot open."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            names = [
                sheet.name
                for sheet in book.sheets_metadata
                if sheet.visible is SheetVisibleEnum.Visible
            ]
            return _document([_read_calamine_sheet(book, name) for name in names], READER_XLS)
    except CalamineError as error:
        raise ReadError(Reason.DAMAGED, f"calamine cannot open it ({error})") from error


def _read_calamine_sheet(book: CalamineWorkbook, name: str) -> Grid:
    sheet = book.get_sheet_by_name(name)
    rows: list[list[CalamineValue]] = sheet.to_python(skip_empty_area=False)[:TABLE_ROWS]
    merged = [
        (top, bottom, left, right)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or []
    ]
    return _grid([row[:TABLE_COLUMNS] for row in rows], merged)


def _document(grids: Iterable[Grid], reader: str) -> Document:
    return Document(tuple(g for g in grids if any(cell.text for cell in g.cells)), reader)


def _grid(rows: Sequence[Sequence[object]], merged: Sequence[MergedRange]) -> Grid:
    """Anchor cells: of a merged range its first cell, as large as the range."""
    spans = {
        (top, left): (bottom - top + 1, right - left + 1) for top, bottom, left, right in merged
    }
    covered = {
        (row, col)
        for top, bottom, left, right in merged
        for row in range(top, bottom + 1)
        for col in range(left, right + 1)
    } - spans.keys()
    return grid_of(
        Cell(_show_value(value), r, c, *spans.get((r, c), (1, 1)))
        for r, row in enumerate(rows)
        for c, value in enumerate(row)
        if (r, c) not in covered
    )


def _show_value(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
