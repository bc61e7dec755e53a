"""The two locks of a vault: one process at a time, and within it one thread at a time."""

import fcntl
import os
import sqlite3
import threading
from pathlib import Path
from types import TracebackType

from extract.crawl.vault.fetch_log import VaultError


class ThreadLock:
    """One thread at a time at the fetch log and the index.

    Faults of the two files come out as VaultError.

    SQLite takes back what was not committed when the disk is full. So the index is not written
    again after a fault: it would note that it knows the fetch log up to lines that it has lost. The
    next opening reads them again.
    """

    def __init__(self, index: Path) -> None:
        self._held = threading.Lock()
        self._index = index
        self._fault = ""

    def __enter__(self) -> None:
        self._held.acquire()
        if self._fault:
            self._held.release()
            raise VaultError(self._fault)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, (sqlite3.Error, OSError)):
            what = f"{getattr(error, 'filename', None) or self._index}: cannot be written ({error})"
            self._fault = (
                f"{what}: free some space or mend the permissions; the fetch log is whole, and the "
                "next opening goes on from it"
            )
        self._held.release()
        if isinstance(error, (sqlite3.Error, OSError)):
            raise VaultError(self._fault) from error


def lock_process(path: Path) -> int:
    """The descriptor of the lock; it is let go with the process, however that ends."""
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(held)
        raise VaultError(
            f"{path}: another process has the vault open: wait until it has ended"
        ) from error
    return held
