"""Documents that are one text file, XML of Word or a MIME message: the same reading as of the docx
or the page that they carry.
"""

import email.encoders
import email.mime.base
import email.mime.multipart
import email.mime.text

import pytest
from lxml import etree

from extract.detect import Format
from extract.document import ReadError, Reason
from extract.html import mht
from extract.html import read as html
from extract.registry import read
from extract.word import docx
from extract.word import flat_xml as word_xml
from tests.build.draw import random_report
from tests.build.packing import unpack
from tests.build.registry import LAYOUTS, build, edition_fits
from tests.build.report import EDITIONS

PACKAGE = "http://schemas.microsoft.com/office/2006/xmlPackage"
WORD_2003 = "http://schemas.microsoft.com/office/word/2003/wordml"
AML = "http://schemas.microsoft.com/aml/2001/core"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LAYOUTS_OF_WORD = [name for name in LAYOUTS if name.startswith("docx-")]
PAGES = [name for name in LAYOUTS if name.startswith("html-") and "script" not in name]


def flat(package: bytes) -> bytes:
    """A docx as one XML file, as Word saves it: XML parts as they are."""
    root = etree.Element(f"{{{PACKAGE}}}package", nsmap={"pkg": PACKAGE})
    for name, content in unpack(package).items():
        if name.endswith((".xml", ".rels")) and name != "[Content_Types].xml":
            part = etree.SubElement(root, f"{{{PACKAGE}}}part", {f"{{{PACKAGE}}}name": f"/{name}"})
            etree.SubElement(part, f"{{{PACKAGE}}}xmlData").append(etree.fromstring(content))
    return (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<?mso-application '
        b'progid="Word.Document"?>\n'
    ) + etree.tostring(root, encoding="utf-8")


def word_2003(body: str) -> bytes:
    """A document of Word 2003."""
    spaces = (
        f'xmlns:w="{WORD_2003}" xmlns:aml="{AML}" '
        'xmlns:st1="urn:schemas-microsoft-com:office:smarttags"'
    )
    hints = (
        'xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint" '
        'xmlns:o="urn:schemas-microsoft-com:office:office" xml:space="preserve"'
    )
    title = "<o:DocumentProperties><o:Title> a  title </o:Title></o:DocumentProperties>"
    return (
        f'<?xml version="1.0"?><w:wordDocument {spaces} '
        f"{hints}>{title}<w:body><wx:sect>{body}</wx:sect></w:body></w:wordDocument>"
    ).encode()


@pytest.mark.parametrize("layout", LAYOUTS_OF_WORD)
def test_a_flat_package_reads_as_the_docx(layout: str) -> None:
    for edition in EDITIONS:
        if edition_fits(layout, edition):
            data = build(random_report(5, edition), layout).data
            wanted = docx.read(data)
            kind, document = read(flat(data))
            assert kind is Format.WORD_XML and document.reader == "word_xml"
            assert (document.blocks, document.facts) == (wanted.blocks, wanted.facts)


def in_words_of_2003(package: bytes) -> bytes:
    """The main part of a docx in the vocabulary of Word 2003, which has other names for merges and
    changes, and its own for attributes.
    """
    root = etree.fromstring(unpack(package)["word/document.xml"])
    for element in list(root.iter(etree.Element)):
        space, local = etree.QName(element).namespace, etree.QName(element).localname
        if space != WORD:
            continue
        element.tag = (
            f"{{{WORD_2003}}}{({'vMerge': 'vmerge', 'document': 'wordDocument'}).get(local, local)}"
        )
        for name, value in list(element.attrib.items()):
            if name.startswith(f"{{{WORD}}}"):
                del element.attrib[name]
                element.set(name.replace(WORD, WORD_2003), value)
        if local in ("ins", "del"):
            content = etree.Element(f"{{{AML}}}content")
            content.extend(list(element))
            element.append(content)
            element.tag = f"{{{AML}}}annotation"
            element.set(
                f"{{{WORD_2003}}}type", {"ins": "Word.Insertion", "del": "Word.Deletion"}[local]
            )
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


# Word 2003 has no content controls
@pytest.mark.parametrize("layout", [name for name in LAYOUTS_OF_WORD if name != "docx-controls"])
def test_word_2003_reads_as_the_docx(layout: str) -> None:
    for edition in EDITIONS:
        if edition_fits(layout, edition):
            data = build(random_report(6, edition), layout).data
            kind, document = read(in_words_of_2003(data))
            assert kind is Format.WORD_XML
            assert document.blocks == docx.read(data).blocks


def test_what_word_2003_says_in_its_own_way() -> None:
    def cell(text: str, more: str = "") -> str:
        return (
            '<w:tc><w:tcPr><w:tcW w:w="900" '
            f'w:type="dxa"/>{more}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>'
        )

    change = 'aml:id="0" aml:author="x" aml:createdate="2020-01-01T00:00:00Z"'
    gone = (
        f"<aml:annotation {change} "
        'w:type="Word.Deletion"><aml:content><w:r><w:delText>9</w:delText></w:r></aml:content></aml:annotation>'
    )
    come = (
        f"<aml:annotation {change} "
        'w:type="Word.Insertion"><aml:content><w:r><w:t>1</w:t></w:r></aml:content></aml:annotation>'
    )
    note = (
        f"<aml:annotation {change} "
        'w:type="Word.Comment"><aml:content><w:p><w:r><w:t>note</w:t></w:r></w:p></aml:content></aml:annotation>'
    )
    smart = "<st1:chmetcnv><w:r><w:t> 2</w:t></w:r></st1:chmetcnv>"
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
    rows = [
        cell("a", '<w:vmerge w:val="restart"/>') + cell("b", '<w:gridSpan w:val="2"/>'),
        cell("", "<w:vmerge/>") + cell("c") + cell("d"),
    ]
    table = (
        '<w:tbl><w:tblGrid><w:gridCol w:w="900"/><w:gridCol w:w="900"/><w:gridCol '
        'w:w="900"/></w:tblGrid>'
    ) + "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    document = word_xml.read(
        word_2003(f"<w:p>{gone}{come}{note}{smart}{hidden}</w:p>{table}</w:tbl>")
    )
    assert [p.text for p in document.paragraphs] == ["1 2"]
    assert [c[:5] for c in document.grids[0].cells] == [
        ("a", 0, 0, 2, 1),
        ("b", 0, 1, 1, 2),
        ("c", 1, 1, 1, 1),
        ("d", 1, 2, 1, 1),
    ]
    assert document.facts == (("title", "a title"),)


@pytest.mark.parametrize(
    "data", [b"<a/>", flat(b"PK\x05\x06" + bytes(18)), word_2003("").replace(b"w:body", b"w:none")]
)
def test_xml_without_a_document_is_damaged(data: bytes) -> None:
    with pytest.raises(ReadError) as caught:
        word_xml.read(data)
    assert caught.value.reason is Reason.DAMAGED


# ---- MIME messages


def message(page: bytes, encoding: str = "base64", charset: str | None = None) -> bytes:
    """As Word saves a page with its pictures."""
    whole = email.mime.multipart.MIMEMultipart("related")
    whole.attach(email.mime.text.MIMEText("not the page", "plain"))
    part = email.mime.base.MIMEBase(
        "text", "html", **({} if charset is None else {"charset": charset})
    )
    part.set_payload(page)
    (email.encoders.encode_base64 if encoding == "base64" else email.encoders.encode_quopri)(part)
    whole.attach(part)
    return whole.as_bytes()


@pytest.mark.parametrize("layout", PAGES)
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_a_message_reads_as_its_page(layout: str, encoding: str) -> None:
    page = build(random_report(4, "2021"), layout).data
    wanted = html.read(page)
    for lead in (b"", b"\r\n"):
        kind, document = read(lead + message(page, encoding))
        assert kind is Format.MHT and document.reader == "mht"
        assert document.blocks == wanted.blocks


def test_the_message_may_be_what_names_the_encoding() -> None:
    page = "<html><table><tr><td>总计</td><td>1</td></tr></table></html>"
    for charset, codec in (
        ("gb2312", "gbk"),
        ("unicode", "utf-16"),
        ("utf-8", "utf-8"),
        ("big5", "big5"),
    ):
        (grid,) = mht.read(
            message(
                page.replace("总计", "總計" if codec == "big5" else "总计").encode(codec),
                charset=charset,
            )
        ).grids
        assert [c.text for c in grid.cells] == ["總計" if codec == "big5" else "总计", "1"], charset


def test_a_message_without_a_page_is_damaged() -> None:
    whole = email.mime.text.MIMEText("words", "plain")
    with pytest.raises(ReadError) as caught:
        mht.read(whole.as_bytes())
    assert caught.value.reason is Reason.DAMAGED


def test_nested_messages_are_refused() -> None:
    data = b"MIME-Version: 1.0\r\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
        for n in range(5_000)
    )
    with pytest.raises(ReadError) as caught:
        read(data)
    assert caught.value.reason is Reason.ARCHIVE_GUARD
