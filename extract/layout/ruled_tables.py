"""Ruling lines and the glyphs between them, to tables.

Takes `RulingLine`s (pieces of horizontal and vertical lines) and `Glyphs` of one page, in points, y
down; gives a `RuledTable` for each connected set of rules that encloses text in at least two cells,
and the lines of text in none. Pages set sideways are turned upright by the caller. Pure geometry:
no file format, no page breaks, no labels.

- `extract.layout.ruling_lines` finds the grids. Where an outer side of one is drawn in part, a
  corner that is open to two sides is outside of the table.
- A cell is the largest rectangle that no rule crosses. Text goes to the cell in which the middle of
  its advance lies; where it runs over a rule, see `extract.layout.cell_owners`, and how the lines
  of a cell become its text, `extract.layout.cell_text`.

Frames around a page, boxes around a title, underlines and shading give no table: a frame is one
cell, the others none. A cell beyond the limit is UNREADABLE. Raises ReadError TOO_LARGE for more
than RULES rules on a page.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from extract import limits
from extract.document import UNREADABLE, BBox, Cell, Grid, grid_of
from extract.layout.cell_owners import (
    find_pierced,
    is_beyond_border,
    mend_overruns,
    mend_stacked,
)
from extract.layout.cell_text import find_least_margin, is_digits, read_cell_text
from extract.layout.ruling_lines import RuledGrid, RulingLine, find_ruled_grids
from extract.layout.text_lines import Bools, Floats, Glyphs, Ints, TextLine, find_lines

# a row of so many cells may be what a page break has left of one: a single value
_CUT_ROW_CELLS: Final = 4

OVERRUN: Final = 0.5  # confidence in a text that runs over its cell


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
    in_doubt: frozenset[int]


Box = tuple[int, int, int, int]  # row, column, and the row and column behind the last


def find_tables(
    rules: Sequence[RulingLine], glyphs: Glyphs, page: int | None = None
) -> tuple[list[RuledTable], list[TextLine]]:
    """The tables of one page, from top to bottom and left to right, and the lines of text that
    stand in none of them.

    A table inside a cell of another comes on its own.
    """
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
    """The cells of every table, smaller tables first: a glyph that lies in two is in the inner."""
    cx, cy = glyphs.centres()
    size = (
        float(np.partition(glyphs.size, len(glyphs) // 2)[len(glyphs) // 2]) if len(glyphs) else 0.0
    )
    regions = find_ruled_grids(rules, cx, cy, size)
    if not regions:
        return []
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


def _boxes(region: RuledGrid) -> list[Box]:
    """The cells as rectangles of rows and columns, outer corners that are open to two sides left
    out.
    """
    boxes = _all_boxes(region)
    outer = (region.across[0], region.down[0], region.across[-1], region.down[-1])
    if all(all(side) or not any(side) for side in outer):
        return boxes
    top, left, bottom, right = map(any, outer)
    outside: set[tuple[int, int]] = set()
    while gone := [b for b in boxes if _is_outside(b, region, (top, left, bottom, right), outside)]:
        boxes = [b for b in boxes if b not in gone]
        outside.update(place for box in gone for place in _places(box))
    return boxes


def _places(box: Box) -> Iterator[tuple[int, int]]:
    """Each row and column of a cell."""
    top, left, bottom, right = box
    return product(range(top, bottom), range(left, right))


def _all_boxes(region: RuledGrid) -> list[Box]:
    n_rows, n_cols = len(region.ys) - 1, len(region.xs) - 1
    boxes: list[Box] = []
    taken = [[False] * n_cols for _ in range(n_rows)]
    for r, c in product(range(n_rows), range(n_cols)):
        if not taken[r][c]:
            box = _grow_cell(region, taken[r], r, c)
            for row in taken[r : box[2]]:
                row[c : box[3]] = [True] * (box[3] - c)
            boxes.append(box)
    return boxes


def _grow_cell(region: RuledGrid, taken: Sequence[bool], r: int, c: int) -> Box:
    """The largest rectangle from row r and column c on that no rule crosses; `taken` are the
    columns of row r that belong to another cell.
    """
    n_rows, n_cols = len(region.ys) - 1, len(region.xs) - 1
    across, down = region.across, region.down
    right = c + 1
    while right < n_cols and not down[right][r] and not taken[right]:
        right += 1
    bottom = r + 1
    while (
        bottom < n_rows
        and not any(across[bottom][c:right])
        and not any(down[k][bottom] for k in range(c + 1, right))
    ):
        bottom += 1
    return r, c, bottom, right


def _is_outside(
    box: Box,
    region: RuledGrid,
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
    region: RuledGrid, glyphs: Glyphs, centres: tuple[Floats, Floats], free: Bools, enclosed: Bools
) -> _TableCells | None:
    """The region's cells and which glyphs stand in them, or None if too few hold any."""
    xs, ys, (cx, cy) = region.xs, region.ys, centres
    boxes = _boxes(region)
    at = [[-1] * (len(xs) + 1) for _ in range(len(ys) + 1)]  # a margin of -1 all around
    for n, (top, left, bottom, right) in enumerate(boxes):
        for row in at[top + 1 : bottom + 1]:
            row[left + 1 : right + 1] = [n] * (right - left)
    pulled = free & ~enclosed & is_beyond_border(glyphs, xs[0], xs[-1])
    if pulled.any():
        cx = np.where(pulled, np.clip(cx, xs[0] + 0.01, xs[-1] - 0.01), cx)
    owner = np.array(at)[np.searchsorted(ys, cy), np.searchsorted(xs, cx)]
    owner[~free] = -1
    texted = len(set(owner.tolist()) - {-1})
    if texted < (1 if len(ys) == 2 and len(boxes) >= _CUT_ROW_CELLS else 2):
        return None
    frames = [(xs[left], ys[top], xs[right], ys[bottom]) for top, left, bottom, right in boxes]
    boxes, frames, owner = _without_margins(boxes, frames, owner)
    overruns = mend_overruns(owner, glyphs, xs)
    owner = np.where(free, overruns.owner, -1)
    stacked = mend_stacked(owner, glyphs, frames)
    owner = stacked.owner
    in_doubt = overruns.in_doubt | stacked.in_doubt | find_pierced(owner, glyphs, frames)
    if pulled.any():
        in_doubt |= _beside_overrun(owner, pulled, frames, (xs[0], xs[-1]))
    return _TableCells(region.bbox, boxes, frames, owner, dict(overruns.texts), in_doubt)


def _beside_overrun(
    owner: Ints, pulled: Bools, frames: Sequence[BBox], ends: tuple[float, float]
) -> set[int]:
    """The cells whose text runs out over an outer border (`pulled`), and the empty ones at that
    border: a program that lets text run out of the page may also have left some out.
    """
    over = set(owner[pulled & (owner >= 0)].tolist())
    outer = {(0, ends[0]), (2, ends[1])}
    borders = {(side, frames[n][side]) for n in over for side in (0, 2)} & outer
    held = set(owner.tolist())
    return over | {
        n
        for n, frame in enumerate(frames)
        if n not in held and any(frame[side] == at for side, at in borders)
    }


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
            text = UNREADABLE
        if n in cells.in_doubt:
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
