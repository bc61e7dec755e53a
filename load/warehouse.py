"""The DuckDB warehouse: made aside and swapped in whole, opened for reading, or made in memory for
one document.

`publish` copies the database beside itself, puts the new readings in, evaluates the rules, and
renames the copy over the original. A reader with the file open keeps what it has and never blocks a
run; a writer, or a second run, is refused with `WarehouseLocked`. A run that is killed or fails
leaves the earlier file as it was.

What changes when: if no document is new, changed or gone, and the code version, the codebook, the
agencies and the corrections are those of the newest run, then `publish` adds one row to `runs` and
touches nothing else. Otherwise the rules are evaluated (`load.judge`): a finding not there before
is `new`, one that was is `standing`, `accepted` and `dismissed` stay as they are, and one that the
rules no longer make goes. `last_seen` is the start of the newest run that evaluated the rules.

Within one process DuckDB shares an open database by its path: whoever keeps a connection open
across a `publish` in the same process goes on seeing the old file, in new connections too, until
all of them are closed.

Out of scope: reading documents, judging rules (`check` is given), and when to run.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import duckdb

from extract.sync_folder import sync_folder
from load import changes, merge
from load.closed_lists import RUN_PUBLISHED, RUN_UNCHANGED
from load.codebook import Codebook, refresh_codebook
from load.corrections import apply_corrections
from load.crawl_state import Crawled, merge_crawl
from load.database import (
    Con,
    close_to_outside,
    connect,
    connect_for_writing,
    connect_in_memory,
    create_schema,
    has_storage_version,
    named_duckdb_faults,
    named_system_faults,
    scalar,
    schema_number,
    schema_version,
)
from load.errors import BrokenBatch, CannotWrite, KeyNotUnique, WarehouseLocked
from load.history import (
    begin_without_history,
    history_beside,
    missing_documents,
    restore_history,
    write_history,
)
from load.judge import Judging, Scope, judge
from load.merge import Met, RunInfo
from load.merge_agencies import add_agencies, merge_agencies
from load.merge_findings import repeated_key
from load.staging import decode_query
from load.storable import storable
from load.upgrade import carry_over
from transform.records import UNKNOWN_AGENCY, Reading

Agency = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did.

    `rebuilt` is False where nothing had changed; then the other counts but `findings` are 0.
    """

    database: Path
    rebuilt: bool
    added: int
    replaced: int
    removed: int
    findings: int
    findings_new: int
    findings_gone: int


def memory(book: Codebook | None = None, *, views: bool = True, comments: bool = False) -> Con:
    """An empty warehouse in memory with all tables, and the codebook if given.

    About 35 ms, of which 16 are DuckDB's start and 12 the views: who only evaluates rules does
    without views.
    """
    con = connect_in_memory(views=views, comments=comments)
    if book is not None:
        refresh_codebook(con, book)
    return con


def load_readings(con: Con, readings: Sequence[Reading]) -> None:
    """Put readings of documents that are not there yet into the warehouse `con`, with `is_current`
    and `agencies`.
    """
    lines = [storable(reading)[1].decode() for reading in readings]
    con.execute(f"CREATE TEMP TABLE readings AS FROM {decode_query()}", [lines])
    merge.insert(con, "readings")
    con.execute("DROP TABLE readings")
    merge.choose_current(con)
    add_agencies(con)


def publish(
    database: Path,
    batches: Sequence[Path],
    run: RunInfo,
    judging: Judging,
    *,
    met: Met | None = None,
    crawled: Crawled | None = None,
    agencies: Sequence[Agency] = (),
) -> Published:
    """Bring the warehouse at `database` (made if need be) up to the readings in `batches`.

    Of several readings of one document the one in the last of `batches` counts. `met` says what the
    input held: a file given by hand takes the place of the one that lay at its path before, and
    what is gone leaves if asked for. `agencies` are rows with columns of `agencies`.

    Raises WarehouseLocked, NotAWarehouse, SchemaMismatch, CannotWrite, BrokenBatch, KeyNotUnique,
    and what `judging` raises; after any of them the earlier file is as it was.
    """
    # a link stays a link, and what it points to is replaced
    target = Path(os.path.realpath(database))
    if "?" in str(target):
        raise CannotWrite(
            target,
            "DuckDB keeps no database in a path with a question mark",
            "Choose another folder or name",
        )
    building = target.with_name(f"{target.name}.{os.getpid()}.building")
    with named_duckdb_faults(target), ExitStack() as held:
        with named_system_faults(target):
            held.enter_context(_only_publisher(target))
            original = held.enter_context(_original(target))
            held.callback(_sweep, target)
            if original is not None:
                _copy(original, building)
                shutil.copymode(target, building)
        con = _open_copy(building, original is None, history_beside(target))
        try:
            run = replace(run, started_at=_naive_utc(run.started_at))
            moved = _bring_up_to_date(con, batches, run, judging, met or Met())
            done = _judge_and_record(con, target, run, judging, moved, crawled, agencies)
            con.execute("CHECKPOINT")
        finally:
            con.close()
        history = building.with_name(f"{building.name}.history")
        with named_system_faults(target):
            write_history(building, history)
            _swap(building, target)
            os.replace(history, history_beside(target))
    return done


def _naive_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


@dataclass(frozen=True, slots=True)
class _Moved:
    """What came and went among the documents, and which reports were corrected by people."""

    added: int
    replaced: int
    removed: int
    corrected: Sequence[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.replaced or self.removed or self.corrected)


def _bring_up_to_date(
    con: Con, batches: Sequence[Path], run: RunInfo, judging: Judging, met: Met
) -> _Moved:
    """Documents, reports and cells as the readings and the corrections say."""
    with _batch_faults(batches):
        merge.offer(con, batches, met)
        merge.find_leaving(con, met)
        added, replaced, removed = merge.count_movements(con)
        con.execute("DELETE FROM changes WHERE run_id = ?", [run.run_id])
        changes.keep_before(con)
        if added or replaced or removed:
            merge.remove_leaving(con)
            merge.insert_offered(con)
        merge.note_where_met(con, run.started_at)
        removed += missing_documents(con)
        moved = _Moved(added, replaced, removed, apply_corrections(con, judging.corrections))
        if moved:
            merge.choose_current(con)
            changes.note_documents(con, run.run_id, UNKNOWN_AGENCY)
    return moved


def _judge_and_record(
    con: Con,
    target: Path,
    run: RunInfo,
    judging: Judging,
    moved: _Moved,
    crawled: Crawled | None,
    agencies: Sequence[Agency],
) -> Published:
    """The findings, if anything they depend on has changed, and the run."""
    code_before = scalar(con, "SELECT code_version FROM runs ORDER BY rowid DESC LIMIT 1")
    concerned = merge.to_judge(con, moved.corrected)
    merge.forget_offer(con)
    close_to_outside(con)
    everything = refresh_codebook(con, judging.codebook) or code_before != run.code_version
    changed_agencies = merge_agencies(con, agencies)
    concerned += merge.reports_of(con, changed_agencies)
    shared_anew = crawled is not None and merge_crawl(con, crawled)
    rebuilt = bool(moved or changed_agencies or shared_anew or everything)
    scope = Scope(sorted(set(concerned)), everything)
    new, gone = judge(con, run, judging, scope) if rebuilt else (0, 0)
    repeated = repeated_key(con) if rebuilt else None
    if repeated:
        raise KeyNotUnique(
            target,
            repeated,
            "This is a mistake in the program: please report it; the warehouse is as it was before",
        )
    findings = int(scalar(con, "SELECT count(*) FROM findings"))
    counts = {
        "added": moved.added,
        "replaced": moved.replaced,
        "removed": moved.removed,
        "findings": findings,
        "findings_new": new,
        "findings_gone": gone,
    }
    status = RUN_PUBLISHED if rebuilt else RUN_UNCHANGED
    merge.write_run(con, replace(run, counts={**run.counts, **counts}), status)
    return Published(target, rebuilt, **counts)


@contextmanager
def _only_publisher(target: Path) -> Iterator[None]:
    """Hold the lock file beside `target`, and clear away what a killed run has left."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(f"{target.name}.lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WarehouseLocked(
                target, "another run is publishing it", "Wait until it is done and try again"
            ) from error
        _sweep(target)
        yield


@contextmanager
def _original(target: Path) -> Iterator[IO[bytes] | None]:
    """The bytes of the earlier file, None if there is none; while it is held nobody can open it for
    writing.

    The lock is DuckDB's own. Closing any handle of the file in this process would drop it, so the
    handle that the copy is made from is closed after the connection.
    """
    if not target.exists():
        yield None
        return
    if target.with_name(
        target.name + ".wal"
    ).exists():  # left by a writer that was killed: fold it in
        connect(target, read_only=False, older_too=True).close()
    with target.open("rb") as file:
        con = connect(target, older_too=True)
        try:
            yield file
        finally:
            con.close()


def _copy(original: IO[bytes], building: Path) -> None:
    with building.open("xb") as copy:
        shutil.copyfileobj(original, copy, 16 * 1024 * 1024)


def _open_copy(building: Path, is_new: bool, history: Path) -> Con:
    """The database to be, with the tables of this schema and the rows of the earlier file; where
    there is none, with the past that its history tells.
    """
    if is_new:
        con = connect_for_writing(building)
        with _closed_on_fault(con):
            create_schema(con)
            if history.exists():
                restore_history(con, history)
            else:
                begin_without_history(con)
        return con
    con = _open_earlier(building)
    begin_without_history(con)
    return con


def _open_earlier(building: Path) -> Con:
    """The copy of an earlier file, carried over into this schema if need be."""
    if has_storage_version(building):
        con = connect_for_writing(building)
        if schema_number(con) == schema_version():
            return con
        con.close()
    older = building.with_name(f"{building.name}.older")
    os.replace(building, older)
    con = connect_for_writing(building)
    with _closed_on_fault(con):
        create_schema(con)
        carry_over(con, older)
    shutil.copymode(older, building)
    older.unlink()
    return con


@contextmanager
def _closed_on_fault(con: Con) -> Iterator[None]:
    """Close a connection before a fault goes on."""
    try:
        yield
    except BaseException:  # also when stopped: the file must be let go
        con.close()
        raise


def _swap(building: Path, target: Path) -> None:
    if building.with_name(building.name + ".wal").exists():
        raise CannotWrite(
            target, "the new file could not be completed", "Free some room there and try again"
        )
    with building.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(building, target)
    sync_folder(target.parent)


def _sweep(target: Path) -> None:
    """Remove unfinished copies of `target` and what DuckDB lays beside them; only the one publisher
    calls this.
    """
    for left in target.parent.iterdir():
        if re.fullmatch(re.escape(target.name) + r"\.\d+\.building(\..*)?", left.name):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


@contextmanager
def _batch_faults(batches: Sequence[Path]) -> Iterator[None]:
    """Name the errors of staged batches that cannot be read."""
    try:
        yield
    except duckdb.Error as error:
        broken = next((path for path in batches if str(path) in str(error)), None)
        if broken is None and not (batches and isinstance(error, duckdb.ConversionException)):
            raise
        raise BrokenBatch(
            broken or batches[0].parent,
            f"what is staged cannot be read ({error})",
            "Remove it and run again: the documents are read anew",
        ) from error
