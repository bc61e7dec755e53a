"""A Word draft with comments: at the right cells, and nothing else in the file is changed."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from lxml import etree

from flows.commands.cli import status
from flows.commands.exit_status import DONE, FINDINGS, USAGE
from tests.conftest import CHECKOUT

CLEAN = CHECKOUT / "data" / "samples" / "2021-docx-runs.docx"
NEW, ROW = "一、本年新收政府信息公开申请数量", 3
MARKS = ("commentRangeStart", "commentRangeEnd", "commentReference")


def edited(target: Path, edit: Callable[[Document], object]) -> Path:
    document = docx.Document(str(CLEAN))
    edit(document)
    document.save(str(target))
    return target


def cell_of_new_requests(document: Document, column: int) -> object:
    (row,) = [r for t in document.tables for r in t.rows if r.cells[0].text.startswith(NEW[:4])]
    return row.cells[column]


def wrong_total(document: Document) -> None:
    cell = cell_of_new_requests(document, -1)
    for run in cell.paragraphs[0].runs[1:]:  # type: ignore[attr-defined]
        run.text = ""
    cell.paragraphs[0].runs[0].text = "987"  # type: ignore[attr-defined]


def blank_total(document: Document) -> None:
    for run in cell_of_new_requests(document, -1).paragraphs[0].runs:  # type: ignore[attr-defined]
        run._r.getparent().remove(run._r)


def anchored(file: Path) -> dict[str, list[str]]:
    """Texts of comments by the text of the cell (or paragraph) at which they stand."""
    document = docx.Document(str(file))
    comments = {str(c.comment_id): c.text for c in document.comments}
    found: dict[str, list[str]] = {}
    for start in document.element.body.iter(qn("w:commentRangeStart")):
        box = next(start.iterancestors(qn("w:tc")), start.getparent())
        row = next(start.iterancestors(qn("w:tr")), None)
        label = "" if row is None else "".join(t.text for t in row[1].iter(qn("w:t")))
        text = "".join(t.text or "" for t in box.iter(qn("w:t")))
        found.setdefault(f"{label or row is not None}|{text}", []).append(
            comments[start.get(qn("w:id"))]
        )
    return found


def without_marks(data: bytes) -> bytes:
    root = etree.fromstring(data)
    for mark in MARKS:
        for element in list(root.iter(qn(f"w:{mark}"))):
            parent = element.getparent()
            gone = parent if mark == "commentReference" else element
            gone.getparent().remove(gone)
    return etree.tostring(root, method="c14n")


@pytest.mark.parametrize(
    ("edit", "text", "words"),
    [(wrong_total, "987", "相差"), (blank_total, "", "空白")],
    ids=["wrong", "blank"],
)
def test_the_comment_stands_at_the_cell(
    tmp_path: Path, edit: Callable[[Document], None], text: str, words: str
) -> None:
    draft = edited(tmp_path / "draft.docx", edit)
    out = tmp_path / "marked.docx"
    assert status(["check", str(draft), "--lang", "zh", "--annotate", str(out)]) == FINDINGS
    comments = anchored(out)
    at_cell = [
        said for place, found in comments.items() if place.endswith(f"|{text}") for said in found
    ]
    assert any(words in comment for comment in at_cell), comments

    with zipfile.ZipFile(draft) as before, zipfile.ZipFile(out) as after:
        assert without_marks(after.read("word/document.xml")) == without_marks(
            before.read("word/document.xml")
        )
        changed = {
            n
            for n in after.namelist()
            if n not in before.namelist() or after.read(n) != before.read(n)
        }
    assert changed == {
        "word/document.xml",
        "word/comments.xml",
        "word/_rels/document.xml.rels",
        "[Content_Types].xml",
    }


def test_comments_that_were_there_stay(tmp_path: Path) -> None:
    def commented(document: Document) -> None:
        wrong_total(document)
        document.add_comment(document.paragraphs[0].runs, "mine", "王")

    out = tmp_path / "marked.docx"
    draft = edited(tmp_path / "draft.docx", commented)
    assert status(["check", str(draft), "--annotate", str(out)]) == FINDINGS
    texts = [c.text for c in docx.Document(str(out)).comments]
    assert texts[0] == "mine" and len(texts) > 2
    assert len({c.comment_id for c in docx.Document(str(out)).comments}) == len(texts)


def test_libreoffice_keeps_every_comment(tmp_path: Path) -> None:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    draft = edited(tmp_path / "draft.docx", blank_total)
    out = tmp_path / "marked.docx"
    status(["check", str(draft), "--annotate", str(out)])
    command = [program, f"-env:UserInstallation=file://{tmp_path / 'office'}", "--headless"]
    command += ["--convert-to", "odt", "--outdir", str(tmp_path), str(out)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with zipfile.ZipFile(tmp_path / "marked.odt") as made:
        content = made.read("content.xml").decode()
    assert content.count("<office:annotation ") == len(list(docx.Document(str(out)).comments))


def test_a_clean_draft_gets_the_verdict_alone(tmp_path: Path) -> None:
    out = tmp_path / "marked.docx"
    assert status(["check", str(CLEAN), "--lang", "en", "--annotate", str(out)]) == DONE
    (comment,) = docx.Document(str(out)).comments
    assert "Nothing to object to." in comment.text


def test_other_formats_and_the_draft_itself_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = CHECKOUT / "data" / "samples" / "2019-html-word.html"
    assert status(["check", str(page), "--annotate", str(tmp_path / "x.docx")]) == USAGE
    assert "save the draft as docx" in capsys.readouterr().err
    draft = edited(tmp_path / "draft.docx", wrong_total)
    assert status(["check", str(draft), "--annotate", str(draft)]) == USAGE
    assert zipfile.is_zipfile(io.BytesIO(draft.read_bytes()))
