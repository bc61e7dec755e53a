"""The second reading: asked for where a sum fails, and turned into the verdict of the finding."""

import subprocess
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from extract.registry import read
from extract.word.convert import INSTALL, find_office
from flows.steps.check import judge
from tests.build.draw import random_report
from tests.build.registry import build
from tests.build.report import Report
from tests.flows.command import nianbao
from transform.crosscheck import compare_readings, find_tables_in_doubt, note_failure
from transform.form.forms import load_forms
from transform.parse_number import parse
from transform.records import CellRow
from transform.rules.load import load_rules
from transform.tidy import tidy


def with_a_wrong_total(report: Report) -> Report:
    """The report with one more in a printed total than its parts give."""
    key = ("requests", "new", "total")
    return replace(report, figures={**report.figures, key: str(int(report.figures[key]) + 1)})


@pytest.mark.parametrize("edition", ["2019", "2021", "hybrid", "2014"])
def test_a_clean_report_needs_no_second_reading(edition: str) -> None:
    tidied = tidy(
        read(build(random_report(4, edition, mean=40.0), "html-clean").data)[1], load_forms(), 2021
    )
    assert find_tables_in_doubt(tidied.tables, tidied.cells, load_rules(load_forms())) == set()


def test_a_wrong_total_asks_for_its_table_only() -> None:
    report = with_a_wrong_total(random_report(4, "2021", mean=40.0))
    tidied = tidy(read(build(report, "html-clean").data)[1], load_forms(), 2021)
    assert find_tables_in_doubt(tidied.tables, tidied.cells, load_rules(load_forms())) == {
        "requests"
    }


@pytest.mark.parametrize("layout", ["docx-raw", "html-word", "xlsx-sheets"])
def test_a_fault_that_both_readers_see_is_the_documents(layout: str, tmp_path: Path) -> None:
    made = build(with_a_wrong_total(random_report(4, "2021", mean=40.0)), layout)
    file = tmp_path / f"draft{made.suffix}"
    file.write_bytes(made.data)
    errors = [f for f in judge(file).findings if f["level"] == "error"]
    assert errors and {f["verdict"] for f in errors} == {"source"}


def test_a_sum_that_fails_by_both_readings_stays_an_error(tmp_path: Path) -> None:
    """python-docx does not see what stands in tracked insertions; by its numbers the sum fails too,
    and who is at fault is open.
    """
    made = build(with_a_wrong_total(random_report(4, "2021", mean=40.0)), "docx-tracked")
    file = tmp_path / "draft.docx"
    file.write_bytes(made.data)
    sums = [
        f
        for f in judge(file).findings
        if f["rule_id"] == "requests.row_total" and f["instance"] == "new"
    ]
    assert [(f["state"], f["level"], f["verdict"]) for f in sums] == [
        ("fails", "error", "undecided")
    ]


def test_a_pdf_of_libreoffice_with_a_wrong_total_is_in_error(tmp_path: Path) -> None:
    """Where the second reader cannot tell the cells of a page apart, the first reading stands."""
    office = find_office()
    if office is None:
        pytest.skip(f"LibreOffice is not installed; {INSTALL}")
    made = build(with_a_wrong_total(random_report(4, "2021", mean=40.0)), "docx-clean")
    (tmp_path / "draft.docx").write_bytes(made.data)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run(
        [*convert, str(tmp_path / "draft.docx")], check=True, capture_output=True, timeout=120
    )
    done = nianbao(tmp_path, "check", tmp_path / "draft.pdf")
    assert done.returncode == 1, done.stdout + done.stderr
    errors = {f["rule_id"] for f in judge(tmp_path / "draft.pdf").findings if f["level"] == "error"}
    assert errors == {"requests.row_total", "requests.balance"}


def read_twice(
    first: dict[tuple[str, str], str], second: dict[tuple[str, str], str | None]
) -> dict[str, list[tuple[str | None, str | None, str | None]]]:
    """The remarks by code (row, column, meant) on cells with these texts in two readings; None is
    a cell that the second reader did not find.
    """

    def cells(texts: Mapping[tuple[str, str], str | None]) -> list[CellRow]:
        return [cell_row(*key, text) for key, text in texts.items()]

    found = compare_readings(cells(first), cells({**first, **second}), {"requests"}, "other")
    remarks: dict[str, list[tuple[str | None, str | None, str | None]]] = defaultdict(list)
    for remark in found:
        remarks[remark.code].append((remark.row_id, remark.col_id, remark.meant))
    return dict(remarks)


def cell_row(row_id: str, col_id: str, text: str | None) -> CellRow:
    printed = parse(text or "")
    state = "absent" if text is None else printed.state
    nowhere = (None, None, None, None, None, None)
    return CellRow("requests", row_id, col_id, printed.value, state, text, *nowhere, "made", 1.0)


TWENTY = {(row, col): "7" for row in ("new", "carried_in") for col in "abcdefghij"}
NEW_A = ("new", "a")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # first and second text of one cell of twenty -> remark on it
        ("7", "7", {}),
        (" 7 ", "7\n", {}),
        ("", "", {}),
        ("7", "8", {"second.differs": [(*NEW_A, "8")]}),
        ("", "8", {"second.differs": [(*NEW_A, "8")]}),
        ("abc", "８", {"second.differs": [(*NEW_A, "8")]}),
        ("7", "７", {"second.unconfirmed": [(*NEW_A, None)]}),
        ("7", "", {"second.unconfirmed": [(*NEW_A, None)]}),
        ("7", "no number", {"second.unconfirmed": [(*NEW_A, None)]}),
        ("7", None, {"second.unconfirmed": [(*NEW_A, None)]}),
        ("", None, {"second.unconfirmed": [(*NEW_A, None)]}),
        ("abc", "abd", {}),
    ],
)
def test_only_a_number_contradicts(
    first: str, second: str | None, expected: dict[str, object]
) -> None:
    found = read_twice({**TWENTY, NEW_A: first}, {NEW_A: second})
    reader = found.pop("second.read" if expected else "second.agrees")
    assert found == expected and len(reader) == 1


@pytest.mark.parametrize("lost", [None, "本年制发件数 7"])
def test_a_second_reading_that_finds_too_few_cells_says_nothing(lost: str | None) -> None:
    keys = list(TWENTY)
    assert read_twice(TWENTY, {**dict.fromkeys(keys[:3], lost), keys[3]: "8"}) == {}
    enough = read_twice(TWENTY, {**dict.fromkeys(keys[:2], lost), keys[3]: "8"})
    assert set(enough) == {"second.unconfirmed", "second.differs", "second.read"}


def test_a_reader_that_failed_says_why_and_judges_nothing() -> None:
    (remark,) = note_failure({"requests"}, "ValueError: no tr")
    assert (remark.code, remark.printed) == ("second.failed", "ValueError: no tr")
    first = (cell_row("new", "total", "1"),)
    assert compare_readings(first, (), {"requests"}, "lxml") == ()
