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
    assert len(CASES) >= 150 and right >= 0.95 * len(CASES)
