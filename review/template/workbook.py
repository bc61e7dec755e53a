"""The blank form as a workbook whose totals add themselves up.

`workbook_form(edition, rules)` gives the bytes of an xlsx, a worksheet a table. A cell that a rule
calls the total of others holds their sum as a formula and is locked; every other cell takes numbers
of its kind only. Cells of a sum that does not hold turn red, those of a sum that only asks for a
look turn yellow. The protection has no password. Optional tables (fees) are left out.

Out of scope: sums over two tables.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from review.messages import say
from review.pages.form_view import Key
from review.template.printed_table import PrintedCell, PrintedTable, printed_table
from transform.form.forms import Edition, Forms, Table
from transform.localize.equations import Equation, System, system_of
from transform.rules.load import Rules

_TABLE_TOP: Final = 2  # lines above the table: the title and the table's name
_SHEET_NAME_CHARACTERS: Final = 31  # the most that Excel takes
_NOT_IN_SHEET_NAMES: Final = re.compile(r"[\[\]:*?/\\]")
_LABEL_WIDTH, _CELL_WIDTH = 18, 11  # in characters, as worksheets measure columns
_LINE_HEIGHT_PT: Final = 30
_CELL: Final = {"border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}
_FAILS: Final = {"bg_color": "#F8CBAD"}
_QUESTIONABLE: Final = {"bg_color": "#FFE699"}
_COMPARISONS: Final = {"==": "<>0", "<=": ">0", ">=": "<0"}  # of left - right where a sum fails


@dataclass(frozen=True, slots=True)
class _Formats:
    """How the kinds of cells look."""

    title: Format
    label: Format
    open: Format
    total: Format
    fails: Format
    questionable: Format


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One table on its worksheet: where each cell stands, and the sums over them."""

    worksheet: Worksheet
    printed: PrintedTable
    system: System
    formats: _Formats

    def places(self) -> Mapping[Key, tuple[int, int]]:
        return {
            cell.key: (cell.top + _TABLE_TOP, cell.left)
            for cell in self.printed.cells
            if cell.key is not None
        }


def workbook_form(edition: Edition, forms: Forms, rules: Rules) -> bytes:
    """An xlsx of the edition's blank form."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    formats = _make_formats(workbook)
    for table in edition.tables.values():
        if not table.optional:
            worksheet = workbook.add_worksheet(_sheet_name(table))
            system = system_of(forms, rules, edition.edition_id, table.table_id)
            _write_sheet(_Sheet(worksheet, printed_table(table), system, formats), table)
    workbook.close()
    return buffer.getvalue()


def _make_formats(workbook: Workbook) -> _Formats:
    return _Formats(
        title=workbook.add_format({"bold": True, "font_size": 14}),
        label=workbook.add_format(_CELL | {"bg_color": "#F2F2F2"}),
        open=workbook.add_format(_CELL | {"locked": False}),
        total=workbook.add_format(_CELL | {"bold": True, "bg_color": "#E2EFDA"}),
        fails=workbook.add_format(_FAILS),
        questionable=workbook.add_format(_QUESTIONABLE),
    )


def _sheet_name(table: Table) -> str:
    return _NOT_IN_SHEET_NAMES.sub("", table.label)[:_SHEET_NAME_CHARACTERS]


def _write_sheet(sheet: _Sheet, table: Table) -> None:
    worksheet, formats = sheet.worksheet, sheet.formats
    worksheet.write_string(0, 0, say("template.title", "zh"), formats.title)
    worksheet.write_string(1, 0, table.label, formats.title)
    first = min(cell.left for cell in sheet.printed.cells if cell.key)
    worksheet.set_column(0, max(first - 1, 0), _LABEL_WIDTH)
    worksheet.set_column(first, sheet.printed.width - 1, _CELL_WIDTH)
    worksheet.set_landscape()
    worksheet.set_paper(9)  # A4
    worksheet.fit_to_pages(1, 0)
    sums = _sums_by_total(sheet.system)
    for cell in sheet.printed.cells:
        worksheet.set_row(cell.top + _TABLE_TOP, _LINE_HEIGHT_PT)
        if cell.key is None:
            _write_over(sheet, cell, cell.text, formats.label)
        elif cell.key in sums:
            formula = "=" + _join_terms(sheet, sums[cell.key], without=cell.key)
            _write_over(sheet, cell, formula, formats.total)
        else:
            _write_over(sheet, cell, "", formats.open)
            _validate(sheet, cell.key, table)
    for equation in sheet.system.equations:
        if equation not in sums.values():  # a formula makes the others hold
            _mark_failure(sheet, equation)
    worksheet.protect()


def _sums_by_total(system: System) -> Mapping[Key, Equation]:
    """The cells that are the total of others, each with the first sum that says so."""
    found: dict[Key, Equation] = {}
    for equation in system.equations:
        if equation.total and equation.operator == "==":
            found.setdefault(system.cells[equation.cells[-1]], equation)
    return found


def _write_over(sheet: _Sheet, cell: PrintedCell, text: str, look: Format) -> None:
    top, left = cell.top + _TABLE_TOP, cell.left
    if cell.height * cell.width > 1:
        last = (top + cell.height - 1, left + cell.width - 1)
        sheet.worksheet.merge_range(top, left, *last, "", look)
    if text.startswith("="):
        sheet.worksheet.write_formula(top, left, text, look)
    elif text:
        sheet.worksheet.write_string(top, left, text, look)
    else:
        sheet.worksheet.write_blank(top, left, None, look)


def _join_terms(sheet: _Sheet, equation: Equation, without: Key | None = None) -> str:
    """The cells of a sum as an expression, a total on its other side left out."""
    return "".join(_signed_references(sheet, equation, without)).removeprefix("+")


def _signed_references(sheet: _Sheet, equation: Equation, without: Key | None) -> Iterator[str]:
    places = sheet.places()
    for cell, coefficient in zip(equation.cells, equation.coefficients, strict=True):
        key = sheet.system.cells[cell]
        if key != without:
            factor = "" if abs(coefficient) == 1 else f"{abs(coefficient)}*"
            sign = "+" if coefficient > 0 else "-"
            yield f"{sign}{factor}{_reference(places[key])}"


def _reference(place: tuple[int, int]) -> str:
    return str(xl_rowcol_to_cell(*place, row_abs=True, col_abs=True))


def _validate(sheet: _Sheet, key: Key, table: Table) -> None:
    """Only numbers of the kind that belongs into the cell are taken."""
    kind = table.type_of(*key[1:])
    options: dict[str, Any] = {
        "validate": "decimal" if kind == "decimal" else "integer",
        "criteria": "between" if kind == "signed_int" else ">=",
        "error_title": say("template.refused", "zh"),
        "error_message": say(f"template.{kind}", "zh"),
    }
    limits: dict[str, Any] = (
        {"minimum": -(10**9), "maximum": 10**9} if kind == "signed_int" else {"value": 0}
    )
    sheet.worksheet.data_validation(*sheet.places()[key], *sheet.places()[key], options | limits)


def _mark_failure(sheet: _Sheet, equation: Equation) -> None:
    """The cells of a sum change their colour where it does not hold."""
    places = sheet.places()
    difference = _join_terms(sheet, equation)
    look = sheet.formats.fails if equation.level == "error" else sheet.formats.questionable
    criteria = f"=ROUND({difference},6){_COMPARISONS[equation.operator]}"
    for cell in equation.cells:
        place = places[sheet.system.cells[cell]]
        sheet.worksheet.conditional_format(
            *place, *place, {"type": "formula", "criteria": criteria, "format": look}
        )
