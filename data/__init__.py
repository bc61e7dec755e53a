"""Read the project's YAML strictly: nothing is guessed, and every refusal names the file, the line
and what to do.

`read` gives the data of a file with the line of each key; `load` the data alone; `validate` checks
a file against a pydantic model and gives the model. All raise `ConfigError`, the one error of
configuration (exit status 3 of the command).

Refused, beside what is no YAML at all: tags (`!!python/object` and every other), more than
`MAX_ALIASES` aliases or an alias inside itself, a key given twice, keys that are not text, and
plain scalars that YAML would quietly turn into something else: codes with a leading zero (`0110`
would be 72), sexagesimals (`12:30` would be 750), `yes`/`no`/`on`/`off`, and dates.

Out of scope: writing YAML, and what the data mean.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, TypeVar

import pydantic
import yaml

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML built without libyaml: the same language, some ten times slower
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]  # a class of the same use

MAX_ALIASES: Final = 50  # a file of ours has none; a bomb has millions

Key = tuple[str | int, ...]
Model = TypeVar("Model", bound=pydantic.BaseModel)

_KINDS: Final = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null")}
_LEADING_ZERO = re.compile(r"[+-]?0[0-9_]+\Z")
_SEXAGESIMAL = re.compile(r"[+-]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\Z")
_TRUE_OR_FALSE = {"true", "false"}


class ConfigError(Exception):
    """A file of configuration that cannot be used.

    The message reads `file:line: what is wrong: what to do`.
    """


@dataclass(frozen=True)
class ConfigFile:
    """The data of one file, and the line (counted from 1) at which each key or list item stands, by
    its path.
    """

    path: str
    data: Any
    lines: dict[Key, int]

    def at(self, key: Key) -> str:
        """`file:line` of the key, or of the nearest enclosing key that is in the file."""
        while key and key not in self.lines:
            key = key[:-1]
        return f"{self.path}:{self.lines.get(key, 1)}"


def read(path: Path | Traversable) -> ConfigFile:
    """The file's data (dict, list, str, int, float, bool, None) with line numbers.

    Raises ConfigError if the file is missing, is not UTF-8, is not YAML or is refused (see the
    module's docstring).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path}:1: the file cannot be read ({error}): give a UTF-8 text file that exists"
        ) from error
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError(
            f"{path}:{mark.line + 1 if mark else 1}: not YAML ({error.problem}): mend the file"
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}:1: not YAML ({error}): mend the file") from error
    lines: dict[Key, int] = {}
    return ConfigFile(
        str(path), None if node is None else _Walk(str(path), lines).plain(node, ()), lines
    )


def load(path: Path | Traversable) -> Any:
    """The data of `read`, without the lines."""
    return read(path).data


def validate(path: Path | Traversable, model: type[Model]) -> Model:
    """The file as `model`. Every fault found is one line of the one ConfigError that is raised."""
    return validate_file(read(path), model)


def validate_file(sheet: ConfigFile, model: type[Model]) -> Model:
    """As `validate`, for a file that was read already."""
    try:
        return model.model_validate(sheet.data)
    except pydantic.ValidationError as error:
        raise ConfigError("\n".join(_faults(sheet, error))) from error


def _faults(sheet: ConfigFile, error: pydantic.ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        key = tuple(fault["loc"])
        name = ".".join(map(str, key)) or "(the whole file)"
        if fault["type"] == "extra_forbidden":
            yield f"{sheet.at(key)}: {name}: unknown key: remove it or correct its spelling"
        elif fault["type"] == "missing":
            yield f"{sheet.at(key)}: {name}: missing: add this key"
        else:
            yield (
                f"{sheet.at(key)}: {name}: {fault['msg']} (found {fault['input']!r:.80}): correct "
                "the value"
            )


class _Walk:
    """Turns YAML nodes into plain data.

    It holds the count of aliases, which a plain function would have to hand around.
    """

    def __init__(self, path: str, lines: dict[Key, int]) -> None:
        self.path = path
        self.lines = lines
        self.seen: set[int] = set()
        self.aliases = 0
        self.resolver = yaml.constructor.SafeConstructor()

    def refuse(self, node: yaml.Node, what: str) -> ConfigError:
        return ConfigError(f"{self.path}:{node.start_mark.line + 1}: {what}")

    def plain(self, node: yaml.Node, key: Key) -> Any:
        if id(node) in self.seen:
            self.aliases += 1
            if self.aliases > MAX_ALIASES:
                raise self.refuse(
                    node,
                    (
                        f"more than {MAX_ALIASES} aliases, or an alias inside itself: write the "
                        "values out"
                    ),
                )
        self.seen.add(id(node))
        self.lines.setdefault(key, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return self.mapping(node, key)
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [self.plain(item, (*key, i)) for i, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        raise self.refuse(node, f"the tag {node.tag} is not allowed: write plain data")

    def mapping(self, node: yaml.MappingNode, key: Key) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name_node, value_node in node.value:
            name = self.scalar(name_node) if isinstance(name_node, yaml.ScalarNode) else None
            if not isinstance(name, str):
                raise self.refuse(
                    name_node, f"the key {name_node.value!s:.40} is not text: put it in quotes"
                )
            if name in found:
                raise self.refuse(
                    name_node, f"{name}: this key stands twice in one mapping: keep one"
                )
            self.lines[(*key, name)] = name_node.start_mark.line + 1
            found[name] = self.plain(value_node, (*key, name))
        return found

    def scalar(self, node: yaml.ScalarNode) -> str | int | float | bool | None:
        text = node.value
        if node.style in (None, ""):  # plain, so that YAML decides what it is
            if _LEADING_ZERO.match(text) or _SEXAGESIMAL.match(text):
                raise self.refuse(
                    node,
                    f"{text}: YAML may read this as a number of another base: put it in quotes",
                )
            if node.tag.endswith(":timestamp"):
                raise self.refuse(node, f"{text}: YAML reads this as a date: put it in quotes")
            if node.tag.endswith(":bool") and text.lower() not in _TRUE_OR_FALSE:
                raise self.refuse(
                    node,
                    (
                        f"{text}: YAML reads this as true or false: write true or false, or put "
                        "it in quotes"
                    ),
                )
        if node.tag == "tag:yaml.org,2002:str":
            return str(text)
        if node.tag not in _KINDS:
            raise self.refuse(node, f"the tag {node.tag} is not allowed: write plain data")
        try:
            value: int | float | bool | None = self.resolver.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise self.refuse(
                node, f"{text}: not a value of the kind {node.tag}: correct it"
            ) from error
        return value
