"""The flow `publish`: put what is staged into the warehouse, judge it, and sum up.

    prefect deployment run 'publish/publish'

The flow `ingest` has left beside it what the run was about, so that a publication that failed can
be started again alone.
"""

from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_link_artifact, create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from flows.steps import pipeline
from flows.steps.pending_run import load_pending, remove_pending
from flows.steps.settings import load_settings
from review.run_report import Summary, in_words


@task(name="publish warehouse", cache_policy=NO_CACHE, persist_result=False)
def publish_warehouse(database: str | None) -> Summary:
    """Build the warehouse aside, judge, swap."""
    settings = load_settings(database=database)
    run = load_pending(settings.staging_folder)
    summary = pipeline.publish_run(settings, run)
    remove_pending(settings.staging_folder)
    return summary


@flow(name="publish")
def publish(database: str | None = None) -> Summary:
    """Publish what is staged for `database` (by default that of the settings)."""
    summary = publish_warehouse(database)
    words = in_words(summary)
    get_run_logger().info(words)
    create_markdown_artifact(
        f"```\n{words}\n```", key="nightly-summary", description="The run in words."
    )
    create_link_artifact(
        Path(summary.database).resolve().as_uri(),
        key="nightly-warehouse",
        link_text=summary.database.name,
        description="The warehouse.",
    )
    return summary
