"""PDF to a `Document`: characters and lines of each page through pdfium (`pdf_page`), tables and
prose from these (`pages`).

Pages that are pictures of pages, all of them or some, are read as scans (`scan_pdf`).

Raises ReadError: ENCRYPTED; DAMAGED (does not open, no pages, a broken page, pictures that show
nothing); TOO_LARGE (pages, scanned pages, rules, and streams: `pdf_guard`); READER_MISSING where
nothing but scanned pages holds a table and the extra "scan" is not installed; BAD_ENCODING where
the fonts do not say what their characters mean. A file that opens with an empty password is read.
Out of scope: form fields and annotations, text that clipping hides, scripts and actions (never
run).
"""

from dataclasses import replace
from typing import Final

from extract.document import Document, Reason, count_of
from extract.pdf.characters import count_attached_files, pages
from extract.pdf.damage import find_damage
from extract.pdf.scanned_pages import with_scanned_pages
from extract.pdf.streams import check_streams

READER: Final = "pdf"


def read(data: bytes) -> Document:
    """The document as paragraphs and grids in order."""
    check_streams(data)
    damage = find_damage(data)
    document = with_scanned_pages(pages(data), data, READER)
    if damage:
        document = replace(document, flaw=(Reason.DAMAGED, damage))
    if document.grids:
        return document
    attached = count_of("attached file", count_attached_files(data))
    return replace(document, instead=(*attached, *document.instead))
