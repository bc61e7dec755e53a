"""One block of one report: the explanations of what fails in it, weighed, and which of its failures
have nothing to do with each other.

`explain(case, ranker)` gives the smallest sets of cells and the displaced rows that would do as
well, cheapest first; `apart(block, ranker, weighed, failing)` divides them among independent
causes.

Out of scope: numbers as they are printed and the answer to the caller
(`transform.localize.localize`).
"""

import time
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from math import prod
from typing import Final

from transform.localize.cost import COST, JOINT, WHOLE_ROW, Gaps, Grid, Ranker, Weighed
from transform.localize.minimal_sets import (
    BLANK,
    NEVER,
    PRINTED,
    Block,
    Limits,
    Sets,
    residuals,
    search,
)
from transform.localize.row_shifts import Event, events_of

BESIDE_EVENT: Final = 3  # cells searched where a displaced row explains everything
SPREAD: Final = 1.5  # explanations that cost so much more than the first are not worth a look
EVENT_CELLS: Final = 2  # further cells that may change beside a displaced row
# displaced rows tried together with others where nothing simpler explains what fails
MIXED: Final = 6
MIXED_CELLS: Final = 4
SCATTERED: Final = 12  # cells searched where nothing else explains what fails
EVENT_NODES: Final = 2_000
UNKNOWN: Final = 9.0  # the cost of no explanation


@dataclass(frozen=True, slots=True)
class Case:
    """One block of one report: scaled values, which are blank, which rules count."""

    block: Block
    grid: Grid
    values: list[int]
    gaps: Gaps
    live: list[bool]
    scale: int
    limits: Limits
    deadline: float  # in CPU seconds of this thread, for all searches of the case together

    def over(self) -> bool:
        """Whether the time for this case is spent."""
        return time.thread_time() > self.deadline

    def weights(self, fixed: Container[int] = ()) -> list[int]:
        """What changing each cell weighs; cells of `fixed` cannot be changed."""
        return [
            NEVER if c in fixed else BLANK if odd else PRINTED
            for c, odd in enumerate(self.gaps.odd)
        ]

    def several(self) -> bool:
        """Whether displaced rows are worth a thought: two rules of a kind fail, or the block is too
        weak to tell.
        """
        kinds = [
            self.block.classes[r]
            for r, rest in enumerate(residuals(self.block, self.values, self.live))
            if rest
        ]
        return len(set(kinds)) < len(kinds) or not carries(self.block, tuple(self.live))

    def failing(self, changes: Mapping[int, int]) -> int:
        """How many rules fail after these changes."""
        return sum(rest != 0 for rest in residuals(self.block, self.after(changes), self.live))

    def after(self, changes: Mapping[int, int]) -> list[int]:
        """The values with these changes made."""
        values = list(self.values)
        for c, new in changes.items():
            values[c] = new
        return values

    def events(self, before: Mapping[int, int]) -> Iterator[tuple[Event, dict[int, int]]]:
        """The displacements that may explain what still fails after the changes `before`, each with
        all changes together.
        """
        for event in events_of(
            self.block, self.grid, self.after(before), self.gaps.blank, self.live, self.scale
        ):
            if before.keys().isdisjoint(event.changes):
                yield event, {**before, **event.changes}

    def completed(self, changes: dict[int, int], cells: int) -> Iterator[dict[int, int]]:
        """The changes with the least sets of further cells, up to so many, after which every rule
        holds.
        """
        narrow = replace(
            self.limits,
            cells=cells,
            nodes=EVENT_NODES,
            seconds=max(0.0, self.deadline - time.thread_time()),
        )
        for more in search(
            self.block, self.after(changes), self.weights(changes), self.live, self.scale, narrow
        ).sets:
            yield changes | more


def explain(case: Case, ranker: Ranker) -> tuple[list[Weighed], Sets]:
    """All explanations with their cost, cheapest first (the same changes once, at their least
    cost), and what the search of cells found.

    A displaced row that explains everything makes a search of large sets idle. Where neither is
    enough, a row and some cells are tried together, then two rows, and last larger sets: faults
    scattered over rows of their own are found at once, others run into the limit.
    """
    best: dict[frozenset[tuple[int, int]], Weighed] = {}

    def add(changes: dict[int, int], events: Sequence[Event] = ()) -> None:
        key = frozenset(changes.items())
        kinds = {c: e.kind for e in events for c in e.changes}
        weighed = ranker.cost_of(changes, kinds, sum(COST[e.kind] for e in events))
        if key not in best or weighed.cost < best[key].cost:
            best[key] = weighed

    rows = list(case.events({})) if case.several() else []
    for event, changes in rows:
        if not case.failing(changes):
            add(changes, [event])
    limits = (
        replace(case.limits, cells=min(BESIDE_EVENT, case.limits.cells)) if best else case.limits
    )
    found = search(case.block, case.values, case.weights(), case.live, case.scale, limits)
    for changes in found.sets:
        add(changes)
    least = min((w.cost for w in best.values()), default=UNKNOWN)
    for event, changes in rows:
        if case.over():
            break
        room = min(EVENT_CELLS, int((least + SPREAD - COST[event.kind]) / COST["near_total"]))
        if room > 0:
            for more in case.completed(changes, room):
                add(more, [event])
    if not best:
        for events, changes in _mixtures(case, rows):
            add(changes, events)
    if not best and found.reason == "size":
        found = search(
            case.block,
            case.values,
            case.weights(),
            case.live,
            case.scale,
            replace(case.limits, cells=SCATTERED),
        )
        for changes in found.sets:
            add(changes)
    ranked = sorted(best.values(), key=_order)
    return [w for w in ranked if w.cost <= ranked[0].cost + SPREAD], found


def _mixtures(
    case: Case, rows: list[tuple[Event, dict[int, int]]]
) -> Iterator[tuple[list[Event], dict[int, int]]]:
    """One displaced row with more cells than usual, or two with some cells: from the rows that set
    most right.
    """
    good = sorted(rows, key=lambda row: case.failing(row[1]))[:MIXED]
    for first, before in good:
        if case.over():
            return
        for changes in case.completed(before, MIXED_CELLS):
            yield [first], changes
    for first, before in good:
        for second, both in sorted(case.events(before), key=lambda row: case.failing(row[1]))[
            :MIXED
        ]:
            if case.over():
                return
            for changes in case.completed(both, EVENT_CELLS):
                yield [first, second], changes


def apart(
    block: Block, ranker: Ranker, weighed: list[Weighed], failing: list[int]
) -> list[tuple[tuple[int, ...], list[Weighed]]]:
    """The failing rules in groups that have nothing to do with each other, each with its own
    ranking.

    Two faults far apart are two causes: where the explanations are all combinations of what
    explains one group and what explains the other, each group is ranked by itself. Otherwise there
    is one cause.
    """
    one = [(tuple(failing), weighed)]
    group = list(range(len(block.terms)))

    def root(r: int) -> int:
        while group[r] != r:
            r = group[r]
        return r

    for w in weighed:
        for c in w.changes:
            for r, _ in block.of_cell[c]:
                group[root(r)] = root(block.of_cell[c][0][0])
        for a, b in combinations([c for c in w.changes if w.kinds[c] in JOINT], 2):
            group[root(block.of_cell[a][0][0])] = root(block.of_cell[b][0][0])
    groups: dict[int, list[int]] = {}
    for r in failing:
        groups.setdefault(root(r), []).append(r)
    if len(groups) < 2:
        return one
    parts: list[tuple[tuple[int, ...], list[Weighed]]] = []
    for head, rules in groups.items():
        own: dict[frozenset[tuple[int, int]], Weighed] = {}
        for w in weighed:
            mine = {c: v for c, v in w.changes.items() if root(block.of_cell[c][0][0]) == head}
            own.setdefault(
                frozenset(mine.items()),
                replace(w, changes=mine, kinds={c: w.kinds[c] for c in mine}),
            )
        ranked = sorted(own.values(), key=_order)
        events = {c: kind for c, kind in ranked[0].kinds.items() if kind in WHOLE_ROW}
        first = ranker.cost_of(
            ranked[0].changes, events, max((COST[kind] for kind in events.values()), default=0.0)
        ).cost
        parts.append(
            (tuple(rules), [replace(w, cost=first + w.cost - ranked[0].cost) for w in ranked])
        )
    return parts if prod(len(own) for _, own in parts) == len(weighed) else one


def _order(weighed: Weighed) -> tuple[float, list[tuple[int, int]]]:
    return weighed.cost, sorted(weighed.changes.items())


@lru_cache(maxsize=64)
def carries(block: Block, live: tuple[bool, ...]) -> bool:
    """Whether one wrong cell has one explanation: every cell that counts stands in two equations or
    more, and no two in the same.
    """
    stands = [tuple(r for r, _ in rules if live[r]) for rules in block.of_cell]
    stands = [rules for rules in stands if rules]
    return all(sum(block.equal[r] for r in rules) >= 2 for rules in stands) and len(
        set(stands)
    ) == len(stands)
