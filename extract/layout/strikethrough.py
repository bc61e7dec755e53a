"""Which characters of a page are struck through: a level line runs through them that is as long as
they are, and no longer.

`struck(rules, marks)` gives a mask over the marks, `without` the others. A line of a table that
text has run into goes on beyond the text to the sides of its cell, and is none; nor is what lies
under the text or over it. Pure geometry, points, y down.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from extract.layout.ruled_tables import Rule
from extract.layout.text_lines import Bools, Marks

_LOW, _HIGH = (
    0.12,
    0.48,
)  # of the size, above the baseline: between these a line runs through a character
_ENDS: Final = 0.2  # of the size: how far the ends of the line and of the text may be apart
_LEVEL: Final = 0.5  # points by which a line may lean


def struck(rules: Sequence[Rule], marks: Marks) -> Bools:
    """True for each mark that is struck through."""
    found = np.zeros(len(marks), dtype=np.bool_)
    if not rules or not len(marks):
        return found
    lines = np.array(rules)
    lines = lines[
        (np.abs(lines[:, 1] - lines[:, 3]) < _LEVEL) & (np.abs(lines[:, 2] - lines[:, 0]) > _LEVEL)
    ]
    levels = np.sort((lines[:, 1] + lines[:, 3]) / 2)
    first, behind = (
        np.searchsorted(levels, marks.y - _HIGH * marks.size),
        np.searchsorted(levels, marks.y - _LOW * marks.size),
    )
    met = np.flatnonzero((behind > first) & (marks.turn == 0))
    if not len(met):
        return found
    x, y, end, size = marks.x[met], marks.y[met], marks.x[met] + marks.advance[met], marks.size[met]
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


def without(marks: Marks, gone: Bools) -> Marks:
    """The marks that are not `gone`."""
    kept = ~gone
    text = [marks.text[i] for i in np.flatnonzero(kept).tolist()]
    return Marks(
        text,
        marks.x[kept],
        marks.y[kept],
        marks.advance[kept],
        marks.size[kept],
        marks.turn[kept],
        marks.typed[kept],
    )


def _as_long(left: float, right: float, start: float, end: float, size: float) -> bool:
    return abs(left - start) < _ENDS * size and abs(right - end) < _ENDS * size
