"""Guard before a PDF goes to pdfium, which unpacks what it is given: streams that unpack to harmful
sizes are refused, and damaged ones are found, of which pdfium shows what it can and says nothing.

`check_streams(data)` looks at the deflated streams that pdfium would unpack for text (pictures are
not): a stream of LARGE bytes is unpacked here in pieces and thrown away; of a smaller one the first
bytes tell whether it is of the kind that grows a hundredfold. Raises ReadError TOO_LARGE.
`damaged_streams(data)` gives the object numbers of deflated streams, pictures and font programs
aside, that break off or fail their checksum (RFC 1950); `has_gap` looks between streams. Honest
page contents and fonts grow two- to twentyfold and are small, so that the look costs little.

Out of scope: what pdfium's own limits hold back, and streams in a cipher (they do not unpack here;
the memory limit of the reader process is the fence behind this one).
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from extract.document import ReadError, Reason
from extract.limits import MIB

UNPACKED: Final = 48 * MIB  # one stream, or all those together that grow more than RATIO times
RATIO: Final = 100
LARGE: Final = 32 * 1024  # packed bytes; a smaller stream is unpacked only if it begins like a bomb
_SMALL: Final = 2 * 1024
_SAMPLE: Final = 512
_CHUNK: Final = 64 * 1024
_DICTIONARY: Final = 1024  # bytes before a stream in which its dictionary stands

_STREAM: Final = re.compile(rb"stream\r?\n")
_ZEROS: Final = bytes(8)
_STREAM_OR_GAP: Final = re.compile(rb"stream\r?\n.*?endstream|(\0{8})", re.S)
_DEFLATED: Final = re.compile(rb"/(?:FlateDecode|Fl)\b")
_ONLY_DEFLATED: Final = re.compile(rb"/Filter\s*(?:\[\s*)?/(?:FlateDecode|Fl)\s*(?:\]|/|>|\r|\n)")
_NUMBER: Final = re.compile(rb"(\d{1,7})\s+\d{1,5}\s*$")
_HEADER: Final = 2  # bytes before what is deflated
_CHECKSUM: Final = 4  # bytes behind it
_PICTURE: Final = re.compile(rb"/Subtype\s*/Image")
_FONT: Final = re.compile(rb"/Length1\b|/(?:Type1C|CIDFontType0C|OpenType)\b")


@dataclass(frozen=True, slots=True)
class _Stream:
    """A stream of the file: its dictionary, and where its packed bytes begin and end."""

    dictionary: bytes
    start: int
    end: int
    number: int  # of the object, 0 where none is stated

    @property
    def size(self) -> int:
        """Packed bytes."""
        return self.end - self.start


def check_streams(data: bytes) -> None:
    """Nothing, or ReadError TOO_LARGE for a file whose streams unpack beyond UNPACKED."""
    grown = 0
    for stream in _deflated_streams(data):
        if len(_DEFLATED.findall(stream.dictionary)) > 1:
            raise ReadError(
                Reason.TOO_LARGE,
                "a stream of the PDF is packed twice, as only files built to harm are",
            )
        if not _may_harm(data, stream):
            continue
        unpacked = _unpacked(data, stream.start, stream.end)
        grown += unpacked if unpacked > RATIO * stream.size else 0
        if unpacked > UNPACKED or grown > UNPACKED:
            raise ReadError(
                Reason.TOO_LARGE, f"a stream of the PDF unpacks to more than {UNPACKED // MIB} MiB"
            )


def damaged_streams(data: bytes) -> frozenset[int]:
    """The object numbers of streams that are no longer what was written; none in a cipher."""
    if b"/Encrypt" in data:
        return frozenset()
    return frozenset(
        stream.number
        for stream in _deflated_streams(data)
        if _ONLY_DEFLATED.search(stream.dictionary)
        and not _FONT.search(stream.dictionary)
        and not _is_whole(data[stream.start : stream.end])
    )


def has_gap(data: bytes) -> bool:
    """Whether zeros stand for a part of the file outside of its streams, as a disk or a broken
    transfer leaves them; a parser takes them for blank space. Behind the end they do no harm.
    """
    held = data.rstrip(b"\0")
    return _ZEROS in held and any(found[1] for found in _STREAM_OR_GAP.finditer(held))


def _is_whole(packed: bytes) -> bool:
    """Whether deflated bytes have an end, and the checksum that stands behind it; some writers
    leave that out.
    """
    if len(packed) < _HEADER or packed[0] & 0x0F != zlib.DEFLATED:
        return False
    worker, checksum = zlib.decompressobj(-zlib.MAX_WBITS), 1
    waiting = packed[_HEADER:]
    try:
        while waiting and not worker.eof:
            part = worker.decompress(waiting, 16 * _CHUNK)
            checksum = zlib.adler32(part, checksum)
            waiting = worker.unconsumed_tail
    except zlib.error:
        return False
    stated = worker.unused_data[:_CHECKSUM]
    return worker.eof and (len(stated) < _CHECKSUM or int.from_bytes(stated, "big") == checksum)


def _deflated_streams(data: bytes) -> Iterator[_Stream]:
    """The deflated streams that are no pictures."""
    for found in _STREAM.finditer(data):
        if data[found.start() - 3 : found.start()] == b"end":
            continue
        end = data.find(b"endstream", found.end())
        before, _, head = data[max(0, found.start() - _DICTIONARY) : found.start()].rpartition(
            b"obj"
        )
        if _DEFLATED.search(head) and not _PICTURE.search(head):
            stated = _NUMBER.search(before)
            number = int(stated[1]) if stated else 0
            yield _Stream(head, found.end(), len(data) if end < 0 else end, number)


def _may_harm(data: bytes, stream: _Stream) -> bool:
    """Whether a stream must be unpacked to know that it does no harm."""
    if stream.size < _SMALL:
        return False
    if _begins_as_bomb(data, stream.start):
        return True
    return stream.size >= LARGE and not _FONT.search(stream.dictionary)


def _begins_as_bomb(data: bytes, start: int) -> bool:
    try:
        return (
            len(zlib.decompressobj().decompress(data[start : start + _SAMPLE], RATIO * _SAMPLE))
            >= RATIO * _SAMPLE // 2
        )
    except zlib.error:
        return False  # damaged, or in a cipher: pdfium will say


def _unpacked(data: bytes, start: int, end: int) -> int:
    """How many bytes a stream unpacks to, counted up to just beyond UNPACKED."""
    worker, total = zlib.decompressobj(), 0
    try:
        for at in range(start, end, _CHUNK):
            waiting = data[at : min(end, at + _CHUNK)]
            while waiting and total <= UNPACKED and not worker.eof:
                total += len(worker.decompress(waiting, 16 * _CHUNK))
                waiting = worker.unconsumed_tail
            if total > UNPACKED or worker.eof:
                break
    except zlib.error:
        pass  # cut off or damaged: what came so far counts
    return total
