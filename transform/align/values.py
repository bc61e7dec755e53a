"""The value cells of one line to the columns of its block.

Takes the value cells in printed order and the block's `ColumnMap`; gives for each column the cell,
and whether that cell stands over several columns. Values are taken in order if there are as many as
columns. Otherwise each goes to the column that it stands under, or blank cells too many at one end
are left out; where these two contradict each other, where a cell is missing or stands beside
another under one column, or where neither tells, None: the caller keeps the texts and says so.
"""

from collections.abc import Sequence

from extract.document import Cell
from transform.align.columns import ColumnMap
from transform.align.labels import EXACT, likeness
from transform.form.forms import Block
from transform.parse_number import parse

Extents = dict[str, tuple[int, int]]  # col_id -> grid columns [start, end)
Values = dict[str, tuple[Cell, bool]]  # col_id -> (cell, stands over several columns)
EXTRA = "extra."  # what the document has and the form has not
UNNAMED = EXTRA + "column"  # a value that stands under no label, with its grid column behind


def place_values(
    values: Sequence[Cell], columns: ColumnMap, block: Block, extents: Extents
) -> tuple[Values | None, bool]:
    """The values by column, and whether the form's order had to be assumed.

    `extents` is where the columns stand in this grid, empty if that is not known.
    """
    if not columns.order or any(_names_column(c, block) for c in values):
        return None, False
    form = tuple(c.col_id for c in block.data_columns)
    if len(values) == len(columns.order):
        doubtful = _uneven(values, extents) if extents else _too_early(values[0], columns)
        return (None, False) if doubtful else (_zip(values, columns.order), columns.by_order)
    placed = _by_place(values, extents) if extents else None
    if len(values) == len(form) and tuple(c for c in form if c in columns.order) == columns.order:
        whole = _zip(values, form)
        if not extents or all(_under(whole[c][0], extents[c]) for c in columns.order):
            return whole, True  # the header lacks a label, the values are complete
    if not any(c.text.strip() for c in values):
        return {
            col_id: (cell, False) for col_id, cell in zip(columns.order, values, strict=False)
        }, columns.by_order
    trimmed = None if columns.whole else _trimmed(values, columns.order)
    if not extents:
        return trimmed if trimmed is not None and (
            len(form) == 1 or _behind(trimmed, values, columns)
        ) else None, columns.by_order
    if trimmed is not None and not _agree(trimmed, placed, extents):
        return None, False
    return placed, False


def _behind(trimmed: Values, values: Sequence[Cell], columns: ColumnMap) -> bool:
    """Whether, under no header at all, blank cells stand behind a figure for each column, as where
    rows are filled up to one length.
    """
    return (
        columns.by_order
        and bool(values[0].text.strip())
        and all(cell.text.strip() for cell, _ in trimmed.values())
    )


def _under(cell: Cell, place: tuple[int, int]) -> bool:
    return place[0] < cell.col + cell.col_span and cell.col < place[1]


def _names_column(cell: Cell, block: Block) -> bool:
    """Whether a column's label stands where a value belongs: then the lines of this table are no
    rows of the form.
    """
    return parse(cell.text).state == "text" and any(
        likeness(cell.text, (c.label, *c.aliases)) >= EXACT for c in block.columns
    )


def _too_early(first: Cell, columns: ColumnMap) -> bool:
    """Whether the first value is blank and stands where the header has its row labels: then it is
    none, and the last one is cut off.
    """
    start = columns.extents.get(columns.order[0], (0, 0))[0]
    return not first.text.strip() and first.col + first.col_span <= start


def _uneven(values: Sequence[Cell], extents: Extents) -> bool:
    """Whether one cell stands over several columns and another beside them all, so that the count
    is right by chance.
    """
    under = [
        sum(start < c.col + c.col_span and c.col < end for start, end in extents.values())
        for c in values
    ]
    return max(under) > 1 and min(under) == 0


def _agree(trimmed: Values, placed: Values | None, extents: Extents) -> bool:
    """Whether the filled cells of both ways are the same, or, where places do not tell, stand under
    their columns at least.
    """
    if placed is None:
        return all(
            _under(cell, extents[c]) for c, (cell, _) in trimmed.items() if cell.text.strip()
        )
    return all(
        placed[c][0].text.strip() == cell.text.strip()
        for c, (cell, _) in trimmed.items()
        if c in placed
    ) or _flush(placed, extents)


def _flush(placed: Values, extents: Extents) -> bool:
    return all(
        c.startswith(EXTRA)
        or (placed[c][0].col, placed[c][0].col + placed[c][0].col_span) == extents[c]
        for c in extents
    )


def _zip(values: Sequence[Cell], order: Sequence[str]) -> Values:
    return {col_id: (cell, False) for col_id, cell in zip(order, values, strict=True)}


def _trimmed(values: Sequence[Cell], order: Sequence[str]) -> Values | None:
    """Without the blank cells too many at one end, or around the one value of a single column; None
    if that can be done in two ways.
    """
    filled = [i for i, c in enumerate(values) if c.text.strip()]
    spare = len(values) - len(order)
    if spare <= 0 or not filled:
        return None
    if len(order) == 1:
        return _zip([values[filled[0]]], order) if len(filled) == 1 else None
    ways = [
        left
        for left in range(spare + 1)
        if left <= filled[0] and spare - left <= len(values) - 1 - filled[-1]
    ]
    return _zip(values[ways[0] : ways[0] + len(order)], order) if len(ways) == 1 else None


def _by_place(values: Sequence[Cell], extents: Extents) -> Values | None:
    """None if a column has no cell or two, or if a filled value stands under no column while the
    others do not fill theirs exactly.
    """
    placed: Values = {}
    beside: list[Cell] = []
    for cell in values:
        under = [
            c
            for c, (start, end) in extents.items()
            if start < cell.col + cell.col_span and cell.col < end
        ]
        if not under and cell.text.strip():
            beside.append(cell)
        for col_id in under:
            if col_id in placed:
                return None
            placed[col_id] = (cell, len(under) > 1)
    if any(c not in placed for c in extents if not c.startswith(EXTRA)) or (
        beside and not _flush(placed, extents)
    ):
        return None
    if 2 * sum(parse(c.text).state != "text" for c in beside) >= len(extents):
        # as many figures as columns stand beside: perhaps last year's, and who knows which is which
        return None
    return placed | {f"{UNNAMED}{cell.col}": (cell, False) for cell in beside}
