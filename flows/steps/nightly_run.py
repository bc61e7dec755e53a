"""One night without Prefect: crawl, then ingest what the vault and the input folder hold, then
publish. See `flows.nightly` for the flow.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from extract.crawl.outcome import SourceDone
from flows.steps.crawl import Wanted, crawl
from flows.steps.pipeline import Progress, check_configuration, ingest
from flows.steps.settings import Settings
from flows.steps.vault_input import night_of
from review.run_report import Summary


def night(
    settings: Settings,
    wanted: Wanted,
    paths: Sequence[Path] = (),
    *,
    prune: bool = False,
    force: bool = False,
    told: Callable[[SourceDone], None] = lambda one: None,
    progress: Progress = lambda done, all_: None,
) -> tuple[tuple[SourceDone, ...], Summary]:
    """What was crawled, and what became of the warehouse. `told` hears of each source as it ends."""
    check_configuration(settings)  # before anything is fetched
    done = crawl(settings, wanted, told, force=force)
    return done, ingest(
        settings,
        paths,
        night=night_of(settings, wanted, done),
        prune=prune,
        force=force,
        progress=progress,
    )
