"""How style sheets and style attributes make elements of a page look, as far as it decides whether
a person reads their text.

`looks_of(tree)` gives the looks of all elements about which something is said: by rules of
the page's style sheets, as a screen shows them, and by the elements' own styles. Of several
declarations the one that CSS prefers wins: `!important`, then the element's own, then the more
specific selector, then the later rule. Rules for what a mouse does (a:hover) are none of how a page
looks. What an element has from those around it is left to the caller.

Source: CSS 2.2, 6.4 (the cascade). Out of scope: `@import`, other files, `@supports`, scripts.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.S)
_MEDIA: Final = re.compile(r"@media([^{]*)\{((?:[^{}]*\{[^{}]*\})*[^{}]*)\}", re.I)
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
_LENGTH: Final = re.compile(r"([+-]?\d*\.?\d+)(px|pt|em|ex|rem|cm|mm|in|%)?")
_FAR_AWAY: Final = 500.0  # pixels or points to the left or above: outside of any screen
_SPECIFICITY: Final = (
    re.compile(r"#[\w-]+"),
    re.compile(r"\.[\w-]+|\[[^\]]*\]"),
    re.compile(r"(?:^|[\s>+~])[a-zA-Z]\w*"),
)
_HIDES: Final = ("display", "visibility", "font-size", "opacity", "clip", "away", "mso-hide")

# importance (0 rule, 1 own style, 2 important rule, 3 important own), specificity, order
_Rank = tuple[int, tuple[int, ...], int]


class _Said(NamedTuple):
    """A declaration that holds for an element."""

    name: str
    value: int
    rank: _Rank


@dataclass(frozen=True, slots=True)
class StyledLook:
    """How one element looks by what is said of it; `side` is 1 above the line, -1 below it."""

    hidden: bool = False
    has_line_through: bool = False
    side: int = 0


def looks_of(tree: LexborHTMLParser) -> list[tuple[LexborNode, StyledLook]]:
    """The elements that look otherwise than plain, in no certain order."""
    nodes: dict[int, LexborNode] = {}
    said: dict[int, list[_Said]] = {}
    for node, stated in (*_sheet_rules(tree), *_own_styles(tree)):
        nodes[node.mem_id] = node
        said.setdefault(node.mem_id, []).extend(stated)
    looks = {ident: _look(_preferred(stated)) for ident, stated in said.items()}
    return [(nodes[ident], look) for ident, look in looks.items() if look != StyledLook()]


def _preferred(stated: list[_Said]) -> dict[str, int]:
    """By name the value that wins."""
    return {one.name: one.value for one in sorted(stated, key=lambda one: one.rank)}


def _look(values: dict[str, int]) -> StyledLook:
    side = values.get("vertical-align", 0) or (
        values.get("moved", 0) if values.get("position") else 0
    )
    away = values.get("away", 0) and values.get("position", 0) == 2
    hidden = any(values.get(name) for name in _HIDES if name != "away") or bool(away)
    return StyledLook(hidden, bool(values.get("line-through")), side)


@lru_cache(maxsize=4096)
def _ranked(
    body: str, importance: int, specificity: tuple[int, ...], order: int
) -> tuple[_Said, ...]:
    return tuple(
        _Said(name, value, (importance + 2 * important, specificity, order))
        for name, value, important in _declarations(body)
    )


def _own_styles(tree: LexborHTMLParser) -> Iterator[tuple[LexborNode, tuple[_Said, ...]]]:
    for node in tree.css("[style]"):
        stated = _ranked(node.attributes.get("style") or "", 1, (), 0)
        if stated:
            yield node, stated


def _sheet_rules(tree: LexborHTMLParser) -> Iterator[tuple[LexborNode, tuple[_Said, ...]]]:
    sheets = "\n".join(sheet.text() for sheet in tree.css("style"))
    for order, (selectors, body) in enumerate(_rules_on_screen(sheets)):
        if not _declarations(body):
            continue
        for selector in (one.strip() for one in selectors.split(",")):
            specificity = tuple(len(kind.findall(selector)) for kind in _SPECIFICITY)
            stated = _ranked(body, 0, specificity, order)
            yield from ((node, stated) for node in _selected(tree, selector))


def _selected(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    """The elements of a selector; none for what is no selector: a browser passes over it too."""
    if ":" in selector or selector.startswith("@"):
        return []
    with suppress(SelectolaxError):
        return tree.css(selector)
    return []


def _rules_on_screen(sheets: str) -> list[tuple[str, str]]:
    """Selectors and declarations of the rules that a screen obeys, in order."""
    sheets = _COMMENT.sub("", sheets).replace("<!--", "").replace("-->", "")
    flat = _MEDIA.sub(lambda found: found[2] if _is_screen(found[1]) else "", sheets)
    return [(found[0], found[1]) for found in _RULE.findall(flat)]


def _is_screen(condition: str) -> bool:
    """Whether a screen of usual size is among the media; conditions on widths may not be met."""
    return any(
        "(" not in medium and medium.split()[:1] in (["screen"], ["all"], ["only"])
        for medium in condition.lower().split(",")
    )


@lru_cache(maxsize=4096)
def _declarations(body: str) -> tuple[tuple[str, int, bool], ...]:
    """What declarations say that may matter: name, value as a number, whether it is important."""
    found = []
    for declaration in body.lower().split(";"):
        name, colon, value = (part.strip() for part in declaration.partition(":"))
        important = "!important" in value
        said = _meaning(name, value.replace("!important", "").strip()) if colon else None
        if said is not None:
            found.append((*said, important))
    return tuple(found)


def _meaning(name: str, value: str) -> tuple[str, int] | None:
    """A declaration as a name of ours and 1 where it hides, strikes through or raises, -1 where it
    lowers, 0 where it does not; None where it says nothing of it.
    """
    length = _pixels(value)
    match name:
        case "display":
            return name, int(value == "none")
        case "visibility":
            return name, int(value in ("hidden", "collapse"))
        case "mso-hide":
            return name, int(value == "all")
        case "font-size" | "opacity":
            return name, int(length == 0)
        case "clip":
            return name, int(re.fullmatch(r"rect\([01px, ]*\)", value) is not None)
        case "clip-path":
            return "clip", int(re.fullmatch(r"inset\((?:50|100)%.*\)", value) is not None)
        case "text-decoration" | "text-decoration-line":
            return "line-through", int("line-through" in value)
        case "position":
            return name, {"relative": 1, "absolute": 2, "fixed": 2}.get(value, 0)
        case "vertical-align":
            by_word = {"super": 1, "sub": -1}.get(value)
            return name, by_word if by_word is not None else _sign(length or 0)
        case _:
            return _meaning_of_place(name, length)


def _meaning_of_place(name: str, length: float | None) -> tuple[str, int] | None:
    """What a place says: far to the left or above is outside of the page, a little up or down makes
    a mark of a digit.
    """
    if length is None or name not in ("left", "top", "bottom", "text-indent"):
        return None
    if name == "text-indent":
        return "clip", int(length <= -_FAR_AWAY)
    if length <= -_FAR_AWAY:
        return "away", 1
    if name == "left" or length == 0:
        return None
    return "moved", _sign(length if name == "bottom" else -length)


def _pixels(value: str) -> float | None:
    found = _LENGTH.fullmatch(value)
    return float(found[1]) if found else None


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)
