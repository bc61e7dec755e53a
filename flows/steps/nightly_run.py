"""One night without Prefect: crawl, then ingest what the vault and the input folder hold, then
publish. See `flows/nightly.py` for the flow.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from extract.crawl.outcome import SourceDone
from flows.steps.crawl import Wanted, crawl
from flows.steps.pipeline import Progress, check_configuration, ingest
from flows.steps.pruning import Agree
from flows.steps.settings import Settings
from flows.steps.vault_input import fetched_input
from review.run_report import Summary


def run_night(
    settings: Settings,
    wanted: Wanted,
    paths: Sequence[Path] = (),
    *,
    prune: Agree | None = None,
    force: bool = False,
    report_done: Callable[[SourceDone], None] = lambda one: None,
    progress: Progress = lambda done, all_: None,
) -> tuple[tuple[SourceDone, ...], Summary]:
    """What was crawled, and what became of the warehouse.

    `report_done` is called with each source as it ends.
    """
    check_configuration(settings)  # before anything is fetched
    done = crawl(settings, wanted, report_done, force=force)
    return done, ingest(
        settings,
        paths,
        fetched=fetched_input(settings, wanted),
        prune=prune,
        force=force,
        progress=progress,
    )
