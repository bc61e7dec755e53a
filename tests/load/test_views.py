"""The views say what their comments say."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import duckdb
import pytest

from load.warehouse import load_readings, memory
from tests.load.made import book, cell, full_cells, reading
from transform.form import load_forms
from transform.numbers import UNITS, in_unit
from transform.rows import Reading


def loaded(readings: Sequence[Reading]) -> duckdb.DuckDBPyConnection:
    con = memory(book())
    load_readings(con, readings)
    return con


def dicts(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = con.sql(query).to_arrow_table().to_pylist()
    return found


def test_tidy_has_one_labelled_row_a_cell() -> None:
    con = loaded([reading("a", cells=full_cells(3))])
    got = dicts(con, "SELECT * FROM tidy ORDER BY table_id, row_position, col_position")
    assert len(got) == len(full_cells(3))
    assert all(r["row_label_en"] is not None and r["col_label_zh"] and r["col_label_en"] and r["is_current"] for r in got)
    third = next(r for r in got if r["row_id"] == "denied.third_party" and r["col_id"] == "natural")
    assert (third["row_label_zh"], third["col_label_zh"], third["value"]) == ("4.保护第三方合法权益", "自然人", Decimal(3))
    assert (third["file_name"], third["agency_name"], third["page"], third["raw_text"]) == ("a.docx", "财政局", 1, "3")
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
            got = {(r["row_id"], r["col_id"]): (r["col_label_zh"], r["form_unit"]) for r in dicts(con, "SELECT * FROM tidy")}
            assert got == {(r, c): (table.column(r, c).label, table.unit_of(r, c)) for r, c in table.cells}


def test_a_row_that_the_form_lacks_is_kept_without_labels() -> None:
    con = loaded([reading("a", cells=[cell("requests", "extra.1", "total", 4, unit=None)])])
    [row] = dicts(con, "SELECT * FROM tidy")
    assert (row["value"], row["value_in_form_unit"], row["row_label_zh"], row["col_label_zh"]) == (4, 4, None, None)


def test_value_in_form_unit_is_that_of_numbers() -> None:
    """The view and `transform.numbers.in_unit` hold one rule; the two conversions that need more than ten decimals stay empty."""
    con = memory(book())
    values = ["0.000001", "999999999999999999.999999", "-12.5"]
    units: list[str | None] = [*UNITS, None]
    cells = [cell("requests", f"x{i}", "c", v, "number", unit=u) for i, (v, u) in enumerate(product(values, units))]
    load_readings(con, [reading("a", cells=cells)])
    for form in units:
        con.execute("DELETE FROM form_rows")
        con.execute("INSERT INTO form_rows (edition, table_id, row_id, unit) SELECT DISTINCT edition, table_id, row_id, ? FROM cells", [form])
        for value, unit, got in con.execute("SELECT value, unit, value_in_form_unit FROM tidy").fetchall():
            expected = in_unit(value, unit, form)
            if (unit, form) in {("元", "亿元"), ("千元", "亿元")}:
                expected = None
            assert got == expected, (value, unit, form)


@pytest.mark.parametrize(
    ("published", "late"),
    [("2022-01-31", False), ("2022-02-01", None), ("2022-03-31", None), ("2022-04-01", True), (None, None), ("2021-12-19", False)],
)
def test_coverage_tells_late_where_it_is_certain(published: str | None, late: bool | None) -> None:
    [row] = dicts(loaded([reading("a", published_on=published)]), "SELECT * FROM coverage")
    assert (row["late"], row["published_on"]) == (late, published and date.fromisoformat(published))


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
        CROSS JOIN (VALUES ('error', 'new'), ('error', 'dismissed'), ('info', 'accepted')) AS l (level, status) WHERE agency_id = '乙局'
    """)
    got = {(r["agency_id"], r["year"]): (r["status"], r["reason"], r["errors"], r["warnings"], r["infos"]) for r in dicts(con, "FROM coverage")}
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
    states = [("number", 4), ("zero", 0), ("blank", None), ("marker", None), ("text", None), ("absent", None)]
    cells = [cell("requests", f"r{i}", f"c{k}", v, s) for i, (s, v) in enumerate(states) for k in range(i + 1)]
    [row] = dicts(loaded([reading("a", cells=cells)]), "FROM quality")
    assert [row[s] for s in ("cells", "numbers", "zeros", "blanks", "markers", "texts", "absents")] == [21, 1, 2, 3, 4, 5, 6]
    assert [row[s] for s in ("tables_found", "tables_expected", "rows_matched", "rows_expected", "errors")] == [1, 3, 3, 6, 0]


def test_quality_has_reports_without_cells() -> None:
    [row] = dicts(loaded([reading("a", cells=[])]), "FROM quality")
    assert (row["cells"], row["tables_found"], row["tables_expected"]) == (0, 0, 3)


def test_wide_views_hold_every_number_once() -> None:
    tables = load_forms().editions["2021"].tables
    numbered = [cell(t, r, c, i + 1) for i, (t, (r, c)) in enumerate((t, k) for t in ("proactive", "requests", "disputes") for k in tables[t].cells)]
    con = loaded([reading("a", cells=numbered), reading("b", year=2022, cells=numbered[:3])])
    value = {(c.table_id, c.row_id, c.col_id): c.value for c in numbered}
    requests = dicts(con, "FROM requests_wide WHERE year = 2021")
    assert {(r["row_id"], c.col_id): r[c.col_id] for r in requests for c in tables["requests"].blocks[0].data_columns} == {
        k[1:]: v for k, v in value.items() if k[0] == "requests"
    }
    assert len(requests) == 25 and requests[0]["edition"] == "2021"
    [disputes] = dicts(con, "FROM disputes_wide")
    assert {k[2]: disputes[k[2].replace(".", "_")] for k in value if k[0] == "disputes"} == {k[2]: v for k, v in value.items() if k[0] == "disputes"}
    proactive = dicts(con, "FROM proactive_wide WHERE year = 2021")
    assert {(r["row_id"], c): r[c] for r in proactive for c in tables["proactive"].columns if r[c] is not None} == {
        k[1:]: v for k, v in value.items() if k[0] == "proactive"
    }
    assert con.execute("SELECT count(*) FROM proactive_wide WHERE year = 2022").fetchall() == [(1,)]


def test_wide_views_have_a_column_for_every_column_of_every_edition() -> None:
    con = memory(book())
    columns = {(t, c) for t, c in con.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal").fetchall()}
    for table in load_forms().tables:
        if table.table_id in ("proactive", "requests", "disputes"):
            ids = {c.col_id.replace(".", "_") for b in table.blocks for c in b.data_columns}
            assert {c for c in ids if (f"{table.table_id}_wide", c) not in columns} == set()
