"""Slips on whole lines of the table of requests, and what the prose says of a cell."""

from decimal import Decimal

import numpy as np
import pytest

from bench.locate.real_faults import REAL_FAULTS
from bench.locate.simulate import USUAL, Cell, Report, clean
from tests.transform.localize.test_localize import located, named, only, system
from transform.localize.cost import Context

REQUESTS = system("2021", "requests")
DISPUTES = system("2021", "disputes")
KINDS = {
    "total_at_zero": "left_out",
    "totals_at_zero": "totals_left",
    "stale_sums": "stale_sums",
    "new_with_carried": "carried_twice",
    "carried_out_forgotten": "carry_forgotten",
}


def large_report() -> Report:
    """A report with requests carried in and out, and several applicants."""
    rng = np.random.default_rng(5)
    while True:
        made = clean(rng, USUAL)
        carried = made["carried_in", "business"], made["carried_out", "business"]
        if all(carried) and made["carried_out", "natural"]:
            return made


@pytest.mark.parametrize("fault", KINDS)
def test_a_slip_on_a_line_is_named(fault: str) -> None:
    truth = large_report()
    change = REAL_FAULTS[fault](np.random.default_rng(1), truth, USUAL)
    found = located(REQUESTS, {**truth, **change})
    changed = {"|".join(cell): truth[cell] for cell in change if change[cell] != truth[cell]}
    first: dict[str, int] = {}
    for cause in found.causes:
        first |= named(REQUESTS, cause.explanations[0])
    assert first == changed
    assert {c.explanations[0].kind for c in found.causes} <= {KINDS[fault], "left_out"}


def test_the_prose_decides_between_cells_that_the_sum_cannot_tell_apart() -> None:
    printed: dict[Cell, int | str | None] = {
        ("cases", "review.upheld"): 9,
        ("cases", "review.other"): 3,
        ("cases", "review.total"): 13,
    }
    stated = {DISPUTES.index["disputes", "cases", "review.total"]: frozenset({Decimal(12)})}
    cause = only(located(DISPUTES, printed, Context(stated=stated)))
    assert named(DISPUTES, cause.explanations[0]) == {"cases|review.total": 12}
    kept = {DISPUTES.index["disputes", "cases", "review.total"]: frozenset({Decimal(13)})}
    other = only(located(DISPUTES, printed, Context(stated=kept)))
    assert "cases|review.total" not in named(DISPUTES, other.explanations[0])
    assert not cause.confident and not other.confident
