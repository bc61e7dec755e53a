"""A sentence cut into clauses, with what is known of the report around it.

`parse_sentence` gives a `ParsedSentence`, which the modules beside this one search for figures:
`counts` (a count of one thing), `totals` (nothing is left over), `rates` (growth and shares) and
`parts` (a total and its parts). What they find is a `Claim` or `StatedFigures`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final, NamedTuple

from transform.narrative.numerals import parse_count
from transform.narrative.patterns import ClauseMatch, Phrases
from transform.narrative.sentences import Sentence

LONGEST_EXCERPT: Final = 400  # characters of a sentence that are kept
# metrics that count all applications of a year: counts that others are a part of
RECEIVED_METRICS: Final = ("requests.received", "requests.handled")
WHOLE_METRICS: Final = (*RECEIVED_METRICS, "requests.answered")
NEGATION: Final = re.compile("未|没有|无|不存在|[为是](?:零|0(?![0-9.]))")
DISPUTE_WORDS: Final = re.compile("复议|诉讼|起诉")
_CLAUSE: Final = re.compile(
    r"[^，。；：！？（）［］、]+(?:(?<![件宗份条次例起个项笔])、[^，。；：！？（）［］、]+)*"
)
_YEAR: Final = re.compile("(?<![比较与同转到至入由从])(20[0-9]{2})年(?!度?(?:结转|同期))")
_DISPUTES_OVER_DISCLOSURE: Final = re.compile("公开[^。]*(?:复议|诉讼)")
_INEXACT: Final = re.compile(r"[约近余超_.\-~—至第]$")


class Claim(NamedTuple):
    """A count that the clause number `at` of a sentence states; `scope` is the words that restrict
    it.
    """

    metric: str
    value: Decimal
    at: int
    scope: str | None


class StatedFigures(NamedTuple):
    """Figures that belong together: metrics with their values, the words that state them, and the
    words that restrict them.
    """

    words: str
    paragraph: int | None
    figures: tuple[tuple[str, Decimal | None], ...]
    scope: str | None = None


class Clause(NamedTuple):
    """Clause number `at` of a sentence, which begins at character `start`."""

    at: int
    text: str
    start: int
    is_bracketed: bool


class ClauseCount(NamedTuple):
    """The count with which clause number `at` ends, and its unit, as 件."""

    at: int
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class ReportContext:
    """What is known of a report before its sentences are read.

    Without a `year`, figures of all years count as its own; `own_names` is where the agency names
    itself.
    """

    phrases: Phrases
    year: int | None
    own_names: str


@dataclass(frozen=True)
class ParsedSentence:
    """A sentence of a report and its clauses."""

    sentence: Sentence
    clauses: tuple[Clause, ...]
    report: ReportContext

    @property
    def text(self) -> str:
        return self.sentence.text

    @property
    def phrases(self) -> Phrases:
        return self.report.phrases

    @cached_property
    def is_about_disclosure(self) -> bool:
        """Whether reviews and lawsuits are over disclosure: a government decides many others."""
        before = self.sentence.before
        return "公开" in self.text or _DISPUTES_OVER_DISCLOSURE.search(before) is not None

    @cached_property
    def end_counts(self) -> tuple[ClauseCount | None, ...]:
        """For each clause the count with which it ends; None where it has none, more than one, or
        stands in brackets.
        """
        return tuple(_read_end_count(clause, self.phrases) for clause in self.clauses)

    def text_before(self, clause: Clause) -> str:
        return self.text[: clause.start]

    def text_through(self, clause: Clause, end: int) -> str:
        """What is said up to character `end` of the clause."""
        return self.text[: clause.start + end]

    def is_of_year(self, clause: Clause, found: re.Match[str], offset: int = 0) -> bool:
        """Whether a figure is of the year reported on: the year named last before it is that one,
        and its own is `offset` from it.
        """
        year, groups = self.report.year, found.groupdict()
        if year is None:
            return True
        end = next((found.start(g) for g in ("y", "n") if groups.get(g)), len(clause.text))
        named = _YEAR.findall(self.text_before(clause) + clause.text[:end])
        own = groups.get("y")
        return (not named or int(named[-1]) == year) and (not own or int(own) == year + offset)

    def find_scope(self, clause: Clause, match: ClauseMatch) -> str | None:
        """The words by which a figure may cover something else than the tables; words of the
        agency's own name are none.
        """
        for words in self.phrases.scope.finditer(self.text_through(clause, match.found.end())):
            if words[0] not in self.report.own_names:
                return words[0]
        unit = match.found.groupdict().get("u")
        if unit == "件次" or (unit and "." in match.found["n"]):
            return str(match.found["n"] + unit)
        who = self.phrases.strip_named(match)
        return who if who and who not in self.report.own_names else None

    def find_subject(self, clause: Clause, end: int) -> str | None:
        """What kind of dispute the words up to character `end` of the clause speak of last."""
        text = self.text_through(clause, end)
        best, last = None, -1
        for subject in self.phrases.subjects:
            for found in subject.pattern.finditer(text):
                if found.end() > last:
                    best, last = subject.subject, found.end()
        return best

    def state(
        self, at: int, figures: Iterable[tuple[str, Decimal | None]], scope: str | None
    ) -> StatedFigures:
        """Figures that clause number `at` states."""
        words = excerpt(self.text, self.clauses[at].start)
        return StatedFigures(words, self.sentence.paragraph, tuple(figures), scope)


def parse_sentence(sentence: Sentence, report: ReportContext) -> ParsedSentence:
    return ParsedSentence(sentence, tuple(_split_clauses(sentence.text)), report)


def excerpt(text: str, start: int) -> str:
    """The sentence, or what of it is near `start` where it is too long to keep."""
    if len(text) <= LONGEST_EXCERPT:
        return text
    return text[max(0, start - LONGEST_EXCERPT // 2) :][:LONGEST_EXCERPT]


def _split_clauses(text: str) -> Iterator[Clause]:
    depth = last = 0
    for at, found in enumerate(_CLAUSE.finditer(text)):
        depth += text.count("（", last, found.start()) - text.count("）", last, found.start())
        last = found.start()
        yield Clause(at, found[0], found.start(), depth > 0)


def _read_end_count(clause: Clause, phrases: Phrases) -> ClauseCount | None:
    if clause.is_bracketed:
        return None
    matches = list(phrases.count.finditer(clause.text))
    if len(matches) != 1 or matches[0].end() != len(clause.text):
        return None
    value = parse_count(matches[0]["n"])
    if value is None or _INEXACT.search(clause.text[: matches[0].start()]):
        return None
    return ClauseCount(clause.at, value, matches[0]["u"])
