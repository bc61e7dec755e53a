"""`nianbao template`: the blank official form to fill in."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.exit_status import DONE
from flows.commands.output import print_text, write_new_file
from load.errors import NoInput


def template(
    edition: Annotated[
        str, typer.Argument(help="An edition of the form, such as 2021, or a year reported on.")
    ],
    workbook: Annotated[
        bool,
        typer.Option(
            "--xlsx/--docx",
            help="A workbook whose totals add themselves up, or a Word document.",
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The file to write; it replaces nothing. Default: template-EDITION.docx or .xlsx.",
        ),
    ] = None,
) -> int:
    """Write the blank official form, with the labels of the notice and nothing filled in."""
    from review.template.word import word_form
    from review.template.workbook import workbook_form
    from transform.form.forms import load_forms
    from transform.rules.load import load_rules

    forms = load_forms()
    found = forms.editions.get(edition)
    if found is None and edition.isdigit():
        years = (e for e in forms.editions.values() if e.covers(int(edition)))
        found = next((e for e in years if e.prescribed_from is not None), None)
    if found is None:
        raise NoInput(
            f"{edition}: no such edition of the form: name one of {', '.join(forms.editions)}"
        )
    suffix = "xlsx" if workbook else "docx"
    output = output or Path(f"template-{found.edition_id}.{suffix}")
    data = workbook_form(found, forms, load_rules(forms)) if workbook else word_form(found)
    write_new_file(output, data)
    print_text(str(output))
    return DONE
