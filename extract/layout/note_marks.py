"""Which digits of a page are marks of notes beside a number: small, and raised or lowered.

`find_note_marks(glyphs)` gives a mask over the glyphs. A mark is a run of clearly smaller digits
that touches the last digit of a number, or the first, on a baseline of its own. A number in small
type that stands alone, or on the same baseline, is none. Pure geometry.
"""

from typing import Final

import numpy as np

from extract.layout.text_lines import Bools, Floats, Glyphs, Ints

NOTE_MARK_REMARK: Final = "a small raised or lowered digit beside a number was left out"

_SMALLER: Final = 0.8  # of the height of the number: a mark is lower
_APART_EM: Final = 0.3  # of the number: a mark stands nearer
_LEAST_SHIFT_EM: Final = 0.08  # of the number: a mark's baseline is farther away
_MOST_SHIFT_EM: Final = 0.8  # of the number: and nearer than this


def find_note_marks(glyphs: Glyphs) -> Bools:
    """True for each digit of a note mark."""
    found = np.zeros(len(glyphs), dtype=np.bool_)
    digit = np.fromiter((t.isdigit() for t in glyphs.text), dtype=np.bool_, count=len(glyphs))
    places = np.flatnonzero(digit & (glyphs.turn == 0))
    if len(places) < 2:
        return found
    size = glyphs.size[places]
    small = places[size < _SMALLER * size.max()]
    for i in small.tolist():
        found[i] = _is_beside_larger(glyphs, i, places)
    for one in (small.tolist(), small.tolist()[::-1]):
        for i in one:  # digits of one mark stand beside each other
            found[i] |= _is_beside_mark(glyphs, i, np.flatnonzero(found))
    return found


def _is_beside_larger(glyphs: Glyphs, i: int, digits: Ints) -> bool:
    size, shift = glyphs.size[digits], np.abs(glyphs.y[digits] - glyphs.y[i])
    larger = (
        (glyphs.size[i] < _SMALLER * size)
        & (shift > _LEAST_SHIFT_EM * size)
        & (shift < _MOST_SHIFT_EM * size)
    )
    return bool((larger & (_gaps(glyphs, i, digits) < _APART_EM * size)).any())


def _is_beside_mark(glyphs: Glyphs, i: int, marks: Ints) -> bool:
    size = glyphs.size[i]
    same = (np.abs(glyphs.y[marks] - glyphs.y[i]) < _LEAST_SHIFT_EM * size) & (
        np.abs(glyphs.size[marks] - size) < _LEAST_SHIFT_EM * size
    )
    return bool((same & (_gaps(glyphs, i, marks) < _APART_EM * size)).any())


def _gaps(glyphs: Glyphs, i: int, others: Ints) -> Floats:
    """The room between glyph `i` and each of the others on either side; negative where they
    overlap.
    """
    before = glyphs.x[i] - glyphs.x[others] - glyphs.advance[others]
    behind = glyphs.x[others] - glyphs.x[i] - glyphs.advance[i]
    found: Floats = np.maximum(before, behind)
    return found
