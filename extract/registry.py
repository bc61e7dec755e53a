"""The registry of readers: one line a format, and one for the format's independent second reader.

`read(data)` tells the format from the bytes and reads it. A reader is a function from bytes to
`Document`, in a module of its own, imported when its format first comes. A format that is known and
has no line here ends as `reader_missing`.

A second reader (`crosscheck.py` in the format's folder) reads tables again whose sums fail. A
number that both readers agree on is the document's; one that they disagree on is not laid at the
agency's door. So it shares no table code with the first: Word by python-docx, HTML by lxml,
workbooks by openpyxl and calamine, PDF by pdfplumber. These are slow and plain on purpose, and need
not find everything that the first reader mends. Scans have a single model: they are read again from
other pictures.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Final

from extract.detect import Format, sniff
from extract.document import Document, ReadError, Reason
from extract.limits import FILE_BYTES, MIB

Reader = Callable[[bytes], Document]

READERS: Final[dict[Format, str]] = {
    Format.DOCX: "extract.word.docx:read",
    Format.DOC: "extract.word.convert:read",
    Format.RTF: "extract.word.convert:read",
    Format.ODT: "extract.word.convert:read",
    Format.WORD_XML: "extract.word.flat_xml:read",
    Format.HTML: "extract.html.read:read",
    Format.MHT: "extract.attached.mail:read",
    Format.ZIP: "extract.attached.zip_file:read",
    Format.XLSX: "extract.sheet.read:read_xlsx",
    Format.XLS: "extract.sheet.read:read_xls",
    Format.PDF: "extract.pdf.read:read",
    Format.OFD: "extract.ofd.read:read",
    Format.IMAGE: "extract.scan.read:read",
    Format.TEXT: "extract.text.read:read",
}

# read from a docx that another program makes of them, which a reader process cannot start
CONVERTED: Final = frozenset({Format.DOC, Format.RTF, Format.ODT})

# their second readers can read some pages alone
_READ_BY_PAGES: Final = frozenset({Format.PDF})

SECOND_READERS: Final[dict[Format, str]] = {
    Format.DOCX: "extract.word.crosscheck:read",
    Format.HTML: "extract.html.crosscheck:read",
    Format.DOC: "extract.word.doc_crosscheck:read",
    Format.XLSX: "extract.sheet.crosscheck:read_xlsx",
    Format.XLS: "extract.sheet.crosscheck:read_xls",
    Format.PDF: "extract.pdf.crosscheck:read",
    Format.IMAGE: "extract.scan.crosscheck:read",
}


def read(data: bytes) -> tuple[Format, Document]:
    """The format and the document; ReadError with a reason for what cannot or must not be read."""
    if len(data) > FILE_BYTES:
        raise ReadError(
            Reason.TOO_LARGE,
            f"{len(data) / MIB:.0f} MiB; the limit for one document is {FILE_BYTES // MIB} MiB",
        )
    kind = sniff(data)
    return kind, reader_of(kind)(data)


def reader_of(kind: Format) -> Reader:
    """The reader of a format; ReadError(READER_MISSING) if there is none."""
    name = READERS.get(kind)
    if name is None:
        raise ReadError(
            Reason.READER_MISSING,
            f"the file is {kind}, which has no reader; save it as one of {', '.join(READERS)}",
        )
    module, _, function = name.partition(":")
    found: Reader = getattr(import_module(module), function)
    return found


def second_reader(kind: Format, pages: frozenset[int] | None = None) -> Reader | None:
    """The second reader of a format, None if it has none. It reads `pages` alone where the format
    has pages and some are named.
    """
    name = SECOND_READERS.get(kind)
    if name is None:
        return None
    module, _, function = name.partition(":")
    found: Callable[..., Document] = getattr(import_module(module), function)
    return partial(found, pages=pages) if kind in _READ_BY_PAGES else found
