"""What in print looks like a number, a unit, or a mark for none: said once, for all formats.

Readers must know what looks like a value to tell a cell from prose, long before anyone asks what it
says; `transform.parse_number` has the grammar of what it says and stands on the same units, signs
and marks.

- `is_number`: a piece of text that nothing but blanks or marks sets apart, as in plain text and web
  pages: digits with sign, commas, decimals, percent sign or unit, and nothing else.
- `is_value`: what stands within the borders of one cell: a number, with a unit of any name and
  words in brackets behind it, or a mark for none. Never `1.` and a label.
- `is_plain_marker`: a mark for none that can be known without the borders of a cell. Stars, lines
  of dashes and words such as 不适用 are marks only where they fill a cell (`MARKERS`).
- `is_wrapped_unit`: what may be the unit of the number in the line above: one or two letters.

Not here, for they mean something else: measures behind a figure of prose (`extract.text.read`), the
numbers of list items and pages (`extract.layout.pages`), digits that a scan mistakes for letters
(`extract.scan`), figures of the narrative, among them Chinese numerals
(`transform.narrative.numerals`), and what a spreadsheet takes for a number (`load.frames`).
"""

import re
import unicodedata
from decimal import Decimal
from typing import Final

# Factors between units of money; the longer names first, as an alternation wants them.
MONEY: Final = {
    "亿元": Decimal(100_000_000),
    "万元": Decimal(10_000),
    "千元": Decimal(1000),
    "元": Decimal(1),
}

# Units that reports print inside a cell. Facts about the language of the form, not about one
# agency.
UNITS: Final = (
    *MONEY,
    "件次",
    "人次",
    "件",
    "条",
    "项",
    "个",
    "笔",
    "次",
    "篇",
    "人",
    "份",
    "宗",
    "部",
)
ANY_UNIT: Final = "|".join(UNITS)
ANY_MONEY: Final = "|".join(MONEY)

DIGITS: Final = "0123456789０１２３４５６７８９"
SIGN: Final = r"[+\-−－＋]"

# What fills a cell that counts nothing, once folded.
MARKERS: Final = frozenset(
    {
        "/",
        "//",
        "\\",
        "-",
        "--",
        "---",
        "—",
        "——",
        "–",
        "－",
        "_",
        "*",
        "无",
        "不适用",
        "无此项",
        "N/A",
        "n/a",
        "NA",
    }
)
_PLAIN_MARKERS: Final = frozenset({"/", "//", "-", "—", "--", "——", "-—", "—-", "无"})

_NUMBER: Final = re.compile(
    rf"{SIGN}?(?:\d{{1,3}}(?:[,，]\d{{3}})+|\d+)(?:[.．]\d+)?(?:[%％]|{ANY_UNIT})?"
)
_NUMBER_IN_CELL: Final = re.compile(
    rf"{SIGN}?\d[\d,，\s]*(?:[.．]\d+)?\s*[^\d\s()（）、.．]{{0,2}}\s*(?:[(（].*)?", re.DOTALL
)
_WRAPPED_UNIT: Final = re.compile(r"[^\W\d_]{1,2}")


def is_number(text: str) -> bool:
    """A number as tables print it, with sign, commas, decimals, percent or a unit."""
    return _NUMBER.fullmatch(text) is not None


def is_value(text: str) -> bool:
    """What stands in a cell of figures: a number, with what may stand behind it, or a mark."""
    bare = text.strip()
    return _NUMBER_IN_CELL.fullmatch(bare) is not None or is_plain_marker(bare)


def is_plain_marker(text: str) -> bool:
    """A mark for none that needs no borders of a cell to be known."""
    return unicodedata.normalize("NFKC", text) in _PLAIN_MARKERS


def is_wrapped_unit(text: str) -> bool:
    """One or two letters: the unit of a number in the line above, if there is one."""
    return _WRAPPED_UNIT.fullmatch(text) is not None
