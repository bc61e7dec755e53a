"""One form for the characters of the prose, so that patterns need to know only one.

`normalize_text` removes blank space and invisible characters; digits and commas within numbers
become half-width, other marks full-width. Digits that a blank parts stay apart (`12_3`), so that
two numbers never become one.
"""

import re
import unicodedata
from typing import Final

_INVISIBLE: Final = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad]")
_THOUSANDS: Final = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_BETWEEN_DIGITS: Final = re.compile(r"(?<=[0-9])\s+(?=[0-9])")
_CHARACTERS: Final = str.maketrans(":;!?()[]", "：；！？（）［］") | {
    c: chr(c - 0xFEE0) for c in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), 0xFF05, 0xFF0E)
}


def normalize_text(text: str) -> str:
    """The text without blank space and with one form for each mark and digit."""
    text = _BETWEEN_DIGITS.sub("_", _INVISIBLE.sub("", text).translate(_CHARACTERS))
    return _THOUSANDS.sub("", "".join(text.split())).replace(",", "，")


def count_word_characters(text: str) -> int:
    """How many characters of a text belong to words or numbers."""
    return sum(unicodedata.category(c)[0] in "LN" for c in text)
