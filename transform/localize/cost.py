"""How likely a set of changed cells is what happened: its cost, lowest first, and the kind of slip
of each cell.

`Ranker(system, printed, context)` weighs the changes of one report's block; `cost_of(changes)`
gives `Weighed`. A cost is a sum over slips: what people and readers do often is cheap (a blank that
should be filled, one digit wrong, a total that was not brought up to date), and a slip that moves a
number counts once, not twice. To it comes the prior: how usual the implied report is for an agency
of that size (`transform.localize.prior`), and what the year before says. The costs are assumptions
that simulated faults were measured against (`bench/locate`); they are weights, not probabilities.

Out of scope: finding the sets (`transform.localize.minimal_sets`), whole rows displaced
(`transform.localize.row_shifts`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import Final

from transform.localize.equations import System
from transform.localize.minimal_sets import EquationBlock
from transform.localize.printed_block import PrintedBlock
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
    "totals_left",
    "carried_twice",
    "carry_forgotten",
    "line_repeated",
    "stale_sums",
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
    "totals_left": 0.6,
    "carried_twice": 1.0,
    "carry_forgotten": 1.3,
    "line_repeated": 1.0,
    "stale_sums": 1.4,
}
# what one wrong number may be by its look alone, which tells no cell of a single sum from another
LOOKS: Final = (
    "digit",
    "transposed",
    "digit_lost",
    "digit_added",
    "near_total",
    "omitted",
    "stray",
    "other",
)
LINE_FAULTS: Final = (
    "totals_left",
    "carried_twice",
    "carry_forgotten",
    "line_repeated",
    "stale_sums",
)
WHOLE_ROW: Final = ("shifted_row", "split_number", "rows_exchanged", "late_change", *LINE_FAULTS)
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
UNFILLED_TOTAL: Final = 0.5  # a total at 0 whose parts are not
NEXT_BLANK: Final = 0.05  # each further blank of a line
FAR: Final = 0.3  # a number moved to a place that is not next to its own
LINE_BETWEEN: Final = 0.1  # each line between two that were exchanged
NEAR: Final = 5  # a total that is off by so little was not brought up to date
PRIOR_WEIGHT: Final = 0.08
CARRIED: Final = 0.6  # what is carried in is not what the year before carried out
LAST_YEAR: Final = -0.25  # the printed number is last year's, left standing
STATED: Final = 0.6  # the prose has the implied number, or the printed one


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the table; all of it may be missing.

    `last_year` maps cells (places in the system) to the values of the year before, `carried_in`
    those cells that must equal what the year before carried out to that value. `stated` are the
    figures that the prose gives for a cell.
    """

    last_year: Mapping[int, Decimal] = field(default_factory=dict)
    carried_in: Mapping[int, Decimal] = field(default_factory=dict)
    prior: Prior | None = None
    stated: Mapping[int, frozenset[Decimal]] = field(default_factory=dict)


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


class Ranker:
    """Weighs the changes of one block of one report."""

    def __init__(self, system: System, printed: PrintedBlock, context: Context) -> None:
        block, scale = printed.block, printed.scale
        self.grid, self.values, self.scale = printed.grid, printed.values, scale
        self.blank, self.odd_blank = printed.blanks.blank, printed.blanks.odd
        off = printed.residuals()
        self.holds = [
            {r for r, _ in rules if printed.live[r] and not off[r] and block.equal[r]}
            for rules in block.of_cell
        ]
        self.unfilled = printed.unfilled_totals()
        self.last_year = _scaled(context.last_year, block, scale)
        self.carried_in = _scaled(context.carried_in, block, scale)
        place = {c: n for n, c in enumerate(block.cells)}
        self.stated: dict[int, set[int]] = {
            place[c]: {int(v * scale) for v in values}
            for c, values in context.stated.items()
            if c in place
        }
        self.chances: list[tuple[float, float] | None] | None = None
        if context.prior:
            keys = [system.cells[c] for c in block.cells]
            values = [v / scale for v in printed.values]
            self.chances = context.prior.chances(keys, values, self.blank)

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
        cost_alone, kinds_alone = self._join_moves(changes, alone)
        cost = event_cost + cost_alone + self._discount_of_lines(kinds_alone)
        kinds |= kinds_alone
        single = [c for c, kind in kinds_alone.items() if kind not in JOINT and kind != "blank"]
        chance = self._cancel(single)
        cost += CHANCE if chance else 0.0
        cost += sum(
            self._usual(c, new) + self._years(c, new) + self._prose(c, new)
            for c, new in changes.items()
        )
        return Weighed(cost, changes, kinds, chance)

    def knows_more(self, changes: Iterable[int]) -> bool:
        """Whether the prose or the year before says anything of these cells."""
        return any(
            c in self.stated or c in self.carried_in or self.last_year.get(c) == self.values[c] != 0
            for c in changes
        )

    def _discount_of_lines(self, kinds: Mapping[int, str]) -> float:
        """What to take off for blanks in one line: a column left blank is one omission."""
        blanks = [self.grid.at[c] for c, kind in kinds.items() if kind == "blank"]
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
            if c in self.unfilled:
                options.append((UNFILLED_TOTAL, "left_out"))
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

    def _join_moves(
        self, changes: Mapping[int, int], alone: Mapping[int, tuple[float, str]]
    ) -> tuple[float, dict[int, str]]:
        """The least cost of the cells of `alone`, where two of them may be one number that moved,
        and the kind of slip of each.
        """
        moves = (
            (alone[a][0] + alone[b][0] - found[0], a, b, found[1])
            for a, b in combinations(alone, 2)
            if (found := self._moved(a, changes[a], b, changes[b]))
        )
        cost = sum(slip_cost for slip_cost, _ in alone.values())
        kinds = {c: kind for c, (_, kind) in alone.items()}
        used: set[int] = set()
        # sets are small, pairs that compete are rare: the greatest gain first
        for gain, a, b, kind in sorted(moves, reverse=True):
            if gain > 0 and not used & {a, b}:
                cost -= gain
                used |= {a, b}
                kinds[a] = kinds[b] = kind
        return cost, kinds

    def _moved(self, a: int, new_a: int, b: int, new_b: int) -> tuple[float, str] | None:
        """Whether two changes are one number that moved along a row or a column, or two numbers
        that changed places.
        """
        (row_a, col_a), (row_b, col_b) = self.grid.at[a], self.grid.at[b]
        if row_a != row_b and col_a != col_b:
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

    def _prose(self, c: int, new: int) -> float:
        """What the prose says of the cell: a figure that it has speaks for itself."""
        stated = self.stated.get(c, set())
        return STATED * ((self.values[c] in stated) - (new in stated))


def _scaled(known: Mapping[int, Decimal], block: EquationBlock, scale: int) -> dict[int, int]:
    """The values of cells of the system, as far as they stand in the block, by place there."""
    place = {c: n for n, c in enumerate(block.cells)}
    return {place[c]: int(v * scale) for c, v in known.items() if c in place}


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
