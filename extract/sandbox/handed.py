"""Files that are handed to a reader process open, for it may open none of the outside itself.

`read_file(path)` gives the bytes of a file: in a reader process of the file that was handed over
under that name, elsewhere of the one at the path. `open_file` is the parent's side, `receive` and
`forget` the child's. Kept apart because a reader knows nothing of processes.
"""

import errno
import os
import stat
from pathlib import Path
from typing import Final

_LOOK: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

_handed: dict[str, int | OSError] | None = None  # None: this is no reader process


def read_file(path: str) -> bytes:
    """The bytes of a file; OSError where it cannot be opened or read."""
    if _handed is None:
        return Path(path).read_bytes()
    found = _handed.get(path)
    if found is None:
        raise PermissionError(errno.EACCES, "it was not handed to the reader process", path)
    if isinstance(found, OSError):
        raise found
    os.lseek(found, 0, os.SEEK_SET)
    with open(found, "rb", closefd=False) as file:
        return file.read()


def open_file(path: str) -> int:
    """A descriptor to hand over; OSError where it cannot be opened, or is no regular file."""
    opened = os.open(path, _LOOK)
    if stat.S_ISREG(os.fstat(opened).st_mode):
        return opened
    os.close(opened)
    raise OSError(errno.EINVAL, "it is no regular file", path)


def receive(path: str, file: int | OSError) -> None:
    """Keep what was handed over until the next `forget`."""
    global _handed
    _handed = (_handed or {}) | {path: file}


def forget() -> None:
    """Close what was handed over for the last document; from now on nothing else can be read."""
    global _handed
    for file in (_handed or {}).values():
        if isinstance(file, int):
            os.close(file)
    _handed = {}
