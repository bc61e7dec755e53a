"""A font in which every character is the same small box, made here byte by byte.

pdfium needs a font for Chinese text that a file does not embed, and leaves out what that font has
no ink for. With this one in place of whatever fonts a machine has, it reports the same characters
at the same places everywhere. Blanks are blank; the box is smaller than any character, so that it
widens none. Nothing is ever drawn with it.

`build_placeholder_font()` gives a TrueType file: the tables that a rasteriser needs, and a
character map of format 13 (many characters to one glyph) over all of Unicode.
"""

import struct
from typing import Final

_EM: Final = 1000  # units
_LOW, _HIGH, _LEFT, _RIGHT = 0, 600, 50, 200  # the box, in units
# first and last codes of characters that have ink: all but blanks
_INKED: Final = ((0x21, 0x9F), (0xA1, 0x2FFF), (0x3001, 0xFEFE), (0xFF00, 0x10FFFF))
_MAGIC: Final = 0x5F0F3CF5  # of the table `head`
_SHORT_OFFSETS: Final = 0
_POINTS: Final = ((_LEFT, _LOW), (_LEFT, _HIGH), (_RIGHT, _HIGH), (_RIGHT, _LOW))


def build_placeholder_font() -> bytes:
    """The bytes of the font."""
    glyph = _box_glyph()
    bounds = (_LEFT, _LOW, _RIGHT, _HIGH)
    tables = {
        b"cmap": _character_map(),
        b"glyf": glyph,
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh",
            *(0x10000, 0x10000, 0, _MAGIC, 0, _EM, 0, 0, *bounds, 0, 8, 2, _SHORT_OFFSETS, 0),
        ),
        b"hhea": struct.pack(
            ">Ihhh12hH", 0x10000, _HIGH, _LOW, 0, _EM, 0, 0, _RIGHT, 1, *[0] * 7, 2
        ),
        b"hmtx": struct.pack(">HhHh", _EM, _LEFT, _EM, _LEFT),
        b"loca": struct.pack(">3H", 0, 0, len(glyph) // 2),
        b"maxp": struct.pack(">IH13H", 0x10000, 2, len(_POINTS), 1, 0, 0, 2, *[0] * 8),
    }
    return _packed(tables)


def _box_glyph() -> bytes:
    """One closed contour on four points, padded to a multiple of four bytes."""
    xs = [b[0] - a[0] for a, b in zip(((0, 0), *_POINTS), _POINTS, strict=False)]
    ys = [b[1] - a[1] for a, b in zip(((0, 0), *_POINTS), _POINTS, strict=False)]
    head = struct.pack(">hhhhhHH", 1, _LEFT, _LOW, _RIGHT, _HIGH, len(_POINTS) - 1, 0)
    on_curve = b"\x01" * len(_POINTS)  # both coordinates are words
    body = head + on_curve + struct.pack(f">{2 * len(_POINTS)}h", *xs, *ys)
    return body + bytes(-len(body) % 4)


def _character_map() -> bytes:
    """All characters but blanks to glyph 1; glyph 0 is empty."""
    groups = b"".join(struct.pack(">III", first, last, 1) for first, last in _INKED)
    table = struct.pack(">HHIII", 13, 0, 16 + len(groups), 0, len(_INKED)) + groups
    return struct.pack(">HHHHI", 0, 1, 3, 10, 12) + table


def _packed(tables: dict[bytes, bytes]) -> bytes:
    """A TrueType file of these tables."""
    at = 12 + 16 * len(tables)
    directory, body = b"", b""
    for tag, data in sorted(tables.items()):
        directory += tag + struct.pack(">III", _checksum(data), at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    return struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, 48) + directory + body


def _checksum(data: bytes) -> int:
    padded = data + bytes(-len(data) % 4)
    words = (int.from_bytes(padded[i : i + 4], "big") for i in range(0, len(padded), 4))
    return sum(words) & 0xFFFFFFFF
