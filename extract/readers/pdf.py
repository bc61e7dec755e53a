"""PDF to a `Document`: characters and lines of each page through pdfium (`pdf_page`), tables and prose from these (`pages`).

Raises ReadError: ENCRYPTED; DAMAGED (does not open, no pages, a broken page); TOO_LARGE (pages, rules, and streams: `pdf_guard`);
READER_MISSING where there is no text but pictures or outlines (scanned pages); BAD_ENCODING where the fonts do not say what their
characters mean. A file that opens with an empty password is read.
Out of scope: scanned pages, form fields and annotations, text that clipping hides, scripts and actions (never run).
"""

from typing import Final

from extract.document import Document
from extract.readers.pages import document_of
from extract.readers.pdf_guard import check_streams
from extract.readers.pdf_page import pages

READER: Final = "pdf"


def read(data: bytes) -> Document:
    """The document as paragraphs and grids in order."""
    check_streams(data)
    return document_of(pages(data), READER)
