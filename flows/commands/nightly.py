"""`nianbao nightly`: crawl, read what is new, check and publish, without Prefect."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.agreement import PruneOption, YesOption, agreement
from flows.commands.exit_status import after_work
from flows.commands.options import (
    AgencyOption,
    DatabaseOption,
    FetchAgainOption,
    SourceOption,
    StrictOption,
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
    prune: PruneOption = False,
    yes: YesOption = False,
    force: FetchAgainOption = False,
    strict: StrictOption = False,
) -> int:
    """Crawl, read what is new, check and publish: one night, without Prefect."""
    from flows.commands.progress import on_terminal
    from flows.steps.attention import report_failure, report_night
    from flows.steps.crawl import Wanted
    from flows.steps.nightly_run import run_night
    from flows.steps.settings import load_settings
    from review.crawl_report import in_words as crawl_in_words
    from review.run_report import in_words

    wanted = Wanted(tuple(source or ()), tuple(agency or ()), tuple(year or ()))
    settings = load_settings(database=database)
    try:
        with on_terminal() as progress:
            done, summary = run_night(
                settings,
                wanted,
                paths or [],
                prune=agreement(prune, yes),
                force=force,
                report_done=lambda one: print_text(crawl_in_words([one])),
                progress=progress,
            )
    except Exception as error:  # whatever it is, who sleeps is told; it goes on as it came
        report_failure(settings, error)
        raise
    if not done:
        print_text(crawl_in_words(done))
    print_text(in_words(summary))
    look = report_night(settings, done, summary)
    for line in look:
        print_text(f"look: {line}")
    return after_work(bool(look), strict or settings.strict)
