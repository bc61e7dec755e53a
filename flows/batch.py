"""Files to shards: which documents a run must read, in batches, and the reading of one batch. Plain functions; no Prefect.

`plan` looks at the input: every file gets its SHA-256, files that the warehouse or a shard holds already as read with this
code are left out, the others are cut into batches. `read_batch` hands a batch to the reader processes and writes its shard.
A killed run starts again with what is not yet in a shard.

Out of scope: publishing (`flows.run`), and how batches are scheduled (`flows.ingest` for Prefect, `flows.run` without).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from extract.document import ReadError, Reason, Status
from extract.sandbox import Sandbox
from flows.reading import Request, blank_reading
from flows.version import reading_version
from load.shards import shard_documents, write_shard
from load.warehouse import connect
from transform.rows import Reading, from_json

WORK = "flows.reading:work"
_CLUTTER = ("~$", ".")  # lock files of office programs, hidden files


class NoInput(Exception):
    """A path that does not exist, or a folder without a file in it: nothing to read. Names the path."""


@dataclass(frozen=True)
class Plan:
    """What a run will do. `present` are the ids of all files of the input, `known` of how many nothing must be read."""

    batches: tuple[tuple[Request, ...], ...]
    present: frozenset[str]
    known: int
    unreadable: tuple[Reading, ...] = ()

    @property
    def to_read(self) -> int:
        """How many documents must be read."""
        return sum(map(len, self.batches))


@dataclass(frozen=True, slots=True)
class BatchDone:
    """One batch as read: how many documents, and where the shard lies."""

    documents: int
    shard: Path


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """All files at or below `paths`, by name; lock files and hidden ones left out. NoInput for a path that gives none."""
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.is_file() and not any(part.startswith(_CLUTTER) for part in p.relative_to(path).parts))
            if not found:
                raise NoInput(f"{path}: the folder holds no file; name a folder with reports")
            yield from found
        elif path.exists():
            yield path
        else:
            raise NoInput(f"{path}: no such file or folder; check the path")


def plan(paths: Sequence[Path], database: Path, shards: Path, batch: int, *, force: bool = False) -> Plan:
    """The batches that a run over `paths` must read. `force` reads again what is known already."""
    done = set() if force else _known(database, shards)
    requests: dict[str, Request] = {}
    unreadable: list[Reading] = []
    present: set[str] = set()
    for path in find_files(paths):
        try:
            with path.open("rb") as file:
                document_id = hashlib.file_digest(file, "sha256").hexdigest()
            size = path.stat().st_size
        except OSError as error:
            named = hashlib.sha256(str(path.resolve()).encode()).hexdigest()  # no bytes to be named by
            unreadable.append(blank_reading(Request(str(path), named, 0), Status.REJECTED, Reason.UNREADABLE, error.strerror or str(error)))
            continue
        present.add(document_id)
        requests.setdefault(document_id, Request(str(path.resolve()), document_id, size))
    todo = [r for r in requests.values() if r.document_id not in done]
    batches = tuple(tuple(todo[i : i + batch]) for i in range(0, len(todo), batch))
    present |= {r.document.document_id for r in unreadable}
    return Plan(batches, frozenset(present), len(requests) - len(todo), tuple(unreadable))


def _known(database: Path, shards: Path) -> set[str]:
    """Documents read with this code already, published or waiting in a shard. A file that timed out is tried again."""
    known = shard_documents(shards, reading_version()) if shards.is_dir() else set()
    if database.exists():
        with connect(database) as con:
            rows = con.execute("SELECT document_id FROM outcomes WHERE reader_version = ? AND status <> 'failed'", [reading_version()]).fetchall()
        known |= {row[0] for row in rows}
    return known


def read_batch(sandbox: Sandbox, batch: Sequence[Request], shards: Path, tell: Callable[[int], None] = lambda n: None) -> BatchDone:
    """Read one batch in the sandbox's processes and write its shard. `tell` is told of each document done."""
    readings = []
    for request, answer in zip(batch, sandbox.map(r.to_bytes() for r in batch), strict=True):
        readings.append(_reading(request, answer))
        tell(1)
    return BatchDone(len(readings), write_shard(shards, readings, reading_version()))


def _reading(request: Request, answer: bytes | ReadError) -> Reading:
    if isinstance(answer, ReadError):
        return blank_reading(request, Status.FAILED, answer.reason, answer.detail)
    return from_json(answer)


def read_one(path: Path) -> Reading:
    """One document in a reader process of its own; NoInput if there is no such file."""
    if path.is_dir() or not path.exists():
        raise NoInput(f"{path}: {'is a folder; name one document' if path.is_dir() else 'no such file; check the path'}")
    made = plan([path], Path("/nonexistent"), Path("/nonexistent"), 1, force=True)
    if made.unreadable:
        return made.unreadable[0]
    request = made.batches[0][0]
    with Sandbox(WORK, workers=1) as sandbox:
        (answer,) = sandbox.map([request.to_bytes()])
    return _reading(request, answer)
