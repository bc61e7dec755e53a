"""Limits of size: what breaks one stands in `limits_exceptions.txt`, a list that may only shrink.

Lines are at most 100 wide, files at most 500 long; a function has a cognitive complexity of at most
15, a cyclomatic one of at most 12, and at most 7 parameters. Commands and flows may take more
parameters: these are the options of the user.

    python -m tests.test_limits        write the list again, after something in it was mended
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("data", "extract", "transform", "load", "review", "flows")
EXCEPTIONS: Final = Path(__file__).with_name("limits_exceptions.txt")
WIDTH: Final = 100
FILE_LINES: Final = 500
COGNITIVE: Final = 15
CYCLOMATIC: Final = 12
PARAMETERS: Final = 7


def _python_files(*folders: str) -> list[Path]:
    return sorted(p for folder in folders for p in (CHECKOUT / folder).rglob("*.py"))


def _name(path: str | Path) -> str:
    return str((CHECKOUT / path).relative_to(CHECKOUT))


def _ruff(rules: str, *options: str) -> list[tuple[str, str]]:
    """Name of the file and message of each breach that ruff finds."""
    command = ["ruff", "check", "--isolated", "--ignore-noqa", "--no-cache", "--exit-zero"]
    command += [f"--line-length={WIDTH}", f"--select={rules}", "--output-format=json", *options]
    folders = [f for f in (*PACKAGES, "tests", "bench", "docs") if (CHECKOUT / f).is_dir()]
    done = subprocess.run(
        [sys.executable, "-m", *command, *folders], cwd=CHECKOUT, capture_output=True, check=True
    )
    return [(_name(found["filename"]), found["message"]) for found in json.loads(done.stdout)]


def _cognitive() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "complexity.json")
        command = ["complexipy", *PACKAGES, "--isolated", "--no-ignore", "--quiet"]
        command += ["--output-format", "json", "--output", str(made)]
        program = Path(sys.executable).with_name(command[0])
        subprocess.run([program, *command[1:]], cwd=CHECKOUT, capture_output=True, check=False)
        measured = json.loads(made.read_text(encoding="utf-8"))
    assert len(measured) > 1000, "complexipy measured next to nothing"
    return [
        f"cognitive {f['path']} {f['function_name']}"
        for f in measured
        if f["complexity"] > COGNITIVE
    ]


def breaches() -> list[str]:
    """Everything that breaks a limit, a line each: the limit, the file, the function if any."""
    wide = Counter(name for name, _ in _ruff("E501"))
    found = [f"width {name} {count}" for name, count in wide.items()]
    for path in _python_files(*PACKAGES, "tests", "bench", "docs"):
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > FILE_LINES:
            found.append(f"lines {_name(path)}")
    for name, message in _ruff("C901", f"--config=lint.mccabe.max-complexity={CYCLOMATIC}"):
        found.append(f"cyclomatic {name} {message.split('`')[1]}")
    for name, message in _ruff("PLR0913", f"--config=lint.pylint.max-args={PARAMETERS}"):
        options_of_the_user = name.startswith("flows/") and not name.startswith("flows/steps/")
        if not options_of_the_user:
            found.append(f"parameters {name} {message.split('(')[1].rstrip(')')}")
    return sorted(found + _cognitive())


def test_limits_are_kept_but_for_a_list_that_shrinks() -> None:
    listed = EXCEPTIONS.read_text(encoding="utf-8").splitlines()
    found = breaches()
    assert sorted(set(found) - set(listed)) == [], "over a limit: find the missing idea, name it"
    assert sorted(set(listed) - set(found)) == [], "mended: take these lines out of the list"


def test_no_leftovers_are_tracked() -> None:
    done = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True)
    names = done.stdout.splitlines()
    assert [n for n in names if n.endswith((".orig", ".rej", ".bak", ".swp", "~"))] == []


if __name__ == "__main__":
    EXCEPTIONS.write_text("\n".join(breaches()) + "\n", encoding="utf-8")
