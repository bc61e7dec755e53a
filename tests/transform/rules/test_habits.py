"""One fact is one finding: what stands throughout a table, a report or an agency is said once."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.build.draw import random_report
from tests.build.report import Report, official_tables
from tests.transform.grids import document, grid_from
from tests.transform.rules.test_evaluate import check, clean, reading
from transform.form.forms import load_forms
from transform.records import Reading, Remark, RemarkRow
from transform.tidy import tidy

FORMS = load_forms()
ORGANISATIONS = ("business", "research", "charity", "legal_service", "other_org")
Key = tuple[str, str, str]


def rules_of(found: list[dict[str, object]], *but: str) -> Counter[str]:
    return Counter(str(f["rule_id"]) for f in found if f["rule_id"] not in but)


def merged(total: int) -> Reading:
    """表三, line 一: 2 of natural persons, one 3 over all organisations, and this total."""
    figures: dict[Key, str | None] = {k: "0" for k in clean("2021") if k[0] == "requests"}
    for row in ("new", "result_total", "granted"):
        figures["requests", row, "natural"] = "2"
        figures["requests", row, "total"] = "2"
    figures["requests", "new", "total"] = str(total)
    made = reading(1, "2021", figures)
    cells = tuple(
        replace(c, value=None, state="text", raw_text="3", grid=2, grid_row=5, grid_col=4)
        if (c.row_id, c.col_id) in {("new", o) for o in ORGANISATIONS}
        else c
        for c in made.cells
    )
    remarks = tuple(
        RemarkRow.of("requests", Remark("cell.merged", "new", o, printed="3"))
        for o in ORGANISATIONS
    )
    return replace(made, cells=cells, remarks=remarks)


@pytest.mark.parametrize(("total", "fails"), [(5, 0), (6, 1), (2, 1)])
def test_a_number_over_all_organisations_is_one_finding_and_counts_once_in_the_sum(
    total: int, fails: int
) -> None:
    found = [f for f in check([merged(total)]) if str(f["instance"]) != "report"]
    (said,) = (f for f in found if f["rule_id"] == "cell.merged")
    assert said["cells"] == [f"requests|new|{o}" for o in ORGANISATIONS]
    assert "5" in str(said["message_en"]) and "“3”" in str(said["message_zh"])
    assert rules_of(found)["cell.not_a_number"] == 0
    failing = [f for f in found if f["rule_id"] == "requests.row_total" and f["state"] == "fails"]
    assert len(failing) == fails
    assert [(f["expected"], f["actual"]) for f in failing] == [(5, total)] * fails


def noted(code: str, *cells: tuple[str, str], meant: str | None = None) -> Reading:
    remarks = tuple(
        RemarkRow.of("requests", Remark(code, row, col, printed="７", meant=meant))
        for row, col in cells
    )
    return replace(reading(1, "2021", clean("2021")), remarks=remarks)


def test_a_habit_is_one_finding_a_table_with_count_and_cells() -> None:
    at = [("new", "natural"), ("granted", "total"), ("carried_in", "natural")]
    (said,) = (
        f for f in check([noted("cell.normalised", *at)]) if f["rule_id"] == "cell.normalised"
    )
    assert (said["instance"], said["actual"], said["level"]) == ("requests", 3, "info")
    assert said["cells"] == [
        "requests|new|natural",
        "requests|carried_in|natural",
        "requests|granted|total",
    ]
    assert said["message_en"].count("７") == 1  # quoted once, though it stands three times


def test_two_readings_of_one_table_are_one_finding() -> None:
    at = [("new", "natural"), ("granted", "total")]
    (said,) = (
        f
        for f in check([noted("second.differs", *at, meant="8")])
        if f["rule_id"] == "second.differs"
    )
    assert said["actual"] == 2 and len(said["cells"]) == 2


def test_blanks_leave_one_finding_a_table_and_no_sum_of_its_own() -> None:
    figures: dict[Key, str | None] = {
        k: "" if v == "0" and k[2] != "total" else v for k, v in clean("2021").items()
    }
    found = check([reading(1, "2021", figures)])
    holds = Counter(f["instance"] for f in found if f["state"] == "holds_if_blank_is_zero")
    assert set(holds.values()) == {1} and "requests|blanks" in holds
    assert all(f["level"] != "error" for f in found)


def test_a_table_of_marks_alone_is_a_warning() -> None:
    for mark in ("/", ""):
        figures: dict[Key, str | None] = {
            k: mark if k[0] == "disputes" else v for k, v in clean("2021").items()
        }
        levels = {f["level"] for f in check([reading(1, "2021", figures)])}
        assert "error" not in levels


def test_the_wrong_form_is_said_once() -> None:
    found = check([reading(1, "2019", clean("2019"), year=2022)])
    (said,) = (f for f in found if f["rule_id"] == "form.wrong_year")
    assert "二 2019; 三 2019" in str(said["message_zh"])
    mixed = rules_of(check([reading(1, "hybrid", clean("hybrid"), year=2022)]))
    assert (mixed["form.hybrid"], mixed["form.wrong_year"]) == (1, 0)


def test_breaks_in_force_are_one_finding_an_agency() -> None:
    reports = []
    for n, year in enumerate((2021, 2022, 2023, 2024)):
        figures = {**clean("2021"), ("proactive", "normative", "in_force"): str(100 + 7 * n)}
        figures["proactive", "normative", "issued"] = "1"
        figures["proactive", "normative", "repealed"] = "0"
        figures |= {k: "0" for k in figures if k[1] == "regulations"}
        reports.append(reading(n, "2021", figures, year=year))
    (said,) = (f for f in check(reports) if f["rule_id"] == "years.in_force")
    assert said["year"] == 2024
    assert "2022 107; 2023 114; 2024 121" in str(said["message_zh"])


def test_a_table_of_fees_makes_no_finding_of_its_own() -> None:
    report: Report = random_report(5, mean=20, fees=True)
    tables = {t.table_id: grid_from(t) for t in official_tables(report)}
    result = tidy(
        document(
            *(tables[t] for t in ("proactive", "requests", "disputes")),
            "五、信息处理费收取情况",
            tables["fees"],
        ),
        FORMS,
        2022,
    )
    assert not result.remarks and {t.table_id for t in result.tables if t.found} == set(tables)
