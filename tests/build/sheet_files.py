"""Workbooks: xlsx through openpyxl and xls through xlwt, on one sheet or a sheet for each table.

Both take a flow and a `Style` and give bytes that do not change from run to run. Out of scope:
formulas, charts, protection.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import openpyxl
import xlwt

from tests.build.packing import repack
from tests.build.report import Flow, TableLayout


@dataclass(frozen=True)
class Style:
    """`sheets` gives each table a sheet of its own; `numbers` stores figures as numbers and not as
    text; `left` and `top` move everything away from the first cell; `merge` leaves merged cells
    merged, else only their first cell is filled.
    """

    sheets: bool = False
    numbers: bool = False
    left: int = 0
    top: int = 0
    merge: bool = True


# row, column, row span, column span, text, is a figure
Place = tuple[int, int, int, int, str, bool]


def _sheets(blocks: Flow, style: Style) -> list[tuple[str, list[Place]]]:
    """Sheets with what stands on them. With `sheets` the prose before a table shares its sheet."""
    out: list[tuple[str, list[Place]]] = []
    places: list[Place] = []
    row = style.top
    for block in blocks:
        if isinstance(block, TableLayout):
            places += [
                (row + a.row, style.left + a.col, a.row_span, a.col_span, a.text, a.key is not None)
                for a in block.anchors
            ]
            row += block.n_rows + 1
            if style.sheets:
                out.append((f"表{len(out) + 1}", places))
                places, row = [], style.top
        else:
            places.append((row, style.left, 1, 1, block.text, False))
            row += 1
    if places:
        out.append(("说明" if style.sheets else "Sheet1", places))
    return out


def _value(text: str, figure: bool, style: Style) -> str | int | float:
    plain = text.removeprefix("-")
    if not (
        style.numbers
        and figure
        and plain.replace(".", "", 1).isascii()
        and plain.replace(".", "", 1).isdigit()
    ):
        return text
    return float(text) if "." in text else int(text)


def _filled(places: list[Place], style: Style) -> Iterator[tuple[Place, str | int | float]]:
    for place in places:
        yield place, _value(place[4], place[5], style)


def xlsx(blocks: Flow, style: Style) -> bytes:
    """The flow as an xlsx workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active) if book.active is not None else None
    for name, places in _sheets(blocks, style):
        sheet = book.create_sheet(name)
        for (row, column, rows, columns, _, _), value in _filled(places, style):
            sheet.cell(row + 1, column + 1).value = value if value != "" else None
            if style.merge and rows * columns > 1:
                sheet.merge_cells(
                    start_row=row + 1,
                    start_column=column + 1,
                    end_row=row + rows,
                    end_column=column + columns,
                )
    out = BytesIO()
    book.save(out)
    return repack(out.getvalue())


def xls(blocks: Flow, style: Style) -> bytes:
    """The flow as an xls workbook (BIFF8)."""
    book = xlwt.Workbook(encoding="utf-8")
    for name, places in _sheets(blocks, style):
        sheet = book.add_sheet(name)
        for (row, column, rows, columns, _, _), value in _filled(places, style):
            if style.merge and rows * columns > 1:
                sheet.write_merge(row, row + rows - 1, column, column + columns - 1, value)
            elif value != "":
                sheet.write(row, column, value)
    out = BytesIO()
    book.save(out)
    return out.getvalue()
