"""Corrections as files: what is taken, and what is refused with file and line."""

from decimal import Decimal
from pathlib import Path

import pytest

from data import ConfigError
from transform.form.forms import load_forms
from transform.rules.corrections import (
    CellCorrection,
    Corrections,
    load_corrections,
    require_reports,
)

FORMS = load_forms()
REPORT = "0123456789abcdef"
SHA = REPORT * 4
FINDING = "0123456789abcdef0123"
WHO = 'reason: seen on the page, date: "2026-02-01", by: 王'
CELL = "table: requests, row: new, col: natural"


def loaded(folder: Path, text: str) -> Corrections:
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    return load_corrections(FORMS, folder)


def only(folder: Path, text: str) -> CellCorrection:
    (cell,) = loaded(folder, text).cells
    return cell


def misreading(**changed: str) -> str:
    """A file with one misreading, some of its keys changed; its keys stand in lines 2 to 10."""
    entry = {
        "report": f'"{REPORT}"',
        "table": "requests",
        "row": "new",
        "col": "natural",
        "expect": '"1O"',
        "meant": '"10"',
    }
    entry |= {"reason": "seen on the page", "date": '"2026-02-01"', "by": "王"} | changed
    return (
        "misreadings:\n  - "
        + "\n    ".join(f"{key}: {value}" for key, value in entry.items())
        + "\n"
    )


def test_the_projects_own_file_is_read() -> None:
    assert isinstance(load_corrections(FORMS), Corrections)


def test_what_an_entry_says(tmp_path: Path) -> None:
    text = f"""
misreadings:
  - {{report: "{REPORT}", {CELL}, expect: "1O", meant: "10", {WHO}}}
misprints:
  - {{report: "{SHA}", table: disputes, row: cases, col: review.total, expect: "3", {WHO}}}
  - {{report: "{SHA}", table: proactive, row: admin_fee, col: fee_amount,
     expect: "3", correct: "5.5", {WHO}}}
findings:
  - {{report: "{SHA}", finding: "{FINDING}", status: dismissed, {WHO}}}
"""
    found = loaded(tmp_path, text)
    first, second, third = found.cells
    assert (first.kind, first.report_id, first.meant.value, first.meant.state) == (
        "misreading",
        REPORT,
        Decimal(10),
        "number",
    )
    assert (first.reason, first.decided_on, first.decided_by, first.at) == (
        "seen on the page",
        "2026-02-01",
        "王",
        f"{tmp_path}/mine.yaml:3",
    )
    assert (second.kind, second.report_id, second.text, second.meant.value) == (
        "misprint",
        REPORT,
        None,
        None,
    )
    assert (third.text, third.meant.value, third.form_units["2021"]) == (
        "5.5",
        Decimal("5.5"),
        "万元",
    )
    (decision,) = found.decisions
    assert (decision.finding_id, decision.status, decision.report_id) == (
        FINDING,
        "dismissed",
        REPORT,
    )
    assert found.reports == {REPORT}


@pytest.mark.parametrize(
    ("expect", "raw", "stale"),
    [
        ("1O", " 1O\n", False),
        ("1 O", "1O", True),
        ("", None, False),
        ("", "0", True),
        ("１０", "10", True),
    ],
)
def test_an_entry_is_stale_where_another_text_stands(
    tmp_path: Path, expect: str, raw: str | None, stale: bool
) -> None:
    assert only(tmp_path, misreading(expect=f'"{expect}"')).stale(raw) is stale


@pytest.mark.parametrize(
    ("meant", "raw", "unit", "becomes"),
    [
        ("12", "1Z", "元", "元"),  # the header's unit stays
        ("12元", "1Z", "万元", "元"),
        ("12", "15元", "元", "万元"),  # the unit was part of the text misread: the form's it is
        ("", "15", "万元", "万元"),
    ],
)
def test_the_unit_of_a_corrected_cell(
    tmp_path: Path, meant: str, raw: str, unit: str, becomes: str
) -> None:
    cell = only(
        tmp_path,
        misreading(
            table="proactive",
            row="admin_fee",
            col="fee_amount",
            expect=f'"{raw}"',
            meant=f'"{meant}"',
        ),
    )
    assert cell.unit(raw, unit, "2021") == becomes


@pytest.mark.parametrize(
    ("meant", "state"),
    [("0", "zero"), ("", "blank"), ("/", "marker"), ("见附件", "text"), ("1,024", "number")],
)
def test_what_is_meant_is_read_like_any_cell(tmp_path: Path, meant: str, state: str) -> None:
    assert only(tmp_path, misreading(meant=f'"{meant}"')).meant.state == state


@pytest.mark.parametrize(
    ("changed", "line", "said"),
    [
        ({"report": "123"}, 2, "should be a valid string"),
        ({"report": '"123"'}, 2, "is no report_id"),
        ({"report": f'"{REPORT.upper()}"'}, 2, "is no report_id"),
        ({"table": "request"}, 3, "no edition has such a table"),
        ({"row": "newer"}, 4, "requests newer natural: no edition has such a cell"),
        ({"col": "review.total"}, 4, "no edition has such a cell"),
        ({"expect": "10"}, 6, "should be a valid string"),
        ({"meant": '"1O"'}, 7, "is what was read"),
        ({"meant": '"1234567890123456789"'}, 7, "more digits than the warehouse holds"),
        ({"meant": '"0.1234567"'}, 7, "more digits than the warehouse holds"),
        ({"reason": '""'}, 8, "reason"),
        ({"reason": '"  "'}, 8, "reason"),
        ({"date": "2026-02-01"}, 9, "YAML reads this as a date"),
        ({"date": '"2026-02-30"'}, 9, "is no day"),
        ({"date": '"20260201"'}, 9, "is no day"),
        ({"by": '""'}, 10, "by"),
        ({"value": "3"}, 11, "unknown key"),
    ],
)
def test_what_is_refused(tmp_path: Path, changed: dict[str, str], line: int, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"mine\.yaml:{line}: .*{said}"):
        loaded(tmp_path, misreading(**changed))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f'findings:\n  - {{report: "{REPORT}", finding: "12", status: dismissed, {WHO}}}',
            r":2: 12: is no finding_id",
        ),
        (
            f'findings:\n  - {{report: "{REPORT}", finding: "{FINDING}", status: new, {WHO}}}',
            r":2: findings\.0\.status",
        ),
        (
            f'misprints:\n  - {{report: "{REPORT}", {CELL}, expect: "1", correct: "many", {WHO}}}',
            r":2: many: is no number",
        ),
        (
            f'misreadings:\n  - {{report: "{REPORT}", {CELL}, expect: "1", {WHO}}}',
            r":2: misreadings\.0\.meant: missing",
        ),
        ("misreading: []\n", r":1: misreading: unknown key"),
    ],
)
def test_what_else_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        loaded(tmp_path, text)


def test_two_entries_for_one_cell_or_finding_are_refused_across_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(misreading(), encoding="utf-8")
    other = f"""
misprints:
  - {{report: "{SHA}", {CELL}, expect: "1", {WHO}}}
findings:
  - {{report: "{REPORT}", finding: "{FINDING}", status: dismissed, {WHO}}}
  - {{report: "{REPORT}", finding: "{FINDING}", status: accepted, {WHO}}}
"""
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, other)
    cell, finding = str(caught.value).splitlines()
    assert (
        cell.startswith(f"{tmp_path}/mine.yaml:3: {REPORT} requests new natural: ")
        and f"{tmp_path}/a.yaml:2" in cell
    )
    assert (
        finding.startswith(f"{tmp_path}/mine.yaml:6: {FINDING}: ")
        and f"{tmp_path}/mine.yaml:5" in finding
    )


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, misreading(report='"1"', row="none", date='"x"'))
    assert [
        line.partition(": ")[0].rpartition(":")[2] for line in str(caught.value).splitlines()
    ] == ["2", "9", "4"]


def test_a_report_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    found = loaded(tmp_path, misreading())
    require_reports(found, {REPORT})
    with pytest.raises(ConfigError, match=rf"mine\.yaml:2: {REPORT}: no such report"):
        require_reports(found, {"fedcba9876543210"})


def test_a_folder_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not there"):
        load_corrections(FORMS, tmp_path / "none")
