"""Rows of the form that stand in a document as lines of its text and in none of its tables: nothing
shows where their cells are, so nobody can say that the report lacks them.

`rows_in_prose(table, found, lines)` gives the labels of those data rows of one table that are not
among the rows `found` and that a line shows: the label with nothing but figures behind it, or the
first half of a label that goes on in another line. Sentences that speak of a row hold other words.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from transform.align.labels import key
from transform.form.forms import Row, Table

LONGEST_LINE: Final = 80  # characters; a longer one holds more than one row
_LABEL: Final = 2  # characters of a label with figures behind it
_PART_OF_LABEL: Final = 8  # characters of a label that are no common words


def rows_in_prose(table: Table, found: Collection[str], lines: Sequence[str]) -> tuple[str, ...]:
    """The labels of the rows that only lines of text show, in the form's order."""
    keys = {key(line) for line in lines if len(line) <= LONGEST_LINE}
    missing = [row for row in table.data_rows if row.label and row.row_id not in found]
    return tuple(row.label or "" for row in missing if _is_shown(row, keys))


def _is_shown(row: Row, lines: Iterable[str]) -> bool:
    labels = [key(label) for label in (row.label or "", *row.aliases)]
    return any(_shows(line, label) for line in lines for label in labels)


def _shows(line: str, label: str) -> bool:
    if len(label) >= _LABEL and line.startswith(label):
        return line[len(label) :].isdigit()
    return len(line) >= _PART_OF_LABEL and label.startswith(line)
