"""What the rules prove about cells without a value: interval propagation over the sums of one
table, to a fixpoint.

Takes a `System` and, beside its cells, their values in the form's unit and their states; gives one
`Deduction` for each cell without a value (blank, marker, text, absent): the least and greatest
value that the rules allow and, where these are equal, the value (`deduced`) with the rules that
prove it. A count is never below 0 and has no decimals; a signed one may be negative.

What counts as proof: sums of level `error`, which hold by what a total and a part are. The others
(what was newly disclosed is at most what is disclosed in all) are questions to the agency, and
nothing follows from them.

What is claimed where the report contradicts itself: nothing in that part of the table. A sum that
fails over printed numbers says that one of them is wrong, not which; each is a part of other sums,
and those share cells with others again. So sums that share cells, directly or through others, stand
together: `requests` is one such part, each group of `disputes` another. In a part with a
contradiction no bound but the sign is given. A contradiction is a printed number that fails a sum,
or is negative or broken where a count belongs; bounds that cross; or sums that no numbers in the
empty cells can satisfy (by elimination).

`assumed` is kept apart: a blank or marker that is not proved, where every rule of any level that it
stands in, and every one that shares an unproved cell with these, holds if all of them are 0. So a
blank is not assumed to be 0 where a blank total beside it cannot be, nor in a table that has no
number at all. Words and missing cells are never assumed to be anything.

Exact: decimals are scaled to whole numbers. Out of scope: which printed number is wrong (`locate`).
"""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from transform.localize.equations import CellKey, Equation, System, scale_of

DEDUCED: Final = "deduced"
ASSUMED: Final = "assumed"
_MAY_BE_ASSUMED: Final = ("blank", "marker")
# of each equation on average; the forms need fewer than ten. Bounds that creep beyond are no proof
# of anything
_MOST_VISITS: Final = 100
_LOW: Final = 0
_HIGH: Final = 1

_Side = list[int | None]  # a bound for each cell, scaled; None: there is none
_Reasons = dict[int, int]  # for a narrowed bound of a cell the rules that it follows from, as bits


@dataclass(frozen=True, slots=True)
class Deduction:
    """What is known of one cell without a value.

    `low` and `high` are in the form's unit, None where there is no bound.

    `basis` is `deduced` (`rules` prove `value`), `assumed` (`value` is 0, which no rule contradicts
    and none proves) or None. `rules` are those that the value or, without one, the bounds follow
    from; none for an assumption.
    """

    key: CellKey
    low: Decimal | None
    high: Decimal | None
    value: Decimal | None
    basis: str | None
    rules: tuple[str, ...]

    @property
    def telling(self) -> bool:
        """Whether it says more than what holds for any cell of its type."""
        return self.basis is not None or bool(self.rules)


@dataclass(frozen=True, eq=False, slots=True)
class _Part:
    """Equations of level error that share cells, directly or through others; places in
    `System.equations` and `System.cells`.
    """

    equations: tuple[int, ...]
    cells: tuple[int, ...]


def deduce(
    system: System, values: Sequence[Decimal | None], states: Sequence[str]
) -> tuple[Deduction, ...]:
    """What the rules say of each cell whose value is None, in the order of `system.cells`; `values`
    and `states` stand beside these.
    """
    empty = [i for i, value in enumerate(values) if value is None]
    if not empty:
        return ()
    scale = scale_of(values)
    low, high = _start(system, values, scale)
    proved: dict[int, tuple[str, ...]] = {}
    broken: set[int] = set()  # equations of parts that contradict themselves
    for part in _parts(system):
        gaps = [i for i in part.cells if values[i] is None]
        if not _sane(system, part, values):
            broken.update(part.equations)
        elif gaps:
            narrowed = low.copy(), high.copy()
            reasons = _narrow(system, part.equations, narrowed, scale)
            if reasons is None or not _solvable(system, part, narrowed):
                broken.update(part.equations)
            else:
                proved |= _proofs(system, part, gaps, (low, high), narrowed, reasons, scale)
                for i in gaps:
                    low[i], high[i] = narrowed[_LOW][i], narrowed[_HIGH][i]
        elif not _holds(system, part.equations, low):
            broken.update(part.equations)
    assumed = (
        _assumed(system, (low, high), states, empty, broken)
        if len(empty) < len(values)
        else frozenset[int]()
    )
    return tuple(
        _deduction(system.cells[i], low[i], high[i], scale, i in assumed, proved.get(i, ()))
        for i in empty
    )


def _deduction(
    key: CellKey,
    low: int | None,
    high: int | None,
    scale: int,
    assumed: bool,
    rules: tuple[str, ...],
) -> Deduction:
    least, most = (None if bound is None else Decimal(bound) / scale for bound in (low, high))
    if least is not None and least == most:
        return Deduction(key, least, most, least, DEDUCED, rules)
    return Deduction(
        key,
        least,
        most,
        Decimal(0) if assumed else None,
        ASSUMED if assumed else None,
        () if assumed else rules,
    )


def _start(system: System, values: Sequence[Decimal | None], scale: int) -> tuple[_Side, _Side]:
    """The bounds before any rule: a value is both of its own, an unsigned cell is not negative."""
    low: _Side = []
    high: _Side = []
    for value, kind in zip(values, system.types, strict=True):
        exact = None if value is None else int(value * scale)
        low.append(exact if exact is not None else None if kind == "signed_int" else 0)
        high.append(exact)
    return low, high


@lru_cache(maxsize=32)
def _parts(system: System) -> tuple[_Part, ...]:
    proving = [n for n, e in enumerate(system.equations) if e.level == "error"]
    parts = _joined(system, proving, lambda cell: True)
    return tuple(
        _Part(part, tuple(sorted({i for n in part for i in system.equations[n].cells})))
        for part in parts
    )


def _joined(
    system: System, equations: Sequence[int], joins: Callable[[int], bool]
) -> list[tuple[int, ...]]:
    """The equations in groups that share cells for which `joins` holds."""
    group = {n: n for n in equations}

    def find(n: int) -> int:
        while group[n] != n:
            group[n] = n = group[group[n]]
        return n

    first: dict[int, int] = {}
    for n in equations:
        for i in system.equations[n].cells:
            if joins(i):
                group[find(n)] = find(first.setdefault(i, n))
    found: dict[int, list[int]] = defaultdict(list)
    for n in equations:
        found[find(n)].append(n)
    return [tuple(members) for members in found.values()]


def _sane(system: System, part: _Part, values: Sequence[Decimal | None]) -> bool:
    """Whether the printed numbers of the part are of the kind that belongs there."""
    for i in part.cells:
        value, kind = values[i], system.types[i]
        if value is not None and (
            (value < 0 and kind != "signed_int")
            or (kind != "decimal" and value != value.to_integral_value())
        ):
            return False
    return True


def _holds(system: System, equations: Sequence[int], values: Sequence[int | None]) -> bool:
    """Whether the equations hold, an empty cell taken as 0."""
    for n in equations:
        e = system.equations[n]
        total = sum(a * (values[i] or 0) for i, a in zip(e.cells, e.coefficients, strict=True))
        if not (
            total == 0 if e.operator == "==" else total <= 0 if e.operator == "<=" else total >= 0
        ):
            return False
    return True


def _narrow(
    system: System, equations: Sequence[int], bounds: tuple[_Side, _Side], scale: int
) -> tuple[_Reasons, _Reasons] | None:
    """Narrow `bounds` in place until no equation narrows them further; None if that ends in a
    contradiction, or not at all.

    Gives for both sides and each narrowed cell the rules that its bound follows from, as bits in
    the order of `_rule_bits`.
    """
    low, high = bounds
    reasons: tuple[_Reasons, _Reasons] = ({}, {})
    bits = _rule_bits(system)
    allowed, waiting, queued = frozenset(equations), deque(equations), set(equations)
    for _ in range(_MOST_VISITS * len(equations)):
        if not waiting:
            return reasons
        n = waiting.popleft()
        queued.discard(n)
        e = system.equations[n]
        narrowed = _implied(system, e, low, high, scale)
        because = [bits[e.rule_id] | _rests_on(e, i, side, reasons) for i, side, _ in narrowed]
        for (i, side, bound), rules in zip(narrowed, because, strict=True):
            bounds[side][i] = bound
            reasons[side][i] = rules
            least, most = low[i], high[i]
            if least is not None and most is not None and least > most:
                return None
            for other in system.of_cell[i]:
                if other != n and other in allowed and other not in queued:
                    queued.add(other)
                    waiting.append(other)
        if _impossible(e, low, high):
            return None
    return None


@lru_cache(maxsize=32)
def _rule_bits(system: System) -> dict[str, int]:
    return {rule: 1 << n for n, rule in enumerate(sorted({e.rule_id for e in system.equations}))}


def _rests_on(e: Equation, cell: int, side: int, reasons: tuple[_Reasons, _Reasons]) -> int:
    """The rules behind the bounds of the other cells on which a bound of this cell rests."""
    sign = next(a for i, a in zip(e.cells, e.coefficients, strict=True) if i == cell)
    same, opposite = reasons[side], reasons[1 - side]
    rules = 0
    for i, a in zip(e.cells, e.coefficients, strict=True):
        if (
            i != cell
            # what a cell can be at most rests on the least that those beside it can be, and the
            # other way round
        ):
            rules |= (same if (a > 0) != (sign > 0) else opposite).get(i, 0)
    return rules


def _impossible(e: Equation, low: _Side, high: _Side) -> bool:
    """Whether the equation cannot hold within the bounds."""
    least, most = _extremes(e, low, high)
    return (e.operator != ">=" and least[1] == 0 and least[0] > 0) or (
        e.operator != "<=" and most[1] == 0 and most[0] < 0
    )


def _extremes(e: Equation, low: _Side, high: _Side) -> tuple[tuple[int, int], tuple[int, int]]:
    """Least and greatest sum within the bounds, each as (sum of those that have a bound, how many
    have none).
    """
    least = most = endless_down = endless_up = 0
    for i, a in zip(e.cells, e.coefficients, strict=True):
        down, up = (low[i], high[i]) if a > 0 else (high[i], low[i])
        if down is None:
            endless_down += 1
        else:
            least += a * down
        if up is None:
            endless_up += 1
        else:
            most += a * up
    return (least, endless_down), (most, endless_up)


def _implied(
    system: System, e: Equation, low: _Side, high: _Side, scale: int
) -> list[tuple[int, int, int]]:
    """The bounds that the equation makes narrower, as (cell, side, bound), from the bounds as they
    stand at the start.
    """
    (least, endless_down), (most, endless_up) = _extremes(e, low, high)
    found = []
    for i, a in zip(e.cells, e.coefficients, strict=True):
        down, up = low[i], high[i]
        if down is not None and down == up:
            continue
        step = 1 if system.types[i] == "decimal" else scale
        mine_down, mine_up = (down, up) if a > 0 else (up, down)
        # a * cell <= -(the least of the others)
        if e.operator != ">=" and endless_down == (mine_down is None):
            bound = _rounded(
                -(least - (0 if mine_down is None else a * mine_down)), a, step, upper=a > 0
            )
            found.append((i, _HIGH if a > 0 else _LOW, bound))
        # a * cell >= -(the greatest of the others)
        if e.operator != "<=" and endless_up == (mine_up is None):
            bound = _rounded(
                -(most - (0 if mine_up is None else a * mine_up)), a, step, upper=a < 0
            )
            found.append((i, _LOW if a > 0 else _HIGH, bound))
    held = low, high
    return [
        (i, side, bound)
        for i, side, bound in found
        if (now := held[side][i]) is None or (bound > now if side == _LOW else bound < now)
    ]


def _rounded(rest: int, a: int, step: int, *, upper: bool) -> int:
    """`rest / a` as a bound that is a multiple of `step`.

    A decimal (step 1) is rounded outwards, where no value is lost.
    """
    outwards = step == 1 and abs(a) != 1
    divisor = a * step
    return (rest // divisor if upper != outwards else -(-rest // divisor)) * step


def _solvable(system: System, part: _Part, bounds: tuple[_Side, _Side]) -> bool:
    """Whether some numbers, of any sign, in the cells left open satisfy all equalities; exact
    elimination.
    """
    low, high = bounds
    if _holds(system, part.equations, low):
        return True
    open_cells = {i for i in part.cells if low[i] is None or low[i] != high[i]}
    rows: list[tuple[dict[int, int], int]] = []
    for n in part.equations:
        e = system.equations[n]
        if e.operator == "==" and not open_cells.isdisjoint(e.cells):
            rest, terms = 0, {}
            for i, a in zip(e.cells, e.coefficients, strict=True):
                if i in open_cells:
                    terms[i] = a
                else:
                    rest -= a * (low[i] or 0)
            rows.append((terms, rest))
    while rows:
        count: dict[int, int] = defaultdict(int)
        for terms, _ in rows:
            for i in terms:
                count[i] += 1
        # an equation with an open cell of its own can always be satisfied
        core = [row for row in rows if not any(count[i] == 1 for i in row[0])]
        if len(core) == len(rows):
            break
        rows = core
    while rows:
        terms, rest = rows.pop()
        if not terms:
            if rest:
                return False
            continue
        pivot, a = next(iter(terms.items()))
        rows = [_without(pivot, a, terms, rest, row) for row in rows]
    return True


def _without(
    pivot: int, a: int, terms: dict[int, int], rest: int, row: tuple[dict[int, int], int]
) -> tuple[dict[int, int], int]:
    """The row less as much of `terms == rest` as takes the pivot out of it."""
    b = row[0].get(pivot)
    if b is None:
        return row
    mixed = {i: a * row[0].get(i, 0) - b * terms.get(i, 0) for i in row[0].keys() | terms.keys()}
    return {i: c for i, c in mixed.items() if c}, a * row[1] - b * rest


def _proofs(
    system: System,
    part: _Part,
    gaps: Sequence[int],
    start: tuple[_Side, _Side],
    bounds: tuple[_Side, _Side],
    reasons: tuple[_Reasons, _Reasons],
    scale: int,
) -> dict[int, tuple[str, ...]]:
    """For each cell whose bounds were narrowed the rules that this follows from, none of which can
    be left out.
    """
    bits = _rule_bits(system)
    tried: dict[int, tuple[_Side, _Side]] = {}

    def prove(rules: int, cell: int) -> bool:
        if rules not in tried:
            tried[rules] = start[_LOW].copy(), start[_HIGH].copy()
            _narrow(
                system,
                [n for n in part.equations if bits[system.equations[n].rule_id] & rules],
                tried[rules],
                scale,
            )
        return all(tried[rules][side][cell] == bounds[side][cell] for side in (_LOW, _HIGH))

    proofs = {}
    for cell in gaps:
        rules = reasons[_LOW].get(cell, 0) | reasons[_HIGH].get(cell, 0)
        for bit in bits.values():
            if rules & bit and rules != bit and prove(rules & ~bit, cell):
                rules &= ~bit
        if rules:
            proofs[cell] = tuple(rule for rule, bit in bits.items() if rules & bit)
    return proofs


def _assumed(
    system: System,
    bounds: tuple[_Side, _Side],
    states: Sequence[str],
    empty: Sequence[int],
    broken: AbstractSet[int],
) -> frozenset[int]:
    """The cells that may be 0, all together with whatever they share a rule with."""
    low, high = bounds
    free = {i for i in empty if low[i] is None or low[i] != high[i]}
    values = [None if i in free else low[i] for i in range(len(low))]
    equations = [n for n, e in enumerate(system.equations) if not free.isdisjoint(e.cells)]
    barred: set[int] = set()
    for group in _joined(system, equations, free.__contains__):
        if not broken.isdisjoint(group) or not _holds(system, group, values):
            barred.update(i for n in group for i in system.equations[n].cells)
    return frozenset(i for i in free - barred if states[i] in _MAY_BE_ASSUMED)
