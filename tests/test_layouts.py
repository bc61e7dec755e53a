"""Every layout and dressing through the real route: reader, identity, tidy.

No wrong value anywhere, and nothing lost but what nobody can read.

What is printed is known (`tests.build`): each cell of the form must come out with that state, value
and unit.
"""

from dataclasses import dataclass

import pytest

from extract.document import Status
from extract.registry import read
from tests.build.draw import random_report
from tests.build.dress import DRESSINGS
from tests.build.registry import LAYOUTS, Made, build, dressing_fits, edition_fits
from tests.build.report import EDITIONS, STATUTORY, Key
from transform.form.forms import load_forms
from transform.identity.identify import identify
from transform.records import CellRow
from transform.tidy import tidy

# Together these print every figure and label in every way once; the others differ in one thing and
# go with one seed below.
EVERYWHERE = ("plain", "blanks", "everything")
# Combinations that nobody can read for sure; nothing is read wrong there either.
UNREADABLE = {
    ("txt-aligned", "inner_spaces"): "one space may part two columns or stand within a number",
    ("txt-aligned", "label_spaces"): "one space may part two columns or stand within a label",
    ("txt-aligned", "words"): "words beside a number reach into the next column",
    (
        "txt-aligned",
        "everything",
    ): "a blank cell is no more than a wider gap, and spaces stand within cells",
    ("txt-aligned", "some_blanks"): "a blank cell is no more than a wider gap",
    ("txt-cell-a-line", "everything"): "a blank cell leaves no line",
    ("txt-cell-a-line", "some_blanks"): "a blank cell leaves no line",
    (
        "xlsx-cut",
        "blanks",
    ): "a sheet's used range leaves blank columns at the edge of a cut table out",
    (
        "xls-cut",
        "blanks",
    ): "a sheet's used range leaves blank columns at the edge of a cut table out",
}
MISPRINTED_UNIT = "a typo in 万元 makes another unit of it"


@dataclass(frozen=True)
class Outcome:
    """What was read otherwise than printed, for one document."""

    wrong: dict[Key, str]
    lost: dict[Key, str]
    status: Status
    named: bool


def read_made(made: Made) -> Outcome:
    """Read a built report and compare every cell."""
    _, document = read(made.data)
    identity = identify(document)
    tidied = tidy(document, load_forms(), identity.year)
    cells = {(c.table_id, c.row_id, c.col_id): c for c in tidied.cells}
    wrong: dict[Key, str] = {}
    lost: dict[Key, str] = {}
    for key, printed in made.expected.items():
        cell = cells.get(key)
        if cell is not None and cell.value is not None and cell.value != printed.value:
            wrong[key] = f"{_said(cell)} for {printed}"
        elif (
            cell is None
            or cell.state != printed.state
            or (cell.value is not None and cell.unit != printed.unit)
        ):
            lost[key] = f"{_said(cell)} for {printed}"
    for key, cell in cells.items():
        if key not in made.expected and cell.value is not None:
            wrong[key] = f"{_said(cell)} for nothing"
    named = identity.agency_name == made.report.agency and identity.year == made.report.year
    return Outcome(wrong, lost, tidied.status, named)


def _said(cell: CellRow | None) -> str:
    return "no cell" if cell is None else f"{cell.state} {cell.value} {cell.unit} {cell.raw_text!r}"


def _check(layout: str, edition: str, dressing: str, seed: int) -> None:
    made = build(random_report(seed, edition, mean=40.0), layout, dressing, seed)
    outcome = read_made(made)
    assert not outcome.wrong
    assert outcome.named
    if (layout, dressing) in UNREADABLE:
        return
    if dressing == "typos":
        outcome = Outcome(
            {},
            {k: v for k, v in outcome.lost.items() if k[2] not in ("fee_amount", "amount")},
            outcome.status,
            True,
        )  # MISPRINTED_UNIT
    assert not outcome.lost
    assert outcome.status is Status.EXTRACTED


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_every_edition(layout: str, edition: str) -> None:
    if not edition_fits(layout, edition):
        return  # the layout is one of the statutory tables
    for seed, dressing in enumerate(EVERYWHERE):
        if dressing_fits(layout, dressing):
            _check(layout, edition, dressing, seed + 3)


@pytest.mark.parametrize("dressing", [d for d in DRESSINGS if d not in EVERYWHERE])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_dressing_in_every_layout(layout: str, dressing: str) -> None:
    if dressing_fits(layout, dressing):
        fitting = [e for e in EDITIONS if edition_fits(layout, e)]
        seed = list(DRESSINGS).index(dressing) + 11 * list(LAYOUTS).index(layout)
        _check(
            layout, fitting[seed % len(fitting)] if dressing != "signs" else "2019", dressing, seed
        )


def test_signs_are_tried_where_the_form_has_them() -> None:
    assert "2019" in STATUTORY and all(edition_fits(layout, "2019") for layout in LAYOUTS)


def test_what_nobody_can_read_is_a_short_list() -> None:
    assert all(layout in LAYOUTS and dressing in DRESSINGS for layout, dressing in UNREADABLE)
    assert len(UNREADABLE) < len(LAYOUTS) * len(DRESSINGS) / 100
