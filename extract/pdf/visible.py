"""Which characters of a PDF page a person who looks at it does not see.

`find_unseen(layers, text, chars, where, page)` takes the objects of a page as they are painted
(`extract.pdf.drawing`) and its characters in the page's own coordinates; gives a mask over the
characters. Not seen is what

- is drawn in render mode 3 or 7, or wholly transparent,
- has the colour of what lies behind it: of the page, which is white, or of a filled rectangle,
- lies under an opaque filled rectangle that is painted later,
- is cut away by a clipping path, or lies outside of the page,
- is lower than a point on a page of larger type,
- stands on a layer that is off.

What cannot be told counts as seen: pictures over and behind text, patterns, shapes that are no
rectangles, layers of whole forms.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

import numpy as np
import pypdfium2.raw as pdfium

from extract.document import BBox
from extract.layout.text_lines import Bools, Floats, Glyphs, Ints
from extract.pdf.clipped_frames import is_cut_out
from extract.pdf.drawing import PaintedLayer, boxes_of, is_rectangle, moved_boxes
from extract.pdf.pdfium import Int, Pointer, bind_function, call_all

_TEXT, _PATH, _IMAGE = (
    pdfium.FPDF_PAGEOBJ_TEXT,
    pdfium.FPDF_PAGEOBJ_PATH,
    pdfium.FPDF_PAGEOBJ_IMAGE,
)
_INVISIBLE_MODES: Final = (3, 7)  # text that is not drawn, and text that only clips
_FILL_MODE: Final = 0  # nothing but the fill of the characters shows
_LEAST_PT: Final = 1.0  # type lower than this is not seen
_LEAST_SHARE: Final = 0.25  # of the height of most of the page's type: no drawing in small
_SAME_COLOUR: Final = 6  # of 255: what differs less is not told apart
_WHITE: Final = 255
_OPAQUE: Final = 250  # of 255
_THIN_PT: Final = 3.5  # a path no thicker is a line and covers nothing
_CLIP_SLACK_PT: Final = 1.0
_NO_COLOUR: Final = -1_000  # of a pattern, or of what is partly transparent
_NAME_BYTES: Final = 256
_AT_ONCE: Final = 1_000_000  # pairs of a character and an area that are compared at once

_render_mode = bind_function("FPDFTextObj_GetTextRenderMode", Pointer)
_fill_colour = bind_function(
    "FPDFPageObj_GetFillColor", Pointer, Pointer, Pointer, Pointer, Pointer
)
_is_transparent = bind_function("FPDFPageObj_HasTransparency", Pointer)
_clip_path = bind_function("FPDFPageObj_GetClipPath", Pointer, result=Pointer)
_count_clips = bind_function("FPDFClipPath_CountPaths", Pointer)
_count_clip_points = bind_function("FPDFClipPath_CountPathSegments", Pointer, Int)
_clip_segment = bind_function("FPDFClipPath_GetPathSegment", Pointer, Int, Int, result=Pointer)
_segment_point = bind_function("FPDFPathSegment_GetPoint", Pointer, Pointer, Pointer)
_text_object = bind_function("FPDFText_GetTextObject", Pointer, Int, result=Pointer)


@dataclass(frozen=True, slots=True)
class _Texts:
    """The text objects of a page in the order of their painting; `order` counts all objects.

    `colour` has red, green, blue and alpha of each, `layer` the number of its layer.
    """

    handles: list[int]
    order: Ints
    mode: Ints
    colour: Ints
    layer: Ints


@dataclass(frozen=True, slots=True)
class _Fills:
    """What is painted over an area, in order: boxes, and the colour of opaque paths, else
    `_NO_COLOUR`.
    """

    handles: list[int]
    boxes: Floats
    order: Ints
    colour: Ints


class _PlainColours:
    """The colours of those areas that are plain opaque rectangles, each looked at once."""

    def __init__(self, fills: _Fills) -> None:
        self.fills = fills
        self.known: dict[int, Ints] = {}

    def of(self, k: int) -> Ints:
        """Red, green and blue; `_NO_COLOUR` for what is no plain opaque rectangle."""
        if k not in self.known:
            path, colour = self.fills.handles[k], self.fills.colour[k]
            is_plain = colour[0] != _NO_COLOUR and is_rectangle(path) and not _is_transparent(path)
            is_plain = is_plain and not is_cut_out(path)
            self.known[k] = colour if is_plain else np.full(3, _NO_COLOUR)
        return self.known[k]


def find_unseen(
    layers: Sequence[PaintedLayer],
    text: Any,
    chars: Glyphs,
    where: Ints,
    page: BBox,
    layers_off: frozenset[str] = frozenset(),
) -> Bools:
    """True for each character that is not seen; `where` are their numbers in the text page `text`,
    `layers_off` the names of the optional layers that are off.
    """
    cx, cy = chars.x + chars.advance / 2, chars.y + 0.35 * chars.size
    left, bottom, right, top = page
    unseen: Bools = (cx < left) | (cx > right) | (cy < bottom) | (cy > top)
    unseen &= chars.turn == 0
    low = chars.size < _LEAST_PT
    if low.any():
        unseen |= low & (chars.size < _LEAST_SHARE * float(np.median(chars.size)))
    texts = _read_texts(layers)
    if not texts.handles:
        return unseen
    never, clipping = _INVISIBLE_MODES
    gone = (texts.mode == never) | (texts.mode == clipping)
    gone |= (texts.mode == _FILL_MODE) & (texts.colour[:, 3] == 0)
    if layers_off:
        gone |= np.array([_is_on_layer(handle, layers_off) for handle in texts.handles])
    clips = _clips_that_cut(layers, texts)
    fills = _read_fills(layers)
    perhaps_hidden = gone | _may_be_covered(layers, texts, fills)
    perhaps_hidden[list(clips)] = True
    if not perhaps_hidden.any():
        return unseen
    owner = _owners(text, texts, where)
    met = np.flatnonzero((owner >= 0) & perhaps_hidden[owner])
    unseen[met] |= gone[owner[met]] | _is_hidden(fills, texts, owner[met], cx[met], cy[met])
    for i in met.tolist() if clips else ():
        unseen[i] |= _is_cut(clips.get(int(owner[i])), float(cx[i]), float(cy[i]))
    return unseen


def _owners(text: Any, texts: _Texts, where: Ints) -> Ints:
    """The number of the text object of each character, -1 for none."""
    handle = ctypes.cast(text, Pointer).value or 0
    number = {h: n for n, h in enumerate(texts.handles)}
    return np.array(
        [number.get(_text_object(handle, i), -1) for i in where.tolist()], dtype=np.int64
    )


def _read_texts(layers: Sequence[PaintedLayer]) -> _Texts:
    handles: list[int] = []
    order: list[int] = []
    layer: list[int] = []
    start = 0
    for number, painted in enumerate(layers):
        places = np.flatnonzero(painted.kinds == _TEXT).tolist()
        handles += [painted.objects[i] for i in places]
        order += [start + i for i in places]
        layer += [number] * len(places)
        start += len(painted.objects)
    mode = np.fromiter(map(_render_mode, handles), dtype=np.int64, count=len(handles))
    return _Texts(handles, np.array(order), mode, _read_colours(handles), np.array(layer))


def _read_colours(handles: Sequence[int]) -> Ints:
    """Red, green, blue and alpha of the fill of each object; `_NO_COLOUR` where it has none."""
    held = np.full((len(handles), 4), 0xFFFFFFFF, dtype=np.uint32)
    at, end = held.ctypes.data, held.ctypes.data + 16 * len(handles)
    call_all(map(_fill_colour, handles, *(range(at + k, end + k, 16) for k in (0, 4, 8, 12))))
    colours = held.astype(np.int64)
    colours[colours > _WHITE] = _NO_COLOUR
    return colours


def _read_fills(layers: Sequence[PaintedLayer]) -> _Fills:
    """The areas and pictures of a page."""
    boxes, order = [np.empty((0, 4))], [np.empty(0, dtype=np.int64)]
    handles: list[int] = []
    is_path: list[bool] = []
    start = 0
    for painted in layers:
        places = np.flatnonzero((painted.kinds == _PATH) | (painted.kinds == _IMAGE))
        if len(places):
            found = [painted.objects[i] for i in places.tolist()]
            moved = moved_boxes(boxes_of(found), painted.matrix)
            wide, high = moved[:, 2] - moved[:, 0], moved[:, 3] - moved[:, 1]
            thick = np.flatnonzero(np.minimum(wide, high) > _THIN_PT)
            handles += [found[n] for n in thick.tolist()]
            is_path += (painted.kinds[places[thick]] == _PATH).tolist()
            boxes.append(moved[thick])
            order.append(start + places[thick])
        start += len(painted.objects)
    colours = _read_colours(handles)
    colours[~np.array(is_path, dtype=np.bool_) | (colours[:, 3] < _OPAQUE)] = _NO_COLOUR
    return _Fills(handles, np.concatenate(boxes), np.concatenate(order), colours[:, :3])


def _may_be_covered(layers: Sequence[PaintedLayer], texts: _Texts, fills: _Fills) -> Bools:
    """The texts over which something is painted later, or that may have the colour of what lies
    behind them.
    """
    white: Bools = np.asarray((texts.colour[:, :3] > _WHITE - _SAME_COLOUR).all(axis=1))
    if not len(fills.order):
        return white
    known = set(map(tuple, fills.colour[fills.colour[:, 0] != _NO_COLOUR].tolist()))
    alike = np.zeros(len(texts.handles), dtype=np.bool_)
    for one in known:
        alike |= (np.abs(texts.colour[:, :3] - np.array(one)) < _SAME_COLOUR).all(axis=1)
    later = np.zeros(len(texts.handles), dtype=np.bool_)
    before = np.flatnonzero(texts.order < fills.order.max())
    covers = (fills.colour[:, 0] != _NO_COLOUR) & (fills.order > texts.order.min())
    if len(before) and covers.any():
        boxes = _boxes_on_page(layers, texts, before)
        over, order = fills.boxes[covers], fills.order[covers]
        meets = (
            (boxes[:, None, 0] < over[:, 2])
            & (over[:, 0] < boxes[:, None, 2])
            & (boxes[:, None, 1] < over[:, 3])
            & (over[:, 1] < boxes[:, None, 3])
            & (texts.order[before][:, None] < order)
        )
        later[before] = meets.any(axis=1)
    found: Bools = white | alike | later
    return found


def _boxes_on_page(layers: Sequence[PaintedLayer], texts: _Texts, numbers: Ints) -> Floats:
    boxes = boxes_of([texts.handles[n] for n in numbers.tolist()])
    for layer in np.unique(texts.layer[numbers]).tolist():
        of_layer = texts.layer[numbers] == layer
        boxes[of_layer] = moved_boxes(boxes[of_layer], layers[layer].matrix)
    return boxes


def _is_hidden(fills: _Fills, texts: _Texts, owner: Ints, x: Floats, y: Floats) -> Bools:
    """Whether the middles of characters, of the texts `owner`, lie under a rectangle, or show
    nothing on what lies behind them.
    """
    hidden = np.zeros(len(owner), dtype=np.bool_)
    plain = _PlainColours(fills)
    step = max(1, _AT_ONCE // max(1, len(fills.handles)))
    for start in range(0, len(owner), step):
        part = slice(start, start + step)
        hidden[part] = _is_part_hidden(plain, texts, owner[part], x[part], y[part])
    return hidden


def _is_part_hidden(
    plain: "_PlainColours", texts: _Texts, owner: Ints, x: Floats, y: Floats
) -> Bools:
    fills = plain.fills
    left, bottom, right, top = fills.boxes.T
    at_x, at_y = x[:, None], y[:, None]
    there = (left <= at_x) & (at_x <= right) & (bottom <= at_y) & (at_y <= top)
    later = fills.order > texts.order[owner][:, None]
    over = there & later & (fills.colour[:, 0] != _NO_COLOUR)
    for k in np.flatnonzero(over.any(axis=0)).tolist():
        over[:, k] &= plain.of(k)[0] != _NO_COLOUR
    behind = there & ~later
    behind_colour = np.full((len(owner), 3), _WHITE)
    has_behind = np.flatnonzero(behind.any(axis=1))
    for i in has_behind.tolist():
        behind_colour[i] = plain.of(int(np.flatnonzero(behind[i])[-1]))
    alike = (np.abs(texts.colour[owner, :3] - behind_colour) < _SAME_COLOUR).all(axis=1)
    alike &= (behind_colour[:, 0] != _NO_COLOUR) & (texts.mode[owner] == _FILL_MODE)
    found: Bools = over.any(axis=1) | alike
    return found


# --- clipping


def _clips_that_cut(layers: Sequence[PaintedLayer], texts: _Texts) -> dict[int, BBox]:
    """By the number of a text the box, on the page, of the clipping path that cuts a part of it."""
    paths = list(map(_clip_path, texts.handles))
    counts = np.fromiter(map(_count_clips, paths), dtype=np.int64, count=len(paths))
    clipped = np.flatnonzero(counts > 0)
    if not len(clipped):
        return {}
    boxes = _boxes_on_page(layers, texts, clipped)
    found = {}
    for n, box in zip(clipped.tolist(), boxes.tolist(), strict=True):
        clip = _clip_box(paths[n], int(counts[n]))
        if clip is None:
            continue
        left, bottom, right, top = moved_boxes(
            np.array([clip]), layers[int(texts.layer[n])].matrix
        )[0].tolist()
        if left > box[0] or bottom > box[1] or right < box[2] or top < box[3]:
            found[n] = (left, bottom, right, top)
    return found


def _clip_box(path: int, count: int) -> BBox | None:
    """The box that the clipping paths have in common."""
    boxes = np.array([box for k in range(count) if (box := _path_box(path, k)) is not None])
    if not len(boxes):
        return None
    left, bottom = boxes[:, :2].max(axis=0).tolist()
    right, top = boxes[:, 2:].min(axis=0).tolist()
    return left, bottom, right, top


def _path_box(path: int, k: int) -> BBox | None:
    held = (ctypes.c_float * 2)()
    at = ctypes.addressof(held)
    points = []
    for i in range(max(0, _count_clip_points(path, k))):
        if _segment_point(_clip_segment(path, k, i), at, at + 4):
            points.append(tuple(held))
    if not points:
        return None
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _is_cut(clip: BBox | None, x: float, y: float) -> bool:
    if clip is None:
        return False
    left, bottom, right, top = clip
    slack = _CLIP_SLACK_PT
    return not (left - slack <= x <= right + slack and bottom - slack <= y <= top + slack)


# --- layers


def _is_on_layer(handle: int, names: frozenset[str]) -> bool:
    """Whether a text object is marked as of one of these layers."""
    return any(
        _mark_name(mark) == "OC" and _mark_text(mark, b"Name") in names for mark in _marks(handle)
    )


def _marks(handle: int) -> Iterator[Any]:
    page_object = ctypes.cast(handle, pdfium.FPDF_PAGEOBJECT)
    count = max(0, pdfium.FPDFPageObj_CountMarks(page_object))
    return map(pdfium.FPDFPageObj_GetMark, repeat(page_object), range(count))


def _mark_name(mark: Any) -> str:
    held, size = (ctypes.c_ushort * _NAME_BYTES)(), ctypes.c_ulong()
    pdfium.FPDFPageObjMark_GetName(mark, held, 2 * _NAME_BYTES, size)
    return bytes(held)[: max(0, size.value - 2)].decode("utf-16-le", "replace")


def _mark_text(mark: Any, key: bytes) -> str:
    held, size = (ctypes.c_ushort * _NAME_BYTES)(), ctypes.c_ulong()
    if not pdfium.FPDFPageObjMark_GetParamStringValue(mark, key, held, 2 * _NAME_BYTES, size):
        return ""
    return bytes(held)[: max(0, size.value - 2)].decode("utf-16-le", "replace")
