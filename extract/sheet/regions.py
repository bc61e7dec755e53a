"""One sheet of a workbook to blocks: prose as paragraphs, tables as grids, from top to bottom.

Takes a `Worksheet`, which both spreadsheet formats fill; `blocks(sheet)` gives what a person sees
of it. See `extract.sheet.read` for the rules that part prose from tables. Raises ReadError
TOO_LARGE for merged ranges that cover everything many times.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from extract import limits
from extract.document import UNREADABLE, Block, Cell, Paragraph, ReadError, Reason
from extract.sheet.number_format import format_number, read_number
from extract.table_limits import LARGE_TABLE_REMARK, is_too_large, table_blocks

LONG: Final = 80  # characters; the longest row label of the known forms has under 45
BLANK_ROWS: Final = 5  # blank rows with lines that may end a table; more are a format that runs on
# row pieces that merged ranges may cover in a sheet: honest ones cover some thousands
_COVERED: Final = 200_000
_LETTER: Final = re.compile(r"[^\W\d_]")

# first row, first column, row after the last, column after the last
Range = tuple[int, int, int, int]


@dataclass
class Worksheet:
    """A sheet as both formats give it; rows and columns count from 0 and include hidden ones."""

    name: str
    shows_zeros: bool = True
    epoch_1904: bool = False
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merges: list[Range] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_cols: set[int] = field(default_factory=set)
    # row -> first and last column of its cells with lines around them
    ruled: dict[int, tuple[int, int]] = field(default_factory=dict)
    uncalculated: int = 0
    veiled: int = 0  # numbers that their format or the sheet shows as nothing
    crossed_out: int = 0  # cells whose text is struck out
    unknown_formats: set[str] = field(default_factory=set)
    too_large: bool = False  # a table of it was left out

    def note_lines(self, row: int, col: int) -> None:
        """Note that the cell has lines around it."""
        first, last = self.ruled.get(row, (col, col))
        self.ruled[row] = (min(first, col), max(last, col))

    def put(self, row: int, col: int, text: str, has_line_through: bool) -> None:
        """Give the cell its text, unless it has none or it is struck out."""
        if has_line_through:
            self.crossed_out += bool(text.strip())
        elif text.strip():
            self.cells[row, col] = text

    def note_formula_without_result(self) -> str:
        """The text of a cell that holds a formula and no result."""
        self.uncalculated += 1
        return UNREADABLE

    def note_large_table(self) -> None:
        """Note that a table of the sheet was left out."""
        self.too_large = True

    def show_number(self, raw: str, number_format: str) -> str:
        """The text shown for the number `raw`."""
        value = read_number(raw)
        if value is None:
            return raw
        seen = self.shows_zeros or bool(value)
        text = format_number(value, number_format, self.epoch_1904) if seen else ""
        if text is None:
            self.unknown_formats.add(number_format)
            return format(value, "f")
        self.veiled += not text.strip()
        return text

    def remarks(self) -> Iterator[str]:
        """What had to be decided while this sheet was read."""
        left_out = [
            f"{len(found)} {what}"
            for found, what in ((self.hidden_rows, "rows"), (self.hidden_cols, "columns"))
            if found
        ]
        if left_out:
            yield f"sheet {self.name!r}: hidden and left out: {', '.join(left_out)}"
        if self.too_large:
            yield LARGE_TABLE_REMARK
        if self.uncalculated:
            yield (
                f"sheet {self.name!r}: {self.uncalculated} formulas whose result is not in "
                "the file; open it in a spreadsheet program and save it"
            )
        if self.veiled:
            yield (
                f"sheet {self.name!r}: {self.veiled} numbers that their format shows as nothing, "
                "read as blank"
            )
        if self.crossed_out:
            yield f"sheet {self.name!r}: {self.crossed_out} cells are struck out and read as blank"
        for code in sorted(self.unknown_formats):
            yield (
                f"sheet {self.name!r}: number format {code!r} is not understood, the full value "
                "is given"
            )


@dataclass(frozen=True, slots=True)
class _SheetCell:
    """A cell or merged range in visible rows and columns; `bottom` and `right` are one past the
    last.
    """

    text: str
    top: int
    left: int
    bottom: int
    right: int


def _visible_pieces(sheet: Worksheet) -> list[_SheetCell]:
    """All cells with text and merged ranges, hidden rows and columns taken out of the count."""
    rows, cols = sorted(sheet.hidden_rows), sorted(sheet.hidden_cols)

    def seen(first_row: int, first_col: int, end_row: int, end_col: int, text: str) -> _SheetCell:
        top, bottom = first_row - bisect_left(rows, first_row), end_row - bisect_left(rows, end_row)
        left, right = first_col - bisect_left(cols, first_col), end_col - bisect_left(cols, end_col)
        return _SheetCell(text, top, left, bottom, right)

    last = max((r for r, _ in sheet.cells), default=-1) + 1
    covered: dict[int, list[tuple[int, int]]] = {}
    pieces: list[_SheetCell] = []
    budget = _COVERED
    for r0, c0, r1, c1 in sheet.merges:
        r1 = min(r1, last)
        budget -= max(0, r1 - r0)
        if budget < 0:
            raise ReadError(
                Reason.TOO_LARGE,
                f"sheet {sheet.name!r}: the merged ranges cover more than {_COVERED} rows",
            )
        for row in range(r0, r1):
            covered.setdefault(row, []).append((c0, c1))
        pieces.append(seen(r0, c0, r1, c1, sheet.cells.get((r0, c0), "")))
    for (row, col), text in sheet.cells.items():
        if not any(c0 <= col < c1 for c0, c1 in covered.get(row, ())):
            pieces.append(seen(row, col, row + 1, col + 1, text))
    return [p for p in pieces if p.bottom > p.top and p.right > p.left]


def _ruled_rows(
    sheet: Worksheet, text_rows: dict[int, list[_SheetCell]]
) -> dict[int, tuple[int, int]]:
    """Visible rows with lines around cells, and the extent of these; empty if most rows of several
    cells have none.
    """
    rows, cols = sorted(sheet.hidden_rows), sorted(sheet.hidden_cols)
    ruled: dict[int, tuple[int, int]] = {}
    for row, (first, last) in sheet.ruled.items():
        left, right = first - bisect_left(cols, first), last + 1 - bisect_left(cols, last + 1)
        if row not in sheet.hidden_rows and right > left:
            ruled[row - bisect_left(rows, row)] = (left, right)
    several = [row for row, held in text_rows.items() if len(held) > 1]
    return ruled if 2 * sum(row in ruled for row in several) >= max(1, len(several)) else {}


def _blank_rows(
    ruled: dict[int, tuple[int, int]], text_rows: dict[int, list[_SheetCell]]
) -> set[int]:
    """Rows without text that lines make part of the table above, unless there are so many that the
    format just runs on.
    """
    blank: set[int] = set()
    for row in text_rows:
        if row not in ruled or row + 1 in text_rows:
            continue
        end = row + 1
        while end in ruled and end not in text_rows and end - row <= BLANK_ROWS + 1:
            end += 1
        if end - row - 1 <= BLANK_ROWS:
            blank.update(range(row + 1, end))
    return blank


def blocks(sheet: Worksheet) -> Iterator[Block]:
    """The sheet from top to bottom, cut at empty rows."""
    pieces = _visible_pieces(sheet)
    by_row: dict[int, list[_SheetCell]] = {}
    blanks: dict[int, list[_SheetCell]] = {}
    for piece in pieces:
        if not piece.text:
            blanks.setdefault(piece.top, []).append(piece)
            continue
        for row in range(piece.top, piece.bottom):
            by_row.setdefault(row, []).append(piece)
    ruled = _ruled_rows(sheet, by_row)
    for row in _blank_rows(ruled, by_row):
        by_row[row] = []
    layout = _VisibleRows(sheet, by_row, blanks, ruled)
    start: int | None = None
    for row in sorted(by_row):
        if start is None:
            start = row
        if row + 1 not in by_row:
            yield from _block(layout, start, row + 1)
            start = None


@dataclass(frozen=True, slots=True)
class _VisibleRows:
    """A sheet's visible rows: the pieces with text in each, blank merged ranges by first row, and
    the rows with lines.
    """

    sheet: Worksheet
    by_row: dict[int, list[_SheetCell]]
    blanks: dict[int, list[_SheetCell]]
    ruled: dict[int, tuple[int, int]]


def _block(layout: _VisibleRows, start: int, end: int) -> Iterator[Block]:
    """Rows `start` to `end`, none of them empty: prose as paragraphs, the rest as grids."""
    by_row = layout.by_row
    several = [row for row in range(start, end) if len(by_row[row]) > 1]
    right = max((piece.right for row in several for piece in by_row[row]), default=0)
    table_from = row = start
    while row < end:
        piece = by_row[row][0] if by_row[row] else None
        if piece is None or not all(len(by_row[r]) == 1 for r in range(piece.top, piece.bottom)):
            row += 1
            continue
        if _is_prose(piece, several, right, layout.ruled):
            yield from _grid(layout, table_from, row)
            yield from (
                Paragraph(text)
                for line in piece.text.splitlines()
                if (text := " ".join(line.split()))
            )
            table_from = piece.bottom
        row = piece.bottom
    yield from _grid(layout, table_from, end)


def _is_prose(
    piece: _SheetCell, several: list[int], right: int, ruled: dict[int, tuple[int, int]]
) -> bool:
    if not _LETTER.search(piece.text):
        return False  # a number without a label is still a number of a table
    if len(piece.text) > LONG:
        return True
    if ruled:
        return not any(row in ruled for row in range(piece.top, piece.bottom))
    if not several or piece.top < several[0]:
        return True
    # Behind the table a label whose cells are all blank looks like a note; only a cell merged to
    # the table's end leaves no blank beside it.
    return piece.top > several[-1] and piece.right - piece.left > 1 and piece.right >= right


def _grid(layout: _VisibleRows, start: int, end: int) -> Iterator[Block]:
    """Rows `start` to `end` as one grid without empty outer columns; nothing if there is no text in
    them, or they are too many.
    """
    pieces = list(dict.fromkeys(p for row in range(start, end) for p in layout.by_row[row]))
    if not pieces:
        return
    left, right = _extent(layout, pieces, start, end)
    if is_too_large(end - start, right - left):
        layout.sheet.note_large_table()
        return
    pieces += [
        p for row in range(start, end) for p in layout.blanks.get(row, ()) if left <= p.left < right
    ]
    cells: list[Cell] = []
    covered: set[tuple[int, int]] = set()
    for p in pieces:
        bottom, end_col = min(p.bottom, end), min(p.right, right)
        text = p.text.strip()
        cells.append(Cell(text, p.top - start, p.left - left, bottom - p.top, end_col - p.left))
        covered.update(product(range(p.top, bottom), range(p.left, end_col)))
    cells += [
        Cell("", r - start, c - left)
        for r, c in product(range(start, end), range(left, right))
        if (r, c) not in covered
    ]
    yield from table_blocks(cells)


def _extent(
    layout: _VisibleRows, pieces: list[_SheetCell], start: int, end: int
) -> tuple[int, int]:
    """First column and the one behind the last: those of the text, and of the lines around cells
    if these do not run on.
    """
    left, right = min(p.left for p in pieces), max(p.left for p in pieces) + 1
    lined = [layout.ruled[row] for row in range(start, end) if row in layout.ruled]
    ruled_left = min([left, *(first for first, _ in lined)])
    ruled_right = max([right, *(behind for _, behind in lined)])
    runs_on = ruled_right - ruled_left > limits.TABLE_COLUMNS
    return (left, right) if runs_on else (ruled_left, ruled_right)
