"""What lies behind the findings: which cells are likely wrong, which findings have one cause, and
what the blanks must be.

`diagnose(con, forms, rules, found, reports)` takes the findings of `transform.rules.evaluate` and,
for the reports named, looks at each table with a sum that does not hold
(`transform.localize.localize`) and each with cells that hold no number
(`transform.localize.bounds`). It gives the findings with their causes, and rows for the tables
`suspects` and `deductions`. Only temporary tables are made.

A cause is a group of failing sums that are explained together; its id follows from the fingerprints
of its findings, so that it stays until a printed value changes. A cause for which the search ended
at a limit has one suspect without a cell, whose kind is `not_located` and whose `printed` says
which limit.

Out of scope: reports that are not named keep what an earlier run said (`load.merge`).
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import duckdb
import pyarrow as pa

from transform.form.forms import Forms
from transform.localize.bounds import deduce
from transform.localize.cost import Context
from transform.localize.equations import System, system_of
from transform.localize.localize import Cause, locate
from transform.rules.load import Rules

ID_DIGITS: Final = 20
FAILING: Final = ("fails", "total_blank", "readings_disagree")  # states of a sum that does not hold
# rows: what came in is what the year before carried out
CARRIED: Final = {"carried_in": "carried_out"}
NOT_LOCATED: Final = "not_located"
# tables fetched at a time: the numbers of all at once would not fit into memory
_AT_ONCE: Final = 500

_TEXT, _VALUE = pa.string(), pa.decimal128(24, 6)
_CELL: Final = [("table_id", _TEXT), ("row_id", _TEXT), ("col_id", _TEXT)]
SUSPECTS: Final = pa.schema(
    [
        ("report_id", _TEXT),
        ("cause_id", _TEXT),
        ("rank", pa.int32()),
        *_CELL,
        ("printed", _TEXT),
        ("implied", _VALUE),
        ("relation", _TEXT),
        ("kind", _TEXT),
        ("margin", pa.float64()),
        ("confident", pa.bool_()),
    ]
)
DEDUCTIONS: Final = pa.schema(
    [
        ("report_id", _TEXT),
        *_CELL,
        ("low", _VALUE),
        ("high", _VALUE),
        ("value", _VALUE),
        ("basis", _TEXT),
        ("rules", pa.list_(_TEXT)),
    ]
)
_CAUSES: Final = pa.schema([("fingerprint", _TEXT), ("cause_id", _TEXT)])

Row = dict[str, Any]
Values = list[Decimal | None]


@dataclass(frozen=True)
class Diagnosis:
    """Findings with their causes, and rows of the tables `suspects` and `deductions`."""

    findings: pa.Table
    suspects: pa.Table
    deductions: pa.Table


def diagnose(
    con: duckdb.DuckDBPyConnection,
    forms: Forms,
    rules: Rules,
    found: pa.Table,
    reports: Sequence[str],
) -> Diagnosis:
    """Reason on `reports`; `con` holds their cells, `found` the findings on all reports."""
    con.register("diagnosed_reports", pa.table({"report_id": pa.array(reports, _TEXT)}))
    con.register("all_findings", found)
    _places(con, forms, rules)
    suspects, causes = _located(con, forms, rules)
    deductions = list(_deduced(con, forms, rules))
    con.register("found_causes", pa.Table.from_pylist(causes, _CAUSES))
    con.register(
        "found_suspects",
        pa.Table.from_pylist(suspects, SUSPECTS).append_column(
            "place", pa.array(range(len(suspects)), pa.int64())
        ),
    )
    findings = con.sql(
        "SELECT f.* REPLACE (coalesce(c.cause_id, f.cause_id) AS cause_id) FROM all_findings "
        "f LEFT JOIN found_causes c USING (fingerprint)"
    ).to_arrow_table()
    printed = con.sql("""
        SELECT s.* EXCLUDE (place) REPLACE (coalesce(s.printed, k.text_meant, trim(c.raw_text)) AS printed)
        FROM found_suspects s LEFT JOIN cells c USING (report_id, table_id, row_id, col_id)
        LEFT JOIN (FROM corrections WHERE kind = 'misreading' AND NOT is_stale) k USING (report_id, table_id, row_id, col_id)
        ORDER BY s.place
    """).to_arrow_table()
    for name in ("diagnosed_reports", "all_findings", "found_causes", "found_suspects"):
        con.unregister(name)
    con.execute("DROP TABLE temp.system_places")
    return Diagnosis(findings, printed.cast(SUSPECTS), pa.Table.from_pylist(deductions, DEDUCTIONS))


def _places(con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules) -> None:
    """The temporary table `system_places`: where each cell stands in its table's `System.cells`."""
    rows = [
        (table.edition, *key, place)
        for table in forms.tables
        for place, key in enumerate(system_of(forms, rules, table.edition, table.table_id).cells)
    ]
    names = ("edition", "table_id", "row_id", "col_id", "place")
    con.register(
        "system_rows", pa.table({name: [row[n] for row in rows] for n, name in enumerate(names)})
    )
    con.execute("CREATE OR REPLACE TEMP TABLE system_places AS SELECT * FROM system_rows")
    con.unregister("system_rows")


# ---- which cell is wrong


def _located(
    con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules
) -> tuple[list[Row], list[Row]]:
    """Rows of `suspects` (printed is still to come), and the cause of each finding of a failing
    sum.
    """
    fingerprints: dict[tuple[str, str, str], str] = {}
    sums = sorted({r.rule_id for r in rules.of_kind("sum")})
    con.execute(
        "CREATE OR REPLACE TEMP TABLE failing AS SELECT report_id, rule_id, instance, "
        "fingerprint, split_part(cells[1], '|', 1) AS table_id"
        " FROM all_findings SEMI JOIN diagnosed_reports USING (report_id) WHERE rule_id IN "
        "(SELECT unnest($sums)) AND state IN (SELECT unnest($states))",
        {"sums": sums, "states": list(FAILING)},
    )
    for report_id, rule_id, instance, fingerprint in con.execute(
        "SELECT report_id, rule_id, instance, fingerprint FROM failing"
    ).fetchall():
        fingerprints[report_id, rule_id, instance] = fingerprint
    suspects: list[Row] = []
    causes: list[Row] = []
    for report_id, system, values, states, before in _failing_tables(con, forms, rules):
        for cause in locate(system, values, states, context=_context(system, before)).causes:
            named = [
                (e.rule_id, e.instance) for e in (system.equations[n] for n in cause.equations)
            ]
            theirs = sorted(
                fingerprints[report_id, *name]
                for name in named
                if (report_id, *name) in fingerprints
            )
            if not theirs:
                continue  # the check found a reason not to assess any of these sums
            cause_id = hashlib.md5("".join(theirs).encode(), usedforsecurity=False).hexdigest()[
                :ID_DIGITS
            ]
            causes += [{"fingerprint": fingerprint, "cause_id": cause_id} for fingerprint in theirs]
            suspects += _suspects(report_id, cause_id, system, cause)
    con.execute("DROP TABLE temp.failing")
    return suspects, causes


def _failing_tables(
    con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules
) -> Iterator[tuple[str, System, Values, list[str], Values]]:
    """Each table with a failing sum: report, system, values, states, and the values of the year
    before where that had the same form.
    """
    result = con.execute("""
        WITH wanted AS (SELECT DISTINCT report_id, table_id FROM failing),
        earlier AS (
            SELECT w.report_id, b.report_id AS before_id
            FROM (SELECT DISTINCT report_id FROM wanted) w JOIN reports r USING (report_id)
            JOIN reports b ON b.agency_id = r.agency_id AND b.year = r.year - 1 AND b.is_current AND r.agency_id <> 'unknown'
        )
        SELECT c.report_id, c.table_id, c.edition, list(p.place), list(c.value), list(c.state), list(last.value)
        FROM cells c SEMI JOIN wanted w ON w.report_id = c.report_id AND w.table_id = c.table_id
        JOIN system_places p ON p.edition = c.edition AND p.table_id = c.table_id AND p.row_id = c.row_id AND p.col_id = c.col_id
        LEFT JOIN earlier e ON e.report_id = c.report_id
        LEFT JOIN cells last ON last.report_id = e.before_id AND last.edition = c.edition
            AND last.table_id = c.table_id AND last.row_id = c.row_id AND last.col_id = c.col_id
        GROUP BY c.report_id, c.table_id, c.edition
        ORDER BY c.report_id, c.table_id
    """)
    while rows := result.fetchmany(_AT_ONCE):
        for report_id, table_id, edition, places, values, states, last in rows:
            system = system_of(forms, rules, edition, table_id)
            yield (
                report_id,
                system,
                _in_order(system, places, values),
                _states(system, places, states),
                _in_order(system, places, last),
            )


def _in_order(system: System, places: Sequence[int], values: Sequence[Decimal | None]) -> Values:
    made: Values = [None] * len(system.cells)
    for place, value in zip(places, values, strict=True):
        made[place] = value
    return made


def _states(system: System, places: Sequence[int], states: Sequence[str]) -> list[str]:
    made = ["absent"] * len(system.cells)
    for place, state in zip(places, states, strict=True):
        made[place] = state
    return made


def _context(system: System, before: Values) -> Context:
    """What the year before says of this year's cells."""
    last = {n: value for n, value in enumerate(before) if value is not None}
    carried: dict[int, Decimal] = {}
    for n, (table_id, row_id, col_id) in enumerate(system.cells):
        there = system.index.get((table_id, CARRIED.get(row_id, ""), col_id))
        if there in last:
            carried[n] = last[there]
    return Context(last_year=last, carried_in=carried)


def _suspects(report_id: str, cause_id: str, system: System, cause: Cause) -> Iterator[Row]:
    """Rows of `suspects` for one cause: those of equal rank are one explanation."""
    head = {"report_id": report_id, "cause_id": cause_id}
    if not cause.explanations:
        yield head | {
            "rank": 1,
            "table_id": system.table_id,
            "printed": cause.reason,
            "kind": NOT_LOCATED,
            "confident": False,
        }
    for rank, this in enumerate(cause.explanations, 1):
        dearer = (
            cause.explanations[rank].cost - this.cost if rank < len(cause.explanations) else None
        )
        margin = cause.margin if rank == 1 else dearer
        for cell in this.cells:
            table_id, row_id, col_id = system.cells[cell.cell]
            yield head | {
                "rank": rank,
                "table_id": table_id,
                "row_id": row_id,
                "col_id": col_id,
                "implied": cell.implied,
                "relation": cell.relation,
                "kind": cell.kind,
                "margin": None if margin is None else round(margin, 4),
                "confident": cause.confident and rank == 1,
            }


# ---- what a blank must be


def _deduced(con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules) -> Iterator[Row]:
    """Rows of `deductions`.

    Tables that are filled in alike, as those of small agencies often are, are reasoned on once.
    """
    result = con.execute("""
        WITH gaps AS (
            SELECT c.report_id, c.table_id FROM cells c SEMI JOIN diagnosed_reports USING (report_id)
            GROUP BY ALL HAVING count(*) > count(value) AND count(value) > 0
        ),
        filled AS (
            SELECT c.report_id, c.table_id, c.edition,
                list({'place': p.place, 'value': c.value, 'state': c.state} ORDER BY p.place) AS content
            FROM cells c SEMI JOIN gaps g ON g.report_id = c.report_id AND g.table_id = c.table_id
            JOIN system_places p ON p.edition = c.edition AND p.table_id = c.table_id AND p.row_id = c.row_id AND p.col_id = c.col_id
            GROUP BY c.report_id, c.table_id, c.edition
        )
        SELECT table_id, edition, content, list(report_id ORDER BY report_id) AS reports FROM filled GROUP BY table_id, edition, content
        ORDER BY table_id, reports[1]
    """)
    while rows := result.fetchmany(_AT_ONCE):
        for table_id, edition, content, reports in rows:
            system = system_of(forms, rules, edition, table_id)
            places = [c["place"] for c in content]
            known = deduce(
                system,
                _in_order(system, places, [c["value"] for c in content]),
                _states(system, places, [c["state"] for c in content]),
            )
            for d in (d for d in known if d.telling):
                row_id, col_id = d.key[1:]
                for report_id in reports:
                    yield {
                        "report_id": report_id,
                        "table_id": table_id,
                        "row_id": row_id,
                        "col_id": col_id,
                        "low": d.low,
                        "high": d.high,
                        "value": d.value,
                        "basis": d.basis,
                        "rules": list(d.rules),
                    }
