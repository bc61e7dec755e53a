"""The READMEs and the pages that they lead to are true: what they show is run here, and must give
what they print.

Lists in them agree with the code.

In a page a block ```console holds commands (`$ make run`, `$ nianbao …`) and their whole output,
a block ```python is run with those before it, and a block ```text right behind it is what it
prints. All of it happens in a folder that has only data/samples and data/drafts. The day on which
that happens is printed as DAY. After a change of what is printed, look at the new output and write
it into the pages with

    python -m tests.test_readme
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
import pytest

from extract.registry import READERS
from flows.steps.settings import Settings
from load.closed_lists import CELL_STATES, CHECK_STATES, LEVELS, REASONS, STATUSES

CHECKOUT: Final = Path(__file__).resolve().parents[1]
# the Chinese page of each is NAME.zh.md
ENGLISH: Final = (
    "README.md",
    "docs/analysts.md",
    "docs/clerk.md",
    "docs/develop.md",
    "docs/formats.md",
    "docs/operate.md",
)
README_LINES: Final = 150
SETTINGS_PAGE: Final = "docs/operate.md"
FORMATS_PAGE: Final = "docs/formats.md"
WORDS_PAGE: Final = "docs/analysts.md"


def _in_both(name: str) -> tuple[str, str]:
    """The English page and the Chinese one."""
    return name, name.replace(".md", ".zh.md")


LANGUAGES: Final = {
    page: locale
    for name in ENGLISH
    for page, locale in zip(_in_both(name), ("en_GB.UTF-8", "zh_CN.UTF-8"), strict=True)
}
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_MARK: Final = "-- end of block --"
DAY: Final = "2026-11-24"


@dataclass(frozen=True)
class Block:
    """One fenced block; `start` and `end` are those of its inner text."""

    language: str
    text: str
    start: int
    end: int


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [Block(m[1], m[2], m.start(2), m.end(2)) for m in _BLOCK.finditer(page)]


def read(name: str) -> str:
    """The text of one page."""
    return (CHECKOUT / name).read_text(encoding="utf-8")


def shows_output(name: str) -> bool:
    """Whether a page prints what its commands say."""
    return any(block.language == "console" for block in blocks(read(name)))


def a_folder(where: Path) -> Path:
    """A folder like a fresh checkout: samples and drafts are there, data/out is not."""
    (where / "data").mkdir(parents=True)
    for name in ("samples", "drafts"):
        (where / "data" / name).symlink_to(CHECKOUT / "data" / name)
    return where


def run(arguments: list[str], folder: Path, language: str) -> str:
    """What a program prints when started in `folder`; the folder's path becomes `…`, today becomes
    DAY.
    """
    keep = {
        k: v for k, v in os.environ.items() if not k.startswith(("NIANBAO_", "LC_", "PREFECT_"))
    }
    environment = keep | {
        "LANG": language,
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONWARNINGS": "ignore",
    }
    days = {datetime.now(UTC).date().isoformat()}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=180,
    )
    assert not done.stderr.strip(), f"{shlex.join(arguments)}:\n{done.stderr}"
    days.add(datetime.now(UTC).date().isoformat())
    said = done.stdout.replace(str(folder.resolve()), "…")
    return re.sub("|".join(days), DAY, said)


def replay(name: str, folder: Path) -> dict[Block, str]:
    """Run all that a page shows, in order; for each block with output what it ought to say."""
    language = LANGUAGES[name]
    page = blocks(read(name))
    said: dict[Block, str] = {}
    for block in page:
        if block.language == "console":
            commands = [line for line in block.text.splitlines() if line.startswith("$ ")]
            said[block] = "".join(f"{c}\n{run(_arguments(c), folder, language)}" for c in commands)
    for script, (shown, printed) in _answers(
        page, [b for b in page if b.language == "python"], folder, language
    ).items():
        assert shown is not None or not printed, (
            f"{name}: this block prints, but no ```text block stands behind it:\n{script.text}"
        )
        if shown is not None:
            said[shown] = printed
    return said


def _answers(
    page: list[Block], scripts: list[Block], folder: Path, language: str
) -> dict[Block, tuple[Block | None, str]]:
    """Python blocks run in order in one program: for each the block ```text right behind it, if
    any, and what is printed.
    """
    printed = run(
        ["-c", "".join(f"{b.text}\nprint({_MARK!r})\n" for b in scripts)], folder, language
    ).split(f"{_MARK}\n")[:-1]
    behind = [next((b for b in page if b.start > script.start), script) for script in scripts]
    return {
        s: (b if b.language == "text" else None, text)
        for s, b, text in zip(scripts, behind, printed, strict=True)
    }


def _arguments(command: str) -> list[str]:
    words = shlex.split(command.removeprefix("$ "))
    if words == ["make", "run"]:
        return ["-m", "flows.commands.cli", "run"]
    assert words[0] == "nianbao", f"only make run and nianbao are run: {command}"
    return ["-m", "flows.commands.cli", *words[1:]]


@pytest.mark.parametrize("name", [name for name in LANGUAGES if shows_output(name)])
def test_what_a_page_shows_is_what_happens(name: str, tmp_path: Path) -> None:
    said = replay(name, a_folder(tmp_path))
    assert said
    for block, text in said.items():
        assert block.text == text, (
            f"{name}: run `python -m tests.test_readme` after a look at the difference"
        )


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, shared_dir: Path) -> Path:
    """A folder with the warehouse of the report of 上饶市民政局 as it was published."""
    folder = a_folder(tmp_path_factory.mktemp("published"))
    run(["-m", "flows.commands.cli", "run", str(shared_dir / "seed")], folder, "C.UTF-8")
    return folder


@pytest.mark.parametrize("name", _in_both(WORDS_PAGE))
def test_the_answers_are_those_of_the_printed_report_too(name: str, published: Path) -> None:
    """The report as it was published gives the answers that its sample gives."""
    page = blocks(read(name))
    about = [
        b
        for b in page
        if b.language == "python" and ("上饶市民政局" in b.text or "import duckdb" in b.text)
    ]
    assert len(about) >= 2
    for shown, printed in _answers(page, about, published, LANGUAGES[name]).values():
        assert printed == (shown.text if shown else "")


def test_what_is_said_to_be_empty_is_empty(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    run(["-m", "flows.commands.cli", "run"], folder, "C.UTF-8")
    with duckdb.connect(folder / "data" / "out" / "nianbao.duckdb", read_only=True) as con:
        for name, query in {
            "suspects": "suspects",
            "deductions": "deductions",
            "verdict": "findings WHERE verdict IS NOT NULL",
        }.items():
            (count,) = con.sql(f"SELECT count(*) FROM {query}").fetchall()[0]
            for page in _in_both("README.md"):
                limits = read(page).split("\n## ")[-1]
                assert (f"`{name}`" in limits) == (count == 0), (
                    f"{page} says of {name} what is not so"
                )


@pytest.mark.parametrize("page", _in_both("README.md"))
def test_the_first_page_is_short(page: str) -> None:
    assert len(read(page).splitlines()) <= README_LINES


@pytest.mark.parametrize("name", ENGLISH)
def test_both_languages_run_the_same_things(name: str) -> None:
    """Neither language lacks a command or a question; comments and words in them may differ."""
    shown = {
        page: [b for b in blocks(read(page)) if b.language in ("sh", "python", "ini")]
        for page in _in_both(name)
    }
    english, chinese = (
        [_without_comments(b.text) for b in sorted(found, key=_order)] for found in shown.values()
    )
    assert english == chinese


def _order(block: Block) -> tuple[str, str]:
    return block.language, _without_comments(block.text)


def _without_comments(text: str) -> str:
    return "\n".join(
        line for line in (re.sub(r"(^|\s+)#.*$", "", line) for line in text.splitlines()) if line
    )


@pytest.mark.parametrize("page", _in_both(SETTINGS_PAGE))
def test_the_list_of_settings_agrees_with_the_code(page: str) -> None:
    text = read(page)
    settings = {f"NIANBAO_{field.upper()}" for field in Settings.model_fields}
    assert set(re.findall(r"NIANBAO_[A-Z_]*[A-Z]", text)) == settings
    for field, info in Settings.model_fields.items():
        if field in ("corrections", "sources"):  # by default those that come with the program
            assert f"| `NIANBAO_{field.upper()}` | `data/{field}` |" in text
        elif field not in (
            "workers",
            "staging",
            "contact",
            "smtp",
            "notify",
        ):  # those of the machine and of the database, and what has no default
            shown = str(info.default).lower() if isinstance(info.default, bool) else info.default
            assert f"| `NIANBAO_{field.upper()}` | `{shown}` |" in text


@pytest.mark.parametrize("page", _in_both(FORMATS_PAGE))
def test_the_list_of_formats_agrees_with_the_code(page: str) -> None:
    formats = re.search(r"^\| docx.*(?:\n\|.*)*", read(page), re.MULTILINE)
    assert formats is not None
    read_today = {
        row.split("|")[1].strip() for row in formats[0].splitlines() if "reader_missing" not in row
    }
    assert read_today == {str(f) for f in READERS}


@pytest.mark.parametrize("page", _in_both(WORDS_PAGE))
def test_the_words_of_closed_lists_are_explained(page: str) -> None:
    text = read(page)
    for word in (*CELL_STATES, *map(str, STATUSES), *LEVELS, *CHECK_STATES):
        assert f"`{word}`" in text, f"{page} does not name {word}"
    assert set(re.findall(r"`([a-z]+_[a-z]+)`", text)) & {str(r) for r in REASONS}


@pytest.mark.parametrize("name", LANGUAGES)
def test_links_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(name))
    assert targets
    for target in targets:
        if not target.startswith("https://"):
            page = CHECKOUT / name
            assert (page.parent / target).exists(), f"{name} links to {target}"


def write_outputs() -> None:
    """Put what is printed today into the pages."""
    for name in filter(shows_output, LANGUAGES):
        page = read(name)
        with tempfile.TemporaryDirectory() as folder:
            said = replay(name, a_folder(Path(folder) / "nianbao"))
        for block, text in sorted(said.items(), key=lambda item: -item[0].start):
            page = page[: block.start] + text + page[block.end :]
        (CHECKOUT / name).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    write_outputs()
