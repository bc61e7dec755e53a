"""Frames keep types exact, and what is written for people is inert and opens where they work."""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest

from load.database import connect_in_memory
from load.errors import CannotWrite, NoInput
from load.frames import frame_names, query_frame, read_frame, write_frame

HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "＝1", "\t=1", " =1", "-")
PLAIN = ("-3", "1,234", "二、本年结转", "3件", "")
ROWS = ", ".join(["(?, 0.1::DECIMAL(24,6), -3::BIGINT)"] * len(HOSTILE + PLAIN))
QUERY = f"SELECT * FROM (VALUES {ROWS}) t(printed, amount, number)"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect_in_memory() as opened:
        yield opened


@pytest.fixture
def frame(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    con.execute(f"CREATE TEMP TABLE made AS {QUERY}", list(HOSTILE + PLAIN))
    return query_frame(con, "FROM made")


def test_types_are_exact(frame: pd.DataFrame) -> None:
    assert list(map(str, frame.dtypes)) == ["string", "decimal128(24, 6)[pyarrow]", "Int64"]
    assert frame["amount"].sum() == Decimal("0.1") * len(frame)


def test_every_table_and_view_is_a_frame(con: duckdb.DuckDBPyConnection) -> None:
    names = frame_names(con)
    assert {"tidy", "cells", "findings", "requests_wide"} <= set(names)
    for name in names:
        assert len(read_frame(con, name).columns) > 2, name


def test_a_name_that_is_none_is_told_with_those_there_are(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(NoInput, match="tidyy: no such table or view; there are agencies"):
        read_frame(con, "tidyy")


def test_csv_is_inert_in_every_text_column_and_keeps_numbers(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    target = tmp_path / "made.csv"
    write_frame({"made": frame}, target)
    assert target.read_bytes().startswith(b"\xef\xbb\xbfprinted,")
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["printed"] for r in rows] == [f"'{t}" for t in HOSTILE] + list(PLAIN)
    assert {(r["amount"], r["number"]) for r in rows} == {("0.1", "-3")}


def test_a_workbook_holds_texts_as_texts_and_numbers_as_numbers(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    target = tmp_path / "made.xlsx"
    write_frame({"made": frame, "again": frame}, target)
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["made", "again"]
    sheet = book["made"]
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == f"A1:C{len(frame) + 1}"
    for row, text in enumerate(HOSTILE + PLAIN, start=2):
        assert (sheet.cell(row, 1).value or "") == text
        assert sheet.cell(row, 1).data_type in ("s", "n") and sheet.cell(row, 1).data_type != "f"
        assert (sheet.cell(row, 2).value, sheet.cell(row, 3).value) == (0.1, -3)


def test_parquet_keeps_the_types(frame: pd.DataFrame, tmp_path: Path) -> None:
    target = tmp_path / "made.parquet"
    write_frame({"made": frame}, target)
    read = duckdb.sql(f"SELECT typeof(amount), typeof(number) FROM '{target}' LIMIT 1").fetchall()
    assert read == [("DECIMAL(24,6)", "BIGINT")]


def test_a_day_is_a_day(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    made = query_frame(con, "FROM (VALUES (DATE '2022-01-15', 1), (NULL, 2)) t(day, n)")
    assert str(made["day"].dtype) == "date32[day][pyarrow]"
    assert made["day"][0] == date(2022, 1, 15) and made["day"].isna()[1]
    for suffix in (".csv", ".xlsx", ".parquet"):
        write_frame({"made": made}, tmp_path / f"made{suffix}")
    assert (tmp_path / "made.csv").read_text(encoding="utf-8-sig").splitlines()[1:] == [
        "2022-01-15,1",
        ",2",
    ]
    sheet = openpyxl.load_workbook(tmp_path / "made.xlsx")["made"]
    assert (sheet["A2"].value, sheet["A2"].number_format) == (datetime(2022, 1, 15), "YYYY-MM-DD")
    assert sheet["A3"].value is None
    assert duckdb.sql(f"SELECT typeof(day) FROM '{tmp_path / 'made.parquet'}'").fetchall() == [
        ("DATE",),
        ("DATE",),
    ]


def test_lists_are_joined_where_a_cell_holds_one_value(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    made = query_frame(con, "SELECT ['requests|new|total', 'requests|new|natural'] AS cells")
    write_frame({"made": made}, tmp_path / "made.csv")
    text = (tmp_path / "made.csv").read_text(encoding="utf-8-sig")
    assert '"requests|new|total, requests|new|natural"' in text


@pytest.mark.parametrize("name", ["made.txt", "made"])
def test_another_suffix_is_refused(name: str, frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(NoInput, match=r"must end with one of \.csv, \.parquet, \.xlsx"):
        write_frame({"made": frame}, tmp_path / name)


def test_two_frames_need_a_workbook(frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(NoInput, match="holds a single table"):
        write_frame({"one": frame, "two": frame}, tmp_path / "made.csv")


def test_a_place_that_cannot_be_written_is_named(frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="no_folder"):
        write_frame({"made": frame}, tmp_path / "no_folder" / "made.csv")
