"""`nianbao crawl`: fetch what the sources list into the vault."""

from typing import Annotated

import typer

from flows.commands.exit_status import DONE, after_work
from flows.commands.options import (
    AgencyOption,
    FetchAgainOption,
    SourceOption,
    StrictOption,
    YearOption,
)
from flows.commands.output import print_text


def crawl(
    source: SourceOption = None,
    agency: AgencyOption = None,
    year: YearOption = None,
    force: FetchAgainOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what the lists hold; fetch no report.")
    ] = False,
    strict: StrictOption = False,
) -> int:
    """Fetch what the sources list into the vault."""
    from flows.steps import crawl as crawling
    from flows.steps.settings import load_settings
    from review.crawl_report import in_words, trial_in_words

    settings = load_settings()
    wanted = crawling.Wanted(tuple(source or ()), tuple(agency or ()), tuple(year or ()))
    if dry_run:
        chosen = crawling.chosen(settings, wanted)
        for one in chosen:
            print_text(trial_in_words(one, *crawling.trial(settings, one, wanted)))
        if not chosen:
            print_text(in_words(()))
        return DONE
    done = crawling.crawl(settings, wanted, lambda one: print_text(in_words([one])), force=force)
    if not done:
        print_text(in_words(done))
    return after_work(not all(one.good for one in done), strict or settings.strict)
