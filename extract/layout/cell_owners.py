"""Which cell each glyph belongs to where text runs over a rule.

Takes glyphs with the cell in which the middle of each lies (`owner`, -1 for none), and the frames
of the cells; gives the owners mended, and the cells of which it is in doubt what stands in them.
Where a rule runs through a glyph, or right between two digits that touch, text has run over its
cell. Geometry and digits only, no labels. Used by `extract.layout.ruled_tables`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from extract.document import BBox
from extract.layout.text_lines import Bools, Glyphs, Ints

_TOUCH_EM: Final = 0.12  # a gap below this joins two glyphs of one run
# above the baseline: between these a glyph has ink
_INK_TOP_EM, _INK_BOTTOM_EM = 0.5, 0.15
_LEADING_SIGNS: Final = "（＋－￥＜＞"  # a number may begin with these
_CHINESE_TOP_EM: Final = 0.65  # above the baseline: where a Chinese character ends
# from one baseline to the next where characters stand one below the other
_STACKED_STEP_EM: Final = (0.6, 1.3)
_PIERCED_ADVANCES: Final = 0.15  # a rule this far inside a glyph runs through it


@dataclass(frozen=True, slots=True)
class Owners:
    """The cell of each glyph, the cells in doubt, and the texts of cells that share a run."""

    owner: Ints
    in_doubt: frozenset[int] = frozenset()
    texts: tuple[tuple[int, str], ...] = ()


def is_beyond_border(glyphs: Glyphs, left: float, right: float) -> Bools:
    """The glyphs that an outer border runs through, or that stand right beside it on the outer
    side: no border of theirs.
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
    through = (y - _INK_TOP_EM * size < edges[cells, 1]) | (
        y - _INK_BOTTOM_EM * size > edges[cells, 3]
    )
    return set(cells[through].tolist()) if through.any() else set()


def mend_stacked(owner: Ints, glyphs: Glyphs, frames: Sequence[BBox]) -> Owners:
    """The owners where a label of single characters one below the other goes on beyond its cell.

    The character that the cell's upper border runs through goes to the cell above if that holds
    nothing but such a column, right above it.
    """
    owner = owner.copy()
    in_doubt: set[int] = set()
    held = np.flatnonzero((owner >= 0) & (glyphs.turn == 0))
    tops = np.array(frames)[owner[held], 1]
    for i in held[glyphs.y[held] - _CHINESE_TOP_EM * glyphs.size[held] < tops].tolist():
        above = _cell_of_column_above(i, owner, glyphs, held)
        if above is not None:
            in_doubt |= {int(owner[i]), above}
            owner[i] = above
    return Owners(owner, frozenset(in_doubt))


def _cell_of_column_above(i: int, owner: Ints, glyphs: Glyphs, held: Ints) -> int | None:
    """The cell above that holds nothing but a column of characters, glyph `i` right below it."""
    x, y, size = glyphs.x[i], glyphs.y[i], glyphs.size[i]
    least, most = _STACKED_STEP_EM
    near = held[
        (np.abs(glyphs.x[held] - x) < _TOUCH_EM * size)
        & (glyphs.y[held] < y - least * size)
        & (glyphs.y[held] > y - most * size)
    ].tolist()
    if len(near) != 1 or glyphs.text[i].isdigit() or owner[near[0]] == owner[i]:
        return None
    column = np.flatnonzero(owner == owner[near[0]])
    is_column = (
        len(column) > 1
        and (np.abs(glyphs.x[column] - x) < _TOUCH_EM * size).all()
        and not any(glyphs.text[k].isdigit() for k in column.tolist())
    )
    return int(owner[near[0]]) if is_column else None


def mend_overruns(owner: Ints, glyphs: Glyphs, xs: Sequence[float]) -> Owners:
    """The owners where a run of glyphs that touch crosses a rule at one of `xs`.

    Where the rule goes through a glyph, the run belongs to the cell that holds more of it. Where it
    goes between two digits, either may be meant: both cells get the whole run, broken at the rule,
    which is no number.
    """
    touching = _touching(glyphs)
    crossings = np.flatnonzero((owner[1:] != owner[:-1]) & (glyphs.turn[1:] == 0) & touching)
    owner = owner.copy()
    in_doubt: set[int] = set()
    texts: dict[int, str] = {}
    for i in crossings.tolist():
        if _is_number_behind_words(i, owner, glyphs):
            in_doubt |= {int(owner[i]), int(owner[i + 1])}
            continue
        run = slice(*_run_over(i, touching))
        held = owner[run].tolist()
        cells = set(held) - {-1}
        if len(cells) < 2 or _is_run_through(run, glyphs, xs):
            # out over the border of the table, mended already, or cut by a rule
            owner[run] = max(cells, key=held.count)
            in_doubt |= cells
        elif glyphs.text[i][-1:].isdigit() and glyphs.text[i + 1][:1].isdigit():
            texts |= dict.fromkeys(cells, _broken_at_rules(run, held, glyphs))
            in_doubt |= cells
    return Owners(owner, frozenset(in_doubt), tuple(texts.items()))


def _is_number_behind_words(i: int, owner: Ints, glyphs: Glyphs) -> bool:
    """Whether words end at the rule behind glyph `i`, and the number of the next cell stands right
    behind them.
    """
    one, two = glyphs.text[i][-1:], glyphs.text[i + 1][:1]
    return bool(
        two.isdigit()
        and one >= "\u2e80"
        and one not in _LEADING_SIGNS
        and owner[i] >= 0
        and owner[i + 1] >= 0
    )


def _is_run_through(run: slice, glyphs: Glyphs, xs: Sequence[float]) -> bool:
    """Whether a rule at one of `xs` runs through a glyph."""
    advance = glyphs.advance[run]
    left, right = glyphs.x[run], glyphs.x[run] + advance
    slack = _PIERCED_ADVANCES * advance
    return any(((left + slack < x) & (x < right - slack)).any() for x in xs)


def _broken_at_rules(run: slice, held: Sequence[int], glyphs: Glyphs) -> str:
    """The texts of a run, those of each cell on a line of their own."""
    texts = [glyphs.text[i] for i in range(run.start, run.stop)]
    return "\n".join(
        "".join(text for text, owner in zip(texts, held, strict=True) if owner == cell)
        for cell in dict.fromkeys(held)
    )


def _touching(glyphs: Glyphs) -> Bools:
    """For each glyph but the last, whether the next goes on right behind it."""
    gap = glyphs.x[1:] - glyphs.x[:-1] - glyphs.advance[:-1]
    reach = _TOUCH_EM * np.maximum(glyphs.size[1:], glyphs.size[:-1])
    return (np.abs(gap) < reach) & (np.abs(glyphs.y[1:] - glyphs.y[:-1]) < reach)


def _run_over(i: int, touching: Bools) -> tuple[int, int]:
    """The first glyph of the run that goes over glyph `i`, and the one behind its last."""
    start = end = i
    while start > 0 and touching[start - 1]:
        start -= 1
    while end < len(touching) and touching[end]:
        end += 1
    return start, end + 1
