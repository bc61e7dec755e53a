"""A program that is taken over, as LibreOffice may be, finds its own folder and installed files."""

import json
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from extract import limits
from extract.sandbox.confine import describe_confinement, python_folders
from extract.sandbox.program import Ended, run

OFFERED: Final = describe_confinement()
pytestmark = pytest.mark.skipif(
    not (OFFERED.landlock_abi and OFFERED.filters_calls),
    reason="this kernel confines no program: see describe_confinement",
)
TRIES: Final = """
import os, resource, socket, subprocess, sys
def connect(): socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)
def connect_unix(): socket.socket(socket.AF_UNIX).connect(sys.argv[2] + "/socket")
def read(): open("/etc/shadow").read()
def read_home(): os.listdir(os.path.expanduser("~root"))
def read_parent(): open(f"/proc/{os.getppid()}/environ").read()
def read_other(): open(sys.argv[2] + "/other").read()
def write_other(): open(sys.argv[2] + "/other", "a").close()
def write_system(): open("/usr/share/nianbao", "w").close()
def delete(): os.unlink(sys.argv[2] + "/other")
def leave_group(): os.setpgid(0, 0)
def leave_session():
    if os.fork() == 0:
        try:
            os.setsid()
        except OSError:
            os._exit(7)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.wait()[1]) == 7:
        raise PermissionError
def raise_limit():
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (-1, -1))
    except ValueError:
        raise PermissionError from None
def keep_working(): open("mine", "w").write("x"); subprocess.run(["/bin/true"], check=True)
gained = []
for attempt in (connect, connect_unix, read, read_home, read_parent, read_other, write_other,
                write_system, delete, leave_group, leave_session, raise_limit, keep_working):
    try:
        attempt()
    except PermissionError:
        continue
    gained.append(attempt.__name__)
print(gained)
"""


@pytest.fixture
def started(tmp_path: Path) -> Callable[..., Ended]:
    home = tmp_path / "home"
    home.mkdir()

    def start(code: str, *arguments: str, seconds: float = 60) -> Ended:
        return run(
            [sys.executable, "-c", code, *arguments],
            home,
            seconds=seconds,
            memory=limits.OFFICE_MEMORY_BYTES,
            stop=threading.Event(),
            reads=python_folders(),
        )

    return start


def test_it_gains_nothing_and_works_in_its_folder(
    started: Callable[..., Ended], tmp_path: Path
) -> None:
    (tmp_path / "other").write_text("rows", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(socket.AF_UNIX) as local:
        local.bind(str(tmp_path / "socket"))
        local.listen()
        ended = started(TRIES, str(listener.getsockname()[1]), str(tmp_path))
    assert ended.status == 0
    assert json.loads(ended.said.replace("'", '"')) == ["keep_working"]
    assert (tmp_path / "other").read_text(encoding="utf-8") == "rows"


def test_a_child_that_ignores_signals_ends_with_it(
    started: Callable[..., Ended], tmp_path: Path
) -> None:
    """The group is killed; nobody can have left it."""
    code = """
import os, signal, time
for n in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGINT):
    signal.signal(n, signal.SIG_IGN)
if os.fork() == 0:
    time.sleep(600)
print(os.getpid(), flush=True)
time.sleep(600)
"""
    ended = started(code, seconds=2)
    assert ended.late
    pid = int(ended.said)
    group = [p for p in Path("/proc").glob("[0-9]*/stat") if _group_of(p) == pid]
    assert group == []


def _group_of(stat: Path) -> int:
    try:
        state, _, group, *_ = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return -1
    return -1 if state == "Z" else int(group)
