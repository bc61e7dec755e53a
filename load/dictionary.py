"""What explains the warehouse: the data dictionary, in Markdown and as a web page.

Takes a connection to a warehouse (or `memory(comments=True)`) and writes down each table and view
with its columns, types and comments, and the closed lists of words that stand in them
(`load.closed_lists`). Nothing is said here that is not in the comments of `schema.sql` and
`views.sql`, but for those lists.
"""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from load.closed_lists import CLOSED_LISTS

_INTRODUCTION: Final = (
    "Made from the comments of the warehouse by `nianbao dictionary`. “Empty” means NULL. Times "
    "are UTC.",
    "Start with the view `tidy`, and write `WHERE is_current` to have each agency and year once.",
)
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;"
    "color:#1a1a1a;background:#fff}table{border-collapse:collapse;width:100%;margin:1em 0 2em}"
    "th,td{border-bottom:1px solid #ccc;padding:.3em .8em .3em 0;text-align:left;"
    "vertical-align:top}code,td:first-child{font-family:ui-monospace,monospace}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#16181b}"
    "th,td{border-color:#444}a{color:#9cf}}"
)


@dataclass(frozen=True, slots=True)
class DictionaryPart:
    """One heading of the dictionary with its text and its table, whose first line is the head."""

    level: int
    heading: str
    text: str = ""
    table: tuple[tuple[str, ...], ...] = ()


def dictionary(con: duckdb.DuckDBPyConnection) -> str:
    """The data dictionary of the warehouse that `con` is connected to, in Markdown.

    Needs the comments of the schema.
    """
    lines = ["# Data dictionary", ""]
    for paragraph in _INTRODUCTION:
        lines += [paragraph, ""]
    for part in dictionary_parts(con):
        lines += [f"{'#' * part.level} {part.heading}", ""]
        lines += [_escape(part.text), ""] if part.text else []
        if part.table:
            head, *rows = part.table
            lines += [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
            lines += [f"| {' | '.join(map(_escape, row))} |" for row in rows]
            lines.append("")
    return "\n".join(lines)


def dictionary_page(con: duckdb.DuckDBPyConnection) -> str:
    """The same as a web page that needs nothing from elsewhere."""
    lines = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Data dictionary</title><style>{_STYLE}</style></head><body>",
        "<h1>Data dictionary</h1>",
        *(f"<p>{_mark_code(paragraph)}</p>" for paragraph in _INTRODUCTION),
    ]
    for part in dictionary_parts(con):
        lines.append(f"<h{part.level}>{_mark_code(part.heading)}</h{part.level}>")
        lines += [f"<p>{html.escape(part.text)}</p>"] if part.text else []
        if part.table:
            head, *rows = part.table
            lines += ["<table>", _table_line("th", head), *(_table_line("td", r) for r in rows)]
            lines.append("</table>")
    return "\n".join([*lines, "</body></html>", ""])


def dictionary_parts(con: duckdb.DuckDBPyConnection) -> Iterator[DictionaryPart]:
    """The parts of the dictionary in order: views, tables, closed lists."""
    for heading, kind in (("Views", "view"), ("Tables", "table")):
        yield DictionaryPart(2, heading)
        for name, comment in _relations(con, kind):
            columns = describe_columns(con, name)
            table = (("column", "type", "meaning"), *((c, k, t or "") for c, k, t in columns))
            yield DictionaryPart(3, name, comment or "", table)
    yield DictionaryPart(2, "Closed lists")
    for heading, words in CLOSED_LISTS:
        rows = ((str(word), meaning) for word, meaning in words.items())
        yield DictionaryPart(3, heading, table=(("word", "meaning"), *rows))


def describe_columns(
    con: duckdb.DuckDBPyConnection, relation: str
) -> list[tuple[str, str, str | None]]:
    """Name, type and comment of each column of a table or view."""
    return con.execute(
        (
            "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? "
            "AND NOT internal AND database_name = current_database() ORDER BY column_index"
        ),
        [relation],
    ).fetchall()


def _relations(con: duckdb.DuckDBPyConnection, kind: str) -> list[tuple[str, str | None]]:
    return con.execute(
        f"SELECT {kind}_name, comment FROM duckdb_{kind}s() WHERE NOT internal "  # noqa: S608
        f"AND NOT temporary AND database_name = current_database() ORDER BY {kind}_oid"
    ).fetchall()


def _escape(text: str) -> str:
    return text.replace("|", "\\|")


def _mark_code(text: str) -> str:
    """Escape the text, and make of what stands between backticks code."""
    pieces = html.escape(text).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(pieces))


def _table_line(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"
