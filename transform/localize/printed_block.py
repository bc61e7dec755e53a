"""One block of equations as a report fills it: its numbers, its blanks, where its cells stand.

`grid_of_block(system, block)` gives the `BlockGrid`, the same for every report;
`blanks_of_block(…)` tells blanks that stand for 0 from those that are hardly meant so;
`PrintedBlock` holds both with the report's numbers, as integers after scaling.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from transform.localize.equations import System
from transform.localize.minimal_sets import EquationBlock, residuals

FEW_BLANKS: Final = 0.1  # part of the cells


@dataclass(frozen=True, eq=False, slots=True)
class BlockGrid:
    """Where the cells of a block stand.

    `at` is (row, column) of each cell, `cell_at` the other way round; `rows` are the cells of each
    row in order, by its number. By rule: `total_of` is the cell that is its total, `column_of` the
    one column that it runs down; None where there is none. `totals` are all cells that are totals.
    `row_numbers` are the numbers of the rows by their id.
    """

    at: tuple[tuple[int, int], ...]
    cell_at: Mapping[tuple[int, int], int]
    rows: Mapping[int, tuple[int, ...]]
    total_of: tuple[int | None, ...]
    totals: frozenset[int]
    column_of: tuple[int | None, ...]
    row_numbers: Mapping[str, int]

    def line(self, row_id: str) -> tuple[int, ...]:
        """The cells of a row in order; none where the block has no such row."""
        return self.rows.get(self.row_numbers.get(row_id, -1), ())


@lru_cache(maxsize=64)
def grid_of_block(system: System, block: EquationBlock) -> BlockGrid:
    """The rows and columns of a block, in the order of the form."""
    row_numbers = _numbered([row for _, row, _ in system.cells])
    column_numbers = _numbered([col for _, _, col in system.cells])
    keys = [system.cells[c] for c in block.cells]
    at = tuple((row_numbers[row], column_numbers[col]) for _, row, col in keys)
    rows: dict[int, list[int]] = {}
    for c, (row, _) in enumerate(at):
        rows.setdefault(row, []).append(c)
    place = {c: n for n, c in enumerate(block.cells)}
    equations = [system.equations[e] for e in block.equations]
    total_of = tuple(place[e.cells[-1]] if e.total else None for e in equations)
    columns = [{at[c][1] for c, _ in terms} for terms in block.terms]
    return BlockGrid(
        at=at,
        cell_at={where: c for c, where in enumerate(at)},
        rows={row: tuple(cells) for row, cells in rows.items()},
        total_of=total_of,
        totals=frozenset(c for c in total_of if c is not None),
        column_of=tuple(next(iter(theirs)) if len(theirs) == 1 else None for theirs in columns),
        row_numbers=row_numbers,
    )


def _numbered(names: Sequence[str]) -> dict[str, int]:
    """The names numbered in the order in which they come first."""
    return {name: n for n, name in enumerate(dict.fromkeys(names))}


@dataclass(frozen=True, slots=True)
class BlankCells:
    """Which cells of a block are not printed, and which of those are odd: blanks that are hardly
    meant as 0.
    """

    blank: Sequence[bool]
    odd: Sequence[bool]


def blanks_of_block(
    block: EquationBlock, grid: BlockGrid, values: Sequence[int], blank: Sequence[bool]
) -> BlankCells:
    """A blank is odd where few cells are blank, or where it is a total whose parts are not 0; an
    agency that leaves all zeros blank means 0.
    """
    few = sum(blank) <= FEW_BLANKS * len(blank)
    filled = [sum(values[c] != 0 for c, _ in terms) for terms in block.terms]
    odd = [
        is_blank and (few or (c in grid.totals and any(filled[r] for r, _ in block.of_cell[c])))
        for c, is_blank in enumerate(blank)
    ]
    return BlankCells(blank, odd)


@dataclass(frozen=True, slots=True)
class PrintedBlock:
    """One block of one report.

    `values` are scaled by `scale`, a blank is 0; `live` says of each rule whether it counts.
    """

    block: EquationBlock
    grid: BlockGrid
    values: Sequence[int]
    blanks: BlankCells
    live: Sequence[bool]
    scale: int

    def residuals(self) -> list[int]:
        """What each rule is off by."""
        return residuals(self.block, self.values, self.live)

    def failing(self) -> list[int]:
        """The rules that do not hold."""
        return [r for r, rest in enumerate(self.residuals()) if rest]

    def unfilled_totals(self) -> frozenset[int]:
        """Totals that stand at 0 though a part of theirs does not: left as the template had
        them.
        """
        return frozenset(
            total
            for r, total in enumerate(self.grid.total_of)
            if total is not None
            and not self.values[total]
            and not self.blanks.blank[total]
            and any(self.values[c] for c, _ in self.block.terms[r])
        )

    def after(self, changes: Mapping[int, int]) -> "PrintedBlock":
        """The block with these changes made."""
        values = list(self.values)
        for c, new in changes.items():
            values[c] = new
        return replace(self, values=values)
