"""What the pages are given: the functions that they call, where things lie, and who may ask.

`Site` is filled by the command `nianbao serve`; a function that is None is one that is not offered,
and its button is not shown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from extract.limits import MIB
from review.judged import Judged

DRAFTS: Final = 500  # drafts in one upload
UPLOAD_BYTES: Final = 300 * MIB  # one upload, all drafts together
HELD_BYTES: Final = 1024 * MIB  # drafts of all visitors that are held in memory
HELD_SECONDS: Final = 30 * 60  # how long a verdict can be looked at again


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that somebody sent: it is in memory and nowhere else."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ShownSource:
    """A document as it was read, to be shown beside the form: blocks of prose and tables, and the
    sizes of its pages in points where it has pages. `problem` is a key of the messages that says
    why it cannot be shown.
    """

    blocks: Sequence[Mapping[str, object]] = ()
    pages: Sequence[tuple[float, float]] = ()
    problem: str = ""


Check = Callable[[Draft, Sequence[Draft]], Judged]
Annotate = Callable[[Draft, Judged, str], Draft]
ShowSource = Callable[[Path, str], ShownSource]
PageImage = Callable[[Path, int], bytes]


@dataclass(frozen=True)
class Site:
    """Everything the pages need. Without `database` they only check drafts. `at_once` is how many
    drafts are read at the same time; `allowed_hosts` are names under which the server may be asked
    beside those of this machine.
    """

    check: Check
    database: Path | None = None
    vault: Path | None = None
    corrections: Path | None = None
    annotate: Annotate | None = None
    show_source: ShowSource | None = None
    page_image: PageImage | None = None
    allowed_hosts: tuple[str, ...] = ()
    at_once: int = 2
    takes_previous: bool = False
    upload_bytes: int = UPLOAD_BYTES
    languages: tuple[str, ...] = field(default=("zh", "en"))
