"""Which cell is wrong: for every group of sums that fail together, the cells whose change would
explain it, ranked.

`locate_errors(system, values, states, context, limits)` takes one table of one report and gives
`Located`. A `Cause` holds the failing equations that have one cause in common and its
`Explanation`s, cheapest first: all sets of cells of least weight whose change makes every sum hold
with no count below 0 (`transform.localize.minimal_sets`), and displacements of whole rows
(`transform.localize.row_shifts`), weighed by how likely such a slip is (`transform.localize.cost`).
A blank counts as 0 and is cheap to fill; a sum over a cell that is absent or holds words is left
out, as is an inequality over a blank.

`margin` is the cost of the second explanation less that of the first, 0 where they are equal: in a
table whose sums do not tell its cells apart (disputes), cells of which neither the prose nor the
year before says anything are equal, whatever their numbers look like. `confident` is claimed only
where the system can carry it (every cell stands in two equations of its own: the table of
requests), the margin reached `CONFIDENT`, few things went wrong, and no coincidence is needed; a
sum that stands alone has as many candidates as cells, which are listed and never claimed. Nothing
is ever changed: explanations are candidates for a person.

Out of scope: which sums fail (`transform.rules.evaluate`; the same rules), what the rules prove
about blanks.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from typing import Final

from transform.localize.cost import JOINT, LINE_FAULTS, LOOKS, WHOLE_ROW, Context, Ranker, Weighed
from transform.localize.equations import System, scale_of
from transform.localize.explain import BlockSearch, explain, split_causes, tells_cells_apart
from transform.localize.minimal_sets import USUAL, EquationBlock, Limits, Sets, split_into_blocks
from transform.localize.printed_block import PrintedBlock, blanks_of_block, grid_of_block
from transform.localize.prior import load_prior

# margin from which the first explanation was right in 97 of 100 simulated reports (bench/locate)
CONFIDENT: Final = 0.2
# a table with more faults than that is more likely misread or misaligned: nothing is claimed of it
CLAIMED_SLIPS: Final = 3
LATE: Final = "late_change"
LEFT: Final = 3  # totals at 0 that are no slip of one cell
# slips that hide a part of what is wrong, so that what is found beside them may be another thing
HIDING: Final = ("blank", *LINE_FAULTS)
COMMONPLACE: Final = 0.4  # the same where small numbers are all that speaks for a displacement
# a smaller number stands in many cells: that it lacks here and is too much there proves no
# displacement
RARE: Final = 10
SHOWN: Final = 10  # explanations kept of each cause
# states that silence a sum: the number is there, or may be, and is not known
SILENCING: Final = ("text", "absent")
OMITTED: Final = ("blank", "marker")


@dataclass(frozen=True, slots=True)
class Suspect:
    """One cell of an explanation: `cell` is its place in `System.cells`, `printed` None where it is
    blank.

    `relation` is `=`, or `<=` or `>=` where the sums only bound the implied value.
    """

    cell: int
    printed: Decimal | None
    implied: Decimal
    kind: str
    relation: str = "="


@dataclass(frozen=True, slots=True)
class Explanation:
    """Cells that, changed together, make every sum of the cause hold.

    `kind` is that of its cells, or `several`.
    """

    cells: tuple[Suspect, ...]
    cost: float
    kind: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Failing equations (places in `System.equations`) with one cause, and what may be behind them,
    cheapest first.

    `margin` is None where there are no two explanations. `complete`: no other set of cells has as
    little weight. `reason` says why there is none (`size`: more cells than the limit, `limit`:
    steps or time), None otherwise.
    """

    equations: tuple[int, ...]
    explanations: tuple[Explanation, ...]
    margin: float | None
    confident: bool
    complete: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Located:
    """All causes of one table, in the order of their first equation; none if no sum fails."""

    causes: tuple[Cause, ...]


def locate_errors(
    system: System,
    values: Sequence[Decimal | None],
    states: Sequence[str],
    *,
    context: Context | None = None,
    limits: Limits = USUAL,
) -> Located:
    """The causes of the sums that fail among `values` (None unless the state is number or zero),
    one value and state a cell.
    """
    context = context or Context()
    if context.prior is None:
        context = replace(context, prior=load_prior())
    causes: list[Cause] = []
    for block in split_into_blocks(system):
        printed = _print_block(system, block, values, states)
        if printed.failing():
            causes.extend(_find_causes(system, printed, context, limits))
    return Located(tuple(sorted(causes, key=lambda c: c.equations)))


def _print_block(
    system: System,
    block: EquationBlock,
    values: Sequence[Decimal | None],
    states: Sequence[str],
) -> PrintedBlock:
    theirs = [values[c] for c in block.cells]
    their_states = [states[c] for c in block.cells]
    scale = scale_of(theirs)
    scaled = [int(v * scale) if v is not None else 0 for v in theirs]
    grid = grid_of_block(system, block)
    return PrintedBlock(
        block=block,
        grid=grid,
        values=scaled,
        blanks=blanks_of_block(block, grid, scaled, [v is None for v in theirs]),
        live=[_is_assessable(block, r, their_states) for r in range(len(block.terms))],
        scale=scale,
    )


def _find_causes(
    system: System, printed: PrintedBlock, context: Context, limits: Limits
) -> list[Cause]:
    failing = printed.failing()
    ranker = Ranker(system, printed, context)
    deadline = time.thread_time() + limits.seconds
    weighed, found = explain(BlockSearch(printed, limits, deadline), ranker)
    if not weighed:
        return [_unexplained(printed, failing, found)]
    parts = split_causes(printed.block, ranker, weighed, failing)
    few = sum(_slips(ranked[0]) for _, ranked in parts) <= CLAIMED_SLIPS
    alone = len(parts) == 1
    tells_apart = tells_cells_apart(printed.block, tuple(printed.live))
    return [
        _cause(
            printed,
            rules,
            ranked if tells_apart else _as_equals(ranker, ranked),
            found.complete,
            found.complete and few and tells_apart,
            alone,
        )
        for rules, ranked in parts
    ]


def _as_equals(ranker: Ranker, ranked: list[Weighed]) -> list[Weighed]:
    """The explanations with one cost for those that nothing but the look of their numbers tells
    from the first.
    """
    first = ranked[0]
    if ranker.knows_more(chain.from_iterable(w.changes for w in ranked)):
        return ranked
    if not set(first.kinds.values()) <= set(LOOKS):
        return ranked

    def is_equal(other: Weighed) -> bool:
        looks_alone = set(other.kinds.values()) <= set(LOOKS)
        return looks_alone and len(other.changes) == len(first.changes)

    equal = [replace(w, cost=first.cost) for w in ranked if is_equal(w)]
    return equal + [w for w in ranked if not is_equal(w)]


def _unexplained(printed: PrintedBlock, failing: Sequence[int], found: Sets) -> Cause:
    return Cause(
        equations=tuple(printed.block.equations[r] for r in failing),
        explanations=(),
        margin=None,
        confident=False,
        complete=False,
        reason=found.reason or "size",
    )


def _slips(weighed: Weighed) -> int:
    """How many things went wrong: cells by themselves, kinds of displacement, and blanks as one, or
    three where they are many and blind their rows.
    """
    kinds = list(weighed.kinds.values())
    blanks = kinds.count("blank")
    return (
        sum(k not in JOINT and k != "blank" for k in kinds)
        + len({k for k in kinds if k in JOINT})
        + (blanks > 0)
        + 2 * (blanks > 2)
    )


def _cause(
    printed: PrintedBlock,
    rules: Sequence[int],
    ranked: list[Weighed],
    complete: bool,
    may_claim: bool,
    alone: bool,
) -> Cause:
    margin = round(ranked[1].cost - ranked[0].cost, 6) if len(ranked) > 1 else None
    first = ranked[0]
    is_open = _is_open(printed, first, alone) or any(
        len(w.changes) < len(first.changes) for w in ranked[1:]
    )
    needed = COMMONPLACE if _is_commonplace(printed, ranked) else CONFIDENT
    return Cause(
        equations=tuple(printed.block.equations[r] for r in rules),
        explanations=tuple(_explanation(printed, w) for w in ranked[:SHOWN]),
        margin=margin,
        confident=may_claim and not is_open and (margin is None or margin >= needed),
        complete=complete,
        reason=None,
    )


def _is_open(printed: PrintedBlock, first: Weighed, alone: bool) -> bool:
    """Whether a person must say what is wrong: the row or the sums that it went into, or what
    blanks and totals at 0 hide; or slips on whole lines with more beside them.
    """
    kinds = set(first.kinds.values())
    if first.chance or LATE in kinds:
        return True
    if len(kinds) > 1 and kinds.intersection(HIDING):
        return True
    if kinds.intersection(LINE_FAULTS) and not (alone and len(kinds) == 1):
        return True
    return any(
        kind == "stray" and _is_without_totals(printed, cell) for cell, kind in first.kinds.items()
    )


def _is_without_totals(printed: PrintedBlock, cell: int) -> bool:
    """Whether all totals over a cell stand at 0, and a line of others too: it may be these that
    were not filled in.
    """
    totals = {printed.grid.total_of[r] for r, _ in printed.block.of_cell[cell]} - {None, cell}
    unfilled = printed.unfilled_totals()
    return len(totals) > 1 and totals <= unfilled and len(unfilled - totals) >= LEFT


def _is_commonplace(printed: PrintedBlock, ranked: Sequence[Weighed]) -> bool:
    """Whether small numbers are all that speaks for a displacement: each column, or row, may hold
    such a pair, and sums cannot tell which.
    """
    first = ranked[0]
    moves = {
        c: abs(new - printed.values[c])
        for c, new in first.changes.items()
        if first.kinds[c] in JOINT
    }
    pairs = [d for c, d in moves.items() if first.kinds[c] not in WHOLE_ROW]
    rows = [d for c, d in moves.items() if first.kinds[c] in WHOLE_ROW]
    rivals = any(len(w.changes) <= len(first.changes) for w in ranked[1:])
    if rows and rivals:  # a row that nothing else explains needs no large number
        pairs.append(max(rows))
    return min(pairs, default=RARE * printed.scale) < RARE * printed.scale


def _is_assessable(block: EquationBlock, rule: int, states: Sequence[str]) -> bool:
    cells = [states[c] for c, _ in block.terms[rule]]
    return not any(s in SILENCING or (s in OMITTED and not block.equal[rule]) for s in cells)


def _explanation(printed: PrintedBlock, weighed: Weighed) -> Explanation:
    cells = tuple(
        Suspect(
            cell=printed.block.cells[c],
            printed=None if printed.blanks.blank[c] else Decimal(printed.values[c]) / printed.scale,
            implied=Decimal(new) / printed.scale,
            kind=weighed.kinds[c],
            relation=_relation(printed, c, weighed.changes),
        )
        for c, new in sorted(weighed.changes.items())
    )
    names = {s.kind for s in cells}
    return Explanation(cells, round(weighed.cost, 6), names.pop() if len(names) == 1 else "several")


def _relation(printed: PrintedBlock, cell: int, changes: Mapping[int, int]) -> str:
    """`=` where an equation without further blanks holds the cell, else the side on which the
    implied value is a bound.
    """
    block = printed.block
    rules = [(r, k) for r, k in block.of_cell[cell] if printed.live[r]]
    alone = [(r, k) for r, k in rules if _changes_alone(block, r, cell, changes)]
    sides: set[str] = set()
    for r, k in alone or rules:
        sides |= _sides(printed, r, cell, k, changes)
    return sides.pop() if len(sides) == 1 else "="


def _changes_alone(block: EquationBlock, rule: int, cell: int, changes: Mapping[int, int]) -> bool:
    return not any(c in changes for c, _ in block.terms[rule] if c != cell)


def _sides(
    printed: PrintedBlock, rule: int, cell: int, coefficient: int, changes: Mapping[int, int]
) -> set[str]:
    """On which sides a rule bounds the cell; none where it leaves both open.

    A blank that is left blank may stand for more than 0: a total beside it is at least what is
    implied, a part at most.
    """
    if not printed.block.equal[rule]:
        return {"<=" if coefficient > 0 else ">="}
    left_open = {
        "<=" if other * coefficient > 0 else ">="
        for c, other in printed.block.terms[rule]
        if c != cell and printed.blanks.blank[c] and c not in changes
    }
    return (left_open or {"="}) if len(left_open) < 2 else set()
