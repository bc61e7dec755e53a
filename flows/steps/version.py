"""Versions of the code and data that results depend on, so that what they decided is made again
when they change, and nothing else is.

Each format has a version of its own (`FormatVersion`): its reader with all that it imports (the
layout of pages for PDF, the model for scans), what aligns, identifies and tidies, the forms, and
the libraries that are installed. The crosscheck has another: the second reader and the sums, since
these decide which tables are read again; a document that no second reader has looked at does not
depend on that reader. Judging has its own (`judging_version`).

All are hashes over syntax trees and parsed data (`flows.steps.source_digest`): nobody has to
remember to raise a number, and a changed comment changes nothing. No reader is imported for them.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from flows.steps.request import UNKNOWN_FORMAT
from flows.steps.source_digest import (
    SourceSet,
    arithmetic_digest,
    collect,
    combined_digest,
    module_digest,
    registered_modules,
    save_cache,
    syntax_digest,
)

VERSION: Final = "0.1.0"

_ROOT: Final = Path(__file__).resolve().parents[2]
_READING: Final = "flows.steps.read"
# not part of what a reader makes of a document: who asks, and what is chosen by the format
_APART: Final = frozenset(
    {
        "extract.registry",
        "extract.word.convert",
        "transform.crosscheck",
        "flows.steps.request",
        "flows.steps.answer",
    }
)
_DOCX: Final = "extract.word.docx"
_ANY_READER: Final = "extract.attached.files"  # asks the registry for readers of what it finds
_CROSSCHECK: Final = "transform.crosscheck"
_JUDGING: Final = (
    "transform.rules.evaluate",
    "transform.rules.corrections",
    "transform.localize.diagnose",
)
_OFFICE: Final = "LibreOffice"
# what a module uses without importing it
_USED_BY: Final = {
    "extract.scan.ocr_model": ("rapidocr",),
    "extract.word.convert": ("msdoc2docx", _OFFICE),
}
# packages whose distribution has another name than the module
_DISTRIBUTIONS: Final = {
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "docx": "python-docx",
    "python_calamine": "python-calamine",
    "yaml": "pyyaml",
}


class FormatVersion(NamedTuple):
    """What stands in `outcomes.reader_version` of a document of one format."""

    read: str  # no table of it had to be read a second time
    crosschecked: str  # one had
    uncovered_too: str  # all had that a sum does not hold for, and all that no sum covers


@cache
def format_versions(root: Path = _ROOT) -> Mapping[str, FormatVersion]:
    """The version of each format that has a reader, and of UNKNOWN_FORMAT."""
    readers, second = registered_modules(root / "extract" / "registry.py")
    choice = _digest(root, collect(root, [_CROSSCHECK]))
    # a format that no reader knows is told again when detection changes, or a reader is added
    detection = [_digest(root, collect(root, ["extract.detect"])), *sorted(readers)]
    versions = {UNKNOWN_FORMAT: _format_version(UNKNOWN_FORMAT, combined_digest(detection), "", "")}
    for name, module in readers.items():
        sources = collect(root, [_READING, module], _APART)
        if _ANY_READER in sources.modules:
            sources = collect(root, [_READING, *readers.values()], _APART)
        reading = _digest(root, sources)
        # what is read from a docx made of it is read a second time from there
        other = second.get(name) or (second["docx"] if _DOCX in sources.modules else None)
        again = _digest(root, collect(root, [other])) if other else ""
        versions[name] = _format_version(name, reading, choice, again)
    save_cache()
    return versions


def accepted_versions() -> frozenset[str]:
    """All values of `outcomes.reader_version` that need no further reading."""
    return frozenset(text for version in format_versions().values() for text in version)


@cache
def judging_version(root: Path = _ROOT) -> str:
    """Changes when a document may be judged differently."""
    sources = collect(root, _JUDGING)
    queries = syntax_digest(root / "transform" / "rules")
    rules = syntax_digest(root / "data" / "rules")
    version = f"{VERSION}+{combined_digest([_digest(root, sources), queries, rules])}"
    save_cache()
    return version


def _format_version(name: str, reading: str, choice: str, second: str) -> FormatVersion:
    read = f"{name}.{reading}.{choice}"
    return FormatVersion(read, f"{read}.{second}", f"{read}.{second}.uncovered")


@cache
def _digest(root: Path, sources: SourceSet) -> str:
    libraries = set(sources.libraries)
    for module in sources.modules & _USED_BY.keys():
        libraries.update(_USED_BY[module])
    return combined_digest(
        [
            *(f"{name} {module_digest(root, name)}" for name in sorted(sources.modules)),
            *(f"{name} {_data_digest(root / 'data' / name)}" for name in sorted(sources.data)),
            *(f"{name} {_library_version(name)}" for name in sorted(libraries)),
        ]
    )


def _data_digest(path: Path) -> str:
    """Of the rules only the sums decide how a document is read."""
    return arithmetic_digest(path) if path.name == "rules" else syntax_digest(path)


def _library_version(name: str) -> str:
    """The version that is installed, empty where none is."""
    if name == _OFFICE:
        return _office_version()
    distribution = _DISTRIBUTIONS.get(name, name).replace("-", "_").lower()
    return _installed().get(distribution, "")


@cache
def _installed() -> dict[str, str]:
    """Version by name of all that is installed, from the names of the folders that pip leaves:
    `importlib.metadata` would parse a file for each.
    """
    found: dict[str, str] = {}
    for folder in reversed(sys.path):
        if os.path.isdir(folder):
            for entry in os.listdir(folder):
                stem, dot, _ = entry.partition(".dist-info")
                name, _, version = stem.partition("-")
                if dot:
                    found[name.lower()] = version
    return found


@cache
def _office_version() -> str:
    """A hash of the file in which LibreOffice keeps its version; starting it would take long."""
    program = next(filter(None, map(shutil.which, ("soffice", "libreoffice"))), None)
    if program is None:
        return ""
    place = Path(program).resolve()
    stated = place.with_name("versionrc")
    try:
        return combined_digest([stated.read_text(encoding="utf-8", errors="replace")])
    except OSError:  # installed otherwise: a new program is another file
        status = place.stat()
        return f"{status.st_size} {status.st_mtime_ns}"
