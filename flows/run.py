"""One run from files to a published warehouse, without Prefect: the same steps that `flows.ingest` wraps in tasks.

`ingest(settings, paths)` plans, reads the batches in reader processes, publishes once and gives the `Summary`.
"""

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from extract.sandbox import Sandbox
from flows.batch import WORK, Plan, plan, read_batch
from flows.settings import Settings
from flows.summary import Summary, summarise
from flows.version import reading_version, run_version
from load.dictionary import codebook
from load.shards import remove_shards, shards_of, write_shard
from load.warehouse import RunInfo, publish
from transform.check import findings
from transform.form import load_forms
from transform.names import division_of, level_of
from transform.rows import UNKNOWN_AGENCY
from transform.rules import load_rules

Progress = Callable[[int, int], None]  # documents done, documents to read


def make_plan(settings: Settings, paths: Sequence[Path], *, force: bool = False) -> Plan:
    """What must be read; `paths` empty means the input folder of the settings. Forms and rules are loaded first, so that a fault in them stops the run at its start."""
    load_rules(load_forms())
    return plan(paths or [settings.input], settings.database, settings.shards, settings.batch, force=force)


def ingest(settings: Settings, paths: Sequence[Path] = (), *, prune: bool = False, force: bool = False, progress: Progress = lambda done, all_: None) -> Summary:
    """Read what is new, publish, and say what happened."""
    started = datetime.now(UTC)
    made = make_plan(settings, paths, force=force)
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        progress(done, made.to_read)

    if made.batches:
        with Sandbox(WORK, workers=settings.workers) as sandbox, ThreadPoolExecutor(1) as ahead:
            for _ in ahead.map(lambda batch: read_batch(sandbox, batch, settings.shards, tell), made.batches):
                pass
    return publish_run(settings, made, started, prune=prune)


def publish_run(settings: Settings, made: Plan, started: datetime, *, prune: bool) -> Summary:
    """Put all shards of this version into the warehouse, evaluate the rules, and sum up."""
    if made.unreadable:
        write_shard(settings.shards, made.unreadable, reading_version())
    shards = shards_of(settings.shards, reading_version()) if settings.shards.is_dir() else []
    settings.database.parent.mkdir(parents=True, exist_ok=True)
    forms = load_forms()
    rules = load_rules(forms)
    run = RunInfo(uuid.uuid4().hex, started, run_version(), {"present": len(made.present), "read": made.to_read, "known": made.known})
    done = publish(
        settings.database, shards, run,
        check=lambda con: findings(con, forms, rules), codebook=codebook(forms, rules.rules),
        agencies=_agencies(shards), present=set(made.present), prune=prune,
    )  # fmt: skip
    remove_shards(shards)
    return summarise(done, made)


def _agencies(shards: Sequence[Path]) -> list[dict[str, str | None]]:
    """Level and division code of the agencies met in these shards, as far as their names tell."""
    if not shards:
        return []
    with duckdb.connect() as con:
        names = con.read_parquet([str(s) for s in shards]).query("shard", "SELECT DISTINCT report.agency_id FROM shard ORDER BY 1").fetchall()
    known = [name for (name,) in names if name not in (None, UNKNOWN_AGENCY)]
    return [{"agency_id": name, "level": level_of(name), "division_code": division_of(name)} for name in known]


def check_table(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """The findings on what `con` holds, by the forms and rules that come with the project."""
    forms = load_forms()
    return findings(con, forms, load_rules(forms))
