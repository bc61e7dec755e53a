"""Scanned pages to a `Document`: picture files (PNG, JPEG, TIFF with any number of pages), and
pages of a PDF that are pictures.

`read(data)` is the reader of picture files. `with_scans` makes the document of a page format in
which some pages are pictures (`extract.pdf.scanned_pages` says which, and draws them). Both go
through `pages.build_document`, as every page format does.

One page (`page_of`): made level (`deskew`), ruling lines found; the ink between them gives the
cells (`extract.layout.ruled_tables`) and the lines of text in each (`text_regions`); each line is
read (`recognise`, by the model of `ocr_model`), and each number a second time in another way
(`verify_digits`). A line becomes one glyph of a `PageContent`. What is blank is decided by ink.

Every cell of a scan has a confidence: the probability of its least certain character. Where two
readings of a number differ, or a cell shows ink that nobody can read, it is at most DISPUTED, below
SURE, and the document has a remark "page N: readings disagree: …". Raises ReadError READER_MISSING
without the extra "scan"; what `image_file` raises; TOO_LARGE. Out of scope: tables without ruling
lines, handwriting, stamps over figures. Boxes are those of the page made level.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from extract.document import SURE, BBox, Document, Grid, ReadError, Reason
from extract.sandbox import allowance

try:
    import cv2
    import PIL  # noqa: F401  (a module below cannot do without)
except ImportError as error:
    raise ReadError(
        Reason.READER_MISSING, 'reading scans needs more packages: pip install "nianbao[scan]"'
    ) from error

from extract.layout.pages import PageContent, build_document
from extract.layout.ruled_tables import find_tables
from extract.layout.ruling_lines import RulingLine
from extract.layout.text_lines import Glyph, Glyphs, glyphs_from
from extract.scan.deskew import flattened, inked, ruled
from extract.scan.image_file import frames
from extract.scan.ocr_model import Picture
from extract.scan.recognise import FirstLook, first_readings, look_at_some
from extract.scan.text_regions import Blobs, Strip, blobs_of, strips
from extract.scan.verify_digits import DISPUTED, check_lines

__all__ = ["DISPUTED", "SURE", "Scanned", "page_of", "read", "with_scans"]

READER: Final = "scan"

_EM: Final = 9.0  # points: how high a mark is taken to be where its ink does not tell
_POINTS: Final = 72.0
# pages that stand upright are read with 0.87 and more, others with 0.63 and less
_CLEAR: Final = 0.75


@dataclass(frozen=True)
class Scanned:
    """One page as others see it, and how sure each of its glyphs is."""

    sheet: PageContent
    confidence: tuple[float, ...]
    remarks: tuple[str, ...] = ()


def read(data: bytes) -> Document:
    """The pages of a picture file."""
    scanned: dict[int, Scanned] = {}
    allowance.for_scan()

    def sheets() -> Iterator[PageContent]:
        for number, (picture, dpi) in enumerate(frames(data), start=1):
            scanned[number] = page_of(picture, dpi, number)
            yield scanned[number].sheet

    return graded(build_document(sheets(), READER), scanned)


def with_scans(
    sheets: Iterable[PageContent],
    scans: Container[int],
    picture: Callable[[int], tuple[Picture, float]],
    reader: str,
) -> Document:
    """The document of `sheets`, pages of the numbers `scans` read from their pictures.

    `picture(number)` gives one in grey with its dots per inch.
    """
    scanned: dict[int, Scanned] = {}
    allowance.for_scan()

    def filled() -> Iterator[PageContent]:
        for sheet in sheets:
            if sheet.number in scans:
                grey, dpi = picture(sheet.number)
                scanned[sheet.number] = page_of(grey, dpi, sheet.number)
                yield scanned[sheet.number].sheet
            else:
                yield sheet

    document = graded(build_document(filled(), reader), scanned)
    return replace(document, reader=f"{reader}+{READER}") if scanned else document


def page_of(picture: Picture, dpi: float, number: int, room: float = 1.0) -> Scanned:
    """One page from its picture in grey; one whose words cannot be read as it stands is tried on
    its head and on its sides.

    `room` widens what the recogniser sees around each line. Raises MemoryError where the libraries
    say so in their own ways.
    """
    try:
        best = _flat_of(picture, dpi, room)
        for turns in (2, 1, 3) if best.first_look.clear < _CLEAR else ():
            best = max(
                best,
                _flat_of(np.ascontiguousarray(np.rot90(picture, turns)), dpi, room),
                key=lambda flat: flat.first_look.clear,
            )
            if best.first_look.clear >= _CLEAR:
                break
        return _read(best, number, room)
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise MemoryError from error
        raise
    except RuntimeError as error:  # onnxruntime's errors are of this type
        if "alloc" in str(error).lower():
            raise MemoryError from error
        raise


def redrawn(picture: Picture, dpi: float, to: float) -> tuple[Picture, float]:
    """The picture with `to` dots an inch in place of `dpi`, and what these are now."""
    size = (max(1, round(picture.shape[1] * to / dpi)), max(1, round(picture.shape[0] * to / dpi)))
    return cv2.resize(
        picture, size, interpolation=cv2.INTER_CUBIC if to > dpi else cv2.INTER_AREA
    ).astype(np.uint8), to


@dataclass(frozen=True)
class _Flat:
    """A page made level, white where its ruling lines were; its lines of text, ruling lines, and a
    look at some of its words.
    """

    page: Picture
    scale: float
    rules: list[RulingLine]
    words: list[Strip]
    first_look: FirstLook


def _flat_of(picture: Picture, dpi: float, room: float) -> _Flat:
    scale = dpi / _POINTS
    flat = flattened(picture, scale)
    ink = inked(flat)
    lying, standing, rules = ruled(ink, scale)
    around = cv2.dilate(lying | standing, np.ones((3, 3), np.uint8)) > 0
    blobs = blobs_of(np.where(around, np.uint8(0), ink), scale)
    found, _ = find_tables(rules, _blobs_as_glyphs(blobs, scale))
    boxes = [_scaled(t.bbox, scale) for t in found]
    cells = [_scaled(c.bbox, scale) for t in found for c in t.grid.cells if c.bbox]
    words = strips(blobs, cells, boxes, scale)
    clear = np.where(around, np.uint8(255), flat)
    return _Flat(clear, scale, rules, words, look_at_some(clear, scale, words, room))


def _read(flat: _Flat, number: int, room: float) -> Scanned:
    page, scale, words = flat.page, flat.scale, flat.words
    lines, disputed = check_lines(
        page, scale, words, first_readings(page, scale, words, flat.first_look.readings, room)
    )
    glyphs = [_glyph(strip, line.text, scale) for strip, line in zip(words, lines, strict=True)]
    height, width = page.shape
    sheet = PageContent(
        number, width / scale, height / scale, glyphs_from(glyphs), flat.rules, 0.0, 0, 0
    )
    return Scanned(
        sheet,
        tuple(line.confidence for line in lines),
        tuple(f"page {number}: readings disagree: {d}" for d in disputed),
    )


def _scaled(box: BBox, scale: float) -> BBox:
    left, top, right, bottom = box
    return left * scale, top * scale, right * scale, bottom * scale


def _blobs_as_glyphs(blobs: Blobs, scale: float) -> Glyphs:
    """Blobs as glyphs of which only the middles count."""
    n = len(blobs)
    none = np.zeros(n, dtype=np.int64)
    y = (blobs.top + blobs.bottom) / 2 / scale + 0.35 * _EM
    return Glyphs(
        "\ufffc" * n,
        blobs.left / scale,
        y,
        (blobs.right - blobs.left) / scale,
        np.full(n, _EM),
        none,
        none.astype(np.bool_),
    )


def _glyph(strip: Strip, text: str, scale: float) -> Glyph:
    size = max(_EM * 0.7, (strip.bottom - strip.top) / scale)
    y = (strip.top + strip.bottom) / 2 / scale + 0.35 * size
    return Glyph(text, strip.left / scale, y, (strip.right - strip.left) / scale, size)


# --- confidence


def graded(document: Document, scanned: dict[int, Scanned]) -> Document:
    """The document with the confidence of the glyphs in its cells, and the remarks of its pages."""
    if not scanned:
        return document
    blocks = tuple(
        _graded(b, scanned[b.page]) if isinstance(b, Grid) and b.page in scanned else b
        for b in document.blocks
    )
    remarks = (*document.remarks, *(r for page in scanned.values() for r in page.remarks))
    return replace(document, blocks=blocks, remarks=remarks)


def _graded(grid: Grid, page: Scanned) -> Grid:
    x, y = page.sheet.glyphs.centres()
    sure = np.array(page.confidence)

    def of(box: BBox | None) -> float:
        if box is None:
            return 1.0
        inside = (x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])
        return float(sure[inside].min(initial=1.0))

    return replace(
        grid,
        cells=tuple(
            c._replace(confidence=round(min(c.confidence, of(c.bbox)), 3)) for c in grid.cells
        ),
    )
