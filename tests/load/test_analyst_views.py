"""What an analyst asks of `tidy`, `report_wide` and `finding_cells`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from load.merge_agencies import merge_agencies
from load.warehouse import load_readings, memory
from tests.load.made import book, cell, full_cells, put, reading, rows, run, sha
from transform.form.forms import load_forms
from transform.records import CellRow

ONE = sha("a")[:16]
INSERT_FINDING = """
    INSERT INTO findings (finding_id, report_id, rule_id, level, state, cells, cause_id, status)
    VALUES (?, ?, 'requests.row_total', ?, 'fails', ?, 'one cause', ?)
"""


def loaded(cells: Sequence[CellRow], edition: str = "2021") -> duckdb.DuckDBPyConnection:
    con = memory(book())
    load_readings(con, [reading("a", cells=cells)])
    con.execute("UPDATE cells SET edition = ?", [edition])
    return con


def asked(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return con.execute(query).fetchall()


def test_tidy_flags_a_cell_with_the_worst_level_of_what_names_it() -> None:
    con = loaded(full_cells(3))
    new, total = "requests|new|natural", "requests|new|total"
    for number, (level, cells, status) in enumerate(
        [
            ("info", [new], "new"),
            ("warning", [new, total], "standing"),
            ("error", [total], "dismissed"),
        ]
    ):
        con.execute(INSERT_FINDING, [str(number), ONE, level, cells, status])
    flagged = "SELECT col_id, flag FROM tidy WHERE flag IS NOT NULL ORDER BY 1"
    assert asked(con, flagged) == [("natural", "warning"), ("total", "warning")]
    assert asked(con, "SELECT count(*) FROM tidy") == [(len(full_cells(3)),)]


def test_tidy_says_which_cell_is_suspected_and_what_is_proved() -> None:
    con = loaded([cell("requests", "new", "natural", 3), cell("requests", "new", "total", None)])
    con.execute(f"""
        INSERT INTO suspects (report_id, cause_id, rank, table_id, row_id, col_id) VALUES
        ('{ONE}', 'x', 1, 'requests', 'new', 'natural'),
        ('{ONE}', 'y', 1, 'requests', 'new', 'natural'),
        ('{ONE}', 'x', 2, 'requests', 'new', 'total')
    """)
    con.execute(f"""
        INSERT INTO deductions (report_id, table_id, row_id, col_id, value, basis) VALUES
        ('{ONE}', 'requests', 'new', 'total', 3, 'deduced'),
        ('{ONE}', 'requests', 'new', 'natural', 0, 'assumed')
    """)
    assert asked(con, "SELECT col_id, suspected, proved_value FROM tidy ORDER BY 1") == [
        ("natural", True, None),
        ("total", False, 3),
    ]


def test_tidy_has_the_heads_above_row_and_column() -> None:
    con = loaded([cell("requests", "denied.third_party", "business", 1)])
    groups = "SELECT row_group_zh, row_group_en, col_group_zh FROM tidy"
    assert asked(con, groups) == [("（三）不予公开", "(3) Denied", "法人或其他组织")]


def test_places_stand_beside_the_figures() -> None:
    con = loaded([cell("requests", "new", "total", 5)])
    merge_agencies(con, [{"agency_id": "甲县财政局", "division_code": "320925"}])
    places = ("江苏省", "盐城市", "建湖县")
    for view in ("tidy", "report_wide", "requests_wide", "coverage"):
        assert asked(con, f"SELECT province, city, county FROM {view}") == [places]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        # edition and cell
        (("2019", "requests", "new", "total"), ("2021", "requests", "new", "total"), True),
        (("2014", "statistics", "c.recv", "value"), ("2021", "requests", "new", "total"), True),
        (("2019", "proactive", "licence", "decisions"), ("2021",), True),
        (("2019", "proactive", "normative", "public_total"), ("2021",), False),
    ],
)
def test_rows_that_mean_the_same_share_an_id(
    one: tuple[str, ...], other: tuple[str, ...], equal: bool
) -> None:
    """`other` may name the edition alone: the cell of the same ids, or any of the same row."""
    edition, *key = one
    [[mine]] = asked(loaded([cell(*key, 1)], edition), "SELECT comparable_id FROM tidy")
    table = load_forms().editions[other[0]].tables[key[0] if len(other) == 1 else other[1]]
    cells = [cell(table.table_id, r, c, 1) for r, c in table.cells]
    theirs = {i for (i,) in asked(loaded(cells, other[0]), "SELECT comparable_id FROM tidy")}
    if len(other) > 1:
        theirs &= {"|".join(other[1:])}
    assert mine is not None and (mine in theirs) is equal


def test_every_named_comparable_is_a_cell_of_an_edition() -> None:
    cells = {f"{t.table_id}|{r}|{c}" for t in load_forms().tables for r, c in t.cells}
    named = [r.comparable for t in load_forms().tables for r in t.rows if r.comparable]
    assert named and set(named) <= cells


def test_a_report_is_one_row_with_the_figures_asked_for() -> None:
    con = loaded(full_cells(2))
    names = "requests_new, carried_in, granted, denied, not_processed, other_handling, result_total"
    assert asked(con, f"SELECT {names} FROM report_wide") == [(2, 2, 2, 16, 10, 6, 2)]
    disputes = "review_total, direct_total, after_review_corrected, licence_decisions, fee_amount"
    assert asked(con, f"SELECT {disputes} FROM report_wide") == [(2, 2, 2, 2, 2)]


def test_a_group_with_a_blank_has_no_sum() -> None:
    con = loaded(full_cells(2))
    con.execute("UPDATE cells SET value = NULL, state = 'blank' WHERE row_id = 'denied.internal'")
    assert asked(con, "SELECT denied, not_processed FROM report_wide") == [(None, 10)]


def test_other_handling_is_one_row_in_the_form_of_2019() -> None:
    con = loaded([cell("requests", "other", "total", 7)], "2019")
    assert asked(con, "SELECT other_handling, denied FROM report_wide") == [(7, None)]


def test_a_finding_has_a_row_for_each_of_its_cells(tmp_path: Path) -> None:
    database = tmp_path / "w.duckdb"
    put(
        database,
        [reading("a", path="/in/a.docx", cells=[cell("requests", "new", "total", 500)])],
        run(),
    )
    names = (
        "rule_id, row_id, col_id, printed, value, row_label_en, grid, file_name, path, is_current"
    )
    assert rows(database, f"SELECT {names} FROM finding_cells") == [
        (
            "cell.big",
            "new",
            "total",
            "500",
            500,
            "1. Requests newly received this year",
            1,
            "a.docx",
            "/in/a.docx",
            True,
        )
    ]


def test_a_finding_without_cells_is_not_lost() -> None:
    con = loaded([cell("requests", "new", "total", 5)])
    con.execute(INSERT_FINDING, ["1", ONE, "error", [], "new"])
    query = "SELECT finding_id, table_id, printed, file_name FROM finding_cells"
    assert asked(con, query) == [("1", None, None, "a.docx")]


def test_counts_print_without_decimals_and_a_fraction_is_never_rounded() -> None:
    cells = [
        cell("requests", "new", "natural", 3),
        cell("requests", "new", "business", "2.5"),
        cell("requests", "new", "total", None),
        cell("proactive", "admin_fee", "fee_amount", "7"),
    ]
    con = loaded(cells)
    counts = "SELECT col_id, count_value, typeof(count_value) FROM tidy ORDER BY 1"
    assert asked(con, counts) == [
        ("business", None, "BIGINT"),
        ("fee_amount", None, "BIGINT"),
        ("natural", 3, "BIGINT"),
        ("total", None, "BIGINT"),
    ]
    assert asked(con, "SELECT natural_person, business FROM requests_wide") == [(3, None)]
    assert asked(con, "SELECT fee_amount FROM report_wide") == [(7,)]


def test_a_sum_over_impossible_numbers_breaks_no_view() -> None:
    rows_of_a_group = [c for c in full_cells(0) if c.row_id.startswith("denied.")]
    huge = [c for c in rows_of_a_group if c.col_id == "total"]
    con = loaded([cell("requests", c.row_id, "total", "999999999999999999") for c in huge])
    assert asked(con, "SELECT denied FROM report_wide") == [(len(huge) * (10**18 - 1),)]
    con.execute("INSERT INTO cells BY NAME SELECT * REPLACE (row_id || 'x' AS row_id) FROM cells")
    assert asked(con, "SELECT denied FROM report_wide") == [(None,)]


def test_a_citation_names_whose_report_where_it_was_and_the_place() -> None:
    facts = {"url": "https://a.example.gov.cn/1.html", "fetched_at": "2022-03-01T02:00:00"}
    report = reading(
        "a",
        cells=[
            cell("requests", "denied.third_party", "natural", 3, page=2),
            cell("requests", "new", "total", None, page=None),
        ],
        published_on="2022-01-15",
        **facts,
    )
    con = memory(book())
    load_readings(con, [report])
    filled, blank = asked(con, "SELECT citation_zh, citation_en FROM citations ORDER BY row_id")
    assert filled == (
        "甲县财政局. 甲县财政局年度报告[R/OL]. (2022-01-15)[2022-03-01]. "
        "https://a.example.gov.cn/1.html. 表三“（三）不予公开 / 4.保护第三方合法权益 / "
        "申请人情况 / 自然人”：“3”；第2页第1个表第1行第1列；文件 SHA-256 " + sha("a"),
        "甲县财政局. 甲县财政局年度报告 [annual report on 2021] (2022-01-15). "
        "https://a.example.gov.cn/1.html, retrieved 2022-03-01. Table III, “(3) Denied / Denied: "
        "harms third-party lawful rights / Applicants / Natural persons”: “3”; page 2, table 1, "
        "row 1, column 1; file SHA-256 " + sha("a"),
    )
    assert "：空白；第1个表第1行第1列；" in blank[0] and "”: blank; table 1, row 1" in blank[1]
