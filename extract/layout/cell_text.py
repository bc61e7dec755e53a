"""The lines of a cell as one text.

Takes the lines of a cell with its frame. Lines are joined by "\\n"; a label of single characters
one below the other is one word. Digits broken over lines are joined only if the next digit could
not have stood on the line before (`WRAPPED`); else they stay apart, and are no number. Geometry and
digits only: no labels, and no number is put together unless the room in the cell proves it.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from extract.document import BBox
from extract.layout.text_lines import SPLIT, TextLine
from extract.number_text import SIGN, is_wrapped_unit

WRAPPED: Final = 0.9  # confidence in a number joined from two lines

_LEADING_EM: Final = 1.55  # from baseline to baseline: lines of one paragraph
_ALIGNED_DIGITS: Final = 0.12  # lines that are so far apart are not set to the same side

_DIGITS: Final = re.compile(rf"{SIGN}?\d[\d,.，．]*")
_MORE_DIGITS: Final = re.compile(r"[\d,.，．]+")
_TAIL: Final = re.compile(r"([\d,.，．]*)[^\W\d_]{0,2}(?:\s*[（(].*)?", re.DOTALL)


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
    """Whether the text is digits and the signs between them, nothing else."""
    return _MORE_DIGITS.fullmatch(text) is not None


def read_cell_text(held: list[TextLine], frame: BBox, margin: float) -> tuple[str, float]:
    """The text of a cell and how sure it is.

    `margin` is the least room beside any line of the table.
    """
    texts = [line.text.replace(SPLIT, "\n") for line in held]
    if len(texts) == 1:
        return texts[0], 1.0
    is_stacked = all(len(t) == 1 and not t.isdigit() for t in texts)
    if is_stacked or _is_number_over_unit(texts):
        return "".join(texts), 1.0
    wrapped = _count_wrapped(held, texts, frame, margin)
    if wrapped:
        return "\n".join(("".join(texts[:wrapped]), *texts[wrapped:])), WRAPPED
    return "\n".join(texts), 1.0


def _is_number_over_unit(texts: Sequence[str]) -> bool:
    return len(texts) == 2 and _DIGITS.fullmatch(texts[0]) is not None and is_wrapped_unit(texts[1])


def _count_wrapped(
    held: Sequence[TextLine], texts: Sequence[str], frame: BBox, margin: float
) -> int:
    """How many lines from the first on are one number that is broken over them; 0 if none is.

    The last digits may have their unit or a remark behind them.
    """
    if not _DIGITS.fullmatch(texts[0]):
        return 0
    parts = next((n for n, t in enumerate(texts[1:], 1) if not is_digits(t)), len(texts))
    tail = _TAIL.fullmatch("\n".join(texts[parts:]))
    if tail is None:
        return 0
    parts += bool(tail[1])
    full = all(_is_full(a, b, frame, margin) for a, b in pairwise(held[:parts]))
    return parts if parts > 1 and full else 0


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
    together = below.level - line.level < _LEADING_EM * max(line.size, digit)
    if (
        together
        and digit > frame[2] - margin - line.end
        and not _in_one_column(line, below, _ALIGNED_DIGITS * digit)
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
