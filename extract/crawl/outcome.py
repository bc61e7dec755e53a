"""What crawling one source gave: counts, everything that could not be fetched, and how the source
stands for it.

A source is `stale` that was not read whole (a dead site, a firewall's page, an empty list, a list
that broke off) or gave fewer reports than expected; it is `failing` where its lists are good, but
most of what they name could not be fetched, or something of it on several days in a row. What was
fetched earlier counts as held, so that only the second shows when nothing new comes any more.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from extract.crawl.vault.crawl_record import (
    CrawlReason,
    CrawlRecord,
    CrawlState,
    SourceHistory,
)
from extract.crawl.vault.store import Change
from extract.limits import LEAST_SHARE_OF_LAST_GOOD, MOST_ENTRIES_FAILED

MOST_NAMED: Final = 3  # addresses in the detail of a reason


@dataclass(frozen=True, slots=True)
class Miss:
    """An address that gave nothing.

    `reason` is one of `FetchReason` (no answer) or `FaultKind` (an answer that is of no use).
    """

    url: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class SourceDone:
    """What one source gave.

    `expected` is the fewest documents that were expected, `documents` how many it holds now,
    `failed` of how many of the entries listed something could not be fetched; `misses` says what
    went wrong where. `overdue` are addresses that have given nothing on `days` days or more.
    `history` is what is known of the source with this crawl.
    """

    source_id: str
    site: str
    expected: int
    whole: bool  # every list was read to its end
    listed: int = 0
    documents: int = 0
    failed: int = 0
    changes: Counter[Change] = field(default_factory=Counter)
    gone: int = 0
    misses: tuple[Miss, ...] = ()
    overdue: tuple[str, ...] = ()
    days: int = 0
    figures: Mapping[str, int] = field(default_factory=dict)
    history: SourceHistory | None = None

    @property
    def reason(self) -> CrawlReason | None:
        """Why the source is not good; None for a good one."""
        if not self.whole:
            return CrawlReason.NOT_WHOLE
        if self.too_few:
            return CrawlReason.TOO_FEW
        if self.failed > MOST_ENTRIES_FAILED * self.listed:
            return CrawlReason.MOST_FAILED
        return CrawlReason.FAILED_FOR_DAYS if self.overdue else None

    @property
    def state(self) -> CrawlState:
        """How the source stands."""
        match self.reason:
            case None:
                return CrawlState.GOOD
            case CrawlReason.TOO_FEW | CrawlReason.NOT_WHOLE:
                return CrawlState.STALE
            case _:
                return CrawlState.FAILING

    @property
    def good(self) -> bool:
        """Whether nobody need look at it."""
        return self.reason is None

    @property
    def stale(self) -> bool:
        """Whether what is missing tonight may be there all the same: it is not taken for gone."""
        return self.state is CrawlState.STALE

    @property
    def too_few(self) -> bool:
        """Fewer reports than expected: the list was probably misread, so what it brought waits."""
        return self.documents < self.expected

    @property
    def detail(self) -> str:
        """The reason in words; empty for a good source."""
        match self.reason:
            case None:
                return ""
            case CrawlReason.NOT_WHOLE:
                return f"the lists were not read whole{_most_frequent(self.misses)}"
            case CrawlReason.TOO_FEW:
                return (
                    f"{self.documents} documents held, at least {self.expected} expected"
                    f"{_most_frequent(self.misses)}"
                )
            case CrawlReason.MOST_FAILED:
                return (
                    f"{self.failed} of {self.listed} reports listed could not be fetched"
                    f"{_most_frequent(self.misses)}"
                )
            case CrawlReason.FAILED_FOR_DAYS:
                named = ", ".join(self.overdue[:MOST_NAMED])
                more = ", …" if len(self.overdue) > MOST_NAMED else ""
                return (
                    f"{len(self.overdue)} of what is listed has given nothing for {self.days} days "
                    f"or more: {named}{more}"
                )

    def record(self, started: str, at: str, *, narrowed: bool) -> CrawlRecord:
        """What the fetch log keeps of the crawl."""
        return CrawlRecord(
            self.source_id,
            at,
            started,
            self.site,
            self.state,
            self.reason or "",
            self.detail,
            self.expected,
            self.listed,
            self.documents,
            len(self.misses),
            narrowed,
            self.figures,
        )


def expected_documents(minimum: int | None, history: SourceHistory | None) -> int:
    """The fewest documents that a source should hold: its entry's `minimum` or, without one, a
    share of what it held after its last good crawl.
    """
    if minimum is not None:
        return minimum
    return 0 if history is None else int(LEAST_SHARE_OF_LAST_GOOD * history.good_documents)


def _most_frequent(misses: tuple[Miss, ...]) -> str:
    """The most frequent reason with an example."""
    if not misses:
        return ""
    ((reason, count),) = Counter(miss.reason for miss in misses).most_common(1)
    first = next(miss for miss in misses if miss.reason == reason)
    example = f"{first.url} ({first.detail})" if first.detail else first.url
    return f": {reason}, {count} times, as {example}"
