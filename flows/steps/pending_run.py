"""What a publication must know of the run that it ends: `PendingRun`.

Where reading and publishing are flows of their own it lies in the staging folder in between, as
`run.pending` (JSON): a publication that failed is started again alone, and knows what the run was
about. Without that file what is staged is published as it is, and nothing leaves the warehouse.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from load.crawl_state import Crawled, SourceState
from load.warehouse import Agency

_FILE: Final = "run.pending"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class PendingRun:
    """A run whose documents are read.

    `present` are the ids of all files of the input, `paths` the files given by hand with the
    document that each is, `to_read` of how many had to be read, `known`
    of how many not. With `prune` documents that are not present leave. `damaged` are files of the
    vault that are missing or not what their names say. `crawled` is the state of
    the sources, `agencies` those that their registry knows.
    """

    present: frozenset[str] = frozenset()
    paths: Mapping[str, str] = field(default_factory=dict)
    to_read: int = 0
    known: int = 0
    prune: bool = False
    damaged: tuple[str, ...] = ()
    crawled: Crawled | None = None
    agencies: Sequence[Agency] = ()
    started: datetime = field(default_factory=_now)


def save_pending(folder: Path, run: PendingRun) -> None:
    """Keep it in the staging folder, in place of that of an earlier run."""
    held = {
        "present": sorted(run.present),
        "paths": dict(run.paths),
        "to_read": run.to_read,
        "known": run.known,
        "prune": run.prune,
        "damaged": list(run.damaged),
        "crawled": None if run.crawled is None else asdict(run.crawled),
        "agencies": list(map(dict, run.agencies)),
        "started": run.started.isoformat(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{_FILE}.unfinished"
    unfinished.write_text(json.dumps(held), encoding="utf-8")
    os.replace(unfinished, folder / _FILE)


def load_pending(folder: Path) -> PendingRun:
    """What was kept last; an empty run where there is none."""
    try:
        held: dict[str, Any] = json.loads((folder / _FILE).read_bytes())
    except FileNotFoundError:
        return PendingRun()
    return PendingRun(
        frozenset(held["present"]),
        held["paths"],
        held["to_read"],
        held["known"],
        held["prune"],
        tuple(held["damaged"]),
        _crawled(held["crawled"]),
        held["agencies"],
        datetime.fromisoformat(held["started"]),
    )


def remove_pending(folder: Path) -> None:
    """Forget it: it is published."""
    (folder / _FILE).unlink(missing_ok=True)


def _crawled(held: Mapping[str, Any] | None) -> Crawled | None:
    if held is None:
        return None
    states = [SourceState(**state) for state in held["sources"]]
    return Crawled(states, held["gone"], held["shared"])
