"""Landlock: a process gives up, for itself and whatever it starts, all files but those it names.

`restrict(rules)` is final and needs no privilege, and binds root too. What the kernel knows of it
is asked by its system call (`abi`), since a container may hide the files that tell. The calls have
the same numbers on every architecture and never change, so that 40 lines do what the packages for
it do (`landlock` and `py-landlock` are pre-releases by one hand each).

Not governed by Landlock: opening sockets other than TCP, changing owners, modes and times of files,
looking whether a file exists. `extract.sandbox.seccomp` sees to these.
"""

import ctypes
import errno
import os
import stat
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Final

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION: Final = 1
_PATH_BENEATH: Final = 1
_NETWORK: Final = 3  # TCP: bind and connect; from ABI 4 on
_SCOPED: Final = 3  # abstract sockets and signals of others; from ABI 6 on
_PATH_RULE: Final = struct.Struct("=Qi")
_RULESET: Final = struct.Struct("=QQQ")


class Access(IntFlag):
    """What may be done with files, as the kernel numbers it."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15


READ: Final = Access.READ_FILE | Access.READ_DIR
RUN: Final = READ | Access.EXECUTE
WRITE: Final = (
    READ
    | Access.WRITE_FILE
    | Access.TRUNCATE
    | Access.REMOVE_DIR
    | Access.REMOVE_FILE
    | Access.MAKE_DIR
    | Access.MAKE_REG
    | Access.MAKE_SOCK
    | Access.MAKE_SYM
    | Access.REFER
)
_OF_FILES: Final = (
    Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE | Access.IOCTL_DEV
)
# the number of rights that each ABI knows
_RIGHTS_OF_ABI: Final = {1: 13, 2: 14, 3: 15, 4: 15}
_RIGHTS_NOW: Final = 16


@dataclass(frozen=True, slots=True)
class PathRule:
    """What may be done at a path and below."""

    path: Path
    access: Access


def abi() -> int:
    """The version that the kernel offers; 0 where it offers none, or is not Linux."""
    if sys.platform != "linux":
        return 0
    try:
        return _call(_CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict(rules: Iterable[PathRule]) -> int:
    """Give up, for this thread and all that come of it, every file that no rule names, TCP, and
    signals to others; gives the ABI in force, 0 for none. A path that is not there is passed over.

    Raises OSError where the kernel offers Landlock and refuses; the process must have given up new
    privileges before.
    """
    version = abi()
    if not version:
        return 0
    known = Access((1 << _RIGHTS_OF_ABI.get(version, _RIGHTS_NOW)) - 1)
    attributes = _RULESET.pack(
        known, _NETWORK if version >= 4 else 0, _SCOPED if version >= 6 else 0
    )
    ruleset = _call(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for rule in rules:
            _add(ruleset, rule, known)
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _add(ruleset: int, rule: PathRule, known: Access) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        place = os.open(rule.path, os.O_PATH | os.O_CLOEXEC)
        try:
            is_folder = stat.S_ISDIR(os.fstat(place).st_mode)
            access = rule.access & known & (known if is_folder else _OF_FILES)
            _call(_ADD_RULE, ruleset, _PATH_BENEATH, _PATH_RULE.pack(access, place), 0)
        finally:
            os.close(place)


def _call(number: int, *arguments: int | bytes | None) -> int:
    """A system call; OSError as it fails."""
    libc = ctypes.CDLL(None, use_errno=True)
    passed = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    result = int(libc.syscall(ctypes.c_long(number), *passed))
    if result < 0:
        number = ctypes.get_errno() or errno.ENOSYS
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
