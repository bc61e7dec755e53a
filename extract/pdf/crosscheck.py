"""PDF by pdfplumber: its own table finder over the page's lines, one grid a page and table, cells
from their boxes.

Scanned pages have no text for it; they are read as `extract.scan.crosscheck` does.

`Table.cells` has the box of every merged cell once; rows and columns are the distinct edges of
these boxes. A character is in the cell in which the middle of its advance lies, a third of an em
above its baseline. Over a page break only the rest of a label goes back into its row. A page that
is drawn on its side is turned, a character that is drawn twice counts once, outer sides that a
table leaves out are put in, and where areas of colour make more cells than lines do, these are the
cells.
"""

import io
import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pdfplumber
from pdfminer.pdfparser import PDFSyntaxError
from pdfminer.psparser import PSException
from pdfplumber.page import Page
from pdfplumber.table import Table, cells_to_tables
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
# the dots of a dotted line count; lines of a border with rounded or slanted ends do not quite meet
_SETTINGS: Final = {"edge_min_length_prefilter": 0.3, "intersection_tolerance": 5}
_SAME_EDGE_PT: Final = 3.0  # edges this near are one
_DRAWN_TWICE_PT: Final = 1.0  # the same character again so near makes it bold
_LEAST_TILE_PT: Final = 5.0  # an area of colour that is a cell is as high and wide as this
_MOST_PIECES: Final = 4_000
_DOT_PT: Final = 2.5  # a dot of a dotted line is as large at most
_DOT_GAP_PT: Final = 4.0
_FEWEST_DOTS: Final = 200
_MIDDLE_EM: Final = 0.35  # above the baseline: the middle of a character
_MAX_SLOPE: Final = 0.1  # a character that leans more does not stand upright

# it warns of each font whose glyphs are drawn
logging.getLogger("pdfminer").setLevel(logging.ERROR)


def read(data: bytes, pages: frozenset[int] | None = None) -> Document:
    """The document, of `pages` alone where some are named; ReadError(DAMAGED) for what pdfminer
    cannot parse.
    """
    blocks: list[Block] = []
    scanned = scanned_pages(data)
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            for page in pdf.pages[:PAGES]:
                if pages is not None and page.page_number not in pages:
                    continue
                if page.page_number in scanned:
                    blocks += scanned[page.page_number]
                else:
                    blocks += _page(_upright(page))
    except (
        PSException,
        PDFSyntaxError,
        PdfminerException,
        ValueError,
        KeyError,
        TypeError,
    ) as error:
        raise ReadError(Reason.DAMAGED, f"pdfplumber cannot read it ({error})") from error
    return Document(tuple(_with_whole_rows(blocks)), f"{READER}+{SCAN}" if scanned else READER)


def _with_whole_rows(blocks: list[Block]) -> list[Block]:
    """The blocks with the rest of a label, which a page cut off and put above the next page's rows,
    back in its row. A row whose figures are cut stays as it is.
    """
    whole: list[Block] = []
    last: int | None = None  # where in `whole` the last grid stands
    for block in blocks:
        if isinstance(block, Grid):
            above = whole[last] if last is not None else None
            if last is not None and isinstance(above, Grid) and _goes_on(above, block):
                whole[last] = _with_labels(above, block)
                block = _without_first_row(block)
            last = len(whole)
        whole.append(block)
    return whole


def _goes_on(above: Grid, below: Grid) -> bool:
    """Whether the first row below has nothing under the figures of the last row above, and words
    under its words.
    """
    if above.page is None or below.page != above.page + 1 or above.n_cols != below.n_cols:
        return False
    pairs = list(zip(above.matrix[-1], below.matrix[0], strict=True))
    figures = [low for high, low in pairs if high is not None and _is_figure(high.text)]
    rest = [(high, low) for high, low in pairs if low is not None and low.text.strip()]
    return (
        bool(figures)
        and all(low is not None and not low.text.strip() for low in figures)
        and bool(rest)
        and all(high is not None and high.text.strip() for high, _ in rest)
        and not any(_is_figure(low.text) for _, low in rest)
    )


def _is_figure(text: str) -> bool:
    return bool(text.strip()) and not any(c.isalpha() for c in text)


def _with_labels(above: Grid, below: Grid) -> Grid:
    end = above.n_rows - 1
    added = {c.col: c.text for c in below.cells if c.row == 0 and c.text.strip()}
    cells = (
        c._replace(text=f"{c.text}\n{added[c.col]}")
        if c.row + c.row_span - 1 == end and c.col in added
        else c
        for c in above.cells
    )
    return replace(above, cells=tuple(cells))


def _without_first_row(grid: Grid) -> Grid:
    left = [c for c in grid.cells if c.row + c.row_span > 1]
    moved = (
        c._replace(row_span=c.row_span - 1) if c.row == 0 else c._replace(row=c.row - 1)
        for c in left
    )
    return grid_of(moved, grid.page)


def _upright(page: Page) -> Page:
    """The page turned so that most of its characters stand upright."""
    quarters = Counter(_quarter(char["matrix"]) for char in page.chars)
    turn = max(quarters, key=lambda q: (quarters[q], -q), default=0)
    if turn == 0:
        return page
    page.page_obj.rotate = (page.page_obj.rotate + 90 * turn) % 360
    page.page_obj.attrs["Rotate"] = page.page_obj.rotate
    return Page(page.pdf, page.page_obj, page.page_number, page.initial_doctop)


def _quarter(matrix: tuple[float, ...]) -> int:
    """By how many quarters, against the clock, a character is turned."""
    a, b = matrix[0], matrix[1]
    return (0 if a > 0 else 2) if abs(a) >= abs(b) else 1 if b > 0 else 3


def _page(page: Page) -> list[Block]:
    """The tables of a page behind the lines of text that stand above them."""
    placed: list[tuple[float, Block]] = []
    tables = _find_tables(page)
    chars = _PlacedChars(page)
    boxes = [t.bbox for t in tables]
    for line in page.extract_text_lines(strip=True, return_chars=False):
        middle = (line["top"] + line["bottom"]) / 2
        if not any(top <= middle <= bottom for _, top, _, bottom in boxes):
            placed.append((line["top"], Paragraph(line["text"], page.page_number)))
    placed += [(t.bbox[1], _grid(page, t, chars)) for t in tables]
    return [block for _, block in sorted(placed, key=lambda pair: pair[0])]


def _find_tables(page: Page) -> list[Table]:
    """The tables by the page's lines, or by its areas of colour where these make more cells."""
    dotted = _dotted_lines(page)
    if dotted:
        return page.find_tables(
            {
                **_SETTINGS,
                "vertical_strategy": "explicit",
                "horizontal_strategy": "explicit",
                "explicit_vertical_lines": [x for x in dotted if x["orientation"] == "v"],
                "explicit_horizontal_lines": [x for x in dotted if x["orientation"] == "h"],
            }
        )
    sides = _open_sides(page)
    ruled = page.find_tables({**_SETTINGS, "explicit_vertical_lines": sides})
    tiled = [Table(page, cells) for cells in cells_to_tables(_pieces(page))]
    return max(ruled, tiled, key=lambda found: sum(len(table.cells) for table in found))


def _dotted_lines(page: Page) -> list[dict[str, Any]]:
    """The lines that rows of many small dots make; none where lines are drawn otherwise."""
    dots = [r for r in page.rects if max(r["width"], r["height"]) < _DOT_PT]
    if 2 * len(dots) < len(page.rects) or len(dots) < _FEWEST_DOTS:
        return []
    level = [(round(d["top"]), d["x0"]) for d in dots]
    upright = [(round(d["x0"]), d["top"]) for d in dots]
    return [
        *(_level_line(y, x0, x1) for y, x0, x1 in _runs(level)),
        *(_side(x, y0, y1) for x, y0, y1 in _runs(upright)),
    ]


def _runs(dots: list[tuple[int, float]]) -> Iterator[tuple[int, float, float]]:
    """For each line of dots without a gap its place, its first dot and its last."""
    places: dict[int, list[float]] = defaultdict(list)
    for place, along in dots:
        places[place].append(along)
    for place, found in places.items():
        ordered = sorted(found)
        starts = [
            0,
            *(i for i in range(1, len(ordered)) if ordered[i] - ordered[i - 1] > _DOT_GAP_PT),
        ]
        for start, end in zip(starts, [*starts[1:], len(ordered)], strict=True):
            if ordered[end - 1] - ordered[start] > _LEAST_TILE_PT:
                yield place, ordered[start], ordered[end - 1]


def _level_line(y: float, left: float, right: float) -> dict[str, Any]:
    box = {"x0": left, "x1": right, "top": y, "bottom": y, "width": right - left, "height": 0}
    return {**box, "object_type": "line", "orientation": "h", "doctop": y}


def _open_sides(page: Page) -> list[dict[str, Any]]:
    """The outer sides that a table leaves out: at both ends of level lines that begin and end
    together, over the height on which lines within part its columns.
    """
    level: dict[tuple[float, float], set[float]] = defaultdict(set)
    for edge in page.horizontal_edges:
        level[round(edge["x0"]), round(edge["x1"])].add(edge["top"])
    upright = [(e["x0"], e["top"], e["bottom"]) for e in page.vertical_edges]
    return [
        _side(x, above, below)
        for (left, right), tops in level.items()
        if not _has_sides(upright, left, right)
        for above, below in pairwise(sorted(tops))
        if _parted(upright, left, right, above, below)
        for x in (left, right)
    ]


def _has_sides(upright: Sequence[tuple[float, float, float]], left: float, right: float) -> bool:
    return any(min(abs(x - left), abs(x - right)) < _SAME_EDGE_PT for x, _, _ in upright)


def _parted(
    upright: Sequence[tuple[float, float, float]],
    left: float,
    right: float,
    above: float,
    below: float,
) -> bool:
    middle = (above + below) / 2
    return below - above > _SAME_EDGE_PT and any(
        left < x < right and top < middle < bottom for x, top, bottom in upright
    )


def _side(x: float, above: float, below: float) -> dict[str, Any]:
    """A line as pdfplumber describes one."""
    box = {"x0": x, "x1": x, "top": above, "bottom": below, "width": 0, "height": below - above}
    return {**box, "object_type": "line", "orientation": "v", "doctop": above}


def _pieces(page: Page) -> list[BBox]:
    """The filled areas that are a cell each, their sides made one where they nearly meet."""
    areas = [
        (r["x0"], r["top"], r["x1"], r["bottom"])
        for r in page.rects
        if r["fill"] and r["height"] > _LEAST_TILE_PT and r["width"] > _LEAST_TILE_PT
    ]
    if not areas or len(areas) > _MOST_PIECES:
        return []
    whole: npt.NDArray[np.float64] = np.array(areas)
    middles = (whole[:, :2] + whole[:, 2:]) / 2
    kept = [
        box
        for box in dict.fromkeys(areas)
        if ((middles > box[:2]) & (middles < box[2:])).all(axis=1).sum() == areas.count(box)
    ]
    across = _edges([x for box in kept for x in box[::2]])
    down = _edges([y for box in kept for y in box[1::2]])
    return [
        (
            across[_at(across, box[0])],
            down[_at(down, box[1])],
            across[_at(across, box[2])],
            down[_at(down, box[3])],
        )
        for box in kept
    ]


def _grid(page: Page, table: Table, chars: "_PlacedChars") -> Grid:
    boxes = _without_frames(table.cells)
    lefts, tops = _edges([c[0] for c in boxes]), _edges([c[1] for c in boxes])
    cells = []
    for left, top, right, bottom in boxes:
        col, row = _at(lefts, left), _at(tops, top)
        col_end = sum(edge < right - _SAME_EDGE_PT for edge in lefts)
        row_end = sum(edge < bottom - _SAME_EDGE_PT for edge in tops)
        box = (left, top, right, bottom)
        rows, cols = max(1, row_end - row), max(1, col_end - col)
        cells.append(Cell(chars.text_in(box), row, col, rows, cols, box))
    return grid_of(cells, page.page_number)


def _without_frames(cells: list[BBox]) -> list[BBox]:
    """The cells less those in which others lie: the frame of a table in a table."""
    whole: npt.NDArray[np.float64] = np.array(cells)
    middles = (whole[:, :2] + whole[:, 2:]) / 2
    return [
        box
        for box in cells
        if ((middles > box[:2]) & (middles < box[2:])).all(axis=1).sum() == cells.count(box)
    ]


class _PlacedChars:
    """The characters of a page with the point that tells which cell each is in.

    What a font says of its ascent is of no use: with many Chinese fonts a character's box reaches
    into the row above or below. Where it stands upright its baseline counts.
    """

    def __init__(self, page: Page) -> None:
        once = [_on_baseline(char) for char in page.dedupe_chars(tolerance=_DRAWN_TWICE_PT).chars]
        self.chars = _without_strikethrough(once, page)
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
