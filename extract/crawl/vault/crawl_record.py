"""How the crawls of a source ended: the lines of the fetch log that are about a source as a whole,
and what all of them together say.

A `CrawlRecord` is one such line, written when the crawl of a source has ended; `SourceHistory.of`
takes them over one by one. What a source may publish follows from it alone, so that a warehouse
made anew from the vault is the same: a source that gives fewer reports than expected is held back,
and what was first fetched after its last good crawl waits (`SourceHistory.is_released`).

Out of scope: deciding how a crawl ended (`extract.crawl.outcome`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Final, Self

MARK: Final = "crawl"  # the key of the source's id, which no line of a fetch has


class CrawlState(StrEnum):
    """How a source stands after a crawl that looked at it as a whole."""

    GOOD = "good"
    STALE = "stale"  # not read whole, or fewer reports than expected
    FAILING = "failing"  # its lists are good, what they name cannot be fetched


class CrawlReason(StrEnum):
    """Why a source is not good."""

    NOT_WHOLE = "not_whole"
    TOO_FEW = "too_few"
    MOST_FAILED = "most_failed"
    FAILED_FOR_DAYS = "failed_for_days"


@dataclass(frozen=True, slots=True)
class CrawlRecord:
    """The end of one crawl of a source; times are UTC as in the fetch log.

    `expected` is the fewest reports that were expected. A crawl that was `narrowed` to agencies or
    years says nothing about the source as a whole.
    """

    source: str
    at: str
    started: str
    site: str = ""
    state: str = CrawlState.GOOD
    reason: str = ""
    detail: str = ""
    expected: int = 0
    listed: int = 0
    documents: int = 0
    misses: int = 0
    narrowed: bool = False
    figures: Mapping[str, int] = field(default_factory=dict)  # what the crawl cost

    @property
    def too_few(self) -> bool:
        """Whether the lists were probably misread."""
        return self.documents < self.expected

    def line(self) -> bytes:
        """As JSON with a line break, empty fields left out."""
        held = {name: value for name, value in asdict(self).items() if value and name != "source"}
        text = json.dumps({MARK: self.source} | held, ensure_ascii=False, separators=(",", ":"))
        return text.encode() + b"\n"

    @classmethod
    def from_fields(cls, held: Mapping[str, object]) -> Self:
        """The record of a line's fields; TypeError or ValueError for what is none."""
        if not all(isinstance(held.get(name), str) for name in (MARK, "at", "started")):
            raise ValueError("no record of a crawl")
        given = {name: value for name, value in held.items() if name in _FIELDS}
        return cls(source=held[MARK], **given)  # type: ignore[arg-type]  # as `line` wrote them


_FIELDS: Final = frozenset(f.name for f in fields(CrawlRecord)) - {"source"}


@dataclass(frozen=True, slots=True)
class SourceHistory:
    """What the crawls of one source say together.

    `last` is the newest that looked at the source as a whole, `before` the state that the one
    before it found. `good_documents` were held after the last good crawl, `released` is when the
    last crawl ended after which all was published, `not_good_since` when the first of the crawls in
    a row ended that were not good. `first_started` is when the first crawl began that is in the
    log: what is older was published by programs that wrote no such lines.
    """

    first_started: str
    last: CrawlRecord | None = None
    before: str = ""
    good_documents: int = 0
    released: str = ""
    not_good_since: str = ""

    @classmethod
    def of(cls, record: CrawlRecord, earlier: "SourceHistory | None") -> "SourceHistory":
        """The history with one more crawl."""
        known = earlier or cls(record.started)
        if record.narrowed:
            return known if known.held_back else replace(known, released=record.at)
        good = record.state == CrawlState.GOOD
        return replace(
            known,
            last=record,
            before=known.last.state if known.last else "",
            good_documents=record.documents if good else known.good_documents,
            released=known.released if record.too_few else record.at,
            not_good_since="" if good else known.not_good_since or record.at,
        )

    @property
    def held_back(self) -> bool:
        """Whether what the source brings waits until there is enough again."""
        return self.last is not None and self.last.too_few

    @property
    def recovered(self) -> bool:
        """Whether the newest crawl is the first good one after others."""
        return (
            self.last is not None
            and self.last.state == CrawlState.GOOD
            and self.before not in ("", CrawlState.GOOD)
        )

    def is_released(self, first_at: str) -> bool:
        """Whether what was first fetched then may be published."""
        return not self.held_back or first_at <= self.released or first_at < self.first_started

    def to_text(self) -> str:
        """For the index."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "SourceHistory":
        """The inverse of `to_text`."""
        held = json.loads(text)
        last = held.pop("last")
        return cls(**held, last=None if last is None else CrawlRecord(**last))
