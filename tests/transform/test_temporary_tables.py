"""Rows of Python's as temporary tables of DuckDB's."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from transform.temporary_tables import (
    COUNT,
    NUMBER,
    TEXT,
    TEXTS,
    TRUTH,
    VALUE,
    add_table,
    fetch_rows,
    make_named_rows,
    make_rows,
    temporary_table,
)

COLUMNS = {
    "words": TEXT,
    "list": TEXTS,
    "count": COUNT,
    "number": NUMBER,
    "is_true": TRUTH,
    "value": VALUE,
    "day": "DATE",
}
VALUES: list[tuple[Any, ...]] = [
    (
        "中\"'{}\\\n",
        ["a", ""],
        2**60,
        0.1,
        True,
        Decimal("123456789012345678.123456"),
        date(2020, 2, 29),
    ),
    (None, None, None, None, None, None, None),
    ("", [], 0, -1e-9, False, Decimal("-0.500000"), date(1, 1, 1)),
]


def test_values_come_back_as_they_are() -> None:
    with duckdb.connect() as con:
        add_table(con, "made", make_rows(COLUMNS, VALUES))
        assert con.table("made").fetchall() == VALUES
        assert [str(kind) for kind in con.table("made").types] == list(COLUMNS.values())
        assert fetch_rows(con.table("made"))[1] == dict.fromkeys(COLUMNS)


def test_more_rows_than_cross_at_a_time_keep_their_order() -> None:
    with duckdb.connect() as con:
        add_table(con, "made", make_rows({"n": COUNT}, ((n,) for n in range(25_001))))
        assert con.table("made").fetchall() == [(n,) for n in range(25_001)]


def test_a_table_is_there_for_the_time_of_the_with() -> None:
    with duckdb.connect() as con:
        with temporary_table(con, "made", make_named_rows({"a": TEXT, "b": TEXT}, [{"b": "x"}])):
            assert con.table("made").fetchall() == [(None, "x")]
        with pytest.raises(duckdb.CatalogException):
            con.table("made")


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        make_rows({"a": TEXT, "b": TEXT}, [("x",)])
