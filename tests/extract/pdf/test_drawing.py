"""How a PDF draws what is no plain line: rectangles with round corners or holes, areas of colour,
words struck out, fonts that lie.
"""

from collections.abc import Callable
from io import BytesIO

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

import tests.build.pdf_files  # noqa: F401  (registers the font)
from extract.document import Document
from extract.layout.strikethrough import find_strikethrough
from extract.pdf.characters import pages
from extract.pdf.read import read
from tests.build.pdf_files import FONT
from tests.extract.documents import rows_of
from tests.extract.pdf.pages import FONT_OBJECT, one_page, stream

WORDS = (
    ("信息内容", "本年", "总数"),
    ("行政许可", "12", "0"),
    ("行政处罚", "3", ""),
    ("行政强制", "0", "7"),
)
LEFT, TOP, WIDE, HIGH = 80.0, 760.0, 100.0, 24.0
Draw = Callable[[Canvas, float, float, int, int], None]


def drawn(*steps: Callable[[Canvas], None]) -> Document:
    sheet = BytesIO()
    canvas = Canvas(sheet, A4, invariant=1)
    for step in steps:
        step(canvas)
    canvas.showPage()
    canvas.save()
    return read(sheet.getvalue())


def words(canvas: Canvas) -> None:
    canvas.setFont(FONT, 12)
    canvas.setFillGray(0)
    for r, row in enumerate(WORDS):
        for c, text in enumerate(row):
            canvas.drawString(LEFT + 6 + c * WIDE, TOP - r * HIGH - 16, text)


def each(draw: Draw) -> Callable[[Canvas], None]:
    def step(canvas: Canvas) -> None:
        for r in range(len(WORDS)):
            for c in range(len(WORDS[0])):
                draw(canvas, LEFT + c * WIDE, TOP - (r + 1) * HIGH, r, c)

    return step


def frame(canvas: Canvas, x: float, y: float, r: int, c: int) -> None:
    """A filled rectangle with a hole."""
    path = canvas.beginPath()
    path.rect(x + 0.7, y + 0.7, WIDE - 1.4, HIGH - 1.4)
    path.rect(x + 1.5, y + 1.5, WIDE - 3, HIGH - 3)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=0)


def rounded(canvas: Canvas, x: float, y: float, r: int, c: int) -> None:
    canvas.roundRect(x + 0.7, y + 0.7, WIDE - 1.4, HIGH - 1.4, 4)


def area(canvas: Canvas, x: float, y: float, r: int, c: int) -> None:
    canvas.setFillGray(0.9 - 0.2 * (r % 2))
    canvas.rect(x + 0.7, y + 0.7, WIDE - 1.4, HIGH - 1.4, stroke=0, fill=1)


def stripe(canvas: Canvas, x: float, y: float, r: int, c: int) -> None:
    if r % 2 == 0:
        area(canvas, x, y, r, c)


def behind(canvas: Canvas) -> None:
    canvas.setFillGray(0.1)
    canvas.rect(
        LEFT - 1, TOP - len(WORDS) * HIGH - 1, 3 * WIDE + 2, len(WORDS) * HIGH + 2, stroke=0, fill=1
    )


@pytest.mark.parametrize("draw", [frame, rounded, area])
@pytest.mark.parametrize("background", [True, False])
def test_a_table_without_a_line(draw: Draw, background: bool) -> None:
    (grid,) = drawn(*([behind] if background and draw is area else []), each(draw), words).grids
    assert rows_of(grid) == [list(row) for row in WORDS]


def test_stripes_are_no_cells() -> None:
    document = drawn(each(stripe), words)
    # no cell holds two
    assert all(c.text in {w for row in WORDS for w in row} for g in document.grids for c in g.cells)


def test_colour_behind_lines_of_prose_is_no_table() -> None:
    def prose(canvas: Canvas) -> None:
        for i in range(6):
            canvas.setFillGray(0.9)
            canvas.rect(72, 700 - 20 * i, 450, 20, stroke=0, fill=1)
            canvas.setFillGray(0)
            canvas.setFont(FONT, 12)
            canvas.drawString(74, 705 - 20 * i, f"第{i}行的文字，后面还有文字。")

    document = drawn(prose)
    assert document.grids == [] and len(document.paragraphs) == 1


def lines(canvas: Canvas) -> None:
    canvas.grid(
        [LEFT + c * WIDE for c in range(4)], [TOP - r * HIGH for r in range(len(WORDS) + 1)]
    )


def struck_out(
    x: float, y: float, old: str, new: str, rise: float = 3.4
) -> Callable[[Canvas], None]:
    def step(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 12)
        canvas.drawString(x, y, old + new)
        canvas.line(x - 0.3, y + rise, x + canvas.stringWidth(old, "Helvetica", 12) + 0.3, y + rise)

    return step


def test_a_figure_struck_out_joins_no_other() -> None:
    document = drawn(lines, words, struck_out(LEFT + 6 + 2 * WIDE, TOP - 2 * HIGH - 16, "49", "8"))
    assert rows_of(document.grids[0])[2] == ["行政处罚", "3", "8"]
    assert document.remarks == ("text that is struck through was left out",)


@pytest.mark.parametrize("rise", [-1.5, 10.0])
def test_a_line_under_or_over_a_figure_leaves_it(rise: float) -> None:
    document = drawn(
        lines, words, struck_out(LEFT + 6 + 2 * WIDE, TOP - 2 * HIGH - 16, "49", "", rise)
    )
    assert rows_of(document.grids[0])[2] == ["行政处罚", "3", "49"]


def test_text_that_ran_into_a_rule_is_not_struck_out() -> None:
    sheet = BytesIO()
    canvas = Canvas(sheet, A4, invariant=1)
    lines(canvas)
    canvas.setFont("Helvetica", 12)
    canvas.drawString(LEFT + 30, TOP - HIGH - 4, "427")
    canvas.showPage()
    canvas.save()
    (page,) = pages(sheet.getvalue())
    assert len(page.glyphs) == 3 and not find_strikethrough(page.rules, page.glyphs).any()


def test_a_font_that_lost_a_part_of_its_meaning_names_no_digit() -> None:
    """The bytes of a font whose map to Unicode has holes come out as letters and digits; its
    letters among Chinese ones give it away.
    """
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def 1 "
        b"begincodespacerange <00><FF> endcodespacerange "
        b"3 beginbfchar <41><4FE1> <42><606F> <43><516C> endbfchar endcmap end end"
    )
    widths = b"/FirstChar 0/LastChar 255/Widths[%s]" % (b"1000 " * 256)
    font = (
        b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman%s/ToUnicode 7 0 R/FontDescriptor 8 0 "
        b"R/Encoding/WinAnsiEncoding>>"
    )
    descriptor = (
        b"<</Type/FontDescriptor/FontName/Times-Roman/Flags 4/FontBBox[0 -200 1000 900]/Ascent "
        b"900/Descent -200/CapHeight 700/ItalicAngle 0/StemV 80>>"
    )
    shown = b"BT /G 12 Tf 72 700 Td (AB\xc7C2) Tj ET BT /F 12 Tf 72 650 Td (345) Tj ET"
    data = one_page(
        shown, font % widths, stream(cmap), descriptor, resources=b"<</Font<</F 5 0 R/G 6 0 R>>>>"
    )
    assert FONT_OBJECT in data
    (page,) = pages(data)
    assert "".join(page.glyphs.text).replace("\ufffd", "?") == "信息?公?345"
    assert page.unknown_glyphs == 2
