"""The flow `nightly`, which `prefect.yaml` puts on a schedule: its subflows are `crawl`, `ingest`
of what the vault and the input folder hold, and `publish`.

    prefect deployment run 'nightly/nightly' --watch
    prefect deployment run 'nightly/nightly' -p 'years=[2019,2020]'
    prefect deployment run 'nightly/nightly' -p 'sources=["pingtan"]' -p dry_run=true

Each subflow is a deployment of its own too, so that one that failed can be started again alone.
Where mail is set up (`flows.steps.notify`), a flow that fails and a source that is stale are
reported. Run by a worker a flow works in the folder from which it was deployed, so that relative
paths are those of the checkout.
"""

from prefect import State, flow, get_run_logger
from prefect.states import Completed, Failed

from flows.crawl import crawl
from flows.ingest import ingest
from flows.publish import publish
from flows.reverify import mail_failure
from flows.steps.attention import report_night
from flows.steps.pipeline import check_configuration
from flows.steps.settings import load_settings
from review import crawl_report
from review.run_report import in_words


@flow(name="nightly", on_failure=[mail_failure], on_crashed=[mail_failure])
def nightly(
    paths: list[str] | None = None,
    database: str | None = None,
    sources: list[str] | None = None,
    agencies: list[str] | None = None,
    years: list[int] | None = None,
    prune: bool = False,
    force: bool = False,
    dry_run: bool = False,
) -> State[str]:
    """One night; the summary in words.

    Without `sources` those entries of the registry that are marked as tested.

    `agencies` and `years` narrow the crawl, `paths` names other input than the folder of the
    settings, `dry_run` only says what the lists hold, `force` fetches and reads everything again,
    `prune` drops files given by hand that are no longer in the input. The state of a run after
    which a person must look is completed under the name "Done, but look", or failed where
    NIANBAO_STRICT says so.
    """
    settings = load_settings(database=database)
    check_configuration(settings)  # before anything is fetched
    done = crawl(sources, agencies, years, force, dry_run)
    if dry_run:
        return Completed(message="what the lists hold is in the log")
    ingest(
        paths,
        database,
        sources,
        agencies,
        years,
        from_vault=True,
        prune=prune,
        force=force,
    )
    summary = publish(database)
    words = "\n".join([crawl_report.in_words(done), in_words(summary)])
    look = report_night(settings, done, summary)
    if not look:
        return Completed(message=in_words(summary), data=words)
    get_run_logger().warning("look: %s", "\n".join(look))
    if settings.strict:
        return Failed(message="; ".join(look))
    return Completed(name="Done, but look", message="; ".join(look), data=words)
