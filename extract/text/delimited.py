"""Tables in plain text whose cells a mark sets apart: one cell a line (`dump`), drawn bars
(`barred`), tabs (`tabbed`).

Each parser takes the lines of a text and the index of a line that is not blank, and gives the
`TextBlocks` that begin there, or None where the lines are not in its layout. Rows keep their own
length. See `extract.text.read` for the layouts, and `extract.text.whitespace` for cells that blank
space alone sets apart.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from extract import limits
from extract.document import Block, Cell, Grid, Paragraph, ReadError, Reason, grid_of

BLANK: Final = " \t\u3000\xa0\u2002\u2003\u200b\ufeff"
SHORT: Final = 20  # characters; the second line of a cell is no longer
_PROSE_LENGTH: Final = 20
_LARGE_GAP: Final = 3  # empty lines that part two tables where rows are parted by one

_NUMBER: Final = re.compile(
    r"[+\-−－＋]?(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:[.．]\d+)?(?:[%％件条笔次个人项份元]|[万亿]元)?"
)
SENTENCE: Final = re.compile(r"[。；！？]")
_SECTION: Final = re.compile(r"[一二三四五六七八九十]{1,3}、")
_BARS: Final = re.compile(r"(?<!\\)[|│┃║｜]")
_RULE: Final = re.compile(
    r"[\s|+:│┃║｜\u2500-\u257f=\-]*(?:-{3}|={3}|[─━═])[\s|+:│┃║｜\u2500-\u257f=\-]*"
)
_TIGHT_RULE: Final = re.compile(r"\|?(?::?-:?\|)+(?::?-:?)?")
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


def prose(lines: Sequence[str]) -> tuple[Paragraph, ...]:
    """One paragraph a line; blank lines and mere rules give none."""
    texts = (
        _HEADING.sub("", " ".join(line.split()), count=1)
        for line in lines
        if not _RULE_LINE.fullmatch(line)
    )
    return tuple(Paragraph(text) for text in texts if text)


def is_number(text: str) -> bool:
    """A number as tables print it, with sign, commas, decimals, percent or a unit."""
    return _NUMBER.fullmatch(text) is not None


def is_sentence(text: str) -> bool:
    """Running text, which no cell of a table of figures holds."""
    return len(text) > _PROSE_LENGTH and SENTENCE.search(text) is not None


def placed(rows: Sequence[Sequence[Cell]]) -> Grid:
    """Cells with their places as a grid. Raises ReadError TOO_LARGE beyond the limits on tables."""
    if len(rows) > limits.TABLE_ROWS:
        raise ReadError(
            Reason.TOO_LARGE, f"a table of {len(rows)} rows, the limit is {limits.TABLE_ROWS}"
        )
    for cell in (cell for row in rows for cell in row):
        if cell.col + cell.col_span > limits.TABLE_COLUMNS:
            raise ReadError(
                Reason.TOO_LARGE, f"a table row of more than {limits.TABLE_COLUMNS} cells"
            )
        if len(cell.text) > limits.CELL_CHARACTERS:
            raise ReadError(
                Reason.TOO_LARGE,
                f"a cell of {len(cell.text)} characters, the limit is {limits.CELL_CHARACTERS}",
            )
    return grid_of(cell for row in rows for cell in row)


def in_order(rows: Sequence[Row]) -> Grid:
    """Rows of texts as a grid, each text in the column of its order."""
    return placed([[Cell(text, r, c) for c, text in enumerate(row)] for r, row in enumerate(rows)])


# ---- dump


def led(line: str) -> str | None:
    """The text of a line that is one cell led by a tab; None for any other line, and for one with
    several cells.
    """
    text = line.strip(BLANK)
    lead = line[: line.index(text)] if text else line
    return text if "\t" in lead and "\t" not in text else None


def without_inner_blanks(lines: list[str]) -> list[str]:
    """In a dump whose rows are apart by truly empty lines, lines of spaces are empty paragraphs of
    the cell above: left out.
    """
    cells = [led(line) is not None for line in lines]
    if any(not lines[i] and cells[i - 1] and cells[i + 1] for i in range(1, len(lines) - 1)):
        return [
            line
            for i, line in enumerate(lines)
            if not line or line.strip(BLANK) or cells[i] or not (i and cells[i - 1])
        ]
    return lines


def dump(lines: list[str], start: int) -> TextBlocks | None:
    """Rows of cells, each cell on its own line led by a tab, rows apart by empty lines."""
    if led(lines[start]) is None:
        return None
    rows: list[Row] = []
    gaps: list[int] = []  # empty lines before each row
    starts: list[int] = []
    gap, at, end = 1, start, start
    while at < len(lines):
        cell = led(lines[at])
        if cell is not None:
            if gap:
                rows.append([])
                gaps.append(gap)
                starts.append(at)
                gap = 0
            rows[-1].append(cell)
        elif not lines[at].strip(BLANK):
            gap += 1
        elif gap == 0 and _continues(lines, at, rows[-1][-1]):
            rows[-1][-1] = f"{rows[-1][-1]}\n{lines[at].strip(BLANK)}".lstrip("\n")
        else:
            break
        at += 1
        end = end if gap else at
    if end < len(lines) and "\t" in lines[end].strip(BLANK):
        end = starts.pop()  # a line of several cells right behind: there, rows are lines
        rows, gaps = rows[:-1], gaps[:-1]
    return None if not rows else _dump_blocks(rows, gaps, lines, start, end)


def _continues(lines: list[str], at: int, cell: str) -> bool:
    """Whether the line at `at`, right behind a cell, is its second line and not prose behind the
    table.
    """
    text = lines[at].strip(BLANK)
    if "\t" in text or is_sentence(text):
        return False
    followed = at + 1 < len(lines) and led(lines[at + 1]) is not None
    value = not cell or is_number(cell.split("\n")[0])
    if value or not followed:
        return len(text) <= SHORT and not _SECTION.match(text) and not SENTENCE.search(text)
    return True


def _dump_blocks(
    rows: list[Row], gaps: list[int], lines: list[str], start: int, end: int
) -> TextBlocks | None:
    """Rows to grids: prose that a tab indents is taken out, and a large gap before a row of another
    length parts two tables.
    """
    if max(len(row) for row in rows) > limits.TABLE_COLUMNS:
        return TextBlocks(
            prose(lines[start:end]),
            end,
            (
                "cells on lines of their own, without empty lines between rows: rows cannot be "
                "told apart"
            ),
            True,
        )
    blocks: list[Block] = []
    table: list[Row] = []

    def close() -> None:
        if any(len(row) > 1 for row in table):
            blocks.append(in_order(table))
        else:
            blocks.extend(prose([cell for row in table for cell in row]))
        table.clear()

    usual = sorted(gaps[1:])[len(gaps[1:]) // 2] if len(gaps) > 1 else 1
    for row, gap in zip(rows, gaps, strict=True):
        is_prose = any(is_sentence(cell) for cell in row) or (
            len(row) == 1
            and _SECTION.match(row[0]) is not None
            and not any(len(r) > 1 for r in table)
        )
        if is_prose or (table and gap >= _LARGE_GAP > usual and len(row) != len(table[-1])):
            close()
        if is_prose:
            blocks.extend(prose([line for cell in row for line in cell.splitlines()]))
        else:
            table.append(row)
    close()
    return TextBlocks(tuple(blocks), end)


# ---- bars


def _is_partial(rule: str) -> bool:
    """A rule that leaves out a column, whose cell therefore goes on below it."""
    return any(not part.strip() for part in _JOINTS.split(rule)[1:-1])


def _is_rule(line: str, second: bool = False) -> bool:
    return _RULE.fullmatch(line) is not None or (
        second and _TIGHT_RULE.fullmatch(line.strip()) is not None
    )


def barred(lines: list[str], start: int) -> TextBlocks | None:
    """Rows with bars between cells, and rules between rows or behind the header."""
    pieces: list[list[str]] = [[]]  # lines between two rules
    rules, partial, at = 0, False, start
    while at < len(lines):
        line = lines[at].strip(BLANK)
        if _is_rule(line, second=at == start + 1):
            rules += 1
            partial |= _is_partial(line)
            pieces.append([])
        elif _BARS.search(line):
            pieces[-1].append(line)
        elif (
            not line
            and not rules
            and (following := _next_single(lines, at, pieces[-1])) is not None
        ):
            at = following
            continue
        else:
            break
        at += 1
    pieces = [p for p in pieces if p]
    drawn = [line for piece in pieces for line in piece]
    if not drawn:
        return None
    if partial or any(_CORNERS.search(line) for line in drawn):
        return TextBlocks(
            prose(lines[start:at]),
            at,
            "a drawn table with rules inside its rows is not understood",
            True,
        )
    closed = all(_BARS.match(line[0]) and _BARS.match(line[-1]) for line in drawn)
    split = [[_bar_cells(line, closed) for line in piece] for piece in pieces]
    if not (closed or rules):
        counts = {len(row) for piece in split for row in piece}
        if (
            len(drawn) < 2
            or len(counts) != 1
            or not any(is_number(cell) for piece in split for row in piece for cell in row)
        ):
            return TextBlocks(prose(lines[start:at]), at)  # a path such as "首页 | 政务公开"
    rows: list[Row] = []
    for piece in split:
        rows += [_joined(piece)] if len(split) > 2 and _is_one_row(piece) else piece
    return TextBlocks((in_order(rows),), at)


def _next_single(lines: list[str], at: int, piece: list[str]) -> int | None:
    """The next row of a table whose every row is followed by an empty line; None where the table
    ends.
    """
    following = at + 1
    if following >= len(lines) or not _BARS.search(lines[following]) or _is_rule(lines[following]):
        return None
    if len(piece) > 1 and lines[at - 2].strip(BLANK):
        return None
    closing = following + 1 < len(lines) and lines[following + 1].strip(BLANK)
    return (
        None
        if closing or len(_BARS.findall(lines[following])) != len(_BARS.findall(piece[-1]))
        else following
    )


def _bar_cells(line: str, closed: bool) -> Row:
    cells = _BARS.split(line)
    if closed or not cells[0].strip(BLANK):
        cells = cells[1:]
    if closed:
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


def _joined(piece: list[Row]) -> Row:
    return ["\n".join(text for text in column if text) for column in zip(*piece, strict=True)]


# ---- tabs


def _tab_cells(line: str) -> Row | None:
    """The cells of a line that tabs part, or None for prose."""
    if "\t" not in line.strip(" \r"):
        return None
    cells = [cell.strip(BLANK) for cell in line.strip(" \r").split("\t")]
    return None if any(is_sentence(cell) for cell in cells) else cells


def _tab_rows(lines: list[str], start: int) -> tuple[list[Row], int]:
    """The rows from `start` on, one a line, or, where each is followed by an empty line, one every
    second line.
    """
    rows: list[Row] = []
    at = end = start
    double: bool | None = None
    while at < len(lines) and (row := _tab_cells(lines[at])) is not None:
        rows.append(row)
        end = at + 1
        after = (
            _tab_cells(lines[end + 1])
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


def tabbed(lines: list[str], start: int) -> TextBlocks | None:
    """Rows of cells with tabs between them."""
    rows, end = _tab_rows(lines, start)
    while rows and not any(rows[-1]):
        rows.pop()
    filled = [sum(bool(cell) for cell in row) for row in rows]
    if not rows or max(filled) < 2 or (len(rows) == 1 and filled[0] < 3):
        return None
    while len({len(row) for row in rows}) == 1 and not any(row[-1] for row in rows):
        rows = [row[:-1] for row in rows]  # a tab behind every line is no column
    return TextBlocks((in_order(rows),), end)
