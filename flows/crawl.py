"""The flow `crawl`: fetch what the sources list into the vault.

    prefect deployment run 'crawl/crawl' -p 'sources=["pingtan"]' -p dry_run=true

Each site is a task, named by its host and tagged by its sources, so that one that fails stops no
other; it is tried once more. The run leaves a table of the sources as an artifact.
"""

import threading
from collections.abc import Iterator, Sequence
from typing import Any, Final

from prefect import State, flow, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture, wait
from prefect.states import Failed
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.utilities.annotations import quote

from extract.crawl.outcome import SourceDone
from extract.crawl.sources import Source
from flows.steps import crawl as crawling
from flows.steps.settings import Settings, load_settings
from review.crawl_report import in_words, rows, trial_in_words

RUNNER: Final = ThreadPoolTaskRunner[object](max_workers=crawling.HOSTS_AT_ONCE)


@task(name="crawl site", retries=1, cache_policy=NO_CACHE, persist_result=False)
def crawl_site(
    crawl_host: crawling.CrawlHost, sources: Sequence[Source]
) -> list[SourceDone] | State[list[SourceDone]]:
    """Crawl the sources of one host, one after the other; failed, and tried once more, where one is
    not good.
    """
    done = crawl_host(sources)
    not_good = [f"{one.source_id} is {one.state}: {one.detail}" for one in done if not one.good]
    return Failed(message="; ".join(not_good), data=done) if not_good else done


@flow(name="crawl", task_runner=RUNNER)  # type: ignore[arg-type]  # Prefect binds it too narrowly
def crawl(
    sources: list[str] | None = None,
    agencies: list[str] | None = None,
    years: list[int] | None = None,
    force: bool = False,
    dry_run: bool = False,
) -> tuple[SourceDone, ...]:
    """Crawl `sources`, or else those entries of the registry that are marked as tested.

    `agencies` and `years` narrow the crawl, `force` fetches everything again, `dry_run` only logs
    what the lists hold.
    """
    settings = load_settings()
    wanted = crawling.Wanted(tuple(sources or ()), tuple(agencies or ()), tuple(years or ()))
    log = get_run_logger()
    if dry_run:
        log.info(_trials(settings, wanted))
        return ()
    done = crawling.crawl(settings, wanted, force=force, map_hosts=map_in_tasks)
    log.info(in_words(done))
    if done:
        create_table_artifact(
            rows(done),
            key="nightly-sources",
            description="What each source gave in this run.",
        )
    return done


def map_in_tasks(
    crawl_host: crawling.CrawlHost, hosts: Sequence[Sequence[Source]], stop: threading.Event
) -> Iterator[list[SourceDone]]:
    """Each host as a task."""
    futures = [
        crawl_site.with_options(
            task_run_name=f"crawl {sources[0].site}", tags=[source.id for source in sources]
        ).submit(quote(crawl_host), quote(sources), return_state=False)
        for sources in hosts
    ]
    try:
        wait(futures)
        yield from (_sources_of(future) for future in futures)
    finally:  # where all are done nobody hears it
        stop.set()


def _sources_of(future: PrefectFuture[Any]) -> list[SourceDone]:
    """What a site gave, good or not; raises what broke the task itself."""
    given: list[SourceDone] | Exception = future.result(raise_on_failure=False)
    if isinstance(given, Exception):
        raise given
    return given


def _trials(settings: Settings, wanted: crawling.Wanted) -> str:
    trials = [
        trial_in_words(source, *crawling.trial(settings, source, wanted))
        for source in crawling.chosen(settings, wanted)
    ]
    return "\n".join(trials) or in_words(())
