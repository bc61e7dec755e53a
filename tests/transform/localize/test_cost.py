"""What a slip looks like, what the prior knows, and that both only ever order candidates."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transform.form.forms import load_forms
from transform.localize.cost import (
    COST,
    DIGIT_COST,
    KINDS,
    Context,
    Ranker,
    one_slip,
)
from transform.localize.equations import system_of
from transform.localize.minimal_sets import split_into_blocks
from transform.localize.printed_block import PrintedBlock, blanks_of_block, grid_of_block
from transform.localize.prior import load_prior
from transform.rules.load import load_rules

FORMS = load_forms()
REQUESTS = system_of(FORMS, load_rules(FORMS), "2021", "requests")
(BLOCK,) = split_into_blocks(REQUESTS)
GRID = grid_of_block(REQUESTS, BLOCK)


@pytest.mark.parametrize(
    ("printed", "meant", "slip"),
    [
        ("21", "20", "digit"),
        ("12", "21", "transposed"),
        ("2", "20", "digit_lost"),
        ("230", "23", "digit_added"),
        ("1", "11", "digit_lost"),
        ("20", "27", "digit"),
        ("3119", "3191", "transposed"),
        ("10", "3", None),
        ("5", "5", None),
        ("123", "321", None),
        ("1", "100", None),
    ],
)
def test_one_slip_of_the_keys(printed: str, meant: str, slip: str | None) -> None:
    assert one_slip(printed, meant) == slip


@given(st.integers(1, 99_999), st.integers(1, 99_999))
def test_one_slip_goes_both_ways(a: int, b: int) -> None:
    back = {
        "digit": "digit",
        "transposed": "transposed",
        "digit_lost": "digit_added",
        "digit_added": "digit_lost",
        None: None,
    }
    assert one_slip(str(b), str(a)) == back[one_slip(str(a), str(b))]


def ranker(printed: dict[tuple[str, str], int | None], context: Context | None = None) -> Ranker:
    cells = [printed.get(REQUESTS.cells[c][1:], 0) for c in BLOCK.cells]
    values = [v or 0 for v in cells]
    blanks = blanks_of_block(BLOCK, GRID, values, [v is None for v in cells])
    live = [True] * len(BLOCK.terms)
    return Ranker(
        REQUESTS, PrintedBlock(BLOCK, GRID, values, blanks, live, 1), context or Context()
    )


def at(row: str, col: str) -> int:
    return BLOCK.cells.index(REQUESTS.index["requests", row, col])


def test_kinds_and_costs_of_single_cells() -> None:
    a, b = at("granted", "natural"), at("granted", "total")
    theirs = ranker({("granted", "natural"): 21, ("granted", "total"): 25})
    for cell, new, kind, cost in (
        (a, 20, "digit", DIGIT_COST[1]),
        (a, 210, "digit_lost", DIGIT_COST[1]),
        (a, 87, "other", COST["other"]),
        (b, 23, "digit", DIGIT_COST[1]),
        (a, 0, "stray", COST["stray"]),
        (at("partial", "natural"), 4, "omitted", COST["omitted"]),
        (b, 30, "near_total", COST["near_total"]),
    ):
        weighed = theirs.cost_of({cell: new})
        assert (weighed.kinds[cell], weighed.cost) == (kind, pytest.approx(cost))
        assert kind in KINDS
        assert not weighed.chance


def test_a_number_that_moved_is_one_slip_and_a_coincidence_is_none() -> None:
    a, b = at("granted", "natural"), at("granted", "business")
    theirs = ranker({("granted", "natural"): 21, ("granted", "total"): 21})
    moved = theirs.cost_of({a: 0, b: 21})
    assert set(moved.kinds.values()) == {"moved_column"}
    assert moved.cost == pytest.approx(COST["moved_column"])
    chance = theirs.cost_of({a: 14, b: 7})
    assert chance.chance
    assert chance.cost > moved.cost


def test_blanks_of_one_column_are_one_omission() -> None:
    printed: dict[tuple[str, str], int | None] = {
        (row, "natural"): 4 for row in ("granted", "partial", "new")
    } | {(row, "total"): None for row in ("granted", "partial", "new")}
    theirs = ranker(printed)
    one = theirs.cost_of({at("granted", "total"): 4}).cost
    three = theirs.cost_of({at(row, "total"): 4 for row in ("granted", "partial", "new")})
    assert set(three.kinds.values()) == {"blank"}
    assert three.cost < 2 * one


def test_an_agency_that_leaves_zeros_blank_means_zero() -> None:
    printed: dict[tuple[str, str], int | None] = {
        REQUESTS.cells[c][1:]: None for c in BLOCK.cells
    } | {("granted", "natural"): 4, ("new", "natural"): 4}
    theirs = ranker(printed)
    assert theirs.cost_of({at("partial", "charity"): 1}).kinds == {
        at("partial", "charity"): "left_out"
    }
    assert theirs.cost_of({at("granted", "total"): 4}).kinds == {at("granted", "total"): "blank"}


def test_the_prior_prefers_what_is_usual() -> None:
    prior = load_prior()
    theirs = ranker({("new", "total"): 30, ("new", "natural"): 30}, Context(prior=prior))
    usual, rare = at("unable.not_held", "natural"), at("not_processed.reissue", "research")
    assert theirs.cost_of({usual: 3}).cost < theirs.cost_of({rare: 3}).cost
    keys = [REQUESTS.cells[c] for c in BLOCK.cells]
    chances = prior.chances(keys, [1000.0] * len(keys), [False] * len(keys))
    assert chances is not None
    for pair in chances:
        assert pair is not None
        assert math.exp(-pair[0]) + math.exp(-pair[1]) == pytest.approx(1)


def test_the_prior_knows_all_rows_of_both_editions_and_nothing_else() -> None:
    prior = load_prior()
    for edition in ("2019", "2021"):
        for table in ("requests", "disputes"):
            theirs = system_of(FORMS, load_rules(FORMS), edition, table)
            chances = prior.chances(
                theirs.cells, [1.0] * len(theirs.cells), [False] * len(theirs.cells)
            )
            assert chances is not None
            assert None not in chances
    annex = system_of(FORMS, load_rules(FORMS), "2014", "statistics")
    assert prior.chances(annex.cells, [1.0] * len(annex.cells), [False] * len(annex.cells)) is None


def test_the_year_before_speaks_for_what_was_carried_in() -> None:
    cell = at("carried_in", "natural")
    told = Context(
        carried_in={BLOCK.cells[cell]: Decimal(5)},
        last_year={BLOCK.cells[at("granted", "natural")]: Decimal(9)},
    )
    printed: dict[tuple[str, str], int | None] = {
        ("carried_in", "natural"): 7,
        ("granted", "natural"): 9,
    }
    blind, seeing = ranker(printed), ranker(printed, told)
    assert seeing.cost_of({cell: 5}).cost < blind.cost_of({cell: 5}).cost
    assert seeing.cost_of({cell: 6}).cost == pytest.approx(blind.cost_of({cell: 6}).cost)
    stale = at("granted", "natural")
    assert seeing.cost_of({stale: 4}).cost < blind.cost_of({stale: 4}).cost
