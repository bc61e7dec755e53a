"""PDF by pdfplumber: its own table finder over the page's lines, one grid a page and table, cells
from their boxes.

Scanned pages have no text for it; they are read as `extract.scan.crosscheck` does.

`Table.cells` has the box of every merged cell once; rows and columns are the distinct edges of
these boxes. A character is in the cell in which the middle of its advance lies, a third of an em
above its baseline. Nothing is glued over page breaks.
"""

import io
import logging
from typing import Any, Final

import numpy as np
import pdfplumber
from pdfminer.pdfparser import PDFSyntaxError
from pdfminer.psparser import PSException
from pdfplumber.page import Page
from pdfplumber.table import Table
from pdfplumber.utils.exceptions import PdfminerException
from pdfplumber.utils.text import extract_text

from extract.document import (
    BBox,
    Block,
    Cell,
    Document,
    Grid,
    Paragraph,
    ReadError,
    Reason,
    grid_of,
)
from extract.layout.ruling_lines import RulingLine
from extract.layout.strikethrough import find_strikethrough
from extract.layout.text_lines import Glyph, glyphs_from
from extract.limits import PAGES
from extract.scan.crosscheck import READER as SCAN
from extract.scan.crosscheck import scanned_pages

READER: Final = "pdfplumber"
_SAME_EDGE_PT: Final = 3.0  # edges this near are one
_MIDDLE_EM: Final = 0.35  # above the baseline: the middle of a character
_MAX_SLOPE: Final = 0.1  # a character that leans more does not stand upright

# it warns of each font whose glyphs are drawn
logging.getLogger("pdfminer").setLevel(logging.ERROR)


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
    chars = _PlacedChars(page)
    boxes = [t.bbox for t in tables]
    for line in page.extract_text_lines(strip=True, return_chars=False):
        middle = (line["top"] + line["bottom"]) / 2
        if not any(top <= middle <= bottom for _, top, _, bottom in boxes):
            placed.append((line["top"], Paragraph(line["text"], page.page_number)))
    placed += [(t.bbox[1], _grid(page, t, chars)) for t in tables]
    return [block for _, block in sorted(placed, key=lambda pair: pair[0])]


def _grid(page: Page, table: Table, chars: "_PlacedChars") -> Grid:
    lefts, tops = _edges([c[0] for c in table.cells]), _edges([c[1] for c in table.cells])
    cells = []
    for left, top, right, bottom in table.cells:
        col, row = _at(lefts, left), _at(tops, top)
        col_end = sum(edge < right - _SAME_EDGE_PT for edge in lefts)
        row_end = sum(edge < bottom - _SAME_EDGE_PT for edge in tops)
        box = (left, top, right, bottom)
        rows, cols = max(1, row_end - row), max(1, col_end - col)
        cells.append(Cell(chars.text_in(box), row, col, rows, cols, box))
    return grid_of(cells, page.page_number)


class _PlacedChars:
    """The characters of a page with the point that tells which cell each is in.

    What a font says of its ascent is of no use: with many Chinese fonts a character's box reaches
    into the row above or below. Where it stands upright its baseline counts.
    """

    def __init__(self, page: Page) -> None:
        self.chars = _without_strikethrough([_on_baseline(char) for char in page.chars], page)
        self.x = np.array([(c["x0"] + c["x1"]) / 2 for c in self.chars])
        self.y = np.array([c["bottom"] - _MIDDLE_EM * c["size"] for c in self.chars])

    def text_in(self, box: BBox) -> str:
        """The text of the characters whose middles lie in the box, line by line."""
        left, top, right, bottom = box
        inside = (self.x > left) & (self.x < right) & (self.y > top) & (self.y < bottom)
        return extract_text([self.chars[i] for i in np.flatnonzero(inside).tolist()])


def _without_strikethrough(chars: list[dict[str, Any]], page: Page) -> list[dict[str, Any]]:
    glyphs = glyphs_from(
        Glyph(
            c["text"], c["x0"], c["bottom"], c["x1"] - c["x0"], c["size"], 0 if c["upright"] else 1
        )
        for c in chars
    )
    thin = [r for r in page.rects if r["height"] < _SAME_EDGE_PT]
    rules = [RulingLine(r["x0"], r["top"], r["x1"], r["bottom"]) for r in (*page.lines, *thin)]
    level = [_at_middle(rule) for rule in rules if rule.y1 - rule.y0 < _SAME_EDGE_PT]
    gone = find_strikethrough(level, glyphs).tolist()
    return [char for char, is_gone in zip(chars, gone, strict=True) if not is_gone]


def _at_middle(rule: RulingLine) -> RulingLine:
    """A level line, whatever its thickness."""
    y = (rule.y0 + rule.y1) / 2
    return RulingLine(rule.x0, y, rule.x1, y)


def _on_baseline(char: dict[str, Any]) -> dict[str, Any]:
    """An upright character with a box of one em that stands on its baseline; others as they are."""
    a, b, _, _, _, baseline = char["matrix"]
    if a <= 0 or abs(b) > _MAX_SLOPE * a:
        return {**char, "bottom": (char["top"] + char["bottom"]) / 2 + _MIDDLE_EM * char["size"]}
    bottom = char["top"] + char["y1"] - baseline
    return {**char, "top": bottom - char["size"], "bottom": bottom}


def _edges(values: list[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > _SAME_EDGE_PT:
            edges.append(value)
    return edges


def _at(edges: list[float], value: float) -> int:
    return min(range(len(edges)), key=lambda i: abs(edges[i] - value))
