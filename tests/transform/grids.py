"""Small grids for tests of the alignment: rows of texts, with spans where a test needs them."""

from collections.abc import Sequence

from extract.document import Cell, Document, Grid, Paragraph, grid_of
from tests.build.report import TableLayout
from transform.align.labels import vocabulary
from transform.align.segment import TableLine, lines_of
from transform.form.forms import load_forms

Written = str | tuple[str, int] | tuple[str, int, int]  # text, columns across, rows down


def grid(*rows: Sequence[Written]) -> Grid:
    """A grid from rows of cells; a position that a cell above covers is left out of its row."""
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    for r, row in enumerate(rows):
        c = 0
        for written in row:
            text, across, down = (written, 1, 1) if isinstance(written, str) else (*written, 1)[:3]
            while (r, c) in taken:
                c += 1
            cells.append(Cell(text, r, c, down, across))
            taken |= {(r + y, c + x) for y in range(down) for x in range(across)}
            c += across
    return grid_of(cells)


def grid_from(table: TableLayout) -> Grid:
    """The grid that a reader gives for a table."""
    return grid_of(Cell(a.text, a.row, a.col, a.row_span, a.col_span) for a in table.anchors)


def lines(made: Grid, number: int = 0) -> list[TableLine]:
    """The lines of one grid."""
    return list(lines_of(made, number, vocabulary(load_forms())))


def document(*blocks: Grid | str) -> Document:
    """A document of grids and paragraphs."""
    return Document(tuple(b if isinstance(b, Grid) else Paragraph(b) for b in blocks), "made")
