"""Streams of a PDF that are damaged are found by their end and checksum, and their pages named; a
figure of unknown meaning, or half a character, leaves its cell open.
"""

import zlib

import pytest

from extract.document import UNREADABLE, Reason
from extract.pdf.damage import find_damage
from extract.pdf.read import read
from tests.extract.documents import rows_of
from tests.extract.pdf.pages import one_page, stream
from tests.extract.pdf.test_annotations import GRID, WORDS

CONTENT = GRID + WORDS + b"% " + bytes(range(33, 120)) * 3
SOUND = one_page(CONTENT, packed=True)
AT = SOUND.index(b"stream\n") + len(b"stream\n")
PACKED = len(zlib.compress(CONTENT, 9))


def flipped(at: int) -> bytes:
    return SOUND[:at] + bytes([SOUND[at] ^ 8]) + SOUND[at + 1 :]


def test_a_sound_file_has_no_damage() -> None:
    assert find_damage(SOUND) == "" and read(SOUND).flaw is None
    without_checksum = SOUND.replace(SOUND[AT + PACKED - 4 : AT + PACKED], b"", 1)
    assert find_damage(without_checksum) == "", "some writers leave the checksum out"


@pytest.mark.parametrize("at", [AT, AT + 40, AT + PACKED // 2, AT + PACKED - 1])
def test_one_bit_in_a_stream_is_damage_on_its_page(at: int) -> None:
    assert find_damage(flipped(at)) == "a stream is damaged on page 1; fetch the file anew"


def test_a_stream_that_breaks_off_is_damaged() -> None:
    cut = SOUND[: AT + PACKED // 2] + SOUND[AT + PACKED :]
    assert "page 1" in find_damage(cut)


def test_the_document_has_the_flaw() -> None:
    document = read(flipped(AT + PACKED - 1))
    assert document.flaw == (Reason.DAMAGED, "a stream is damaged on page 1; fetch the file anew")


UNMAPPED = (
    b"<</Type/Font/Subtype/Type3/FontBBox[0 0 600 700]/FontMatrix[.001 0 0 .001 0 0]"
    b"/FirstChar 1/LastChar 2/Widths[600 600]/CharProcs<</a 7 0 R/b 7 0 R>>"
    b"/Encoding<</Type/Encoding/Differences[1/a/b]>>/Resources<<>>%s>>"
)
BOX = b"<</Length 42>>\nstream\n600 0 0 0 600 700 d1 0 0 500 700 re f    \nendstream"
RESOURCES = b"<</Font<</F 5 0 R/G 6 0 R>>>>"
PROSE = b"BT /F 12 Tf 72 600 Td (some words of the report) Tj ET "
FIGURE = b"BT /G 12 Tf 220 698 Td <0102> Tj ET "
HALF = (
    b"1 begincodespacerange <00> <ff> endcodespacerange 2 beginbfchar <01> <0032> "
    b"<02> <D84E> endbfchar"
)


@pytest.mark.parametrize(
    ("font", "reason"),
    [
        (UNMAPPED % b"", Reason.BAD_ENCODING),
        (UNMAPPED % b"/ToUnicode 8 0 R", Reason.DAMAGED),
    ],
)
def test_a_figure_without_a_meaning_is_open(font: bytes, reason: Reason) -> None:
    page = one_page(GRID + WORDS + PROSE + FIGURE, font, BOX, stream(HALF), resources=RESOURCES)
    document = read(page)
    (grid,) = document.grids
    assert rows_of(grid) == [["1576", UNREADABLE], ["30", "40"]]
    assert document.flaw is not None and document.flaw[0] is reason and "page" in document.flaw[1]
