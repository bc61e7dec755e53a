"""Counts in digits and words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transform.narrative.numerals import parse_count


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("0", 0),
        ("1.2万", 12000),
        ("三百一十二", 312),
        ("十二", 12),
        ("二十", 20),
        ("一百零五", 105),
        ("一千零一十", 1010),
        ("两", 2),
        ("一万零三", 10003),
        ("十二万三千", 123000),
        ("二〇二", 202),
        ("〇", 0),
        ("零", 0),
        ("两千", 2000),
    ],
)
def test_a_count_in_digits_or_words(text: str, value: int) -> None:
    assert parse_count(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "几", "三四", "三百五", "百", "十百", "1.", "12_3", "万", "一二三", "百三十", "1,2", "-3"],
)
def test_what_is_no_count(text: str) -> None:
    assert parse_count(text) is None


def spelled(n: int) -> str:
    """A number below 100,000,000 as one writes it: 105 is 一百零五."""
    if n >= 10_000:
        return (
            spelled(n // 10_000)
            + "万"
            + (("零" if n % 10_000 < 1_000 else "") + spelled(n % 10_000) if n % 10_000 else "")
        )
    text, gap = "", False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = n // place % 10
        if digit:
            text, gap = (
                text + ("零" if gap and text else "") + "零一二三四五六七八九"[digit] + name,
                False,
            )
        else:
            gap = True
    return text or "零"


@given(st.integers(0, 99_999_999))
def test_numerals_are_read_back(n: int) -> None:
    assert parse_count(spelled(n)) == n


@given(st.text("零一二三十百千万0159.两", max_size=8))
def test_no_text_is_a_negative_count(text: str) -> None:
    value = parse_count(text)
    assert value is None or value >= 0
