"""The data lines of one printing of a form table, each cut into its label and its values, under the
header above it.

Takes a `Copy` (`transform.align.segment`) and the table of one edition; gives `Body`s in printed
order, header lines and blank lines left out.

Out of scope: which row a line is (`transform.align.rows`), which column a value is
(`transform.align.values`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from extract.document import Cell
from transform.align.header import (
    Header,
    header_of,
    is_header,
    is_row_without_label,
    may_hold_number,
)
from transform.align.labels import EXACT, folded, key, likeness
from transform.align.segment import Copy, TableLine
from transform.form.forms import Row, Table
from transform.parse_number import parse


@dataclass(frozen=True)
class Body:
    """One data line: the label, the value cells, and the header that stands above it with the
    column at which its grid's labels end.
    """

    line: TableLine
    label: str
    values: tuple[Cell, ...]
    header: Header | None
    header_grid: int | None
    zone: int
    header_zone: int

    @property
    def holds_number(self) -> bool:
        """Whether any value reads as a number."""
        return any(parse(c.text).value is not None for c in self.values)

    @property
    def holds_words(self) -> bool:
        """Whether any value is words without a digit."""
        return any(
            parse(c.text).state == "text" and not any(ch.isdigit() for ch in c.text)
            for c in self.values
        )

    @property
    def is_open(self) -> bool:
        """Whether it has no label and, under a header, texts in which a digit or something
        unreadable stands, and not one number.
        """
        return (
            self.header is not None
            and not self.label
            and not self.holds_number
            and any(may_hold_number(c.text) for c in self.values)
        )


def bodies_of(copy: Copy, table: Table) -> list[Body]:
    """The data lines of a copy, each with the header that stands above it."""
    found = list(_with_headers(copy, table))
    zones = _label_zones((line for line, _ in found), table)
    bodies = (_body(line, above, zones, table) for line, above in found)
    return [b for b in bodies if b.label or b.values]


class _HeaderAbove(NamedTuple):
    """The header that stands above a line, and the grid that it stands in."""

    header: Header | None = None
    grid: int | None = None


def _with_headers(copy: Copy, table: Table) -> Iterator[tuple[TableLine, _HeaderAbove]]:
    """The lines that are no header, each with the header above it; blank lines are left out where
    rows have labels.
    """
    head: list[TableLine] = []
    above = _HeaderAbove()
    for line in copy.lines:
        if is_header(line, table, following=bool(head)):
            head.append(line)
            continue
        if head:
            above, head = _HeaderAbove(header_of(head, table), head[-1].grid), []
        if not (line.is_blank and table.data_rows[0].label):
            yield line, above


def _label_zones(lines: Iterable[TableLine], table: Table) -> dict[int, int]:
    """For each grid the grid column at which its row labels end."""
    zones: dict[int, int] = {}
    for line in lines:
        named = [c for c in line.words if any(likes_of(c.text, table))]
        if named:
            end = named[-1].col + named[-1].col_span
            zones[line.grid] = max(zones.get(line.grid, 0), end)
    return zones


def _body(line: TableLine, above: _HeaderAbove, zones: dict[int, int], table: Table) -> Body:
    """One data line cut into label and values.

    The label is the last cell with words that begins where labels stand in this grid (before its
    zone ends). One that reaches in from the line above labels that line, not this one.
    """
    zone = zones.get(line.grid, 0)
    zone_above = 0 if above.grid is None else zones.get(above.grid, 0)
    if is_row_without_label(line, table):
        return Body(line, "", line.cells, above.header, above.grid, zone, zone_above)
    words = line.words
    labels = [c for c in words if c.col < zone] or words
    label = next((c for c in reversed(labels) if line.starts(c)), labels[-1] if labels else None)
    values = line.cells[line.cells.index(label) + 1 :] if label else line.cells
    # a group's label pushed to the right by wrong spans
    values = tuple(c for c in values if line.starts(c) or c not in words)
    units = (
        {r.unit for r in table.data_rows if r.unit} | {"——"}
        if table.blocks[0].label_columns[1:]
        else set()
    )
    if values and folded(values[0].text) in units:
        values = values[1:]
    text = label.text if label and line.starts(label) else ""
    return Body(line, text, values, above.header, above.grid, zone, zone_above)


def row_labels(row: Row) -> tuple[str, ...]:
    """All texts that name a row."""
    return (row.label, *row.aliases) if row.label else ()


@lru_cache(maxsize=64)
def _rows_by_key(table: Table) -> dict[str, tuple[int, ...]]:
    """The positions of the rows that a label's key names."""
    index: dict[str, tuple[int, ...]] = {}
    for j, row in enumerate(table.rows):
        for k in {key(label) for label in row_labels(row)}:
            index[k] = (*index.get(k, ()), j)
    return index


@lru_cache(maxsize=64)
def _rows_by_path(table: Table) -> dict[str, int]:
    """The positions of the rows by their label behind those of their groups, which some print in
    one cell: 三、本年度办理结果（一）予以公开.
    """
    index: dict[str, int] = {}
    for j, row in enumerate(table.rows):
        path, above = row.label, row.parent
        while above and row.label:
            path, above = f"{table.row(above).label} {path}", table.row(above).parent
            if key(path) not in _rows_by_key(table):
                index[key(path)] = j
    return index


@lru_cache(maxsize=16_384)
def likes_of(label: str, table: Table) -> list[float]:
    """The label's likeness to each row of the table; where its key is exactly a row's, to no
    other."""
    likes = [0.0] * len(table.rows)
    path = _rows_by_path(table).get(key(label)) if label else None
    if path is not None:
        likes[path] = EXACT
    elif label:
        for j in _rows_by_key(table).get(key(label)) or range(len(likes)):
            likes[j] = likeness(label, row_labels(table.rows[j]))
    return likes
