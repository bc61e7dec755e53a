"""What a piece of work costs, told so that neither a slow machine nor a busy one fails a test: its
processor time against that of a fixed piece of work, done in the same process.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import Final

# processor time of the fixed piece of work where the bounds of the tests were chosen
_CHOSEN_SECONDS: Final = 0.011


def _fixed_piece_of_work() -> None:
    words = [str(n * n % 997) for n in range(60_000)]
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + len(word)


def _processor_time(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


@cache
def slowness() -> float:
    """How many times slower this machine is than the one where the bounds were chosen."""
    return min(_processor_time(_fixed_piece_of_work) for _ in range(5)) / _CHOSEN_SECONDS


def cost(work: Callable[[], object]) -> float:
    """Processor time of the work in this process, in seconds of the machine where the bounds were
    chosen.
    """
    machine = slowness()  # measured before, not within
    return _processor_time(work) / machine
