"""A table row that a page break cuts in two, put together again on the side where its values stand.

Takes the pieces of a document in reading order (tables, and lines between them); gives them back
with cut rows mended. Only tables that follow one another on two pages are looked at, with nothing
between but lines at the pages' edges.

Two parts are one row if their cells stand one below the other, no cell holds something above and a
value below, and
- the words below can only go on from those above: an open bracket, a full line and no list mark
  behind it, no mark between items 3 and 4;
- or no cell holds something on both sides, and only one side has words, or none: the break put a
  label and its values on two pages, or some values here and some there;
- or one side has the label and the other has none.
A break may run through the numbers themselves: `1` above and `08` below. Where the part below has
no label of its own, and any cell has digits on both sides, each such cell gets the words of both
parts (`1\\n08`), which are no number, and never those of one part.

The words move to the part that holds the values, so that a value keeps its page and box; where both
hold some, to the part above. Rows that the page below prints again from the head of the table are
stepped over. What is not certain stays two rows. A merged cell over several rows stays cut, each
page has its part, unless its part would go with the cut row.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from extract.document import Cell, Grid, grid_of
from extract.layout.text_lines import TextLine
from extract.number_text import is_value, is_wrapped_unit

MOVED: Final = 0.9  # confidence in a value whose row is on the page before

_BESIDE_PT: Final = 4.0  # points between the sides of two cells that stand one below the other
# ems left at the end of a full line: not enough for a character and the cell's margin
_FULL_EM: Final = 1.7
_LONG_CHARACTERS: Final = (
    5  # characters; a shorter label without a list mark may fill its line by chance
)
_DIGIT: Final = re.compile(r"\d")
_NUMERALS: Final = re.compile(r"[\d一二三四五六七八九十]")
_COUNT: Final = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_ABOVE, _BELOW = "above", "below"
_LIST_MARK: Final = re.compile(
    r"\s*(?:[(（]?[一二三四五六七八九十\d]{1,3}[)）、.．]|第[一二三四五六七八九十]+[章节条])"
)


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table of one page.

    `room`: for cells of its last row, by column, the ems that their last line leaves at its end.
    """

    grid: Grid
    page: int
    room: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class PageLine:
    """One line of prose, the margins of the text on its page, and whether it stands at the page's
    upper or lower edge.
    """

    line: TextLine
    page: int
    left: float
    right: float
    at_edge: bool = False


def mend_cut_rows(pieces: Sequence[PageTable | PageLine]) -> list[PageTable | PageLine]:
    """The pieces with every cut row whole; a page's part that held nothing else is gone."""
    done: list[PageTable | PageLine] = []
    above: int | None = None  # where in `done` the table stands that the next one may go on
    printed: dict[int, set[str]] = {}
    for piece in pieces:
        if isinstance(piece, PageLine):
            # what stands on every page: a header without rules
            is_repeated = piece.line.text in printed.get(piece.page - 1, ())
            above = above if piece.at_edge or is_repeated else None
            printed.setdefault(piece.page, set()).add(piece.line.text)
            done.append(piece)
            continue
        lower = piece
        if above is not None:
            done[above], lower = _join_if_next(done[above], piece)
        above = len(done)
        done.append(lower)
    return [p for p in done if isinstance(p, PageLine) or p.grid.cells]


def _join_if_next(
    upper: PageTable | PageLine, lower: PageTable
) -> tuple[PageTable | PageLine, PageTable]:
    if isinstance(upper, PageLine) or lower.page != upper.page + 1:
        return upper, lower
    return _join_parts(upper, lower)


def _join_parts(upper: PageTable, lower: PageTable) -> tuple[PageTable, PageTable]:
    """Both parts of a table, the cut row in one of them; as they are if no row is cut."""
    last, first = upper.grid.n_rows - 1, _count_repeated_rows(upper.grid, lower.grid)
    meeting = _find_meeting(upper.grid, lower.grid, first)
    pairs = [(one, two) for one, two in meeting if one.row_span == two.row_span == 1]
    if len(pairs) < 2:
        return upper, lower
    behind = {c.col: c.text for c in lower.grid.cells if c.row == first + 1}
    side = _side_of_cut_row(_Parts(pairs, upper.room, behind))
    if side == _ABOVE:
        changes = {id(one): _together(one, two, one) for one, two in meeting if two.row_span == 1}
        return replace(upper, grid=_changed(upper.grid, changes, None)), replace(
            lower, grid=_changed(lower.grid, {}, first)
        )
    if side == _BELOW:
        changes = {id(two): _together(one, two, two) for one, two in meeting if one.row_span == 1}
        return replace(upper, grid=_changed(upper.grid, {}, last), room={}), replace(
            lower, grid=_changed(lower.grid, changes, None)
        )
    return upper, lower


def _find_meeting(upper: Grid, lower: Grid, first: int) -> list[tuple[Cell, Cell]]:
    """The cells of the last row above and of row `first` below that stand one below the other; none
    where a cell that holds something has no other.
    """
    ends = [c for c in upper.cells if c.row + c.row_span == upper.n_rows]
    heads = [c for c in lower.cells if c.row <= first < c.row + c.row_span]
    meeting = [(one, two) for one in ends for two in heads if _stands_below(one, two)]
    met = {id(c) for pair in meeting for c in pair}
    single = (c for c in (*ends, *heads) if c.text and c.row_span == 1)
    return meeting if all(id(c) in met for c in single) else []


@dataclass(frozen=True, slots=True)
class _Parts:
    """What may be the two parts of a cut row: cells that stand one below the other.

    `room` is that of the part above, `behind` the row below both parts, by column.
    """

    pairs: Sequence[tuple[Cell, Cell]]
    room: Mapping[int, float]
    behind: Mapping[int, str]

    @property
    def values_above(self) -> bool:
        return any(is_value(one.text) for one, _ in self.pairs)

    @property
    def values_below(self) -> bool:
        return any(is_value(two.text) for _, two in self.pairs)

    @property
    def words_above(self) -> bool:
        return any(_has_words(one) for one, _ in self.pairs)

    @property
    def words_below(self) -> bool:
        return any(_has_words(two) for _, two in self.pairs)

    @property
    def on_both(self) -> list[Cell]:
        """The lower cells of the pairs that hold something on both sides."""
        return [two for one, two in self.pairs if one.text and two.text]


def _side_of_cut_row(parts: _Parts) -> str:
    """On which side of the break the row of these cells belongs; "" if they are of two rows."""
    if any(is_value(one.text) and is_value(two.text) for one, two in parts.pairs):
        return _ABOVE if _is_cut_in_numbers(parts) else ""
    if any(one.text and is_value(two.text) for one, two in parts.pairs):
        return ""
    values_above, values_below = parts.values_above, parts.values_below
    if not (values_above or values_below) or not _is_one_row(parts):
        return ""
    if values_above and not values_below and not parts.words_below:
        return ""
    return _ABOVE if values_above else _BELOW


def _is_cut_in_numbers(parts: _Parts) -> bool:
    """Whether the break runs through the numbers of one row: cells hold digits on both sides.

    The part below has no label, or one that can only go on from that above, and some cells hold
    their whole value on one side. Where all hold values on both sides and both have labels, they
    are two rows.
    """
    values = [(one, two) for one, two in parts.pairs if is_value(one.text) or is_value(two.text)]
    both = [(one, two) for one, two in values if is_value(one.text) and is_value(two.text)]
    above, _ = min(parts.pairs, key=lambda pair: pair[0].col)
    if not _has_words(above) or any(_has_words(one) and is_value(two.text) for one, two in values):
        return False
    if not any(_DIGIT.search(one.text) and _DIGIT.search(two.text) for one, two in both):
        return False
    is_labelled = any(_has_words(two) and not is_value(one.text) for one, two in parts.pairs)
    return not is_labelled or (len(both) < len(values) and _words_go_on(parts))


def _is_one_row(parts: _Parts) -> bool:
    """Whether the parts are of one row, where no cell holds something above and a value below."""
    above, below = min(parts.pairs, key=lambda pair: pair[0].col)
    on_both = parts.on_both
    if _has_words(above) != _has_words(below) and (
        _has_words(above) or all(is_wrapped_unit(two.text) for two in on_both)
    ):
        return True  # one label for what stands on both sides
    if not on_both and not (parts.words_above and parts.words_below):
        words = parts.words_above or parts.words_below
        return words or (parts.values_above and parts.values_below)
    if _words_go_on(parts):
        return True
    worded = [two for _, two in parts.pairs if _has_words(two)]
    return (
        on_both == [below]
        and len(worded) == 1
        and not parts.values_below
        and _follows(above.text, below.text, parts.behind.get(below.col, ""))
    )


def _words_go_on(parts: _Parts) -> bool:
    """Whether any words of the part below can only go on from those above."""
    return any(
        _goes_on(one.text, two.text, parts.room.get(one.col, 9.0))
        for one, two in parts.pairs
        if _has_words(two)
    )


def _count_repeated_rows(upper: Grid, lower: Grid) -> int:
    """How many rows at the head of the part below are those at the head of the part above: printed
    again on each page.
    """
    rows = 0
    while rows < min(upper.n_rows, lower.n_rows) - 1:
        one, two = (
            [(c.text, c.col, c.col_span, c.row_span) for c in g.cells if c.row == rows]
            for g in (upper, lower)
        )
        if one != two or not any(text for text, *_ in one):
            break
        rows += 1
    return rows if all(c.row + c.row_span <= rows or c.row >= rows for c in lower.cells) else 0


def _stands_below(one: Cell, two: Cell) -> bool:
    if one.bbox is None or two.bbox is None:
        return False
    return (
        abs(one.bbox[0] - two.bbox[0]) < _BESIDE_PT and abs(one.bbox[2] - two.bbox[2]) < _BESIDE_PT
    )


def _has_words(cell: Cell) -> bool:
    return bool(cell.text.strip()) and not is_value(cell.text)


def _goes_on(above: str, below: str, room: float) -> bool:
    """Whether the words below cannot begin a row of their own."""
    if not above or _LIST_MARK.match(below):
        return False
    opened = sum(c in "(（" for c in above) - sum(c in ")）" for c in above)
    by_chance = (
        len(above) < _LONG_CHARACTERS and "\n" not in above and _LIST_MARK.match(above) is None
    )
    return opened > 0 or (room < _FULL_EM and not by_chance)


def _follows(above: str, below: str, behind: str) -> bool:
    """Whether the words below stand, without a list mark, between an item of a list and the next
    one.
    """
    list_marks = [_LIST_MARK.match(text) for text in (above, below, behind)]
    if list_marks[0] is None or list_marks[1] is not None or list_marks[2] is None:
        return False
    one, two = ("".join(_NUMERALS.findall(mark[0])) for mark in (list_marks[0], list_marks[2]))
    if one.isdigit() and two.isdigit():
        return int(two) == int(one) + 1
    return one in _COUNT and two in _COUNT and _COUNT.index(two) == _COUNT.index(one) + 1


def _together(one: Cell, two: Cell, kept: Cell) -> Cell:
    """The kept one of two parts with the words of both; a value that stands only in the other part
    is less sure.
    """
    unit = is_value(one.text) and is_wrapped_unit(two.text)
    text = one.text + two.text if unit else "\n".join(t for t in (one.text, two.text) if t)
    return kept._replace(
        text=text, confidence=MOVED if is_value(two.text) and kept is one else kept.confidence
    )


def _changed(grid: Grid, changes: Mapping[int, Cell], without: int | None) -> Grid:
    """The grid with some cells changed (by their identity), and without one row: cells that begin
    and end there go.
    """
    cells = (changes.get(id(c), c) for c in grid.cells)
    return grid_of(cells if without is None else _without_row(cells, without), grid.page)


def _without_row(cells: Iterable[Cell], row: int) -> Iterable[Cell]:
    for cell in cells:
        if cell.row > row:
            yield cell._replace(row=cell.row - 1)
        elif cell.row + cell.row_span <= row:
            yield cell
        elif cell.row_span > 1:
            yield cell._replace(row_span=cell.row_span - 1)
