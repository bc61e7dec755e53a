"""Ruling lines and the glyphs between them, to tables.

Pure geometry: no file format, no page breaks, no labels.

Takes `RulingLine`s (pieces of horizontal and vertical lines) and `Glyphs` of one page, in points, y down;
gives a `RuledTable` for each connected set of rules that encloses text in at least two cells, and the
lines of text in none. Pages set sideways are turned upright by the caller.

- Pieces of one line are joined over small gaps, lines that lie side by side (double borders, both
  sides of a thin rectangle) are one edge, ends that are a little short or long still meet.
- An edge that is missing all along one outer side is taken as drawn. Where an outer side is drawn
  in part, a corner that is open to two sides is outside of the table.
- A cell is the largest rectangle that no rule crosses. Text goes to the cell in which the middle of
  its advance lies; where it runs over a rule, and how the lines of a cell become its text, see
  `extract.layout.cell_text`.

Frames around a page, boxes around a title, underlines and shading give no table: a frame is one
cell, the others none. Raises ReadError TOO_LARGE for tables beyond extract/limits.py, and for more
than RULES rules on a page.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from extract import limits
from extract.document import BBox, Cell, Grid, ReadError, Reason, grid_of
from extract.layout.cell_text import (
    beyond_border,
    find_least_margin,
    find_pierced,
    is_digits,
    mend_overrun,
    mend_stacked,
    read_cell_text,
)
from extract.layout.text_lines import Bools, Floats, Glyphs, Ints, TextLine, find_lines

RULES: Final = 20_000  # pieces of rules on one page; an honest page has some hundreds
OVERRUN: Final = 0.5  # confidence in a text that runs over its cell

_SAME: Final = 1.5  # points: pieces this near are one line
_JOIN: Final = 3.0  # a gap in a line, or between the end of a line and the one that it should meet
_EDGE: Final = 3.0  # lines this near are one edge of the grid
_SLIVER: Final = 6.0  # an empty row or column below this is the room between two lines
_STRAIGHT: Final = 0.02  # how far a line may lean, by its length


class RulingLine(NamedTuple):
    """A piece of a ruling line from one end to the other; `width` is how thick it is."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class RuledTable:
    """One table of a page.

    `room` is, for cells of the last row that hold words, by column, the ems that their last line
    leaves at its end.
    """

    grid: Grid
    bbox: BBox
    room: dict[int, float]
    remarks: tuple[str, ...] = ()


class _StraightLine(NamedTuple):
    """A straight line: where it is across its direction, and from where to where it runs along it."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class _RuledGrid:
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
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]


@dataclass(frozen=True, slots=True)
class _TableCells:
    """The cells of one table with their frames, the cell of each glyph of the page (-1 for none),
    and what is in doubt.
    """

    bbox: BBox
    boxes: list["Box"]
    frames: list[BBox]
    owner: Ints
    texts: dict[int, str]
    in_doubt: set[int]


Box = tuple[int, int, int, int]  # row, column, and the row and column behind the last


def find_tables(
    rules: Sequence[RulingLine], glyphs: Glyphs, page: int | None = None
) -> tuple[list[RuledTable], list[TextLine]]:
    """The tables of one page, from top to bottom and left to right, and the lines of text that
    stand in none of them.

    A table inside a cell of another comes on its own.
    """
    if len(rules) > RULES:
        raise ReadError(
            Reason.TOO_LARGE, f"a page with {len(rules)} ruling lines, the limit is {RULES}"
        )
    found = _all_cells(rules, glyphs)
    group = np.full(len(glyphs), -1)
    starts = [0]
    for cells in found:
        group = np.where(cells.owner >= 0, cells.owner + starts[-1], group)
        starts.append(starts[-1] + len(cells.boxes))
    # the last for the lines in no cell
    held: list[list[TextLine]] = [[] for _ in range(starts[-1] + 1)]
    for line in find_lines(glyphs, group):
        held[line.group].append(line)
    made = [
        _table(cells, held[start : start + len(cells.boxes)], page)
        for cells, start in zip(found, starts, strict=False)
    ]
    return _in_order(made), held[-1]


def _all_cells(rules: Sequence[RulingLine], glyphs: Glyphs) -> list[_TableCells]:
    """The cells of every table, smaller tables first: a glyph that lies in two is in the inner one."""
    across, down = _sides(rules)
    if not across or not down or not len(glyphs):
        return []
    cx, cy = glyphs.centres()
    regions = [r for a, d in _components(across, down) if (r := _region(a, d, cx, cy)) is not None]
    free, enclosed = np.ones(len(glyphs), dtype=np.bool_), np.zeros(len(glyphs), dtype=np.bool_)
    for left, top, right, bottom in (r.bbox for r in regions):
        enclosed |= (cx > left) & (cx < right) & (cy > top) & (cy < bottom)
    found = []
    for region in sorted(regions, key=lambda r: (r.xs[-1] - r.xs[0]) * (r.ys[-1] - r.ys[0])):
        cells = _cells(region, glyphs, (cx, cy), free, enclosed)
        if cells is not None:
            found.append(cells)
            free &= cells.owner < 0
    return found


def _in_order(found: list[RuledTable]) -> list[RuledTable]:
    """From top to bottom; tables side by side from left to right."""
    ordered: list[RuledTable] = []
    bands: list[list[RuledTable]] = []
    for table in sorted(found, key=lambda t: t.bbox[1]):
        if bands and table.bbox[1] < (bands[-1][0].bbox[1] + bands[-1][0].bbox[3]) / 2:
            bands[-1].append(table)
        else:
            bands.append([table])
    for band in bands:
        ordered += sorted(band, key=lambda t: t.bbox[0])
    return ordered


# --- rules to regions
# -----------------------------------------------------------------------------------------------------


def _sides(rules: Sequence[RulingLine]) -> tuple[list[_StraightLine], list[_StraightLine]]:
    """Horizontal and vertical lines, pieces joined.

    A dot is a piece of both until it is seen which line it belongs to.
    """
    if not rules:
        return [], []
    ends = np.array(rules, dtype=np.float64)
    low, high = np.minimum(ends[:, :2], ends[:, 2:4]), np.maximum(ends[:, :2], ends[:, 2:4])
    middle, (wide, tall) = (ends[:, :2] + ends[:, 2:4]) / 2, (high - low).T
    dot = (wide < _JOIN) & (tall < _JOIN)
    across = (tall <= np.maximum(_STRAIGHT * wide, 0.5)) | dot
    down = (wide <= np.maximum(_STRAIGHT * tall, 0.5)) | dot
    return _joined(middle[across, 1], low[across, 0], high[across, 0]), _joined(
        middle[down, 0], low[down, 1], high[down, 1]
    )


def _joined(at: Floats, start: Floats, end: Floats) -> list[_StraightLine]:
    """Pieces of the same line joined; what is left of dots alone is dropped."""
    if not len(at):
        return []
    order = np.argsort(at, kind="stable")
    group = np.empty(len(at))
    first, number = -np.inf, 0
    # pieces within a width of the first one are of one line
    for n, place in enumerate(at[order].tolist()):
        if place - first > _SAME:
            first, number = place, number + 1
        group[n] = number
    inner = np.lexsort((start[order], group))
    order, group = order[inner], group[inner]
    at, start, end = at[order], start[order], end[order]
    # sets the lines apart, so that one pass tells how far each has come
    shift = group * (float(end.max() - start.min()) + 10 * _JOIN)
    reached = np.maximum.accumulate(end + shift)
    new = np.concatenate(([True], start[1:] + shift[1:] > reached[:-1] + _JOIN))
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
    return [side for side in sides if side.end - side.start > _JOIN]


def _clusters(sides: list[_StraightLine], width: float) -> list[list[_StraightLine]]:
    """Sorted lines in groups that are no wider than `width`."""
    groups: list[list[_StraightLine]] = []
    for side in sides:
        if groups and side.at - groups[-1][0].at <= width:
            groups[-1].append(side)
        else:
            groups.append([side])
    return groups


def _components(
    across: list[_StraightLine], down: list[_StraightLine]
) -> list[tuple[list[_StraightLine], list[_StraightLine]]]:
    """Lines that meet, directly or over others. A line that meets none is left out."""
    parent = list(range(len(across) + len(down)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    down_at = [d.at for d in down]
    for i, a in enumerate(across):
        for j in range(bisect_left(down_at, a.start - _JOIN), len(down)):
            d = down[j]
            if d.at > a.end + _JOIN:
                break
            if d.start - _JOIN <= a.at <= d.end + _JOIN:
                parent[root(i)] = root(len(across) + j)
    groups: dict[int, tuple[list[_StraightLine], list[_StraightLine]]] = {}
    for i in range(len(parent)):
        group = groups.setdefault(root(i), ([], []))
        if i < len(across):
            group[0].append(across[i])
        else:
            group[1].append(down[i - len(across)])
    return [g for g in groups.values() if g[0] and g[1]]


def _region(
    across: list[_StraightLine], down: list[_StraightLine], cx: Floats, cy: Floats
) -> _RuledGrid | None:
    """The grid that these lines draw, or None if it is too small to hold two cells or holds no
    text.
    """
    xs, ys = _edges(down, across), _edges(across, down)
    if len(xs) < 2 or len(ys) < 2 or len(xs) + len(ys) < 5:
        return None
    inside = (cx > xs[0]) & (cx < xs[-1]) & (cy > ys[0]) & (cy < ys[-1])
    if not inside.any():
        return None
    xs, ys = _without_slivers(xs, cx[inside]), _without_slivers(ys, cy[inside])
    if len(xs) - 1 > limits.TABLE_COLUMNS or len(ys) - 1 > limits.TABLE_ROWS:
        raise ReadError(
            Reason.TOO_LARGE, f"a table of {len(ys) - 1} rows and {len(xs) - 1} columns"
        )
    return _RuledGrid(xs, ys, _walls(across, ys, xs), _walls(down, xs, ys))


def _edges(sides: list[_StraightLine], crossing: list[_StraightLine]) -> list[float]:
    """Where the lines stand, and where those that cross them end beyond: there an outer border is
    missing.
    """
    edges = [sum(s.at for s in group) / len(group) for group in _clusters(sorted(sides), _EDGE)]
    low, high = min(s.start for s in crossing), max(s.end for s in crossing)
    if low < edges[0] - _SLIVER:
        edges.insert(0, low)
    if high > edges[-1] + _SLIVER:
        edges.append(high)
    return edges


def _without_slivers(edges: list[float], centres: Floats) -> list[float]:
    """Edges so near to each other that nothing stands between them are one."""
    kept = edges[:1]
    for edge in edges[1:]:
        if edge - kept[-1] < _SLIVER and not ((centres > kept[-1]) & (centres < edge)).any():
            continue
        kept.append(edge)
    return kept


def _walls(
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


# --- regions to cells
# -----------------------------------------------------------------------------------------------------


def _boxes(region: _RuledGrid) -> list[Box]:
    """The cells as rectangles of rows and columns, outer corners that are open to two sides left
    out.
    """
    n_rows, n_cols = len(region.ys) - 1, len(region.xs) - 1
    across, down = region.across, region.down
    taken = [[False] * n_cols for _ in range(n_rows)]
    boxes: list[Box] = []
    for r in range(n_rows):
        for c in range(n_cols):
            if taken[r][c]:
                continue
            right = c + 1
            while right < n_cols and not down[right][r] and not taken[r][right]:
                right += 1
            bottom = r + 1
            while (
                bottom < n_rows
                and not any(across[bottom][c:right])
                and not any(down[k][bottom] for k in range(c + 1, right))
            ):
                bottom += 1
            for row in taken[r:bottom]:
                row[c:right] = [True] * (right - c)
            boxes.append((r, c, bottom, right))
    outer = (across[0], down[0], across[-1], down[-1])
    if all(all(side) or not any(side) for side in outer):
        return boxes
    drawn = any(across[0]), any(down[0]), any(across[-1]), any(down[-1])
    outside: set[tuple[int, int]] = set()
    while gone := [b for b in boxes if _is_outside(b, region, drawn, outside)]:
        boxes = [b for b in boxes if b not in gone]
        outside |= {
            (r, c)
            for top, left, bottom, right in gone
            for r in range(top, bottom)
            for c in range(left, right)
        }
    return boxes


def _is_outside(
    box: Box,
    region: _RuledGrid,
    drawn: tuple[bool, bool, bool, bool],
    outside: set[tuple[int, int]],
) -> bool:
    """Whether the cell is open to two sides that meet in a corner, and beyond them lies what is
    `outside` of a table that is drawn there.
    """
    top, left, bottom, right = box
    n_rows, n_cols = len(region.ys) - 1, len(region.xs) - 1
    if not outside and ((top > 0 and bottom < n_rows) or (left > 0 and right < n_cols)):
        return False

    def is_open(
        wall: Sequence[bool], drawn_there: bool, at_border: bool, beyond: Iterable[tuple[int, int]]
    ) -> bool:
        return not any(wall) and (
            drawn_there if at_border else all(place in outside for place in beyond)
        )

    across, down = region.across, region.down
    rows, cols = range(top, bottom), range(left, right)
    open_top = is_open(across[top][left:right], drawn[0], top == 0, ((top - 1, c) for c in cols))
    open_left = is_open(down[left][top:bottom], drawn[1], left == 0, ((r, left - 1) for r in rows))
    open_bottom = is_open(
        across[bottom][left:right], drawn[2], bottom == n_rows, ((bottom, c) for c in cols)
    )
    open_right = is_open(
        down[right][top:bottom], drawn[3], right == n_cols, ((r, right) for r in rows)
    )
    return (open_top or open_bottom) and (open_left or open_right)


def _cells(
    region: _RuledGrid, glyphs: Glyphs, centres: tuple[Floats, Floats], free: Bools, enclosed: Bools
) -> _TableCells | None:
    """The region's cells and which glyphs stand in them, or None if less than two hold any."""
    xs, ys, (cx, cy) = region.xs, region.ys, centres
    boxes = _boxes(region)
    at = [[-1] * (len(xs) + 1) for _ in range(len(ys) + 1)]  # a margin of -1 all around
    for n, (top, left, bottom, right) in enumerate(boxes):
        for row in at[top + 1 : bottom + 1]:
            row[left + 1 : right + 1] = [n] * (right - left)
    pulled = free & ~enclosed & beyond_border(glyphs, xs[0], xs[-1])
    if pulled.any():
        cx = np.where(pulled, np.clip(cx, xs[0] + 0.01, xs[-1] - 0.01), cx)
    owner = np.array(at)[np.searchsorted(ys, cy), np.searchsorted(xs, cx)]
    owner[~free] = -1
    if len(set(owner.tolist()) - {-1}) < 2:
        return None
    frames = [(xs[left], ys[top], xs[right], ys[bottom]) for top, left, bottom, right in boxes]
    boxes, frames, owner = _without_margins(boxes, frames, owner)
    texts, in_doubt = mend_overrun(owner, glyphs, xs)
    owner[~free] = -1
    in_doubt |= mend_stacked(owner, glyphs, frames) | find_pierced(owner, glyphs, frames)
    if pulled.any():
        over = set(owner[pulled & (owner >= 0)].tolist())
        sides = {(side, frames[n][side]) for n in over for side in (0, 2)} & {
            (0, xs[0]),
            (2, xs[-1]),
        }
        held = set(owner.tolist())
        # a program that lets text run out of the page may also have left some out
        in_doubt |= over | {
            n
            for n, frame in enumerate(frames)
            if n not in held and any(frame[side] == at for side, at in sides)
        }
    return _TableCells(region.bbox, boxes, frames, owner, texts, in_doubt)


def _table(cells: _TableCells, held: Sequence[list[TextLine]], page: int | None) -> RuledTable:
    """The table with its texts; `held` are the lines of each cell."""
    margin = find_least_margin(held, cells.frames)
    last = max(box[2] for box in cells.boxes)
    made, room = [], {}
    for n, ((top, left, bottom, right), frame, inner) in enumerate(
        zip(cells.boxes, cells.frames, held, strict=True)
    ):
        text, sure = read_cell_text(inner, frame, margin) if inner else ("", 1.0)
        if len(text) > limits.CELL_CHARACTERS:
            raise ReadError(
                Reason.TOO_LARGE,
                f"a cell of {len(text)} characters, the limit is {limits.CELL_CHARACTERS}",
            )
        if cells.in_doubt and n in cells.in_doubt:
            text, sure = cells.texts.get(n, text), OVERRUN
        made.append(Cell(text, top, left, bottom - top, right - left, frame, sure))
        if bottom == last and inner and not inner[-1].turn and not is_digits(inner[-1].text):
            room[left] = (frame[2] - inner[-1].end) / inner[-1].size
    return RuledTable(
        grid_of(made, page),
        cells.bbox,
        room,
        ("text runs over its cell",) if cells.in_doubt else (),
    )


def _without_margins(
    boxes: list[Box], frames: list[BBox], owner: Ints
) -> tuple[list[Box], list[BBox], Ints]:
    """Without an empty cell that takes a whole outer column: the room between a frame and the table
    in it.
    """
    n_rows, n_cols = max(b[2] for b in boxes), max(b[3] for b in boxes)
    for n, (top, left, bottom, right) in enumerate(boxes):
        if (
            (top, bottom) == (0, n_rows)
            and n_rows > 1
            and (left == 0) != (right == n_cols)
            and not (owner == n).any()
        ):
            shift = right if left == 0 else 0
            kept = [(t, a - shift, b, z - shift) for t, a, b, z in boxes[:n] + boxes[n + 1 :]]
            return _without_margins(
                kept, frames[:n] + frames[n + 1 :], np.where(owner > n, owner - 1, owner)
            )
    return boxes, frames, owner
