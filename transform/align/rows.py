"""Which data line is which row of the form, by labels first and by order where they leave no doubt.

Takes the lines of one printing (`transform.align.data_rows`) and the table of one edition; gives
`RowMatches`: for the index of each line that is a row of the form that row, its block and how sure
that is, how near each label came, and remarks on what was in doubt.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from extract.document import Cell
from transform.align.columns import OFFICIAL, columns_of
from transform.align.data_rows import Body, likes_of
from transform.align.labels import EXACT
from transform.align.monotone import monotone
from transform.form.forms import Block, Row, Table
from transform.records import Remark

BY_ORDER: Final = 0.9  # confidence of a row or column that was named by its position alone
LIKENESS_BY_ORDER: Final = 0.5  # of a row that no label names

Match = dict[int, tuple[Row, Block, float]]  # line -> (row, its block, confidence)


@dataclass(frozen=True)
class RowMatches:
    """Which lines are which rows; `likeness` is by row_id how near the line's label came."""

    lines: Match
    likeness: dict[str, float]
    remarks: tuple[Remark, ...] = ()


def match_rows(bodies: list[Body], table: Table) -> RowMatches:
    """Which data line is which row of the form: monotone by labels, then by exact labels out of
    order, then by order in gaps.
    """
    if len(table.data_rows) == 1 and not table.data_rows[0].label:
        return _match_single_row(bodies, table)
    rows = [(row, block) for block in table.blocks for row in block.rows]
    likes = [likes_of(b.label, table) for b in bodies]
    pairs = monotone(likes)
    out_of_order = _match_out_of_order(bodies, rows, likes, dict(pairs))
    named = dict(pairs) | out_of_order
    gaps = list(_gaps(bodies, rows, pairs, named))
    by_order = dict(pair for gap in gaps if gap.is_full(bodies, rows) for pair in gap.pairs)
    likeness = {rows[j][0].row_id: likes[i][j] for i, j in named.items()}
    likeness |= {rows[j][0].row_id: LIKENESS_BY_ORDER for j in by_order.values()}
    lines: Match = {i: (*rows[j], 1.0) for i, j in named.items()}
    lines |= {i: (*rows[j], BY_ORDER) for i, j in by_order.items()}
    remarks = [
        *(
            Remark("row.out_of_order", rows[j][0].row_id, printed=bodies[i].label)
            for i, j in out_of_order.items()
        ),
        *(remark for gap in gaps for remark in gap.remarks(bodies, rows)),
        *_remark_labels(bodies, lines, likeness),
    ]
    return RowMatches(lines, likeness, tuple(remarks))


def _remark_labels(
    bodies: list[Body], lines: Match, likeness: dict[str, float]
) -> Iterator[Remark]:
    for i, (row, _, _) in lines.items():
        if bodies[i].label and likeness[row.row_id] < OFFICIAL:
            yield Remark("label.not_official", row.row_id, printed=bodies[i].label, meant=row.label)


Rows = Sequence[tuple[Row, Block]]


def _match_out_of_order(
    bodies: list[Body], rows: Rows, likes: list[list[float]], matched: dict[int, int]
) -> dict[int, int]:
    """Lines with values whose label is exactly that of a data row that no line was matched to."""
    found: dict[int, int] = {}
    for i, like in enumerate(likes):
        j = max(range(len(rows)), key=lambda k: like[k], default=0)
        if i in matched or not bodies[i].values or like[j] < EXACT or rows[j][0].kind != "data":
            continue
        if j not in matched.values() and j not in found.values():
            found[i] = j
    return found


@dataclass(frozen=True)
class _Gap:
    """Between two matched rows: lines with values and no label, and data rows without a line."""

    lines: list[int]
    rows: list[int]

    @property
    def pairs(self) -> Iterable[tuple[int, int]]:
        return zip(self.lines, self.rows, strict=True)

    def is_full(self, bodies: list[Body], rows: Rows) -> bool:
        """Whether there are as many lines as rows, each with as many values: they are those
        rows."""
        return len(self.lines) == len(self.rows) and all(
            _counts(bodies[i], len(rows[j][1].data_columns)) for i, j in self.pairs
        )

    def remarks(self, bodies: list[Body], rows: Rows) -> list[Remark]:
        if self.is_full(bodies, rows):
            only = sum(row.kind == "data" for row, _ in rows) == 1  # needs no label to be known
            return [] if only else [Remark("row.by_order", rows[j][0].row_id) for j in self.rows]
        return [_unknown_row(bodies[i]) for i in self.lines]


def _gaps(
    bodies: list[Body], rows: Rows, pairs: list[tuple[int, int]], named: dict[int, int]
) -> Iterator[_Gap]:
    bounds = [(-1, -1), *pairs, (len(bodies), len(rows))]
    taken = set(named.values())
    for (i0, j0), (i1, j1) in pairwise(bounds):
        loose = [
            i
            for i in range(i0 + 1, i1)
            if i not in named and not bodies[i].label and _holds_value(bodies[i])
        ]
        if loose:
            yield _Gap(
                loose,
                [j for j in range(j0 + 1, j1) if j not in taken and rows[j][0].kind == "data"],
            )


def _unknown_row(body: Body) -> Remark:
    return Remark("row.unknown", printed=" | ".join(c.text.strip() for c in body.values))


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


def _match_single_row(bodies: list[Body], table: Table) -> RowMatches:
    """A table of one row without a label: the one line with numbers under a whole header, or lines
    that share its columns.

    Where several lines could be it (two years, several offices) none is, unless they say the same.
    """
    block, row = table.blocks[0], table.data_rows[0]
    numeric = [i for i, b in enumerate(bodies) if b.line.first_number < len(b.line.cells)]
    counted = [i for i in numeric if not _is_count(bodies[i].values)]
    candidates = counted or numeric
    chosen = _choose_lines(bodies, block, candidates)
    if not numeric:
        chosen = _line_without_number(bodies, len(block.data_columns))
    return RowMatches(
        dict.fromkeys(chosen, (row, block, 1.0)),
        {row.row_id: 1.0} if chosen else {},
        tuple(_unknown_row(bodies[i]) for i in candidates if i not in chosen),
    )


def _line_without_number(bodies: list[Body], width: int) -> list[int]:
    """The first line of as many cells in which something else stands, or else of blank ones."""
    whole = [i for i, body in enumerate(bodies) if len(body.values) == width]
    standing = [i for i in whole if bodies[i].is_open]
    blank = [i for i in whole if bodies[i].line.is_blank]
    return (standing or blank)[:1]


def _choose_lines(bodies: list[Body], block: Block, candidates: list[int]) -> list[int]:
    """The lines that make the one row: one with a value for every column, or several that share
    the columns; none where it could be more than one.
    """
    wanted = {c.col_id for c in block.data_columns}
    orders = {i: wanted.intersection(_order(bodies[i], block)) for i in candidates}
    chosen = [i for i, order in orders.items() if order == wanted] or candidates
    if len({tuple(c.text.strip() for c in bodies[i].values) for i in chosen}) == 1:
        chosen = chosen[:1]
    if sum(len(orders[i]) for i in chosen) > len(set().union(*(orders[i] for i in chosen))):
        return []
    return chosen


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
