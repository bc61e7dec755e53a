"""What crawling one source gave: counts, and everything that could not be fetched."""

from collections import Counter
from dataclasses import dataclass, field

from extract.crawl.vault.store import Change


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

    `documents` is how many documents it holds now; `misses` says what went wrong where.
    """

    source_id: str
    site: str
    minimum: int
    whole: bool  # every list was read to its end
    listed: int = 0
    documents: int = 0
    changes: Counter[Change] = field(default_factory=Counter)
    gone: int = 0
    misses: tuple[Miss, ...] = ()

    @property
    def stale(self) -> bool:
        """Not read whole (a dead site, a firewall's page, an empty list, a list that broke off), or
        fewer reports than expected: what is missing tonight is not taken for deleted.
        """
        return not self.whole or self.too_few

    @property
    def too_few(self) -> bool:
        """Fewer reports than expected: the list was probably misread, so what it brought waits."""
        return self.documents < self.minimum
