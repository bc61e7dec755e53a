"""Options that several commands share, and the language in which they answer."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Language(StrEnum):
    """Languages of what is said about a report."""

    ZH = "zh"
    EN = "en"


DatabaseOption = Annotated[
    Path | None,
    typer.Option(help="The warehouse. Default: NIANBAO_DATABASE or data/out/nianbao.duckdb."),
]
LanguageOption = Annotated[
    Language | None, typer.Option("--lang", help="By default the language of the terminal.")
]
SourceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        help="An entry of the registry; several are possible. Default: all marked as tested.",
    ),
]
AgencyOption = Annotated[
    list[str] | None, typer.Option("--agency", help="Only this agency; several are possible.")
]
YearOption = Annotated[
    list[int] | None,
    typer.Option("--year", help="Only reports on this year; several are possible."),
]
StrictOption = Annotated[
    bool,
    typer.Option("--strict", help="Where a person must look, end with status 2 in place of 4."),
]
FetchAgainOption = Annotated[
    bool, typer.Option("--force", help="Fetch again what has not changed.")
]


def language_of(chosen: Language | None) -> str:
    """The language that was chosen, or else that of the terminal."""
    if chosen is not None:
        return chosen
    locale = (
        os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    )
    return Language.ZH if locale.startswith("zh") else Language.EN
