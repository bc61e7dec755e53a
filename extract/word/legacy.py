"""Legacy Word files (.doc and .wps, .rtf, .odt): what `office` made of them in, paragraphs and
grids out.

A document comes here as docx, converted before in a batch (`read_converted`). `read` takes the
bytes of one document and has it converted by itself: about a second, and not within a reader
process, which may write no file. The document's `reader` says who converted it: soffice+docx or
msdoc2docx+docx.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

from extract.document import Document, ReadError, Reason
from extract.word import docx
from extract.word.convert import convert


def read(data: bytes) -> Document:
    """The document in the bytes of a doc, rtf or odt.

    Raises ReadError as `convert` and the docx reader do.
    """
    with tempfile.TemporaryDirectory(prefix="nianbao-") as made:
        path = Path(made, "document")
        path.write_bytes(data)
        result = convert([path], Path(made), processes=1).get(path)
        if result is None:
            raise ReadError(Reason.UNKNOWN_FORMAT, "neither doc nor rtf nor odt")
        if isinstance(result, ReadError):
            raise result
        return read_converted(result.docx.read_bytes(), result.by)


def read_converted(data: bytes, by: str) -> Document:
    """The document in the docx that `by` made of it."""
    return replace(docx.read(data), reader=f"{by}+{docx.READER}")
