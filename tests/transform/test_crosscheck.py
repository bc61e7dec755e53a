"""The second reading: asked for where a sum fails, and turned into the verdict of the finding."""

from dataclasses import replace
from pathlib import Path

import pytest

from extract.registry import read
from flows.steps.check import judge
from tests.build.draw import random_report
from tests.build.registry import build
from tests.build.report import Report
from transform.crosscheck import compare, doubtful_tables, unread
from transform.form.forms import load_forms
from transform.records import CellRow, TableRow
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
    assert doubtful_tables(tidied.tables, tidied.cells, load_rules(load_forms())) == set()


def test_a_wrong_total_asks_for_its_table_only() -> None:
    report = with_a_wrong_total(random_report(4, "2021", mean=40.0))
    tidied = tidy(read(build(report, "html-clean").data)[1], load_forms(), 2021)
    assert doubtful_tables(tidied.tables, tidied.cells, load_rules(load_forms())) == {"requests"}


@pytest.mark.parametrize("layout", ["docx-raw", "html-word", "xlsx-sheets"])
def test_a_fault_that_both_readers_see_is_the_documents(layout: str, tmp_path: Path) -> None:
    made = build(with_a_wrong_total(random_report(4, "2021", mean=40.0)), layout)
    file = tmp_path / f"draft{made.suffix}"
    file.write_bytes(made.data)
    errors = [f for f in judge(file).findings if f["level"] == "error"]
    assert errors and {f["verdict"] for f in errors} == {"source"}


def test_a_fault_that_one_reader_sees_is_no_error(tmp_path: Path) -> None:
    """python-docx does not see what stands in tracked insertions, so the two readers disagree on
    that sum.
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
        ("readings_disagree", "warning", "undecided")
    ]


def _cell(row_id: str, text: str) -> CellRow:
    tidied = tidy(
        read(build(random_report(4, "2021", mean=40.0), "html-clean").data)[1], load_forms(), 2021
    )
    return replace(
        next(c for c in tidied.cells if c.row_id == row_id and c.col_id == "total"), raw_text=text
    )


def test_a_reader_that_failed_says_why_and_judges_nothing() -> None:
    table = TableRow("requests", "2021", True, 25, 25, "[]")
    (noted,) = unread((table,), {"requests"}, "ValueError: no tr")
    assert "second.failed" in noted.note and "no tr" in noted.note
    assert compare((table,), (_cell("new", "1"),), (), {"requests"}, "lxml") == (table,)
