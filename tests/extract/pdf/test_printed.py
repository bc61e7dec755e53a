"""PDF files as other programs make them: pages printed by Chromium, documents exported by
LibreOffice. Every cell, for all ways to draw a table.
"""

import subprocess
from collections.abc import Iterator
from typing import Final

import pytest

from extract.detect import Format
from extract.document import Document
from extract.registry import read
from extract.word.convert import INSTALL, find_office
from tests.build.browser import Browser, browser, find_chromium
from tests.build.draw import random_report
from tests.build.fonts import require_chinese_font
from tests.build.registry import Made, build
from transform.form.forms import load_forms
from transform.identity.identify import identify
from transform.tidy import tidy

pytestmark = pytest.mark.slow

TABLE: Final = "table{border-collapse:collapse} td,th{border:1px solid #000}"
# name -> style sheet, options of printing, layout, edition
PRINTS: Final[dict[str, tuple[str, dict[str, object], str, str]]] = {
    "as-it-is": ("", {}, "html-clean", "2021"),
    "hairlines": (
        "table{border-collapse:collapse} td{border:0.25pt solid #000}",
        {"displayHeaderFooter": True},
        "html-clean",
        "2019",
    ),
    "spaced": (
        "table{border-collapse:separate;border-spacing:2px!important} td{border:1px solid #000}",
        {},
        "html-clean",
        "hybrid",
    ),
    "double": (
        "table{border-collapse:collapse} td{border:3px double #000}",
        {"landscape": True},
        "html-clean",
        "2014",
    ),
    "dotted": (
        "table{border-collapse:collapse} td{border:1px dotted #000}",
        {"displayHeaderFooter": True},
        "html-clean",
        "2021",
    ),
    "dashed": (
        "table{border-collapse:collapse} td{border:1px dashed #555}",
        {"scale": 1.5},
        "html-clean",
        "2019",
    ),
    "rounded": (
        "table{border-collapse:separate} td{border:1px solid #000;border-radius:4px}",
        {},
        "html-clean",
        "2014",
    ),
    "half-open": (
        "table{border-collapse:separate;border-spacing:0;border-left:1px solid "
        "#000;border-top:1px solid #000}"
        "td{border:0;border-right:1px solid #000;border-bottom:1px solid #000}",
        {"paperWidth": 11.7, "paperHeight": 16.5},
        "html-clean",
        "2021",
    ),
    "gaps-for-lines": (
        (
            "table{background:#000;border:0;border-spacing:1px!important;border-collapse:separate} "
            "td{background:#fff;border:0}"
        ),
        {},
        "html-clean",
        "2021",
    ),
    "areas": (
        (
            "table{border:0;border-spacing:2px!important;border-collapse:separate} "
            "td{border:0;background:#e8e8e8}"
        ),
        {},
        "html-clean",
        "hybrid",
    ),
    "stripes": (
        (
            f"{TABLE} tr:nth-child(odd){{background:#eee}} tr:first-child "
            f"td{{background:#369;color:#fff}}"
        ),
        {"scale": 0.5},
        "html-clean",
        "fj2008",
    ),
    "upright-labels": (
        # WenQuanYi Zen Hei has no metrics for upright lines: its characters lie over each other
        f"{TABLE} table{{width:100%}} td[rowspan]:first-child{{writing-mode:vertical-rl;"
        "font-family:'Noto Serif CJK SC','Noto Sans CJK SC','WenQuanYi Micro Hei','AR PL UMing CN',"
        "'AR PL UKai CN'}",
        {},
        "html-clean",
        "2021",
    ),
    "tiny": (f"{TABLE} table{{font-size:6px}}", {}, "html-clean", "2019"),
    "small-paper": (
        f"{TABLE} table{{table-layout:fixed;width:100%}}",
        {"paperWidth": 5.8, "paperHeight": 8.3},
        "html-clean",
        "hybrid",
    ),
    "blocks-apart": ("", {}, "html-blocks-apart", "2019"),
    "header-again": (TABLE, {"paperHeight": 7.0}, "html-thead", "2021"),
}


def differing(made: Made, data: bytes) -> dict[object, object]:
    """The cells that are not what the report says."""
    kind, document = read(data)
    assert kind is Format.PDF
    return _differing(made, document)


def _differing(made: Made, document: Document) -> dict[object, object]:
    cells = {
        (c.table_id, c.row_id, c.col_id): c
        for c in tidy(document, load_forms(), identify(document).year).cells
    }
    got = {key: (c.state, c.value, c.unit) for key, c in cells.items()}
    return {
        key: got.get(key) for key, wanted in made.expected.items() if got.get(key) != tuple(wanted)
    }


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if find_chromium() is None:
        pytest.skip("chromium is not installed")
    require_chinese_font()
    with browser(tmp_path_factory.mktemp("browser")) as started:
        yield started


@pytest.mark.parametrize("name", PRINTS)
def test_a_page_printed_by_a_browser_is_exact(name: str, printer: Browser) -> None:
    style, options, layout, edition = PRINTS[name]
    made = build(random_report(31, edition, mean=30.0), layout)
    page = made.data.replace(b"</head>", f"<style>{style}</style></head>".encode())
    assert differing(made, printer.print_page(page, **options)) == {}


@pytest.mark.parametrize(
    "style",
    [
        "table{border:0!important} td{border:0}",
        f"{TABLE} td{{border:0!important;border-bottom:1px solid #999!important}}",
    ],
)
def test_a_table_without_lines_gives_no_wrong_cell(style: str, printer: Browser) -> None:
    made = build(random_report(32, "2021", mean=30.0), "html-clean")
    found = differing(
        made,
        printer.print_page(
            made.data.replace(b"</head>", f"<style>{style}</style></head>".encode())
        ),
    )
    assert {got[0] for got in found.values() if isinstance(got, tuple)} <= {"absent", "text"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Made, bytes]]:
    """Reports as docx with tables, labels and figures of all kinds, saved as PDF."""
    office = find_office()
    if office is None:
        pytest.skip(f"LibreOffice is not installed; {INSTALL}")
    require_chinese_font()
    folder = tmp_path_factory.mktemp("exported")
    layouts = (
        "docx-raw",
        "docx-tracked",
        "docx-runs",
        "docx-slivers",
        "docx-layout-table",
        "docx-cut",
        "docx-row-split",
        "docx-paragraphs",
        "docx-everything",
    )
    made = {}
    for n, layout in enumerate(layouts):
        made[layout] = build(
            random_report(40 + n, ("2019", "2021", "hybrid")[n % 3], mean=30.0),
            layout,
            ("plain", "everything")[n % 2],
        )
        (folder / f"{layout}.docx").write_bytes(made[layout].data)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    sources = sorted(map(str, folder.glob("*.docx")))
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *sources],
        check=True,
        capture_output=True,
    )
    return {layout: (made[layout], (folder / f"{layout}.pdf").read_bytes()) for layout in layouts}


def test_documents_exported_by_libreoffice_are_exact(
    exported: dict[str, tuple[Made, bytes]],
) -> None:
    assert {
        layout: found
        for layout, (made, data) in exported.items()
        if (found := differing(made, data))
    } == {}


def test_what_is_struck_out_is_left_out_and_said(exported: dict[str, tuple[Made, bytes]]) -> None:
    _, document = read(exported["docx-tracked"][1])
    assert "text that is struck through was left out" in document.remarks
    _, document = read(exported["docx-raw"][1])
    assert document.remarks == ()
