"""What is drawn on a page of a PDF: straight lines, filled rectangles, and the share of it that
pictures cover. Through pdfium.

A line is a path whose box is thin, be it stroked or filled, or a straight piece of a stroked path,
form XObjects included. Areas that are only filled are shading, or cells without a line. A rectangle
with round corners counts with its whole sides. Raises ReadError TOO_LARGE for a page with too many
objects. Out of scope: what clipping hides, colours.
"""

import ctypes
from collections.abc import Iterator, Sequence
from itertools import pairwise, repeat
from typing import Any, Final

import numpy as np
import pypdfium2.raw as pdfium

from extract.document import BBox, ReadError, Reason
from extract.layout.ruled_tables import RulingLine
from extract.layout.text_lines import Floats
from extract.pdf.pdfium import Int, Pointer, bind_function, call_all, turn_points

Matrix = tuple[float, float, float, float, float, float]
PageTable = tuple[float, float, float, float]
# the points of a part of a path; None where a curve goes on
_Part = Sequence[tuple[float, float] | None]

_PATH, _IMAGE, _FORM = pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM
_FORM_DEPTH: Final = 12
_OBJECTS: Final = 300_000  # on one page, those in forms counted each time they are drawn
_SEGMENTS: Final = 4_000  # of one path; more is a drawing, not a table
_QUAD: Final = 5  # segments of a rectangle
_THIN: Final = 3.5  # points: a path no thicker is a line
_ON: Final = 0.1  # points: a piece this near to a side lies on it
_MODE = (ctypes.c_int * 2)()  # where pdfium writes how a path is drawn
_MODE_AT: Final = ctypes.addressof(_MODE)
_IDENTITY: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_page_object = bind_function("FPDFPage_GetObject", Pointer, Int, result=Pointer)
_form_object = bind_function("FPDFFormObj_GetObject", Pointer, ctypes.c_ulong, result=Pointer)
_object_type = bind_function("FPDFPageObj_GetType", Pointer)
_bounds = bind_function("FPDFPageObj_GetBounds", Pointer, Pointer, Pointer, Pointer, Pointer)
_object_matrix = bind_function("FPDFPageObj_GetMatrix", Pointer, Pointer)
_draw_mode = bind_function("FPDFPath_GetDrawMode", Pointer, Pointer, Pointer)
_count_segments = bind_function("FPDFPath_CountSegments", Pointer)
_segment = bind_function("FPDFPath_GetPathSegment", Pointer, Int, result=Pointer)
_segment_point = bind_function("FPDFPathSegment_GetPoint", Pointer, Pointer, Pointer)
_segment_type = bind_function("FPDFPathSegment_GetType", Pointer)
_segment_close = bind_function("FPDFPathSegment_GetClose", Pointer)


def read_drawing(
    page: Any, box: BBox, turns: int
) -> tuple[list[RulingLine], list[BBox], float, int]:
    """The straight lines and filled rectangles of a page as it is read, the area that pictures
    cover, and how many paths are no lines.
    """
    handle = ctypes.cast(page, Pointer).value or 0
    pieces: list[PageTable] = []
    filled: list[PageTable] = []
    area, drawn, seen = 0.0, 0, 0
    objects = list(
        map(_page_object, repeat(handle), range(max(0, pdfium.FPDFPage_CountObjects(page))))
    )
    waiting = [(objects, _IDENTITY, 0)]
    while waiting:
        objects, matrix, depth = waiting.pop()
        seen += len(objects)
        if seen > _OBJECTS:
            raise ReadError(Reason.TOO_LARGE, f"a page with more than {_OBJECTS} objects")
        kinds = np.fromiter(map(_object_type, objects), dtype=np.int8, count=len(objects))
        paths, pictures, forms = (
            [objects[i] for i in np.flatnonzero(kinds == kind).tolist()]
            for kind in (_PATH, _IMAGE, _FORM)
        )
        drawn += _add_paths(pieces, filled, paths, matrix)
        for left, bottom, right, top in (
            _moved(_boxes(pictures), matrix).tolist() if pictures else ()
        ):
            area += (right - left) * (top - bottom)
        if depth < _FORM_DEPTH:
            waiting += [
                (_inside(form), _product(_matrix_of(form), matrix), depth + 1) for form in forms
            ]
    rules = list(map(RulingLine, *_ends(pieces, box, turns))) if pieces else []
    x0, y0, x1, y1 = _ends(filled, box, turns) if filled else ([], [], [], [])
    areas = [
        (min(a, c), min(b, d), max(a, c), max(b, d))
        for a, b, c, d in zip(x0, y0, x1, y1, strict=True)
    ]
    return rules, areas, area, drawn


def _ends(
    pieces: list[PageTable], box: BBox, turns: int
) -> tuple[list[float], list[float], list[float], list[float]]:
    """Pieces on the page as it is read, as columns."""
    ends = np.array(pieces)
    x0, y0 = turn_points(ends[:, 0], ends[:, 1], box, turns)
    x1, y1 = turn_points(ends[:, 2], ends[:, 3], box, turns)
    return x0.tolist(), y0.tolist(), x1.tolist(), y1.tolist()


def _inside(form: int) -> list[int]:
    count = max(0, pdfium.FPDFFormObj_CountObjects(ctypes.cast(form, pdfium.FPDF_PAGEOBJECT)))
    return list(map(_form_object, repeat(form), range(count)))


def _matrix_of(handle: int) -> Matrix:
    held = (ctypes.c_float * 6)()
    if not _object_matrix(handle, ctypes.addressof(held)):
        return _IDENTITY
    a, b, c, d, e, f = held
    return a, b, c, d, e, f


def _product(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + m,
    )


def _boxes(objects: list[int]) -> Floats:
    """Left, bottom, right and top of each object, in the coordinates of what holds it."""
    boxes = np.zeros((len(objects), 4), dtype=np.float32)
    at, n = boxes.ctypes.data, len(objects)
    call_all(map(_bounds, objects, *(range(at + k, at + k + 16 * n, 16) for k in (0, 4, 8, 12))))
    return boxes.astype(np.float64)


def _moved(boxes: Floats, matrix: Matrix) -> Floats:
    """Boxes through a matrix, as boxes again."""
    if matrix == _IDENTITY or not len(boxes):
        return boxes
    a, b, c, d, e, f = matrix
    x, y = boxes[:, [0, 2, 0, 2]], boxes[:, [1, 1, 3, 3]]
    u, v = a * x + c * y + e, b * x + d * y + f
    return np.stack([u.min(axis=1), v.min(axis=1), u.max(axis=1), v.max(axis=1)], axis=1)


def _add_paths(
    pieces: list[PageTable], filled: list[PageTable], paths: list[int], matrix: Matrix
) -> int:
    """The middle line of each thin path, and the straight pieces of the others if they are stroked;
    boxes of areas go to `filled`.

    Gives how many paths are not thin.
    """
    if not paths:
        return 0
    boxes = _moved(_boxes(paths), matrix)
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    thin = np.minimum(wide, high) <= _THIN
    across = wide >= high
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    flat, upright = np.flatnonzero(thin & across), np.flatnonzero(thin & ~across)
    pieces += zip(
        boxes[flat, 0].tolist(),
        y[flat].tolist(),
        boxes[flat, 2].tolist(),
        y[flat].tolist(),
        strict=True,
    )
    pieces += zip(
        x[upright].tolist(),
        boxes[upright, 1].tolist(),
        x[upright].tolist(),
        boxes[upright, 3].tolist(),
        strict=True,
    )
    for i in np.flatnonzero(~thin).tolist():
        if _add_segments(pieces, paths[i], matrix):
            left, bottom, right, top = boxes[i].tolist()
            filled.append((left, bottom, right, top))
    return int((~thin).sum())


def _add_segments(pieces: list[PageTable], path: int, matrix: Matrix) -> bool:
    """A stroked path piece by piece; of a filled one the parts that are thin.

    True for one filled area without a line: shading.
    """
    count = _count_segments(path)
    if not _draw_mode(path, _MODE_AT, _MODE_AT + 4) or not 2 <= count <= _SEGMENTS:
        return False
    filled, stroked = _MODE
    if not stroked and count <= _QUAD:
        return bool(filled)
    parts = list(_parts(path, count, _product(_matrix_of(path), matrix)))
    if filled and not stroked and len(parts) == 2:
        pieces += _frame(*parts)
    for part in parts:
        if stroked:
            pieces += _sides(part) if None in part else []
            pieces += [
                (*one, *two) for one, two in pairwise(part) if one is not None and two is not None
            ]
        elif filled:
            xs, ys = [p[0] for p in part if p], [p[1] for p in part if p]
            left, bottom, right, top = min(xs), min(ys), max(xs), max(ys)
            if min(right - left, top - bottom) <= _THIN:
                x, y = (left + right) / 2, (bottom + top) / 2
                pieces.append(
                    (left, y, right, y) if right - left >= top - bottom else (x, bottom, x, top)
                )
    return False


def _frame(outer: _Part, inner: _Part) -> list[PageTable]:
    """The sides of a filled rectangle with a hole in it, if what is left is a line."""
    one, two = _sides(outer), _sides(inner)
    near = (
        one
        and two
        and all(
            max(abs(a - b) for a, b in zip(p, q, strict=True)) <= _THIN
            for p, q in zip(one, two, strict=True)
        )
    )
    return one if near else []


def _sides(part: _Part) -> list[PageTable]:
    """The four sides of a rectangle, from corner to corner, also where its corners are round;
    nothing for any other part.
    """
    points = [p for p in part if p is not None]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    bottom, top = min(y for _, y in points), max(y for _, y in points)
    sides = [
        (left, bottom, right, bottom),
        (left, top, right, top),
        (left, bottom, left, top),
        (right, bottom, right, top),
    ]
    straight = [(*one, *two) for one, two in pairwise(part) if one is not None and two is not None]
    return sides if all(any(_lies_on(piece, side) for piece in straight) for side in sides) else []


def _lies_on(piece: PageTable, side: PageTable) -> bool:
    """Whether a straight piece is a part of an upright or level side."""
    if side[0] == side[2]:
        return max(abs(piece[0] - side[0]), abs(piece[2] - side[0])) < _ON and piece[1] != piece[3]
    return max(abs(piece[1] - side[1]), abs(piece[3] - side[1])) < _ON and piece[0] != piece[2]


def _parts(path: int, count: int, matrix: Matrix) -> Iterator[list[tuple[float, float] | None]]:
    """The points of each part of a path; None where a curve goes on."""
    a, b, c, d, e, f = matrix
    held = (ctypes.c_float * 2)()
    at = ctypes.addressof(held)
    part: list[tuple[float, float] | None] = []
    for i in range(count):
        segment = _segment(path, i)
        kind = _segment_type(segment)
        _segment_point(segment, at, at + 4)
        x, y = held
        point = (a * x + c * y + e, b * x + d * y + f)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            if len(part) > 1:
                yield part
            part = [point]
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            part.append(point)
        else:
            part += [None, point]
        if _segment_close(segment) and part:
            part.append(part[0])
    if len(part) > 1:
        yield part
