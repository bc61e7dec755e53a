"""Titles and names: is this line the title of a report, which agency and which years does it name;
is this text an agency's name.

All words are data (`data/identity.yaml`), compiled once. `squeeze` comes first everywhere: reports
break titles over lines and put blanks between characters. Out of scope: which of several titles a
document means (`identity`), completing names.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Final

from pydantic import BaseModel, ConfigDict

from data import validate

YEAR: Final = r"(?<![0-9])20[0-9]{2}(?![0-9])"
LONGEST_TITLE: Final = 120
LONGEST_NAME: Final = 40
HAN: Final = "\u3400-\u9fff"

_BLANK = re.compile("[\\s\u00a0\u200b-\u200f\u2028-\u202f\u2060\u3000\ufeff]+")
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_HAN_YEAR = re.compile(
    "二[〇○零0]([〇○零一二三四五六七八九0-9])([〇○零一二三四五六七八九0-9])(?=年)"
)
_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
# 一月, 二十一日 behind a year
_HAN_DAY = re.compile(
    "(?<=20[0-9]{2}年)([一二三四五六七八九十]{1,2})月(?:([一二三四五六七八九十]{1,3})日)?"
)
_UNTIL = "(?:[-—–－~～至]|--)"
_SCHOOL_YEAR = re.compile(f"{YEAR}{_UNTIL}{YEAR}学年度?")
_YEAR_TOKEN = re.compile(f"[（(【\\[]?(?:{_SCHOOL_YEAR.pattern}|{YEAR}年?度?)[)）】\\]]?")
# what a site puts before a title: 【年度报告】; a year there is the title's own
_RUBRIC = re.compile("[【\\[][^】\\]0-9]{1,12}[】\\]]")
_BRACKET_END = re.compile("[（(【\\[]([^（(【\\[)）】\\]]*)[)）】\\]]$")
_NAME = re.compile(f"[{HAN}（）()·、]+")


class _WordGroup(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TitleWords(_WordGroup):
    subjects: list[str]
    between: list[str]
    reports: list[str]
    bare_reports: list[str]
    tails: list[str]
    never: list[str]
    site_separators: list[str]
    labels: list[str]
    before: list[str]
    behind: list[str]
    comparisons: list[str]
    papers: list[str]
    parts_of_year: list[str]
    own_bodies: list[str]


class AgencyWords(_WordGroup):
    suffixes: list[str]
    no_names: list[str]
    no_parts: list[str]
    allowed_parts: list[str]
    offices: list[str]
    compiling_offices: list[str]
    bodies_with_offices: list[str]
    short_heads: dict[str, list[str]]
    not_short: list[str]
    areas: list[str]
    bare_areas: list[str]
    towns: list[str]
    town_rests: list[str]


class LevelWords(_WordGroup):
    central_prefixes: list[str]
    central_suffixes: list[str]
    not_central: list[str]
    governments: list[str]


class Renaming(_WordGroup):
    """The last year of reports under a name, and the names that came after it."""

    until: int
    names: list[str]


class OfficialWords(_WordGroup):
    abbreviations: dict[str, str]
    bodies: dict[str, str]
    heads: dict[str, str]
    branches: dict[str, str]
    state: str
    schools: dict[str, str]
    alone: list[str]
    attached: list[str]
    alone_anywhere: list[str]
    not_alone: list[str]
    governments_of: dict[str, str]
    endings: dict[str, str]
    dispatching: list[str]
    departments: list[str]
    of_other_lines: list[str]
    renamed: dict[str, Renaming]
    tax_head: str
    tax_tail: str


class PlaceWords(_WordGroup):
    peoples: list[str]


class IdentityWords(_WordGroup):
    """The whole of data/identity.yaml, with what is compiled from it."""

    title: TitleWords
    agency: AgencyWords
    level: LevelWords
    official: OfficialWords
    places: PlaceWords
    scope: dict[str, list[str]]

    @cached_property
    def grammar(self) -> re.Pattern[str]:
        """head, subject, mid, report and tail of a title; anything behind a site separator is left
        out.
        """
        t = self.title
        return re.compile(
            f"(?P<head>.{{0,80}}?)(?P<subject>{either(t.subjects)})"
            f"(?P<mid>(?:{either(t.between)}|[（(【\\[]?{YEAR}年?度?[)）】\\]]?)*)(?P<report>{either(t.reports)})"
            f'(?P<tail>(?:{either(t.tails)}|[（(【\\[][^）)】\\]]{{0,30}}[)）】\\]]|[》〉>”"])*)(?:(?:{either(t.site_separators)}).*)?'
        )

    @cached_property
    def suffix(self) -> re.Pattern[str]:
        """The end of an agency's name."""
        return re.compile(f"(?:{either(self.agency.suffixes)})$")

    @cached_property
    def label(self) -> re.Pattern[str]:
        """A label such as 标题： before a title."""
        return re.compile(f"(?:{either(self.title.labels)})[:：]")

    @cached_property
    def before(self) -> re.Pattern[str]:
        """IdentityWords before the agency's name."""
        return re.compile(f"^(?:{either(self.title.before)})")

    @cached_property
    def behind(self) -> re.Pattern[str]:
        """IdentityWords behind the agency's name."""
        return re.compile(f"(?:{either(self.title.behind)})$")

    @cached_property
    def site_separator(self) -> re.Pattern[str]:
        """What parts a title from the site's name."""
        return re.compile(either(self.title.site_separators))


def either(words: list[str]) -> str:
    """A pattern for any of `words`, the longest first."""
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


@lru_cache(maxsize=1)
def load_words() -> IdentityWords:
    """The words, read once and kept; ConfigError if the file is at fault."""
    return validate(files("data") / "identity.yaml", IdentityWords)


def squeeze(text: str) -> str:
    """`text` without any blank, with plain digits, and with 二〇二三年一月 as 2023年1月."""
    plain = _BLANK.sub("", text).translate(_DIGITS)
    if "二" in plain:
        plain = _HAN_YEAR.sub(lambda m: "20" + (m[1] + m[2]).translate(_HAN_DIGITS), plain)
    if "月" in plain:
        plain = _HAN_DAY.sub(_plain_day, plain)
    return plain


def _plain_day(found: re.Match[str]) -> str:
    """一月二十一日 as 1月21日."""
    day = f"{_number(found[2])}日" if found[2] else ""
    return f"{_number(found[1])}月{day}"


def _number(numeral: str) -> int:
    """A numeral below a hundred: 九, 十, 十二, 二十, 二十一."""
    tens, ten, ones = numeral.rpartition("十")
    digits = "〇一二三四五六七八九"
    if not ten:
        return digits.index(numeral[-1])
    return 10 * (digits.index(tens[-1]) if tens else 1) + (digits.index(ones) if ones else 0)


@dataclass(frozen=True, slots=True)
class Title:
    """A title: its text without blanks and without the site's name, the agency and the years that
    it names.
    """

    text: str
    agency: str | None
    years: tuple[int, ...]


def is_report_title(text: str) -> bool:
    """Whether `text` is the title of an annual report (a letter that hands one in is), not of a
    paper about reports.
    """
    return parse_title(text) is not None


def parse_title(text: str) -> Title | None:
    """The title in `text`, or None if it is no title of a report.

    `text` is one line, or lines joined.
    """
    if len(text) > 4 * LONGEST_TITLE:
        return None
    words = load_words()
    plain = words.label.sub("", squeeze(text), count=1)
    if (rubric := _RUBRIC.match(plain)) is not None:
        plain = plain[rubric.end() :]
    if len(plain) > LONGEST_TITLE or "公开" not in plain:
        return None
    found = words.grammar.fullmatch(plain)
    if found is None:
        return None
    subject, mid, report, tail = found.group("subject", "mid", "report", "tail")
    head = _behind_site(found["head"], words)
    if any(w in head for w in words.title.never) or not _clean_of_parts(
        head, ["信息公开", "年报", "年度报告"], words
    ):
        return None
    years = _years(head + "|" + mid) or _years(tail)
    if report in words.title.bare_reports and not years and not mid.endswith("年度"):
        return None
    text = plain[found.start("subject") - len(head) : found.end("tail")]
    # 人民政府|信息公开 was cut as 人民|政府信息公开
    if subject.startswith("政府") and head.endswith("人民"):
        head += "政府"
    inside = _BRACKET_END.search(tail)
    return Title(text, _agency(head, words) or (name_in(inside[1]) if inside else None), years)


def _behind_site(head: str, words: IdentityWords) -> str:
    """`head` without the site's name before it; the dash of a school year is no separator."""
    masked = _SCHOOL_YEAR.sub(lambda m: "年" * len(m[0]), head)
    return head[len(head) - len(words.site_separator.split(masked)[-1]) :]


def _years(text: str) -> tuple[int, ...]:
    """The years in a title, the one most likely meant first: with 年度, else the last. A school
    year is the one in which it ends.
    """
    found = [
        (m[0].startswith("年度", 4), m.start(), int(m[0][:4]))
        for m in re.finditer(f"{YEAR}(?!{_UNTIL}20[0-9]{{2}}学年)(?:年度?)?", text)
    ]
    return tuple(dict.fromkeys(year for _, _, year in sorted(found, reverse=True)))


def _agency(head: str, words: IdentityWords) -> str | None:
    name, last = _YEAR_TOKEN.sub("", head), ""
    while name != last:
        last = name
        name = _BRACKET_END.sub("", words.behind.sub("", words.before.sub("", name)))
    return name_in(name)


def _clean_of_parts(text: str, parts: list[str], words: IdentityWords) -> bool:
    for allowed in words.agency.allowed_parts:
        text = text.replace(allowed, "")
    return not any(part in text for part in parts)


def name_in(text: str) -> str | None:
    """`text` as an agency's name without blanks, or None if it is no name (`1`, 本机关, a
    sentence).
    """
    if len(text) > 2 * LONGEST_NAME:
        return None
    words = load_words()
    name = squeeze(text)
    if not 2 <= len(name) <= LONGEST_NAME or _NAME.fullmatch(name) is None:
        return None
    if name in words.agency.no_names or words.suffix.search(_BRACKET_END.sub("", name)) is None:
        return None
    return name if _clean_of_parts(name, words.agency.no_parts, words) else None
