"""Names follow docs/glossary.md: no word of its last table, one meaning a class name."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("data", "extract", "transform", "load", "review", "flows")


def banned_words() -> set[str]:
    """The words in the first column of the glossary's last table."""
    page = (CHECKOUT / "docs" / "glossary.md").read_text(encoding="utf-8")
    table = page[page.index("## Words that do not stand in names") :]
    rows = re.findall(r"^\| ([a-z, ]+) \|", table, re.M)
    return {word.strip() for row in rows if row != "not" for word in row.split(",")}


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((CHECKOUT / package).rglob("*.py")):
            yield str(path.relative_to(CHECKOUT)), ast.parse(path.read_text(encoding="utf-8"))


def _identifiers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name


def _words(identifier: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", identifier)
    return set(spaced.lower().strip("_").split("_"))


def test_no_banned_word_stands_in_a_name() -> None:
    banned = banned_words()
    assert len(banned) > 10
    found = {
        f"{path}: {identifier}"
        for path, tree in _trees()
        for identifier in _identifiers(tree)
        if _words(identifier) & banned
    }
    assert sorted(found) == []


def test_a_class_name_has_one_meaning() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name.strip("_")].append(path)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
