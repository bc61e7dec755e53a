"""Batches hold readings whole, are written at once or not at all, and no reading and no file can
stop a run.
"""

import gzip
import os
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from load.errors import CannotWrite
from load.staging import (
    list_batches,
    mend_batch,
    remove_batches,
    staged_agencies,
    staged_documents,
)
from load.storable import storable
from load.warehouse import load_readings, memory
from tests.cost import cost
from tests.load.made import cell, full_cells, reading, rejected, sha, stage
from transform.records import Reading, StatementRow, from_json


def documents_in(path: Path) -> list[Reading]:
    """The readings of a batch."""
    with gzip.open(path) as lines:
        return [from_json(line) for line in lines]


def test_a_batch_holds_what_was_written(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    written = [reading("a", cells=full_cells(7)), rejected("b")]
    path = stage(folder, written)
    assert path is not None and documents_in(path) == written
    assert staged_documents(folder, {"1"}) == {sha("a"), sha("b")}
    assert list_batches(folder, {"1", "0"}) == [path]
    assert staged_agencies([path]) == {"甲县财政局"}
    stem = path.name.partition(".")[0]
    assert {p.name for p in folder.iterdir()} == {f"{stem}.jsonl.gz", f"{stem}.json"}


def test_the_name_follows_from_documents_and_versions(tmp_path: Path) -> None:
    both = [reading("a"), reading("b")]
    newer = [reading("a", version="2"), reading("b", version="2")]
    first = stage(tmp_path, both)
    assert first == stage(tmp_path, both[::-1])
    assert len({first, stage(tmp_path, newer), stage(tmp_path, both[:1])}) == 3
    assert staged_documents(tmp_path, {"2"}) == {sha("a"), sha("b")}
    assert staged_documents(tmp_path, {"3"}) == set()
    remove_batches([*list_batches(tmp_path, {"1"}), tmp_path / "gone.jsonl.gz"])
    assert list_batches(tmp_path, {"1"}) == [] and len(list_batches(tmp_path, {"2"})) == 1


def test_of_a_mixed_batch_those_of_the_version_count(tmp_path: Path) -> None:
    stage(tmp_path, [reading("a"), reading("b", version="2")])
    assert staged_documents(tmp_path, {"2"}) == {sha("b")}


def test_a_document_twice_is_a_mistake_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="comes twice"):
        stage(tmp_path, [reading("a", year=2020), reading("a", year=2022)])
    assert not list(tmp_path.iterdir())


def test_no_reading_gives_no_batch(tmp_path: Path) -> None:
    assert stage(tmp_path, []) is None and not list(tmp_path.iterdir())


def test_a_damaged_index_is_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    good, cut = stage(tmp_path, [reading("a")]), stage(tmp_path, [reading("b")])
    assert good is not None and cut is not None
    index = cut.with_name(cut.name.replace(".jsonl.gz", ".json"))
    index.write_bytes(index.read_bytes()[:-10])
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "mine.json").write_text("{}")
    assert staged_documents(tmp_path, {"1"}) == {sha("a")}
    names = {p.name for p in tmp_path.iterdir()}
    assert {cut.name + ".unusable", index.name + ".unusable", "notes.txt", "mine.json"} < names
    assert cut.name in caplog.text and len(names) == 6
    assert staged_documents(tmp_path / "no such folder", {"1"}) == set()


def test_what_a_killed_run_left_goes_once_it_is_old(tmp_path: Path) -> None:
    fresh, old = tmp_path / "a.x.unfinished", tmp_path / "b.x.unfinished"
    without_index = tmp_path / "c.jsonl.gz"
    for path, age in ((fresh, 0), (old, 7200), (without_index, 7200)):
        path.touch()
        os.utime(path, (time.time() - age,) * 2)
    assert staged_documents(tmp_path, {"1"}) == set()
    assert [p for p in (fresh, old, without_index) if p.exists()] == [fresh]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite, match="file"):
        stage(tmp_path / "file", [reading("a")])


def _rewritten(path: Path, change: Callable[[bytes], bytes]) -> None:
    with gzip.open(path) as lines:
        content = lines.read()
    with gzip.open(path, "wb") as lines:
        lines.write(change(content))


def test_a_falsified_line_costs_its_document_alone(tmp_path: Path) -> None:
    path = stage(tmp_path, [reading("a"), reading("b")])
    assert path is not None
    _rewritten(path, lambda content: content.replace(b'"value":["5"]', b'"value":["x"]', 1))
    mended = mend_batch(path)
    assert mended is not None and documents_in(mended) == [reading("b")]
    assert staged_documents(tmp_path, {"1"}) == {sha("b")}


def test_a_batch_that_is_cut_off_is_set_aside(tmp_path: Path) -> None:
    path = stage(tmp_path, [reading("a")])
    assert path is not None
    path.write_bytes(path.read_bytes()[:-20])
    assert mend_batch(path) is None and staged_documents(tmp_path, {"1"}) == set()


A_CELL = cell("requests", "new", "total", 1)
STATED = StatementRow("s1", "requests.new", Decimal(1), "收到1件", 3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cells": (A_CELL, A_CELL)}, "a cell (table, row, column) stands twice"),
        ({"tables": reading("x").tables * 2}, "a table stands twice"),
        ({"statements": (STATED, STATED)}, "a statement stands twice"),
        ({"cells": (replace(A_CELL, value=Decimal("1.1234567")),)}, "more than 6 decimals"),
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
    assert storable(good)[0] == good
    kept, line = storable(bad)
    assert from_json(line) == kept
    assert (kept.outcome.status, kept.outcome.reason) == ("failed", "reader_crashed")
    assert said in (kept.outcome.detail or "")
    assert kept.document.document_id == sha("x") and kept.report is None and kept.cells == ()


def test_a_file_name_of_any_bytes_can_be_stored() -> None:
    kept, _ = storable(reading("x", file_name=os.fsdecode(b"\xff\xfe.doc")))
    assert kept.document.file_name == "??.doc"
    assert kept.outcome.status == "extracted" and len(kept.cells) == 1


def test_times_are_stored_as_utc() -> None:
    kept, _ = storable(reading("x", fetched_at="2025-01-01T08:00:00+08:00"))
    assert kept.document.fetched_at == "2025-01-01T00:00:00"


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
    stage(tmp_path, batch[:1])
    # about 0.5 ms a reading, most of it in the reader processes
    assert cost(lambda: stage(tmp_path, batch)) / len(batch) < 0.003
