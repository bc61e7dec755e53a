"""`agency.yaml` beside files given by hand: whose reports they are, where their own words are
silent.

    agency: 平潭综合实验区财政金融局   # the full name
    place: 上饶市                     # what 市民政局 or 石塘镇 stands behind
    year: 2022                        # of files that name none

Each key may be left out. What a report says of itself counts first. The file speaks for its own
folder and not for those below. `read_agency_file(folder)` gives what it says, nothing where there
is none; ConfigError names file and line of a fault.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from data import validate
from flows.steps.request import AGENCY_FILE


class AgencyFile(BaseModel):
    """What the file says."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    agency: str = ""
    place: str = ""
    year: int | None = None


def read_agency_file(folder: Path) -> AgencyFile:
    """What `agency.yaml` in `folder` says."""
    path = folder / AGENCY_FILE
    return validate(path, AgencyFile) if path.is_file() else AgencyFile()
