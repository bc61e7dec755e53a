"""Scanned pages to a `Document`: picture files (PNG, JPEG, TIFF with any number of pages), and pages of a PDF that are pictures.

`read(data)` is the reader of picture files. `with_scans(sheets, picture, reader)` makes the document of a page format in which pages without text
are drawn as pictures and read here. Both go through `pages.document_of`, as every page format does.

One page (`page_of`): made level (`scan_flat`), ruling lines found; the ink between them gives the cells (`extract.lattice`) and the lines of text
in each (`scan_text`); each line is read (`extract.ocr`), and each number a second time in another way (`scan_check`). A line becomes one mark
of a `Sheet`. What is blank is decided by ink.

Every cell of a scan has a confidence: the probability of its least certain character. Where two readings of a number differ, or a cell
shows ink that nobody can read, it is at most DISPUTED, below SURE, and the document has a remark "page N: readings disagree: …".
Raises ReadError READER_MISSING without the extra "scan"; what `scan_file` raises; TOO_LARGE.
Out of scope: tables without ruling lines, handwriting, stamps over figures. Boxes are those of the page made level.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from extract.document import BBox, Document, Grid, ReadError, Reason

try:
    import cv2  # noqa: F401  (the modules below cannot do without)
    import PIL  # noqa: F401
except ImportError as error:
    raise ReadError(Reason.READER_MISSING, 'reading scans needs more packages: pip install "nianbao[scan]"') from error

from extract.lattice import tables
from extract.marks import Mark, Marks, marks_of
from extract.ocr import Picture, recogniser
from extract.readers.pages import Sheet, document_of
from extract.readers.scan_check import DISPUTED, SURE, checked
from extract.readers.scan_file import frames
from extract.readers.scan_flat import flattened, inked, ruled
from extract.readers.scan_text import Blobs, Strip, blobs_of, crop, strips

__all__ = ["DISPUTED", "SURE", "Scanned", "is_scan", "page_of", "read", "with_scans"]

READER: Final = "scan"

_COVERED: Final = 0.3  # of a page: one without text that pictures cover so far is a scan
_WHOLE: Final = 0.8  # of a page: pictures cover it, and text without any ruling line is what a scanner's own reading left
_FEW: Final = 20  # characters that a stamp or a page mark may leave
_EM: Final = 9.0  # points: how high a mark is taken to be where its ink does not tell
_POINTS: Final = 72.0


@dataclass(frozen=True)
class Scanned:
    """One page as others see it, and how sure each of its marks is."""

    sheet: Sheet
    confidence: tuple[float, ...]
    remarks: tuple[str, ...] = ()


def read(data: bytes) -> Document:
    """The pages of a picture file."""
    scanned: dict[int, Scanned] = {}

    def sheets() -> Iterator[Sheet]:
        for number, (picture, dpi) in enumerate(frames(data), start=1):
            scanned[number] = page_of(picture, number, dpi)
            yield scanned[number].sheet

    return graded(document_of(sheets(), READER), scanned)


def with_scans(sheets: Iterable[Sheet], picture: Callable[[int], tuple[Picture, float]], reader: str) -> Document:
    """The document of `sheets`; those that are scans are replaced. `picture(number)` gives the page in grey with its dots per inch."""
    scanned: dict[int, Scanned] = {}

    def filled() -> Iterator[Sheet]:
        for sheet in sheets:
            if is_scan(sheet):
                scanned[sheet.number] = page_of(*_swap(picture(sheet.number), sheet.number))
                yield scanned[sheet.number].sheet
            else:
                yield sheet

    document = graded(document_of(filled(), reader), scanned)
    return replace(document, reader=f"{reader}+{READER}") if scanned else document


def _swap(found: tuple[Picture, float], number: int) -> tuple[Picture, int, float]:
    return found[0], number, found[1]


def is_scan(sheet: Sheet) -> bool:
    """Whether the page is a picture of a page."""
    return (len(sheet.marks) <= _FEW and sheet.pictures > _COVERED) or (sheet.pictures > _WHOLE and not sheet.rules)


def page_of(picture: Picture, number: int, dpi: float) -> Scanned:
    """One page from its picture in grey."""
    scale = dpi / _POINTS
    flat = flattened(picture, scale)
    ink = inked(flat)
    lying, standing, rules = ruled(ink, scale)
    lines = (lying | standing).astype(np.uint8)
    around = cv2.dilate(lines, np.ones((3, 3), np.uint8))
    blobs = blobs_of((ink & (1 - around)).astype(np.uint8), scale)
    found, _ = tables(rules, _as_marks(blobs, scale), number)
    boxes = [_scaled(t.bbox, scale) for t in found]
    cells = [_scaled(c.bbox, scale) for t in found for c in t.grid.cells if c.bbox]
    words, specks = strips(blobs, cells, boxes, scale)
    clear = np.where(around > 0, np.uint8(255), flat)
    readings = recogniser().read([crop(clear, strip, scale) for strip in words])
    texts, confidence, disputed = checked(clear, scale, words, readings)
    marks = [_mark(strip, text, scale) for strip, text in zip(words, texts, strict=True)]
    remarks = tuple(f"page {number}: readings disagree: {d}" for d in disputed)
    height, width = flat.shape
    sheet = Sheet(number, width / scale, height / scale, marks_of(marks), rules, 0.0, 0, 0)
    return Scanned(sheet, tuple(confidence), remarks)


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
