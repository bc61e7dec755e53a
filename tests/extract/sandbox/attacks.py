"""What code would try that a document has smuggled into a reader process: work for a sandbox."""

import ctypes
import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import data  # noqa: F401 - as readers do, so that its files may be read

_ATTACH: Final = 16  # ptrace
_SIGNAL_AT_PARENTS_DEATH: Final = 1  # prctl


def work(request: bytes) -> bytes:
    """Try one attack; the answer is what it gained, or `refused` and why."""
    asked = json.loads(request)
    try:
        gained = _ATTACKS[asked["attack"]](asked.get("at", ""))
    except OSError as error:
        return f"refused: {type(error).__name__} {error.errno}".encode()
    return f"gained: {gained}".encode()


def _connect(at: str) -> object:
    with socket.create_connection(("127.0.0.1", int(at)), timeout=2) as connection:
        return connection.getpeername()


def _send_datagram(at: str) -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return sender.sendto(b"x", ("127.0.0.1", int(at)))


def _connect_unix(at: str) -> object:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(at)
        return "connected"


def _listen(at: str) -> object:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        return listener.getsockname()


def _read(at: str) -> object:
    return Path(at).read_bytes()[:40]


def _list(at: str) -> object:
    return os.listdir(at)


def _parents_environment(at: str) -> object:
    return Path(f"/proc/{os.getppid()}/environ").read_bytes()


def _parents_memory(at: str) -> object:
    with open(f"/proc/{os.getppid()}/mem", "rb", buffering=0) as memory:
        memory.seek(int(at))
        return memory.read(8)


def _parents_memory_by_call(at: str) -> object:
    class Part(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    held = ctypes.create_string_buffer(8)
    local, remote = Part(ctypes.addressof(held), 8), Part(int(at), 8)
    libc = ctypes.CDLL(None, use_errno=True)
    read = libc.process_vm_readv(
        os.getppid(),
        ctypes.byref(local),
        ctypes.c_ulong(1),
        ctypes.byref(remote),
        ctypes.c_ulong(1),
        0,
    )
    return _checked(read) and held.raw


def _truncate(at: str) -> object:
    os.truncate(at, 0)
    return "truncated"


def _open_to_write(at: str) -> object:
    with open(at, "r+b", buffering=0) as file:
        return file.write(b"")


def _rename(at: str) -> object:
    os.rename(at, at + ".gone")
    return "renamed"


def _unlink(at: str) -> object:
    os.unlink(at)
    return "deleted"


def _chmod(at: str) -> object:
    os.chmod(at, 0o777)  # noqa: S103
    return "mode changed"


def _make(at: str) -> object:
    Path(at + ".new").write_bytes(b"")
    return "made"


def _raise_limits(at: str) -> object:
    number = getattr(resource, at)
    raised = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    try:
        resource.setrlimit(number, raised)
    except ValueError as error:  # as Python words EPERM
        raise PermissionError(1, str(error)) from error
    return resource.getrlimit(number)


def _execute(at: str) -> object:
    return subprocess.run(["/bin/sh", "-c", "echo here"], capture_output=True).stdout


def _replace_itself(at: str) -> object:
    os.execv(sys.executable, [sys.executable, "-c", "pass"])  # noqa: S606
    return "never"


def _outlive(at: str) -> object:
    pid = os.fork()
    if pid == 0:
        os.setsid()
        time.sleep(60)
        os._exit(0)
    return pid


def _leave_group(at: str) -> object:
    os.setpgid(0, 0)
    os.setsid()
    return "left"


def _survive_parent(at: str) -> object:
    libc = ctypes.CDLL(None, use_errno=True)
    return _checked(libc.prctl(_SIGNAL_AT_PARENTS_DEATH, 0, 0, 0, 0))


def _trace_parent(at: str) -> object:
    libc = ctypes.CDLL(None, use_errno=True)
    return _checked(libc.ptrace(_ATTACH, os.getppid(), None, None))


def _signal_parent(at: str) -> object:
    os.kill(os.getppid(), 0)
    return "signalled"


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


_ATTACKS: Final[dict[str, Callable[[str], object]]] = {
    "connect": _connect,
    "send datagram": _send_datagram,
    "connect to unix socket": _connect_unix,
    "listen": _listen,
    "read": _read,
    "list": _list,
    "parent's environment": _parents_environment,
    "parent's memory": _parents_memory,
    "parent's memory by call": _parents_memory_by_call,
    "truncate": _truncate,
    "open to write": _open_to_write,
    "rename": _rename,
    "delete": _unlink,
    "change mode": _chmod,
    "make": _make,
    "raise limits": _raise_limits,
    "execute": _execute,
    "replace itself": _replace_itself,
    "outlive": _outlive,
    "leave group": _leave_group,
    "survive parent": _survive_parent,
    "trace parent": _trace_parent,
    "signal parent": _signal_parent,
}
