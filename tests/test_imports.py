"""Static rules: who imports whom, types, style, sizes, and what must never stand in the code."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGES = ("data", "extract", "transform", "load", "review", "flows")
# the XML parsers of the standard library; what runs what it reads
NEVER_IMPORTED = re.compile(r"xml(\.|$)|pickle$|marshal$|shelve$|telnetlib$")
NEVER_CALLED = ("eval", "exec", "os.system", "os.popen")


def _files() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((CHECKOUT / package).rglob("*.py"))


def _name(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


FILES = list(_files())


def _run(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_run_one_way() -> None:
    code = (
        "import sys; from importlinter.cli import lint_imports_command; "
        "sys.exit(lint_imports_command())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_style() -> None:
    _run(
        "ruff",
        "check",
        "--no-cache",
        *(p for p in (*PACKAGES, "tests", "bench") if (CHECKOUT / p).is_dir()),
    )


@pytest.mark.slow
def test_types() -> None:
    _run("mypy")


def test_the_page_on_architecture_has_each_room_and_names_files_that_are_there() -> None:
    page = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {_name(path.parent) for path in FILES if path.name != "__init__.py"}
    assert [room for room in sorted(rooms) if f"`{room}/" not in page] == []
    named = set(re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.(?:py|sql|md|txt|yaml))`", page))
    known = [_name(path) for path in CHECKOUT.rglob("*.*") if ".venv" not in path.parts]
    assert len(named) > 60
    assert [n for n in sorted(named) if not any(f"/{k}".endswith(f"/{n}") for k in known)] == []


def test_prefect_is_imported_by_the_flows_alone() -> None:
    for path in FILES:
        imported = re.search(r"^\s*(from|import) prefect\b", path.read_text("utf-8"), re.M)
        assert not imported or path.parent.name == "flows", _name(path)


@pytest.mark.parametrize("path", FILES, ids=map(_name, FILES))
def test_a_file_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "no module docstring"


@pytest.mark.parametrize("path", FILES, ids=map(_name, FILES))
def test_what_must_never_stand_in_the_code(path: Path) -> None:
    """Shells, archives unpacked blindly, unverified TLS, code from data, faults swallowed without a
    reason beside them.
    """
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
            )
            assert not any(NEVER_IMPORTED.match(m) for m in modules if m != "xml.sax.saxutils"), (
                f"line {node.lineno}"
            )
        elif isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}: bare except"
            broad = isinstance(node.type, ast.Name) and node.type.id in (
                "Exception",
                "BaseException",
            )
            # beside it, above it or below it
            reasoned = any("#" in line for line in lines[node.lineno - 2 : node.lineno + 2])
            assert not broad or reasoned, (
                f"line {node.lineno}: except {ast.unparse(node.type)} without a reason beside it"
            )
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in NEVER_CALLED and not called.endswith(".extractall"), (
                f"line {node.lineno}: {called}"
            )
            for keyword in node.keywords:
                value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
                assert not (keyword.arg == "shell" and value is not False), (
                    f"line {node.lineno}: shell"
                )
                assert not (keyword.arg == "verify" and value is False), (
                    f"line {node.lineno}: verify=False"
                )
