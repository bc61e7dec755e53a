"""What people do to whole lines of a table of requests: one slip that changes many cells.

`find_line_faults(printed)` gives candidate `Displacement`s:
- `totals_left`: the row or the column of totals stands at 0, though its parts do not, or the
  totals of one row and one column do,
- `carried_twice`: 本年新收 holds what was carried in as well,
- `carry_forgotten`: 结转下年度 stands at 0, and each column lacks what should stand there,
- `line_repeated`: a line repeats another, and should be what the balance leaves for it,
- `stale_sums`: a detail came in last, and the totals of its row and column were not brought up to
  date.
Other tables have none of these lines, and so none of these faults. Whether all rules hold after a
change is for the caller to search.

Out of scope: rows that moved (`transform.localize.row_shifts`).
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from transform.localize.displacement import Displacement
from transform.localize.printed_block import PrintedBlock

NEW: Final = "new"
CARRIED_IN: Final = "carried_in"
RESULTS: Final = "result_total"
CARRIED_OUT: Final = "carried_out"
# what comes in equals what goes out: lines with the sign that they have in that
BALANCE: Final = {NEW: 1, CARRIED_IN: 1, RESULTS: -1, CARRIED_OUT: -1}


def find_line_faults(printed: PrintedBlock) -> Iterator[Displacement]:
    """The line faults that may have to do with the rules that fail."""
    lines = {name: printed.grid.line(name) for name in BALANCE}
    if not all(lines.values()):
        return
    for kind, changes in (
        *(("totals_left", found) for found in _totals_left(printed, lines[RESULTS])),
        ("carried_twice", _carried_twice(printed, lines[NEW], lines[CARRIED_IN])),
        ("carry_forgotten", _carry_forgotten(printed, lines)),
        *(("line_repeated", found) for found in _lines_repeated(printed, lines)),
        *(("stale_sums", found) for found in _stale_sums(printed, lines[RESULTS])),
    ):
        if len(changes) > 1 and all(value >= 0 for value in changes.values()):
            yield Displacement(kind, changes)


FEW: Final = 5  # what came in last is a request or two
_Lines = dict[str, tuple[int, ...]]
_Changes = dict[int, int]


def _totals_left(printed: PrintedBlock, results: Sequence[int]) -> Iterator[_Changes]:
    grid = printed.grid
    across = [c for r, c in enumerate(grid.total_of) if c is not None and grid.column_of[r] is None]
    for totals, runs_down in ((results, True), (across, False)):
        if any(printed.values[c] for c in totals) or any(printed.blanks.blank[c] for c in totals):
            continue
        changes = {c: _sum_of_parts(printed, c, runs_down) for c in totals}
        yield {c: value for c, value in changes.items() if value}
    for pair in combinations(sorted(printed.unfilled_totals()), 2):
        # each stands for the parts of its own line: one runs down, the other along a row
        down, along = sorted(pair, key=lambda c: c not in results)
        if down in results and along not in results:
            yield {
                down: _sum_of_parts(printed, down, True),
                along: _sum_of_parts(printed, along, False),
            }


def _sum_of_parts(printed: PrintedBlock, total: int, runs_down: bool) -> int:
    """What the parts of a total add to: those down its column, or those along its row."""
    grid, block = printed.grid, printed.block
    for r, coefficient in block.of_cell[total]:
        if grid.total_of[r] == total and (grid.column_of[r] is not None) == runs_down:
            parts = sum(printed.values[c] * k for c, k in block.terms[r] if c != total)
            return -parts // coefficient
    return printed.values[total]


def _carried_twice(
    printed: PrintedBlock, new: Sequence[int], carried_in: Sequence[int]
) -> _Changes:
    values = printed.values
    pairs = zip(new, carried_in, strict=True)
    return {n: values[n] - values[c] for n, c in pairs if values[c]}


def _carry_forgotten(printed: PrintedBlock, lines: _Lines) -> _Changes:
    if any(printed.values[c] for c in lines[CARRIED_OUT]):
        return {}
    return _left_by_balance(printed, lines, CARRIED_OUT)


def _lines_repeated(printed: PrintedBlock, lines: _Lines) -> Iterator[_Changes]:
    numbers = {name: [printed.values[c] for c in line] for name, line in lines.items()}
    for name, line in numbers.items():
        if any(line) and any(line == other for n, other in numbers.items() if n != name):
            yield _left_by_balance(printed, lines, name)


def _left_by_balance(printed: PrintedBlock, lines: _Lines, name: str) -> _Changes:
    """What the balance of each column leaves for one line."""
    changes: _Changes = {}
    for place, cell in enumerate(lines[name]):
        others = sum(
            sign * printed.values[lines[other][place]]
            for other, sign in BALANCE.items()
            if other != name
        )
        value = -others * BALANCE[name]
        if value != printed.values[cell]:
            changes[cell] = value
    return changes


def _stale_sums(printed: PrintedBlock, results: Sequence[int]) -> Iterator[_Changes]:
    """A row's total and a column's total lack the same, and so does the total of all."""
    grid, values = printed.grid, printed.values
    lacking: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    for r, off in enumerate(printed.residuals()):
        total = grid.total_of[r]
        if off and total is not None:
            runs_down = grid.column_of[r] is not None
            lacks = _sum_of_parts(printed, total, runs_down) - values[total]
            if (total in results) == runs_down:
                lacking[runs_down].append((total, lacks))
    for row_total, lacks in lacking[False]:
        for column_total, as_much in lacking[True]:
            few = 0 < lacks <= FEW * printed.scale
            if few and lacks == as_much and column_total != results[-1]:
                totals = (row_total, column_total, results[-1])
                yield {c: values[c] + lacks for c in totals}
