"""A table of the form as it is printed: every head, label and empty cell at its place with its
spans.

`printed_table(table)` gives the cells in the order of lines. Rows and columns count from 0. Out of
scope: how a Word document or a workbook draws them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, product

from review.pages.form_view import FormCells, Key, ShownRow, table_view
from transform.form.forms import Table


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A head or label, or the cell `key` (table, row, column) that is to be filled in."""

    text: str
    top: int
    left: int
    height: int
    width: int
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """One table with its number of lines and columns."""

    cells: tuple[PrintedCell, ...]
    height: int
    width: int


def printed_table(table: Table) -> PrintedTable:
    """The table of the form with its labels in Chinese and no values."""
    shown = table_view(table, FormCells({}), {}, found=True)
    return PrintedTable(tuple(_place(shown.rows)), len(shown.rows), shown.columns)


def _place(rows: tuple[ShownRow, ...]) -> Iterator[PrintedCell]:
    """Each cell at the first place of its line that no cell of a line above covers."""
    covered: set[tuple[int, int]] = set()
    for top, row in enumerate(rows):
        for cell in _spans_of(row):
            left = next(col for col in count() if (top, col) not in covered)
            yield PrintedCell(cell.text, top, left, cell.height, cell.width, cell.key)
            covered.update(product(range(top, top + cell.height), range(left, left + cell.width)))


@dataclass(frozen=True, slots=True)
class _Span:
    """A cell whose place is not yet known."""

    text: str
    height: int
    width: int
    key: Key | None = None


def _spans_of(row: ShownRow) -> Iterator[_Span]:
    for label in row.labels:
        yield _Span(label.text, label.rowspan, label.colspan)
    for cell in row.cells:
        yield _Span("", 1, cell.colspan, _key(cell.key))


def _key(text: str) -> Key:
    table_id, row_id, col_id = text.split("|")
    return table_id, row_id, col_id
