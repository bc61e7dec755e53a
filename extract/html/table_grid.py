"""Cells of an HTML table into place: rowspan and colspan as browsers take them, and the two slips
that real pages hold.

`place_cells` takes the rows of one row group, `without_sizing_columns` a whole table. Edges are
counted in HTML's own columns; `extract.nested_tables` makes the grid's columns from them. Pure:
knows nothing of nodes.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from extract.nested_tables import Item, NestedCell

# a longer table is no form; trying lengths takes a time that grows with the square of the rows
_MENDED_ROWS: Final = 100
# with fewer than three columns in common, rows prove nothing about each other
_SHARED_EDGES: Final = 4

# what a td or th holds, rows down (0: to the end of the row group), columns across
RawCell = tuple[list[Item], int, int]
_ReachingSpan = tuple[int, int, int]  # left, right and end of a cell that reaches down
Downs = list[list[int]]  # for each cell of each row, over how many rows it reaches


@dataclass(frozen=True, slots=True)
class _Layout:
    """A row group laid out with certain spans down."""

    downs: Downs
    cells: list[NestedCell]
    unfit: set[int]  # rows outside of the columns that most share


def place_cells(rows: list[list[RawCell]], first: int) -> tuple[list[NestedCell], bool]:
    """The cells of one row group in place, the first row being row `first` of the table, and
    whether a span down was mended.

    A span down that is one too long pushes the cells of its last row to the right, one too short
    lets those of the next row slip to the left. It is mended where exactly one such change puts the
    row into the columns that three rows in four share, and leaves fewer rows outside of them.
    Nothing else is guessed.
    """
    downs = [[down for _, down, _ in row] for row in rows]
    cells, ends = _place_rows(rows, downs, first)
    # a slip makes a row longer or shorter than the others
    if len(set(ends)) < 2 or len(rows) > _MENDED_ROWS:
        return cells, False
    layout = _Layout(downs, cells, _find_unfit(_find_edges(cells, ends, first)))
    mended = False
    for r in range(1, len(rows)):
        better = _find_better(layout, rows, r, first) if r in layout.unfit else []
        if len(better) == 1:
            layout, mended = better[0], True
    return layout.cells, mended


def _find_better(layout: _Layout, rows: list[list[RawCell]], r: int, first: int) -> list[_Layout]:
    """Every layout with one span changed in which row `r` fits, and fewer rows do not."""
    better = []
    for downs in _changed_spans(layout.downs, r):
        cells, ends = _place_rows(rows, downs, first)
        unfit = _find_unfit(_find_edges(cells, ends, first))
        if r not in unfit and len(unfit) < len(layout.unfit):
            better.append(_Layout(downs, cells, unfit))
    return better


def without_sizing_columns(cells: list[NestedCell]) -> list[NestedCell]:
    """A table's cells less those that stand for a column of their own only in rows without any
    text.

    Word and Excel write such rows to give columns a width. A blank cell below a column of other
    rows stays: it is a blank value.
    """
    filled_rows = {cell.top for cell in cells if cell.items}
    starts = {cell.left for cell in cells if cell.top in filled_rows}
    return (
        [cell for cell in cells if cell.top in filled_rows or cell.left in starts]
        if starts
        else cells
    )


def _place_rows(
    rows: list[list[RawCell]], downs: Downs, first: int
) -> tuple[list[NestedCell], list[int]]:
    """The cells by HTML's table model, spans clipped instead of overlapping; and where each row
    ends.
    """
    cells: list[NestedCell] = []
    ends: list[int] = []
    above: list[_ReachingSpan] = []  # from the left
    for r, row in enumerate(rows):
        above = [span for span in above if span[2] > r]
        begun: list[_ReachingSpan] = []
        right = 0
        for (items, _, across), down in zip(row, downs[r], strict=True):
            left, right = _find_gap(above, right, across)
            bottom = min(r + (down or len(rows)), len(rows))
            cells.append(NestedCell(items, first + r, first + bottom, left, right))
            if bottom > r + 1:
                begun.append((left, right, bottom))
        ends.append(max(right, above[-1][1]) if above else right)
        if begun:
            above = sorted(above + begun)
    return cells, ends


def _find_gap(above: list[_ReachingSpan], left: int, across: int) -> tuple[int, int]:
    """The first edges from `left` on between the cells from above, for a cell `across` columns
    wide; it is clipped where the next of these begins.
    """
    for begin, end, _ in above:
        if begin > left:
            return left, min(left + across, begin)
        left = max(left, end)
    return left, left + across


def _find_edges(cells: list[NestedCell], ends: list[int], first: int) -> list[set[int]]:
    """For each row the left edges of the cells that stand in it, and its end."""
    edges = [{end} for end in ends]
    for cell in cells:
        for r in range(cell.top - first, cell.bottom - first):
            edges[r].add(cell.left)
    return edges


def _find_unfit(edges: list[set[int]]) -> set[int]:
    """The rows that lack an edge which at least three rows in four have; none where so few edges
    are shared that it proves nothing.
    """
    common = {
        edge
        for edge, rows in Counter(e for row in edges for e in row).items()
        if 4 * rows >= 3 * len(edges)
    }
    return (
        {r for r, row in enumerate(edges) if not common <= row}
        if len(common) >= _SHARED_EDGES
        else set()
    )


def _changed_spans(downs: Downs, r: int) -> list[Downs]:
    """Every change of one span by one row that adds it to row `r` or takes it from there."""
    trials = []
    for q in range(r):
        for i, down in enumerate(downs[q]):
            if down > 1 and q + down in (r, r + 1):
                trial = [list(row) for row in downs]
                trial[q][i] += 1 if q + down == r else -1
                trials.append(trial)
    return trials
