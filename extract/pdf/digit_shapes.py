"""Whether the digits of a font look like what the font says that they are.

What is copied from a PDF is what a font's map says, what is seen is what the font draws; a damaged
or forged map exchanges figures without a trace. `draws_other_digits(font)` takes a font of pdfium,
draws each of its digits once as a small raster, and compares them with each other and with the
digits of pdfium's own fonts: where two digits each look like the other, and clearly less like
themselves, the font contradicts its map. The digits of 57 fonts, upright and slanted, with and
without serifs, are far from that. What a font draws without an outline (Type 3) is not judged.
"""

import ctypes
from collections.abc import Sequence
from functools import cache
from itertools import combinations
from typing import Any, Final

import numpy as np
import pypdfium2.raw as pdfium

from extract.layout.text_lines import Floats
from extract.pdf.pdfium import Int, Pointer, bind_function

_DIGITS: Final = "0123456789"
_SIDE: Final = 20  # cells of a raster in each direction
_SIZE: Final = 100.0  # in which glyphs are drawn
_CURVE: Final = np.linspace(0.0, 1.0, 5)[1:, None]  # where a curve is cut into straight pieces
_WIDTH_WEIGHT: Final = 2.5  # of how wide a digit is for its height, beside its raster
_WIDEST: Final = 1.5
# by how much two digits must look more like each other: no sound font reaches 0.2
_CLEARLY: Final = 1.0
_OWN_FONTS: Final = (b"Helvetica", b"Helvetica-Bold", b"Times-Roman", b"Times-Italic", b"Courier")

_glyph_path = bind_function(
    "FPDFFont_GetGlyphPath", Pointer, ctypes.c_uint, ctypes.c_float, result=Pointer
)
_count_segments = bind_function("FPDFGlyphPath_CountGlyphSegments", Pointer)
_glyph_segment = bind_function("FPDFGlyphPath_GetGlyphPathSegment", Pointer, Int, result=Pointer)
_segment_point = bind_function("FPDFPathSegment_GetPoint", Pointer, Pointer, Pointer)
_segment_type = bind_function("FPDFPathSegment_GetType", Pointer)
_is_embedded = bind_function("FPDFFont_GetIsEmbedded", Pointer)

_Segment = tuple[int, float, float]  # its kind, and where it ends
_Outline = tuple[_Segment, ...]

# a font comes again on each page: what was found out of it, by a sample of its outlines
_SAMPLED: Final = 3
_MOST_JUDGED: Final = 256
_JUDGED: Final[dict[tuple[_Outline, ...], bool]] = {}


def draws_other_digits(font: int) -> bool:
    """Whether two digits of the font at least are each drawn as the other."""
    if _is_embedded(font) != 1:
        return False
    paths = [_glyph_path(font, ord(digit), _SIZE) for digit in _DIGITS]
    key = tuple(_outline(path, _SAMPLED) for path in paths)
    if key not in _JUDGED:
        if len(_JUDGED) >= _MOST_JUDGED:
            _JUDGED.clear()
        _JUDGED[key] = _are_exchanged([_outline(path) for path in paths])
    return _JUDGED[key]


def _outline(path: int | None, parts: int = 0) -> _Outline:
    """What is drawn for a digit; nothing where the font has none. With `parts` only so many of its
    pieces, and how many there are: enough to know it again.
    """
    if not path:
        return ()
    count = max(0, _count_segments(path))
    held = (ctypes.c_float * 2)()
    at = ctypes.addressof(held)
    segments: list[_Segment] = [(count, 0.0, 0.0)] if parts else []
    for i in range(0, count, max(1, count // parts) if parts else 1):
        segment = _glyph_segment(path, i)
        if _segment_point(segment, at, at + 4):
            segments.append((_segment_type(segment), held[0], held[1]))
    return tuple(segments)


def _are_exchanged(outlines: Sequence[_Outline]) -> bool:
    """By the outlines of the ten digits."""
    shapes = {digit: _shape(outline) for digit, outline in enumerate(outlines)}
    drawn = {digit: shape for digit, shape in shapes.items() if shape is not None}
    if len(drawn) < 2:
        return False
    own = _own_digits()
    unlike = {
        (one, other): float(np.linalg.norm(own[other] - shape, axis=1).min())
        for one, shape in drawn.items()
        for other in range(len(_DIGITS))
    }
    return any(
        unlike[a, a] + unlike[b, b] - unlike[a, b] - unlike[b, a] > _CLEARLY
        for a, b in combinations(drawn, 2)
    )


@cache
def _own_digits() -> tuple[Floats, ...]:
    """The shapes of each digit in pdfium's own fonts."""
    document = pdfium.FPDF_CreateNewDocument()
    try:
        fonts = [pdfium.FPDFText_LoadStandardFont(document, name) for name in _OWN_FONTS]
        handles = [ctypes.cast(font, Pointer).value or 0 for font in fonts]
        shapes = [
            [_shape(_outline(_glyph_path(font, ord(digit), _SIZE))) for font in handles]
            for digit in _DIGITS
        ]
        for font in fonts:
            pdfium.FPDFFont_Close(font)
    finally:
        pdfium.FPDF_CloseDocument(document)
    return tuple(np.array([shape for shape in held if shape is not None]) for held in shapes)


# --- an outline as a small raster


def _shape(outline: _Outline) -> Floats | None:
    """The ink of a glyph over its box, blurred, and how wide it is for its height."""
    contours = _contours(outline)
    if not contours:
        return None
    low = np.min([c.min(axis=0) for c in contours], axis=0)
    size = np.max([c.max(axis=0) for c in contours], axis=0) - low
    if size.min() <= 0:
        return None
    middles = (np.arange(_SIDE) + 0.5) / _SIDE
    x, y = (axis.ravel() for axis in np.meshgrid(middles, middles))
    inked = sum(_winding((c - low) / size, x, y) for c in contours) != 0
    padded = np.pad(np.asarray(inked, dtype=np.float64).reshape(_SIDE, _SIDE), 1)
    blurred: Any = sum(padded[i : i + _SIDE, j : j + _SIDE] for i in range(3) for j in range(3))
    wide = _WIDTH_WEIGHT * min(_WIDEST, float(size[0] / size[1]))
    return np.append(blurred.ravel() / 9, wide)


def _contours(outline: _Outline) -> list[Floats]:
    """Closed lines of straight pieces."""
    found: list[list[Floats]] = []
    control: list[Floats] = []
    for kind, x, y in outline:
        point = np.array([x, y], dtype=np.float64)
        if kind == pdfium.FPDF_SEGMENT_MOVETO or not found:
            found.append([point])
            control = []
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            found[-1].append(point)
        else:
            control.append(point)
            if len(control) == 3:
                found[-1] += list(_curve(found[-1][-1], *control))
                control = []
    return [np.array(points) for points in found if len(points) > 2]


def _curve(start: Floats, one: Floats, two: Floats, end: Floats) -> Floats:
    rest = 1 - _CURVE
    found: Floats = (
        rest**3 * start + 3 * rest**2 * _CURVE * one + 3 * rest * _CURVE**2 * two + _CURVE**3 * end
    )
    return found


def _winding(contour: Floats, x: Floats, y: Floats) -> Any:
    """How often a closed line goes around each point."""
    one, two = contour[:, None, :], np.roll(contour, -1, axis=0)[:, None, :]
    up = (one[..., 1] <= y) & (two[..., 1] > y)
    down = (one[..., 1] > y) & (two[..., 1] <= y)
    side = (two[..., 0] - one[..., 0]) * (y - one[..., 1]) - (x - one[..., 0]) * (
        two[..., 1] - one[..., 1]
    )
    return (up & (side > 0)).sum(axis=0) - (down & (side < 0)).sum(axis=0)
