"""Guards in front of the zip and XML libraries: what a hostile office file could do is refused
before it is unpacked or parsed.

`open_archive(data)` gives an `Archive`, a read-only view on a zip held in memory (docx, xlsx, odt,
ofd). The number of entries is judged before `zipfile` reads the directory, since it would build an
object for each of a million; then everything that the directory states is judged before a byte is
inflated: sizes, ratio, methods, names, passwords. `Archive.read` inflates one member with a hard
cap and checks its length and checksum, so that a directory that lies is caught as it is found out.
`parse_xml(data)` parses without DTD, entities, network or files, and with a limit on depth.

Members are found as office programs find them: some writers part folders by a backslash or write
`WORD/Document.xml`, so names are compared with "/" and, where none is exactly so, without case.

Both raise `ReadError`; the limits are in `limits.py`. Out of scope: writing, other compressions
than stored and deflate, archives in archives (a nested one is a member like any other).
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from copy import copy
from typing import Final

from lxml import etree

from extract import limits
from extract.document import ReadError, Reason

_END: Final = b"PK\x05\x06"
_END64: Final = b"PK\x06\x06"
_END64_LOCATOR: Final = b"PK\x06\x07"
_ENTRY: Final = b"PK\x01\x02"
_END_FIELDS: Final = struct.Struct("<4s4H2LH")
_END64_FIELDS: Final = struct.Struct("<4sQ2H2L4Q")
_LONGEST_COMMENT: Final = 0xFFFF
_ENCRYPTED_FLAGS: Final = 0x0001 | 0x0040 | 0x2000  # password, strong encryption, masked directory
# what zipfile and zlib raise for a zip that breaks its own format
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class Archive:
    """A zip whose directory has passed the guards; made by `open_archive`."""

    __slots__ = ("_any_case", "_file", "_members")

    def __init__(self, file: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> None:
        self._file = file
        self._members = members
        self._any_case = {name.lower(): name for name in members}

    @property
    def names(self) -> list[str]:
        """The members' names, in the order of the directory."""
        return list(self._members)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) is not None

    def _find(self, name: str) -> zipfile.ZipInfo | None:
        return self._members.get(name) or self._members.get(self._any_case.get(name.lower(), ""))

    def read(self, name: str, limit: int = limits.ZIP_XML_BYTES) -> bytes:
        """One member unpacked, at most `limit` bytes.

        Raises ReadError: DAMAGED for a missing member, a broken stream or a wrong checksum,
        TOO_LARGE beyond `limit`, ARCHIVE_GUARD where the stream holds more than the directory
        declares.
        """
        member = self._find(name)
        if member is None:
            raise ReadError(Reason.DAMAGED, f"the archive has no member {name!r}")
        if member.file_size > limit:
            raise ReadError(
                Reason.TOO_LARGE,
                f"member {name!r} unpacks to {member.file_size} bytes, the limit is {limit}",
            )
        # zipfile stops silently at the declared size: one byte more is asked for
        asked = copy(member)
        asked.file_size += 1
        del asked.CRC
        try:
            with self._file.open(asked) as stream:
                content = stream.read(asked.file_size)
        except _BROKEN as error:
            raise ReadError(
                Reason.DAMAGED, f"member {name!r} does not unpack: {error or type(error).__name__}"
            ) from error
        _check_content(content, member, name)
        return content


def _check_content(content: bytes, member: zipfile.ZipInfo, name: str) -> None:
    """Refuse a member whose content is not what the directory declares."""
    if len(content) > member.file_size:
        raise ReadError(
            Reason.ARCHIVE_GUARD,
            f"member {name!r} unpacks to more than the {member.file_size} bytes that the "
            "directory declares",
        )
    if len(content) < member.file_size:
        raise ReadError(
            Reason.DAMAGED,
            f"member {name!r} has {len(content)} bytes where the directory declares "
            f"{member.file_size}",
        )
    if zlib.crc32(content) != member.CRC:
        raise ReadError(Reason.DAMAGED, f"member {name!r} fails its checksum")


def open_archive(data: bytes) -> Archive:
    """The archive in `data`, if its directory keeps every limit of `limits.py`.

    Raises ReadError: DAMAGED (truncated, or not a zip), ENCRYPTED, TOO_LARGE (an honest member or
    total beyond the limit), ARCHIVE_GUARD (too many members, ratio, other methods, names that leave
    the folder or occur twice).
    """
    count = _count_entries(data)
    try:
        file = zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN as error:
        raise ReadError(Reason.DAMAGED, f"the zip's directory is broken: {error}") from error
    entries = file.infolist()
    if len(entries) != count:
        # another reader would see other members than this one
        raise ReadError(
            Reason.ARCHIVE_GUARD,
            f"the directory declares {count} members and has {len(entries)}",
        )
    members: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = entry.orig_filename.replace("\\", "/")
        if name in members:
            raise ReadError(Reason.ARCHIVE_GUARD, f"two members are named {name!r}")
        _check_entry(entry, name)
        members[name] = entry
    _check_totals(entries, len(data))
    return Archive(file, members)


def _count_entries(data: bytes) -> int:
    """The number of entries that the directory declares, judged together with the number that its
    bytes can hold.
    """
    end = data.rfind(_END, max(0, len(data) - _END_FIELDS.size - _LONGEST_COMMENT))
    if end < 0 or end + _END_FIELDS.size > len(data):
        raise ReadError(
            Reason.DAMAGED, "the zip has no end record: the file is truncated or not a zip"
        )
    _, disk, _, here, count, size, _, _ = _END_FIELDS.unpack_from(data, end)
    locator = end - 20
    if locator >= 0 and data.startswith(_END64_LOCATOR, locator):
        end = data.rfind(_END64, 0, locator)
        if end < 0 or end + _END64_FIELDS.size > len(data):
            raise ReadError(Reason.DAMAGED, "the zip64 end record is missing")
        *_, disk, _, here, count, size, _ = _END64_FIELDS.unpack_from(data, end)
    if disk != 0 or here != count:
        raise ReadError(Reason.DAMAGED, "the zip is one part of several")
    # the declared number may be a lie; a search for the mark of an entry costs little
    held = count if count > limits.ZIP_MEMBERS else data.count(_ENTRY, max(0, end - size), end)
    if held > limits.ZIP_MEMBERS:
        raise ReadError(
            Reason.ARCHIVE_GUARD,
            f"the archive has {held} members, the limit is {limits.ZIP_MEMBERS}",
        )
    return int(count)


def _check_entry(entry: zipfile.ZipInfo, name: str) -> None:
    """Refuse a member by what the directory says of it."""
    if entry.flag_bits & _ENCRYPTED_FLAGS:
        raise ReadError(Reason.ENCRYPTED, f"member {name!r} needs a password")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ReadError(
            Reason.ARCHIVE_GUARD,
            f"member {name!r} is packed by method {entry.compress_type}; office files use 0 and 8 "
            "only",
        )
    if _leaves_folder(name):
        raise ReadError(
            Reason.ARCHIVE_GUARD, f"a member's name leaves the archive's folder: {name!r}"
        )
    packed, size = entry.compress_size, entry.file_size
    if entry.compress_type == zipfile.ZIP_STORED and size != packed:
        raise ReadError(
            Reason.ARCHIVE_GUARD, f"member {name!r} is stored, yet its two sizes differ"
        )
    if size > limits.ZIP_RATIO_FLOOR and size > limits.ZIP_RATIO * max(1, packed):
        raise ReadError(Reason.ARCHIVE_GUARD, f"member {name!r} packs {size} bytes into {packed}")
    if size > limits.ZIP_MEMBER_BYTES:
        raise ReadError(
            Reason.TOO_LARGE,
            f"member {name!r} unpacks to {size} bytes, the limit is {limits.ZIP_MEMBER_BYTES}",
        )


def _leaves_folder(name: str) -> bool:
    return (
        not name
        or "\0" in name
        or name.startswith("/")
        or name[1:2] == ":"
        or ".." in name.split("/")
    )


def _check_totals(entries: Iterable[zipfile.ZipInfo], data_size: int) -> None:
    packed = sum(entry.compress_size for entry in entries)
    if packed > data_size:
        raise ReadError(
            Reason.ARCHIVE_GUARD, "members overlap: they pack to more bytes than the file has"
        )
    total = sum(entry.file_size for entry in entries)
    if total > limits.ZIP_TOTAL_BYTES:
        raise ReadError(
            Reason.TOO_LARGE,
            f"the archive unpacks to {total} bytes, the limit is {limits.ZIP_TOTAL_BYTES}",
        )


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
