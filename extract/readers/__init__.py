"""The registry of readers: one line a format.

`read(data)` tells the format from the bytes and reads it.

A reader is a function from bytes to `Document`, in a module of its own, imported when its format
first comes. A format that is known and has no line here ends as `reader_missing`.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Final

from extract.document import Document, ReadError, Reason
from extract.limits import FILE_BYTES, MIB
from extract.sniff import Format, sniff

Reader = Callable[[bytes], Document]

READERS: Final[dict[Format, str]] = {
    Format.DOCX: "extract.readers.docx:read",
    Format.DOC: "extract.readers.doc:read",
    Format.RTF: "extract.readers.doc:read",
    Format.ODT: "extract.readers.doc:read",
    Format.WORD_XML: "extract.readers.word_xml:read",
    Format.HTML: "extract.readers.html:read",
    Format.MHT: "extract.readers.mht:read",
    Format.XLSX: "extract.readers.sheet:read_xlsx",
    Format.XLS: "extract.readers.sheet:read_xls",
    Format.PDF: "extract.readers.pdf:read",
    Format.OFD: "extract.readers.ofd:read",
    Format.IMAGE: "extract.readers.scan:read",
    Format.TEXT: "extract.readers.text:read",
}


def read(data: bytes) -> tuple[Format, Document]:
    """The format and the document; ReadError with a reason for whatever cannot or must not be read."""
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
