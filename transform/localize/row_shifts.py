"""Displacements of whole rows that explain what fails: one slip that changes many cells, too many
for the search of cells.

`events_of(block, grid, values, blank, live, unit)` gives candidate `Event`s for the rows that stand
in a failing rule:
- `shifted_row`: the row stands one column too far to the right or left; the number at its end was
  lost,
- `split_number`: one number was read as two (10 as 1 and 0), and the rest of the row moved right,
- `rows_exchanged`: two rows stand in each other's place,
- `late_change`: a count was changed in a row and its total, and the sums down the columns were left
  as they were.
The number that was lost is what the row's own sum gives. Each event is complete in itself; whether
the other rules hold after it, and which further cells must change, is for the caller to search.

Out of scope: what an event costs (`transform.localize.cost`), rows exchanged that no rule can tell
apart.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from transform.localize.cost import Grid
from transform.localize.minimal_sets import Block, residuals


@dataclass(frozen=True, slots=True)
class Event:
    """One displacement: the new values of the cells that it changes."""

    kind: str
    changes: dict[int, int]


def events_of(
    block: Block,
    grid: Grid,
    values: Sequence[int],
    blank: Sequence[bool],
    live: Sequence[bool],
    unit: int,
) -> Iterator[Event]:
    """The displacements that may have to do with the rules that fail.

    None of them is checked against the rules of the columns.
    """
    off = residuals(block, values, live)
    for row in grid.rows:
        rule = _own_rule(block, row, live)
        if rule is None or not any(off[r] for c in row for r, _ in block.of_cell[c]):
            continue
        printed = [values[c] for c in row]
        gaps = [blank[c] for c in row]
        for kind, meant in (*_shifts(printed), *(_splits(printed, gaps) if unit == 1 else ())):
            changes = _completed(block, row, rule, meant, values)
            if len(changes) > 1:
                yield Event(kind, changes)
    yield from _exchanges(block, grid, values, off)
    yield from _late(block, grid, values, off)


def _own_rule(block: Block, row: Sequence[int], live: Sequence[bool]) -> int | None:
    """The equation that holds the row together: its cells are just those of the row."""
    if len(row) < 3:
        return None
    cells = set(row)
    for r, _ in block.of_cell[row[0]]:
        if live[r] and block.equal[r] and {c for c, _ in block.terms[r]} == cells:
            return r
    return None


Meant = list[int | None]  # None: the number that was lost


def _shifts(printed: list[int]) -> Iterator[tuple[str, Meant]]:
    for end in (len(printed), len(printed) - 1):  # with the total, or the parts alone
        rest: Meant = list(printed[end:])
        if printed[0] == 0:
            yield "shifted_row", [*printed[1:end], None, *rest]
        if printed[end - 1] == 0:
            yield "shifted_row", [None, *printed[: end - 1], *rest]


def _splits(printed: list[int], gaps: list[bool]) -> Iterator[tuple[str, Meant]]:
    for n in range(len(printed) - 2):
        if printed[n] <= 0 or printed[n + 1] < 0 or gaps[n] or gaps[n + 1]:
            continue
        joined = int(f"{printed[n]}{printed[n + 1]}")
        for end in (len(printed), len(printed) - 1):
            if n + 1 < end - 1 or end == len(printed):
                yield (
                    "split_number",
                    [*printed[:n], joined, *printed[n + 2 : end], None, *printed[end:]],
                )


def _completed(
    block: Block, row: Sequence[int], rule: int, meant: Meant, values: Sequence[int]
) -> dict[int, int]:
    """The cells that change, with the lost number from the row's sum; none if that number is
    impossible.
    """
    coefficients = dict(block.terms[rule])
    lost = row[meant.index(None)]
    total = sum(coefficients[c] * v for c, v in zip(row, meant, strict=True) if v is not None)
    found, odd = divmod(-total, coefficients[lost])
    if odd or found < 0:
        return {}
    filled = {c: found if v is None else v for c, v in zip(row, meant, strict=True)}
    return {c: v for c, v in filled.items() if v != values[c]}


def _exchanges(
    block: Block, grid: Grid, values: Sequence[int], off: Sequence[int]
) -> Iterator[Event]:
    """Pairs of rows whose exchange sets right at least half of the rules down the columns that are
    off, and two or more.
    """
    down = [r for r, rest in enumerate(off) if rest and _column(block, grid, r) is not None]
    if len(down) < 2:
        return
    lines = {grid.at[row[0]][0]: row for row in grid.rows}
    cell_at = {where: c for c, where in enumerate(grid.at)}
    votes: Counter[tuple[int, int]] = Counter()
    for r in down:
        column = grid.at[block.terms[r][0][0]][1]
        inside = {grid.at[c][0]: k for c, k in block.terms[r]}
        values_of = {
            row: values[c] for row in lines if (c := cell_at.get((row, column))) is not None
        }
        for above, k in inside.items():
            for below, value in values_of.items():
                other = inside.get(below, 0)
                if (
                    below != above
                    and not (other and below < above)
                    and (k - other) * (value - values_of[above]) == -off[r]
                ):
                    votes[min(above, below), max(above, below)] += 1
    for (above, below), count in sorted(votes.items()):
        pairs = list(zip(lines[above], lines[below], strict=False))
        if count < max(2, len(down) / 2) or len(lines[above]) != len(lines[below]):
            continue
        changes = {
            x: values[y] for a, b in pairs for x, y in ((a, b), (b, a)) if values[x] != values[y]
        }
        if len(changes) > 2:
            yield Event("rows_exchanged", changes)


def _late(block: Block, grid: Grid, values: Sequence[int], off: Sequence[int]) -> Iterator[Event]:
    """Two sums down two columns are off by the same: the totals themselves, with what they must
    agree with, and not one of their parts.
    """
    down = [
        r
        for r, rest in enumerate(off)
        if rest and block.equal[r] and _column(block, grid, r) is not None
    ]
    cell_at = {where: c for c, where in enumerate(grid.at)}
    for first, second in combinations(down, 2):
        if off[first] != off[second] or block.classes[first] != block.classes[second]:
            continue
        columns = [col for r in (first, second) if (col := _column(block, grid, r)) is not None]
        for c, k in block.terms[first]:
            if c != grid.total_of[first]:
                continue
            for other, share in block.of_cell[c]:
                if other == first or _column(block, grid, other) is None:
                    continue
                for x, agreed in block.terms[other]:
                    if x == c or k * k != 1 or agreed * agreed != 1:
                        continue
                    change = -off[first] * k
                    pairs = ((grid.at[c][0], change), (grid.at[x][0], -change * share * agreed))
                    changes = {
                        cell: values[cell] + by
                        for row, by in pairs
                        for col in columns
                        if (cell := cell_at.get((row, col))) is not None
                    }
                    if len(changes) == 4 and all(v >= 0 for v in changes.values()):
                        yield Event("late_change", changes)


def _column(block: Block, grid: Grid, rule: int) -> int | None:
    """The column that a rule runs down; None if its cells stand in several."""
    columns = {grid.at[c][1] for c, _ in block.terms[rule]}
    return columns.pop() if len(columns) == 1 else None
