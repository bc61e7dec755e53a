"""The body of an answer from the pieces that arrive: unpacked, never beyond a cap, and never half
of it taken for the whole.

`read_body(pieces, coding, declared, cap)` gives the content. gzip and deflate are undone here with
a cap on what they unpack to, because the decoders of HTTP libraries inflate a piece wholly before
anyone can look at its size and take a gzip stream that ends early for whole. Other codings are not
asked for and raise. A body with neither a length nor chunks ends with its connection; that it is
whole cannot be known.

Out of scope: the network (`wire`), character encodings.
"""

import zlib
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

ACCEPTED: Final = "gzip, deflate"
_GZIP_BITS: Final = zlib.MAX_WBITS | 16
_STEP: Final = 256 * 1024  # what is inflated at a time


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
    inflater = _inflater(coding)
    content = bytearray()
    sent = 0
    for piece in pieces:
        sent += len(piece)
        if inflater is None:
            content += piece
        else:
            inflater.feed(piece, content, cap)
        if sent > cap or len(content) > cap:
            if cut:
                return bytes(content[:cap])
            raise BodyError(BodyFault.TOO_LARGE, f"it has more than {cap} bytes")
    if declared is not None and sent != declared:
        raise BodyError(BodyFault.TRUNCATED, f"{sent} of {declared} bytes arrived")
    if inflater is not None and sent and not inflater.whole:
        raise BodyError(BodyFault.TRUNCATED, f"its {coding} stream ends early")
    return bytes(content)


class _Inflater:
    """One gzip or deflate stream, or several gzip streams one after the other."""

    def __init__(self, gzip: bool) -> None:
        self._gzip = gzip
        self._stream = zlib.decompressobj(_GZIP_BITS if gzip else zlib.MAX_WBITS)
        self._started = False
        self.whole = False

    def feed(self, piece: bytes, content: bytearray, cap: int) -> None:
        """Inflate `piece` onto `content`, stopping soon after `cap`."""
        while piece and len(content) <= cap:
            if self.whole:
                if not self._gzip or not piece.startswith(b"\x1f\x8b"):
                    return  # padding after the end, which some servers send
                self._stream, self.whole = zlib.decompressobj(_GZIP_BITS), False
            content += self._inflated(piece)
            self._started = True
            self.whole = self._stream.eof
            piece = self._stream.unused_data if self.whole else self._stream.unconsumed_tail

    def _inflated(self, piece: bytes) -> bytes:
        try:
            return self._stream.decompress(piece, _STEP)
        except zlib.error as error:
            # "deflate" without the zlib frame, as some servers understand it
            if not self._gzip and not self._started:
                self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
                self._started = True
                return self._inflated(piece)
            raise BodyError(BodyFault.CODING, f"its packing is broken ({error})") from error


def _inflater(coding: str) -> _Inflater | None:
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return None
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise BodyError(BodyFault.CODING, f"it is packed as {coding!r}, asked for was {ACCEPTED}")
    return _Inflater(coding != "deflate")
