"""Which agency and which year a document reports on, by what the document itself says; never by the
file's name.

`identify(document, source)` gives an `Identity`. `agency_name` is the agency as the report names
itself, without blanks; `agency_id` its official full name,
    or `unknown`. Where the name is short (市民政局)
it is completed from the source's entry, the publisher, the signature, the preamble or the place
that the prose names; `inferred` says so. `year` is the year reported on. Every year that the
document states about itself is kept as a statement, so that a rule can compare them.

Evidence in order. Agency: title, publisher, signature, preamble. Year: title, statistics period,
the preamble's "X2023年度报告", and as a last resort the year before publication, with a remark. A
doubt gives None or `unknown`, never a guess. Out of scope: years in the tables and in the prose
behind the preamble.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Final, NamedTuple

from extract.document import Document, Grid, Paragraph
from transform.identity.agency_names import (
    complete,
    division_of,
    is_fuller,
    level_of,
    without_compiling_office,
)
from transform.identity.official_names import name_in_year, official_name
from transform.identity.publication import iso_day, published_near
from transform.identity.title import (
    HAN,
    YEAR,
    IdentityWords,
    Title,
    is_report_title,
    load_words,
    name_in,
    parse_title,
    squeeze,
)
from transform.records import UNKNOWN_AGENCY

__all__ = [
    "Identity",
    "SourceEntry",
    "Statement",
    "begins_a_title",
    "identify",
    "is_report_title",
    "title_of",
]

FIRST_YEAR: Final = 2008  # the first reports were on 2008
_TITLE_PARAGRAPHS: Final = 40  # a site's navigation may stand before the title
_PREAMBLE: Final = 15
_ENDING: Final = 10
_CHARACTERS: Final = 1500  # of a paragraph; a preamble has some 700
_LINE: Final = 60  # a line longer than this is no part of a broken title

_QUOTED = re.compile("《[^《》]{0,80}》|[（(][^（(）)]{0,60}[)）]")
_PERIOD = re.compile(
    f"(?P<first>{YEAR})(?:年度?1?月?|月)1日?起?[至到—\\-－~～]+(?:(?P<last>{YEAR})年)?12月[23][0-9]日?"
    f"|(?:统计|数据|报告)[^。；;]{{0,8}}?(?:期限|时限|时间|周期|期间|范围)[^0-9。；"
    f";]{{0,10}}(?P<only>{YEAR})年"
)
_STATED = re.compile(
    f"(?P<year>{YEAR})年?度?的?(?:本?(?:机关|单位|部门))?(?:政府|政务)?信息公开(?:工作)?(?:情况)?(?:年度)?(?:工作)?(?:报告|年报)"
)
# a sentence that publishes this report, wherever it stands
_PUBLISHED = re.compile(f"(?:现|特)(?:将|予|公布|发布|公开)[^。，；]{{0,20}}?{_STATED.pattern}")
# looked for at every position, for a match that turns out to be no name may overlap the one that is
_NAMED = tuple(
    re.compile(f"(?=(?:{lead})(?P<name>[{HAN}]{{2,40}}?)(?:{follow}))")
    for lead, follow in (
        ("由", "根据|依据|依照|按照|按|组织|负责|汇总|编制|编写|制作"),
        ("(?:现将|公布|公开|编制|发布|将)了?", f"{YEAR}年?度?(?:政府|政务)?信息公开"),
        (
            "^|[,，。；;、:：]",
            f"(?:(?:根据|依据|依照|按照)[^。]{{0,60}}?)?(?:现|特|组织|负责|汇总)?编制(?:了|本|完成|{YEAR})",
        ),
    )
)
_DATE = re.compile("20[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日?")
_SIGNED = re.compile(f"(?P<name>[{HAN}（）]{{3,40}}?)(?P<date>{_DATE.pattern})?")
_SIGNED_AT_END = re.compile(
    f"(?:^|[^{HAN}])(?P<name>[{HAN}]{{3,40}})\\s*(?P<date>{_DATE.pattern})$"
)
_CHAPTER = re.compile("[一二]、(?:总体|基本|概述|主动公开)")


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """What the registry of sources knows of the agency behind a source. All of it may be
    missing.
    """

    agency: str | None = None
    place: str | None = None
    division_code: str | None = None
    level: str | None = None
    scope: str | None = None


class Statement(NamedTuple):
    """A fact stated in words.

    `paragraph` counts from 0 in `document.paragraphs`; None for a title outside of them.
    """

    metric: str
    value: int
    sentence: str
    paragraph: int | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who reports on which year. `level` is such as `city_department`; `remarks` are codes:

    `year_from_publication`, `years_disagree`, `agency_inferred`, `agency_not_completed`.
    """

    agency_name: str | None
    agency_id: str
    year: int | None
    title: str | None
    published_on: str | None
    scope: str | None
    level: str | None
    division_code: str | None
    statements: tuple[Statement, ...] = ()
    remarks: tuple[str, ...] = ()


def identify(
    document: Document, source: SourceEntry | None = None, today: date | None = None
) -> Identity:
    """The identity of `document`.

    Never raises for what a document may hold; ConfigError if the project's own data are at fault.

    `today` bounds the years that are believed (from 2008 to the next year); by default the current
    date.
    """
    source = source or SourceEntry()
    words = load_words()
    last_year = (today or date.today()).year + 1
    paragraphs = document.paragraphs
    titles = _titles(document, paragraphs)
    title = titles.best.title if titles.best else None
    printed = titles.printed
    preamble = _preamble(paragraphs, printed.end if printed else 0)
    signed = list(_signatures(paragraphs[-_ENDING:]))
    published = _published(document, paragraphs, printed)
    statements = tuple(s for s in _years(titles, preamble) if FIRST_YEAR <= s.value <= last_year)
    year = statements[0].value if statements else None
    remarks = ["years_disagree"] if len({s.value for s in statements}) > 1 else []

    self_named = list(_self_named(document, preamble, signed, words))
    name = title.agency if title and title.agency else next(iter(self_named), None)
    # without either, nothing says that this is a report at all
    if year is None and (title or name):
        year = _year_by_days([published, *(day for _, day in signed)], last_year)
        remarks += ["year_from_publication"] if year is not None else []
    full = _full_name(name, self_named, year, source, lambda: _prose(document, paragraphs))
    remarks += _remark_name(name, full)
    return Identity(
        agency_name=name,
        agency_id=full or UNKNOWN_AGENCY,
        year=year,
        title=title.text if title else None,
        published_on=published,
        scope=source.scope or _scope(title, preamble, words),
        level=source.level or (level_of(full) if full else None),
        division_code=source.division_code or (division_of(full) if full else None),
        statements=statements,
        remarks=tuple(remarks),
    )


def title_of(document: Document) -> Title | None:
    """The best title that is printed, else the one that the format states; None without one."""
    titles = _titles(document, document.paragraphs)
    best = titles.printed or titles.stated
    return best.title if best else None


def _published(
    document: Document, paragraphs: list[Paragraph], printed: "_Candidate | None"
) -> str | None:
    """The day that the format states, else the one printed near the title."""
    stated = (iso_day(value) for key, value in document.facts if key == "published_on")
    place = None if printed is None or printed.at is None else (printed.at, printed.end)
    return next((day for day in stated if day is not None), None) or published_near(
        document.blocks, paragraphs, place
    )


def _year_by_days(days: Iterable[str | None], last_year: int) -> int | None:
    """The year before the first of the days that tells it."""
    years = (_year_before(day, last_year) for day in days)
    return next((year for year in years if year is not None), None)


def _full_name(
    name: str | None,
    self_named: list[str],
    year: int | None,
    source: SourceEntry,
    prose: Callable[[], list[str]],
) -> str | None:
    """The official full name, in the year of the report, of the agency that calls itself `name`;
    None where nothing tells it.
    """
    if not name or (source.agency and is_fuller(name, source.agency)):
        full = source.agency
    else:
        others = [n for n in (source.agency, *self_named) if n and n != name]
        full = complete(name, others, source.place, prose)
    return name_in_year(official_name(full), year, self_named) if full else None


def _remark_name(name: str | None, full: str | None) -> list[str]:
    if full is None:
        return ["agency_not_completed"] if name else []
    return [] if full == name else ["agency_inferred"]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A title, the paragraph where it stands (None: outside of them) and the first paragraph behind
    it.
    """

    title: Title
    at: int | None
    end: int

    @property
    def score(self) -> int:
        """A title that names year and agency is better than one that names less."""
        return 2 * bool(self.title.years) + bool(self.title.agency)


_Texts = Iterator[tuple[str, int | None, int]]


class _Titles(NamedTuple):
    """The best title that the format states, and the best that is printed."""

    stated: _Candidate | None
    printed: _Candidate | None

    @property
    def ranked(self) -> list[_Candidate]:
        found = [t for t in self if t is not None]
        return sorted(found, key=lambda t: t.score, reverse=True)

    @property
    def best(self) -> _Candidate | None:
        return next(iter(self.ranked), None)


def _titles(document: Document, paragraphs: list[Paragraph]) -> _Titles:
    return _Titles(_best(_fact_titles(document)), _best(_body_titles(document, paragraphs)))


def _best(texts: _Texts) -> _Candidate | None:
    """The first of the best titles among `texts`."""
    best: _Candidate | None = None
    for text, at, end in texts:
        if "公" in text and (found := parse_title(text)) is not None:
            candidate = _Candidate(found, at, end)
            if best is None or candidate.score > best.score:
                best = candidate
            if best.score == 3:
                break
    return best


def _fact_titles(document: Document) -> _Texts:
    return ((value, None, 0) for key, value in document.facts if key == "title")


def _body_titles(document: Document, paragraphs: list[Paragraph]) -> _Texts:
    """Texts that may be the title: lines alone and joined, the first words of a page run together,
    the first cells of a table.
    """
    lines = [p.text for p in paragraphs[:_TITLE_PARAGRAPHS]]
    for i, line in enumerate(lines):
        if len(line) > 2 * _LINE:
            yield from ((text, i, i) for text in _glued(line[: 2 * _LINE]))
            continue
        yield line, i, i + 1
        for n in (2, 3, 4):
            part = lines[i : i + n]
            if len(part) == n and all(len(x) <= _LINE for x in part) and begins_a_title(line):
                yield "".join(part), i, i + n
    for grid in (b for b in document.blocks[:3] if isinstance(b, Grid)):
        for cell in grid.cells[:3]:
            yield cell.text, None, 0


def _glued(line: str) -> Iterator[str]:
    """What may be a title at the beginning of a page whose text is run together."""
    pieces = line.split()[:-1][:6]
    for begin in range(min(4, len(pieces))):
        for end in range(begin + 1, min(begin + 3, len(pieces)) + 1):
            yield "".join(pieces[begin:end])
    if "的函" in line:  # a letter: the addressee follows without a blank
        yield line[: line.index("的函") + 2]


def begins_a_title(line: str) -> bool:
    """Whether a line that is no title may be the first part of one: an agency's name, or a year or
    the subject in it.
    """
    plain = squeeze(line)
    return re.search(YEAR, plain) is not None or "公开" in plain or name_in(plain) is not None


class _Preamble(NamedTuple):
    """The first paragraphs run together, for lines of a PDF break sentences.

    `masked` has ；in place of what stands in quotation marks or brackets.
    """

    text: str
    masked: str
    # how much of it stands before the first chapter; behind it, other years' reports may be spoken
    # of
    opening: int
    starts: list[int]  # where each paragraph begins in both texts
    first: int  # the number of the first paragraph

    def paragraph(self, position: int) -> int:
        return self.first + bisect_right(self.starts, position) - 1


def _preamble(paragraphs: list[Paragraph], first: int) -> _Preamble:
    texts = [squeeze(p.text[:_CHARACTERS]) for p in paragraphs[first : first + _PREAMBLE]]
    text = "".join(texts)
    starts = [0, *accumulate(map(len, texts))]
    masked = _QUOTED.sub(lambda m: "；" * len(m[0]), text)
    chapter = _CHAPTER.search(masked)
    return _Preamble(text, masked, chapter.start() if chapter else len(masked), starts[:-1], first)


def _years(titles: _Titles, preamble: _Preamble) -> Iterator[Statement]:
    """The years stated for the report as a whole, the most trusted first; a title that stands twice
    counts once.
    """
    by_text = {t.title.text: t for t in reversed(titles.ranked)}
    for text, candidate in reversed(by_text.items()):
        for year in candidate.title.years:
            yield Statement("report.year", year, text, candidate.at)
    length = len(preamble.masked)
    for pattern, end in ((_PERIOD, length), (_STATED, preamble.opening), (_PUBLISHED, length)):
        for found in pattern.finditer(preamble.masked, 0, end):
            yield from _stated_years(found, preamble)


def _stated_years(found: re.Match[str], preamble: _Preamble) -> Iterator[Statement]:
    sentence = _sentence(preamble.text, found.start(), found.end())
    paragraph = preamble.paragraph(found.start())
    for year in dict.fromkeys(y for y in found.groupdict().values() if y is not None):
        yield Statement("report.year", int(year), sentence, paragraph)


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence around `text[start:end]`, at most some 400 characters."""
    begin = max(text.rfind(mark, max(0, start - 200), start) for mark in "。；;")
    begin = begin + 1 if begin >= 0 else max(0, start - 200)
    stop = min(
        (n for mark in "。；;" if (n := text.find(mark, end, end + 200)) >= 0),
        default=min(len(text), end + 200) - 1,
    )
    return text[begin : stop + 1]


def _year_before(published: str | None, last_year: int) -> int | None:
    """The year before publication.

    Late in a year that is no evidence: some publish before the year ends.
    """
    if published is None or int(published[5:7]) > 10:
        return None
    year = int(published[:4]) - 1
    return year if FIRST_YEAR <= year <= last_year else None


def _self_named(
    document: Document,
    preamble: _Preamble,
    signed: list[tuple[str, str | None]],
    words: IdentityWords,
) -> Iterator[str]:
    """Names of the reporting agency outside of the title, the most trusted first."""
    for key, value in document.facts:
        if key == "publisher" and (name := name_in(value)):
            yield name
    yield from (name for name, _ in signed)
    for pattern in _NAMED:
        for found in pattern.finditer(preamble.masked, 0, preamble.opening):
            if name := name_in(words.before.sub("", found["name"])):
                yield without_compiling_office(name)


def _signatures(ending: list[Paragraph]) -> Iterator[tuple[str, str | None]]:
    """Names that sign the report with their ISO date; those with a date first, the last in the
    document before others.
    """
    lines = [squeeze(p.text) if len(p.text) <= 2 * _LINE else "" for p in ending]
    alone = []
    for i in reversed(range(len(lines))):
        found = _SIGNED.fullmatch(lines[i]) or _SIGNED_AT_END.search(ending[i].text[-100:].strip())
        if found is None or (name := name_in(found["name"])) is None:
            continue
        below = lines[i + 1] if i + 1 < len(lines) and _DATE.fullmatch(lines[i + 1]) else None
        if day := found["date"] or below:
            yield name, iso_day(day)
        else:
            alone.append(name)
    yield from ((name, None) for name in alone)


def _prose(document: Document, paragraphs: list[Paragraph]) -> list[str]:
    """All that may name the agency's place: what the document states about itself, and its
    prose.
    """
    return [squeeze(value) for _, value in document.facts] + [squeeze(p.text) for p in paragraphs]


def _scope(title: Title | None, preamble: _Preamble, words: IdentityWords) -> str | None:
    """What the report says that it covers, None where it does not say."""
    for text in (title.text if title else "", preamble.text):
        for scope, phrases in words.scope.items():
            if any(phrase in text for phrase in phrases):
                return scope
    return None
