"""Which pages of a PDF a damaged stream belongs to.

`find_damage(data)` gives the reason in words, or nothing for a sound file: the pages whose content,
fonts or forms hold a stream that is damaged (`extract.pdf.streams.damaged_streams`), or the whole
file where no page names it, as the table of objects. Files are parsed, by pdfminer, only where a
stream is damaged.
"""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any, Final

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFObjRef, PDFStream, resolve1
from pdfminer.psexceptions import PSException

from extract import limits
from extract.pdf.streams import damaged_streams, has_gap

_DEPTH: Final = 6  # of references from a page: contents, resources, fonts, their maps
_NAMED: Final = 5


def find_damage(data: bytes) -> str:
    """What is damaged, in words; empty for nothing."""
    damaged = damaged_streams(data)
    if not damaged:
        return "zeros stand for a part of the file; fetch it anew" if has_gap(data) else ""
    pages = [number for number, held in _pages_of(data) if held & damaged]
    count = f"{len(damaged)} streams are" if len(damaged) > 1 else "a stream is"
    where = f"on page {', '.join(map(str, pages[:_NAMED]))}" if pages else "of the file"
    return f"{count} damaged {where}; fetch the file anew"


def _pages_of(data: bytes) -> Iterator[tuple[int, set[int]]]:
    """The number of each page and the objects that it is made of; none of a file that pdfminer
    cannot parse.
    """
    try:
        document = PDFDocument(PDFParser(BytesIO(data)))
        for number, page in enumerate(islice(PDFPage.create_pages(document), limits.PAGES), 1):
            yield number, _objects_of(page.attrs.get("Contents"), page.resources)
    except (PSException, PDFException, ValueError, KeyError, TypeError):
        return


def _objects_of(*values: Any) -> set[int]:
    """The numbers of all objects that these values refer to, some steps away."""
    held: set[int] = set()
    waiting = list(values)
    for _ in range(_DEPTH):
        references = {ref.objid: ref for value in waiting for ref in _references(value)}
        waiting = [resolve1(references[number]) for number in references.keys() - held]
        held |= references.keys()
    return held


def _references(value: Any) -> Iterator[PDFObjRef]:
    """The references within one object."""
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, PDFObjRef):
            yield inner
        elif isinstance(inner, PDFStream):
            waiting.append(inner.attrs)
        elif isinstance(inner, dict):
            waiting += [item for key, item in inner.items() if key != "Parent"]
        elif isinstance(inner, list):
            waiting += inner
