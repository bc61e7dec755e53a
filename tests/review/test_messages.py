"""Texts stand once, in both languages: every name that code and templates say has an entry with the
values that are given, and every entry is said.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from data import ConfigError, read
from extract.document import Reason
from review.judged import LEVELS, VERDICTS
from review.messages import messages, parse_messages, placeholders, say
from transform.localize.cost import KINDS

CHECKOUT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"[a-z_]+\.[a-z_<>=]+\Z")
STEM = re.compile(r"(?!page\.\Z)[a-z_]+\.[a-z_]*\Z")  # any page entry would be no name


@dataclass(frozen=True)
class Said:
    """One place that says an entry, or all entries that begin with `name`."""

    where: str
    name: str
    is_stem: bool = False
    values: frozenset[str] | None = None  # None: not told by the place itself


def _python(folder: str) -> Iterator[Said]:
    for path in sorted((CHECKOUT / folder).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            where = f"{path.relative_to(CHECKOUT)}:{getattr(node, 'lineno', 0)}"
            match node:
                case ast.Call(func=ast.Name(id="say"), args=[ast.Constant(value=str(name)), *_]):
                    given = [keyword.arg for keyword in node.keywords]
                    whole = None if None in given else frozenset(filter(None, given))
                    yield Said(where, name, values=whole)
                case ast.Constant(value=str(name)) if name in messages():
                    yield Said(where, name)
                case ast.JoinedStr(values=[ast.Constant(value=str(stem)), _]) if STEM.match(stem):
                    yield Said(where, stem, is_stem=True)


def _templates() -> Iterator[Said]:
    for path in sorted((CHECKOUT / "review/pages/templates").glob("*.html")):
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r"""\bt\(\s*['"]([\w.]+)['"]\s*([~+])?""", text):
            name, more = match.groups()
            whole = name if "." in name else f"page.{name}"
            given = frozenset(re.findall(r"(?<![\w|])(\w+)=", _arguments(text[match.end() :])))
            yield Said(path.name, whole, is_stem=bool(more), values=None if more else given)


def _arguments(rest: str) -> str:
    """What stands before the bracket that closes the call."""
    depth = 1
    for at, character in enumerate(rest):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return rest[:at]
    return rest


def _said() -> list[Said]:
    return [*_python("review"), *_python("flows"), *_templates()]


def test_every_name_has_an_entry() -> None:
    missing = [
        f"{said.where}: {said.name}"
        for said in _said()
        if not any(
            name.startswith(said.name) if said.is_stem else name == said.name for name in messages()
        )
    ]
    assert missing == []


def test_every_entry_is_said() -> None:
    names = {said.name for said in _said() if not said.is_stem}
    stems = tuple(said.name for said in _said() if said.is_stem)
    assert [n for n in messages() if n not in names and not n.startswith(stems)] == []


def test_every_entry_is_given_its_values() -> None:
    wrong = [
        f"{said.where}: {said.name} needs {sorted(placeholders(messages()[said.name].zh))}"
        for said in _said()
        if said.values is not None and placeholders(messages()[said.name].zh) != said.values
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("section", "keys"),
    [
        ("reason", set(Reason)),
        ("level", set(LEVELS)),
        ("level_heading", set(LEVELS)),
        ("verdict", set(VERDICTS)),
        ("kind", set(KINDS)),
    ],
)
def test_closed_lists_have_words(section: str, keys: set[str]) -> None:
    assert {n.partition(".")[2] for n in messages() if n.startswith(f"{section}.")} == keys


def test_no_english_word_stands_in_chinese() -> None:
    """But for names of formats, options and commands."""
    names = "docx|doc|wps|pdf|ofd|html|xlsx|xls|txt|CSV|XML|YAML|MB|UTC|--json|--all|nianbao run"
    english = {
        name: found
        for name, message in messages().items()
        if (found := re.findall("[A-Za-z-]{2,}", re.sub(rf"{{.*?}}|{names}", "", message.zh)))
    }
    assert english == {"page.other_language": ["English"]}


def test_one_is_said_in_the_singular(tmp_path: Path) -> None:
    file = tmp_path / "messages.yaml"
    file.write_text(
        'a:\n  b: {zh: "{count} 处", en: "{count} errors", en_one: "{count} error"}\n',
        encoding="utf-8",
    )
    message = parse_messages(read(file))["a.b"]
    assert message.in_language("en", {"count": 1}) == "{count} error"
    assert message.in_language("en", {"count": 2}) == "{count} errors"
    assert message.in_language("zh", {"count": 1}) == "{count} 处"


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ('a:\n  b: {zh: "一"}\n', ":2: a.b.en: missing: add this key"),
        ('a:\n  b: {zh: "", en: "x"}\n', ":2: a.b.zh: "),
        ('a:\n  b: {zh: "一", en: "x", fr: "y"}\n', ":2: a.b.fr: unknown key"),
        ('a:\n  c: {zh: "一", en: "x"}\n  b: {zh: "{n}", en: "x"}\n', ":3: a.b: the placeholders"),
        ('a:\n  b: {zh: "{", en: "x"}\n', ":2: a.b: "),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(tmp_path: Path, text: str, refusal: str) -> None:
    file = tmp_path / "messages.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        parse_messages(read(file))
    assert str(refused.value).startswith(f"{file}{refusal}")


def test_say_fills_in_the_values() -> None:
    assert say("page.page_number", "zh", number=3) == "第 3 页"
