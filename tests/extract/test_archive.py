"""Zip and XML files built to harm are refused before they cost anything, and honest odd ones are
read.
"""

import io
import socket
import threading
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import limits
from extract.archive import open_archive, parse_xml
from extract.detect import Format, sniff
from extract.document import ReadError, Reason
from tests.cost import cost
from tests.extract import hostile

PART = "word/document.xml"


def read_as_docx(data: bytes) -> bytes:
    return open_archive(data).read(PART)


def many_paragraphs() -> bytes:
    return hostile.docx(hostile.document_xml("<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 1_200_000))


HARMFUL: dict[str, tuple[Callable[[], bytes], Reason]] = {
    "ratio of 1,000": (lambda: hostile.docx(bytes(15 * limits.MIB)), Reason.ARCHIVE_GUARD),
    "10,000 members": (
        lambda: hostile.docx(None, *((f"word/media/{i}.png", b"") for i in range(10_000))),
        Reason.ARCHIVE_GUARD,
    ),
    "2 GiB declared as 1,000 bytes": (
        lambda: hostile.raw_zip(PART, hostile.zeros_deflated(2048), 1000, 0),
        Reason.ARCHIVE_GUARD,
    ),
    "bzip2": (
        lambda: hostile.zipped(hostile.docx_members(), zipfile.ZIP_BZIP2),
        Reason.ARCHIVE_GUARD,
    ),
    "lzma": (
        lambda: hostile.zipped(hostile.docx_members(), zipfile.ZIP_LZMA),
        Reason.ARCHIVE_GUARD,
    ),
    "two members of one name": (
        lambda: hostile.docx(None, (PART, hostile.document_xml("<w:p/>"))),
        Reason.ARCHIVE_GUARD,
    ),
    "password": (lambda: hostile.with_flag(hostile.docx(), 1), Reason.ENCRYPTED),
    "many paragraphs in a small file": (many_paragraphs, Reason.ARCHIVE_GUARD),
    "parent folder": (
        lambda: hostile.docx(None, ("word/../../etc/passwd", b"")),
        Reason.ARCHIVE_GUARD,
    ),
    "absolute name": (lambda: hostile.docx(None, ("/etc/passwd", b"")), Reason.ARCHIVE_GUARD),
    "drive": (lambda: hostile.docx(None, ("c:/x", b"")), Reason.ARCHIVE_GUARD),
    "backslash": (lambda: hostile.docx(None, ("word\\..\\x", b"")), Reason.ARCHIVE_GUARD),
    "total": (
        lambda: hostile.zipped([(f"{i}.bin", bytes(limits.MIB)) for i in range(101)]),
        Reason.TOO_LARGE,
    ),
    "more entries than declared": (
        lambda: hostile.raw_zip(PART, b"", 0, 0, count=0),
        Reason.ARCHIVE_GUARD,
    ),
    "stored with two sizes": (
        lambda: hostile.raw_zip(PART, b"abc", 9, zlib.crc32(b"abc"), method=0),
        Reason.ARCHIVE_GUARD,
    ),
    "four gigabytes by zip64": (
        lambda: hostile.raw_zip(PART, b"abc", 5 << 30, 0, zip64=True),
        Reason.ARCHIVE_GUARD,
    ),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_harmful_archive_is_refused_cheaply(name: str) -> None:
    make, reason = HARMFUL[name]
    data = make()
    tracemalloc.start()
    with pytest.raises(ReadError) as refusal:
        read_as_docx(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refusal.value.reason == reason
    assert refusal.value.detail
    assert peak < 10 * limits.MIB  # the file itself is not counted


@pytest.mark.parametrize("declared", [0xFFFF, 1])
def test_a_million_entries_are_not_read(declared: int) -> None:
    """The count is judged before the entries, whether or not it is a lie: a directory of 46 MB
    makes no objects.
    """
    entry = hostile.raw_zip("a", b"", 0, 0)[31 : 31 + 47]
    assert entry.startswith(b"PK\x01\x02")
    directory = entry * 1_000_000
    end = (
        b"PK\x05\x06"
        + bytes(4)
        + declared.to_bytes(2, "little") * 2
        + len(directory).to_bytes(4, "little")
        + bytes(6)
    )
    data = directory + end
    tracemalloc.start()
    with pytest.raises(ReadError) as refusal:
        open_archive(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refusal.value.reason == Reason.ARCHIVE_GUARD
    assert peak < limits.MIB


def test_zip64_is_read() -> None:
    content = hostile.document_xml()
    data = hostile.raw_zip(
        PART, hostile.deflated(content), len(content), zlib.crc32(content), zip64=True
    )
    assert zipfile.ZipFile(io.BytesIO(data)).read(PART) == content  # it is a zip for others too
    assert read_as_docx(data) == content


def test_macros_and_embedded_files_are_ignored() -> None:
    inner = hostile.zipped([("xl/workbook.xml", b"<workbook/>")])
    data = hostile.docx(
        None,
        ("word/vbaProject.bin", b"\xd0\xcf\x11\xe0 macro"),
        ("word/embeddings/sheet.xlsx", inner),
    )
    assert read_as_docx(data) == hostile.document_xml()
    assert sniff(data) is Format.DOCX


def test_archive_of_archives_is_never_opened() -> None:
    inner = hostile.zipped([("bomb.txt", bytes(15 * limits.MIB))])
    assert sniff(hostile.zipped([("a.zip", inner), ("b.zip", inner)])) is Format.ZIP


def test_bytes_before_and_after_the_zip() -> None:
    assert read_as_docx(b"junk" * 10 + hostile.docx() + b"\r\n") == hostile.document_xml()


def test_stored_members_and_names_in_order() -> None:
    members = hostile.docx_members()
    archive = open_archive(hostile.zipped(members, zipfile.ZIP_STORED))
    assert archive.names == [name for name, _ in members]
    assert [archive.read(name) for name in archive.names] == [content for _, content in members]
    assert PART in archive and "word/other.xml" not in archive


def test_names_are_found_with_backslashes_and_in_another_case() -> None:
    """As some writers of office files write them."""
    archive = open_archive(hostile.zipped([("WORD\\Document.xml", b"<a/>"), ("b.xml", b"<b/>")]))
    assert archive.names == ["WORD/Document.xml", "b.xml"]
    assert archive.read(PART) == b"<a/>"
    assert "word/other.xml" not in archive


def test_a_name_in_another_case_stands_behind_the_exact_one() -> None:
    archive = open_archive(hostile.zipped([("A.xml", b"<A/>"), ("a.xml", b"<a/>")]))
    assert (archive.read("A.xml"), archive.read("a.xml")) == (b"<A/>", b"<a/>")


def test_names_that_differ_by_the_kind_of_slash_alone_are_refused() -> None:
    with pytest.raises(ReadError) as refusal:
        open_archive(hostile.zipped([("word/a.xml", b""), ("word\\a.xml", b"")]))
    assert refusal.value.reason == Reason.ARCHIVE_GUARD


def test_missing_member_and_limit() -> None:
    archive = open_archive(hostile.docx())
    with pytest.raises(ReadError) as missing:
        archive.read("word/other.xml")
    assert missing.value.reason == Reason.DAMAGED
    with pytest.raises(ReadError) as long:
        archive.read(PART, limit=10)
    assert long.value.reason == Reason.TOO_LARGE


@pytest.mark.parametrize("size", [5, 5000])
def test_wrong_sizes_are_found_out(size: int) -> None:
    content = b"<a>" + b"x" * 1000 + b"</a>"
    with pytest.raises(ReadError) as refusal:
        read_as_docx(hostile.raw_zip(PART, hostile.deflated(content), size, zlib.crc32(content)))
    assert refusal.value.reason == (Reason.ARCHIVE_GUARD if size < len(content) else Reason.DAMAGED)


def test_truncation_is_damage() -> None:
    data = hostile.docx()
    for length in range(len(data)):
        with pytest.raises(ReadError) as refusal:
            read_as_docx(data[:length])
        assert refusal.value.reason == Reason.DAMAGED


@given(st.data())
def test_changed_bytes_give_the_content_or_a_reason(data: st.DataObject) -> None:
    """Whatever is changed in a docx, its true content is read, or a ReadError says why not."""
    original = hostile.docx()
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert read_as_docx(bytes(changed)) == hostile.document_xml()
    except ReadError as error:
        assert error.reason in (
            Reason.DAMAGED,
            Reason.ARCHIVE_GUARD,
            Reason.ENCRYPTED,
            Reason.TOO_LARGE,
        )


@given(st.binary(max_size=300))
def test_random_bytes_after_the_magic(junk: bytes) -> None:
    with pytest.raises(ReadError):
        open_archive(b"PK\x03\x04" + junk)


def test_real_template(shared_dir: Path) -> None:
    data = (shared_dir / "corpus/raw/template-2021.docx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as other:
        archive = open_archive(data)
        assert archive.names == other.namelist()
        assert all(archive.read(name) == other.read(name) for name in archive.names)


# XML


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A loopback port and what was asked of it."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    asked.append(b"connected")

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], asked
        done.set()
        thread.join()


def attacks(sentinel: Path, port: int) -> dict[str, str]:
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    return {
        "billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "ha">{laughs}]><a b="&l9;">&l9;</a>',
        "quadratic": f'<!DOCTYPE a [<!ENTITY l "{"x" * 50_000}">]><a>{"&l;" * 50_000}</a>',
        "external file": f'<!DOCTYPE a [<!ENTITY f SYSTEM "{sentinel.as_uri()}">]><a>&f;</a>',
        "external address": f'<!DOCTYPE a [<!ENTITY f SYSTEM "http://127.0.0.1:{port}/x">]><a>&f;</a>',
        "parameter entity": (
            f'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:{port}/p.dtd"> %p;]><a/>'
        ),
        "external DTD": f'<!DOCTYPE a SYSTEM "http://127.0.0.1:{port}/a.dtd"><a/>',
        "local DTD": f'<!DOCTYPE a SYSTEM "{sentinel.as_uri()}"><a/>',
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32", "utf-7", "cp037"])
def test_attacks_are_refused(
    encoding: str, tmp_path: Path, listener: tuple[int, list[bytes]]
) -> None:
    """Also in encodings that hide the DOCTYPE from a scan of the bytes; nothing is opened and
    nothing expanded.
    """
    port, asked = listener
    sentinel = tmp_path / "sentinel"
    sentinel.write_text("SENTINEL", encoding="ascii")
    for name, attack in attacks(sentinel, port).items():
        declared = encoding.removesuffix("-be")
        text = f'<?xml version="1.0" encoding="{declared}"?>{attack}'
        data = (
            ("\ufeff" + text).encode(encoding) if encoding == "utf-16-be" else text.encode(encoding)
        )
        with pytest.raises(ReadError) as refusal:
            parse_xml(data)
        assert refusal.value.reason in (
            (Reason.XML_GUARD,)
            if encoding.startswith(("utf-8", "utf-16"))
            else (Reason.XML_GUARD, Reason.DAMAGED)
        ), name
        assert "SENTINEL" not in str(refusal.value)
        assert cost(partial(refused_as_xml, data)) < 1
    assert asked == []


def refused_as_xml(data: bytes) -> None:
    with pytest.raises(ReadError):
        parse_xml(data)


@pytest.mark.parametrize("depth", [limits.XML_DEPTH + 1, 256, 257, 10_000])
def test_deep_xml_is_refused(depth: int) -> None:
    with pytest.raises(ReadError) as refusal:
        parse_xml(b"<a>" * depth + b"</a>" * depth)
    assert refusal.value.reason == Reason.XML_GUARD


def test_depth_at_the_limit_is_read() -> None:
    assert parse_xml(b"<a>" * limits.XML_DEPTH + b"</a>" * limits.XML_DEPTH).tag == "a"


MALFORMED = [
    b"",
    b"<a>",
    b"<a></b>",
    b"text",
    b"<a>&undefined;</a>",
    b'<?xml version="1.0" encoding="nonsense"?><a/>',
    b"\xff\xfe<",
    b"\0" * 9,
]


@pytest.mark.parametrize("data", MALFORMED)
def test_malformed_xml_is_damage(data: bytes) -> None:
    with pytest.raises(ReadError) as refusal:
        parse_xml(data)
    assert refusal.value.reason == Reason.DAMAGED


def test_honest_xml_is_read_whatever_its_encoding() -> None:
    for encoding in ("utf-8", "utf-16", "gb18030"):
        root = parse_xml(
            f'<?xml version="1.0" encoding="{encoding}"?><!-- c -->'
            "<a><?p i?><b>总计</b></a>".encode(encoding)
        )
        assert [child.text for child in root] == ["总计"]  # comments and instructions are dropped


def test_too_much_xml_is_refused_unparsed() -> None:
    with pytest.raises(ReadError) as refusal:
        parse_xml(b"<a>" + bytes(limits.ZIP_XML_BYTES))
    assert refusal.value.reason == Reason.TOO_LARGE


@given(st.binary(max_size=200))
def test_random_xml(junk: bytes) -> None:
    for data in (junk, b"<a>" + junk + b"</a>"):
        try:
            assert parse_xml(data) is not None
        except ReadError as error:
            assert error.reason in (Reason.DAMAGED, Reason.XML_GUARD)
