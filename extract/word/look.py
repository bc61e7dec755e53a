"""How text of a Word document looks, as far as it decides whether a person reads it: hidden, struck
through, raised, white, tiny.

`look_of` takes the properties of a run, `read_styles` the part of the styles with what each has
from the style that it is based on. Sources: ECMA-376 part 1, 17.3.2 (run properties) and 17.7.3
(switches of a character style and a paragraph style that turn each other off).
"""

import re
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from lxml import etree

from extract.word.vocabulary import attribute, is_on, value_of, word_tags

_Said = TypeVar("_Said", bool, int)
_WHITE_FROM: Final = 0xF8  # of each of the three colours
_TINY_HALF_POINTS: Final = 2
# in the bytes of a part: what must stand there if it says anything of the kind
_SAID: Final = re.compile(
    rb"""anish|trike|:vertAlign|:position"""
    rb"""|:color\s[^>]{0,80}["'][Ff][89A-Fa-f][Ff][89A-Fa-f][Ff][89A-Fa-f]"""
    rb"""|:sz\s[^>]{0,60}["'][012]["']"""
)
_STYLE_HEAD: Final = 120  # bytes in which a style says its type
_HIDING: Final = frozenset(word_tags("vanish specVanish"))
_STRIKING: Final = frozenset(word_tags("strike dstrike"))
_COLOUR: Final = frozenset(word_tags("color"))
_SIZE: Final = frozenset(word_tags("sz"))
_ALIGNED: Final = frozenset(word_tags("vertAlign"))
_SHIFTED: Final = frozenset(word_tags("position"))
_STYLE: Final = frozenset(word_tags("style"))
LOOK_TAGS: Final = (*_HIDING, *_STRIKING, *_COLOUR, *_SIZE, *_ALIGNED, *_SHIFTED)


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks as far as it matters here; None where nothing is said of it."""

    hidden: bool | None = None
    has_line_through: bool | None = None
    raised: int | None = None  # 1 above the line, -1 below, 0 on it
    shift: int | None = None  # of the baseline, in half points
    white: bool | None = None
    tiny: bool | None = None

    def over(self, below: "Look") -> "Look":
        """This look where it says something, else the one that it stands on."""
        return Look(
            _first_said(self.hidden, below.hidden),
            _first_said(self.has_line_through, below.has_line_through),
            _first_said(self.raised, below.raised),
            _first_said(self.shift, below.shift),
            _first_said(self.white, below.white),
            _first_said(self.tiny, below.tiny),
        )

    def beside(self, paragraph: "Look") -> "Look":
        """A character style's look over a paragraph style's: switches that both turn on are off."""
        return replace(
            self.over(paragraph),
            hidden=_toggled(self.hidden, paragraph.hidden),
            has_line_through=_toggled(self.has_line_through, paragraph.has_line_through),
        )


def _first_said(mine: _Said | None, below: _Said | None) -> _Said | None:
    return below if mine is None else mine


def _toggled(one: bool | None, other: bool | None) -> bool | None:
    return one != other if one is not None and other is not None else _first_said(one, other)


PLAIN: Final = Look()


def may_change_looks(styles: bytes) -> bool:
    """Whether the part of the styles can say anything of what is seen: parsing it costs ten times
    this search. Parts in UTF-16 are parsed.
    """
    if b"\0" in styles[:64]:
        return True
    if _SAID.search(styles) is None:
        return False
    # the many styles for tables of Word's own set no run's look
    each = (style for style in styles.split(b":style ") if b'"table"' not in style[:_STYLE_HEAD])
    return any(_SAID.search(style) for style in each)


def read_styles(sheet: etree._Element) -> dict[str, Look]:
    """The styles that change what is seen, by their id, with what they have from others."""
    own: dict[str, Look] = {}
    for mark in sheet.iter(*LOOK_TAGS):
        properties = mark.getparent()
        style = None if properties is None else properties.getparent()
        if properties is not None and style is not None and style.tag in _STYLE:
            own[attribute(style, "styleId") or ""] = look_of(properties)
    if not any(_changes_something(look) for look in own.values()):
        return {}
    based_on = {
        attribute(style, "styleId") or "": value_of(base) or ""
        for base in sheet.iter(*word_tags("basedOn"))
        if (style := base.getparent()) is not None
    }
    whole = {name: _with_base(name, own, based_on) for name in own.keys() | based_on.keys()}
    return {name: look for name, look in whole.items() if _changes_something(look)}


def _changes_something(look: Look) -> bool:
    return any((look.hidden, look.has_line_through, look.raised, look.shift, look.white, look.tiny))


def _with_base(name: str, own: dict[str, Look], based_on: dict[str, str]) -> Look:
    look = PLAIN
    passed: set[str] = set()
    while name and name not in passed:
        passed.add(name)
        look = look.over(own.get(name, PLAIN))
        name = based_on.get(name, "")
    return look


def look_of(properties: etree._Element) -> Look:
    """What a w:rPr says itself."""
    look = PLAIN
    for child in properties:
        tag = child.tag
        if tag in _HIDING:
            look = replace(look, hidden=bool(look.hidden) or is_on(child))
        elif tag in _STRIKING:
            look = replace(look, has_line_through=bool(look.has_line_through) or is_on(child))
        elif tag in _ALIGNED:
            side = {"superscript": 1, "subscript": -1}.get(value_of(child) or "", 0)
            look = replace(look, raised=side)
        elif tag in _SHIFTED:
            look = replace(look, shift=whole_number(value_of(child)) or 0)
        elif tag in _COLOUR:
            look = replace(look, white=is_white(value_of(child)))
        elif tag in _SIZE:
            look = replace(look, tiny=_is_tiny(value_of(child)))
    return look


def _is_tiny(half_points: str | None) -> bool:
    size = whole_number(half_points)
    return size is not None and 0 <= size <= _TINY_HALF_POINTS


def whole_number(text: str | None) -> int | None:
    """A whole number, or None for what is none."""
    try:
        return int(text or "")
    except ValueError:
        return None


def is_white(colour: str | None) -> bool:
    """Whether a colour such as FFFFFF is as good as white."""
    try:
        return len(colour or "") == 6 and min(bytes.fromhex(colour or "")) >= _WHITE_FROM
    except ValueError:
        return False


def is_of_interest(mark: etree._Element) -> bool:
    """Whether a property of LOOK_TAGS may change what is seen: most colours and sizes do not."""
    if mark.tag in _COLOUR:
        return is_white(value_of(mark))
    return mark.tag not in _SIZE or _is_tiny(value_of(mark))
