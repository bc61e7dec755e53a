"""Sound reports and the ways in which files come to harm.

`mutants(seed, count)` gives `Mutant`s: one sample or built report each, harmed in one way. None of
the ways writes another figure where one is printed: digits stay what they are, be it that a part of
the file is gone, moved or unreadable. The same seed gives the same files.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from tests.build.draw import random_report
from tests.build.ofd_files import paper as ofd_paper
from tests.build.packing import pack, unpack
from tests.build.registry import build
from tests.build.report import flow
from tests.conftest import CHECKOUT
from tests.extract.attached.test_files import mail
from tests.extract.word.test_flat_xml import flat

SAMPLES: Final = CHECKOUT / "data" / "samples"
_SAFE: Final = frozenset(
    b"0123456789.,-+%/&#;\\xX"
)  # bytes that are or may become part of a figure
_BUILT: Final = ("csv", "txt-cell-a-line", "txt-markdown-bold", "txt-bars-behind")

Change = Callable[[bytes, Random], bytes]


@dataclass(frozen=True)
class Mutant:
    """One harmed file; `base` is the name of the sound one, `way` how it was harmed."""

    base: str
    way: str
    data: bytes

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.base}, {self.way}"


@cache
def bases() -> dict[str, bytes]:
    """The sound files by name; without the sample whose second reading takes half a second."""
    left_out = "hybrid-xlsx-sheets.xlsx"
    held = {p.name: p.read_bytes() for p in sorted(SAMPLES.iterdir()) if p.name != left_out}
    report = random_report(21, "2021", mean=40.0)
    for layout in _BUILT:
        made = build(report, layout)
        held[f"{layout}{made.suffix}"] = made.data
    held["built.ofd"] = ofd_paper(flow(report))
    held["archive.zip"] = pack({"报告.docx": held["2021-docx-clean.docx"]})
    held["mail.mht"] = mail(("报告.html", held["2019-html-clean.html"]))
    held["flat.xml"] = flat(held["2021-docx-runs.docx"])
    return held


def mutants(seed: int, count: int) -> Iterator[Mutant]:
    """So many harmed files."""
    rng = Random(seed)
    names = sorted(bases())
    for number in range(count):
        name = names[number % len(names)]
        data = bases()[name]
        way, change = rng.choice(_ways_for(data))
        yield Mutant(name, way, change(data, rng))


def _ways_for(data: bytes) -> list[tuple[str, Change]]:
    if data.startswith(b"PK"):
        return [*_ANY, *_PACKED, *(_OFD if b"OFD.xml" in data else [])]
    if data.startswith(b"%PDF"):
        return [*_ANY, *_PDF]
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return [("cut off", _cut_off), ("zeros", _zeros)]
    if data.startswith(b"Subject:"):  # what is attached stands in Base64, where a bit is a figure
        return [("cut off", _cut_off), ("zeros", _zeros)]
    marked = b"<t" in data.lower() or b"<w:t" in data
    return [*_ANY, *_PLAIN, *(_MARKUP if marked else _LINES)]


# --- any file


def _cut_off(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data) // 3, len(data))]


def _zeros(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data))
    size = min(rng.choice((16, 512, 4096)), len(data) - at)
    return data[:at] + bytes(size) + data[at + size :]


def _block_twice(data: bytes, rng: Random) -> bytes:
    at, size = rng.randrange(len(data)), rng.choice((64, 512, 4096))
    return data[: at + size] + data[at:]


# --- packages and PDF files, whose parts have checksums


def _flip(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def _changed_member(data: bytes, rng: Random, change: Callable[[bytes], bytes]) -> bytes:
    members = unpack(data)
    names = [n for n in members if n.endswith(".xml") and not n.startswith(("[", "docProps"))]
    if not names:
        return _flip(data, rng)
    name = max(rng.sample(names, min(2, len(names))), key=lambda n: len(members[n]))
    return pack({**members, name: change(members[name])})


def _without_element(data: bytes, rng: Random) -> bytes:
    return _changed_member(data, rng, lambda xml: _less_one(xml, _ELEMENT, rng))


def _without_tag(data: bytes, rng: Random) -> bytes:
    return _changed_member(data, rng, lambda xml: _less_one(xml, _TAG, rng))


def _other_span(data: bytes, rng: Random) -> bytes:
    return _changed_member(data, rng, lambda xml: _with_other_span(xml, rng))


def _without_member(data: bytes, rng: Random) -> bytes:
    members = unpack(data)
    del members[rng.choice(list(members))]
    return pack(members)


def _member_for_another(data: bytes, rng: Random) -> bytes:
    members = unpack(data)
    one, other = rng.choice(list(members)), rng.choice(list(members))
    return pack({**members, one: members[other]})


def _page_for_another(data: bytes, rng: Random) -> bytes:
    members = unpack(data)
    pages = [name for name in members if name.endswith("Content.xml")]
    return pack({**members, rng.choice(pages): members["OFD.xml"]})


_STREAM: Final = re.compile(rb"stream\r?\n")


def _streams(data: bytes) -> list[tuple[int, int]]:
    """Where the packed bytes of a PDF begin and end."""
    found = (m for m in _STREAM.finditer(data) if data[m.start() - 3 : m.start()] != b"end")
    return [(m.end(), data.index(b"endstream", m.end())) for m in found]


def _flip_in_stream(data: bytes, rng: Random) -> bytes:
    start, end = rng.choice(_streams(data))
    at = rng.randrange(start, max(start + 1, end - 1))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def _half_stream(data: bytes, rng: Random) -> bytes:
    start, end = rng.choice(_streams(data))
    return data[: (start + end) // 2] + data[end:]


def _half_character(data: bytes, rng: Random) -> bytes:
    """A map to Unicode in which one character is half of a pair."""
    for start, end in _streams(data):
        try:
            held = zlib.decompress(data[start:end])
        except zlib.error:
            continue
        if b"begincmap" in held:
            targets = list(re.finditer(rb"<([0-9A-Fa-f]{4})>\s*\n", held))
            if targets:
                at = rng.choice(targets).start(1)
                packed = zlib.compress(held[:at] + b"D84E" + held[at + 4 :], 9)
                return data[:start] + packed + b"\n" + data[end:]
    return _flip_in_stream(data, rng)


# --- markup and lines


def _flip_between(data: bytes, rng: Random) -> bytes:
    """One bit of a byte that is no part of a figure, and becomes none."""
    for _ in range(50):
        at = rng.randrange(len(data))
        other = data[at] ^ 1 << rng.randrange(8)
        if data[at] not in _SAFE and other not in _SAFE:
            return data[:at] + bytes([other]) + data[at + 1 :]
    return data


_TAG: Final = re.compile(rb"</?[A-Za-z][^<>]*>")
_ELEMENT: Final = re.compile(
    rb"<((?:w:)?(?:tc|tr|td|th|p|r|row|c|span))\b[^<>]*(?<!/)>.*?</\1>", re.S
)
_SPAN: Final = re.compile(
    rb"""((?:col|row)span=["']?|gridSpan w:val="|:ref="|vMerge w:val=")(\w+)""", re.I
)


def _less_one(text: bytes, pattern: re.Pattern[bytes], rng: Random) -> bytes:
    found = list(pattern.finditer(text))
    if not found:
        return text
    gone = rng.choice(found)
    return text[: gone.start()] + text[gone.end() :]


def _with_other_span(text: bytes, rng: Random) -> bytes:
    found = list(_SPAN.finditer(text))
    if not found:
        return text
    span = rng.choice(found)
    return text[: span.start(2)] + b"%d" % rng.randrange(5) + text[span.end(2) :]


def _less_element(data: bytes, rng: Random) -> bytes:
    return _less_one(data, _ELEMENT, rng)


def _less_tag(data: bytes, rng: Random) -> bytes:
    return _less_one(data, _TAG, rng)


def _less_line(data: bytes, rng: Random) -> bytes:
    lines = data.split(b"\n")
    del lines[rng.randrange(len(lines))]
    return b"\n".join(lines)


def _less_mark(data: bytes, rng: Random) -> bytes:
    """Without one of the marks between cells."""
    places = [m.start() for m in re.finditer(rb"[\t|,]", data)]
    at = rng.choice(places) if places else 0
    return data[:at] + b" " + data[at + 1 :]


_ANY: Final[list[tuple[str, Change]]] = [
    ("cut off", _cut_off),
    ("zeros", _zeros),
    ("a block twice", _block_twice),
]
_PACKED: Final[list[tuple[str, Change]]] = [
    ("one bit", _flip),
    ("without an element", _without_element),
    ("without a tag", _without_tag),
    ("another span", _other_span),
    ("without a member", _without_member),
    ("one member for another", _member_for_another),
]
_OFD: Final[list[tuple[str, Change]]] = [("another part for a page", _page_for_another)]
_PDF: Final[list[tuple[str, Change]]] = [
    ("one bit", _flip),
    ("one bit of a stream", _flip_in_stream),
    ("half of a stream", _half_stream),
    ("half a character", _half_character),
]
_PLAIN: Final[list[tuple[str, Change]]] = [("one bit", _flip_between)]
_MARKUP: Final[list[tuple[str, Change]]] = [
    ("without an element", _less_element),
    ("without a tag", _less_tag),
    ("another span", _with_other_span),
]
_LINES: Final[list[tuple[str, Change]]] = [
    ("without a line", _less_line),
    ("without a mark", _less_mark),
]
