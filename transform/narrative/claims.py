"""The figures that a report states in its prose, as rows of table `statements`; tables of the form
are left out.

`read_statements(document, forms, year)` gives `StatementRow`s. `statement_id` is `number.metric`;
rows of one number belong together:

    requests.received, requests.denied, disputes.review.upheld …
        a count, 0 where the text says that there was none
    proactive.normative.issued, proactive.licence.decisions, fees.collected …
        a count of table 二, or yuan of the fees
    requests.all_done, requests.all_granted, disputes.review.all_upheld …
        0: by these words nothing is left over
    growth.percent with growth.now and growth.before
        a rate of change; `before` only if the sentence gives it
    share.percent with share.part and share.whole
        a part of a whole, in percent
    parts.whole or parts.some with parts.part
        a total and its parts; `whole` where they are all of them
    period.begin, period.end
        days, as 20240131
    section.s1 … section.s6
        the number printed before the heading
    words.s5, words.s6, fees.mentioned
        how many characters stand there; whether fees are spoken of
    scope
        words by which the figure may cover something else than the table

What does not fit a pattern of `data/statements.yaml` states nothing, and neither does a figure of
another year, an estimate (近百件, 5500余条) or a range. Whether the figures agree with the tables
is for the rules to say (`transform/rules/statements.sql`).
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import takewhile
from typing import Final

from extract.document import Document
from transform.form.forms import Forms
from transform.narrative.clauses import (
    LONGEST_EXCERPT,
    NEGATION,
    ReportContext,
    StatedFigures,
    excerpt,
    parse_sentence,
)
from transform.narrative.counts import find_claims
from transform.narrative.documents import find_documents
from transform.narrative.normalize import count_word_characters, normalize_text
from transform.narrative.parts import find_parts
from transform.narrative.patterns import Phrases, load_phrases
from transform.narrative.rates import find_growth, find_shares
from transform.narrative.sentences import Prose, Sentence, read_prose
from transform.narrative.totals import ALL_WORDS, find_totals
from transform.records import StatementRow

# lines at the beginning, before the first section, that may name the agency
TITLE_LINES: Final = 30
TITLE_LENGTH: Final = 40
# characters of a sentence; a longer one is table text run together, in which no clause can be told
LONGEST_SENTENCE: Final = 2_000
MOST_STATEMENTS: Final = 400  # of one report; an honest one has some thirty
# one of these stands in every sentence that states a figure of a form's table
_RELEVANT: Final = re.compile(
    "申请|公开|复议|诉讼|起诉|结转|答复|办结|维持|其中|%|规章|规范性文件|行政(?:许可|处罚|强制)|处理费|收费"
)
_WITHIN_SENTENCE: Final = re.compile("[，。；]")
# sections in which every report must write something of its own
_WRITTEN_SECTIONS: Final = ("s5", "s6")


def read_statements(document: Document, forms: Forms, year: int | None) -> tuple[StatementRow, ...]:
    """What the prose of `document`, a report on `year`, states.

    Without a year, figures of all years count as its own.
    """
    phrases = load_phrases()
    prose = read_prose(document, forms, phrases.sections)
    fees = next((s for s in prose.sentences if phrases.fees.search(s.text)), None)
    stated = _read_sentences(prose, ReportContext(phrases, year, _find_own_names(document)))
    # where the text has no lines, nothing can be said of headings
    if not document.text_without_cells:
        stated += _read_sections(prose, phrases)
        body = prose.bodies.get("s6", "")
        if fees is None and "费" in body:
            stated.append(StatedFigures(body, None, (("fees.mentioned", None),)))
    if fees is not None:
        words = excerpt(fees.text, 0)
        stated.append(StatedFigures(words, fees.paragraph, (("fees.mentioned", None),)))
    return tuple(row for number, s in enumerate(stated) for row in _make_rows(number, s))


def _make_rows(number: int, stated: StatedFigures) -> Iterator[StatementRow]:
    """The rows of figures that belong together; one that comes again has a count behind it."""
    seen: dict[str, int] = {}
    words = stated.words[:LONGEST_EXCERPT]
    paragraph = None if stated.paragraph is None else stated.paragraph + 1
    for metric, value in stated.figures:
        again = seen[metric] = seen.get(metric, -1) + 1
        statement_id = f"{number}.{metric}" + (f".{again}" if again else "")
        yield StatementRow(statement_id, metric, value, words, paragraph)
    if stated.scope:
        yield StatementRow(f"{number}.scope", "scope", None, stated.scope, paragraph)


def _find_own_names(document: Document) -> str:
    """The first short lines and the title: where the agency names itself."""
    lines = (
        normalize_text(p.text)
        for p in document.paragraphs[:TITLE_LINES]
        if len(p.text) <= TITLE_LENGTH
    )
    above = takewhile(lambda line: not line.startswith("一、"), lines)
    titles = (normalize_text(value) for key, value in document.facts if key == "title")
    return "\n".join((*(line for line in above if not _WITHIN_SENTENCE.search(line)), *titles))


def _read_sentences(prose: Prose, report: ReportContext) -> list[StatedFigures]:
    phrases = report.phrases
    dated = next((s for s in prose.sentences if phrases.period.search(s.text)), None)
    stated: list[StatedFigures] = []
    for sentence in prose.sentences:
        if sentence is dated:
            stated += _read_period(sentence, phrases)
        if len(stated) < MOST_STATEMENTS and _may_state_figures(sentence.text, phrases):
            stated += _read_sentence(sentence, report)
    return stated


def _may_state_figures(text: str, phrases: Phrases) -> bool:
    """Whether a sentence may state figures of the year: the quick look before the thorough one."""
    if len(text) > LONGEST_SENTENCE or not _RELEVANT.search(text):
        return False
    has_figure = (
        phrases.count.search(text)
        or phrases.money.search(text)
        or NEGATION.search(text)
        or ALL_WORDS.search(text)
    )
    return has_figure is not None and not phrases.not_this_year.search(text)


def _read_sentence(sentence: Sentence, report: ReportContext) -> Iterator[StatedFigures]:
    """The counts of a sentence, and what it says of them."""
    parsed = parse_sentence(sentence, report)
    claims = find_claims(parsed)
    for claim in (*claims, *find_documents(parsed)):
        yield parsed.state(claim.at, [(claim.metric, claim.value)], claim.scope)
    yield from find_totals(parsed, claims)
    if "%" in parsed.text:
        yield from find_growth(parsed, claims)
        yield from find_shares(parsed, claims)
    yield from find_parts(parsed, claims)


def _read_period(sentence: Sentence, phrases: Phrases) -> Iterator[StatedFigures]:
    """The first and last day of the figures; a last one without a year is of the first one's."""
    found = phrases.period.search(sentence.text)
    if found is None:
        return
    first = int(found["y1"]) * 10_000 + int(found["m1"]) * 100 + int(found["d1"])
    last = int(found["y2"] or found["y1"]) * 10_000 + int(found["m2"]) * 100 + int(found["d2"])
    days = (("period.begin", Decimal(first)), ("period.end", Decimal(last)))
    yield StatedFigures(sentence.text, sentence.paragraph, days)


def _read_sections(prose: Prose, phrases: Phrases) -> Iterator[StatedFigures]:
    """The printed number of each section, and how much stands in those that every report writes."""
    for heading in prose.headings:
        number = None if heading.number is None else Decimal(heading.number)
        figure = (f"section.{heading.section}", number)
        yield StatedFigures(heading.title, heading.paragraph, (figure,))
        written = heading.section in _WRITTEN_SECTIONS
        body = prose.bodies.get(heading.section) if written else None
        # text that stands for text, as in a template, is not counted
        if body is not None and not phrases.silent.search(body):
            count = (f"words.{heading.section}", Decimal(count_word_characters(body)))
            yield StatedFigures(body, heading.paragraph, (count,))
