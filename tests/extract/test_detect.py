"""Formats told from bytes alone, and text decoded without losing or inventing a character."""

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.archive import open_archive
from extract.detect import Format, office_main_part, sniff
from extract.document import ReadError, Reason
from extract.encoding import REPLACED, decode_text
from extract.word.ole import Container
from tests.extract import hostile

TABLE = "<table border=1><tr><td>总计</td><td>12</td></tr></table>"
PROSE = (
    "依据有关规定编制本年度报告，内容包括总体情况、主动公开和依申请公开的情况，"
    "统计期限自一月一日起至十二月三十一日止。"
)
TRADITIONAL = (
    "依據有關規定編制本年度報告，內容包括總體情況、主動公開和依申請公開的情況，"
    "統計期限自一月一日起至十二月三十一日止。"
)
WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def opc(
    part: str, kind: str, relation: str = hostile.OFFICE_DOCUMENT, target: str | None = None
) -> bytes:
    members = [
        ("[Content_Types].xml", hostile.content_types(part, kind)),
        ("_rels/.rels", hostile.relations(target or part, relation)),
        (part, b"<x/>"),
    ]
    return hostile.zipped(members)


def open_document(kind: str, manifest: bytes = b"<m/>") -> bytes:
    mimetype = b"application/vnd.oasis.opendocument." + kind.encode()
    return hostile.zipped(
        [("mimetype", mimetype), ("content.xml", b"<x/>"), ("META-INF/manifest.xml", manifest)]
    )


MHT = (
    b"From: <Saved by WPS>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: "
    b"multipart/related;\r\n\tboundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: "
    b"quoted-printable\r\n\r\n<table></table>\r\n--b--"
)

SAMPLES: dict[str, tuple[bytes, Format]] = {
    "docx": (hostile.docx(), Format.DOCX),
    "docx, strict, other main part": (
        opc("word/document2.xml", WORD_MAIN, hostile.STRICT_OFFICE_DOCUMENT),
        Format.DOCX,
    ),
    "docx, main part at the top": (opc("main.xml", WORD_MAIN, target="/main.xml"), Format.DOCX),
    "docm": (
        opc("word/doc.xml", "application/vnd.ms-word.document.macroEnabled.main+xml"),
        Format.DOCX,
    ),
    "xlsx": (hostile.zipped([("xl/workbook.xml", b"<workbook/>")]), Format.XLSX),
    "xlsx, other main part": (
        opc(
            "xl/book.xml",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        ),
        Format.XLSX,
    ),
    "xlsb": (
        opc("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main"),
        Format.XLSB,
    ),
    "pptx": (
        opc(
            "ppt/presentation.xml",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
        ),
        Format.PPTX,
    ),
    "odt": (open_document("text"), Format.ODT),
    "ods": (open_document("spreadsheet"), Format.ODS),
    "ofd": (
        hostile.zipped([("OFD.xml", b"<ofd:OFD/>"), ("Doc_0/Document.xml", b"<x/>")]),
        Format.OFD,
    ),
    "zip of reports": (hostile.zipped([("a.docx", hostile.docx())]), Format.ZIP),
    "empty zip": (hostile.zipped([]), Format.ZIP),
    "doc": (hostile.ole({"WordDocument": hostile.word_stream(), "1Table": b""}), Format.DOC),
    "xls": (hostile.ole({"Workbook": hostile.workbook_stream()}), Format.XLS),
    "xls 5": (hostile.ole({"Book": hostile.workbook_stream()}), Format.XLS),
    "xls without container": (b"\x09\x08\x10\0\0\6\5\0" + bytes(30), Format.XLS),
    "ppt": (hostile.ole({"PowerPoint Document": b""}), Format.PPT),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", Format.PDF),
    "pdf after a line": (b"\r\n\xef\xbb\xbf%PDF-1.4\n1 0 obj", Format.PDF),
    "rtf": (rb"{\rtf1\ansi\ansicpg936 x}", Format.RTF),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Format.IMAGE),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0", Format.IMAGE),
    "bmp": (b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0", Format.IMAGE),
    "tiff": (b"II*\0\x08\0\0\0", Format.IMAGE),
    "webp": (b"RIFF\x24\0\0\0WEBPVP8 ", Format.IMAGE),
    "page": (f"<!DOCTYPE html>\n<html><body>{TABLE}</body></html>".encode(), Format.HTML),
    "page after comments": (
        f"\ufeff\n<!-- saved -->\n<HTML xmlns:o='x'><body>{TABLE}".encode(),
        Format.HTML,
    ),
    "xhtml": (
        (
            f'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x" "y"><html xmlns="z">{TABLE}</html>'
        ).encode(),
        Format.HTML,
    ),
    "fragment": (f"<p style='x'>{PROSE}</p>".encode(), Format.HTML),
    "table in gbk": (TABLE.encode("gbk"), Format.HTML),
    "page in utf-16": (f"<html>{TABLE}</html>".encode("utf-16"), Format.HTML),
    "page in utf-16 without a mark": (f"<html>{TABLE}</html>".encode("utf-16-le"), Format.HTML),
    "html in a script": (f"var body = {json.dumps('<p>x</p>' + TABLE)};".encode(), Format.HTML),
    "html in json": (json.dumps({"content": TABLE}).replace("<", "\\u003c").encode(), Format.HTML),
    "prose, then a table": (f"{PROSE}{TABLE}".encode(), Format.HTML),
    "mht": (MHT, Format.MHT),
    "word 2003 xml": (
        (
            b'<?xml version="1.0"?>\n<?mso-application progid="Word.Document"?>\n<w:wordDocument '
            b'xmlns:w="x"/>'
        ),
        Format.WORD_XML,
    ),
    "flat opc": (b'<?xml version="1.0"?><pkg:package xmlns:pkg="x"/>', Format.WORD_XML),
    "excel 2003 xml": (
        b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        Format.SHEET_XML,
    ),
    "other xml": (b'<?xml version="1.0"?><rss version="2.0"/>', Format.XML),
    "text": (PROSE.encode(), Format.TEXT),
    "text in gbk": (PROSE.encode("gbk"), Format.TEXT),
    "text in utf-16": (PROSE.encode("utf-16"), Format.TEXT),
    "text with leftovers of tags": (
        f"{PROSE}<!--[if !supportLists]-->1 < 2<br />{PROSE}".encode(),
        Format.TEXT,
    ),
    "one figure": (b"0", Format.TEXT),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_formats(name: str) -> None:
    data, expected = SAMPLES[name]
    assert sniff(data) is expected


def test_every_format_has_a_sample() -> None:
    assert {kind for _, kind in SAMPLES.values()} == set(Format)


REFUSED: dict[str, tuple[bytes, Reason]] = {
    "no bytes": (b"", Reason.EMPTY_FILE),
    "blank": (b" \r\n\t\n", Reason.EMPTY_FILE),
    "mark only": (b"\xef\xbb\xbf", Reason.EMPTY_FILE),
    "mark only, utf-16": (b"\xff\xfe", Reason.EMPTY_FILE),
    "zeros": (bytes(5000), Reason.EMPTY_FILE),
    "password of docx": (
        hostile.ole({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}),
        Reason.ENCRYPTED,
    ),
    "password of doc": (
        hostile.ole({"WordDocument": hostile.word_stream(encrypted=True)}),
        Reason.ENCRYPTED,
    ),
    "password of xls": (
        hostile.ole({"Workbook": hostile.workbook_stream(encrypted=True)}),
        Reason.ENCRYPTED,
    ),
    "password of zip": (hostile.with_flag(hostile.docx(), 1), Reason.ENCRYPTED),
    "password of odt": (open_document("text", b"<m><encryption-data/></m>"), Reason.ENCRYPTED),
    "rar": (b"Rar!\x1a\x07\x01\0abc", Reason.UNKNOWN_FORMAT),
    "gzip": (b"\x1f\x8b\x08\0abc", Reason.UNKNOWN_FORMAT),
    "program": (b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 4, Reason.UNKNOWN_FORMAT),
    "container of something else": (hostile.ole({"Contents": b"x"}), Reason.UNKNOWN_FORMAT),
    "cut docx": (hostile.docx()[:-40], Reason.DAMAGED),
    "cut doc": (hostile.ole({"WordDocument": hostile.word_stream()})[:900], Reason.DAMAGED),
    "head of a doc": (hostile.ole({})[:100], Reason.DAMAGED),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    data, reason = REFUSED[name]
    with pytest.raises(ReadError) as refusal:
        sniff(data)
    assert refusal.value.reason == reason
    assert refusal.value.detail


def test_main_part() -> None:
    assert (
        office_main_part(open_archive(SAMPLES["docx, strict, other main part"][0]))
        == "word/document2.xml"
    )
    assert office_main_part(open_archive(SAMPLES["docx, main part at the top"][0])) == "main.xml"
    assert office_main_part(open_archive(SAMPLES["zip of reports"][0])) is None
    missing = hostile.zipped([("_rels/.rels", hostile.relations("word/gone.xml"))])
    assert office_main_part(open_archive(missing)) is None


def test_password_by_a_real_library() -> None:
    ooxml = pytest.importorskip("msoffcrypto.format.ooxml")
    out = io.BytesIO()
    ooxml.OOXMLFile(io.BytesIO(hostile.docx())).encrypt("secret", out)
    with pytest.raises(ReadError) as refusal:
        sniff(out.getvalue())
    assert refusal.value.reason == Reason.ENCRYPTED


def test_loops_in_a_container_end() -> None:
    data = bytearray(hostile.ole({"WordDocument": hostile.word_stream(), "1Table": b""}))
    looped = data.copy()
    looped[512 + 4 : 512 + 8] = struct.pack("<L", 1)  # the directory's chain leads to itself
    with pytest.raises(ReadError) as refusal:
        Container(bytes(looped))
    assert refusal.value.reason == Reason.DAMAGED
    looped = data.copy()
    # the first stream is its own sibling
    looped[1024 + 128 + 72 : 1024 + 128 + 76] = struct.pack("<L", 1)
    assert sniff(bytes(looped)) is Format.DOC


def test_real_files_under_every_encoding(shared_dir: Path) -> None:
    expected = {".pdf": Format.PDF, ".html": Format.HTML, ".txt": Format.TEXT, ".docx": Format.DOCX}
    for path in sorted((shared_dir / "corpus/raw").iterdir()):
        data = path.read_bytes()
        assert sniff(data) is expected[path.suffix], path.name
        if path.suffix in (".html", ".txt"):
            text = data.decode("utf-8-sig")
            for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
                assert sniff(text.encode(encoding)) is expected[path.suffix], (path.name, encoding)
                assert decode_text(text.encode(encoding), "big5") == text, (
                    path.name,
                    encoding,
                )  # a wrong declaration changes nothing


def test_truncated_real_files_have_an_outcome(shared_dir: Path) -> None:
    for path in sorted((shared_dir / "corpus/raw").iterdir()):
        data = path.read_bytes()
        for part in range(1, 40):
            cut = data[: len(data) * part // 40]
            for judge in (sniff, decode_text):
                try:
                    judge(cut)
                except ReadError as error:
                    assert error.reason in (
                        Reason.DAMAGED,
                        Reason.BAD_ENCODING,
                        Reason.UNKNOWN_FORMAT,
                    )
            if path.suffix == ".txt":
                # a cut character is dropped, nothing is invented
                assert data.decode("utf-8-sig").startswith(decode_text(cut))


@given(st.binary(max_size=400))
def test_random_bytes(junk: bytes) -> None:
    starts = (
        b"",
        b"PK\x03\x04",
        Container.MAGIC,
        b"%PDF-1.4\n",
        b"<html>",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xff\xfe\0\0",
        b"<?xml ",
        b"MIME-Version: 1.0\n",
    )
    for start in starts:
        for judge in (sniff, decode_text):
            try:
                judge(start + junk)
            except ReadError as error:
                assert error.reason in Reason


@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_changed_and_cut_samples(name: str, data: st.DataObject) -> None:
    content = bytearray(SAMPLES[name][0])
    del content[data.draw(st.integers(0, len(content))) :]
    for _ in range(data.draw(st.integers(0, 4)) if content else 0):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert sniff(bytes(content)) in Format
    except ReadError as error:
        assert error.reason in Reason


# Text


@given(st.text(st.sampled_from(PROSE + "0123456789（）abc \n"), min_size=30))
def test_round_trip(text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        assert decode_text(text.encode(encoding)) == text


@pytest.mark.parametrize("declared", [None, "utf-8", "gb2312", "iso-8859-1", "big5", "nonsense"])
def test_what_is_declared_does_not_matter(declared: str | None) -> None:
    assert decode_text(PROSE.encode("gb2312"), declared) == PROSE
    assert decode_text(TRADITIONAL.encode("gbk"), declared) == TRADITIONAL
    assert decode_text((PROSE + "㐀𠀀").encode("gb18030"), declared) == PROSE + "㐀𠀀"
    assert decode_text(PROSE.encode(), declared) == PROSE


def test_big5_is_read_where_declared_and_refused_elsewhere() -> None:
    data = (TRADITIONAL * 2).encode("big5")
    assert decode_text(data, "Big5") == TRADITIONAL * 2
    with pytest.raises(ReadError) as refusal:
        decode_text(data)
    assert refusal.value.reason == Reason.BAD_ENCODING


def test_a_cut_character_is_dropped() -> None:
    for encoding in ("utf-8", "gb18030", "utf-16-le"):
        mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
        assert decode_text(mark + PROSE.encode(encoding)[:-1]) == PROSE[:-1]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_few_broken_spots_are_shown_and_many_refused(encoding: str) -> None:
    def broken(spots: int) -> bytes:
        return b"\xff\n".join([(PROSE * 3).encode(encoding)] * (spots + 1))

    assert decode_text(broken(REPLACED)) == "\ufffd\n".join([PROSE * 3] * (REPLACED + 1))
    with pytest.raises(ReadError) as refusal:
        decode_text(broken(REPLACED + 1))
    assert refusal.value.reason == Reason.BAD_ENCODING


GARBLED: dict[str, bytes] = {
    "utf-8 read as gbk": PROSE.encode().decode("gb18030", errors="replace").encode(),
    "utf-8 read as gbk, bytes lost": PROSE.encode().decode("gbk", errors="ignore").encode(),
    "the same, saved as gbk": PROSE.encode().decode("gbk", errors="ignore").encode("gbk"),
    "utf-8 read as latin-1": PROSE.encode().decode("latin-1").encode(),
    "utf-8 read as windows-1252, bytes lost": PROSE.encode()
    .decode("cp1252", errors="ignore")
    .encode(),
    "gbk read as latin-1": PROSE.encode("gbk").decode("latin-1").encode(),
    "gbk read as utf-8": (PROSE * 2).encode("gbk").decode("utf-8", errors="replace").encode(),
    "lost to question marks": (PROSE * 2).encode("ascii", errors="replace"),
    "binary": bytes(range(128, 256)) * 3,
}


@pytest.mark.parametrize("name", GARBLED)
def test_garbled_text_is_refused(name: str) -> None:
    page = b"<html><body>" + GARBLED[name] + b"<table><tr><td>12</td></tr></table>"
    with pytest.raises(ReadError) as refusal:
        decode_text(page)
    assert refusal.value.reason == Reason.BAD_ENCODING
    assert refusal.value.detail


def test_latin_letters_and_questions_are_no_garbling() -> None:
    for text in (
        "naïve café, ÷ × · é",
        "why?? what??? " + PROSE,
        "var a = b ?? c;",
        PROSE + "·×÷" * 30,
        "",
    ):
        assert decode_text(text.encode()) == text


def test_an_honest_zip_of_the_standard_library_is_a_plain_archive() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("年报.txt", PROSE)
    assert sniff(out.getvalue()) is Format.ZIP
