"""The document as a stream of table lines, each given to the form table that it belongs to.

Takes a `Document` and the form's vocabulary; gives for each form table its *copies*: runs of
`TableLine`s that together make one printing of that table. Grids cut by a page or a paragraph join,
one grid that holds several form tables is cut, tables that are none of the form's are left out, and
a table printed twice (own figures and the whole area's, this year and last) gives two copies.

A line is given to a table by its *strong* labels, those that only this table has; a line without
any follows its neighbours in the same grid, and a grid without any follows the heading above it, if
it holds nothing but numbers.

Out of scope: which row or column a cell is. `transform.align.align` decides that, per edition.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

from extract.document import Cell, Document, Grid
from transform.align.labels import Hit, Vocabulary, is_year, likeness
from transform.parse_number import Printed, parse

_YEAR = re.compile("20[0-9]{2}(?=年)")
NUMERIC_STATES = frozenset({"number", "zero", "marker"})
MIN_STRONG_LABELS = 2  # fewer and a grid may be any table that mentions a word of the form


@dataclass(frozen=True)
class TableLine:
    """One row of a grid: its distinct cells from left to right, those that reach in from an earlier
    row among them.
    """

    grid: int
    row: int
    page: int | None
    cells: tuple[Cell, ...]
    hits: tuple[tuple[Hit, ...], ...]  # for each cell, what its text may name

    @cached_property
    def printed(self) -> tuple[Printed, ...]:
        """Each cell's text read as a number."""
        return tuple(parse(c.text) for c in self.cells)

    @cached_property
    def first_number(self) -> int:
        """The index of the first cell that reads as a number or marker, a serial number before
        words left out, or the count of cells.
        """
        serial = (
            len(self.cells) > 1
            and self.cells[0].text.strip().isdigit()
            and self.printed[1].state == "text"
        )
        return next(
            (
                i
                for i, p in enumerate(self.printed)
                if p.state in NUMERIC_STATES and not (serial and i == 0)
            ),
            len(self.cells),
        )

    @cached_property
    def words(self) -> tuple[Cell, ...]:
        """The cells with words before the first number: labels, and whatever stands where a number
        should.
        """
        before = self.first_number
        return tuple(
            c
            for c, p in zip(self.cells[:before], self.printed[:before], strict=True)
            if p.state == "text"
        )

    @cached_property
    def votes(self) -> dict[str, int]:
        """For each table, how many labels that begin here can mean nothing but it."""
        votes: dict[str, int] = {}
        for cell, hits in zip(self.cells, self.hits, strict=True):
            if hits and cell.row == self.row and not is_year(cell.text):
                table, kind = hits[0].table_id, hits[0].kind
                # 其他 is row and column: a mere word
                if len(hits) == 1 or all(h.table_id == table and h.kind == kind for h in hits):
                    votes[table] = votes.get(table, 0) + 1
        return votes

    @property
    def is_blank(self) -> bool:
        """No cell holds anything."""
        return all(p.state == "blank" for p in self.printed)

    @property
    def is_numeric(self) -> bool:
        """Nothing but numbers, markers and blanks, and at least one of the first."""
        return not self.is_blank and all(
            p.state in NUMERIC_STATES or p.state == "blank" for p in self.printed
        )

    def starts(self, cell: Cell) -> bool:
        """Whether `cell` begins in this line, and does not reach in from above."""
        return cell.row == self.row


@dataclass(frozen=True)
class Copy:
    """One printing of one form table. `years` are those that the paragraph directly above it
    names."""

    table_id: str
    lines: list[TableLine] = field(default_factory=list)
    years: frozenset[int] = frozenset()


def lines_of(grid: Grid, number: int, vocabulary: Vocabulary) -> Iterator[TableLine]:
    """The lines of one grid, those that repeat the line above through spans alone left out."""
    for r, dense in enumerate(grid.matrix):
        cells = tuple(
            c
            for c, left in zip(dense, [None, *dense], strict=False)
            if c is not None and c is not left
        )
        if any(c.row == r for c in cells):
            yield TableLine(
                number, r, grid.page, cells, tuple(vocabulary.hits(c.text) for c in cells)
            )


def strong_table(line: TableLine) -> str | None:
    """The table that this line's labels speak for: the one most cells name while no other table
    could be meant.
    """
    return max(line.votes, key=lambda t: line.votes[t]) if line.votes else None


def _owners(
    lines: list[TableLine], context: str | None, vocabulary: Vocabulary
) -> list[str | None]:
    """For each line of one grid its table: strong lines decide, others follow the line above,
    leading ones the line below.
    """
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(line.votes)
    accepted = {t for t, n in counts.items() if n >= MIN_STRONG_LABELS or t == context}
    if not accepted:
        follows = context is not None and _continues(lines, context, vocabulary)
        return [context if follows else None] * len(lines)
    strong = [s if (s := strong_table(line)) in accepted else None for line in lines]
    first = next((s for s in strong if s), None)
    owners: list[str | None] = []
    for owner in strong:
        owners.append(owner or (owners[-1] if owners else first))
    return owners


def _continues(lines: list[TableLine], table_id: str, vocabulary: Vocabulary) -> bool:
    """Whether a grid without strong labels goes on with the table above: nothing but numbers, or
    every line nearly a row of it.

    A table of one row without a label: one line of just as many numbers, under whatever is left of
    its header.
    """
    labels = vocabulary.rows[table_id]
    if table_id in vocabulary.bare:
        return [len(line.cells) for line in lines if line.is_numeric] == [vocabulary.bare[table_id]]
    return all(
        line.is_numeric
        or line.is_blank
        or any(
            likeness(c.text, labels)
            for c, p in zip(line.cells, line.printed, strict=True)
            if p.state == "text"
        )
        for line in lines
    )


def _heading_table(line: TableLine, vocabulary: Vocabulary) -> str | None:
    """The table that a line inside a grid heads, as where a whole report is one sheet."""
    filled = [c for c, p in zip(line.cells, line.printed, strict=True) if p.state != "blank"]
    return vocabulary.section(filled[0].text) if len(filled) == 1 else None


def table_copies(document: Document, vocabulary: Vocabulary) -> dict[str, list[Copy]]:
    """For each form table found, its copies in document order. Lines of other tables are left
    out."""
    copies: dict[str, list[Copy]] = {}
    context: str | None = None
    number = -1
    years: frozenset[int] = frozenset()
    for block in document.blocks:
        if not isinstance(block, Grid):
            context = vocabulary.section(block.text) or context
            years = _years_above(block.text, years, vocabulary)
            continue
        number += 1
        lines = list(lines_of(block, number, vocabulary))
        for segment in _segments(lines, context, years, vocabulary):
            copies[segment.table_id] = _join(copies.get(segment.table_id, []), segment)
        for line in lines:
            context = _heading_table(line, vocabulary) or strong_table(line) or context
        years = frozenset()
    return copies


def _years_above(text: str, years: frozenset[int], vocabulary: Vocabulary) -> frozenset[int]:
    """The years that a paragraph names for the table below it; a blank one, or one of the form's
    own labels, leaves those named before it.
    """
    named = frozenset(map(int, _YEAR.findall(text)))
    if not text.strip() or (not named and vocabulary.hits(text)):
        return years
    return named


def _segments(
    lines: list[TableLine], context: str | None, years: frozenset[int], vocabulary: Vocabulary
) -> Iterator[Copy]:
    """The runs of lines of one grid that belong to one table, in order."""
    owned = zip(_owners(lines, context, vocabulary), lines, strict=True)
    for owner, run in groupby(owned, key=lambda pair: pair[0]):
        if owner is not None:
            for part in _cut_where_rows_start_over([line for _, line in run]):
                yield Copy(owner, part, _years_within(part) or years)


def _cut_where_rows_start_over(lines: list[TableLine]) -> list[list[TableLine]]:
    """The lines in two where their rows start over, as where one grid holds two years; the second
    gets the header of the first.
    """
    rows = [found if len(found := exact_rows(line, last=True)) == 1 else set() for line in lines]
    seen: set[str] = set()
    for k, names in enumerate(rows):
        if names & seen:
            rest = set().union(*rows[k:])
            if 2 * len(seen & rest) > min(len(seen), len(rest)) and len(rest) > 2:
                while k > 1 and _holds_one(lines[k - 1]):  # what heads the second part
                    k -= 1
                return [lines[:k], _heading(lines) + lines[k:]]
        seen |= names
    return [lines]


def _heading(lines: list[TableLine]) -> list[TableLine]:
    """The header lines above the first number."""
    top = next((i for i, line in enumerate(lines) if line.first_number < len(line.cells)), 0)
    return [line for line in lines[:top] if not _holds_one(line) and not exact_rows(line)]


def _holds_one(line: TableLine) -> bool:
    return sum(p.state != "blank" for p in line.printed) == 1


def _years_within(lines: list[TableLine]) -> frozenset[int]:
    """The years named by lines that hold nothing else, as where one grid holds the tables of two
    years.
    """
    return frozenset(
        int(year)
        for line in lines
        if _holds_one(line)
        for p, c in zip(line.printed, line.cells, strict=True)
        for year in _YEAR.findall(c.text)
    )


def _join(copies: list[Copy], segment: Copy) -> list[Copy]:
    """The copies with the segment joined to the last one, or as another where it prints again what
    that copy holds.

    Rows tell: more than half of the smaller set in common. A table without row labels (disputes)
    starts over with its header.
    """
    if not copies:
        return [segment]
    held, new = copies[-1].lines, segment.lines
    held_rows, new_rows = _row_set(held), _row_set(new)
    if held_rows and new_rows:
        again = 2 * len(held_rows & new_rows) > min(len(held_rows), len(new_rows))
    else:
        again = not held_rows and not new_rows and _has_numbers(held) and _has_header(new)
    if again:
        lines = new if _has_header(new) else _heading(held) + new
        return [*copies, replace(segment, lines=lines)]
    header_apart = not held_rows and segment.years
    years = segment.years if header_apart else copies[-1].years
    return [*copies[:-1], replace(copies[-1], lines=held + new, years=years)]


def _row_set(lines: list[TableLine]) -> set[str]:
    return {row for line in lines for row in exact_rows(line)}


def _has_numbers(lines: list[TableLine]) -> bool:
    return any(line.is_numeric for line in lines)


def _has_header(lines: list[TableLine]) -> bool:
    return any(column_hits(line) >= 3 for line in lines)


def column_hits(line: TableLine) -> int:
    """How many cells that begin in this line may be column labels."""
    return sum(
        any(h.kind == "column" for h in hits)
        for c, hits in zip(line.cells, line.hits, strict=True)
        if line.starts(c)
    )


def exact_rows(line: TableLine, *, last: bool = False) -> set[str]:
    """The rows that this line's own label names; none for a header line.

    With `last` only the last label counts.
    """
    if column_hits(line) >= 2 and line.first_number == len(line.cells):
        return set()
    for cell, hits in reversed(list(zip(line.cells, line.hits, strict=True))[: line.first_number]):
        rows = {h.ident for h in hits if h.kind == "row" and h.ident}
        if rows and line.starts(cell):
            return rows
        if last and cell.text.strip():
            break
    return set()
