"""Which cell is wrong: real reports whose faults are known, and what must never be claimed."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from bench.locate.simulate import USUAL, Report, clean
from transform.form.forms import load_forms
from transform.localize.cost import KINDS, Context
from transform.localize.equations import System, system_of
from transform.localize.localize import (
    COMMONPLACE,
    CONFIDENT,
    Cause,
    Explanation,
    Located,
    locate_errors,
)
from transform.localize.minimal_sets import USUAL as USUAL_LIMITS
from transform.localize.minimal_sets import Limits
from transform.rules.load import load_rules

FORMS = load_forms()


def system(edition: str, table: str) -> System:
    return system_of(FORMS, load_rules(FORMS), edition, table)


def located(
    theirs: System,
    printed: Mapping[tuple[str, str], int | str | None],
    context: Context | None = None,
    limits: Limits = USUAL_LIMITS,
) -> Located:
    """Cells that are not named are 0; None is a blank, text is a state."""
    values: list[Decimal | None] = []
    states: list[str] = []
    for _, row, col in theirs.cells:
        cell = printed.get((row, col), 0)
        values.append(Decimal(cell) if isinstance(cell, int) else None)
        states.append(
            cell
            if isinstance(cell, str)
            else "blank"
            if cell is None
            else "number"
            if cell
            else "zero"
        )
    return locate_errors(theirs, values, states, context=context, limits=limits)


def from_truth(shared: Path, report: str, theirs: System) -> Located:
    cells = json.loads((shared / "corpus/truth" / f"{report}.json").read_text(encoding="utf-8"))[
        "cells"
    ]
    found = [cells.get("|".join(key), {"state": "absent", "value": None}) for key in theirs.cells]
    return locate_errors(
        theirs,
        [None if c["value"] is None else Decimal(c["value"]) for c in found],
        [c["state"] for c in found],
    )


def named(theirs: System, explanation: Explanation) -> dict[str, int]:
    return {
        f"{theirs.cells[s.cell][1]}|{theirs.cells[s.cell][2]}": int(s.implied)
        for s in explanation.cells
    }


def equations(theirs: System, cause: Cause) -> set[tuple[str, str]]:
    return {(theirs.equations[e].rule_id, theirs.equations[e].instance) for e in cause.equations}


def only(found: Located) -> Cause:
    (cause,) = found.causes
    return cause


def test_a_column_of_blank_totals_is_one_cause(shared_dir: Path) -> None:
    """上海市府办 2019: twelve sums fail, as the total column was left blank."""
    theirs = system("2019", "requests")
    cause = only(from_truth(shared_dir, "005", theirs))
    assert len(cause.equations) == 12
    assert ("requests.result_total", "total") in equations(theirs, cause)
    first = cause.explanations[0]
    assert first.kind == "blank"
    assert named(theirs, first) == {
        "granted|total": 272,
        "partial|total": 3,
        "denied.state_secret|total": 14,
        "denied.internal|total": 5,
        "denied.process|total": 4,
        "denied.admin_query|total": 12,
        "unable.not_held|total": 265,
        "unable.must_create|total": 47,
        "unable.still_unclear|total": 25,
        "not_processed.petition|total": 149,
        "not_processed.repeat|total": 9,
    }
    assert all(s.printed is None for s in first.cells)
    assert len(cause.explanations) == 1


def test_three_blank_totals_of_the_first_report(shared_dir: Path) -> None:
    """上饶市民政局 2019: the totals are blank, and beside further blanks what they must be is a
    bound.
    """
    theirs = system("2019", "requests")
    cause = only(from_truth(shared_dir, "shangrao-minzheng-2019", theirs))
    assert len(cause.equations) == 3
    first = cause.explanations[0]
    assert named(theirs, first) == {
        "new|total": 5,
        "denied.third_party|total": 5,
        "result_total|total": 5,
    }
    assert {s.relation for s in first.cells} == {">="}
    assert not from_truth(shared_dir, "shangrao-minzheng-2019", system("2019", "disputes")).causes


def test_totals_of_disputes_are_candidates_and_never_claimed(shared_dir: Path) -> None:
    """洪泽区 2023: two totals printed 0 over parts of 11 and 5."""
    theirs = system("2021", "disputes")
    causes = from_truth(shared_dir, "001", theirs).causes
    assert [equations(theirs, c) for c in causes] == [
        {("disputes.total", "review")},
        {("disputes.total", "after_review")},
    ]
    assert [named(theirs, c.explanations[0]) for c in causes] == [
        {"cases|review.total": 11},
        {"cases|after_review.total": 5},
    ]
    assert not any(c.confident for c in causes)


ONE_WRONG = {
    ("cases", "review.upheld"): 30,
    ("cases", "review.corrected"): 12,
    ("cases", "review.other"): 3,
    ("cases", "review.pending"): 1,
    ("cases", "review.total"): 64,
}


def test_cells_of_a_sum_that_stands_alone_are_equal() -> None:
    cause = only(located(system("2021", "disputes"), ONE_WRONG))
    equal = [e for e in cause.explanations if e.cost == cause.explanations[0].cost]
    assert [len(e.cells) for e in equal] == [1] * 5
    assert cause.explanations[:5] == tuple(equal)
    assert cause.margin == 0 and not cause.confident


@pytest.mark.parametrize("cell", ["review.total", "review.upheld"])
def test_a_figure_of_the_prose_decides_among_them(cell: str) -> None:
    theirs = system("2021", "disputes")
    meant = {"review.total": 46, "review.upheld": 48}[cell]
    place = theirs.index["disputes", "cases", cell]
    context = Context(stated={place: frozenset([Decimal(meant)])})
    cause = only(located(theirs, ONE_WRONG, context))
    assert named(theirs, cause.explanations[0]) == {f"cases|{cell}": meant}
    assert cause.margin is not None and cause.margin > 0 and not cause.confident


def test_a_total_left_at_0_comes_first_without_the_prose() -> None:
    cause = only(located(system("2021", "disputes"), ONE_WRONG | {("cases", "review.total"): 0}))
    assert named(system("2021", "disputes"), cause.explanations[0]) == {"cases|review.total": 46}
    assert cause.margin is None or cause.margin > 0


@pytest.mark.parametrize("report", ["022", "80595"])
def test_details_that_exceed_the_total(shared_dir: Path, report: str) -> None:
    """平潭 2020: details of 26, total 20, in two columns alike.

    Several explanations are as good: all listed, none claimed.
    """
    theirs = system("2019", "requests")
    cause = only(from_truth(shared_dir, report, theirs))
    assert equations(theirs, cause) == {
        ("requests.result_total", "natural"),
        ("requests.result_total", "total"),
    }
    answers = [named(theirs, e) for e in cause.explanations]
    assert {"granted|natural": 0, "granted|total": 1} in answers
    assert {"partial|natural": 0, "partial|total": 0} in answers
    assert {
        "new|natural": 26,
        "new|total": 27,
        "result_total|natural": 26,
        "result_total|total": 27,
    } in answers
    assert not cause.confident


def test_a_row_that_agrees_with_itself_is_not_called_wrong(shared_dir: Path) -> None:
    """A detail and its row's total say 1, the sums down both columns say 0: either may be meant."""
    theirs = system("2019", "requests")
    cause = only(from_truth(shared_dir, "040", theirs))
    answers = [named(theirs, e) for e in cause.explanations]
    assert {"unable.not_held|legal_service": 0, "unable.not_held|total": 1} in answers
    assert len(answers) > 1
    assert not cause.confident


def test_a_split_number_is_among_the_candidates() -> None:
    """金湖 2023: printed 2,0,1,0,0 where 2,0,10,0,12 was meant."""
    theirs = system("2021", "disputes")
    outcomes = ("upheld", "corrected", "other", "pending", "total")
    cause = only(
        located(
            theirs,
            {("cases", f"direct.{o}"): v for o, v in zip(outcomes, (2, 0, 1, 0, 0), strict=True)},
        )
    )
    answers = [named(theirs, e) for e in cause.explanations]
    assert {"cases|direct.total": 3} in answers
    assert {"cases|direct.other": 10, "cases|direct.total": 12} in answers
    assert not cause.confident


def report(seed: int = 5) -> Report:
    """A clean report with some twenty requests and more."""
    rng = np.random.default_rng(seed)
    return next(
        r
        for r in iter(lambda: clean(rng, USUAL), None)
        if 40 < r["new", "total"] < 400 and r["unable.not_held", "business"] > 1
    )


def test_nothing_fails_nothing_is_said() -> None:
    assert not located(system("2021", "requests"), report()).causes
    assert not located(system("2021", "requests"), {}).causes


def test_one_wrong_cell_is_named_with_its_slip() -> None:
    theirs = system("2021", "requests")
    truth = report()
    for cell, printed, kind in (
        (("new", "natural"), truth["new", "natural"] * 10, "digit_added"),
        (("unable.not_held", "business"), None, "blank"),
        (("granted", "natural"), -truth["granted", "natural"], "sign"),
        (("granted", "total"), truth["granted", "total"] + 2, "near_total"),
        (("granted", "total"), 0, "left_out"),
    ):
        cause = only(located(theirs, {**truth, cell: printed}))
        first = cause.explanations[0]
        assert named(theirs, first) == {"|".join(cell): truth[cell]}
        assert first.kind in ({kind, "digit"} if kind == "near_total" else {kind})
        assert cause.confident
        assert first.kind in KINDS


def test_two_faults_far_apart_are_two_causes() -> None:
    theirs = system("2021", "requests")
    truth = report()
    printed = {
        **truth,
        ("new", "natural"): truth["new", "natural"] + 300,
        ("denied.process", "charity"): truth["denied.process", "charity"] + 7,
    }
    causes = located(theirs, printed).causes
    assert len(causes) == 2
    assert not set(causes[0].equations) & set(causes[1].equations)
    assert {cell for c in causes for cell in named(theirs, c.explanations[0])} == {
        "new|natural",
        "denied.process|charity",
    }


def test_a_displaced_row_is_one_slip() -> None:
    theirs = system("2021", "requests")
    truth = report()
    columns = [c for _, row, c in theirs.cells if row == "granted"]
    row = [truth["granted", c] for c in columns]
    printed = {**truth} | {("granted", c): v for c, v in zip(columns, [0, *row[:-1]], strict=True)}
    first = only(located(theirs, printed)).explanations[0]
    assert first.kind == "shifted_row"
    assert named(theirs, first) == {
        f"granted|{c}": truth["granted", c]
        for c in columns
        if printed["granted", c] != truth["granted", c]
    }


def test_a_number_in_the_next_column_is_one_slip() -> None:
    theirs = system("2021", "requests")
    truth = report()
    count = truth["unable.not_held", "business"]
    printed = {
        **truth,
        ("unable.not_held", "business"): 0,
        ("unable.not_held", "research"): count + truth["unable.not_held", "research"],
    }
    first = only(located(theirs, printed)).explanations[0]
    assert named(theirs, first) == {
        "unable.not_held|business": count,
        "unable.not_held|research": truth["unable.not_held", "research"],
    }


def test_what_the_year_before_carried_out_decides() -> None:
    """carried_in and new are exchanged in the eyes of the sums; last year's carried_out tells them
    apart.
    """
    theirs = system("2021", "requests")
    truth = report()
    cell = theirs.index["requests", "carried_in", "natural"]
    told = Context(carried_in={cell: Decimal(truth["carried_in", "natural"])})
    printed = {
        **truth,
        ("carried_in", "natural"): truth["carried_in", "natural"] + 3,
        ("carried_in", "total"): truth["carried_in", "total"] + 3,
    }
    blind, seeing = only(located(theirs, printed)), only(located(theirs, printed, told))
    answer = {
        "carried_in|natural": truth["carried_in", "natural"],
        "carried_in|total": truth["carried_in", "total"],
    }
    assert named(theirs, seeing.explanations[0]) == answer
    costs = [
        next(e.cost for e in c.explanations if named(theirs, e) == answer) for c in (blind, seeing)
    ]
    assert costs[1] < costs[0]


def test_words_and_missing_cells_silence_their_sums() -> None:
    theirs = system("2021", "requests")
    truth = report()
    printed: dict[tuple[str, str], int | str | None] = {
        **truth,
        ("granted", "natural"): "text",
        ("granted", "business"): truth["granted", "business"] + 1,
    }
    cause = only(located(theirs, printed))
    assert equations(theirs, cause) == {("requests.result_total", "business")}
    assert not cause.confident  # its row is silent, so that every cell of the column would do


def test_what_is_out_of_reach_is_said() -> None:
    theirs = system("2021", "requests")
    rng = np.random.default_rng(1)
    noise = {(row, col): int(rng.integers(1, 90)) for _, row, col in theirs.cells}
    cause = only(located(theirs, noise, limits=Limits(nodes=200, seconds=0.2)))
    assert not cause.explanations
    assert cause.reason in ("size", "limit")
    assert not cause.confident
    assert len(cause.equations) > 30


def test_the_annex_of_2014_and_the_local_table() -> None:
    annex = system("2014", "statistics")
    printed = {("c.recv.net", "value"): 12, ("c.recv.letter", "value"): 3, ("c.recv", "value"): 25}
    cause = only(located(annex, printed))
    assert equations(annex, cause) == {("statistics.recv", "all")}
    assert {"c.recv|value": 15} in [named(annex, e) for e in cause.explanations]
    assert {"c.recv.net|value": 22} in [named(annex, e) for e in cause.explanations]
    assert not cause.confident
    bounded = only(located(annex, {("b.ch.press_lead", "value"): 5, ("b.ch.press", "value"): 2}))
    assert {(s.relation, int(s.implied)) for e in bounded.explanations for s in e.cells} == {
        ("<=", 2),
        (">=", 5),
    }
    local = system("fj2008", "statistics")
    assert only(located(local, {("pub", "year"): 10, ("pub.web", "year"): 7})).explanations


def test_amounts_are_exact() -> None:
    local = system("fj2008", "statistics")
    values: list[Decimal | None] = [Decimal(0)] * len(local.cells)
    values[local.index["statistics", "pub", "year"]] = Decimal("10.50")
    values[local.index["statistics", "pub.web", "year"]] = Decimal("7.25")
    found = locate_errors(local, values, ["number" if v else "zero" for v in values])
    assert {
        s.implied
        for e in only(found).explanations
        for s in e.cells
        if local.cells[s.cell][1] == "pub"
    } <= {Decimal("7.25")}


def test_claims_need_a_margin() -> None:
    theirs = system("2021", "requests")
    truth = report()
    for seed in range(30):
        rng = np.random.default_rng(seed)
        cells = [list(truth)[int(rng.integers(len(truth)))] for _ in range(2)]
        for cause in located(
            theirs, {**truth} | {c: truth[c] + int(rng.integers(1, 9)) for c in cells}
        ).causes:
            costs = [e.cost for e in cause.explanations]
            assert costs == sorted(costs)
            if cause.margin is not None and cause.margin < CONFIDENT:
                assert not cause.confident


def test_many_scattered_faults_are_found() -> None:
    theirs = system("2021", "requests")
    truth = report()
    rows = [
        "granted",
        "partial",
        "unable.not_held",
        "denied.process",
        "not_processed.mass",
        "other.misc",
        "denied.internal",
    ]
    columns = ["natural", "business", "research", "charity", "legal_service", "other_org", "total"]
    wrong = {
        (r, c): truth[r, c] + 11 + 7 * n for n, (r, c) in enumerate(zip(rows, columns, strict=True))
    }
    causes = located(theirs, {**truth, **wrong}).causes
    firsts = {
        cell: value for c in causes for cell, value in named(theirs, c.explanations[0]).items()
    }
    assert firsts == {f"{r}|{c}": truth[r, c] for r, c in wrong}
    # so many faults in one table are rather a misreading
    assert not any(c.confident for c in causes)


@pytest.mark.parametrize(("moved", "needed"), [(1, COMMONPLACE), (9, COMMONPLACE), (37, CONFIDENT)])
def test_a_displaced_small_number_is_claimed_only_by_a_wide_margin(
    moved: int, needed: float
) -> None:
    """Two rows are off by as much, every column holds: any column could hold the pair, and small
    numbers stand in many.
    """
    theirs = system("2021", "requests")
    figures = {
        "new": (moved + 8, 2),
        "granted": (8, 0),
        "denied.internal": (0, 2),
        "denied.process": (moved, 0),
        "result_total": (moved + 8, 2),
    }
    printed = {
        (row, c): n
        for row, (natural, business) in figures.items()
        for c, n in (("natural", natural), ("business", business))
    }
    printed |= {
        ("new", "total"): moved + 10,
        ("granted", "total"): 8,
        ("denied.internal", "total"): moved + 2,
        ("result_total", "total"): moved + 10,
    }
    cause = only(located(theirs, printed))
    assert named(theirs, cause.explanations[0]) == {
        "denied.internal|natural": moved,
        "denied.process|natural": 0,
    }
    assert cause.confident == (cause.margin is None or cause.margin >= needed)


def test_a_point_within_a_count_is_named() -> None:
    """9.9 for 99: the cell that must be whole, not the others, which would no longer be so."""
    theirs = system("2019", "requests")
    values = [Decimal(0)] * len(theirs.cells)
    for row in ("new", "granted", "result_total"):
        for column, value in (("natural", 99), ("business", 20), ("total", 119)):
            values[theirs.index["requests", row, column]] = Decimal(value)
    values[theirs.index["requests", "new", "natural"]] = Decimal("9.9")
    (explanation,) = only(
        locate_errors(theirs, values, ["number" if v else "zero" for v in values])
    ).explanations
    assert named(theirs, explanation) == {"new|natural": 99}
    assert explanation.kind == "other"
