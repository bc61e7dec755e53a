"""pdfium's plain C functions as Python calls them in bulk, and the page's own coordinates as those
of the page as it is read.

`prototype(name, …)` gives a function that takes plain addresses and keeps the interpreter's lock:
per character and per object the call is the cost, and pdfium is not safe for threads anyway. Used
by `extract.pdf.characters` and `extract.pdf.drawing`.
"""

import ctypes
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pypdfium2  # noqa: F401  (initialises the library)
import pypdfium2.raw as pdfium

from extract.document import BBox
from extract.layout.text_lines import Floats
from extract.pdf.placeholder_font import build_placeholder_font

Pointer: Final = ctypes.c_void_p
Int: Final = ctypes.c_int

# as Windows numbers them: Japanese, Korean, simplified and traditional Chinese
_EAST_ASIAN_CHARSETS: Final = (128, 129, 134, 136)


def bind_function(name: str, *arguments: type, result: type = Int) -> Callable[..., Any]:
    """A pdfium function that takes plain addresses and keeps the interpreter's lock."""
    address = ctypes.cast(getattr(pdfium, name), Pointer).value
    assert address is not None  # noqa: S101  (a function of the library that is loaded has an address)
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


class _PlaceholderFonts:
    """One font in place of all that the machine has, as pdfium asks for it through its plain C
    interface. Only for Chinese, Japanese and Korean text: pdfium has others of its own.
    """

    def __init__(self) -> None:
        self.data = build_placeholder_font()
        types = dict(pdfium.FPDF_SYSFONTINFO._fields_)
        self.info = pdfium.FPDF_SYSFONTINFO(
            version=1,
            MapFont=types["MapFont"](self._map_font),
            GetFontData=types["GetFontData"](self._get_font_data),
        )

    def _map_font(self, *asked: Any) -> int | None:
        _, _, _, charset, *_ = asked
        return 1 if charset in _EAST_ASIAN_CHARSETS else None

    def _get_font_data(self, *asked: Any) -> int:
        """The length of the font, also written to the buffer if that is long enough; 0 for what
        would be a part of it.
        """
        _, _, table, buffer, size = asked
        if table:
            return 0
        if buffer and size >= len(self.data):
            ctypes.memmove(buffer, self.data, len(self.data))
        return len(self.data)


class _Fonts:
    """Which fonts pdfium uses for what a file does not embed: those of the machine, or the
    placeholder. pdfium lets go of the ones before when it is given others.
    """

    def __init__(self) -> None:
        self.placeholder = _PlaceholderFonts()
        self.installed: Any = None
        self.use_installed()

    def use_installed(self) -> None:
        self.installed = pdfium.FPDF_GetDefaultSystemFontInfo()
        pdfium.FPDF_SetSystemFontInfo(self.installed)

    def use_placeholder(self) -> None:
        pdfium.FPDF_SetSystemFontInfo(ctypes.byref(self.placeholder.info))
        pdfium.FPDF_FreeDefaultSystemFontInfo(self.installed)


_FONTS: Final = _Fonts()


@contextmanager
def without_installed_fonts() -> Iterator[None]:
    """pdfium reads as if the machine had no fonts but a placeholder: what it says of a page's
    characters then is the same everywhere. Pages that are opened here must not be drawn.
    """
    _FONTS.use_placeholder()
    try:
        yield
    finally:
        _FONTS.use_installed()


def call_all(calls: Iterator[Any]) -> None:
    """Make all the calls."""
    deque(calls, maxlen=0)


def turn_points(x: Floats, y: Floats, box: BBox, turns: int) -> tuple[Floats, Floats]:
    """Points of a page whose box is `box`, turned clockwise by quarter turns, y down from its top
    left.
    """
    left, bottom, right, top = box
    if turns == 0:
        return x - left, top - y
    if turns == 1:
        return y - bottom, x - left
    if turns == 2:
        return right - x, y - bottom
    return top - y, right - x
