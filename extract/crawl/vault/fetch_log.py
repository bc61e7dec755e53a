"""The fetch log of a vault: one JSON line for every fetch, and one for every crawl of a source that
has ended (`crawl_record`), appended and never changed; a file for each month.

`FetchLog.append` writes one line whole; `FetchLog.read(positions)` gives the lines after those
positions, which is how the vault's index catches up. A line that a killed process left half written
stands at the end of a file: it is mended on opening, by cutting it off or, if only its line break
is missing, by adding that; its fetch is simply made again. A broken line elsewhere is damage: it is
given as a `LogLine` without a record, which says what to do, so that one lost line stops no night
and is never passed over in silence.

Out of scope: looking anything up (`index`).
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final, Self

from extract.crawl.vault.crawl_record import MARK, CrawlRecord

_TEXT: Final = 500  # characters of a link's text that are kept


_ANSWER: Final = ("reason", "sha256", "size", "final", "headers", "name", "gone_since")
_encode: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":")
).encode


def as_json(held: Mapping[str, object]) -> bytes:
    """One line without its break, in UTF-8."""
    return _encode(held).encode()


class VaultError(Exception):
    """The vault cannot be used or is damaged; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class FetchRecord:
    """One fetch. Empty fields are left out of the line.

    `address` is what was asked, `final` where the answer came from if that differs. `sha256` and
    `size` (bytes) are the content that the address holds since this fetch; an answer "not modified"
    repeats those that it had. `reason` says why there was no answer. `gone_since` stands where the
    address is gone from its list; such a line is no fetch and has status 0.
    """

    address: str
    at: str  # UTC, 2026-11-24T10:53:33Z
    status: int = 0  # of HTTP; 0 where none came
    reason: str = ""
    sha256: str = ""
    size: int = 0
    final: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    name: str = ""  # for people
    source: str = ""
    role: str = ""  # what it is in its list: page, attachment, image
    text: str = ""  # of the link
    page: str = ""  # the page that links to it
    agency: str = ""
    year: int | None = None
    more: Mapping[str, str] = field(default_factory=dict)  # other hints of the source
    gone_since: str = ""

    def found(self) -> dict[str, object]:
        """Where the address was found, empty fields left out."""
        held = {
            "source": self.source,
            "role": self.role,
            "text": self.text[:_TEXT],
            "page": self.page,
            "agency": self.agency,
        }
        return {
            k: v for k, v in (*held.items(), ("year", self.year), ("more", dict(self.more))) if v
        }

    def line(self) -> bytes:
        """As JSON with a line break."""
        held: dict[str, object] = {"address": self.address, "at": self.at, "status": self.status}
        for name in _ANSWER:
            if value := getattr(self, name):
                held[name] = value
        return as_json(held | self.found()) + b"\n"

    @classmethod
    def from_line(cls, line: bytes | str) -> Self:
        """The entry in a line; ValueError for what is none."""
        return cls.from_fields(json.loads(line))

    @classmethod
    def from_fields(cls, held: object) -> Self:
        """The entry of a line's fields; ValueError for what is none.

        Unknown fields, from a later version, are left out.
        """
        if (
            not isinstance(held, dict)
            or not isinstance(held.get("address"), str)
            or not isinstance(held.get("at"), str)
        ):
            raise ValueError("no entry")
        return cls(
            **held if held.keys() <= _FIELDS else {k: v for k, v in held.items() if k in _FIELDS}
        )


_FIELDS: Final = frozenset(f.name for f in fields(FetchRecord))

LogRecord = FetchRecord | CrawlRecord


def record_of(line: bytes | str) -> LogRecord:
    """The record in a line; ValueError or TypeError for what is none."""
    held = json.loads(line)
    if isinstance(held, dict) and MARK in held:
        return CrawlRecord.from_fields(held)
    return FetchRecord.from_fields(held)


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the log as it stands in its file. Positions are in bytes."""

    path: Path
    start: int
    end: int
    record: LogRecord | None  # None where the line is damaged
    damage: str = ""  # what is wrong with it, and what to do


class FetchLog:
    """The files of one folder, named 2026-11.jsonl.

    Not for use by two processes at once; the vault's lock sees to that.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = ""
        self._file = -1
        self._size = 0
        folder.mkdir(parents=True, exist_ok=True)
        for path in self._paths():
            _mend(path)

    def append(self, entry: LogRecord) -> tuple[str, int]:
        """Write one line; gives the file's name and its size after it.

        A line that does not fit on the disk leaves nothing behind.
        """
        name = f"{entry.at[:7]}.jsonl"
        if name != self._name:
            self.close()
            self._file = os.open(
                self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644
            )
            self._name, self._size = name, os.fstat(self._file).st_size
        line = entry.line()
        try:
            written = os.write(self._file, line)
            if written != len(line):
                raise OSError(28, "only a part could be written")
        except OSError as error:
            os.ftruncate(self._file, self._size)
            raise VaultError(
                f"{self._folder / name}: cannot be written ({error.strerror}): free some "
                "space or mend the permissions"
            ) from error
        self._size += len(line)
        return name, self._size

    def sync(self) -> None:
        """See to it that what was written outlives a power cut."""
        if self._file >= 0:
            os.fsync(self._file)

    def close(self) -> None:
        """Sync and close."""
        if self._file >= 0:
            os.fsync(self._file)
            os.close(self._file)
            self._file, self._name = -1, ""

    def sizes(self) -> dict[str, int]:
        """The bytes of each file, in order of time."""
        return {path.name: path.stat().st_size for path in self._paths()}

    def read(self, positions: Mapping[str, int]) -> "Iterator[LogLine]":
        """The lines after `positions` (bytes for each file's name), in order."""
        for path in self._paths():
            position = positions.get(path.name, 0)
            with path.open("rb") as file:
                file.seek(position)
                for line in file:
                    yield _log_line(path, position, line)
                    position += len(line)

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl"))


def _mend(path: Path) -> None:
    """Put right the end of a file whose writer was killed."""
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        start = size
        while start > 0:  # back to the last line break, step by step: a line is a few hundred bytes
            step = min(4096, start)
            file.seek(start - step)
            at = file.read(step).rfind(b"\n")
            if at >= 0:
                start = start - step + at + 1
                break
            start -= step
        if start == size:
            return
        file.seek(start)
        tail = file.read()
        try:
            record_of(tail)
        except (ValueError, TypeError):
            file.truncate(start)
        else:
            file.seek(size)
            file.write(b"\n")
        file.flush()
        os.fsync(file.fileno())


def _log_line(path: Path, start: int, line: bytes) -> LogLine:
    end = start + len(line)
    try:
        return LogLine(path, start, end, record_of(line))
    except (ValueError, TypeError) as error:
        what = f"the line at byte {start} is damaged ({error})"
        return LogLine(
            path,
            start,
            end,
            None,
            f"{what}: restore the file from a copy and delete index.sqlite, which is made again "
            "from it, or remove the line: its address is then fetched again",
        )
