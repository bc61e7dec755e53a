"""The body of an answer from the pieces that arrive: unpacked, never beyond a cap, and never half
of it taken for the whole.

`read_body(pieces, coding, declared, cap)` gives the content. gzip and deflate are undone here with
a cap on what they unpack to, because the decoders of HTTP libraries inflate a piece wholly before
anyone can look at its size and take a gzip stream that ends early for whole. Other codings are not
asked for and raise. A body with neither a length nor chunks ends with its connection; that it is
whole cannot be known.

Out of scope: the network (`connection`), character encodings.
"""

import zlib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final, Protocol

ACCEPTED: Final = "gzip, deflate"
_GZIP_BITS: Final = zlib.MAX_WBITS | 16
_STEP_BYTES: Final = 256 * 1024  # what is inflated at a time
_HEADER_BYTES: Final = 2  # tell gzip and zlib from each other and from anything else
_GZIP_MAGIC: Final = b"\x1f\x8b"


class BodyFault(StrEnum):
    """What is wrong with a body."""

    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    CODING = "coding"  # packed in a way that was not asked for, or broken inside


class BodyError(Exception):
    """A body that is not taken; `fault` from the closed list."""

    def __init__(self, fault: BodyFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


def read_body(
    pieces: Iterable[bytes], coding: str, declared: int | None, cap: int, cut: bool = False
) -> bytes:
    """The content, at most `cap` bytes as sent and as unpacked; `declared` is the Content-Length.

    Raises BodyError.

    With `cut`, reading stops at the cap and what was read until then is the answer.
    """
    if declared is not None and declared > cap and not cut:
        raise BodyError(
            BodyFault.TOO_LARGE, f"it says that it has {declared} bytes, the limit is {cap}"
        )
    decoder = _decoder(coding)
    content = bytearray()
    sent = 0
    for piece in pieces:
        sent += len(piece)
        content += b"".join(_until(decoder.decode(piece), cap - len(content)))
        if max(sent, len(content)) > cap:
            if cut:
                return bytes(content[:cap])
            raise BodyError(BodyFault.TOO_LARGE, f"it has more than {cap} bytes")
    if declared is not None and sent != declared:
        raise BodyError(BodyFault.TRUNCATED, f"{sent} of {declared} bytes arrived")
    if sent and not decoder.is_whole:
        raise BodyError(BodyFault.TRUNCATED, f"its {coding} stream ends early")
    return bytes(content)


def _until(parts: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The parts up to the one with which they are longer than `size`."""
    for part in parts:
        yield part
        size -= len(part)
        if size < 0:
            return


class _Decoder(Protocol):
    """Undoes a content coding, piece by piece."""

    @property
    def is_whole(self) -> bool:
        """Whether what was given until now is a whole body."""

    def decode(self, piece: bytes) -> Iterator[bytes]:
        """What a piece holds, in parts of limited size: who reads them may stop at any."""


class _Unpacked:
    """A body that is not packed."""

    is_whole = True

    def decode(self, piece: bytes) -> Iterator[bytes]:
        yield piece


class _Inflater:
    """One gzip or deflate stream, or several gzip streams one after the other."""

    def __init__(self, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._stream: zlib._Decompress | None = None
        self._header = b""  # too short to tell what begins with it
        self._in_padding = False
        self.is_whole = False

    def decode(self, piece: bytes) -> Iterator[bytes]:
        piece, self._header = self._header + piece, b""
        while piece and not self._in_padding:
            if self._stream is None:
                if len(piece) < _HEADER_BYTES:
                    self._header = piece
                    return
                self._stream = self._begin(piece)
                continue
            try:
                part = self._stream.decompress(piece, _STEP_BYTES)
            except zlib.error as error:
                raise BodyError(BodyFault.CODING, f"its packing is broken ({error})") from error
            self.is_whole = self._stream.eof
            if self.is_whole:
                piece, self._stream = self._stream.unused_data, None
            else:
                piece = self._stream.unconsumed_tail
            yield part

    def _begin(self, start: bytes) -> "zlib._Decompress | None":
        """The stream that begins with `start`; None for what follows the end of the last one,
        padding that some servers send.
        """
        if self.is_whole and not (self._is_gzip and start.startswith(_GZIP_MAGIC)):
            self._in_padding = True
            return None
        if self._is_gzip:
            return zlib.decompressobj(_GZIP_BITS)
        return zlib.decompressobj(zlib.MAX_WBITS if _is_zlib(start) else -zlib.MAX_WBITS)


def _is_zlib(start: bytes) -> bool:
    """Whether a deflate stream has the frame of RFC 1950; some servers send it without. A bare
    stream cannot begin like this: it would be a stored block with bits set in its padding.
    """
    return start[0] & 0x0F == zlib.DEFLATED and (start[0] << 8 | start[1]) % 31 == 0


def _decoder(coding: str) -> _Decoder:
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return _Unpacked()
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise BodyError(BodyFault.CODING, f"it is packed as {coding!r}, asked for was {ACCEPTED}")
    return _Inflater(coding != "deflate")
