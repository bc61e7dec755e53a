"""The vault's index: what each address held last, looked up in microseconds however long the
fetch log has grown.

A SQLite file that is made from the fetch log and from nothing else. It knows up to where it has
read each of the fetch log's files, and `catch_up` reads the rest; delete it and it is made again.
Out of scope: threads (`vault` holds a lock around every call) and files.
"""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from extract.crawl.http.messages import NOT_MODIFIED
from extract.crawl.vault.crawl_record import CrawlRecord, SourceHistory
from extract.crawl.vault.fetch_log import FetchLog, FetchRecord, as_json

log = logging.getLogger(__name__)

_VERSION: Final = 2  # of the tables; an index of another version is made again
_TABLES: Final = """
create table read(file text primary key, position integer not null) without rowid;
create table addresses(
    address text primary key, status integer not null, reason text not null, at text not null,
    sha256 text not null, size integer not null, held_at text not null, final text not null,
    etag text not null, last_modified text not null, source text not null,
    page text not null, found text not null, gone_since text not null,
    failed_days integer not null
) without rowid;
create index by_source on addresses(source);
create index by_page on addresses(page);
create table versions(
    address text not null, sha256 text not null, first_at text not null, last_at text not null,
    first_final text not null, first_name text not null, entry text not null,
    primary key (address, sha256)
) without rowid;
create index by_hash on versions(sha256);
create table crawls(source text primary key, history text not null) without rowid;
"""
_CACHE_KIB: Final = 16 * 1024
_WAITING: Final = 1_000  # confirmations written in one go, which takes a third of the time
# answers of `last` that are kept: every address is asked for twice in a row, to ask its server and
# to keep the answer
_RECENT: Final = 1_000
# A night in which nothing changed touches one row of one table for each address: columns with an
# index are written only where they change.
_CONFIRM: Final = """
update addresses set status = :status, reason = '', at = :at, held_at = :at, gone_since = '',
    failed_days = 0,
    final = iif(:status = 304, final, :final),
    etag = iif(:status = 304 and :etag = '', etag, :etag),
    last_modified = iif(:status = 304 and :last_modified = '', last_modified, :last_modified)
where address = :address
"""
_MOVE: Final = (
    "update addresses set source = :source, page = :page, found = :found where address = :address"
)
_MOVE_VERSION: Final = (
    "update versions set entry = json_patch(entry, :hints) where address = :address and sha256 = "
    ":sha256"
)
_RENEW_VERSION: Final = (
    "update versions set entry = :entry where address = :address and sha256 = :sha256"
)
_CLOSE_VERSION: Final = "update versions set last_at = ? where address = ? and sha256 = ?"
_HOLD: Final = """
insert or replace into addresses values
    (:address, :status, '', :at, :sha256, :size, :at, :final, :etag, :last_modified,
     :source, :page, :found, '', 0)
"""
_HOLD_VERSION: Final = """
insert into versions values (:address, :sha256, :at, :at, :final, :name, :entry)
on conflict(address, sha256) do update set last_at = :at, entry = :entry
"""
_FAIL: Final = """
insert into addresses values
    (:address, :status, :reason, :at, '', 0, '', '', '', '', :source, :page, :found, '', 1)
on conflict(address) do update set status = :status, reason = :reason, at = :at,
    failed_days = failed_days + (failed_days = 0 or substr(at, 1, 10) <> substr(:at, 1, 10))
"""
_FAILED: Final = """
select address, reason from addresses where source = ? and failed_days >= ? and at >= ?
order by address
"""
_AS_FIRST_FETCHED: Final = """
select address, sha256, entry, first_at, first_final, first_name from versions
where (address, sha256) > (?, ?) order by address, sha256 limit ?
"""


class Last(NamedTuple):
    """What an address holds.

    `final` is the address that the content came from; `held_at` is when it was last seen to be so.
    """

    sha256: str
    size: int
    final: str
    etag: str
    last_modified: str
    held_at: str
    found: str  # where it was found, as one text to compare


class VaultIndex:
    """The open index. Changes are durable after `commit`."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.execute(f"pragma cache_size = -{_CACHE_KIB}")
        self._positions: dict[str, int] = {}
        self._confirmed: dict[str, dict[str, object]] = {}  # by address, not yet in the file
        self._recent: dict[str, Last | None] = {}
        if self._db.execute("pragma user_version").fetchone()[0] != _VERSION:
            self._begin_anew()
        self._db.execute("begin")

    def catch_up(self, fetch_log: FetchLog) -> None:
        """Read what the fetch log holds beyond the index; all of it where the two do not fit
        together.
        """
        positions = dict(self._db.execute("select file, position from read").fetchall())
        sizes = fetch_log.sizes()
        if any(sizes.get(name, 0) < position for name, position in positions.items()):
            self._db.execute("rollback")
            self._confirmed.clear()
            self._recent.clear()
            self._begin_anew()
            self._db.execute("begin")
            positions = {}
        for line in fetch_log.read(positions):
            if line.record is None:
                log.warning("%s: %s", line.path, line.damage)
                self._positions[line.path.name] = line.end
            elif isinstance(line.record, CrawlRecord):
                self.add_crawl(line.record, line.path.name, line.end)
            else:
                before = self.last(line.record.address)
                self.add(line.record, line.path.name, line.end, before)
        self.commit()

    def add(self, entry: FetchRecord, file: str, position: int, before: Last | None) -> None:
        """Take an entry over, which ends at `position` of the fetch log's `file`; `before` is what
        its address held until now.
        """
        self._positions[file] = position
        self._recent.pop(entry.address, None)
        if entry.address in self._confirmed:
            self._settle()
        if entry.gone_since:
            self._db.execute(
                "update addresses set gone_since = ? where address = ?",
                (entry.gone_since, entry.address),
            )
            return
        found = _found(entry)
        values: dict[str, object] = {
            "address": entry.address,
            "status": entry.status,
            "reason": entry.reason,
            "at": entry.at,
            "sha256": entry.sha256,
            "size": entry.size,
            "final": entry.final or entry.address,
            "name": entry.name,
            "etag": entry.headers.get("etag", ""),
            "last_modified": entry.headers.get("last-modified", ""),
            "source": entry.source,
            "page": entry.page,
            "found": found,
        }
        if not entry.sha256:
            self._db.execute(_FAIL, values)
            return
        if before is None or before.sha256 != entry.sha256:
            if before is not None:
                self._db.execute(_CLOSE_VERSION, (before.held_at, entry.address, before.sha256))
            self._db.execute(_HOLD, values)
            self._db.execute(_HOLD_VERSION, {**values, "entry": entry.line().decode()})
            return
        self._confirmed[entry.address] = values
        if len(self._confirmed) >= _WAITING:
            self._settle()
        if before.found != found:
            self._db.execute(_MOVE, values)
        if entry.status != NOT_MODIFIED:
            self._db.execute(_RENEW_VERSION, {**values, "entry": entry.line().decode()})
        elif before.found != found:
            self._db.execute(_MOVE_VERSION, {**values, "hints": as_json(entry.found()).decode()})

    def add_crawl(self, record: CrawlRecord, file: str, position: int) -> SourceHistory:
        """Take over how the crawl of a source ended; what is known of the source now."""
        self._positions[file] = position
        found = SourceHistory.of(record, self.history(record.source))
        self._db.execute(
            "insert or replace into crawls values (?, ?)", (record.source, found.to_text())
        )
        return found

    def history(self, source: str) -> SourceHistory | None:
        """What the crawls of a source say together; None where none has ended."""
        row = self._db.execute("select history from crawls where source = ?", (source,)).fetchone()
        return SourceHistory.from_text(row[0]) if row else None

    def histories(self) -> dict[str, SourceHistory]:
        """The same of all sources."""
        rows = self._db.execute("select source, history from crawls order by source")
        return {source: SourceHistory.from_text(text) for source, text in rows}

    def failed(self, source: str, days: int, since: str) -> list[tuple[str, str]]:
        """(address, reason) of what was asked since then and has given nothing on that many days,
        of one source, with nothing good between.
        """
        self._settle()
        return self._db.execute(_FAILED, (source, days, since)).fetchall()

    def commit(self) -> None:
        """Make durable what was added, and up to where it reaches in the fetch log."""
        self._settle()
        self._db.executemany("insert or replace into read values (?, ?)", self._positions.items())
        self._db.execute("commit")
        self._db.execute("begin")

    def abandon(self) -> None:
        """Close without what was not made durable."""
        self._db.close()

    def close(self) -> None:
        """Commit and close."""
        self.commit()
        self._db.close()

    def last(self, address: str) -> Last | None:
        """What an address holds; None where it never held anything."""
        if address in self._confirmed:
            self._settle()
        elif address in self._recent:
            return self._recent[address]
        sql = (
            "select sha256, size, final, etag, last_modified, held_at, found from addresses where "
            "address = ? and sha256 <> ''"
        )
        row = self._db.execute(sql, (address,)).fetchone()
        if len(self._recent) >= _RECENT:
            self._recent.clear()
        self._recent[address] = found = Last(*row) if row else None
        return found

    def gone_since(self, address: str) -> str:
        """Since when an address is gone from its list; empty where it is not."""
        self._settle()
        row = self._db.execute(
            "select gone_since from addresses where address = ?", (address,)
        ).fetchone()
        return str(row[0]) if row else ""

    def present(self, source: str) -> list[tuple[str, str]]:
        """(address, page that links to it) of all that a source holds and that is not gone."""
        self._settle()
        sql = (
            "select address, page from addresses where source = ? and sha256 <> '' and gone_since "
            "= '' order by address"
        )
        return self._db.execute(sql, (source,)).fetchall()

    def linked_from(self, page: str) -> list[str]:
        """The addresses that were found on a page and are not gone."""
        self._settle()
        sql = (
            "select address from addresses where page = ? and sha256 <> '' and gone_since = '' "
            "order by address"
        )
        return [row[0] for row in self._db.execute(sql, (page,))]

    def versions(self, address: str) -> list[tuple[FetchRecord, str, str]]:
        """Every content that an address has held, the present one last: its last whole entry, when
        it was seen first and last.
        """
        self._settle()
        sql = """
            select v.entry, v.first_at, iif(v.sha256 = a.sha256, a.held_at, v.last_at) as until
            from versions v join addresses a using (address) where address = ? order by until
        """
        return [
            (FetchRecord.from_line(row[0]), row[1], row[2])
            for row in self._db.execute(sql, (address,))
        ]

    def entries(self, after: Sequence[str] = ("", ""), many: int = 500) -> Iterator[FetchRecord]:
        """The last whole entry of every version of every address, in order of address and hash;
        read in pieces, so that others may write between.
        """
        sql = (
            "select address, sha256, entry from versions where (address, sha256) > (?, ?) order "
            "by address, sha256 limit ?"
        )
        while rows := self._db.execute(sql, (*after, many)).fetchall():
            for row in rows:
                yield FetchRecord.from_line(row[2])
            after = rows[-1][:2]

    def as_first_fetched(self, many: int = 500) -> Iterator[FetchRecord]:
        """`entries` with the time, the name and the address of the first fetch of each content,
        which no later fetch changes.
        """
        after: Sequence[str] = ("", "")
        while rows := self._db.execute(_AS_FIRST_FETCHED, (*after, many)).fetchall():
            for row in rows:
                entry = FetchRecord.from_line(row[2])
                yield replace(entry, at=row[3], final=row[4], name=row[5])
            after = rows[-1][:2]

    def gone(self) -> dict[str, str]:
        """The addresses that are gone from their lists, and since when."""
        self._settle()
        return dict(
            self._db.execute("select address, gone_since from addresses where gone_since <> ''")
        )

    def knows(self, sha256: str) -> bool:
        """Whether any address has held this content."""
        return (
            self._db.execute(
                "select 1 from versions where sha256 = ? limit 1", (sha256,)
            ).fetchone()
            is not None
        )

    def _settle(self) -> None:
        """Write the confirmations that wait.

        Whatever reads the columns that they change calls this before.
        """
        if self._confirmed:
            self._db.executemany(_CONFIRM, self._confirmed.values())
            self._confirmed.clear()

    def _begin_anew(self) -> None:
        for kind, name in self._db.execute(
            "select type, name from sqlite_master where name not like 'sqlite_%' and type = 'table'"
        ).fetchall():
            self._db.execute(f"drop {kind} {name}")  # its own tables
        self._db.executescript(_TABLES)
        self._db.execute(f"pragma user_version = {_VERSION}")


def _found(entry: FetchRecord) -> str:
    """Where an address was found, as one text to compare: made for every address every night, so
    quicker to make than JSON.
    """
    more = "\x1f".join(f"{k}={v}" for k, v in sorted(entry.more.items())) if entry.more else ""
    return "\x1f".join(
        (
            entry.source,
            entry.role,
            entry.text,
            entry.page,
            entry.agency,
            str(entry.year or ""),
            more,
        )
    )
