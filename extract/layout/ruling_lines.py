"""Pieces of ruling lines of one page, to the grids that they draw.

Takes `RulingLine`s (pieces of horizontal and vertical lines), in points, y down; gives a
`RuledGrid` for each connected set of lines that encloses text. Pieces of one line are joined over
small gaps, lines that lie side by side (double borders, both sides of a thin rectangle) are one
edge, ends that are a little short or long still meet. An edge that is missing all along one outer
side is taken as drawn.

A set beyond the limits on tables draws none: its text is that of the page. Pure geometry. Raises
ReadError TOO_LARGE for more than RULES pieces on a page. Used by `extract.layout.ruled_tables`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from extract.document import BBox, ReadError, Reason
from extract.layout.text_lines import Floats
from extract.table_limits import is_too_large

RULES: Final = 20_000  # pieces of rules on one page; an honest page has some hundreds

_SAME_LINE_PT: Final = 1.5  # pieces this near are one line
# a gap in a line, or between the end of a line and the one that it should meet
_JOIN_PT: Final = 3.0
_SAME_EDGE_PT: Final = 3.0  # lines this near are one edge of the grid
# an empty row or column narrower than this is the room between two lines; a row may be as high as
# a part of the type of the page: browsers end a cell that goes on over the page break too early
_SLIVER_PT: Final = 6.0
_SLIVER_EM: Final = 0.7
# lines of a table that are as high as it is: then one beside it that is as high, too, is of it
_AS_HIGH_LINES: Final = 3
_MAX_SLOPE: Final = 0.02  # how far a line may lean


class RulingLine(NamedTuple):
    """A piece of a ruling line from one end to the other; `width` is how thick it is."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float = 0.0


class _StraightLine(NamedTuple):
    """Where a line is across its direction, and from where to where it runs along it."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class RuledGrid:
    """The edges of one table, and for each stretch of an edge whether a rule is there.

    `across[r][c]` is the wall above row r in column c, `down[c][r]` the wall left of column c in
    row r.
    """

    xs: list[float]
    ys: list[float]
    across: list[list[bool]]
    down: list[list[bool]]

    @property
    def bbox(self) -> BBox:
        """Left, top, right and bottom in points."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]


def find_ruled_grids(
    rules: Sequence[RulingLine], cx: Floats, cy: Floats, size: float
) -> list[RuledGrid]:
    """The grids that the lines of a page draw; `cx` and `cy` are the middles of its glyphs, `size`
    is that of most of its type.
    """
    if len(rules) > RULES:
        raise ReadError(
            Reason.TOO_LARGE, f"a page with {len(rules)} ruling lines, the limit is {RULES}"
        )
    across, down = _straight_lines(rules)
    if not across or not down or not len(cx):
        return []
    sliver = max(_SLIVER_PT, _SLIVER_EM * size)
    found = (_ruled_grid(a, d, cx, cy, sliver) for a, d in _connected(across, down))
    return [grid for grid in found if grid is not None]


def _straight_lines(rules: Sequence[RulingLine]) -> tuple[list[_StraightLine], list[_StraightLine]]:
    """Horizontal and vertical lines, pieces joined.

    A dot is a piece of both until it is seen which line it belongs to.
    """
    if not rules:
        return [], []
    ends = np.array(rules, dtype=np.float64)
    low, high = np.minimum(ends[:, :2], ends[:, 2:4]), np.maximum(ends[:, :2], ends[:, 2:4])
    middle, (wide, tall) = (ends[:, :2] + ends[:, 2:4]) / 2, (high - low).T
    dot = (wide < _JOIN_PT) & (tall < _JOIN_PT)
    across = (tall <= np.maximum(_MAX_SLOPE * wide, 0.5)) | dot
    down = (wide <= np.maximum(_MAX_SLOPE * tall, 0.5)) | dot
    return _join_pieces(middle[across, 1], low[across, 0], high[across, 0]), _join_pieces(
        middle[down, 0], low[down, 1], high[down, 1]
    )


def _join_pieces(at: Floats, start: Floats, end: Floats) -> list[_StraightLine]:
    """Pieces of the same line joined; what is left of dots alone is dropped."""
    if not len(at):
        return []
    order = np.argsort(at, kind="stable")
    group = np.empty(len(at))
    first, number = -np.inf, 0
    # pieces within a width of the first one are of one line
    for n, place in enumerate(at[order].tolist()):
        if place - first > _SAME_LINE_PT:
            first, number = place, number + 1
        group[n] = number
    inner = np.lexsort((start[order], group))
    order, group = order[inner], group[inner]
    at, start, end = at[order], start[order], end[order]
    # sets the lines apart, so that one pass tells how far each has come
    shift = group * (float(end.max() - start.min()) + 10 * _JOIN_PT)
    reached = np.maximum.accumulate(end + shift)
    new = np.concatenate(([True], start[1:] + shift[1:] > reached[:-1] + _JOIN_PT))
    heads, lines = (
        np.flatnonzero(new),
        np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1]))),
    )
    mean = np.repeat(
        np.add.reduceat(at, lines) / np.diff(np.concatenate((lines, [len(at)]))),
        np.diff(np.concatenate((lines, [len(at)]))),
    )
    sides = map(
        _StraightLine,
        mean[heads].tolist(),
        start[heads].tolist(),
        np.maximum.reduceat(end, heads).tolist(),
    )
    return [side for side in sides if side.end - side.start > _JOIN_PT]


def _group_near(sides: list[_StraightLine], width: float) -> list[list[_StraightLine]]:
    """Sorted lines in groups that are no wider than `width`."""
    groups: list[list[_StraightLine]] = []
    for side in sides:
        if groups and side.at - groups[-1][0].at <= width:
            groups[-1].append(side)
        else:
            groups.append([side])
    return groups


def _connected(
    across: list[_StraightLine], down: list[_StraightLine]
) -> list[tuple[list[_StraightLine], list[_StraightLine]]]:
    """Lines that meet, directly or over others; upright lines that meet none, but stand beside a
    table from its top to its bottom, are of it. Others that meet none are left out.
    """
    parent = list(range(len(across) + len(down)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in _crossings(across, down):
        parent[root(i)] = root(len(across) + j)
    groups: dict[int, tuple[list[_StraightLine], list[_StraightLine]]] = {}
    for i, line in enumerate((*across, *down)):
        groups.setdefault(root(i), ([], []))[i >= len(across)].append(line)
    found = [g for g in groups.values() if g[0] and g[1]]
    alone = [line for a, d in groups.values() if not a for line in d]
    return [(a, d + _beside(alone, a, d)) for a, d in found]


def _beside(
    alone: list[_StraightLine], across: list[_StraightLine], down: list[_StraightLine]
) -> list[_StraightLine]:
    """The upright lines that are as high as the table of these lines and stand beside it.

    Cells that reach over a whole page have no upper or lower line there; several lines of the
    table must be as high, for one may be so by chance.
    """
    top, bottom = min(line.start for line in down), max(line.end for line in down)
    left, right = min(line.start for line in across), max(line.end for line in across)

    def is_as_high(line: _StraightLine) -> bool:
        return abs(line.start - top) < _JOIN_PT and abs(line.end - bottom) < _JOIN_PT

    if sum(map(is_as_high, down)) < _AS_HIGH_LINES:
        return []
    return [line for line in alone if is_as_high(line) and not left < line.at < right]


def _crossings(across: list[_StraightLine], down: list[_StraightLine]) -> Iterator[tuple[int, int]]:
    """The numbers of each horizontal and vertical line that meet, ends a little short or not."""
    down_at = [d.at for d in down]
    for i, a in enumerate(across):
        first = bisect_left(down_at, a.start - _JOIN_PT)
        behind = bisect_right(down_at, a.end + _JOIN_PT)
        for j in range(first, behind):
            if down[j].start - _JOIN_PT <= a.at <= down[j].end + _JOIN_PT:
                yield i, j


def _ruled_grid(
    across: list[_StraightLine],
    down: list[_StraightLine],
    cx: Floats,
    cy: Floats,
    sliver: float,
) -> RuledGrid | None:
    """The grid that these lines draw, or None if it is too small to hold two cells, too large, or
    holds no text; an empty row lower than `sliver` is none.
    """
    xs, ys = _find_edges(down, across), _find_edges(across, down)
    if len(xs) < 2 or len(ys) < 2 or len(xs) + len(ys) < 5:
        return None
    inside = (cx > xs[0]) & (cx < xs[-1]) & (cy > ys[0]) & (cy < ys[-1])
    if not inside.any():
        return None
    xs = _without_slivers(xs, cx[inside], _SLIVER_PT)
    ys = _without_slivers(ys, cy[inside], _SLIVER_PT)
    ys = _without_early_ends(ys, across, cy[inside], sliver)
    if is_too_large(len(ys) - 1, len(xs) - 1):
        return None
    return RuledGrid(xs, ys, _find_walls(across, ys, xs), _find_walls(down, xs, ys))


def _find_edges(sides: list[_StraightLine], crossing: list[_StraightLine]) -> list[float]:
    """Where the lines stand, and where those that cross them end beyond: there an outer border is
    missing.
    """
    edges = [
        sum(s.at for s in group) / len(group) for group in _group_near(sorted(sides), _SAME_EDGE_PT)
    ]
    low, high = min(s.start for s in crossing), max(s.end for s in crossing)
    if low < edges[0] - _SLIVER_PT:
        edges.insert(0, low)
    if high > edges[-1] + _SLIVER_PT:
        edges.append(high)
    return edges


def _without_slivers(edges: list[float], centres: Floats, sliver: float) -> list[float]:
    """Edges nearer to each other than `sliver` are one if nothing stands between them."""
    kept = edges[:1]
    for edge in edges[1:]:
        if edge - kept[-1] < sliver and not ((centres > kept[-1]) & (centres < edge)).any():
            continue
        kept.append(edge)
    return kept


def _without_early_ends(
    edges: list[float], sides: list[_StraightLine], centres: Floats, sliver: float
) -> list[float]:
    """Of two edges that are nearer than `sliver`, with nothing between, the one with more lines."""

    def drawn(edge: float) -> float:
        return sum(s.end - s.start for s in sides if abs(s.at - edge) <= _SAME_EDGE_PT)

    kept = edges[:1]
    for edge in edges[1:]:
        if edge - kept[-1] >= sliver or ((centres > kept[-1]) & (centres < edge)).any():
            kept.append(edge)
        elif drawn(edge) > drawn(kept[-1]):
            kept[-1] = edge
    return kept


def _find_walls(
    sides: list[_StraightLine], edges: list[float], stretches: list[float]
) -> list[list[bool]]:
    """For each edge and each stretch along it whether a line covers the stretch, its middle at
    least.
    """
    covered = [[False] * (len(stretches) - 1) for _ in edges]
    between, middles = ([(a + b) / 2 for a, b in pairwise(places)] for places in (edges, stretches))
    for side in sides:
        first, behind = bisect_left(middles, side.start), bisect_left(middles, side.end)
        covered[bisect_left(between, side.at)][first:behind] = [True] * (behind - first)
    return covered
