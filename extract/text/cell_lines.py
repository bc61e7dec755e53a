"""Tables in plain text with a cell a line and nothing that tells the rows apart, as text copied
from a page comes.

`read_cell_lines(lines)` takes lines that stand one behind the other and gives blocks: where several
rows are among them a grid for each table, else paragraphs. A row is the values that
stand one behind the other with the label in front of them; labels in front of that one are its
header, from the last title of a section on. Where a label stands twice in front of values, all are
header: a row is named once. Bars behind the cells or on lines of their own are left out.

What such a text does not show is never guessed: empty cells leave no line, so where rows under one
header have different numbers of values, the shorter ones are one cell with all their values.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from extract.document import Block
from extract.number_text import is_number, is_plain_marker
from extract.text.delimited import (
    BLANK,
    SECTION,
    SENTENCE,
    make_paragraphs,
    make_table_in_order,
)

_LEAST_VALUES: Final = 3  # in a row, for a text to be of this kind: page numbers stand alone
_LEAST_ROWS: Final = 2
_HEADER_LABELS: Final = 3  # so many labels one behind the other are more than a group and its row
_LABEL_LENGTH: Final = 60
_MOST_LABELS: Final = 40  # more without a value are no header
_IN_BRACKETS: Final = re.compile(r"(?<=.)[(（][^()（）]*[)）]$")
_BARS: Final = f"{BLANK}|│┃║｜"


@dataclass(frozen=True, slots=True)
class _LabelledRow:
    """The labels that stand one behind the other, and the values behind them."""

    labels: tuple[str, ...]
    values: tuple[str, ...]


def read_cell_lines(lines: Sequence[str]) -> tuple[Block, ...]:
    """Lines as blocks."""
    cells = [cell for line in lines if (cell := " ".join(line.split()).strip(_BARS))]
    rows, behind = _cut_into_rows(cells)
    if sum(len(row.values) >= _LEAST_VALUES for row in rows) < _LEAST_ROWS:
        return make_paragraphs(lines)
    starts = [i for i, row in enumerate(rows) if len(row.labels) >= _HEADER_LABELS]
    blocks: list[Block] = []
    for start, end in pairwise(sorted({0, *starts, len(rows)})):
        prose, first = _split_prose(rows[start])
        blocks += [*make_paragraphs(prose), *_make_table([first, *rows[start + 1 : end]])]
    return (*blocks, *make_paragraphs(behind))


def _cut_into_rows(texts: Sequence[str]) -> tuple[list[_LabelledRow], list[str]]:
    """The rows, and the texts behind the last value."""
    rows: list[_LabelledRow] = []
    labels: list[str] = []
    values: list[str] = []
    for text in texts:
        if _is_value(text) or (values and is_plain_marker(text)):
            values.append(text)
            continue
        if values:
            rows.append(_LabelledRow(tuple(labels), tuple(values)))
            labels, values = [], []
        labels.append(text)
    if values:
        return [*rows, _LabelledRow(tuple(labels), tuple(values))], []
    return rows, labels


def _is_value(text: str) -> bool:
    """A number, be it with blanks within or words in brackets behind, or a mark for none; 无 is
    prose as well.
    """
    bare = _IN_BRACKETS.sub("", "".join(text.split()))
    return is_number(bare) or (is_plain_marker(text) and not text.isalpha())


def _split_prose(row: _LabelledRow) -> tuple[tuple[str, ...], _LabelledRow]:
    """The paragraphs in front of the header of a row, and the row without them."""
    ahead = row.labels[:-1]
    first = next((i + 1 for i in reversed(range(len(ahead))) if _is_prose(ahead[i])), 0)
    if len(ahead) - first > _MOST_LABELS:
        first = len(ahead)
    return row.labels[:first], _LabelledRow(row.labels[first:], row.values)


def _is_prose(text: str) -> bool:
    long = len(text) > _LABEL_LENGTH
    return long or SECTION.match(text) is not None or SENTENCE.search(text) is not None


def _make_table(rows: Sequence[_LabelledRow]) -> tuple[Block, ...]:
    """A grid of rows under one header, which stands in front of the first of them."""
    most = max(len(row.values) for row in rows)
    lines: list[list[str]] = []
    for row in rows:
        named_once = bool(row.labels) and max(Counter(row.labels).values()) == 1
        ahead, label = (row.labels[:-1], row.labels[-1:]) if named_once else (row.labels, ())
        lines += [list(ahead)] if ahead else []
        values = row.values if len(row.values) == most else ("\n".join(row.values),)
        lines.append([*label, *values])
    return make_table_in_order(lines)
