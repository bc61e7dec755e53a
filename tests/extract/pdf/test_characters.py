"""Characters of a page: places by the file's own metrics, whatever fonts the machine has; glyphs
without a meaning are never blank.
"""

from random import Random

import pytest

from extract.document import ReadError, Reason
from extract.layout.text_lines import Glyphs
from extract.pdf.characters import pages
from extract.pdf.read import read
from tests.build.pdf_files import Style, paper
from tests.build.report import Line as Words
from tests.extract.pdf.pages import SHOW, one_page

DIGIT_EM, HAN_EM = 0.462, 1.0  # widths of STSong-Light by its table W


def glyphs(data: bytes) -> Glyphs:
    (page,) = pages(data)
    return page.glyphs


@pytest.mark.parametrize("chars", [False, True])
def test_advances_of_a_font_that_is_not_embedded_are_those_of_the_file(chars: bool) -> None:
    """Each character by itself is there too: pdfium leaves out text without ink."""
    found = glyphs(paper([Words("年12告7456")], Style(chars=chars, mark=""), Random(1)))
    assert "".join(found.text) == "年12告7456"
    widths = [HAN_EM if c >= "\u2e80" else DIGIT_EM for c in found.text]
    ems = [a / 12 for a in found.advance.tolist()]
    assert ems == pytest.approx(widths, abs=0.001)


def test_blanks_of_a_font_that_is_not_embedded_are_blanks() -> None:
    found = glyphs(paper([Words("年 12　告")], Style(mark=""), Random(1)))
    assert "".join(found.text) == "年12告"


SEQUENTIAL = (
    b"<</Type/Font/Subtype/Type3/FontBBox[0 0 600 700]/FontMatrix[.001 0 0 .001 0 0]"
    b"/FirstChar 1/LastChar 3/Widths[600 600 600]/CharProcs<</a 7 0 R/b 7 0 R/c 8 0 R>>"
    b"/Encoding<</Type/Encoding/Differences[1/a/b/c]>>/Resources<<>>>>"
)
BOX = b"<</Length 42>>\nstream\n600 0 0 0 600 700 d1 0 0 500 700 re f    \nendstream"
EMPTY = b"<</Length 24>>\nstream\n600 0 0 0 0 0 d1        \nendstream"
RESOURCES = b"<</Font<</F 5 0 R/G 6 0 R>>>>"


def test_a_glyph_with_a_control_code_has_no_meaning_and_is_not_blank() -> None:
    """Codes 1, 2, 3 … of a font without a map to Unicode; the last draws nothing."""
    text = b"BT /G 12 Tf 72 600 Td <010203> Tj ET "
    with pytest.raises(ReadError) as refusal:
        read(one_page(text, SEQUENTIAL, BOX, EMPTY, resources=RESOURCES))
    assert refusal.value.reason is Reason.BAD_ENCODING
    found = glyphs(one_page(SHOW + text, SEQUENTIAL, BOX, EMPTY, resources=RESOURCES))
    assert "".join(found.text) == "report1\ufffd\ufffd"
