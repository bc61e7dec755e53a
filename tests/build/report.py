"""A plain model of a report, its official tables as cells with spans, and the values that a reading
of it must give.

`Report` holds what a report says: who, which year, which edition of the form, the printed text of
every cell and six sections of prose. `official_tables` lays the figures out exactly as the form
does; `flow` puts titles, prose and tables in reading order, which is what every writer takes.
`expected_cells` gives state, value and unit of each cell, read by a closed grammar that is
independent of `transform.parse_number`: it knows only the ways of printing that `dress` produces.

Labels come from `transform.form.forms`. Out of scope: markup, bytes and misprinted layouts
(`layouts` and the writers).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from typing import Final, NamedTuple

from transform.form.forms import Column, Row, Table, load_forms

Key = tuple[str, str, str]  # table, row, column

# The edition of each table in a report of an edition: a hybrid has 表二 of 2021 and 表三 of 2019.
PARTS: Final[dict[str, dict[str, str]]] = {
    "2019": {"proactive": "2019", "requests": "2019", "disputes": "2019"},
    "2021": {"proactive": "2021", "requests": "2021", "disputes": "2021"},
    "hybrid": {"proactive": "2021", "requests": "2019", "disputes": "2021"},
    "2014": {"statistics": "2014"},
    "fj2008": {"statistics": "fj2008"},
}
EDITIONS: Final = tuple(PARTS)
STATUTORY: Final = ("2019", "2021", "hybrid")

SECTIONS: Final = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
OLD_SECTIONS: Final = (  # the outline before 2019; the annex closes the report
    "一、概述",
    "二、主动公开政府信息情况",
    "三、依申请公开政府信息情况",
    "四、因政府信息公开申请行政复议、提起行政诉讼情况",
    "五、存在的主要问题和改进措施",
    "六、其他需要说明的事项",
)
TABLE_SECTIONS: Final = {"proactive": 1, "requests": 2, "disputes": 3}
ANNEX: Final = "附表：政府信息公开情况统计表"
FEES_SECTION: Final = "五、信息处理费收取情况"


@dataclass(frozen=True)
class Report:
    """What one report says.

    `figures` maps (table, row, column) to printed text; "" is a blank cell.

    `prose` has six entries, one a section, paragraphs parted by a line break. `omitted` names rows
    that the report leaves out. `labels` maps an official label to the words printed in its place.
    `published_on` is an ISO date or "".
    """

    agency: str
    year: int
    edition: str
    figures: Mapping[Key, str]
    prose: Sequence[str] = ("",) * 6
    title: str = ""
    published_on: str = ""
    omitted: frozenset[tuple[str, str]] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        """The title as printed."""
        return self.title or f"{self.agency}{self.year}年政府信息公开工作年度报告"


@dataclass(frozen=True, slots=True)
class Anchor:
    """One cell of a table with its spans; `key` where it holds a figure, else it is a label, header
    or caption.
    """

    text: str
    row: int
    col: int
    row_span: int = 1
    col_span: int = 1
    key: Key | None = None


@dataclass(frozen=True)
class TableLayout:
    """A table as cells with spans, in reading order.

    The first `head_rows` rows are what a writer may repeat after a cut.

    `table_id` is empty for a table that is no part of the form.
    """

    table_id: str
    anchors: tuple[Anchor, ...]
    n_rows: int
    n_cols: int
    head_rows: int = 0

    def lines(self) -> list[list[Anchor]]:
        """The anchors that begin in each row, from left to right."""
        lines: list[list[Anchor]] = [[] for _ in range(self.n_rows)]
        for anchor in sorted(self.anchors, key=lambda a: (a.row, a.col)):
            lines[anchor.row].append(anchor)
        return lines

    def matrix(self) -> list[list[Anchor | None]]:
        """Dense rows × columns: at each position the anchor that covers it."""
        dense: list[list[Anchor | None]] = [[None] * self.n_cols for _ in range(self.n_rows)]
        for a in self.anchors:
            for r in range(a.row, a.row + a.row_span):
                for c in range(a.col, a.col + a.col_span):
                    dense[r][c] = a
        return dense


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph; `role` is title, heading, text or note."""

    text: str
    role: str = "text"


Flow = list[Line | TableLayout]


class Expected(NamedTuple):
    """What a reading must give for one cell: `value` as printed, `unit` the printed one or else the
    form's.
    """

    state: str
    value: Decimal | None
    unit: str | None


@cache
def form_table(table: str, edition: str) -> Table:
    """The form of `table` in a report of `edition` (one of `EDITIONS`); the optional table of fees
    is that of 2021.
    """
    return load_forms().table(PARTS[edition].get(table, "2021"), table)


@cache
def keys(edition: str) -> tuple[Key, ...]:
    """Every cell that a report of `edition` can hold, in reading order: 198 for 2019, 200 for 2021,
    186 for a hybrid.
    """
    return tuple(
        (table, row, column)
        for table in PARTS[edition]
        for row, column in form_table(table, edition).cells
    )


def unit_of(key: Key, edition: str) -> str | None:
    """The unit that the form prints or implies for a cell, None where it has none."""
    return form_table(key[0], edition).unit_of(key[1], key[2])


# ---- the tables as the form prints them


def _header(columns: Sequence[Column], rows: int, left: int, top: int = 0) -> list[Anchor]:
    """Header cells of a column tree, `rows` deep, from grid column `left` on."""
    children: dict[str | None, list[Column]] = {}
    for column in columns:
        children.setdefault(column.parent, []).append(column)

    def place(column: Column, depth: int, at: int) -> tuple[list[Anchor], int]:
        below = children.get(column.col_id, [])
        if not below:
            return [Anchor(column.label, top + depth, at, rows - depth)], 1
        anchors, width = [], 0
        for child in below:
            more, taken = place(child, depth + 1, at + width)
            anchors += more
            width += taken
        return [Anchor(column.label, top + depth, at, 1, width), *anchors], width

    header, at = [], left
    for column in children[None]:
        anchors, width = place(column, 0, at)
        header += anchors
        at += width
    return header


def _leaves(columns: Sequence[Column]) -> list[Column]:
    """The columns that hold figures, in the order in which the header tree prints them."""
    by_id = {c.col_id: c for c in columns}

    def path(column: Column) -> tuple[int, ...]:
        up = path(by_id[column.parent]) if column.parent else ()
        return (*up, column.position)

    return sorted((c for c in columns if c.kind == "data"), key=path)


def _proactive(report: Report, grid_2019: int) -> TableLayout:
    """表二: blocks of a full-width caption, a header and data rows; the form of 2019 is met with 4
    and 5 columns.
    """
    grid = grid_2019 if PARTS[report.edition]["proactive"] == "2019" else 4
    anchors: list[Anchor] = []
    row = 0
    for block in form_table("proactive", report.edition).blocks:
        columns = block.data_columns
        rows = [r for r in block.rows if ("proactive", r.row_id) not in report.omitted]
        if not rows:
            continue
        spans = _proactive_spans(len(columns), grid, first=row == 0)
        lefts = [1 + sum(spans[:i]) for i in range(len(spans))]
        anchors.append(Anchor(block.caption or "", row, 0, 1, grid))
        anchors.append(Anchor(block.label_columns[0][1], row + 1, 0))
        anchors += [
            Anchor(c.label, row + 1, at, 1, span)
            for c, at, span in zip(columns, lefts, spans, strict=True)
        ]
        row += 2
        for entry in rows:
            anchors.append(Anchor(entry.label, row, 0))
            for column, at, span in zip(columns, lefts, spans, strict=True):
                key = ("proactive", entry.row_id, column.col_id)
                anchors.append(Anchor(report.figures[key], row, at, 1, span, key))
            row += 1
    return TableLayout("proactive", tuple(anchors), row, grid)


def _proactive_spans(values: int, grid: int, first: bool) -> tuple[int, ...]:
    if grid == 5:
        return {1: (4,), 2: (2, 2), 3: (1, 2, 1) if first else (2, 1, 1)}[values]
    return {1: (3,), 2: (1, 2), 3: (1, 1, 1)}[values]


def _requests(report: Report) -> TableLayout:
    """表三: three label columns merged as the rows are, seven value columns, three header rows."""
    form = form_table("requests", report.edition)
    block = form.blocks[0]
    columns = _leaves(block.columns)
    rows = [
        r for r in block.rows if r.kind == "data" and ("requests", r.row_id) not in report.omitted
    ]

    def path(row: Row) -> list[Row]:
        return [*(path(form.row(row.parent)) if row.parent else []), row]

    anchors = [Anchor(form.corners[0], 0, 0, 3, 3), *_header(block.columns, 3, 3)]
    paths = [path(r) for r in rows]
    for i, steps in enumerate(paths):
        for depth, step in enumerate(steps):
            if i and depth < len(paths[i - 1]) and paths[i - 1][depth].row_id == step.row_id:
                continue
            span = sum(
                1 for other in paths if depth < len(other) and other[depth].row_id == step.row_id
            )
            anchors.append(
                Anchor(step.label, 3 + i, depth, span, 3 - depth if depth == len(steps) - 1 else 1)
            )
        for at, column in enumerate(columns):
            key = ("requests", rows[i].row_id, column.col_id)
            anchors.append(Anchor(report.figures[key], 3 + i, 3 + at, key=key))
    return TableLayout("requests", tuple(anchors), 3 + len(rows), 10, 3)


def _disputes(report: Report) -> TableLayout:
    """表四: three header rows and one row of fifteen numbers without a label."""
    block = form_table("disputes", report.edition).blocks[0]
    (row,) = block.rows
    anchors = _header(block.columns, 3, 0)
    for at, column in enumerate(_leaves(block.columns)):
        key = ("disputes", row.row_id, column.col_id)
        anchors.append(Anchor(report.figures[key], 3, at, key=key))
    return TableLayout("disputes", tuple(anchors), 4, 15, 3)


def _statistics(report: Report) -> TableLayout:
    """The annex before 2019: indicator, unit, one or two columns of figures; header rows print ——
    for their unit.
    """
    block = form_table("statistics", report.edition).blocks[0]
    columns = block.data_columns
    heads = [label for _, label in block.label_columns] + [
        c.label.replace("YYYY", str(report.year)) for c in columns
    ]
    anchors = [Anchor(text, 0, at) for at, text in enumerate(heads)]
    line = 1
    for row in block.rows:
        if ("statistics", row.row_id) in report.omitted:
            continue
        filled = row.kind != "header"
        anchors += [Anchor(row.label, line, 0), Anchor(row.unit or "——", line, 1)]
        for at, column in enumerate(columns):
            key = ("statistics", row.row_id, column.col_id)
            anchors.append(
                Anchor(report.figures[key], line, 2 + at, key=key)
                if filled
                else Anchor("——", line, 2 + at)
            )
        line += 1
    return TableLayout("statistics", tuple(anchors), line, 2 + len(columns), 1)


def _fees(report: Report) -> TableLayout:
    """The optional table of fees: a header and one row of three numbers without a label."""
    block = form_table("fees", report.edition).blocks[0]
    (row,) = block.rows
    anchors = [Anchor(c.label, 0, at) for at, c in enumerate(block.data_columns)]
    for at, column in enumerate(block.data_columns):
        key = ("fees", row.row_id, column.col_id)
        anchors.append(Anchor(report.figures[key], 1, at, key=key))
    return TableLayout("fees", tuple(anchors), 2, len(block.data_columns), 1)


def official_tables(report: Report, grid_2019: int = 5) -> list[TableLayout]:
    """The tables of `report` with cells and spans as in the official form, printed labels in place
    of official ones.

    表二 has 4 grid columns (2021) or `grid_2019` (2019; 4 and 5 are both met), 表三 10, 表四 15,
    the annexes 3 or 4.
    """
    makers: dict[str, Callable[[Report], TableLayout]] = {
        "proactive": partial(_proactive, grid_2019=grid_2019),
        "requests": _requests,
        "disputes": _disputes,
        "statistics": _statistics,
    }
    tables = [makers[name](report) for name in PARTS[report.edition]]
    if any(key[0] == "fees" for key in report.figures):
        tables.append(_fees(report))
    return [relabelled(t, report.labels) for t in tables]


def relabelled(table: TableLayout, labels: Mapping[str, str]) -> TableLayout:
    """`table` with the words of its label cells replaced where `labels` names them."""
    anchors = tuple(
        a
        if a.key is not None or a.text not in labels
        else Anchor(labels[a.text], a.row, a.col, a.row_span, a.col_span)
        for a in table.anchors
    )
    return TableLayout(table.table_id, anchors, table.n_rows, table.n_cols, table.head_rows)


def flow(report: Report, grid_2019: int = 5) -> Flow:
    """Title, date, and the sections in order, each with its prose and its table; an annex comes
    last.
    """
    tables = {t.table_id: t for t in official_tables(report, grid_2019)}
    blocks: Flow = [Line(report.heading, "title")]
    if report.published_on:
        blocks.append(Line(f"发布日期：{report.published_on}", "note"))
    for i, heading in enumerate(OLD_SECTIONS if "statistics" in tables else SECTIONS):
        # the extra table takes number five and pushes the others down
        if "fees" in tables and i >= 4:
            if i == 4:
                blocks += [Line(FEES_SECTION, "heading"), tables["fees"]]
            heading = "六七"[i - 4] + heading[1:]
        blocks.append(Line(heading, "heading"))
        blocks += [Line(text) for text in report.prose[i].split("\n") if text]
        blocks += [t for name, t in tables.items() if TABLE_SECTIONS.get(name) == i]
    if "statistics" in tables:
        blocks += [Line(ANNEX, "heading"), tables["statistics"]]
    return blocks


# ---- what a reading must give

_PRINTED: Final = re.compile(
    r"([+-]?)(\d[\d, ]*(?:\.\d+)?)(万元|元|件|条|笔|项|个|次|篇|人次|人)?(?:\(.*\))?"
    r"(?:[①-⑳¹²³*]|\[\d\])?",  # the mark of a note
    re.DOTALL,
)
_FOLD: Final = str.maketrans("０１２３４５６７８９．，＋－（）\u00a0\u3000", "0123456789.,+-()  ")
MARKERS: Final = ("/", "-", "—", "——", "无", "不适用")


def read_printed(text: str) -> Expected:
    """State, value and printed unit of a cell's text, for the ways of printing that `dress` knows.

    Raises ValueError for any other text, so that a new dressing cannot pass unnoticed.
    """
    folded = text.translate(_FOLD).strip()
    if not folded:
        return Expected("blank", None, None)
    if folded in MARKERS:
        return Expected("marker", None, None)
    found = _PRINTED.fullmatch(folded)
    if found is None:
        raise ValueError(f"no dressing prints a cell as {text!r}")
    value = Decimal(found[1] + found[2].replace(",", "").replace(" ", ""))
    return Expected("number" if value else "zero", value, found[3])


def expected_cells(report: Report) -> dict[Key, Expected]:
    """What a reading of `report` must give, for every cell whose row is printed (omitted rows are
    left out).
    """
    cells: dict[Key, Expected] = {}
    for key, text in report.figures.items():
        if key[:2] not in report.omitted:
            state, value, unit = read_printed(text)
            cells[key] = Expected(state, value, unit or unit_of(key, report.edition))
    return cells


def anchors_of(blocks: Iterable[Line | TableLayout]) -> Iterator[Anchor]:
    """Every cell of every table of a flow."""
    for block in blocks:
        if isinstance(block, TableLayout):
            yield from block.anchors
