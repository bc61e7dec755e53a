"""How style sheets and style attributes make elements of a page look, as far as it decides whether
a person reads their text.

`looks_of(tree)` gives the looks of all elements about which something is said: by rules of
the page's style sheets, as a screen shows them, and by the elements' own styles. Of several
declarations the one that CSS prefers wins: `!important`, then the element's own, then the more
specific selector, then the later rule. Rules for what a mouse does (a:hover) are none of how a page
looks. What an element has from those around it is left to the caller. Colours are looked at only
where a page speaks of white.

`with_added_text(tree)` gives the elements to which style sheets add text that may be a number
(`::before`, counters).

Raises ReadError TOO_LARGE for more rules than so many elements can be compared with.

Source: CSS 2.2, 6.4 (the cascade). Out of scope: `@import`, other files, `@supports`, scripts.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from extract import limits
from extract.document import ReadError, Reason

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.S)
_MEDIA: Final = re.compile(r"@media([^{]*)\{((?:[^{}]*\{[^{}]*\})*[^{}]*)\}", re.I)
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
_LENGTH: Final = re.compile(r"([+-]?\d*\.?\d+)(px|pt|em|ex|rem|cm|mm|in|%)?")
_MANY_RULES: Final = 500  # fewer cost little in any page
_FAR_AWAY: Final = 500.0  # pixels or points to the left or above: outside of any screen
_SPECIFICITY: Final = (
    re.compile(r"#[\w-]+"),
    re.compile(r"\.[\w-]+|\[[^\]]*\]"),
    re.compile(r"(?:^|[\s>+~])[a-zA-Z]\w*"),
)
_PLACES_IN_TREE: Final = re.compile(
    r":(?:(?:first|last|only)-(?:child|of-type)|nth-(?:last-)?(?:child|of-type)\([\w+\- ]*\)|empty"
    r"|not\([^():]*\))"
)
_ADDS_TEXT: Final = re.compile(r"\s*(.*?)::?(?:before|after)\s*", re.S)
_CONTENT: Final = re.compile(r"(?:^|;)\s*content\s*:\s*([^;]*)", re.I)
_CODE_OF_CHARACTER: Final = re.compile(r"\\[0-9a-fA-F]{1,6}")
_MAY_BE_NUMBER: Final = re.compile(r"[0-9０-９]|attr\(|counters?\(|url\(", re.I)
_NO_COLOUR: Final = "transparent", "none", "inherit", "initial", "unset"
_WHITE_WORDS: Final = (
    r"white|#f{3}(?:f{3})?|rgba?\(\s*255\s*,\s*255\s*,\s*255\s*(?:,\s*1(?:\.0*)?\s*)?\)"
)
_WHITE: Final = re.compile(_WHITE_WORDS)
_CLEAR: Final = re.compile(r"transparent|rgba\([^)]*,\s*0?\.?0+\s*\)|#[0-9a-f]{3}0|#[0-9a-f]{6}00")
_SPEAKS_OF_WHITE: Final = re.compile(rf"color\s*:\s*(?:{_WHITE_WORDS}|transparent|rgba|#)", re.I)
_COLOURS: Final = frozenset({"color", "background"})
WHITE, CLEAR = 1, 2
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
    is_white: bool = False  # white if nothing is filled behind it
    is_filled: bool = False


def looks_of(tree: LexborHTMLParser) -> list[tuple[LexborNode, StyledLook]]:
    """The elements that look otherwise than plain, in no certain order."""
    nodes: dict[int, LexborNode] = {}
    said: dict[int, list[_Said]] = {}
    colours = _speaks_of_white(tree)
    for node, stated in (*_sheet_rules(tree, colours), *_own_styles(tree, colours)):
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
    flat = values.get("overflow", 0) and (values.get("height") or values.get("max-height"))
    colour = values.get("color", 0)
    hidden = any(values.get(name) for name in _HIDES if name != "away") or bool(away or flat)
    return StyledLook(
        hidden or colour == CLEAR,
        bool(values.get("line-through")),
        side,
        colour == WHITE,
        bool(values.get("background")),
    )


def _speaks_of_white(tree: LexborHTMLParser) -> bool:
    """Whether some text of the page may be white, or clear."""
    own = {node.attributes.get("style") or "" for node in tree.css("[style]")}
    return any(map(_SPEAKS_OF_WHITE.search, (_sheets_of(tree), *own)))


@lru_cache(maxsize=4096)
def _ranked(
    body: str, importance: int, specificity: tuple[int, ...], order: int, colours: bool
) -> tuple[_Said, ...]:
    return tuple(
        _Said(name, value, (importance + 2 * important, specificity, order))
        for name, value, important in _declarations(body)
        if colours or name not in _COLOURS
    )


_Styled = Iterator[tuple[LexborNode, tuple[_Said, ...]]]


def _own_styles(tree: LexborHTMLParser, colours: bool) -> _Styled:
    for node in tree.css("[style]"):
        stated = _ranked(node.attributes.get("style") or "", 1, (), 0, colours)
        if stated:
            yield node, stated


def _sheets_of(tree: LexborHTMLParser) -> str:
    return "\n".join(sheet.text() for sheet in tree.css("style"))


def _sheet_rules(tree: LexborHTMLParser, colours: bool) -> _Styled:
    rules = [
        (selector.strip(), body, order)
        for order, (selectors, body) in enumerate(_rules_on_screen(_sheets_of(tree)))
        if _ranked(body, 0, (), order, colours)
        for selector in selectors.split(",")
    ]
    _refuse_many(tree, len(rules))
    for selector, body, order in rules:
        specificity = tuple(len(kind.findall(selector)) for kind in _SPECIFICITY)
        stated = _ranked(body, 0, specificity, order, colours)
        yield from ((node, stated) for node in _selected(tree, selector))


def _refuse_many(tree: LexborHTMLParser, rules: int) -> None:
    """Each rule is looked up in the whole page: ReadError where that costs too much."""
    elements = len(tree.css("*")) if rules > _MANY_RULES else 0
    if rules * elements > limits.STYLE_MATCHES:
        said = f"a page of {elements} elements with {rules} style rules"
        raise ReadError(Reason.TOO_LARGE, said)


def with_added_text(tree: LexborHTMLParser) -> list[LexborNode]:
    """The elements to which the page's style sheets add text that may be a number."""
    adding: list[str] = []
    for selectors, body in _rules_on_screen(_sheets_of(tree)):
        content = _CONTENT.search(body)
        if content is None or not _MAY_BE_NUMBER.search(_CODE_OF_CHARACTER.sub("", content[1])):
            continue
        for selector in selectors.split(","):
            if added := _ADDS_TEXT.fullmatch(selector):
                adding.append(added[1] or "*")
    _refuse_many(tree, len(adding))
    found = [node for selector in adding for node in _selected(tree, selector)]
    return found


def _selected(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    """The elements of a selector; none for what is no selector: a browser passes over it too."""
    if ":" in _PLACES_IN_TREE.sub("", selector) or selector.startswith("@"):
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
        case "overflow" | "overflow-y":
            return "overflow", int(value in ("hidden", "clip"))
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
            return _meaning_of_colour(name, value) or _meaning_of_place(name, length)


def _meaning_of_colour(name: str, value: str) -> tuple[str, int] | None:
    """WHITE or CLEAR for the colour of text; 1 for a background that is filled."""
    is_white, is_clear = _WHITE.fullmatch(value), _CLEAR.fullmatch(value)
    if name == "color":
        return name, CLEAR if is_clear else WHITE if is_white else 0
    if name in ("background", "background-color"):
        return "background", int(not (is_white or is_clear or value in _NO_COLOUR))
    return None


def _meaning_of_place(name: str, length: float | None) -> tuple[str, int] | None:
    """What a place or a size says: far to the left or above is outside of the page, a little up or
    down makes a mark of a digit, what has no height shows nothing if it is cut off.
    """
    if length is not None and name in ("height", "max-height"):
        return name, int(length == 0)
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
