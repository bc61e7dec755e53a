"""A draft of the file of a new edition of the form, from reports that print rows and columns that
no known edition has.

`draft_form(forms, year, reports)` gives the YAML of `data/forms/YEAR.yaml`. Each table follows the
edition that most of the reports were read by: rows that most of them print stay, those that most
lack go, and labels that at least `FEWEST` of them print where the edition has none come in, in the
place where they stand. A row that goes where new ones come is taken for their heading. Ids of new
rows and columns are `new_1`, `new_2` and so on. A person gives them their names, the English labels
and the units, and compares the whole with the official text.

Out of scope: sections, and tables that no edition has.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final, NamedTuple

from transform.form.forms import Block, Column, Forms, Row, Table

FEWEST: Final = 5  # reports that must print a label: fewer may share a habit
_TABLES: Final = ("proactive", "requests", "disputes")


class PrintedRow(NamedTuple):
    """A row that a report prints: of the form by its id, else with the words of its label."""

    table_id: str
    row_id: str
    label: str | None  # of a row that no edition has
    place: tuple[int, int]  # grid and row of the grid


@dataclass(frozen=True)
class PrintedForm:
    """What one report prints of the form: the edition of each table, its rows, and by block the
    labels of a header that no edition has.
    """

    editions: Mapping[str, str]
    rows: Sequence[PrintedRow]
    headers: Mapping[tuple[str, str], tuple[str, ...]]  # (table_id, block_id) -> labels


def draft_form(forms: Forms, year: int, reports: Sequence[PrintedForm]) -> str:
    """The YAML text of the draft."""
    number = count(1)
    lines = [
        f"# A draft, made of {len(reports)} reports on {year}: compare it with the official text.",
        f'edition: "{year}"',
        f'title: "{year} 年版（草稿）"',
        f'title_en: "Edition of {year} (draft)"',
        f"first_year: {year}",
    ]
    by_table = {t: _edition_of(t, reports) for t in _TABLES}
    sections = next((e for e in by_table.values() if e), None)
    if sections:
        lines.append(f'sections_same_as: "{sections}"')
    lines += ["", "tables:"]
    for table_id, edition in by_table.items():
        if edition is not None:
            own = [r for r in reports if r.editions.get(table_id) == edition]
            lines += _draft_table(forms.table(edition, table_id), own, number)
    return "\n".join(lines) + "\n"


def _edition_of(table_id: str, reports: Sequence[PrintedForm]) -> str | None:
    """The edition by which most reports were read."""
    found = Counter(r.editions[table_id] for r in reports if table_id in r.editions)
    return max(found, key=lambda e: (found[e], e), default=None)


def _draft_table(table: Table, reports: Sequence[PrintedForm], number: "count[int]") -> list[str]:
    kept = _kept_rows(table, reports)
    new = _new_rows(table, reports)
    lines = [
        f"  {table.table_id}:",
        f"    label: {_quoted(table.label)}",
        f"    label_en: {_quoted(table.label_en)}",
    ]
    if table.aliases:
        lines.append(f"    aliases: [{', '.join(map(_quoted, table.aliases))}]")
    lines.append("    blocks:")
    for block in table.blocks:
        rows = list(_rows(block, kept, new, number))
        if not rows:
            continue  # a part that the reports do not print any more
        lines += [f"      - id: {block.block_id}"]
        if block.caption:
            lines.append(f"        caption: {_quoted(block.caption)}")
        lines += ["        columns:"]
        lines += [f"          - {column}" for column in _columns(table, block, reports, number)]
        lines += ["        rows:", *(f"          - {row}" for row in rows)]
    return lines


def _kept_rows(table: Table, reports: Sequence[PrintedForm]) -> set[str]:
    """The data rows that at least half of the reports print."""
    printed = Counter(row_id for report in reports for row_id in _row_ids(report, table.table_id))
    return {r.row_id for r in table.data_rows if 2 * printed[r.row_id] >= len(reports)}


def _row_ids(report: PrintedForm, table_id: str) -> set[str]:
    return {r.row_id for r in report.rows if r.table_id == table_id and r.label is None}


def _new_rows(table: Table, reports: Sequence[PrintedForm]) -> dict[str, list[str]]:
    """By the known row above ("" at the top) the labels that enough reports print below it, in
    their order.
    """
    above: dict[str, Counter[str]] = defaultdict(Counter)
    order: dict[str, list[int]] = defaultdict(list)
    for report in reports:
        last = ""
        own = (r for r in report.rows if r.table_id == table.table_id)
        for nth, row in enumerate(sorted(own, key=lambda r: r.place)):
            if row.label is None:
                last = row.row_id
            else:
                above[row.label][last] += 1
                order[row.label].append(nth)
    found: dict[str, list[str]] = defaultdict(list)
    for label in sorted(order, key=lambda x: (sum(order[x]) / len(order[x]), x)):
        if above[label].total() >= FEWEST:
            found[max(above[label], key=lambda a: (above[label][a], a))].append(label)
    return found


def _rows(
    block: Block, kept: set[str], new: Mapping[str, Sequence[str]], number: "count[int]"
) -> Iterator[str]:
    """The entries of a block's rows: the edition's with what goes and comes."""
    pending = list(new.get("", ())) if block.rows and block.rows[0].position == 0 else []
    parent = None
    yield from _new_entries(pending, None, number)
    pending = []
    for row in block.rows:
        if row.kind == "header":
            yield _row_entry(row, "header")
        elif row.row_id in kept:
            yield from _new_entries(pending, parent, number)
            pending, parent = list(new.get(row.row_id, ())), None
            yield _row_entry(row, "data")
        elif pending and parent is None:  # the heading of what stands in its place
            parent = row.row_id
            yield _row_entry(row, "header")
    yield from _new_entries(pending, parent, number)


def _new_entries(labels: Sequence[str], parent: str | None, number: "count[int]") -> Iterator[str]:
    for label in labels:
        above = f", parent: {parent}" if parent else ""
        named = f"label: {_quoted(label)}, label_en: {_quoted(label)}"
        yield f"{{id: new_{next(number)}, {named}{above}}}"


def _row_entry(row: Row, kind: str) -> str:
    parts = [f"id: {row.row_id}"]
    parts += [f"label: {_quoted(row.label)}", f"label_en: {_quoted(row.label_en)}"]
    parts += [f"parent: {row.parent}"] if row.parent else []
    parts += [f"kind: {kind}"] if kind != "data" else []
    parts += [f"aliases: [{', '.join(map(_quoted, row.aliases))}]"] if row.aliases else []
    return f"{{{', '.join(parts)}}}"


def _columns(
    table: Table, block: Block, reports: Sequence[PrintedForm], number: "count[int]"
) -> Iterator[str]:
    """The entries of a block's columns: those of the header that enough reports print, else the
    edition's.
    """
    for col_id, label in block.label_columns:
        yield f"{{id: {col_id}, label: {_quoted(label)}, label_en: {_quoted(label)}, kind: label}}"
    printed = Counter(r.headers.get((table.table_id, block.block_id), ()) for r in reports)
    labels, times = max(printed.items(), key=lambda x: (x[1], x[0]), default=((), 0))
    if labels and times >= FEWEST:
        for label in labels:
            yield f"{{id: new_{next(number)}, label: {_quoted(label)}, label_en: {_quoted(label)}}}"
    else:
        yield from map(_column_entry, block.columns)


def _column_entry(column: Column) -> str:
    parts = [
        f"id: {column.col_id}",
        f"label: {_quoted(column.label)}",
        f"label_en: {_quoted(column.label_en)}",
    ]
    parts += [f"parent: {column.parent}"] if column.parent else []
    parts += [f"kind: {column.kind}"] if column.kind != "data" else []
    parts += [f"type: {column.type}"] if column.type != "int" else []
    parts += [f"unit: {column.unit}"] if column.unit else []
    return f"{{{', '.join(parts)}}}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
