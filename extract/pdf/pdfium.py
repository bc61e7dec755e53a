"""pdfium's plain C functions as Python calls them in bulk, and the page's own coordinates as those
of the page as it is read.

`prototype(name, …)` gives a function that takes plain addresses and keeps the interpreter's lock:
per character and per object the call is the cost, and pdfium is not safe for threads anyway. Used
by `pdf_page` (characters) and `pdf_drawing` (lines and areas).
"""

import ctypes
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final

import pypdfium2  # noqa: F401  (initialises the library)
import pypdfium2.raw as pdfium

from extract.document import BBox
from extract.layout.text_lines import Floats

Pointer: Final = ctypes.c_void_p
Int: Final = ctypes.c_int


def bind_function(name: str, *arguments: type, result: type = Int) -> Callable[..., Any]:
    """A pdfium function that takes plain addresses and keeps the interpreter's lock."""
    address = ctypes.cast(getattr(pdfium, name), Pointer).value
    assert address is not None  # noqa: S101  (a function of the library that is loaded has an address)
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


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
