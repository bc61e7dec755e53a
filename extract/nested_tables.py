"""Tables in tables, for the formats that have them (docx, html): a document as nested items in,
blocks in reading order out.

A reader gives its paragraphs and tables as a list of items, each cell of a table holding such a
list again, with the cells in place but their edges still in the reader's own numbers; `blocks_of`
makes the blocks of a `Document` from it.

Columns are the edges at which some cell begins, so a column that no cell uses vanishes. A table
within a table is a grid of its own, after the outer one, and its text is not the outer cell's. An
outer table that only arranges others on the page, and a table of one cell, are no grids: what they
hold comes out in reading order.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import Final

from extract import limits
from extract.document import Block, Cell, Grid, Paragraph, ReadError, Reason, grid_of

# a raised digit is a note's mark and no digit of the number before it
SUPERSCRIPT: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(slots=True)
class Placed:
    """A cell in place: what it holds, its rows `top` to `bottom` and its edges `left` to `right`,
    the last of each not included.
    """

    items: "list[Item]"
    top: int
    bottom: int
    left: int
    right: int

    @property
    def text(self) -> str:
        """The cell's own lines, without those of tables in it."""
        items = self.items
        if len(items) == 1 and isinstance(first := items[0], str) and "\n" not in first:
            return first.strip()
        return "\n".join(
            [line for item in items if isinstance(item, str) for line in lines_of(item)]
        )


@dataclass(slots=True)
class Table:
    """A table with its cells in place, in reading order."""

    cells: list[Placed]


Item = (
    str | Table
    # a paragraph's text, with line breaks, or a table; a document, a cell and a text box are lists
    # of items
)


def lines_of(text: str) -> list[str]:
    """The lines that show something, without the blanks around them."""
    return [line for raw in text.split("\n") if (line := raw.strip())]


def blocks_of(items: list[Item]) -> list[Block]:
    """Items as blocks: paragraphs line by line, tables as grids or, where they only arrange the
    page, as what they hold.

    Raises ReadError(TOO_LARGE) for a grid beyond the limits.
    """
    blocks: list[Block] = []
    for item in items:
        if isinstance(item, str):
            blocks += [Paragraph(line) for line in lines_of(item)]
        elif _is_layout(item.cells):
            for cell in item.cells:
                blocks += blocks_of(cell.items)
        elif item.cells:
            blocks.append(_grid(item.cells))
            for cell in item.cells:
                for inner in cell.items:
                    if isinstance(inner, Table):
                        blocks += blocks_of([inner])
    return blocks


def _is_layout(cells: list[Placed]) -> bool:
    """Whether a table arranges the page: one cell, or tables within it and too little text of its
    own to be a table of data.
    """
    if len(cells) == 1:
        return True
    hosts = {id(cell) for cell in cells for item in cell.items if isinstance(item, Table)}
    if not hosts:
        return False
    filled = [cell.top for cell in cells if id(cell) not in hosts and cell.text]
    full_rows = sum(count >= 2 for count in Counter(filled).values())
    return full_rows < 2 or 4 * len(filled) < 3 * len(cells)


def _grid(cells: list[Placed]) -> Grid:
    """The grid whose columns are the edges at which a cell begins."""
    starts = sorted({cell.left for cell in cells})
    if len(starts) > limits.TABLE_COLUMNS:
        raise ReadError(
            Reason.TOO_LARGE,
            f"a table has {len(starts)} columns, the limit is {limits.TABLE_COLUMNS}",
        )
    column = {
        edge: bisect_left(starts, edge) for edge in {cell.right for cell in cells}.union(starts)
    }
    anchors = []
    for cell in cells:
        text = cell.text
        if len(text) > limits.CELL_CHARACTERS:
            raise ReadError(
                Reason.TOO_LARGE,
                (
                    f"a table's cell holds {len(text)} characters, the limit is "
                    f"{limits.CELL_CHARACTERS}"
                ),
            )
        left = column[cell.left]
        anchors.append(
            Cell(text, cell.top, left, cell.bottom - cell.top, column[cell.right] - left)
        )
    return grid_of(anchors)
