"""Files built to harm, and damaged or encrypted ones, end with the right outcome."""

import resource
import sys
import zlib
from random import Random

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

import extract.registry
import extract.scan
from extract import limits
from extract.document import ReadError, Reason
from extract.pdf.read import read as read_pdf
from extract.registry import read
from tests.build.pdf_files import Style, paper
from tests.build.report import Line as Words
from tests.extract.pdf.pages import (
    CATALOGUE,
    FONT_OBJECT,
    PAGES,
    PAIR,
    SHOW,
    canvas,
    one_page,
    page,
    stream,
    written,
)
from transform.form.forms import load_forms
from transform.tidy import tidy


def refused(data: bytes) -> Reason:
    with pytest.raises(ReadError) as refusal:
        read(data)
    assert refusal.value.detail
    return refusal.value.reason


def words(data: bytes) -> list[str]:
    return [p.text for p in read(data)[1].paragraphs]


def test_a_plain_page_is_read() -> None:
    assert words(one_page(SHOW)) == ["report 1"]


def test_a_loop_of_pages() -> None:
    assert refused(written(CATALOGUE, b"<</Type/Pages/Kids[2 0 R]/Count 1>>")) is Reason.DAMAGED


def test_an_object_that_draws_itself() -> None:
    form = stream(
        b"/X Do " + SHOW,
        (
            b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</X 6 0 "
            b"R>>/Font<</F 5 0 R>>>>"
        ),
    )
    assert words(one_page(b"/X Do", form, resources=b"<</XObject<</X 6 0 R>>>>"))[0].startswith(
        "report 1"
    )


def test_a_cross_reference_that_points_to_itself() -> None:
    data = written(CATALOGUE, PAGES, page(), stream(SHOW), FONT_OBJECT, trailer=b"/Prev START")
    try:
        assert words(data) == ["report 1"]
    except ReadError as refusal:
        assert refusal.reason is Reason.DAMAGED


def test_forty_thousand_rules() -> None:
    rules = b"".join(
        b"%d %d m %d %d l S " % (x, y, x + 4, y) for x in range(0, 500, 10) for y in range(0, 800)
    )
    assert refused(one_page(rules + SHOW, packed=True)) is Reason.TOO_LARGE


@pytest.mark.parametrize("content", [b" ", b"0 0 m "])
def test_a_stream_that_unpacks_to_a_hundred_mebibytes(content: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    packer = zlib.compressobj(9)
    block = content * (limits.MIB // len(content))
    body = b"".join(packer.compress(block) for _ in range(100)) + packer.flush()
    contents = b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(body), body)
    assert refused(written(CATALOGUE, PAGES, page(), contents, FONT_OBJECT)) is Reason.TOO_LARGE
    twice = zlib.compress(zlib.compress(content * (50 * limits.MIB // len(content)), 9), 9)
    contents = b"<</Filter[/FlateDecode/FlateDecode]/Length %d>>\nstream\n%s\nendstream" % (
        len(twice),
        twice,
    )
    assert refused(written(CATALOGUE, PAGES, page(), contents, FONT_OBJECT)) is Reason.TOO_LARGE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_a_long_honest_stream_is_read() -> None:
    digits = "".join(Random(5).choice("0123456789") for _ in range(200_000)).encode()
    assert words(one_page(b"%" + digits + b"\n" + SHOW, packed=True)) == ["report 1"]


def test_five_thousand_pages() -> None:
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
    kids = b" ".join(b"%d 0 R" % (3 + i) for i in range(5000))
    assert (
        refused(written(CATALOGUE, b"<</Type/Pages/Kids[%s]/Count 5000>>" % kids, *[leaf] * 5000))
        is Reason.TOO_LARGE
    )


def text_page(page: Canvas) -> None:
    page.drawString(100, 700, "report 1")


def test_encrypted_files() -> None:
    assert (
        refused(canvas(text_page, encrypt=StandardEncryption("secret", "owner")))
        is Reason.ENCRYPTED
    )
    # opens without a password
    assert words(canvas(text_page, encrypt=StandardEncryption("", "owner", canCopy=0))) == [
        "report 1"
    ]


def test_no_pages() -> None:
    assert refused(written(CATALOGUE, b"<</Type/Pages/Kids[]/Count 0>>")) is Reason.DAMAGED


@pytest.fixture
def without_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra "scan" were not installed."""
    monkeypatch.setitem(sys.modules, "cv2", None)
    monkeypatch.delitem(sys.modules, "extract.scan.read", raising=False)
    monkeypatch.delattr(extract.scan, "read", raising=False)
    monkeypatch.delattr(extract.registry, "scan", raising=False)


@pytest.mark.usefixtures("without_scans")
def test_a_picture_alone_is_a_scan() -> None:
    facts = (
        b"/Type/XObject/Subtype/Image/Width 1240/Height 1754/BitsPerComponent "
        b"1/ColorSpace/DeviceGray/Filter/JBIG2Decode"
    )
    picture = stream(b"\x97JB2\r\n\x1a\n" + bytes(100), facts)
    data = one_page(b"q 595 0 0 842 0 0 cm /I Do Q", picture, resources=b"<</XObject<</I 6 0 R>>>>")
    assert refused(data) is Reason.READER_MISSING


@pytest.mark.usefixtures("without_scans")
def test_text_drawn_as_outlines_is_a_scan() -> None:
    assert (
        refused(
            one_page(
                b"".join(b"%d %d m %d 300 400 %d 20 20 c f " % (x, x, x, x) for x in range(300))
            )
        )
        is Reason.READER_MISSING
    )


def test_scripts_and_actions_are_not_run() -> None:
    script = b"<</S/JavaScript/JS(app.launchURL\\('http://127.0.0.1:9'\\))/Next<</S/Launch/F(/bin/true)>>>>"
    catalogue = (
        b"<</Type/Catalog/Pages 2 0 R/OpenAction 6 0 R/Names<</JavaScript<</Names[(a) 6 0 R]>>>>>>"
    )
    assert words(one_page(SHOW, script, catalogue=catalogue, more=b"/AA<</O 6 0 R>>")) == [
        "report 1"
    ]


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_cut_files_are_damaged_or_read(keep: float) -> None:
    data = paper([Words("一、概述", "heading"), PAIR], Style(), Random(1))
    try:
        _, document = read(data[: int(keep * len(data))])
        assert not document.grids or [c.text for c in document.grids[0].cells] == [
            "甲项",
            "12",
            "乙项",
            "34",
        ]
    except ReadError as refusal:
        assert refusal.reason is Reason.DAMAGED


def test_nothing_but_the_name_of_a_pdf() -> None:
    assert refused(b"%PDF-1.7\n" + bytes(500)) is Reason.DAMAGED


def test_a_blank_page_holds_nothing() -> None:
    document = read_pdf(one_page(b""))
    assert document.blocks == ()
    assert tidy(document, load_forms(), 2023).reason is Reason.NO_TABLES


def test_characters_of_unknown_meaning_are_never_digits() -> None:
    """A font with codes of its own and no map to Unicode: the codes look like digits and mean
    something else.
    """
    font = b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[7 0 R]>>"
    descendant = (
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement "
        b"0>>/FontDescriptor 8 0 R/DW 600>>"
    )
    descriptor = (
        b"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 -200 1000 900]/Ascent 900/Descent "
        b"-200/CapHeight 700/ItalicAngle 0/StemV 80>>"
    )
    odd = b"BT /G 12 Tf 72 600 Td <00310032> Tj ET "
    resources = b"<</Font<</F 5 0 R/G 6 0 R>>>>"
    assert (
        refused(one_page(odd, font, descendant, descriptor, resources=resources))
        is Reason.BAD_ENCODING
    )
    document = read_pdf(
        one_page(
            SHOW + SHOW.replace(b"700", b"680") + odd,
            font,
            descendant,
            descriptor,
            resources=resources,
        )
    )
    assert not any(
        "1" in p.text or "2" in p.text for p in document.paragraphs if "report" not in p.text
    )
    assert document.remarks


def test_reading_again_and_again_keeps_no_memory() -> None:
    data = paper([PAIR] * 30, Style(height=420.0), Random(1))
    for _ in range(3):
        read_pdf(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(60):
        read_pdf(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10 * 1024
