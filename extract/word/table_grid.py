"""Where the cells of a Word table stand: spans and widths to columns, vertical merges to cells.

Takes rows of cells as the file states them, and the widths of the table's grid; gives the cells in
their places. The module text of `docx` tells the rules. Out of scope: what a cell holds.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from extract.nested_tables import Item, NestedCell, NestedTable

_SLIVER_TWIPS: Final = 60  # 3 pt: narrower than any digit printed
_UNKNOWN_WIDTH_TWIPS: Final = 1_000  # for columns whose width is stated nowhere

_COVERED_REMARK: Final = (
    "text in the continuation of a merged cell is not shown by Word and was left out"
)


@dataclass(slots=True)
class WordCell:
    """A w:tc as it stands: what it holds, and what it states of itself."""

    items: list[Item]
    span: int = 1  # grid columns
    width: int | None = None  # twips
    opens_merge: bool = False
    continues_above: bool = False
    continues_left: bool = False

    @property
    def may_reach_down(self) -> bool:
        """Whether cells below may continue it."""
        return self.opens_merge or self.continues_above

    @property
    def is_blank(self) -> bool:
        """Whether nothing is printed in it."""
        return all(isinstance(i, str) and not i.strip() for i in self.items)


@dataclass(slots=True)
class WordRow:
    """A w:tr: its cells, and the grid columns left free before them; `columns` counts also those
    left free after them.
    """

    cells: list[WordCell]
    before: int
    columns: int


def place_cells(rows: list[WordRow], widths: list[int]) -> NestedTable:
    """The table with its cells in place; `widths` are those of its grid, in twips."""
    return _merge_upright(rows, _edges_of_rows(rows, widths))


def _edges_of_rows(rows: list[WordRow], widths: list[int]) -> list[list[int]]:
    """For each row the edges at which its cells begin and the last one ends, as numbers of edges
    without slivers.
    """
    if not rows:
        return []
    totals = Counter([row.columns for row in rows])
    usual = (
        len(widths)
        if len(widths) in totals
        else max(totals, key=lambda total: (totals[total], total))
    )
    x = _positions(rows, widths, usual, max(*totals, usual))
    by_span = [_running(row.before, [c.span for c in row.cells]) for row in rows]
    edge = _without_slivers(x)
    if edge[-1] + 1 < len(x) and any(
        edge[left] == edge[right] and not cell.is_blank
        for row, at in zip(rows, by_span, strict=True)
        for cell, left, right in zip(row.cells, at, at[1:], strict=False)
    ):
        # a cell that holds something in so narrow a column: the widths are not to be trusted
        edge = list(range(len(x)))
    return [
        (None if row.columns == usual else _by_width(row, x, edge)) or [edge[i] for i in at]
        for row, at in zip(rows, by_span, strict=True)
    ]


def _running(start: int, steps: list[int]) -> list[int]:
    return list(accumulate(steps, initial=start))


def _rises(values: Sequence[int]) -> bool:
    return all(a < b for a, b in pairwise(values))


def _positions(rows: list[WordRow], widths: list[int], usual: int, last: int) -> list[int]:
    """Where the edges 0 to `last` stand, in twips: by the table's grid, else by the widths of the
    cells in rows of `usual` columns, else evenly spaced.
    """
    if len(widths) == usual and all(widths):
        x = _running(0, widths)
    else:
        x = _positions_by_cells(rows, usual) or _running(0, [_UNKNOWN_WIDTH_TWIPS] * usual)
    while len(x) <= last:
        x.append(x[-1] + _UNKNOWN_WIDTH_TWIPS)
    return x


def _positions_by_cells(rows: list[WordRow], usual: int) -> list[int] | None:
    """Where the edges stand by what cells state of their widths; edges at which no measured cell
    ends share the space evenly. None where the widths say too little or contradict each other.
    """
    measured = _measured_edges(rows, usual)
    if measured[-1][0] < usual or not _rises([place for _, place in measured]):
        return None
    x = [0]
    for (i, here), (j, there) in pairwise(measured):
        x += [here + (there - here) * k // (j - i) for k in range(1, j - i + 1)]
    return x


def _measured_edges(rows: list[WordRow], usual: int) -> list[tuple[int, int]]:
    """Edges and where they stand by the first row that says so."""
    known: dict[int, int] = {0: 0}
    for row in rows:
        if row.columns == usual and not row.before and all(c.width for c in row.cells):
            edges = _running(0, [c.span for c in row.cells])
            places = _running(0, [c.width or 0 for c in row.cells])
            known = dict(zip(edges, places, strict=True)) | known
    return sorted(known.items())


def _without_slivers(x: list[int]) -> list[int]:
    """For each edge the number of the group it belongs to; edges less than `_SLIVER_TWIPS` from the
    first of a group are one.
    """
    edge, first = [0], x[0]
    for at in x[1:]:
        if at - first >= _SLIVER_TWIPS:
            edge.append(edge[-1] + 1)
            first = at
        else:
            edge.append(edge[-1])
    return edge


def _by_width(row: WordRow, x: list[int], edge: list[int]) -> list[int] | None:
    """The edges nearest to where the widths of the row's cells put them; None where widths are
    missing or two edges would meet.
    """
    if not all(c.width for c in row.cells) or row.before >= len(x):
        return None
    run = _running(x[row.before], [c.width or 0 for c in row.cells])
    near: list[int] = []
    for at in run:
        i = bisect_left(x, at)
        if i == len(x) or (i > 0 and at - x[i - 1] <= x[i] - at):
            i -= 1
        near.append(edge[i])
    return near if _rises(near) else None


@dataclass(frozen=True, slots=True)
class _PlacedRow:
    """A row's own cells, those that may be continued below it, and whether a cell that continues
    another holds text.
    """

    own: list[NestedCell]
    reaching_down: list[NestedCell]
    covers_text: bool


def _merge_upright(rows: list[WordRow], edges_of: list[list[int]]) -> NestedTable:
    """The rows' cells in reading order, those that continue one above joined to it."""
    cells: list[NestedCell] = []
    covers_text = False
    above: list[NestedCell] = []
    for r, (row, edges) in enumerate(zip(rows, edges_of, strict=True)):
        placed = _place_row(row, edges, above, r)
        cells += placed.own
        covers_text |= placed.covers_text
        above = placed.reaching_down
        for anchor in above:
            anchor.bottom = r + 1
    return NestedTable(cells, (_COVERED_REMARK,) if covers_text else ())


def _place_row(row: WordRow, edges: list[int], above: list[NestedCell], r: int) -> _PlacedRow:
    own: list[NestedCell] = []
    reaching_down: dict[int, NestedCell] = {}
    covers_text = False
    for word_cell, left, right in _cells_with_edges(row, edges):
        reached = above if word_cell.continues_above else []
        anchors = _covering(left, right, reached, row, edges) if reached else []
        if anchors:
            covers_text |= not word_cell.is_blank
        else:
            own.append(NestedCell(word_cell.items, r, r + 1, left, right))
            anchors = own[-1:] if word_cell.may_reach_down else []
        reaching_down |= {id(anchor): anchor for anchor in anchors}
    return _PlacedRow(own, list(reaching_down.values()), covers_text)


def _cells_with_edges(row: WordRow, edges: list[int]) -> Iterator[tuple[WordCell, int, int]]:
    """The cells of a row but for slivers that hold nothing, with the edges between which they
    stand.
    """
    for cell, (left, right) in zip(row.cells, pairwise(edges), strict=True):
        if left < right:
            yield cell, left, right


def _covering(
    left: int, right: int, above: list[NestedCell], row: WordRow, edges: list[int]
) -> list[NestedCell]:
    """The open merges over `left` to `right`, less those in which another cell of this row would
    stand: nothing may be covered.
    """
    own = [
        pair
        for cell, pair in zip(row.cells, pairwise(edges), strict=True)
        if not cell.continues_above
    ]
    return [
        a
        for a in above
        if a.left < right
        and left < a.right
        and not any(lo < a.right and a.left < hi for lo, hi in own)
    ]
