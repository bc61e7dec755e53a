"""Reports of the 2021 form whose sums all hold, and the faults that people and readers put into
them.

`clean(rng, habits)` gives one report as two dicts of counts (table 三 and one group of table 四 for
each of its three groups); `spoil(rng, report, faults, habits)` a copy with that many faults.
`Habits` holds every assumed frequency: `USUAL` and `OTHER`, a variation of it, so that nothing is
tuned on one set of guesses. No frequency here was counted in real reports; zeros dominate and sizes
spread over four orders of magnitude, as in the real ones at hand.

Reports differ from each other: the shares of applicants, results and outcomes are drawn anew for
each (Dirichlet), so that no table of averages describes any one of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

Cell = tuple[str, str]
Report = dict[Cell, int]
Printed = dict[Cell, int | None]  # None: blank

APPLICANTS: Final = ("natural", "business", "research", "charity", "legal_service", "other_org")
COLUMNS: Final = (*APPLICANTS, "total")
RESULTS: Final = {
    "granted": 40.0,
    "partial": 7.0,
    "denied.state_secret": 0.6,
    "denied.law_forbids": 1.0,
    "denied.security_stability": 0.3,
    "denied.third_party": 1.5,
    "denied.internal": 1.5,
    "denied.process": 1.2,
    "denied.case_file": 1.2,
    "denied.admin_query": 2.0,
    "unable.not_held": 25.0,
    "unable.must_create": 2.5,
    "unable.still_unclear": 1.0,
    "not_processed.petition": 3.0,
    "not_processed.repeat": 1.5,
    "not_processed.publication": 0.2,
    "not_processed.mass": 0.3,
    "not_processed.reissue": 0.2,
    "other.no_correction": 3.0,
    "other.no_fee": 0.2,
    "other.misc": 5.0,
}
ROWS: Final = ("new", "carried_in", *RESULTS, "result_total", "carried_out")
GROUPS: Final = ("review", "direct", "after_review")
OUTCOMES: Final = ("upheld", "corrected", "other", "pending")


@dataclass(frozen=True, slots=True)
class Habits:
    """Assumed frequencies.

    `size` are mean and deviation of log(requests), `none` the part of agencies without any request.

    `applicants` are relative shares; `spread` is how much a report's own shares vary (smaller:
    more). `faults` are weights.
    """

    size: tuple[float, float]
    none: float
    applicants: tuple[float, ...]
    spread: float
    carried: float
    faults: Mapping[str, float]
    on_zero: float  # part of typing slips that hit a cell that is 0
    kinds: Mapping[str, "Fault"] = field(default_factory=dict)  # faults beside those of this file


USUAL: Final = Habits(
    size=(2.3, 1.6),
    none=0.1,
    applicants=(82.0, 12.0, 0.8, 0.9, 2.5, 1.8),
    spread=8.0,
    carried=0.06,
    on_zero=0.12,
    faults={
        "digit": 20,
        "transposed": 5,
        "dropped": 6,
        "zeroed": 10,
        "blank": 10,
        "column": 8,
        "row": 8,
        "shifted": 4,
        "exchanged": 3,
        "stale": 16,
        "sign": 1,
        "ten": 4,
        "split": 5,
        "late": 2,
    },
)
OTHER: Final = replace(
    USUAL,
    size=(3.2, 1.2),
    none=0.05,
    applicants=(65.0, 25.0, 1.5, 1.0, 6.0, 1.5),
    spread=20.0,
    carried=0.12,
    on_zero=0.25,
    faults={
        "digit": 10,
        "transposed": 8,
        "dropped": 8,
        "zeroed": 6,
        "blank": 5,
        "column": 15,
        "row": 15,
        "shifted": 8,
        "exchanged": 6,
        "stale": 8,
        "sign": 2,
        "ten": 8,
        "split": 10,
        "late": 5,
    },
)


def clean(rng: np.random.Generator, habits: Habits = USUAL) -> Report:
    """Table 三 of one report: what came in is results plus what is carried out, by column."""
    size = (
        0 if rng.random() < habits.none else int(min(20_000, max(1.0, rng.lognormal(*habits.size))))
    )
    applicants = _shares(rng, habits.applicants, habits.spread)
    results = _shares(rng, tuple(RESULTS.values()), habits.spread)
    incoming = rng.multinomial(size, applicants)
    waiting = rng.poisson(size * habits.carried * applicants)
    report: Report = dict.fromkeys(((r, c) for r in ROWS for c in COLUMNS), 0)
    for n, column in enumerate(APPLICANTS):
        stock = int(incoming[n] + waiting[n])
        left = int(rng.binomial(stock, habits.carried))
        report["new", column], report["carried_in", column], report["carried_out", column] = (
            int(incoming[n]),
            int(waiting[n]),
            left,
        )
        report["result_total", column] = stock - left
        for row, count in zip(RESULTS, rng.multinomial(stock - left, results), strict=True):
            report[row, column] = int(count)
    for row in ROWS:
        report[row, "total"] = sum(report[row, c] for c in APPLICANTS)
    return report


def clean_disputes(rng: np.random.Generator, habits: Habits = USUAL) -> Report:
    """Table 四 of one report: three groups of four outcomes and their total."""
    size = rng.lognormal(*habits.size) * 0.12
    report: Report = {}
    for group, part in zip(GROUPS, (1.0, 0.5, 0.25), strict=True):
        outcomes = rng.multinomial(
            rng.poisson(size * part), _shares(rng, (60.0, 12.0, 15.0, 13.0), habits.spread)
        )
        report |= {
            ("cases", f"{group}.{o}"): int(n) for o, n in zip(OUTCOMES, outcomes, strict=True)
        }
        report["cases", f"{group}.total"] = int(outcomes.sum())
    return report


def _shares(rng: np.random.Generator, weights: Sequence[float], spread: float) -> np.ndarray:
    weight = np.array(weights) / sum(weights)
    drawn = rng.gamma(weight * spread + 1e-9)
    return drawn / drawn.sum()


def spoil(
    rng: np.random.Generator, report: Report, faults: int, habits: Habits = USUAL
) -> tuple[Printed, tuple[str, ...]]:
    """The report with that many faults, and their names.

    Faults of one report do not touch a cell twice.
    """
    printed: Printed = dict(report)
    done: list[str] = []
    names = list(habits.faults)
    weights = np.array([habits.faults[n] for n in names], dtype=float)
    for _ in range(200):
        if len(done) == faults:
            break
        name = names[int(rng.choice(len(names), p=weights / weights.sum()))]
        change = habits.kinds.get(name, FAULTS.get(name, _no_change))(rng, report, habits)
        if (
            change
            and all(printed[c] == report[c] for c in change)
            and any(v != report[c] for c, v in change.items())
        ):
            printed |= change
            done.append(name)
    return printed, tuple(done)


Change = dict[Cell, int | None]
Fault = Callable[[np.random.Generator, Report, "Habits"], Change]


def _pick(
    rng: np.random.Generator, report: Report, least: int = 1, columns: Sequence[str] = COLUMNS
) -> Cell | None:
    cells = [c for c, v in report.items() if v >= least and c[1] in columns]
    return cells[int(rng.integers(len(cells)))] if cells else None


def _digit(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    cell = _pick(rng, report)
    if rng.random() < habits.on_zero or cell is None:
        zeros = [c for c, v in report.items() if v == 0]
        return {zeros[int(rng.integers(len(zeros)))]: int(rng.integers(1, 10))}
    text = list(str(report[cell]))
    place = int(rng.integers(len(text)))
    text[place] = str((int(text[place]) + int(rng.integers(1, 10))) % 10)
    return {cell: int("".join(text))}


def _transposed(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    cell = _pick(rng, report, 10)
    if cell is None:
        return {}
    text = str(report[cell])
    place = int(rng.integers(len(text) - 1))
    return {cell: int(text[:place] + text[place + 1] + text[place] + text[place + 2 :])}


def _dropped(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    cell = _pick(rng, report, 10)
    if cell is None:
        return {}
    text = str(report[cell])
    place = int(rng.integers(len(text)))
    return {cell: int(text[:place] + text[place + 1 :])}


def _zeroed(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    cell = _pick(rng, report)
    return {} if cell is None else {cell: 0}


def _blank(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    cell = _pick(rng, report)
    return {} if cell is None else {cell: None}


def _column(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """A number typed one column beside its own, now and then two, over what belongs there."""
    cell = _pick(rng, report, 1, APPLICANTS)
    if cell is None:
        return {}
    place = APPLICANTS.index(cell[1]) + _step(rng)
    return (
        _move(rng, report, cell, (cell[0], APPLICANTS[place]))
        if 0 <= place < len(APPLICANTS)
        else {}
    )


def _row(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """A number typed one row above or below its own, now and then two, over what belongs there."""
    cell = _pick(rng, report)
    if cell is None:
        return {}
    place = ROWS.index(cell[0]) + _step(rng)
    return _move(rng, report, cell, (ROWS[place], cell[1])) if 0 <= place < len(ROWS) else {}


def _step(rng: np.random.Generator) -> int:
    return int(rng.choice((-1, 1))) * (2 if rng.random() < 0.15 else 1)


def _move(rng: np.random.Generator, report: Report, cell: Cell, to: Cell) -> Change:
    """Most often the place was 0; three times in ten another number is written over."""
    if report[to] and rng.random() > 0.3:
        return {}
    return {cell: 0, to: report[cell]}


def _late(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """A count added or taken away at the last minute: a detail and its row's total are new, the
    sums down the columns are old.

    The report in hand is the truth, so that the old sums are what is printed wrong.
    """
    columns = [c for c in APPLICANTS if report["result_total", c]]
    if not columns:
        return {}
    column = columns[int(rng.integers(len(columns)))]
    by = min(int(rng.geometric(0.6)), report["new", column])
    by = -by if rng.random() < 0.7 else by
    return (
        {
            (r, c): report[r, c] + by
            for r in ("new", "result_total")
            for c in (column, "total")
            if report[r, c] + by >= 0
        }
        if by
        else {}
    )


def _shifted(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """A whole row one column to the right or left: the number at the end is lost, a 0 comes in."""
    cell = _pick(rng, report)
    if cell is None:
        return {}
    row = [report[cell[0], c] for c in COLUMNS]
    moved = [0, *row[:-1]] if rng.random() < 0.6 else [*row[1:], 0]
    return {(cell[0], c): v for c, v, old in zip(COLUMNS, moved, row, strict=True) if v != old}


def _exchanged(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """Two neighbouring rows exchanged whole; two details are not, as no rule sees that."""
    pairs = [
        ("carried_in", "granted"),
        ("other.misc", "result_total"),
        ("result_total", "carried_out"),
    ]
    above, below = pairs[int(rng.integers(len(pairs)))]
    return {
        (a, c): report[b, c]
        for a, b in ((above, below), (below, above))
        for c in COLUMNS
        if report[a, c] != report[b, c]
    }


def _stale(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """A total that was not brought up to date after a late change of a part."""
    cells = [
        (r, c) for r, c in report if (c == "total" or r == "result_total") and report[r, c] > 0
    ]
    if not cells:
        return {}
    cell = cells[int(rng.integers(len(cells)))]
    off = int(rng.geometric(0.5)) * int(rng.choice((-1, 1)))
    return {cell: report[cell] + off} if report[cell] + off >= 0 else {}


def _sign(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    cell = _pick(rng, report)
    return {} if cell is None else {cell: -report[cell]}


def _ten(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    cell = _pick(rng, report)
    return {} if cell is None else {cell: report[cell] * 10}


def _split(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """A number of two and more digits read as two; the rest of the row moves right and its last
    number is lost.
    """
    cell = _pick(rng, report, 10)
    if cell is None or cell[1] == "total":
        return {}
    place, text = COLUMNS.index(cell[1]), str(report[cell])
    cut = int(rng.integers(1, len(text)))
    row = [report[cell[0], c] for c in COLUMNS]
    moved = [*row[:place], int(text[:cut]), int(text[cut:]), *row[place + 1 :]][: len(row)]
    return {(cell[0], c): v for c, v, old in zip(COLUMNS, moved, row, strict=True) if v != old}


def _no_change(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    return {}


FAULTS: Final[dict[str, Fault]] = {
    "digit": _digit,
    "transposed": _transposed,
    "dropped": _dropped,
    "zeroed": _zeroed,
    "blank": _blank,
    "column": _column,
    "row": _row,
    "shifted": _shifted,
    "exchanged": _exchanged,
    "stale": _stale,
    "sign": _sign,
    "ten": _ten,
    "split": _split,
    "late": _late,
}
