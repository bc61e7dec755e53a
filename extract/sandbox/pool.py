"""Readers run here: in child processes that are reused from document to document, with limits on
memory, time and output, and confined (`extract.sandbox.confine`).

`Sandbox("package.module:function")` keeps up to `workers` children. The function takes and gives
`bytes`; each child imports it by name once. `run(request, files)` is for any number of threads,
`map(requests)` keeps all children busy and yields in order. The function reads its `files` by
`extract.sandbox.handed.read_file`: they are opened here and handed over as descriptors. Requests
and answers cross as length-prefixed bytes, never as pickles, so a reader led astray by its input
can send nothing but bytes.

A document can take no more than: `cpu` seconds of processor, `wall` seconds (SCAN_TIMES as long
where its reader meets scanned pages and asks for it, see `allowance`), `memory` bytes above what
the idle child maps, no byte written to any file, an answer of ANSWER_BYTES. What goes beyond costs
that document a `ReadError` (TIME_LIMIT, MEMORY_LIMIT, TOO_LARGE, READER_CRASHED), its child and the
child's process group; the next document gets a new child. A death or lack of memory in a child that
has read other documents before is tried once more in a new one, so that no document pays for an
earlier one. Children end with the parent, however it ends: the system kills each when the thread
that started it ends, which is why one thread of the sandbox starts them all.

Out of scope: Windows. What a system lacks for confinement is left out, see `describe_confinement`.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final

from extract import limits
from extract.document import ReadError, Reason
from extract.sandbox.reader_process import (
    Cancelled,
    ReaderLimits,
    ReaderProcess,
    SandboxError,
    SandboxRequest,
)

_AHEAD: Final = 4  # requests taken in advance for each worker


class Sandbox:
    """A pool of reader processes, a context manager.

    `work` is "package.module:function", a function from bytes to bytes.

    `wall` and `cpu` are seconds a document, `memory` bytes, `documents` the number after which a
    child is replaced.
    """

    def __init__(
        self,
        work: str,
        workers: int = 2,
        *,
        wall: float = limits.READER_WALL_SECONDS,
        cpu: int = limits.READER_CPU_SECONDS,
        memory: int = limits.READER_MEMORY_BYTES,
        documents: int = limits.WORKER_DOCUMENTS,
    ) -> None:
        if workers < 1 or ":" not in work:
            raise SandboxError(
                "a sandbox needs at least one worker and work named as "
                f"package.module:function, not {workers} and {work!r}"
            )
        self._limits = ReaderLimits(work, wall, cpu, memory)
        self._documents = documents
        self._workers = workers
        self._slots = threading.Semaphore(workers)
        self._idle: deque[ReaderProcess] = deque()  # append and pop are atomic
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="sandbox-starter")
        self._closed = threading.Event()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all children; threads that still wait in `run` get a SandboxError within a fraction
        of a second.
        """
        self._closed.set()
        while (worker := self._pop_idle()) is not None:
            worker.end()
        self._starter.shutdown(wait=False, cancel_futures=True)

    def _pop_idle(self) -> "ReaderProcess | None":
        try:
            return self._idle.pop()
        except IndexError:  # asking for the length first would race with other threads
            return None

    def run(self, content: bytes, files: Sequence[str] = ()) -> bytes:
        """The work's answer to a request, from the first free child; safe to call from many
        threads.

        Raises ReadError as the reader raised it, or for a limit or a crash; SandboxError where no
        child can be started.
        """
        return self._run(SandboxRequest(content, files), self._closed)

    def map(self, requests: Iterable[SandboxRequest]) -> Iterator[bytes | ReadError]:
        """An answer or a ReadError for each request, in order; all children work, and a few
        requests a child are taken in advance.

        Leaving early (an exception, Ctrl-C, a generator closed) ends the children that work on
        answers nobody will take.
        """
        stop = threading.Event()
        waiting: deque[Future[bytes | ReadError]] = deque()
        with ThreadPoolExecutor(self._workers, thread_name_prefix="sandbox") as threads:
            try:
                for request in requests:
                    waiting.append(threads.submit(self._outcome, request, stop))
                    if len(waiting) >= _AHEAD * self._workers:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                stop.set()
                threads.shutdown(wait=True, cancel_futures=True)

    def _outcome(self, request: SandboxRequest, stop: threading.Event) -> bytes | ReadError:
        try:
            return self._run(request, stop)
        except ReadError as error:
            return error

    def _run(self, request: SandboxRequest, stop: threading.Event) -> bytes:
        with self._slots:
            if stop.is_set() or self._closed.is_set():
                raise SandboxError("the sandbox is closed")
            started = time.monotonic()
            worker, used = self._acquire_worker(stop)
            try:
                return self._ask(worker, request, stop)
            except ReadError as error:
                retried = (
                    used
                    and error.reason in (Reason.MEMORY_LIMIT, Reason.READER_CRASHED)
                    and not worker.alive
                )
                if not retried or time.monotonic() - started > self._limits.wall / 2:
                    raise
            return self._ask(self._start(stop), request, stop)

    def _acquire_worker(self, stop: threading.Event) -> tuple["ReaderProcess", bool]:
        """A child, and whether it has worked before."""
        while (worker := self._pop_idle()) is not None:
            if worker.quiet():
                return worker, worker.served > 0
            worker.end()
        return self._start(stop), False

    def _start(self, stop: threading.Event) -> "ReaderProcess":
        starting = self._submit()
        try:
            worker = starting.result()
        except OSError as error:
            raise SandboxError(f"the system starts no more processes: {error}") from error
        except BaseException:  # Ctrl-C: it starts all the same, and nobody would end it
            starting.add_done_callback(_end_started)
            raise
        try:
            worker.wait_ready(self._given_up(stop))
        except BaseException:  # Ctrl-C too must leave no child behind
            worker.end()
            raise
        return worker

    def _submit(self) -> "Future[ReaderProcess]":
        try:
            return self._starter.submit(ReaderProcess, self._limits)
        except RuntimeError as error:  # shut down a moment ago by another thread
            raise SandboxError("the sandbox is closed") from error

    def _given_up(self, stop: threading.Event) -> Callable[[], bool]:
        return lambda: stop.is_set() or self._closed.is_set()

    def _ask(
        self, worker: "ReaderProcess", request: SandboxRequest, stop: threading.Event
    ) -> bytes:
        keep = False
        try:
            answer = worker.ask(request, self._given_up(stop))
            keep = True
            return answer
        except ReadError:
            keep = worker.alive
            raise
        except Cancelled as error:
            raise SandboxError("the sandbox was closed before the answer came") from error
        finally:
            if keep and worker.served < self._documents and not self._closed.is_set():
                self._idle.append(worker)
                # closed a moment ago by another thread, which may have missed this child
                if self._closed.is_set():
                    self.close()
            else:
                worker.end()


def _end_started(starting: "Future[ReaderProcess]") -> None:
    if not starting.cancelled() and starting.exception() is None:
        starting.result().end()
