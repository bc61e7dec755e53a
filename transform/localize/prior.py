"""How usual a filled cell is for an agency of a given size: the prior that ranks explanations which
the sums cannot tell apart.

`load_prior()` reads data/prior.yaml into a `Prior`; `chances(keys, values, blank)` gives for each
cell (cost of being 0, cost of being filled), both as -log of a chance. A count is expected at size
× share of its row × share of its column, and agencies vary around that (a negative binomial). Cells
that the file does not name have no prior.

Out of scope: the values themselves; a usual value is no evidence for a number.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from statistics import median
from typing import Final

from pydantic import BaseModel, ConfigDict

from data import validate
from transform.localize.equations import CellKey

# no cell is so unlikely to be filled or empty that one report could not be otherwise
FLOOR: Final = 1e-4


class PriorTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    size: list[str]
    variation: float
    rows: dict[str, float]
    columns: dict[str, float]


class PriorFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    tables: dict[str, PriorTable]


@dataclass(frozen=True, eq=False, slots=True)
class Prior:
    """Shares by table.

    `size` of a table are the cells (row|column) any of which tells how large the agency's numbers
    are.
    """

    tables: dict[str, PriorTable]

    def chances(
        self, keys: Sequence[CellKey], values: Sequence[float], blank: Sequence[bool]
    ) -> list[tuple[float, float] | None] | None:
        """For each cell -log of the chance that it is 0 and -log of the chance that it is not; None
        where nothing is known.
        """
        table = self.tables.get(keys[0][0]) if keys else None
        if table is None:
            return None
        size = _size(table, keys, values, blank)
        return [_chance(table, row, col, size) for _, row, col in keys]


def _size(
    table: PriorTable, keys: Sequence[CellKey], values: Sequence[float], blank: Sequence[bool]
) -> float:
    """The size that the table itself tells: the middle one of several totals, so that one wrong
    total does not decide.
    """
    known = {
        f"{row}|{col}": value
        for (_, row, col), value, gap in zip(keys, values, blank, strict=True)
        if not gap
    }
    sizes = [
        sum(known[part] for part in cell.split("+") if part in known)
        for cell in table.size
        if any(part in known for part in cell.split("+"))
    ]
    return max(0.0, float(median(sizes))) if sizes else 0.0


def _chance(table: PriorTable, row: str, col: str, size: float) -> tuple[float, float] | None:
    if row not in table.rows or col not in table.columns:
        return None
    mean = size * table.rows[row] * table.columns[col]
    empty = (1 + mean / table.variation) ** -table.variation
    empty = min(1 - FLOOR, max(FLOOR, empty))
    return -math.log(empty), -math.log1p(-empty)


@lru_cache(maxsize=1)
def load_prior() -> Prior:
    """The prior of data/prior.yaml, read once. ConfigError names file and line of a fault."""
    return Prior(validate(files("data") / "prior.yaml", PriorFile).tables)
