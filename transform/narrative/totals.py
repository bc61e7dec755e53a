"""Words that say that all applications were done, or all decisions upheld: nothing is left over.

`find_totals` gives requests.all_done, requests.all_granted and disputes.*.all_upheld, each with the
value 0.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from transform.narrative.clauses import (
    DISPUTE_WORDS,
    WHOLE_METRICS,
    Claim,
    Clause,
    ParsedSentence,
    StatedFigures,
)
from transform.narrative.patterns import ClauseMatch

ALL_WORDS: Final = re.compile("均|全部|都|率")


def find_totals(parsed: ParsedSentence, claims: Sequence[Claim]) -> Iterator[StatedFigures]:
    """What a sentence says of all; `claims` are its counts."""
    if not ALL_WORDS.search(parsed.text):
        return
    for clause in parsed.clauses:
        yield from _find_all_done(parsed, clause, claims)
        yield from _find_all_upheld(parsed, clause)


def _find_all_done(
    parsed: ParsedSentence, clause: Clause, claims: Sequence[Claim]
) -> Iterator[StatedFigures]:
    phrases = parsed.phrases
    granted = phrases.fit((phrases.all_granted,), clause.text)
    done = granted or phrases.fit(phrases.all_done, clause.text)
    if done is None or done.who or not parsed.is_of_year(clause, done.found):
        return
    counted = any(c.metric in WHOLE_METRICS and c.value and c.at < clause.at for c in claims)
    # 全部予以公开 may as well be said of what is disclosed without an application
    if not counted and (granted or not phrases.named.search(clause.text)):
        return
    if any(c.metric == "requests.carried_out" and c.value for c in claims):
        return
    through = parsed.text_through(clause, done.found.end())
    if phrases.not_requests.search(through) or DISPUTE_WORDS.search(parsed.text_before(clause)):
        return
    scope = parsed.find_scope(clause, done)
    metric = "requests.all_granted" if granted else "requests.all_done"
    yield parsed.state(clause.at, [(metric, Decimal(0))], scope)


def _find_all_upheld(parsed: ParsedSentence, clause: Clause) -> Iterator[StatedFigures]:
    upheld = parsed.phrases.all_upheld.search(clause.text)
    if upheld is None or parsed.phrases.decided.search(parsed.text):
        return
    subject = parsed.find_subject(clause, upheld.start())
    if subject is None or not parsed.is_about_disclosure or not parsed.is_of_year(clause, upheld):
        return
    scope = parsed.find_scope(clause, ClauseMatch(upheld, ""))
    yield parsed.state(clause.at, [(f"disputes.{subject}.all_upheld", Decimal(0))], scope)
