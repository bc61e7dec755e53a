"""Number formats of spreadsheets: what a number looks like in its cell.

`show(value, code)` gives the text, or None where the format is not understood (fractions,
exponents, conditions, Chinese numerals, elapsed time); the caller then gives the full value.
`exact_number(raw)` gives the number that a stored text stands for.

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


class _Token(NamedTuple):
    kind: str  # literal, general, date, digit, point, comma, percent, text
    text: str


_Section = tuple[_Token, ...]


def exact_number(raw: str) -> Decimal | None:
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


def show(value: Decimal, code: str, epoch_1904: bool = False) -> str | None:
    """The text that a cell with number format `code` shows for `value`, outer blanks removed; None
    if the format is not understood.
    """
    sections = _sections(code)
    if sections is None:
        return None
    numeric = [s for s in sections[:3] if not any(t.kind == "text" for t in s)]
    if not numeric:
        return _plain(value)  # a number in a text cell
    index = 1 if value < 0 and len(numeric) > 1 else 2 if value == 0 and len(numeric) > 2 else 0
    section = numeric[index]
    parts = [t.text.lower() for t in section if t.kind == "date"]
    if parts:
        # digits are parts of seconds, or it is no date
        mixed = any(t.kind == "digit" for t in section) and not any(p[0] == "s" for p in parts)
        return None if mixed else _iso(value, parts, epoch_1904)
    text = _fill(abs(value), section)
    if value < 0 and any(c.isdigit() for c in text):
        text = text.strip()
        if index == 1:
            text = text.replace("(", "").replace(")", "").replace("（", "").replace("）", "")
        if not (index == 1 and any(minus in text for minus in "-−－")):
            text = "-" + text
    return text.strip()


def _plain(value: Decimal) -> str:
    return format(value, "f")


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...] | None:
    """The code's sections, or None if there is anything in it that is not understood."""
    if len(code) > _CODE_LENGTH:
        return None
    sections: list[list[_Token]] = [[]]
    for found in _TOKEN.finditer(code):
        kind, text = found.lastgroup or "", found[found.lastgroup or 0]
        if kind == "end":
            sections.append([])
        elif kind == "bracket":
            currency = _CURRENCY.fullmatch(text)
            if currency:
                sections[-1].append(_Token("literal", currency[1]))
            elif not _COLOUR.fullmatch(text):
                return None  # a condition, elapsed time, another script of numerals
        elif kind == "exponent":
            return None
        elif kind in ("quoted", "escaped", "literal"):
            sections[-1].append(_Token("literal", text))
        elif kind == "space":
            sections[-1].append(_Token("literal", " "))
        elif kind not in ("fill", "noon"):
            sections[-1].append(_Token(kind, text))
    if any(_is_fraction(s) for s in sections) or len(sections) > 4:
        return None
    return tuple(tuple(s) for s in sections) if code else ((_Token("general", ""),),)


def _is_fraction(section: list[_Token]) -> bool:
    slash = next((i for i, t in enumerate(section) if t == ("literal", "/")), None)
    return slash is not None and any(t.kind == "digit" for t in section[:slash])


def _fill(value: Decimal, section: _Section) -> str:
    """The section with the digits of `value` (not negative) in their places."""
    if any(t.kind == "general" for t in section):
        return "".join(
            _plain(value) if t.kind == "general" else t.text
            for t in section
            if t.kind in ("general", "literal")
        )
    places = [i for i, t in enumerate(section) if t.kind == "digit"]
    if not places:
        return "".join(t.text for t in section if t.kind in ("literal", "percent"))
    point = next((i for i, t in enumerate(section) if t.kind == "point"), len(section))
    whole, decimals = [i for i in places if i < point], [i for i in places if i > point]
    grouped, thousands = _commas(section, whole)
    shift = 2 * sum(t.kind == "percent" for t in section) - 3 * thousands
    scaled = value.scaleb(shift, Context(prec=1000))
    rounded = scaled.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP, Context(prec=1000))
    integer, _, fraction = format(rounded, "f").partition(".")
    shown = dict(zip(decimals, fraction, strict=False))
    for i in reversed(decimals):
        if section[i].text == "0" or shown[i] != "0":
            break
        shown[i] = ""
    if point < len(section) and any(shown[i] for i in decimals):
        shown[point] = "."
    shown |= _whole_digits(integer.lstrip("0"), section, whole, grouped)
    # ".00" gives 12.50 and 0.50
    if not any(shown[i] for i in whole) and (shown.get(point) or integer.strip("0")):
        shown[point] = integer + shown.get(point, "")
    return "".join(
        shown.get(i, "") if t.kind in ("digit", "point", "comma") else t.text
        for i, t in enumerate(section)
    )


def _commas(section: _Section, whole: list[int]) -> tuple[bool, int]:
    """Whether thousands are grouped (a comma between digits), and how many commas behind the last
    digit divide by 1000.
    """
    places = [i for i, t in enumerate(section) if t.kind == "digit"]
    grouped = any(
        t.kind == "comma" and whole and whole[0] < i < whole[-1] for i, t in enumerate(section)
    )
    last = max(whole[-1] if whole else -1, places[-1])
    behind = [
        i
        for i, t in enumerate(section)
        if t.kind == "comma" and (i > last or (whole and i == whole[-1] + 1))
    ]
    return grouped, len(behind)


def _whole_digits(
    digits: str, section: _Section, whole: list[int], grouped: bool
) -> dict[int, str]:
    """The digits before the point, right to left over their places; the first place takes all that
    are left.
    """
    shown: dict[int, str] = {}
    written = 0
    for n, i in enumerate(reversed(whole)):
        placed_here = digits if n == len(whole) - 1 else digits[-1:]
        digits = digits[: len(digits) - len(placed_here)]
        piece = ""
        for digit in reversed(placed_here or ("0" if section[i].text == "0" else "")):
            piece = digit + ("," if grouped and written and written % 3 == 0 else "") + piece
            written += 1
        shown[i] = piece
    return shown


def _iso(serial: Decimal, parts: list[str], epoch_1904: bool) -> str | None:
    """A day number as ISO text with the parts that the format shows; None outside the calendar."""
    if not 0 <= serial < _LAST_DAY:
        return None
    minute = {
        i
        for i, p in enumerate(parts)
        if p[0] == "m"
        and ((i and parts[i - 1][0] == "h") or (i + 1 < len(parts) and parts[i + 1][0] == "s"))
    }
    year = any(p[0] in "yeb" for p in parts)
    month = any(p[0] == "m" and i not in minute for i, p in enumerate(parts))
    day = any(p[0] == "d" for p in parts)
    clock = any(p[0] in "hs" for p in parts) or bool(minute)
    moment = _moment(serial, epoch_1904)
    date = (
        f"{moment:%Y-%m-%d}"
        if day or (month and not year)
        else f"{moment:%Y-%m}"
        if month
        else f"{moment:%Y}"
        if year
        else ""
    )
    time = (
        (f"{moment:%H:%M:%S}" if any(p[0] == "s" for p in parts) else f"{moment:%H:%M}")
        if clock
        else ""
    )
    return f"{date} {time}".strip()


def _moment(serial: Decimal, epoch_1904: bool) -> datetime:
    days = int(serial)
    seconds = int(((serial - days) * 86_400).to_integral_value(ROUND_HALF_UP))
    day_zero = (
        datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30 if days >= _LEAP else 31)
    )
    return day_zero + timedelta(days=days, seconds=seconds)
