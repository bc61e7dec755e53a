"""How likely a set of changed cells is what happened: its cost, lowest first, and the kind of slip
of each cell.

`Ranker(system, block, grid, values, gaps, scale, context)` weighs the changes of one report's
block; `cost_of(changes)` gives `Weighed`. A cost is a sum over slips: what people and readers do
often is cheap (a blank that should be filled, one digit wrong, a total that was not brought up to
date), and a slip that moves a number counts once, not twice. To it comes the prior: how usual the
implied report is for an agency of that size (`transform.localize.prior`), and what the year before
says. The costs are assumptions that simulated faults were measured against (`bench/locate`); they
are weights, not probabilities.

Out of scope: finding the sets (`transform.localize.minimal_sets`), whole rows displaced
(`transform.localize.row_shifts`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from transform.localize.equations import System
from transform.localize.minimal_sets import Block, residuals
from transform.localize.prior import Prior

KINDS: Final = (
    "blank",
    "left_out",
    "sign",
    "digit",
    "transposed",
    "digit_lost",
    "digit_added",
    "near_total",
    "omitted",
    "stray",
    "other",
    "moved_column",
    "moved_row",
    "swapped",
    "shifted_row",
    "split_number",
    "rows_exchanged",
    "late_change",
)
COST: Final = {
    "blank": 0.3,
    "left_out": 1.0,
    "sign": 0.5,
    "near_total": 0.9,
    "omitted": 1.0,
    "stray": 1.1,
    "other": 1.3,
    "moved_column": 1.3,
    "moved_row": 1.3,
    "swapped": 1.4,
    "shifted_row": 1.5,
    "split_number": 1.3,
    "rows_exchanged": 1.5,
    "late_change": 1.8,
}
WHOLE_ROW: Final = ("shifted_row", "split_number", "rows_exchanged", "late_change")
JOINT: Final = (
    *WHOLE_ROW,
    "moved_column",
    "moved_row",
    "swapped",
)  # kinds of one slip that touches several cells
DIGIT_COST: Final = (
    0.95,
    0.75,
    0.6,
)  # one digit wrong, lost or too many in a number of 1, 2, 3 or more digits
# slips that have nothing to do with each other and yet cancel in a sum that holds
CHANCE: Final = 0.5
NEXT_BLANK: Final = 0.05  # each further blank of a line
FAR: Final = 0.3  # a number moved to a place that is not next to its own
NEAR: Final = 5  # a total that is off by so little was not brought up to date
FEW_BLANKS: Final = 0.1  # part of the cells
PRIOR_WEIGHT: Final = 0.08
CARRIED: Final = 0.6  # what is carried in is not what the year before carried out
LAST_YEAR: Final = -0.25  # the printed number is last year's, left standing


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the table; all of it may be missing.

    `last_year` maps cells (places in the system) to the values of the year before, `carried_in`
    those cells that must equal what the year before carried out to that value.
    """

    last_year: Mapping[int, Decimal] = field(default_factory=dict)
    carried_in: Mapping[int, Decimal] = field(default_factory=dict)
    prior: Prior | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """A set of changes (new values by cell), its cost, and the kind of slip of each cell.

    `chance` says that it needs a coincidence: slips that have nothing to do with each other and yet
    cancel in a sum that holds.
    """

    cost: float
    changes: dict[int, int]
    kinds: dict[int, str]
    chance: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the cells of a block stand: (row, column) of each, the cells of each row in order, and
    of each rule the cell that is its total.
    """

    at: tuple[tuple[int, int], ...]
    rows: tuple[tuple[int, ...], ...]
    total_of: tuple[int | None, ...]
    totals: frozenset[int]


def grid_of(system: System, block: Block) -> Grid:
    """The rows and columns of a block, in the order of the form."""
    row_no: dict[str, int] = {}
    col_no: dict[str, int] = {}
    for _, row, col in system.cells:
        row_no.setdefault(row, len(row_no))
        col_no.setdefault(col, len(col_no))
    at = tuple((row_no[row], col_no[col]) for _, row, col in (system.cells[c] for c in block.cells))
    rows: dict[int, list[int]] = {}
    for c, (line, _) in enumerate(at):
        rows.setdefault(line, []).append(c)
    place = {c: n for n, c in enumerate(block.cells)}
    total_of = tuple(
        place[system.equations[e].cells[-1]] if system.equations[e].total else None
        for e in block.equations
    )
    return Grid(
        at,
        tuple(tuple(r) for r in rows.values()),
        total_of,
        frozenset(c for c in total_of if c is not None),
    )


@dataclass(frozen=True, slots=True)
class Gaps:
    """Which cells of a block are not printed, and which of those are odd: blanks that are hardly
    meant as 0.
    """

    blank: list[bool]
    odd: list[bool]


def gaps_of(block: Block, grid: Grid, values: Sequence[int], blank: Sequence[bool]) -> Gaps:
    """A blank is odd where few cells are blank, or where it is a total whose parts are not 0; an
    agency that leaves all zeros blank means 0.
    """
    few = sum(blank) <= FEW_BLANKS * len(blank)
    filled = [sum(values[c] != 0 for c, _ in terms) for terms in block.terms]
    odd = [
        gap and (few or (c in grid.totals and any(filled[r] for r, _ in block.of_cell[c])))
        for c, gap in enumerate(blank)
    ]
    return Gaps(list(blank), odd)


class Ranker:
    """Weighs the changes of one block of one report.

    `values` are scaled integers, `gaps` says which of them are not printed.
    """

    def __init__(
        self,
        system: System,
        block: Block,
        grid: Grid,
        values: Sequence[int],
        gaps: Gaps,
        live: Sequence[bool],
        scale: int,
        context: Context,
    ) -> None:
        self.grid, self.values, self.blank, self.odd_blank, self.scale = (
            grid,
            values,
            gaps.blank,
            gaps.odd,
            scale,
        )
        off = residuals(block, values, live)
        self.holds = [
            {r for r, _ in rules if live[r] and not off[r] and block.equal[r]}
            for rules in block.of_cell
        ]
        place = {c: n for n, c in enumerate(block.cells)}
        self.last_year = {
            place[c]: int(v * scale) for c, v in context.last_year.items() if c in place
        }
        self.carried_in = {
            place[c]: int(v * scale) for c, v in context.carried_in.items() if c in place
        }
        keys = [system.cells[c] for c in block.cells]
        self.chances = (
            context.prior.chances(keys, [v / scale for v in values], gaps.blank)
            if context.prior
            else None
        )

    def cost_of(
        self,
        changes: dict[int, int],
        event: Mapping[int, str] | None = None,
        event_cost: float = 0.0,
    ) -> Weighed:
        """The cost of changing these cells to these values.

        Cells of `event` are part of one displacement that costs `event_cost`.
        """
        kinds = dict(event or {})
        alone = {c: self._slip(c, new) for c, new in changes.items() if c not in kinds}
        cost = event_cost + self._pairs(changes, alone) + self._omissions(alone)
        kinds |= {c: kind for c, (_, kind) in alone.items()}
        single = [c for c, (_, kind) in alone.items() if kind not in JOINT and kind != "blank"]
        chance = self._cancel(single)
        cost += CHANCE if chance else 0.0
        cost += sum(self._usual(c, new) + self._years(c, new) for c, new in changes.items())
        return Weighed(cost, changes, kinds, chance)

    def _omissions(self, alone: Mapping[int, tuple[float, str]]) -> float:
        """What to take off for blanks that stand in one line: a column left blank is one omission."""
        blanks = [self.grid.at[c] for c, (_, kind) in alone.items() if kind == "blank"]
        if len(blanks) < 2 or len({row for row, _ in blanks}) > 1 < len({col for _, col in blanks}):
            return 0.0
        return (NEXT_BLANK - COST["blank"]) * (len(blanks) - 1)

    def _cancel(self, cells: Sequence[int]) -> bool:
        """Whether two of the cells stand in one equation that holds as printed."""
        seen: set[int] = set()
        for c in cells:
            rules = self.holds[c]
            if seen & rules:
                return True
            seen |= rules
        return False

    def _slip(self, c: int, new: int) -> tuple[float, str]:
        old = self.values[c]
        if self.blank[c]:
            kind = "blank" if self.odd_blank[c] else "left_out"
            return COST[kind], kind
        if new == -old:
            return COST["sign"], "sign"
        options = [(COST["other"], "other")]
        if old == 0:
            options.append((COST["omitted"], "omitted"))
        elif new == 0:
            options.append((COST["stray"], "stray"))
        if c in self.grid.totals and abs(new - old) <= NEAR * self.scale:
            options.append((COST["near_total"], "near_total"))
        # 9.9 for 99: no digit is lost
        if old and new > 0 and not (old % self.scale and new % self.scale == 0):
            printed, meant = str(abs(old)), str(new)
            slip = one_slip(printed, meant)
            if slip:
                options.append((DIGIT_COST[min(len(meant), len(printed), 3) - 1], slip))
        return min(options)

    def _pairs(self, changes: Mapping[int, int], alone: dict[int, tuple[float, str]]) -> float:
        """The least cost of the cells of `alone`, where two of them may be one number that moved;
        sets their kinds.
        """
        cells = list(alone)
        best = sum(cost for cost, _ in alone.values())
        pairs = [
            (a, b, *found)
            for n, a in enumerate(cells)
            for b in cells[n + 1 :]
            if (found := self._moved(a, changes[a], b, changes[b]))
        ]
        gains = sorted(
            ((alone[a][0] + alone[b][0] - cost, a, b, kind) for a, b, cost, kind in pairs),
            reverse=True,
        )
        used: set[int] = set()
        for (
            gain,
            a,
            b,
            kind,
        ) in gains:  # sets are small, pairs that compete are rare: the greatest gain first
            if gain > 0 and not used & {a, b}:
                best -= gain
                used |= {a, b}
                alone[a] = alone[b] = (0.0, kind)
        return best

    def _moved(self, a: int, new_a: int, b: int, new_b: int) -> tuple[float, str] | None:
        """Whether two changes are one number that moved along a row or a column, or two numbers
        that changed places.
        """
        (row_a, col_a), (row_b, col_b) = self.grid.at[a], self.grid.at[b]
        if (row_a != row_b and col_a != col_b) or self.blank[a] or self.blank[b]:
            return None
        old_a, old_b = self.values[a], self.values[b]
        if (new_a, new_b) != (old_b, old_a):
            return None
        far = FAR if abs(row_a - row_b) + abs(col_a - col_b) > 1 else 0.0
        if old_a and old_b:
            return COST["swapped"] + far, "swapped"
        kind = "moved_column" if row_a == row_b else "moved_row"
        return COST[kind] + far, kind

    def _usual(self, c: int, new: int) -> float:
        chance = self.chances[c] if self.chances else None
        if chance is None:
            return 0.0
        empty, filled = chance
        old = self.values[c]
        if (new == 0) == (old == 0) and not self.blank[c]:
            return 0.0
        before = 0.0 if self.blank[c] else (empty if old == 0 else filled)
        return PRIOR_WEIGHT * ((empty if new == 0 else filled) - before)

    def _years(self, c: int, new: int) -> float:
        cost = 0.0
        if c in self.carried_in:
            cost += CARRIED * ((new != self.carried_in[c]) - (self.values[c] != self.carried_in[c]))
        if self.last_year.get(c) == self.values[c] != 0 and not self.blank[c]:
            cost += LAST_YEAR
        return cost


def one_slip(printed: str, meant: str) -> str | None:
    """The one slip of the keys that makes `printed` of `meant`: digit, transposed, digit_lost or
    digit_added; None if it takes more.
    """
    short, long = sorted((printed, meant), key=len)
    if len(long) - len(short) > 1 or printed == meant:
        return None
    start = 0
    while start < len(short) and short[start] == long[start]:
        start += 1
    if len(short) < len(long):
        if short[start:] != long[start + 1 :]:
            return None
        return "digit_lost" if printed == short else "digit_added"
    if short[start + 1 :] == long[start + 1 :]:
        return "digit"
    swapped = short[:start] + short[start + 1 : start + 2] + short[start] + short[start + 2 :]
    return "transposed" if swapped == long else None
