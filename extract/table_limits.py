"""What the limits on tables cost: a cell that is too long, or a table that is too large, and never
the document around it.

`table_blocks(cells)` gives the blocks of one table: its grid, in which a cell beyond
CELL_CHARACTERS is UNREADABLE, and behind it the lines of such cells as paragraphs, for what is so
long is prose. A table beyond TABLE_ROWS or TABLE_COLUMNS (`is_too_large`) is left out by its
reader, which says LARGE_TABLE_REMARK; `flaw_of` makes the document's flaw of it, so that nobody
says that the report lacks what stood there.
"""

from collections.abc import Collection, Iterable
from typing import Final

from extract.document import UNREADABLE, Block, Cell, Paragraph, Reason, grid_of
from extract.limits import CELL_CHARACTERS, TABLE_COLUMNS, TABLE_ROWS

LARGE_TABLE_REMARK: Final = (
    f"a table of more than {TABLE_ROWS} rows or {TABLE_COLUMNS} columns was left out"
)


def is_too_large(rows: int, columns: int = 0) -> bool:
    """Whether a table of so many rows and columns is beyond the limits."""
    return rows > TABLE_ROWS or columns > TABLE_COLUMNS


def table_blocks(cells: Iterable[Cell], page: int | None = None) -> tuple[Block, ...]:
    """A table's grid, and the prose of its cells that are too long."""
    kept: list[Cell] = []
    prose: list[Paragraph] = []
    for cell in cells:
        if len(cell.text) > CELL_CHARACTERS:
            lines = (" ".join(line.split()) for line in cell.text.splitlines())
            prose += [Paragraph(line, page) for line in lines if line]
            cell = cell._replace(text=UNREADABLE)
        kept.append(cell)
    return grid_of(kept, page), *prose


def flaw_of(remarks: Collection[str]) -> tuple[Reason, str] | None:
    """Why a document with these remarks was not read as a whole, None if it was."""
    return (Reason.TOO_LARGE, LARGE_TABLE_REMARK) if LARGE_TABLE_REMARK in remarks else None
