"""PDF files drawn with reportlab: rules in all the ways that programs draw them, text as runs or
single characters, page breaks.

`paper` takes a flow and gives the bytes of a .pdf, the same for the same arguments. `Style` says
how it is drawn; nothing in it changes what a reader of the pages would see, but where a row is cut
by a page break its words go on over the page. The font is one of Adobe's CID fonts, which every
reader knows and no file needs to hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from random import Random
from typing import Final

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tests.build.report import Anchor, Flow, Line, TableLayout

FONT: Final = "STSong-Light"
MARGIN: Final = 72.0
EDGE: Final = 40.0  # where page marks stand
LEADING: Final = 1.25
Box = tuple[float, float, float, float]  # left, top, right, bottom; y down from the top of the page

pdfmetrics.registerFont(UnicodeCIDFont(FONT))


@dataclass(frozen=True)
class Style:
    """How a page is drawn.

    `rules`: line (one line an edge), sides (one a side of a cell), rects (thin filled rectangles),
    boxes (a stroked rectangle a cell), double (two lines), dashes (short pieces). `jitter`: points
    by which ends miss. `outer`: the outer left and right borders. `digits`: the font of figures.
    `chars`: every character by itself. `bold`: labels drawn twice. `tall`: labels of one narrow
    column: stacked (one character a line) or turned. `cut`: a row may be cut by a page's end, its
    values on the side "above" or "below", "" never. `mark`: the page mark. `turn`: quarter turns
    clockwise by /Rotate; `sideways`: drawn turned, without /Rotate.
    """

    rules: str = "line"
    width: float = 0.5
    jitter: float = 0.0
    outer: bool = True
    shade: bool = False
    digits: str = FONT
    chars: bool = False
    bold: bool = False
    tall: str = "stacked"
    align: str = "center"
    size: float = 9.0
    pad: float = 3.0
    cut: str = ""
    height: float = A4[1]
    again: bool = False  # header rows printed again after a page break
    mark: str = "- {} -"
    header: str = ""
    form: bool = False  # each page inside a form XObject
    turn: int = 0
    sideways: int = 0


class _Page:
    """A canvas with y downwards, and pages that may lie in a form or on their side."""

    def __init__(self, style: Style, rng: Random) -> None:
        self.stream = BytesIO()
        self.style, self.rng = style, rng
        self.width, self.height = A4[0], style.height
        # reportlab swaps it for /Rotate
        shown = (self.height, self.width) if style.sideways % 2 else (self.width, self.height)
        self.canvas = Canvas(self.stream, shown, invariant=1, pageCompression=1)
        self.number = 0
        self.open()

    def open(self) -> None:
        self.number += 1
        turn = (self.style.turn + self.style.sideways) % 4
        if self.style.turn:
            self.canvas.setPageRotation(90 * self.style.turn)
        if self.style.form:
            self.canvas.beginForm(f"page{self.number}", 0, 0, 2000, 2000)
        else:
            self.canvas.saveState()
        if turn:  # what is drawn upright is to come out turned counter-clockwise
            self.canvas.translate(
                *((0, 0), (self.height, 0), (self.width, self.height), (0, self.width))[turn]
            )
            self.canvas.rotate(90 * turn)

    def close(self) -> None:
        style = self.style
        if style.mark:
            text = style.mark.format(self.number)
            self.text(text, self.width / 2 - self.width_of(text, 10) / 2, self.height - EDGE, 10)
        if style.header:
            self.text(style.header, MARGIN, EDGE, 9)
        if style.form:
            self.canvas.endForm()
            self.canvas.doForm(f"page{self.number}")
        else:
            self.canvas.restoreState()
        self.canvas.showPage()

    def turn_over(self) -> None:
        self.close()
        self.open()

    def bytes(self) -> bytes:
        self.close()
        self.canvas.save()
        return self.stream.getvalue()

    def font_of(self, char: str) -> str:
        return self.style.digits if char.isascii() else FONT

    def width_of(self, text: str, size: float) -> float:
        return sum(pdfmetrics.stringWidth(c, self.font_of(c), size) for c in text)

    def text(self, text: str, x: float, y: float, size: float, twice: bool = False) -> None:
        """`text` with its baseline at y; runs of one font together unless the style differs."""
        for run in self.runs(text):
            for shift in (0.0, 0.25) if twice else (0.0,):
                self.canvas.setFont(self.font_of(run[0]), size)
                self.canvas.drawString(x + shift, self.height - y, run)
            x += self.width_of(run, size)

    def runs(self, text: str) -> Iterator[str]:
        run = ""
        for char in text:
            if run and (self.style.chars or self.font_of(char) != self.font_of(run[0])):
                yield run
                run = ""
            run += char
        if run:
            yield run

    def turned(self, text: str, box: Box, size: float) -> None:
        """`text` from bottom to top, in the middle of a box."""
        length = self.width_of(text, size)
        self.canvas.saveState()
        self.canvas.translate(
            (box[0] + box[2]) / 2 + size * 0.35, self.height - (box[1] + box[3]) / 2 - length / 2
        )
        self.canvas.rotate(90)
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(0, 0, text)
        self.canvas.restoreState()

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """One straight line in the style's way."""
        style, up = self.style, self.height
        along_x = abs(x1 - x0) >= abs(y1 - y0)
        jitter = [self.rng.uniform(-style.jitter, style.jitter) for _ in range(2)]
        x0, x1 = (x0 + jitter[0], x1 + jitter[1]) if along_x else (x0, x1)
        y0, y1 = (y0, y1) if along_x else (y0 + jitter[0], y1 + jitter[1])
        self.canvas.setLineWidth(style.width)
        if style.rules == "rects":
            half = style.width / 2
            self.canvas.rect(
                x0 - half,
                up - y1 - half,
                x1 - x0 + style.width,
                y1 - y0 + style.width,
                stroke=0,
                fill=1,
            )
        elif style.rules == "double":
            for shift in (-0.9, 0.9):
                dx, dy = (0.0, shift) if along_x else (shift, 0.0)
                self.canvas.line(x0 + dx, up - y0 - dy, x1 + dx, up - y1 - dy)
        elif style.rules == "dashes":
            length = max(x1 - x0, y1 - y0)
            steps = max(1, int(length // 4))
            for i in range(steps):
                a, b = i / steps, i / steps + 2.5 / length
                self.canvas.line(
                    x0 + (x1 - x0) * a,
                    up - y0 - (y1 - y0) * a,
                    x0 + (x1 - x0) * min(1, b),
                    up - y0 - (y1 - y0) * min(1, b),
                )
        else:
            self.canvas.line(x0, up - y0, x1, up - y1)


def paper(blocks: Flow, style: Style, rng: Random) -> bytes:
    """The flow on pages."""
    page = _Page(style, rng)
    y = MARGIN
    for block in blocks:
        y = _prose(page, block, y) if isinstance(block, Line) else _table(page, block, y)
    return page.bytes()


def _prose(page: _Page, line: Line, y: float) -> float:
    size = {"title": 18.0, "heading": 14.0}.get(line.role, 12.0)
    indent = 0.0 if line.role == "title" else 2 * size
    for i, text in enumerate(
        wrapped(
            page, line.text, page.width - 2 * MARGIN, size, 0.0 if line.role == "title" else indent
        )
    ):
        if y + size * LEADING > page.height - MARGIN:
            page.turn_over()
            y = MARGIN
        x = (
            (page.width - page.width_of(text, size)) / 2
            if line.role == "title"
            else MARGIN + (indent if i == 0 else 0.0)
        )
        page.text(text, x, y + size, size)
        y += size * LEADING * 1.2
    return y + 4


def wrapped(page: _Page, text: str, width: float, size: float, indent: float = 0.0) -> list[str]:
    """`text` in lines no wider than `width`, broken at any character but within numbers; typed line
    breaks stay.
    """
    found: list[str] = []
    for part in text.split("\n"):
        line, room = "", width - (0.0 if found else indent)
        for piece in _pieces(part):
            if line and page.width_of(line + piece, size) > room:
                found.append(line)
                line, room = "", width
            line += piece
        found.append(line)
    return found


def _pieces(text: str) -> Iterator[str]:
    """Characters, those of a number together."""
    number = ""
    for char in text:
        if (
            char.isascii() and (char.isdigit() or char in "+-,.")
        ) or char in "０１２３４５６７８９．－＋":
            number += char
            continue
        if number:
            yield number
            number = ""
        yield char
    if number:
        yield number


# ---- tables


@dataclass
class _Laid:
    """One cell on paper: its words as lines, those already printed gone, and the rows that it still
    covers.
    """

    anchor: Anchor
    lines: list[str]
    turned: bool = False


def _widths(table: TableLayout, room: float) -> list[float]:
    """The widths of the columns as forms have them."""
    shares = {
        "proactive": [3.0] + [2.0] * (table.n_cols - 1),
        "requests": [0.7, 1.6, 4.0] + [1.1] * 7,
        "statistics": [6.0, 1.4] + [2.0] * (table.n_cols - 2),
    }.get(table.table_id, [1.0] * table.n_cols)
    return [room * s / sum(shares) for s in shares]


def _table(page: _Page, table: TableLayout, y: float) -> float:
    style = page.style
    size, pad = style.size, style.pad
    widths = _widths(table, page.width - 2 * MARGIN)
    xs = [MARGIN + sum(widths[:i]) for i in range(table.n_cols + 1)]
    cells: list[_Laid] = []
    for a in table.anchors:
        width = xs[a.col + a.col_span] - xs[a.col] - 2 * pad
        turned = style.tall == "turned" and a.row_span > 4 and width < 2.5 * size
        cells.append(
            _Laid(
                a,
                [a.text]
                if turned
                else wrapped(page, a.text, width, size)
                if a.text.strip()
                else [],
                turned,
            )
        )
    heights = _heights(page, table, cells)
    head = (
        [replace(a) for a in table.anchors if a.row + a.row_span <= table.head_rows]
        if style.again and table.head_rows
        else []
    )
    start = 0
    while start < table.n_rows:
        room = page.height - MARGIN - y
        end, used = start, 0.0
        while end < table.n_rows and used + heights[end] <= room:
            used += heights[end]
            end += 1
        rest = (
            _cut(page, cells, end, heights, room - used)
            if end < table.n_rows and style.cut and end > start + 1
            else 0.0
        )
        if end == start:
            page.turn_over()
            y = MARGIN
            continue
        rows = heights[start:end] + ([rest] if rest else [])
        _draw(page, cells, xs, rows, start, y, cut=bool(rest))
        y += sum(rows)
        if rest:
            heights[end] = (
                size
                * LEADING
                * max(
                    [
                        1,
                        *(
                            len(c.lines)
                            for c in cells
                            if c.anchor.row == end and c.anchor.row_span == 1
                        ),
                    ]
                )
                + 2 * pad
            )
        start = end
        if start < table.n_rows:
            page.turn_over()
            y = MARGIN
            if head:
                y = _again(page, head, xs, heights, y)
    return y + 14


def _heights(page: _Page, table: TableLayout, cells: list[_Laid]) -> list[float]:
    step, pad = page.style.size * LEADING, page.style.pad
    heights = [step + 2 * pad] * table.n_rows
    for c in sorted(cells, key=lambda c: c.anchor.row_span):
        a = c.anchor
        need = (
            page.width_of(a.text, page.style.size) if c.turned else step * len(c.lines)
        ) + 2 * pad
        short = need - sum(heights[a.row : a.row + a.row_span])
        if short > 0:
            heights[a.row + a.row_span - 1] += short
    return heights


def _again(
    page: _Page, head: list[Anchor], xs: list[float], heights: list[float], y: float
) -> float:
    rows = heights[: max(a.row + a.row_span for a in head)]
    cells = [
        _Laid(
            a,
            wrapped(
                page,
                a.text,
                xs[a.col + a.col_span] - xs[a.col] - 2 * page.style.pad,
                page.style.size,
            ),
        )
        for a in head
    ]
    _draw(page, cells, xs, rows, 0, y)
    return y + sum(rows)


def _cut(page: _Page, cells: list[_Laid], row: int, heights: list[float], room: float) -> float:
    """The height of the part of `row` that still fits on the page, 0 if it is not to be cut; see
    `_draw` for what is printed there.
    """
    step, pad = page.style.size * LEADING, page.style.pad
    longest = max(
        (len(c.lines) for c in cells if c.anchor.row == row and c.anchor.row_span == 1), default=1
    )
    fits = int((room - 2 * pad) // step)
    return fits * step + 2 * pad if 1 <= fits < longest else 0.0


def _draw(
    page: _Page,
    cells: list[_Laid],
    xs: list[float],
    rows: list[float],
    start: int,
    y: float,
    cut: bool = False,
) -> None:
    """Rows from `start` on at y, each `rows` high.

    A cell that goes beyond prints the lines that fit and keeps the others.

    With `cut` the last row goes on over the page; its values are printed here or there, as the
    style says.
    """
    style = page.style
    ys = [y + sum(rows[:i]) for i in range(len(rows) + 1)]
    sides: set[tuple[float, float, float, float]] = set()
    for c in cells:
        a = c.anchor
        top, bottom = max(a.row - start, 0), min(a.row + a.row_span - start, len(rows))
        if top >= bottom:
            continue
        box = (xs[a.col], ys[top], xs[a.col + a.col_span], ys[bottom])
        if style.shade and a.key is None and a.col_span > 2:
            page.canvas.setFillGray(0.85)
            page.canvas.rect(
                box[0], page.height - box[3], box[2] - box[0], box[3] - box[1], stroke=0, fill=1
            )
            page.canvas.setFillGray(0)
        if style.rules == "boxes":
            page.canvas.setLineWidth(style.width)
            page.canvas.rect(
                box[0], page.height - box[3], box[2] - box[0], box[3] - box[1], stroke=1, fill=0
            )
        else:
            sides |= _sides(box, xs, ys, whole=style.rules == "line")
        if cut and bottom == len(rows) and a.key and style.cut == "below":
            continue
        _words(
            page,
            c,
            box,
            goes_on=a.row + a.row_span - start > len(rows) or (cut and bottom == len(rows)),
        )
    for x0, y0, x1, y1 in sorted(
        _merged(sides) if style.rules in ("line", "double", "dashes") else sides
    ):
        if style.outer or y0 == y1 or xs[0] < x0 < xs[-1]:
            page.rule(x0, y0, x1, y1)


def _words(page: _Page, cell: _Laid, box: Box, goes_on: bool) -> None:
    style, a = page.style, cell.anchor
    size, step, pad = style.size, style.size * LEADING, style.pad
    if cell.turned:
        if cell.lines:
            page.turned(a.text, box, size)
            cell.lines = []
        return
    fits = max(1, int((box[3] - box[1] - 2 * pad + 0.01) // step)) if goes_on else len(cell.lines)
    lines, cell.lines = cell.lines[:fits], cell.lines[fits:]
    y = (box[1] + box[3]) / 2 - step * len(lines) / 2 + size * 0.95
    for line in lines:
        width = page.width_of(line, size)
        x = {"left": box[0] + pad, "right": box[2] - pad - width}.get(
            style.align if a.key else "left", (box[0] + box[2] - width) / 2
        )
        if a.key is None and style.align == "center" and len(lines) == 1:
            x = (box[0] + box[2] - width) / 2
        page.text(line, x, y, size, twice=style.bold and a.key is None)
        y += step


def _sides(
    box: Box, xs: list[float], ys: list[float], whole: bool
) -> set[tuple[float, float, float, float]]:
    """The four sides of a cell, for `whole` cut at every edge of the grid so that they can be
    merged.
    """
    left, top, right, bottom = box
    if not whole:
        return {
            (left, top, right, top),
            (left, bottom, right, bottom),
            (left, top, left, bottom),
            (right, top, right, bottom),
        }
    cols = [x for x in xs if left <= x <= right]
    lines = [y for y in ys if top <= y <= bottom]
    found = {(a, y, b, y) for a, b in pairwise(cols) for y in (top, bottom)}
    return found | {(x, a, x, b) for a, b in pairwise(lines) for x in (left, right)}


def _merged(
    sides: set[tuple[float, float, float, float]],
) -> set[tuple[float, float, float, float]]:
    """Sides that go on in one direction as one line."""
    found: list[list[float]] = []
    for horizontal in (True, False):
        chosen = [s for s in sides if (s[1] == s[3]) == horizontal]
        for x0, y0, x1, y1 in sorted(
            chosen, key=lambda s: (s[1], s[0]) if horizontal else (s[0], s[1])
        ):
            last = found[-1] if found else None
            if (
                last
                and (
                    last[1] == last[3] == y0 == y1 if horizontal else last[0] == last[2] == x0 == x1
                )
                and (x0 <= last[2] if horizontal else y0 <= last[3])
            ):
                last[2], last[3] = max(last[2], x1), max(last[3], y1)
            else:
                found.append([x0, y0, x1, y1])
    return {(a, b, c, d) for a, b, c, d in found}


STYLES: Final[dict[str, Style]] = {
    "line": Style(),
    "sides": Style(rules="sides", digits="Times-Roman", jitter=0.8),
    "rects": Style(rules="rects", digits="Helvetica", shade=True),
    "boxes": Style(rules="boxes", align="left"),
    "double": Style(rules="double", align="right", digits="Times-Roman"),
    "dashes": Style(rules="dashes"),
    "open": Style(outer=False, digits="Times-Roman"),
    "jitter": Style(jitter=1.5),
    "thick": Style(width=2.0, rules="sides"),
    "chars": Style(chars=True, bold=True),
    "turned": Style(tall="turned", digits="Helvetica"),
    "form": Style(form=True, rules="rects"),
    "rotate-90": Style(turn=1),
    "rotate-180": Style(turn=2, digits="Times-Roman"),
    "rotate-270": Style(turn=3, rules="rects"),
    "sideways": Style(sideways=1),
    "sideways-270": Style(sideways=3, digits="Helvetica"),
    "short-pages": Style(height=420.0, digits="Times-Roman"),
    "header-again": Style(
        height=420.0, again=True, mark="第 {} 页", header="政府信息公开工作年度报告"
    ),
    "cut-above": Style(height=500.0, cut="above", mark="— {} —"),
    "cut-below": Style(height=500.0, cut="below", mark="{} / 9"),
    "large": Style(size=10.5, pad=5.4, rules="rects", digits="Times-Roman"),
    "tiny": Style(size=6.0, pad=1.0, width=0.25),
}
