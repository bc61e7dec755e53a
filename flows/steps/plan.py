"""Files to batches: which documents a run must read.

`make_batches` looks at the input: every file gets its SHA-256, files that the warehouse or staging
holds already as read with the readers' present versions are left out, the others are cut into
batches.

Out of scope: reading them (`flows.steps.read_batch`) and publishing (`flows.steps.pipeline`).
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from flows.steps.request import AGENCY_FILE, ReadRequest, displayed_name, request_of
from flows.steps.version import accepted_versions, format_versions
from load.database import connect
from load.errors import NoInput
from load.staging import staged_documents
from transform.records import Reading

_CLUTTER = ("~$", ".")  # lock files of office programs, hidden files


@dataclass(frozen=True)
class ReadingPlan:
    """What a run will do.

    `present` are the ids of all files of the input, `paths` the files given by hand with the
    document that each is, `known` of how many nothing must be read.
    """

    batches: tuple[tuple[ReadRequest, ...], ...]
    present: frozenset[str]
    paths: Mapping[str, str]
    known: int
    unreadable: tuple[Reading, ...] = ()

    @property
    def to_read(self) -> int:
        """How many documents must be read."""
        return sum(map(len, self.batches))


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
        left_in = (n for n in names if not n.startswith(_CLUTTER) and n != AGENCY_FILE)
        yield from (Path(where, name) for name in left_in)


def make_batches(
    paths: Iterable[Path],
    database: Path,
    staging: Path,
    batch_size: int,
    *,
    fetched: Iterable[ReadRequest] = (),
    force: bool = False,
) -> ReadingPlan:
    """The batches that a run over `paths` and what was `fetched` must read.

    `force` reads again what is known already. A file that lies below `paths` and was fetched too is
    taken as fetched, since more is known of it.
    """
    versions = format_versions()
    known = set() if force else _known(database, staging)
    requests: dict[str, ReadRequest] = {}
    unreadable: list[Reading] = []
    present: set[str] = set()
    by_path: dict[str, str] = {}
    given = (request_of(path, versions) for path in find_files(paths))
    for request in chain((replace(r, versions=versions) for r in fetched), given):
        if isinstance(request, Reading):
            unreadable.append(request)
        else:
            present.add(request.document_id)
            requests.setdefault(request.document_id, request)
            if not request.provenance.vault_path:
                by_path[displayed_name(request.path)] = request.document_id
    todo = [r for r in requests.values() if r.document_id not in known]
    batches = tuple(tuple(todo[i : i + batch_size]) for i in range(0, len(todo), batch_size))
    present |= {r.document.document_id for r in unreadable}
    count = len(requests) - len(todo)
    return ReadingPlan(batches, frozenset(present), by_path, count, tuple(unreadable))


def _known(database: Path, staging: Path) -> set[str]:
    """Documents that the present readers have read already, published or staged.

    A file that timed out is tried again.
    """
    accepted = accepted_versions()
    known = staged_documents(staging, accepted)
    if database.exists():
        with connect(database, older_too=True) as con:
            rows = con.execute(
                "SELECT document_id FROM outcomes WHERE list_contains(?, reader_version) "
                "AND status <> 'failed'",
                [sorted(accepted)],
            ).fetchall()
        known |= {row[0] for row in rows}
    return known
