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
from dataclasses import astuple
from functools import lru_cache
from typing import Any, Final

import duckdb

from transform.form.forms import Column, Edition, Forms, Row, Table
from transform.narrative.patterns import list_metric_cells
from transform.rules.load import Rules
from transform.temporary_tables import (
    COUNT,
    NUMBER,
    TEXTS,
    TRUTH,
    Columns,
    Rows,
    add_table,
    make_rows,
    texts,
)

_RULE_COLUMNS: Final = (
    *("kind", "level", "test", "each", "limit", "asks_for_form"),
    *("message_zh", "message_en"),
)
_OF_TABLE: Final = texts("edition", "table_id")
_OF_CELL: Final = _OF_TABLE | texts("row_id", "col_id")
_COLUMNS: Final[Mapping[str, Columns]] = {
    "rule_book": {
        **texts("rule_id", "edition", *_RULE_COLUMNS),
        "limit": NUMBER,
        "asks_for_form": TRUTH,
    },
    "rule_instances": {
        "instance_no": COUNT,
        **texts("edition", "rule_id", "instance", "table_id", "operator"),
        "total": TRUTH,
        **texts("row_id", "col_id", "block"),
    },
    "rule_terms": {"instance_no": COUNT, **_OF_CELL, "coefficient": COUNT, "on_left": TRUTH},
    "rule_cells": {"instance_no": COUNT, "cells": TEXTS},
    "rule_states": texts("state", "message_zh", "message_en"),
    "statement_terms": {
        **texts("metric", "test", "edition"),
        "reading": COUNT,
        **texts("table_id", "row_id", "col_id"),
        "coefficient": COUNT,
    },
    "form_editions": {
        **texts("edition"),
        **dict.fromkeys(("first_year", "last_year", "prescribed_from"), COUNT),
    },
    "form_sections": {**texts("edition", "section_id"), "position": COUNT, **texts("label_zh")},
    "form_tables": _OF_TABLE | texts("label_zh", "label_en"),
    "form_row_names": _OF_TABLE | texts("row_id", "row_zh", "row_en"),
    "form_column_names": _OF_TABLE | texts("col_id", "col_zh", "col_en"),
    "form_names": {
        **_OF_CELL,
        "position": COUNT,
        **texts("type"),
        "optional": TRUTH,
        **texts("row_zh", "row_en", "col_zh", "col_en"),
    },
    "form_row_sizes": {**_OF_TABLE, **texts("row_id"), "size": COUNT},
}


def add_codebook(con: duckdb.DuckDBPyConnection, forms: Forms, rules: Rules) -> None:
    """Make the temporary tables."""
    for name, table in codebook_tables(forms, rules).items():
        add_table(con, name, table)
    con.execute("ALTER TABLE rule_terms ADD COLUMN cell_key UBIGINT")
    con.execute("UPDATE rule_terms SET cell_key = hash(edition, table_id, row_id, col_id)")


@lru_cache(maxsize=4)
def codebook_tables(forms: Forms, rules: Rules) -> Mapping[str, Rows]:
    """All tables by name."""
    values = {**_of_rules(rules), "statement_terms": list_metric_cells(forms), **_of_forms(forms)}
    return {name: make_rows(_COLUMNS[name], rows) for name, rows in values.items()}


def _of_rules(rules: Rules) -> dict[str, Iterable[Sequence[Any]]]:
    numbers = {(i.edition, i.rule_id, i.instance): no for no, i in enumerate(rules.instances)}
    terms = [(numbers[t.edition, t.rule_id, t.instance], t) for t in rules.terms]
    cells: dict[int, list[str]] = {}
    for no, t in terms:
        cells.setdefault(no, []).append(f"{t.table_id}|{t.row_id}|{t.col_id}")
    return {
        "rule_book": (
            (r.rule_id, edition, *(getattr(r, c) for c in _RULE_COLUMNS))
            for r in rules.rules
            for edition in r.editions or ("",)
        ),
        "rule_instances": ((no, *astuple(i)) for no, i in enumerate(rules.instances)),
        "rule_terms": (
            (no, t.edition, t.table_id, t.row_id, t.col_id, t.coefficient, t.side == "left")
            for no, t in terms
        ),
        "rule_cells": cells.items(),
        "rule_states": ((state, zh, en) for state, (zh, en) in rules.states.items()),
    }


def _of_forms(forms: Forms) -> dict[str, Iterable[Sequence[Any]]]:
    editions, tables = forms.editions.values(), forms.tables
    return {
        "form_editions": (
            (e.edition_id, e.years[0], e.years[1] or 9999, e.prescribed_from) for e in editions
        ),
        "form_sections": (
            (e.edition_id, s.section_id, n, s.label)
            for e in editions
            for n, s in enumerate(e.sections, 1)
        ),
        "form_tables": ((t.edition, t.table_id, t.label, t.label_en) for t in tables),
        "form_row_names": (
            (t.edition, t.table_id, r.row_id, *name_row(t, r)) for t in tables for r in t.rows
        ),
        "form_column_names": (
            (t.edition, t.table_id, c.col_id, *name_column(t, c))
            for t in tables
            for c in t.columns.values()
        ),
        "form_names": (row for edition in editions for row in _cell_names(edition)),
        "form_row_sizes": (
            (t.edition, t.table_id, r.row_id, _cells_to_fill(t, r))
            for t in tables
            for r in t.data_rows
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
