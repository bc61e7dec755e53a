"""The flows that `prefect.yaml` puts on a schedule.

`nightly`: crawl, ingest what the vault and the input folder hold, then publish.

    prefect deployment run 'nightly/nightly' --watch
    prefect deployment run 'nightly/nightly' -p 'years=[2019,2020]'
    prefect deployment run 'nightly/nightly' -p 'sources=["pingtan"]' -p dry_run=true

Each site is a task, so that one that fails stops no other; it is tried once more. The run leaves a
table of the sources and its summary as artifacts. `reverify`, weekly: read every file of the vault
again and compare it with its hash. Where mail is set up (`flows.steps.notify`), a flow that fails
and a source that is stale are told. Run by a worker a flow works in the folder from which it was
deployed, so that relative paths are those of the checkout.
"""

import threading
from functools import partial
from pathlib import Path
from typing import Final

from prefect import Flow, State, flow, get_run_logger, task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import FlowRun
from prefect.futures import wait
from prefect.task_runners import ThreadPoolTaskRunner

from extract.crawl.http.client import Fetcher
from extract.crawl.outcome import SourceDone
from extract.crawl.vault.fetch_log import VaultError
from extract.crawl.vault.store import Vault
from extract.crawl.vault.verify import verify
from flows.ingest import ingest_in_tasks
from flows.steps import crawl
from flows.steps import pipeline as run
from flows.steps import vault_input as take
from flows.steps.notify import notify
from flows.steps.settings import Settings, load_settings
from review import crawl_report as crawl_words
from review.run_report import in_words


def tell_failure(flow: "Flow[..., object]", flow_run: "FlowRun", state: "State") -> None:
    """Prefect's hook: a mail about a run that failed."""
    notify(
        load_settings(),
        f"nianbao: {flow.name} failed",
        f"Run {flow_run.name} of {flow.name} ended as {state.name}.\n\n{state.message or ''}\n",
    )


RUNNER: Final = ThreadPoolTaskRunner[object](max_workers=crawl.HOSTS_AT_ONCE)


@flow(name="nightly", on_failure=[tell_failure], on_crashed=[tell_failure], task_runner=RUNNER)  # type: ignore[arg-type]  # Prefect binds it too narrowly
def nightly(
    paths: list[str] | None = None,
    database: str | None = None,
    sources: list[str] | None = None,
    agencies: list[str] | None = None,
    years: list[int] | None = None,
    prune: bool = False,
    force: bool = False,
    dry_run: bool = False,
) -> str:
    """One night; the summary in words.

    Without `sources` those entries of the registry that are marked as tested.

    `agencies` and `years` narrow the crawl, `paths` names other input than the folder of the
    settings, `dry_run` only says what the lists hold, `force` fetches and reads everything again,
    `prune` drops files given by hand that are no longer in the input.
    """
    settings = load_settings(database=database)
    wanted = crawl.Wanted(tuple(sources or ()), tuple(agencies or ()), tuple(years or ()))
    run.check_configuration(settings)  # before anything is fetched
    log = get_run_logger()
    if dry_run:
        trials = [
            crawl_words.trial_in_words(source, *crawl.trial(settings, source, wanted))
            for source in crawl.chosen(settings, wanted)
        ]
        log.info("\n".join(trials) or crawl_words.in_words(()))
        return "\n".join(trials)
    done = _crawl_in_tasks(settings, wanted, force=force)
    log.info(crawl_words.in_words(done))
    summary = ingest_in_tasks(
        settings,
        [Path(p) for p in paths or []],
        take.night_of(settings, wanted, done),
        prune=prune,
        force=force,
    )
    stale = [one.source_id for one in done if one.stale]
    if stale:
        notify(
            settings,
            f"nianbao: {len(stale)} sources are stale",
            crawl_words.in_words([one for one in done if one.stale]),
        )
    words = "\n".join([crawl_words.in_words(done), in_words(summary)])
    if done:
        create_table_artifact(
            crawl_words.rows(done),
            key="nightly-sources",
            description="What each source gave in this run.",
        )
    create_markdown_artifact(
        f"```\n{words}\n```", key="nightly-summary", description="The run in words."
    )
    create_link_artifact(
        Path(summary.database).resolve().as_uri(),
        key="nightly-warehouse",
        link_text=summary.database.name,
        description="The warehouse.",
    )
    return words


@flow(name="reverify", on_failure=[tell_failure], on_crashed=[tell_failure])
def reverify() -> str:
    """Every file of the vault against its hash; the run fails where one is broken or missing."""
    settings = load_settings()
    if not settings.vault.is_dir():
        return f"{settings.vault}: there is no vault yet"
    with Vault(settings.vault) as vault:
        faults = [fault for fault in verify(vault) if fault.kind != "orphan"]
    if faults:
        raise VaultError(
            "\n".join(
                [
                    f"{settings.vault}: the vault is damaged:",
                    *(f"{f.kind}: {f.path}: {f.detail}" for f in faults),
                ]
            )
        )
    return "the vault is whole"


def _crawl_in_tasks(
    settings: Settings, wanted: "crawl.Wanted", *, force: bool
) -> "tuple[SourceDone, ...]":
    """`flows.steps.crawl.crawl` within a flow: each site as a task of it."""
    chosen = crawl.chosen(settings, wanted)
    if not chosen:
        return ()
    stop = threading.Event()
    with Vault(settings.vault) as vault, Fetcher(crawl.fetch_policy(settings)) as fetcher:
        show = crawl.shower(settings, fetcher)

        @task(name="crawl", retries=1, cache_policy=NO_CACHE, persist_result=False)
        def site(number: int) -> "list[SourceDone]":
            return [
                crawl.safely(
                    one,
                    partial(
                        crawl.crawl_source,
                        one,
                        fetcher,
                        vault,
                        wanted,
                        force=force,
                        stop=stop,
                        show=show,
                    ),
                )
                for one in groups[number]
            ]

        groups = crawl.by_host(chosen)
        futures = [site.submit(n) for n in range(len(groups))]
        try:
            wait(futures)
            return tuple(one for future in futures for one in future.result())
        finally:  # where all are done nobody hears it
            stop.set()
