"""Scanned pages to a `Document`: picture files (PNG, JPEG, TIFF with any number of pages), and pages of a PDF that are pictures.

`read(data)` is the reader of picture files. `with_scans` makes the document of a page format in which some pages are pictures (`scan_pdf`
says which, and draws them). Both go through `pages.document_of`, as every page format does.

One page (`page_of`): made level (`scan_flat`), ruling lines found; the ink between them gives the cells (`extract.lattice`) and the lines of text
in each (`scan_text`); each line is read (`extract.ocr`), and each number a second time in another way (`scan_check`). A line becomes one mark
of a `Sheet`. What is blank is decided by ink.

Every cell of a scan has a confidence: the probability of its least certain character. Where two readings of a number differ, or a cell
shows ink that nobody can read, it is at most DISPUTED, below SURE, and the document has a remark "page N: readings disagree: …".
Raises ReadError READER_MISSING without the extra "scan"; what `scan_file` raises; TOO_LARGE.
Out of scope: tables without ruling lines, handwriting, stamps over figures. Boxes are those of the page made level.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from extract.document import BBox, Document, Grid, ReadError, Reason

try:
    import cv2
    import PIL  # noqa: F401  (a module below cannot do without)
except ImportError as error:
    raise ReadError(Reason.READER_MISSING, 'reading scans needs more packages: pip install "nianbao[scan]"') from error

from extract.lattice import tables
from extract.marks import Mark, Marks, marks_of
from extract.ocr import Picture, recogniser
from extract.readers.pages import Sheet, document_of
from extract.readers.scan_check import DISPUTED, SURE, checked, is_number
from extract.readers.scan_file import frames
from extract.readers.scan_flat import flattened, inked, ruled
from extract.readers.scan_text import Blobs, Strip, blobs_of, crop, strips

__all__ = ["DISPUTED", "SURE", "Scanned", "page_of", "read", "with_scans"]

READER: Final = "scan"

_EM: Final = 9.0  # points: how high a mark is taken to be where its ink does not tell
_POINTS: Final = 72.0
_CLEAR: Final = 0.85  # pages that stand upright were read with 0.94 and more, others with 0.74 and less


@dataclass(frozen=True)
class Scanned:
    """One page as others see it, and how sure each of its marks is."""

    sheet: Sheet
    confidence: tuple[float, ...]
    remarks: tuple[str, ...] = ()
    clear: float = 1.0  # how surely its words were read, on the average


def read(data: bytes) -> Document:
    """The pages of a picture file."""
    scanned: dict[int, Scanned] = {}

    def sheets() -> Iterator[Sheet]:
        for number, (picture, dpi) in enumerate(frames(data), start=1):
            scanned[number] = page_of(picture, number, dpi)
            yield scanned[number].sheet

    return graded(document_of(sheets(), READER), scanned)


def with_scans(sheets: Iterable[Sheet], scans: Container[int], picture: Callable[[int], tuple[Picture, float]], reader: str) -> Document:
    """The document of `sheets`, pages of the numbers `scans` read from their pictures. `picture(number)` gives one in grey with its dots per inch."""
    scanned: dict[int, Scanned] = {}

    def filled() -> Iterator[Sheet]:
        for sheet in sheets:
            if sheet.number in scans:
                grey, dpi = picture(sheet.number)
                scanned[sheet.number] = page_of(grey, sheet.number, dpi)
                yield scanned[sheet.number].sheet
            else:
                yield sheet

    document = graded(document_of(filled(), reader), scanned)
    return replace(document, reader=f"{reader}+{READER}") if scanned else document


def page_of(picture: Picture, number: int, dpi: float) -> Scanned:
    """One page from its picture in grey; one that cannot be read as it stands is tried on its head and on its sides.

    Raises MemoryError where the libraries say so in their own ways.
    """
    try:
        best = _page_of(picture, number, dpi)
        for turns in (2, 1, 3) if best.clear < _CLEAR else ():
            other = _page_of(np.ascontiguousarray(np.rot90(picture, turns)), number, dpi)
            best = max(best, other, key=lambda page: page.clear)
            if best.clear >= _CLEAR:
                break
        return best
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise MemoryError from error
        raise
    except RuntimeError as error:  # onnxruntime's errors are of this type
        if "alloc" in str(error).lower():
            raise MemoryError from error
        raise


def _page_of(picture: Picture, number: int, dpi: float) -> Scanned:
    scale = dpi / _POINTS
    flat = flattened(picture, scale)
    ink = inked(flat)
    lying, standing, rules = ruled(ink, scale)
    lines = (lying | standing).astype(np.uint8)
    around = cv2.dilate(lines, np.ones((3, 3), np.uint8)) > 0
    blobs = blobs_of(np.where(around, np.uint8(0), ink), scale)
    found, _ = tables(rules, _as_marks(blobs, scale), number)
    boxes = [_scaled(t.bbox, scale) for t in found]
    cells = [_scaled(c.bbox, scale) for t in found for c in t.grid.cells if c.bbox]
    words = strips(blobs, cells, boxes, scale)
    clear = np.where(around, np.uint8(255), flat)
    readings = recogniser().read([crop(clear, strip, scale) for strip in words])
    texts, confidence, disputed = checked(clear, scale, words, readings)
    marks = [_mark(strip, text, scale) for strip, text in zip(words, texts, strict=True)]
    remarks = tuple(f"page {number}: readings disagree: {d}" for d in disputed)
    height, width = flat.shape
    sheet = Sheet(number, width / scale, height / scale, marks_of(marks), rules, 0.0, 0, 0)
    weights = [0 if is_number(r) else len(strip.blobs) for r, strip in zip(readings, words, strict=True)]
    certain = sum(r.sure * w for r, w in zip(readings, weights, strict=True))
    return Scanned(sheet, tuple(confidence), remarks, certain / sum(weights) if any(weights) else 1.0)


def _scaled(box: BBox, scale: float) -> BBox:
    left, top, right, bottom = box
    return left * scale, top * scale, right * scale, bottom * scale


def _as_marks(blobs: Blobs, scale: float) -> Marks:
    """Blobs as marks of which only the middles count."""
    n = len(blobs)
    none = np.zeros(n, dtype=np.int64)
    y = (blobs.top + blobs.bottom) / 2 / scale + 0.35 * _EM
    return Marks("\ufffc" * n, blobs.left / scale, y, (blobs.right - blobs.left) / scale, np.full(n, _EM), none, none.astype(np.bool_))


def _mark(strip: Strip, text: str, scale: float) -> Mark:
    size = max(_EM * 0.7, (strip.bottom - strip.top) / scale)
    y = (strip.top + strip.bottom) / 2 / scale + 0.35 * size
    return Mark(text, strip.left / scale, y, (strip.right - strip.left) / scale, size)


# --- confidence -----------------------------------------------------------------------------------------------------------


def graded(document: Document, scanned: dict[int, Scanned]) -> Document:
    """The document with the confidence of the marks in its cells, and the remarks of its pages."""
    if not scanned:
        return document
    blocks = tuple(_graded(b, scanned[b.page]) if isinstance(b, Grid) and b.page in scanned else b for b in document.blocks)
    remarks = (*document.remarks, *(r for page in scanned.values() for r in page.remarks))
    return replace(document, blocks=blocks, remarks=remarks)


def _graded(grid: Grid, page: Scanned) -> Grid:
    x, y = page.sheet.marks.centres()
    sure = np.array(page.confidence)

    def of(box: BBox | None) -> float:
        if box is None:
            return 1.0
        inside = (x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])
        return float(sure[inside].min(initial=1.0))

    return replace(grid, cells=tuple(c._replace(confidence=round(min(c.confidence, of(c.bbox)), 3)) for c in grid.cells))
