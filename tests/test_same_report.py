"""One report in every format that is read, in one folder and one run: the same cells from all of
them, but for where they stand and who read them.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from load.database import connect
from tests.build import ofd_files
from tests.build.browser import browser, find_chromium
from tests.build.draw import random_report
from tests.build.office import office_or_skip, save_as
from tests.build.pdf_files import STYLES, Style, paper
from tests.build.registry import build
from tests.build.report import Report, expected_cells, flow
from tests.extract.word.test_flat_xml import flat, in_words_of_2003, message
from tests.flows.command import nianbao

pytestmark = pytest.mark.slow

BUILT: Final = {
    "docx": "docx-raw",
    "html": "html-clean",
    "xlsx": "xlsx-one-sheet",
    "xls": "xls-sheets",
    "txt": "txt-tabs",
}
LEGACY: Final = ("doc", "rtf", "odt")
FORMATS: Final = frozenset(
    {"docx", "html", "xlsx", "xls", "text", "pdf", "ofd", "mht", "word_xml", "image", *LEGACY}
)
# all of a cell but its place (page, grid, grid_row, grid_col, bbox), its reader and how sure that
# is
CELLS: Final = (
    "table_id, row_id, col_id, cells.agency_id, cells.year, edition, value, state, raw_text, unit"
)


@pytest.fixture(scope="module")
def report() -> Report:
    return random_report(21, "2021", mean=40.0, agency="上饶市林业局")


@pytest.fixture(scope="module")
def folder(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report as one file of each kind that this machine can make."""
    home = tmp_path_factory.mktemp("same")
    made = home / "input"
    made.mkdir()
    for name, data in written(report):
        (made / name).write_bytes(data)
    office = office_or_skip()
    for kind in LEGACY:
        for path in save_as(kind, [made / "report.docx"], home, office).values():
            shutil.move(path, made)
    return made


def written(report: Report) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file."""
    files = {suffix: build(report, layout).data for suffix, layout in BUILT.items()}
    yield from ((f"report.{suffix}", data) for suffix, data in files.items())
    yield "report.pdf", paper(flow(report), STYLES["line"], Random(1))
    yield "report.ofd", ofd_files.paper(flow(report))
    yield "report.mht", message(files["html"])
    yield "flat.xml", flat(files["docx"])
    yield "2003.xml", in_words_of_2003(files["docx"])


@pytest.fixture(scope="module")
def run(folder: Path, report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over the folder, a scan and a page printed by a browser among the files."""
    home = tmp_path_factory.mktemp("run")
    scanned = pytest.importorskip(
        "tests.build.scan_files", reason='the extra "scan" is not installed'
    )
    (picture,) = scanned.pictures(
        paper(flow(report), Style(height=1900.0, size=10.5, mark=""), Random(1)),
        scanned.LOOKS["office"],
    )
    (folder / "report.png").write_bytes(scanned.png(picture))
    if find_chromium() is None:
        pytest.skip("chromium is not installed")
    with browser(home) as printer:
        (folder / "printed.pdf").write_bytes(
            printer.print_page(build(report, "html-clean").data, displayHeaderFooter=True)
        )
    done = nianbao(home, "run", folder)
    assert done.returncode == 0, done.stderr
    return home


def cells(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The cells of each file, by its name."""
    with connect(home / "w.duckdb") as con:
        names = [name for (name,) in con.execute("SELECT file_name FROM documents").fetchall()]
        query = (
            f"SELECT {CELLS} FROM cells JOIN reports USING (report_id) JOIN documents USING "
            "(document_id) WHERE file_name = ? ORDER BY ALL"
        )
        return {name: con.execute(query, [name]).fetchall() for name in names}


def test_every_format_was_read(run: Path, folder: Path) -> None:
    with connect(run / "w.duckdb") as con:
        rows = con.execute(
            "SELECT format, status FROM documents JOIN outcomes USING (document_id)"
        ).fetchall()
        about = con.execute("SELECT DISTINCT agency_name, agency_id, year FROM reports").fetchall()
        tables = con.execute(
            "SELECT DISTINCT table_id, edition, found, rows_matched FROM tables"
        ).fetchall()
    assert len(rows) == len(list(folder.iterdir())) > len(FORMATS)
    assert {kind for kind, _ in rows} == FORMATS
    assert {status for _, status in rows} == {"extracted"}
    assert len(about) == 1
    assert len(tables) == 3


def test_every_format_gives_the_same_cells(run: Path, report: Report) -> None:
    found = cells(run)
    wanted = found["report.docx"]
    assert len(wanted) == len(expected_cells(report)) == 200
    different = {
        name: [(a, b) for a, b in zip(wanted, got, strict=False) if a != b][:3]
        for name, got in found.items()
        if got != wanted
    }
    assert different == {}
