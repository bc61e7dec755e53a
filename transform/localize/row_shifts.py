"""Displacements of whole rows that explain what fails: one slip that changes many cells, too many
for the search of cells.

`find_displacements(printed)` gives candidate `Displacement`s for the rows that stand in a failing
rule:
- `shifted_row`: the row stands one column too far to the right or left; the number at its end was
  lost,
- `split_number`: one number was read as two (10 as 1 and 0), and the rest of the row moved right,
- `rows_exchanged`: two rows stand in each other's place,
- `late_change`: a count was changed in a row and its total, and the sums down the columns were left
  as they were.
The number that was lost is what the row's own sum gives. Each displacement is complete in itself;
whether the other rules hold after it, and which further cells must change, is for the caller to
search.

Out of scope: what a displacement costs (`transform.localize.cost`), rows exchanged that no rule can
tell apart.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from transform.localize.displacement import Displacement
from transform.localize.printed_block import PrintedBlock

_Meant = list[int | None]  # the numbers of a row as meant; None: the number that was lost


def find_displacements(printed: PrintedBlock) -> Iterator[Displacement]:
    """The displacements that may have to do with the rules that fail.

    None of them is checked against the rules of the columns.
    """
    off = printed.residuals()
    for row in printed.grid.rows.values():
        rule = _rule_of_row(printed, row)
        if rule is not None and any(off[r] for c in row for r, _ in printed.block.of_cell[c]):
            yield from _displacements_in_row(printed, row, rule)
    yield from _find_exchanges(printed, off)
    yield from _find_late_changes(printed, off)


def _rule_of_row(printed: PrintedBlock, row: Sequence[int]) -> int | None:
    """The equation that holds the row together: its cells are just those of the row."""
    if len(row) < 3:
        return None
    block, cells = printed.block, set(row)
    for r, _ in block.of_cell[row[0]]:
        if printed.live[r] and block.equal[r] and {c for c, _ in block.terms[r]} == cells:
            return r
    return None


def _displacements_in_row(
    printed: PrintedBlock, row: Sequence[int], rule: int
) -> Iterator[Displacement]:
    numbers = [printed.values[c] for c in row]
    blank = [printed.blanks.blank[c] for c in row]
    meant = [("shifted_row", shifted) for shifted in _shifts(numbers)]
    if printed.scale == 1:
        meant += [("split_number", joined) for joined in _joins(numbers, blank)]
    for kind, candidate in meant:
        changes = _complete_row(printed, row, rule, candidate)
        if len(changes) > 1:
            yield Displacement(kind, changes)


def _shifts(numbers: list[int]) -> Iterator[_Meant]:
    for end in (len(numbers), len(numbers) - 1):  # with the total, or the parts alone
        rest: _Meant = list(numbers[end:])
        if numbers[0] == 0:
            yield [*numbers[1:end], None, *rest]
        if numbers[end - 1] == 0:
            yield [None, *numbers[: end - 1], *rest]


def _joins(numbers: list[int], blank: list[bool]) -> Iterator[_Meant]:
    """The row with two neighbours read as one number, and what stands behind them moved left."""
    for n in range(len(numbers) - 2):
        if numbers[n] <= 0 or numbers[n + 1] < 0 or blank[n] or blank[n + 1]:
            continue
        joined = int(f"{numbers[n]}{numbers[n + 1]}")
        for end in (len(numbers), len(numbers) - 1):
            if n + 1 < end - 1 or end == len(numbers):
                yield [*numbers[:n], joined, *numbers[n + 2 : end], None, *numbers[end:]]


def _complete_row(
    printed: PrintedBlock, row: Sequence[int], rule: int, meant: _Meant
) -> dict[int, int]:
    """The cells that change, with the lost number from the row's sum; none if that number is
    impossible.
    """
    coefficients = dict(printed.block.terms[rule])
    lost = row[meant.index(None)]
    total = sum(coefficients[c] * v for c, v in zip(row, meant, strict=True) if v is not None)
    found, odd = divmod(-total, coefficients[lost])
    if odd or found < 0:
        return {}
    filled = {c: found if v is None else v for c, v in zip(row, meant, strict=True)}
    return {c: v for c, v in filled.items() if v != printed.values[c]}


def _find_exchanges(printed: PrintedBlock, off: Sequence[int]) -> Iterator[Displacement]:
    """Pairs of rows whose exchange sets right at least half of the rules down the columns that are
    off, and two or more.
    """
    down = [r for r, rest in enumerate(off) if rest and printed.grid.column_of[r] is not None]
    if len(down) < 2:
        return
    votes = Counter(pair for r in down for pair in _settling_exchanges(printed, r, off[r]))
    for (above, below), count in sorted(votes.items()):
        changes = _exchange(printed, above, below)
        if count >= max(2, len(down) / 2) and len(changes) > 2:
            yield Displacement("rows_exchanged", changes, below - above - 1)


def _settling_exchanges(printed: PrintedBlock, rule: int, off: int) -> Iterator[tuple[int, int]]:
    """Pairs of rows, the upper one first, whose exchange makes this rule down a column hold."""
    grid, terms = printed.grid, printed.block.terms[rule]
    column = grid.at[terms[0][0]][1]
    inside = {grid.at[c][0]: k for c, k in terms}
    values = {
        row: printed.values[c]
        for row in grid.rows
        if (c := grid.cell_at.get((row, column))) is not None
    }
    for row, k in inside.items():
        for other, value in values.items():
            coefficient = inside.get(other, 0)
            is_met_again = coefficient != 0 and other < row
            settles = (k - coefficient) * (value - values[row]) == -off
            if other != row and not is_met_again and settles:
                yield min(row, other), max(row, other)


def _exchange(printed: PrintedBlock, above: int, below: int) -> dict[int, int]:
    """What changes if two rows change places; nothing where they differ in length."""
    upper, lower = printed.grid.rows[above], printed.grid.rows[below]
    if len(upper) != len(lower):
        return {}
    values = printed.values
    return {
        x: values[y]
        for a, b in zip(upper, lower, strict=True)
        for x, y in ((a, b), (b, a))
        if values[x] != values[y]
    }


def _find_late_changes(printed: PrintedBlock, off: Sequence[int]) -> Iterator[Displacement]:
    """Two sums down two columns are off by the same: the totals themselves, with what they must
    agree with, and not one of their parts.
    """
    block, grid = printed.block, printed.grid
    columns = {
        r: column
        for r, column in enumerate(grid.column_of)
        if off[r] and block.equal[r] and column is not None
    }
    for first, second in combinations(columns, 2):
        alike = off[first] == off[second] and block.classes[first] == block.classes[second]
        total = grid.total_of[first]
        if not alike or total is None:
            continue
        both = (columns[first], columns[second])
        for row_changes in _late_changes_of_total(printed, first, total, off[first]):
            changes = _change_rows(printed, row_changes, both)
            if len(changes) == 4 and all(value >= 0 for value in changes.values()):
                yield Displacement("late_change", changes)


def _change_rows(
    printed: PrintedBlock, row_changes: Sequence[tuple[int, int]], columns: Sequence[int]
) -> dict[int, int]:
    """The cells of these columns after each row is changed by so much."""
    return {
        cell: printed.values[cell] + change
        for row, change in row_changes
        for column in columns
        if (cell := printed.grid.cell_at.get((row, column))) is not None
    }


def _late_changes_of_total(
    printed: PrintedBlock, rule: int, total: int, off: int
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """By how much the row of a total and a row that must agree with it change, as (row, change)
    twice, so that the rule holds.
    """
    block, grid = printed.block, printed.grid
    coefficient = dict(block.terms[rule])[total]
    if abs(coefficient) != 1:
        return
    change = -off * coefficient
    for other, share in block.of_cell[total]:
        if other == rule or grid.column_of[other] is None:
            continue
        for cell, agreed in block.terms[other]:
            if cell != total and abs(agreed) == 1:
                yield (grid.at[total][0], change), (grid.at[cell][0], -change * share * agreed)
