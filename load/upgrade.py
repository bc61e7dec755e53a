"""A warehouse of an older schema, or of another storage version, carried over into a new one.

`carry_over(con, old)` takes a connection to an empty database with the tables of `schema.sql` and
the path of an older file; afterwards the new one holds all of its rows. A column that the older
schema has and this one too keeps its values; what older schemas wrote otherwise is rewritten:

- before schema 3 remarks were JSON in `tables.note`, and positions in a grid counted from 0;
- before schema 4 `statements.paragraph` counted from 0, and `documents.listed_by` was a list.

What people did in the file stays: status and
first_seen of findings, `runs`, verdicts, corrections, names of agencies, and tables of their own.

Out of scope: evaluating the rules again, which the publication does that follows.
"""

import logging
from pathlib import Path
from typing import Final

import duckdb

from load.database import Con, schema_number

log = logging.getLogger(__name__)

_OLD: Final = "older_file"
_NOTE: Final = (
    '[{"code":"VARCHAR","row_id":"VARCHAR","col_id":"VARCHAR","printed":"VARCHAR",'
    '"meant":"VARCHAR"}]'
)

# columns, by table and name, of which another expression must be copied
_BEFORE_4: Final = {
    ("statements", "paragraph"): "paragraph + 1",
    ("documents", "listed_by"): "array_to_string(listed_by, ', ')",
}


def carry_over(con: Con, old: Path) -> None:
    """Insert all rows of the DuckDB file `old` into the empty warehouse `con`."""
    quoted = str(old).replace("'", "''")
    con.execute(f"ATTACH '{quoted}' AS {_OLD} (READ_ONLY)")
    try:
        number = schema_number(con, _OLD) or 0
        ours = _tables(con, con.execute("SELECT current_database()").fetchall()[0][0])
        theirs = _tables(con, _OLD)
        for name, columns in theirs.items():
            if name in ours:
                _copy_rows(con, name, [c for c in columns if c in ours[name]], number)
            else:
                con.execute(f'CREATE TABLE "{name}" AS FROM {_OLD}.main."{name}"')
        _copy_views(con)
        if "note" in theirs.get("tables", ()):
            _unpack_notes(con)
            _count_positions_from_one(con)
    finally:
        con.execute(f"DETACH {_OLD}")


def _copy_rows(con: Con, name: str, columns: list[str], number: int) -> None:
    """Copy a table of a file whose schema has that number."""
    rewritten = _BEFORE_4 if number < 4 else {}
    listed = ", ".join(f'"{c}"' for c in columns)
    taken = ", ".join(rewritten.get((name, c), f'"{c}"') for c in columns)
    con.execute(
        f"INSERT INTO {name} ({listed}) SELECT {taken} "  # noqa: S608
        f"FROM {_OLD}.main.{name} ORDER BY rowid"
    )


def _unpack_notes(con: Con) -> None:
    """Make rows of table `remarks` of the JSON lists in `tables.note`."""
    con.execute(f"""
        INSERT INTO remarks BY NAME
        SELECT report_id, table_id, unnest(from_json(note, '{_NOTE}'), recursive := true)
        FROM {_OLD}.main.tables WHERE note <> '[]' ORDER BY rowid
    """)  # noqa: S608 - constants


def _count_positions_from_one(con: Con) -> None:
    con.execute(
        "UPDATE cells SET grid = grid + 1, grid_row = grid_row + 1, grid_col = grid_col + 1"
    )


def _copy_views(con: Con) -> None:
    """Make the views that somebody has added, as far as they fit this schema."""
    added = con.execute(
        "SELECT sql FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' AND "
        "database_name = ? AND view_name NOT IN (SELECT view_name FROM duckdb_views() WHERE "
        "database_name = current_database())",
        [_OLD],
    ).fetchall()
    for (statement,) in added:
        try:
            con.execute(statement)
        except duckdb.Error as error:
            log.warning("a view does not fit this schema and is left out: %s", error)


def _tables(con: Con, database: str) -> dict[str, list[str]]:
    """The tables of a database with their columns."""
    found: dict[str, list[str]] = {}
    rows = con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() JOIN duckdb_tables() USING "
        "(database_name, schema_name, table_name) WHERE schema_name = 'main' AND NOT temporary "
        "AND database_name = ? ORDER BY table_name, column_index",
        [database],
    )
    for table, column in rows.fetchall():
        found.setdefault(table, []).append(column)
    return found
