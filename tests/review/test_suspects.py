"""Explanations in words: in order where something decides, as equals where nothing does."""

from typing import Any

from review.suspects import explained


def suspect(rank: int, col_id: str, margin: float | None) -> dict[str, Any]:
    return {
        "rank": rank,
        "table_id": "disputes",
        "row_id": "cases",
        "col_id": col_id,
        "printed": "3",
        "implied": 4 + rank,
        "relation": "=",
        "kind": "other",
        "margin": margin,
        "confident": False,
    }


def lines(*suspects: dict[str, Any]) -> list[str]:
    return list(explained(suspects, lambda table, row, col: f"<{col}>", "en"))


def test_all_that_are_equal_are_listed_without_a_number() -> None:
    heading, *listed = lines(
        *(suspect(n, f"c{n}", 0.0) for n in range(1, 6)), suspect(6, "c6", None)
    )
    assert heading == "Any one of these may be wrong; the sums cannot tell which:"
    assert [line[:8] for line in listed] == [f"  - <c{n}>" for n in range(1, 7)]


def test_what_is_dearer_is_no_equal() -> None:
    _, *listed = lines(suspect(1, "c1", 0.0), suspect(2, "c2", 0.3), suspect(3, "c3", None))
    assert [line[:8] for line in listed] == ["  - <c1>", "  - <c2>"]


def test_an_order_that_something_decides_is_numbered() -> None:
    heading, *listed = lines(suspect(1, "c1", 0.4), suspect(2, "c2", 0.0), suspect(3, "c3", None))
    assert heading == "One of these may be wrong:"
    assert [line[:9] for line in listed] == ["  1) <c1>", "  2) <c2>", "  3) <c3>"]
