"""Which data line is which row of the form, by labels first and by order where they leave no doubt.

Takes the lines of one printing (`transform.align.data_rows`) and the table of one edition; gives
for the index of each line that is a row of the form that row, its block and how sure that is. What
was doubtful goes to `remarks`, and how near each label came to `nearness`.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from extract.document import Cell
from transform.align.columns import columns_of, monotone
from transform.align.data_rows import Body, likes_of
from transform.align.labels import EXACT
from transform.form.forms import Block, Row, Table
from transform.records import Remark

BY_ORDER: Final = 0.9  # confidence of a row or column that was told by its position alone
OFFICIAL: Final = 0.9  # a label less like the form's than this is remarked

Match = dict[int, tuple[Row, Block, float]]


def match_rows(
    bodies: list[Body], table: Table, nearness: dict[str, float], remarks: list[Remark]
) -> Match:
    """Which data line is which row of the form: monotone by labels, then by exact labels out of
    order, then by order in gaps.
    """
    rows = [(row, block) for block in table.blocks for row in block.rows]
    if len(table.data_rows) == 1 and not table.data_rows[0].label:
        return _single_row(bodies, table, nearness, remarks)
    likes = [likes_of(b.label, table) for b in bodies]
    pairs = monotone(likes)
    matches: Match = {}
    for i, j in pairs:
        matches[i] = (*rows[j], 1.0)
        nearness[rows[j][0].row_id] = likes[i][j]
    taken = {j for _, j in pairs}
    for i, like in enumerate(likes):
        j = max(range(len(rows)), key=lambda k: like[k], default=0)
        if (
            i not in matches
            and bodies[i].values
            and like[j] >= EXACT
            and j not in taken
            and rows[j][0].kind == "data"
        ):
            matches[i] = (*rows[j], 1.0)
            taken.add(j)
            nearness[rows[j][0].row_id] = like[j]
            remarks.append(Remark("row.out_of_order", rows[j][0].row_id, printed=bodies[i].label))
    _fill_gaps(bodies, rows, pairs, taken, matches, nearness, remarks)
    for i, (row, _, _) in matches.items():
        if bodies[i].label and nearness[row.row_id] < OFFICIAL:
            remarks.append(
                Remark("label.not_official", row.row_id, printed=bodies[i].label, meant=row.label)
            )
    return matches


def _fill_gaps(
    bodies: list[Body],
    rows: list[tuple[Row, Block]],
    pairs: list[tuple[int, int]],
    taken: set[int],
    matches: Match,
    nearness: dict[str, float],
    remarks: list[Remark],
) -> None:
    """Between two matched rows: as many lines without a label as data rows are missing are those
    rows, in order.
    """
    bounds = [(-1, -1), *pairs, (len(bodies), len(rows))]
    for (i0, j0), (i1, j1) in pairwise(bounds):
        loose = [
            i
            for i in range(i0 + 1, i1)
            if i not in matches and not bodies[i].label and _holds_value(bodies[i])
        ]
        open_rows = [j for j in range(j0 + 1, j1) if j not in taken and rows[j][0].kind == "data"]
        if (
            loose
            and len(loose) == len(open_rows)
            and all(
                _counts(bodies[i], len(rows[j][1].data_columns))
                for i, j in zip(loose, open_rows, strict=True)
            )
        ):
            for i, j in zip(loose, open_rows, strict=True):
                matches[i] = (*rows[j], BY_ORDER)
                nearness[rows[j][0].row_id] = 0.5
                remarks.append(Remark("row.by_order", rows[j][0].row_id))
        else:
            for i in loose:
                remarks.append(
                    Remark(
                        "row.unknown", printed=" | ".join(c.text.strip() for c in bodies[i].values)
                    )
                )


def _counts(body: Body, wanted: int) -> bool:
    """Whether the line has as many values, empty label cells aside, and more than one: a lone one
    may be the page's number.
    """
    filled = sum(bool(c.text.strip()) for c in body.values)
    inside = sum(bool(c.text.strip()) or c.col + c.col_span > body.zone for c in body.values)
    return wanted in (len(body.values), inside) and (wanted == 1 or filled > 1)


def _holds_value(body: Body) -> bool:
    return any(c.text.strip() for c in body.values)


def without_strangers(bodies: list[Body], matches: Match) -> Match:
    """The matches without those in a grid of which most lines with label and number are no row of
    the form: that is another table.
    """
    known: dict[int, list[bool]] = {}
    for i, body in enumerate(bodies):
        if body.label and (body.holds_number or i in matches):
            known.setdefault(body.line.grid, []).append(i in matches)
    strangers = {grid for grid, found in known.items() if 2 * sum(found) < len(found)}
    return {i: match for i, match in matches.items() if bodies[i].line.grid not in strangers}


def _single_row(
    bodies: list[Body], table: Table, nearness: dict[str, float], remarks: list[Remark]
) -> Match:
    """A table of one row without a label: the one line with numbers under a whole header, or lines
    that share its columns.

    Where several lines could be it (two years, several offices) none is, unless they say the same.
    """
    block = table.blocks[0]
    wanted = {c.col_id for c in block.data_columns}
    numeric = [i for i, b in enumerate(bodies) if b.line.first_number < len(b.line.cells)]
    counted = [i for i in numeric if not _is_count(bodies[i].values)]
    orders = {i: wanted.intersection(_order(bodies[i], block)) for i in counted or numeric}
    chosen = [i for i, order in orders.items() if order == wanted] or list(orders)
    if len({tuple(c.text.strip() for c in bodies[i].values) for i in chosen}) == 1:
        chosen = chosen[:1]
    if sum(len(orders[i]) for i in chosen) > len(set().union(*(orders[i] for i in chosen))):
        chosen = []
    if not numeric:
        chosen = [
            i for i, b in enumerate(bodies) if b.line.is_blank and len(b.values) == len(wanted)
        ][:1]
    for i in numeric:
        if i not in chosen and (i in counted or not counted):
            remarks.append(
                Remark("row.unknown", printed=" | ".join(c.text.strip() for c in bodies[i].values))
            )
    for _ in chosen:
        nearness[table.data_rows[0].row_id] = 1.0
    return dict.fromkeys(chosen, (table.data_rows[0], block, 1.0))


def _order(body: Body, block: Block) -> tuple[str, ...]:
    """The columns that the line's header tells, or, where only their order can, that it has a value
    for each.
    """
    columns = columns_of(body.header, block, body.header_zone)
    return () if columns.by_order and len(body.values) < len(columns.order) else columns.order


def _is_count(values: Sequence[Cell]) -> bool:
    """Whether the values are 1, 2, 3 … : the columns' numbers and no figures."""
    return len(values) > 2 and [c.text.strip() for c in values] == [
        str(n + 1) for n in range(len(values))
    ]
