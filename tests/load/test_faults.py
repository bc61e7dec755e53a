"""Locks, foreign files, full disks, kills, readers while publishing, and hostile text."""

import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from load.database import connect, schema_version
from load.errors import (
    BrokenBatch,
    CannotWrite,
    NotAWarehouse,
    SchemaMismatch,
    WarehouseError,
    WarehouseLocked,
    WarehouseMissing,
)
from load.judge import Judging
from load.warehouse import load_readings, memory, publish
from tests.conftest import CHECKOUT
from tests.load.made import big_values, book, dump, full_cells, put, reading, rows, run, stage

WRITER = """
import duckdb, sys, time
con = duckdb.connect(sys.argv[1])
con.execute("CREATE TABLE IF NOT EXISTS mine (x INTEGER); INSERT INTO mine VALUES (1)")
print("ready", flush=True)
time.sleep(60)
"""
PUBLISHER = """
import itertools, sys
from pathlib import Path
from tests.load.made import full_cells, put, reading, run
print("ready", flush=True)
for n in itertools.count(1):
    made = [reading(str(i), cells=full_cells(n), version=str(n)) for i in range(40)]
    put(Path(sys.argv[1]), made, run(n))
"""
READER = """
import sys, time
from pathlib import Path
from load.database import connect
names = Path(sys.argv[1]), Path(sys.argv[2])
print("ready", flush=True)
reads, seen = 0, set()
while not names[1].exists():
    con = connect(names[0])
    versions = con.execute("SELECT DISTINCT reader_version FROM outcomes").fetchall()
    values = con.execute("SELECT DISTINCT value::INTEGER::VARCHAR FROM cells").fetchall()
    runs = con.execute("SELECT count(*)::VARCHAR FROM runs").fetchall()
    assert versions == values == runs, (versions, values, runs)
    seen.add(values[0][0])
    reads += 1
    con.close()
    time.sleep(0.3)  # room for the others on a small machine
print(reads, len(seen))
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "nianbao.duckdb"
    put(path, [reading("a", cells=full_cells(1))], run())
    yield path


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    """A Python process that has said that it is ready."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    process = subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n", (
        process.communicate()
    )
    return process


def test_a_writer_elsewhere_is_refused_by_name(database: Path) -> None:
    before = database.read_bytes()
    writer = start(WRITER, database)
    try:
        for attempt in (
            lambda: put(database, [reading("b")], run(2)),
            lambda: connect(database),
            lambda: connect(database, read_only=False),
        ):
            with pytest.raises(
                WarehouseLocked,
                match=rf"{database.name}: another process \(PID {writer.pid}\).*try again",
            ):
                attempt()
        assert database.read_bytes() == before
    finally:
        writer.kill()
        writer.communicate()


def test_what_a_killed_writer_left_in_its_log_is_kept(database: Path) -> None:
    writer = start(WRITER, database)
    writer.kill()
    writer.communicate()
    assert database.with_name(database.name + ".wal").exists()
    put(database, [reading("b")], run(2))
    assert rows(database, "SELECT * FROM mine") == [(1,)] and rows(
        database, "SELECT count(*) FROM reports"
    ) == [(2,)]
    assert not database.with_name(database.name + ".wal").exists()


def test_a_writer_in_this_process_is_refused(database: Path) -> None:
    writer = duckdb.connect(database)
    with pytest.raises(WarehouseLocked, match="another connection of this process"):
        put(database, [reading("b")], run(2))
    writer.close()


def test_nobody_can_begin_to_write_while_a_run_publishes(database: Path) -> None:
    def check(con: duckdb.DuckDBPyConnection) -> object:
        program = f"import duckdb; duckdb.connect({str(database)!r})"
        tried = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
        assert "Could not set lock" in tried.stderr
        return big_values(con)

    assert put(database, [reading("b")], run(2), check).added == 1
    connect(database, read_only=False).close()


def test_a_second_run_is_refused(database: Path) -> None:
    def check(con: duckdb.DuckDBPyConnection) -> object:
        with pytest.raises(WarehouseLocked, match="another run"):
            put(database, [reading("c")], run(3))
        return big_values(con)

    assert put(database, [reading("b")], run(2), check).added == 1


def test_files_that_are_no_warehouse(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing, match="nianbao run"):
        connect(tmp_path / "none.duckdb")
    text, empty, other, cut = (tmp_path / n for n in ("text", "empty", "other", "cut"))
    text.write_text("no database " * 1000)
    empty.touch()
    duckdb.connect(other).execute("CREATE TABLE runs (x INTEGER)").close()
    put(cut, [reading("a", cells=full_cells(1))], run())
    cut.write_bytes(cut.read_bytes()[:20_000])
    for path in (text, empty, other, cut):
        before = path.read_bytes()
        for attempt in (lambda p=path: connect(p), lambda p=path: put(p, [reading("b")], run(2))):
            with pytest.raises(NotAWarehouse, match=path.name):
                attempt()
        assert path.read_bytes() == before


def test_a_newer_schema_is_refused(database: Path) -> None:
    con = duckdb.connect(database)
    con.execute(f"COMMENT ON TABLE runs IS 'Runs. Made with schema {schema_version() + 1}.'")
    con.close()
    for attempt in (lambda: connect(database), lambda: put(database, [reading("b")], run(2))):
        with pytest.raises(SchemaMismatch, match="Update the program"):
            attempt()


def test_who_only_reads_an_older_schema_is_told_how_to_upgrade_it(database: Path) -> None:
    con = duckdb.connect(database)
    con.execute("COMMENT ON TABLE runs IS 'Runs. Made with schema 0.'")
    con.close()
    with pytest.raises(SchemaMismatch, match="Run `nianbao run`, which upgrades it"):
        connect(database)
    connect(database, older_too=True).close()
    put(database, [reading("b")], run(2))
    assert rows(database, "SELECT count(*) FROM reports") == [(2,)]


def test_a_full_disk(database: Path) -> None:
    """A limit on the size of files stands in for a disk: the system refuses the write in the same
    way.
    """
    before = database.read_bytes()
    readings = [reading(str(i), cells=full_cells(i)) for i in range(600)]
    batch = stage(database.parent / "staging", readings)
    assert batch is not None
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in (len(before) // 2, len(before), len(before) + 100_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
        try:
            with pytest.raises(
                CannotWrite,
                match=re.escape(
                    f"{database}: the warehouse cannot be written (File too large). Free some room"
                ),
            ):
                publish(database, [batch], run(2), Judging(big_values, book()))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert database.read_bytes() == before
        assert sorted(p.name for p in database.parent.iterdir()) == [
            "nianbao.duckdb",
            "nianbao.duckdb.history",
            "nianbao.duckdb.lock",
            "staging",
        ]
    assert publish(database, [batch], run(2), Judging(big_values, book())).added == 600


def test_a_folder_that_may_not_be_written() -> None:
    with tempfile.TemporaryDirectory() as name:  # not tmp_path: nobody else may enter that
        folder = Path(name)
        put(folder / "w.duckdb", [reading("a")], run())
        for beside in ("lock", "history"):
            (folder / f"w.duckdb.{beside}").unlink()
        before = (folder / "w.duckdb").read_bytes()
        user = os.geteuid()
        folder.chmod(0o555)
        try:
            if user == 0:
                os.seteuid(65534)  # to root nothing is forbidden
            for path in (folder / "w.duckdb", folder / "new.duckdb", folder / "sub" / "new.duckdb"):
                with pytest.raises(CannotWrite, match="Permission denied"):
                    publish(path, [], run(2), Judging(big_values, book()))
            assert rows(folder / "w.duckdb", "SELECT count(*) FROM reports") == [(1,)]
        finally:
            os.seteuid(user)
            folder.chmod(0o755)
        assert [p.name for p in folder.iterdir() if p.is_file()] == ["w.duckdb"] and (
            folder / "w.duckdb"
        ).read_bytes() == before


def test_a_broken_batch_is_named(database: Path) -> None:
    before = database.read_bytes()
    good, cut = (stage(database.parent / "staging", [reading(n)]) for n in "bc")
    assert good is not None and cut is not None
    cut.write_bytes(cut.read_bytes()[:-20])
    for broken in (cut, cut.with_name("gone.jsonl.gz")):
        with pytest.raises(BrokenBatch, match=broken.name) as caught:
            publish(database, [good, broken], run(2), Judging(big_values, book()))
        assert caught.value.path == broken
    assert database.read_bytes() == before


@pytest.mark.slow
def test_a_killed_run_leaves_a_whole_file(tmp_path: Path) -> None:
    database = tmp_path / "nianbao.duckdb"
    kills = []
    for i in range(5):
        process = start(PUBLISHER, database)
        deadline = time.monotonic() + 60
        while not any(tmp_path.glob("*.building*")) and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(0.03 * i)  # at its first sign, and at moments after it
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills.append([p.name for p in tmp_path.glob("*.building*")])
        if not database.exists():
            continue
        assert rows(database, "SELECT count(*), count(DISTINCT value) FROM cells") == [
            (40 * 200, 1)
        ]
        assert rows(
            database,
            "SELECT DISTINCT reader_version = value::INTEGER::VARCHAR FROM outcomes, cells",
        ) == [(True,)]
    assert any(kills), "no kill fell into a publication"
    put(database, [reading(str(i), cells=full_cells(99), version="99") for i in range(40)], run(99))
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "nianbao.duckdb",
        "nianbao.duckdb.history",
        "nianbao.duckdb.lock",
        "staging",
    ]
    whole = tmp_path / "whole" / "w.duckdb"
    put(whole, [reading(str(i), cells=full_cells(99), version="99") for i in range(40)], run(99))
    left_out = ("runs", "changes", "findings", "documents.first_seen")
    assert dump(database, left_out) == dump(whole, left_out)


@pytest.mark.slow
def test_readers_never_meet_a_lock_nor_half_a_run(tmp_path: Path) -> None:
    database, stop = tmp_path / "w.duckdb", tmp_path / "stop"

    def swap(n: int) -> None:
        put(
            database,
            [reading(str(i), cells=full_cells(n)[:50], version=str(n)) for i in range(10)],
            run(n),
        )

    swap(1)
    readers = [start(READER, database, stop) for _ in range(4)]
    try:
        for n in range(2, 52):
            swap(n)
    finally:
        stop.touch()
    for reader in readers:
        out, err = reader.communicate(timeout=60)
        assert reader.returncode == 0, err
        reads, versions = map(int, out.split())
        assert reads >= versions > 5  # each met many of the files


def test_an_open_reader_keeps_its_file(database: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from load.database import connect; con = "
        "connect(Path(sys.argv[1])); print('ready', flush=True); "
    )
    program += "sys.stdin.readline(); print(con.execute('SELECT count(*) FROM cells').fetchall())"
    command = [sys.executable, "-c", program, str(database)]
    reader = subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None and reader.stdout.readline() == "ready\n"
    put(database, [reading("b")], run(2))
    assert reader.communicate("go\n")[0] == "[(200,)]\n"
    assert rows(database, "SELECT count(*) FROM cells") == [(201,)]


HOSTILE = [
    "x'; DROP TABLE cells; --",
    '"; DELETE FROM reports; --',
    "*.csv",
    "read_csv('/etc/passwd')",
    "{{7*7}}",
    "\x00\t\u202e年报",
    "=1+1",
]


def test_hostile_text_is_only_text(database: Path) -> None:
    nasty = [reading(str(i), name, file_name=f"{name}.docx") for i, name in enumerate(HOSTILE)]
    put(
        database,
        nasty,
        run(2),
        agencies=[{"agency_id": name, "name": name, "site": name} for name in HOSTILE],
    )
    assert {
        name for (name,) in rows(database, "SELECT agency_id FROM agencies WHERE site = agency_id")
    } == set(HOSTILE)
    assert rows(database, "SELECT count(*) FROM cells") == [(200 + len(HOSTILE),)]
    assert {name for (name,) in rows(database, "SELECT file_name FROM tidy")} == {
        "a.docx",
        *(f"{n}.docx" for n in HOSTILE),
    }
    con = memory(book())
    load_readings(con, nasty)
    assert con.execute("SELECT count(*) FROM tidy").fetchall() == [(len(HOSTILE),)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM '*.csv'",
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY cells TO 'stolen.csv'",
        "ATTACH 'other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "RESET enable_external_access",
        "EXPORT DATABASE 'all'",
        "DELETE FROM cells",
    ],
)
def test_a_warehouse_is_opened_without_access_to_anything_else(database: Path, query: str) -> None:
    con = connect(database)
    with pytest.raises(duckdb.Error):
        con.execute(query)
    con.close()
    if not query.startswith("DELETE"):
        with pytest.raises(duckdb.Error):
            memory().execute(query)


def test_every_error_names_the_file_and_what_to_do(tmp_path: Path) -> None:
    error = CannotWrite(tmp_path / "w.duckdb", "the disk is full", "Free some room")
    assert (
        isinstance(error, WarehouseError)
        and str(error) == f"{tmp_path}/w.duckdb: the disk is full. Free some room"
    )
