"""The second reader of PDF files: a character is in the cell in which it stands, whatever its font
says of its height; what is struck through is left out.
"""

from random import Random

import pytest

from extract.pdf.crosscheck import read
from tests.build import pdf_files
from tests.build.draw import random_report
from tests.build.report import Report, expected_cells, flow
from tests.extract.pdf.pages import one_page
from transform.form.forms import load_forms
from transform.tidy import tidy

LEFT, TOP, WIDE, HIGH, SIZE = 100, 700, 60, 13, 9
RESOURCES = b"<</Font<</F 5 0 R/T 6 0 R>>>>"
# Descent is that of a font that claims two ems for its characters
TALL = (
    b"<</Type/Font/Subtype/Type1/BaseFont/Tall/FirstChar 48/LastChar 57/Widths[%s]"
    b"/Encoding/WinAnsiEncoding/FontDescriptor<</Type/FontDescriptor/FontName/Tall/Flags 32"
    b"/FontBBox[0 -1000 600 1000]/Ascent 1000/Descent %s/ItalicAngle 0/CapHeight 700/StemV 80>>>>"
)


def table(descent: bytes, more: bytes = b"") -> list[list[str]]:
    """What the second reader finds of three rows and two columns of figures."""
    lines = b"0.5 w "
    for row in range(4):
        y = TOP - HIGH * row
        lines += b"%d %d m %d %d l S " % (LEFT, y, LEFT + 2 * WIDE, y)
    for col in range(3):
        x = LEFT + WIDE * col
        lines += b"%d %d m %d %d l S " % (x, TOP, x, TOP - 3 * HIGH)
    texts = b""
    for row in range(3):
        for col in range(2):
            place = (LEFT + WIDE * col + 20, TOP - HIGH * row - 10)
            texts += b"BT /T %d Tf %d %d Td (%d%d) Tj ET " % (SIZE, *place, row + 1, col + 1)
    font = TALL % (b"500 " * 10, descent)
    document = read(one_page(lines + texts + more, font, resources=RESOURCES))
    (grid,) = document.grids
    return [[c.text for c in grid.cells if c.row == r] for r in range(grid.n_rows)]


@pytest.mark.parametrize("descent", [b"-200", b"-900", b"300"])
def test_the_row_is_that_of_the_baseline(descent: bytes) -> None:
    assert table(descent) == [["11", "12"], ["21", "22"], ["31", "32"]]


def test_what_is_struck_through_is_left_out() -> None:
    x, y = LEFT + 20, TOP - HIGH - 10 + 3
    line = b"%d %d m %d %d l S " % (x, y, x + 9, y)
    assert table(b"-200", line) == [["11", "12"], ["", "22"], ["31", "32"]]


OWN = random_report(7, "2021", mean=20)


def found(style: str, report: Report = OWN) -> tuple[int, int]:
    """How many cells of a drawn report the second reader finds, of how many."""
    data = pdf_files.paper(flow(report), pdf_files.STYLES[style], Random(7))
    expected = expected_cells(report)
    got = {
        (c.table_id, c.row_id, c.col_id): c.value
        for c in tidy(read(data), load_forms(), report.year).cells
    }
    return sum(got.get(key) == cell.value for key, cell in expected.items()), len(expected)


@pytest.mark.parametrize(
    "style",
    # on its side, every label drawn twice, outer borders left out, cut by pages, and as it is meant
    ["sideways", "sideways-270", "chars", "open", "short-pages", "line"],
)
def test_every_cell_of_a_drawn_report_is_found(style: str) -> None:
    right, cells = found(style)
    assert right == cells


def test_dotted_lines_are_lines() -> None:
    """Dots of 0.75 points, as a browser draws a dotted border."""
    dots = b""
    for row in range(4):
        y = TOP - HIGH * row
        dots += b"".join(
            b"%.2f %d .75 .75 re f "
            % (
                LEFT + 1.5 * n,
                y,
            )
            for n in range(80)
        )
    for col in range(3):
        x = LEFT + WIDE * col
        dots += b"".join(b"%d %.2f .75 .75 re f " % (x, TOP - 1.5 * n) for n in range(26))
    texts = b""
    for row in range(3):
        for col in range(2):
            place = (LEFT + WIDE * col + 20, TOP - HIGH * row - 10)
            texts += b"BT /T %d Tf %d %d Td (%d%d) Tj ET " % (SIZE, *place, row + 1, col + 1)
    font = TALL % (b"500 " * 10, b"-200")
    (grid,) = read(one_page(dots + texts, font, resources=RESOURCES)).grids
    assert [c.text for c in grid.cells] == ["11", "12", "21", "22", "31", "32"]


def test_a_frame_around_a_table_is_no_cell_of_it() -> None:
    frame = b"%d %d %d %d re S " % (LEFT - 4, TOP - 3 * HIGH - 4, 2 * WIDE + 8, 3 * HIGH + 8)
    rows = [[text for text in row if text] for row in table(b"-200", frame)]
    assert [row for row in rows if row] == [["11", "12"], ["21", "22"], ["31", "32"]]
