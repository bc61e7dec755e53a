"""Where the columns of a table stand on a page that goes on with it, by the boxes of its cells.

A page reader makes one grid a page, and a page on which every line has one cell over several
columns has fewer columns than the page with the header. `extents_by_boxes(extents, above, below)`
takes the columns' places in the grid with the header, cells of that grid and of the one that goes
on, and gives their places in the latter; None where cells have no boxes.

Sides that no data line of the grid above has, as between columns that are merged in all of them,
are not known: such a column stands somewhere between the nearest sides that are.
"""

from collections.abc import Iterable
from typing import Final

from extract.document import Cell
from transform.align.values import Extents

_SAME_SIDE_PT: Final = 3.0

Sides = dict[int, float]  # grid column -> where its left side is


def extents_by_boxes(
    extents: Extents, above: Iterable[Cell], below: Iterable[Cell]
) -> Extents | None:
    """The places in the grid below; None if they cannot be told for every column."""
    there, here = _sides(above), _sides(below)
    if there is None or here is None:
        return None
    found = {col_id: _place_below(place, there, here) for col_id, place in extents.items()}
    known = {col_id: place for col_id, place in found.items() if place is not None}
    return known if len(known) == len(found) else None


def _place_below(place: tuple[int, int], there: Sides, here: Sides) -> tuple[int, int] | None:
    """The place of one column, None if it cannot be told."""
    start, end = place
    left = max((x for col, x in there.items() if col <= start), default=None)
    right = min((x for col, x in there.items() if col >= end), default=None)
    if left is None or right is None:
        return None
    under = [
        col
        for col, x in here.items()
        if x < right - _SAME_SIDE_PT and here.get(col + 1, right) > left + _SAME_SIDE_PT
    ]
    if not under or _reaches_beyond(here, under, left, right):
        return None
    return min(under), max(under) + 1


def _reaches_beyond(here: Sides, under: list[int], left: float, right: float) -> bool:
    """Whether the columns reach beyond the place on either side: another table's columns."""
    start, end = here[min(under)], here.get(max(under) + 1, right)
    return start < left - _SAME_SIDE_PT or end > right + _SAME_SIDE_PT


def _sides(cells: Iterable[Cell]) -> Sides | None:
    sides: Sides = {}
    for cell in cells:
        if cell.bbox is None:
            return None
        sides.setdefault(cell.col, cell.bbox[0])
        sides.setdefault(cell.col + cell.col_span, cell.bbox[2])
    return sides
