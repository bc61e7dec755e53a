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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import duckdb

from transform.form.forms import Forms, Table
from transform.localize.bounds import Deduction, deduce_blanks
from transform.localize.cost import Context
from transform.localize.equations import CellKey, System, system_of
from transform.localize.localize import Cause, locate_errors
from transform.narrative.patterns import list_metric_cells
from transform.rules.load import Rules
from transform.temporary_tables import (
    COUNT,
    NUMBER,
    TEXTS,
    TRUTH,
    VALUE,
    Columns,
    Rows,
    add_table,
    make_named_rows,
    make_rows,
    temporary_table,
    texts,
)

ID_DIGITS: Final = 20
FAILING: Final = ("fails", "total_blank", "readings_disagree")  # states of a sum that does not hold
# rows: what came in is what the year before carried out
CARRIED: Final = {"carried_in": "carried_out"}
NOT_LOCATED: Final = "not_located"
# tables fetched at a time: the numbers of all at once would not fit into memory
_AT_ONCE: Final = 500

_CELL: Final = texts("table_id", "row_id", "col_id")
SUSPECTS: Final[Columns] = {
    **texts("report_id", "cause_id"),
    "rank": COUNT,
    **_CELL,
    **texts("printed"),
    "implied": VALUE,
    **texts("relation", "kind"),
    "margin": NUMBER,
    "confident": TRUTH,
}
DEDUCTIONS: Final[Columns] = {
    **texts("report_id"),
    **_CELL,
    "low": VALUE,
    "high": VALUE,
    "value": VALUE,
    **texts("basis"),
    "rules": TEXTS,
}

# What is printed in the tables that `contents_of` names: each cell's place in `System.cells`, value
# and state, in any order. A part that the form leaves optional and the table lacks counts nothing.
_TABLE_CONTENTS: Final = """
    CREATE OR REPLACE TEMP TABLE contents_of (report_id VARCHAR, table_id VARCHAR);
    CREATE OR REPLACE TEMP VIEW table_contents AS
    SELECT c.report_id, c.table_id, c.edition, list(
        CASE WHEN p.may_lack AND c.state = 'absent' AND c.raw_text IS NULL
            THEN row(p.place, CAST(0 AS DECIMAL(24, 6)), 'zero')
            ELSE row(p.place, c.value, c.state) END
    ) AS content
    FROM cells c SEMI JOIN contents_of w ON w.report_id = c.report_id AND w.table_id = c.table_id
    JOIN system_places p ON p.edition = c.edition AND p.table_id = c.table_id
        AND p.row_id = c.row_id AND p.col_id = c.col_id
    GROUP BY c.report_id, c.table_id, c.edition
"""

_CAUSES: Final = texts("fingerprint", "cause_id")
_WITH_CAUSES: Final = """
    CREATE OR REPLACE TEMP TABLE diagnosed_findings AS
    SELECT f.* REPLACE (coalesce(c.cause_id, f.cause_id) AS cause_id)
    FROM all_findings f LEFT JOIN found_causes c USING (fingerprint)
"""
_WITH_PRINTED: Final = """
    CREATE OR REPLACE TEMP TABLE found_suspects AS
    SELECT s.* EXCLUDE (place)
        REPLACE (coalesce(s.printed, k.text_meant, trim(c.raw_text)) AS printed)
    FROM located_suspects s LEFT JOIN cells c USING (report_id, table_id, row_id, col_id)
    LEFT JOIN (FROM corrections WHERE kind = 'misreading' AND NOT is_stale) k
        USING (report_id, table_id, row_id, col_id)
    ORDER BY s.place
"""

Row = dict[str, Any]
Values = tuple[Decimal | None, ...]
_Content = tuple[int, Decimal | None, str]  # place, value, state


@dataclass(frozen=True)
class Diagnosis:
    """Findings with their causes, and rows of the tables `suspects` and `deductions`, as temporary
    tables of the connection.
    """

    findings: duckdb.DuckDBPyRelation
    suspects: duckdb.DuckDBPyRelation
    deductions: duckdb.DuckDBPyRelation


def diagnose(
    con: duckdb.DuckDBPyConnection,
    forms: Forms,
    rules: Rules,
    found: duckdb.DuckDBPyRelation,
    reports: Sequence[str],
) -> Diagnosis:
    """Reason on `reports`; `con` holds their cells, `found` the findings on all reports."""
    con.register("all_findings", found)
    asked = make_rows(texts("report_id"), ((report_id,) for report_id in reports))
    with (
        temporary_table(con, "diagnosed_reports", asked),
        temporary_table(con, "system_places", _places(forms, rules)),
    ):
        con.execute(_TABLE_CONTENTS)
        suspects, causes = _locate_all(con, forms, rules)
        deductions = make_named_rows(DEDUCTIONS, _deduce_all(con, forms, rules))
        con.execute("DROP VIEW temp.table_contents")
        con.execute("DROP TABLE temp.contents_of")
    add_table(con, "found_deductions", deductions)
    placed = ({**suspect, "place": place} for place, suspect in enumerate(suspects))
    located = make_named_rows({**SUSPECTS, "place": COUNT}, placed)
    with (
        temporary_table(con, "found_causes", make_named_rows(_CAUSES, causes)),
        temporary_table(con, "located_suspects", located),
    ):
        con.execute(_WITH_CAUSES)
        con.execute(_WITH_PRINTED)
    con.unregister("all_findings")
    names = ("diagnosed_findings", "found_suspects", "found_deductions")
    return Diagnosis(*(con.table(f"temp.{name}") for name in names))


@lru_cache(maxsize=4)
def _places(forms: Forms, rules: Rules) -> Rows:
    """Where each cell stands in its table's `System.cells`."""
    return make_rows(
        {**texts("edition"), **_CELL, "place": COUNT, "may_lack": TRUTH},
        (
            (table.edition, *key, place, _may_lack(table, key[1]))
            for table in forms.tables
            for place, key in enumerate(
                system_of(forms, rules, table.edition, table.table_id).cells
            )
        ),
    )


def _may_lack(table: Table, row_id: str) -> bool:
    """Whether the row is a part of another that a table need not have."""
    row = table.row(row_id)
    return row.optional and row.parent is not None


def _in_order(system: System, content: Sequence[_Content] | None) -> tuple[Values, tuple[str, ...]]:
    """Values and states beside `System.cells`; a cell that the table lacks is absent."""
    values: list[Decimal | None] = [None] * len(system.cells)
    states = ["absent"] * len(system.cells)
    for place, value, state in content or ():
        values[place] = value
        states[place] = state
    return tuple(values), tuple(states)


# ---- which cell is wrong


@dataclass(frozen=True, slots=True)
class _FailingTable:
    """One table with a sum that does not hold; `before` are the values of the year before, where
    that had the same form, `stated` the figures that the prose gives for single cells.
    """

    report_id: str
    system: System
    values: Values
    states: tuple[str, ...]
    before: Values
    stated: Mapping[int, frozenset[Decimal]]


def _locate_all(
    con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules
) -> tuple[list[Row], list[Row]]:
    """Rows of `suspects` (printed is still to come), and the cause of each finding of a failing
    sum.
    """
    sums = sorted({r.rule_id for r in rules.of_kind("sum")})
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE failing AS
        SELECT report_id, rule_id, instance, fingerprint,
            split_part(cells[1], '|', 1) AS table_id
        FROM all_findings SEMI JOIN diagnosed_reports USING (report_id)
        WHERE rule_id IN (SELECT unnest($sums)) AND state IN (SELECT unnest($states))
        """,
        {"sums": sums, "states": list(FAILING)},
    )
    query = "SELECT report_id, rule_id, instance, fingerprint FROM failing"
    fingerprints = {tuple(key): fingerprint for *key, fingerprint in con.execute(query).fetchall()}
    suspects: list[Row] = []
    causes: list[Row] = []
    for table in _failing_tables(con, forms, rules):
        for cause, theirs in _locate_causes(table, fingerprints):
            cause_id = _cause_id(theirs)
            causes += [{"fingerprint": f, "cause_id": cause_id} for f in theirs]
            suspects += _suspects(table.report_id, cause_id, table.system, cause)
    con.execute("DROP TABLE temp.failing")
    con.execute("DROP TABLE temp.earlier")
    return suspects, causes


def _locate_causes(
    table: _FailingTable, fingerprints: Mapping[tuple[str, ...], str]
) -> Iterator[tuple[Cause, list[str]]]:
    """Each cause with the fingerprints of its findings. One without any is left out: the check
    found a reason not to assess its sums.
    """
    context = replace(_context(table.system, table.before), stated=table.stated)
    located = locate_errors(table.system, table.values, table.states, context=context)
    for cause in located.causes:
        equations = [table.system.equations[n] for n in cause.equations]
        keys = [(table.report_id, e.rule_id, e.instance) for e in equations]
        theirs = sorted(fingerprints[key] for key in keys if key in fingerprints)
        if theirs:
            yield cause, theirs


def _cause_id(fingerprints: Sequence[str]) -> str:
    digest = hashlib.md5("".join(fingerprints).encode(), usedforsecurity=False)
    return digest.hexdigest()[:ID_DIGITS]


def _failing_tables(
    con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules
) -> Iterator[_FailingTable]:
    con.execute("""
        CREATE OR REPLACE TEMP TABLE earlier AS
        SELECT w.report_id, w.table_id, b.report_id AS before_id
        FROM (SELECT DISTINCT report_id, table_id FROM failing) w JOIN reports r USING (report_id)
        JOIN reports b ON b.agency_id = r.agency_id AND b.year = r.year - 1 AND b.is_current
            AND r.agency_id <> 'unknown';
        INSERT INTO contents_of
        SELECT report_id, table_id FROM failing UNION SELECT before_id, table_id FROM earlier;
    """)
    stated = _stated_figures(con)
    result = con.execute("""
        SELECT c.report_id, c.table_id, c.edition, c.content, b.content AS content_before
        FROM table_contents c
        SEMI JOIN failing f ON f.report_id = c.report_id AND f.table_id = c.table_id
        LEFT JOIN earlier e ON e.report_id = c.report_id AND e.table_id = c.table_id
        LEFT JOIN table_contents b ON b.report_id = e.before_id AND b.table_id = c.table_id
            AND b.edition = c.edition
        ORDER BY c.report_id, c.table_id
    """)
    while rows := result.fetchmany(_AT_ONCE):
        for report_id, table_id, edition, content, content_before in rows:
            system = system_of(forms, rules, edition, table_id)
            before, _ = _in_order(system, content_before)
            figures = _figures_of_cells(system, stated.get(report_id, ()), forms)
            yield _FailingTable(report_id, system, *_in_order(system, content), before, figures)


def _stated_figures(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, Decimal]]]:
    """What the prose of the reports with a failing sum counts, but for what it restricts to a
    scope.
    """
    con.execute("""
        CREATE OR REPLACE TEMP TABLE prose_figures AS
        SELECT s.report_id, s.metric, s.value, split_part(s.statement_id, '.', 1) AS claim
        FROM statements s SEMI JOIN failing USING (report_id)
        WHERE s.value IS NOT NULL OR s.metric = 'scope'
    """)
    rows = con.execute("""
        SELECT report_id, metric, value FROM prose_figures
        ANTI JOIN (FROM prose_figures WHERE metric = 'scope') x USING (report_id, claim)
    """).fetchall()
    con.execute("DROP TABLE temp.prose_figures")
    found: dict[str, list[tuple[str, Decimal]]] = {}
    for report_id, metric, value in rows:
        found.setdefault(report_id, []).append((metric, value))
    return found


def _figures_of_cells(
    system: System, figures: Iterable[tuple[str, Decimal]], forms: Forms
) -> dict[int, frozenset[Decimal]]:
    """The figures that stand for one cell of the table each, by the cell's place."""
    cells = _cells_of_metrics(forms)
    stated: dict[int, frozenset[Decimal]] = {}
    for metric, value in figures:
        for key in cells.get((metric, system.edition), ()):
            place = system.index.get(key)
            if place is not None:
                stated[place] = stated.get(place, frozenset()) | {value}
    return stated


@lru_cache(maxsize=2)
def _cells_of_metrics(forms: Forms) -> Mapping[tuple[str, str], tuple[CellKey, ...]]:
    """By metric and edition the cells that are a reading by themselves."""
    readings: dict[tuple[str, str, int], list[CellKey]] = {}
    for c in list_metric_cells(forms):
        if not c.test.startswith("all_"):
            key = (c.metric, c.edition, c.reading)
            readings.setdefault(key, []).append((c.table_id, c.row_id, c.col_id))
    single: dict[tuple[str, str], tuple[CellKey, ...]] = {}
    for (metric, edition, _), cells in readings.items():
        if len(cells) == 1:
            single[metric, edition] = (*single.get((metric, edition), ()), *cells)
    return single


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


def _deduce_all(con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules) -> Iterator[Row]:
    """Rows of `deductions`."""
    con.execute("""
        DELETE FROM contents_of;
        INSERT INTO contents_of
        SELECT c.report_id, c.table_id FROM cells c SEMI JOIN diagnosed_reports USING (report_id)
        GROUP BY ALL HAVING count(*) > count(value) AND count(value) > 0;
    """)
    result = con.execute("FROM table_contents ORDER BY report_id, table_id")
    while rows := result.fetchmany(_AT_ONCE):
        for report_id, table_id, edition, content in rows:
            system = system_of(forms, rules, edition, table_id)
            for deduction in _known_of_table(system, *_in_order(system, content)):
                yield _deduction_row(report_id, deduction)


@lru_cache(maxsize=2048)
def _known_of_table(
    system: System, values: Values, states: tuple[str, ...]
) -> tuple[Deduction, ...]:
    """What the rules say; kept, for small agencies often fill in their tables alike."""
    return tuple(d for d in deduce_blanks(system, values, states) if d.telling)


def _deduction_row(report_id: str, deduction: Deduction) -> Row:
    table_id, row_id, col_id = deduction.key
    return {
        "report_id": report_id,
        "table_id": table_id,
        "row_id": row_id,
        "col_id": col_id,
        "low": deduction.low,
        "high": deduction.high,
        "value": deduction.value,
        "basis": deduction.basis,
        "rules": list(deduction.rules),
    }
