"""Drafts that wait to be judged, and verdicts that can be looked at: all in memory, for half an
hour.

`Queue.add` takes the drafts of one upload and gives a `Batch`; a few are judged at once, in the
order in which they came, and each batch can tell how many drafts stand before its own. A batch is
named by a word that cannot be guessed; nothing of it is written anywhere, and it is forgotten after
`HELD_SECONDS`.
"""

import secrets
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from review.judged import Judged
from review.pages.site import HELD_BYTES, HELD_SECONDS, Check, Draft


class QueueFullError(Exception):
    """More drafts wait than are held in memory."""


@dataclass
class Batch:
    """The drafts of one upload and, as they come, their verdicts."""

    name: str
    drafts: Sequence[Draft]
    added: float
    first: int  # number of its first draft among all that were ever added
    results: list[Future[Judged]] = field(default_factory=list)

    @property
    def done(self) -> int:
        """How many of its drafts are judged."""
        return sum(r.done() for r in self.results)

    @property
    def size(self) -> int:
        return sum(len(d.data) for d in self.drafts)

    def judged(self, number: int) -> Judged:
        """The verdict on one of its drafts; what went wrong is raised."""
        return self.results[number].result()


class Queue:
    """All batches of this server."""

    def __init__(self, check: Check, at_once: int, most_bytes: int = HELD_BYTES) -> None:
        self._check = check
        self._most_bytes = most_bytes
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="check")
        self._batches: dict[str, Batch] = {}
        self._lock = threading.Lock()
        self._added = 0

    def add(self, drafts: Sequence[Draft], previous: Sequence[Draft]) -> Batch:
        """Take drafts in; QueueFullError if there is no room for them."""
        with self._lock:
            self._forget()
            held = sum(b.size for b in self._batches.values()) + sum(len(d.data) for d in drafts)
            if held > self._most_bytes and self._batches:
                raise QueueFullError
            batch = Batch(secrets.token_urlsafe(16), drafts, time.monotonic(), self._added)
            self._added += len(drafts)
            self._batches[batch.name] = batch
            for draft in drafts:
                batch.results.append(self._threads.submit(self._check, draft, previous))
        return batch

    def find(self, name: str) -> Batch | None:
        """The batch of that name, if it is still held."""
        with self._lock:
            self._forget()
            return self._batches.get(name)

    def before(self, batch: Batch) -> int:
        """How many drafts of others that came earlier are not judged yet."""
        with self._lock:
            earlier = [b for b in self._batches.values() if b.first < batch.first]
        return sum(len(b.drafts) - b.done for b in earlier)

    def close(self) -> None:
        """Forget all, and judge nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._batches.clear()

    def _forget(self) -> None:
        now = time.monotonic()
        for name, batch in list(self._batches.items()):
            if now - batch.added > HELD_SECONDS and batch.done == len(batch.drafts):
                del self._batches[name]
