"""PDF by pdfplumber: its own table finder over the page's lines, one grid a page and table, cells
from their boxes.

Scanned pages have no text for it; they are read as `extract.scan.crosscheck` does.

`Table.cells` has the box of every merged cell once; rows and columns are the distinct edges of
these boxes. Nothing is glued over page breaks.
"""

import io
from typing import Final

import pdfplumber
from pdfminer.pdfparser import PDFSyntaxError
from pdfminer.psparser import PSException
from pdfplumber.page import Page
from pdfplumber.table import Table
from pdfplumber.utils.exceptions import PdfminerException

from extract.document import Block, Cell, Document, Grid, Paragraph, ReadError, Reason, grid_of
from extract.limits import PAGES
from extract.scan.crosscheck import READER as SCAN
from extract.scan.crosscheck import scanned_pages

READER: Final = "pdfplumber"
_NEAR: Final = 3.0  # points: edges this near are one


def read(data: bytes) -> Document:
    """The document; ReadError(DAMAGED) for what pdfminer cannot parse."""
    blocks: list[Block] = []
    scanned = scanned_pages(data)
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            for page in pdf.pages[:PAGES]:
                blocks += scanned[page.page_number] if page.page_number in scanned else _page(page)
    except (
        PSException,
        PDFSyntaxError,
        PdfminerException,
        ValueError,
        KeyError,
        TypeError,
    ) as error:
        raise ReadError(Reason.DAMAGED, f"pdfplumber cannot read it ({error})") from error
    return Document(tuple(blocks), f"{READER}+{SCAN}" if scanned else READER)


def _page(page: Page) -> list[Block]:
    """The tables of a page behind the lines of text that stand above them."""
    placed: list[tuple[float, Block]] = []
    tables = page.find_tables()
    boxes = [t.bbox for t in tables]
    for line in page.extract_text_lines(strip=True, return_chars=False):
        middle = (line["top"] + line["bottom"]) / 2
        if not any(top <= middle <= bottom for _, top, _, bottom in boxes):
            placed.append((line["top"], Paragraph(line["text"], page.page_number)))
    placed += [(t.bbox[1], _grid(page, t)) for t in tables]
    return [block for _, block in sorted(placed, key=lambda pair: pair[0])]


def _grid(page: Page, table: Table) -> Grid:
    lefts, tops = _edges([c[0] for c in table.cells]), _edges([c[1] for c in table.cells])
    cells = []
    for left, top, right, bottom in table.cells:
        col, row = _at(lefts, left), _at(tops, top)
        col_end = sum(edge < right - _NEAR for edge in lefts)
        row_end = sum(edge < bottom - _NEAR for edge in tops)
        text = page.crop((left, top, right, bottom), strict=False).extract_text() or ""
        cells.append(
            Cell(
                text,
                row,
                col,
                max(1, row_end - row),
                max(1, col_end - col),
                (left, top, right, bottom),
            )
        )
    return grid_of(cells, page.page_number)


def _edges(values: list[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > _NEAR:
            edges.append(value)
    return edges


def _at(edges: list[float], value: float) -> int:
    return min(range(len(edges)), key=lambda i: abs(edges[i] - value))
