"""Judging unchanged data again makes the same findings, by their ids."""

import duckdb
import pytest

from load.warehouse import memory
from tests.build.draw import synthetic_cells
from transform.form.forms import load_forms
from transform.rules.evaluate import findings
from transform.rules.load import load_rules
from transform.temporary_tables import fetch_rows

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
    found = fetch_rows(findings(con, FORMS, load_rules(FORMS)))
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


def test_a_whole_warehouse_judged_twice_gives_the_same_findings() -> None:
    """Wrong figures, blanks, remarks of every kind that is said once a table, and sums that a
    second reader disputes; the second time every table has its rows in another order.
    """
    con = memory()
    cells = synthetic_cells(REPORTS // 5, 1, wrong=0.5, blank=0.1)
    con.register("made", cells)
    con.execute("""
        INSERT INTO cells BY NAME FROM made;
        INSERT INTO reports (report_id, document_id, agency_id, agency_name, year, is_current)
        SELECT DISTINCT report_id, report_id, agency_id, agency_id, year, true FROM made;
        INSERT INTO tables BY NAME SELECT DISTINCT report_id, table_id, edition, true AS found,
            1 AS rows_matched, 1 AS rows_expected FROM made;
        INSERT INTO remarks BY NAME SELECT report_id, table_id, row_id, col_id, code,
            raw_text AS printed, CASE code WHEN 'second.differs' THEN '7' END AS meant
        FROM made, (VALUES ('second.differs'), ('cell.normalised')) AS v(code)
        WHERE hash(report_id, row_id, col_id, code) % 50 = 0 AND table_id <> 'proactive';
    """)
    con.unregister("made")
    rules = load_rules(FORMS)
    first = fetch_rows(findings(con, FORMS, rules))
    assert len({f["rule_id"] for f in first}) > 5 and len(first) > REPORTS // 5
    assert len({f["fingerprint"] for f in first}) == len(first)
    for table in ("cells", "reports", "tables", "remarks"):
        con.execute(f"CREATE OR REPLACE TEMP TABLE shuffled AS FROM {table} ORDER BY hash({table})")
        con.execute(f"DELETE FROM {table}")
        con.execute(f"INSERT INTO {table} FROM shuffled")
    assert fetch_rows(findings(con, FORMS, rules)) == first
