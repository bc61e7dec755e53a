"""Bodies: unpacked with a cap, and never half a body for the whole."""

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.crawl.http.body import BodyError, BodyFault, read_body

CAP = 1_000_000


def _fault(*arguments: object, **options: object) -> BodyFault:
    with pytest.raises(BodyError) as caught:
        read_body(*arguments, **options)  # type: ignore[arg-type]
    return caught.value.fault


def _pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[i : i + size] for i in range(0, len(data), size))


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate ": _raw_deflate,
    "": bytes,
    "identity": bytes,
}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=5_000), st.integers(1, 700), st.sampled_from(sorted(PACKERS)))
def test_every_coding_gives_back_what_was_packed(data: bytes, size: int, coding: str) -> None:
    packed = PACKERS[coding](data)
    assert read_body(_pieces(packed, size), coding, len(packed), CAP) == data


@pytest.mark.parametrize("coding", sorted(PACKERS))
@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256))], ids=["empty", "one", "many"])
def test_a_body_may_come_byte_by_byte(coding: str, data: bytes) -> None:
    packed = PACKERS[coding](data)
    assert read_body(_pieces(packed, 1), coding, len(packed), CAP) == data


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_packed_body_that_ends_early_is_not_whole(coding: str) -> None:
    packed = PACKERS[coding](bytes(range(256)) * 50)
    for length in (1, len(packed) // 2, len(packed) - 1):
        assert _fault([packed[:length]], coding, None, CAP) is BodyFault.TRUNCATED


def test_a_short_or_long_body_against_its_length_is_not_whole() -> None:
    assert _fault([b"abc"], "", 4, CAP) is BodyFault.TRUNCATED
    assert _fault([b"abcde"], "", 4, CAP) is BodyFault.TRUNCATED
    assert _fault([], "", 4, CAP) is BodyFault.TRUNCATED


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_two_gzip_streams_and_padding(size: int) -> None:
    packed = gzip.compress(b"a") + gzip.compress(b"b")
    for padding in (b"", b"\0\0", b"\x1f", b"\0\x1f\x8b"):
        assert read_body(_pieces(packed + padding, size), "gzip", None, CAP) == b"ab"
    assert _fault(_pieces(packed[:-1], size), "gzip", None, CAP) is BodyFault.TRUNCATED
    assert read_body([], "gzip", 0, CAP) == b""


def test_what_is_packed_otherwise_or_broken() -> None:
    assert _fault([b"x"], "br", None, CAP) is BodyFault.CODING
    assert _fault([b"<html>"], "gzip", None, CAP) is BodyFault.CODING
    assert _fault([b"\xff" * 50], "deflate", None, CAP) is BodyFault.CODING


def test_too_large_is_found_out_early() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000

    assert _fault(endless(), "", None, 50_000) is BodyFault.TOO_LARGE
    assert _fault(iter(()), "", CAP + 1, CAP) is BodyFault.TOO_LARGE
    assert read_body(endless(), "", None, 50_000, cut=True) == b"x" * 50_000


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_stays_small_in_memory(coding: str) -> None:
    bomb = PACKERS[coding](bytes(100_000_000))
    tracemalloc.start()
    assert _fault(_pieces(bomb, 65_536), coding, len(bomb), CAP) is BodyFault.TOO_LARGE
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
