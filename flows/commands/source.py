"""`nianbao source test`: try one entry of the registry of sources."""

from typing import Annotated, Final

import typer

from flows.commands.exit_status import DONE, FAILED
from flows.commands.output import print_text

app: Final = typer.Typer(no_args_is_help=True, help="The registry of sources.")


@app.command("test")
def try_source(
    source_id: Annotated[
        str, typer.Argument(metavar="ID", help="id of an entry in data/sources/.")
    ],
) -> int:
    """Walk the lists of one entry and show what a crawl would take.

    Fetches no report, keeps nothing.
    """
    from flows.steps.crawl import Wanted, chosen, trial
    from flows.steps.settings import load_settings
    from review.crawl_report import trial_in_words

    settings = load_settings()
    wanted = Wanted((source_id,))
    (source,) = chosen(settings, wanted)
    listings, misses = trial(settings, source, wanted)
    print_text(trial_in_words(source, listings, misses))
    return (
        DONE if sum(len(one.items) for one in listings) >= max(1, source.minimum or 0) else FAILED
    )
