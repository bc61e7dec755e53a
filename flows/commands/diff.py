"""`nianbao diff`: what differs between two warehouses."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.exit_status import DONE
from flows.commands.options import LanguageOption, language_of
from flows.commands.output import print_text


def diff(
    old: Annotated[Path, typer.Argument(help="The earlier warehouse, or a release of one.")],
    new: Annotated[Path, typer.Argument(help="The later warehouse, or a release of one.")],
    as_json: Annotated[bool, typer.Option("--json", help="All of it, for programs.")] = False,
    lang: LanguageOption = None,
) -> int:
    """Tell which reports came, went or were restated between two warehouses, which cells differ,
    and which findings are new, fixed or still there.
    """
    from load.diff import compare
    from load.release import warehouse_of
    from review.diff_text import diff_as_json, diff_in_words

    difference = compare(warehouse_of(old), warehouse_of(new))
    print_text(
        diff_as_json(difference) if as_json else diff_in_words(difference, language_of(lang))
    )
    return DONE
