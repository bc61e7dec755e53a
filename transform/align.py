"""Lines of a form table to its rows and columns: which printed cell is which cell of the form.

Takes the copies of one table (`transform.lines`) and the forms; gives one `Aligned` per table: for each cell of the form the
printed text with its place, the edition whose table it is, extra rows, and remarks on every doubt.

How: the edition is the one whose rows and columns the labels fit best, per table, never by the year. Rows are matched by a
monotone alignment of labels (exact first, then aliases and typos, then order where a gap holds exactly as many lines
without a label as rows of the form are missing). Columns are matched by the header's labels; values are then taken in
order, if there are as many as columns, and by their place under the header if not. A value that stands over several
columns or rows belongs to none of them: it is kept as text.

Out of scope: what a text says as a number (`transform.numbers`), what to do with a table that is not there (`transform.tidy`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from extract.document import Cell
from transform.form import Block, Edition, Forms, Row, Table
from transform.header import ColumnMap, Header, columns_of, header_of, is_header, monotone
from transform.labels import EXACT, folded, key, likeness
from transform.lines import Copy, Line
from transform.numbers import parse
from transform.rows import Remark
from transform.values import Extents, place_values

UNDECIDED = 0.0  # confidence of a text of which nobody can say which part belongs to the cell
BY_ORDER = 0.9  # confidence of a row or column that was told by its position alone
OFFICIAL = 0.9  # a label less like the form's than this is remarked
PERFECT = 2 - 1e-9  # every row and every column told by its label, nothing left over
CLEARLY_BETTER = 0.5  # a later printing is taken only if it fits better by this much of a table
EXTRA = "extra."  # what the document has and the form has not


class Placed(NamedTuple):
    """The printed text that stands for one cell of the form. `shared` is True where it stands over several cells."""

    text: str
    grid: int | None
    row: int | None
    col: int | None
    page: int | None
    bbox: tuple[float, float, float, float] | None
    confidence: float
    unit: str | None = None  # as the header prints it, where it differs from the form's
    shared: bool = False


@dataclass
class Aligned:
    """One form table as found."""

    table: Table
    edition: Edition
    row_likeness: dict[str, float] = field(default_factory=dict)
    cells: dict[tuple[str, str], Placed] = field(default_factory=dict)
    extra: dict[tuple[str, str], Placed] = field(default_factory=dict)
    rows: list[str] = field(default_factory=list)  # the data rows found, in printed order
    remarks: list[Remark] = field(default_factory=list)


@dataclass(frozen=True)
class _Body:
    """One data line: the label, the value cells, and the header that stands above it with the column at which its grid's labels end."""

    line: Line
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
        return any(parse(c.text).state == "text" and not any(ch.isdigit() for ch in c.text) for c in self.values)


def align(copies: Sequence[Copy], forms: Forms, prefer: str | None = None, year: int | None = None) -> Aligned | None:
    """The best reading of one table over its copies and all editions; None if no edition has such a table or nothing fits.

    `prefer` is the edition to take between equals (tables 三 and 四 have parts that did not change). Of several printings a filled
    one goes before a blank one, and one under the report's year before one under another year; otherwise the first is taken.
    """
    best: _Fit | None = None
    best_rank = False, False
    printings = 0
    for copy in copies:
        fits = _fits(copy, forms, prefer)
        if not fits:
            continue
        fit = max(fits, key=lambda f: (f.score, f.aligned.edition.edition_id == prefer, f.aligned.edition.edition_id))
        printings += 1
        rank = any(b.holds_number for b in fit.bodies), year is None or not copy.years or year in copy.years
        if best is None or fit.score > best.score + CLEARLY_BETTER or (rank > best_rank and fit.score >= best.score - CLEARLY_BETTER):
            best, best_rank = fit, rank
    if best is None:
        return None
    if printings > 1:
        best.aligned.remarks.append(Remark("table.printed_again", printed=str(printings)))
    return _placed_all(best)


@dataclass(frozen=True)
class _Fit:
    """How one edition's table fits one copy, before any value is placed."""

    aligned: Aligned
    bodies: list[_Body]
    matches: dict[int, tuple[Row, Block, float]]
    score: float


def _fits(copy: Copy, forms: Forms, prefer: str | None) -> list[_Fit]:
    """How the editions fit the copy, the preferred one first; after one that fits in all, no other is tried."""
    fits = []
    for edition in sorted(forms.editions.values(), key=lambda e: e.edition_id != prefer):
        if copy.table_id in edition.tables:
            fit = _fit(copy, edition, edition.tables[copy.table_id])
            if fit.matches:
                fits.append(fit)
            if fit.score >= PERFECT:
                break
    return fits


def _fit(copy: Copy, edition: Edition, table: Table) -> _Fit:
    """Match the rows. The score: rows and columns told by their labels, less the rows that are missing or left over."""
    aligned = Aligned(table, edition)
    bodies = _bodies(copy, table)
    matches = _without_strangers(bodies, _match_rows(bodies, table, aligned))
    rows, columns = len(table.data_rows), sum(len(b.data_columns) for b in table.blocks)
    found = sum(row.kind == "data" for row, _, _ in matches.values())
    left_over = sum(bool(b.label) and b.holds_number for i, b in enumerate(bodies) if i not in matches)
    left_over += sum(b.holds_words for i, b in enumerate(bodies) if i in matches)  # a label taken for a value
    told = {block.block_id: columns_of(bodies[i].header, block, bodies[i].header_zone).exact for i, (_, block, _) in matches.items()}
    score = (sum(min(1.0, x) for x in aligned.row_likeness.values()) - (rows - found) - left_over) / rows + sum(told.values()) / columns
    return _Fit(aligned, bodies, matches, score)


def _placed_all(fit: _Fit) -> Aligned:
    aligned, bodies, matches = fit.aligned, fit.bodies, fit.matches
    lines_by_grid: dict[int, set[int]] = {}
    for i in matches:
        lines_by_grid.setdefault(bodies[i].line.grid, set()).add(bodies[i].line.row)
    columns = {i: columns_of(bodies[i].header, matches[i][1], bodies[i].header_zone) for i in matches}
    extents = _extents(bodies, matches, columns)
    for i in sorted(matches):
        _place(aligned, bodies[i], matches[i], columns[i], extents.get(_spot(bodies[i], matches[i][1], columns[i]), {}), lines_by_grid[bodies[i].line.grid])
    _keep_extra_rows(aligned, bodies, matches)
    return aligned


_Spot = tuple[int, str, int]  # grid, block, and which header (the maps of equal headers are one object)


def _spot(body: _Body, block: Block, columns: ColumnMap) -> _Spot:
    return body.line.grid, block.block_id, id(columns)


def _extents(bodies: list[_Body], matches: "_Match", columns: dict[int, ColumnMap]) -> dict[_Spot, Extents]:
    """Where each block's columns stand in each grid: by its complete lines if these agree and are most, else by the header above them."""
    lines: dict[_Spot, int] = {}
    width: dict[int, int] = {}
    for b in bodies:
        width[b.line.grid] = max(width.get(b.line.grid, 0), *(c.col + c.col_span for c in b.line.cells))
    by_lines: dict[_Spot, list[tuple[tuple[int, int], ...]]] = {}
    by_header: dict[_Spot, Extents] = {}
    orders: dict[_Spot, tuple[str, ...]] = {}
    for i, (_, block, _) in matches.items():
        body, spot = bodies[i], _spot(bodies[i], block, columns[i])
        if body.header_grid is not None and width.get(body.header_grid) == width[body.line.grid]:  # a part cut off has the same columns
            by_header.setdefault(spot, columns[i].extents)
        lines[spot] = lines.get(spot, 0) + 1
        if len(body.values) == len(columns[i].order) > 1:
            by_lines.setdefault(spot, []).append(tuple((c.col, c.col + c.col_span) for c in body.values))
            orders[spot] = columns[i].order
    found = by_header
    for spot, shapes in by_lines.items():
        if len(shapes) > 1 and len(set(shapes)) == 1 and (2 * len(shapes) > lines[spot] or not found.get(spot)):
            found[spot] = dict(zip(orders[spot], shapes[0], strict=True))
    return found


# --- lines to label, values and header ---------------------------------------------------------------------------------


def _bodies(copy: Copy, table: Table) -> list[_Body]:
    """The data lines of a copy, each with the header that stands above it."""
    found: list[tuple[Line, Header | None, int | None]] = []
    zones: dict[int, int] = {}  # grid -> the grid column at which its labels end
    head: list[Line] = []
    header: Header | None = None
    header_grid: int | None = None
    for line in copy.lines:
        if is_header(line, table, following=bool(head)):
            head.append(line)
            continue
        if head:
            header, header_grid, head = header_of(head), head[-1].grid, []
        if line.is_blank and table.data_rows[0].label:
            continue
        found.append((line, header, header_grid))
        named = [c for c in line.words if any(_likes(c.text, table))]
        if named:
            zones[line.grid] = max(zones.get(line.grid, 0), named[-1].col + named[-1].col_span)
    bodies = (_body(line, header, grid, zones, table) for line, header, grid in found)
    return [b for b in bodies if b.label or b.values]


def _body(line: Line, header: Header | None, header_grid: int | None, zones: dict[int, int], table: Table) -> _Body:
    """One data line cut into label and values.

    The label is the last cell with words that begins where labels stand in this grid (before its zone ends). One that reaches
    in from the line above labels that line, not this one.
    """
    zone = zones.get(line.grid, 0)
    words = line.words
    labels = [c for c in words if c.col < zone] or words
    label = next((c for c in reversed(labels) if line.starts(c)), labels[-1] if labels else None)
    values = line.cells[line.cells.index(label) + 1 :] if label else line.cells
    values = tuple(c for c in values if line.starts(c) or c not in words)  # a group's label pushed to the right by wrong spans
    units = {r.unit for r in table.data_rows if r.unit} | {"——"} if table.blocks[0].label_columns[1:] else set()
    if values and folded(values[0].text) in units:
        values = values[1:]
    text = label.text if label and line.starts(label) else ""
    return _Body(line, text, values, header, header_grid, zone, 0 if header_grid is None else zones.get(header_grid, 0))


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


@lru_cache(maxsize=16_384)
def _likes(label: str, table: Table) -> list[float]:
    """The label's likeness to each row of the table; where its key is exactly a row's, to no other."""
    likes = [0.0] * len(table.rows)
    if label:
        for j in _rows_by_key(table).get(key(label)) or range(len(likes)):
            likes[j] = likeness(label, row_labels(table.rows[j]))
    return likes


# --- rows ---------------------------------------------------------------------------------------------------------------

_Match = dict[int, tuple[Row, Block, float]]


def _match_rows(bodies: list[_Body], table: Table, aligned: Aligned) -> _Match:
    """Which data line is which row of the form: monotone by labels, then by exact labels out of order, then by order in gaps."""
    rows = [(row, block) for block in table.blocks for row in block.rows]
    if len(table.data_rows) == 1 and not table.data_rows[0].label:
        return _single_row(bodies, table, aligned)
    likes = [_likes(b.label, table) for b in bodies]
    pairs = monotone(likes)
    matches: _Match = {}
    for i, j in pairs:
        matches[i] = (*rows[j], 1.0)
        aligned.row_likeness[rows[j][0].row_id] = likes[i][j]
    taken = {j for _, j in pairs}
    for i, like in enumerate(likes):
        j = max(range(len(rows)), key=lambda k: like[k], default=0)
        if i not in matches and bodies[i].values and like[j] >= EXACT and j not in taken and rows[j][0].kind == "data":
            matches[i] = (*rows[j], 1.0)
            taken.add(j)
            aligned.row_likeness[rows[j][0].row_id] = like[j]
            aligned.remarks.append(Remark("row.out_of_order", rows[j][0].row_id, printed=bodies[i].label))
    _fill_gaps(bodies, rows, pairs, taken, matches, aligned)
    for i, (row, _, _) in matches.items():
        if bodies[i].label and aligned.row_likeness[row.row_id] < OFFICIAL:
            aligned.remarks.append(Remark("label.not_official", row.row_id, printed=bodies[i].label, meant=row.label))
    return matches


def _fill_gaps(
    bodies: list[_Body], rows: list[tuple[Row, Block]], pairs: list[tuple[int, int]], taken: set[int], matches: _Match, aligned: Aligned
) -> None:
    """Between two matched rows: as many lines without a label as data rows are missing are those rows, in order."""
    bounds = [(-1, -1), *pairs, (len(bodies), len(rows))]
    for (i0, j0), (i1, j1) in pairwise(bounds):
        loose = [i for i in range(i0 + 1, i1) if i not in matches and not bodies[i].label and _holds_value(bodies[i])]
        open_rows = [j for j in range(j0 + 1, j1) if j not in taken and rows[j][0].kind == "data"]
        if loose and len(loose) == len(open_rows) and all(_counts(bodies[i], len(rows[j][1].data_columns)) for i, j in zip(loose, open_rows, strict=True)):
            for i, j in zip(loose, open_rows, strict=True):
                matches[i] = (*rows[j], BY_ORDER)
                aligned.row_likeness[rows[j][0].row_id] = 0.5
                aligned.remarks.append(Remark("row.by_order", rows[j][0].row_id))
        else:
            for i in loose:
                aligned.remarks.append(Remark("row.unknown", printed=" | ".join(c.text.strip() for c in bodies[i].values)))


def _counts(body: _Body, wanted: int) -> bool:
    """Whether the line has as many values, empty label cells aside, and more than one: a lone one may be the page's number."""
    filled = sum(bool(c.text.strip()) for c in body.values)
    inside = sum(bool(c.text.strip()) or c.col + c.col_span > body.zone for c in body.values)
    return wanted in (len(body.values), inside) and (wanted == 1 or filled > 1)


def _holds_value(body: _Body) -> bool:
    return any(c.text.strip() for c in body.values)


def _without_strangers(bodies: list[_Body], matches: _Match) -> _Match:
    """The matches without those in a grid of which most lines with label and number are no row of the form: that is another table."""
    known: dict[int, list[bool]] = {}
    for i, body in enumerate(bodies):
        if body.label and (body.holds_number or i in matches):
            known.setdefault(body.line.grid, []).append(i in matches)
    strangers = {grid for grid, found in known.items() if 2 * sum(found) < len(found)}
    return {i: match for i, match in matches.items() if bodies[i].line.grid not in strangers}


def _single_row(bodies: list[_Body], table: Table, aligned: Aligned) -> _Match:
    """A table of one row without a label: the one line with numbers under a whole header, or lines that share its columns.

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
        chosen = [i for i, b in enumerate(bodies) if b.line.is_blank and len(b.values) == len(wanted)][:1]
    for i in numeric:
        if i not in chosen and (i in counted or not counted):
            aligned.remarks.append(Remark("row.unknown", printed=" | ".join(c.text.strip() for c in bodies[i].values)))
    for _ in chosen:
        aligned.row_likeness[table.data_rows[0].row_id] = 1.0
    return dict.fromkeys(chosen, (table.data_rows[0], block, 1.0))


def _order(body: _Body, block: Block) -> tuple[str, ...]:
    """The columns that the line's header tells, or, where only their order can, that it has a value for each."""
    columns = columns_of(body.header, block, body.header_zone)
    return () if columns.by_order and len(body.values) < len(columns.order) else columns.order


def _is_count(values: Sequence[Cell]) -> bool:
    """Whether the values are 1, 2, 3 … : the columns' numbers and no figures."""
    return len(values) > 2 and [c.text.strip() for c in values] == [str(n + 1) for n in range(len(values))]


# --- values -------------------------------------------------------------------------------------------------------------


def _place(
    aligned: Aligned, body: _Body, match: tuple[Row, Block, float], columns: ColumnMap, extents: Extents, matched_lines: set[int]
) -> None:
    """Put the values of one matched line into `aligned`, with a remark on every doubt.

    `matched_lines` are the lines of the same grid that are rows of the form: a value that reaches into two of them is neither's.
    """
    row, block, confidence = match
    filled = [c for c in body.values if c.text.strip() and c.row == body.line.row]
    if row.kind == "header" and not any(parse(c.text).value is not None for c in filled):
        return
    placed, by_order = place_values(body.values, columns, block, extents)
    if row.kind == "header":
        aligned.remarks.append(Remark("row.subtotal", row.row_id, printed=body.label))
    else:
        aligned.rows.append(row.row_id)
        _remark_header(aligned, columns, block, by_order)
    if placed is None:
        _keep_unplaced(aligned, body, row, block)
        return
    for col_id, (cell, wide) in placed.items():
        tall = cell.row_span > 1 and len(matched_lines.intersection(range(cell.row, cell.row + cell.row_span))) > 1
        shared = wide or tall
        target = aligned.cells if row.kind == "data" and not col_id.startswith(EXTRA) else aligned.extra
        certain = min(confidence, BY_ORDER if by_order else 1.0)
        target[row.row_id, col_id] = _placed(body, cell, cell.text, certain, columns.units.get(col_id), shared)
        if shared:
            aligned.remarks.append(Remark("cell.merged", row.row_id, col_id, printed=cell.text.strip()))


def _remark_header(aligned: Aligned, columns: ColumnMap, block: Block, by_order: bool) -> None:
    remarks = [Remark("column.not_official", None, col_id, printed, meant) for col_id, printed, meant in columns.typos]
    if by_order:
        remarks.append(Remark("header.by_order", meant=block.block_id))
    remarks += [Remark("column.extra", None, c, printed=c.removeprefix(EXTRA)) for c in columns.order if c.startswith(EXTRA)]
    aligned.remarks.extend(r for r in remarks if r not in aligned.remarks)


def _keep_unplaced(aligned: Aligned, body: _Body, row: Row, block: Block) -> None:
    """A line whose values cannot be told apart by column: every cell gets the whole text, none gets a number."""
    text = " | ".join(c.text.strip() for c in body.values)
    if row.kind == "data":
        for column in block.data_columns:
            where = body.values[0] if body.values else body.line.cells[0]
            aligned.cells[row.row_id, column.col_id] = _placed(body, where, text, 1.0, None, True)
    aligned.remarks.append(Remark("row.cell_count", row.row_id, printed=text, meant=str(len(block.data_columns))))


def _placed(body: _Body, cell: Cell, text: str, confidence: float, unit: str | None, shared: bool) -> Placed:
    return Placed(text, body.line.grid, cell.row, cell.col, body.line.page, cell.bbox, min(confidence, cell.confidence), unit, shared)


def _keep_extra_rows(aligned: Aligned, bodies: list[_Body], matches: _Match) -> None:
    """Lines with a label that the form does not have, and with values: kept under `extra.<label>`, and reported."""
    for i, body in enumerate(bodies):
        if i in matches or not body.label or not body.holds_number:
            continue
        row_id = EXTRA + key(body.label)
        for n, cell in enumerate(body.values):
            aligned.extra[row_id, f"{EXTRA}{n + 1}"] = _placed(body, cell, cell.text, 1.0, None, False)
        aligned.remarks.append(Remark("row.extra", row_id, printed=body.label))
