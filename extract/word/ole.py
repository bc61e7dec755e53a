"""An OLE2 container (doc, xls, and the wrapper of a password-protected docx): the streams at its
top.

Opened by olefile, which follows every chain for as many sectors as the file has and no further.
Names are given in lower case; nested ones belong to embedded objects and are left out. Raises
ReadError(DAMAGED) where the structure breaks.
"""

import io
from collections.abc import Sequence
from typing import Final

import olefile

from extract.document import ReadError, Reason

# what olefile raises for a container that breaks its own format; a chain of directory entries
# linked too deeply ends as RecursionError
_BROKEN: Final = (OSError, IndexError, ValueError, TypeError, KeyError, RecursionError)


class Container:
    """An OLE2 container."""

    MAGIC: Final = olefile.MAGIC

    def __init__(self, data: bytes) -> None:
        try:
            self._file = olefile.OleFileIO(io.BytesIO(data), raise_defects=olefile.DEFECT_FATAL)
        except _BROKEN as error:
            raise ReadError(Reason.DAMAGED, f"the OLE2 file is broken: {error}") from error
        if _runs_in_circle(self._file.fat, self._file.first_dir_sector):
            raise ReadError(Reason.DAMAGED, "a chain of the OLE2 file runs in a circle")
        self._entries = {
            entry.name.lower(): entry.name
            for entry in self._file.root.kids
            if entry.entry_type in (olefile.STGTY_STORAGE, olefile.STGTY_STREAM)
        }

    @property
    def names(self) -> list[str]:
        """The streams and storages at the top, in lower case."""
        return list(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def stream(self, name: str) -> bytes:
        """A stream whole; KeyError if there is none of that name."""
        path = self._entries[name]
        try:
            return bytes(self._file.openstream([path]).read())
        except _BROKEN as error:
            raise ReadError(
                Reason.DAMAGED, f"the stream {name!r} leads out of the OLE2 file"
            ) from error


def _runs_in_circle(fat: Sequence[int], sector: int) -> bool:
    """Whether a chain of sectors comes back to one that it has passed."""
    passed: set[int] = set()
    while sector < len(fat):
        if sector in passed:
            return True
        passed.add(sector)
        sector = fat[sector]
    return False
