"""Guards in front of the zip and XML libraries: what a hostile office file could do is refused
before it is unpacked or parsed.

`open_archive(data)` gives an `Archive`, a read-only view on a zip held in memory (docx, xlsx, odt,
ofd). Everything that the zip's directory states is judged before a byte is inflated: number of
members, sizes, ratio, methods, names, passwords. `Archive.read` inflates one member with a hard cap
and checks its length and CRC, so that a directory that lies is caught as it is found out.
`parse_xml(data)` parses without DTD, entities, network or files, and with a limit on depth.

The directory is read here and not by `zipfile`, because `zipfile` builds every entry of a directory
of a million members before anything can be judged, and stops silently at the size a member
declares. Both raise `ReadError`; the limits are in `limits.py`. Out of scope: writing, other
compressions than stored and deflate, archives in archives (a nested one is a member like any
other).
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from lxml import etree

from extract import limits
from extract.document import ReadError, Reason

_END: Final = b"PK\x05\x06"
_END64_LOCATOR: Final = b"PK\x06\x07"
_END64: Final = b"PK\x06\x06"
_ENTRY: Final = b"PK\x01\x02"
_LOCAL: Final = b"PK\x03\x04"
_END_FIELDS: Final = struct.Struct("<4s4H2LH")
_END64_FIELDS: Final = struct.Struct("<4sQ2H2L4Q")
_ENTRY_FIELDS: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL_FIELDS: Final = struct.Struct("<4s5H3L2H")
_FULL16: Final = 0xFFFF
_FULL32: Final = 0xFFFFFFFF
_STORED, _DEFLATED = 0, 8
_ENCRYPTED_FLAGS: Final = 0x0001 | 0x0040 | 0x2000  # password, strong encryption, masked directory
_UTF8_FLAG: Final = 0x0800


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the zip's directory.

    Sizes in bytes; `offset` is where its local header stands in the data.
    """

    name: str
    method: int
    packed: int
    size: int
    crc: int
    offset: int


class Archive:
    """A zip whose directory has passed the guards; made by `open_archive`."""

    __slots__ = ("_data", "_members")

    def __init__(self, data: bytes, members: dict[str, Member]) -> None:
        self._data = data
        self._members = members

    @property
    def names(self) -> list[str]:
        """The members' names, in the order of the directory."""
        return list(self._members)

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def read(self, name: str, limit: int = limits.ZIP_XML_BYTES) -> bytes:
        """One member unpacked, at most `limit` bytes.

        Raises ReadError: DAMAGED for a missing member, a broken stream or a wrong CRC, TOO_LARGE
        beyond `limit`, ARCHIVE_GUARD where the stream holds more than the directory declares.
        """
        member = self._members.get(name)
        if member is None:
            raise ReadError(Reason.DAMAGED, f"the archive has no member {name!r}")
        if member.size > limit:
            raise ReadError(
                Reason.TOO_LARGE,
                f"member {name!r} unpacks to {member.size} bytes, the limit is {limit}",
            )
        packed = _packed_bytes(self._data, member)
        content = packed if member.method == _STORED else _inflate(packed, member)
        if len(content) != member.size:
            raise ReadError(
                Reason.DAMAGED,
                (
                    f"member {name!r} has {len(content)} bytes where the directory declares "
                    f"{member.size}"
                ),
            )
        if zlib.crc32(content) != member.crc:
            raise ReadError(Reason.DAMAGED, f"member {name!r} fails its checksum")
        return content


def open_archive(data: bytes) -> Archive:
    """The archive in `data`, if its directory keeps every limit of `limits.py`.

    Raises ReadError: DAMAGED (truncated, or not a zip), ENCRYPTED, TOO_LARGE (an honest member or
    total beyond the limit), ARCHIVE_GUARD (too many members, ratio, other methods, names that leave
    the folder or occur twice).
    """
    count, size, start, shift = _directory(data)
    if count > limits.ZIP_MEMBERS:
        raise ReadError(
            Reason.ARCHIVE_GUARD,
            f"the archive has {count} members, the limit is {limits.ZIP_MEMBERS}",
        )
    members: dict[str, Member] = {}
    at, end = start, start + size
    total = packed_total = 0
    for _ in range(count):
        member, at = _entry(data, at, end, shift)
        if member.name in members:
            raise ReadError(Reason.ARCHIVE_GUARD, f"two members are named {member.name!r}")
        _judge(member)
        members[member.name] = member
        total += member.size
        packed_total += member.packed
    if at != end:
        # More entries than are declared: another reader would see other members than this one.
        raise ReadError(
            Reason.ARCHIVE_GUARD,
            f"the directory is {size} bytes long, its {count} members take {at - start}",
        )
    if packed_total > len(data):
        raise ReadError(
            Reason.ARCHIVE_GUARD, "members overlap: they pack to more bytes than the file has"
        )
    if total > limits.ZIP_TOTAL_BYTES:
        raise ReadError(
            Reason.TOO_LARGE,
            f"the archive unpacks to {total} bytes, the limit is {limits.ZIP_TOTAL_BYTES}",
        )
    return Archive(data, members)


def _directory(data: bytes) -> tuple[int, int, int, int]:
    """Number of members, size of the directory, where it starts, and how many bytes stand before
    the zip proper.
    """
    end = data.rfind(_END, max(0, len(data) - _END_FIELDS.size - _FULL16))
    if end < 0 or end + _END_FIELDS.size > len(data):
        raise ReadError(
            Reason.DAMAGED, "the zip has no end record: the file is truncated or not a zip"
        )
    _, disk, _, here, count, size, offset, _ = _END_FIELDS.unpack_from(data, end)
    stop = end
    locator = end - 20
    if locator >= 0 and data[locator : locator + 4] == _END64_LOCATOR:
        stated = struct.unpack_from("<Q", data, locator + 8)[0]
        # The record stands just before its locator, and bytes before the zip can shift the stated
        # place.
        stop = next(
            (
                p
                for p in (stated, locator - _END64_FIELDS.size)
                if 0 <= p <= locator and data[p : p + 4] == _END64
            ),
            -1,
        )
        if stop < 0 or stop + _END64_FIELDS.size > len(data):
            raise ReadError(Reason.DAMAGED, "the zip64 end record is missing")
        disk, here, count, size, offset = _zip64_end(data, stop)
    if disk != 0 or here != count:
        raise ReadError(Reason.DAMAGED, "the zip is one part of several")
    start = stop - size
    if start < 0 or start < offset:
        raise ReadError(Reason.DAMAGED, "the zip's directory is cut off")
    return count, size, start, start - offset


def _zip64_end(data: bytes, at: int) -> tuple[int, int, int, int, int]:
    _, _, _, _, disk, _, here, count, size, offset = _END64_FIELDS.unpack_from(data, at)
    return disk, here, count, size, offset


def _entry(data: bytes, at: int, end: int, shift: int) -> tuple[Member, int]:
    """The directory entry at `at`, and where the next one starts."""
    if at + _ENTRY_FIELDS.size > end:
        raise ReadError(Reason.DAMAGED, "the zip's directory is cut off")
    (
        magic,
        _,
        _,
        flags,
        method,
        _,
        _,
        crc,
        packed,
        size,
        n_name,
        n_extra,
        n_comment,
        _,
        _,
        _,
        offset,
    ) = _ENTRY_FIELDS.unpack_from(data, at)
    name_at = at + _ENTRY_FIELDS.size
    extra_at = name_at + n_name
    following = extra_at + n_extra + n_comment
    if magic != _ENTRY or following > end:
        raise ReadError(Reason.DAMAGED, "the zip's directory is broken")
    name = data[name_at:extra_at].decode(
        "utf-8" if flags & _UTF8_FLAG else "cp437", errors="replace"
    )
    if flags & _ENCRYPTED_FLAGS:
        raise ReadError(Reason.ENCRYPTED, f"member {name!r} needs a password")
    if _FULL32 in (packed, size, offset):
        size, packed, offset = _zip64_sizes(
            data[extra_at : extra_at + n_extra], size, packed, offset
        )
    return Member(name, method, packed, size, crc, offset + shift), following


def _zip64_sizes(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """The 8-byte values of the zip64 field, each present only where its 4-byte one is full."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            field = extra[at + 4 : at + 4 + length]
            values = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
            given = [next(values, None) if v == _FULL32 else v for v in (size, packed, offset)]
            if None in given:
                break
            return tuple(v for v in given if v is not None)  # type: ignore[return-value]  # three, as `given` has
        at += 4 + length
    raise ReadError(Reason.DAMAGED, "a zip64 size is missing")


def _judge(member: Member) -> None:
    """Refuse a member by what the directory says of it."""
    name = member.name
    if member.method not in (_STORED, _DEFLATED):
        raise ReadError(
            Reason.ARCHIVE_GUARD,
            f"member {name!r} is packed by method {member.method}; office files use 0 and 8 only",
        )
    if (
        not name
        or "\\" in name
        or "\0" in name
        or name.startswith("/")
        or name[1:2] == ":"
        or ".." in name.split("/")
    ):
        raise ReadError(
            Reason.ARCHIVE_GUARD, f"a member's name leaves the archive's folder: {name!r}"
        )
    if member.method == _STORED and member.size != member.packed:
        raise ReadError(
            Reason.ARCHIVE_GUARD, f"member {name!r} is stored, yet its two sizes differ"
        )
    if member.size > limits.ZIP_RATIO_FLOOR and member.size > limits.ZIP_RATIO * max(
        1, member.packed
    ):
        raise ReadError(
            Reason.ARCHIVE_GUARD, f"member {name!r} packs {member.size} bytes into {member.packed}"
        )
    if member.size > limits.ZIP_MEMBER_BYTES:
        raise ReadError(
            Reason.TOO_LARGE,
            (
                f"member {name!r} unpacks to {member.size} bytes, the limit is "
                f"{limits.ZIP_MEMBER_BYTES}"
            ),
        )


def _packed_bytes(data: bytes, member: Member) -> bytes:
    at = member.offset
    if at < 0 or at + _LOCAL_FIELDS.size > len(data) or data[at : at + 4] != _LOCAL:
        raise ReadError(Reason.DAMAGED, f"member {member.name!r} is not where the directory says")
    fields = _LOCAL_FIELDS.unpack_from(data, at)
    start = at + _LOCAL_FIELDS.size + fields[9] + fields[10]
    if start + member.packed > len(data):
        raise ReadError(Reason.DAMAGED, f"member {member.name!r} is cut off")
    return data[start : start + member.packed]


def _inflate(packed: bytes, member: Member) -> bytes:
    """Inflate no more than the declared size and one byte, so that a lie costs no memory."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflater.decompress(packed, member.size + 1)
    except zlib.error as error:
        raise ReadError(
            Reason.DAMAGED, f"member {member.name!r} does not unpack: {error}"
        ) from error
    if len(content) > member.size:
        raise ReadError(
            Reason.ARCHIVE_GUARD,
            (
                f"member {member.name!r} unpacks to more than the {member.size} bytes that the "
                "directory declares"
            ),
        )
    return content


_PARSER: Final = etree.XMLParser(
    resolve_entities=False,
    load_dtd=False,
    dtd_validation=False,
    no_network=True,
    huge_tree=False,
    recover=False,
    remove_comments=True,
    remove_pis=True,
    collect_ids=False,
)
# libxml2 itself stops at a depth of 256; this walks the levels in C and costs about 5 % of a parse.
_TOO_DEEP: Final = etree.XPath("boolean(" + "/*" * (limits.XML_DEPTH + 1) + ")")


def _has_doctype(data: bytes) -> bool:
    """Apart from a real one, the letters could stand only in a comment or CDATA, where no office
    file has them.
    """
    if b"!DOCTYPE" in data:  # rarer than "<", so this search is four times as fast
        return b"<!DOCTYPE" in data
    return b"\0" in data[:64] and any(
        "<!DOCTYPE".encode(e) in data for e in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    )


def parse_xml(data: bytes) -> "etree._Element":
    """The root element of `data`, comments and processing instructions dropped.

    Raises ReadError: XML_GUARD for any DOCTYPE or an element deeper than XML_DEPTH, DAMAGED for XML
    that is not well formed, TOO_LARGE beyond ZIP_XML_BYTES. Never expands an entity, opens a file
    or a connection.
    """
    if len(data) > limits.ZIP_XML_BYTES:
        raise ReadError(
            Reason.TOO_LARGE, f"XML of {len(data)} bytes, the limit is {limits.ZIP_XML_BYTES}"
        )
    if _has_doctype(data):
        raise ReadError(Reason.XML_GUARD, "the XML has a DOCTYPE, which no office file needs")
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        # the stubs do not know it
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError("libxml2 ran out of memory") from error
        if "Excessive depth" in str(error):
            raise ReadError(
                Reason.XML_GUARD, f"XML elements are nested deeper than {limits.XML_DEPTH}"
            ) from error
        raise ReadError(Reason.DAMAGED, f"the XML is not well formed: {error.msg}") from error
    except (ValueError, LookupError) as error:
        raise ReadError(Reason.DAMAGED, f"the XML cannot be read: {error}") from error
    if root is None:
        raise ReadError(Reason.DAMAGED, "the XML has no root element")
    # Encodings that hide the letters of "<!DOCTYPE" from the scan (UTF-7, EBCDIC) end here; the
    # parser's settings kept it inert.
    if root.getroottree().docinfo.internalDTD is not None:
        raise ReadError(Reason.XML_GUARD, "the XML has a DOCTYPE, which no office file needs")
    if _TOO_DEEP(root):
        raise ReadError(Reason.XML_GUARD, f"XML elements are nested deeper than {limits.XML_DEPTH}")
    return root
