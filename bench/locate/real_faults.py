"""Faults as published reports have them: what a clerk does to whole lines of 表三 and to totals.

Each takes a true report and gives the cells that are printed otherwise; `WEIGHTS` are assumed
frequencies, none counted. `bench.locate.simulate` has slips of single keys and of readers.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from bench.locate.simulate import (
    APPLICANTS,
    COLUMNS,
    RESULTS,
    ROWS,
    Cell,
    Change,
    Habits,
    Report,
)

Fault = Callable[[np.random.Generator, Report, Habits], Change]


def _changed(report: Report, change: Mapping[Cell, int | None]) -> Change:
    return {c: v for c, v in change.items() if report[c] != v}


def _chosen(rng: np.random.Generator, cells: list[Cell]) -> Cell | None:
    return cells[int(rng.integers(len(cells)))] if cells else None


def _total_at_zero(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """One total left at the 0 of the template."""
    cells = [c for c, v in report.items() if v and (c[1] == "total" or c[0] == "result_total")]
    cell = _chosen(rng, cells)
    return {} if cell is None else {cell: 0}


def _totals_at_zero(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """The row of totals, or the column of totals, left at the 0 of the template."""
    if rng.random() < 0.5:
        return _changed(report, {("result_total", c): 0 for c in COLUMNS})
    return _changed(report, {(r, "total"): 0 for r in ROWS})


def _column_blank(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """The column of totals left blank."""
    return {(r, "total"): None for r in ROWS}


def _stale_sums(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """A detail was added last, and neither its row's nor its column's total was brought up to
    date.

    The report in hand is the truth; both totals are what they were before.
    """
    cell = _chosen(rng, [(r, c) for r in RESULTS for c in APPLICANTS if report[r, c]])
    if cell is None:
        return {}
    by = min(int(rng.geometric(0.6)), report[cell])
    row, column = cell
    return {
        (row, "total"): report[row, "total"] - by,
        ("result_total", column): report["result_total", column] - by,
        ("result_total", "total"): report["result_total", "total"] - by,
    }


def _detail_exceeds(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """A detail counted once more than its column has: one request under two results."""
    cell = _chosen(rng, [(r, c) for r in RESULTS for c in APPLICANTS if report["result_total", c]])
    if cell is None:
        return {}
    by = int(rng.geometric(0.6))
    row, column = cell
    change: Change = {(row, column): report[row, column] + by}
    if rng.random() < 0.5:
        change[row, "total"] = report[row, "total"] + by
    return change


def _new_with_carried(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """本年新收 that holds what was carried in as well."""
    if not report["carried_in", "total"]:
        return {}
    return _changed(
        report, {("new", c): report["new", c] + report["carried_in", c] for c in COLUMNS}
    )


def _carried_out_forgotten(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """结转下年度 left at 0."""
    return _changed(report, {("carried_out", c): 0 for c in COLUMNS})


def _totals_repeated(rng: np.random.Generator, report: Report, habits: Habits) -> Change:
    """The row of totals printed again in the row below it, or what came in repeated as totals."""
    if rng.random() < 0.5:
        return _changed(report, {("carried_out", c): report["result_total", c] for c in COLUMNS})
    return _changed(report, {("result_total", c): report["new", c] for c in COLUMNS})


WEIGHTS: Final[Mapping[str, float]] = {
    "total_at_zero": 22,
    "totals_at_zero": 10,
    "column_blank": 8,
    "stale_sums": 16,
    "detail_exceeds": 14,
    "new_with_carried": 10,
    "carried_out_forgotten": 10,
    "totals_repeated": 6,
}
REAL_FAULTS: Final[Mapping[str, Fault]] = {
    "total_at_zero": _total_at_zero,
    "totals_at_zero": _totals_at_zero,
    "column_blank": _column_blank,
    "stale_sums": _stale_sums,
    "detail_exceeds": _detail_exceeds,
    "new_with_carried": _new_with_carried,
    "carried_out_forgotten": _carried_out_forgotten,
    "totals_repeated": _totals_repeated,
}
