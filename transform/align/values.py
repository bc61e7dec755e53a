"""The value cells of one line to the columns of its block.

Takes the value cells in printed order and the block's `ColumnMap`; gives for each column the cell,
and whether that cell stands over several columns. Values are taken in order if there are as many as
columns. Otherwise each goes to the column that it stands under, or blank cells too many at one end
are left out; where these two contradict each other, where a cell is missing or stands beside
another under one column, or where neither tells, None: the caller keeps the texts and says so.
"""

import re
from collections.abc import Sequence

from extract.document import Cell
from transform.align.columns import ColumnMap
from transform.align.labels import EXACT, likeness
from transform.form.forms import Block
from transform.parse_number import parse

Extents = dict[str, tuple[int, int]]  # col_id -> grid columns [start, end)
Values = dict[str, tuple[Cell, bool]]  # col_id -> (cell, stands over several columns)
# a number that wraps in a narrow cell is rarely so long
_TWO_NUMBERS = re.compile(r"(?=(?:\s*\d){4})\s*\d+\s*\n\s*\d+\s*")
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
    if len(values) == len(columns.order):
        return _place_each(values, columns, extents)
    whole = _place_whole(values, columns, block, extents)
    if whole is not None:
        return whole, True
    if not any(c.text.strip() for c in values):
        return {
            col_id: (cell, False) for col_id, cell in zip(columns.order, values, strict=False)
        }, columns.by_order
    return _place_unequal(values, columns, block, extents)


def _place_unequal(
    values: Sequence[Cell], columns: ColumnMap, block: Block, extents: Extents
) -> tuple[Values | None, bool]:
    """Not as many values as columns: by the places of the columns, or without spare blank cells."""
    single = len(block.data_columns) == 1
    if single and len(columns.order) == 1 and (only := _only_value(values, extents)) is not None:
        return _zip([only], columns.order), columns.by_order
    trimmed = None if columns.whole else _trimmed(values, columns.order)
    if extents:
        placed = _by_place(values, extents)
        contradicted = trimmed is not None and not _agree(trimmed, placed, extents)
        return None if contradicted else placed, False
    if trimmed is None or not (single or _behind(trimmed, values, columns)):
        return None, columns.by_order
    return trimmed, columns.by_order


def _place_each(
    values: Sequence[Cell], columns: ColumnMap, extents: Extents
) -> tuple[Values | None, bool]:
    """As many values as columns: in order, unless their places speak against it."""
    displaced = _uneven(values, extents) if extents else _too_early(values[0], columns)
    displaced = displaced or _is_squeezed(values)
    return (None, False) if displaced else (_zip(values, columns.order), columns.by_order)


def _place_whole(
    values: Sequence[Cell], columns: ColumnMap, block: Block, extents: Extents
) -> Values | None:
    """As many values as the form has columns, where the header lacks a label: all in the form's
    order, if those that the header names stand under it.
    """
    form = tuple(c.col_id for c in block.data_columns)
    if len(values) != len(form) or tuple(c for c in form if c in columns.order) != columns.order:
        return None
    whole = _zip(values, form)
    fits = not extents or all(_under(whole[c][0], extents[c]) for c in columns.order)
    return whole if fits else None


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


def _is_squeezed(values: Sequence[Cell]) -> bool:
    """Whether two numbers stand in one cell and the last cell is blank: then two cells became one,
    and those behind it have moved.
    """
    return not values[-1].text.strip() and any(_TWO_NUMBERS.fullmatch(c.text) for c in values)


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
    under = [(cell, _columns_over(cell, extents)) for cell in values]
    owners = [col_id for _, cols in under for col_id in cols]
    if len(owners) > len(set(owners)) or _lacks_one(owners, extents):
        return None
    placed = {col_id: (cell, len(cols) > 1) for cell, cols in under for col_id in cols}
    beside = [cell for cell, cols in under if not cols and cell.text.strip()]
    if beside and not (_flush(placed, extents) and _are_few(beside, extents)):
        return None
    return placed | {f"{UNNAMED}{cell.col}": (cell, False) for cell in beside}


def _only_value(values: Sequence[Cell], extents: Extents) -> Cell | None:
    """The one filled cell of the line, where all its cells stand under the one column's label."""
    filled = [cell for cell in values if cell.text.strip()]
    within = bool(extents) and all(_columns_over(cell, extents) for cell in values)
    return filled[0] if within and len(filled) == 1 else None


def _columns_over(cell: Cell, extents: Extents) -> list[str]:
    """The columns under which a cell stands."""
    return [col_id for col_id, place in extents.items() if _under(cell, place)]


def _lacks_one(owners: list[str], extents: Extents) -> bool:
    """Whether a column of the form has no cell."""
    return any(c not in owners and not c.startswith(EXTRA) for c in extents)


def _are_few(beside: Sequence[Cell], extents: Extents) -> bool:
    """Whether the figures that stand under no column are less than half as many as the columns:
    more may be last year's, and who knows which is which.
    """
    return 2 * sum(parse(c.text).state != "text" for c in beside) < len(extents)
