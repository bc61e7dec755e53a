"""The rules against cells, as SQL in DuckDB: the same queries for one draft in memory and for a
million reports on disk.

Takes a connection whose current schema holds `reports`, `tables`, `cells`, `statements` and
`corrections`; gives the temporary table `found_findings` (all columns of table `findings` but
status, first_seen and last_seen, and with `fingerprint` for its id). `findings` applies all rules
at once. Where the reports are judged in parts, `findings_of_reports` applies the rules that look at
one report or at the years of one agency, over whatever reports the connection shows, and
`findings_across` those that compare agencies (kind `ACROSS_KIND`), over all of them; together they
give the same findings.

The queries stand in `rules/`, one file a kind of check; each adds to the temporary table `found`,
and the last makes findings of it. A statement with a line `-- only if: QUERY` is left out where the
query gives no row: planning a statement takes longer than running it on one draft. Only temporary
tables are made; nothing is written to the database.

Out of scope: which cell is wrong, what a blank must be, and what became of a finding since the last
run.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import duckdb

from transform.form.forms import Forms
from transform.identity.agency_names import level_of
from transform.identity.official_names import official_name
from transform.rules.codebook import add_codebook, codebook_tables
from transform.rules.deadlines import Deadline, load_deadlines
from transform.rules.load import Rules
from transform.temporary_tables import COUNT, add_table, make_rows, texts

_OF_REPORTS: Final = (
    "inputs",
    "sums",
    "cells",
    "fees",
    "structure",
    "remarks",
    "corrections",
    "statements",
    "figures",
    "years",
    "unread",
    "habits",
)
_ACROSS: Final = ("inputs", "figures", "corpus", "crawl")
_LAST: Final = "findings"
_ALL: Final = tuple(dict.fromkeys((*_OF_REPORTS, *_ACROSS)))
ACROSS_KIND: Final = "corpus"  # of the rules that compare agencies
FINDINGS_TABLE: Final = "found_findings"
OF_AGENCIES: Final = ("agency_levels", "agency_spellings", "deadlines")
# these compare reports: with one alone there is nothing to do
_FOR_SEVERAL: Final = ("figures", "years", "corpus")
# they publish the reports of their governments
OFFICES_OF_GOVERNMENTS: Final = ("政府办公厅", "政府办公室", "行政公署办公室", "行署办公室")
_ONLY_IF: Final = re.compile(r"^-- only if: (.+)$", re.MULTILINE)
_TABLE_MADE: Final = re.compile(r"^CREATE OR REPLACE TEMP TABLE (\w+)", re.MULTILINE)


def findings(con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules) -> duckdb.DuckDBPyRelation:
    """All findings on the reports that `con` holds, ordered by report, level, table, rule and
    instance.
    """
    return _evaluate(con, forms, rules, _ALL)


def findings_of_reports(
    con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules
) -> duckdb.DuckDBPyRelation:
    """The findings that follow from each report and the other years of its agency: for a part of
    the reports that has all years of each of its agencies they are those of the whole.
    """
    return _evaluate(con, forms, rules, _OF_REPORTS)


def findings_across(
    con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules
) -> duckdb.DuckDBPyRelation:
    """The findings that follow from comparing agencies, or one address at different times."""
    return _evaluate(con, forms, rules, _ACROSS)


def _evaluate(
    con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules, parts: Sequence[str]
) -> duckdb.DuckDBPyRelation:
    add_codebook(con, forms, rules)
    (several,) = con.execute("SELECT count(*) > 1 FROM reports").fetchall()[0]
    if "statements" in parts:
        _add_spellings(con)
    for part in parts:
        if part == "cells":
            _add_levels(con)
        if several or part not in _FOR_SEVERAL:
            _run_part(con, part)
    *statements, final = _queries(_LAST)
    for statement in statements:
        con.execute(statement)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {FINDINGS_TABLE} AS {final}")
    for name in _tables_made(forms, rules):
        con.execute(f"DROP TABLE IF EXISTS temp.{name}")
    return con.table(f"temp.{FINDINGS_TABLE}")


def _run_part(con: duckdb.DuckDBPyConnection, part: str) -> None:
    for statement in _queries(part):
        needed = _ONLY_IF.search(statement)
        if needed is None or con.execute(needed[1]).fetchall():
            con.execute(statement)


@cache
def _queries(part: str) -> tuple[str, ...]:
    text = files("transform.rules").joinpath(f"{part}.sql").read_text(encoding="utf-8")
    return tuple(
        q
        for part in text.split(";\n")
        if (q := part.strip()) and not all(line.startswith("--") for line in q.splitlines())
    )


def _tables_made(forms: Forms, rules: Rules) -> list[str]:
    """The temporary tables of a judgement; asking DuckDB for them would cost as much as a check."""
    queries = (q for part in (*_ALL, _LAST) for q in _queries(part))
    made = [name for q in queries for name in _TABLE_MADE.findall(q)]
    return [*codebook_tables(forms, rules), *made, *OF_AGENCIES]


def _add_levels(con: duckdb.DuckDBPyConnection) -> None:
    """Levels of the agencies that a rule will ask for, those known and else those that the name
    tells ("" if it does not).
    """
    month, day = min((d.month, d.day) for d in load_deadlines())  # nobody is late before
    asked = con.execute(
        """
        WITH with_regulations AS (
            SELECT report_key FROM hot SEMI JOIN (
                SELECT hash(edition, table_id, row_id, col_id) AS cell_key
                FROM form_names WHERE row_id = 'regulations'
            ) USING (cell_key)
        )
        SELECT DISTINCT r.agency_id, a.level
        FROM reports r LEFT JOIN agencies a USING (agency_id)
        WHERE r.agency_id <> 'unknown' AND (
            r.published_on > make_date(r.year + 1, $month, $day)
            OR hash(r.report_id) IN (FROM with_regulations)
        )
        """,
        {"month": month, "day": day},
    ).fetchall()
    levels = [(name, _as_published(name, level or level_of(name) or "")) for name, level in asked]
    add_table(con, "agency_levels", make_rows(texts("agency_id", "level"), levels))
    if asked:
        columns = dict.fromkeys(Deadline._fields, COUNT) | texts("level")
        add_table(con, "deadlines", make_rows(columns, load_deadlines()))


def _add_spellings(con: duckdb.DuckDBPyConnection) -> None:
    """Names in the reports that are the agency's own in another spelling: nothing was inferred."""
    pairs = con.execute(
        """
        SELECT DISTINCT agency_name, agency_id FROM reports
        WHERE agency_id <> 'unknown' AND agency_name <> agency_id
        """
    ).fetchall()
    spellings = [(name, agency) for name, agency in pairs if official_name(name) == agency]
    add_table(con, "agency_spellings", make_rows(texts("agency_name", "agency_id"), spellings))


def _as_published(name: str, level: str) -> str:
    """The level of the report: the office of a government publishes its report, and a town may
    stand behind a city that is in no list.
    """
    if name.endswith(("镇人民政府", "乡人民政府", "街道办事处")):
        return "town_government"
    return (
        level.replace("_department", "_government")
        if name.endswith(OFFICES_OF_GOVERNMENTS)
        else level
    )
