"""The flow `ingest`: read what is new into staging. The flow `publish` puts it into the warehouse.

    prefect deployment run 'ingest/ingest' -p 'paths=["data/incoming"]'

A task is a batch of documents, named and tagged by the sources of these, in threads that hand the
documents to one pool of reader processes. A task costs tens of milliseconds and a document a few,
so nothing is a task for each document. A batch that breaks is tried once more. The work is that of
`flows.steps.pipeline`: with and without Prefect the same warehouse comes out.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import wait
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.utilities.annotations import quote

from flows.steps import pipeline
from flows.steps.crawl import Wanted
from flows.steps.pending_run import save_pending
from flows.steps.pruning import named_files
from flows.steps.read_batch import Batch, BatchDone
from flows.steps.settings import load_settings
from flows.steps.vault_input import fetched_input

# batches in hand at once; the pool of reader processes sets the pace, a second batch keeps it busy
THREADS: Final = 2
RUNNER: Final = ThreadPoolTaskRunner[object](max_workers=THREADS)
BY_HAND: Final = "by hand"  # the tag of files that no source brought


@task(name="read batch", retries=1, cache_policy=NO_CACHE, persist_result=False)
def read_batch(read: pipeline.ReadBatch, batch: Batch) -> BatchDone:
    """Read the documents of one batch into staging."""
    return read(batch)


@flow(name="ingest", task_runner=RUNNER)  # type: ignore[arg-type]  # Prefect binds it too narrowly
def ingest(
    paths: list[str] | None = None,
    database: str | None = None,
    sources: list[str] | None = None,
    agencies: list[str] | None = None,
    years: list[int] | None = None,
    from_vault: bool = False,
    prune: bool = False,
    force: bool = False,
    workers: int | None = None,
) -> None:
    """Read the reports below `paths` (by default the input folder of the settings), and with
    `from_vault` all that was fetched.

    `sources`, `agencies` and `years` name what was crawled. `force` reads again what is known,
    `prune` lets the publication drop files given by hand that are no longer there; the log names
    them.
    """
    settings = load_settings(database=database, workers=workers)
    wanted = Wanted(tuple(sources or ()), tuple(agencies or ()), tuple(years or ()))
    run = pipeline.read_input(
        settings,
        [Path(p) for p in paths or []],
        fetched=fetched_input(settings, wanted) if from_vault else None,
        prune=_log_dropped if prune else None,
        force=force,
        map_batches=map_in_tasks,
    )
    save_pending(settings.staging_folder, run)
    get_run_logger().info(
        "%d documents, %d read, %d known already", len(run.present), run.to_read, run.known
    )


def _log_dropped(names: Sequence[str]) -> None:
    get_run_logger().warning("dropped: %s", named_files(names))


def map_in_tasks(read: pipeline.ReadBatch, batches: Sequence[Batch]) -> Iterator[BatchDone]:
    """Each batch as a task; a batch that failed twice fails the run."""
    futures = []
    for number, batch in enumerate(batches, 1):
        tags = sorted({request.provenance.source_id or BY_HAND for request in batch})
        named = read_batch.with_options(
            task_run_name=f"read batch {number} of {len(batches)}", tags=tags
        )
        futures.append(named.submit(quote(read), quote(batch), return_state=False))
    wait(futures)
    for future in futures:
        yield future.result()
