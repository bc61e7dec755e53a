"""A font whose map exchanges digits is found by what it draws, and its figures are open."""

import ctypes
from functools import cache

import pypdfium2.raw as pdfium
import pytest

from extract.document import UNREADABLE, Reason
from extract.pdf.read import read
from tests.extract.documents import rows_of
from tests.extract.pdf.pages import one_page, stream
from tests.extract.pdf.test_annotations import GRID

CODES = dict(enumerate("0123456789", start=0x41))  # a digit is written as a letter
PROSE = b"BT /F 12 Tf 72 600 Td (some words of the report) Tj ET "
FIGURES = b"BT /G 12 Tf 121 698 Td (BFHG) Tj ET BT /G 12 Tf 220 668 Td (JIDCEA) Tj ET "
RESOURCES = b"<</Font<</F 5 0 R/G 6 0 R>>>>"


@cache
def program(name: bytes) -> bytes:
    """The bytes of one of pdfium's own fonts."""
    document = pdfium.FPDF_CreateNewDocument()
    font = pdfium.FPDFText_LoadStandardFont(document, name)
    size = ctypes.c_size_t()
    pdfium.FPDFFont_GetFontData(font, None, 0, size)
    held = (ctypes.c_uint8 * size.value)()
    pdfium.FPDFFont_GetFontData(font, held, size.value, size)
    pdfium.FPDFFont_Close(font)
    pdfium.FPDF_CloseDocument(document)
    return bytes(held)


def page(name: bytes, codes: dict[int, str]) -> bytes:
    """A page with figures in a font whose map to Unicode says `codes`."""
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    differences = "".join(f"/{glyph}" for glyph in names).encode()
    cmap = b"1 begincodespacerange <00> <ff> endcodespacerange %d beginbfchar " % len(codes)
    cmap += b" ".join(b"<%02x> <%04x>" % (code, ord(text)) for code, text in codes.items())
    font = (
        b"<</Type/Font/Subtype/Type1/BaseFont/AAAAAA+Own/FirstChar 65/LastChar 74/Widths[%s]"
        b"/Encoding<</Type/Encoding/Differences[65%s]>>/FontDescriptor 7 0 R/ToUnicode 9 0 R>>"
    ) % (b"556 " * 10, differences)
    descriptor = (
        b"<</Type/FontDescriptor/FontName/AAAAAA+Own/Flags 4/FontBBox[0 -200 1000 900]"
        b"/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80/FontFile3 8 0 R>>"
    )
    return one_page(
        GRID + PROSE + FIGURES,
        font,
        descriptor,
        stream(program(name), b"/Subtype/Type1C"),
        stream(cmap + b" endbfchar"),
        resources=RESOURCES,
    )


@pytest.mark.parametrize("name", [b"Helvetica", b"Times-Roman", b"Courier-Bold"])
def test_digits_that_are_what_they_say_are_read(name: bytes) -> None:
    document = read(page(name, CODES))
    assert rows_of(document.grids[0]) == [["1576", ""], ["", "983240"]]
    assert document.flaw is None


@pytest.mark.parametrize("name", [b"Helvetica", b"Times-Roman", b"Courier-Bold"])
@pytest.mark.parametrize("exchanged", [(3, 5), (1, 7), (0, 8), (2, 9)])
def test_two_exchanged_digits_leave_all_figures_of_the_font_open(
    name: bytes, exchanged: tuple[int, int]
) -> None:
    one, other = (0x41 + digit for digit in exchanged)
    document = read(page(name, {**CODES, one: CODES[other], other: CODES[one]}))
    assert rows_of(document.grids[0]) == [[UNREADABLE, ""], ["", UNREADABLE]]
    assert document.flaw is not None and document.flaw[0] is Reason.BAD_ENCODING


def test_digits_exchanged_in_a_circle() -> None:
    moved = {code: CODES[0x41 + (code - 0x41 + 1) % 10] for code in CODES}
    assert read(page(b"Helvetica", moved)).flaw is not None
