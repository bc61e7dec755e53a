"""`nianbao form draft YEAR`: a draft of the file of a new edition of the form."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.exit_status import DONE
from flows.commands.options import DatabaseOption
from flows.commands.output import print_text, write_new_file

app = typer.Typer(help="Editions of the form.", rich_markup_mode=None)


@app.callback()
def form() -> None:
    """Editions of the form (`data/forms/`)."""


@app.command()
def draft(
    year: Annotated[int, typer.Argument(help="The year that the reports are on.")],
    output: Annotated[
        Path | None,
        typer.Option(help="Where to write the draft; it replaces nothing. Default: it is printed."),
    ] = None,
    database: DatabaseOption = None,
) -> int:
    """Write a draft of `data/forms/YEAR.yaml` from the rows and columns that the reports of that
    year print and no known edition has.
    """
    from flows.steps.settings import load_settings
    from load.database import connect
    from load.errors import NoInput
    from load.printed_forms import read_printed_forms
    from transform.form.draft import draft_form
    from transform.form.forms import load_forms

    with connect(load_settings(database=database).database) as con:
        reports = read_printed_forms(con, year)
    if not reports:
        raise NoInput(f"no report on {year} with a table of the form: read some first")
    text = draft_form(load_forms(), year, reports)
    if output is None:
        print_text(text.rstrip("\n"))
        return DONE
    write_new_file(output, text.encode())
    print_text(f"{output}: a draft from {len(reports)} reports on {year}")
    return DONE
