"""Word documents by python-docx's table interface: `row.cells`, in which a merged cell stands at
each place that it covers.

The archive is passed through the guards first. Paragraphs and tables in order, nested tables behind
the table they stand in.
"""

import io
from collections.abc import Iterator
from typing import Final

import docx
from docx.document import Document as WordDocument
from docx.opc.exceptions import OpcError
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph as WordParagraph

from extract.archive import open_archive
from extract.document import Block, Cell, Document, Paragraph, ReadError, Reason, grid_of

READER: Final = "python-docx"


def read(data: bytes) -> Document:
    """The document; ReadError(DAMAGED) for what python-docx cannot open."""
    archive = open_archive(data)
    for name in archive.names:
        if name.endswith((".xml", ".rels")):
            archive.read(name)  # python-docx inflates without limits; the guard does so with them
    try:
        opened = docx.Document(io.BytesIO(data))
    except (KeyError, ValueError, OpcError) as error:
        raise ReadError(Reason.DAMAGED, f"python-docx cannot open it ({error})") from error
    return Document(tuple(_blocks(opened)), READER)


def _blocks(container: "WordDocument | _Cell") -> Iterator[Block]:
    for item in container.iter_inner_content():
        if isinstance(item, WordParagraph):
            if item.text.strip():
                yield Paragraph(" ".join(item.text.split()))
        else:
            yield from _table(item)


def _table(table: Table) -> Iterator[Block]:
    places: dict[int, list[tuple[int, int]]] = {}
    cells: dict[int, _Cell] = {}
    for r, row in enumerate(table.rows):
        for c, cell in enumerate(row.cells, row.grid_cols_before):
            places.setdefault(id(cell._tc), []).append((r, c))
            cells[id(cell._tc)] = cell
    anchors = []
    for key, spots in places.items():
        top, left = min(r for r, _ in spots), min(c for _, c in spots)
        text = "\n".join(p.text for p in cells[key].paragraphs)
        anchors.append(
            Cell(
                text,
                top,
                left,
                max(r for r, _ in spots) - top + 1,
                max(c for _, c in spots) - left + 1,
            )
        )
    yield grid_of(anchors)
    for cell in cells.values():
        for nested in cell.tables:
            yield from _table(nested)
