"""Counts of applications and disputes that single clauses state: requests.received = 12.

`find_claims` gives them for a sentence. A clause that says that there was none states 0.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from transform.narrative.clauses import (
    DISPUTE_WORDS,
    NEGATION,
    WHOLE_METRICS,
    Claim,
    Clause,
    ParsedSentence,
)
from transform.narrative.numerals import parse_count
from transform.narrative.patterns import ClauseMatch, Metric, Phrases

# one of these stands in every clause that counts applications or disputes
_COUNTED: Final = re.compile(
    "申请|公开|复议|诉讼|起诉|转|顺延|继续|答复|办结|回复|提供|处理|维持|纠正|结果|审结|决定|收费|新收|新受理"
)

OWN_WORDS: Final = ("decisions", "fees")  # their patterns name all that is counted


def find_claims(parsed: ParsedSentence) -> tuple[Claim, ...]:
    """The counts that a sentence states, in the order of its clauses, one of each metric: a second
    count of one thing in one sentence is of a part of it.
    """
    claims: list[Claim] = []
    for clause in parsed.clauses:
        stated = {claim.metric for claim in claims}
        claims += [c for c in _read_clause(parsed, clause) if c.metric not in stated]
    return tuple(claims)


def _read_clause(parsed: ParsedSentence, clause: Clause) -> Iterator[Claim]:
    """What one clause counts: one number of applications, or disputes of several kinds."""
    if not _COUNTED.search(clause.text):
        return
    phrases = parsed.phrases
    counted = any(p.search(clause.text) is not None for p in (phrases.count, phrases.money))
    denied = NEGATION.search(clause.text) is not None
    if not (counted or denied):
        return
    for claim in _match_metrics(parsed, clause, counted, denied):
        yield claim
        if claim.metric.startswith("requests."):
            return
    if counted:
        yield from _match_outcomes(parsed, clause)


def _match_metrics(
    parsed: ParsedSentence, clause: Clause, counted: bool, denied: bool
) -> Iterator[Claim]:
    for metric in parsed.phrases.metrics:
        for match, value in _fit_metric(parsed.phrases, metric, clause, counted, denied):
            if parsed.is_of_year(clause, match.found, metric.year) and _is_counted(
                metric, parsed, clause, match
            ):
                yield Claim(metric.metric, value, clause.at, parsed.find_scope(clause, match))


def _fit_metric(
    phrases: Phrases, metric: Metric, clause: Clause, counted: bool, denied: bool
) -> Iterator[tuple[ClauseMatch, Decimal]]:
    if counted and (match := phrases.fit(metric.patterns, clause.text)) is not None:
        value = parse_count(match.found["n"])
        if value is not None:
            yield match, value
    if denied and (match := phrases.fit(metric.zero, clause.text)) is not None:
        yield match, Decimal(0)


def _is_counted(metric: Metric, parsed: ParsedSentence, clause: Clause, match: ClauseMatch) -> bool:
    """Whether the words around a clause leave no doubt that it counts this."""
    if metric.test == "dispute":
        return _is_dispute_counted(parsed, match)
    if metric.test in OWN_WORDS:
        return not match.who
    phrases, before = parsed.phrases, parsed.text_before(clause)
    through = parsed.text_through(clause, match.found.end())
    context = parsed.sentence.before + through
    if phrases.partly.search(phrases.strip_named(match)):
        return False
    if "申请" not in context or "公开" not in context:
        return False
    if metric.metric in WHOLE_METRICS and _is_part(metric, clause, phrases):
        return False
    if "主动公开" in before and phrases.disclosed.match(match.found[0]):
        return False
    if metric.test == "result":
        return "主动公开" not in before and not DISPUTE_WORDS.search(before)
    if metric.test == "carried":
        # behind reviews and lawsuits it may be these that are carried
        return not DISPUTE_WORDS.search(before)
    if phrases.named.search(clause.text):
        return True
    return not phrases.not_requests.search(through) and not DISPUTE_WORDS.search(before)


def _is_dispute_counted(parsed: ParsedSentence, match: ClauseMatch) -> bool:
    has_figure = "n" in match.found.groupdict()
    about_disclosure = parsed.is_about_disclosure or (
        not has_figure and "公开" in parsed.sentence.before
    )
    return about_disclosure and not parsed.phrases.not_disputes.search(match.who)


def _is_part(metric: Metric, clause: Clause, phrases: Phrases) -> bool:
    """Whether a clause counts a part of all applications."""
    return clause.is_bracketed or (
        metric.test == "received" and phrases.parted.match(clause.text) is not None
    )


def _match_outcomes(parsed: ParsedSentence, clause: Clause) -> Iterator[Claim]:
    """How reviews or lawsuits ended."""
    if not parsed.is_about_disclosure:
        return
    phrases = parsed.phrases
    for outcome, patterns in phrases.outcomes.items():
        match = phrases.fit(patterns, clause.text)
        value = parse_count(match.found["n"]) if match is not None else None
        if match is None or value is None or not parsed.is_of_year(clause, match.found):
            continue
        subject = parsed.find_subject(clause, match.found.start("n"))
        if subject not in (None, "both") and not _strip_subjects(match.who, phrases):
            scope = parsed.find_scope(clause, ClauseMatch(match.found, ""))
            yield Claim(f"disputes.{subject}.{outcome}", value, clause.at, scope)


def _strip_subjects(who: str, phrases: Phrases) -> str:
    """What `who` says beside naming the subject."""
    for subject in phrases.subjects:
        who = subject.pattern.sub("", who)
    return phrases.because.sub("", who)
