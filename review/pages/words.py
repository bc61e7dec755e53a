"""The words of the pages: `say(name, lang, …)` gives an entry in Chinese or English.

`page.*` are those of `data/pages.yaml`; what the command line says too is that of
`review.messages`. An entry without one of the languages, or with other placeholders in one of them,
is refused (`ConfigError`).
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Final

from pydantic import BaseModel, ConfigDict, RootModel

from data import ConfigError, read, validate_file
from extract.document import Reason
from review import messages

_SHARED: Final[Mapping[str, Mapping[str, str]]] = {
    "report.year": messages.YEAR,
    "report.no_year": messages.NO_YEAR,
    "report.not_in_full": messages.NOT_IN_FULL,
    "report.unknown_agency": messages.UNKNOWN_AGENCY,
    "suspect.and": messages.AND,
    "suspect.further_cells": messages.FURTHER_CELLS,
    **{f"kind.{kind}": both for kind, both in messages.KINDS.items()},
    **{f"state.{state}": both for state, both in messages.STATES.items()},
    **{f"reason.{Reason(reason)}": both for reason, both in messages.REASONS.items()},
}


class PageWording(BaseModel):
    """One entry."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    zh: str
    en: str


class PagesFile(RootModel[dict[str, dict[str, PageWording]]]):
    """The file: section, key, entry."""


def say(name: str, lang: str, /, **values: object) -> str:
    """The entry's words in the language, with `values` for its placeholders."""
    return words()[name][lang].format(**values)


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """All entries by name, read once and kept."""
    file = read(files("data") / "pages.yaml")
    found: dict[str, Mapping[str, str]] = dict(_SHARED)
    for section, entries in validate_file(file, PagesFile).root.items():
        for key, wording in entries.items():
            if _placeholders(wording.zh) != _placeholders(wording.en):
                raise ConfigError(
                    f"{file.at((section, key))}: {section}.{key}: the placeholders differ: "
                    "name the same in both languages"
                )
            found[f"{section}.{key}"] = {"zh": wording.zh, "en": wording.en}
    return found


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
