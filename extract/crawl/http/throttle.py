"""One request at a time to a host, with a gap between two; hosts do not wait for each other.

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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from extract import limits

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
