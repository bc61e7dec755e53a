"""The rules against cells, as SQL in DuckDB: the same queries for one draft in memory and for a
million reports on disk.

Takes a connection whose current schema holds `reports`, `tables`, `cells`, `statements` and
`corrections`; gives an Arrow table of findings (all columns of table `findings` but status,
first_seen and last_seen, and with `fingerprint` for its id). The queries stand in `rules/`, one
file a kind of check; each adds to the temporary table `found`, and the last makes findings of it. A
statement with a line `-- only if: QUERY` is left out where the query gives no row: planning a
statement takes longer than running it on one draft. Only temporary tables are made; nothing is
written to the database.

Out of scope: which cell is wrong, what a blank must be, and what became of a finding since the last
run.
"""

import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any, Final

import duckdb
import pyarrow as pa

from transform.form.forms import Column, Forms, Row, Table
from transform.identity.agency_names import level_of
from transform.narrative.patterns import Answer, reading_terms
from transform.rules.deadlines import Deadline, load_deadlines
from transform.rules.load import Rules

PARTS: Final = (
    "odd",
    "sums",
    "cells",
    "structure",
    "remarks",
    "corrections",
    "statements",
    "years",
    "corpus",
    "crawl",
    "findings",
)
ACROSS: Final = ("years", "corpus")  # these compare reports: with one alone there is nothing to do
_ONLY_IF: Final = re.compile(r"^-- only if: (.+)$", re.MULTILINE)


def findings(con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules) -> pa.Table:
    """All findings on the reports that `con` holds, ordered by report, level, table, rule and
    instance.
    """
    _prepare(con, forms, rules)
    (several,) = con.execute("SELECT count(*) > 1 FROM reports").fetchall()[0]
    *parts, last = PARTS
    for part in parts:
        if part == "cells":
            _levels(con)
        if several or part not in ACROSS:
            for statement in _queries(part):
                if (needed := _ONLY_IF.search(statement)) is None or con.execute(
                    needed[1]
                ).fetchall():
                    con.execute(statement)
    *statements, final = _queries(last)
    for statement in statements:
        con.execute(statement)
    found = con.sql(final).to_arrow_table()
    for (name,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall():
        con.execute(f'DROP TABLE temp."{name}"')
    return found


def _queries(part: str) -> list[str]:
    text = files("transform.rules").joinpath(f"{part}.sql").read_text(encoding="utf-8")
    return [
        q
        for part in text.split(";\n")
        if (q := part.strip()) and not all(line.startswith("--") for line in q.splitlines())
    ]


def _prepare(con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules) -> None:
    """The rules and the names of the form as temporary tables."""
    numbers = {(i.edition, i.rule_id, i.instance): no for no, i in enumerate(rules.instances)}
    named = [(numbers[t.edition, t.rule_id, t.instance], t) for t in rules.terms]
    _table(
        con,
        "rule_terms",
        ("instance_no", "edition", "table_id", "row_id", "col_id", "coefficient", "on_left"),
        (
            (no, t.edition, t.table_id, t.row_id, t.col_id, t.coefficient, t.side == "left")
            for no, t in named
        ),
    )
    con.execute("ALTER TABLE rule_terms ADD COLUMN cell_key UBIGINT")
    con.execute("UPDATE rule_terms SET cell_key = hash(edition, table_id, row_id, col_id)")
    cells: dict[int, list[str]] = {}
    for no, t in named:
        cells.setdefault(no, []).append(f"{t.table_id}|{t.row_id}|{t.col_id}")
    _table(con, "rule_cells", ("instance_no", "cells"), cells.items())
    columns = (
        "edition",
        "rule_id",
        "instance",
        "table_id",
        "operator",
        "total",
        "row_id",
        "col_id",
        "block",
    )
    _table(
        con,
        "rule_instances",
        ("instance_no", *columns),
        ((no, *(getattr(i, c) for c in columns)) for no, i in enumerate(rules.instances)),
    )
    book = (
        "rule_id",
        "edition",
        "kind",
        "level",
        "test",
        "each",
        "limit",
        "message_zh",
        "message_en",
    )
    _table(
        con,
        "rule_book",
        book,
        (
            (r.rule_id, e, *(getattr(r, c) for c in book[2:]))
            for r in rules.rules
            for e in r.editions or ("",)
        ),
    )
    _table(
        con,
        "rule_states",
        ("state", "message_zh", "message_en"),
        ((s, zh, en) for s, (zh, en) in rules.states.items()),
    )
    _table(con, "statement_terms", Answer._fields, reading_terms(forms))
    _names(con, forms)


def _levels(con: duckdb.DuckDBPyConnection) -> None:
    """Levels of the agencies that a rule will ask for, those known and else those that the name
    tells ("" if it does not).
    """
    month, day = min((d.month, d.day) for d in load_deadlines())  # nobody is late before
    asked = con.execute(
        """
        SELECT DISTINCT r.agency_id, a.level FROM reports r LEFT JOIN agencies a USING (agency_id)
        WHERE r.agency_id <> 'unknown' AND (r.published_on > make_date(r.year + 1, $month, $day) OR hash(r.report_id) IN (
            SELECT report_key FROM hot SEMI JOIN (SELECT hash(edition, table_id, row_id, col_id) AS cell_key FROM form_names WHERE row_id = 'regulations') f
                USING (cell_key)))
    """,
        {"month": month, "day": day},
    ).fetchall()
    _table(
        con,
        "agency_levels",
        ("agency_id", "level"),
        ((name, _as_published(name, level or level_of(name) or "")) for name, level in asked),
    )
    if asked:
        _table(con, "deadlines", Deadline._fields, load_deadlines())


def _as_published(name: str, level: str) -> str:
    """The level of the report: the office of a government publishes its report, and a town may
    stand behind a city that is in no list.
    """
    if name.endswith(("镇人民政府", "乡人民政府", "街道办事处")):
        return "town_government"
    return (
        level.replace("_department", "_government")
        if name.endswith(("政府办公厅", "政府办公室"))
        else level
    )


def _names(con: duckdb.DuckDBPyConnection, forms: Forms) -> None:
    tables = forms.tables
    _table(
        con,
        "form_editions",
        ("edition", "first_year", "last_year"),
        ((e.edition_id, e.years[0], e.years[1] or 9999) for e in forms.editions.values()),
    )
    _table(
        con,
        "form_sections",
        ("edition", "section_id", "position", "label_zh"),
        (
            (e.edition_id, s.section_id, n, s.label)
            for e in forms.editions.values()
            for n, s in enumerate(e.sections, 1)
        ),
    )
    _table(
        con,
        "form_tables",
        ("edition", "table_id", "label_zh", "label_en"),
        ((t.edition, t.table_id, t.label, t.label_en) for t in tables),
    )
    _table(
        con,
        "form_row_names",
        ("edition", "table_id", "row_id", "row_zh", "row_en"),
        ((t.edition, t.table_id, r.row_id, *row_name(t, r)) for t in tables for r in t.rows),
    )
    _table(
        con,
        "form_column_names",
        ("edition", "table_id", "col_id", "col_zh", "col_en"),
        (
            (t.edition, t.table_id, c.col_id, *column_name(t, c))
            for t in tables
            for c in t.columns.values()
        ),
    )
    _table(
        con,
        "form_names",
        (
            "edition",
            "table_id",
            "row_id",
            "col_id",
            "position",
            "type",
            "optional",
            "row_zh",
            "row_en",
            "col_zh",
            "col_en",
        ),
        (
            (
                t.edition,
                t.table_id,
                r,
                c,
                n,
                t.type_of(r, c),
                t.row(r).optional,
                *row_name(t, t.row(r)),
                *column_name(t, t.column(r, c)),
            )
            for t in tables
            for n, (r, c) in enumerate(t.cells)
        ),
    )
    _table(
        con,
        "form_row_sizes",
        ("edition", "table_id", "row_id", "size"),
        (
            (
                t.edition,
                t.table_id,
                r.row_id,
                sum(not c.optional for c in t.block(r.row_id).data_columns),
            )
            for t in tables
            for r in t.data_rows
        ),
    )


def row_name(table: Table, row: Row) -> tuple[str, str]:
    """How a row is named to a person, in Chinese (its group's label before its own) and English
    (which names the group itself).
    """
    # a parent of groups (三、本年度办理结果) tells nothing more
    groups = {r.parent for r in table.rows if r.kind == "header"}
    if row.parent is None or row.parent in groups:
        return row.label, row.label_en
    parent = table.row(row.parent)
    return f"{parent.label} {row.label}", row.label_en


def column_name(table: Table, column: Column) -> tuple[str, str]:
    """How a column is named to a person, in Chinese (its group's label before its own) and English
    (which names the group itself).
    """
    groups = {c.parent for c in table.columns.values() if c.kind == "header"}
    if column.parent is None or column.parent in groups:
        return column.label, column.label_en
    parent = table.columns[column.parent]
    return f"{parent.label} {column.label}", column.label_en


def _table(
    con: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """A temporary table from rows, through Arrow: a statement a row would cost more than the
    checks.
    """
    listed = list(rows)
    data = pa.table({column: [row[i] for row in listed] for i, column in enumerate(columns)})
    con.register("rows_to_add", data)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM rows_to_add")  # noqa: S608 - names of ours
    con.unregister("rows_to_add")
