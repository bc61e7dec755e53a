"""Where the words of a flat page stand: ink to blobs, blobs to lines of text within cells and
between tables, lines to crops.

A blob is a connected piece of ink that is no ruling line. Blobs go to cells by where their middles
lie; within a cell, and in the prose, those that overlap in height are one line. Specks are left out
where they stand alone. `strips` gives for each line its box, its blobs and whose it is; `crop` the
picture of one box with room around, for the recogniser. All boxes here are in pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from extract.document import BBox

Picture = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Box = tuple[int, int, int, int]  # left, top, right, bottom

_SPECK: Final = 1.5  # points: smaller blobs are points, commas or dust
_LOW: Final = 3.0  # points: a cell whose ink is nowhere higher is blank, unless it holds a dash
_DASH: Final = 1.5  # times as wide as high
# points: larger ink, also of another form, is shown to the model: a short dash of a fax, or a speck
# that a person is to look at
_SEEN: Final = 1.8
_DUST: Final = 0.35  # square points of ink: less is no part of any character
# points from the middle of a ruling line: ink that goes no farther into the cell is what is left of
# a broken line
_EDGE: Final = 1.5
_LINE: Final = 1.1  # ems: two rows of blobs together no higher are one line
_EM: Final = 10.0  # points, where nothing tells
_APART: Final = 1.5  # ems between two parts of one line that are read by themselves
_DIGIT: Final = 5.0  # points: the least height of a line with a digit
_ROOM_ACROSS: Final = 0.35  # of a line's height, left and right of its crop
_ROOM_DOWN: Final = 0.22


class Strip(NamedTuple):
    """One line of one cell (`owner` counts the cells given, -1 is prose): its box and those of its
    blobs.
    """

    owner: int
    left: int
    top: int
    right: int
    bottom: int
    blobs: tuple[Box, ...]  # left, top, right, bottom of each


@dataclass(frozen=True, slots=True)
class Blobs:
    """Boxes and areas as columns, in pixels."""

    left: Ints
    top: Ints
    right: Ints
    bottom: Ints
    area: Ints

    def __len__(self) -> int:
        return len(self.left)

    def chosen(self, where: npt.NDArray[np.bool_]) -> "Blobs":
        return Blobs(
            self.left[where],
            self.top[where],
            self.right[where],
            self.bottom[where],
            self.area[where],
        )


def blobs_of(ink: Picture, scale: float) -> Blobs:
    """The connected pieces of `ink` that are more than dust."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, top, width, height, area = stats[1:].astype(np.int64).T
    found = Blobs(left, top, left + width, top + height, area)
    return found.chosen(area >= max(2.0, _DUST * scale * scale))


def strips(
    blobs: Blobs, cells: Sequence[BBox], tables: Sequence[BBox], scale: float
) -> list[Strip]:
    """The lines of all cells and of the prose, from top to bottom.

    A cell that holds nothing but specks has none.
    """
    owner = np.full(len(blobs), -1)
    cx, cy = (blobs.left + blobs.right) / 2, (blobs.top + blobs.bottom) / 2
    for left, top, right, bottom in tables:
        owner[
            (cx > left) & (cx < right) & (cy > top) & (cy < bottom)
        ] = -2  # on a ruling line, or in none of the cells
    for n, (left, top, right, bottom) in enumerate(cells):
        within = (cx > left) & (cx < right) & (cy > top) & (cy < bottom)
        owner[within] = n
        edge = _EDGE * scale
        owner[
            within
            & (
                (blobs.bottom < top + edge)
                | (blobs.top > bottom - edge)
                | (blobs.right < left + edge)
                | (blobs.left > right - edge)
            )
        ] = -2
    found: list[Strip] = []
    order = np.argsort(owner, kind="stable")
    bounds = np.flatnonzero(np.diff(owner[order])) + 1
    for part in np.split(order, bounds) if len(order) else []:
        n = int(owner[part[0]])
        if n == -2:
            continue
        wide, high = blobs.right[part] - blobs.left[part], blobs.bottom[part] - blobs.top[part]
        dash = (wide >= _SPECK * scale) & (wide > _DASH * high)
        if n < 0 or high.max() >= _LOW * scale or dash.any() or wide.max() >= _SEEN * scale:
            found += _find_lines(part, blobs, n, scale)
    return found


def _find_lines(part: Ints, blobs: Blobs, owner: int, scale: float) -> list[Strip]:
    """The lines that some blobs make: large ones make rows, small ones join the row beside them."""
    sides = (getattr(blobs, side)[part].tolist() for side in ("left", "top", "right", "bottom"))
    boxes: list[Box] = sorted(zip(*sides, strict=True), key=lambda b: b[1])
    rows = _merge_low_rows(_find_rows([b for b in boxes if not _is_speck(b, scale)]), scale)
    spans = [_span(row) for row in rows]
    specks = [b for b in boxes if _is_speck(b, scale)] if rows else []
    for box in specks:
        near = _nearest(spans, (box[1] + box[3]) / 2)
        if _is_beside(box, rows[near], spans[near]):
            rows[near].append(box)
    return [strip for row in rows for strip in _cut_row(row, owner)]


def _span(row: list[Box]) -> tuple[int, int]:
    """The top and bottom of a row."""
    return min(b[1] for b in row), max(b[3] for b in row)


def _is_speck(box: Box, scale: float) -> bool:
    return max(box[2] - box[0], box[3] - box[1]) < _SPECK * scale


def _nearest(spans: Sequence[tuple[int, int]], middle: float) -> int:
    """The index of the span (top, bottom) that lies nearest to a height."""
    distances = [max(top - middle, middle - bottom) for top, bottom in spans]
    return distances.index(min(distances))


def _find_rows(boxes: list[Box]) -> list[list[Box]]:
    """Boxes from top to bottom in rows: those that overlap in height are one."""
    rows: list[list[Box]] = []
    bottom = -1
    for box in boxes:
        if rows and box[1] < bottom:
            rows[-1].append(box)
            bottom = max(bottom, box[3])
        else:
            rows.append([box])
            bottom = box[3]
    return rows


def _is_beside(box: Box, row: list[Box], span: tuple[int, int]) -> bool:
    """Whether a small box stands near a row of the height `span`: a point of it and no dust."""
    top, bottom = span
    high, middle = bottom - top, (box[1] + box[3]) / 2
    left, right = min(b[0] for b in row), max(b[2] for b in row)
    return (
        left - 0.6 * high < box[0] < right + 0.6 * high
        and top - 0.25 * high <= middle <= bottom + 0.25 * high
    )


def _merge_low_rows(rows: list[list[Box]], scale: float) -> list[list[Box]]:
    """Rows that together are no higher than a line: the strokes of one character, a mark above or
    below the others.
    """
    heights = [max(b[3] for b in row) - min(b[1] for b in row) for row in rows if len(row) > 2]
    em = float(np.median(heights)) if heights else _EM * scale
    done: list[list[Box]] = []
    for row in rows:
        if done:
            both = done[-1] + row
            if max(b[3] for b in both) - min(b[1] for b in both) <= _LINE * em:
                done[-1] = both
                continue
        done.append(row)
    return done


def _cut_row(row: list[Box], owner: int) -> list[Strip]:
    """A row cut where there is much room."""
    high = max(b[3] for b in row) - min(b[1] for b in row)
    parts: list[list[Box]] = []
    end = 0
    for box in sorted(row):
        if not parts or box[0] - end > _APART * high:
            parts.append([])
        end = max(end, box[2]) if parts[-1] else box[2]
        parts[-1].append(box)
    return [
        Strip(
            owner,
            min(b[0] for b in p),
            min(b[1] for b in p),
            max(b[2] for b in p),
            max(b[3] for b in p),
            tuple(p),
        )
        for p in parts
    ]


def crop(page: Picture, strip: Strip, scale: float, more: float = 1.0) -> Picture:
    """The picture of a strip with white room around it; that of a dash is as high as if a digit
    stood there. `more` widens the room.
    """
    high = max(strip.bottom - strip.top, round(_DIGIT * scale))
    down, across = round(_ROOM_DOWN * high * more) + 1, round(_ROOM_ACROSS * high * more) + 1
    rows, columns = high + 2 * down, strip.right - strip.left + 2 * across
    left, top = strip.left - across, (strip.top + strip.bottom - rows) // 2
    x0, y0, x1, y1 = (
        max(left, 0),
        max(top, 0),
        min(left + columns, page.shape[1]),
        min(top + rows, page.shape[0]),
    )
    found = np.full((rows, columns), 255, dtype=np.uint8)
    if x1 > x0 and y1 > y0:
        found[y0 - top : y1 - top, x0 - left : x1 - left] = page[y0:y1, x0:x1]
    return found
