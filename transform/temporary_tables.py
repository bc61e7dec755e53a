"""Rows of Python's as temporary tables of a DuckDB connection, and rows of DuckDB's as
dictionaries.

`add_table(con, name, rows)` makes the table that `make_rows(columns, values)` has prepared;
`temporary_table` drops it again. Values are None, texts, numbers, truth values, dates and lists of
them; a Decimal keeps its digits. `fetch_rows` gives what a relation or a query holds.

Rows cross as lines of JSON, some 12 µs each. Arrow tables would take half of that and a seventh of
a second before the first row, for the import: more than the judgement of a draft.

Out of scope: bulk (readings are staged as files, `load.staging`) and tables that stay.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import duckdb

# Types of columns, as DuckDB names them.
TEXT: Final = "VARCHAR"
TEXTS: Final = "VARCHAR[]"
COUNT: Final = "BIGINT"
NUMBER: Final = "DOUBLE"
TRUTH: Final = "BOOLEAN"
VALUE: Final = "DECIMAL(24,6)"  # as `cells.value`

_ROWS_AT_ONCE: Final = 10_000

Columns = Mapping[str, str]  # name -> type


@dataclass(frozen=True, slots=True)
class Rows:
    """The columns of a table by name with their types, and its rows as lines of JSON."""

    columns: Columns
    lines: Sequence[str]


def texts(*names: str) -> dict[str, str]:
    """Columns of text."""
    return dict.fromkeys(names, TEXT)


def make_rows(columns: Columns, values: Iterable[Sequence[Any]]) -> Rows:
    """Rows whose values stand in the order of `columns`; ValueError where one is too long or too
    short.
    """
    return make_named_rows(columns, (dict(zip(columns, row, strict=True)) for row in values))


def make_named_rows(columns: Columns, rows: Iterable[Mapping[str, Any]]) -> Rows:
    """Rows by the names of their columns; what a row does not name is NULL."""
    return Rows(columns, tuple(json.dumps(row, default=str) for row in rows))


def add_table(con: duckdb.DuckDBPyConnection, name: str, rows: Rows) -> None:
    """Make the temporary table; one of that name is replaced."""
    declared = ", ".join(f'"{column}" {kind}' for column, kind in rows.columns.items())
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({declared})")
    structure = json.dumps(dict(rows.columns))
    for start in range(0, len(rows.lines), _ROWS_AT_ONCE):
        con.execute(
            f"INSERT INTO temp.{name} SELECT unnest(from_json(line, '{structure}')) "  # noqa: S608 - names of ours
            "FROM (SELECT unnest($lines::VARCHAR[]) AS line)",
            {"lines": rows.lines[start : start + _ROWS_AT_ONCE]},
        )


@contextmanager
def temporary_table(con: duckdb.DuckDBPyConnection, name: str, rows: Rows) -> Iterator[None]:
    """The temporary table for the time of the `with`."""
    add_table(con, name, rows)
    try:
        yield
    finally:
        con.execute(f"DROP TABLE IF EXISTS temp.{name}")


def fetch_rows(relation: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    """What the relation holds, a dictionary a row."""
    names = relation.columns
    return [dict(zip(names, values, strict=True)) for values in relation.fetchall()]
