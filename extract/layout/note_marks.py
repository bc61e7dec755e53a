"""Which digits of a page are marks of notes beside a number: small, and raised or lowered.

`find_note_marks(glyphs)` gives a mask over the glyphs. A mark is a run of clearly smaller digits
that touches the last digit of a number, or the first, on a baseline of its own. A number in small
type that stands alone, or on the same baseline, is none. Pure geometry.
"""

from typing import Final

import numpy as np

from extract.layout.text_lines import Bools, Floats, Glyphs, Ints

NOTE_MARK_REMARK: Final = "a small raised or lowered digit beside a number was left out"

# of the height of the number: a mark is lower; the boxes of two fonts of one size differ by less
_SMALLER: Final = 0.72
# browsers make marks no smaller than this, and raise or lower them clearly
_LITTLE_SMALLER: Final = 0.9
_CLEAR_SHIFT_EM: Final = 0.2
_SAME_LEVEL_PT: Final = 0.1  # baselines nearer than this are one
_FULL_WIDTH: Final = "０"
_APART_EM: Final = 0.3  # of the number: a mark stands nearer
_LEAST_SHIFT_EM: Final = 0.08  # of the number: a mark's baseline is farther away
_MOST_SHIFT_EM: Final = 0.8  # of the number: and nearer than this


def find_note_marks(glyphs: Glyphs) -> Bools:
    """True for each digit of a note mark."""
    found = np.zeros(len(glyphs), dtype=np.bool_)
    digit = np.fromiter(map(str.isdigit, glyphs.text), dtype=np.bool_, count=len(glyphs))
    places = _on_near_levels(glyphs, np.flatnonzero(digit & (glyphs.turn == 0)))
    if len(places) < 2:
        return found
    size = glyphs.size[places]
    small = places[size < _LITTLE_SMALLER * size.max()]
    for i in small.tolist():
        found[i] = _is_beside_larger(glyphs, i, places)
    for one in (small.tolist(), small.tolist()[::-1]):
        for i in one:  # digits of one mark stand beside each other
            found[i] |= _is_beside_mark(glyphs, i, np.flatnonzero(found))
    return found


def _on_near_levels(glyphs: Glyphs, digits: Ints) -> Ints:
    """Those of the digits that stand on a baseline right above or below another one: most pages
    have none.
    """
    if len(digits) < 2:
        return digits
    order = digits[np.argsort(glyphs.y[digits])]
    rise = np.diff(glyphs.y[order])
    first = np.concatenate(([0], np.flatnonzero(rise > _SAME_LEVEL_PT) + 1))
    largest = np.maximum.reduceat(glyphs.size[order], first)
    near = rise[first[1:] - 1] < _MOST_SHIFT_EM * np.maximum(largest[1:], largest[:-1])
    is_near = np.concatenate((near, [False])) | np.concatenate(([False], near))
    found: Ints = order[np.repeat(is_near, np.diff(np.append(first, len(order))))]
    return found


def _is_beside_larger(glyphs: Glyphs, i: int, digits: Ints) -> bool:
    kind = glyphs.text[i] >= _FULL_WIDTH  # half and full width come from two fonts
    digits = digits[[(glyphs.text[k] >= _FULL_WIDTH) == kind for k in digits.tolist()]]
    size, shift = glyphs.size[digits], np.abs(glyphs.y[digits] - glyphs.y[i])
    much = (glyphs.size[i] < _SMALLER * size) & (shift > _LEAST_SHIFT_EM * size)
    clearly = (glyphs.size[i] < _LITTLE_SMALLER * size) & (shift > _CLEAR_SHIFT_EM * size)
    larger = (much | clearly) & (shift < _MOST_SHIFT_EM * size)
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
