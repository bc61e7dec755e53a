"""The child's side of `sandbox.py`: imports one function by name, then answers requests until its
input ends.

Started as `python -m extract.sandbox.worker WORK WALL MEMORY PARENT`; its input is a socket. Both
directions carry frames: one byte that names the kind, the length of the payload as 8 bytes, the
payload; with a frame of the kind HANDED comes the descriptor of a file. Once the work is imported
the limits are set, so that what it maps when idle is not counted, and the process is confined
(`extract.sandbox.confine`). Kept apart from the parent's side so that a child starts fast: it
imports nothing but what it needs.
"""

import contextlib
import importlib
import os
import resource
import select
import signal
import socket
import struct
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

from extract import limits
from extract.document import ReadError, Reason
from extract.sandbox import allowance, handed
from extract.sandbox.confine import confine_reader, end_with_parent

HEADER: Final = struct.Struct("<cQ")  # kind and length of what follows
REQUEST: Final = b"Q"  # parent to child: one document
HANDED: Final = b"H"  # parent to child, before the request: a path, and its file as a descriptor
MISSING: Final = b"N"  # the same for a file that cannot be opened: error number, NUL, path
READY: Final = b"O"  # child to parent: the work is imported
ANSWER: Final = b"R"
REFUSED: Final = b"E"  # a ReadError: reason, NUL, detail
CRASHED: Final = b"X"  # any other exception, in one line
# child to parent: the document has scanned pages and takes longer; the answer follows
LONGER: Final = b"L"
NO_MEMORY: Final = b"M"  # the parent is to replace this child
CHUNK: Final = 1 << 20
_GRACE: Final = 5.0  # seconds after which a child ends itself where the parent has not done it
_DETAIL: Final = 300  # characters of an exception's message
_OPEN_FILES: Final = 256


def _main(work: str, wall: float, memory: int, parent: int) -> NoReturn:
    """Import the work, then answer requests until the input ends."""
    ends_with_parent = end_with_parent(parent)
    incoming, sink = _Incoming(os.dup(0)), os.dup(1)
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 0)
    os.dup2(silence, 1)  # native libraries print; the protocol has a descriptor of its own
    try:
        module, _, name = work.partition(":")
        function: Callable[[bytes], bytes] = getattr(importlib.import_module(module), name)
        _limit(memory)
        confine_reader()
    except Exception as error:  # whatever an import may raise, the parent is to know it
        _reply(sink, CRASHED, _in_one_line(error).encode("utf-8", errors="replace"))
        sys.exit(2)
    os.dup2(silence, 2)
    if not ends_with_parent:
        threading.Thread(target=_watch_parent, args=(incoming.fileno,), daemon=True).start()
    _reply(sink, READY, b"")
    while True:
        request = incoming.next_request()
        _arm(wall)
        allowance.on_request(_Longer(sink, wall))
        kind, payload = _work(function, request)
        signal.setitimer(signal.ITIMER_REAL, 0)
        del request
        _reply(sink, kind, payload)


def _arm(wall: float) -> None:
    """End the process, if the parent has not done it, some time after the document's."""
    signal.setitimer(signal.ITIMER_REAL, wall + _GRACE)  # SIGALRM, untouched, ends the process


class _Incoming:
    """What comes from the parent."""

    def __init__(self, fileno: int) -> None:
        self.fileno = fileno
        self._socket = socket.socket(fileno=fileno)
        self._files: deque[int] = deque()

    def next_request(self) -> bytes:
        """The next request; the files that come with it are handed over."""
        handed.forget()
        while True:
            kind, length = HEADER.unpack(self._read(HEADER.size))
            payload = self._read(length)
            if kind == HANDED:
                handed.receive(os.fsdecode(payload), self._files.popleft())
            elif kind == MISSING:
                number, _, path = payload.partition(b"\0")
                why = os.strerror(int(number))
                handed.receive(os.fsdecode(path), OSError(int(number), why, os.fsdecode(path)))
            else:
                return payload

    def _read(self, length: int) -> bytes:
        content = bytearray()
        while len(content) < length:
            part, files, _, _ = socket.recv_fds(
                self._socket, min(CHUNK, length - len(content)), maxfds=1
            )
            self._files.extend(files)
            if not part:
                os._exit(0)  # the parent closed the input: no more documents
            content += part
        return bytes(content)


class _Longer:
    """What a reader calls that meets scanned pages: once a document the parent is told, which
    raises the limits.
    """

    def __init__(self, sink: int, wall: float) -> None:
        self._sink, self._wall = sink, wall
        self._asked = False

    def __call__(self) -> None:
        if not self._asked:
            self._asked = True
            _reply(self._sink, LONGER, b"")
            _arm(self._wall * limits.SCAN_TIMES)


def _work(function: Callable[[bytes], bytes], request: bytes) -> tuple[bytes, bytes]:
    try:
        answer = function(request)
        if len(answer) > limits.ANSWER_BYTES:
            return (
                REFUSED,
                (
                    f"{Reason.TOO_LARGE}\0the reader's answer has {len(answer)} bytes, the limit "
                    f"is {limits.ANSWER_BYTES}"
                ).encode(),
            )
        return ANSWER, answer
    except ReadError as error:
        return REFUSED, f"{error.reason}\0{error.detail}".encode("utf-8", errors="replace")
    except MemoryError:
        return NO_MEMORY, b""
    # a reader may break in any way, sys.exit included; the parent makes one outcome of it
    except BaseException as error:
        return CRASHED, _in_one_line(error).encode("utf-8", errors="replace")


def _in_one_line(error: BaseException) -> str:
    """Type, message and last frame; of the file's path only the last two parts."""
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    where = (
        (
            f" at {'/'.join(Path(frames[-1].filename).parts[-2:])}:{frames[-1].lineno} in "
            f"{frames[-1].name}"
        )
        if frames
        else ""
    )
    return f"{type(error).__name__}: {' '.join(str(error).split())[:_DETAIL]}{where}"


def _limit(memory: int) -> None:
    """Limits for the life of the child, which it cannot raise again.

    What the system does not offer (macOS has no /proc and ignores RLIMIT_AS) is left out.
    """
    mapped = 0
    with contextlib.suppress(OSError):
        mapped = (
            int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
            * resource.getpagesize()
        )
    for kind, value in (
        (resource.RLIMIT_AS, mapped + memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))
    sys.dont_write_bytecode = True  # it could not be written


def _watch_parent(source: int) -> None:
    """Kill the own process group once the parent is gone: then nobody holds the other end of the
    input. For systems without a signal at the parent's death.
    """
    poll = select.poll()
    poll.register(source, 0)
    while True:
        if any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll()):
            os.killpg(0, signal.SIGKILL)


def _reply(sink: int, kind: bytes, payload: bytes) -> None:
    rest = memoryview(HEADER.pack(kind, len(payload)) + payload)
    while rest:
        rest = rest[os.write(sink, rest[:CHUNK]) :]


if __name__ == "__main__":
    _main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
