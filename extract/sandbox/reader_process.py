"""One reader process, as its parent sees it: started, asked, ended.

`ReaderProcess(limits)` starts it, `wait_ready` waits for its work to be imported, `ask` sends a
request with the files that it reads, opened here, and waits for the answer; a limit, a crash or a
refusal is a `ReadError`. Used by one thread at a time; the child's side is
`extract.sandbox.worker`.
"""

import contextlib
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from extract import limits
from extract.document import ReadError, Reason
from extract.sandbox import handed
from extract.sandbox.worker import (
    ANSWER,
    CHUNK,
    CRASHED,
    HANDED,
    HEADER,
    LONGER,
    MISSING,
    NO_MEMORY,
    READY,
    REFUSED,
    REQUEST,
)

# seconds between looks at whether the child still lives and the caller still waits
_SLICE: Final = 0.2
_PIPE: Final = 256 * 1024  # bytes; four times the default, for requests of some megabytes
_PROCESSOR_TIME: Final = 2  # the clock of a process, in the lowest bits of the clock's number
# names of the environment that a child is given: language, time zone, where libraries lie
_KEPT: Final = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONUTF8")


class SandboxError(RuntimeError):
    """The sandbox itself cannot work: the function cannot be imported, or children do not start."""


class _Gone(Exception):
    """The child closed its end, or broke the protocol."""


class _Late(Exception):
    """The deadline passed."""


class Cancelled(Exception):
    """Nobody waits for this answer any more."""


class SandboxRequest(NamedTuple):
    """What is asked of the work, and the paths of the files that it reads."""

    content: bytes
    files: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """What one document may take: the work, seconds, seconds of processor, bytes."""

    work: str
    wall: float
    cpu: int
    memory: int


def _environment() -> dict[str, str]:
    """What a child gets to know of the environment: a few names. One thread and few arenas for the
    numeric libraries: a child has one core, and address space is what is limited.
    """
    # The child is to see what the parent sees, from whatever folder either runs; -P keeps the
    # current folder out.
    root = str(Path(__file__).resolve().parents[2])
    path = [p for p in sys.path if p]
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "PYTHONPATH": os.pathsep.join(path if root in path else [*path, root]),
    }


def _frame(kind: bytes, payload: bytes) -> bytes:
    return HEADER.pack(kind, len(payload)) + payload


class ReaderProcess:
    """One child, as the parent sees it. Used by one thread at a time."""

    def __init__(self, worker_limits: ReaderLimits) -> None:
        self._limits = worker_limits
        self.served = 0
        self._times = 1  # how many times as long as others the document may take
        self.alive = True  # False once it must not be asked again
        arguments = [
            worker_limits.work,
            repr(worker_limits.wall),
            str(worker_limits.memory),
            str(os.getpid()),
        ]
        self._socket, childs_end = socket.socketpair()
        with childs_end:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
                [sys.executable, "-P", "-m", "extract.sandbox.worker", *arguments],
                stdin=childs_end.fileno(),
                stdout=subprocess.PIPE,
                bufsize=0,
                pipesize=_PIPE,
                env=_environment(),
                start_new_session=True,
            )
        assert self._process.stdout is not None  # noqa: S101 - asked for just above
        self._to, self._from = self._socket.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        self._writable, self._readable = select.poll(), select.poll()
        self._writable.register(self._to, select.POLLOUT)
        self._readable.register(self._from, select.POLLIN)

    def _allow_processor_time(self) -> None:
        """From now on the child may take what this document is allowed. The system's limit counts
        the whole life of a process, and is set from here, for the child may raise none.
        """
        if sys.platform == "linux":
            with contextlib.suppress(OSError):  # it has died: the next exchange says so
                used = time.clock_gettime(~self._process.pid << 3 | _PROCESSOR_TIME)
                _, hard = resource.prlimit(self._process.pid, resource.RLIMIT_CPU)
                soft = int(used) + self._times * self._limits.cpu + 1
                resource.prlimit(self._process.pid, resource.RLIMIT_CPU, (soft, hard))

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
        except Cancelled as error:
            raise SandboxError("the sandbox was closed as a reader process started") from error
        if kind != READY:
            raise SandboxError(
                f"the reader process cannot use {self._limits.work}: "
                f"{payload.decode('utf-8', errors='replace')}"
            )

    def quiet(self) -> bool:
        """Whether the idle child still lives and has sent nothing unasked."""
        return not self._readable.poll(0)

    def ask(self, request: SandboxRequest, given_up: Callable[[], bool]) -> bytes:
        """One document. After a ReadError, `alive` says whether the child may be asked again."""
        self.served += 1
        self._times = 1
        started = time.monotonic()
        try:
            self._allow_processor_time()
            self._send(request, started + self._limits.wall, given_up)
            kind, payload = self._receive(started + self._limits.wall, given_up)
            if kind == LONGER:
                self._times = limits.SCAN_TIMES
                self._allow_processor_time()
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
        self._socket.close()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _send(self, request: SandboxRequest, deadline: float, given_up: Callable[[], bool]) -> None:
        for path in request.files:
            try:
                opened = handed.open_file(path)
            except OSError as error:
                missing = b"%d\0" % (error.errno or 0) + os.fsencode(path)
                self._write(_frame(MISSING, missing), None, deadline, given_up)
                continue
            try:
                self._write(_frame(HANDED, os.fsencode(path)), opened, deadline, given_up)
            finally:
                os.close(opened)
        self._write(_frame(REQUEST, request.content), None, deadline, given_up)

    def _write(
        self, content: bytes, file: int | None, deadline: float, given_up: Callable[[], bool]
    ) -> None:
        """Send bytes, and with the first of them a descriptor."""
        rest = memoryview(content)
        while rest:
            files = [] if file is None else [file]
            try:
                rest = rest[socket.send_fds(self._socket, [rest[:CHUNK]], files) :]
                file = None
            except BlockingIOError:
                self._wait(self._writable, deadline, given_up)
            except (BrokenPipeError, ConnectionResetError) as error:
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
                raise Cancelled
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
