"""One request at a time to a host, with a gap between two; hosts do not wait for each other; a host
that only fails is left alone.

`Throttle.turn(host, delay)` is a context: it is entered when the host is free and rested, and the
request is made inside. The gap runs from the end of one request to the start of the next and varies
at random around its setting; a `delay` that robots.txt asks for is never undercut.
`Throttle.hold(host, seconds)` lengthens the host's rest, after `Retry-After` for one.

Threads may share a Throttle. A turn must not be taken inside a turn: two threads could wait for
each other. Out of scope: order and fairness.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final

from extract import limits
from extract.crawl.http.messages import FetchError, FetchReason

_HOSTS_FAULT: Final = frozenset({FetchReason.TIMEOUT, FetchReason.CONNECT, FetchReason.TLS})
_uniform = random.SystemRandom().uniform


@dataclass(slots=True)
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: float = float("-inf")  # when the last request was over
    not_before: float = float("-inf")


class Throttle:
    """The hosts' turns.

    `gap` in seconds; `clock` (monotonic seconds), `sleep` and `uniform` are replaced by tests.
    """

    def __init__(
        self,
        gap: float = limits.HOST_GAP_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = _uniform,
    ) -> None:
        self._gap, self._clock, self._sleep, self._uniform = gap, clock, sleep, uniform
        self._lock = threading.Lock()
        self._slots: dict[str, _Slot] = {}

    @contextmanager
    def turn(self, host: str, delay: float = 0.0, gap: float | None = None) -> Iterator[None]:
        """Wait for the host's turn and hold it.

        `gap` takes the place of the general one; `delay` is the least gap. Both in seconds.
        """
        slot = self._slot(host)
        with slot.lock:
            gap = (self._gap if gap is None else gap) * self._uniform(
                1 - limits.HOST_GAP_JITTER, 1 + limits.HOST_GAP_JITTER
            )
            wait = max(slot.ended + max(gap, delay), slot.not_before) - self._clock()
            if wait > 0:
                self._sleep(wait)
            try:
                yield
            finally:
                slot.ended = self._clock()

    def hold(self, host: str, seconds: float) -> None:
        """Let the host rest for `seconds` from now on, or longer where it rests longer already."""
        slot = self._slot(host)
        slot.not_before = max(slot.not_before, self._clock() + seconds)

    def _slot(self, host: str) -> _Slot:
        with self._lock:
            return self._slots.setdefault(host, _Slot())


class SkippedHosts:
    """Hosts that are left alone for the rest of the run, and why. Threads may share it.

    A host is asked with and without verification of its certificate; the two are told apart.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._why: dict[tuple[str, bool], str] = {}
        self._failures: Counter[tuple[str, bool]] = Counter()

    def __len__(self) -> int:
        return len(self._why)

    def refuse(self, url: str, host: str, unverified: bool) -> None:
        """FetchError where the host is left alone."""
        with self._lock:
            why = self._why.get((host, unverified))
        if why:
            raise FetchError(FetchReason.HOST_SKIPPED, url, why)

    def add(self, host: str, unverified: bool, why: str) -> None:
        """Leave the host alone from now on; the first reason stays."""
        with self._lock:
            self._why.setdefault((host, unverified), why)

    def count(self, host: str, unverified: bool, failure: FetchError | None) -> None:
        """Note how a request ended. A host with many addresses in a row that failed by its fault is
        left alone: a dead host would cost minutes for each of them.
        """
        at = (host, unverified)
        with self._lock:
            if failure is None or failure.reason not in _HOSTS_FAULT:
                self._failures[at] = 0
                return
            self._failures[at] += 1
            failures = self._failures[at]
        if failures >= limits.HOST_FAULTS:
            self.add(
                host,
                unverified,
                f"{failures} addresses in a row failed, the last with {failure.reason}: "
                f"{failure.detail}",
            )


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that the header asks for, written as a number or as a date; 0 where it is absent
    or no such thing.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        until = parsedate_to_datetime(value).timestamp()
    except ValueError:
        return 0.0
    try:
        now = parsedate_to_datetime(headers.get("date", "")).timestamp()  # by the host's own clock
    except ValueError:
        now = time.time()
    return max(0.0, until - now)
