"""What people decide in the pages, written to the folder of corrections: a file to be reviewed and
committed like any other, which the next run honours (docs/corrections.md).

`DecisionsFile.add` writes one entry to `pages.yaml` of that folder. The whole folder, with the new
entry, is checked by the rules of a run before the file is replaced, so that no page can write what
a run would refuse. Of two people who decide on one finding or cell the second is told what the
first has said.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from data import ConfigError, load
from extract.sync_folder import sync_folder
from transform.form.forms import load_forms
from transform.rules.corrections import CellCorrection, Corrections, Decision, load_corrections

FILE: Final = "pages.yaml"
_SECTIONS: Final = ("misreadings", "misprints", "findings")
_HEAD: Final = (
    "# Decided in the pages (`nianbao serve`); see docs/corrections.md. "
    "Review and commit it like any other file.\n"
)

Entry = Mapping[str, str]


class AlreadyDecidedError(Exception):
    """Somebody else was first; `earlier` is what stands there."""

    def __init__(self, earlier: Decision | CellCorrection) -> None:
        super().__init__(earlier.at)
        self.earlier = earlier


class RefusedEntryError(Exception):
    """A run would refuse the entry; the text says why."""


@dataclass(frozen=True)
class DecisionsFile:
    """The folder of corrections."""

    folder: Path

    def read(self) -> Corrections:
        """All entries of the folder; none where there is no folder yet."""
        if not self.folder.is_dir():
            return Corrections()
        return load_corrections(load_forms(), self.folder)

    def add(self, section: str, entry: Entry) -> None:
        """Write one entry. Raises AlreadyDecidedError, RefusedEntryError, and ConfigError for a
        folder that a run would refuse already.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked():
            earlier = _earlier(self.read(), section, entry)
            if earlier is not None:
                raise AlreadyDecidedError(earlier)
            path = self.folder / FILE
            held: dict[str, Any] = load(path) if path.exists() else {}
            lists = {name: [*held.get(name, [])] for name in _SECTIONS}
            lists[section].append(dict(entry))
            text = _written(lists)
            self._check(text)
            _replace(path, text)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, of whatever process."""
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _check(self, text: str) -> None:
        with tempfile.TemporaryDirectory(prefix="nianbao-corrections-") as name:
            trial = Path(name)
            for path in self.folder.glob("*.yaml"):
                shutil.copy(path, trial)
            (trial / FILE).write_text(text, encoding="utf-8")
            try:
                load_corrections(load_forms(), trial)
            except ConfigError as error:
                raise RefusedEntryError(str(error).replace(f"{trial}/", "")) from error


def _earlier(
    corrections: Corrections, section: str, entry: Entry
) -> Decision | CellCorrection | None:
    if section == "findings":
        return next((d for d in corrections.decisions if d.finding_id == entry["finding"]), None)
    cell = (entry["report"], entry["table"], entry["row"], entry["col"])
    return next(
        (c for c in corrections.cells if (c.report_id, c.table_id, c.row_id, c.col_id) == cell),
        None,
    )


def _written(lists: Mapping[str, list[dict[str, str]]]) -> str:
    """One line an entry, every text in quotes: JSON, which is YAML, keeps it on its line."""
    parts = [_HEAD]
    for section in _SECTIONS:
        entries = lists[section]
        parts.append(f"{section}:\n" if entries else f"{section}: []\n")
        for entry in entries:
            pairs = ", ".join(f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in entry.items())
            parts.append(f"  - {{{pairs}}}\n")
    text = "".join(parts)
    if yaml.safe_load(text) != lists:
        raise RefusedEntryError("the entry holds a character that YAML cannot")
    return text


def _replace(path: Path, text: str) -> None:
    new = path.with_suffix(".yaml.new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    sync_folder(path.parent)
