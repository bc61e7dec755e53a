"""One PDF to its pages as marks and rules, through pdfium's plain C interface.

`pages(data)` gives for each page a `Sheet`: the characters with origin, advance and height, the straight lines drawn on it, form
XObjects included, and which share of it pictures cover. All in points of the page as it is read: y down from the top left,
turned so that most of its text stands upright, whatever the page's own /Rotate says; `placed` turns a box back to the page as
it is shown.

A line is a path whose box is thin, be it stroked or filled, or a straight piece of a stroked path. Areas that are only filled
are shading. Characters come without blanks: blank space is read from gaps (`extract.marks`), but a blank that was typed
between two digits is noted. A character whose font does not say what it means is U+FFFD, never what its code looks like.

The calls are made in bulk through prototypes of our own: per character and per object the call is the cost, and the
interpreter's lock is kept (pdfium is not safe for threads anyway). Raises ReadError: ENCRYPTED, DAMAGED, TOO_LARGE.
Out of scope: annotations and form fields, what clipping hides, colours.
"""

import ctypes
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise, repeat
from typing import Any, Final

import numpy as np
import pypdfium2  # noqa: F401  (initialises the library)
import pypdfium2.raw as pdfium

from extract import limits
from extract.document import BBox, ReadError, Reason
from extract.lattice import Rule
from extract.marks import Floats, Ints, Marks
from extract.readers.pages import Sheet as Sheet

_PATH, _IMAGE, _FORM = pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM
_FORM_DEPTH: Final = 12
_OBJECTS: Final = 300_000  # on one page, those in forms counted each time they are drawn
_SEGMENTS: Final = 4_000  # of one path; more is a drawing, not a table
_QUAD: Final = 5  # segments of a rectangle
_THIN: Final = 3.5  # points: a path no thicker is a line
_UNKNOWN: Final = 0xFFFD
_NOT_LATIN: Final = 0x2E80  # codes from here on are no digits, whatever their font fails to say

_Pointer = ctypes.c_void_p
_Int = ctypes.c_int
Matrix = tuple[float, float, float, float, float, float]
Piece = tuple[float, float, float, float]
_MODE = (ctypes.c_int * 2)()  # where pdfium writes how a path is drawn
_MODE_AT: Final = ctypes.addressof(_MODE)
_IDENTITY: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _prototype(name: str, *arguments: type, result: type = _Int) -> Callable[..., Any]:
    """A pdfium function that takes plain addresses and keeps the interpreter's lock."""
    address = ctypes.cast(getattr(pdfium, name), _Pointer).value
    assert address is not None  # noqa: S101  (a function of the library that is loaded has an address)
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


_loose_box = _prototype("FPDFText_GetLooseCharBox", _Pointer, _Int, _Pointer)
_origin = _prototype("FPDFText_GetCharOrigin", _Pointer, _Int, _Pointer, _Pointer)
_matrix = _prototype("FPDFText_GetMatrix", _Pointer, _Int, _Pointer)
_font_size = _prototype("FPDFText_GetFontSize", _Pointer, _Int, result=ctypes.c_double)
_unicode = _prototype("FPDFText_GetUnicode", _Pointer, _Int, result=ctypes.c_uint)
_unmapped = _prototype("FPDFText_HasUnicodeMapError", _Pointer, _Int)
_generated = _prototype("FPDFText_IsGenerated", _Pointer, _Int)
_page_object = _prototype("FPDFPage_GetObject", _Pointer, _Int, result=_Pointer)
_form_object = _prototype("FPDFFormObj_GetObject", _Pointer, ctypes.c_ulong, result=_Pointer)
_object_type = _prototype("FPDFPageObj_GetType", _Pointer)
_bounds = _prototype("FPDFPageObj_GetBounds", _Pointer, _Pointer, _Pointer, _Pointer, _Pointer)
_object_matrix = _prototype("FPDFPageObj_GetMatrix", _Pointer, _Pointer)
_draw_mode = _prototype("FPDFPath_GetDrawMode", _Pointer, _Pointer, _Pointer)
_count_segments = _prototype("FPDFPath_CountSegments", _Pointer)
_segment = _prototype("FPDFPath_GetPathSegment", _Pointer, _Int, result=_Pointer)
_segment_point = _prototype("FPDFPathSegment_GetPoint", _Pointer, _Pointer, _Pointer)
_segment_type = _prototype("FPDFPathSegment_GetType", _Pointer)
_segment_close = _prototype("FPDFPathSegment_GetClose", _Pointer)


def pages(data: bytes) -> Iterator[Sheet]:
    """The pages in order. Raises ReadError for a file that does not open, has no pages or too many, or a page that is broken."""
    with _document(data) as document:
        count = pdfium.FPDF_GetPageCount(document)
        if count <= 0:
            raise ReadError(Reason.DAMAGED, "a PDF without a page")
        if count > limits.PAGES:
            raise ReadError(Reason.TOO_LARGE, f"{count} pages, the limit is {limits.PAGES}")
        for index in range(count):
            with _page(document, index) as page, _text(page, index) as text:
                yield _sheet(page, text, index + 1)


@contextmanager
def _document(data: bytes) -> Iterator[Any]:
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)  # the name `data` keeps the bytes in place
    if not document:
        raise _refusal(pdfium.FPDF_GetLastError())
    try:
        yield document
    finally:
        pdfium.FPDF_CloseDocument(document)


def _refusal(code: int) -> ReadError:
    if code == pdfium.FPDF_ERR_PASSWORD:
        return ReadError(Reason.ENCRYPTED, "the PDF opens with a password only; save it without one")
    if code == pdfium.FPDF_ERR_SECURITY:
        return ReadError(Reason.ENCRYPTED, "the PDF is encrypted in a way that is not known")
    return ReadError(Reason.DAMAGED, "the file begins as a PDF and cannot be opened as one; fetch it again")


@contextmanager
def _page(document: Any, index: int) -> Iterator[Any]:
    page = pdfium.FPDF_LoadPage(document, index)
    if not page:
        raise ReadError(Reason.DAMAGED, f"page {index + 1} of the PDF cannot be opened")
    try:
        yield page
    finally:
        pdfium.FPDF_ClosePage(page)


@contextmanager
def _text(page: Any, index: int) -> Iterator[Any]:
    text = pdfium.FPDFText_LoadPage(page)
    if not text:
        raise ReadError(Reason.DAMAGED, f"the text of page {index + 1} of the PDF cannot be read")
    try:
        yield text
    finally:
        pdfium.FPDFText_ClosePage(text)


def _sheet(page: Any, text: Any, number: int) -> Sheet:
    frame = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, frame):
        raise ReadError(Reason.DAMAGED, f"page {number} of the PDF has no size")
    box = (frame.left, frame.bottom, frame.right, frame.top)
    chars = _characters(text)
    shown = pdfium.FPDFPage_GetRotation(page) % 4
    turns = np.bincount(chars.turn, minlength=4)
    read = int(turns.argmax()) if len(chars) else shown
    marks = _on_page(chars, box, read)
    rules, pictures, drawn = _drawing(page, box, read)
    wide, high = box[2] - box[0], box[3] - box[1]
    width, height = (high, wide) if read % 2 else (wide, high)
    covered = min(1.0, pictures / (wide * high)) if wide * high > 0 else 0.0
    return Sheet(number, width, height, marks, rules, covered, drawn, marks.text.count(chr(_UNKNOWN)), (read - shown) % 4)


# --- characters -----------------------------------------------------------------------------------------------------------


def _drain(calls: Iterator[Any]) -> None:
    deque(calls, maxlen=0)


def _codes(text: Any, handle: int) -> Ints:
    """The code of each character, from one call where each is one unit of UTF-16."""
    count = max(0, pdfium.FPDFText_CountChars(text))
    units = np.zeros(count + 1, dtype=np.uint16)
    taken = pdfium.FPDFText_GetText(text, 0, count, units.ctypes.data_as(ctypes.POINTER(ctypes.c_ushort))) if count else 0
    codes = units[:count].astype(np.int64)
    if taken != count + 1 or ((codes >= 0xD800) & (codes < 0xE000)).any() or not codes.all():
        codes = np.fromiter(map(_unicode, repeat(handle), range(count)), dtype=np.int64, count=count)
    return codes


def _characters(text: Any) -> Marks:
    """The characters that are no blanks, in the order of the file, in the page's own coordinates (y up)."""
    handle = ctypes.cast(text, _Pointer).value or 0
    codes = _codes(text, handle)
    where = np.flatnonzero((codes > 0x20) & (codes != 0xA0) & (codes != 0x3000) & (codes != 0xFEFF))
    indices, n = where.tolist(), len(where)
    boxes, origins = np.empty((n, 4), dtype=np.float32), np.empty((n, 2))
    to_box, to_origin = boxes.ctypes.data, origins.ctypes.data
    _drain(map(_loose_box, repeat(handle), indices, range(to_box, to_box + 16 * n, 16)))
    _drain(map(_origin, repeat(handle), indices, range(to_origin, to_origin + 16 * n, 16), range(to_origin + 8, to_origin + 8 + 16 * n, 16)))
    kept = codes[where]
    latin = np.flatnonzero(kept < _NOT_LATIN)
    unknown = np.fromiter(map(_unmapped, repeat(handle), where[latin].tolist()), dtype=np.int64, count=len(latin)) == 1
    kept[latin[unknown]] = _UNKNOWN
    kept[(kept >= 0xE000) & (kept < 0xF900) | (kept > 0x10FFFF) | (kept == 0xFFFE)] = _UNKNOWN
    advance = (boxes[:, 2] - boxes[:, 0]).astype(np.float64)
    size = (boxes[:, 1] - boxes[:, 3]).astype(np.float64)
    turn = np.zeros(n, dtype=np.int64)
    bearing = np.abs(boxes[:, 0] - origins[:, 0])  # none in the box of an upright character, unless it is that of its ink
    for i in np.flatnonzero((advance <= 0.01) | (bearing > 0.02) | (size < 4) | (size > 40)).tolist():
        advance[i], size[i], turn[i] = _by_matrix(handle, indices[i], advance[i] if bearing[i] <= 0.02 else 0.0, size[i])
    typed = np.zeros(n, dtype=np.bool_)
    digit = (kept >= 0x30) & (kept <= 0x39)
    for i in (np.flatnonzero((np.diff(where) > 1) & digit[1:] & digit[:-1]) + 1).tolist():
        typed[i] = any(_generated(handle, k) != 1 for k in range(indices[i - 1] + 1, indices[i]))
    return Marks("".join(map(chr, kept.tolist())), origins[:, 0], origins[:, 1], advance, size, turn, typed)


def _by_matrix(handle: int, index: int, advance: float, size: float) -> tuple[float, float, int]:
    """Advance, height and turn of a character whose box does not tell them: turned, of a font for vertical writing, or without metrics."""
    held = (ctypes.c_float * 6)()
    if not _matrix(handle, index, ctypes.addressof(held)):
        return advance, size, 0
    a, b, c, d = held[:4]
    along, up = (a * a + b * b) ** 0.5, (c * c + d * d) ** 0.5
    em = float(_font_size(handle, index))
    turn = (0 if a > 0 else 2) if abs(a) >= abs(b) else (1 if b > 0 else 3)
    if turn == 0 and advance > 0.01 and 0.5 < size / (em * up or 1.0) < 2.5:
        return advance, size, 0  # just large or small
    code = int(_unicode(handle, index))
    return em * along * (1.0 if code >= _NOT_LATIN else 0.5), em * up, turn


def _on_page(chars: Marks, box: BBox, turns: int) -> Marks:
    """From the page's own coordinates to those of the page as it is read."""
    x, y = _turned(chars.x, chars.y, box, turns)
    turn = (chars.turn - turns) % 4 if turns else chars.turn
    return Marks(chars.text, x, y, chars.advance, chars.size, turn, chars.typed)


def _turned(x: Floats, y: Floats, box: BBox, turns: int) -> tuple[Floats, Floats]:
    left, bottom, right, top = box
    if turns == 0:
        return x - left, top - y
    if turns == 1:
        return y - bottom, x - left
    if turns == 2:
        return right - x, y - bottom
    return top - y, right - x


# --- drawing --------------------------------------------------------------------------------------------------------------


def _drawing(page: Any, box: BBox, turns: int) -> tuple[list[Rule], float, int]:
    """The straight lines of a page as it is read, the area that pictures cover, and the count of paths."""
    handle = ctypes.cast(page, _Pointer).value or 0
    pieces: list[Piece] = []
    area, drawn, seen = 0.0, 0, 0
    objects = list(map(_page_object, repeat(handle), range(max(0, pdfium.FPDFPage_CountObjects(page)))))
    waiting = [(objects, _IDENTITY, 0)]
    while waiting:
        objects, matrix, depth = waiting.pop()
        seen += len(objects)
        if seen > _OBJECTS:
            raise ReadError(Reason.TOO_LARGE, f"a page with more than {_OBJECTS} objects")
        kinds = np.fromiter(map(_object_type, objects), dtype=np.int8, count=len(objects))
        paths, pictures, forms = ([objects[i] for i in np.flatnonzero(kinds == kind).tolist()] for kind in (_PATH, _IMAGE, _FORM))
        drawn += len(paths)
        _add_paths(pieces, paths, matrix)
        for left, bottom, right, top in _moved(_boxes(pictures), matrix).tolist() if pictures else ():
            area += (right - left) * (top - bottom)
        if depth < _FORM_DEPTH:
            waiting += [(_inside(form), _product(_matrix_of(form), matrix), depth + 1) for form in forms]
    if not pieces:
        return [], area, drawn
    ends = np.array(pieces)
    x0, y0 = _turned(ends[:, 0], ends[:, 1], box, turns)
    x1, y1 = _turned(ends[:, 2], ends[:, 3], box, turns)
    return list(map(Rule, x0.tolist(), y0.tolist(), x1.tolist(), y1.tolist())), area, drawn


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
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _boxes(objects: list[int]) -> Floats:
    """Left, bottom, right and top of each object, in the coordinates of what holds it."""
    boxes = np.zeros((len(objects), 4), dtype=np.float32)
    at, n = boxes.ctypes.data, len(objects)
    _drain(map(_bounds, objects, *(range(at + k, at + k + 16 * n, 16) for k in (0, 4, 8, 12))))
    return boxes.astype(np.float64)


def _moved(boxes: Floats, matrix: Matrix) -> Floats:
    """Boxes through a matrix, as boxes again."""
    if matrix == _IDENTITY or not len(boxes):
        return boxes
    a, b, c, d, e, f = matrix
    x, y = boxes[:, [0, 2, 0, 2]], boxes[:, [1, 1, 3, 3]]
    u, v = a * x + c * y + e, b * x + d * y + f
    return np.stack([u.min(axis=1), v.min(axis=1), u.max(axis=1), v.max(axis=1)], axis=1)


def _add_paths(pieces: list[Piece], paths: list[int], matrix: Matrix) -> None:
    """The middle line of each thin path, and the straight pieces of the others if they are stroked."""
    if not paths:
        return
    boxes = _moved(_boxes(paths), matrix)
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    thin = np.minimum(wide, high) <= _THIN
    across = wide >= high
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    flat, upright = np.flatnonzero(thin & across), np.flatnonzero(thin & ~across)
    pieces += zip(boxes[flat, 0].tolist(), y[flat].tolist(), boxes[flat, 2].tolist(), y[flat].tolist(), strict=True)
    pieces += zip(x[upright].tolist(), boxes[upright, 1].tolist(), x[upright].tolist(), boxes[upright, 3].tolist(), strict=True)
    for i in np.flatnonzero(~thin).tolist():
        _add_segments(pieces, paths[i], matrix)


def _add_segments(pieces: list[Piece], path: int, matrix: Matrix) -> None:
    """A stroked path piece by piece; of a filled one the parts that are thin."""
    count = _count_segments(path)
    if not _draw_mode(path, _MODE_AT, _MODE_AT + 4) or not 2 <= count <= _SEGMENTS:
        return
    filled, stroked = _MODE
    if not stroked and count <= _QUAD:
        return  # one area that is not thin: shading
    for part in _parts(path, count, _product(_matrix_of(path), matrix)):
        if stroked:
            pieces += [(*one, *two) for one, two in pairwise(part) if one is not None and two is not None]
        elif filled:
            xs, ys = [p[0] for p in part if p], [p[1] for p in part if p]
            left, bottom, right, top = min(xs), min(ys), max(xs), max(ys)
            if min(right - left, top - bottom) <= _THIN:
                x, y = (left + right) / 2, (bottom + top) / 2
                pieces.append((left, y, right, y) if right - left >= top - bottom else (x, bottom, x, top))


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
