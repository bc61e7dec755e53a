"""The package as it is installed: a wheel, built from what is packaged, in an environment of its
own, used from another folder.

What the program needs is not downloaded again: the environment finds it where this one has it.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from flows.commands.exit_status import DONE, FINDINGS
from flows.steps.version import VERSION
from tests.conftest import CHECKOUT

PACKAGED: Final = ("data", "extract", "flows", "load", "review", "transform")
LEFT_OUT: Final = shutil.ignore_patterns("__pycache__", "out", "vault")
SAMPLES: Final = 18


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it, and a folder where its command is called."""

    environment: Path
    folder: Path

    def nianbao(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Call the installed command."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("NIANBAO_", "PYTHON"))}
        return subprocess.run(
            [self.environment / "bin" / "nianbao", *map(str, arguments)],
            cwd=self.folder,
            env=kept | {"LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def packages(self) -> Path:
        """Where packages are installed in it."""
        (found,) = self.environment.glob("lib/python*/site-packages")
        return found


def _pip(*arguments: str | Path) -> None:
    quiet = ("--quiet", "--disable-pip-version-check", "--no-index")
    command = [sys.executable, "-m", "pip", *map(str, arguments), *quiet, "--no-deps"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _build_wheel(folder: Path) -> Path:
    """The wheel, built from a copy of the packages: the checkout stays as it is."""
    source = folder / "source"
    source.mkdir()
    for name in PACKAGED:
        shutil.copytree(CHECKOUT / name, source / name, ignore=LEFT_OUT)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, source)
    _pip("wheel", "--no-build-isolation", "--wheel-dir", folder, source)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    wheel = _build_wheel(folder)
    assert VERSION in wheel.name
    made = Installed(folder / "environment", folder / "elsewhere")
    made.folder.mkdir()
    command = [sys.executable, "-m", "venv", "--without-pip", made.environment]
    subprocess.run(command, check=True, timeout=120)
    _pip("--python", made.environment / "bin" / "python", "install", wheel)
    here = [path for path in sys.path if Path(path).name == "site-packages"]
    assert here
    (made.packages / "dependencies.pth").write_text("\n".join(here), encoding="utf-8")
    return made


def test_every_file_of_data_is_packaged(installed: Installed) -> None:
    for suffix in ("*.yaml", "*.sql", "samples/*"):
        for name in PACKAGED:
            there = {p.relative_to(CHECKOUT) for p in (CHECKOUT / name).rglob(suffix)}
            there = {p for p in there if not {"out", "vault"} & set(p.parts)}
            packaged = {p.relative_to(installed.packages) for p in installed.packages.rglob(suffix)}
            assert there <= packaged


def test_it_checks_a_report(installed: Installed) -> None:
    samples = installed.packages / "data" / "samples"
    faulty = installed.nianbao("check", samples / "2019-html-word.html", "--lang", "en")
    assert faulty.returncode == FINDINGS, faulty.stderr
    assert "平潭综合实验区管理委员会, report on 2020" in faulty.stdout and not faulty.stderr
    assert installed.nianbao("check", samples / "2014-docx-raw.docx").returncode == DONE


def test_it_reads_reports_into_a_warehouse(installed: Installed) -> None:
    samples = installed.packages / "data" / "samples"
    done = installed.nianbao("run", samples, "--database", "made.duckdb")
    assert done.returncode == DONE and not done.stderr, done.stderr
    assert f"documents: {SAMPLES} extracted" in done.stdout
    assert (installed.folder / "made.duckdb").is_file()
    assert str(CHECKOUT) not in done.stdout
    again = installed.nianbao("run", samples, "--database", "made.duckdb")
    assert "nothing has changed" in again.stdout
