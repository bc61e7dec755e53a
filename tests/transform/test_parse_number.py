"""Numbers as printed: exact, never two read as one, never a number where the grammar knows none."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.number_text import MARKERS, MONEY, UNITS
from transform.parse_number import in_unit, parse, parse_change

EXAMPLES = settings(max_examples=2_000, deadline=None)
decimals = st.decimals(
    min_value=-(10**12), max_value=10**12, places=4, allow_nan=False, allow_infinity=False
)
FULL_WIDTH = str.maketrans("0123456789.,+-", "０１２３４５６７８９．，＋－")


@pytest.mark.parametrize(
    ("text", "state", "value", "unit"),
    [
        (" 5", "number", "5", None),
        ("　　0", "zero", "0", None),
        ("\xa0", "blank", None, None),
        ("", "blank", None, None),
        ("251000元", "number", "251000", "元"),
        ("2笔", "number", "2", "笔"),
        ("1690.9913万元", "number", "1690.9913", "万元"),
        ("22（其中修订 16 件）", "number", "22", None),
        ("55\n（含自然失效 29 件）", "number", "55", None),
        ("+1036", "number", "1036", None),
        ("-18", "number", "-18", None),
        ("－35", "number", "-35", None),
        ("1，234", "number", "1234", None),
        ("11398889", "number", "11398889", None),
        ("1 0", "number", "10", None),
        ("O", "zero", "0", None),
        ("0.00", "zero", "0", None),
        ("￥12.5", "number", "12.5", "元"),
        ("/", "marker", None, None),
        ("无", "marker", None, None),
        ("——", "marker", None, None),
        ("1.", "text", None, None),
        ("-5-", "text", None, None),
        ("2023年", "text", None, None),
        ("约22", "text", None, None),
        ("12\n34", "text", None, None),
        ("1|0", "text", None, None),
        ("5²", "number", "5", None),
        ("15②", "number", "15", None),
        ("0₁", "zero", "0", None),
        ("5 [1]", "number", "5", None),
        ("1,234件*", "number", "1234", "件"),
        ("②5", "text", None, None),
        ("5①3", "text", None, None),
        ("5[2021]", "text", None, None),
        ("无①", "text", None, None),
        ("5(3)", "text", None, None),
        ("1、234", "text", None, None),
        ("12,34", "text", None, None),
        ("1/2", "text", None, None),
        ("٣", "text", None, None),
        ("½", "text", None, None),
        ("1E5", "text", None, None),
        ("见附件", "text", None, None),
    ],
)
def test_what_cells_say(text: str, state: str, value: str | None, unit: str | None) -> None:
    printed = parse(text)
    assert (printed.state, printed.value, printed.unit) == (
        state,
        None if value is None else Decimal(value),
        unit,
    )


@EXAMPLES
@given(
    decimals,
    st.sampled_from(["", *UNITS]),
    st.sampled_from(["", " ", "\u3000", "\xa0"]),
    st.booleans(),
    st.booleans(),
)
def test_a_printed_number_comes_back(
    value: Decimal, unit: str, pad: str, commas: bool, wide: bool
) -> None:
    text = f"{value:,f}" if commas else f"{value:f}"
    printed = parse(f"{pad}{text.translate(FULL_WIDTH) if wide else text}{unit}{pad}")
    assert printed.value == value
    assert printed.state == ("number" if value else "zero")
    assert printed.unit == (unit or None)


@EXAMPLES
@given(st.text(max_size=30))
def test_any_text_is_read_or_left(text: str) -> None:
    printed = parse(text)
    assert (printed.value is None) == (printed.state not in ("number", "zero"))
    if printed.value is not None and printed.state == "number":
        assert any(c.isdigit() for c in text)


@EXAMPLES
@given(
    st.integers(0, 99_999),
    st.integers(0, 99_999),
    st.sampled_from(["\n", "/", "、", "|", "-", "~", "  -  ", ";"]),
)
def test_two_numbers_are_no_number(a: int, b: int, between: str) -> None:
    assert parse(f"{a}{between}{b}").value is None


@EXAMPLES
@given(st.integers(0, 999), st.integers(0, 999))
def test_a_blank_between_digits_is_told(a: int, b: int) -> None:
    printed = parse(f"{a} {b}")
    assert printed.value is None or "cell.inner_space" in printed.remarks


def test_markers_hold_no_number() -> None:
    assert all(parse(m).state == "marker" for m in MARKERS)


@EXAMPLES
@given(decimals, st.sampled_from(sorted(MONEY)), st.sampled_from(sorted(MONEY)))
def test_money_converts_there_and_back(value: Decimal, one: str, two: str) -> None:
    there = in_unit(value, one, two)
    assert there is not None and in_unit(there, two, one) == value


def test_counts_and_money_do_not_convert() -> None:
    assert in_unit(Decimal(5), "件", "元") is None
    assert in_unit(Decimal(5), "笔", "个") == 5


@pytest.mark.parametrize(
    ("text", "value"),
    [("减3", -3), ("减少 3", -3), ("增2", 2), ("增加2", 2), ("—4", -4), ("-4", -4), ("减0", 0)],
)
def test_a_change_may_have_a_word_or_a_dash_for_its_sign(text: str, value: int) -> None:
    assert parse_change(text).value == value
    assert parse(text).value == (value if text == "-4" else None)


@pytest.mark.parametrize("text", ["减", "减3增2", "增减3", "减-3", "3减", "较上年减3", "减三"])
def test_other_words_are_no_change(text: str) -> None:
    assert parse_change(text).value is None
