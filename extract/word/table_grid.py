"""Where the cells of a Word table stand: spans and widths to columns, vertical merges to cells.

Takes rows of cells as the file states them, and the widths of the table's grid; gives the cells in
their places. `docx` tells the rules. Out of scope: what a cell holds.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from extract.nested_tables import Item, Placed

_SLIVER: Final = 60  # twips, 3 pt: narrower than any digit printed
_UNKNOWN_WIDTH: Final = 1_000  # twips, for columns whose width is stated nowhere


@dataclass(slots=True)
class Raw:
    """A w:tc as it stands: what it holds, and what it states of itself."""

    items: list[Item]
    span: int = 1  # grid columns
    width: int | None = None  # twips
    opens_merge: bool = False
    continues_above: bool = False
    continues_left: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing is printed in it."""
        return all(isinstance(i, str) and not i.strip() for i in self.items)


@dataclass(slots=True)
class Row:
    """A w:tr: its cells, and the grid columns left free before them; `columns` counts also those
    left free after them.
    """

    cells: list[Raw]
    before: int
    columns: int


def placed(rows: list[Row], widths: list[int]) -> list[list[int]]:
    """For each row the edges at which its cells begin and the last one ends, as numbers of edges
    without slivers.
    """
    if not rows:
        return []
    totals = Counter([row.columns for row in rows])
    n = (
        len(widths)
        if len(widths) in totals
        else max(totals, key=lambda total: (totals[total], total))
    )
    x = _positions(rows, widths, n, max(*totals, n))
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
        (None if row.columns == n else _by_width(row, x, edge)) or [edge[i] for i in at]
        for row, at in zip(rows, by_span, strict=True)
    ]


def _running(start: int, steps: list[int]) -> list[int]:
    return list(accumulate(steps, initial=start))


def _rises(values: Sequence[int]) -> bool:
    return all(a < b for a, b in pairwise(values))


def _positions(rows: list[Row], widths: list[int], n: int, last: int) -> list[int]:
    """Where the edges 0 to `last` stand, in twips: by the table's grid, else by the cells' widths,
    else evenly spaced.
    """
    x: list[int] = []
    if len(widths) == n and all(widths):
        x = _running(0, widths)
    else:
        known: dict[int, int] = {0: 0}
        for row in rows:
            if row.columns == n and not row.before and all(c.width for c in row.cells):
                for i, at in zip(
                    _running(0, [c.span for c in row.cells]),
                    _running(0, [c.width or 0 for c in row.cells]),
                    strict=True,
                ):
                    known.setdefault(i, at)
        marks = sorted(known.items())
        if n in known and _rises([at for _, at in marks]):
            x = [0]
            # edges at which no measured cell ends share the space evenly
            for (i, here), (j, there) in pairwise(marks):
                x += [here + (there - here) * k // (j - i) for k in range(1, j - i + 1)]
    x = x or _running(0, [_UNKNOWN_WIDTH] * n)
    while len(x) <= last:
        x.append(x[-1] + _UNKNOWN_WIDTH)
    return x


def _without_slivers(x: list[int]) -> list[int]:
    """For each edge the number of the group it belongs to; edges less than `_SLIVER` from a group's
    first are one.
    """
    edge, first = [0], x[0]
    for at in x[1:]:
        if at - first >= _SLIVER:
            edge.append(edge[-1] + 1)
            first = at
        else:
            edge.append(edge[-1])
    return edge


def _by_width(row: Row, x: list[int], edge: list[int]) -> list[int] | None:
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


def merged(rows: list[Row], edges_of: list[list[int]], remarks: list[str]) -> list[Placed]:
    """The rows' cells with vertical merges resolved, in reading order."""
    cells: list[Placed] = []
    above: list[Placed] = []  # merges that reach down to the row before
    for r, (row, edges) in enumerate(zip(rows, edges_of, strict=True)):
        here: list[Placed] = []
        for i, raw in enumerate(row.cells):
            left, right = edges[i], edges[i + 1]
            if left == right:
                continue  # a sliver that holds nothing
            over = (
                _covering(left, right, above, row, edges) if raw.continues_above and above else ()
            )
            for anchor in over:
                anchor.bottom = r + 1
                if not any(anchor is other for other in here):
                    here.append(anchor)
            if not over:
                cells.append(Placed(raw.items, r, r + 1, left, right))
                if raw.opens_merge or raw.continues_above:
                    here.append(cells[-1])
            elif not raw.is_blank:
                remarks.append(
                    "text in the continuation of a merged cell is not shown by Word and was "
                    "left out"
                )
        above = here
    return cells


def _covering(
    left: int, right: int, above: list[Placed], row: Row, edges: list[int]
) -> list[Placed]:
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
