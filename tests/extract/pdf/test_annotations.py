"""What annotations and fields show on a page of a PDF is read as text of it; what is seen there and
is no text leaves the cell open, and what only comments changes nothing.
"""

import pytest

from extract.document import UNREADABLE
from extract.pdf.read import read
from tests.extract.documents import rows_of
from tests.extract.pdf.pages import FONT_OBJECT, one_page

# two rows of two cells, the second cell of the first row empty
GRID = b"1 w 100 660 m 300 660 l S 100 690 m 300 690 l S 100 720 m 300 720 l S " + b"".join(
    b"%d 660 m %d 720 l S " % (x, x) for x in (100, 200, 300)
)
WORDS = (
    b"BT /F 12 Tf 121 698 Td (1576) Tj ET BT /F 12 Tf 121 668 Td (30) Tj ET "
    b"BT /F 12 Tf 220 668 Td (40) Tj ET "
)
RECT = b"/Rect[210 693 290 717]"
APPEARANCE = (
    b"<</Type/XObject/Subtype/Form/BBox[0 0 80 24]/Resources<</Font<</F 5 0 R>>"
    b"/XObject<</I 8 0 R>>>>/Length %d>>\nstream\n%s\nendstream"
)
IMAGE = (
    b"<</Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8"
    b"/Length 4>>\nstream\n\x10\x80\x80\x10\nendstream"
)
TEXT = b"BT /F 12 Tf 10 5 Td (20) Tj ET"
DRAWN = b"q 60 0 0 18 5 3 cm /I Do Q"


def annotated(annotation: bytes, appearance: bytes = TEXT, content: bytes = b"") -> bytes:
    return one_page(
        GRID + WORDS + content,
        annotation,
        APPEARANCE % (len(appearance), appearance),
        IMAGE,
        resources=b"<</Font<</F 5 0 R>>/XObject<</I 8 0 R>>>>",
        more=b"/Annots[6 0 R]",
    )


SHOWN = b"/AP<</N 7 0 R>>"


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (b"<</Type/Annot/Subtype/FreeText/F 4/Contents(20)%s%s>>" % (RECT, SHOWN), "20"),
        (b"<</Type/Annot/Subtype/FreeText/F 4/Contents(20)/DA(/F 12 Tf)%s>>" % RECT, UNREADABLE),
        (b"<</Type/Annot/Subtype/FreeText/F 4%s>>" % RECT, ""),
        (b"<</Type/Annot/Subtype/FreeText/F 2/Contents(20)%s%s>>" % (RECT, SHOWN), ""),
        (b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(20)/F 4%s%s>>" % (RECT, SHOWN), "20"),
        (b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(20)/F 4%s>>" % RECT, UNREADABLE),
        (b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/F 4%s>>" % RECT, ""),
        (b"<</Type/Annot/Subtype/Stamp/F 4%s%s>>" % (RECT, SHOWN), "20"),
        (b"<</Type/Annot/Subtype/Ink/F 4/InkList[[215 700 250 710]]%s>>" % RECT, UNREADABLE),
        (b"<</Type/Annot/Subtype/Text/F 4/Contents(20)%s%s>>" % (RECT, SHOWN), ""),
        (b"<</Type/Annot/Subtype/Highlight/F 4/Contents(20)%s%s>>" % (RECT, SHOWN), ""),
        (b"<</Type/Annot/Subtype/Link%s%s>>" % (RECT, SHOWN), ""),
    ],
)
def test_what_an_annotation_shows_is_text_of_the_page(annotation: bytes, text: str) -> None:
    (grid,) = read(annotated(annotation)).grids
    assert rows_of(grid) == [["1576", text], ["30", "40"]]


def test_a_stamp_that_is_a_picture_leaves_the_cell_open() -> None:
    stamp = b"<</Type/Annot/Subtype/Stamp/F 4%s%s>>" % (RECT, SHOWN)
    (grid,) = read(annotated(stamp, DRAWN)).grids
    assert rows_of(grid) == [["1576", UNREADABLE], ["30", "40"]]


@pytest.mark.parametrize(
    ("place", "rows"),
    [
        (b"60 0 0 18 215 697", [["1576", UNREADABLE], ["30", "40"]]),
        (b"20 0 0 14 165 697", [[f"1576{UNREADABLE}", ""], ["30", "40"]]),
        (b"60 0 0 18 110 697", [["1576", ""], ["30", "40"]]),  # behind the figure
        (b"190 0 0 58 105 661", [["1576", ""], ["30", "40"]]),  # behind the table
        (b"1 0 0 1 215 697", [["1576", ""], ["30", "40"]]),  # a dot
    ],
)
def test_a_picture_in_a_cell_leaves_it_open(place: bytes, rows: list[list[str]]) -> None:
    drawn = b"q %s cm /I Do Q " % place
    data = one_page(
        drawn + GRID + WORDS,
        FONT_OBJECT,
        FONT_OBJECT,
        IMAGE,
        resources=b"<</Font<</F 5 0 R>>/XObject<</I 8 0 R>>>>",
    )
    (grid,) = read(data).grids
    assert rows_of(grid) == rows


SEVEN = b"%d 708 m %d 708 l %d 706 l %d 698 l %d 698 l %d 706 l %d 706 l h f "


@pytest.mark.parametrize(("left", "text"), [(215, UNREADABLE), (202, UNREADABLE)])
def test_a_figure_drawn_as_an_outline_leaves_its_cell_open(left: int, text: str) -> None:
    steps = (0, 6, 6, 3, 1, 4, 0)
    seven = SEVEN % tuple(left + step for step in steps)
    (grid,) = read(one_page(GRID + WORDS + seven)).grids
    assert rows_of(grid) == [["1576", text], ["30", "40"]]


def test_a_round_corner_is_no_figure() -> None:
    corner = b"201 719 m 206 719 l 204 718 203 717 202 716 c 202 714 l 201 714 l h f "
    (grid,) = read(one_page(GRID + WORDS + corner)).grids
    assert rows_of(grid) == [["1576", ""], ["30", "40"]]
