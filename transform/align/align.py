"""Lines of a form table to its rows and columns: which printed cell is which cell of the form.

Takes the copies of one table (`transform.align.segment`) and the forms; gives one `Aligned` per
table: for each cell of the form the printed text with its place, the edition whose table it is,
extra rows, and remarks on every doubt.

How: the edition is the one whose rows and columns the labels fit best, per table, never by the
year. Rows are matched by a monotone alignment of labels (exact first, then aliases and typos, then
order where a gap holds exactly as many lines without a label as rows of the form are missing).
Columns are matched by the header's labels; values are then taken in order, if there are as many as
columns, and by their place under the header if not. A value that stands over several columns or
rows belongs to none of them: it is kept as text.

Out of scope: what a text says as a number (`transform.parse_number`), what to do with a table that
is not there (`transform.tidy`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from extract.document import Cell
from transform.align.boxes import extents_by_boxes
from transform.align.columns import ColumnMap, columns_of
from transform.align.data_rows import Body, bodies_of
from transform.align.labels import key
from transform.align.rows import BY_ORDER, Match, match_rows, without_strangers
from transform.align.segment import Copy
from transform.align.values import EXTRA, UNNAMED, Extents, Values, place_values
from transform.form.forms import Block, Edition, Forms, Row, Table
from transform.parse_number import parse
from transform.records import Remark

UNDECIDED = 0.0  # confidence of a text of which nobody can say which part belongs to the cell
PERFECT = 2 - 1e-9  # every row and every column named by its label, nothing left over
CLEARLY_BETTER = 0.5  # a later printing is taken only if it fits better by this much of a table


class PlacedText(NamedTuple):
    """The printed text that stands for one cell of the form.

    `shared` is True where it stands over several cells.
    """

    text: str
    grid: int | None
    row: int | None
    col: int | None
    page: int | None
    bbox: tuple[float, float, float, float] | None
    confidence: float
    unit: str | None = None  # as the header prints it, where it differs from the form's
    shared: bool = False


CellKey = tuple[str, str]  # (row_id, col_id)


@dataclass(frozen=True)
class Aligned:
    """One form table as found; `extra` holds what the document has and the form has not."""

    table: Table
    edition: Edition
    cells: dict[CellKey, PlacedText] = field(default_factory=dict)
    extra: dict[CellKey, PlacedText] = field(default_factory=dict)
    rows: tuple[str, ...] = ()  # the data rows found, in printed order
    remarks: tuple[Remark, ...] = ()


def align(
    copies: Sequence[Copy], forms: Forms, prefer: str | None = None, year: int | None = None
) -> Aligned | None:
    """The best reading of one table over its copies and all editions; None if no edition has such a
    table or nothing fits.

    `prefer` is the edition to take between equals (tables 三 and 四 have parts that did not
    change). Of several printings a filled one goes before a blank one, and one under the report's
    year before one under another year; otherwise the first is taken.
    """
    best: _EditionFit | None = None
    best_rank = False, False
    printings = 0
    for copy in copies:
        fits = _fits(copy, forms, prefer)
        if not fits:
            continue
        fit = _choose_edition(fits, prefer)
        printings += 1
        rank = (
            any(b.holds_number for b in fit.bodies),
            year is None or not copy.years or year in copy.years,
        )
        if (
            best is None
            or fit.score > best.score + CLEARLY_BETTER
            or (rank > best_rank and fit.score >= best.score - CLEARLY_BETTER)
        ):
            best, best_rank = fit, rank
    if best is None:
        return None
    again = [Remark("table.printed_again", printed=str(printings))] if printings > 1 else []
    return _place_values(best, again)


@dataclass(frozen=True)
class _EditionFit:
    """How one edition's table fits one copy, before any value is placed."""

    table: Table
    edition: Edition
    bodies: list[Body]
    matches: Match
    remarks: tuple[Remark, ...]
    score: float
    # data rows and columns named by their labels, and lines left over (below 0)
    evidence: tuple[float, float, float]

    @property
    def is_cut(self) -> bool:
        """Whether the last data row of the form was not found."""
        return all(row is not self.table.data_rows[-1] for row, _, _ in self.matches.values())


def _choose_edition(fits: list[_EditionFit], prefer: str | None) -> _EditionFit:
    """The edition that fits best; the preferred one where the rows at hand do not tell: its labels
    fit no worse, and the table breaks off before the end in either.
    """
    best = max(fits, key=lambda f: (f.score, f.edition.edition_id == prefer, f.edition.edition_id))
    preferred = next((f for f in fits if f.edition.edition_id == prefer), best)
    undecided = best.is_cut and all(
        own >= other for own, other in zip(preferred.evidence, best.evidence, strict=True)
    )
    return preferred if undecided else best


def _fits(copy: Copy, forms: Forms, prefer: str | None) -> list[_EditionFit]:
    """How the editions fit the copy, the preferred one first; after one that fits in all, no other
    is tried.
    """
    fits = []
    for edition in sorted(forms.editions.values(), key=lambda e: e.edition_id != prefer):
        if copy.table_id in edition.tables:
            fit = _fit(copy, edition, edition.tables[copy.table_id])
            if fit.matches:
                fits.append(fit)
            if fit.score >= PERFECT:
                break
    return fits


def _fit(copy: Copy, edition: Edition, table: Table) -> _EditionFit:
    """Match the rows.

    The score: rows and columns named by their labels, less the rows that are missing or left over.
    """
    bodies = bodies_of(copy, table)
    found = match_rows(bodies, table)
    matches = without_strangers(bodies, found.lines)
    rows, columns = len(table.data_rows), sum(len(b.data_columns) for b in table.blocks)
    matched = sum(row.kind == "data" for row, _, _ in matches.values())
    left_over = sum(
        bool(b.label) and b.holds_number for i, b in enumerate(bodies) if i not in matches
    )
    # a label taken for a value
    left_over += sum(b.holds_words for i, b in enumerate(bodies) if i in matches)
    exact = {
        block.block_id: columns_of(bodies[i].header, block, bodies[i].header_zone).exact
        for i, (_, block, _) in matches.items()
    }
    score = (
        sum(min(1.0, x) for x in found.likeness.values()) - (rows - matched) - left_over
    ) / rows + sum(exact.values()) / columns
    data = {row.row_id for row, _, _ in matches.values() if row.kind == "data"}
    named = sum(min(1.0, x) for row_id, x in found.likeness.items() if row_id in data)
    evidence = named, sum(exact.values()), -left_over
    return _EditionFit(table, edition, bodies, matches, found.remarks, score, evidence)


def _place_values(fit: _EditionFit, again: list[Remark]) -> Aligned:
    """The table with the values of all matched lines in their cells."""
    bodies, matches = fit.bodies, fit.matches
    lines_by_grid: dict[int, set[int]] = {}
    for i in matches:
        lines_by_grid.setdefault(bodies[i].line.grid, set()).add(bodies[i].line.row)
    columns = {
        i: columns_of(bodies[i].header, matches[i][1], bodies[i].header_zone) for i in matches
    }
    extents = _extents(bodies, matches, columns)
    placed = [
        _place_line(
            bodies[i],
            matches[i],
            columns[i],
            extents.get(_spot(bodies[i], matches[i][1], columns[i]), {}),
            lines_by_grid[bodies[i].line.grid],
        )
        for i in sorted(matches)
    ]
    extra_rows = [_keep_extra_row(b) for i, b in enumerate(bodies) if _is_extra(i, b, matches)]
    return Aligned(
        fit.table,
        fit.edition,
        {cell: text for line in placed for cell, text in line.cells.items()},
        {cell: text for line in (*placed, *extra_rows) for cell, text in line.extra.items()},
        tuple(line.row_id for line in placed if line.row_id is not None),
        _join_remarks([*fit.remarks, *again], [*placed, *extra_rows]),
    )


def _join_remarks(remarks: list[Remark], lines: list["_PlacedLine"]) -> tuple[Remark, ...]:
    """`remarks` and those of the lines; one on a header once."""
    joined = list(remarks)
    for remark in (r for line in lines for r in line.remarks):
        if not _is_repeated(remark, joined):
            joined.append(remark)
    return tuple(joined)


@dataclass(frozen=True)
class _PlacedLine:
    """What one line gives; `row_id` is None for one that is no data row."""

    row_id: str | None = None
    cells: dict[CellKey, PlacedText] = field(default_factory=dict)
    extra: dict[CellKey, PlacedText] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()


# remarks on a header, which each line below it would make again
_OF_HEADER = frozenset(
    {
        "column.not_official",
        "header.by_order",
        "header.other_edition",
        "header.unknown",
        "column.extra",
    }
)


def _is_repeated(remark: Remark, remarks: Sequence[Remark]) -> bool:
    if remark.code not in _OF_HEADER:
        return False
    unnamed = (remark.col_id or "").startswith(UNNAMED)
    return remark in remarks or (unnamed and any(r.col_id == remark.col_id for r in remarks))


# grid, block, and which header (the maps of equal headers are one object)
_Spot = tuple[int, str, int]


def _spot(body: Body, block: Block, columns: ColumnMap) -> _Spot:
    return body.line.grid, block.block_id, id(columns)


def _extents(
    bodies: list[Body], matches: Match, columns: dict[int, ColumnMap]
) -> dict[_Spot, Extents]:
    """Where each block's columns stand in each grid: by its complete lines if these agree and are
    most, else by the header above them.
    """
    lines: dict[_Spot, int] = {}
    width: dict[int, int] = {}
    for b in bodies:
        width[b.line.grid] = max(
            width.get(b.line.grid, 0), *(c.col + c.col_span for c in b.line.cells)
        )
    by_lines: dict[_Spot, list[tuple[tuple[int, int], ...]]] = {}
    by_header: dict[_Spot, Extents] = {}
    orders: dict[_Spot, tuple[str, ...]] = {}
    for i, (_, block, _) in matches.items():
        body, spot = bodies[i], _spot(bodies[i], block, columns[i])
        if spot not in by_header and (known := _extents_by_header(body, bodies, columns[i], width)):
            by_header[spot] = known
        lines[spot] = lines.get(spot, 0) + 1
        if len(body.values) == len(columns[i].order) > 1:
            by_lines.setdefault(spot, []).append(
                tuple((c.col, c.col + c.col_span) for c in body.values)
            )
            orders[spot] = columns[i].order
    found = by_header
    for spot, shapes in by_lines.items():
        if (
            len(shapes) > 1
            and len(set(shapes)) == 1
            and (2 * len(shapes) > lines[spot] or not found.get(spot))
        ):
            found[spot] = dict(zip(orders[spot], shapes[0], strict=True))
    return found


def _extents_by_header(
    body: Body, bodies: list[Body], columns: ColumnMap, width: dict[int, int]
) -> Extents | None:
    """Where the columns of the header stand in the line's grid: a part cut off has the same; on a
    page that goes on with the table the boxes of the cells tell.
    """
    if body.header_grid is None:
        return None
    if width.get(body.header_grid) == width[body.line.grid]:
        return columns.extents
    above, below = (
        [c for b in bodies if b.line.grid == grid for c in b.line.cells]
        for grid in (body.header_grid, body.line.grid)
    )
    return extents_by_boxes(columns.extents, above, below) if above and columns.extents else None


def _place_line(
    body: Body,
    match: tuple[Row, Block, float],
    columns: ColumnMap,
    extents: Extents,
    matched_lines: set[int],
) -> _PlacedLine:
    """The values of one matched line by cell, with a remark on every doubt.

    `matched_lines` are the lines of the same grid that are rows of the form: a value that reaches
    into two of them is neither's.
    """
    row, block, confidence = match
    is_data = row.kind == "data"
    if not is_data and not _holds_subtotal(body):
        return _PlacedLine()
    placed, by_order = place_values(body.values, columns, block, extents)
    remarks = (
        _remark_header(columns, block, by_order)
        if is_data
        else [Remark("row.subtotal", row.row_id, printed=body.label)]
    )
    if placed is None:
        unplaced = _keep_unplaced(body, row, block)
        return replace(unplaced, remarks=(*remarks, *unplaced.remarks))
    cells: dict[CellKey, PlacedText] = {}
    extra: dict[CellKey, PlacedText] = {}
    certain = min(confidence, BY_ORDER if by_order else 1.0)
    zeros = _zeros_of_organisations(placed, block)
    for col_id, (cell, wide) in placed.items():
        shared = (wide and col_id not in zeros) or _reaches_into_two(cell, matched_lines)
        target = cells if is_data and not col_id.startswith(EXTRA) else extra
        unit = columns.units.get(col_id)
        target[row.row_id, col_id] = _placed_text(body, cell, cell.text, certain, unit, shared)
        remarks += _remark_cell(row.row_id, col_id, cell, shared)
    return _PlacedLine(row.row_id if is_data else None, cells, extra, tuple(remarks))


def _zeros_of_organisations(placed: Values, block: Block) -> set[str]:
    """The columns of a group over all of which, and over no other, one cell says 0: no part of none
    is more than none.
    """
    groups = [
        {c.col_id for c in block.data_columns if c.parent == group.col_id}
        for group in block.columns
        if group.kind == "header"
    ]
    return {col_id for members in groups if _share_zero(members, placed) for col_id in members}


def _share_zero(members: set[str], placed: Values) -> bool:
    """Whether one cell that says 0 stands over all of these columns, and over no other."""
    cells = {id(placed[c][0]) for c in members if c in placed}
    covered = {c for c, (cell, _) in placed.items() if id(cell) in cells}
    return (
        len(cells) == 1
        and covered == members
        and parse(placed[min(members)][0].text).state == "zero"
    )


def _holds_subtotal(body: Body) -> bool:
    """Whether a number begins in the line."""
    return any(c.row == body.line.row and parse(c.text).value is not None for c in body.values)


def _reaches_into_two(cell: Cell, matched_lines: set[int]) -> bool:
    return (
        cell.row_span > 1
        and len(matched_lines.intersection(range(cell.row, cell.row + cell.row_span))) > 1
    )


def _remark_cell(row_id: str, col_id: str, cell: Cell, shared: bool) -> list[Remark]:
    remarks = [Remark("cell.merged", row_id, col_id, printed=cell.text.strip())] if shared else []
    if col_id.startswith(UNNAMED) and parse(cell.text).state != "text":
        remarks.append(Remark("column.extra", None, col_id, printed=""))
    return remarks


def _remark_header(columns: ColumnMap, block: Block, by_order: bool) -> list[Remark]:
    remarks = [
        Remark("column.not_official", None, col_id, printed, meant)
        for col_id, printed, meant in columns.typos
    ]
    if columns.of_other_edition or columns.unknown:
        labels = "、".join(c.removeprefix(EXTRA) for c in columns.order)
        code = "header.other_edition" if columns.of_other_edition else "header.unknown"
        return [Remark(code, printed=labels, meant=block.block_id)]
    if by_order:
        remarks.append(Remark("header.by_order", meant=block.block_id))
    return remarks + [
        Remark("column.extra", None, c, printed=c.removeprefix(EXTRA))
        for c in columns.order
        if c.startswith(EXTRA)
    ]


def _keep_unplaced(body: Body, row: Row, block: Block) -> _PlacedLine:
    """A line whose values cannot be told apart by column: every cell gets the whole text, none gets
    a number.
    """
    text = " | ".join(c.text.strip() for c in body.values)
    where = body.values[0] if body.values else body.line.cells[0]
    whole = _placed_text(body, where, text, 1.0, None, True)
    remark = Remark("row.cell_count", row.row_id, printed=text, meant=str(len(block.data_columns)))
    if row.kind != "data":
        return _PlacedLine(remarks=(remark,))
    return _PlacedLine(
        row.row_id,
        {(row.row_id, column.col_id): whole for column in block.data_columns},
        remarks=(remark,),
    )


def _placed_text(
    body: Body, cell: Cell, text: str, confidence: float, unit: str | None, shared: bool
) -> PlacedText:
    return PlacedText(
        text,
        body.line.grid,
        cell.row,
        cell.col,
        body.line.page,
        cell.bbox,
        min(confidence, cell.confidence),
        unit,
        shared,
    )


def _is_extra(i: int, body: Body, matches: Match) -> bool:
    """Whether a line has a label that the form does not have, and a number."""
    return i not in matches and bool(body.label) and body.holds_number


def _keep_extra_row(body: Body) -> _PlacedLine:
    """A line that the form does not have: kept under `extra.<label>`, and reported."""
    row_id = EXTRA + key(body.label)
    return _PlacedLine(
        extra={
            (row_id, f"{EXTRA}{n}"): _placed_text(body, cell, cell.text, 1.0, None, False)
            for n, cell in enumerate(body.values, start=1)
        },
        remarks=(Remark("row.extra", row_id, printed=body.label),),
    )
