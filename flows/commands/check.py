"""`nianbao check`: judge one draft. Stores nothing."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.exit_status import DONE, FAILED, FINDINGS
from flows.commands.options import LanguageOption, language_of
from flows.commands.output import print_text


def check(
    file: Annotated[Path, typer.Argument(help="One report, in any format that `run` reads.")],
    json: Annotated[
        bool, typer.Option("--json", help="Everything as JSON, for a program.")
    ] = False,
    lang: LanguageOption = None,
) -> int:
    """Judge one document. Stores nothing."""
    from flows.steps.check import judge
    from review.judged import as_json

    judged = judge(file)
    if json:
        print_text(as_json(judged))
    else:
        from review.check_text import as_text

        print_text(as_text(judged, language_of(lang)))
    if judged.reading.report is None:
        return FAILED
    return FINDINGS if judged.errors else DONE
