"""Whose report a title names: nearly every body is told, and none is taken for another."""

import pytest

from tests.transform.identity.identities import identify_lines
from tests.transform.identity.titles import CASES, Case
from transform.records import UNKNOWN_AGENCY


def found(case: Case) -> str:
    return identify_lines(case.title, *case.lines).agency_id


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title[:24])
def test_no_body_is_taken_for_another(case: Case) -> None:
    assert found(case) in (case.agency_id, UNKNOWN_AGENCY)


def test_nearly_all_bodies_are_told() -> None:
    right = sum(found(case) == case.agency_id for case in CASES)
    assert len(CASES) >= 400 and right >= 0.98 * len(CASES)


def test_the_year_of_a_title_is_told_in_every_way_to_write_it() -> None:
    dated = [case for case in CASES if case.year is not None]
    assert len(dated) >= 20
    wrong = [c for c in dated if identify_lines(c.title, *c.lines).year != c.year]
    assert wrong == []
