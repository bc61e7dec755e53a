"""The header of a form table as printed: which lines are header, and what labels stand above each
column.

Takes lines (`transform.align.segment`); `is_header` tells whether one belongs to the header,
`header_of` makes a `Header` of those that do. Out of scope: which column of the form a printed one
is (`transform.align.columns`).
"""

from typing import NamedTuple

from extract.document import UNREADABLE, Cell
from transform.align.labels import Hit
from transform.align.segment import TableLine, column_hits
from transform.form.forms import Table

WORDS_OF_HEADER = 3  # cells with words in a line below a header line: it goes on


class Leaf(NamedTuple):
    """One printed column: its labels from top to bottom, the grid columns [start, end) it takes,
    and the line of its last label.
    """

    path: tuple[str, ...]
    start: int
    end: int
    line: int


class HeaderLabel(NamedTuple):
    """One label of a header, and where it stands; lines count from the header's first.

    `of_other_edition`: it names a column that this table has in another edition alone.
    """

    text: str
    line: int
    col: int
    of_other_edition: bool = False


class Header(NamedTuple):
    """Header lines as printed, without where in the document: agencies use the same ones, and what
    they mean is kept.
    """

    leaves: tuple[Leaf, ...]
    labels: tuple[HeaderLabel, ...]


def is_header(line: TableLine, table: Table, *, following: bool) -> bool:
    """Whether a line of this table is header, heading or caption.

    `following`: the line before it was.
    """
    if line.is_blank or line.first_number < len(line.cells):
        return False
    if following and is_row_without_label(line, table):
        return False
    kinds = {h.kind for hits in line.hits for h in hits if h.table_id == table.table_id}
    columns = column_hits(line)
    if kinds & {"caption", "section"} or columns >= 2:
        return True
    rows = _row_hits(line, table)
    # a row's label, and no column's (其他 is both)
    if any(not any(h.kind == "column" for h in hits) for hits in rows):
        return False
    if following and _count_words(line) >= WORDS_OF_HEADER:
        return True
    return (columns == 1 and not rows) or not table.data_rows[0].label


def is_row_without_label(line: TableLine, table: Table) -> bool:
    """Whether, in a table whose rows have no labels, each column has one cell of this line, though
    words may stand where numbers should.
    """
    return (
        not table.data_rows[0].label
        and len(line.cells) == len(table.blocks[0].data_columns)
        and not any(line.hits)
        and any(may_hold_number(c.text) for c in line.cells)
    )


def may_hold_number(text: str) -> bool:
    """Whether a digit stands in it, or something that could not be read."""
    return UNREADABLE in text or any(ch.isdigit() for ch in text)


def _row_hits(line: TableLine, table: Table) -> list[tuple[Hit, ...]]:
    """What the cells that begin in the line may name, for those that may name a row of the
    table."""
    return [
        hits
        for cell, hits in zip(line.cells, line.hits, strict=True)
        if line.starts(cell) and any((h.kind, h.table_id) == ("row", table.table_id) for h in hits)
    ]


def _count_words(line: TableLine) -> int:
    """How many cells with words begin in the line."""
    return sum(
        p.state == "text" and line.starts(c) for c, p in zip(line.cells, line.printed, strict=True)
    )


def header_of(lines: list[TableLine], table: Table) -> Header:
    """The header that these lines make above rows of `table`; places are those of the last line's
    grid.
    """
    top = lines[0].row
    stacks = _stack_cells([line for line in lines if line.grid == lines[-1].grid])
    labels = (
        HeaderLabel(cell.text, cell.row - top, cell.col, _is_of_other_edition(hits, table))
        for line in lines
        for cell, hits in zip(line.cells, line.hits, strict=True)
        if line.starts(cell) and cell.text.strip()
    )
    leaves = (_leaf([stacks[c] for c in cols], cols, top) for cols in _group_columns(stacks))
    return Header(tuple(leaves), tuple(labels))


def _is_of_other_edition(hits: tuple[Hit, ...], table: Table) -> bool:
    """Whether all that a label may name are columns of the same table in other editions."""
    return bool(hits) and all(
        h.kind == "column" and h.table_id == table.table_id and h.ident not in {"", *table.columns}
        for h in hits
    )


def _stack_cells(lines: list[TableLine]) -> dict[int, list[Cell]]:
    """For each grid column the labels that stand over it, from top to bottom."""
    stacks: dict[int, list[Cell]] = {}
    for cell in (c for line in lines for c in _labels_of(line)):
        for column in range(cell.col, cell.col + cell.col_span):
            stack = stacks.setdefault(column, [])
            if not stack or stack[-1] is not cell:
                stack.append(cell)
    return stacks


def _labels_of(line: TableLine) -> list[Cell]:
    """The cells of a header line that label columns: no caption, no heading of a section."""
    return [
        cell
        for cell, hits in zip(line.cells, line.hits, strict=True)
        if cell.text.strip() and not any(h.kind in ("caption", "section") for h in hits)
    ]


def _group_columns(stacks: dict[int, list[Cell]]) -> list[list[int]]:
    """The grid columns under one last label together."""
    groups: list[list[int]] = []
    for c in sorted(stacks):
        if groups and groups[-1][-1] == c - 1 and stacks[c - 1][-1] is stacks[c][-1]:
            groups[-1].append(c)
        else:
            groups.append([c])
    return groups


def _leaf(stacks: list[list[Cell]], columns: list[int], top: int) -> Leaf:
    """The printed column that takes these grid columns: under the groups that most of them stand
    under, or, where there are no most, all.
    """
    ways = [tuple(map(id, stack)) for stack in stacks]
    common = max(set(ways), key=ways.count)
    path = stacks[ways.index(common)]
    if 2 * ways.count(common) <= len(ways):
        path = [cell for cell in path if all(id(cell) in way for way in ways)]
    return Leaf(tuple(cell.text for cell in path), columns[0], columns[-1] + 1, path[-1].row - top)
