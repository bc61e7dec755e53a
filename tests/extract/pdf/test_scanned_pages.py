"""PDF files with scanned pages, from the bytes to the verdict: all pages scanned, some, broken
ones, too many, and without the extra.
"""

import json
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random

import pypdfium2
import pytest

pytest.importorskip("cv2", reason='the extra "scan" is not installed')
pytest.importorskip("onnxruntime", reason='the extra "scan" is not installed')

import extract.registry
import extract.scan
from extract import limits
from extract.document import Cell, Document, Paragraph, ReadError, Reason, grid_of
from extract.pdf.characters import pages
from extract.pdf.scanned_pages import is_scan
from extract.registry import read
from tests.build.draw import random_report
from tests.build.pdf_files import STYLES, paper
from tests.build.report import Report, expected_cells, flow
from tests.build.scan_files import LOOKS, image_pdf, pictures
from tests.flows.command import nianbao
from transform.form.forms import load_forms
from transform.tidy import tidy

SEED = 71_003
PROACTIVE = (
    ("第二十条第（一）项", "", "", ""),
    ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数"),
    ("规章", "7", "0", "0"),
    ("行政规范性文件", "1", "0", "1"),
    ("第二十条第（五）项", "", "", ""),
    ("信息内容", "本年处理决定数量", "", ""),
    ("行政许可", "5", "", ""),
)


@pytest.fixture(scope="module")
def report() -> Report:
    return random_report(SEED, "2021")


@pytest.fixture(scope="module")
def typed(report: Report) -> bytes:
    return paper(flow(report), STYLES["line"], Random(SEED))


@pytest.fixture(scope="module")
def scanned(typed: bytes) -> bytes:
    return image_pdf(pictures(typed, LOOKS["office"], SEED), 200)


@pytest.fixture(scope="module")
def mixed(typed: bytes, scanned: bytes) -> bytes:
    """The first page typed, the others scanned."""
    return joined(
        (typed, [0]), (scanned, [n for n in range(len(pypdfium2.PdfDocument(scanned))) if n])
    )


def joined(*parts: tuple[bytes, list[int]]) -> bytes:
    whole = pypdfium2.PdfDocument.new()
    for data, numbers in parts:
        whole.import_pages(pypdfium2.PdfDocument(data), numbers)
    stream = BytesIO()
    whole.save(stream)
    return stream.getvalue()


def differing(document: Document, report: Report) -> list[object]:
    """The cells that did not come out as expected."""
    cells = {
        (c.table_id, c.row_id, c.col_id): c for c in tidy(document, load_forms(), report.year).cells
    }
    return [
        (key, cells[key])
        for key, truth in expected_cells(report).items()
        if (cells[key].state, cells[key].value) != (truth.state, truth.value)
    ]


def test_which_pages_are_scans(typed: bytes, mixed: bytes) -> None:
    assert not any(is_scan(s, True) for s in pages(typed))
    first, *others = pages(mixed)
    assert others and not is_scan(first, True) and all(is_scan(s, True) for s in others)


def test_the_first_page_typed_the_others_scanned(report: Report, mixed: bytes) -> None:
    _, document = read(mixed)
    assert document.reader == "pdf+scan"
    assert differing(document, report) == []
    assert all(c.confidence == 1.0 for g in document.grids if g.page == 1 for c in g.cells)
    assert any(c.confidence < 1.0 for g in document.grids if g.page != 1 for c in g.cells)


def test_pages_that_are_pictures_through_the_command(report: Report, tmp_path: Path) -> None:
    """In a reader process, with its limits on memory and time; a sum that the report itself has
    wrong is read a second time.
    """
    key = ("requests", "new", "natural")
    faulty = replace(
        report, figures={**report.figures, key: str(int(report.figures[key] or "0") + 3)}
    )
    file = tmp_path / "scan.pdf"
    file.write_bytes(
        image_pdf(
            pictures(paper(flow(faulty), STYLES["line"], Random(SEED)), LOOKS["office"], SEED), 200
        )
    )
    done = nianbao(tmp_path, "check", file, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["outcome"]["status"], told["outcome"]["reader"]) == (
        1,
        "extracted",
        "pdf+scan",
    )
    assert told["report"]["year"] == report.year
    cells = {(c["table_id"], c["row_id"], c["col_id"]): c["state"] for c in told["cells"]}
    assert all(cells[key] == truth.state for key, truth in expected_cells(faulty).items())
    assert {
        f["verdict"]
        for f in told["findings"]
        if f["state"] == "fails" and "|".join(key) in f["cells"]
    } == {"source"}
    notes = {t["table_id"]: {n["code"]: n for n in t["note"]} for t in told["tables"]}
    assert "scan-again" in notes["requests"]["second.agrees"]["printed"]
    assert all("second.agrees" not in notes[table] for table in ("proactive", "disputes"))


def test_figures_in_doubt_are_findings() -> None:
    """A number that two looks at it read differently has a remark of its own, and stays as it was
    read.
    """
    cells = [
        Cell(text, r, c, confidence=0.4 if (r, c) == (2, 1) else 1.0)
        for r, row in enumerate(PROACTIVE)
        for c, text in enumerate(row)
    ]
    title = Paragraph("上饶市林业局2023年政府信息公开工作年度报告")
    remarks = tidy(Document((title, grid_of(cells)), "scan"), load_forms(), 2023).remarks
    doubts = [r for r in remarks if r.code == "cell.low_confidence"]
    assert [(r.row_id, r.printed) for r in doubts] == [("regulations", "7")]


def broken_jbig2() -> bytes:
    """A page that is one picture, of a kind that scanners make, whose bytes are none."""
    facts = (
        b"/Type/XObject/Subtype/Image/Width 1240/Height 1754/BitsPerComponent "
        b"1/ColorSpace/DeviceGray/Filter/JBIG2Decode"
    )
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 "
            b"R/Resources<</XObject<</I 5 0 R>>>>>>"
        ),
        b"<</Length 25>>\nstream\nq 595 0 0 842 0 0 cm /I Do\nendstream",
        b"<<%s/Length 108>>\nstream\n\x97JB2\r\n\x1a\n%s\nendstream" % (facts, bytes(100)),
    ]
    out, starts = b"%PDF-1.4\n", []
    for n, body in enumerate(bodies, 1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    table = b"".join(b"%010d 00000 n \n" % at for at in starts)
    return (
        out
        + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (table, len(out))
    )


def test_pictures_that_show_nothing() -> None:
    with pytest.raises(ReadError) as caught:
        read(broken_jbig2())
    assert caught.value.reason is Reason.DAMAGED and "show nothing" in caught.value.detail


def test_too_many_scanned_pages() -> None:
    with pytest.raises(ReadError) as caught:
        read(joined(*[(broken_jbig2(), [0])] * (limits.SCAN_PAGES + 1)))
    assert caught.value.reason is Reason.TOO_LARGE and str(limits.SCAN_PAGES) in caught.value.detail


def test_without_the_extra(
    monkeypatch: pytest.MonkeyPatch, scanned: bytes, mixed: bytes, typed: bytes
) -> None:
    """What to install is said; typed pages are read all the same."""
    monkeypatch.setitem(sys.modules, "cv2", None)
    monkeypatch.delitem(sys.modules, "extract.scan.read", raising=False)
    monkeypatch.delattr(extract.scan, "read", raising=False)
    monkeypatch.delattr(extract.registry, "scan", raising=False)
    with pytest.raises(ReadError) as caught:
        read(scanned)
    assert (
        caught.value.reason is Reason.READER_MISSING
        and 'pip install "nianbao[scan]"' in caught.value.detail
    )
    assert read(typed)[1].remarks == ()
    _, document = read(mixed)
    assert document.reader == "pdf" and document.grids
    assert any("pictures only: 2" in r and "nianbao[scan]" in r for r in document.remarks)
