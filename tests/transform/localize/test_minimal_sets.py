"""The search for the smallest sets: against a solver that enumerates every solution, and what the
form as a code promises.
"""

from decimal import Decimal
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.locate.simulate import OTHER, USUAL, clean, spoil
from transform.form.forms import load_forms
from transform.localize.equations import System, system_of
from transform.localize.minimal_sets import (
    BLANK,
    PRINTED,
    EquationBlock,
    Limits,
    find_minimal_sets,
    residuals,
    split_into_blocks,
)
from transform.rules.load import load_rules

FORMS = load_forms()


def system(edition: str, table: str) -> System:
    return system_of(FORMS, load_rules(FORMS), edition, table)


def block(edition: str = "2021", table: str = "requests") -> EquationBlock:
    return split_into_blocks(system(edition, table))[0]


def drawn(seed: int, faults: int) -> tuple[list[int], list[int]]:
    """A spoilt report of 2021: values (blank: 0) and weights by cell of the one block of 表三."""
    rng = np.random.default_rng(seed)
    habits = OTHER if seed % 2 else USUAL
    printed, _ = spoil(rng, clean(rng, habits), faults, habits)
    theirs = system("2021", "requests")
    cells = [printed[theirs.cells[c][1:]] for c in block().cells]
    return [v or 0 for v in cells], [BLANK if v is None else PRINTED for v in cells]


def test_all_least_sets_are_those_of_cp_sat() -> None:
    pytest.importorskip("ortools")
    from bench.locate.oracle import least_sets

    requests = block()
    live = [True] * len(requests.terms)
    compared = 0
    for seed in range(60):
        values, weights = drawn(seed, 1 + seed % 3)
        if not any(residuals(requests, values, live)):
            continue
        found = find_minimal_sets(requests, values, weights, live)
        if found.sets and compared < 40:
            assert found.complete
            weight, sets = least_sets(requests, values, weights, live)
            assert found.weight == weight, seed
            assert {frozenset(s) for s in found.sets} == sets, seed
            compared += 1
    assert compared == 40


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_no_change_of_three_cells_of_requests_goes_unseen(edition: str) -> None:
    """A set of changes is seen if some rule touches just one of its cells; of up to three cells
    there is always such a rule.
    """
    requests = block(edition)
    rules = [{r for r, _ in of} for of in requests.of_cell]
    cells = range(len(rules))
    assert all(rules[c] for c in cells)
    assert all(rules[a] != rules[b] for a, b in combinations(cells, 2))
    for a in cells:
        first = min(rules[a])
        for b in (c for c, _ in requests.terms[first] if c != a):
            rest = (rules[a] | rules[b]) - (rules[a] & rules[b])
            for c in (c for c, _ in requests.terms[min(rest)] if c not in (a, b)):
                once = [
                    r
                    for r in rules[a] | rules[b] | rules[c]
                    if (r in rules[a]) + (r in rules[b]) + (r in rules[c]) == 1
                ]
                assert once, (requests.cells[a], requests.cells[b], requests.cells[c])


@pytest.mark.parametrize("table", ["requests", "disputes"])
def test_one_wrong_cell_is_seen_and_in_requests_has_one_explanation(table: str) -> None:
    rng = np.random.default_rng(3)
    for part in split_into_blocks(system("2021", table)):
        live = [True] * len(part.terms)
        values = _whole(rng, part) if table == "disputes" else drawn(1, 0)[0]
        for cell in range(len(part.cells)):
            wrong = [v + 7 * (c == cell) for c, v in enumerate(values)]
            assert any(residuals(part, wrong, live))
            found = find_minimal_sets(part, wrong, [PRINTED] * len(wrong), live)
            assert {cell: values[cell]} in found.sets
            if table == "requests":
                assert len(found.sets) == 1
                assert found.complete


def _whole(rng: np.random.Generator, part: EquationBlock) -> list[int]:
    """A group of 表四 whose total holds."""
    *parts, _ = rng.integers(0, 30, len(part.cells)).tolist()
    return [*parts, sum(parts)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_every_answer_satisfies_every_rule_and_none_is_below_nought(seed: int, faults: int) -> None:
    requests = block()
    live = [True] * len(requests.terms)
    values, weights = drawn(seed, faults)
    found = find_minimal_sets(requests, values, weights, live)
    for changes in found.sets:
        after = [changes.get(c, v) for c, v in enumerate(values)]
        assert not any(residuals(requests, after, live))
        assert min(after) >= 0
        assert sum(weights[c] for c in changes) == found.weight
        assert all(values[c] != new for c, new in changes.items())


def test_limits_are_kept_and_told() -> None:
    requests = block()
    live = [True] * len(requests.terms)
    values = [7 if c % 3 == 0 else 0 for c in range(len(requests.cells))]
    found = find_minimal_sets(
        requests, values, [PRINTED] * len(values), live, limits=Limits(nodes=50)
    )
    assert not found.sets
    assert found.reason in ("limit", "size")
    tight = find_minimal_sets(
        requests, drawn(5, 3)[0], [PRINTED] * len(values), live, limits=Limits(nodes=2)
    )
    assert not tight.complete
    assert tight.reason == "limit"


def test_inequalities_are_met_at_their_bound() -> None:
    """2019: of what was disclosed no more than stands in public can be."""
    theirs = system("2019", "proactive")
    part = next(
        p
        for p in split_into_blocks(theirs)
        if ("proactive", "normative", "disclosed") in [theirs.cells[c] for c in p.cells]
    )
    names = [theirs.cells[c][2] for c in part.cells]
    values = [{"disclosed": 9, "public_total": 4}[n] for n in names]
    found = find_minimal_sets(part, values, [PRINTED, PRINTED], [True])
    assert {frozenset((names[c], new) for c, new in s.items()) for s in found.sets} == {
        frozenset({("disclosed", 4)}),
        frozenset({("public_total", 9)}),
    }


def test_scaled_amounts_change_by_whole_counts_only() -> None:
    requests = block()
    live = [True] * len(requests.terms)
    values, weights = drawn(1, 0)
    half = [v * 10 for v in values]
    half[0] += 5  # 0.5 too much in a cell that holds a count
    found = find_minimal_sets(requests, half, weights, live, 10)
    assert found.sets == ({0: values[0] * 10},) or all(
        new % 10 == 0 for s in found.sets for new in s.values()
    )
    assert Decimal(half[0]) / 10 % 1 == Decimal("0.5")
