"""Shards hold readings whole, are written at once or not at all, and no reading and no file can
stop a run.
"""

import os
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from load.errors import CannotWrite
from load.staging import arrow_of, remove_shards, shard_documents, shards_of, write_shard
from load.warehouse import load_readings, memory
from tests.cost import cost
from tests.load.made import cell, full_cells, reading, rejected, sha
from transform.records import StatementRow


def test_a_shard_holds_what_was_written(tmp_path: Path) -> None:
    path = write_shard(
        tmp_path / "new" / "folder", [reading("a", cells=full_cells(7)), rejected("b")], "1"
    )
    assert shard_documents(path.parent, "1") == {sha("a"), sha("b")}
    assert shards_of(path.parent, "1") == [path]
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    kept = pq.read_table(path).to_pylist()
    assert [len(row["cells"]) for row in kept] == [200, 0]
    assert kept[1]["report"] is None and kept[1]["outcome"]["reason"] == "damaged"


def test_the_name_follows_from_documents_and_version(tmp_path: Path) -> None:
    both = [reading("a"), reading("b")]
    assert write_shard(tmp_path, both, "1") == write_shard(tmp_path, both[::-1], "1")
    assert (
        write_shard(tmp_path, both, "2")
        != write_shard(tmp_path, both, "1")
        != write_shard(tmp_path, both[:1], "1")
    )
    assert shard_documents(tmp_path, "2") == {sha("a"), sha("b")}
    assert shard_documents(tmp_path, "3") == set()
    remove_shards([*shards_of(tmp_path, "1"), tmp_path / "gone.parquet"])
    assert shards_of(tmp_path, "1") == [] and len(shards_of(tmp_path, "2")) == 1


def test_of_readings_of_one_document_the_last_counts(tmp_path: Path) -> None:
    path = write_shard(tmp_path, [reading("a", year=2020), reading("a", year=2022)], "1")
    assert [row["report"]["year"] for row in pq.read_table(path).to_pylist()] == [2022]


def test_no_reading_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        write_shard(tmp_path, [], "1")


def test_damaged_and_foreign_files_are_set_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = write_shard(tmp_path, [reading("a")], "1")
    cut = write_shard(tmp_path, [reading("b")], "1")
    cut.write_bytes(cut.read_bytes()[:-100])
    (tmp_path / "empty.parquet").touch()
    pq.write_table(pq.read_table(good).select(["document"]), tmp_path / "foreign.parquet")
    (tmp_path / "notes.txt").write_text("mine")
    assert shard_documents(tmp_path, "1") == {sha("a")}
    unusable = {cut.name + ".unusable", "empty.parquet.unusable", "foreign.parquet.unusable"}
    assert {p.name for p in tmp_path.iterdir()} == {good.name, "notes.txt"} | unusable
    assert all(name.removesuffix(".unusable") in caplog.text for name in unusable)
    assert shard_documents(tmp_path / "no such folder", "1") == set()


def test_what_a_killed_run_left_goes_once_it_is_old(tmp_path: Path) -> None:
    fresh, old = tmp_path / "a.x.unfinished", tmp_path / "b.x.unfinished"
    for path, age in ((fresh, 0), (old, 7200)):
        path.touch()
        os.utime(path, (time.time() - age,) * 2)
    assert shard_documents(tmp_path, "1") == set()
    assert fresh.exists() and not old.exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite, match="file"):
        write_shard(tmp_path / "file", [reading("a")], "1")


A_CELL = cell("requests", "new", "total", 1)
STATED = StatementRow("s1", "requests.new", Decimal(1), "收到1件", 3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cells": (A_CELL, A_CELL)}, "a cell (table, row, column) stands twice"),
        ({"tables": reading("x").tables * 2}, "a table stands twice"),
        ({"statements": (STATED, STATED)}, "a statement stands twice"),
        ({"cells": (replace(A_CELL, value=Decimal("1.1234567")),)}, "data loss"),
        ({"cells": (replace(A_CELL, value=Decimal("1e18")),)}, "cannot be stored"),
        ({"cells": (replace(A_CELL, raw_text="\ud800"),)}, "surrogates"),
        ({"cells": (replace(A_CELL, page=2**40),)}, "cannot be stored"),
        ({"report": replace(reading("x").report, published_on="2021-02-30")}, "day"),  # type: ignore[type-var]
        ({"document": replace(reading("x").document, fetched_at="yesterday")}, "isoformat"),
        ({"report": None}, "without a report"),
    ],
)
def test_a_reading_that_cannot_be_stored_fails_alone(change: dict[str, Any], said: str) -> None:
    good, bad = reading("good"), replace(reading("x"), **change)
    kept = arrow_of([good, bad]).to_pylist()
    assert kept[0] == arrow_of([good]).to_pylist()[0]
    outcome = kept[1]["outcome"]
    assert (outcome["status"], outcome["reason"]) == (
        "failed",
        "reader_crashed",
    ) and said in outcome["detail"]
    assert (
        kept[1]["document"]["document_id"] == sha("x")
        and kept[1]["report"] is None
        and kept[1]["cells"] == []
    )


def test_a_file_name_of_any_bytes_can_be_stored() -> None:
    [row] = arrow_of([reading("x", file_name=os.fsdecode(b"\xff\xfe.doc"))]).to_pylist()
    assert (
        row["document"]["file_name"] == "??.doc"
        and row["outcome"]["status"] == "extracted"
        and len(row["cells"]) == 1
    )


def test_times_are_stored_as_utc() -> None:
    [row] = arrow_of([reading("x", fetched_at="2025-01-01T08:00:00+08:00")]).to_pylist()
    assert row["document"]["fetched_at"].isoformat() == "2025-01-01T00:00:00"


@settings(max_examples=100, deadline=None)
@given(
    value=st.decimals(min_value=Decimal(-(10**18) + 1), max_value=Decimal(10**18 - 1), places=6)
    | st.none(),
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.none(),
    page=st.integers(1, 300) | st.none(),
)
def test_values_and_texts_arrive_unchanged(
    value: Decimal | None, text: str | None, page: int | None
) -> None:
    with memory(views=False) as con:
        load_readings(
            con, [reading("x", cells=[replace(A_CELL, value=value, raw_text=text, page=page)])]
        )
        assert con.execute("SELECT value, raw_text, page, edition, year FROM cells").fetchall() == [
            (value, text, page, "2021", 2021)
        ]


def test_writing_is_quick(tmp_path: Path) -> None:
    batch = [reading(str(i), cells=full_cells(i)) for i in range(200)]
    write_shard(tmp_path, batch[:1], "1")
    # about 0.3 ms a reading; the rest is for a busy machine
    assert cost(lambda: write_shard(tmp_path, batch, "1")) / len(batch) < 0.003
