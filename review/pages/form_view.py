"""A table of the form as it looks on paper: its merged heads and labels, and the cells of one
report.

`table_view(table, cells, marks, lang)` gives rows of heads and rows of cells, each with its spans,
ready for a template. A header row of the form that has rows below it is no line of its own: its
label spans them, as on the printed form. `CellMark` is what is to be shown of a cell beside its
text.

Out of scope: which cells are marked (`review.pages.issues`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from transform.form.forms import Block, Column, Row, Table
from transform.records import CellRow

Key = tuple[str, str, str]  # table_id, row_id, col_id

_NUMBERS: Final = ("number", "zero")


@dataclass(frozen=True, slots=True)
class CellMark:
    """What is shown of one cell: the worst level of a finding on it, the value that it should have,
    and the value that the rules prove for a blank.
    """

    level: str = ""
    suspected: bool = False
    implied: str = ""
    proved: str = ""
    note: str = ""  # what else is known of it: bounds of a blank, another reading


@dataclass(frozen=True, slots=True)
class Label:
    """One head or label with its spans."""

    text: str
    colspan: int = 1
    rowspan: int = 1
    depth: int = 0  # of a row that is a part of the row above


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell with its spans; `key` is table|row|column."""

    key: str
    anchor: str
    state: str
    text: str
    name: str
    mark: CellMark
    colspan: int = 1
    place: str = ""  # grid.row.column as printed, to find it in the source


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One line of the table: heads alone, or labels and cells."""

    labels: tuple[Label, ...] = ()
    cells: tuple[ShownCell, ...] = ()
    is_head: bool = False


@dataclass(frozen=True, slots=True)
class ShownTable:
    """One table; `columns` is its width, labels included."""

    table_id: str
    label: str
    rows: tuple[ShownRow, ...]
    columns: int
    label_columns: int
    found: bool = True


@dataclass(frozen=True)
class FormCells:
    """The cells of one report, how they are marked, and the language of the labels."""

    cells: Mapping[Key, CellRow]
    marks: Mapping[Key, CellMark] = field(default_factory=dict)
    lang: str = "zh"

    def label(self, part: Row | Column | Table) -> str:
        return part.label if self.lang == "zh" else part.label_en


def anchor_of(key: Key) -> str:
    """The id of a cell in a page."""
    return "-".join(("cell", *key))


def table_view(table: Table, shown: FormCells, name: Mapping[Key, str], found: bool) -> ShownTable:
    """The table with its cells; rows that the form does not have come last."""
    labels = max(map(_label_depth, table.blocks))
    width = labels + max(len(b.data_columns) for b in table.blocks)
    rows: list[ShownRow] = []
    for block in table.blocks:
        spread = _spread(len(block.data_columns), width - labels)
        rows += _heads(table, block, shown, labels, spread)
        rows += _lines(table, block, shown, labels, spread, name)
    rows += _extra(table, shown, labels, width)
    return ShownTable(table.table_id, shown.label(table), tuple(rows), width, labels, found)


def _spread(count: int, width: int) -> list[int]:
    """Spans of `count` columns over `width`: as even as can be, the first ones wider."""
    least, more = divmod(width, count)
    return [least + (n < more) for n in range(count)]


def _row_depth(block: Block, row: Row) -> int:
    """How many header rows stand above a row."""
    by_id = {r.row_id: r for r in block.rows}
    depth, parent = 0, by_id.get(row.parent or "")
    while parent is not None:
        depth += parent.kind == "header"
        parent = by_id.get(parent.parent or "")
    return depth


def _label_depth(block: Block) -> int:
    """How many columns of labels a block needs; none where its rows have no label."""
    if not any(r.label for r in block.rows):
        return 0
    return 1 + max(_row_depth(block, r) for r in block.rows if r.kind == "data")


def _heads(
    table: Table, block: Block, shown: FormCells, labels: int, spread: Sequence[int]
) -> Iterator[ShownRow]:
    if block.caption:
        caption = block.caption if shown.lang == "zh" else block.caption_en or block.caption
        yield ShownRow((Label(caption, labels + sum(spread)),), is_head=True)
    columns = {c.col_id: c for c in block.columns}
    spans = dict(zip((c.col_id for c in block.data_columns), spread, strict=True))
    height = 1 + max(_column_depth(columns, c) for c in spans)
    lines: list[list[Label]] = [[] for _ in range(height)]
    if labels:
        lines[0].append(Label(_corner(table, block, shown), labels, height))
    for column in _from_the_left(block, None):
        depth = _column_depth(columns, column.col_id)
        span = _width(columns, spans, column.col_id)
        tall = height - depth if column.col_id in spans else 1
        if span:
            lines[depth].append(Label(_own_label(column, shown), span, tall))
    yield from (ShownRow(tuple(line), is_head=True) for line in lines)


def _from_the_left(block: Block, parent: str | None) -> Iterator[Column]:
    """The columns below a head, each before those below it."""
    for column in block.columns:
        if column.parent == parent:
            yield column
            yield from _from_the_left(block, column.col_id)


def _own_label(column: Column, shown: FormCells) -> str:
    """The label without the group, which stands above."""
    label = shown.label(column)
    return label if shown.lang == "zh" or column.parent is None else label.rpartition(": ")[2]


def _corner(table: Table, block: Block, shown: FormCells) -> str:
    if shown.lang != "zh":
        return "Item"
    return next(iter(table.corners), "") or (
        block.label_columns[0][1] if block.label_columns else ""
    )


def _column_depth(columns: Mapping[str, Column], col_id: str) -> int:
    depth, parent = 0, columns[col_id].parent
    while parent is not None:
        depth, parent = depth + 1, columns[parent].parent
    return depth


def _width(columns: Mapping[str, Column], spans: Mapping[str, int], col_id: str) -> int:
    """How many columns of the table stand below a head."""
    if col_id in spans:
        return spans[col_id]
    return sum(_width(columns, spans, c.col_id) for c in columns.values() if c.parent == col_id)


def _lines(
    table: Table,
    block: Block,
    shown: FormCells,
    labels: int,
    spread: Sequence[int],
    name: Mapping[Key, str],
) -> Iterator[ShownRow]:
    data = [r for r in block.rows if r.kind == "data"]
    spans_rows = {r.row_id: _rows_below(block, r) for r in block.rows if r.kind == "header"}
    waiting: list[Label] = []
    for row in block.rows:
        if row.kind == "header":
            if spans_rows[row.row_id]:
                waiting.append(Label(shown.label(row), 1, spans_rows[row.row_id]))
            continue
        own = (
            [Label(_row_label(row, shown), labels - _row_depth(block, row), 1, _indent(data, row))]
            if labels
            else []
        )
        cells = tuple(
            _cell((table.table_id, row.row_id, column.col_id), shown, span, name)
            for column, span in zip(block.data_columns, spread, strict=True)
        )
        yield ShownRow((*waiting, *own), cells)
        waiting = []


def _row_label(row: Row, shown: FormCells) -> str:
    """The label without the group in English, where the form's own words repeat it."""
    label = shown.label(row)
    return (
        label if shown.lang == "zh" or "." not in row.row_id else label.partition(": ")[2] or label
    )


def _rows_below(block: Block, header: Row) -> int:
    """How many lines with cells stand below a header row."""
    below = [r for r in block.rows if r.parent == header.row_id]
    return sum((r.kind == "data") + _rows_below(block, r) for r in below)


def _indent(data: Sequence[Row], row: Row) -> int:
    """How many rows with cells of their own the row is a part of."""
    by_id = {r.row_id: r for r in data}
    depth, parent = 0, by_id.get(row.parent or "")
    while parent is not None:
        depth, parent = depth + 1, by_id.get(parent.parent or "")
    return depth


def _cell(key: Key, shown: FormCells, span: int, name: Mapping[Key, str]) -> ShownCell:
    cell = shown.cells.get(key)
    mark = shown.marks.get(key, CellMark())
    if cell is None:
        return ShownCell("|".join(key), anchor_of(key), "absent", "", name.get(key, ""), mark, span)
    text = " ".join((cell.raw_text or "").split())
    place = "" if cell.grid is None else f"{cell.grid}.{cell.grid_row}.{cell.grid_col}"
    return ShownCell(
        "|".join(key), anchor_of(key), cell.state, text, name.get(key, ""), mark, span, place
    )


def _extra(table: Table, shown: FormCells, labels: int, width: int) -> Iterator[ShownRow]:
    """Rows that stand in the document and not in the form."""
    known = {r.row_id for r in table.rows}
    extra: dict[str, list[Key]] = {}
    for key in shown.cells:
        if key[0] == table.table_id and key[1] not in known:
            extra.setdefault(key[1], []).append(key)
    for keys in extra.values():
        cells = tuple(_cell(key, shown, 1, {}) for key in keys[: width - labels])
        rest = width - labels - len(cells)
        label = "表外行" if shown.lang == "zh" else "A row that the form does not have"
        yield ShownRow((Label(label, labels + rest),) if labels + rest else (), cells)
