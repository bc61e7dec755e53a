"""Number formats of spreadsheets: what a number looks like in its cell.

`format_number(value, code)` gives the text, or None where the format is not understood (fractions,
exponents, conditions, Chinese numerals, elapsed time); the caller then gives the full value.
`read_number(raw)` gives the number that a stored text stands for.

Understood: sections for positive, negative, zero; `0 # ?` with decimals, thousands and scaling
commas, percent, literals (quoted, escaped, between digits as in `0!.0000`), currency, General, and
dates, which come out as ISO text with the parts that the format shows. Deviations from the screen,
all so that no number changes: General is not cut to the column's width, a negative number always
has its minus sign (instead of colour or brackets), and a decimal point has digits on both sides or
is left out.

Source: ECMA-376 part 1, 18.8.30 and 18.8.31 (built-in formats; those of China for 27 to 36 and 50
to 58).
"""

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Final, NamedTuple

_YEAR_MONTH, _MONTH_DAY, _TIME = 'yyyy"年"m"月"', 'm"月"d"日"', 'h"时"mm"分"'
_ACCOUNTING: Final = {
    41: '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ',
    42: '_ "¥"* #,##0_ ;_ "¥"* -#,##0_ ;_ "¥"* "-"_ ;_ @_ ',
    43: '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    44: '_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ',
}
BUILT_IN: Final[dict[int, str]] = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"¥"#,##0;"¥"-#,##0',
    6: '"¥"#,##0;"¥"-#,##0',
    7: '"¥"#,##0.00;"¥"-#,##0.00',
    8: '"¥"#,##0.00;"¥"-#,##0.00',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy/m/d",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy/m/d h:mm",
    27: _YEAR_MONTH,
    28: _MONTH_DAY,
    29: _MONTH_DAY,
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: _TIME,
    33: _TIME + 'ss"秒"',
    34: _TIME,
    35: _TIME + 'ss"秒"',
    36: _YEAR_MONTH,
    37: "#,##0;-#,##0",
    38: "#,##0;-#,##0",
    39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00",
    **_ACCOUNTING,
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
    50: _YEAR_MONTH,
    51: _MONTH_DAY,
    52: _YEAR_MONTH,
    53: _MONTH_DAY,
    54: _MONTH_DAY,
    55: _TIME,
    56: _TIME + 'ss"秒"',
    57: _YEAR_MONTH,
    58: _MONTH_DAY,
}
_DIGITS_SHOWN: Final = 15  # a spreadsheet computes with 17 significant digits and shows 15
_CODE_LENGTH: Final = 255
_STORED: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?")
_TOKEN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"?'
    r"|[\\!](?P<escaped>.)"
    r"|_(?P<space>.)"
    r"|\*(?P<fill>.)"
    r"|\[(?P<bracket>[^\]]*)\]"
    r"|(?P<general>General|G/通用格式)"
    r"|(?P<noon>AM/PM|A/P|上午/下午)"
    r"|(?P<exponent>E[+-])"
    r"|(?P<date>y+|m+|d+|h+|s+|e+|g+|b+|a{3,4})"
    r"|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<text>@)|(?P<end>;)|"
    r"(?P<literal>.)",
    re.IGNORECASE | re.DOTALL,
)
_COLOUR: Final = re.compile(
    r"black|blue|cyan|green|magenta|red|white|yellow|color ?\d+|[黑蓝青绿红白黄]色?|洋红|颜色 ?\d+",
    re.IGNORECASE,
)
_CURRENCY: Final = re.compile(r"\$([^-]*)(?:-.*)?")  # [$¥-804]; [$-804] names a language only
_LAST_DAY: Final = 2_958_466  # the first of January 10000
_LEAP: Final = 60  # 29 February 1900, which never was; days before it are numbered one too low
_GENERAL_KINDS: Final = frozenset({"general", "literal"})
_DATE_PARTS: Final = {
    "y": "year",
    "e": "year",
    "b": "year",
    "m": "month",
    "d": "day",
    "h": "hour",
    "s": "second",
}
_WITHOUT_BRACKETS: Final = str.maketrans("", "", "()（）")


class _FormatToken(NamedTuple):
    kind: str  # literal, general, date, digit, point, comma, percent, text
    text: str


_Section = tuple[_FormatToken, ...]


def read_number(raw: str) -> Decimal | None:
    """The number that a stored text such as "0.30000000000000004" or "1E-05" stands for, to 15
    digits; None if it is none.
    """
    if len(raw) > 400 or not _STORED.fullmatch(raw):
        return None
    approximate = float(raw)
    if not math.isfinite(approximate):
        return None
    if approximate == 0:
        return Decimal(0)
    if raw.lstrip("+-").isdecimal() and len(raw) <= 40:
        return Decimal(raw)  # written by a program that does not round: every digit is meant
    value = Decimal(f"{approximate:.{_DIGITS_SHOWN}g}")
    return (
        value.quantize(Decimal(1))
        if value == value.to_integral_value() and abs(value) < 10**20
        else value.normalize()
    )


def format_number(value: Decimal, code: str, epoch_1904: bool = False) -> str | None:
    """The text that a cell with number format `code` shows for `value`, outer blanks removed; None
    if the format is not understood.
    """
    sections = _parse_sections(code)
    if sections is None:
        return None
    numeric = [s for s in sections[:3] if not any(t.kind == "text" for t in s)]
    if not numeric:
        return _write_plain(value)  # a number in a text cell
    has_own_minus = value < 0 and len(numeric) > 1
    section = numeric[1 if has_own_minus else 2 if value == 0 and len(numeric) > 2 else 0]
    parts = [t.text.lower() for t in section if t.kind == "date"]
    if parts:
        # digits are parts of seconds, or it is no date
        mixed = any(t.kind == "digit" for t in section) and not any(p[0] == "s" for p in parts)
        return None if mixed else _format_moment(value, parts, epoch_1904)
    text = _fill_section(abs(value), section).strip()
    if value < 0 and any(c.isdigit() for c in text):
        return _mark_negative(text, has_own_minus)
    return text


def _mark_negative(text: str, has_own_minus: bool) -> str:
    """The text with a minus sign: that of the format's section for negative numbers, if it has one,
    and not in brackets.
    """
    if not has_own_minus:
        return f"-{text}"
    text = text.translate(_WITHOUT_BRACKETS)
    return (text if any(minus in text for minus in "-−－") else f"-{text}").strip()


def _write_plain(value: Decimal) -> str:
    return format(value, "f")


@lru_cache(maxsize=512)
def _parse_sections(code: str) -> tuple[_Section, ...] | None:
    """The code's sections, or None if there is anything in it that is not understood."""
    if not code:
        return ((_FormatToken("general", ""),),)
    if len(code) > _CODE_LENGTH:
        return None
    tokens = [_read_token(found) for found in _TOKEN.finditer(code)]
    if None in tokens:
        return None
    sections: list[list[_FormatToken]] = [[]]
    for token in filter(None, tokens):
        if token.kind == "end":
            sections.append([])
        elif token.kind not in ("fill", "noon"):
            sections[-1].append(token)
    if any(_is_fraction(s) for s in sections) or len(sections) > 4:
        return None
    return tuple(tuple(s) for s in sections)


def _read_token(found: re.Match[str]) -> _FormatToken | None:
    """A token of the code; None for an exponent, a condition, elapsed time, other numerals."""
    kind, text = found.lastgroup or "", found[found.lastgroup or 0]
    match kind:
        case "quoted" | "escaped" | "literal":
            return _FormatToken("literal", text)
        case "space":
            return _FormatToken("literal", " ")
        case "exponent":
            return None
        case "bracket":
            currency = _CURRENCY.fullmatch(text)
            if currency:
                return _FormatToken("literal", currency[1])
            is_colour = _COLOUR.fullmatch(text) is not None
            return _FormatToken("fill", text) if is_colour else None  # colours show no text
        case _:
            return _FormatToken(kind, text)


def _is_fraction(section: list[_FormatToken]) -> bool:
    slash = next((i for i, t in enumerate(section) if t == ("literal", "/")), None)
    return slash is not None and any(t.kind == "digit" for t in section[:slash])


def _fill_section(value: Decimal, section: _Section) -> str:
    """The section with the digits of `value` (not negative) in their places."""
    kinds = {token.kind for token in section}
    if "general" in kinds:
        plain = {"general": _write_plain(value)}
        return "".join(plain.get(t.kind, t.text) for t in section if t.kind in _GENERAL_KINDS)
    if "digit" not in kinds:
        return "".join(t.text for t in section if t.kind in ("literal", "percent"))
    places = _find_places(section)
    integer, fraction = _scale(value, places)
    shown = _decimal_digits(fraction, section, places)
    shown |= _whole_digits(integer.lstrip("0"), section, places)
    # ".00" gives 12.50 and 0.50
    if not any(shown[i] for i in places.whole) and (shown.get(places.point) or integer.strip("0")):
        shown[places.point] = integer + shown.get(places.point, "")
    return "".join(
        shown.get(i, "") if t.kind in ("digit", "point", "comma") else t.text
        for i, t in enumerate(section)
    )


@dataclass(frozen=True, slots=True)
class _DigitPlaces:
    """Where in a section the digits stand, by the indexes of its tokens."""

    whole: tuple[int, ...]
    point: int  # the length of the section where it has none
    decimals: tuple[int, ...]
    grouped: bool  # a comma between digits: thousands are set apart
    exponent: int  # the power of ten that is shown of a number


def _find_places(section: _Section) -> _DigitPlaces:
    digits = [i for i, t in enumerate(section) if t.kind == "digit"]
    commas = [i for i, t in enumerate(section) if t.kind == "comma"]
    point = next((i for i, t in enumerate(section) if t.kind == "point"), len(section))
    whole = tuple(i for i in digits if i < point)
    decimals = tuple(i for i in digits if i > point)
    grouped = bool(whole) and any(whole[0] < i < whole[-1] for i in commas)
    # commas behind the last digit, or right behind the last before the point, divide by 1000
    behind_whole = whole[-1] + 1 if whole else -1
    thousands = sum(i > digits[-1] or i == behind_whole for i in commas)
    percents = sum(t.kind == "percent" for t in section)
    return _DigitPlaces(whole, point, decimals, grouped, 2 * percents - 3 * thousands)


def _scale(value: Decimal, places: _DigitPlaces) -> tuple[str, str]:
    """The digits before and behind the point, as many of the latter as there are places."""
    context = Context(prec=1000)
    step = Decimal(1).scaleb(-len(places.decimals))
    rounded = value.scaleb(places.exponent, context).quantize(step, ROUND_HALF_UP, context)
    integer, _, fraction = format(rounded, "f").partition(".")
    return integer, fraction


def _decimal_digits(fraction: str, section: _Section, places: _DigitPlaces) -> dict[int, str]:
    """The digits behind the point in their places, less zeros at the end that need not be shown;
    and the point, if any digit is behind it.
    """
    shown = dict(zip(places.decimals, fraction, strict=False))
    for i in reversed(places.decimals):
        if section[i].text == "0" or shown[i] != "0":
            break
        shown[i] = ""
    if places.point < len(section) and any(shown.values()):
        shown[places.point] = "."
    return shown


def _whole_digits(digits: str, section: _Section, places: _DigitPlaces) -> dict[int, str]:
    """The digits before the point, right to left over their places; the first place takes all that
    are left.
    """
    shown: dict[int, str] = {}
    written = 0
    for i in reversed(places.whole):
        here = digits if i == places.whole[0] else digits[-1:]
        digits = digits[: len(digits) - len(here)]
        piece = ""
        for digit in reversed(here or ("0" if section[i].text == "0" else "")):
            comma = "," if places.grouped and written and written % 3 == 0 else ""
            piece = digit + comma + piece
            written += 1
        shown[i] = piece
    return shown


def _format_moment(serial: Decimal, parts: list[str], epoch_1904: bool) -> str | None:
    """A day number as ISO text with the parts that the format shows; None outside the calendar."""
    if not 0 <= serial < _LAST_DAY:
        return None
    moment = _find_moment(serial, epoch_1904)
    shown = {_part_of_date(parts, i) for i in range(len(parts))}
    date = time = ""
    if "day" in shown or ("month" in shown and "year" not in shown):
        date = f"{moment:%Y-%m-%d}"
    elif "month" in shown:
        date = f"{moment:%Y-%m}"
    elif "year" in shown:
        date = f"{moment:%Y}"
    if "second" in shown:
        time = f"{moment:%H:%M:%S}"
    elif shown & {"hour", "minute"}:
        time = f"{moment:%H:%M}"
    return f"{date} {time}".strip()


def _part_of_date(parts: list[str], i: int) -> str | None:
    """What the part `i` of a date shows; `m` is a minute behind hours and before seconds."""
    letter = parts[i][0]
    if letter == "m" and (
        (i and parts[i - 1][0] == "h") or (i + 1 < len(parts) and parts[i + 1][0] == "s")
    ):
        return "minute"
    return _DATE_PARTS.get(letter)


def _find_moment(serial: Decimal, epoch_1904: bool) -> datetime:
    days = int(serial)
    seconds = int(((serial - days) * 86_400).to_integral_value(ROUND_HALF_UP))
    day_zero = (
        datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30 if days >= _LEAP else 31)
    )
    return day_zero + timedelta(days=days, seconds=seconds)
