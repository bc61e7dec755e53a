"""One PDF to its pages as glyphs and rules, through pdfium's plain C interface.

`pages(data)` gives for each page a `PageContent`: the characters with origin, advance and height,
and what is drawn on it (`extract.pdf.drawing`). All in points of the page as it is read: y down
from the top left, turned so that most of its text stands upright, whatever the page's own /Rotate
says; `placed` turns a box back to the page as it is shown.

Characters come without blanks: blank space is read from gaps (`extract.layout.text_lines`), but a
blank that was typed between two digits is noted. A character whose font does not say what it means
is U+FFFD, never what its code looks like; where a font makes accented letters stand among Chinese
characters, its digits are not believed either, nor those of a font that draws other digits than it
says (`extract.pdf.digit_shapes`).

Characters that nobody sees are left out (`extract.pdf.visible`).

Annotations and form fields: see `extract.pdf.annotations`. Raises ReadError: ENCRYPTED, DAMAGED,
TOO_LARGE.
"""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any, Final

import numpy as np
import pypdfium2.raw as pdfium

from extract import limits
from extract.document import BBox, ReadError, Reason
from extract.layout.pages import FEW_GLYPHS
from extract.layout.pages import PageContent as PageContent
from extract.layout.strikethrough import without_glyphs
from extract.layout.text_lines import Bools, Floats, Glyphs, Ints
from extract.pdf.annotations import merge_annotations
from extract.pdf.digit_shapes import draws_other_digits
from extract.pdf.drawing import PaintedLayer, read_drawing, read_layers
from extract.pdf.layers import find_layers_off
from extract.pdf.pdfium import (
    Int,
    Pointer,
    bind_function,
    call_all,
    turn_points,
    without_installed_fonts,
)
from extract.pdf.visible import find_unseen

_FONT_NAME: Final = 128  # bytes of a font's name that are looked at
_UNKNOWN: Final = 0xFFFD
# a box that is so much narrower than long draws nothing: pdfium gives blanks a box as well
_NO_INK_RATIO: Final = 0.02
_SMALL_PT: Final = 1.8  # a page whose type is usually smaller is drawn in small
_USUAL_PT: Final = 10.0
_SEAM_PT: Final = 0.02  # a character that ends nearer to where the next begins ends there
_SLANT: Final = 0.09  # rise of a line of text for its length: more is turned by no quarter
UNSEEN_REMARK: Final = "text that cannot be seen was left out"
BROKEN_REMARK: Final = "half a character stands in its text, which a sound file never has"
SLANTED_REMARK: Final = "slanted text, as of a watermark, was left out"
_NOT_LATIN: Final = 0x2E80  # codes from here on are no digits, whatever their font fails to say

_loose_box = bind_function("FPDFText_GetLooseCharBox", Pointer, Int, Pointer)
_origin = bind_function("FPDFText_GetCharOrigin", Pointer, Int, Pointer, Pointer)
_matrix = bind_function("FPDFText_GetMatrix", Pointer, Int, Pointer)
_font_size = bind_function("FPDFText_GetFontSize", Pointer, Int, result=ctypes.c_double)
_unicode = bind_function("FPDFText_GetUnicode", Pointer, Int, result=ctypes.c_uint)
_unmapped = bind_function("FPDFText_HasUnicodeMapError", Pointer, Int)
_char_box = bind_function("FPDFText_GetCharBox", Pointer, Int, *[Pointer] * 4)
_text_object = bind_function("FPDFText_GetTextObject", Pointer, Int, result=Pointer)
_object_font = bind_function("FPDFTextObj_GetFont", Pointer, result=Pointer)
_glyph_width = bind_function(
    "FPDFFont_GetGlyphWidth", Pointer, ctypes.c_uint, ctypes.c_float, Pointer
)
_generated = bind_function("FPDFText_IsGenerated", Pointer, Int)


def pages(data: bytes) -> Iterator[PageContent]:
    """The pages in order.

    Raises ReadError for a file that does not open, has no pages or too many, or a page that is
    broken.
    """
    with _document(data) as document:
        count = pdfium.FPDF_GetPageCount(document)
        if count <= 0:
            raise ReadError(Reason.DAMAGED, "a PDF without a page")
        if count > limits.PAGES:
            raise ReadError(Reason.TOO_LARGE, f"{count} pages, the limit is {limits.PAGES}")
        layers_off = find_layers_off(data)
        for index in range(count):
            yield _open_and_read(document, index, layers_off)


def count_attached_files(data: bytes) -> int:
    """How many files a PDF carries within it, as a portfolio does."""
    with _document(data) as document:
        return int(pdfium.FPDFDoc_GetAttachmentCount(document))


def _open_and_read(document: Any, index: int, layers_off: frozenset[str]) -> PageContent:
    with without_installed_fonts():
        with _page(document, index) as page:
            unread, is_changed = merge_annotations(page)
            if not is_changed:
                return _read_text_page(page, index, layers_off, unread)
        with _page(document, index) as page:
            return _read_text_page(page, index, layers_off, unread)


def _read_text_page(
    page: Any, index: int, layers_off: frozenset[str], unread: Sequence[BBox]
) -> PageContent:
    with _text(page, index) as text:
        return _read_page(page, text, index + 1, layers_off, unread)


@contextmanager
def _document(data: bytes) -> Iterator[Any]:
    # the name `data` keeps the bytes in place
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        raise _refusal(pdfium.FPDF_GetLastError())
    try:
        yield document
    finally:
        pdfium.FPDF_CloseDocument(document)


def _refusal(code: int) -> ReadError:
    if code == pdfium.FPDF_ERR_PASSWORD:
        return ReadError(
            Reason.ENCRYPTED, "the PDF opens with a password only; save it without one"
        )
    if code == pdfium.FPDF_ERR_SECURITY:
        return ReadError(Reason.ENCRYPTED, "the PDF is encrypted in a way that is not known")
    return ReadError(
        Reason.DAMAGED, "the file begins as a PDF and cannot be opened as one; fetch it again"
    )


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


def _read_page(
    page: Any, text: Any, number: int, layers_off: frozenset[str], unread: Sequence[BBox]
) -> PageContent:
    frame = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, frame):
        raise ReadError(Reason.DAMAGED, f"page {number} of the PDF has no size")
    box = (frame.left, frame.bottom, frame.right, frame.top)
    found = _characters(text)
    scale = _find_scale(found.glyphs)
    if scale != 1:
        found = replace(found, glyphs=_magnified(found.glyphs, scale))
        box, *unread = (_times(held, scale) for held in (box, *unread))
    layers = read_layers(page, scale)
    chars, remarks = _seen_characters(found, text, layers, box, layers_off)
    shown = pdfium.FPDFPage_GetRotation(page) % 4
    turns = np.bincount(chars.turn, minlength=4)
    read = int(turns.argmax()) if len(chars) else shown
    glyphs = _on_page(chars, box, read)
    drawing = read_drawing(layers, box, read, unread)
    wide, high = box[2] - box[0], box[3] - box[1]
    width, height = (high, wide) if read % 2 else (wide, high)
    covered = min(1.0, drawing.picture_area / (wide * high)) if wide * high > 0 else 0.0
    return PageContent(
        number,
        width,
        height,
        glyphs,
        drawing.rules,
        covered,
        drawing.drawn_paths,
        glyphs.text.count(chr(_UNKNOWN)),
        (read - shown) % 4,
        drawing.areas,
        remarks,
        drawing.pictures,
        damage=BROKEN_REMARK if BROKEN_REMARK in remarks else "",
        scale=scale,
    )


def _find_scale(glyphs: Glyphs) -> float:
    """How many times a page drawn in small must be enlarged, so that what is as near or as thin as
    on other pages counts as such; 1 for all others.
    """
    usual = float(np.median(glyphs.size)) if len(glyphs) else _USUAL_PT
    return _USUAL_PT / usual if 0 < usual < _SMALL_PT else 1.0


def _magnified(glyphs: Glyphs, scale: float) -> Glyphs:
    return replace(
        glyphs,
        x=glyphs.x * scale,
        y=glyphs.y * scale,
        advance=glyphs.advance * scale,
        size=glyphs.size * scale,
    )


def _times(box: BBox, scale: float) -> BBox:
    left, bottom, right, top = box
    return left * scale, bottom * scale, right * scale, top * scale


# --- characters


@dataclass(frozen=True, slots=True)
class _Characters:
    """The characters of a page that are no blanks, in its own coordinates (y up).

    `where` are their numbers in the text page; `slanted` those turned by no quarter.
    """

    glyphs: Glyphs
    where: Ints
    slanted: Bools
    is_broken: bool  # half a character of two units stands among them


def _seen_characters(
    found: _Characters,
    text: Any,
    layers: Sequence[PaintedLayer],
    box: BBox,
    layers_off: frozenset[str],
) -> tuple[Glyphs, tuple[str, ...]]:
    """The characters that a person sees and reads as text of the page, and remarks on others.

    Where hardly any others stand on the page, it is the page that is slanted.
    """
    unseen = find_unseen(layers, text, found.glyphs, found.where, box, layers_off)
    slanted = found.slanted & ~unseen
    if np.count_nonzero(~slanted & ~unseen) <= FEW_GLYPHS:
        slanted[:] = False
    remarks = (
        *((UNSEEN_REMARK,) if unseen.any() else ()),
        *((SLANTED_REMARK,) if slanted.any() else ()),
        *((BROKEN_REMARK,) if found.is_broken else ()),
    )
    gone = unseen | slanted
    return without_glyphs(found.glyphs, gone) if gone.any() else found.glyphs, remarks


def _codes(text: Any, handle: int) -> Ints:
    """The code of each character, from one call where each is one unit of UTF-16."""
    count = max(0, pdfium.FPDFText_CountChars(text))
    units = np.zeros(count + 1, dtype=np.uint16)
    taken = (
        pdfium.FPDFText_GetText(
            text, 0, count, units.ctypes.data_as(ctypes.POINTER(ctypes.c_ushort))
        )
        if count
        else 0
    )
    codes = units[:count].astype(np.int64)
    if taken != count + 1 or ((codes >= 0xD800) & (codes < 0xE000)).any() or not codes.all():
        codes = np.fromiter(
            map(_unicode, repeat(handle), range(count)), dtype=np.int64, count=count
        )
    return codes


def _characters(text: Any) -> _Characters:
    """The characters that are no blanks, in the order of the file, in the page's own coordinates (y
    up).
    """
    handle = ctypes.cast(text, Pointer).value or 0
    codes = _codes(text, handle)
    where, inked = _without_blanks(codes, handle)
    indices, n = where.tolist(), len(where)
    boxes, origins = np.empty((n, 4), dtype=np.float32), np.empty((n, 2))
    to_box, to_origin = boxes.ctypes.data, origins.ctypes.data
    call_all(map(_loose_box, repeat(handle), indices, range(to_box, to_box + 16 * n, 16)))
    call_all(
        map(
            _origin,
            repeat(handle),
            indices,
            range(to_origin, to_origin + 16 * n, 16),
            range(to_origin + 8, to_origin + 8 + 16 * n, 16),
        )
    )
    printed = codes[where]
    kept = _with_unknown(text, handle, printed, where, inked)
    advance = (boxes[:, 2] - boxes[:, 0]).astype(np.float64)
    size = (boxes[:, 1] - boxes[:, 3]).astype(np.float64)
    turn, slanted = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    widths = _FontWidths(handle)
    # the box is widened to the glyph's ink, be it the file's or that of a font in its place
    for i in _uncertain_advances(origins, advance).tolist():
        advance[i] = widths.advance(indices[i], int(printed[i]), float(advance[i]))
    # none in the box of an upright character, unless it is that of its ink
    bearing = np.abs(boxes[:, 0] - origins[:, 0])
    for i in np.flatnonzero(
        (advance <= 0.01) | (bearing > 0.02) | (size < 4) | (size > 40)
    ).tolist():
        advance[i], size[i], turn[i], slanted[i] = _by_matrix(
            handle, indices[i], advance[i] if bearing[i] <= 0.02 else 0.0, size[i]
        )
    typed = _typed_before(where, kept, handle)
    text_of = "".join(map(chr, kept.tolist()))
    glyphs = Glyphs(text_of, origins[:, 0], origins[:, 1], advance, size, turn, typed)
    is_broken = bool(((printed >= 0xD800) & (printed < 0xE000)).any())
    return _Characters(glyphs, where, slanted, is_broken)


def _without_blanks(codes: Ints, handle: int) -> tuple[Ints, Ints]:
    """The numbers of the characters that are no blanks, and those of them whose codes are blanks or
    control codes and whose glyphs have ink: their font does not say what they mean.
    """
    blank = (codes <= 0x20) | (codes == 0xA0) | (codes == 0x3000) | (codes == 0xFEFF)
    inked = np.array(
        [i for i in np.flatnonzero(blank).tolist() if _has_ink(handle, i)], dtype=np.int64
    )
    return np.sort(np.concatenate((np.flatnonzero(~blank), inked))), inked


def _has_ink(handle: int, index: int) -> bool:
    """Whether a character that pdfium did not add itself draws anything."""
    if _generated(handle, index) == 1:
        return False
    held = (ctypes.c_double * 4)()
    at = ctypes.addressof(held)
    if not _char_box(handle, index, at, at + 8, at + 16, at + 24):
        return False
    left, right, bottom, top = held
    wide, high = right - left, top - bottom
    return min(wide, high) > _NO_INK_RATIO * max(wide, high)


def _with_unknown(text: Any, handle: int, codes: Ints, where: Ints, inked: Ints) -> Ints:
    """The codes, those of characters whose font does not say what they mean as U+FFFD."""
    kept = codes.copy()
    kept[np.isin(where, inked)] = _UNKNOWN
    latin = np.flatnonzero(kept < _NOT_LATIN)
    unknown = (
        np.fromiter(
            map(_unmapped, repeat(handle), where[latin].tolist()), dtype=np.int64, count=len(latin)
        )
        == 1
    )
    kept[latin[unknown]] = _UNKNOWN
    kept[_misnamed(text, kept, where.tolist())] = _UNKNOWN
    kept[_drawn_as_others(handle, kept, where)] = _UNKNOWN
    kept[(kept >= 0xD800) & (kept < 0xE000)] = _UNKNOWN  # half of a pair, without its other half
    kept[(kept >= 0xE000) & (kept < 0xF900) | (kept > 0x10FFFF) | (kept == 0xFFFE)] = _UNKNOWN
    return kept


def _drawn_as_others(handle: int, codes: Ints, where: Ints) -> Ints:
    """The digits of fonts that draw other digits than they say."""
    digits = np.flatnonzero((codes >= 0x30) & (codes <= 0x39))
    fonts = [_object_font(_text_object(handle, i)) for i in where[digits].tolist()]
    false = {font for font in set(fonts) if font and draws_other_digits(font)}
    return digits[[font in false for font in fonts]] if false else digits[:0]


def _typed_before(where: Ints, codes: Ints, handle: int) -> Bools:
    """For each character whether it is a digit, and a blank was typed between it and the digit
    before.
    """
    typed = np.zeros(len(where), dtype=np.bool_)
    digit = (codes >= 0x30) & (codes <= 0x39)
    for i in (np.flatnonzero((np.diff(where) > 1) & digit[1:] & digit[:-1]) + 1).tolist():
        typed[i] = any(_generated(handle, k) != 1 for k in range(where[i - 1] + 1, where[i]))
    return typed


def _uncertain_advances(origins: Floats, advance: Floats) -> Ints:
    """The characters after which the next does not begin where they end."""
    if not len(advance):
        return np.zeros(0, dtype=np.int64)
    step = np.append(np.diff(origins[:, 0]), np.inf)
    rise = np.append(np.diff(origins[:, 1]), np.inf)
    found: Ints = np.flatnonzero((np.abs(step - advance) > _SEAM_PT) | (np.abs(rise) > _SEAM_PT))
    return found


class _FontWidths:
    """What the fonts of a page say of the widths of their characters."""

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self.known: dict[tuple[int, int], float] = {}

    def advance(self, index: int, code: int, widest: float) -> float:
        """The advance of a character in points by the widths in its font, at most `widest`; that
        itself where the font does not tell.
        """
        font = _object_font(_text_object(self.handle, index))
        if not font:
            return widest
        if (font, code) not in self.known:
            width = ctypes.c_float()
            found = _glyph_width(font, code, 1.0, ctypes.addressof(width))
            self.known[font, code] = width.value if found else 0.0
        held = (ctypes.c_float * 6)()
        if not _matrix(self.handle, index, ctypes.addressof(held)):
            return widest
        along = (held[0] ** 2 + held[1] ** 2) ** 0.5
        advance = self.known[font, code] * float(_font_size(self.handle, index)) * along
        return advance if 0.0 < advance < widest else widest


def _misnamed(text: Any, codes: Ints, indices: list[int]) -> Ints:
    """The characters, none of them Chinese, of fonts that make accented letters stand among Chinese
    characters.

    Some programs lose a part of what a font says of its characters; pdfium then takes their bytes
    for letters, signs and digits.
    """
    odd = np.flatnonzero((codes > 0xBF) & (codes < 0x250) & (codes != 0xD7) & (codes != 0xF7))
    if not len(odd):
        return odd
    chinese = np.concatenate(([False], codes >= _NOT_LATIN, [False]))
    odd = odd[chinese[odd] | chinese[odd + 2]]
    fonts = {_font(text, indices[i]) for i in odd.tolist()}
    return np.array(
        [
            i
            for i in np.flatnonzero(codes < _NOT_LATIN).tolist()
            if _font(text, indices[i]) in fonts
        ],
        dtype=np.int64,
    )


def _font(text: Any, index: int) -> bytes:
    """The name of a character's font; none for glyphs that are drawn (Type 3)."""
    held, flags = ctypes.create_string_buffer(_FONT_NAME), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(text, index, held, _FONT_NAME, flags)
    return held.value


def _by_matrix(
    handle: int, index: int, advance: float, size: float
) -> tuple[float, float, int, bool]:
    """Advance, height and turn of a character whose box does not tell them: turned, of a font for
    vertical writing, or without metrics; also whether it is turned by no quarter.
    """
    held = (ctypes.c_float * 6)()
    if not _matrix(handle, index, ctypes.addressof(held)):
        return advance, size, 0, False
    a, b, c, d = held[:4]
    along, up = (a * a + b * b) ** 0.5, (c * c + d * d) ** 0.5
    em = float(_font_size(handle, index))
    turn = (0 if a > 0 else 2) if abs(a) >= abs(b) else (1 if b > 0 else 3)
    slanted = min(abs(a), abs(b)) > _SLANT * max(abs(a), abs(b))
    if turn == 0 and advance > 0.01 and 0.5 < size / (em * up or 1.0) < 2.5:
        return advance, size, 0, slanted  # just large or small
    code = int(_unicode(handle, index))
    return em * along * (1.0 if code >= _NOT_LATIN else 0.5), em * up, turn, slanted


def _on_page(chars: Glyphs, box: BBox, turns: int) -> Glyphs:
    """From the page's own coordinates to those of the page as it is read."""
    x, y = turn_points(chars.x, chars.y, box, turns)
    turn = (chars.turn - turns) % 4 if turns else chars.turn
    return Glyphs(chars.text, x, y, chars.advance, chars.size, turn, chars.typed)
