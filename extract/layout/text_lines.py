"""Characters and words with their places on a page, to lines of text.

Takes `Glyphs`: texts with the origin, advance and size of each, in points, x to the right and y
down from the page's top left, in any order, and for each the group it belongs to (a cell, or the
prose). Gives `TextLine`s: group by group, from top to bottom, the characters in order of their
origins. What an ink box says of a full-width comma is of no use here, only origins are.

Blank space comes from gaps. Two digits apart by a gap that nobody typed, or one over the other, are
not known to be one number, nor to be two: `SPLIT` stands between them. A character drawn twice at
nearly the same place (bold made by hand, a shadow) counts once.

`fixed_pitch_lines` sets the same lines as a typewriter would, with blanks for all room between, for
readers of tables in plain text.

Text that stands on its head or side is read in its own direction: `turn` counts quarter turns
counter-clockwise. Out of scope: which group a glyph belongs to (`extract.layout.ruled_tables`), and
what a text says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SPLIT: Final = "\x01"  # between two digits that are not known to be of one number
_END: Final = "\x00"

_NEXT_LINE_EM: Final = 0.4  # baselines farther apart are two lines
_GAP_EM: Final = 0.15  # of the height of the font: more is blank space
_SEAM_EM: Final = 0.08  # in a table without rules cells may stand as near
# the same between a Chinese character and another, which programs set apart a little
_MIXED_GAP_EM: Final = 0.3
_WIDE_GAP_EM: Final = (
    0.8  # the same between two Chinese characters, which justified lines set apart
)
_GAPS_EM: Final = (_GAP_EM, _MIXED_GAP_EM, _WIDE_GAP_EM)  # by how many of both are Chinese
# a glyph that begins so far before the end of the one before lies over it
_OVERLAP_EM: Final = 0.35
_TWICE_ADVANCES: Final = 0.3  # the same character nearer than this is drawn twice


class Glyph(NamedTuple):
    """One character or word: origin (left end of the baseline), advance and height in points;
    `typed`: a blank was typed before it.
    """

    text: str
    x: float
    y: float
    advance: float
    size: float
    turn: int = 0
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Marks as columns. All have the same length; `text` may be a string of as many characters."""

    text: Sequence[str]
    x: Floats
    y: Floats
    advance: Floats
    size: Floats
    turn: Ints
    typed: Bools

    def __len__(self) -> int:
        return len(self.text)

    def centres(self) -> tuple[Floats, Floats]:
        """The point of each glyph that tells which cell it is in: the middle of its advance, a
        third of its height above the baseline.
        """
        along, up = self.advance / 2, 0.35 * self.size
        if not self.turn.any():
            return self.x + along, self.y - up
        dx, dy = np.array([1, 0, -1, 0])[self.turn], np.array([0, -1, 0, 1])[self.turn]
        return self.x + along * dx + up * dy, self.y + along * dy - up * dx


def glyphs_from(glyphs: Iterable[Glyph]) -> Glyphs:
    """Rows to columns."""
    rows = list(glyphs)
    x, y, advance, size = (np.array([m[i] for m in rows], dtype=np.float64) for i in range(1, 5))
    turn, typed = (
        np.array([m.turn for m in rows], dtype=np.int64),
        np.array([m.typed for m in rows], dtype=np.bool_),
    )
    return Glyphs([m.text for m in rows], x, y, advance, size, turn, typed)


class TextLine(NamedTuple):
    """One line of one group.

    `start`, `end` and `level` are along and across the reading direction (x and y for upright
    text).
    """

    group: int
    turn: int
    text: str
    start: float
    end: float
    level: float
    size: float


def find_lines(glyphs: Glyphs, group: Ints) -> list[TextLine]:
    """The lines of all groups, sorted by group, then direction, then from top to bottom.

    Marks of group -1 are a group too.
    """
    if not len(glyphs):
        return []
    u, v = _along_and_across(glyphs)
    order, line = _in_reading_order(glyphs, group, u, v)
    order, line = _without_repeats(glyphs, order, line, u)
    ends = np.flatnonzero(line[1:] != line[:-1])
    first, last = np.concatenate(([0], ends + 1)), np.concatenate((ends, [len(line) - 1]))
    heads, tails = order[first], order[last]
    texts = _join_texts(glyphs, order, line, u, ends).split(_END)
    columns = (
        group[heads],
        glyphs.turn[heads],
        texts,
        u[heads],
        u[tails] + glyphs.advance[tails],
        v[heads],
        np.maximum.reduceat(glyphs.size[order], first),
    )
    return list(map(TextLine, *(c if isinstance(c, list) else c.tolist() for c in columns)))


def _along_and_across(glyphs: Glyphs) -> tuple[Floats, Floats]:
    """Each origin along its reading direction, and across it downwards."""
    if not glyphs.turn.any():
        return glyphs.x, glyphs.y
    x, y = glyphs.x, glyphs.y
    return np.choose(glyphs.turn, [x, -y, -x, y]), np.choose(glyphs.turn, [y, x, -y, -x])


def _in_reading_order(glyphs: Glyphs, group: Ints, u: Floats, v: Floats) -> tuple[Ints, Ints]:
    """The glyphs in reading order, and the number of the line of each."""
    order = np.lexsort((v, glyphs.turn, group))
    level, size = v[order], glyphs.size[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = level[1:] - level[:-1] > _NEXT_LINE_EM * np.maximum(size[1:], size[:-1])
    for key in (group[order], glyphs.turn[order]):
        new[1:] |= key[1:] != key[:-1]
    line = np.cumsum(new) - 1
    inner = np.lexsort((u[order], line))
    return order[inner], line[inner]


def _without_repeats(glyphs: Glyphs, order: Ints, line: Ints, u: Floats) -> tuple[Ints, Ints]:
    """Without the glyphs that repeat the one before at nearly the same place."""
    before, after = order[:-1], order[1:]
    near = (u[after] - u[before] < _TWICE_ADVANCES * glyphs.advance[after]) & (
        line[1:] == line[:-1]
    )
    doubled = [
        i + 1
        for i in np.flatnonzero(near).tolist()
        if glyphs.text[order[i]] == glyphs.text[order[i + 1]]
    ]
    return (np.delete(order, doubled), np.delete(line, doubled)) if doubled else (order, line)


def _join_texts(glyphs: Glyphs, order: Ints, line: Ints, u: Floats, ends: Ints) -> str:
    """The glyphs' texts with blanks where the gaps are, lines apart by `_END`; `ends` is where they
    end.
    """
    pieces = [glyphs.text[i] for i in order.tolist()]
    before, after = order[:-1], order[1:]
    gap = (u[after] - u[before] - glyphs.advance[before]) / np.maximum(
        glyphs.size[before], glyphs.size[after]
    )
    apart = np.flatnonzero((np.abs(gap) > _GAP_EM) & (line[1:] == line[:-1]))
    for i, width in zip(apart.tolist(), gap[apart].tolist(), strict=True):
        one, two = pieces[i][-1:], pieces[i + 1][:1]
        if one.isdigit() and two.isdigit():
            typed = order[i + 1] == order[i] + 1 and glyphs.typed[order[i + 1]]
            pieces[i] += " " if typed and width > 0 else SPLIT
        elif width > _GAPS_EM[(one >= "\u2e80") + (two >= "\u2e80")]:
            pieces[i] += " "
    for i in ends.tolist():
        pieces[i] += _END
    return "".join(pieces)


def fixed_pitch_lines(glyphs: Glyphs) -> list[tuple[TextLine, str | None]]:
    """The upright lines of a page, each also as text of fixed pitch: every part at the column where
    it stands, Chinese characters two wide.

    None for a line in which one text lies over another: its parts cannot be told apart.
    """
    if not len(glyphs):
        return []
    alone = np.full(len(glyphs), -1)
    u, v = _along_and_across(glyphs)
    order, line = _without_repeats(glyphs, *_in_reading_order(glyphs, alone, u, v), u)
    wide = [glyphs.advance[i] for i, text in enumerate(glyphs.text) if text >= "\u2e80"]
    pitch = float(np.median(wide)) / 2 if wide else float(np.median(glyphs.size)) / 2
    rows = [part.tolist() for part in np.split(order, np.flatnonzero(np.diff(line)) + 1)]
    return [
        (found, _at_fixed_pitch(glyphs, row, pitch))
        for found, row in zip(find_lines(glyphs, alone), rows, strict=True)
        if not found.turn
    ]


def _at_fixed_pitch(glyphs: Glyphs, row: list[int], pitch: float) -> str | None:
    """The glyphs `row` of one line, each at its column of `pitch` points."""
    out, column, end = "", 0, None
    for i in row:
        x, text = float(glyphs.x[i]), glyphs.text[i]
        gap = None if end is None else x - end
        if gap is not None and gap < -_OVERLAP_EM * glyphs.size[i]:
            return None
        if gap is None or gap > _SEAM_EM * glyphs.size[i]:
            least = _least_blanks(gap, pitch)
            blanks = max(round(x / pitch) - column, least)
            out += " " * blanks
            column += blanks
        out += text
        column += sum(2 if c >= "\u2e80" else 1 for c in text)
        end = x + float(glyphs.advance[i])
    return out


def _least_blanks(gap: float | None, pitch: float) -> int:
    """How many blanks a gap of so many points is at least; none at the beginning of a line."""
    if gap is None:
        return 0
    return 2 if gap > 2 * pitch else 1
