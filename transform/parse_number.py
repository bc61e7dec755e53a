"""The printed text of a cell to its value, state and unit. Exact decimals, and never a guess.

Takes the text of one cell; gives a `Printed`: state `number`, `zero`, `blank`, `marker` or `text`,
the value where there is one, the unit as printed, and `remarks`, the codes of remarks about how it
was printed (rules of kind `remark`).

The grammar is closed. A cell is a number if it reads, once folded, as

    [currency] [sign] digits [unit] [bracketed words] [mark of a note]

with digits plain, with thousands commas, or broken by inner spaces. A mark of a note (`5①`, `5²`,
`5[1]`, `5*`) is no part of the number. Everything else is `text`: two numbers in a cell, an ordinal
(`1.`), a year (`2023年`), a page mark (`-5-`), words in front. A wrong value that looks right is
worse than a `text` that a person must look at.

Out of scope: whether a value is plausible or allowed (the rules judge that), and whether blank
means zero (never here).
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Final

from extract.number_text import ANY_UNIT, MARKERS, MONEY

# A lone letter or character that people type for zero. Only alone: "1O" stays text.
ZERO_LOOKALIKES: Final = frozenset({"O", "o", "〇", "零", "○"})

_INVISIBLE: Final = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad]")
# Behind a number it refers to a note: raised and lowered digits, digits in circles, stars, and
# small numbers in square brackets. Cut off before NFKC makes digits like any other of them.
_NOTE_MARK: Final = re.compile(
    r"\s?(?:[\u00b9\u00b2\u00b3\u2070\u2074-\u2089\u2460-\u2473]{1,2}|[*＊※]{1,3}"
    r"|[\[［〔][0-9０-９]{1,2}[\]］〕])\s*$"
)
_NUMBER: Final = re.compile(
    r"(?P<money>[¥￥])?"
    r"(?P<sign>[+\-−] ?)?"
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?: [0-9]+)*(?:\.[0-9]+)?)"
    rf" ?(?P<unit>{ANY_UNIT})?"
    r" ?(?P<words>\((?=[^()]*[^\W\d])[^()]*\))?"
)


@dataclass(frozen=True, slots=True)
class Printed:
    """What a cell says.

    `value` is as printed (251000元 is 251000, unit 元) and None unless state is number or zero.
    """

    state: str
    value: Decimal | None = None
    unit: str | None = None
    remarks: tuple[str, ...] = ()


BLANK: Final = Printed("blank")


def fold(text: str) -> str:
    """NFKC, no invisible characters, outer blank space gone, inner runs of it one space; a line
    break stays one.
    """
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return "\n".join(part for line in folded.splitlines() if (part := " ".join(line.split())))


@lru_cache(maxsize=65_536)
def parse(text: str) -> Printed:
    """The cell's text as a `Printed`; never raises."""
    stripped = text.strip()
    if stripped.isascii() and stripped.isdigit():  # nine cells in ten
        value = Decimal(stripped)
        return Printed("number" if value else "zero", value)
    folded = fold(text)
    if not folded:
        return BLANK
    if folded in MARKERS:
        return Printed("marker")
    if folded in ZERO_LOOKALIKES:
        return Printed("zero", Decimal(0), None, ("cell.lookalike",))
    bare = _NOTE_MARK.sub("", text)
    if bare.strip() and bare != text:
        noted = parse(bare)
        return (
            Printed("text")
            if noted.value is None
            else replace(noted, remarks=(*noted.remarks, "cell.note_mark"))
        )
    found = _NUMBER.fullmatch(folded.replace("\n(", " ("))
    if found is None or any(unicodedata.category(c) == "No" for c in text):  # ②5 folds to 25
        return Printed("text")
    return _number(text, found)


def _number(text: str, found: re.Match[str]) -> Printed:
    digits = found["digits"]
    remarks = []
    if " " in digits:
        remarks.append("cell.inner_space")
    if "," in digits or any("０" <= c <= "９" for c in text):
        remarks.append("cell.normalised")
    value = Decimal(digits.replace(",", "").replace(" ", ""))
    if found["sign"] and found["sign"][0] in "-−":
        value = -value
    unit = found["unit"] or ("元" if found["money"] else None)
    if unit:
        remarks.append("cell.unit_in_cell")
    if found["words"]:
        remarks.append("cell.words_beside_number")
    return Printed("number" if value else "zero", value, unit, tuple(remarks))


_DASH_AS_SIGN: Final = re.compile("[–—] ?")
_WORD_AS_SIGN: Final = re.compile("(?P<more>增加?|新增)|(?P<less>减少?) ?")


def parse_change(text: str) -> Printed:
    """The same for a cell that holds a change (本年增/减): a dash or a word may be its sign."""
    printed = parse(text)
    if printed.state != "text":
        return printed
    folded = fold(text)
    for pattern, remark in (
        (_DASH_AS_SIGN, "cell.dash_as_sign"),
        (_WORD_AS_SIGN, "cell.word_as_sign"),
    ):
        found = pattern.match(folded)
        if found and parse(rest := folded[found.end() :].lstrip()).value is not None:
            if rest[0] in "+-−":
                return printed
            change = parse(rest if found.groupdict().get("more") else f"-{rest}")
            return replace(change, remarks=(*change.remarks, remark))
    return printed


def in_unit(value: Decimal, printed: str | None, form: str | None) -> Decimal | None:
    """`value` in the form's unit: money is converted, a unit that is none of money or is the form's
    own leaves it; None if neither.
    """
    if printed is None or form is None or printed == form:
        return value
    if printed in MONEY and form in MONEY:
        return value * MONEY[printed] / MONEY[form]
    return None if printed in MONEY or form in MONEY else value
