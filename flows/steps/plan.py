"""Files to shards: which documents a run must read, in batches, and the reading of one batch.

Plain functions; no Prefect.

`plan` looks at the input: every file gets its SHA-256, files that the warehouse or a shard holds
already as read with this code are left out, the others are cut into batches. `read_batch` hands a
batch to the reader processes and writes its shard. A killed run starts again with what is not yet
in a shard.

Out of scope: publishing (`flows.steps.pipeline`), and how batches are scheduled (`flows.ingest` for
Prefect, `flows.steps.pipeline` without).
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from extract.document import ReadError
from extract.sandbox.pool import Sandbox
from flows.steps.convert import prepared, refused
from flows.steps.request import Request, answered, request_of, shown
from flows.steps.version import reading_version
from load.database import connect
from load.errors import NoInput
from load.staging import shard_documents, write_shard
from transform.records import Reading

_CLUTTER = ("~$", ".")  # lock files of office programs, hidden files


@dataclass(frozen=True)
class Plan:
    """What a run will do.

    `present` are the ids of all files of the input, `paths` the files given by hand with the
    document that each is, `known` of how many nothing must be read.
    """

    batches: tuple[tuple[Request, ...], ...]
    present: frozenset[str]
    paths: Mapping[str, str]
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
    """All files at or below `paths`, by name; lock files and hidden ones left out.

    NoInput for a path that gives none.
    """
    for path in paths:
        if path.is_dir():
            found = sorted(_below(path))
            if not found:
                raise NoInput(f"{path}: the folder holds no file; name a folder with reports")
            yield from found
        elif path.exists():
            yield path
        else:
            raise NoInput(f"{path}: no such file or folder; check the path")


def _below(folder: Path) -> Iterator[Path]:
    """Files of the folder and its subfolders; a link to a folder is not followed, so that none is
    met twice.
    """

    def refused(error: OSError) -> None:
        raise NoInput(
            f"{error.filename}: the folder cannot be read ({error.strerror}); give the right "
            "to read it, or leave it out"
        ) from error

    for where, folders, names in os.walk(folder, onerror=refused):
        folders[:] = [name for name in folders if not name.startswith(_CLUTTER)]
        yield from (Path(where, name) for name in names if not name.startswith(_CLUTTER))


def plan(
    paths: Iterable[Path],
    database: Path,
    shards: Path,
    batch: int,
    *,
    fetched: Iterable[Request] = (),
    force: bool = False,
) -> Plan:
    """The batches that a run over `paths` and what was `fetched` must read.

    `force` reads again what is known already.

    A file that lies below `paths` and was fetched too is taken as fetched, since more is known of
    it.
    """
    done = set() if force else _known(database, shards)
    requests: dict[str, Request] = {}
    unreadable: list[Reading] = []
    present: set[str] = set()
    given: dict[str, str] = {}
    for request in chain(fetched, map(request_of, find_files(paths))):
        if isinstance(request, Reading):
            unreadable.append(request)
        else:
            present.add(request.document_id)
            requests.setdefault(request.document_id, request)
            if not request.found.vault_path:
                given[shown(request.path)] = request.document_id
    todo = [r for r in requests.values() if r.document_id not in done]
    batches = tuple(tuple(todo[i : i + batch]) for i in range(0, len(todo), batch))
    present |= {r.document.document_id for r in unreadable}
    known = len(requests) - len(todo)
    return Plan(batches, frozenset(present), given, known, tuple(unreadable))


def _known(database: Path, shards: Path) -> set[str]:
    """Documents read with this code already, published or waiting in a shard.

    A file that timed out is tried again.
    """
    known = shard_documents(shards, reading_version()) if shards.is_dir() else set()
    if database.exists():
        with connect(database, older_too=True) as con:
            rows = con.execute(
                "SELECT document_id FROM outcomes WHERE reader_version = ? AND status <> 'failed'",
                [reading_version()],
            ).fetchall()
        known |= {row[0] for row in rows}
    return known


def read_batch(
    sandbox: Sandbox,
    batch: Sequence[Request],
    shards: Path,
    tell: Callable[[int], None] = lambda n: None,
) -> BatchDone:
    """Read one batch in the sandbox's processes and write its shard.

    `tell` is told of each document done.
    """
    readings = []
    with prepared(batch) as ready:
        answers = sandbox.map(r.to_bytes() for r in ready if isinstance(r, Request))
        for request, made in zip(batch, ready, strict=True):
            readings.append(
                refused(request, made)
                if isinstance(made, ReadError)
                else answered(request, next(answers))
            )
            tell(1)
    return BatchDone(len(readings), write_shard(shards, readings, reading_version()))
