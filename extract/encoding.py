"""Bytes to text for html and plain text, without ever losing or inventing a character silently.

`decode_text(data, declared)` tries the byte order mark, UTF-8, GB18030 (which holds GBK and GB2312)
and, only where it is declared, Big5; what a page declares is trusted for nothing else, since pages
in either encoding declare the other. A character cut off at the end is dropped. At most REPLACED
broken spots are accepted, as U+FFFD, in text that is otherwise clearly of that encoding. Text that
was garbled before it was saved (UTF-8 read as GBK or as Latin-1, characters lost to "?" or U+FFFD)
is refused: its figures may look right while characters between them are lost. `find_gap` tells
where a part of the text is gone.

Out of scope: encodings of other languages.
"""

import codecs
import re
from typing import Final

from extract.document import ReadError, Reason

REPLACED: Final = 5  # broken spots accepted in a text
_EVIDENCE: Final = 20  # whole characters beyond ASCII that must stand against each broken spot
_ENCODING_BY_BOM: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_UNMARKED_UTF16: Final = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_GAP: Final = re.compile("\0{8}")
_ASCII: Final = bytes(range(128))
_UTF8_HANZI: Final = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}")  # U+3000 to U+9FFF in UTF-8
_CLEAR: Final = 0.5  # share of the characters beyond ASCII that makes a text garbled
_SAMPLE: Final = 200_000  # characters judged; garbling runs through a whole text
# real GB18030 has 0.68 (traditional) to 1.0 common characters, Big5 taken for it 0.25
_RARE: Final = 0.4
_FEW: Final = 20  # fewer odd characters than this prove nothing
# Windows-1252 puts these where Latin-1 has control characters.
_WINDOWS_1252: Final = {
    ord(bytes([b]).decode("cp1252")): b
    for b in range(0x80, 0xA0)
    if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
# not the signs U+00B7, U+00D7, U+00F7 of Chinese prose
_LATIN_LETTER: Final = re.compile("[\u00a1-\u00b6\u00b8-\u00d6\u00d8-\u00f6\u00f8-\u00ff]")
# Punctuation, full-width signs, box drawing and the frequent hanzi of GB 2312; the group takes any
# other character of two bytes.
_GB_COMMON: Final = re.compile(rb"[\xa1-\xa3\xa9\xb0-\xd7][\xa1-\xfe]|([\x81-\xfe][\x30-\xfe])")


def decode_text(data: bytes, declared: str | None = None) -> str:
    """`data` as text, without byte order mark.

    `declared` is the encoding that a page or a server names, if any.

    Raises ReadError(BAD_ENCODING) for text in no encoding known here, and for text garbled before
    it was saved.
    """
    text = _decoded(data, (declared or "").strip().lower())
    garbling = _garbling(text)
    if garbling:
        raise ReadError(Reason.BAD_ENCODING, garbling)
    return text


def find_gap(text: str) -> tuple[Reason, str] | None:
    """Why a text is not whole in which zeros stand for a part, as a disk or a broken transfer
    leaves them: figures within are gone, and what is left of one looks like another. None for a
    sound text; single zeros do no harm.
    """
    gap = _GAP.search(text)
    if gap is None:
        return None
    line = text.count("\n", 0, gap.start()) + 1
    return Reason.DAMAGED, f"zeros stand for a part of the file at line {line}; fetch it anew"


def marked_encoding(data: bytes) -> tuple[str, int] | None:
    """The encoding named by the byte order mark and the mark's length; UTF-16 without a mark is
    known by its first "<".
    """
    for mark, encoding in _ENCODING_BY_BOM:
        if data.startswith(mark):
            return encoding, len(mark)
    return next(
        ((encoding, 0) for start, encoding in _UNMARKED_UTF16 if data.startswith(start)), None
    )


def _decoded(data: bytes, declared: str) -> str:
    mark = marked_encoding(data)
    if mark is not None:
        encoding, length = mark
        text = _strict(data[length:], encoding)
        if text is None:
            text = _mended(data[length:], encoding)
        if text is None:
            raise ReadError(
                Reason.BAD_ENCODING, f"the byte order mark says {encoding}, the bytes are not"
            )
        return text
    text = _strict(data, "utf-8")
    if text is None:
        text = _mended(data, "utf-8")
    if text is not None:
        return text
    if "big5" in declared and _common_share(data) < _CLEAR:
        # Nearly all Big5 is valid GB18030 too, so its common characters decide: they are rare ones
        # when read as GB18030.
        text = _strict(data, "big5hkscs")
    if text is None:
        text = _strict(data, "gb18030")
        if text is None:
            text = _mended(data, "gb18030")
        if text is None or _common_share(data) < _RARE:
            raise ReadError(Reason.BAD_ENCODING, "the text is neither UTF-8 nor GB18030")
    return text


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        # not final: a character cut off at the end is dropped
        return codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return None


def _mended(data: bytes, encoding: str) -> str | None:
    """Decoded with U+FFFD for broken spots, where they are few beside whole characters beyond
    ASCII.
    """
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(data)
    broken = text.count("\ufffd")
    if broken > REPLACED or len(_beyond_ascii(text)) - broken < _EVIDENCE * broken:
        return None
    return text


def _beyond_ascii(text: str) -> str:
    """The characters beyond ASCII; by way of bytes, ten times as fast as by pattern."""
    return text.encode("utf-8").translate(None, _ASCII).decode("utf-8")


def _common_share(data: bytes) -> float:
    """Share of the two-byte characters that are frequent hanzi or punctuation when read as GB18030;
    1 where they are too few to say.
    """
    common = rare = 0
    for match in _GB_COMMON.finditer(data, 0, _SAMPLE):
        if match.group(1) is None:
            common += 1
        else:
            rare += 1
    return common / (common + rare) if common + rare >= _FEW else 1.0


def _garbling(text: str) -> str | None:
    """What shows that the text was garbled before it was saved, or None."""
    lost = text.count("\ufffd")
    if lost > REPLACED:
        return f"{lost} characters are lost (U+FFFD)"
    sample = text[:_SAMPLE]
    beyond = _beyond_ascii(sample)
    lost_characters = 2 * sample.count("??")
    if lost_characters >= 2 * _FEW and lost_characters > len(beyond):
        return f'{lost_characters} characters are lost ("??")'
    if len(beyond) < _FEW:
        return None
    if 3 * len(
        _UTF8_HANZI.findall(as_gbk := beyond.encode("gb18030", errors="replace"))
    ) > _CLEAR * len(as_gbk):
        return "UTF-8 that was read as GBK and saved again"
    latin = len(_LATIN_LETTER.findall(beyond))
    # of three bytes read as Latin-1 or Windows-1252 the first, at least, is such a letter
    if latin > len(beyond) / 6:
        as_latin = beyond.translate(_WINDOWS_1252).encode("latin-1", errors="replace")
        if 3 * len(_UTF8_HANZI.findall(as_latin)) > _CLEAR * len(beyond):
            return "UTF-8 that was read as Latin-1 and saved again"
    if latin > _CLEAR * len(beyond):
        return "Chinese text that was read as Latin-1 and saved again"
    return None
