"""Guard before a PDF goes to pdfium, which unpacks what it is given: streams that unpack to harmful
sizes are refused.

`check_streams(data)` looks at the deflated streams that pdfium would unpack for text (pictures are
not): a stream of LARGE bytes is unpacked here in pieces and thrown away; of a smaller one the first
bytes tell whether it is of the kind that grows a hundredfold. Raises ReadError TOO_LARGE. Honest
page contents and fonts grow two- to twentyfold and are small, so that the look costs little.

Out of scope: what pdfium's own limits hold back, and streams in a cipher (they do not unpack here;
the memory limit of the reader process is the fence behind this one).
"""

import re
import zlib
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
_DEFLATED: Final = re.compile(rb"/(?:FlateDecode|Fl)\b")
_PICTURE: Final = re.compile(rb"/Subtype\s*/Image")
_FONT: Final = re.compile(rb"/Length1\b|/(?:Type1C|CIDFontType0C|OpenType)\b")


def check_streams(data: bytes) -> None:
    """Nothing, or ReadError TOO_LARGE for a file whose streams unpack beyond UNPACKED."""
    grown = 0
    for found in _STREAM.finditer(data):
        start = found.end()
        if data[found.start() - 3 : found.start()] == b"end":
            continue
        end = data.find(b"endstream", start)
        size = (len(data) if end < 0 else end) - start
        head = data[max(0, found.start() - _DICTIONARY) : found.start()].rpartition(b"obj")[2]
        layers = len(_DEFLATED.findall(head))
        if not layers or _PICTURE.search(head):
            continue
        if layers > 1:
            raise ReadError(
                Reason.TOO_LARGE,
                "a stream of the PDF is packed twice, as only files built to harm are",
            )
        if size < _SMALL or not (
            _begins_as_bomb(data, start) or (size >= LARGE and not _FONT.search(head))
        ):
            continue
        unpacked = _unpacked(data, start, start + size)
        grown += unpacked if unpacked > RATIO * size else 0
        if unpacked > UNPACKED or grown > UNPACKED:
            raise ReadError(
                Reason.TOO_LARGE, f"a stream of the PDF unpacks to more than {UNPACKED // MIB} MiB"
            )


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
