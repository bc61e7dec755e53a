"""Tables whose cells are drawn as areas of colour with narrow gaps between them, and no line: where
such a table's rules would be.

`find_filled_cells(areas, taken)` takes the filled rectangles of a page and the boxes of the tables
already found there; gives the sides of those rectangles that can be cells, as rules for
`extract.layout.ruled_tables`. `are_all_filled(areas, cells)` tells whether each cell of a table
made from them that holds something is such a rectangle: where only every other row is filled, or a
word here and there, it is not, and the table is none.

Areas that hold others are backgrounds; areas in a ruled table are its shading. Pure geometry,
points, y down.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from extract.document import BBox, Cell
from extract.layout.text_lines import Bools, Floats

_LEAST_CELLS: Final = 2  # fewer make no table; a page may hold its last row alone
_MOST_AREAS: Final = 3_000  # rectangles of one page that are looked at; more are a drawing
_GAP_PT: Final = 4.0  # between a cell and the next; wider is no line
_SNAP_PT: Final = 6.0  # a side that only one area has, and one nearer than this, are one
_COMMON_SIDES: Final = 3  # so many areas with one side make it a line of the table
_SLACK_PT: Final = 1.0  # by which an area may reach over another
_SHARED: Final = 0.7  # of the larger of a cell and an area: what both share if one is the other


def find_filled_cells(areas: Sequence[BBox], taken: Iterable[BBox]) -> list[BBox]:
    """The areas that can be cells of a table: outside of the boxes `taken`, none within another, at
    least `_LEAST_CELLS`.
    """
    if not _LEAST_CELLS <= len(areas) <= _MOST_AREAS:
        return []
    boxes = np.array(areas)
    for box in taken:
        boxes = boxes[~_within(boxes, box)]
    if len(boxes) < _LEAST_CELLS or not _side_by_side(boxes):
        return []
    boxes = np.unique(_snap_rare_sides(boxes.round(1)), axis=0)
    order = np.argsort((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))
    kept: list[BBox] = []
    middles = np.empty((0, 2))
    for left, top, right, bottom in boxes[order].tolist():
        inside = (
            (middles[:, 0] > left)
            & (middles[:, 0] < right)
            & (middles[:, 1] > top)
            & (middles[:, 1] < bottom)
        )
        if not inside.any():
            kept.append((left, top, right, bottom))
            middles = np.vstack([middles, [(left + right) / 2, (top + bottom) / 2]])
    return kept if len(kept) >= _LEAST_CELLS else []


def _snap_rare_sides(boxes: Floats) -> Floats:
    """The boxes, a side that only one of them has moved to a near one that many have: a browser
    ends the background of a cell that goes on from the page before too early.
    """
    snapped = boxes.copy()
    for side in range(4):
        places, which, counts = np.unique(boxes[:, side], return_inverse=True, return_counts=True)
        common = places[counts >= _COMMON_SIDES]
        for place in np.flatnonzero(counts == 1).tolist() if len(common) else ():
            nearest = common[np.abs(common - places[place]).argmin()]
            if abs(nearest - places[place]) < _SNAP_PT:
                snapped[which == place, side] = nearest
    upright = (snapped[:, 2] > snapped[:, 0]) & (snapped[:, 3] > snapped[:, 1])
    return np.where(upright[:, None], snapped, boxes)


def _side_by_side(boxes: Floats) -> bool:
    """Whether any two stand right beside each other: behind the lines of prose, none do."""
    left, top, right, bottom = (boxes[:, i] for i in range(4))
    shared = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    return bool(((np.abs(right[:, None] - left) < _GAP_PT) & (shared > (bottom - top) / 2)).any())


def _within(boxes: Floats, box: BBox) -> Bools:
    left, top, right, bottom = box
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    found: Bools = (
        (x > left - _SLACK_PT)
        & (x < right + _SLACK_PT)
        & (y > top - _SLACK_PT)
        & (y < bottom + _SLACK_PT)
    )
    return found


def cell_sides(filled: Iterable[BBox]) -> Iterable[tuple[float, float, float, float]]:
    """The four sides of each, from end to end."""
    for left, top, right, bottom in filled:
        yield from (
            (left, top, right, top),
            (left, bottom, right, bottom),
            (left, top, left, bottom),
            (right, top, right, bottom),
        )


def are_all_filled(filled: Sequence[BBox], cells: Iterable[Cell]) -> bool:
    """Whether each cell that holds something is one of the areas; a page break leaves holes
    between them.
    """
    boxes = np.array(filled)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for cell in cells:
        if not cell.text or cell.bbox is None:
            continue
        left, top, right, bottom = cell.bbox
        wide = np.minimum(boxes[:, 2], right) - np.maximum(boxes[:, 0], left)
        high = np.minimum(boxes[:, 3], bottom) - np.maximum(boxes[:, 1], top)
        shared = np.where((wide > 0) & (high > 0), wide * high, 0.0)
        if not (shared > _SHARED * np.maximum(areas, (right - left) * (bottom - top))).any():
            return False
    return True
