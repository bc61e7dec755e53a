"""Counts as the prose writes them.

`parse_count` reads digits (1234; 1.2万) and Chinese numerals (三百一十二), and gives None for
everything that is no exact count: 几, 三四, 三百五.
"""

import re
from decimal import Decimal
from typing import Final

LONGEST_NUMERAL: Final = 20  # characters
_FIGURE: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")  # what the warehouse holds exactly
_DIGITS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_PLACES: Final = {"十": 10, "百": 100, "千": 1000}
_NUMERAL_CHARACTERS: Final = _DIGITS.keys() | _PLACES.keys() | {"万"}


def parse_count(text: str) -> Decimal | None:
    """The count that `text` is, None if it is none.

    1.2万 is 12000: `万` with a fraction is rounded, which the caller must bear in mind.
    """
    if text[:1].isascii():
        number, factor = (text[:-1], 10_000) if text.endswith("万") else (text, 1)
        return Decimal(number) * factor if _FIGURE.fullmatch(number) else None
    if len(text) > LONGEST_NUMERAL or not set(text) <= _NUMERAL_CHARACTERS:
        return None
    if _DIGITS.keys() >= set(text):
        return _parse_digit_by_digit(text)
    return _parse_numeral(text)


def _parse_digit_by_digit(text: str) -> Decimal | None:
    """二〇二 is written so; 两三 is a guess."""
    if len(text) > 1 and "〇" not in text:
        return None
    return Decimal("".join(str(_DIGITS[c]) for c in text))


def _parse_numeral(text: str) -> Decimal | None:
    high, mark, low = text.rpartition("万")
    ten_thousands = _parse_below_ten_thousand(high) if mark else 0
    ones = _parse_below_ten_thousand(low)
    if ten_thousands is None or ones is None or (mark and not ten_thousands):
        return None
    return Decimal(ten_thousands * 10_000 + ones)


def _parse_below_ten_thousand(text: str) -> int | None:
    """A numeral as 三百一十二, 十二, 一百零五; 0 for no text, None for places out of order."""
    total, digit, last_place = 0, None, 10_000
    for c in text:
        if c in _PLACES:
            place = _PLACES[c]
            # only 十 may begin a numeral without a digit before it
            if place >= last_place or (digit is None and (c != "十" or total)):
                return None
            last_place = place
            total, digit = total + (1 if digit is None else digit) * place, None
        elif digit or c not in _DIGITS:  # two digits in a row, or a second 万
            return None
        else:
            digit = _DIGITS[c]
    # 三百五 is 350 in speech
    if digit and last_place > 10 and total and "零" not in text and "〇" not in text:
        return None
    return total + (digit or 0)
