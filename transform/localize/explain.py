"""One block of one report: the explanations of what fails in it, weighed, and which of its failures
have nothing to do with each other.

`explain(search, ranker)` gives the smallest sets of cells and the displaced rows that would do as
well, cheapest first; `split_causes(block, ranker, weighed, failing)` divides them among independent
causes.

Out of scope: numbers as they are printed and the answer to the caller
(`transform.localize.localize`).
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, combinations
from math import prod
from typing import Final

from transform.localize.cost import COST, JOINT, LINE_BETWEEN, WHOLE_ROW, Ranker, Weighed
from transform.localize.disjoint_sets import DisjointSets
from transform.localize.displacement import Displacement
from transform.localize.line_faults import find_line_faults
from transform.localize.minimal_sets import (
    BLANK,
    NEVER,
    PRINTED,
    EquationBlock,
    Limits,
    Sets,
    find_minimal_sets,
)
from transform.localize.printed_block import PrintedBlock
from transform.localize.row_shifts import find_displacements

CELLS_BESIDE_ROW: Final = 3  # cells searched where a displaced row explains everything
SPREAD: Final = 1.5  # explanations that cost so much more than the first are not worth a look
FURTHER_CELLS: Final = 2  # further cells that may change beside a displaced row
# displaced rows tried together with others where nothing simpler explains what fails
MIXED: Final = 6
MIXED_CELLS: Final = 4
SCATTERED: Final = 12  # cells searched where nothing else explains what fails
ROW_NODES: Final = 2_000
UNKNOWN: Final = 9.0  # the cost of no explanation


_Changes = dict[int, int]  # cell -> new value
_DisplacedRow = tuple[Displacement, _Changes]  # with all changes together


@dataclass(frozen=True, slots=True)
class BlockSearch:
    """The searches for what explains one block: its numbers, and what the searches may cost."""

    printed: PrintedBlock
    limits: Limits
    deadline: float  # in CPU seconds of this thread, for all searches together

    def is_over(self) -> bool:
        """Whether the time is spent."""
        return time.thread_time() > self.deadline

    def find_sets(self, limits: Limits, changes: Mapping[int, int] | None = None) -> Sets:
        """The least sets of cells after which every rule holds; cells of `changes` are changed
        already, and stay so.
        """
        fixed = changes or {}
        weights = [
            NEVER if c in fixed else BLANK if odd else PRINTED
            for c, odd in enumerate(self.printed.blanks.odd)
        ]
        after = self.printed.after(fixed)
        return find_minimal_sets(
            after.block, after.values, weights, after.live, after.scale, limits
        )

    def complete(self, changes: _Changes, cells: int) -> Iterator[_Changes]:
        """The changes with the least sets of further cells, up to so many, after which every rule
        holds.
        """
        seconds = max(0.0, self.deadline - time.thread_time())
        narrow = replace(self.limits, cells=cells, nodes=ROW_NODES, seconds=seconds)
        for more in self.find_sets(narrow, changes).sets:
            yield changes | more

    def may_be_displaced(self) -> bool:
        """Whether displaced rows are worth a thought: two rules of a kind fail, or the block is too
        weak to tell.
        """
        block = self.printed.block
        kinds = [block.classes[r] for r in self.printed.failing()]
        return len(set(kinds)) < len(kinds) or not tells_cells_apart(
            block, tuple(self.printed.live)
        )

    def displaced_rows(self, before: Mapping[int, int]) -> Iterator[_DisplacedRow]:
        """The displacements that may explain what still fails after the changes `before`."""
        printed = self.printed.after(before)
        for displacement in chain(find_line_faults(printed), find_displacements(printed)):
            if before.keys().isdisjoint(displacement.changes):
                yield displacement, {**before, **displacement.changes}

    def count_failing(self, changes: Mapping[int, int]) -> int:
        """How many rules fail after these changes."""
        return len(self.printed.after(changes).failing())


class _Ranking:
    """The explanations met so far: the same changes once, at their least cost."""

    def __init__(self, ranker: Ranker) -> None:
        self.ranker = ranker
        self.best: dict[frozenset[tuple[int, int]], Weighed] = {}

    def add(self, changes: _Changes, displacements: Sequence[Displacement] = ()) -> None:
        key = frozenset(changes.items())
        kinds = {c: d.kind for d in displacements for c in d.changes}
        cost = sum(COST[d.kind] + LINE_BETWEEN * d.distance for d in displacements)
        weighed = self.ranker.cost_of(changes, kinds, cost)
        if key not in self.best or weighed.cost < self.best[key].cost:
            self.best[key] = weighed

    def add_sets(self, sets: Iterable[_Changes]) -> None:
        for changes in sets:
            self.add(changes)

    def least_cost(self) -> float:
        return min((w.cost for w in self.best.values()), default=UNKNOWN)

    def ranked(self) -> list[Weighed]:
        """Those that are worth a look, cheapest first."""
        ranked = sorted(self.best.values(), key=_order)
        return [w for w in ranked if w.cost <= ranked[0].cost + SPREAD]


def explain(search: BlockSearch, ranker: Ranker) -> tuple[list[Weighed], Sets]:
    """All explanations with their cost, cheapest first, and what the search of cells found.

    A displaced row that explains everything makes a search of large sets idle. Where neither is
    enough, a row and some cells are tried together, then two rows, and last larger sets: faults
    scattered over rows of their own are found at once, others run into the limit.
    """
    ranking = _Ranking(ranker)
    rows = list(search.displaced_rows({})) if search.may_be_displaced() else []
    for displacement, changes in rows:
        if not search.count_failing(changes):
            ranking.add(changes, [displacement])
    limits = search.limits
    if ranking.best:
        limits = replace(limits, cells=min(CELLS_BESIDE_ROW, limits.cells))
    found = search.find_sets(limits)
    ranking.add_sets(found.sets)
    for displacement, changes in _rows_with_cells(search, rows, ranking.least_cost()):
        ranking.add(changes, [displacement])
    if not ranking.best:
        for displacements, changes in _mixtures(search, rows):
            ranking.add(changes, displacements)
    if not ranking.best and found.reason == "size":
        found = search.find_sets(replace(search.limits, cells=SCATTERED))
        ranking.add_sets(found.sets)
    return ranking.ranked(), found


def _rows_with_cells(
    search: BlockSearch, rows: Sequence[_DisplacedRow], least: float
) -> Iterator[_DisplacedRow]:
    """One displaced row with as many cells as it may take to be no dearer than the least cost."""
    for displacement, changes in rows:
        if search.is_over():
            return
        room = int((least + SPREAD - COST[displacement.kind]) / COST["near_total"])
        if room > 0:
            for more in search.complete(changes, min(FURTHER_CELLS, room)):
                yield displacement, more


def _mixtures(
    search: BlockSearch, rows: Sequence[_DisplacedRow]
) -> Iterator[tuple[list[Displacement], _Changes]]:
    """One displaced row with more cells than usual, or two with some cells: from the rows that set
    most right.
    """
    good = _most_helpful(search, rows)
    for first, before in good:
        if search.is_over():
            return
        for changes in search.complete(before, MIXED_CELLS):
            yield [first], changes
    for first, before in good:
        for second, both in _most_helpful(search, search.displaced_rows(before)):
            if search.is_over():
                return
            for changes in search.complete(both, FURTHER_CELLS):
                yield [first, second], changes


def _most_helpful(search: BlockSearch, rows: Iterable[_DisplacedRow]) -> list[_DisplacedRow]:
    return sorted(rows, key=lambda row: search.count_failing(row[1]))[:MIXED]


def split_causes(
    block: EquationBlock, ranker: Ranker, weighed: list[Weighed], failing: Sequence[int]
) -> list[tuple[tuple[int, ...], list[Weighed]]]:
    """The failing rules in groups that have nothing to do with each other, each with its own
    ranking.

    Two faults far apart are two causes: where the explanations are all combinations of what
    explains one group and what explains the other, each group is ranked by itself. Otherwise there
    is one cause.
    """
    together = _join_rules(block, weighed)
    groups = together.groups(failing)
    if len(groups) > 1:
        parts = []
        for rules in groups:
            head = together.find(rules[0])
            cells = {
                c for c, of in enumerate(block.of_cell) if of and together.find(of[0][0]) == head
            }
            parts.append((rules, _rank_alone(ranker, weighed, cells)))
        if prod(len(own) for _, own in parts) == len(weighed):
            return parts
    return [(tuple(failing), weighed)]


def _join_rules(block: EquationBlock, weighed: Sequence[Weighed]) -> DisjointSets:
    """The rules that an explanation ties together: by a cell, or by cells of one displacement."""
    together = DisjointSets(range(len(block.terms)))
    for w in weighed:
        for c in w.changes:
            for r, _ in block.of_cell[c]:
                together.join(r, block.of_cell[c][0][0])
        for a, b in combinations([c for c in w.changes if w.kinds[c] in JOINT], 2):
            together.join(block.of_cell[a][0][0], block.of_cell[b][0][0])
    return together


def _rank_alone(ranker: Ranker, weighed: Sequence[Weighed], cells: set[int]) -> list[Weighed]:
    """What the explanations say of these cells, each once, at the cost that it has by itself."""
    own: dict[frozenset[tuple[int, int]], Weighed] = {}
    for w in weighed:
        mine = {c: v for c, v in w.changes.items() if c in cells}
        kinds = {c: w.kinds[c] for c in mine}
        own.setdefault(frozenset(mine.items()), replace(w, changes=mine, kinds=kinds))
    ranked = sorted(own.values(), key=_order)
    rows = {c: kind for c, kind in ranked[0].kinds.items() if kind in WHOLE_ROW}
    row_cost = max((COST[kind] for kind in rows.values()), default=0.0)
    first = ranker.cost_of(ranked[0].changes, rows, row_cost).cost
    return [replace(w, cost=first + w.cost - ranked[0].cost) for w in ranked]


def _order(weighed: Weighed) -> tuple[float, list[tuple[int, int]]]:
    return weighed.cost, sorted(weighed.changes.items())


@lru_cache(maxsize=64)
def tells_cells_apart(block: EquationBlock, live: tuple[bool, ...]) -> bool:
    """Whether one wrong cell has one explanation: every cell that counts stands in two equations or
    more, and no two in the same.
    """
    stands = [tuple(r for r, _ in rules if live[r]) for rules in block.of_cell]
    stands = [rules for rules in stands if rules]
    all_in_two = all(sum(block.equal[r] for r in rules) >= 2 for rules in stands)
    return all_in_two and len(set(stands)) == len(stands)
