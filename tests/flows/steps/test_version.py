"""What makes a document be read again, and what does not: versions over what the source says."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from flows.steps.version import accepted_versions, format_versions, judging_version
from tests.conftest import CHECKOUT

PACKAGES: Final = ("data", "extract", "transform", "load", "review", "flows")
HOLDERS: Final = {"zip", "mht"}  # read what any reader reads
PAGES: Final = {"pdf", "ofd", "image"}  # share the layout of pages


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's packages, to be changed, with a cache of their own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for package in PACKAGES:
        left_out = shutil.ignore_patterns("__pycache__", "samples", "vault", "out")
        shutil.copytree(CHECKOUT / package, tmp_path / "a" / package, ignore=left_out)
    return tmp_path / "a"


def versions_after(copy: Path, change: Callable[[Path], None], name: str = "b") -> set[str]:
    """The formats whose documents are read again after a change, in a second copy."""
    before = format_versions(copy)
    other = copy.with_name(name)
    shutil.copytree(copy, other)
    change(other)
    after = format_versions(other)
    assert set(before) == set(after)
    return {name for name in before if before[name].read != after[name].read}


def replace_in(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / name).read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        (root / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def append_to(name: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        with (root / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return change


def test_each_format_has_a_version_and_each_is_another() -> None:
    versions = format_versions()
    assert {"docx", "doc", "rtf", "html", "pdf", "xlsx", "text", "image", "unknown"} <= set(
        versions
    )
    assert len(accepted_versions()) == 3 * len(versions)
    assert all(version.read.startswith(f"{name}.") for name, version in versions.items())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("extract/pdf/read.py", "\n\n# a comment\n"),
        ("transform/tidy.py", "\n\n\n\n"),
        ("data/forms/2021.yaml", "\n# a comment\n"),
        ("data/rules/cells.yaml", "\n# a comment\n"),
        ("transform/rules/sums.sql", "\n-- a comment\n"),
    ],
)
def test_a_comment_changes_nothing(copy: Path, name: str, text: str) -> None:
    judging = judging_version(copy)
    assert versions_after(copy, append_to(name, text)) == set()
    assert judging_version(copy.with_name("b")) == judging


def test_a_docstring_changes_nothing(copy: Path) -> None:
    change = replace_in("transform/tidy.py", '"""', '"""Said otherwise. ')
    assert versions_after(copy, change) == set()


def test_a_change_of_the_pdf_reader_reads_pdfs_again_alone(copy: Path) -> None:
    assert (
        versions_after(copy, append_to("extract/pdf/read.py", "\nNEW = 1\n")) == {"pdf"} | HOLDERS
    )


def test_a_change_of_the_layout_reads_pages_again(copy: Path) -> None:
    change = append_to("extract/layout/pages.py", "\nNEW = 1\n")
    assert versions_after(copy, change) == PAGES | HOLDERS


def test_a_change_of_the_word_reader_reads_what_is_made_docx_again_too(copy: Path) -> None:
    change = append_to("extract/word/docx.py", "\nNEW = 1\n")
    assert versions_after(copy, change) == HOLDERS | {
        "docx",
        "doc",
        "rtf",
        "odt",
        "word_xml",
    }


@pytest.mark.parametrize(
    "change",
    [
        append_to("transform/align/align.py", "\nNEW = 1\n"),
        append_to("transform/identity/identify.py", "\nNEW = 1\n"),
        append_to("transform/parse_number.py", "\nNEW = 1\n"),
        append_to("data/forms/fees.yaml", "\nnew: 1\n"),
        append_to("data/identity.yaml", "\nnew: 1\n"),
    ],
)
def test_what_all_formats_share_reads_all_again(copy: Path, change: Callable[[Path], None]) -> None:
    assert versions_after(copy, change) == set(format_versions(copy)) - {"unknown"}


def test_a_second_reader_concerns_what_it_has_looked_at(copy: Path) -> None:
    before = format_versions(copy)
    assert versions_after(copy, append_to("extract/html/crosscheck.py", "\nNEW = 1\n")) == set()
    after = format_versions(copy.with_name("b"))
    changed = {n for n in before if before[n].crosschecked != after[n].crosschecked}
    assert changed == {"html"}


def test_a_sum_decides_what_is_crosschecked_and_its_words_do_not(copy: Path) -> None:
    judging = judging_version(copy)
    words = replace_in("data/rules/sums.yaml", "请核对", "请再核对")
    assert versions_after(copy, words) == set()
    assert judging_version(copy.with_name("b")) != judging
    swapped = replace_in("data/rules/sums.yaml", "requests[new,$col] +", "requests[new,$col] -")
    assert versions_after(copy, swapped, "c") == set(format_versions(copy)) - {"unknown"}


def test_judging_alone_reads_nothing_again(copy: Path) -> None:
    judging = judging_version(copy)
    assert versions_after(copy, append_to("transform/localize/cost.py", "\nNEW = 1\n")) == set()
    assert judging_version(copy.with_name("b")) != judging


def test_the_cache_gives_what_parsing_gives(copy: Path, tmp_path: Path) -> None:
    def versions() -> object:
        program = (
            "import sys; from pathlib import Path; from flows.steps.version import format_versions;"
            "print(dict(format_versions(Path(sys.argv[1]))))"
        )
        command = [sys.executable, "-c", program, str(copy)]
        return subprocess.run(
            command, cwd=CHECKOUT, capture_output=True, text=True, check=True
        ).stdout

    parsed = versions()
    (kept,) = (tmp_path / "cache").rglob("sources-*.json")
    assert "FormatVersion" in str(parsed) and versions() == parsed
    kept.write_bytes(kept.read_bytes()[:-20])
    assert versions() == parsed, "a cache that is cut off is none"


def test_no_reader_is_imported() -> None:
    program = (
        "import sys; from flows.steps.version import format_versions; format_versions(); "
        "print([m for m in ('extract.detect', 'lxml', 'duckdb', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]", done.stderr
