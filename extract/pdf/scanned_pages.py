"""Pages of a PDF that are pictures of pages: which they are, and how they come to the reader of
scans.

`with_scanned_pages(contents, data, reader)` is `build_document` for a PDF that may hold such pages.
It loads the reader of scans only where there are some; without the extra "scan" the document is
what `build_document` makes of it: no tables at all and it is refused as READER_MISSING, else a
remark names the pages.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import pypdfium2

from extract.document import Document, ReadError, Reason
from extract.layout.pages import FEW_GLYPHS, PageContent, build_document
from extract.limits import IMAGE_PIXELS, SCAN_PAGES

if TYPE_CHECKING:
    from extract.scan.ocr_model import Picture

DPI: Final = 200.0

# of a page: pictures cover it, and text in a document without any line is what a scanner's own
# reading left
_WHOLE_SHARE: Final = 0.8
_POINTS: Final = 72.0


def with_scanned_pages(contents: Iterable[PageContent], data: bytes, reader: str) -> Document:
    """The document of the pages of the PDF `data`, those that are pictures read as scans."""
    held = list(contents)
    scans = scans_among(held)
    if not scans:
        return build_document(held, reader)
    if len(scans) > SCAN_PAGES:
        raise ReadError(Reason.TOO_LARGE, f"{len(scans)} scanned pages, the limit is {SCAN_PAGES}")
    try:
        from extract.scan import read as scan
    except ReadError:  # the extra is not installed
        return build_document(held, reader)
    document = scan.with_scans(held, scans, partial(draw_page, data), reader)
    if not document.blocks:
        raise ReadError(
            Reason.DAMAGED,
            "the pictures on its pages show nothing: they are broken, or blank; scan it anew",
        )
    return document


def scans_among(contents: Sequence[PageContent]) -> set[int]:
    """The numbers of the pages that are pictures of pages."""
    ruled = any(s.rules for s in contents)
    return {s.number for s in contents if is_scan(s, ruled)}


def is_scan(content: PageContent, ruled: bool) -> bool:
    """Whether the page is a picture of a page; `ruled` tells whether the document has any lines
    drawn as such.
    """
    if len(content.glyphs) <= FEW_GLYPHS:
        return content.lacks_text
    return content.picture_share > _WHOLE_SHARE and not ruled


def draw_page(data: bytes, number: int) -> tuple["Picture", float]:
    """Page `number` in grey, and its dots per inch: fewer than DPI where the page is larger than a
    limit.
    """
    try:
        document = pypdfium2.PdfDocument(data)
        try:
            page = document[number - 1]
            wide, high = page.get_size()
            dpi = min(DPI, _POINTS * (IMAGE_PIXELS / max(1.0, wide * high)) ** 0.5)
            picture = np.array(
                page.render(scale=dpi / _POINTS, grayscale=True).to_numpy(), dtype=np.uint8
            )
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        raise ReadError(Reason.DAMAGED, f"page {number} of the PDF cannot be drawn") from error
    return picture.reshape(picture.shape[0], picture.shape[1]), dpi
