"""`nianbao letter`: a draft of a letter that asks an agency to check its figures."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.exit_status import DONE
from flows.commands.options import DatabaseOption, Language
from flows.commands.output import print_text, write_new_file


def letter(
    agency: Annotated[str, typer.Argument(help="The agency: its agency_id or its printed name.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The docx to write; it replaces nothing."),
    ],
    database: DatabaseOption = None,
    lang: Annotated[Language, typer.Option("--lang", help="The letter's language.")] = Language.ZH,
) -> int:
    """Write a draft of a letter (docx) about what does not add up in an agency's reports.

    Only what two readers read alike is named, with the printed figures and their places. Nothing is
    sent.
    """
    from flows.steps.settings import load_settings
    from review.letter import draft_letter

    database = load_settings(database=database).database
    write_new_file(output, draft_letter(database, agency, lang))
    print_text(str(output))
    return DONE
