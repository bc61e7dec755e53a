"""The value cells of one line to the columns of its block.

Takes the value cells in printed order and the block's `ColumnMap`; gives for each column the cell, and whether that cell
stands over several columns. Values are taken in order if there are as many as columns. Otherwise each goes to the column that
it stands under, or blank cells too many at one end are left out; where these two contradict each other, or neither tells,
None: the caller keeps the texts and says so.
"""

from collections.abc import Sequence

from extract.document import Cell
from transform.form import Block
from transform.header import ColumnMap

Extents = dict[str, tuple[int, int]]  # col_id -> grid columns [start, end)
Values = dict[str, tuple[Cell, bool]]  # col_id -> (cell, stands over several columns)


def place_values(values: Sequence[Cell], columns: ColumnMap, block: Block, extents: Extents, *, zone: int) -> tuple[Values | None, bool]:
    """The values by column, and whether the form's order had to be assumed.

    `extents` is where the columns stand in this grid, empty if that is not known; `zone` the grid column at which its labels end.
    """
    form = tuple(c.col_id for c in block.data_columns)
    if len(values) == len(columns.order):
        return _zip(values, columns.order), columns.by_order
    if len(values) == len(form) and set(columns.order) < set(form):
        return _zip(values, form), True  # the header lacks a label, the values are complete
    inside = [c for c in values if c.col + c.col_span > zone or c.text.strip()]
    if len(inside) == len(columns.order):
        return _zip(inside, columns.order), columns.by_order  # blank cells stood for label columns
    if not any(c.text.strip() for c in values):
        return {col_id: (cell, False) for col_id, cell in zip(columns.order, values, strict=False)}, columns.by_order
    trimmed = _trimmed(values, columns.order)
    placed = _by_place(values, extents) if extents else None
    flush = placed is not None and all(cell.col == extents[c][0] for c, (cell, _) in placed.items() if cell.text.strip())
    if not flush and trimmed and placed and any(_text(placed.get(c)) != cell.text.strip() for c, (cell, _) in trimmed.items()):
        return None, False  # order and place contradict each other
    return placed or trimmed, columns.by_order and placed is None


def _text(held: tuple[Cell, bool] | None) -> str:
    return held[0].text.strip() if held else ""


def _zip(values: Sequence[Cell], order: Sequence[str]) -> Values:
    return {col_id: (cell, False) for col_id, cell in zip(order, values, strict=True)}


def _trimmed(values: Sequence[Cell], order: Sequence[str]) -> Values | None:
    """Without the blank cells too many at one end, or around the one value of a single column; None if that can be done in two ways."""
    filled = [i for i, c in enumerate(values) if c.text.strip()]
    spare = len(values) - len(order)
    if spare <= 0 or not filled:
        return None
    if len(order) == 1:
        return _zip([values[filled[0]]], order) if len(filled) == 1 else None
    ways = [left for left in range(spare + 1) if left <= filled[0] and spare - left <= len(values) - 1 - filled[-1]]
    return _zip(values[ways[0] : ways[0] + len(order)], order) if len(ways) == 1 else None


def _by_place(values: Sequence[Cell], extents: Extents) -> Values | None:
    """None if a filled value stands under no column, or two under one."""
    placed: Values = {}
    for cell in values:
        under = [c for c, (start, end) in extents.items() if start < cell.col + cell.col_span and cell.col < end]
        filled = bool(cell.text.strip())
        if not under and filled:
            return None
        for col_id in under:
            held = placed.get(col_id)
            if held is not None and held[0].text.strip():
                if filled:
                    return None
                continue
            placed[col_id] = (cell, len(under) > 1)
    return placed
