"""Strict YAML: what must be refused is refused with file and line, what is plain is read as it
stands.
"""

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from data import MAX_ALIASES, ConfigError, load, read, validate


def write(folder: Path, text: str) -> Path:
    path = folder / "some.yaml"
    path.write_text(text, encoding="utf-8")
    return path


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: !!python/object/apply:os.system ['true']\n", 2, "tag"),
        ("a: !!python/name:os.system\n", 1, "tag"),
        ("a: 1\n\nb: !mine 3\n", 3, "tag"),
        ("a: !!set {x}\n", 1, "tag"),
        (BOMB, 1, "aliases"),
        ("a: &a\n  - *a\n", 1, "alias"),
        ("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", 5, "twice"),
        ("x: {a: 1, a: 2}\n", 1, "twice"),
        ("code: 1\nother: 0110\n", 2, "quotes"),
        ("code: 0189\n", 1, "quotes"),
        ("list:\n  - 007\n", 2, "quotes"),
        ("at: 12:30\n", 1, "quotes"),
        ("answer: no\n", 1, "quotes"),
        ("day: 2024-01-31\n", 1, "quotes"),
        ("2021: x\n", 1, "quotes"),
        ("0110: x\n", 1, "quotes"),
        ("? [a, b]\n: x\n", 1, "quotes"),
        ("a: [1, 2\nb: 3\n", 2, "YAML"),
        ("a: 1\n--- \nb: 2\n", 2, "YAML"),
        ("a: *nobody\n", 1, "YAML"),
    ],
)
def test_refused_with_file_and_line(tmp_path: Path, text: str, line: int, word: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert word in str(caught.value)


def test_plain_data_is_read_as_it_stands(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        (
            "a: 1\nb: -2.5\nc: true\nd: ~\ne: '0110'\nf: \"no\"\ng: [x, 0]\nh: {i: 0.5}\nj: 一、"
            "\nk: 0x1F\n"
        ),
    )
    assert load(path) == {
        "a": 1,
        "b": -2.5,
        "c": True,
        "d": None,
        "e": "0110",
        "f": "no",
        "g": ["x", 0],
        "h": {"i": 0.5},
        "j": "一、",
        "k": 31,
    }


def test_a_few_aliases_are_allowed(tmp_path: Path) -> None:
    path = write(tmp_path, "a: &a [1, 2]\nb: *a\n")
    assert load(path) == {"a": [1, 2], "b": [1, 2]}
    path = write(tmp_path, "a: &a 1\nb: [" + ", ".join(["*a"] * (MAX_ALIASES + 1)) + "]\n")
    with pytest.raises(ConfigError, match="aliases"):
        load(path)


def test_an_empty_file_is_nothing(tmp_path: Path) -> None:
    assert load(write(tmp_path, "# only a comment\n")) is None


def test_missing_and_not_utf8(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.yaml")
    path = tmp_path / "gbk.yaml"
    path.write_bytes("a: 信息".encode("gbk"))
    with pytest.raises(ConfigError, match="cannot be read"):
        load(path)


def test_lines_of_keys(tmp_path: Path) -> None:
    sheet = read(write(tmp_path, "a:\n  - x: 1\n  - x: 2\n    y: 3\n"))
    assert sheet.lines["a", 1, "y"] == 4
    assert sheet.at(("a", 1, "nowhere")).endswith(":3")


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    size: int = 0


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    parts: list[Inner]


def test_validate_gives_the_model(tmp_path: Path) -> None:
    assert validate(write(tmp_path, "parts:\n  - {name: a, size: 2}\n"), Outer).parts[0].size == 2


def test_validate_says_every_fault_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "parts:\n  - name: a\n    sise: 2\n  - size: x\n")
    with pytest.raises(ConfigError) as caught:
        validate(path, Outer)
    first, second, third = sorted(str(caught.value).splitlines())
    assert first == f"{path}:3: parts.0.sise: unknown key: remove it or correct its spelling"
    assert second.startswith(f"{path}:4: parts.1.name: missing")
    assert third.startswith(f"{path}:4: parts.1.size: ")
    assert "'x'" in third


def test_validate_of_something_else(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=":1: "):
        validate(write(tmp_path, "- 1\n"), Outer)
