"""What explains the warehouse: the data dictionary in Markdown.

`dictionary` takes a connection to a warehouse (or `memory(comments=True)`) and writes down each
table and view with its columns, types and comments, and the closed lists of words that stand in
them (`load.closed_lists`). Nothing is said here that is not in the comments of `schema.sql` and
`views.sql`, but for those lists.
"""

import duckdb

from load.closed_lists import CLOSED_LISTS


def dictionary(con: duckdb.DuckDBPyConnection) -> str:
    """The data dictionary of the warehouse that `con` is connected to, in Markdown.

    Needs the comments of the schema.
    """
    tables = con.execute(
        "SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal AND NOT temporary "
        "ORDER BY table_oid"
    ).fetchall()
    views = con.execute(
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal AND NOT temporary "
        "ORDER BY view_oid"
    ).fetchall()
    lines = ["# Data dictionary", ""]
    lines += [
        (
            "Made from the comments of the warehouse by `nianbao dictionary`. “Empty” means "
            "NULL. Times are UTC."
        ),
        "",
    ]
    lines += [
        (
            "Start with the view `tidy`, and write `WHERE is_current` to have each agency and "
            "year once."
        ),
        "",
    ]
    for heading, relations in (("Views", views), ("Tables", tables)):
        lines += [f"## {heading}", ""]
        for name, comment in relations:
            lines += [
                f"### {name}",
                "",
                _cell(comment),
                "",
                "| column | type | meaning |",
                "|---|---|---|",
            ]
            lines += [
                f"| {column} | {kind} | {_cell(text)} |"
                for column, kind, text in _columns(con, name)
            ]
            lines.append("")
    lines += ["## Closed lists", ""]
    for heading, words in CLOSED_LISTS:
        lines += [f"### {heading}", "", "| word | meaning |", "|---|---|"]
        lines += [f"| {word} | {_cell(meaning)} |" for word, meaning in words.items()]
        lines.append("")
    return "\n".join(lines)


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str, str | None]]:
    return con.execute(
        (
            "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? "
            "AND NOT internal ORDER BY column_index"
        ),
        [relation],
    ).fetchall()


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")
