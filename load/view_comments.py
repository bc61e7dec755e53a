"""Comments on those columns of views that `views.sql` leaves without one.

A column that a view takes over has the comment of the table that it comes from; a column of a wide
view that stands for a column of the form is described by that column's labels.
"""

from collections.abc import Iterator
from typing import Final

import duckdb

from transform.form.forms import Column, Forms, Table, load_forms

WIDE: Final = {
    "requests_wide": "requests",
    "disputes_wide": "disputes",
    "proactive_wide": "proactive",
}
# names of columns of the wide views, where the id of the form's column is a reserved word
RENAMED: Final = {"natural": "natural_person"}
# where a column of that name is looked for, the first first
_BASES: Final = (
    "cells",
    "reports",
    "documents",
    "agencies",
    "outcomes",
    "findings",
    "tables",
    "suspects",
    "form_rows",
    "form_columns",
)


def add_view_comments(con: duckdb.DuckDBPyConnection) -> None:
    """Comment on every column of a view that has no comment yet; KeyError where none is known."""
    bare = con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS "
        "NULL AND database_name = current_database() ORDER BY table_name, column_index"
    ).fetchall()
    taken_over = _table_comments(con)
    of_wide = dict(_wide_comments(load_forms()))
    for view, column in bare:
        text = of_wide.get((view, column)) or taken_over[column]
        quoted = text.replace("'", "''")
        con.execute(f"COMMENT ON COLUMN {view}.{column} IS '{quoted}'")


def _table_comments(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The comment of each column of the tables; of several of one name that of the first table."""
    comments: dict[str, str] = {}
    rows = con.execute(
        "SELECT column_name, comment FROM duckdb_columns() JOIN (SELECT unnest(?) AS table_name, "
        "generate_subscripts(?, 1) AS rank) USING (table_name) WHERE comment IS NOT NULL AND "
        "database_name = current_database() ORDER BY rank, column_index",
        [list(_BASES), list(_BASES)],
    ).fetchall()
    for column, comment in rows:
        comments.setdefault(column, comment)
    return comments


def _wide_comments(forms: Forms) -> Iterator[tuple[tuple[str, str], str]]:
    """The columns of the wide views, by view and name, with what the form says of them."""
    views = {table_id: view for view, table_id in WIDE.items()}
    for table in forms.tables:
        for block in table.blocks if table.table_id in views else ():
            for column in block.data_columns:
                name = RENAMED.get(column.col_id, column.col_id.replace(".", "_"))
                yield (views[table.table_id], name), _describe(table, column)


def _describe(table: Table, column: Column) -> str:
    group = table.columns.get(column.parent or "")
    words = column.label_en if group is None else f"{group.label_en}: {column.label_en}"
    number = "number" if column.type == "decimal" else "whole number"
    return (
        f"{words}, as printed. Empty where the cell holds no {number} or the row lacks the column."
    )
