"""A name for people to see, from what a server or an address says.

Files are stored by their hash; this name is never part of a path.

`display_name(url, disposition)` takes the file name of the Content-Disposition header, else the
last part of the address's path. What could harm where somebody saves a file under it is taken out:
folders, control and direction characters, device names, lengths. Out of scope: uniqueness.
"""

import re
import unicodedata
from email.message import Message
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

NAMELESS: Final = "document"
_LONGEST: Final = 200  # bytes in UTF-8; file systems stop at 255
_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,8}$")
# devices on Windows
_RESERVED: Final = re.compile(
    r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE
)
_FORBIDDEN: Final = re.compile(r'[<>:"|?*]')
# categories without a glyph of their own, direction marks among them
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def display_name(url: str, disposition: str = "") -> str:
    """A harmless name, never empty, at most 200 bytes; what looks like a suffix is kept."""
    return clean(_stated(disposition) or _last_part(url))


def clean(name: str) -> str:
    """`name` without folders and without what file systems or eyes are deceived by; NFC."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", name).rstrip("/\\"))[-1]
    name = "".join(
        c for c in re.sub("[\u2028\u2029]", " ", name) if unicodedata.category(c) not in _UNSEEN
    )
    name = " ".join(_FORBIDDEN.sub("_", name).split()).strip(". ")
    if not name:
        return NAMELESS
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return _shortened(unicodedata.normalize("NFC", name))


def _stated(disposition: str) -> str:
    """The file name in the header, whose bytes may be UTF-8 or GB18030 against the standard."""
    if not disposition.strip():
        return ""
    header = Message()
    header["Content-Disposition"] = disposition.strip().splitlines()[0]
    name = header.get_filename("")
    try:
        raw = name.encode("latin-1")
    except UnicodeEncodeError:  # it was text already
        return name
    return _decoded(unquote_to_bytes(raw) if b"%" in raw else raw)


def _last_part(url: str) -> str:
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return _decoded(unquote_to_bytes(path.rstrip("/").rpartition("/")[2]))


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="ignore")


def _shortened(name: str) -> str:
    found = _SUFFIX.search(name)
    suffix = found[0] if found else ""
    stem = (
        name.removesuffix(suffix)
        .encode()[: _LONGEST - len(suffix)]
        .decode("utf-8", errors="ignore")
    )
    return stem.rstrip(". ") + suffix
