"""The flow `second-reading`, after each night: another reader looks at the tables that no sum
covers, and what it sees differently becomes a finding.

    prefect deployment run 'second-reading/second-reading' -p at_most=500

Batches are tasks as in the flow `ingest`; publishing is the task of the flow `publish`.
"""

from prefect import flow

from flows.ingest import RUNNER, map_in_tasks
from flows.reverify import mail_failure
from flows.steps import second_reading as steps
from flows.steps.settings import load_settings
from review.run_report import in_words


@flow(
    name="second-reading",
    task_runner=RUNNER,  # type: ignore[arg-type]  # Prefect binds it too narrowly
    on_failure=[mail_failure],
    on_crashed=[mail_failure],
)
def second_reading(database: str | None = None, at_most: int = steps.AT_MOST) -> str:
    """Read again what was read once, `at_most` documents, and publish; says what came of it."""
    settings = load_settings(database=database)
    requests = steps.find_unconfirmed(settings, at_most)
    if not requests:
        return "every table without sums was read twice"
    return in_words(steps.read_again(settings, requests, map_in_tasks))
