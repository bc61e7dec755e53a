"""Pictures, stamps, figures drawn as outlines and the like that stand in a cell of a table: the
cell is open, never blank.

`with_pictures(grid, pictures)` puts `UNREADABLE` into the cells in which a picture stands, after
the text that they have. A picture belongs to a cell that has its middle and is not much smaller
than it: backgrounds, and seals over several cells, are of none. One over text is left out before
(`pictures_beside_text`): what it would hide the reader of the page knows.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from extract.document import UNREADABLE, BBox, Cell, Grid
from extract.layout.text_lines import Glyphs

_LEAST_PT: Final = 3.5  # smaller ones are pieces of lines, or dots
_CORNER_PT: Final = 4.0  # what stands so near to a corner of the cell is the corner's own
_MOST_WIDE: Final = 1.2  # of the cell's width
_MOST_HIGH: Final = 1.6  # of its height


def pictures_beside_text(pictures: Sequence[BBox], glyphs: Glyphs) -> list[BBox]:
    """The pictures of some size that no character stands on."""
    cx, cy = glyphs.centres()
    return [
        (left, top, right, bottom)
        for left, top, right, bottom in pictures
        if min(right - left, bottom - top) > _LEAST_PT
        and not np.any((cx > left) & (cx < right) & (cy > top) & (cy < bottom))
    ]


def with_pictures(grid: Grid, pictures: Sequence[BBox]) -> Grid:
    """The grid with a mark in each cell that a picture stands in."""
    if not pictures or not any(_holds(cell, p) for cell in grid.cells for p in pictures):
        return grid
    cells = tuple(
        cell._replace(text=f"{cell.text}{UNREADABLE}")
        if any(_holds(cell, picture) for picture in pictures)
        else cell
        for cell in grid.cells
    )
    return replace(grid, cells=cells)


def _holds(cell: Cell, picture: BBox) -> bool:
    if cell.bbox is None:
        return False
    left, top, right, bottom = cell.bbox
    x, y = (picture[0] + picture[2]) / 2, (picture[1] + picture[3]) / 2
    is_corner = min(x - left, right - x) < _CORNER_PT and min(y - top, bottom - y) < _CORNER_PT
    return (
        left < x < right
        and top < y < bottom
        and not is_corner
        and picture[2] - picture[0] <= _MOST_WIDE * (right - left)
        and picture[3] - picture[1] <= _MOST_HIGH * (bottom - top)
    )
