"""The inline marks of Markdown, which converters put around words and figures.

`is_markdown(lines)` tells a text with a Markdown table by the rule under its first row;
`without_marks(line)` gives a line as it is shown: bold, italic, code, links and formatting tags are
taken off what they surround, escapes are undone, struck-through text is left out. An image is
`UNREADABLE`. An escaped bar stays escaped: it is no mark between cells. Raised marks stay as they
are written, so that none joins a number. Out of scope: the tables (`extract.text.delimited`).
"""

import html
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from extract.document import UNREADABLE

STRIKETHROUGH_REMARK: Final = "text that is struck through was left out"

_RULE: Final = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*")
_BAR: Final = re.compile(r"(?<!\\)\|")
_STRIKETHROUGH: Final = re.compile(
    r"~~(?=\S)[^~|]{1,200}~~|<(?P<tag>del|s|strike)>[^<|]{0,200}</(?P=tag)>", re.I
)
_IMAGE: Final = re.compile(r"!\[[^\]|]{0,200}\]\([^)|]{0,2000}\)")
_LINK: Final = re.compile(r"(?<!!)\[([^\]|^]{1,200})\]\([^)|]{0,2000}\)")
_TAG: Final = re.compile(r"</?(?:b|strong|i|em|u|code|span|font|center)(?:\s[^<>|]{0,200})?>", re.I)
_SURROUNDED: Final = (
    re.compile(r"(?<![\\*])(\*{1,3})(?=[^\s*])([^*|]{1,1000}?)(?<=[^\s\\])\1(?!\*)"),
    re.compile(r"(?<![\\\w])(_{1,3})(?=[^\s_])([^_|]{1,1000}?)(?<=[^\s\\])\1(?!\w)"),
    re.compile(r"(?<![\\`])(`{1,2})(?=[^`])([^`|]{1,1000}?)\1(?!`)"),
    re.compile(r"(?<![\\$])(\$)(?=[^\s$])([\d.,]{1,40})\1(?!\$)"),
)
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{}~])")


def is_markdown(lines: Sequence[str]) -> bool:
    """Whether the rule of a Markdown table stands under a line with bars."""
    return any(
        _RULE.fullmatch(line) is not None and _BAR.search(above) is not None
        for above, line in pairwise(lines)
    )


def without_marks(line: str) -> tuple[str, bool]:
    """The line as it is shown, and whether struck-through text was left out of it."""
    if _RULE.fullmatch(line):
        return line, False
    shown = _STRIKETHROUGH.sub("", line)
    is_crossed_out = shown != line
    shown = _LINK.sub(r"\1", _IMAGE.sub(UNREADABLE, _TAG.sub("", shown)))
    for mark in _SURROUNDED:
        shown = mark.sub(r"\2", shown)
    return html.unescape(_ESCAPE.sub(r"\1", shown)).replace("\xa0", " "), is_crossed_out
