"""How often the wrong cell is named: the table of results on simulated reports with known faults.

    python -m bench.locate [--reports 2000] [--seed 101] [--habits usual|other|real] [--no-prior]
    [--years] [--prose PART] [--blank none|zeros|totals] [--disputes]
    python -m bench.locate --plain        the smallest sets alone, without any ranking

Lines for 1, 2 and 3 faults in table 三 and for a mix of 75/18/7 % of them. Figures are percentages
of the reports in which a sum fails (`flagged` tells how many those are): `named` the first
explanation is the truth, whole and alone; `in first 5` and `listed` it is among them; then, of the
causes, those that are claimed and how many of these rightly, and those without any explanation. CPU
time of `locate` alone, over the reports without blanks (with --blank: over all).
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np

from bench.locate.real_faults import REAL_FAULTS, WEIGHTS
from bench.locate.simulate import (
    OTHER,
    RESULTS,
    USUAL,
    Cell,
    Habits,
    Printed,
    Report,
    clean,
    clean_disputes,
    spoil,
)
from transform.form.forms import load_forms
from transform.localize.cost import Context
from transform.localize.equations import System, system_of
from transform.localize.localize import Located, locate_errors
from transform.localize.minimal_sets import (
    BLANK,
    PRINTED,
    find_minimal_sets,
    residuals,
    split_into_blocks,
)
from transform.localize.prior import Prior
from transform.rules.load import load_rules

# lines of 表三 of which the prose gives the total
SPOKEN = ("new", "carried_in", "result_total", "carried_out", "granted", "partial")
MIX = (0.75, 0.18, 0.07)
NO_PRIOR = Prior({})
HABITS = {
    "usual": USUAL,
    "other": OTHER,
    "real": replace(USUAL, faults=WEIGHTS, kinds=REAL_FAULTS),
}


@dataclass
class Tally:
    """Counts over the reports of one line."""

    reports: int = 0
    flagged: int = 0
    unique: int = 0
    five: int = 0
    listed: int = 0
    causes: int = 0
    confident: int = 0
    confident_right: int = 0
    unlocated: int = 0
    times: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)


def judge(
    system: System,
    located: Located,
    report: Report,
    printed: Printed,
    names: Sequence[str],
    tally: Tally,
) -> None:
    """Adds one report to the tally."""
    truth = {
        system.index[(system.cells[0][0], *cell)]: Decimal(report[cell])
        for cell in report
        if printed[cell] != report[cell]
    }
    # a blank that means 0 breaks no sum
    hidden = {c for c, v in truth.items() if v == 0 and printed[system.cells[c][1:]] is None}
    truth = {c: v for c, v in truth.items() if c not in hidden}
    tally.reports += 1
    if not located.causes:
        return
    tally.flagged += 1
    first: dict[int, Decimal] = {}
    five = listed = True
    tied = False
    for cause in located.causes:
        tally.causes += 1
        answers = [{s.cell: s.implied for s in e.cells} for e in cause.explanations]
        tally.unlocated += not answers
        right = [all(truth.get(c) == v for c, v in a.items()) for a in answers]
        five &= any(right[:5])
        listed &= any(right)
        tied |= cause.margin is not None and cause.margin < 1e-9
        tally.confident += cause.confident
        tally.confident_right += cause.confident and right[0]
        first |= answers[0] if answers else {}
    covered = {
        c
        for cause in located.causes
        for e in cause.explanations
        for s in e.cells
        for c in (s.cell,)
    } >= truth.keys()
    good = first == truth and not tied
    tally.unique += good
    tally.five += five and covered
    tally.listed += listed and covered
    if len(names) == 1:
        tally.seen[names[0]] += 1
        tally.wrong[names[0]] += not good


def run(
    system: System,
    habits: Habits,
    faults: Sequence[float],
    given: argparse.Namespace,
    context: Context,
) -> Tally:
    """One line: `given.reports` reports, with 1, 2, 3 faults in these parts."""
    rng = np.random.default_rng(given.seed)
    prose_rng = np.random.default_rng(given.seed + 1)
    tally = Tally()
    for _ in range(given.reports):
        count = int(rng.choice(len(faults), p=faults)) + 1
        report = clean_disputes(rng, habits) if given.disputes else clean(rng, habits)
        printed, names = (
            one_cell(rng, report) if given.disputes else spoil(rng, report, count, habits)
        )
        if not names:
            continue
        printed = {c: None if _left_blank(given.blank, c, v) else v for c, v in printed.items()}
        cells = [printed[key[1:]] for key in system.cells]
        values = [None if v is None else Decimal(v) for v in cells]
        states = ["blank" if v is None else "number" if v else "zero" for v in cells]
        told = replace(context, carried_in=_carried(system, report)) if given.years else context
        if given.prose:
            told = replace(told, stated=_stated(prose_rng, system, report, given.prose))
        start = time.process_time()
        located = locate_errors(system, values, states, context=told)
        spent = (time.process_time() - start) * 1000
        if located.causes and (given.blank != "none" or all(s != "blank" for s in states)):
            tally.times.append(spent)
        judge(system, located, report, printed, names, tally)
    return tally


def _left_blank(style: str, cell: Cell, value: int | None) -> bool:
    """Whether an agency of that style leaves the cell blank: all its zeros, or the totals of the
    details.
    """
    if style == "zeros":
        return value == 0
    return style == "totals" and cell[1] == "total" and cell[0] in RESULTS


def _carried(system: System, report: Report) -> dict[int, Decimal]:
    """What the year before carried out, for the cells that say what was carried in."""
    return {
        n: Decimal(report["carried_in", col])
        for n, (_, row, col) in enumerate(system.cells)
        if row == "carried_in"
    }


def _stated(
    rng: np.random.Generator, system: System, report: Report, part: float
) -> dict[int, frozenset[Decimal]]:
    """The true figures that the prose gives: each of those that reports speak of, in this part of
    them.
    """
    spoken = {
        n: Decimal(report[row, col])
        for n, (table, row, col) in enumerate(system.cells)
        if table == "disputes" or (col == "total" and row in SPOKEN)
    }
    return {n: frozenset({v}) for n, v in spoken.items() if rng.random() < part}


def plain(system: System, habits: Habits, given: argparse.Namespace) -> None:
    """The smallest sets without any ranking: how often there is one and it is the truth, and how
    often the truth is among them.
    """
    (block,) = split_into_blocks(system)
    keys = [system.cells[c][1:] for c in block.cells]
    live = [True] * len(block.terms)
    for faults in (1, 2, 3):
        rng = np.random.default_rng(given.seed)
        failing = sole = among = 0
        for _ in range(given.reports):
            report = clean(rng, habits)
            printed, _names = spoil(rng, report, faults, habits)
            values = [printed[key] or 0 for key in keys]
            truth = {
                c: report[key] for c, key in enumerate(keys) if (printed[key] or 0) != report[key]
            }
            if not any(residuals(block, values, live)):
                continue
            found = find_minimal_sets(
                block, values, [BLANK if printed[key] is None else PRINTED for key in keys], live
            )
            failing += 1
            among += truth in found.sets
            sole += len(found.sets) == 1 and found.sets[0] == truth
        print(
            f"| {faults} | {100 * sole / max(1, failing):.1f} | "
            f"{100 * among / max(1, failing):.1f} |"
        )


def one_cell(rng: np.random.Generator, report: Report) -> tuple[Printed, tuple[str, ...]]:
    """One cell of table 四 with another number: a slip of one digit, or 0."""
    filled: list[Cell] = [c for c, v in report.items() if v]
    if not filled:
        return dict(report), ()
    cell = filled[int(rng.integers(len(filled)))]
    text = str(report[cell])
    place = int(rng.integers(len(text)))
    new = (
        int(
            text[:place]
            + str((int(text[place]) + int(rng.integers(1, 10))) % 10)
            + text[place + 1 :]
        )
        if rng.random() < 0.7
        else 0
    )
    return {**report, cell: new}, ("cell",)


def line(name: str, t: Tally) -> str:
    """One line of the table."""
    n = max(1, t.flagged)
    times = np.array(t.times or [0.0])
    return (
        f"| {name} | {100 * t.flagged / max(1, t.reports):.1f} | {100 * t.unique / n:.1f} | "
        f"{100 * t.five / n:.1f} | {100 * t.listed / n:.1f} "
        f"| {100 * t.confident / max(1, t.causes):.1f} | "
        f"{100 * t.confident_right / max(1, t.confident):.1f} | "
        f"{100 * t.unlocated / max(1, t.causes):.1f} "
        f"| {times.mean():.1f} | {np.median(times):.1f} | {np.quantile(times, 0.99):.0f} |"
    )


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--reports", type=int, default=2000)
    options.add_argument("--seed", type=int, default=101)
    options.add_argument("--habits", choices=tuple(HABITS), default="usual")
    options.add_argument("--no-prior", action="store_true")
    options.add_argument("--disputes", action="store_true")
    options.add_argument("--plain", action="store_true")
    options.add_argument(
        "--years", action="store_true", help="what the year before carried out is known"
    )
    options.add_argument(
        "--prose", type=float, default=0.0, help="the part of the figures that the prose gives"
    )
    options.add_argument(
        "--blank",
        choices=("none", "zeros", "totals"),
        default="none",
        help="what the agency leaves blank",
    )
    options.add_argument(
        "--kinds", action="store_true", help="also which single faults were not named"
    )
    given = options.parse_args()
    forms = load_forms()
    system = system_of(
        forms, load_rules(forms), "2021", "disputes" if given.disputes else "requests"
    )
    context = Context(prior=NO_PRIOR) if given.no_prior else Context()
    habits = HABITS[given.habits]
    if given.plain:
        plain(system, habits, given)
        return
    heads = (
        "faults",
        "flagged",
        "named",
        "in first 5",
        "listed",
        "claimed",
        "right of claimed",
        "none",
        "ms mean",
        "median",
        "p99",
    )
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    lines = (
        {"1": (1.0,)}
        if given.disputes
        else {"1": (1.0,), "2": (0.0, 1.0), "3": (0.0, 0.0, 1.0), "mix": MIX}
    )
    for name, faults in lines.items():
        tally = run(system, habits, faults, given, context)
        print(line(name, tally), flush=True)
        if given.kinds:
            print("   ", {k: f"{tally.wrong[k]}/{n}" for k, n in tally.seen.most_common()})


if __name__ == "__main__":
    main()
