"""Seccomp: a process gives up system calls, for itself and whatever it starts.

`forbid(calls)` installs a filter, for all threads of the process and for good, without privilege;
a call that it forbids fails with "Operation not permitted". What is forbidden to readers is
`FOR_READERS`, to programs of others `FOR_PROGRAMS`: what neither needs, and what would lead out of
the process. (pyseccomp would do the same by libseccomp, which not every system has; its last
version is of 2021.)

The filter knows calls by number, so each machine has its own column in `_NUMBERS`; on another
machine nothing is forbidden, and `is_offered` says so.
"""

import ctypes
import errno
import os
import platform
import socket
import struct
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_X86_64, _AARCH64 = "x86_64", "aarch64"
_MACHINES: Final = {_X86_64: (0xC000003E, 317), _AARCH64: (0xC00000B7, 277)}
_ACTION_AVAILABLE, _SET_FILTER, _ALL_THREADS = 2, 1, 1
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_FOREIGN_ABI: Final = 0x40000000  # x32: the same calls under other numbers
# of struct seccomp_data: number of the call, architecture, first argument
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
# instructions of the filter: load a word, return, jump if equal, at least, any bit
_LOAD, _RETURN, _EQUAL, _AT_LEAST, _ANY_BIT = 0x20, 0x06, 0x15, 0x35, 0x45
_STEP: Final = struct.Struct("=HBBI")

Step = tuple[int, int, int, int]

# Numbers by call: x86_64, aarch64 (None: the machine has no such call).
_NUMBERS: Final[dict[str, tuple[int | None, int | None]]] = {
    # sockets
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "listen": (50, 201),
    # processes
    "fork": (57, None),
    "vfork": (58, None),
    "clone": (56, 220),
    "clone3": (435, 435),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "setsid": (112, 157),
    "setpgid": (109, 154),
    "setrlimit": (160, 164),
    "prlimit64": (302, 261),
    "prctl": (157, 167),
    # objects that outlive a process
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    # writing
    "open": (2, None),
    "openat": (257, 56),
    "openat2": (437, 437),
    "creat": (85, None),
    "truncate": (76, 45),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    # the kernel's own matters
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "setns": (308, 268),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "mount": (165, 40),
    "umount2": (166, 39),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "sethostname": (170, 161),
    "iopl": (172, None),
    "ioperm": (173, None),
}


@dataclass(frozen=True, slots=True)
class ForbiddenCall:
    """A call that fails with `error`; with `steps` only where these find it so."""

    name: str
    steps: tuple[Step, ...] = ()
    error: int = errno.EPERM


def _load(argument: int, upper: bool = False) -> Step:
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * argument + 4 * upper)


def _fail(error: int = errno.EPERM) -> Step:
    return (_RETURN, 0, 0, _FAIL | error)


_PASS: Final[Step] = (_RETURN, 0, 0, _ALLOW)


def _with_bits(name: str, argument: int, bits: int) -> ForbiddenCall:
    """Forbidden where the argument has any of the bits."""
    return ForbiddenCall(name, (_load(argument), (_ANY_BIT, 0, 1, bits), _fail(), _PASS))


def _without_bits(name: str, argument: int, bits: int) -> ForbiddenCall:
    """Forbidden where the argument has none of the bits."""
    return ForbiddenCall(name, (_load(argument), (_ANY_BIT, 1, 0, bits), _fail(), _PASS))


def _with_any(name: str, argument: int, values: Iterable[int]) -> ForbiddenCall:
    """Forbidden where the argument is one of the values."""
    looked = [step for v in values for step in ((_EQUAL, 0, 1, v & 0xFFFFFFFF), _fail())]
    return ForbiddenCall(name, (_load(argument), *looked, _PASS))


def _with_others(name: str, argument: int, values: Iterable[int]) -> ForbiddenCall:
    """Forbidden where the argument is none of the values."""
    looked = [step for v in values for step in ((_EQUAL, 0, 1, v & 0xFFFFFFFF), _PASS)]
    return ForbiddenCall(name, (_load(argument), *looked, _fail()))


def _with_pointer(name: str, argument: int) -> ForbiddenCall:
    """Forbidden where the argument points to something."""
    halves = [
        step
        for upper in (False, True)
        for step in (_load(argument, upper), (_EQUAL, 1, 0, 0), _fail())
    ]
    return ForbiddenCall(name, (*halves, _PASS))


_CLONE_THREAD: Final = 0x00010000
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
# prctl: signal at the parent's death, being looked into, who may trace, the map of the memory
_PRCTL: Final = (1, 4, 0x59616D61, 35)
_PLAIN_FOR_ALL: Final = [
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "kcmp",
    "pidfd_getfd",
    "setsid",
    "setpgid",
    "setrlimit",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "add_key",
    "request_key",
    "keyctl",
    "unshare",
    "setns",
    "chroot",
    "pivot_root",
    "mount",
    "umount2",
    "open_tree",
    "move_mount",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "open_by_handle_at",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "acct",
    "settimeofday",
    "clock_settime",
    "sethostname",
    "iopl",
    "ioperm",
    "connect",
]
_PLAIN_FOR_READERS: Final = [
    "socket",
    "accept",
    "accept4",
    "bind",
    "listen",
    "fork",
    "vfork",
    "execve",
    "execveat",
    "tkill",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    "pidfd_send_signal",
    "pidfd_open",
    "shmget",
    "semget",
    "msgget",
    "mq_open",
    "creat",
    "truncate",
    "rename",
    "renameat",
    "renameat2",
    "mkdir",
    "mkdirat",
    "rmdir",
    "unlink",
    "unlinkat",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "mknod",
    "mknodat",
    "chmod",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "fchown",
    "lchown",
    "fchownat",
    "utime",
    "utimes",
    "futimesat",
    "utimensat",
    "setxattr",
    "lsetxattr",
    "fsetxattr",
    "removexattr",
    "lremovexattr",
    "fremovexattr",
]


NO_NETWORK: Final = _with_others("socket", 0, (socket.AF_UNIX,))


def for_readers(process: int) -> tuple[ForbiddenCall, ...]:
    """What the reader with the process number `process` need not do: sockets, other processes, new
    processes, limits, and writing to any file."""
    return (
        *map(ForbiddenCall, (*_PLAIN_FOR_ALL, *_PLAIN_FOR_READERS)),
        # unknown to the kernel, so that libraries use the calls whose arguments can be looked at
        ForbiddenCall("clone3", error=errno.ENOSYS),
        ForbiddenCall("openat2", error=errno.ENOSYS),
        _without_bits("clone", 0, _CLONE_THREAD),
        _with_bits("open", 1, _WRITES),
        _with_bits("openat", 2, _WRITES),
        _with_others("kill", 0, (process, 0)),
        _with_others("tgkill", 0, (process,)),
        _with_pointer("prlimit64", 2),
        _with_any("prctl", 0, _PRCTL),
    )


def for_programs() -> tuple[ForbiddenCall, ...]:
    """What a program of others need not do: the network, others' memory, leaving its group."""
    return (
        *map(ForbiddenCall, _PLAIN_FOR_ALL),
        NO_NETWORK,
        _with_pointer("prlimit64", 2),
        _with_any("prctl", 0, _PRCTL),
    )


def is_offered() -> bool:
    """Whether the kernel takes filters, and this machine's numbers are known."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return False
    action = ctypes.c_uint32(_FAIL)
    return _call(_ACTION_AVAILABLE, 0, action) == 0


def forbid(calls: Sequence[ForbiddenCall]) -> bool:
    """Forbid the calls from now on; False where that is not offered here.

    Raises OSError where the kernel refuses; the process must have given up new privileges before.
    """
    if not is_offered():
        return False
    steps = _compile(calls, platform.machine())
    program = b"".join(_STEP.pack(*step) for step in steps)
    held = ctypes.create_string_buffer(program, len(program))
    header = _Program(len(steps), ctypes.cast(held, ctypes.c_void_p))
    if _call(_SET_FILTER, _ALL_THREADS, header) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")
    return True


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]


def _compile(calls: Sequence[ForbiddenCall], machine: str) -> list[Step]:
    """The filter: for each call a jump past what is done about it, where it is another one."""
    architecture, _ = _MACHINES[machine]
    column = list(_MACHINES).index(machine)
    steps: list[Step] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _FOREIGN_ABI),
        _fail(errno.ENOSYS),
    ]
    for call in calls:
        number = _NUMBERS[call.name][column]
        if number is not None:
            then = call.steps or (_fail(call.error),)
            steps += [(_EQUAL, 0, len(then), number), *then]
    return [*steps, _PASS]


def _call(operation: int, flags: int, argument: ctypes.c_uint32 | _Program) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    _, number = _MACHINES[platform.machine()]
    return int(
        libc.syscall(
            ctypes.c_long(number),
            ctypes.c_uint(operation),
            ctypes.c_uint(flags),
            ctypes.byref(argument),
        )
    )
