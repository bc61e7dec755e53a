"""Misprinted layouts as pure functions on a flow: tables cut, stacked, split into blocks, headers
broken, rows added.

Each takes a flow (and a random source where it chooses) and gives a flow in which a person would
still read the same figures. They are the same for every format; what only one format can do wrong
stands with its writer.
"""

from dataclasses import replace
from fractions import Fraction
from random import Random

from tests.build.report import Anchor, Flow, Line, Report, TableLayout


def cut(table: TableLayout, at: int, labels: bool, header: bool) -> tuple[TableLayout, TableLayout]:
    """`table` in two before row `at`.

    A merged cell that is cut goes on in the second part, with its words if `labels`.

    With `header` the second part repeats the header rows. Cells with figures are never merged over
    rows.
    """
    upper: list[Anchor] = []
    lower: list[Anchor] = []
    for a in table.anchors:
        above = min(a.row + a.row_span, at) - a.row
        if above > 0:
            upper.append(replace(a, row_span=above))
        if above < a.row_span:
            whole = above <= 0
            text = a.text if whole or labels else ""
            lower.append(
                replace(a, text=text, row=max(a.row, at) - at, row_span=a.row_span - max(above, 0))
            )
    down = table.head_rows if header else 0
    if down:
        lower = [a for a in table.anchors if a.row < down] + [
            replace(a, row=a.row + down) for a in lower
        ]
    first = replace(table, anchors=tuple(upper), n_rows=at)
    return first, replace(
        table, anchors=tuple(lower), n_rows=table.n_rows - at + down, head_rows=down
    )


def cut_tables(blocks: Flow, rng: Random, between: Line | None, labels: bool, header: bool) -> Flow:
    """表三 and the annexes cut in two somewhere in their body, with `between` in the gap."""
    out: Flow = []
    for block in blocks:
        if isinstance(block, TableLayout) and block.table_id in ("requests", "statistics"):
            low, high = block.head_rows + 4, block.n_rows - 3
            upper, lower = cut(block, rng.randint(low, high), labels, header)
            out += [upper, *([between] if between else []), lower]
        else:
            out.append(block)
    return out


def blocks_apart(blocks: Flow) -> Flow:
    """Each block of 表二 (a full-width caption and what follows) as a table of its own."""
    out: Flow = []
    for block in blocks:
        if not isinstance(block, TableLayout) or block.table_id != "proactive":
            out.append(block)
            continue
        rest = block
        parts: Flow = []
        for row in sorted(
            (a.row for a in block.anchors if a.col_span == block.n_cols and a.row), reverse=True
        ):
            rest, part = cut(rest, row, labels=True, header=False)
            parts.insert(0, part)
        out += [rest, *parts]
    return out


def broken_header(blocks: Flow) -> Flow:
    """The lowest header row of 表三 broken over two table rows: 商业|科研 above 企业|机构."""
    return [
        _break(b, b.head_rows - 1) if isinstance(b, TableLayout) and b.table_id == "requests" else b
        for b in blocks
    ]


def _break(table: TableLayout, row: int) -> TableLayout:
    anchors: list[Anchor] = []
    for a in table.anchors:
        if a.row > row:
            anchors.append(replace(a, row=a.row + 1))
        elif a.row == row:
            middle = len(a.text) - 2 if len(a.text) > 2 else len(a.text)
            anchors += [
                replace(a, text=a.text[:middle]),
                replace(a, row=row + 1, text=a.text[middle:]),
            ]
        elif a.row + a.row_span > row:
            anchors.append(replace(a, row_span=a.row_span + 1))
        else:
            anchors.append(a)
    return replace(
        table, anchors=tuple(anchors), n_rows=table.n_rows + 1, head_rows=table.head_rows + 1
    )


def metadata(report: Report) -> TableLayout:
    """A table of facts about the document, as sites put before the content."""
    rows = [
        ("名称", report.heading, "分类", "政府信息公开年报"),
        ("索引号", f"000014349/{report.year + 1}-00017", "文号", ""),
        ("发布机构", report.agency, "公开日期", report.published_on),
        ("时效", "", "关键词", ""),
    ]
    anchors = [Anchor(text, r, c) for r, row in enumerate(rows) for c, text in enumerate(row)]
    return TableLayout("", tuple(anchors), len(rows), 4)


def metadata_first(blocks: Flow, report: Report) -> Flow:
    """The flow with `metadata` before all else."""
    return [metadata(report), *blocks]


def sandwich(blocks: Flow) -> Flow:
    """Prose between each heading and its table, and after the table."""
    out: Flow = []
    for block in blocks:
        if isinstance(block, TableLayout) and block.table_id:
            out += [
                Line("各项数据经逐级汇总后填报，具体见下表。"),
                block,
                Line("注：表中数据以本机关实际办理情况为准。", "note"),
            ]
        else:
            out.append(block)
    return out


def row_split(blocks: Flow) -> Flow:
    """The merged label 三、本年度办理结果 printed a second time half-way, as after a page break in
    the source.
    """
    out: Flow = []
    for block in blocks:
        if isinstance(block, TableLayout) and block.table_id == "requests":
            long = max((a for a in block.anchors if a.key is None), key=lambda a: a.row_span)
            half = next(
                a.row
                for a in block.anchors
                if a.row > long.row + long.row_span // 2 and a.col == 1 and a.key is None
            )
            first = replace(long, row_span=half - long.row)
            second = replace(long, row=half, row_span=long.row + long.row_span - half)
            anchors = tuple(
                sorted(
                    [*(a for a in block.anchors if a is not long), first, second],
                    key=lambda a: (a.row, a.col),
                )
            )
            out.append(replace(block, anchors=anchors))
        else:
            out.append(block)
    return out


def stacked(blocks: Flow) -> Flow:
    """All tables of the form in one table, what stands between them as full-width rows; column
    edges stay where they were.
    """
    tables = [b for b in blocks if isinstance(b, TableLayout) and b.table_id]
    edges = sorted({Fraction(c, t.n_cols) for t in tables for c in range(t.n_cols + 1)})
    at = {edge: i for i, edge in enumerate(edges)}
    width = len(edges) - 1
    first, last = blocks.index(tables[0]), blocks.index(tables[-1])
    start = first - 1 if isinstance(blocks[first - 1], Line) else first
    anchors: list[Anchor] = []
    row = 0
    for block in blocks[start : last + 1]:
        if isinstance(block, Line):
            anchors.append(Anchor(block.text, row, 0, 1, width))
            row += 1
            continue
        for a in block.anchors:
            left, right = (
                at[Fraction(a.col, block.n_cols)],
                at[Fraction(a.col + a.col_span, block.n_cols)],
            )
            anchors.append(replace(a, row=a.row + row, col=left, col_span=right - left))
        row += block.n_rows
    return [
        *blocks[:start],
        TableLayout("stacked", tuple(anchors), row, width),
        *blocks[last + 1 :],
    ]


def blank_rows(blocks: Flow) -> Flow:
    """An empty row under each table of the form, as a stray Enter leaves."""
    out: Flow = []
    for block in blocks:
        if isinstance(block, TableLayout) and block.table_id:
            empty = tuple(Anchor("", block.n_rows, c) for c in range(block.n_cols))
            block = replace(block, anchors=(*block.anchors, *empty), n_rows=block.n_rows + 1)
        out.append(block)
    return out
