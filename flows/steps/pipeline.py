"""One run from files to a published warehouse, without Prefect: the same steps that `flows.ingest`
wraps in tasks.

`ingest(settings, paths)` plans, reads the batches in reader processes, publishes once and gives the
`Summary`.
"""

import contextlib
import uuid
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from extract.sandbox.pool import Sandbox
from flows.steps.plan import Plan, plan, read_batch
from flows.steps.request import WORK, Request
from flows.steps.settings import Settings
from flows.steps.version import reading_version, run_version
from load.codebook import codebook
from load.crawl_state import Crawled
from load.database import connect
from load.errors import CannotWrite, NoInput
from load.merge import Met, RunInfo
from load.staging import remove_shards, shard_documents, shards_of, write_shard
from load.warehouse import Agency, Judging, Published, publish
from review.run_report import Summary
from transform.form.forms import load_forms
from transform.identity.agency_names import division_of, level_of
from transform.localize.diagnose import diagnose
from transform.records import REPORT_ID_DIGITS, UNKNOWN_AGENCY
from transform.rules.corrections import Corrections, load_corrections, require_reports
from transform.rules.evaluate import findings
from transform.rules.load import load_rules

Progress = Callable[[int, int], None]  # documents done, documents to read


@dataclass(frozen=True)
class Night:
    """What a crawl brings to a run: documents in the vault, the state of the sources, and the
    agencies that the registry knows.
    """

    requests: Sequence[Request] = ()
    crawled: Crawled | None = None
    agencies: Sequence[Agency] = ()


def check_configuration(settings: Settings) -> Corrections:
    """Read forms, rules and corrections, so that a fault in them stops a run at its start
    (ConfigError); the corrections.
    """
    load_rules(load_forms())
    return load_corrections(load_forms(), settings.corrections)


def make_plan(
    settings: Settings,
    paths: Sequence[Path],
    *,
    fetched: Iterable[Request] = (),
    prune: bool = False,
    force: bool = False,
) -> Plan:
    """What must be read; `paths` empty means the input folder of the settings.

    `fetched` comes to it from the vault.

    Whatever can be known to stop the run stops it here, before anything is read: a fault in the
    forms, rules or corrections, a path that is not there, a warehouse that cannot be opened or
    whose folder cannot be made, a correction of a report that neither the warehouse nor the input
    holds, and files that cannot be opened if what is gone shall be dropped.
    """
    corrections = check_configuration(settings)
    try:
        settings.database.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(
            settings.database,
            f"its folder cannot be made ({error.strerror})",
            "Name another place with --database",
        ) from error
    made = plan(
        paths or [settings.input],
        settings.database,
        settings.waiting,
        settings.batch,
        fetched=fetched,
        force=force,
    )
    require_reports(corrections, _reports_to_be(settings, made, corrections.reports))
    if prune and made.unreadable:
        named = made.unreadable[0].document.file_name
        raise NoInput(
            f"{named}: the file cannot be opened, so that it is not known which documents are "
            "gone; mend that, or run without --prune"
        )
    return made


def _reports_to_be(settings: Settings, made: Plan, asked: Set[str]) -> set[str]:
    """Those of the reports `asked` for that the warehouse holds, or that may come of documents that
    are waiting or to be read.
    """
    found = {request.document_id[:REPORT_ID_DIGITS] for batch in made.batches for request in batch}
    if settings.waiting.is_dir():
        found |= {
            document_id[:REPORT_ID_DIGITS]
            for document_id in shard_documents(settings.waiting, reading_version())
        }
    if asked and settings.database.exists():
        with connect(settings.database, older_too=True) as con:
            found |= {
                r
                for (r,) in con.execute(
                    "SELECT report_id FROM reports WHERE list_contains(?::VARCHAR[], report_id)",
                    [sorted(asked)],
                ).fetchall()
            }
    return found


def ingest(
    settings: Settings,
    paths: Sequence[Path] = (),
    *,
    night: Night | None = None,
    prune: bool = False,
    force: bool = False,
    progress: Progress = lambda done, all_: None,
) -> Summary:
    """Read what is new, publish, and say what happened. `night` brings what was fetched."""
    started = datetime.now(UTC)
    night = night or Night()
    made = make_plan(settings, paths, fetched=night.requests, prune=prune, force=force)
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        progress(done, made.to_read)

    with Sandbox(
        WORK, workers=settings.workers
    ) as sandbox:  # a reader process starts with the first document, and none without one
        for batch in made.batches:
            read_batch(sandbox, batch, settings.waiting, tell)
    return publish_run(
        settings, made, started, prune=prune, crawled=night.crawled, agencies=night.agencies
    )


def publish_run(
    settings: Settings,
    made: Plan,
    started: datetime,
    *,
    prune: bool,
    crawled: Crawled | None = None,
    agencies: Sequence[Agency] = (),
) -> Summary:
    """Put all shards of this version into the warehouse, evaluate the rules, and sum up.

    `agencies` are those of the registry.
    """
    if made.unreadable:
        write_shard(settings.waiting, made.unreadable, reading_version())
    shards = shards_of(settings.waiting, reading_version()) if settings.waiting.is_dir() else []
    forms = load_forms()
    rules = load_rules(forms)
    run = RunInfo(
        uuid.uuid4().hex,
        started,
        run_version(),
        {"present": len(made.present), "read": made.to_read, "known": made.known},
    )
    done = publish(
        settings.database,
        shards,
        run,
        Judging(
            check=lambda con: findings(con, forms, rules),
            diagnose=lambda con, found, reports: diagnose(con, forms, rules, found, reports),
            codebook=codebook(forms, rules.rules),
            corrections=load_corrections(forms, settings.corrections),
        ),
        met=Met(made.present, made.paths, prune),
        agencies=[*agencies, *_agencies(shards)],
        crawled=crawled,
    )
    remove_shards(shards)
    return _summarise(done, made)


def _agencies(shards: Sequence[Path]) -> list[dict[str, str | None]]:
    """Level and division code of the agencies met in these shards, as far as their names tell."""
    names: set[str | None] = set()
    for shard in shards:
        with (
            contextlib.suppress(FileNotFoundError),
            pq.ParquetFile(shard) as file,
        ):  # one taken by another run in this moment: `publish` says so
            reports = file.read(columns=["report.agency_id"]).column("report").combine_chunks()
            names.update(reports.field("agency_id").to_pylist())
    known = sorted(name for name in names if name not in (None, UNKNOWN_AGENCY))
    return [
        {"agency_id": name, "level": level_of(name), "division_code": division_of(name)}
        for name in known
    ]


def _summarise(done: Published, made: Plan) -> Summary:
    """Count what the warehouse holds now."""
    with connect(done.database) as con:
        outcomes = dict(
            con.execute("SELECT status, count(*) FROM outcomes GROUP BY 1 ORDER BY 1").fetchall()
        )
        reasons: dict[tuple[str, str], list[str]] = {}
        for status, reason, name, detail in con.execute(
            "SELECT status, reason, file_name, detail FROM outcomes JOIN documents USING "
            "(document_id) WHERE reason IS NOT NULL ORDER BY 1, 2, 3"
        ).fetchall():
            reasons.setdefault((status, reason), []).append(f"{name}: {detail}" if detail else name)
        (cells,) = con.execute("SELECT count(*) FROM cells").fetchone() or (0,)
        levels = dict(con.execute("SELECT level, count(*) FROM findings GROUP BY 1").fetchall())
        (causes,) = con.execute(
            "SELECT count(DISTINCT cause_id) FROM findings WHERE level = 'error'"
        ).fetchone() or (0,)
    findings = {level: levels.get(level, 0) for level in ("error", "warning", "info")}
    return Summary(
        done.database,
        len(made.present),
        made.to_read,
        made.known,
        done.rebuilt,
        done.added,
        done.replaced,
        done.removed,
        outcomes,
        reasons,
        cells,
        findings,
        causes,
    )
