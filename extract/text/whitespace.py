"""Tables in plain text whose cells only blank space sets apart, as text taken from a PDF comes.

`spaced(lines, start)` gives the table that begins at the line `start`, or None. A line is a row if

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
from itertools import pairwise
from typing import Final

from extract import limits
from extract.document import Block, Cell
from extract.text.delimited import SENTENCE, TextBlocks, is_number, is_sentence, placed, prose

IN_ORDER: Final = 0.5
BARE: Final = 4
_LABEL_LENGTH: Final = 60
_PAIR_LENGTH: Final = 20
_QUIET_LENGTH: Final = 30
_LINE_LENGTH: Final = 2_000
_HEAD_LINES: Final = 3
_BLOCK_LINES: Final = 2 * limits.TABLE_ROWS + 10  # enough to be too large, with empty lines between

_MARKERS: Final = frozenset({"/", "／", "-", "—", "－", "--", "——", "无"})
_TOKEN: Final = re.compile(r"\S+")
_THOUSANDS: Final = re.compile(r"[+\-−－＋]?[1-9]\d{0,2} \d{3}(?:[.．]\d+)?")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_BRACKETED: Final = re.compile(r"[(（][^()（）]*[)）]")
_PUNCTUATION: Final = re.compile(r"[，。；！？,;]")

Extent = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _PlacedText:
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
    pieces: tuple[_PlacedText, ...]
    numbers: int
    wide: bool  # two columns of blank space or more part some of its cells
    other: tuple[_PlacedText, ...] = ()


def _join(line: str, pieces: Sequence[_PlacedText]) -> _PlacedText:
    start, end = pieces[0].start, pieces[-1].end
    return _PlacedText(" ".join(line[start:end].split()), start, end)


def _width(text: str, ambiguous: int = 1) -> int:
    """Columns that `text` takes on a screen of fixed pitch."""
    return sum(
        2 if (kind := unicodedata.east_asian_width(c)) in "WF" else ambiguous if kind == "A" else 1
        for c in text
    )


def _groups(line: str, tokens: Sequence[_PlacedText]) -> list[_PlacedText]:
    """Tokens joined where one column parts them, or where two lone Chinese characters stand side by
    side.
    """
    groups: list[list[_PlacedText]] = []
    for token in tokens:
        before = groups[-1][-1] if groups else None
        if before is not None and (
            _width(line[before.end : token.start]) < 2
            or (_is_single_character(before.text) and _is_single_character(token.text))
        ):
            groups[-1].append(token)
        else:
            groups.append([token])
    return [_join(line, group) for group in groups]


def _is_single_character(text: str) -> bool:
    return len(text) == 1 and _HAN.match(text) is not None


def _label_ok(text: str) -> bool:
    """Words that may name a row: short, not running text. Commas stand in brackets only."""
    outside = _BRACKETED.sub("", text)
    return (
        len(text) <= _LABEL_LENGTH
        and _HAN.search(text) is not None
        and _PUNCTUATION.search(outside) is None
        and text[-1] not in "：:"
    )


def _parse(lines: list[str], index: int) -> _CandidateRow | None:
    """The line as a row or header, or None for anything else."""
    line = lines[index].replace("\t", "    ")
    if len(line) > _LINE_LENGTH:
        return None
    tokens = [_PlacedText(m[0], m.start(), m.end()) for m in _TOKEN.finditer(line)]
    count = 0
    while count < len(tokens) and (
        is_number(tokens[-1 - count].text) or tokens[-1 - count].text in _MARKERS
    ):
        count += 1
    head, tail = tokens[: len(tokens) - count], tokens[len(tokens) - count :]
    label = _groups(line, head)
    if (label and not _label_ok(label[0].text)) or any(
        is_number(part) for piece in label if " " in piece.text for part in piece.text.split()
    ):
        return None
    if count == 0:
        numbers = sum(is_number(p.text) for p in label)
        return (
            _CandidateRow(index, line, tuple(label), numbers, True)
            if len(label) > 1 and not is_sentence(line)
            else None
        )
    values, joined = list(tail), _thousands(line, tail)
    gaps = [_width(line[a.end : b.start]) for a, b in pairwise(tokens)]
    wide = len(label) > 1 or any(gap >= 2 for gap in gaps[max(0, len(head) - 1) :])
    digits = sum(is_number(t.text) for t in tail)
    if not label and digits < BARE:
        return None
    if count == 1 and (not digits or (not wide and len(label[0].text) > _PAIR_LENGTH)):
        return None
    if len(joined) == len(values):
        return _CandidateRow(index, line, (*label, *values), count, wide)
    # other numbers stand wide apart, so these are one
    if any(gap >= 2 for gap in gaps[len(head) :]):
        return _CandidateRow(index, line, (*label, *joined), len(joined), wide)
    return _CandidateRow(index, line, (*label, *values), count, wide, (*label, *joined))


def _thousands(line: str, tokens: Sequence[_PlacedText]) -> list[_PlacedText]:
    """The tokens, with those joined that one space parts and that together could be one number such
    as 1 234.
    """
    joined: list[_PlacedText] = []
    for token in tokens:
        both = f"{joined[-1].text.rsplit(' ', 1)[-1]} {token.text}" if joined else ""
        if (
            joined
            and token.start - joined[-1].end == 1
            and (
                _THOUSANDS.fullmatch(f"{joined[-1].text} {token.text}")
                or _grows(joined[-1].text, both)
            )
        ):
            joined[-1] = _join(line, (joined[-1], token))
        else:
            joined.append(token)
    return joined


def _grows(number: str, both: str) -> bool:
    """Whether a number that already has groups of thousands takes one more."""
    return " " in number and re.fullmatch(r"\d{3} \d{3}(?:[.．]\d+)?", both) is not None


def spaced(lines: list[str], start: int) -> TextBlocks | None:
    """The table that begins at `start`: up to three header lines and the rows behind them."""
    block, uncertain_end = _settled(_block(lines, start), lines)
    if not block and uncertain_end:
        return TextBlocks(prose(lines[start:uncertain_end]), uncertain_end)
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
    return TextBlocks(_placed(block), block[-1].index + 1)


def _block(lines: list[str], start: int) -> list[_CandidateRow]:
    """The lines from `start` that go together; one empty line may stand between two rows."""
    block: list[_CandidateRow] = []
    headers = 0
    for at in range(start, min(len(lines), start + _BLOCK_LINES)):
        if not lines[at].strip():
            if not lines[at - 1].strip() or not block or not block[-1].numbers:
                break
            continue
        line = _parse(lines, at) or (_header(lines, at) if not block else None)
        if line is None:
            break
        if not line.numbers:
            headers += 1
            parted = bool(block) and block[-1].index < at - 1
            if parted or headers > _HEAD_LINES:
                break
        block.append(line)
    return block


def _header(lines: list[str], at: int) -> _CandidateRow | None:
    """Words apart by single spaces right above a row with exactly as many cells."""
    tokens = [_PlacedText(m[0], m.start(), m.end()) for m in _TOKEN.finditer(lines[at])]
    words = all(
        _HAN.search(t.text) and not SENTENCE.search(t.text) and not any(c.isdigit() for c in t.text)
        for t in tokens
    )
    if len(tokens) < 3 or at + 1 >= len(lines) or not words:
        return None
    below = _parse(lines, at + 1)
    fits = below is not None and below.numbers and len(below.pieces) == len(tokens)
    return _CandidateRow(at, lines[at], tuple(tokens), 0, False) if fits else None


def _settled(block: list[_CandidateRow], lines: list[str]) -> tuple[list[_CandidateRow], int]:
    """The lines with their readings decided by the length of the rows around, up to the first that
    they do not decide.

    Where that is the very first, the index behind the lines that are as uncertain_end; else 0.
    """
    if not any(line.other for line in block):
        return block, 0
    around = list(block)
    above = block[0].index - 1
    while (
        above >= max(0, block[0].index - _BLOCK_LINES)
        and (line_above := _parse(lines, above)) is not None
    ):
        around.append(line_above)
        above -= 1
    lengths = {len(line.pieces) for line in around if line.numbers and not line.other}
    settled: list[_CandidateRow] = []
    behind = 0
    for line in block:
        apart, together = len(line.pieces) in lengths, len(line.other) in lengths
        if line.other and apart == together:
            if settled:
                break
            behind = line.index + 1
        elif behind:
            break
        else:
            settled.append(
                replace(line, pieces=line.pieces if apart else line.other, other=())
                if line.other
                else line
            )
    return settled, behind


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


def _placed(block: list[_CandidateRow]) -> tuple[Block, ...]:
    """The block as a grid; header lines that fit no columns become prose before it."""
    rows = [line for line in block if line.numbers]
    full = max(len(line.pieces) for line in rows)
    if all(len(line.pieces) == full for line in block):
        return (placed([_cells_in_order(line, r, full) for r, line in enumerate(block)]),)
    if any(line.wide for line in block):
        for lines in (block, rows):
            for ambiguous in (2, 1):
                columns = _columns(lines, ambiguous)
                if columns is not None and len(columns) == max(len(line.pieces) for line in lines):
                    return _by_position(block, columns, ambiguous)
    return (placed([_cells_in_order(line, r, full) for r, line in enumerate(block)]),)


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


def _columns(lines: Sequence[_CandidateRow], ambiguous: int) -> list[Extent] | None:
    """The extents of all cells laid over each other, or None if two cells of one line share one."""
    held = [_extents(line, ambiguous) for line in lines]
    columns: list[Extent] = []
    for start, end in sorted(extent for extents in held for extent in extents):
        if columns and start < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], end))
        else:
            columns.append((start, end))
    for extents in held:
        used = [_covered(extent, columns) for extent in extents]
        if any(len(cols) != 1 for cols in used) or len({cols[0] for cols in used}) != len(used):
            return None
    return columns


def _covered(extent: Extent, columns: list[Extent]) -> list[int]:
    return [i for i, (start, end) in enumerate(columns) if start < extent[1] and extent[0] < end]


def _by_position(
    block: list[_CandidateRow], columns: list[Extent], ambiguous: int
) -> tuple[Block, ...]:
    """Rows by position, blanks where a row has nothing in a column.

    A header cell spans the columns that it stands over.
    """
    before: list[Block] = []
    rows: list[list[Cell]] = []
    for line in block:
        row = len(rows)
        used = [_covered(extent, columns) for extent in _extents(line, ambiguous)]
        taken = [col for cols in used for col in cols]
        if line.numbers:
            texts = {cols[0]: piece.text for cols, piece in zip(used, line.pieces, strict=True)}
            rows.append([Cell(texts.get(col, ""), row, col) for col in range(len(columns))])
        elif all(used) and len(set(taken)) == len(taken):
            rows.append(
                [
                    Cell(p.text, row, cols[0], 1, len(cols))
                    for cols, p in zip(used, line.pieces, strict=True)
                ]
            )
        elif not rows:
            before.extend(prose([line.text]))
        else:
            rows.append(_cells_in_order(line, row, len(columns)))
    return (*before, placed(rows))
