"""Percentages: how much a count grew, and how large a part of a whole is.

`find_growth` gives growth.percent (negative for a decrease) with growth.now and, where the sentence
names it, growth.before; `find_shares` gives share.percent with share.part and share.whole. Whether
they are right is not asked here.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from transform.narrative.clauses import (
    RECEIVED_METRICS,
    WHOLE_METRICS,
    Claim,
    Clause,
    ClauseCount,
    ParsedSentence,
    StatedFigures,
)
from transform.narrative.numerals import parse_count
from transform.narrative.patterns import ClauseMatch

# clauses between a count and the words that say how much it grew
_FARTHEST_GROWTH: Final = 2
_DECREASES: Final = ("下降", "减少", "降低")


def find_growth(parsed: ParsedSentence, claims: Sequence[Claim]) -> Iterator[StatedFigures]:
    """How much the applications received grew; `claims` are the counts of the sentence."""
    for clause in parsed.clauses:
        match = _fit_growth(parsed, clause)
        now = next(
            (c for c in reversed(claims) if c.at < clause.at and c.metric in RECEIVED_METRICS), None
        )
        if match is None or now is None or clause.at - now.at > _FARTHEST_GROWTH:
            continue
        percent = parse_count(match.found["p"])
        if percent is None:
            continue
        sign = -1 if match.found["way"] in _DECREASES else 1
        before = parse_count(match.found["b"] or _find_count_before(parsed, clause))
        figures = [("growth.percent", sign * percent), ("growth.now", now.value)]
        figures += [("growth.before", before)] if before else []
        yield parsed.state(clause.at, figures, now.scope)


def _fit_growth(parsed: ParsedSentence, clause: Clause) -> ClauseMatch | None:
    """The words of growth over the year before."""
    if "%" not in clause.text:
        return None
    match, year = parsed.phrases.fit(parsed.phrases.growth, clause.text), parsed.report.year
    if match is None or match.who:
        return None
    compared = match.found["y"]
    return None if year and compared and int(compared) != year - 1 else match


def _find_count_before(parsed: ParsedSentence, clause: Clause) -> str:
    """The count of the year before as a clause ahead of this one prints it, or no text."""
    for earlier in parsed.clauses[: clause.at]:
        match = parsed.phrases.fit(parsed.phrases.before, earlier.text)
        if match is not None and not match.who:
            return match.found["b"]
    return ""


def find_shares(parsed: ParsedSentence, claims: Sequence[Claim]) -> Iterator[StatedFigures]:
    """Counts with their share of the applications; `claims` are the counts of the sentence."""
    for clause in parsed.clauses:
        share = parsed.phrases.share.fullmatch(clause.text)
        part = parsed.end_counts[clause.at - 1] if clause.at else None
        percent = parse_count(share["p"]) if share is not None else None
        if share is None or part is None or not part.value or percent is None:
            continue
        owner = _find_owner(part, claims)
        if owner is not None:
            whole = _choose_whole(_list_wholes(parsed, part), part, share["p"])
            figures = [
                ("share.percent", percent),
                ("share.part", part.value),
                ("share.whole", owner.value if whole is None else whole),
            ]
            yield parsed.state(clause.at, figures, owner.scope)


def _find_owner(part: ClauseCount, claims: Sequence[Claim]) -> Claim | None:
    """The count of all applications ahead of a part that is no larger."""
    ahead = [c for c in claims if c.at < part.at and c.metric in WHOLE_METRICS]
    return next((c for c in reversed(ahead) if c.value >= part.value), None)


def _choose_whole(
    wholes: Sequence[Decimal], part: ClauseCount, printed_percent: str
) -> Decimal | None:
    """The first count of which the part is the printed share."""
    percent, precision = Decimal(printed_percent), _find_precision(printed_percent)
    fitting = (w for w in wholes if w and abs(100 * part.value / w - percent) < precision)
    return next(fitting, None)


def _list_wholes(parsed: ParsedSentence, part: ClauseCount) -> list[Decimal]:
    """Counts that a part may be a share of: those ahead of it, and the sum of all such parts."""
    alike = [c for c in parsed.end_counts if c is not None and c.unit == part.unit]
    ahead = [c.value for c in alike if c.at < part.at and c.value >= part.value]
    shared = (c.value for c in alike if _has_share(parsed, c))
    return [*ahead, sum(shared, Decimal(0))]


def _has_share(parsed: ParsedSentence, count: ClauseCount) -> bool:
    behind = parsed.clauses[count.at + 1 : count.at + 2]
    return any(parsed.phrases.share.fullmatch(clause.text) for clause in behind)


def _find_precision(printed: str) -> Decimal:
    """One unit of the last decimal: rates are rounded by some and cut by others."""
    return Decimal(1).scaleb(-len(printed.partition(".")[2]))
