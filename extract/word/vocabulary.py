"""Names of WordprocessingML in its two vocabularies, transitional and strict (ECMA-376 parts 1 and
4), and how to ask an element for what it states.
"""

from collections.abc import Iterable
from typing import Final

from lxml import etree

WORD: Final = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
MATH: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "http://purl.oclc.org/ooxml/officeDocument/math",
)
ALTERNATIVES: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_OFF: Final = frozenset({"0", "false", "off"})


def word_tags(names: str) -> tuple[str, ...]:
    """The tags of these elements in the transitional and the strict vocabulary."""
    return tuple(f"{{{space}}}{name}" for space in WORD for name in names.split())


def used_in(root: etree._Element, tags: Iterable[str]) -> list[str]:
    """The tags that may stand in a document: those of its root's vocabulary, and of no other. A
    search costs by the number of its tags.
    """
    foreign = tuple(f"{{{space}}}" for space in WORD if not root.tag.startswith(f"{{{space}}}"))
    return [tag for tag in tags if len(foreign) == len(WORD) or not tag.startswith(foreign)]


def attribute(element: etree._Element, name: str) -> str | None:
    """An attribute of Word's own, in either vocabulary."""
    return element.get(f"{{{WORD[0]}}}{name}") or element.get(f"{{{WORD[1]}}}{name}")


def value_of(element: etree._Element) -> str | None:
    """The attribute `val`."""
    return attribute(element, "val")


def is_on(switch: etree._Element) -> bool:
    """Whether an element that is there or not is meant: it may say that it is off."""
    return (value_of(switch) or "") not in _OFF


TEXTS: Final = word_tags("t")
