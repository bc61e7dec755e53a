"""Digests of the project's own source, over what it says and not how it is written.

`collect(root, modules, skipped)` follows the imports of `modules` through the project's packages
and gives all that they reach (`SourceSet`): modules, the data that these name as
`files("data") / NAME`, and the other packages that they import. `syntax_digest(path)` is a hash of
a file's content: of the syntax tree of Python without docstrings and positions, of the parsed
content of YAML, of SQL without comments. A comment, a blank line or a line folded otherwise changes
none of them. `arithmetic_digest(folder)` is that of the sums in the rules files, without words.

Parsing is slow (a third of a second for all) and its result is kept in the user's cache folder
under the hash of the file's bytes, so that a stale entry cannot be met. Where nothing can be
written there, everything is parsed again.
"""

import ast
import contextlib
import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

PACKAGES: Final = frozenset({"data", "extract", "transform", "load", "review", "flows"})
_DIGITS: Final = 12
_SQL_COMMENT: Final = re.compile(r"('(?:[^']|'')*')|--[^\n]*")
_SUM_KEYS: Final = ("id", "kind", "editions", "for_each", "expr")

_Parsed = dict[str, Any]  # what is known of one content: JSON, so that it can be kept


@dataclass(frozen=True, slots=True)
class SourceSet:
    """What a part of the program is made of: modules by dotted name, files and folders of data/ by
    name, and packages of others.
    """

    modules: frozenset[str]
    data: frozenset[str]
    libraries: frozenset[str]


def collect(
    root: Path, modules: Iterable[str], skipped: Collection[str] = frozenset()
) -> SourceSet:
    """All that `modules` (dotted names) reach below `root`; those `skipped` are not entered
    by an import.

    Imports within functions count, those for the type checker alone do not.
    """
    found: set[str] = set()
    data: set[str] = set()
    libraries: set[str] = set()
    roots = [name for name in modules if _module_path(root, name)]
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found and (name in roots or name not in skipped):
            found.add(name)
            reached = _reached(root, name)
            waiting.extend(reached.modules)
            data |= reached.data
            libraries |= reached.libraries
    return SourceSet(frozenset(found), frozenset(data), frozenset(libraries))


@cache
def _reached(root: Path, name: str) -> SourceSet:
    """What one module names itself."""
    path = _module_path(root, name)
    assert path is not None  # noqa: S101 - asked for such alone
    parsed = _parsed(path)
    modules: set[str] = set()
    libraries: set[str] = set()
    for imported in parsed["imports"]:
        package = imported.partition(".")[0]
        if package not in PACKAGES:
            libraries.add(package)
        elif _module_path(root, imported):
            modules.add(imported)
    of_readers = name.startswith("extract.")
    return SourceSet(
        frozenset(modules),
        frozenset(parsed["data"]),
        frozenset(libraries - sys.stdlib_module_names) if of_readers else frozenset(),
    )


def module_digest(root: Path, name: str) -> str:
    """The hash of what a module says."""
    path = _module_path(root, name)
    return "" if path is None else syntax_digest(path)


def combined_digest(parts: Iterable[str]) -> str:
    """One short hash of several texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_DIGITS]


@cache
def syntax_digest(path: Path) -> str:
    """The hash of what a file of ours says; of a folder, of all files below it."""
    if path.suffix in _PARSERS:
        return str(_parsed(path)["digest"])
    below = sorted(p for p in path.rglob("*") if p.suffix in _PARSERS)
    return combined_digest(f"{p.relative_to(path)} {_parsed(p)['digest']}" for p in below)


@cache
def arithmetic_digest(path: Path) -> str:
    """The hash of the sums in the rules files of a folder."""
    return combined_digest(_parsed(p)["sums"] for p in sorted(path.glob("*.yaml")))


def registered_modules(registry: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The modules of READERS and SECOND_READERS in `registry`, by the name of the format; read from
    its syntax tree, since importing it would bring half of the readers.
    """
    tables: dict[str, dict[str, str]] = _parsed(registry)["registered"]
    return tables["READERS"], tables["SECOND_READERS"]


def save_cache() -> None:
    """Keep what was parsed for the next process."""
    kept = _kept()
    if _fresh:
        kept.update(_fresh)
        _fresh.clear()
        # a home that cannot be written costs the next process a third of a second, no more
        with contextlib.suppress(OSError):
            _write_cache(json.dumps(kept))


@cache
def _module_path(root: Path, name: str) -> Path | None:
    """The file of a module of ours, None for a name that is an attribute of a module."""
    place = f"{root}/{name.replace('.', '/')}"
    file = next((f for f in (f"{place}.py", f"{place}/__init__.py") if os.path.isfile(f)), None)
    return None if file is None else Path(file)


# ---- one file


@cache
def _parsed(path: Path) -> _Parsed:
    content = path.read_bytes()
    key = f"{path.suffix}:{hashlib.sha256(content).hexdigest()}"
    known: _Parsed | None = _kept().get(key)
    if known is None:
        known = _fresh[key] = _PARSERS[path.suffix](content)
    return known


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _parse_python(content: bytes) -> _Parsed:
    tree = ast.parse(content)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = _without_docstring(node.body)
    return {
        "digest": _hash(ast.dump(tree)),
        "imports": sorted(set(_imports(tree))),
        "data": sorted(set(_data_names(tree))),
        "registered": dict(_registered(tree)),
    }


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        return body[1:]
    return body


def _imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of imported modules, and of what may be a module in them."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from _imports(node)


def _data_names(tree: ast.AST) -> Iterator[str]:
    """NAME of each `files("data") / NAME`."""
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(
                left=ast.Call(func=ast.Name(id="files"), args=[ast.Constant(value="data")]),
                op=ast.Div(),
                right=ast.Constant(value=str(name)),
            ):
                yield name


def _registered(tree: ast.Module) -> Iterator[tuple[str, dict[str, str]]]:
    """Tables of a module from a format to "module:function": name, and format to module."""
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict(keys=keys, values=values)):
                yield (
                    name,
                    {
                        key.attr.lower(): value.value.partition(":")[0]
                        for key, value in zip(keys, values, strict=True)
                        if isinstance(key, ast.Attribute)
                        and isinstance(value, ast.Constant)
                        and isinstance(value.value, str)
                    },
                )


def _parse_yaml(content: bytes) -> _Parsed:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    whole = yaml.load(content, Loader=loader)  # noqa: S506 - the base loader makes only texts
    rules = whole.get("rules") if isinstance(whole, dict) else None
    sums = [
        {key: rule.get(key) for key in _SUM_KEYS}
        for rule in rules or ()
        if isinstance(rule, dict) and rule.get("kind") == "sum"
    ]
    return {"digest": _hash(json.dumps(whole)), "sums": _hash(json.dumps(sums)) if sums else ""}


def _parse_sql(content: bytes) -> _Parsed:
    bare = _SQL_COMMENT.sub(lambda found: found[1] or "", content.decode())
    return {"digest": _hash("\n".join(line for line in map(str.strip, bare.split("\n")) if line))}


_PARSERS: Final = {".py": _parse_python, ".yaml": _parse_yaml, ".sql": _parse_sql}


# ---- what is kept


_fresh: dict[str, _Parsed] = {}


@cache
def _kept() -> dict[str, _Parsed]:
    try:
        kept = json.loads(_cache_file().read_bytes())
    except (OSError, ValueError):  # none yet, or cut off: it is made anew
        return {}
    return kept if isinstance(kept, dict) else {}


def _cache_file() -> Path:
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    # syntax trees differ between versions of Python
    return Path(folder, "nianbao", f"sources-{sys.implementation.cache_tag}.json")


def _write_cache(text: str) -> None:
    place = _cache_file()
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    os.replace(unfinished, place)
