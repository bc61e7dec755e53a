"""A total and the parts that follow its 其中.

`find_parts` gives parts.whole where the parts are all of them, else parts.some, with a parts.part
for each. Whether they add up is not asked here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, takewhile
from typing import Final

from transform.narrative.clauses import (
    WHOLE_METRICS,
    Claim,
    Clause,
    ClauseCount,
    ParsedSentence,
    StatedFigures,
)

_ALL_RESULTS: Final = frozenset(
    f"requests.{r}" for r in ("granted", "partial", "denied", "unable", "not_processed", "other")
)
_ALL_OUTCOMES: Final = ("upheld", "corrected", "other", "pending")
_CARRIED: Final = ("requests.carried_in", "requests.carried_out")
_ENDS_IN_DIGIT: Final = re.compile("[0-9]$")


def find_parts(parsed: ParsedSentence, claims: Sequence[Claim]) -> Iterator[StatedFigures]:
    """Each total of a sentence with its parts; `claims` are the counts of the sentence."""
    lists = _PartLists(parsed, {claim.at: claim for claim in claims})
    for clause in parsed.clauses:
        if not clause.is_bracketed and parsed.phrases.parted.match(clause.text):
            yield from lists.read_list(clause)


@dataclass(frozen=True, slots=True)
class _PartLists:
    """A sentence, and the claims of its clauses by their number."""

    parsed: ParsedSentence
    claims: dict[int, Claim]

    def read_list(self, begin: Clause) -> Iterator[StatedFigures]:
        """The total ahead of clause `begin`, a 其中, and the parts from there on."""
        totals = [count for count in self.parsed.end_counts[: begin.at] if count is not None]
        if not totals:
            return
        parts = self._drop_carried(self._list_parts(begin, totals[-1].unit), totals)
        if len(parts) < 2:
            return
        whole = self._choose_whole(totals, _add(parts))
        owner = next(
            (
                self.claims[c.at]
                for c in reversed(totals)
                if c.at in self.claims and c.value == whole
            ),
            None,
        )
        kind = "parts.whole" if self._are_all(parts) else "parts.some"
        figures = [(kind, whole), *(("parts.part", part.value) for part in parts)]
        yield self.parsed.state(begin.at, figures, owner.scope if owner else None)

    def _list_parts(self, begin: Clause, unit: str) -> list[ClauseCount]:
        """Counts in the unit of the total, up to the next total; none where one lacks its unit, for
        then the list cannot be added up.
        """
        parts: list[ClauseCount] = []
        for clause in self.parsed.clauses[begin.at :]:
            count = self.parsed.end_counts[clause.at]
            if clause.at > begin.at and self._begins_another(clause):
                break
            if self._is_total(clause.at):
                break
            if count is not None and count.unit == unit:
                parts.append(count)
            elif _ENDS_IN_DIGIT.search(clause.text):
                return []
            elif not self._may_stand_between(clause):
                break
        return parts

    def _begins_another(self, clause: Clause) -> bool:
        return self.parsed.phrases.parted.match(clause.text) is not None

    def _is_total(self, at: int) -> bool:
        claim = self.claims.get(at)
        return claim is not None and (
            claim.metric in WHOLE_METRICS or claim.metric.endswith(".total")
        )

    def _may_stand_between(self, clause: Clause) -> bool:
        """Whether a clause without a count may stand between two parts."""
        return (
            clause.is_bracketed
            or self.parsed.phrases.parts_begin.fullmatch(clause.text) is not None
            or self.parsed.phrases.share.fullmatch(clause.text) is not None
        )

    def _drop_carried(
        self, parts: list[ClauseCount], totals: Sequence[ClauseCount]
    ) -> list[ClauseCount]:
        """What was carried in or is carried forward stands behind many a list: a part of what there
        was to do, but none of what came in or was answered.
        """
        owner = next(
            (self.claims[c.at].metric for c in reversed(totals) if c.at in self.claims), None
        )
        values = [count.value for count in totals]
        before = list(takewhile(lambda part: not self._is_carried(part), parts))
        if _add(parts) in values or (owner != "requests.answered" and _add(before) not in values):
            return parts
        return before

    def _is_carried(self, part: ClauseCount) -> bool:
        return part.at in self.claims and self.claims[part.at].metric in _CARRIED

    def _choose_whole(self, totals: Sequence[ClauseCount], added: Decimal) -> Decimal:
        """What the parts add to, be it one of the counts before them, two together (received,
        carried in) or their difference; else the count of applications next to them, or the
        next count that is large enough.
        """
        values = [count.value for count in totals]
        pairs = (x for a, b in combinations(values, 2) for x in (a + b, abs(a - b)))
        if added in values or added in pairs:
            return added
        large_enough = next((value for value in reversed(values) if value >= added), values[-1])
        return next((c.value for c in reversed(totals) if self._is_total(c.at)), large_enough)

    def _are_all(self, parts: Sequence[ClauseCount]) -> bool:
        """Whether the parts are all results of applications, or all outcomes of disputes."""
        metrics = [self.claims[p.at].metric if p.at in self.claims else "" for p in parts]
        outcomes = tuple(metric.rpartition(".")[2] for metric in metrics)
        return set(metrics) == _ALL_RESULTS or outcomes == _ALL_OUTCOMES


def _add(parts: Sequence[ClauseCount]) -> Decimal:
    return sum((part.value for part in parts), Decimal(0))
