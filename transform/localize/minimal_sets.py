"""The smallest weighted sets of cells whose change makes every sum hold: all of them, exactly
(Fellegi and Holt 1976).

`split_into_blocks(system)` splits a system into independent blocks (cells that share equations) and
keeps what the search needs of each; `find_minimal_sets(block, values, weights, live, limits)` gives
`Sets`: every set of least weight with the values that it implies.

How: the residual of every rule is kept. In a set of changed cells there is a violated rule that
touches one undecided cell of it alone, and this rule's residual fixes the cell's new value; so the
search goes depth-first over pairs (violated rule, cell). Rules that share no cell form a class;
each violated rule of a class costs at least its cheapest cell, which bounds what is still to come
(iterative deepening on that bound). Where the bound leaves nothing to spare, one rule of the class
is enough to branch on. Sets of four and more cells may hold a rectangle that no rule fixes; it is
pinned by a cell that stands at 0, so that "this cell becomes 0" is tried as well. Numbers are
integers throughout, scaled by the caller.

An inequality that fails is taken at its bound: the smallest change of that cell that will do. Sets
in which an inequality that holds as printed would have to bind beside an equation are not looked
for; no form has a block with both.

Out of scope: which set is likely (`transform.localize.cost`). Beyond the limits nothing is said,
and why is said (`Sets.reason`).
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from transform.localize.disjoint_sets import DisjointSets
from transform.localize.equations import Equation, System

PRINTED: Final = 10  # weight of changing a printed number
# weight of filling a blank: three omissions are likelier than one wrong number, four are not
BLANK: Final = 3
NEVER: Final = 10**6  # the weight of what cannot be
PINNED_FROM: Final = 4  # cells: no smaller set of changes is free of a rule that fixes one of them


@dataclass(frozen=True, slots=True)
class Limits:
    """What one search may cost: printed cells changed, steps of the search, CPU seconds, and how
    many sets are of use.
    """

    cells: int = 5
    nodes: int = 30_000
    seconds: float = 1.0
    sets: int = 300


USUAL: Final = Limits()


@dataclass(frozen=True, eq=False, slots=True)
class EquationBlock:
    """Cells and equations that hang together, numbered from 0 within the block; `cells` and
    `equations` are places in the system.

    `terms[r]` are (cell, coefficient) of rule r, turned so that an inequality reads `sum <= 0`;
    `of_cell[c]` are (rule, coefficient). `classes[r]` is the class of rule r; rules of one class
    share no cell. `signed[c]` tells whether the cell may be negative.
    """

    cells: tuple[int, ...]
    equations: tuple[int, ...]
    terms: tuple[tuple[tuple[int, int], ...], ...]
    equal: tuple[bool, ...]
    of_cell: tuple[tuple[tuple[int, int], ...], ...]
    classes: tuple[int, ...]
    signed: tuple[bool, ...]
    whole: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Sets:
    """What a search found.

    `sets` map cells to new values; `complete` says that within the limits no other set has as
    little weight.

    `reason` is None, or why nothing or not all was found: `limit` (steps, time or number of sets),
    `size` (it takes more cells than allowed).
    """

    sets: tuple[dict[int, int], ...]
    weight: int
    complete: bool
    reason: str | None
    nodes: int


@lru_cache(maxsize=64)
def split_into_blocks(system: System) -> tuple[EquationBlock, ...]:
    """The independent blocks of a system, in the order of their first cell.

    Cells that stand in no sum are in none.
    """
    equations = range(len(system.equations))
    together = DisjointSets(equations)
    for theirs in system.of_cell:
        for other in theirs[1:]:
            together.join(theirs[0], other)
    made = [_make_block(system, group) for group in together.groups(equations)]
    return tuple(sorted(made, key=lambda b: b.cells[0]))


def _make_block(system: System, numbers: tuple[int, ...]) -> EquationBlock:
    equations = [system.equations[n] for n in numbers]
    cells = tuple(sorted({c for equation in equations for c in equation.cells}))
    place = {c: n for n, c in enumerate(cells)}
    terms = tuple(_turned_terms(equation, place) for equation in equations)
    of_cell: list[list[tuple[int, int]]] = [[] for _ in cells]
    for r, pairs in enumerate(terms):
        for c, k in pairs:
            of_cell[c].append((r, k))
    types = [system.types[c] for c in cells]
    return EquationBlock(
        cells=cells,
        equations=numbers,
        terms=terms,
        equal=tuple(equation.operator == "==" for equation in equations),
        of_cell=tuple(map(tuple, of_cell)),
        classes=tuple(_classes(equations)),
        signed=tuple(t == "signed_int" for t in types),
        whole=tuple(t != "decimal" for t in types),
    )


def _turned_terms(equation: Equation, place: Mapping[int, int]) -> tuple[tuple[int, int], ...]:
    """The terms with cells as numbered in the block, turned so that an inequality reads `<= 0`."""
    sign = -1 if equation.operator == ">=" else 1
    added: dict[int, int] = {}
    for c, k in zip(equation.cells, equation.coefficients, strict=True):
        added[place[c]] = added.get(place[c], 0) + sign * k
    return tuple((c, k) for c, k in added.items() if k)


def _classes(equations: Sequence[Equation]) -> Iterator[int]:
    """The class of each: the first one of equations of its rule with which it shares no cell."""
    classes: list[tuple[str, set[int]]] = []
    for equation in equations:
        fitting = (
            n
            for n, (rule_id, cells) in enumerate(classes)
            if rule_id == equation.rule_id and cells.isdisjoint(equation.cells)
        )
        number = next(fitting, len(classes))
        if number == len(classes):
            classes.append((equation.rule_id, set()))
        classes[number][1].update(equation.cells)
        yield number


def residuals(block: EquationBlock, values: Sequence[int], live: Sequence[bool]) -> list[int]:
    """What each rule is off by; 0 for an inequality that holds and for a rule that is not live."""
    rest = raw_sums(block, values, live)
    return [r if equal or r > 0 else 0 for r, equal in zip(rest, block.equal, strict=True)]


def raw_sums(block: EquationBlock, values: Sequence[int], live: Sequence[bool]) -> list[int]:
    """The sum of each rule; 0 for a rule that is not live. Most cells are 0 and add nothing."""
    rest = [0] * len(block.terms)
    for c, value in enumerate(values):
        if value:
            for r, k in block.of_cell[c]:
                rest[r] += k * value
    return rest if all(live) else [r if alive else 0 for r, alive in zip(rest, live, strict=True)]


def find_minimal_sets(
    block: EquationBlock,
    values: Sequence[int],
    weights: Sequence[int],
    live: Sequence[bool],
    unit: int = 1,
    limits: Limits = USUAL,
) -> Sets:
    """All sets of least weight.

    `unit` is what 1 is after scaling: cells that hold counts change to multiples of it.

    `live` says which rules count. Values below 0 in cells that may not be negative must change,
    whatever the rules say.
    """
    run = _Search(block, values, weights, live, unit, limits)
    budget = run.bound()
    top = limits.cells * PRINTED
    while budget <= top and not run.stopped:
        run.deepen(budget)
        if run.found:
            reason = "limit" if run.stopped else None
            return Sets(tuple(run.found.values()), budget, reason is None, reason, run.nodes)
        if run.next_budget is None:
            return Sets((), 0, not run.stopped, "limit" if run.stopped else "size", run.nodes)
        budget = run.next_budget
    return Sets((), 0, not run.stopped, "limit" if run.stopped else "size", run.nodes)


class _Search:
    """The state of one search: what is chosen, what each rule is off by, and the bound of each
    class.
    """

    def __init__(
        self,
        block: EquationBlock,
        values: Sequence[int],
        weights: Sequence[int],
        live: Sequence[bool],
        unit: int,
        limits: Limits,
    ) -> None:
        self.block, self.values, self.weights, self.live, self.unit, self.limits = (
            block,
            values,
            weights,
            live,
            unit,
            limits,
        )
        self.raw = raw_sums(block, values, live)
        self.lightest = min(weights, default=PRINTED)
        self.costs: dict[tuple[int, bool], int] = {}
        self.bounds = [0] * (1 + max(block.classes, default=0))
        self.violated: set[int] = set()
        for r, rest in enumerate(self.raw):
            self._count(r, rest, 1)
        self.negative = (
            {c for c, v in enumerate(values) if v < 0 and not block.signed[c]}
            if min(values, default=0) < 0
            else set()
        )
        self.chosen: dict[int, int] = {}
        self.found: dict[frozenset[tuple[int, int]], dict[int, int]] = {}
        self.seen: set[frozenset[tuple[int, int]]] = set()
        self.next_budget: int | None = None
        self.nodes = 0
        self.stopped = False
        self.deadline = time.thread_time() + limits.seconds

    def _count(self, r: int, rest: int, sign: int) -> None:
        """Takes rule r in (sign 1) or out (-1) of the bound and of the violated ones."""
        if not (rest > 0 or (rest < 0 and self.block.equal[r])):
            return
        cost = self.costs.get((r, rest > 0))
        if cost is None:
            cost = self._cheapest(r, 1 if rest > 0 else -1)
        self.bounds[self.block.classes[r]] += sign * cost
        if sign > 0:
            self.violated.add(r)
        else:
            self.violated.discard(r)

    def _cheapest(self, r: int, sign: int) -> int:
        """The least that rule r costs when it is violated in this direction: that of a cell which
        can change the right way.
        """
        values, weights, signed = self.values, self.weights, self.block.signed
        # a cell at 0 can only grow
        helping = [
            weights[c] for c, k in self.block.terms[r] if signed[c] or values[c] > 0 or k * sign < 0
        ]
        self.costs[r, sign > 0] = cost = min(helping, default=NEVER)
        return cost

    def bound(self) -> int:
        """The least that the cells still to be chosen weigh."""
        return max(max(self.bounds), sum(self.weights[c] for c in self.negative))

    def deepen(self, budget: int) -> None:
        """One round: all sets that weigh `budget`; sets `found` and `next_budget`."""
        self.seen.clear()
        self.next_budget = None
        self.budget = budget
        self._branch(budget)

    def _later(self, weight: int) -> None:
        if self.next_budget is None or weight < self.next_budget:
            self.next_budget = weight

    def _branch(self, left: int) -> None:
        self.nodes += 1
        if (
            self.nodes > self.limits.nodes
            or len(self.found) >= self.limits.sets
            or (self.nodes % 256 == 0 and time.thread_time() > self.deadline)
        ):
            self.stopped = True
            return
        key = frozenset(self.chosen.items())
        if key in self.seen:
            return
        self.seen.add(key)
        if not self.violated and not self.negative:
            self.found[key] = dict(self.chosen)
            return
        for cell, new in self._moves(left):
            self._try(cell, new, left)
            if self.stopped:
                return

    def _moves(self, left: int) -> list[tuple[int, int]]:
        """Cells with new values to branch on."""
        if self.negative:  # such a cell must change: by one of its rules, or to 0
            cell = min(self.negative)
            rules = [r for r, _ in self.block.of_cell[cell] if r in self.violated]
            by_rules = [move for move in self._moves_by(rules) if move[0] == cell]
            return list(dict.fromkeys([*by_rules, (cell, 0)]))
        rules = sorted(self.violated)
        spare = left - max(self.bounds)
        # every violated rule of the tightest class has one cell of its own
        if spare < self.lightest:
            rules = [self._shortest_of_tightest_class(rules)]
            self._later(self.budget - spare + self.lightest)
        moves = self._moves_by(rules)
        if spare >= self.lightest and left >= PINNED_FROM * self.lightest:
            return list(dict.fromkeys([*moves, *self._moves_to_zero(rules)]))
        return moves

    def _moves_by(self, rules: Sequence[int]) -> list[tuple[int, int]]:
        """Each undecided cell of the rules with the value that the rule gives it."""
        return [
            (c, new)
            for r in rules
            for c, k in self.block.terms[r]
            if c not in self.chosen and (new := self._fixed(r, c, k)) is not None
        ]

    def _moves_to_zero(self, rules: Sequence[int]) -> Iterator[tuple[int, int]]:
        for r in rules:
            for c, _ in self.block.terms[r]:
                if c not in self.chosen and self.values[c] > 0:
                    yield c, 0

    def _shortest_of_tightest_class(self, rules: Sequence[int]) -> int:
        tightest = max(range(len(self.bounds)), key=self.bounds.__getitem__)
        of_class = (r for r in rules if self.block.classes[r] == tightest)
        return min(of_class, key=lambda r: len(self.block.terms[r]))

    def _fixed(self, r: int, cell: int, k: int) -> int | None:
        """The value that rule r alone gives the cell; None if the cell cannot hold it."""
        change, odd = divmod(-self.raw[r], k)
        new = self.values[cell] + change
        if odd or (new % self.unit and self.block.whole[cell]):
            return None
        return new if new >= 0 or self.block.signed[cell] else None

    def _try(self, cell: int, new: int, left: int) -> None:
        rest = left - self.weights[cell]
        if rest < 0:
            self._later(self.budget - rest)
            return
        change = new - self.values[cell]
        touched = self.block.of_cell[cell]
        for r, k in touched:
            if self.live[r]:
                self._count(r, self.raw[r], -1)
                self.raw[r] += k * change
                self._count(r, self.raw[r], 1)
        was_negative = cell in self.negative
        self.negative.discard(cell)
        bound = self.bound()
        if bound <= rest:
            self.chosen[cell] = new
            self._branch(rest)
            del self.chosen[cell]
        elif bound < NEVER:
            self._later(self.budget - rest + bound)
        if was_negative:
            self.negative.add(cell)
        for r, k in touched:
            if self.live[r]:
                self._count(r, self.raw[r], -1)
                self.raw[r] -= k * change
                self._count(r, self.raw[r], 1)
