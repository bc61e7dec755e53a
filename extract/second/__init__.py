"""Second readers: the same formats by other libraries, for the tables of reports whose sums fail.

A number that two readers agree on is the document's; one that they disagree on is not laid at the
agency's door. So a second reader shares no table code with the first: Word by python-docx, its
binary format as it lies in the file, pages by lxml, workbooks by openpyxl and calamine, PDF by
pdfplumber. They are slow and plain on purpose, and they need not find everything that the first one
mends. Of scans there is but one model to read characters with: they are read again from other
pictures (`scan`).
"""

from importlib import import_module
from typing import Final

from extract.readers import Reader
from extract.sniff import Format

SECOND_READERS: Final[dict[Format, str]] = {
    Format.DOCX: "extract.second.docx:read",
    Format.HTML: "extract.second.html:read",
    Format.DOC: "extract.second.doc:read",
    Format.XLSX: "extract.second.xlsx:read",
    Format.XLS: "extract.second.xls:read",
    Format.PDF: "extract.second.pdf:read",
    Format.IMAGE: "extract.second.scan:read",
}


def second_reader(kind: Format) -> Reader | None:
    """The second reader of a format, None if it has none."""
    name = SECOND_READERS.get(kind)
    if name is None:
        return None
    module, _, function = name.partition(":")
    found: Reader = getattr(import_module(module), function)
    return found
