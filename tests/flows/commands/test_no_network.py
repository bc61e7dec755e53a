"""All commands but those that fetch work where no socket can be opened: the kernel refuses it to
them and to all that they start.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from extract.sandbox import seccomp
from tests.conftest import CHECKOUT
from tests.flows.command import SAMPLES, environment

pytestmark = pytest.mark.skipif(
    not seccomp.is_offered(), reason="this system has no filters of system calls"
)
WITHOUT_NETWORK: Final = """
import ctypes, runpy, socket
from extract.sandbox import seccomp
assert ctypes.CDLL(None).prctl(38, 1, 0, 0, 0) == 0 and seccomp.forbid([seccomp.NO_NETWORK])
for family in (socket.AF_INET, socket.AF_INET6):
    try:
        socket.socket(family)
    except PermissionError:
        continue
    raise SystemExit("a socket could be opened")
runpy.run_module("flows.commands.cli", run_name="__main__")
"""


def nianbao(home: Path, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_NETWORK, *map(str, arguments)],
        cwd=CHECKOUT,
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_everything_but_fetching(tmp_path: Path) -> None:
    """The .doc is converted by LibreOffice, where it is installed."""
    given = tmp_path / "given"
    given.mkdir()
    for name in ("2019-doc.doc", "2021-pdf-line.pdf", "2021-docx-clean.docx"):
        shutil.copy(SAMPLES / name, given)
    run = nianbao(tmp_path, "run", given)
    assert run.returncode == 0 and "documents: 3 extracted" in run.stdout, run.stderr
    database = tmp_path / "w.duckdb"
    draft = given / "2021-docx-clean.docx"
    for arguments in (
        ("why", draft.name, "requests", "result_total", "total"),
        ("diff", database, database),
        ("export", tmp_path / "cells.csv", "--view", "cells"),
        ("export", tmp_path / "all.xlsx"),
        ("release", tmp_path / "releases"),
        ("dictionary",),
    ):
        done = nianbao(tmp_path, *arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    assert nianbao(tmp_path, "check", draft).returncode in (0, 1)
