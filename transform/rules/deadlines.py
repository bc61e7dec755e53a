"""Until when a report must be published, by the level of the agency and the year reported on:
`data/deadlines.yaml`.

`load_deadlines()` gives rows (first_year, last_year, level, month, day); level `*` is everyone.
ConfigError, with file and line, if the file is at fault. Out of scope: which level an agency has
(`names.level_of`), and judging a report (`rules/structure.sql`).
"""

from functools import lru_cache
from importlib.resources import files
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from data import validate


class Deadline(NamedTuple):
    """The last day, in the year after the one reported on, for reports on `first_year` to
    `last_year` of agencies of `level`.
    """

    first_year: int
    last_year: int
    level: str
    month: int
    day: int


class DeadlineEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    first_year: int
    last_year: int | None
    levels: list[str]
    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]
    law: str


class DeadlinesFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    deadlines: list[DeadlineEntry]


@lru_cache(maxsize=1)
def load_deadlines() -> tuple[Deadline, ...]:
    """All deadlines, one row a level; an open end is the year 9999."""
    entries = validate(files("data") / "deadlines.yaml", DeadlinesFile).deadlines
    return tuple(
        Deadline(e.first_year, e.last_year or 9999, level, e.month, e.day)
        for e in entries
        for level in e.levels
    )
