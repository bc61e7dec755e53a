"""Files as LibreOffice saves them in its other formats; without it such a test is skipped."""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

from extract.word.convert import INSTALL, find_office

FILTERS: Final = {
    "doc": "doc:MS Word 97",
    "rtf": "rtf:Rich Text Format",
    "odt": "odt:writer8",
    "pdf": "pdf:writer_pdf_Export",
}


def office_or_skip() -> str:
    """The program; a test that asks for it is skipped where it is not installed."""
    program = find_office()
    if program is None:
        pytest.skip(f"LibreOffice is not installed; {INSTALL}")
    return program


def save_as(kind: str, sources: Iterable[Path], folder: Path, office: str) -> dict[str, Path]:
    """The files by name without suffix, saved by the program `office` in `folder` as `kind`, one of
    FILTERS; all of them by one process, which needs a second or two to start.
    """
    profile = folder / "profile"
    arguments = [office, f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    arguments += ["--convert-to", FILTERS[kind], "--outdir", str(folder / kind)]
    paths = list(sources)
    subprocess.run([*arguments, *map(str, paths)], check=True, capture_output=True, timeout=300)
    return {path.stem: folder / kind / f"{path.stem}.{kind}" for path in paths}
