"""Versions of the code and data that results depend on, so that what they decided is made again when they change.

`reading_version` covers what turns bytes into cells (extract, transform, forms); `run_version` adds what judges them (rules).
Both are the program's version and a hash over the files' bytes: nobody has to remember to raise a number.
"""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

VERSION: Final = "0.1.0"
_JUDGING: Final = frozenset({"check.py", "check.sql", "rules.py"})  # of transform
_DATA: Final = ("forms", "rules")


@lru_cache(maxsize=1)
def reading_version() -> str:
    """Changes when a document may read differently."""
    data = files("data")
    sources = [*_below(files("extract")), *(p for p in _below(files("transform")) if p.name not in _JUDGING), *_below(data / "forms")]
    sources += [p for p in data.iterdir() if p.is_file()]
    return f"{VERSION}+{_digest(sources)}"


@lru_cache(maxsize=1)
def run_version() -> str:
    """Changes when a document may read differently or be judged differently."""
    judging = [p for p in _below(files("transform")) if p.name in _JUDGING]
    return f"{reading_version()}.{_digest([*judging, *_below(files('data') / 'rules')])}"


def _below(folder: Traversable) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _below(entry)
        elif entry.name.endswith((".py", ".sql", ".yaml")):
            yield entry


def _digest(sources: list[Traversable]) -> str:
    digest = hashlib.sha256()
    for path in sorted(sources, key=str):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
