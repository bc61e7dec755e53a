"""A digit that nobody sees beside a number joins none, however it is hidden; a white figure on a
dark area is seen.
"""

import pytest

from extract.layout.note_marks import NOTE_MARK_REMARK
from extract.pdf.characters import SLANTED_REMARK, UNSEEN_REMARK, pages
from extract.pdf.read import read
from tests.extract.documents import rows_of
from tests.extract.pdf.pages import one_page

RESOURCES = (
    b"<</Font<</F 5 0 R>>/ExtGState<</Clear<</ca 0>>>>/Properties<</Layer 6 0 R>>"
    b"/XObject<</Form 7 0 R>>>>"
)
LAYER = b"<</Type/OCG/Name(draft)>>"
FORM = (
    b"<</Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</Font<</F 5 0 R>>>>/Length 33>>\n"
    b"stream\nBT /F 12 Tf 114 695 Td (9) Tj ET \nendstream"
)
GRID = b"1 w 100 660 m 300 660 l S 100 690 m 300 690 l S 100 720 m 300 720 l S " + b"".join(
    b"%d 660 m %d 720 l S " % (x, x) for x in (100, 200, 300)
)
WORDS = (
    b"BT /F 12 Tf 121 698 Td (1576) Tj ET BT /F 12 Tf 220 698 Td (20) Tj ET "
    b"BT /F 12 Tf 121 668 Td (30) Tj ET BT /F 12 Tf 220 668 Td (40) Tj ET "
)
NINE = b"BT /F 12 Tf %s 114 698 Td (9) Tj ET "

HIDDEN = {
    "render mode 3": NINE % b"3 Tr" + b"0 Tr ",
    "render mode 7": b"q " + NINE % b"7 Tr" + b"Q ",
    "transparent": b"q /Clear gs " + NINE % b"" + b"Q ",
    "white on white": b"q 1 g " + NINE % b"" + b"Q ",
    "grey on grey": b".8 g 101 691 98 28 re f 0 g q .8 g " + NINE % b"" + b"Q ",
    "covered": NINE % b"" + b"q 1 g 110 694 10.5 18 re f Q ",
    "clipped away": b"q 121 690 60 30 re W n " + NINE % b"" + b"Q ",
    "a tenth of a point": b"BT /F .5 Tf 120.5 698 Td (9) Tj ET ",
    "outside of the page": b"BT /F 12 Tf 114 898 Td (9) Tj ET ",
}


def content(*parts: bytes) -> bytes:
    return one_page(b"".join(parts), LAYER, FORM, resources=RESOURCES)


@pytest.mark.parametrize("how", HIDDEN)
def test_a_digit_that_cannot_be_seen_joins_no_number(how: str) -> None:
    hidden = HIDDEN[how]
    first, later = (hidden, b"") if how == "grey on grey" else (b"", hidden)
    document = read(content(GRID, first, WORDS, later))
    assert rows_of(document.grids[0]) == [["1576", "20"], ["30", "40"]]
    assert document.remarks == (f"page 1: {UNSEEN_REMARK}",)


@pytest.mark.parametrize("is_off", [True, False])
def test_a_layer_that_is_off_is_not_read(is_off: bool) -> None:
    switch = b"/OFF[6 0 R]" if is_off else b"/ON[6 0 R]"
    catalogue = b"<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[6 0 R]/D<<%s>>>>>>" % switch
    layer = b"/OC /Layer BDC " + NINE % b"" + b"EMC "
    data = one_page(GRID + WORDS + layer, LAYER, FORM, resources=RESOURCES, catalogue=catalogue)
    expected = "1576" if is_off else "91576"
    assert rows_of(read(data).grids[0])[0] == [expected, "20"]


SEEN = {
    "as it is": NINE % b"",
    "white on black": b"100 690 19.8 30 re f q 1 g " + NINE % b"" + b"Q ",
    "drawn as an outline": NINE % b"1 Tr" + b"0 Tr ",
    "under a transparent box": NINE % b"" + b"q /Clear gs 110 694 10.5 18 re f Q ",
    "on a white box": b"q 1 g 110 694 10.5 18 re f Q " + NINE % b"",
    "in a form that is painted over a white box": b"q 1 g 110 694 10.5 18 re f Q /Form Do ",
    "within its clipping path": b"q 110 690 60 30 re W n " + NINE % b"" + b"Q ",
}


@pytest.mark.parametrize("how", SEEN)
def test_what_can_be_seen_is_read(how: str) -> None:
    (page,) = pages(content(GRID, WORDS, SEEN[how]))
    assert "".join(page.glyphs.text) == "1576203040" + "9"
    assert page.remarks == ()


def test_slanted_text_is_of_no_table() -> None:
    slanted = b"BT /F 12 Tf .9 .4 -.4 .9 113 696 Tm (9) Tj ET "
    document = read(
        content(GRID, WORDS, b"BT /F 12 Tf 72 500 Td (a report of so many) Tj ET ", slanted)
    )
    assert rows_of(document.grids[0]) == [["1576", "20"], ["30", "40"]]
    assert document.remarks == (f"page 1: {SLANTED_REMARK}",)


@pytest.mark.parametrize(("size", "rise"), [(7.5, 4.0), (7.0, -1.5), (6.0, 5.5), (10.0, 4.2)])
def test_a_note_mark_joins_no_number(size: float, rise: float) -> None:
    mark = b"BT /F %.1f Tf 147.8 %.1f Td (12) Tj ET " % (size, 698 + rise)
    document = read(content(GRID, WORDS, mark))
    assert rows_of(document.grids[0])[0] == ["1576", "20"]
    assert document.remarks == (f"page 1: {NOTE_MARK_REMARK}",)


def test_a_small_number_by_itself_is_no_note_mark() -> None:
    (page,) = pages(content(GRID, WORDS, b"BT /F 7 Tf 270 702 Td (12) Tj ET "))
    assert "".join(page.glyphs.text) == "157620304012"
    document = read(content(GRID, WORDS, b"BT /F 7 Tf 260 702 Td (12) Tj ET "))
    assert document.remarks == ()
