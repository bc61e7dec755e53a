"""Files built to harm and readers that misbehave: the raw material of the tests of guards, sniffer
and sandbox.
"""

import ctypes
import io
import os
import struct
import sys
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable

from extract.document import ReadError, Reason

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE_DOCUMENT = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
)
STRICT_OFFICE_DOCUMENT = "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"


def document_xml(body: str = "<w:p><w:r><w:t>1</w:t></w:r></w:p>") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><w:document '
        f'xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    ).encode()


def relations(target: str = "word/document.xml", kind: str = OFFICE_DOCUMENT) -> bytes:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return (
        f'<Relationships xmlns="{space}"><Relationship Id="rId1" Type="{kind}" '
        f'Target="{target}"/></Relationships>'
    ).encode()


def content_types(part: str, kind: str) -> bytes:
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    return (
        f'<Types xmlns="{space}"><Override PartName="/{part}" ContentType="{kind}"/></Types>'
    ).encode()


def zipped(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore")  # duplicate names are meant
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def docx_members(document: bytes | None = None) -> list[tuple[str, bytes]]:
    part = "word/document.xml"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return [
        ("[Content_Types].xml", content_types(part, kind)),
        ("_rels/.rels", relations()),
        (part, document or document_xml()),
    ]


def docx(document: bytes | None = None, *extra: tuple[str, bytes]) -> bytes:
    return zipped([*docx_members(document), *extra])


def with_flag(data: bytes, flag: int) -> bytes:
    """Every member of a zip flagged, in both of its headers."""
    changed = bytearray(data)
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = changed.find(magic)
        while start >= 0:
            changed[start + at] |= flag
            start = changed.find(magic, start + 4)
    return bytes(changed)


def raw_zip(
    name: str,
    packed: bytes,
    size: int,
    crc: int,
    *,
    method: int = 8,
    zip64: bool = False,
    count: int | None = None,
) -> bytes:
    """A zip of one member whose directory says whatever it is told to say; with `zip64` in the
    8-byte fields only.
    """
    encoded = name.encode()
    full = 0xFFFFFFFF
    local = (
        struct.pack(
            "<4s5H3L2H",
            b"PK\x03\x04",
            20,
            0,
            method,
            0,
            0,
            crc,
            min(len(packed), full),
            min(size, full),
            len(encoded),
            0,
        )
        + encoded
        + packed
    )
    extra = struct.pack("<2H3Q", 1, 24, size, len(packed), 0) if zip64 else b""
    sizes = (full, full) if zip64 else (len(packed), size)
    entry = struct.pack(
        "<4s6H3L5H2L",
        b"PK\x01\x02",
        45,
        45,
        0,
        method,
        0,
        0,
        crc,
        *sizes,
        len(encoded),
        len(extra),
        0,
        0,
        0,
        0,
        full if zip64 else 0,
    )
    directory = entry + encoded + extra
    n = 1 if count is None else count
    end64 = b""
    if zip64:
        end64 = struct.pack(
            "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, n, n, len(directory), len(local)
        )
        end64 += struct.pack("<4sLQL", b"PK\x06\x07", 0, len(local) + len(directory), 1)
    stated = (0xFFFF, 0xFFFF, full, full) if zip64 else (n, n, len(directory), len(local))
    return local + directory + end64 + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *stated, 0)


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def zeros_deflated(mebibytes: int) -> bytes:
    """A deflate stream of that many MiB of zeros: one flushed block, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * mebibytes + packer.flush()


def ole(streams: dict[str, bytes]) -> bytes:
    """An OLE2 container with these streams at its top, each padded to 4,096 bytes, so that no mini
    stream is needed.
    """
    sector = 512
    bodies = [s.ljust(4096, b"\0") for s in streams.values()]
    bodies = [b + bytes(-len(b) % sector) for b in bodies]
    n_directory = (len(streams) + 1 + 3) // 4
    fat: list[int] = [0xFFFFFFFD]  # sector 0 is the FAT itself
    starts = []

    def chain(count: int) -> int:
        first = len(fat)
        fat.extend([*range(first + 1, first + count), 0xFFFFFFFE])
        return first

    directory_start = chain(n_directory)
    for body in bodies:
        starts.append(chain(len(body) // sector))
    fat += [0xFFFFFFFF] * (128 - len(fat))

    def entry(name: str, kind: int, child: int, right: int, start: int, size: int) -> bytes:
        encoded = name.encode("utf-16-le")
        head = encoded.ljust(64, b"\0") + struct.pack(
            "<HBBLLL", len(encoded) + 2 if name else 0, kind, 1, 0xFFFFFFFF, right, child
        )
        return head + bytes(36) + struct.pack("<LQ", start, size)

    names = list(streams)
    entries = [entry("Root Entry", 5, 1 if names else 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFE, 0)]
    for i, name in enumerate(names):
        entries.append(
            entry(
                name,
                2,
                0xFFFFFFFF,
                i + 2 if i + 1 < len(names) else 0xFFFFFFFF,
                starts[i],
                len(bodies[i]),
            )
        )
    directory = b"".join(entries).ljust(n_directory * sector, b"\0")
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
    )
    header += struct.pack(
        "<9L", 0, 1, directory_start, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0
    ) + struct.pack("<109L", 0, *[0xFFFFFFFF] * 108)
    return header + struct.pack("<128L", *fat) + directory + b"".join(bodies)


def word_stream(*, encrypted: bool = False) -> bytes:
    return struct.pack(
        "<5HH", 0xA5EC, 0xC1, 0, 0x0804, 0, 0x0200 | (0x0100 if encrypted else 0)
    ) + bytes(100)


def workbook_stream(*, encrypted: bool = False) -> bytes:
    start = struct.pack("<2H", 0x0809, 16) + bytes(16)
    return (
        start
        + (struct.pack("<2H", 0x002F, 54) + bytes(54) if encrypted else b"")
        + struct.pack("<2H", 0x000A, 0)
    )


def _busy(argument: str) -> None:
    while True:
        pass


def _sleep(argument: str) -> None:
    time.sleep(float(argument or 1000))


def _hog(argument: str) -> None:
    kept = []
    while True:
        kept.append(bytearray(8 << 20))


def _recurse(argument: str) -> None:
    _recurse(argument)


def _exit(argument: str) -> None:
    os._exit(7)


def _leave(argument: str) -> None:
    sys.exit("leaving")


def _crash(argument: str) -> None:
    ctypes.string_at(0)


def _flood(argument: str) -> None:
    for _ in range(1000):
        os.write(1, b"x" * 65536)
    print("x" * 1_000_000, flush=True)


def _answer_much(argument: str) -> bytes:
    return bytes(int(argument))


def _refuse(argument: str) -> None:
    raise ReadError(Reason.DAMAGED, "第 3 页 is cut off")


def _raise(argument: str) -> None:
    raise ValueError("a message\nof two lines")


def _write(argument: str) -> None:
    with open(argument, "wb", buffering=0) as file:
        file.write(b"x")


def _leak(argument: str) -> None:
    """Keeps what it takes, as a native library may."""
    _leaked.append(bytearray(int(argument) << 20))


def _pid(argument: str) -> bytes:
    return str(os.getpid()).encode()


_leaked: list[bytearray] = []
_HARM: dict[str, Callable[[str], bytes | None]] = {
    "busy": _busy,
    "sleep": _sleep,
    "hog": _hog,
    "recursion": _recurse,
    "exit": _exit,
    "sys_exit": _leave,
    "segv": _crash,
    "flood": _flood,
    "huge": _answer_much,
    "refuse": _refuse,
    "raise": _raise,
    "write": _write,
    "leak": _leak,
    "pid": _pid,
}


def misbehave(request: bytes) -> bytes:
    """A reader that does what it is told, mostly harm; it answers what it was asked if it can."""
    kind, _, argument = request.decode().partition(" ")
    answer = _HARM[kind](argument) if kind in _HARM else None
    return request if answer is None else answer
