"""Whether a person who looks at an OFD page sees a text object (GB/T 33190-2016, 8.5 and 11.2).

`is_seen(element, areas)` is False for what is marked as not visible, is wholly transparent, neither
filled nor stroked, or white where nothing but the white page lies behind; `areas` are the boxes of
the filled paths and pictures before it. `is_slanted(matrix)` tells text that is turned by no
quarter, as of a watermark. Out of scope: what later objects cover, clipping, and inherited drawing
parameters.
"""

import re
from collections.abc import Sequence
from typing import Final

from lxml import etree

Box = tuple[float, float, float, float]

UNSEEN_REMARK: Final = "text that cannot be seen was left out"
SLANTED_REMARK: Final = "slanted text, as of a watermark, was left out"

_WHITE: Final = ["255", "255", "255"]
_SLANT: Final = 0.09  # rise of a line of text for its length: more is turned by no quarter
_NUMBER: Final = re.compile(r"\d+")


def is_seen(element: etree._Element, areas: Sequence[Box], box: Box) -> bool:
    """Whether the text object with the boundary `box` is seen; boxes are left, top, width, height
    in millimetres.
    """
    if _flag(element, "Visible", "true") == "false" or _is_clear(element):
        return False
    colour = _fill_colour(element)
    is_filled = _flag(element, "Fill", "true") != "false"
    if _flag(element, "Stroke", "false") == "true":
        return True
    if not is_filled or (colour is not None and _is_clear(colour)):
        return False
    if colour is None or _NUMBER.findall(colour.get("Value") or "") != _WHITE:
        return True
    return any(_meet(area, box) for area in areas)


def is_slanted(matrix: Sequence[float]) -> bool:
    """Whether the matrix turns text by no quarter."""
    a, b = abs(matrix[0]), abs(matrix[1])
    return min(a, b) > _SLANT * max(a, b)


def _flag(element: etree._Element, name: str, default: str) -> str:
    return (element.get(name) or default).strip().lower()


def _is_clear(element: etree._Element) -> bool:
    return (element.get("Alpha") or "").strip() == "0"


def _fill_colour(element: etree._Element) -> etree._Element | None:
    for child in element:
        if isinstance(child.tag, str) and etree.QName(child).localname == "FillColor":
            return child
    return None


def _meet(one: Box, two: Box) -> bool:
    return (
        one[0] < two[0] + two[2]
        and two[0] < one[0] + one[2]
        and one[1] < two[1] + two[3]
        and two[1] < one[1] + one[3]
    )
