"""A program of others, run under limits: LibreOffice, or a converter in a Python of its own.

Nothing of it outlives the call.

`run(arguments, home)` starts it in a session of its own, with nothing on its input, little in its
environment, `home` as its home and folder for temporary files, and limits on memory, processor time
and the size of a file. It is confined (`extract.sandbox.confine`): it writes in `home` alone, reads
programs, fonts and what it is told it may, has no network and cannot leave its group. At its end or
its time limit, whichever comes first, its process group is killed; where this process is killed
itself, `timeout` (coreutils) sees to that.

Out of scope: Windows. Where a system lacks a limit (macOS), that one is left out.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LAUNCH: Final = str(Path(__file__).with_name("launch.py"))
_KEPT: Final = ("PATH", "LD_LIBRARY_PATH")
_LOOK: Final = 0.02  # seconds between looks at whether it has ended
_WORDS: Final = 4096  # bytes of its output that are looked at


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: `late` if at its time limit; its exit status, negative for a signal; the last
    line that it said.
    """

    late: bool
    status: int
    said: str


def run(
    arguments: Sequence[str],
    home: Path,
    *,
    seconds: float,
    memory: int,
    stop: threading.Event,
    environment: dict[str, str] | None = None,
    reads: Sequence[Path] = (),
) -> Ended:
    """Run `arguments` (no shell sees them) to the end, for `seconds` at most; `stop` ends it early.
    `reads` are folders that it may read and run, beside those of the system.

    OSError where it cannot be started.
    """
    plan = {
        "home": str(home.resolve()),
        "reads": [str(path.resolve()) for path in reads],
        "parent": os.getpid(),
        "memory": memory,
        "seconds": seconds,
    }
    given = {name: os.environ[name] for name in _KEPT if name in os.environ}
    given |= {"HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8"} | (environment or {})
    with (home / "said").open("w+b") as words:
        process = subprocess.Popen(  # noqa: S603 - the first program is ours, no shell
            [sys.executable, "-I", "-S", _LAUNCH, json.dumps(plan), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            cwd=home,
            env=given,
            start_new_session=True,
        )
        try:
            late = not _ended(process.pid, time.monotonic() + seconds, stop)
        finally:  # the group goes first: its number is free once the leader is reaped
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
        words.seek(max(0, words.seek(0, os.SEEK_END) - _WORDS))
        lines = [
            line.strip() for line in words.read().decode("utf-8", errors="replace").splitlines()
        ]
    return Ended(
        late,
        status,
        next((line for line in reversed(lines) if line), f"it ended with exit status {status}"),
    )


def _ended(pid: int, deadline: float, stop: threading.Event) -> bool:
    """Wait for the end of the process without reaping it; False at the deadline, or where nobody
    waits any more.
    """
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if stop.is_set() or time.monotonic() > deadline:
            return False
        time.sleep(_LOOK)
    return True
