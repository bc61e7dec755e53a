"""Versions of the code and data that results depend on, so that what they decided is made again
when they change.

`reading_version` covers what turns bytes into cells (extract, transform, forms); `run_version` adds
what judges them (rules). Both are the program's version and a hash over the files' bytes: nobody
has to remember to raise a number.
"""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

VERSION: Final = "0.1.0"
_JUDGING: Final = ("rules", "localize")  # folders of transform
_JUDGING_DATA: Final = ("deadlines.yaml", "prior.yaml")


@lru_cache(maxsize=1)
def reading_version() -> str:
    """Changes when a document may read differently."""
    data = files("data")
    sources = [
        *_below(files("extract"), leave_out=("crawl",)),
        *_below(files("transform"), leave_out=_JUDGING),
        *_below(data / "forms"),
        *(p for p in data.iterdir() if p.is_file() and p.name not in _JUDGING_DATA),
    ]
    return f"{VERSION}+{_digest(sources)}"


@lru_cache(maxsize=1)
def run_version() -> str:
    """Changes when a document may read differently or be judged differently."""
    data = files("data")
    judging = [path for folder in _JUDGING for path in _below(files("transform") / folder)]
    judging += [*_below(data / "rules"), *(data / name for name in _JUDGING_DATA)]
    return f"{reading_version()}.{_digest(judging)}"


def _below(folder: Traversable, leave_out: tuple[str, ...] = ()) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name not in leave_out:
            yield from _below(entry)
        elif entry.name.endswith((".py", ".sql", ".yaml")):
            yield entry


def _digest(sources: list[Traversable]) -> str:
    digest = hashlib.sha256()
    for path in sorted(sources, key=str):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
