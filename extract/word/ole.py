"""The stream names of an OLE2 container (doc, xls, and the wrapper of a password-protected docx)
and the first bytes of a stream.

Just enough to tell formats apart and to see a password or how a text ends; readers use libraries of
their own. Every chain is followed for as many steps as the file has sectors and no further, so that
a loop ends. Raises ReadError(DAMAGED) where the structure leads out of the file.
"""

import struct
from typing import Final

from extract.document import ReadError, Reason

_LAST_SECTOR: Final = 0xFFFFFFFA
_NONE: Final = 0xFFFFFFFF
_ENTRY_BYTES: Final = 128
_HEADER_FAT: Final = 109  # places of the FAT that stand in the header itself
_STORAGE, _STREAM = 1, 2


class Container:
    """An OLE2 container.

    `names` are the streams and storages at its top, in lower case: nested ones belong to embedded
    objects.
    """

    MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

    def __init__(self, data: bytes) -> None:
        if len(data) < 512:
            raise ReadError(Reason.DAMAGED, "the OLE2 file is cut off within its header")
        self._data = data
        shift, mini_shift = struct.unpack_from("<2H", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise ReadError(Reason.DAMAGED, "the OLE2 header states sizes that do not exist")
        self._sector = 1 << shift
        self._fat_sectors = self._fat_places()
        directory = self._chain(struct.unpack_from("<L", data, 48)[0])
        self._small_limit = struct.unpack_from("<L", data, 56)[0]
        self._entries, self._root_start = self._top_entries(directory)

    @property
    def names(self) -> list[str]:
        """Lower-case names at the top of the container."""
        return list(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def start_of(self, name: str) -> bytes:
        """The first sector of a stream (512 or 4096 bytes; 64 of a stream shorter than 4096), cut
        to the stream's length.
        """
        start, size = self._entries[name]
        if size == 0:
            return b""
        if size >= self._small_limit:
            return self._at(start)[:size]
        # A small stream lies in the "mini stream", whose own sectors hang on the root entry.
        sectors = self._chain_sectors(self._root_start)
        index, at = divmod(start * 64, self._sector)
        if index >= len(sectors):
            raise ReadError(Reason.DAMAGED, f"the stream {name!r} leads out of the OLE2 file")
        return self._at(sectors[index])[at : at + 64][:size]

    def stream(self, name: str) -> bytes:
        """A stream whole; KeyError if there is none of that name."""
        start, size = self._entries[name]
        if size >= self._small_limit:
            return self._chain(start)[:size]
        mini, following = (
            self._chain(self._root_start),
            self._chain(struct.unpack_from("<L", self._data, 60)[0]),
        )
        content = b""
        while start < _LAST_SECTOR and len(content) < size:
            content += mini[start * 64 : start * 64 + 64]
            if start * 4 + 4 > len(following):
                raise ReadError(Reason.DAMAGED, f"the stream {name!r} leads out of the OLE2 file")
            start = struct.unpack_from("<L", following, start * 4)[0]
        return content[:size]

    def _at(self, sector: int) -> bytes:
        at = (sector + 1) * self._sector
        if at >= len(self._data):
            raise ReadError(Reason.DAMAGED, "the OLE2 file is cut off")
        return self._data[at : at + self._sector]

    def _fat_places(self) -> list[int]:
        """The sectors that hold the FAT: from the header, then from the chain of further lists."""
        places = list(struct.unpack_from(f"<{_HEADER_FAT}L", self._data, 76))
        following = struct.unpack_from("<L", self._data, 68)[0]
        for _ in range(len(self._data) // self._sector):
            if following >= _LAST_SECTOR:
                break
            block = self._whole(following)
            *more, following = struct.unpack(f"<{len(block) // 4}L", block)
            places.extend(more)
        return [p for p in places if p < _LAST_SECTOR]

    def _whole(self, sector: int) -> bytes:
        block = self._at(sector)
        if len(block) < self._sector:
            raise ReadError(Reason.DAMAGED, "the OLE2 file is cut off")
        return block

    def _next(self, sector: int) -> int:
        index, at = divmod(sector * 4, self._sector)
        if index >= len(self._fat_sectors):
            raise ReadError(Reason.DAMAGED, "a chain leads out of the OLE2 file")
        return int(struct.unpack_from("<L", self._whole(self._fat_sectors[index]), at)[0])

    def _chain_sectors(self, start: int) -> list[int]:
        sectors: list[int] = []
        while start < _LAST_SECTOR:
            if len(sectors) > len(self._data) // self._sector:
                raise ReadError(Reason.DAMAGED, "a chain of the OLE2 file runs in a circle")
            sectors.append(start)
            start = self._next(start)
        return sectors

    def _chain(self, start: int) -> bytes:
        return b"".join(self._whole(s) for s in self._chain_sectors(start))

    def _top_entries(self, directory: bytes) -> tuple[dict[str, tuple[int, int]], int]:
        """Name -> (start, size) for the root's children, and where the mini stream starts.

        Siblings form a binary tree.
        """
        count = len(directory) // _ENTRY_BYTES
        if count == 0:
            raise ReadError(Reason.DAMAGED, "the OLE2 file has no directory")
        found: dict[str, tuple[int, int]] = {}
        seen: set[int] = set()
        waiting = [struct.unpack_from("<L", directory, 76)[0]]
        while waiting:
            index = waiting.pop()
            if index == _NONE or index in seen:
                continue
            if index >= count:
                raise ReadError(Reason.DAMAGED, "the OLE2 directory is cut off")
            seen.add(index)
            entry = directory[index * _ENTRY_BYTES : (index + 1) * _ENTRY_BYTES]
            length, kind, _, left, right = struct.unpack_from("<HBBLL", entry, 64)
            if kind in (_STORAGE, _STREAM):
                name = (
                    entry[: max(0, min(length, 64) - 2)]
                    .decode("utf-16-le", errors="replace")
                    .lower()
                )
                start, size = struct.unpack_from("<2L", entry, 116)
                found[name] = (start, size)
            waiting += (left, right)
        return found, struct.unpack_from("<L", directory, 116)[0]
