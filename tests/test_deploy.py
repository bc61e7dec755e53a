"""What lies in deploy/: units that systemd takes, with little left open, and the night by cron."""

import os
import re
import subprocess
from pathlib import Path
from shutil import which
from typing import Final

import pytest

from flows.commands.exit_status import ATTENTION, TERMINATED
from tests.conftest import CHECKOUT

DEPLOY: Final = CHECKOUT / "deploy"
SERVICES: Final = sorted((DEPLOY / "systemd").glob("*.service"))
TIMERS: Final = sorted((DEPLOY / "systemd").glob("*.timer"))
EXPOSURE: Final = 3.0  # of 10, as systemd-analyze counts it
ANALYZE: Final = which("systemd-analyze")

needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_a_service_leaves_little_open(unit: Path) -> None:
    said = run("systemd-analyze", "security", "--offline=true", unit)
    found = re.search(r"exposure level for \S+: ([0-9.]+)", said.stdout)
    assert found is not None and float(found[1]) <= EXPOSURE, said.stdout + said.stderr


@needs_systemd
@pytest.mark.parametrize("unit", [*SERVICES, *TIMERS], ids=lambda path: path.name)
def test_systemd_takes_a_unit(unit: Path, tmp_path: Path) -> None:
    """With the command that this checkout has in place of the installed one."""
    for path in (*SERVICES, *TIMERS):
        text = path.read_text(encoding="utf-8")
        text = text.replace("/srv/nianbao/.venv/bin/nianbao", "/bin/true")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    said = run("systemd-analyze", "verify", "--recursive-errors=no", tmp_path / unit.name)
    assert said.returncode == 0 and not said.stderr, said.stderr


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_a_service_knows_the_exit_statuses(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    taken = {int(status) for status in re.findall(r"^SuccessExitStatus=(\d+)$", text, re.M)}
    assert taken == {ATTENTION, TERMINATED}
    assert (DEPLOY / "systemd" / f"{unit.stem}.timer") in TIMERS


@pytest.mark.parametrize("status", [0, 2, 4])
def test_a_night_by_cron_prints_only_what_a_person_must_read(tmp_path: Path, status: int) -> None:
    command = tmp_path / "nianbao"
    command.write_text(f"#!/bin/sh\necho said $*; echo wrong >&2; exit {status}\n")
    command.chmod(0o755)
    done = subprocess.run(
        [DEPLOY / "cron" / "night", "--strict"],
        cwd=tmp_path,
        env=os.environ | {"NIANBAO_COMMAND": str(command)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = "said nightly --strict\nwrong\n"
    assert (done.returncode, done.stdout) == (status, said if status else "")
    log = (tmp_path / "nightly.log").read_text()
    assert re.fullmatch(rf"20\d\d-\d\d-\d\dT[\d:]+Z\n{said}status {status}\n", log)
