"""Tables in tables, for the formats that have them (docx, html): a document as nested items in,
blocks in reading order out.

A reader gives its paragraphs and tables as a list of items, each cell of a table holding such a
list again, with the cells in place but their edges still in the reader's own numbers; `blocks_of`
makes the blocks of a `Document` from it.

Columns are the edges at which some cell begins, so a column that no cell uses vanishes. A table
within a table is a grid of its own, after the outer one, and its text is not the outer cell's,
unless it is a frame: one cell around a few words or a number is what that cell shows. An outer
table that only arranges others on the page, and a table of one cell, are no grids: what they hold
comes out in reading order.

Where something stands that cannot be read, readers put UNREADABLE. It is kept in a cell without
words, which is then neither blank nor a number, and left out of labels and prose.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from extract.document import UNREADABLE, Block, Cell, Paragraph, without_unreadable
from extract.table_limits import LARGE_TABLE_REMARK, is_too_large, table_blocks

# a raised or lowered digit is a note's mark and no digit of the number before it
SUPERSCRIPT: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
SUBSCRIPT: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_FRAME_CHARACTERS: Final = 40  # one cell around more than this is a box of prose


@dataclass(slots=True)
class NestedCell:
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
        """The cell's own lines, without those of tables in it that are no frames."""
        items = self.items
        if len(items) == 1 and isinstance(first := items[0], str) and "\n" not in first:
            text = first.strip()
        else:
            text = "\n".join(_own_lines(items))
        return without_unreadable(text) if UNREADABLE in text else text


@dataclass(slots=True)
class NestedTable:
    """A table with its cells in place, in reading order; `remarks` tell what had to be decided."""

    cells: list[NestedCell]
    remarks: tuple[str, ...] = ()


# A paragraph's text, with line breaks, or a table. A document, a cell and a text box are lists of
# items.
Item = str | NestedTable


def lines_of(text: str) -> list[str]:
    """The lines that show something, without the blanks around them."""
    return [line for raw in text.split("\n") if (line := raw.strip())]


def _own_lines(items: Sequence[Item]) -> Iterator[str]:
    for item in items:
        if isinstance(item, str):
            yield from lines_of(item)
        else:
            yield from _lines_in_frame(item) or ()


def _lines_in_frame(table: NestedTable) -> list[str] | None:
    """The few words in a table of one cell; None for any other table."""
    if len(table.cells) != 1:
        return None
    (cell,) = table.cells
    nested = [item for item in cell.items if isinstance(item, NestedTable)]
    if any(_lines_in_frame(inner) is None for inner in nested):
        return None
    lines = list(_own_lines(cell.items))
    return lines if sum(map(len, lines)) <= _FRAME_CHARACTERS else None


def blocks_of(items: Sequence[Item]) -> list[Block]:
    """Items as blocks: paragraphs line by line, tables as grids or, where they only arrange the
    page, as what they hold.
    """
    return list(_blocks(items))


def _blocks(items: Sequence[Item]) -> Iterator[Block]:
    for item in items:
        if isinstance(item, str):
            yield from (Paragraph(line) for line in lines_of(item.replace(UNREADABLE, "")))
        elif _is_layout(item.cells):
            for cell in item.cells:
                yield from _blocks(cell.items)
        elif item.cells and not _is_too_wide(item.cells):
            yield from _table(item.cells)
            for cell in item.cells:
                yield from _blocks(_tables_within(cell))


def _tables_within(cell: NestedCell) -> list[NestedTable]:
    """The tables in a cell that are no frames."""
    return [
        item
        for item in cell.items
        if isinstance(item, NestedTable) and _lines_in_frame(item) is None
    ]


def remarks_of(items: Sequence[Item]) -> Iterator[str]:
    """The remarks of all tables, inner ones among them."""
    for item in items:
        if isinstance(item, NestedTable):
            yield from item.remarks
            if not _is_layout(item.cells) and _is_too_wide(item.cells):
                yield LARGE_TABLE_REMARK
            for cell in item.cells:
                yield from remarks_of(cell.items)


def _is_layout(cells: list[NestedCell]) -> bool:
    """Whether a table arranges the page: one cell, or tables within it and too little text of its
    own to be a table of data.
    """
    if len(cells) == 1:
        return True
    hosts = {id(cell) for cell in cells if _tables_within(cell)}
    if not hosts:
        return False
    filled = [cell.top for cell in cells if id(cell) not in hosts and cell.text]
    full_rows = sum(count >= 2 for count in Counter(filled).values())
    return full_rows < 2 or 4 * len(filled) < 3 * len(cells)


def _starts(cells: list[NestedCell]) -> list[int]:
    """The edges at which a cell begins: the columns."""
    return sorted({cell.left for cell in cells})


def _is_too_wide(cells: list[NestedCell]) -> bool:
    return is_too_large(0, len(_starts(cells)))


def _table(cells: list[NestedCell]) -> tuple[Block, ...]:
    """The grid whose columns are the edges at which a cell begins, and what is too long for it."""
    starts = _starts(cells)
    column = {
        edge: bisect_left(starts, edge) for edge in {cell.right for cell in cells}.union(starts)
    }
    anchors = []
    for cell in cells:
        left = column[cell.left]
        anchors.append(
            Cell(cell.text, cell.top, left, cell.bottom - cell.top, column[cell.right] - left)
        )
    return table_blocks(anchors)
