"""What looks like a number, a unit, a mark for none; and that readers and grammar agree on it."""

import pytest

from extract.number_text import (
    MARKERS,
    MONEY,
    UNITS,
    is_number,
    is_plain_marker,
    is_value,
    is_wrapped_unit,
)
from transform.parse_number import parse


@pytest.mark.parametrize("unit", UNITS)
def test_a_number_with_any_unit_is_one_for_readers_and_grammar(unit: str) -> None:
    assert is_number(f"12{unit}") and is_value(f"12{unit}")
    assert parse(f"12{unit}").unit == unit


def test_the_longer_unit_of_money_is_tried_first() -> None:
    names = list(MONEY)
    assert all(names.index(a) < names.index(b) for a in names for b in names if len(a) > len(b))


@pytest.mark.parametrize("text", ["/", "／", "-", "－", "—", "——", "//", "无"])
def test_a_mark_known_without_borders_is_one_for_the_grammar(text: str) -> None:
    assert is_plain_marker(text) and is_value(text)
    assert parse(text).state == "marker"


@pytest.mark.parametrize("text", ["*", "_", "---", "不适用", "N/A", "", "1", "无此项"])
def test_what_only_fills_a_cell_is_no_mark_in_running_text(text: str) -> None:
    assert text in MARKERS or text in ("", "1")
    assert not is_plain_marker(text)


@pytest.mark.parametrize(
    ("text", "number", "value"),
    [
        ("1,234.5", True, True),
        ("＋１２", True, True),
        ("12％", True, True),
        ("12户（家）", False, True),
        ("1 234", False, True),
        ("1.", False, False),
        ("1、规章", False, False),
        ("规章", False, False),
    ],
)
def test_numbers_and_values(text: str, number: bool, value: bool) -> None:
    assert (is_number(text), is_value(text)) == (number, value)


def test_letters_in_the_line_below_may_be_a_unit() -> None:
    assert is_wrapped_unit("件") and is_wrapped_unit("万元")
    assert not is_wrapped_unit("万元整") and not is_wrapped_unit("5")
