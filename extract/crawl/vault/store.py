"""The vault: every file that was fetched, as it came, under the hash of its bytes; and the fetch
log of every fetch.

    data/vault/
      raw/3f/a9/3fa9…      the files, read-only, named by their SHA-256, in two levels of folders
      manifest/2026-11.jsonl   the fetch log: one line for every fetch, the truth about what came
                           from where (see `fetch_log`)
      index.sqlite         what each address held last (see `index`); made from the fetch log, may
                           be deleted
      incoming/            files that are being written; emptied at the next opening
      lock                 held by the one process that has the vault open

A file gets its name only when it is whole and on the disk, and is never written again: a process
that is killed at any moment leaves no half file. The fetch log's line follows the file; a file
whose line was lost is an orphan until it is fetched again. The same address with new content keeps
both.

    with Vault(Path("data/vault")) as vault:
        answer = fetcher.fetch(Request(url), terms, vault.known(url))
        kept = vault.keep(answer, Origin(url, source_id="pingtan"))

Threads may share a Vault; a second process is refused, and the disk must be a local one. `verify`
re-reads everything, `warc` exports it. Out of scope: fetching, and what a file contains.
"""

import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from extract.crawl.http.messages import NOT_MODIFIED, Known, Response
from extract.crawl.vault.crawl_record import CrawlRecord, SourceHistory
from extract.crawl.vault.fetch_log import FetchLog, FetchRecord, LogLine, VaultError
from extract.crawl.vault.file_names import display_name
from extract.crawl.vault.index import Last, VaultIndex
from extract.crawl.vault.lock import ThreadLock, lock_process
from extract.sync_folder import sync_folder

_KEPT_HEADERS: Final = (
    "content-type",
    "content-disposition",
    "content-language",
    "date",
    "etag",
    "last-modified",
    "server",
)
_HEADER: Final = 1_000  # characters of a header that are kept
_BATCH: Final = 200  # entries after which the fetch log is made durable
# the same for the index, which can be made up for from the fetch log and costs more
_INDEX_BATCH: Final = 10_000


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an address was found.

    `url` is what was asked, `page` the address of the page that links to it, `text` its link's
    text.
    """

    url: str
    source_id: str = ""
    role: str = ""
    text: str = ""
    page: str = ""
    agency: str = ""
    year: int | None = None
    more: Mapping[str, str] = field(default_factory=dict)


class Change(StrEnum):
    """What a fetch brought."""

    NEW = "new"  # the address held nothing before
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class StoredFetch:
    """An answer in the vault; its file lies at `vault.path(entry.sha256)`."""

    entry: FetchRecord
    change: Change


@dataclass(frozen=True, slots=True)
class Version:
    """One content of an address; both times in UTC as in the fetch log."""

    entry: FetchRecord
    path: Path
    first_at: str
    last_at: str


class Vault:
    """The open vault. `now` gives the time in UTC and is replaced by tests.

    Raises VaultError where it cannot be opened or written.
    """

    def __init__(self, root: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.root = root
        self._now = now
        self._lock = ThreadLock(root / "index.sqlite")
        self._waiting = 0  # entries since the index was made durable
        self._root = str(root)
        try:
            for folder in (root / "raw", root / "incoming"):
                folder.mkdir(parents=True, exist_ok=True)
            self._held = lock_process(root / "lock")
            for leftover in (root / "incoming").iterdir():
                leftover.unlink()
            self._fetch_log = FetchLog(root / "manifest")
        except OSError as error:
            raise VaultError(
                f"{error.filename or root}: the vault cannot be opened ({error.strerror}): "
                "mend the permissions or name another folder"
            ) from error
        self._index = self._caught_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Make everything durable and let the vault go."""
        try:
            self.flush()
        finally:
            self._index.abandon()
            os.close(self._held)
            self._fetch_log.close()

    def path(self, sha256: str) -> Path:
        """Where the content of that hash lies, or would lie."""
        return Path(self._place(sha256))

    def place(self, sha256: str) -> str:
        """The same from the vault's folder on, as text: joining paths takes longer than asking the
        disk.
        """
        return f"raw/{sha256[:2]}/{sha256[2:4]}/{sha256}"

    # ---- keeping

    def keep(self, answer: Response, origin: Origin) -> StoredFetch:
        """Store an answer of status 2xx or 304 and write its line.

        VaultError for a 304 to an address that holds nothing, or a full disk.
        """
        address = _address(origin.url)
        if not (200 <= answer.status < 300 or answer.status == NOT_MODIFIED):
            raise VaultError(
                f"{address}: an answer of status {answer.status} is not kept; note it with `failed`"
            )
        sha256, size = (
            ("", 0)
            if answer.status == NOT_MODIFIED
            else (self._put(answer.content), len(answer.content))
        )
        with self._lock:
            before = self._index.last(address)
            if answer.status == NOT_MODIFIED:
                if before is None:
                    raise VaultError(
                        f"{address}: answered 'not modified', but the vault holds nothing of "
                        "it: ask for it without conditions"
                    )
                sha256, size = before.sha256, before.size
            change = (
                Change.NEW
                if before is None
                else Change.UNCHANGED
                if before.sha256 == sha256
                else Change.CHANGED
            )
            entry = self._entry(
                origin,
                answer.status,
                answer.headers,
                sha256=sha256,
                size=size,
                final=answer.url if answer.url != address else "",
            )
            self._write(entry, before)
        return StoredFetch(entry, change)

    def failed(self, origin: Origin, reason: str, status: int | None = None) -> None:
        """Write the line of a fetch that gave no answer; what the address held before stays."""
        with self._lock:
            entry = self._entry(origin, status or 0, {}, reason=reason)
            self._write(entry, None)

    def mark_gone(self, addresses: Iterable[str]) -> int:
        """Note that addresses are gone from their lists since now; those that are gone already keep
        their date. Gives how many are new.
        """
        marked = 0
        for address in map(_address, addresses):
            with self._lock:
                before = self._index.last(address)
                if before is not None and not self._index.gone_since(address):
                    at = self.time()
                    self._write(FetchRecord(address, at, gone_since=at), before)
                    marked += 1
        return marked

    def note_crawl(self, record: CrawlRecord) -> SourceHistory:
        """Write the line of a crawl that has ended; what is known of its source now."""
        with self._lock:
            found = self._index.add_crawl(record, *self._fetch_log.append(record))
            self._flush()
        return found

    def flush(self) -> None:
        """Make durable what was written; the fetch log also is after every 200 entries, and all of
        it on closing.
        """
        with self._lock:
            self._flush()

    # ---- looking up

    def known(self, url: str) -> Known | None:
        """For a conditional request: None where the address holds nothing, its file is not there
        whole, or its server gave nothing to compare.
        """
        with self._lock:
            last = self._index.last(_address(url))
        if (
            last is None
            or not (last.etag or last.last_modified)
            or not self._is_there(last.sha256, last.size)
        ):
            return None
        return Known(last.final, last.etag, last.last_modified)

    def stored(self, url: str) -> Response | None:
        """What an address holds, as the answer that it was (status 200, with the kept headers);
        None where it holds nothing whole.
        """
        address = _address(url)
        with self._lock:
            last = self._index.last(address)
            versions = self._index.versions(address) if last else []
        if last is None or not self._is_there(last.sha256, last.size):
            return None
        headers = next(
            (entry.headers for entry, _, _ in versions if entry.sha256 == last.sha256), {}
        )
        return Response(last.final, 200, headers, self.path(last.sha256).read_bytes())

    def versions(self, url: str) -> list[Version]:
        """Every content that an address has held, the present one last."""
        with self._lock:
            found = self._index.versions(_address(url))
        return [
            Version(entry, self.path(entry.sha256), first, last) for entry, first, last in found
        ]

    def gone_since(self, url: str) -> str:
        """Since when an address is gone from its list; empty where it is not."""
        with self._lock:
            return self._index.gone_since(_address(url))

    def gone(self) -> dict[str, str]:
        """All addresses that are gone from their lists, and since when."""
        with self._lock:
            return self._index.gone()

    def unlisted(self, source_id: str, listed: Collection[str]) -> list[str]:
        """What a source holds of which neither the address nor the page that links to it is in
        `listed`: candidates for `mark_gone`, if the list is whole.
        """
        with self._lock:
            present = self._index.present(source_id)
        return [
            address for address, page in present if address not in listed and page not in listed
        ]

    def linked_from(self, page: str) -> list[str]:
        """The addresses that were found on a page, hold something and are not gone."""
        with self._lock:
            return self._index.linked_from(_text(page))

    def entries(self) -> Iterator[FetchRecord]:
        """The last whole entry of every version of every address, in order of address: where each
        file came from. Memory stays flat.
        """
        return self._one_by_one(self._index.entries())

    def as_first_fetched(self) -> Iterator[FetchRecord]:
        """The same with the time, the name and the address of the first fetch of each content,
        which no later fetch changes.
        """
        return self._one_by_one(self._index.as_first_fetched())

    def history(self, source_id: str) -> SourceHistory | None:
        """What the crawls of a source say together; None where none has ended."""
        with self._lock:
            return self._index.history(source_id)

    def histories(self) -> dict[str, SourceHistory]:
        """The same of all sources."""
        with self._lock:
            return self._index.histories()

    def failed_addresses(self, source_id: str, days: int, since: str) -> list[tuple[str, str]]:
        """(address, reason) of what was asked since then and has given nothing on that many days,
        of one source, with nothing good between.
        """
        with self._lock:
            return self._index.failed(source_id, days, since)

    def damaged_lines(self) -> Iterator[LogLine]:
        """The lines of the fetch log that cannot be read, from its beginning; read without the
        lock, because what is written meanwhile only lengthens the log.
        """
        return (line for line in self._fetch_log.read({}) if line.record is None)

    def holds(self, sha256: str) -> bool:
        """Whether the fetch log names that content."""
        with self._lock:
            return self._index.knows(sha256)

    def time(self) -> str:
        """The time now, as the fetch log writes it."""
        return self._now().astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"

    # ---- beneath

    def _one_by_one(self, pieces: Iterator[FetchRecord]) -> Iterator[FetchRecord]:
        while True:
            with self._lock:
                entry = next(pieces, None)
            if entry is None:
                return
            yield entry

    def _caught_up(self) -> VaultIndex:
        """The index, brought up to the fetch log; made again where its file is damaged, since all
        of it stands in the fetch log.
        """
        path = self.root / "index.sqlite"
        with self._lock:
            try:
                ledger = VaultIndex(path)
                ledger.catch_up(self._fetch_log)
            except sqlite3.DatabaseError:
                for part in self.root.glob("index.sqlite*"):
                    part.unlink()
                ledger = VaultIndex(path)
                ledger.catch_up(self._fetch_log)
        return ledger

    def _put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        final = self.path(sha256)
        if self._is_there(sha256, len(content)):
            return sha256
        # on the same disk, so that it can be moved in one step
        incoming = self.root / "incoming" / f"{sha256}.{threading.get_ident()}"
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            with incoming.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            incoming.chmod(0o444)
            os.replace(incoming, final)  # over nothing, or over what is not what its name says
            sync_folder(final.parent)
        except OSError as error:
            incoming.unlink(missing_ok=True)
            raise VaultError(
                f"{final}: cannot be written ({error.strerror}): free some space or mend the "
                "permissions"
            ) from error
        return sha256

    def _is_there(self, sha256: str, size: int) -> bool:
        try:
            return os.stat(self._place(sha256)).st_size == size
        except FileNotFoundError:
            return False

    def _place(self, sha256: str) -> str:
        return f"{self._root}/{self.place(sha256)}"

    def _entry(
        self, origin: Origin, status: int, headers: Mapping[str, str], **found: str | int
    ) -> FetchRecord:
        return FetchRecord(
            address=_address(origin.url),
            at=self.time(),
            status=status,
            headers={
                name: _text(headers[name][:_HEADER]) for name in _KEPT_HEADERS if name in headers
            },
            name=display_name(
                str(found.get("final") or origin.url), headers.get("content-disposition", "")
            )
            if 200 <= status < 300
            else "",
            source=origin.source_id,
            role=origin.role,
            text=_text(origin.text),
            page=_text(origin.page),
            agency=_text(origin.agency),
            year=origin.year,
            more={_text(k): _text(v) for k, v in origin.more.items()},
            **found,  # type: ignore[arg-type]  # only sha256, size, final and reason are given, each of its field's type
        )

    def _write(self, entry: FetchRecord, before: Last | None) -> None:
        """Under the lock: the line, then the index. `before` is what the address holds."""
        self._index.add(entry, *self._fetch_log.append(entry), before)
        self._waiting += 1
        if self._waiting % _BATCH == 0:
            self._fetch_log.sync()
        if self._waiting >= _INDEX_BATCH:
            self._flush()

    def _flush(self) -> None:
        self._fetch_log.sync()  # first: the index must never know more than the fetch log
        self._index.commit()
        self._waiting = 0


def _address(url: str) -> str:
    return _text(url.partition("#")[0])


def _text(text: str) -> str:
    """Text that can be written: halves of surrogate pairs, which pages do contain, become question
    marks.
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
