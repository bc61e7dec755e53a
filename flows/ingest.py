"""The ingest flow: a Prefect task for each batch of documents, in threads that hand the documents
to one pool of reader processes.

A task costs tens of milliseconds and a document a few, so nothing is a task for each document. The
work is that of `flows.steps.pipeline`: with and without Prefect the same warehouse comes out. A
task that breaks is tried once more; what is in a shard by then is not read again.
"""

import threading
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import wait
from prefect.task_runners import ThreadPoolTaskRunner

from extract.sandbox.pool import Sandbox
from flows.steps import pipeline as run
from flows.steps import plan as batch
from flows.steps.request import WORK
from flows.steps.settings import Settings, load_settings
from review.run_report import Summary, in_words

# batches in hand at once; the pool of reader processes sets the pace, a second batch keeps it busy
THREADS = 2


@flow(name="ingest", task_runner=ThreadPoolTaskRunner(max_workers=THREADS))  # type: ignore[arg-type]  # Prefect binds it too narrowly
def ingest_flow(
    paths: list[str] | None = None,
    database: str | None = None,
    *,
    prune: bool = False,
    force: bool = False,
    workers: int | None = None,
) -> Summary:
    """Read the reports below `paths` (by default the input folder of the settings), check them,
    publish the warehouse.
    """
    return ingest_in_tasks(
        load_settings(database=database, workers=workers),
        [Path(p) for p in paths or []],
        prune=prune,
        force=force,
    )


def ingest_in_tasks(
    settings: Settings,
    paths: list[Path],
    night: "run.Night | None" = None,
    *,
    prune: bool = False,
    force: bool = False,
) -> Summary:
    """`flows.steps.pipeline.ingest` within a flow: the batches as tasks of it."""
    started = datetime.now(UTC)
    log = get_run_logger()
    night = night or run.Night()
    made = run.make_plan(settings, paths, fetched=night.requests, prune=prune, force=force)
    log.info(
        "%d documents, %d to read in %d batches", len(made.present), made.to_read, len(made.batches)
    )
    turn = threading.BoundedSemaphore(THREADS)  # whatever the flow's threads are
    with Sandbox(WORK, workers=settings.workers) as sandbox:

        @task(name="read batch", retries=1, cache_policy=NO_CACHE, persist_result=False)
        def read(number: int) -> int:
            with turn:
                return batch.read_batch(sandbox, made.batches[number], settings.waiting).documents

        futures = [read.submit(n) for n in range(len(made.batches))]
        wait(futures)
        for future in futures:
            future.result()  # a batch that failed twice fails the run
    summary = run.publish_run(
        settings, made, started, prune=prune, crawled=night.crawled, agencies=night.agencies
    )
    log.info(in_words(summary))
    return summary
