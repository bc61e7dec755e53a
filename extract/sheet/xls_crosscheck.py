"""Binary workbooks (.xls) by calamine: every visible sheet as one grid, with merged ranges; numbers
as stored, not as formatted.

A number that a format rounds reads differently here, and that is to be said.
"""

import io
from datetime import date, datetime, time, timedelta
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from extract.document import Cell, Document, ReadError, Reason, grid_of
from extract.limits import TABLE_COLUMNS, TABLE_ROWS

READER: Final = "calamine"
Value = int | float | str | bool | time | date | datetime | timedelta


def read(data: bytes) -> Document:
    """The workbook; ReadError(DAMAGED) for what calamine cannot open."""
    grids = []
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for about in book.sheets_metadata:
                if about.visible is not SheetVisibleEnum.Visible:
                    continue
                sheet = book.get_sheet_by_name(about.name)
                rows = [
                    row[:TABLE_COLUMNS]
                    for row in sheet.to_python(skip_empty_area=False)[:TABLE_ROWS]
                ]
                cells = _cells(rows, sheet.merged_cell_ranges or [])
                if any(c.text for c in cells):
                    grids.append(grid_of(cells))
    except CalamineError as error:
        raise ReadError(Reason.DAMAGED, f"calamine cannot open it ({error})") from error
    return Document(tuple(grids), READER)


def _cells(
    rows: list[list[Value]], merged: list[tuple[tuple[int, int], tuple[int, int]]]
) -> list[Cell]:
    """Anchor cells: of a merged range its first cell, as large as the range."""
    spans = {start: (end[0] - start[0] + 1, end[1] - start[1] + 1) for start, end in merged}
    covered = {
        (r, c)
        for (top, left), (tall, wide) in spans.items()
        for r in range(top, top + tall)
        for c in range(left, left + wide)
    } - spans.keys()
    return [
        Cell(_text(v), r, c, *spans.get((r, c), (1, 1)))
        for r, row in enumerate(rows)
        for c, v in enumerate(row)
        if (r, c) not in covered
    ]


def _text(value: Value) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
