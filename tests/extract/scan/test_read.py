"""Scans: every cell of drawn reports, the guards for pictures, and what happens to what cannot be
read.
"""

import importlib
import struct
import sys
import zlib
from io import BytesIO
from random import Random

import numpy as np
import pytest

pytest.importorskip("cv2", reason='the extra "scan" is not installed')
pytest.importorskip("onnxruntime", reason='the extra "scan" is not installed')

from PIL import Image

from extract import limits
from extract.detect import Format
from extract.document import Document, Grid, ReadError, Reason
from extract.layout.pages import PageContent
from extract.registry import read
from extract.scan import read as scan
from tests.build.draw import random_report
from tests.build.pdf_files import STYLES, paper
from tests.build.report import Report, expected_cells, flow
from tests.build.scan_files import LOOKS, Look, Picture, jpeg, pictures, png, tiff
from transform.form.forms import load_forms
from transform.identity.identify import identify
from transform.tidy import tidy


def drawn(seed: int, edition: str, style: str = "line") -> tuple[Report, bytes]:
    report = random_report(seed, edition)
    return report, paper(flow(report), STYLES[style], Random(seed))


def differing(document: Document, report: Report) -> list[object]:
    """The cells that did not come out as expected."""
    cells = {
        (c.table_id, c.row_id, c.col_id): c for c in tidy(document, load_forms(), report.year).cells
    }
    return [
        (key, cells.get(key))
        for key, truth in expected_cells(report).items()
        if (cells[key].state, cells[key].value) != (truth.state, truth.value)
    ]


@pytest.fixture(scope="module")
def page() -> Picture:
    """The first page of a report, clean."""
    return pictures(drawn(5, "2021")[1], LOOKS["clean"])[0]


@pytest.fixture(scope="module")
def grids(page: Picture) -> list[Grid]:
    """What that page holds."""
    return scan.read(png(page)).grids


def figures(grids: list[Grid]) -> list[list[str]]:
    return [[c.text for c in g.cells if c.text.isdigit()] for g in grids]


# ---- what is read


@pytest.mark.slow
@pytest.mark.parametrize(
    ("look", "edition", "style"),
    [("clean", "2021", "sides"), ("office", "2019", "rects"), ("phone-bent", "2021", "line")],
)
def test_every_cell_of_a_report(look: str, edition: str, style: str) -> None:
    report, data = drawn(11, edition, style)
    document = scan.read(tiff(pictures(data, LOOKS[look], 3), LOOKS[look].dpi))
    assert differing(document, report) == []
    identity = identify(document)
    assert (identity.year, identity.agency_name) == (report.year, report.agency)
    assert all(0 < c.confidence <= 1 and c.bbox for g in document.grids for c in g.cells)


def test_the_registry_reads_pictures(page: Picture) -> None:
    kind, document = read(jpeg(page))
    assert kind is Format.IMAGE and document.reader == scan.READER
    assert [g.page for g in document.grids] == [1] * len(document.grids) and len(
        document.grids
    ) == 2
    assert document.paragraphs[0].text.endswith("年政府信息公开工作年度报告")


@pytest.mark.parametrize("mode", ["RGBA", "P", "CMYK", "1"])
def test_colours_make_no_difference(page: Picture, grids: list[Grid], mode: str) -> None:
    stream = BytesIO()
    Image.fromarray(page).convert("RGB").convert(mode).save(stream, "TIFF", dpi=(200, 200))
    assert figures(scan.read(stream.getvalue()).grids) == figures(grids)


def test_a_figure_that_nobody_can_read_is_in_doubt(page: Picture, grids: list[Grid]) -> None:
    """A blot over a figure is no number with full confidence, and no blank."""
    spoilt = page.copy()
    cell = next(c for c in grids[0].cells if c.text.isdigit() and c.bbox)
    assert cell.bbox is not None
    left, top, right, bottom = (round(v * 200 / 72) for v in cell.bbox)
    middle = (left + right) // 2
    rng = np.random.default_rng(1)
    spoilt[top + 8 : bottom - 8, middle - 40 : middle + 40] = rng.choice(
        [0, 255], (bottom - top - 16, 80)
    )
    again = next(
        c for c in scan.read(png(spoilt)).grids[0].cells if (c.row, c.col) == (cell.row, cell.col)
    )
    assert again.confidence < scan.SURE


def test_blank_cells_are_blank_by_ink() -> None:
    """Cells without ink, with dust, with a dash, with a slash."""
    sheet = np.full((1170, 830), 255, dtype=np.uint8)
    for y in range(200, 501, 100):
        sheet[y : y + 2, 100:702] = 0
    for x in range(100, 701, 200):
        sheet[200:502, x : x + 2] = 0
    sheet[240:242, 190:192] = 0  # dust
    sheet[249:252, 380:400] = 0  # a dash
    for i in range(20):
        sheet[240 + i, 606 - i // 3 : 608 - i // 3] = 0  # a slash
    grid = scan.page_of(sheet, 100.0, 1)
    texts = list(grid.sheet.glyphs.text)
    assert sorted(texts) in (["-", "/"], ["/", "—"], ["/", "－"], ["/", "一"])
    assert len(grid.confidence) == len(texts)


@pytest.mark.slow
@pytest.mark.parametrize("turns", [1, 2])
def test_a_page_that_lies_on_its_side_or_head(page: Picture, grids: list[Grid], turns: int) -> None:
    assert figures(scan.read(png(np.rot90(page, turns).copy())).grids) == figures(grids)


# ---- what is refused


def reason(data: bytes) -> Reason:
    with pytest.raises(ReadError) as caught:
        scan.read(data)
    assert caught.value.detail
    return caught.value.reason


def test_no_bytes() -> None:
    assert reason(b"") is Reason.EMPTY_FILE


def huge_png(wide: int, high: int) -> bytes:
    """A header alone; the pixels are not there."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 9))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(30_000, 30_000), (limits.IMAGE_PIXELS // 4000 + 1, 4000)])
def test_too_many_pixels_are_refused_by_the_header(size: tuple[int, int]) -> None:
    assert reason(huge_png(*size)) is Reason.TOO_LARGE


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff"])
def test_truncated(page: Picture, kind: str, share: float) -> None:
    data = {"png": png, "jpeg": jpeg, "tiff": lambda p: tiff([p])}[kind](page)
    assert reason(data[: int(len(data) * share)]) in (Reason.DAMAGED, Reason.UNKNOWN_FORMAT)


def test_a_picture_of_nothing() -> None:
    document = scan.read(png(np.full((1170, 830), 255, dtype=np.uint8), 100))
    assert document.blocks == ()


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    monkeypatch.delitem(sys.modules, "extract.scan.read")
    with pytest.raises(ReadError) as caught:
        importlib.import_module("extract.scan.read")
    assert caught.value.reason is Reason.READER_MISSING and "nianbao[scan]" in caught.value.detail


def test_a_look_changes_the_picture_and_is_the_same_each_time() -> None:
    data = drawn(5, "2021")[1]
    one, two = (pictures(data, Look(skew=1, noise=5, jpeg=70), 4)[0] for _ in range(2))
    assert (one == two).all()
    assert (one != pictures(data, LOOKS["clean"])[0]).any()


def test_sheets_and_grids_agree(page: Picture) -> None:
    scanned = scan.page_of(page, 200.0, 1)
    assert isinstance(scanned.sheet, PageContent)
    assert len(scanned.confidence) == len(scanned.sheet.glyphs)
    assert abs(scanned.sheet.width - 595) < 2 and abs(scanned.sheet.height - 842) < 2
