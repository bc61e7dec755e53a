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
blank is not assumed to be 0 where a blank total beside it cannot be, nor in a group of cells
(`System.groups`) that holds no number at all: that group was not filled in. Words and missing cells
are never assumed to be anything.

Exact: decimals are scaled to whole numbers. Out of scope: which printed number is wrong
(`transform.localize.localize`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache, partial
from typing import Final, NamedTuple, TypeGuard

from transform.localize.disjoint_sets import DisjointSets
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
_Bounds = tuple[_Side, _Side]  # the least and the greatest value of each cell
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
class _ProvingPart:
    """Equations of level error that share cells, directly or through others; places in
    `System.equations` and `System.cells`.
    """

    equations: tuple[int, ...]
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Proved:
    """The bounds of all cells after a part was reasoned on, and the rules that prove those of its
    cells that became narrower.
    """

    bounds: _Bounds
    rules: Mapping[int, tuple[str, ...]]


def deduce_blanks(
    system: System, values: Sequence[Decimal | None], states: Sequence[str]
) -> tuple[Deduction, ...]:
    """What the rules say of each cell whose value is None, in the order of `system.cells`; `values`
    and `states` stand beside these.
    """
    empty = [i for i, value in enumerate(values) if value is None]
    if not empty:
        return ()
    scale = scale_of(values)
    bounds = _bounds_before_rules(system, values, scale)
    rules: dict[int, tuple[str, ...]] = {}
    broken: set[int] = set()  # equations of parts that contradict themselves
    for part in _proving_parts(system):
        proved = _prove_part(system, part, values, bounds, scale)
        if proved is None:
            broken.update(part.equations)
        else:
            bounds = proved.bounds
            rules |= proved.rules
    filled = {
        i for group in system.groups if any(values[i] is not None for i in group) for i in group
    }
    assumed = _assumed(system, bounds, states, empty, broken) & filled
    low, high = bounds
    return tuple(
        _deduction(system.cells[i], (low[i], high[i]), scale, i in assumed, rules.get(i, ()))
        for i in empty
    )


def _prove_part(
    system: System,
    part: _ProvingPart,
    values: Sequence[Decimal | None],
    bounds: _Bounds,
    scale: int,
) -> _Proved | None:
    """What the part proves; None where it contradicts itself."""
    if not _is_sane(system, part, values):
        return None
    empty = [i for i in part.cells if values[i] is None]
    if not empty:
        return _Proved(bounds, {}) if _holds(system, part.equations, bounds[_LOW]) else None
    narrowed = _narrow(system, part.equations, bounds, scale)
    if not narrowed.is_settled or not _is_solvable(system, part, narrowed.bounds):
        return None
    return _Proved(narrowed.bounds, _proofs(system, part, empty, bounds, narrowed))


def _deduction(
    key: CellKey,
    bounds: tuple[int | None, int | None],
    scale: int,
    is_assumed: bool,
    rules: tuple[str, ...],
) -> Deduction:
    least, most = (None if bound is None else Decimal(bound) / scale for bound in bounds)
    if least is not None and least == most:
        return Deduction(key, least, most, least, DEDUCED, rules)
    if is_assumed:
        return Deduction(key, least, most, Decimal(0), ASSUMED, ())
    return Deduction(key, least, most, None, None, rules)


def _bounds_before_rules(system: System, values: Sequence[Decimal | None], scale: int) -> _Bounds:
    """A value is both of its own bounds, an unsigned cell is not negative."""
    low: _Side = []
    high: _Side = []
    for value, kind in zip(values, system.types, strict=True):
        exact = None if value is None else int(value * scale)
        low.append(exact if exact is not None else None if kind == "signed_int" else 0)
        high.append(exact)
    return low, high


@lru_cache(maxsize=32)
def _proving_parts(system: System) -> tuple[_ProvingPart, ...]:
    proving = [n for n, e in enumerate(system.equations) if e.level == "error"]
    return tuple(
        _ProvingPart(part, tuple(sorted({i for n in part for i in system.equations[n].cells})))
        for part in _joined(system, proving, lambda cell: True)
    )


def _joined(
    system: System, equations: Sequence[int], joins: Callable[[int], bool]
) -> list[tuple[int, ...]]:
    """The equations in groups that share cells for which `joins` holds."""
    together = DisjointSets(equations)
    first: dict[int, int] = {}
    for n in equations:
        for i in system.equations[n].cells:
            if joins(i):
                together.join(n, first.setdefault(i, n))
    return together.groups(equations)


def _is_sane(system: System, part: _ProvingPart, values: Sequence[Decimal | None]) -> bool:
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


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """Bounds that equations made narrower.

    `is_settled`: no equation narrows them further, and none contradicts them. `reasons` are for
    both sides and each narrowed cell the rules that its bound follows from, as bits in the order of
    `_rule_bits`.
    """

    bounds: _Bounds
    reasons: tuple[_Reasons, _Reasons]
    scale: int
    is_settled: bool


def _narrow(system: System, equations: Sequence[int], start: _Bounds, scale: int) -> _Narrowed:
    """Narrow the bounds until no equation narrows them further, or that ends in a contradiction, or
    not at all.
    """
    low, high = bounds = start[_LOW].copy(), start[_HIGH].copy()
    reasons: tuple[_Reasons, _Reasons] = ({}, {})
    bits = _rule_bits(system)
    waiting = dict.fromkeys(equations)  # an ordered set
    allowed = frozenset(equations)
    for _ in range(_MOST_VISITS * len(equations)):
        if not waiting:
            return _Narrowed(bounds, reasons, scale, is_settled=True)
        n = next(iter(waiting))
        del waiting[n]
        e = system.equations[n]
        implied = list(_implied(system, e, bounds, scale))
        because = [bits[e.rule_id] | _rests_on(e, i, side, reasons) for i, side, _ in implied]
        for (i, side, bound), rules in zip(implied, because, strict=True):
            bounds[side][i] = bound
            reasons[side][i] = rules
            waiting |= {o: None for o in system.of_cell[i] if o != n and o in allowed}
        if _cross(low, high, [i for i, _, _ in implied]) or _is_impossible(e, bounds):
            break
    return _Narrowed(bounds, reasons, scale, is_settled=False)


def _cross(low: _Side, high: _Side, cells: Iterable[int]) -> bool:
    """Whether the least value of a cell is above its greatest."""
    return any(
        (least := low[i]) is not None and (most := high[i]) is not None and least > most
        for i in cells
    )


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


def _is_impossible(e: Equation, bounds: _Bounds) -> bool:
    """Whether the equation cannot hold within the bounds."""
    least, most = _extremes(e, bounds)
    is_above = e.operator != ">=" and least.endless == 0 and least.total > 0
    return is_above or (e.operator != "<=" and most.endless == 0 and most.total < 0)


class _Extreme(NamedTuple):
    """Least or greatest sum within the bounds: `total` of the cells that have a bound, `endless` is
    how many have none.
    """

    total: int
    endless: int


def _extremes(e: Equation, bounds: _Bounds) -> tuple[_Extreme, _Extreme]:
    """Least and greatest sum within the bounds."""
    low, high = bounds
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
    return _Extreme(least, endless_down), _Extreme(most, endless_up)


def _implied(
    system: System, e: Equation, bounds: _Bounds, scale: int
) -> Iterator[tuple[int, int, int]]:
    """The bounds that the equation makes narrower, as (cell, side, bound), from the bounds as they
    stand at the start.
    """
    extremes = _extremes(e, bounds)
    low, high = bounds
    for i, a in zip(e.cells, e.coefficients, strict=True):
        if low[i] is None or low[i] != high[i]:
            step = 1 if system.types[i] == "decimal" else scale
            for side, bound in _bounds_of_cell(e.operator, extremes, (low[i], high[i]), a, step):
                if _is_narrower(bound, bounds[side][i], side):
                    yield i, side, bound


def _bounds_of_cell(
    operator: str,
    extremes: tuple[_Extreme, _Extreme],
    own: tuple[int | None, int | None],
    a: int,
    step: int,
) -> Iterator[tuple[int, int | None]]:
    """The bounds, as (side, bound), that an equation gives a cell with coefficient `a` whose own
    bounds are `own`.
    """
    least, most = extremes
    upper, lower = (_HIGH, _LOW) if a > 0 else (_LOW, _HIGH)
    if operator != ">=":  # a * cell <= -(the least of the others)
        yield upper, _bound_by_others(least, own[lower], a, step, upper)
    if operator != "<=":  # a * cell >= -(the greatest of the others)
        yield lower, _bound_by_others(most, own[upper], a, step, lower)


def _bound_by_others(
    extreme: _Extreme, own: int | None, a: int, step: int, side: int
) -> int | None:
    """The bound that the other cells leave to a cell with coefficient `a`, whose own part in the
    extreme sum is `own`; None if another one is endless.
    """
    if extreme.endless != (own is None):
        return None
    others = extreme.total - (0 if own is None else a * own)
    return _rounded(-others, a, step, upper=side == _HIGH)


def _is_narrower(bound: int | None, now: int | None, side: int) -> TypeGuard[int]:
    if bound is None:
        return False
    return now is None or (bound > now if side == _LOW else bound < now)


def _rounded(rest: int, a: int, step: int, *, upper: bool) -> int:
    """`rest / a` as a bound that is a multiple of `step`.

    A decimal (step 1) is rounded outwards, where no value is lost.
    """
    outwards = step == 1 and abs(a) != 1
    divisor = a * step
    return (rest // divisor if upper != outwards else -(-rest // divisor)) * step


_Row = tuple[dict[int, int], int]  # coefficients by cell, and what they must add to


def _is_solvable(system: System, part: _ProvingPart, bounds: _Bounds) -> bool:
    """Whether some numbers, of any sign, in the cells left open satisfy all equalities; exact
    elimination.
    """
    if _holds(system, part.equations, bounds[_LOW]):
        return True
    rows = _without_free_rows(list(_open_rows(system, part, bounds)))
    while rows:
        terms, rest = rows.pop()
        if terms:
            pivot, a = next(iter(terms.items()))
            rows = [_without(pivot, a, terms, rest, row) for row in rows]
        elif rest:
            return False
    return True


def _open_rows(system: System, part: _ProvingPart, bounds: _Bounds) -> Iterator[_Row]:
    """The equalities with open cells, what is known brought to the other side."""
    low, high = bounds
    open_cells = {i for i in part.cells if low[i] is None or low[i] != high[i]}
    for e in (system.equations[n] for n in part.equations):
        if e.operator == "==" and not open_cells.isdisjoint(e.cells):
            pairs = list(zip(e.cells, e.coefficients, strict=True))
            known = sum(a * (low[i] or 0) for i, a in pairs if i not in open_cells)
            yield {i: a for i, a in pairs if i in open_cells}, -known


def _without_free_rows(rows: list[_Row]) -> list[_Row]:
    """An equation with an open cell of its own can always be satisfied."""
    while rows:
        count = Counter(i for terms, _ in rows for i in terms)
        core = [row for row in rows if not any(count[i] == 1 for i in row[0])]
        if len(core) == len(rows):
            break
        rows = core
    return rows


def _without(pivot: int, a: int, terms: dict[int, int], rest: int, row: _Row) -> _Row:
    """The row less as much of `terms == rest` as takes the pivot out of it."""
    b = row[0].get(pivot)
    if b is None:
        return row
    mixed = {i: a * row[0].get(i, 0) - b * terms.get(i, 0) for i in row[0].keys() | terms.keys()}
    return {i: c for i, c in mixed.items() if c}, a * row[1] - b * rest


def _proofs(
    system: System,
    part: _ProvingPart,
    empty: Sequence[int],
    start: _Bounds,
    narrowed: _Narrowed,
) -> dict[int, tuple[str, ...]]:
    """For each cell whose bounds were narrowed the rules that this follows from, none of which can
    be left out.
    """
    bits = _rule_bits(system)
    scale = narrowed.scale

    @cache
    def bounds_by(rules: int) -> _Bounds:
        equations = [n for n in part.equations if bits[system.equations[n].rule_id] & rules]
        return _narrow(system, equations, start, scale).bounds

    def suffice(cell: int, rules: int) -> bool:
        tried = bounds_by(rules)
        return all(tried[side][cell] == narrowed.bounds[side][cell] for side in (_LOW, _HIGH))

    proofs = {}
    for cell in empty:
        rules = narrowed.reasons[_LOW].get(cell, 0) | narrowed.reasons[_HIGH].get(cell, 0)
        needed = _leave_out(rules, bits.values(), partial(suffice, cell))
        if needed:
            proofs[cell] = tuple(rule for rule, bit in bits.items() if needed & bit)
    return proofs


def _leave_out(rules: int, bits: Iterable[int], suffice: Callable[[int], bool]) -> int:
    """The rules, as bits, less each in turn without which the others suffice."""
    for bit in bits:
        if rules & bit and rules != bit and suffice(rules & ~bit):
            rules &= ~bit
    return rules


def _assumed(
    system: System,
    bounds: _Bounds,
    states: Sequence[str],
    empty: Sequence[int],
    broken: AbstractSet[int],
) -> frozenset[int]:
    """The cells that may be 0, all together with whatever they share a rule with."""
    low, high = bounds
    free = {i for i in empty if low[i] is None or low[i] != high[i]}
    values = [None if i in free else bound for i, bound in enumerate(low)]
    equations = [n for n, e in enumerate(system.equations) if not free.isdisjoint(e.cells)]
    barred = {
        i
        for group in _joined(system, equations, free.__contains__)
        if not broken.isdisjoint(group) or not _holds(system, group, values)
        for n in group
        for i in system.equations[n].cells
    }
    return frozenset(i for i in free - barred if states[i] in _MAY_BE_ASSUMED)
