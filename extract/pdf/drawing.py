"""What is drawn on a page of a PDF: straight lines, filled rectangles, and the share of it that
pictures cover. Through pdfium.

A line is a path whose box is thin, be it stroked or filled, or a straight piece of a stroked path,
form XObjects included. Areas that are only filled are shading, or cells without a line. A rectangle
with round corners counts with its whole sides. Raises ReadError TOO_LARGE for a page with too many
objects. Out of scope: what clipping hides, colours.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from extract.document import BBox, ReadError, Reason
from extract.layout.ruling_lines import RulingLine
from extract.layout.text_lines import Floats
from extract.pdf.clipped_frames import read_clipped_frame
from extract.pdf.pdfium import Int, Pointer, bind_function, call_all, turn_points

Matrix = tuple[float, float, float, float, float, float]
Piece = tuple[float, float, float, float]
# the points of a part of a path; None where a curve goes on
_Part = Sequence[tuple[float, float] | None]

_PATH, _IMAGE, _FORM = pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM
_FORM_DEPTH: Final = 12
_OBJECTS: Final = 300_000  # on one page, those in forms counted each time they are drawn
_SEGMENTS: Final = 4_000  # of one path; more is a drawing, not a table
_QUAD: Final = 5  # segments of a rectangle
_THIN_PT: Final = 3.5  # a path no thicker is a line
_ON_SIDE_PT: Final = 0.1  # a piece this near to a side lies on it
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


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn on a page as it is read: straight lines, filled rectangles, pictures, the area
    in square points that these cover, and how many paths are no lines.
    """

    rules: list[RulingLine]
    areas: list[BBox]
    pictures: list[BBox]
    picture_area: float
    drawn_paths: int


@dataclass(frozen=True, slots=True)
class _Paths:
    """What some paths are: straight lines, boxes of filled areas and of filled outlines, as of
    figures that are drawn, and how many are not thin.
    """

    lines: list[Piece]
    filled: list[Piece]
    outlines: list[Piece]
    thick: int = 0


@dataclass(frozen=True, slots=True)
class PaintedLayer:
    """Objects of the page, or of a form on it, that are painted one after the other; the matrix
    brings them to the page.
    """

    objects: list[int]
    kinds: npt.NDArray[np.int8]
    matrix: Matrix


def read_drawing(
    layers: Sequence[PaintedLayer], box: BBox, turns: int, unread: Sequence[BBox] = ()
) -> Drawing:
    """What is drawn on the page; `box` is the page's own, `turns` are clockwise quarters, `unread`
    boxes of other things that are seen as pictures are.
    """
    lines: list[Piece] = []
    filled: list[Piece] = []
    seen: list[Piece] = list(unread)
    picture_area, drawn_paths = 0.0, 0
    for layer in layers:
        objects, matrix = layer.objects, layer.matrix
        pictures = [objects[i] for i in np.flatnonzero(layer.kinds == _IMAGE).tolist()]
        paths = [objects[i] for i in np.flatnonzero(layer.kinds == _PATH).tolist()]
        found = _read_paths(paths, matrix)
        lines += found.lines
        filled += found.filled
        seen += found.outlines
        drawn_paths += found.thick
        if pictures:
            boxes = moved_boxes(boxes_of(pictures), matrix)
            picture_area += float((boxes[:, 2:] - boxes[:, :2]).prod(axis=1).sum())
            seen += map(tuple, boxes.tolist())
    rules = list(map(RulingLine, *_ends(lines, box, turns))) if lines else []
    return Drawing(
        rules,
        _placed_boxes(filled, box, turns),
        _placed_boxes(seen, box, turns),
        picture_area,
        drawn_paths,
    )


def _placed_boxes(pieces: list[Piece], box: BBox, turns: int) -> list[BBox]:
    """Boxes on the page as it is read."""
    if not pieces:
        return []
    return [
        (min(a, c), min(b, d), max(a, c), max(b, d))
        for a, b, c, d in zip(*_ends(pieces, box, turns), strict=True)
    ]


def read_layers(page: Any, scale: float = 1.0) -> list[PaintedLayer]:
    """The objects of the pdfium page and of the forms on it, in the order in which they are
    painted; their matrices enlarge the page `scale` times.

    Raises ReadError TOO_LARGE.
    """
    handle = ctypes.cast(page, Pointer).value or 0
    count = max(0, pdfium.FPDFPage_CountObjects(page))
    first = _layer(
        list(map(_page_object, repeat(handle), range(count))), (scale, 0.0, 0.0, scale, 0.0, 0.0)
    )
    waiting = [(first, 0)]
    found: list[PaintedLayer] = []
    seen = count
    while waiting:
        layer, depth = waiting.pop()
        forms = np.flatnonzero(layer.kinds == _FORM)
        if not len(forms) or depth >= _FORM_DEPTH:
            found.append(layer)
            continue
        at = int(forms[0])
        form = layer.objects[at]
        inside = _layer(_inside(form), _product(_matrix_of(form), layer.matrix))
        seen += len(inside.objects)
        if seen > _OBJECTS:
            break
        found.append(PaintedLayer(layer.objects[:at], layer.kinds[:at], layer.matrix))
        rest = PaintedLayer(layer.objects[at + 1 :], layer.kinds[at + 1 :], layer.matrix)
        waiting += [(rest, depth), (inside, depth + 1)]
    if seen > _OBJECTS:
        raise ReadError(Reason.TOO_LARGE, f"a page with more than {_OBJECTS} objects")
    return found


def _layer(objects: list[int], matrix: Matrix) -> PaintedLayer:
    kinds = np.fromiter(map(_object_type, objects), dtype=np.int8, count=len(objects))
    return PaintedLayer(objects, kinds, matrix)


def _ends(
    pieces: list[Piece], box: BBox, turns: int
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


def boxes_of(objects: list[int]) -> Floats:
    """Left, bottom, right and top of each object, in the coordinates of what holds it."""
    boxes = np.zeros((len(objects), 4), dtype=np.float32)
    at, n = boxes.ctypes.data, len(objects)
    call_all(map(_bounds, objects, *(range(at + k, at + k + 16 * n, 16) for k in (0, 4, 8, 12))))
    return boxes.astype(np.float64)


def moved_boxes(boxes: Floats, matrix: Matrix) -> Floats:
    """Boxes through a matrix, as boxes again."""
    if matrix == _IDENTITY or not len(boxes):
        return boxes
    a, b, c, d, e, f = matrix
    x, y = boxes[:, [0, 2, 0, 2]], boxes[:, [1, 1, 3, 3]]
    u, v = a * x + c * y + e, b * x + d * y + f
    return np.stack([u.min(axis=1), v.min(axis=1), u.max(axis=1), v.max(axis=1)], axis=1)


def _read_paths(paths: list[int], matrix: Matrix) -> _Paths:
    """The middle line of each thin path, and the straight pieces of the others if they are stroked;
    boxes of areas that are only filled.
    """
    if not paths:
        return _Paths([], [], [])
    boxes = moved_boxes(boxes_of(paths), matrix)
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    thin = np.minimum(wide, high) <= _THIN_PT
    across = wide >= high
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    flat, upright = np.flatnonzero(thin & across), np.flatnonzero(thin & ~across)
    level = np.stack([boxes[flat, 0], y[flat], boxes[flat, 2], y[flat]], axis=1)
    plumb = np.stack([x[upright], boxes[upright, 1], x[upright], boxes[upright, 3]], axis=1)
    lines = [_piece(ends) for ends in (*level.tolist(), *plumb.tolist())]
    filled: list[Piece] = []
    outlines: list[Piece] = []
    thick = np.flatnonzero(~thin).tolist()
    for i in thick:
        segments = _read_segments(paths[i], matrix)
        if segments is None:  # shading, if all of it is seen
            segments = read_clipped_frame(paths[i], boxes[i].tolist(), matrix, _THIN_PT)
            filled += [] if segments else [_piece(boxes[i].tolist())]
        elif not segments and _is_outline(paths[i]):
            outlines.append(_piece(boxes[i].tolist()))
        lines += segments
    return _Paths(lines, filled, outlines, len(thick))


def _is_outline(path: int) -> bool:
    """Whether a path that draws no line is filled, and no rectangle."""
    return bool(
        _draw_mode(path, _MODE_AT, _MODE_AT + 4) and _MODE[0] and _count_segments(path) > _QUAD
    )


def is_rectangle(path: int) -> bool:
    """Whether a path is a filled rectangle, in coordinates of its own."""
    count = _count_segments(path)
    if not _draw_mode(path, _MODE_AT, _MODE_AT + 4) or not _MODE[0] or not 4 <= count <= _QUAD:
        return False
    parts = list(_parts(path, count, _matrix_of(path)))
    return len(parts) == 1 and None not in parts[0] and bool(_sides(parts[0]))


def _piece(ends: Sequence[float]) -> Piece:
    x0, y0, x1, y1 = ends
    return x0, y0, x1, y1


def _read_segments(path: int, matrix: Matrix) -> list[Piece] | None:
    """A stroked path piece by piece; of a filled one the parts that are thin.

    None for one filled area without a line: shading.
    """
    count = _count_segments(path)
    if not _draw_mode(path, _MODE_AT, _MODE_AT + 4) or not 2 <= count <= _SEGMENTS:
        return []
    filled, stroked = _MODE
    if not stroked and count <= _QUAD:
        return None if filled else []
    if not (filled or stroked):
        return []
    parts = list(_parts(path, count, _product(_matrix_of(path), matrix)))
    if stroked:
        return [piece for part in parts for piece in _stroked(part)]
    frame = _frame(*parts) if len(parts) == 2 else []
    return frame + [piece for part in parts for piece in _middle_of_thin(part)]


def _straight(part: _Part) -> list[Piece]:
    return [(*one, *two) for one, two in pairwise(part) if one is not None and two is not None]


def _stroked(part: _Part) -> list[Piece]:
    """The straight pieces of a part that is drawn as a line, and the whole sides of a rectangle
    with round corners.
    """
    return (_sides(part) if None in part else []) + _straight(part)


def _middle_of_thin(part: _Part) -> list[Piece]:
    """The middle line of a filled part, if it is thin."""
    xs, ys = [p[0] for p in part if p], [p[1] for p in part if p]
    left, bottom, right, top = min(xs), min(ys), max(xs), max(ys)
    if min(right - left, top - bottom) > _THIN_PT:
        return []
    x, y = (left + right) / 2, (bottom + top) / 2
    return [(left, y, right, y) if right - left >= top - bottom else (x, bottom, x, top)]


def _frame(outer: _Part, inner: _Part) -> list[Piece]:
    """The sides of a filled rectangle with a hole in it, if what is left is a line."""
    one, two = _sides(outer), _sides(inner)
    near = (
        one
        and two
        and all(
            max(abs(a - b) for a, b in zip(p, q, strict=True)) <= _THIN_PT
            for p, q in zip(one, two, strict=True)
        )
    )
    return one if near else []


def _sides(part: _Part) -> list[Piece]:
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
    straight = _straight(part)
    return sides if all(any(_lies_on(piece, side) for piece in straight) for side in sides) else []


def _lies_on(piece: Piece, side: Piece) -> bool:
    """Whether a straight piece is a part of an upright or level side."""
    if side[0] == side[2]:
        return (
            max(abs(piece[0] - side[0]), abs(piece[2] - side[0])) < _ON_SIDE_PT
            and piece[1] != piece[3]
        )
    return (
        max(abs(piece[1] - side[1]), abs(piece[3] - side[1])) < _ON_SIDE_PT and piece[0] != piece[2]
    )


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
