"""`nianbao release`: a dated folder of the warehouse for others, in every usual format."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.exit_status import DONE
from flows.commands.options import DatabaseOption
from flows.commands.output import print_text


def release(
    folder: Annotated[Path, typer.Argument(help="The folder that holds the releases.")],
    database: DatabaseOption = None,
) -> int:
    """Write DuckDB, Parquet, CSV, a workbook, the dictionary, checksums and what has changed since
    the release before into a new folder with a date, which is never changed again.
    """
    from flows.steps.settings import load_settings
    from load.release import release as make_release
    from review.diff_text import diff_in_words

    made = make_release(
        load_settings(database=database).database,
        folder,
        lambda difference, names: diff_in_words(difference, "en", names),
    )
    if made.is_new:
        print_text(f"{made.folder}: released")
    else:
        print_text(f"{made.folder}: no row has changed since this release; none was made")
    return DONE
