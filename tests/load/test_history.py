"""A warehouse that is gone gives its past to the one that is made anew."""

from datetime import datetime
from pathlib import Path

import pytest

from load.errors import HistoryDamaged
from load.history import history_beside
from tests.load.made import START, cell, put, reading, rows, run, sha


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "w.duckdb"


def big(total: int) -> list[object]:
    return [cell("requests", "new", "total", total)]


def test_what_was_first_seen_when_outlives_the_warehouse(database: Path) -> None:
    put(database, [reading("a", cells=big(500)), reading("b", "乙县民政局")], run())
    put(database, [reading("c", "丙县民政局", cells=big(700))], run(2))
    seen = "SELECT document_id, first_seen FROM documents ORDER BY 1"
    made = "SELECT finding_id, first_seen, report_id FROM findings ORDER BY 1"
    changes = "SELECT * FROM changes ORDER BY ALL"
    before = rows(database, seen), rows(database, made), rows(database, changes)
    assert len({first for _, first in before[0]}) == 2 and len(before[1]) == 2
    runs = rows(database, "SELECT run_id, started_at, counts FROM runs ORDER BY started_at")
    database.unlink()
    readings = [reading("a", cells=big(500)), reading("b", "乙县民政局")]
    put(database, [*readings, reading("c", "丙县民政局", cells=big(700))], run(3))
    assert (rows(database, seen), rows(database, made), rows(database, changes)) == before
    assert rows(database, "SELECT DISTINCT status FROM findings") == [("standing",)]
    again = rows(database, "SELECT run_id, started_at, counts FROM runs ORDER BY started_at")
    assert again[:2] == runs and len(again) == 3


def test_what_the_warehouse_made_anew_has_not_is_noted_as_removed(database: Path) -> None:
    put(database, [reading("a", cells=big(500)), reading("b", "乙县民政局")], run())
    database.unlink()
    done = put(database, [reading("b", "乙县民政局"), reading("d", "丁县民政局")], run(2))
    assert (done.added, done.removed) == (2, 1)
    of_the_run = "SELECT kind, document_id FROM changes WHERE run_id = 'run-2' ORDER BY 1"
    assert rows(database, of_the_run) == [("added", sha("d")), ("removed", sha("a"))]


def test_what_a_person_said_in_the_file_and_a_name_outlive_it(database: Path) -> None:
    import duckdb

    put(database, [reading("a", cells=big(500))], run())
    with duckdb.connect(database) as con:
        con.execute("UPDATE findings SET status = 'dismissed'")
        con.execute("UPDATE agencies SET name = '甲' WHERE agency_id IS NOT NULL")
    put(database, [], run(2))
    database.unlink()
    put(database, [reading("a", cells=big(500))], run(3))
    assert rows(database, "SELECT status FROM findings") == [("dismissed",)]
    assert rows(database, "SELECT DISTINCT name FROM agencies") == [("甲",)]


def test_a_damaged_history_is_named_and_nothing_is_made(database: Path) -> None:
    put(database, [reading("a")], run())
    database.unlink()
    history_beside(database).write_bytes(b"no database at all" * 1000)
    with pytest.raises(HistoryDamaged, match=r"w\.duckdb\.history: the past of the warehouse"):
        put(database, [reading("a")], run(2))
    assert not database.exists()
    history_beside(database).unlink()
    put(database, [reading("a")], run(2))
    assert rows(database, "SELECT first_seen FROM documents") != [(START,)]


def test_a_database_that_is_there_needs_no_history(database: Path) -> None:
    put(database, [reading("a")], run())
    first = rows(database, "SELECT first_seen FROM documents")
    history_beside(database).write_bytes(b"rubbish")
    put(database, [reading("b", "乙县民政局")], run(2))
    database.unlink()
    put(database, [reading("a"), reading("b", "乙县民政局")], run(3))
    assert rows(database, "SELECT min(first_seen) FROM documents") == first
    assert isinstance(first[0][0], datetime)
