"""Set-up and pages: the Makefile on machines of every kind, .ci/run, and the pages that are made
from code or must agree with it.

The set-up is run with a stand-in for Python that notes what it is asked to do, so that no test
downloads anything: the real one is what `make test` itself went through before it came here. The
folder always has a blank in its name.
"""

import os
import re
import runpy
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from flows.steps.version import VERSION

CHECKOUT: Final = Path(__file__).resolve().parents[1]
LOCKS: Final = ("requirements-run.lock", "requirements.lock")
FOR_USE: Final = ["pip requirements-run.lock", "pip ."]
FOR_WORK: Final = ["pip requirements.lock", "pip ."]
TOOLS: Final = (
    "bash",
    "sh",
    "make",
    "cat",
    "cksum",
    "cp",
    "chmod",
    "rm",
    "mkdir",
    "grep",
    "sed",
    "expand",
    "dirname",
    "env",
)
PYTHON: Final = """#!/bin/sh
here="$(pwd -P)"
case "$*" in
  *"-m venv"*)
    echo venv >> "$NOTES"
    [ -z "${VENV_NEEDS:-}" ] || [ -e "$VENV_NEEDS" ] || exit 1
    mkdir -p .venv/bin
    cp "$0" .venv/bin/python
    printf '#!%s/.venv/bin/python\\n' "$here" > .venv/bin/pip ;;
  *"-m pip"*)
    case "$*" in
      *"--no-deps --require-hashes -r req"*|*"--no-deps --no-build-isolation -e .") ;;
      *) exit 1 ;;
    esac
    for last in "$@"; do :; done
    echo "pip $last" >> "$NOTES"
    [ -z "${OFFLINE:-}" ] || exit 1
    echo "$here" > .venv/installed
    for name in nianbao pytest ruff mypy lint-imports; do
      {
        echo '#!/bin/sh'
        echo "echo \\"$name \\$* require_all=\\${NIANBAO_REQUIRE_ALL:-}\\""
        echo "[ \\"\\${FAILS:-}\\" != $name ]"
      } > .venv/bin/$name
      chmod +x .venv/bin/$name
    done ;;
  *"import flows.steps.version"*) [ "$(cat .venv/installed 2>/dev/null)" = "$here" ] ;;
  *version_info*) [ -z "${OLD:-}" ] ;;
  *--version*) echo "Python 3.9.2" ;;
esac
"""
APT: Final = """#!/bin/sh
echo "apt-get $*" >> "$NOTES"
case "$*" in
  *install*python3-venv*)
    touch "$VENV_NEEDS"
    cp "$SPARE_PYTHON" "$PLACE/python3" ;;
esac
"""


@dataclass(frozen=True)
class Machine:
    """A checkout on a machine that has the programs of `bin` and no others."""

    folder: Path
    bin: Path
    notes: Path

    def program(self, name: str, text: str) -> None:
        """Put a program on the machine."""
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def make(self, *targets: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run make from another folder than the checkout's."""
        return self.start(
            "make", "--no-print-directory", "-C", str(self.folder), *targets, **environment
        )

    def start(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command with this machine's programs."""
        base = {
            "PATH": str(self.bin),
            "NOTES": str(self.notes),
            "LANG": "C.UTF-8",
            "HOME": str(self.bin),
            "PLACE": str(self.bin),
        }
        return subprocess.run(
            command,
            cwd=self.bin,
            env=base | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def noted(self) -> list[str]:
        """What the set-up did since this was asked last."""
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        self.notes.unlink(missing_ok=True)
        return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """An ordinary user's machine with Python; the checkout's folder has a blank in its name."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, f"{tool} is needed"
        (programs / tool).symlink_to(found)
    folder = tmp_path / "my reports" / "nianbao"
    (folder / ".ci").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", *LOCKS, ".ci/run"):
        shutil.copy(CHECKOUT / name, folder / name)
    made = Machine(folder, programs, tmp_path / "notes")
    made.program("python3", PYTHON)
    made.program("id", "#!/bin/sh\necho 1000\n")
    return made


def test_the_first_run_installs_and_the_second_does_not(machine: Machine) -> None:
    done = machine.make("run", "ARGS=reports --force")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("nianbao run reports --force")
    assert machine.noted() == ["venv", *FOR_USE]
    assert machine.make("run").returncode == 0
    assert machine.noted() == []
    assert machine.make("run", OFFLINE="1").returncode == 0, (
        "once installed, no connection is needed"
    )


def test_tests_add_what_they_need_once(machine: Machine) -> None:
    machine.make("run")
    machine.noted()
    done = machine.make("test")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["pytest"]
    assert machine.noted() == FOR_WORK
    machine.make("test")
    machine.make("run")
    assert machine.noted() == []


def test_one_failure_does_not_hide_the_next(machine: Machine) -> None:
    done = machine.make("check", FAILS="ruff")
    assert done.returncode != 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        "ruff",
        "mypy",
        "lint-imports",
        "pytest",
    ]


def test_new_dependencies_are_installed_into_the_same_environment(machine: Machine) -> None:
    machine.make("run")
    machine.noted()
    with (machine.folder / "pyproject.toml").open("a") as file:
        file.write("\n")
    machine.make("run")
    assert machine.noted() == FOR_USE


def test_a_moved_folder_gets_a_new_environment(machine: Machine) -> None:
    machine.make("run")
    machine.noted()
    moved = Machine(
        machine.folder.rename(machine.folder.parent / "elsewhere"), machine.bin, machine.notes
    )
    done = moved.make("run")
    assert done.returncode == 0
    assert moved.noted() == ["venv", *FOR_USE]
    assert "another folder" in done.stderr


@pytest.mark.parametrize(
    "fault", ["python gone", "packages gone", "not an environment", "half made"]
)
def test_a_broken_environment_is_mended(machine: Machine, fault: str) -> None:
    environment = machine.folder / ".venv"
    if fault == "not an environment":
        environment.write_text("a file")
    else:
        machine.make("run", OFFLINE="1" if fault == "half made" else "")
    machine.noted()
    if fault == "python gone":
        (environment / "bin" / "python").unlink()
        (environment / "bin" / "python").symlink_to("/nonexistent/python3")
    if fault == "packages gone":
        (environment / "installed").unlink()
    assert machine.make("run").returncode == 0
    assert machine.noted() == (
        ["venv", *FOR_USE] if fault in ("python gone", "not an environment") else FOR_USE
    )


def test_a_failed_installation_says_so_and_is_tried_again(machine: Machine) -> None:
    done = machine.make("run", OFFLINE="1")
    assert done.returncode != 0
    assert "connection" in done.stderr
    machine.noted()
    assert machine.make("run").returncode == 0
    assert machine.noted() == FOR_USE


def test_without_python_one_line_says_what_to_install(machine: Machine) -> None:
    (machine.bin / "python3").unlink()
    done = machine.make("run")
    assert done.returncode != 0
    (line,) = (text for text in done.stderr.splitlines() if text.startswith("nianbao:"))
    assert "apt-get install python3 python3-venv" in line


def test_root_on_debian_gets_what_is_missing(machine: Machine, tmp_path: Path) -> None:
    spare = shutil.move(machine.bin / "python3", tmp_path / "spare")
    machine.program("id", "#!/bin/sh\necho 0\n")
    machine.program("touch", '#!/bin/sh\n: > "$1"\n')
    machine.program("apt-get", APT)
    done = machine.make("run", SPARE_PYTHON=str(spare), VENV_NEEDS=str(tmp_path / "venv-is-here"))
    assert done.returncode == 0, done.stderr
    noted = machine.noted()
    assert noted[1] == "apt-get install -y -qq --no-install-recommends python3 python3-venv"
    assert [line.split()[0] for line in noted] == ["apt-get", "apt-get", "venv", "pip", "pip"]


def test_only_the_missing_part_of_python_is_installed(machine: Machine, tmp_path: Path) -> None:
    machine.program("id", "#!/bin/sh\necho 0\n")
    machine.program("touch", '#!/bin/sh\n: > "$1"\n')
    machine.program("apt-get", APT)
    done = machine.make(
        "run",
        SPARE_PYTHON=str(machine.bin / "sh"),
        VENV_NEEDS=str(tmp_path / "venv-is-here"),
        PLACE=str(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    noted = machine.noted()
    assert [line for line in noted if "install" in line] == [
        "apt-get install -y -qq --no-install-recommends python3-venv"
    ]
    assert noted[-3:] == ["venv", *FOR_USE]


def test_an_old_python_is_refused(machine: Machine) -> None:
    done = machine.make("run", OLD="1")
    assert done.returncode != 0
    assert "Python 3.9.2 is too old" in done.stderr
    assert machine.noted() == []


def test_a_build_machine_turns_skips_into_failures(machine: Machine) -> None:
    assert "require_all=1" in machine.make("test", CI="true").stdout.splitlines()[-1]
    assert machine.make("test").stdout.splitlines()[-1].endswith("require_all=")


def test_ci_runs_the_test_command_of_the_readme_and_nothing_else(machine: Machine) -> None:
    script = CHECKOUT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    (machine.bin / "make").unlink()
    machine.program("make", '#!/bin/sh\necho "make $*" in "$(pwd -P)"\n')
    done = machine.start(str(machine.folder / ".ci" / "run"))
    assert done.stdout == f"make test in {machine.folder.resolve()}\n"
    assert "\nmake test\n" in (CHECKOUT / "README.md").read_text(encoding="utf-8")


def test_the_list_of_targets_is_complete(machine: Machine) -> None:
    done = machine.make("help")
    listed = re.findall(r"^  make (\S+)", done.stdout, re.MULTILINE)
    phony = re.search(
        r"^\.PHONY: (.*)$", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert phony is not None
    assert set(listed) == set(phony[1].split()) - {"setup", "setup-dev", "fonts-night"}
    for page in ("README.md", "README.zh.md", "docs/develop.md", "docs/develop.zh.md"):
        assert set(
            re.findall(
                r"(?:^|`)make ([a-z-]+)",
                (CHECKOUT / page).read_text(encoding="utf-8"),
                re.MULTILINE,
            )
        ) <= set(listed)


def _pinned(lock: str) -> dict[str, tuple[str, int]]:
    """By package and condition: the line that pins it, and how many hashes it has."""
    text = (CHECKOUT / lock).read_text(encoding="utf-8")
    entries = [entry.replace(" \\", "").splitlines() for entry in re.split(r"\n(?=\S)", text)]
    assert all("==" in line for line, *_ in entries)
    return {line: (line.partition("==")[0], len(hashes)) for line, *hashes in entries}


def test_the_locks_name_whatever_is_needed_with_hashes() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    use = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    extras = project["project"]["optional-dependencies"].values()
    work = [*use, *chain.from_iterable(extras)]
    for lock, needed in zip(LOCKS, (use, work), strict=True):
        pinned = _pinned(lock)
        assert all(hashes for _, hashes in pinned.values())
        names = {re.match(r"[\w-]+", need)[0].lower() for need in needed}  # type: ignore[index]
        assert names <= {name for name, _ in pinned.values()}, f"write {lock} anew: make lock"
    assert _pinned(LOCKS[0]).items() <= _pinned(LOCKS[1]).items()


def test_the_page_of_rules_agrees_with_the_rules() -> None:
    made = runpy.run_path(str(CHECKOUT / "docs" / "make_rules.py"))["text"]()
    assert (CHECKOUT / "docs" / "rules.md").read_text(encoding="utf-8") == made, (
        "write docs/rules.md anew: make docs"
    )


def test_the_newest_change_is_this_version() -> None:
    changes = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\S+)$", changes, re.MULTILINE)
    assert versions[0] == VERSION
    for line in changes[changes.index("## ") :].splitlines():
        assert not line or line.startswith(("## ", "- ")), f"one line a change: {line}"
        assert len(line) <= 200, f"what a user needs, not more: {line}"


def test_the_license_is_the_one_declared() -> None:
    text = (CHECKOUT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("MIT License")
    assert "nianbao contributors" in text
    assert 'license = "MIT"' in (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "README.zh.md",
        "CHANGELOG.md",
        "Makefile",
        ".ci/run",
        *LOCKS,
        *(str(page.relative_to(CHECKOUT)) for page in sorted((CHECKOUT / "docs").glob("*.md"))),
    ],
)
def test_pages_name_no_machine(name: str) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    hosts = set(re.findall(r"https?://([^\s/`);]+)", text))
    assert hosts <= {"127.0.0.1:4200", "127.0.0.1:8420"}, hosts
    assert not re.search(r"(?<![\w.])/(?:root|home|work|tmp|opt|Users)/", text)
