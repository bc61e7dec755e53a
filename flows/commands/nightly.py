"""`nianbao nightly`: crawl, read what is new, check and publish, without Prefect."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.exit_status import ATTENTION, DONE
from flows.commands.options import (
    AgencyOption,
    DatabaseOption,
    FetchAgainOption,
    SourceOption,
    YearOption,
)
from flows.commands.output import print_text


def nightly(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Files and folders with reports beside the vault; by default the input folder."
        ),
    ] = None,
    database: DatabaseOption = None,
    source: SourceOption = None,
    agency: AgencyOption = None,
    year: YearOption = None,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Drop files given by hand that are no longer in the input."),
    ] = False,
    force: FetchAgainOption = False,
) -> int:
    """Crawl, read what is new, check and publish: one night, without Prefect."""
    from flows.commands.progress import on_terminal
    from flows.steps.crawl import Wanted
    from flows.steps.nightly_run import run_night
    from flows.steps.settings import load_settings
    from review.crawl_report import in_words as crawl_in_words
    from review.run_report import in_words

    wanted = Wanted(tuple(source or ()), tuple(agency or ()), tuple(year or ()))
    with on_terminal() as progress:
        settings = load_settings(database=database)
        done, summary = run_night(
            settings,
            wanted,
            paths or [],
            prune=prune,
            force=force,
            report_done=lambda one: print_text(crawl_in_words([one])),
            progress=progress,
        )
    if not done:
        print_text(crawl_in_words(done))
    print_text(in_words(summary))
    return DONE if all(one.good for one in done) else ATTENTION
