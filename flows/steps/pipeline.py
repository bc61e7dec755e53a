"""One run from files to a published warehouse: the one pipeline of the command line and of Prefect.

`make_plan` says what must be read, `read_plan` reads the batches in reader processes, `publish_run`
publishes once and sums up; `ingest` is all three. Who runs it says how the batches are mapped
(`MapBatches`): one after the other, or as tasks of a flow.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from extract.sandbox.confine import describe_confinement
from extract.sandbox.pool import Sandbox
from flows.steps.damaged_files import set_damaged_aside
from flows.steps.pending_run import PendingRun
from flows.steps.plan import ReadingPlan, make_batches
from flows.steps.pruning import Agree, files_to_drop
from flows.steps.read_batch import Batch, BatchDone, read_batch
from flows.steps.request import WORK, ReadRequest
from flows.steps.settings import Settings
from flows.steps.version import accepted_versions, judging_version
from load.codebook import codebook
from load.crawl_state import Crawled
from load.database import connect
from load.errors import BrokenBatch, CannotWrite, NoInput
from load.judge import Judging
from load.merge import Met, RunInfo
from load.staging import (
    list_batches,
    mend_batch,
    remove_batches,
    staged,
    staged_agencies,
    staged_documents,
    write_batch,
)
from load.warehouse import Agency, Published, publish
from review.run_report import Summary
from transform.form.forms import load_forms
from transform.identity.agency_names import division_of, level_of
from transform.identity.official_names import parent_of
from transform.localize.diagnose import diagnose
from transform.records import REPORT_ID_DIGITS, UNKNOWN_AGENCY
from transform.rules.corrections import Corrections, load_corrections, require_reports
from transform.rules.evaluate import ACROSS_KIND, findings_across, findings_of_reports
from transform.rules.load import load_rules

ReadBatch = Callable[[Batch], BatchDone]
MapBatches = Callable[[ReadBatch, Sequence[Batch]], Iterable[BatchDone]]
Progress = Callable[[int, int], None]  # documents done, documents to read

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FetchedInput:
    """What a crawl brings to a run: documents in the vault, the state of the sources, and the
    agencies that the registry knows.
    """

    requests: Sequence[ReadRequest] = ()
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
    fetched: Iterable[ReadRequest] = (),
    prune: bool = False,
    force: bool = False,
) -> ReadingPlan:
    """What must be read of `paths`.

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
    made = make_batches(
        paths,
        settings.database,
        settings.staging_folder,
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


def _reports_to_be(settings: Settings, made: ReadingPlan, asked: Set[str]) -> set[str]:
    """Those of the reports `asked` for that the warehouse holds, or that may come of documents that
    are waiting or to be read.
    """
    found = {request.document_id[:REPORT_ID_DIGITS] for batch in made.batches for request in batch}
    waiting = staged_documents(settings.staging_folder, accepted_versions())
    found |= {document_id[:REPORT_ID_DIGITS] for document_id in waiting}
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
    fetched: FetchedInput | None = None,
    prune: Agree | None = None,
    force: bool = False,
    map_batches: MapBatches = map,
    progress: Progress = lambda done, all_: None,
) -> Summary:
    """Read what is new, publish, and say what happened. `fetched` is what a crawl brings."""
    run = read_input(
        settings,
        paths,
        fetched=fetched,
        prune=prune,
        force=force,
        map_batches=map_batches,
        progress=progress,
    )
    return publish_run(settings, run)


def read_input(
    settings: Settings,
    paths: Sequence[Path] = (),
    *,
    fetched: FetchedInput | None = None,
    prune: Agree | None = None,
    force: bool = False,
    map_batches: MapBatches = map,
    progress: Progress = lambda done, all_: None,
) -> PendingRun:
    """Read what is new of `paths` and of what was `fetched` into staging.

    With `prune`, which is called with them first, files given by hand leave that are not in the
    input.
    """
    started = datetime.now(UTC)
    paths = paths or _default_input(settings, crawled=fetched is not None)
    fetched = fetched or FetchedInput()
    pruned = prune is not None
    made = make_plan(settings, paths, fetched=fetched.requests, prune=pruned, force=force)
    if prune is not None:
        names = files_to_drop(settings.database, made.present, made.paths)
        if names:
            prune(names)
    unreadable = read_plan(settings, made, map_batches, progress)
    return PendingRun(
        made.present,
        made.paths,
        made.to_read,
        made.known,
        pruned,
        set_damaged_aside(settings.vault, unreadable),
        fetched.crawled,
        fetched.agencies,
        started,
    )


def read_plan(
    settings: Settings,
    made: ReadingPlan,
    map_batches: MapBatches = map,
    progress: Progress = lambda done, all_: None,
) -> list[str]:
    """Read all batches into staging, and put there what could not be opened; the files of the vault
    that could not be read as what they should be.
    """
    done = 0

    def report_done(count: int) -> None:
        nonlocal done
        done += count
        progress(done, made.to_read)

    for lacking in describe_confinement().lacking:
        log.warning("readers are not wholly confined here: %s", lacking)
    # a reader process starts with the first document, and none without one
    with Sandbox(WORK, workers=settings.workers) as sandbox:
        read = partial(read_batch, sandbox, settings.staging_folder, report_done=report_done)
        unreadable = [place for one in map_batches(read, made.batches) for place in one.unreadable]
    if made.unreadable:
        write_batch(settings.staging_folder, map(staged, made.unreadable))
    return unreadable


def _default_input(settings: Settings, *, crawled: bool) -> list[Path]:
    """What is read where nothing is named. Beside what was crawled that is the input folder alone
    that somebody set, if it holds anything: the samples have no place among crawled reports.
    """
    if not crawled:
        return [settings.input]
    folder = settings.input
    is_used = "input" in settings.model_fields_set and folder.exists()
    return [folder] if is_used and (folder.is_file() or any(folder.iterdir())) else []


def publish_run(settings: Settings, run: PendingRun) -> Summary:
    """Put all that is staged with the present versions into the warehouse, evaluate the rules, and
    sum up.

    Where a staged batch cannot be read it is mended, and the publication tried again.
    """
    batches = list_batches(settings.staging_folder, accepted_versions())
    try:
        done = _publish_batches(settings, run, batches)
    except BrokenBatch as error:
        log.warning("%s", error)
        batches = [path for batch in batches if (path := mend_batch(batch)) is not None]
        done = _publish_batches(settings, run, batches)
    remove_batches(batches)
    return _summarise(done, run)


def _publish_batches(settings: Settings, run: PendingRun, batches: Sequence[Path]) -> Published:
    forms = load_forms()
    rules = load_rules(forms)
    counts = {"present": len(run.present), "read": run.to_read, "known": run.known}
    registered = {agency["agency_id"] or "" for agency in run.agencies}
    return publish(
        settings.database,
        batches,
        RunInfo(uuid.uuid4().hex, run.started, judging_version(), counts),
        Judging(
            check=lambda con: findings_of_reports(con, forms, rules),
            diagnose=lambda con, found, reports: diagnose(con, forms, rules, found, reports),
            check_across=lambda con: findings_across(con, forms, rules),
            across={rule.rule_id for rule in rules.of_kind(ACROSS_KIND)},
            codebook=codebook(forms, rules.rules),
            corrections=load_corrections(forms, settings.corrections),
        ),
        met=Met(run.present, run.paths, run.prune),
        agencies=[*run.agencies, *_described(staged_agencies(batches), registered)],
        crawled=run.crawled,
    )


def _described(agencies: Set[str], registered: Set[str]) -> list[dict[str, str | None]]:
    """Level, division code and parent of agencies, as far as their names tell. Of a registered one
    the registry says whose part it is, or nobody does: it lists the bodies of an area completely.
    """
    return [
        {
            "agency_id": name,
            "level": level_of(name),
            "division_code": division_of(name),
            "parent_id": None if name in registered else parent_of(name),
        }
        for name in sorted(agencies - {UNKNOWN_AGENCY})
    ]


def _summarise(done: Published, run: PendingRun) -> Summary:
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
        changed, unread = con.execute(
            "SELECT count(*), count(*) FILTER (status IN ('rejected', 'failed')) FROM changes JOIN "
            "outcomes USING (document_id) WHERE kind IN ('added', 'replaced') AND run_id = "
            "(SELECT run_id FROM runs ORDER BY rowid DESC LIMIT 1)"
        ).fetchall()[0]
        (causes,) = con.execute(
            "SELECT count(DISTINCT cause_id) FROM findings WHERE level = 'error'"
        ).fetchone() or (0,)
    findings = {level: levels.get(level, 0) for level in ("error", "warning", "info")}
    return Summary(
        done.database,
        len(run.present),
        run.to_read,
        run.known,
        done.rebuilt,
        done.added,
        done.replaced,
        done.removed,
        outcomes,
        reasons,
        cells,
        findings,
        causes,
        changed,
        unread,
        run.damaged,
    )
