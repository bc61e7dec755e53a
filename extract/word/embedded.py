"""Parts of a Word file that are documents of their own: what is put in as it is (altChunk, as
programs that make Word files of web pages write), and workbooks shown as objects.

`open_embedded(root, archive, main)` puts a mark in the place of each one that can be read and gives
an `Embedded`, whose `blocks_for(blocks)` puts what they hold in the places of the marks. A workbook
is seen as a picture of itself, which may be older than it: its cells are no surer than `SURE`. What
is not read is named. Objects in cells of tables are left to `extract.word.visible`.

Raises ReadError for what the guards refuse. Out of scope: documents embedded in these, RTF.
"""

import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from extract import limits
from extract.archive import Archive, parse_xml
from extract.detect import Format, sniff
from extract.document import SURE, Block, Document, Grid, Paragraph, ReadError, grid_of
from extract.word.vocabulary import word_tags

_MARK: Final = "\ufdd0"  # a character that stands in no text
_CHUNKS: Final = word_tags("altChunk")
_OBJECTS: Final = word_tags("object")
_CELL: Final = word_tags("tc")
_WORKBOOKS: Final = (Format.XLSX, Format.XLS)
_OBJECT_REMARK: Final = (
    "an embedded workbook was read; what the page shows of it may be older: look at the page"
)


@dataclass(frozen=True, slots=True)
class Embedded:
    """What was read in the place of each mark, remarks on it, and what was not read."""

    parts: tuple[tuple[Block, ...], ...] = ()
    remarks: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def blocks_for(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The blocks of the file with what is embedded in place."""
        for block in blocks:
            if isinstance(block, Paragraph) and block.text.startswith(_MARK):
                yield from self.parts[int(block.text[1:])]
            else:
                yield block


def open_embedded(root: etree._Element, archive: Archive, main: str) -> Embedded:
    """The embedded documents outside of tables, each with a mark put in its place in `root`."""
    chunks = list(root.iter(*_CHUNKS))
    objects = [o for o in root.iter(*_OBJECTS) if next(o.iterancestors(*_CELL), None) is None]
    if not chunks and not objects:
        return Embedded()
    targets = _targets(archive, main)
    found = Embedded()
    for chunk in chunks:
        found = _add(found, chunk, *_read_part(archive, targets.get(_relation(chunk)), _chunk))
    packed = [name for name in archive.names if name.lower().startswith("word/embeddings/")]
    for shown in objects:
        ole = next(shown.iter("{*}OLEObject"), None)
        target = None if ole is None else targets.get(_relation(ole))
        if target is None and len(packed) == len(objects) == 1:
            target = packed[0]  # some writers forget the relation
        found = _add(found, shown, *_read_part(archive, target, _workbook))
    return found


def _targets(archive: Archive, main: str) -> dict[str, str]:
    """The members that the main part's relations name, by their id."""
    folder, name = posixpath.split(main)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive:
        return {}
    return {
        relation.get("Id", ""): posixpath.normpath(
            posixpath.join("/", folder, relation.get("Target", ""))
        ).lstrip("/")
        for relation in parse_xml(archive.read(relations, limits.MIB))
        if relation.get("TargetMode") != "External"
    }


def _relation(element: etree._Element) -> str:
    return next((str(v) for k, v in element.attrib.items() if str(k).endswith("}id")), "")


_Found = tuple[Document | None, str]


def _read_part(
    archive: Archive, name: str | None, read: Callable[[bytes, Format], Document | None]
) -> _Found:
    """The document in a member, and what to call it."""
    if name is None or name not in archive:
        return None, "an embedded object whose content is not in the file"
    try:
        data = archive.read(name, limits.ZIP_MEMBER_BYTES)
        kind = sniff(data)
        return read(data, kind), f"an embedded document ({kind})"
    except ReadError as error:
        return None, f"an embedded document that cannot be read ({error.reason})"


def _chunk(data: bytes, kind: Format) -> Document | None:
    from extract.html.mht import read as read_mht
    from extract.html.read import read as read_html
    from extract.text.read import read as read_text
    from extract.word.docx import read as read_docx

    readers: dict[Format, Callable[[bytes], Document]] = {
        Format.HTML: read_html,
        Format.MHT: read_mht,
        Format.TEXT: read_text,
        Format.DOCX: read_docx,
    }
    return readers[kind](data) if kind in readers else None


def _workbook(data: bytes, kind: Format) -> Document | None:
    from extract.sheet.read import read_xls, read_xlsx

    if kind not in _WORKBOOKS:
        return None
    document = read_xlsx(data) if kind is Format.XLSX else read_xls(data)
    blocks = tuple(_less_sure(block) for block in document.blocks)
    return replace(document, blocks=blocks, remarks=(_OBJECT_REMARK, *document.remarks))


def _less_sure(block: Block) -> Block:
    if not isinstance(block, Grid):
        return block
    cells = (c._replace(confidence=min(c.confidence, SURE)) for c in block.cells)
    return grid_of(cells, block.page)


def _add(
    found: Embedded, element: etree._Element, document: Document | None, name: str
) -> Embedded:
    """`found` with one more document, or with its name where it was not read."""
    parent = element.getparent()
    if document is None or parent is None:
        return replace(found, unread=(*found.unread, name))
    space = str(element.tag).rpartition("}")[0]
    text = etree.Element(f"{space}}}t")
    text.text = f"{_MARK}{len(found.parts)}"
    text.tail = element.tail
    if element.tag in _CHUNKS:
        paragraph = etree.Element(f"{space}}}p")
        etree.SubElement(paragraph, f"{space}}}r").append(text)
        parent.replace(element, paragraph)
    else:
        parent.replace(element, text)
    return Embedded(
        (*found.parts, document.blocks), (*found.remarks, *document.remarks), found.unread
    )
