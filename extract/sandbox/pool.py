"""Readers run here: in child processes that are reused from document to document, with limits on
memory, time and output.

`Sandbox("package.module:function")` keeps up to `workers` children. The function takes and gives
`bytes`; each child imports it by name once. `run(request)` is for any number of threads,
`map(requests)` keeps all children busy and yields in order. Requests and answers cross as
length-prefixed bytes, never as pickles, so a reader led astray by its input can send nothing but
bytes.

A document can take no more than: `cpu` seconds of processor, `wall` seconds (SCAN_TIMES as long
where its reader meets scanned pages and asks for it, see `allowance`), `memory` bytes above what
the idle child maps, no byte written to any file, an answer of ANSWER_BYTES. What goes beyond costs
that document a `ReadError` (TIME_LIMIT, MEMORY_LIMIT, TOO_LARGE, READER_CRASHED), its child and the
child's process group; the next document gets a new child. A death or lack of memory in a child that
has read other documents before is tried once more in a new one, so that no document pays for an
earlier one. Children end with the parent, however it ends: each watches its input for the parent's
end, and a timer of its own is the last resort.

Out of scope: a reader that sets out to break free (it could raise its own limits or leave its
process group); Windows.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from extract import limits
from extract.document import ReadError, Reason
from extract.sandbox.worker import (
    ANSWER,
    CHUNK,
    CRASHED,
    HEADER,
    LONGER,
    NO_MEMORY,
    READY,
    REFUSED,
    REQUEST,
)

# seconds between looks at whether the child still lives and the caller still waits
_SLICE: Final = 0.2
_PIPE: Final = 256 * 1024  # bytes; four times the default, for requests of some megabytes
_AHEAD: Final = 4  # requests taken in advance for each worker


class SandboxError(RuntimeError):
    """The sandbox itself cannot work: the function cannot be imported, or children do not start."""


class _Gone(Exception):
    """The child closed its end, or broke the protocol."""


class _Late(Exception):
    """The deadline passed."""


class _Cancelled(Exception):
    """Nobody waits for this answer any more."""


@dataclass(frozen=True, slots=True)
class _WorkerLimits:
    work: str
    wall: float
    cpu: int
    memory: int


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
        self._limits = _WorkerLimits(work, wall, cpu, memory)
        self._documents = documents
        self._workers = workers
        self._slots = threading.Semaphore(workers)
        self._idle: deque[_Worker] = deque()  # append and pop are atomic
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

    def _pop_idle(self) -> "_Worker | None":
        try:
            return self._idle.pop()
        except IndexError:  # asking for the length first would race with other threads
            return None

    def run(self, request: bytes) -> bytes:
        """The work's answer to `request`, from the first free child; safe to call from many
        threads.

        Raises ReadError as the reader raised it, or for a limit or a crash; SandboxError where no
        child can be started.
        """
        return self._run(request, self._closed)

    def map(self, requests: Iterable[bytes]) -> Iterator[bytes | ReadError]:
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

    def _outcome(self, request: bytes, stop: threading.Event) -> bytes | ReadError:
        try:
            return self._run(request, stop)
        except ReadError as error:
            return error

    def _run(self, request: bytes, stop: threading.Event) -> bytes:
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

    def _acquire_worker(self, stop: threading.Event) -> tuple["_Worker", bool]:
        """A child, and whether it has worked before."""
        while (worker := self._pop_idle()) is not None:
            if worker.quiet():
                return worker, worker.served > 0
            worker.end()
        return self._start(stop), False

    def _start(self, stop: threading.Event) -> "_Worker":
        try:
            worker = _Worker(self._limits)
        except OSError as error:
            raise SandboxError(f"the system starts no more processes: {error}") from error
        try:
            worker.wait_ready(self._given_up(stop))
        except BaseException:  # Ctrl-C too must leave no child behind
            worker.end()
            raise
        return worker

    def _given_up(self, stop: threading.Event) -> Callable[[], bool]:
        return lambda: stop.is_set() or self._closed.is_set()

    def _ask(self, worker: "_Worker", request: bytes, stop: threading.Event) -> bytes:
        keep = False
        try:
            answer = worker.ask(request, self._given_up(stop))
            keep = True
            return answer
        except ReadError:
            keep = worker.alive
            raise
        except _Cancelled as error:
            raise SandboxError("the sandbox was closed before the answer came") from error
        finally:
            if keep and worker.served < self._documents and not self._closed.is_set():
                self._idle.append(worker)
                # closed a moment ago by another thread, which may have missed this child
                if self._closed.is_set():
                    self.close()
            else:
                worker.end()


class _Worker:
    """One child, as the parent sees it. Used by one thread at a time."""

    def __init__(self, worker_limits: _WorkerLimits) -> None:
        self._limits = worker_limits
        self.served = 0
        self._times = 1  # how many times as long as others the document may take
        self.alive = True  # False once it must not be asked again
        arguments = [
            worker_limits.work,
            repr(worker_limits.wall),
            str(worker_limits.cpu),
            str(worker_limits.memory),
        ]
        # The child is to see what the parent sees, from whatever folder either runs; -P keeps the
        # current folder out.
        root = str(Path(__file__).resolve().parents[2])
        path = [p for p in sys.path if p]
        # One thread and few arenas for the numeric libraries: a child has one core, and address
        # space is what is limited.
        environment = {
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "2",
        } | os.environ
        environment["PYTHONPATH"] = os.pathsep.join(path if root in path else [*path, root])
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            [sys.executable, "-P", "-m", "extract.sandbox.worker", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            pipesize=_PIPE,
            env=environment,
            start_new_session=True,
        )
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101 - asked for just above
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        self._writable, self._readable = select.poll(), select.poll()
        self._writable.register(self._to, select.POLLOUT)
        self._readable.register(self._from, select.POLLIN)

    def wait_ready(self, given_up: Callable[[], bool]) -> None:
        """Until the child has imported its work. Raises SandboxError where it cannot."""
        try:
            kind, payload = self._receive(time.monotonic() + limits.READER_START_SECONDS, given_up)
        except _Gone as error:
            raise SandboxError(
                f"the reader process did not start: {self._how_it_ended()}"
            ) from error
        except _Late as error:
            raise SandboxError(
                f"the reader process was not ready after {limits.READER_START_SECONDS:.0f} s"
            ) from error
        except _Cancelled as error:
            raise SandboxError("the sandbox was closed as a reader process started") from error
        if kind != READY:
            raise SandboxError(
                f"the reader process cannot use {self._limits.work}: "
                f"{payload.decode('utf-8', errors='replace')}"
            )

    def quiet(self) -> bool:
        """Whether the idle child still lives and has sent nothing unasked."""
        return not self._readable.poll(0)

    def ask(self, request: bytes, given_up: Callable[[], bool]) -> bytes:
        """One document. After a ReadError, `alive` says whether the child may be asked again."""
        self.served += 1
        self._times = 1
        started = time.monotonic()
        try:
            self._send(request, started + self._limits.wall, given_up)
            kind, payload = self._receive(started + self._limits.wall, given_up)
            if kind == LONGER:
                self._times = limits.SCAN_TIMES
                kind, payload = self._receive(
                    time.monotonic() + self._times * self._limits.wall, given_up
                )
        except _Late as error:
            self.end()
            raise ReadError(
                Reason.TIME_LIMIT,
                f"the reader took more than {self._times * self._limits.wall:g} s",
            ) from error
        except _Gone as error:
            reason, detail = self._cause_of_death(str(error))
            raise ReadError(reason, detail) from error
        except BaseException:
            # a cancelled or interrupted exchange leaves the child in the middle of a document
            self.end()
            raise
        if kind == ANSWER:
            return payload
        if kind == NO_MEMORY:
            self.end()
            raise ReadError(
                Reason.MEMORY_LIMIT,
                f"the reader needed more than {self._limits.memory // limits.MIB} MiB",
            )
        text = payload.decode("utf-8", errors="replace")
        if kind == REFUSED:
            name, _, detail = text.partition("\0")
            if name in set(Reason):
                raise ReadError(Reason(name), detail)
        raise ReadError(Reason.READER_CRASHED, text)

    def end(self) -> None:
        """Kill the child and its process group, and wait for the child.

        The group goes first: its number is free once the child is reaped.
        """
        self.alive = False
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _send(self, request: bytes, deadline: float, given_up: Callable[[], bool]) -> None:
        rest = memoryview(HEADER.pack(REQUEST, len(request)) + request)
        while rest:
            try:
                rest = rest[os.write(self._to, rest[:CHUNK]) :]
            except BlockingIOError:
                self._wait(self._writable, deadline, given_up)
            except BrokenPipeError as error:
                raise _Gone from error

    def _receive(self, deadline: float, given_up: Callable[[], bool]) -> tuple[bytes, bytes]:
        kind, length = HEADER.unpack(self._read(HEADER.size, deadline, given_up))
        if length > limits.ANSWER_BYTES or kind not in (
            READY,
            ANSWER,
            REFUSED,
            CRASHED,
            NO_MEMORY,
            LONGER,
        ):
            raise _Gone("the reader process broke the protocol")
        return kind, self._read(length, deadline, given_up)

    def _read(self, length: int, deadline: float, given_up: Callable[[], bool]) -> bytes:
        content = bytearray()
        while len(content) < length:
            try:
                part = os.read(self._from, min(CHUNK, length - len(content)))
            except BlockingIOError:
                self._wait(self._readable, deadline, given_up)
                continue
            if not part:
                raise _Gone
            content += part
        return bytes(content)

    def _wait(self, poll: select.poll, deadline: float, given_up: Callable[[], bool]) -> None:
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise _Late
            if poll.poll(min(left, _SLICE) * 1000 + 1):
                return
            if given_up():
                raise _Cancelled
            # A process that the reader started can hold the pipe open after the reader's death;
            # WNOWAIT leaves it to `end`.
            if (
                os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                is not None
            ):
                raise _Gone

    def _how_it_ended(self) -> str:
        self.alive = False
        with contextlib.suppress(ChildProcessError):
            # Closing its pipe comes a moment before its death; do not let the kill below hide how
            # it died.
            for _ in range(100):
                if (
                    os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                    is not None
                ):
                    break
                time.sleep(0.01)
        self.end()
        code = self._process.returncode
        return (
            f"it was ended by {signal.Signals(-code).name}"
            if code < 0
            else f"it ended with exit status {code}"
        )

    def _cause_of_death(self, broken: str) -> tuple[Reason, str]:
        if broken:
            self.end()
            return Reason.READER_CRASHED, broken
        how = self._how_it_ended()
        if self._process.returncode == -signal.SIGXCPU:
            return (
                Reason.TIME_LIMIT,
                f"the reader took more than {self._times * self._limits.cpu} s of processor time",
            )
        if self._process.returncode == -signal.SIGALRM:
            return (
                Reason.TIME_LIMIT,
                f"the reader took more than {self._times * self._limits.wall:g} s",
            )
        return Reason.READER_CRASHED, f"the reader process died: {how}"
