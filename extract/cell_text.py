"""What stands in a cell: which marks belong to it where text runs over a rule, and its lines as one text.

Takes marks with the cell that each lies in (`owner`, -1 for none), and the lines of a cell with its box. Geometry and digits only:
no labels, and no number is put together or cut unless the room in the cell proves it. Used by `extract.lattice`.

- `beyond`, `overrun` and `pierced`: where a rule runs through a mark, or right between two digits that touch, text has run over
  its cell.
- `cell_text`: lines are joined by "\\n"; a label of single characters one below the other is one word. Digits broken over lines
  are joined only if the next digit could not have stood on the line before (`WRAPPED`); else they stay apart, and are no number.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from extract.document import BBox
from extract.marks import SPLIT, Bools, Ints, Line, Marks

WRAPPED: Final = 0.9  # confidence in a number joined from two lines

_TOUCH: Final = 0.12  # of the size: a gap below this joins two marks of one run
_TOP, _FOOT = 0.5, 0.15  # of the size, above the baseline: between these a mark has ink
_PIERCED: Final = 0.15  # of the advance: a rule this far inside a mark runs through it

_DIGITS: Final = re.compile(r"[+\-−－]?\d[\d,.，．]*")
_MORE_DIGITS: Final = re.compile(r"[\d,.，．]+")
_UNIT: Final = re.compile(r"[^\W\d_]{1,2}")


def beyond(marks: Marks, left: float, right: float) -> Bools:
    """The marks that an outer border runs through, or that stand right beside it on the outer side: no border of theirs."""
    end = marks.x + marks.advance
    over_left = (marks.x < left) & (end > left - marks.size)
    over_right = (marks.x < right + marks.size) & (end > right)
    beyond: Bools = (marks.turn == 0) & (over_left | over_right)
    return beyond


def pierced(owner: Ints, marks: Marks, frames: Sequence[BBox]) -> set[int]:
    """The cells whose upper or lower border runs through a mark: it may belong to the row above or below."""
    held = np.flatnonzero((owner >= 0) & (marks.turn == 0))
    edges, cells = np.array(frames), owner[held]
    y, size = marks.y[held], marks.size[held]
    through = (y - _TOP * size < edges[cells, 1]) | (y - _FOOT * size > edges[cells, 3])
    return set(cells[through].tolist()) if through.any() else set()


def overrun(owner: Ints, marks: Marks, xs: list[float]) -> tuple[dict[int, str], set[int]]:
    """Mend `owner` where a run of marks that touch crosses a rule; texts that no cell can claim, and the cells in doubt.

    Where the rule goes through a mark, the run belongs to the cell that holds more of it. Where it goes between two
    digits, either may be meant: both cells get the whole run, broken at the rule, which is no number.
    """
    joins = (owner[1:] != owner[:-1]) & (marks.turn[1:] == 0) & _touching(marks)
    texts: dict[int, str] = {}
    doubtful: set[int] = set()
    for i in np.flatnonzero(joins).tolist():
        start, end = _run(i, marks)
        held = owner[start:end].tolist()
        cells = set(held) - {-1}
        if len(cells) < 2:
            owner[start:end] = cells.pop()  # out over the border of the table, or mended already
            doubtful |= set(owner[start:end].tolist())
            continue
        left, right = marks.x[start:end], marks.x[start:end] + marks.advance[start:end]
        slack = _PIERCED * marks.advance[start:end]
        through = any(((left + slack < x) & (x < right - slack)).any() for x in xs)
        if through:
            owner[start:end] = max(cells, key=held.count)
            doubtful |= cells
        elif marks.text[i][-1:].isdigit() and marks.text[i + 1][:1].isdigit():
            broken = "\n".join("".join(marks.text[start + k] for k, n in enumerate(held) if n == cell) for cell in dict.fromkeys(held))
            texts |= dict.fromkeys(cells, broken)
            doubtful |= cells
    return texts, doubtful


def _touching(marks: Marks) -> Bools:
    """For each mark but the last, whether the next goes on right behind it."""
    gap = marks.x[1:] - marks.x[:-1] - marks.advance[:-1]
    size = np.maximum(marks.size[1:], marks.size[:-1])
    return (np.abs(gap) < _TOUCH * size) & (np.abs(marks.y[1:] - marks.y[:-1]) < _TOUCH * size)


def _run(i: int, marks: Marks) -> tuple[int, int]:
    """The first mark of the run that goes over mark `i`, and the one behind its last."""
    touching = _touching(marks)
    start = end = i
    while start > 0 and touching[start - 1]:
        start -= 1
    while end < len(touching) and touching[end]:
        end += 1
    return start, end + 1


def least_margin(held: Sequence[Sequence[Line]], frames: Sequence[BBox]) -> float:
    """The least room beside any line of a table; only asked for where a number may be broken over lines, else 0."""
    if not any(len(ls) > 1 and ls[0].text[-1:].isdigit() and ls[1].text[:1].isdigit() for ls in held):
        return 0.0
    rooms = (min(line.start - frame[0], frame[2] - line.end) for ls, frame in zip(held, frames, strict=True) for line in ls if not line.turn)
    return max(0.0, min(rooms, default=0.0))


def is_digits(text: str) -> bool:
    return _MORE_DIGITS.fullmatch(text) is not None


def cell_text(held: list[Line], frame: BBox, margin: float) -> tuple[str, float]:
    """The text of a cell and how sure it is. `margin` is the least room beside any line of the table."""
    if len(held) == 1:
        return held[0].text.replace(SPLIT, "\n"), 1.0
    texts = [line.text.replace(SPLIT, "\n") for line in held]
    if all(len(t) == 1 and not t.isdigit() for t in texts):
        return "".join(texts), 1.0
    if _DIGITS.fullmatch(texts[0]):
        if len(texts) == 2 and _UNIT.fullmatch(texts[1]):
            return "".join(texts), 1.0
        if all(_MORE_DIGITS.fullmatch(t) for t in texts[1:]) and all(_is_full(a, b, frame, margin) for a, b in pairwise(held)):
            return "".join(texts), WRAPPED
    return "\n".join(texts), 1.0


def _is_full(line: Line, below: Line, frame: BBox, margin: float) -> bool:
    """Whether the first digit of the line below could not have stood at the end of this one."""
    if line.turn or below.turn or len(line.text) < 2 or line.text[0] == "0" or len(below.text) > len(line.text):
        return False
    digit = (line.end - line.start) / len(line.text)
    return line.end - line.start + digit > frame[2] - frame[0] - 2 * margin
