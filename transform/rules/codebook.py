"""The rules and the names of the form as the tables that the queries of this folder join with.

`codebook_tables(forms, rules)` gives them by name, made once a process: judging a draft would
otherwise spend a fifth of its time on them. `add_codebook(con, forms, rules)` puts them into a
database as temporary tables. `name_row` and `name_column` say how a row or column is named to a
person.

Rules: `rule_book` (one row a rule and edition), `rule_instances`, `rule_terms`, `rule_cells` (the
cells of an instance in the order of its terms), `rule_states`, `statement_terms`. Form:
`form_editions`, `form_sections`, `form_tables`, `form_row_names`, `form_column_names`, `form_names`
(one row a cell; `position` counts over all tables of the edition), `form_row_sizes` (how many
cells a row must have).

Out of scope: the codebook that the warehouse keeps for people (`load.dictionary`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, fields
from functools import lru_cache
from typing import Any, Final

import duckdb
import pyarrow as pa

from transform.form.forms import Column, Edition, Forms, Row, Table
from transform.narrative.patterns import MetricCell, list_metric_cells
from transform.rules.expand import Instance
from transform.rules.load import Rules

_RULE_COLUMNS: Final = (
    *("kind", "level", "test", "each", "limit", "asks_for_form"),
    *("message_zh", "message_en"),
)


def add_codebook(con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules) -> None:
    """Make the temporary tables."""
    for name, table in codebook_tables(forms, rules).items():
        add_table(con, name, table)
    con.execute("ALTER TABLE rule_terms ADD COLUMN cell_key UBIGINT")
    con.execute("UPDATE rule_terms SET cell_key = hash(edition, table_id, row_id, col_id)")


def add_table(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """A temporary table with these rows; a statement a row would cost more than the checks."""
    con.register("rows_to_add", table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM rows_to_add")  # noqa: S608 - names of ours
    con.unregister("rows_to_add")


def make_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> pa.Table:
    """Rows as an Arrow table with these columns."""
    listed = list(rows)
    return pa.table({column: [row[i] for row in listed] for i, column in enumerate(columns)})


@lru_cache(maxsize=4)
def codebook_tables(forms: Forms, rules: Rules) -> Mapping[str, pa.Table]:
    """All tables by name."""
    return {
        "rule_book": make_table(
            ("rule_id", "edition", *_RULE_COLUMNS),
            (
                (r.rule_id, edition, *(getattr(r, c) for c in _RULE_COLUMNS))
                for r in rules.rules
                for edition in r.editions or ("",)
            ),
        ),
        "rule_instances": make_table(
            ("instance_no", *(f.name for f in fields(Instance))),
            ((no, *astuple(instance)) for no, instance in enumerate(rules.instances)),
        ),
        **_term_tables(rules),
        "rule_states": make_table(
            ("state", "message_zh", "message_en"),
            ((state, zh, en) for state, (zh, en) in rules.states.items()),
        ),
        "statement_terms": make_table(MetricCell._fields, list_metric_cells(forms)),
        **_form_tables(forms),
    }


def _term_tables(rules: Rules) -> dict[str, pa.Table]:
    numbers = {(i.edition, i.rule_id, i.instance): no for no, i in enumerate(rules.instances)}
    terms = [(numbers[t.edition, t.rule_id, t.instance], t) for t in rules.terms]
    cells: dict[int, list[str]] = {}
    for no, t in terms:
        cells.setdefault(no, []).append(f"{t.table_id}|{t.row_id}|{t.col_id}")
    return {
        "rule_terms": make_table(
            ("instance_no", "edition", "table_id", "row_id", "col_id", "coefficient", "on_left"),
            (
                (no, t.edition, t.table_id, t.row_id, t.col_id, t.coefficient, t.side == "left")
                for no, t in terms
            ),
        ),
        "rule_cells": make_table(("instance_no", "cells"), cells.items()),
    }


def _form_tables(forms: Forms) -> dict[str, pa.Table]:
    editions, tables = forms.editions.values(), forms.tables
    of_table = ("edition", "table_id")
    return {
        "form_editions": make_table(
            ("edition", "first_year", "last_year", "prescribed_from"),
            ((e.edition_id, e.years[0], e.years[1] or 9999, e.prescribed_from) for e in editions),
        ),
        "form_sections": make_table(
            ("edition", "section_id", "position", "label_zh"),
            (
                (e.edition_id, s.section_id, n, s.label)
                for e in editions
                for n, s in enumerate(e.sections, 1)
            ),
        ),
        "form_tables": make_table(
            (*of_table, "label_zh", "label_en"),
            ((t.edition, t.table_id, t.label, t.label_en) for t in tables),
        ),
        "form_row_names": make_table(
            (*of_table, "row_id", "row_zh", "row_en"),
            ((t.edition, t.table_id, r.row_id, *name_row(t, r)) for t in tables for r in t.rows),
        ),
        "form_column_names": make_table(
            (*of_table, "col_id", "col_zh", "col_en"),
            (
                (t.edition, t.table_id, c.col_id, *name_column(t, c))
                for t in tables
                for c in t.columns.values()
            ),
        ),
        "form_names": make_table(
            (
                *(*of_table, "row_id", "col_id", "position", "type", "optional"),
                *("row_zh", "row_en", "col_zh", "col_en"),
            ),
            (row for edition in editions for row in _cell_names(edition)),
        ),
        "form_row_sizes": make_table(
            (*of_table, "row_id", "size"),
            (
                (t.edition, t.table_id, r.row_id, _cells_to_fill(t, r))
                for t in tables
                for r in t.data_rows
            ),
        ),
    }


def _cell_names(edition: Edition) -> Iterator[tuple[str | int | bool, ...]]:
    cells = [(table, *cell) for table in edition.tables.values() for cell in table.cells]
    for position, (table, row_id, col_id) in enumerate(cells):
        row, column = table.row(row_id), table.column(row_id, col_id)
        yield (
            *(edition.edition_id, table.table_id, row_id, col_id, position),
            *(table.type_of(row_id, col_id), row.optional),
            *(*name_row(table, row), *name_column(table, column)),
        )


def _cells_to_fill(table: Table, row: Row) -> int:
    return sum(not c.optional for c in table.block(row.row_id).data_columns)


def name_row(table: Table, row: Row) -> tuple[str, str]:
    """How a row is named to a person, in Chinese (its group's label before its own) and English
    (which names the group itself).
    """
    # a parent of groups (三、本年度办理结果) says nothing more
    groups = {r.parent for r in table.rows if r.kind == "header"}
    if row.parent is None or row.parent in groups:
        return row.label, row.label_en
    parent = table.row(row.parent)
    return f"{parent.label} {row.label}", row.label_en


def name_column(table: Table, column: Column) -> tuple[str, str]:
    """How a column is named to a person, in Chinese (its group's label before its own) and English
    (which names the group itself).
    """
    groups = {c.parent for c in table.columns.values() if c.kind == "header"}
    if column.parent is None or column.parent in groups:
        return column.label, column.label_en
    parent = table.columns[column.parent]
    return f"{parent.label} {column.label}", column.label_en
