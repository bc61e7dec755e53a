"""Second readers: the same formats by other libraries, for the tables of reports whose sums fail.

A number that two readers agree on is the document's; one that they disagree on is not laid at the agency's door. So a second
reader shares no table code with the first: Word by python-docx, pages by lxml, workbooks by openpyxl, PDF by pdfplumber. They
are slow and plain on purpose, and they need not find everything that the first one mends.
"""

from importlib import import_module
from typing import Final

from extract.readers import Reader
from extract.sniff import Format

SECOND_READERS: Final[dict[Format, str]] = {
    Format.DOCX: "extract.second.docx:read",
    Format.HTML: "extract.second.html:read",
    Format.XLSX: "extract.second.xlsx:read",
    Format.PDF: "extract.second.pdf:read",
}


def second_reader(kind: Format) -> Reader | None:
    """The second reader of a format, None if it has none."""
    name = SECOND_READERS.get(kind)
    if name is None:
        return None
    module, _, function = name.partition(":")
    found: Reader = getattr(import_module(module), function)
    return found

