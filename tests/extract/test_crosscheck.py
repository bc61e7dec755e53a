"""The second readers give the same figures as the first, by other libraries and without the first
ones' code.
"""

import ast
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

import extract
from extract.detect import Format
from extract.document import ReadError
from extract.registry import READERS, SECOND_READERS, read, second_reader
from extract.word import doc_crosscheck as doc
from extract.word.convert import Converted, LegacyFile, convert
from flows.steps.answer import NeedsConversion
from flows.steps.read import read_document
from flows.steps.request import ReadRequest, request_of
from tests.build.draw import random_report
from tests.build.office import office_or_skip, save_as
from tests.build.registry import LAYOUTS, build, edition_fits
from tests.build.report import EDITIONS
from transform.form.forms import load_forms
from transform.records import Reading
from transform.tidy import tidy

TABLE_CODE = {
    "extract.html.read",
    "extract.html.table_grid",
    "extract.nested_tables",
    "extract.sheet.read",
    "extract.sheet.regions",
    "extract.word.convert",
    "extract.word.docx",
    "extract.word.table_grid",
}
# python-docx leaves out what stands in tracked changes and content controls, and breaks on rows in
# controls
DRESSING = ("plain", "everything")
BEYOND_PYTHON_DOCX = {"docx-tracked", "docx-controls"}


@pytest.mark.parametrize(
    "layout",
    [n for n in LAYOUTS if n.startswith(("docx", "html", "xls")) and n not in BEYOND_PYTHON_DOCX],
)
def test_both_readings_give_the_same_cells(layout: str) -> None:
    count: Counter[bool] = Counter()
    for edition in ("2019", "2021"):
        if not edition_fits(layout, edition):
            continue
        made = build(random_report(11, edition, mean=40.0), layout)
        kind, document = read(made.data)
        reader = second_reader(kind)
        assert reader is not None
        first, second = (tidy(d, load_forms(), 2021).cells for d in (document, reader(made.data)))
        other = {(c.table_id, c.row_id, c.col_id): (c.state, c.value) for c in second}
        for cell in first:
            if (
                other.get((cell.table_id, cell.row_id, cell.col_id), ("absent", None))[0]
                != "absent"
            ):  # what it cannot find it says nothing of
                count[
                    other[cell.table_id, cell.row_id, cell.col_id] == (cell.state, cell.value)
                ] += 1
    assert count[False] == 0
    assert count[True] > 150


@pytest.fixture(scope="module")
def word_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports in every layout of Word and each edition, saved as .doc by LibreOffice."""
    office = office_or_skip()
    folder = tmp_path_factory.mktemp("doc")
    for n, layout in enumerate(
        name for name in LAYOUTS if name.startswith("docx") and name not in BEYOND_PYTHON_DOCX
    ):
        edition = EDITIONS[n % 5] if edition_fits(layout, EDITIONS[n % 5]) else "2021"
        (folder / f"{layout}.docx").write_bytes(
            build(random_report(n, edition, mean=40.0), layout, DRESSING[n % 2]).data
        )
    for path in save_as("doc", sorted(folder.glob("*.docx")), folder, office).values():
        shutil.move(path, folder)
    return folder


@pytest.mark.slow
def test_a_doc_as_it_lies_in_the_file_has_the_cells_of_the_docx(word_files: Path) -> None:
    names = sorted(p.stem for p in word_files.glob("*.doc"))
    assert len(names) > 15
    for name in names:
        first, second = (
            tidy(d, load_forms(), 2021).cells
            for d in (
                read((word_files / f"{name}.docx").read_bytes())[1],
                doc.read((word_files / f"{name}.doc").read_bytes()),
            )
        )
        got, wanted = (
            [(c.table_id, c.row_id, c.col_id, c.state, c.value) for c in cells]
            for cells in (second, first)
        )
        assert got == wanted and len(wanted) > 30, name


@pytest.mark.slow
def test_a_doc_cut_or_spoilt_is_refused_or_read(word_files: Path) -> None:
    data = (word_files / "docx-raw.doc").read_bytes()
    rng = Random(3)
    for n in range(60):
        spoilt = bytearray(data[: rng.randrange(len(data))] if n % 3 == 0 else data)
        for _ in range(30 if n % 3 else 0):
            spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
        try:
            doc.read(bytes(spoilt))
        except ReadError as error:
            assert error.reason


def test_second_readers_share_no_table_code() -> None:
    paths = list(Path(extract.__file__).parent.rglob("*crosscheck.py"))
    assert len(paths) >= 6
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.module not in TABLE_CODE, f"{path.name} imports {node.module}"


@pytest.mark.parametrize("kind", sorted(SECOND_READERS))
def test_damaged_files_are_refused_by_name(kind: Format) -> None:
    reader = second_reader(kind)
    assert reader is not None and kind in READERS
    made = build(
        random_report(1, "2021"),
        {"docx": "docx-raw", "html": "html-clean", "xlsx": "xlsx-sheets", "xls": "xls-sheets"}.get(
            kind, "docx-raw"
        ),
    )
    for cut in (0, 10, len(made.data) // 2):
        try:
            reader(made.data[:cut])
        except ReadError as error:
            assert error.reason


@pytest.mark.slow
def test_a_doc_whose_sums_fail_is_read_again_from_its_own_bytes(tmp_path: Path) -> None:
    office = office_or_skip()
    report = random_report(3, "2021", mean=40.0)
    key = ("requests", "result_total", "total")
    wrong = replace(report, figures={**report.figures, key: str(int(report.figures[key]) + 1)})
    (tmp_path / "a.docx").write_bytes(build(wrong, "docx-raw").data)
    saved = save_as("doc", [tmp_path / "a.docx"], tmp_path, office)["a"]
    request = request_of(saved)
    assert isinstance(request, ReadRequest)
    needed = read_document(request)
    assert isinstance(needed, NeedsConversion)
    path = Path(request.path)
    made = convert([LegacyFile(path, needed.kind, needed.ends_in_table)], tmp_path)[path]
    assert isinstance(made, Converted) and made.by == "soffice"
    reading = read_document(replace(request, converted=str(made.docx), converted_by=made.by))
    assert isinstance(reading, Reading)
    said = {(r.table_id, r.code, r.printed) for r in reading.remarks}
    assert ("requests", "second.agrees", doc.READER) in said
