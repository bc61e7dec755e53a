"""Scanned pages a second time, from other pictures: drawn finer or coarser, and each line with more
room around it.

The code and the model are those of the first reading (no other model is at hand), but no pixel is
the same: lines, cells, blobs, crops and the shapes of digits are all found anew, so that what
noise, a thin stroke or a tight crop did to one reading it does not do to the other. What both take
for the same wrong digit is not found here; the sums find it.

`read(data)` is the second reader of picture files, `scanned_pages` that of the scanned pages of a
PDF.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from extract.document import Block, Document, ReadError, Reason
from extract.layout.pages import PageContent, build_document
from extract.pdf.characters import pages
from extract.pdf.scanned_pages import draw_page, scans_among
from extract.sandbox import allowance

if TYPE_CHECKING:
    from extract.scan.ocr_model import Picture

READER: Final = "scan-again"

_FINE: Final = 240.0  # dots an inch of the second picture, where the first had fewer than _LIMIT
_COARSE: Final = 170.0
_LIMIT: Final = 190.0
_ROOM: Final = 1.35


def read(data: bytes) -> Document:
    """The document; what `extract.scan.read.read` raises."""
    from extract.scan.image_file import frames

    allowance.for_scan()
    return build_document(
        (_read_page(picture, dpi, n) for n, (picture, dpi) in enumerate(frames(data), start=1)),
        READER,
    )


def scanned_pages(data: bytes) -> dict[int, list[Block]]:
    """The blocks of each scanned page of a PDF, by its number; none where it has no such pages, or
    the extra "scan" is not installed.
    """
    return dict(_scanned_pages(data))


def _scanned_pages(data: bytes) -> Iterator[tuple[int, list[Block]]]:
    for number in sorted(scans_among(list(pages(data)))):
        allowance.for_scan()
        try:
            sheet = _read_page(*draw_page(data, number), number)
        except ReadError as error:
            if error.reason is Reason.READER_MISSING:
                return
            raise
        yield number, list(build_document([sheet], READER).blocks)


def _read_page(picture: "Picture", dpi: float, number: int) -> PageContent:
    from extract.scan.read import page_of, redrawn

    return page_of(
        *redrawn(picture, dpi, _FINE if dpi < _LIMIT else _COARSE), number=number, room=_ROOM
    ).sheet
