"""Every golden case: no wrong value, nothing lost without a reason, and exactly what its file says.

The same shapes written in other formats, and with blank cells: no wrong value there either.
"""

import json
from random import Random

import pytest

from tests.build.draw import random_report
from tests.build.report import Report
from tests.golden.cases import (
    CASES,
    EXPECTED,
    SPANNED,
    WRITERS,
    Case,
    as_text,
    path_of,
    read_case,
    read_flow,
    told,
)
from tests.golden.shapes import sparse

# Shapes whose merged or broken cells a text cannot show: what it prints then means something else.
ONLY_SPANNED = (
    "zeros-merged-over-row",
    "zero-in-a-merged-row",
    "two-cells-merged",
    "two-cells-merged-and-remarks",
    "merged-down",
    "total-merged-down-groups",
    "two-numbers-in-a-cell",
)
ONLY_HTML = ("short-row",)  # other formats fill the row up
# A report whose 表二 has no header at all and blank rows that the text drops: not even the edition
# can be told.
UNDECIDED = {("proactive-no-headers", "cells")}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case_is_read_as_its_golden_file_says(case: Case) -> None:
    """And no value is wrong, nothing is lost without a reason."""
    path = path_of(case)
    assert path.exists(), f"no golden file: run python -m tests.golden and look at {path}"
    reading = read_case(case)
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(as_text(told(case, reading)))
    assert not reading.wrong
    if not case.shape.loses:
        assert not reading.lost


def test_no_golden_file_is_left_over() -> None:
    assert {p.stem for p in EXPECTED.glob("*.json")} == set(CASES)


def _reports(edition: str) -> list[Report]:
    return [sparse(edition, 1), sparse(edition, 3, "0"), random_report(7, edition, mean=30.0)]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_no_wrong_value_with_blanks_and_zeros(case: Case) -> None:
    """Blank cells are what makes an alignment slip: the same shape, four cells in ten blank, in
    every edition that it fits.
    """
    for edition in case.shape.editions:
        for n, report in enumerate(_reports(edition)):
            reading = read_flow(case.flow(report), edition, report.year)
            assert not reading.wrong, f"{edition}, report {n}"


@pytest.mark.parametrize("written", [w for w in WRITERS if w != "html"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_no_wrong_value_in_other_formats(case: Case, written: str) -> None:
    if (
        case.name in ONLY_HTML
        or (case.name in ONLY_SPANNED and written not in SPANNED)
        or (case.name, written) in UNDECIDED
    ):
        return  # the shape cannot be written so
    report = sparse(case.edition, Random(f"{case.name} {written}").randrange(1000))
    assert not read_flow(case.flow(report), case.edition, report.year, written).wrong
