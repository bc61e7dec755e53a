"""Tables whose cells run together: text that lost its tags
(`（一）予以公开7000007（二）部分公开…`), read by labels and sums.

Takes the paragraphs of a document whose reader saw no cells, and the sums of the form's tables;
gives `Aligned` tables. Between the
label of a row and the next label stands one string of digits. Every way to cut it into as many
numbers as the row has cells is a candidate: a blank cuts, no number but 0 begins with 0, the
equations of the form that lie within the row must hold. Equations over several rows then strike out
candidates. What is left with one candidate is read; what has several, or none, stays undecided: its
cells are `absent` with the whole string for their text.

Nothing is read at all where any row has fewer digits than cells: then blanks are left out of the
text, and no count of cells can be trusted. A cut that the sums decided stands only if every
equation that the row is in holds in the end: in a report whose sums fail, a false cut may be the
one that satisfies them. Confidence is `FORCED` where the digits can be cut in one way only,
`BY_SUMS` where the sums decided. Out of scope: typos in labels.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from math import prod
from typing import Final

from extract.document import Document
from extract.number_text import ANY_MONEY
from transform.align.align import UNDECIDED, Aligned, CellKey, PlacedText
from transform.form.forms import Block, Edition, Forms, Section, Table
from transform.parse_number import parse
from transform.records import Remark

FORCED: Final = 0.95
BY_SUMS: Final = 0.8
MAX_WAYS: Final = 2_000  # candidates of one row
MAX_COMBINATIONS: Final = 50_000  # of the rows that equations left undecided
# of the rows with more than one cell: fewer, and the text is of another kind
MIN_FORCED: Final = 0.5
# from so many rows on most are zeros, and the share of forced ones tells something
MANY_ROWS: Final = 10

Numbers = tuple[int, ...]


@dataclass(frozen=True)
class TableSum:
    """An equality of the form over cells of one table: by row_id the (position in the row,
    coefficient) of each of its terms; they add to 0.
    """

    terms: dict[str, tuple[tuple[int, int], ...]]

    def add(self, row_id: str, numbers: Numbers) -> int:
        """What the row gives to the sum if these are its numbers."""
        return sum(numbers[k] * c for k, c in self.terms.get(row_id, ()))


# (edition, table_id) -> the sums within that table
Sums = Mapping[tuple[str, str], Sequence[TableSum]]


@dataclass(frozen=True)
class _DigitString:
    """A data row as found: the text between its label and the next one, and the ways to cut it into
    numbers. `forced`: there was one way only, before any sum was asked.
    """

    row_id: str
    text: str
    cells: int
    ways: tuple[Numbers, ...]
    forced: bool


def flat_tables(document: Document, forms: Forms, sums: Sums) -> dict[str, Aligned]:
    """The form tables in run-together text, by id; empty if there are none, or if they cannot be
    told apart safely. `sums` are the equalities that hold within each table.
    """
    text = unicodedata.normalize("NFKC", "\n".join(p.text for p in document.paragraphs))
    found: dict[str, Aligned] = {}
    if _leaves_out_blanks(text, forms):
        return found
    for table_id in dict.fromkeys(t.table_id for t in forms.tables):
        fits = [
            f
            for e in forms.editions.values()
            if table_id in e.tables and (f := _fit(text, e, e.tables[table_id], forms, sums))
        ]
        if fits:
            found[table_id] = max(
                fits,
                key=lambda f: (
                    len(f.rows) / len(f.table.data_rows),
                    len(f.rows),
                    f.edition.edition_id,
                ),
            )
    return found


def _fit(text: str, edition: Edition, table: Table, forms: Forms, sums: Sums) -> Aligned | None:
    if _of_another_edition(text, table, forms):
        return None
    strings = {row_id: _until_words(s) for row_id, s in _strings(text, table, forms).items()}
    if len(strings) < len(table.data_rows):
        return None
    of_table = sums.get((edition.edition_id, table.table_id), ())
    rows = [_cut_row(table, row_id, string, of_table) for row_id, string in strings.items()]
    several = [r for r in rows if r.cells > 1]
    if len(several) >= MANY_ROWS and sum(r.forced for r in several) < MIN_FORCED * len(several):
        return None
    rows = _drop_unproved(_strike_out(rows, of_table), of_table)
    return Aligned(
        table,
        edition,
        {cell: text for row in rows for cell, text in _place(table, row)},
        rows=tuple(row.row_id for row in rows),
        remarks=tuple(remark for row in rows for remark in _remark(row)),
    )


def _place(table: Table, row: _DigitString) -> Iterator[tuple[CellKey, PlacedText]]:
    printed = row.text.strip()
    for k, column in enumerate(table.block(row.row_id).data_columns):
        if row.cells == 1 and row.forced:
            text, confidence = printed, FORCED
        elif len(row.ways) == 1:
            text, confidence = str(row.ways[0][k]), FORCED if row.forced else BY_SUMS
        else:
            text, confidence = printed, UNDECIDED
        yield (
            (row.row_id, column.col_id),
            PlacedText(text, None, None, None, None, None, confidence),
        )


def _remark(row: _DigitString) -> list[Remark]:
    printed = row.text.strip()
    if (row.cells > 1 and len(row.ways) != 1) or (row.cells == 1 and not row.forced):
        return [Remark("row.cut_unknown", row.row_id, printed=printed, meant=str(row.cells))]
    if row.cells > 1 and not row.forced:
        meant = ", ".join(map(str, row.ways[0]))
        return [Remark("row.cut_by_sums", row.row_id, printed=printed, meant=meant)]
    return []


def _leaves_out_blanks(text: str, forms: Forms) -> bool:
    """Whether some row of some table has fewer digits than cells."""
    for table in forms.tables:
        if not _of_another_edition(text, table, forms):
            for row_id, string in _strings(text, table, forms).items():
                if sum(c.isdigit() for c in string) < len(table.block(row_id).data_columns):
                    return True
    return False


def _of_another_edition(text: str, table: Table, forms: Forms) -> bool:
    """Whether a label that only another edition's table has stands in the text."""
    squeezed = "".join(text.split())
    others = (
        t for t in forms.tables if t.table_id == table.table_id and t.edition != table.edition
    )
    return any(
        "".join(unicodedata.normalize("NFKC", mark).split()) in squeezed
        for t in others
        for mark in t.fingerprints
    )


# --- labels to strings
# ------------------------------------------------------------------------------------------------


def _strings(text: str, table: Table, forms: Forms) -> dict[str, str]:
    """For each data row the text between its label and the next label of any kind, in form order.

    Rows not found are left out.
    """
    pattern, names = _pattern(table, forms)
    hits = [(names[m.lastgroup or ""], m.start(), m.end()) for m in pattern.finditer(text)]
    order = {r.row_id: r.position for r in table.rows}
    found: dict[str, str] = {}
    last = -1
    # no hit has none after it
    for (name, _, end), (_, following, _) in zip(
        hits, [*hits[1:], ("", len(text), 0)], strict=False
    ):
        if name in order and order[name] > last and (last >= 0 or name == table.rows[0].row_id):
            last = order[name]
            if table.row(name).kind == "data":
                found[name] = text[end:following]
    return found


def _until_words(text: str) -> str:
    """The text up to the first words that are no unit: after the last row the report goes on."""
    found = re.match(rf"[\s0-9.,+\-]*(?:(?:{ANY_MONEY})[\s0-9.]*)?", text)
    return found[0] if found else ""


@lru_cache(maxsize=32)
def _pattern(table: Table, forms: Forms) -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern over the table's rows, headers and captions and all section headings, the longest
    first; its groups' names.
    """
    labels = _labels_of_table(table)
    headings: list[Table | Section] = [*forms.tables]
    headings += [s for e in forms.editions.values() for s in e.sections]
    for heading in headings:
        labels = dict.fromkeys((heading.label, *heading.aliases), "") | labels
    ordered = sorted((unicodedata.normalize("NFKC", t), name) for t, name in labels.items() if t)
    ordered.sort(key=lambda pair: -len(pair[0]))
    names = {f"g{i}": name for i, (_, name) in enumerate(ordered)}
    parts = (f"(?P<g{i}>{_loose(text)})" for i, (text, _) in enumerate(ordered))
    return re.compile("|".join(parts)), names


def _labels_of_table(table: Table) -> dict[str, str]:
    """Every label of the table with the row that it names, "" for one that names none.

    Where the one row has no label, the last columns' labels stand before its numbers.
    """
    rows = {text: row.row_id for row in table.rows for text in (row.label, *row.aliases)}
    columns = table.blocks[0].data_columns
    if not table.data_rows[0].label:
        header = "".join(c.label for c in columns[-10:])
        return {header: table.data_rows[0].row_id, columns[-1].label: ""} if header else rows
    others = [text for block in table.blocks for text in _labels_of_block(block)]
    return dict.fromkeys(filter(None, others), "") | rows


def _labels_of_block(block: Block) -> Iterator[str]:
    """Its caption and the labels of its columns."""
    yield block.caption or ""
    yield from (c.label for c in block.columns)
    yield from (label for _, label in block.label_columns)


def _loose(label: str) -> str:
    """The label with blank space anywhere, either list dot, any quotes or none."""
    pieces = []
    for char in label:
        if char in "\"“”'":
            pieces.append("[\"“”']?")
        elif char in ".、":
            pieces.append("[.、]")
        else:
            pieces.append(re.escape(char))
    return r"\s*".join(pieces)


# --- strings to numbers
# -----------------------------------------------------------------------------------------------


def _cut_row(table: Table, row_id: str, text: str, sums: Sequence[TableSum]) -> _DigitString:
    count = len(table.block(row_id).data_columns)
    if count == 1:
        single = len(text.split()) == 1 and parse(text).value is not None
        return _DigitString(row_id, text, 1, (), single)
    ways = tuple(_cuts(text.split(), count)) if re.fullmatch(r"[\s0-9]+", text) else ()
    if len(ways) == 1:
        return _DigitString(row_id, text, count, ways, True)
    within = [s for s in sums if set(s.terms) == {row_id}]
    holding = tuple(w for w in ways if all(s.add(row_id, w) == 0 for s in within))
    return _DigitString(row_id, text, count, holding, False)


def _cuts(pieces: list[str], count: int) -> Iterator[Numbers]:
    """All ways to cut `pieces` (digits without blanks) into `count` numbers; none if there are more
    than MAX_WAYS.
    """
    ways: list[tuple[int, Numbers]] = [(0, ())]  # how many digits are used, and the numbers so far
    text = "".join(pieces)
    bounds = set()
    at = 0
    for piece in pieces:
        at += len(piece)
        bounds.add(at)
    for n in range(count):
        grown: list[tuple[int, Numbers]] = []
        for used, numbers in ways:
            left = count - n - 1
            for end in range(used + 1, len(text) - left + 1):
                grown.append((end, (*numbers, int(text[used:end]))))
                if text[used] == "0" or end in bounds:
                    break  # 0 stands alone; a blank ends a number
        if len(grown) > MAX_WAYS:
            return
        ways = grown
    yield from (numbers for used, numbers in ways if used == len(text))


def _strike_out(rows: list[_DigitString], sums: Sequence[TableSum]) -> list[_DigitString]:
    """The rows without the ways that sums over several rows exclude, until nothing changes.

    A sum that would leave a row without any way contradicts what is printed: it proves nothing and
    is left out.
    """
    by_id = {r.row_id: r for r in rows}
    usable = [
        s for s in sums if len(s.terms) > 1 and all(r in by_id and by_id[r].ways for r in s.terms)
    ]
    changed = True
    while changed:
        changed = False
        for table_sum in usable:
            narrowed = _narrow(table_sum, by_id)
            by_id |= narrowed
            changed = changed or bool(narrowed)
    return [by_id[r.row_id] for r in rows]


def _narrow(table_sum: TableSum, rows: Mapping[str, _DigitString]) -> dict[str, _DigitString]:
    """The rows of a sum that have fewer ways if it holds; none if it cannot hold, or if there are
    too many combinations to try.
    """
    open_rows = [rows[r] for r in table_sum.terms if len(rows[r].ways) > 1]
    if not open_rows or prod(len(r.ways) for r in open_rows) > MAX_COMBINATIONS:
        return {}
    kept = _find_holding(table_sum, open_rows, rows)
    if not all(kept):
        return {}
    return {
        row.row_id: replace(row, ways=tuple(w for w in row.ways if w in ways))
        for row, ways in zip(open_rows, kept, strict=True)
        if len(ways) < len(row.ways)
    }


def _find_holding(
    table_sum: TableSum, open_rows: list[_DigitString], rows: Mapping[str, _DigitString]
) -> list[set[Numbers]]:
    """For each open row the ways with which the sum can hold, whatever the others' are."""
    known = [r for r in table_sum.terms if len(rows[r].ways) == 1]
    rest = sum(table_sum.add(r, rows[r].ways[0]) for r in known)
    kept: list[set[Numbers]] = [set() for _ in open_rows]
    for chosen in product(*(r.ways for r in open_rows)):
        added = map(table_sum.add, (r.row_id for r in open_rows), chosen)
        if rest + sum(added) == 0:
            for ways, way in zip(kept, chosen, strict=True):
                ways.add(way)
    return kept


def _drop_unproved(rows: list[_DigitString], sums: Sequence[TableSum]) -> list[_DigitString]:
    """The rows without what the sums decided for one of which some sum does not hold, or cannot be
    known.
    """
    by_id = {r.row_id: r for r in rows}
    unproved = {r for s in sums if not _holds(s, by_id) for r in s.terms}
    return [
        replace(row, ways=()) if row.row_id in unproved and not row.forced else row for row in rows
    ]


def _holds(table_sum: TableSum, rows: Mapping[str, _DigitString]) -> bool:
    known = all(r in rows and len(rows[r].ways) == 1 for r in table_sum.terms)
    return known and sum(table_sum.add(r, rows[r].ways[0]) for r in table_sum.terms) == 0
