"""The views say what their comments say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import duckdb
import pytest

from extract.number_text import UNITS
from load.codebook import codebook
from load.view_comments import RENAMED
from load.warehouse import load_readings, memory
from tests.load.made import a_rule, book, cell, full_cells, reading, rejected, sha
from transform.form.forms import load_forms
from transform.parse_number import in_unit
from transform.records import Reading
from transform.temporary_tables import fetch_rows


def loaded(readings: Sequence[Reading]) -> duckdb.DuckDBPyConnection:
    con = memory(book())
    load_readings(con, readings)
    return con


def dicts(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = fetch_rows(con.sql(query))
    return found


def test_tidy_has_one_labelled_row_a_cell() -> None:
    con = loaded([reading("a", cells=full_cells(3))])
    got = dicts(con, "SELECT * FROM tidy ORDER BY table_id, row_position, col_position")
    assert len(got) == len(full_cells(3))
    assert all(
        r["row_label_en"] is not None
        and r["col_label_zh"]
        and r["col_label_en"]
        and r["is_current"]
        for r in got
    )
    third = next(r for r in got if r["row_id"] == "denied.third_party" and r["col_id"] == "natural")
    assert (third["row_label_zh"], third["col_label_zh"], third["value"]) == (
        "4.保护第三方合法权益",
        "自然人",
        Decimal(3),
    )
    assert (third["file_name"], third["agency_name"], third["page"], third["raw_text"]) == (
        "a.docx",
        "财政局",
        1,
        "3",
    )
    licence = next(r for r in got if r["row_id"] == "licence")
    assert licence["col_label_zh"] == "本年处理决定数量" and licence["form_unit"] == "件"


def test_tidy_takes_the_column_of_the_block_that_the_row_stands_in() -> None:
    forms = load_forms()
    for edition in ("2019", "2021", "2014", "fj2008"):
        for table in forms.editions[edition].tables.values():
            con = memory(book())
            parts = reading("a", cells=[cell(table.table_id, r, c, 1) for r, c in table.cells])
            load_readings(con, [parts])
            con.execute("UPDATE cells SET edition = ?", [edition])
            got = {
                (r["row_id"], r["col_id"]): (r["col_label_zh"], r["form_unit"])
                for r in dicts(con, "SELECT * FROM tidy")
            }
            assert got == {
                (r, c): (table.column(r, c).label, table.unit_of(r, c)) for r, c in table.cells
            }


def test_a_row_that_the_form_lacks_is_kept_without_labels() -> None:
    con = loaded([reading("a", cells=[cell("requests", "extra.1", "total", 4, unit=None)])])
    [row] = dicts(con, "SELECT * FROM tidy")
    assert (row["value"], row["value_in_form_unit"], row["row_label_zh"], row["col_label_zh"]) == (
        4,
        4,
        None,
        None,
    )


def test_value_in_form_unit_is_that_of_numbers() -> None:
    """The view and `transform.parse_number.in_unit` hold one rule; the two conversions that need
    more than ten decimals stay empty.
    """
    con = memory(book())
    values = ["0.000001", "999999999999999999.999999", "-12.5"]
    units: list[str | None] = [*UNITS, None]
    cells = [
        cell("requests", f"x{i}", "c", v, "number", unit=u)
        for i, (v, u) in enumerate(product(values, units))
    ]
    load_readings(con, [reading("a", cells=cells)])
    for form in units:
        con.execute("DELETE FROM form_rows")
        con.execute(
            (
                "INSERT INTO form_rows (edition, table_id, row_id, unit) SELECT DISTINCT edition, "
                "table_id, row_id, ? FROM cells"
            ),
            [form],
        )
        for value, unit, got in con.execute(
            "SELECT value, unit, value_in_form_unit FROM tidy"
        ).fetchall():
            expected = in_unit(value, unit, form)
            if (unit, form) in {("元", "亿元"), ("千元", "亿元")}:
                expected = None
            assert got == expected, (value, unit, form)


def found(
    con: duckdb.DuckDBPyConnection,
    report: str,
    rule: str,
    level: str = "warning",
    status: str = "new",
    state: str = "fails",
) -> None:
    """Put a finding there, on the report of the document of that name."""
    values = [
        f"{report} {rule} {level} {status} {state}",
        sha(report)[:16],
        rule,
        level,
        status,
        state,
    ]
    con.execute(
        (
            "INSERT INTO findings (finding_id, report_id, rule_id, level, status, state) VALUES "
            "(?, ?, ?, ?, ?, ?)"
        ),
        values,
    )


@pytest.mark.parametrize(
    ("level", "published", "finding", "late"),
    [
        (None, "2022-01-31", None, False),  # in time for everyone
        (None, "2022-03-01", None, None),
        ("county_department", "2022-03-01", "warning", True),
        ("county_government", "2022-03-01", None, False),
        ("county_department", "2024-06-01", "info", None),  # a page that was moved
        ("town_government", "2022-06-01", None, None),
        ("county_department", None, None, None),
    ],
)
def test_coverage_tells_late_where_it_is_certain(
    level: str | None, published: str | None, finding: str | None, late: bool | None
) -> None:
    con = loaded([reading("a", published_on=published)])
    con.execute("UPDATE agencies SET level = ?", [level])
    if finding:
        found(con, "a", "report.late", finding)
    [row] = dicts(con, "SELECT * FROM coverage")
    assert (row["late"], row["published_on"]) == (late, published and date.fromisoformat(published))


@pytest.mark.parametrize(
    ("rules", "state"),
    [
        ([], "clean"),
        ([("cell.normalised", "info")], "clean"),
        ([("requests.balance", "error")], "extracted"),
        ([("report.late", "warning"), ("requests.balance", "error")], "late"),
        ([("report.versions_differ", "warning"), ("report.late", "warning")], "restated"),
        ([("report.restated", "info")], "restated"),
        ([("form.hybrid", "warning"), ("report.versions_differ", "warning")], "wrong_form"),
    ],
)
def test_coverage_state_is_the_first_that_fits(rules: list[tuple[str, str]], state: str) -> None:
    con = loaded([reading("a")])
    for rule, level in rules:
        found(con, "a", rule, level)
    [row] = dicts(con, "FROM coverage")
    assert (row["state"], row["restated"]) == (
        state,
        any(r in ("report.versions_differ", "report.restated") for r, _ in rules),
    )
    con.execute("UPDATE findings SET status = 'dismissed'")
    assert dicts(con, "FROM coverage")[0]["state"] == "clean", "what was dismissed counts no more"


@pytest.mark.parametrize("site", ["a.example.gov.cn", "https://a.example.gov.cn/"])
def test_coverage_of_pictures_on_a_site_that_agencies_share(site: str) -> None:
    scan = rejected("scan")
    seen = replace(
        scan.document,
        url="https://a.example.gov.cn/1.pdf",
        title="丁局2021年政府信息公开工作年度报告",
    )
    scan = replace(
        scan,
        document=seen,
        outcome=replace(
            scan.outcome,
            reason="reader_missing",
            detail="scanned pages (1-3) hold pictures and no text",
        ),
    )
    con = loaded([reading("a", "甲局", 2021), scan])
    con.execute(
        (
            "INSERT INTO agencies (agency_id, name, site) VALUES ('丁局', '丁局', $site), "
            "('戊局', '戊局', $site)"
        ),
        {"site": site},
    )
    states = {r["agency_id"]: r["state"] for r in dicts(con, "FROM coverage")}
    assert states == {"甲局": "clean", "丁局": "image_only", "戊局": "not_found"}


def test_coverage_of_pictures_gaps_and_versions() -> None:
    scan = rejected("scan")
    seen = replace(
        scan.document,
        url="https://a.example.gov.cn/1.pdf",
        title="丁局2021年政府信息公开工作年度报告",
    )
    scan = replace(
        scan,
        document=seen,
        outcome=replace(
            scan.outcome,
            reason="reader_missing",
            detail="scanned pages (1-3) hold pictures and no text",
        ),
    )
    part = reading("part", "乙局", 2021, status="partial")
    part = replace(
        part, outcome=replace(part.outcome, detail="requests; pages without text, pictures only: 2")
    )
    con = loaded(
        [
            reading("a", "甲局", 2020),
            reading("b", "甲局", 2022),
            reading("b2", "甲局", 2022),
            part,
            scan,
        ]
    )
    con.execute(
        "INSERT INTO agencies (agency_id, name, site) VALUES ('丁局', '丁局', "
        "'https://a.example.gov.cn/')"
    )
    got = {
        (r["agency_id"], r["year"]): (r["state"], r["expected"], r["versions"])
        for r in dicts(con, "FROM coverage")
    }
    assert got == {
        ("甲局", 2020): ("clean", True, 1),
        ("甲局", 2021): ("not_found", True, 0),
        ("甲局", 2022): ("clean", True, 2),
        ("乙局", 2020): ("not_found", False, 0),
        ("乙局", 2021): ("image_only", True, 1),
        ("乙局", 2022): ("not_found", False, 0),
        ("丁局", 2020): ("not_found", True, 0),
        ("丁局", 2021): ("image_only", True, 0),
        ("丁局", 2022): ("not_found", True, 0),
    }


def test_rule_card_counts_what_a_rule_did() -> None:
    rules = [
        a_rule(),
        a_rule("years.carried_over", (), "years"),
        a_rule("report.late", (), "structure"),
        a_rule("cell.blank", (), "cell"),
    ]
    rules[0] = a_rule(expression="requests[new,$col] == requests[result_total,$col]")
    con = memory(codebook(load_forms(), rules))
    load_readings(
        con,
        [
            reading("a"),
            reading("b", year=2022),
            reading("c", "乙局"),
            reading("d", "丙局", cells=[]),
        ],
    )
    for name, status, state in (
        ("a", "accepted", "fails"),
        ("b", "dismissed", "fails"),
        ("b", "new", "total_blank"),
        ("c", "new", "not_assessable"),
    ):
        found(con, name, "requests.balance", status=status, state=state)
    got = {
        r.pop("rule_id"): r
        for r in dicts(con, "SELECT * EXCLUDE (kind, level, message_zh, message_en) FROM rule_card")
    }
    nothing = {
        "not_assessable": 0,
        "fired": 0,
        "reports_fired": 0,
        "confirmed": 0,
        "dismissed": 0,
        "precision_judged": None,
    }
    assert got == {
        "requests.balance": {
            "assessable": 2,
            "not_assessable": 1,
            "fired": 3,
            "reports_fired": 2,
            "confirmed": 1,
            "dismissed": 1,
            "precision_judged": 0.5,
        },
        "years.carried_over": {"assessable": 1, **nothing},
        "report.late": {"assessable": 4, **nothing},
        "cell.blank": {"assessable": 3, **nothing},
    }


def test_coverage_has_every_agency_and_year_once() -> None:
    con = loaded(
        [
            reading("a", "甲局", 2021),
            reading("a2", "甲局", 2021, status="partial"),
            reading("b", "甲局", 2022, status="partial"),
            reading("c", "乙局", 2021),
            reading("d", "unknown", 2021),
            reading("e", "丙局", None),
        ]
    )
    con.execute("""
        INSERT INTO findings (finding_id, report_id, level, status)
        SELECT a.report_id || l.level || l.status, a.report_id, l.level, l.status FROM reports AS a
        CROSS JOIN (VALUES ('error', 'new'), ('error', 'dismissed'), ('info', 'accepted'))
            AS l (level, status)
        WHERE agency_id = '乙局'
    """)
    got = {
        (r["agency_id"], r["year"]): (
            r["status"],
            r["reason"],
            r["errors"],
            r["warnings"],
            r["infos"],
        )
        for r in dicts(con, "FROM coverage")
    }
    assert got == {
        ("甲局", 2021): ("extracted", None, 0, 0, 0),
        ("甲局", 2022): ("partial", "missing_tables", 0, 0, 0),
        ("乙局", 2021): ("extracted", None, 1, 0, 1),
        ("乙局", 2022): ("missing", None, None, None, None),
        ("丙局", 2021): ("missing", None, None, None, None),
        ("丙局", 2022): ("missing", None, None, None, None),
    }
    assert con.execute("SELECT count(*) FROM coverage").fetchall() == [(6,)]


def test_quality_counts_cells_by_state() -> None:
    states = [
        ("number", 4),
        ("zero", 0),
        ("blank", None),
        ("marker", None),
        ("text", None),
        ("absent", None),
    ]
    cells = [
        cell("requests", f"r{i}", f"c{k}", v, s)
        for i, (s, v) in enumerate(states)
        for k in range(i + 1)
    ]
    [row] = dicts(loaded([reading("a", cells=cells)]), "FROM quality")
    assert [
        row[s] for s in ("cells", "numbers", "zeros", "blanks", "markers", "texts", "absents")
    ] == [21, 1, 2, 3, 4, 5, 6]
    assert [
        row[s]
        for s in ("tables_found", "tables_expected", "rows_matched", "rows_expected", "errors")
    ] == [1, 3, 3, 6, 0]


def test_quality_has_reports_without_cells() -> None:
    [row] = dicts(loaded([reading("a", cells=[])]), "FROM quality")
    assert (row["cells"], row["tables_found"], row["tables_expected"]) == (0, 0, 3)


def test_wide_views_hold_every_number_once() -> None:
    tables = load_forms().editions["2021"].tables
    numbered = [
        cell(t, r, c, i + 1)
        for i, (t, (r, c)) in enumerate(
            (t, k) for t in ("proactive", "requests", "disputes") for k in tables[t].cells
        )
    ]
    con = loaded([reading("a", cells=numbered), reading("b", year=2022, cells=numbered[:3])])
    value = {(c.table_id, c.row_id, c.col_id): c.value for c in numbered}
    requests = dicts(con, "FROM requests_wide WHERE year = 2021")
    assert {
        (r["row_id"], c.col_id): r[RENAMED.get(c.col_id, c.col_id)]
        for r in requests
        for c in tables["requests"].blocks[0].data_columns
    } == {k[1:]: v for k, v in value.items() if k[0] == "requests"}
    assert len(requests) == 25 and requests[0]["edition"] == "2021"
    [disputes] = dicts(con, "FROM disputes_wide")
    assert {k[2]: disputes[k[2].replace(".", "_")] for k in value if k[0] == "disputes"} == {
        k[2]: v for k, v in value.items() if k[0] == "disputes"
    }
    proactive = dicts(con, "FROM proactive_wide WHERE year = 2021")
    assert {
        (r["row_id"], c): r[c]
        for r in proactive
        for c in tables["proactive"].columns
        if r[c] is not None
    } == {k[1:]: v for k, v in value.items() if k[0] == "proactive"}
    assert con.execute("SELECT count(*) FROM proactive_wide WHERE year = 2022").fetchall() == [(1,)]


def test_wide_views_have_a_column_for_every_column_of_every_edition() -> None:
    con = memory(book())
    columns = {
        (t, c)
        for t, c in con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    }
    for table in load_forms().tables:
        if table.table_id in ("proactive", "requests", "disputes"):
            ids = {
                RENAMED.get(c.col_id, c.col_id.replace(".", "_"))
                for b in table.blocks
                for c in b.data_columns
            }
            assert {c for c in ids if (f"{table.table_id}_wide", c) not in columns} == set()
