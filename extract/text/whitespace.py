"""Tables in plain text whose cells only blank space sets apart, as text taken from a PDF comes.

`read_spaced(lines, start)` gives the table that begins at the line `start`, or None. A line is a
row if

- two columns of blank space or more part its cells, and one of them is a number, or
- it is a label and at least two numbers behind it, apart by single spaces, or at least `BARE`
  numbers alone, or
- it is a label and one number, beside other rows, or among lines that are no running text.

A label keeps its inner spaces, and a character spaced out (`总　计`) is one word. Where numbers
apart by one space could be one number (`1 234`), the other rows decide by their number of cells,
and where they do not the line is no row.

Columns: if all rows have as many cells, in order. If not, by position: the cells' extents, laid
over each other, must give exactly as many columns as the fullest row has cells, with no two cells
of a row in one. Failing that in order, with confidence `IN_ORDER` in the short rows. Chinese
characters are two columns wide; characters whose width depends on the font are tried both ways.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Final

from extract import limits
from extract.document import Block, Cell
from extract.number_text import SIGN, is_number, is_plain_marker
from extract.text.delimited import (
    SENTENCE,
    TextBlocks,
    is_sentence,
    make_paragraphs,
    make_table,
)

IN_ORDER: Final = 0.5
BARE: Final = 4
_LABEL_LENGTH: Final = 60
_PAIR_LENGTH: Final = 20
_QUIET_LENGTH: Final = 30
_LINE_LENGTH: Final = 2_000
_HEAD_LINES: Final = 3
_BLOCK_LINES: Final = 2 * limits.TABLE_ROWS + 10  # enough to be too large, with empty lines between

_TOKEN: Final = re.compile(r"\S+")
_THOUSANDS: Final = re.compile(rf"{SIGN}?[1-9]\d{{0,2}} \d{{3}}(?:[.．]\d+)?")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_BRACKETED: Final = re.compile(r"[(（][^()（）]*[)）]")
_PUNCTUATION: Final = re.compile(r"[，。；！？,;]")

Extent = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _TextPiece:
    """A cell's text and where it stands in its line, in characters."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _CandidateRow:
    """A line that may be a row. `numbers` is the count of numbers in it; 0 makes it a header.

    `other` is its second reading.
    """

    index: int
    text: str
    pieces: tuple[_TextPiece, ...]
    numbers: int
    wide: bool  # two columns of blank space or more part some of its cells
    other: tuple[_TextPiece, ...] = ()


def _join_pieces(line: str, pieces: Sequence[_TextPiece]) -> _TextPiece:
    start, end = pieces[0].start, pieces[-1].end
    return _TextPiece(" ".join(line[start:end].split()), start, end)


def _width(text: str, ambiguous: int = 1) -> int:
    """Columns that `text` takes on a screen of fixed pitch."""
    return sum(
        2 if (kind := unicodedata.east_asian_width(c)) in "WF" else ambiguous if kind == "A" else 1
        for c in text
    )


def _join_near(line: str, tokens: Sequence[_TextPiece]) -> list[_TextPiece]:
    """Tokens joined where one column parts them, or where two lone Chinese characters stand side by
    side.
    """
    groups: list[list[_TextPiece]] = []
    for token in tokens:
        before = groups[-1][-1] if groups else None
        if before is not None and (
            _width(line[before.end : token.start]) < 2
            or (_is_single_character(before.text) and _is_single_character(token.text))
        ):
            groups[-1].append(token)
        else:
            groups.append([token])
    return [_join_pieces(line, group) for group in groups]


def _is_single_character(text: str) -> bool:
    return len(text) == 1 and _HAN.match(text) is not None


def _is_label(text: str) -> bool:
    """Words that may name a row: short, not running text. Commas stand in brackets only."""
    outside = _BRACKETED.sub("", text)
    return (
        len(text) <= _LABEL_LENGTH
        and _HAN.search(text) is not None
        and _PUNCTUATION.search(outside) is None
        and text[-1] not in "：:"
    )


def _parse_line(lines: list[str], index: int) -> _CandidateRow | None:
    """The line as a row or header, or None for anything else."""
    line = lines[index].replace("\t", "    ")
    if len(line) > _LINE_LENGTH:
        return None
    head, values = _split_values(_find_tokens(line))
    label = _join_near(line, head)
    if label and (not _is_label(label[0].text) or any(_holds_number(p.text) for p in label)):
        return None
    if values:
        return _parse_values(line, index, label, values)
    if len(label) < 2 or is_sentence(line):
        return None
    return _CandidateRow(index, line, tuple(label), sum(is_number(p.text) for p in label), True)


def _find_tokens(line: str) -> list[_TextPiece]:
    return [_TextPiece(m[0], m.start(), m.end()) for m in _TOKEN.finditer(line)]


def _split_values(tokens: list[_TextPiece]) -> tuple[list[_TextPiece], list[_TextPiece]]:
    """The words in front, and the numbers and marks for none at the end of a line."""
    count = 0
    for token in reversed(tokens):
        if not (is_number(token.text) or is_plain_marker(token.text)):
            break
        count += 1
    return tokens[: len(tokens) - count], tokens[len(tokens) - count :]


def _holds_number(label: str) -> bool:
    """Whether one of several words of a label is a number."""
    return " " in label and any(is_number(word) for word in label.split())


def _has_wide_gap(line: str, pieces: Sequence[_TextPiece]) -> bool:
    """Whether two columns of blank space or more part two neighbours."""
    return any(_width(line[a.end : b.start]) >= 2 for a, b in pairwise(pieces))


def _parse_values(
    line: str, index: int, label: list[_TextPiece], values: list[_TextPiece]
) -> _CandidateRow | None:
    """The line as a row of a label, which may be missing, and values; None where these are too few
    to tell it from running text.
    """
    wide = len(label) > 1 or _has_wide_gap(line, (*label[-1:], *values))
    digits = sum(is_number(value.text) for value in values)
    if not label and digits < BARE:
        return None
    if len(values) == 1 and (not digits or (not wide and len(label[0].text) > _PAIR_LENGTH)):
        return None
    joined = _join_thousands(line, values)
    apart = _CandidateRow(index, line, (*label, *values), len(values), wide)
    if len(joined) == len(values):
        return apart
    # other numbers stand wide apart, so these are one
    if _has_wide_gap(line, values):
        return _CandidateRow(index, line, (*label, *joined), len(joined), wide)
    return replace(apart, other=(*label, *joined))


def _join_thousands(line: str, tokens: Sequence[_TextPiece]) -> list[_TextPiece]:
    """The tokens, with those joined that one space parts and that together could be one number such
    as 1 234.
    """
    joined: list[_TextPiece] = []
    for token in tokens:
        both = f"{joined[-1].text.rsplit(' ', 1)[-1]} {token.text}" if joined else ""
        if (
            joined
            and token.start - joined[-1].end == 1
            and (
                _THOUSANDS.fullmatch(f"{joined[-1].text} {token.text}")
                or _takes_more_thousands(joined[-1].text, both)
            )
        ):
            joined[-1] = _join_pieces(line, (joined[-1], token))
        else:
            joined.append(token)
    return joined


def _takes_more_thousands(number: str, both: str) -> bool:
    """Whether a number that already has groups of thousands takes one more."""
    return " " in number and re.fullmatch(r"\d{3} \d{3}(?:[.．]\d+)?", both) is not None


def read_spaced(lines: list[str], start: int) -> TextBlocks | None:
    """The table that begins at `start`: up to three header lines and the rows behind them."""
    block, uncertain_end = _choose_readings(_find_block(lines, start), lines)
    if not block and uncertain_end:
        return TextBlocks(make_paragraphs(lines[start:uncertain_end]), uncertain_end)
    while block and not block[-1].numbers:
        block.pop()  # words behind the last row belong to what follows
    if (
        len(block) > 1
        and not block[0].numbers
        and not block[0].wide
        and len(block[0].pieces) != len(block[1].pieces)
    ):
        # words taken for a header because of a reading that the rows then did not bear out
        return None
    rows = [line for line in block if line.numbers]
    if not rows or (
        len(rows) == 1 and rows[0].numbers == 1 and not _stands_alone(lines, start, rows[0])
    ):
        return None
    return TextBlocks(_place_block(block), block[-1].index + 1)


def _find_block(lines: list[str], start: int) -> list[_CandidateRow]:
    """The lines from `start` that go together; one empty line may stand between two rows."""
    block: list[_CandidateRow] = []
    for at in range(start, min(len(lines), start + _BLOCK_LINES)):
        if not lines[at].strip():
            if not lines[at - 1].strip() or not block or not block[-1].numbers:
                break
            continue
        line = _parse_line(lines, at) or (_find_header(lines, at) if not block else None)
        if line is None or _begins_another(line, block):
            break
        block.append(line)
    return block


def _begins_another(line: _CandidateRow, block: list[_CandidateRow]) -> bool:
    """Whether a header stands behind an empty line, or is one more than a table has."""
    if line.numbers or not block:
        return False
    headers = sum(not other.numbers for other in block)
    return block[-1].index < line.index - 1 or headers >= _HEAD_LINES


def _find_header(lines: list[str], at: int) -> _CandidateRow | None:
    """Words apart by single spaces right above a row with exactly as many cells."""
    tokens = _find_tokens(lines[at])
    words = all(
        _HAN.search(t.text) and not SENTENCE.search(t.text) and not any(c.isdigit() for c in t.text)
        for t in tokens
    )
    if len(tokens) < 3 or at + 1 >= len(lines) or not words:
        return None
    below = _parse_line(lines, at + 1)
    fits = below is not None and below.numbers and len(below.pieces) == len(tokens)
    return _CandidateRow(at, lines[at], tuple(tokens), 0, False) if fits else None


def _choose_readings(
    block: list[_CandidateRow], lines: list[str]
) -> tuple[list[_CandidateRow], int]:
    """The lines with their readings decided by the length of the rows around, up to the first that
    they do not decide.

    Where that is the very first, the index behind the lines that are as uncertain; else 0.
    """
    if not any(line.other for line in block):
        return block, 0
    lengths = _row_lengths(block, lines)
    chosen: list[_CandidateRow] = []
    uncertain_end = 0
    for line in block:
        decided = _choose_reading(line, lengths)
        if decided is None:
            if chosen:
                break
            uncertain_end = line.index + 1
        elif uncertain_end:
            break
        else:
            chosen.append(decided)
    return chosen, uncertain_end


def _row_lengths(block: list[_CandidateRow], lines: list[str]) -> set[int]:
    """How many cells the rows of the block and right above it have that can be read in one way."""
    around = list(block)
    first = block[0].index
    for above in range(first - 1, max(0, first - _BLOCK_LINES) - 1, -1):
        line_above = _parse_line(lines, above)
        if line_above is None:
            break
        around.append(line_above)
    return {len(line.pieces) for line in around if line.numbers and not line.other}


def _choose_reading(line: _CandidateRow, lengths: set[int]) -> _CandidateRow | None:
    """The line in the reading that has one of the `lengths`; None where both have, or neither."""
    if not line.other:
        return line
    apart, together = len(line.pieces) in lengths, len(line.other) in lengths
    if apart == together:
        return None
    return replace(line, pieces=line.pieces if apart else line.other, other=())


def _stands_alone(lines: list[str], start: int, row: _CandidateRow) -> bool:
    """Whether the lines around a label with one number are no running text, which a line may end in
    the middle of.
    """
    before = next((lines[i] for i in range(start - 1, -1, -1) if lines[i].strip()), "")
    after = next((lines[i] for i in range(row.index + 1, len(lines)) if lines[i].strip()), "")
    return all(
        len(text.strip()) <= _QUIET_LENGTH and not _PUNCTUATION.search(text)
        for text in (before, lines[row.index], after)
    )


# ---- columns


def _place_block(block: list[_CandidateRow]) -> tuple[Block, ...]:
    """The block as a grid; header lines that fit no columns become prose before it."""
    fullest = max(len(line.pieces) for line in block if line.numbers)
    even = all(len(line.pieces) == fullest for line in block)
    columns = _fit_columns(block) if not even and any(line.wide for line in block) else None
    if columns is not None:
        return _place_by_position(block, columns)
    return make_table([_cells_in_order(line, r, fullest) for r, line in enumerate(block)])


@dataclass(frozen=True, slots=True)
class _TextColumns:
    """Columns by position: the extent of each, in columns of a screen on which characters whose
    width depends on the font are `ambiguous` wide.
    """

    extents: tuple[Extent, ...]
    ambiguous: int

    def covered_by(self, line: _CandidateRow) -> list[list[int]]:
        """For each cell of the line the columns that it stands over."""
        return [_covered(extent, self.extents) for extent in _extents(line, self.ambiguous)]


def _fit_columns(block: list[_CandidateRow]) -> _TextColumns | None:
    """As many columns as the fullest line has cells, from all lines or from the rows alone."""
    rows = [line for line in block if line.numbers]
    for lines, ambiguous in product((block, rows), (2, 1)):
        columns = _lay_over(lines, ambiguous)
        if columns is not None and len(columns.extents) == max(len(row.pieces) for row in lines):
            return columns
    return None


def _cells_in_order(line: _CandidateRow, row: int, full: int) -> list[Cell]:
    doubt = IN_ORDER if len(line.pieces) < full else 1.0
    return [Cell(piece.text, row, col, confidence=doubt) for col, piece in enumerate(line.pieces)]


def _extents(line: _CandidateRow, ambiguous: int) -> list[Extent]:
    """Where the line's cells stand, in columns of a screen."""
    extents: list[Extent] = []
    at = char = 0
    for piece in line.pieces:
        start = at + _width(line.text[char : piece.start], ambiguous)
        at, char = start + _width(line.text[piece.start : piece.end], ambiguous), piece.end
        extents.append((start, at))
    return extents


def _lay_over(lines: Sequence[_CandidateRow], ambiguous: int) -> _TextColumns | None:
    """The extents of all cells laid over each other, or None if two cells of one line share one."""
    merged: list[Extent] = []
    for start, end in sorted(extent for line in lines for extent in _extents(line, ambiguous)):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    columns = _TextColumns(tuple(merged), ambiguous)
    for line in lines:
        covered = columns.covered_by(line)
        if any(len(cols) != 1 for cols in covered) or not _is_apart(covered):
            return None
    return columns


def _covered(extent: Extent, columns: Sequence[Extent]) -> list[int]:
    return [i for i, (start, end) in enumerate(columns) if start < extent[1] and extent[0] < end]


def _is_apart(covered: list[list[int]]) -> bool:
    """Whether each cell stands over a column, and no two over the same one."""
    taken = [col for cols in covered for col in cols]
    return all(covered) and len(set(taken)) == len(taken)


def _place_by_position(block: list[_CandidateRow], columns: _TextColumns) -> tuple[Block, ...]:
    """Rows by position, blanks where a row has nothing in a column.

    A header cell spans the columns that it stands over.
    """
    before: list[Block] = []
    rows: list[list[Cell]] = []
    for line in block:
        covered = columns.covered_by(line)
        if line.numbers:
            rows.append(_row_by_position(line, len(rows), columns, covered))
        elif _is_apart(covered):
            rows.append(_header_by_position(line, len(rows), covered))
        elif rows:
            rows.append(_cells_in_order(line, len(rows), len(columns.extents)))
        else:
            before.extend(make_paragraphs([line.text]))
    return (*before, *make_table(rows))


def _row_by_position(
    line: _CandidateRow, row: int, columns: _TextColumns, covered: list[list[int]]
) -> list[Cell]:
    texts = {cols[0]: piece.text for cols, piece in zip(covered, line.pieces, strict=True)}
    return [Cell(texts.get(col, ""), row, col) for col in range(len(columns.extents))]


def _header_by_position(line: _CandidateRow, row: int, covered: list[list[int]]) -> list[Cell]:
    return [
        Cell(piece.text, row, cols[0], 1, len(cols))
        for cols, piece in zip(covered, line.pieces, strict=True)
    ]
