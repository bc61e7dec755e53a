"""Tables in plain text whose cells a mark sets apart: one cell a line
(`read_dump`), drawn bars (`read_barred`), tabs (`read_tabbed`).

Each parser takes the lines of a text and the index of a line that is not blank, and gives the
`TextBlocks` that begin there, or None where the lines are not in its layout. Rows keep their own
length. See `extract.text.read` for the layouts, and `extract.text.whitespace` for cells that blank
space alone sets apart.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from extract import limits
from extract.document import Block, Cell, Paragraph
from extract.number_text import is_number
from extract.table_limits import is_too_large, table_blocks

BLANK: Final = " \t\u3000\xa0\u2002\u2003\u200b\ufeff"
SHORT: Final = 20  # characters; the second line of a cell is no longer
_PROSE_LENGTH: Final = 20
_LARGE_GAP: Final = 3  # empty lines that part two tables where rows are parted by one

SENTENCE: Final = re.compile(r"[。；！？]")
SECTION: Final = re.compile(r"[一二三四五六七八九十]{1,3}、")
_BARS: Final = re.compile(r"(?<!\\)[|│┃║｜]")
_RULE: Final = re.compile(
    r"[\s|+:│┃║｜\u2500-\u257f=\-]*(?:-{3}|={3}|[─━═])[\s|+:│┃║｜\u2500-\u257f=\-]*"
)
_TIGHT_RULE: Final = re.compile(r"\|?(?::?-:?\|)+(?::?-:?)?")
_MARKDOWN_RULE: Final = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?")
_CORNERS: Final = re.compile(r"[\u2500\u2501\u2550\u250c-\u254b\u2552-\u256c]{2}")
_JOINTS: Final = re.compile(r"[|+│┃║\u250c-\u254b\u2552-\u256c]")
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_HEADING: Final = re.compile(r"#{1,6}\s+")
_RULE_LINE: Final = re.compile(r"[\s=_*\-+─━═—\u2500-\u257f]+")

Row = list[str]


@dataclass(frozen=True, slots=True)
class TextBlocks:
    """What a parser made of the lines from where it was asked up to `end`."""

    blocks: tuple[Block, ...]
    end: int
    remark: str = ""
    unclear: bool = False  # table text whose rows or cells cannot be told apart


def make_paragraphs(lines: Sequence[str]) -> tuple[Paragraph, ...]:
    """One paragraph a line; blank lines and mere rules give none."""
    texts = (
        _HEADING.sub("", " ".join(line.split()), count=1)
        for line in lines
        if not _RULE_LINE.fullmatch(line)
    )
    return tuple(Paragraph(text) for text in texts if text)


def is_sentence(text: str) -> bool:
    """Running text, which no cell of a table of figures holds."""
    return len(text) > _PROSE_LENGTH and SENTENCE.search(text) is not None


def make_table(rows: Sequence[Sequence[Cell]]) -> tuple[Block, ...]:
    """Cells with their places as a grid; a table beyond the limits as a paragraph a row."""
    if not rows:
        return ()
    width = max((cell.col + cell.col_span for row in rows for cell in row), default=0)
    if is_too_large(len(rows), width):
        return make_paragraphs([" ".join(cell.text for cell in row) for row in rows])
    return table_blocks(cell for row in rows for cell in row)


def make_table_in_order(rows: Sequence[Row]) -> tuple[Block, ...]:
    """Rows of texts as a grid, each text in the column of its order."""
    return make_table(
        [[Cell(text, r, c) for c, text in enumerate(row)] for r, row in enumerate(rows)]
    )


# ---- dump


def find_led_cell(line: str) -> str | None:
    """The text of a line that is one cell led by a tab; None for any other line, and for one with
    several cells.
    """
    text = line.strip(BLANK)
    lead = line[: line.index(text)] if text else line
    return text if "\t" in lead and "\t" not in text else None


def drop_inner_blanks(lines: list[str]) -> list[str]:
    """In a dump whose rows are apart by truly empty lines, lines of spaces are empty paragraphs of
    the cell above: left out.
    """
    cells = [find_led_cell(line) is not None for line in lines]
    if any(not lines[i] and cells[i - 1] and cells[i + 1] for i in range(1, len(lines) - 1)):
        return [
            line
            for i, line in enumerate(lines)
            if not line or line.strip(BLANK) or cells[i] or not (i and cells[i - 1])
        ]
    return lines


@dataclass(frozen=True, slots=True)
class _DumpRow:
    """A row of a dump: its cells, the empty lines before it, and the index of its first line."""

    cells: Row
    gap: int
    start: int


def read_dump(lines: list[str], start: int) -> TextBlocks | None:
    """Rows of cells, each cell on its own line led by a tab, rows apart by empty lines."""
    rows, end = _read_dump_rows(lines, start)
    if rows and end < len(lines) and "\t" in lines[end].strip(BLANK):
        end = rows.pop().start  # a line of several cells right behind: there, rows are lines
    if not rows:
        return None
    if max(len(row.cells) for row in rows) > limits.TABLE_COLUMNS:
        remark = (
            "cells on lines of their own, without empty lines between rows: rows cannot be told "
            "apart"
        )
        return TextBlocks(make_paragraphs(lines[start:end]), end, remark, True)
    return TextBlocks(tuple(_dump_blocks(rows)), end)


def _read_dump_rows(lines: list[str], start: int) -> tuple[list[_DumpRow], int]:
    """The rows from `start` on, and the index behind the last of them."""
    rows: list[_DumpRow] = []
    gap, at, end = 1, start, start
    while at < len(lines):
        if find_led_cell(lines[at]) is not None:
            cells, end = _read_dump_row(lines, at)
            rows.append(_DumpRow(cells, gap, at))
            gap, at = 0, end
        elif not lines[at].strip(BLANK):
            gap += 1
            at += 1
        else:
            break
    return rows, end


def _read_dump_row(lines: list[str], start: int) -> tuple[Row, int]:
    """The cells of the row that begins at `start`, and the index behind it."""
    cells: Row = []
    at = start
    while at < len(lines):
        text = lines[at].strip(BLANK)
        cell = find_led_cell(lines[at])
        if cell is not None:
            cells.append(cell)
        elif text and _continues(lines, at, cells[-1]):
            cells[-1] = f"{cells[-1]}\n{text}".lstrip("\n")
        else:
            break
        at += 1
    return cells, at


def _continues(lines: list[str], at: int, cell: str) -> bool:
    """Whether the line at `at`, right behind a cell, is its second line and not prose behind the
    table.
    """
    text = lines[at].strip(BLANK)
    if "\t" in text or is_sentence(text):
        return False
    followed = at + 1 < len(lines) and find_led_cell(lines[at + 1]) is not None
    value = not cell or is_number(cell.split("\n")[0])
    if value or not followed:
        return len(text) <= SHORT and not SECTION.match(text) and not SENTENCE.search(text)
    return True


def _dump_blocks(rows: list[_DumpRow]) -> Iterator[Block]:
    """Rows to grids: prose that a tab indents is taken out, and a large gap before a row of another
    length parts two tables.
    """
    gaps = sorted(row.gap for row in rows[1:])
    usual_gap = gaps[len(gaps) // 2] if gaps else 1
    table: list[Row] = []
    for row in rows:
        is_prose = _is_prose_row(row.cells, table)
        far_off = row.gap >= _LARGE_GAP > usual_gap
        if is_prose or (table and far_off and len(row.cells) != len(table[-1])):
            yield from _table_blocks(table)
            table = []
        if is_prose:
            yield from make_paragraphs([line for cell in row.cells for line in cell.splitlines()])
        else:
            table.append(row.cells)
    yield from _table_blocks(table)


def _is_prose_row(cells: Row, table: list[Row]) -> bool:
    """Whether a row behind those of `table` is running text, or the title of a section."""
    if any(is_sentence(cell) for cell in cells):
        return True
    is_title = len(cells) == 1 and SECTION.match(cells[0]) is not None
    return is_title and not any(len(row) > 1 for row in table)


def _table_blocks(table: list[Row]) -> Iterator[Block]:
    """Rows as a grid; as paragraphs where every row has one cell."""
    if any(len(row) > 1 for row in table):
        yield from make_table_in_order(table)
    else:
        yield from make_paragraphs([cell for row in table for cell in row])


# ---- bars


def _is_partial(rule: str) -> bool:
    """A rule that leaves out a column, whose cell therefore goes on below it."""
    return any(not part.strip() for part in _JOINTS.split(rule)[1:-1])


def _is_rule(line: str, second: bool = False) -> bool:
    return _RULE.fullmatch(line) is not None or (
        second and _TIGHT_RULE.fullmatch(line.strip()) is not None
    )


@dataclass(frozen=True, slots=True)
class _BarredLines:
    """The lines of a table with bars: those between two rules together, the rules, and the index
    behind the last line.
    """

    pieces: tuple[tuple[str, ...], ...]
    rules: tuple[str, ...]
    end: int

    @property
    def drawn(self) -> list[str]:
        """All lines but the rules."""
        return [line for piece in self.pieces for line in piece]


@dataclass(frozen=True, slots=True)
class _Borders:
    """Whether the bars at the left and at the right end of lines are borders; else a bar there has
    an empty cell beside it. `columns` is their number where a rule of Markdown tells it.
    """

    left: bool
    right: bool
    columns: int = 0


def read_barred(lines: list[str], start: int) -> TextBlocks | None:
    """Rows with bars between cells, and rules between rows or behind the header."""
    found = _find_barred_lines(lines, start)
    drawn = found.drawn
    if not drawn:
        return None
    if any(map(_is_partial, found.rules)) or any(_CORNERS.search(line) for line in drawn):
        remark = "a drawn table with rules inside its rows is not understood"
        return TextBlocks(make_paragraphs(lines[start : found.end]), found.end, remark, True)
    borders = _find_borders(drawn, found.rules)
    pieces = [[_split_bars(line, borders) for line in piece] for piece in found.pieces]
    if not found.rules and all(len(row) < 2 for piece in pieces for row in piece):
        return None  # a bar behind each cell, and a cell a line
    if not (found.rules or _holds_rows(pieces, borders)):
        # a path such as "首页 | 政务公开"
        return TextBlocks(make_paragraphs(lines[start : found.end]), found.end)
    rows = [row for piece in pieces for row in _rows_of(piece, alone=len(pieces) <= 2)]
    return TextBlocks(make_table_in_order(rows), found.end)


def _rows_of(piece: list[Row], *, alone: bool) -> list[Row]:
    """The rows between two rules; `alone`: no rule parts rows, but the header's."""
    return [_join_lines(piece)] if not alone and _is_one_row(piece) else piece


def _find_barred_lines(lines: list[str], start: int) -> _BarredLines:
    """The lines from `start` on that have bars or are rules."""
    pieces: list[list[str]] = [[]]
    rules: list[str] = []
    end = start
    while end < len(lines):
        line = lines[end].strip(BLANK)
        if _is_rule(line, second=end == start + 1):
            rules.append(line)
            pieces.append([])
        elif _BARS.search(line):
            pieces[-1].append(line)
        elif line or rules or not _goes_on_behind(lines, end, pieces[-1]):
            break
        end += 1
    return _BarredLines(tuple(tuple(piece) for piece in pieces if piece), tuple(rules), end)


def _holds_rows(pieces: list[list[Row]], borders: _Borders) -> bool:
    """Whether lines are rows: they have both borders, or there are several and a number among
    their cells; without any border all must have as many cells.
    """
    if borders.left and borders.right:
        return True
    rows = [row for piece in pieces for row in piece]
    even = borders.left or borders.right or len({len(row) for row in rows}) == 1
    return len(rows) > 1 and even and any(is_number(c) for row in rows for c in row)


def _goes_on_behind(lines: list[str], blank: int, piece: list[str]) -> bool:
    """Whether a table whose every row is followed by an empty line goes on behind the empty line
    `blank`; `piece` holds its rows so far.
    """
    following = blank + 1
    if following >= len(lines) or not _BARS.search(lines[following]) or _is_rule(lines[following]):
        return False
    if len(piece) > 1 and lines[blank - 2].strip(BLANK):
        return False
    if following + 1 < len(lines) and lines[following + 1].strip(BLANK):
        return False
    return len(_BARS.findall(lines[following])) == len(_BARS.findall(piece[-1]))


def _find_borders(drawn: Sequence[str], rules: Sequence[str]) -> _Borders:
    """By the rule of Markdown, or else by what most lines have, unless lines are of one length only
    if a bar at their end is none: there the first cells, or the last, of most rows are empty.
    """
    rule = next((rule for rule in rules if _MARKDOWN_RULE.fullmatch(rule)), None)
    if rule is not None:
        return _Borders(rule[0] == "|", rule[-1] == "|", rule.strip("|").count("|") + 1)
    left = sum(_BARS.match(line[0]) is not None for line in drawn)
    right = sum(_ends_in_bar(line) for line in drawn)
    usual = _Borders(2 * left > len(drawn), 2 * right > len(drawn))
    ways = [usual, *(_Borders(*sides) for sides in product((False, True), repeat=2))]
    return max(ways, key=lambda borders: _count_even(drawn, borders))


def _count_even(drawn: Sequence[str], borders: _Borders) -> int:
    """How many of the lines have one and the same number of cells."""
    return max(Counter(len(_split_bars(line, borders)) for line in drawn).values())


def _ends_in_bar(line: str) -> bool:
    return _BARS.match(line, len(line) - 1) is not None


def _split_bars(line: str, borders: _Borders) -> Row:
    cells = _BARS.split(line)
    is_wrapped = len(cells) == borders.columns + 2  # in a table that has no borders itself
    if (borders.left or is_wrapped) and _BARS.match(line[0]):
        cells = cells[1:]
    if (borders.right or is_wrapped) and _ends_in_bar(line):
        cells = cells[:-1]
    return [_BREAK.sub("\n", cell.replace("\\|", "|")).strip(BLANK) for cell in cells]


def _is_one_row(piece: list[Row]) -> bool:
    """Lines between two rules are one row, unless a column has a number and anything else in
    another line.
    """
    if len({len(row) for row in piece}) != 1:
        return False
    for column in zip(*piece, strict=True):
        filled = [text for text in column if text]
        if len(filled) > 1 and any(is_number(text) for text in filled):
            return False
    return True


def _join_lines(piece: list[Row]) -> Row:
    return ["\n".join(text for text in column if text) for column in zip(*piece, strict=True)]


# ---- tabs


def _split_tabs(line: str) -> Row | None:
    """The cells of a line that tabs part, or None for prose."""
    if "\t" not in line.strip(" \r"):
        return None
    cells = [_unquoted(cell.strip(BLANK)) for cell in line.strip(" \r").split("\t")]
    return None if any(is_sentence(cell) for cell in cells) else cells


def _unquoted(cell: str) -> str:
    """A cell without the quotation marks that some programs put around each."""
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in cell[1:-1]
    return cell[1:-1].strip(BLANK) if quoted else cell


def _read_tab_rows(lines: list[str], start: int) -> tuple[list[Row], int]:
    """The rows from `start` on, one a line, or, where each is followed by an empty line, one every
    second line.
    """
    rows: list[Row] = []
    at = end = start
    double: bool | None = None
    while at < len(lines) and (row := _split_tabs(lines[at])) is not None:
        rows.append(row)
        end = at + 1
        after = (
            _split_tabs(lines[end + 1])
            if end + 1 < len(lines) and not lines[end].strip(" ")
            else None
        )
        spaced = after is not None and len(after) == len(row)
        if double is None:
            double = spaced
        if double and not spaced:
            break
        at += 2 if double else 1
    return rows, end


def read_tabbed(lines: list[str], start: int) -> TextBlocks | None:
    """Rows of cells with tabs between them."""
    rows, end = _read_tab_rows(lines, start)
    while rows and not any(rows[-1]):
        rows.pop()
    filled = [sum(bool(cell) for cell in row) for row in rows]
    if not rows or max(filled) < 2 or (len(rows) == 1 and filled[0] < 3):
        return None
    while len({len(row) for row in rows}) == 1 and not any(row[-1] for row in rows):
        rows = [row[:-1] for row in rows]  # a tab behind every line is no column
    return TextBlocks(make_table_in_order(rows), end)
