"""Frames that a clipping path leaves of a filled rectangle, as browsers print shadows around boxes.

`read_clipped_frame(path, box, matrix)` gives the four sides of the frame, each in the middle of the
thin strip that is seen, where the clip of a filled path cuts out all of it but its edges; nothing
for any other path. `is_cut_out(path)` tells paths that cover nothing for sure. Used by
`extract.pdf.drawing` and `extract.pdf.visible`.
"""

import ctypes
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pypdfium2.raw as pdfium

from extract.layout.text_lines import Floats
from extract.pdf.pdfium import Int, Pointer, bind_function

Matrix = tuple[float, float, float, float, float, float]
Piece = tuple[float, float, float, float]

_PLAIN: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_THINNEST_PT: Final = -0.1  # the hole may reach beyond the rectangle by the rounding of numbers
_MOST_POINTS: Final = 40  # of a clip that leaves a frame: more is a drawing

_clip_path = bind_function("FPDFPageObj_GetClipPath", Pointer, result=Pointer)
_count_clips = bind_function("FPDFClipPath_CountPaths", Pointer)
_count_points = bind_function("FPDFClipPath_CountPathSegments", Pointer, Int)
_segment = bind_function("FPDFClipPath_GetPathSegment", Pointer, Int, Int, result=Pointer)
_segment_point = bind_function("FPDFPathSegment_GetPoint", Pointer, Pointer, Pointer)
_segment_type = bind_function("FPDFPathSegment_GetType", Pointer)


def read_clipped_frame(
    path: int, box: Sequence[float], matrix: Matrix, thickest: float
) -> list[Piece]:
    """The sides, on the page as `box` is; strips thicker than `thickest` are no lines."""
    clip = _clip_path(path)
    left, bottom, right, top = box
    for k in range(max(0, _count_clips(clip))):
        parts = list(_contour_boxes(clip, k, matrix))
        if len(parts) < 2:
            continue  # a window
        for inner in parts:
            strips = (inner[0] - left, inner[1] - bottom, right - inner[2], top - inner[3])
            if min(strips) >= _THINNEST_PT and 0 < max(strips) <= thickest:
                x0, y0 = (left + inner[0]) / 2, (bottom + inner[1]) / 2
                x1, y1 = (right + inner[2]) / 2, (top + inner[3]) / 2
                return [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]
    return []


def is_cut_out(path: int) -> bool:
    """Whether a clip with a hole in it leaves a part of the path alone."""
    clip = _clip_path(path)
    counts = range(max(0, _count_clips(clip)))
    return any(len(list(_contour_boxes(clip, k, _PLAIN))) > 1 for k in counts)


def _contour_boxes(clip: int, k: int, matrix: Matrix) -> Iterator[list[float]]:
    """The boxes of the closed lines of a clipping path."""
    count = _count_points(clip, k)
    if not 8 <= count <= _MOST_POINTS:
        return
    held = (ctypes.c_float * 2)()
    at = ctypes.addressof(held)
    points: list[tuple[float, float]] = []
    for i in range(count):
        segment = _segment(clip, k, i)
        if not _segment_point(segment, at, at + 4):
            return
        if _segment_type(segment) == pdfium.FPDF_SEGMENT_MOVETO and points:
            yield _box_of(points, matrix)
            points = []
        points.append((held[0], held[1]))
    yield _box_of(points, matrix)


def _box_of(points: Sequence[tuple[float, float]], matrix: Matrix) -> list[float]:
    a, b, c, d, e, f = matrix
    moved: Floats = np.array([(a * x + c * y + e, b * x + d * y + f) for x, y in points])
    return [*moved.min(axis=0).tolist(), *moved.max(axis=0).tolist()]
