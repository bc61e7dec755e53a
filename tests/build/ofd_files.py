"""OFD files (GB/T 33190-2016) written by hand to the standard: text objects with DeltaX, paths for
rules, templates, cells wrapped.

`paper` takes a flow and gives the bytes of a .ofd, the same for the same arguments. Lengths are
millimetres, y down.
"""

from itertools import pairwise
from xml.sax.saxutils import escape

from tests.build.packing import pack
from tests.build.report import Anchor, Flow, Line, TableLayout

NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 20.0
SIZE, LEADING, PAD = 3.2, 4.0, 0.8
Page = list[str]


def paper(
    blocks: Flow, *, compressed: bool = True, stroked: bool = True, offset: bool = True
) -> bytes:
    """`compressed`: equal distances as "g n d"; `stroked`: rules as strokes, else as thin filled
    shapes; `offset`: a boundary for each object.
    """
    draw = _Draw(compressed, stroked, offset)
    for block in blocks:
        if isinstance(block, Line):
            draw.line(block.text)
        else:
            draw.table(block)
    return _package(draw.pages)


def _width(text: str) -> float:
    return sum(SIZE if ord(c) >= 0x2E80 else SIZE / 2 for c in text)


def _wrapped(text: str, room: float) -> list[str]:
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for char in part:
            if line and _width(line + char) > room:
                lines.append(line)
                line = ""
            line += char
        lines.append(line)
    return lines


class _Draw:
    def __init__(self, compressed: bool, stroked: bool, offset: bool) -> None:
        self.compressed, self.stroked, self.offset = compressed, stroked, offset
        self.pages: list[Page] = [[]]
        self.y = MARGIN

    def room(self, height: float) -> None:
        if self.y + height > HEIGHT - MARGIN:
            self.pages.append([])
            self.y = MARGIN

    def text(self, text: str, x: float, baseline: float) -> None:
        if not text.strip():
            return
        steps = [_width(c) for c in text[:-1]]
        delta = ""
        if steps:
            one = len(set(steps)) == 1 and self.compressed
            delta = (
                f' DeltaX="g {len(steps)} {steps[0]:.3f}"'
                if one
                else f' DeltaX="{" ".join(f"{s:.3f}" for s in steps)}"'
            )
        left, top = (x, baseline - SIZE) if self.offset else (0.0, 0.0)
        box = (
            f"{left:.3f} {top:.3f} {_width(text):.3f} {SIZE * 1.2:.3f}"
            if self.offset
            else f"0 0 {WIDTH} {HEIGHT}"
        )
        code = (
            f'<ofd:TextCode X="{x - left:.3f}" '
            f'Y="{baseline - top:.3f}"{delta}>{escape(text)}</ofd:TextCode>'
        )
        self.pages[-1].append(
            f'<ofd:TextObject ID="1" Boundary="{box}" Font="2" '
            f'Size="{SIZE}">{code}</ofd:TextObject>'
        )

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        left, top = min(x0, x1), min(y0, y1)
        box = f"{left:.3f} {top:.3f} {abs(x1 - x0) + 0.2:.3f} {abs(y1 - y0) + 0.2:.3f}"
        if self.stroked:
            data, how = (
                f"M {x0 - left:.3f} {y0 - top:.3f} L {x1 - left:.3f} {y1 - top:.3f}",
                'Stroke="true" Fill="false" LineWidth="0.2"',
            )
        else:
            wide, tall = max(abs(x1 - x0), 0.2), max(abs(y1 - y0), 0.2)
            data, how = (
                f"M 0 0 L {wide:.3f} 0 L {wide:.3f} {tall:.3f} L 0 {tall:.3f} C",
                'Stroke="false" Fill="true"',
            )
        self.pages[-1].append(
            f'<ofd:PathObject ID="1" Boundary="{box}" '
            f"{how}><ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
        )

    def line(self, text: str) -> None:
        for line in _wrapped(text, WIDTH - 2 * MARGIN):
            self.room(LEADING * 1.5)
            self.text(line, MARGIN, self.y + SIZE)
            self.y += LEADING * 1.5

    def table(self, table: TableLayout) -> None:
        n_rows, n_cols = table.n_rows, table.n_cols
        step = (WIDTH - 2 * MARGIN) / n_cols
        heights = [LEADING + 2 * PAD] * n_rows
        for anchor in sorted(table.anchors, key=lambda a: a.row_span):
            needed = (
                len(_wrapped(anchor.text, anchor.col_span * step - 2 * PAD)) * LEADING + 2 * PAD
            )
            spare = needed - sum(heights[anchor.row : anchor.row + anchor.row_span])
            if spare > 0:
                heights[anchor.row + anchor.row_span - 1] += spare
        start = 0
        while start < n_rows:
            self.room(heights[start])
            end, height = start, 0.0
            while end < n_rows and (
                end == start or self.y + height + heights[end] <= HEIGHT - MARGIN
            ):
                height += heights[end]
                end += 1
            self.part(
                table.anchors, start, end, [MARGIN + i * step for i in range(n_cols + 1)], heights
            )
            start = end
        self.y += LEADING

    def part(
        self,
        anchors: "list[Anchor] | tuple[Anchor, ...]",
        start: int,
        end: int,
        xs: list[float],
        heights: list[float],
    ) -> None:
        ys = [self.y]
        for row in range(start, end):
            ys.append(ys[-1] + heights[row])
        for a in anchors:
            top, bottom = max(a.row, start), min(a.row + a.row_span, end)
            if top >= bottom:
                continue
            left, right, above, below = (
                xs[a.col],
                xs[a.col + a.col_span],
                ys[top - start],
                ys[bottom - start],
            )
            for (x0, y0), (x1, y1) in pairwise(
                [(left, above), (right, above), (right, below), (left, below), (left, above)]
            ):
                self.rule(x0, y0, x1, y1)
            if a.row >= start:  # a label cut by the page stands on the first
                for i, line in enumerate(_wrapped(a.text, right - left - 2 * PAD)):
                    self.text(line, left + PAD, above + PAD + SIZE + i * LEADING)
        self.y = ys[-1]


def _package(pages: list[Page]) -> bytes:
    listed = "".join(
        f'<ofd:Page ID="{i + 10}" BaseLoc="Pages/Page_{i}/Content.xml"/>' for i in range(len(pages))
    )
    area = f"<ofd:PageArea><ofd:PhysicalBox>0 0 {WIDTH} {HEIGHT}</ofd:PhysicalBox></ofd:PageArea>"
    common = f"<ofd:CommonData><ofd:MaxUnitID>9</ofd:MaxUnitID>{area}</ofd:CommonData>"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    body = (
        "<ofd:DocBody><ofd:DocInfo><ofd:DocID>0</ofd:DocID></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
    )
    files = {
        "OFD.xml": f'{head}<ofd:OFD {NAMESPACE} Version="1.0" DocType="OFD">{body}</ofd:OFD>',
        "Doc_0/Document.xml": (
            f"{head}<ofd:Document "
            f"{NAMESPACE}>{common}<ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
        ),
    }
    for i, objects in enumerate(pages):
        layer = (
            '<ofd:Content><ofd:Layer ID="5" '
            f'Type="Body">{"".join(objects)}</ofd:Layer></ofd:Content>'
        )
        files[f"Doc_0/Pages/Page_{i}/Content.xml"] = (
            f"{head}<ofd:Page {NAMESPACE}>{layer}</ofd:Page>"
        )
    return pack({name: text.encode() for name, text in files.items()})
