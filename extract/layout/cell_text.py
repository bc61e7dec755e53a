"""What stands in a cell: which glyphs belong to it where text runs over a rule, and its lines as
one text.

Takes glyphs with the cell that each lies in (`owner`, -1 for none), and the lines of a cell with
its box. Geometry and digits only: no labels, and no number is put together or cut unless the room in
the cell proves it. Used by `extract.layout.ruled_tables`.

- `beyond_border`, `mend_overrun`, `mend_stacked`, `find_pierced`: where a rule runs through a glyph, or right between
  two digits that touch, text has run over its cell.
- `read_cell_text`: lines are joined by "\\n"; a label of single characters one below the other is one
  word. Digits broken over lines are joined only if the next digit could not have stood on the line
  before (`WRAPPED`); else they stay apart, and are no number.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from extract.document import BBox
from extract.layout.text_lines import SPLIT, Bools, Glyphs, Ints, TextLine

WRAPPED: Final = 0.9  # confidence in a number joined from two lines

_TOUCH: Final = 0.12  # of the size: a gap below this joins two glyphs of one run
_TOP, _FOOT = 0.5, 0.15  # of the size, above the baseline: between these a glyph has ink
_LEADS: Final = "（＋－￥＜＞"  # a number may begin with these
_TALL: Final = 0.65  # of the size, above the baseline: where a Chinese character ends
_STEP: Final = (
    0.6,
    1.3,
)  # of the size, from one baseline to the next where characters stand one below the other
_PIERCED: Final = 0.15  # of the advance: a rule this far inside a glyph runs through it

_CLOSE: Final = 1.4  # of the size, from baseline to baseline: lines of one paragraph
_ALIGNED: Final = 0.12  # of a digit: lines that are so far apart are not set to the same side

_DIGITS: Final = re.compile(r"[+\-−－]?\d[\d,.，．]*")
_MORE_DIGITS: Final = re.compile(r"[\d,.，．]+")
_TAIL: Final = re.compile(r"([\d,.，．]*)[^\W\d_]{0,2}(?:\s*[（(].*)?", re.DOTALL)
_UNIT: Final = re.compile(r"[^\W\d_]{1,2}")


def beyond_border(glyphs: Glyphs, left: float, right: float) -> Bools:
    """The glyphs that an outer border runs through, or that stand right beside it on the outer side:
    no border of theirs.
    """
    end = glyphs.x + glyphs.advance
    over_left = (glyphs.x < left) & (end > left - glyphs.size)
    over_right = (glyphs.x < right + glyphs.size) & (end > right)
    beyond: Bools = (glyphs.turn == 0) & (over_left | over_right)
    return beyond


def find_pierced(owner: Ints, glyphs: Glyphs, frames: Sequence[BBox]) -> set[int]:
    """The cells whose upper or lower border runs through a glyph: it may belong to the row above or
    below.
    """
    held = np.flatnonzero((owner >= 0) & (glyphs.turn == 0))
    edges, cells = np.array(frames), owner[held]
    y, size = glyphs.y[held], glyphs.size[held]
    through = (y - _TOP * size < edges[cells, 1]) | (y - _FOOT * size > edges[cells, 3])
    return set(cells[through].tolist()) if through.any() else set()


def mend_stacked(owner: Ints, glyphs: Glyphs, frames: Sequence[BBox]) -> set[int]:
    """Mend `owner` where a label of single characters one below the other goes on beyond its cell:
    the cells in doubt.

    The character that the cell's upper border runs through goes to the cell above if that holds
    nothing but such a column, right above it.
    """
    found: set[int] = set()
    held = np.flatnonzero((owner >= 0) & (glyphs.turn == 0))
    tops = np.array(frames)[owner[held], 1]
    for i in held[glyphs.y[held] - _TALL * glyphs.size[held] < tops].tolist():
        x, y, size, cell = glyphs.x[i], glyphs.y[i], glyphs.size[i], int(owner[i])
        near = held[
            (np.abs(glyphs.x[held] - x) < _TOUCH * size)
            & (glyphs.y[held] < y - _STEP[0] * size)
            & (glyphs.y[held] > y - _STEP[1] * size)
        ].tolist()
        if len(near) != 1 or glyphs.text[i].isdigit() or owner[near[0]] == cell:
            continue
        column = np.flatnonzero(owner == owner[near[0]])
        if (
            len(column) > 1
            and (np.abs(glyphs.x[column] - x) < _TOUCH * size).all()
            and not any(glyphs.text[k].isdigit() for k in column.tolist())
        ):
            owner[i] = owner[near[0]]
            found |= {cell, int(owner[i])}
    return found


def mend_overrun(owner: Ints, glyphs: Glyphs, xs: list[float]) -> tuple[dict[int, str], set[int]]:
    """Mend `owner` where a run of glyphs that touch crosses a rule; texts that no cell can claim,
    and the cells in doubt.

    Where the rule goes through a glyph, the run belongs to the cell that holds more of it. Where it
    goes between two digits, either may be meant: both cells get the whole run, broken at the rule,
    which is no number.
    """
    joins = (owner[1:] != owner[:-1]) & (glyphs.turn[1:] == 0) & _touching(glyphs)
    texts: dict[int, str] = {}
    in_doubt: set[int] = set()
    for i in np.flatnonzero(joins).tolist():
        one, two = glyphs.text[i][-1:], glyphs.text[i + 1][:1]
        if (
            two.isdigit()
            and (one >= "\u2e80" and one not in _LEADS)
            and owner[i] >= 0
            and owner[i + 1] >= 0
        ):
            in_doubt |= {
                int(owner[i]),
                int(owner[i + 1]),
            }  # words that end at the rule, and the number of the next cell right behind them
            continue
        start, end = _run(i, glyphs)
        held = owner[start:end].tolist()
        cells = set(held) - {-1}
        if len(cells) < 2:
            owner[start:end] = cells.pop()  # out over the border of the table, or mended already
            in_doubt |= set(owner[start:end].tolist())
            continue
        left, right = glyphs.x[start:end], glyphs.x[start:end] + glyphs.advance[start:end]
        slack = _PIERCED * glyphs.advance[start:end]
        through = any(((left + slack < x) & (x < right - slack)).any() for x in xs)
        if through:
            owner[start:end] = max(cells, key=held.count)
            in_doubt |= cells
        elif glyphs.text[i][-1:].isdigit() and glyphs.text[i + 1][:1].isdigit():
            broken = "\n".join(
                "".join(glyphs.text[start + k] for k, n in enumerate(held) if n == cell)
                for cell in dict.fromkeys(held)
            )
            texts |= dict.fromkeys(cells, broken)
            in_doubt |= cells
    return texts, in_doubt


def _touching(glyphs: Glyphs) -> Bools:
    """For each glyph but the last, whether the next goes on right behind it."""
    gap = glyphs.x[1:] - glyphs.x[:-1] - glyphs.advance[:-1]
    size = np.maximum(glyphs.size[1:], glyphs.size[:-1])
    return (np.abs(gap) < _TOUCH * size) & (np.abs(glyphs.y[1:] - glyphs.y[:-1]) < _TOUCH * size)


def _run(i: int, glyphs: Glyphs) -> tuple[int, int]:
    """The first glyph of the run that goes over glyph `i`, and the one behind its last."""
    touching = _touching(glyphs)
    start = end = i
    while start > 0 and touching[start - 1]:
        start -= 1
    while end < len(touching) and touching[end]:
        end += 1
    return start, end + 1


def find_least_margin(held: Sequence[Sequence[TextLine]], frames: Sequence[BBox]) -> float:
    """The least room beside any line of a table; only asked for where a number may be broken over
    lines, else 0.
    """
    if not any(
        len(ls) > 1 and ls[0].text[-1:].isdigit() and ls[1].text[:1].isdigit() for ls in held
    ):
        return 0.0
    rooms = (
        min(line.start - frame[0], frame[2] - line.end)
        for ls, frame in zip(held, frames, strict=True)
        for line in ls
        if not line.turn
    )
    return max(0.0, min(rooms, default=0.0))


def is_digits(text: str) -> bool:
    return _MORE_DIGITS.fullmatch(text) is not None


def read_cell_text(held: list[TextLine], frame: BBox, margin: float) -> tuple[str, float]:
    """The text of a cell and how sure it is.

    `margin` is the least room beside any line of the table.
    """
    if len(held) == 1:
        return held[0].text.replace(SPLIT, "\n"), 1.0
    texts = [line.text.replace(SPLIT, "\n") for line in held]
    if all(len(t) == 1 and not t.isdigit() for t in texts):
        return "".join(texts), 1.0
    if _DIGITS.fullmatch(texts[0]):
        if len(texts) == 2 and _UNIT.fullmatch(texts[1]):
            return "".join(texts), 1.0
        parts = next(
            (n for n, t in enumerate(texts[1:], 1) if not _MORE_DIGITS.fullmatch(t)), len(texts)
        )
        tail = _TAIL.fullmatch("\n".join(texts[parts:]))
        # the last digits may have their unit or a remark behind them
        parts += bool(tail and tail[1])
        if (
            tail
            and parts > 1
            and all(_is_full(a, b, frame, margin) for a, b in pairwise(held[:parts]))
        ):
            return "\n".join(("".join(texts[:parts]), *texts[parts:])), WRAPPED
    return "\n".join(texts), 1.0


def _is_full(line: TextLine, below: TextLine, frame: BBox, margin: float) -> bool:
    """Whether the first digit of the line below could not have stood at the end of this one.

    There is no room in the cell for it at all, or none behind this line, which does not stand as a
    number of its own would: in one column with the line below, be it to the left, right or middle.
    Blanks stood before it, or words that are struck out.
    """
    digits = _MORE_DIGITS.match(below.text)
    if (
        line.turn
        or below.turn
        or line.text[0] == "0"
        or digits is None
        or len(digits[0]) > len(line.text)
    ):
        return False
    width = line.end - line.start
    digit = width / len(line.text)
    # nearer than two rows are: no rule is missing between them
    together = below.level - line.level < _CLOSE * max(line.size, digit)
    if (
        together
        and digit > frame[2] - margin - line.end
        and not _in_one_column(line, below, _ALIGNED * digit)
    ):
        return True
    return (together or len(line.text) > 1) and width + digit > frame[2] - frame[0] - 2 * margin


def _in_one_column(one: TextLine, two: TextLine, near: float) -> bool:
    places = (
        (one.start, two.start),
        (one.end, two.end),
        ((one.start + one.end) / 2, (two.start + two.end) / 2),
    )
    return any(abs(a - b) < near for a, b in places)
