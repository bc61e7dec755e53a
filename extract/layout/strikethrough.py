"""Which characters of a page are struck through: a level line runs through them that is as long as
they are, and no longer.

`find_strikethrough(rules, glyphs)` gives a mask over the glyphs, `without_glyphs` the others. A
line of a table that text has run into goes on beyond the text to the sides of its cell, and is
none; nor is what lies under the text or over it. Pure geometry, points, y down.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from extract.layout.ruling_lines import RulingLine
from extract.layout.text_lines import Bools, Glyphs

_LOW, _HIGH = (
    0.12,
    0.48,
)  # of the size, above the baseline: between these a line runs through a character
_ENDS: Final = 0.2  # of the size: how far the ends of the line and of the text may be apart
_LEVEL: Final = 0.5  # points by which a line may lean


def find_strikethrough(rules: Sequence[RulingLine], glyphs: Glyphs) -> Bools:
    """True for each glyph that is struck through."""
    found = np.zeros(len(glyphs), dtype=np.bool_)
    if not rules or not len(glyphs):
        return found
    lines = np.array(rules)
    lines = lines[
        (np.abs(lines[:, 1] - lines[:, 3]) < _LEVEL) & (np.abs(lines[:, 2] - lines[:, 0]) > _LEVEL)
    ]
    levels = np.sort((lines[:, 1] + lines[:, 3]) / 2)
    first, behind = (
        np.searchsorted(levels, glyphs.y - _HIGH * glyphs.size),
        np.searchsorted(levels, glyphs.y - _LOW * glyphs.size),
    )
    met = np.flatnonzero((behind > first) & (glyphs.turn == 0))
    if not len(met):
        return found
    x, y, end, size = (
        glyphs.x[met],
        glyphs.y[met],
        glyphs.x[met] + glyphs.advance[met],
        glyphs.size[met],
    )
    through = (lines[:, 1] + lines[:, 3]) / 2
    near = lines[
        np.isin(
            through,
            levels[
                np.unique(
                    np.concatenate(
                        [np.arange(a, b) for a, b in zip(first[met], behind[met], strict=True)]
                    )
                )
            ],
        )
    ]
    for x0, y0, x1, y1, _ in near.tolist():
        left, right, level = min(x0, x1), max(x0, x1), (y0 + y1) / 2
        covered = (
            (x > left - _ENDS * size)
            & (end < right + _ENDS * size)
            & (y - _HIGH * size < level)
            & (level < y - _LOW * size)
        )
        if covered.any() and _as_long(
            left,
            right,
            float(x[covered].min()),
            float(end[covered].max()),
            float(size[covered].max()),
        ):
            found[met[covered]] = True
    return found


def without_glyphs(glyphs: Glyphs, gone: Bools) -> Glyphs:
    """The glyphs that are not `gone`."""
    kept = ~gone
    text = [glyphs.text[i] for i in np.flatnonzero(kept).tolist()]
    return Glyphs(
        text,
        glyphs.x[kept],
        glyphs.y[kept],
        glyphs.advance[kept],
        glyphs.size[kept],
        glyphs.turn[kept],
        glyphs.typed[kept],
    )


def _as_long(left: float, right: float, start: float, end: float, size: float) -> bool:
    return abs(left - start) < _ENDS * size and abs(right - end) < _ENDS * size
