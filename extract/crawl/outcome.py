"""What crawling one source gave: counts, and everything that could not be fetched."""

from collections import Counter
from dataclasses import dataclass, field

from extract.crawl.vault.store import Change


@dataclass(frozen=True, slots=True)
class Miss:
    """An address that gave nothing.

    `reason` is one of `FetchReason` (no answer) or `Trouble` (an answer that is of no use).
    """

    url: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class SourceDone:
    """What one source gave.

    `papers` is how many documents it holds now; `misses` says what went wrong where.
    """

    source_id: str
    site: str
    minimum: int
    whole: bool  # every list was read to its end
    listed: int = 0
    papers: int = 0
    changes: Counter[Change] = field(default_factory=Counter)
    gone: int = 0
    misses: tuple[Miss, ...] = ()

    @property
    def stale(self) -> bool:
        """Fewer reports than expected: the list was probably misread, or the site is down."""
        return self.papers < self.minimum
