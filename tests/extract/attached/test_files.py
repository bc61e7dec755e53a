"""Archives, mails and documents within documents: the one report is read, of several none is, and
what is there instead of a table is named.
"""

from email.message import EmailMessage

import pytest

from extract.document import ReadError, Reason
from extract.limits import ATTACHED_FILES
from extract.registry import read
from tests.build.packing import pack, unpack
from tests.extract.documents import rows_of
from tests.extract.hostile import document_xml, docx, ole, relations, word_stream

CELL = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
ROWS = f"<w:tr>{CELL.format('规章')}{CELL.format('12')}</w:tr>"
TABLE = document_xml(f"<w:tbl>{ROWS}</w:tbl>")
HTML = "<html><body><table><tr><td>规章</td><td>12</td></tr></table></body></html>".encode()
GRID = [["规章", "12"]]
CHUNK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(50)


def mail(*attachments: tuple[str, bytes], text: str = "见附件") -> bytes:
    message = EmailMessage()
    message["Subject"] = "年报"
    message.set_content(text)
    for name, data in attachments:
        message.add_attachment(data, "application", "octet-stream", filename=name)
    return message.as_bytes()


def refusal(data: bytes) -> tuple[Reason, str]:
    with pytest.raises(ReadError) as caught:
        read(data)
    return caught.value.reason, caught.value.detail


@pytest.mark.parametrize(
    "data",
    [
        pack({"年报.docx": docx(TABLE)}),
        pack({"年报/": b"", "年报/a.html": HTML, "__MACOSX/a.html": HTML, "年报/.DS_Store": b"x"}),
        pack({"说明.txt": "见附件".encode(), "盖章.png": PICTURE, "a.html": HTML}),
        mail(("年报.docx", docx(TABLE))),
        mail(("a.html", HTML), ("logo.png", PICTURE)),
    ],
)
def test_the_one_report_in_an_archive_or_a_mail_is_read(data: bytes) -> None:
    _, document = read(data)
    assert [rows_of(grid) for grid in document.grids] == [GRID]
    assert "holds it as" in document.remarks[0]


def test_a_mail_of_text_is_read_as_text() -> None:
    data = mail(("logo.png", PICTURE))
    assert refusal(data)[0] is Reason.NO_TABLES
    message = EmailMessage()
    message.set_content("规章\t1\t2\n许可\t3\t4\n")
    message.make_mixed()
    _, document = read(message.as_bytes())
    assert [rows_of(grid) for grid in document.grids] == [[["规章", "1", "2"], ["许可", "3", "4"]]]


@pytest.mark.parametrize("hold", [lambda *files: pack(dict(files)), mail])
def test_of_several_none_is_taken_and_what_cannot_be_read_is_named(hold: object) -> None:
    assert callable(hold)
    reason, detail = refusal(hold(("一.docx", docx(TABLE)), ("二.html", HTML)))
    assert reason is Reason.NOT_A_REPORT and "一.docx, 二.html" in detail and "unpack" in detail
    old = ole({"WordDocument": word_stream(), "1Table": bytes(600)})
    reason, detail = refusal(hold(("三.doc", old), ("四.zip", pack({"a.html": HTML}))))
    assert reason is Reason.NO_TABLES
    assert "三.doc (doc, to be read by itself), 四.zip (zip, to be read by itself)" in detail
    many = [(f"{i}.html", HTML) for i in range(ATTACHED_FILES + 1)]
    assert refusal(hold(*many))[0] is Reason.TOO_LARGE


def test_an_empty_archive_says_so() -> None:
    assert refusal(pack({}))[1].startswith("the archive holds no document with a table")


# --- within Word files


def with_part(body: str, kind: str, name: str, data: bytes) -> bytes:
    """A docx whose main part names one more part as rId7."""
    members = unpack(docx(document_xml(body)))
    named = relations(name, kind).replace(b"rId1", b"rId7")
    return pack({**members, "word/_rels/document.xml.rels": named, f"word/{name}": data})


def chunk(space: str = "r") -> str:
    return (
        f'<w:p><w:r><w:t>上</w:t></w:r></w:p><w:altChunk xmlns:{space}="urn:r" {space}:id="rId7"/>'
        "<w:p><w:r><w:t>下</w:t></w:r></w:p>"
    )


@pytest.mark.parametrize("data", [HTML, docx(TABLE), "规章\t12\t\n许可\t3\t\n".encode()])
def test_a_part_in_another_format_is_read_in_its_place(data: bytes) -> None:
    _, document = read(with_part(chunk(), CHUNK, "chunk.bin", data))
    first, *_, last = document.paragraphs
    assert (first.text, last.text) == ("上", "下")
    assert [rows_of(grid)[0][:2] for grid in document.grids] == GRID
    assert document.blocks[1] is document.grids[0]


def test_a_part_that_is_not_read_is_named() -> None:
    _, document = read(with_part(chunk(), CHUNK, "chunk.rtf", b"{\\rtf1 12}"))
    assert not document.grids and document.instead == ("an embedded document (rtf)",)
    _, document = read(with_part(chunk(), CHUNK, "other.bin", b"").replace(b"rId7", b"rId8"))
    assert document.instead


def test_a_page_without_a_table_says_what_it_shows() -> None:
    page = "<html><body><p>年报</p>{}</body></html>"
    for shown, said in (
        ("<iframe src=t.html></iframe>", "1 iframe"),
        ("<img src=a.png><img src=b.png>", "2 pictures"),
        ("<div role=row>1</div>", "1 div row"),
        ("<div>1</div>" * 30, "30 divs"),
        ("<embed src=a.pdf>", "1 embedded object"),
    ):
        _, document = read(page.format(shown).encode())
        assert document.instead == (said,)
