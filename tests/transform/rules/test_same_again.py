"""Judging unchanged data again makes the same findings, by their ids."""

import duckdb
import pytest

from load.warehouse import memory
from transform.form.forms import load_forms
from transform.rules.evaluate import findings
from transform.rules.load import load_rules

REPORTS = 10_000  # more than DuckDB hands to one thread at a time
FORMS = load_forms()


@pytest.fixture
def growing() -> duckdb.DuckDBPyConnection:
    """Pairs of years: the second says that requests fell by 50 % to 0, and that by either base of
    the year before (5 new requests, 8 with those carried in) it is 100 %.
    """
    con = memory()
    con.execute(f"""
        CREATE TEMP TABLE pairs AS SELECT 'a' || n AS agency, y AS year, 'r' || n || y AS report_id
        FROM range({REPORTS // 2}) AS r(n), (VALUES (2022), (2023)) AS v(y);
        INSERT INTO reports (report_id, document_id, agency_id, agency_name, year, is_current)
        SELECT report_id, report_id, agency, agency, year, true FROM pairs;
        INSERT INTO cells BY NAME
        SELECT report_id, 'requests' AS table_id, row_id, 'total' AS col_id, agency AS agency_id,
            year, '2021' AS edition, value, 'number' AS state, value::VARCHAR AS raw_text
        FROM pairs, (VALUES ('new', 5), ('carried_in', 3)) AS v(row_id, value) WHERE year = 2022;
        INSERT INTO statements BY NAME
        SELECT report_id, '1.' || metric AS statement_id, metric, value, '' AS sentence
        FROM pairs, (VALUES ('growth.now', 0), ('growth.percent', -50)) AS v(metric, value)
        WHERE year = 2023;
    """)
    return con


def judged(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    found = findings(con, FORMS, load_rules(FORMS)).to_pylist()
    return [(f["fingerprint"], f["instance"]) for f in found if f["rule_id"] == "statement.growth"]


def test_of_bases_that_fit_equally_well_the_same_is_taken_each_time(
    growing: duckdb.DuckDBPyConnection,
) -> None:
    first = judged(growing)
    assert len(first) == REPORTS // 2
    assert {instance for _, instance in first} == {"0 : 5 = -50"}
    for column in ("row_id DESC", "hash(report_id, row_id)"):
        growing.execute(f"CREATE OR REPLACE TABLE shuffled AS FROM cells ORDER BY {column}")
        growing.execute("DELETE FROM cells")
        growing.execute("INSERT INTO cells FROM shuffled")
        assert judged(growing) == first
