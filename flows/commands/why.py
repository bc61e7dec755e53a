"""`nianbao why`: where one cell stands, how it was read, and how its rules come out."""

from typing import Annotated

import typer

from flows.commands.exit_status import DONE
from flows.commands.options import DatabaseOption, LanguageOption, language_of
from flows.commands.output import print_text


def why(
    report: Annotated[
        str,
        typer.Argument(help="report_id, file name, or agency and year such as 上饶市民政局-2019."),
    ],
    table: Annotated[str, typer.Argument(help="table_id, such as requests.")],
    row: Annotated[str, typer.Argument(help="row_id, such as new.")],
    col: Annotated[str, typer.Argument(help="col_id, such as total.")],
    database: DatabaseOption = None,
    lang: LanguageOption = None,
) -> int:
    """Tell one cell's story: what is printed where, how it was read, and how every rule that it
    stands in comes out.
    """
    from flows.steps.settings import load_settings
    from review.why import tell

    settings = load_settings(database=database)
    print_text(tell(settings.database, report, table, row, col, language_of(lang)))
    return DONE
