"""The second reading of what fails: which tables need one, and what it says of the first.

`find_tables_in_doubt` is a quick look at one report's cells: tables in which an equation does not
hold by the printed numbers, or a number is missing. It may name a table too many, which costs time
and nothing else; the judgement is that of `transform.rules.evaluate`. `find_uncovered_tables` names
those over which no equation goes, such as table 二. `compare_readings` lays two
readings of a table side by side and gives remarks, which the check turns into the verdict of a
finding (`rules/remarks.sql`):

- `second.agrees` (printed: the reader): every cell has the same printed characters in both;
- `second.read` (printed: the reader): the table was read twice, and some cells are not confirmed;
- `second.differs` (row, column, printed; meant: the number of the second reading): the second
  reader gives another number. Only a number contradicts: a cell that the second reader does not
  find, finds blank or takes for words may be its own failure;
- `second.unconfirmed` (row, column): the second reader gives the cell no other number, but not the
  same printed characters either.

A second reading that finds less than `CELLS_TO_FIND` of a table's cells is none: it gives no
remark, as for a table that it does not find at all.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

from transform.records import CellRow, Remark, RemarkRow, TableRow
from transform.rules.expand import Term
from transform.rules.load import Rules

CELLS_TO_FIND: Final = 0.9  # share of the cells that the first reader found in the table

_FormCell = tuple[str, str, str, str]  # edition, table, row, column
_Cell = tuple[str, str, str]  # table, row, column


@lru_cache(maxsize=4)
def _terms_by_cell(rules: Rules) -> dict[_FormCell, tuple[Term, ...]]:
    equal = {(i.edition, i.rule_id, i.instance) for i in rules.instances if i.operator == "=="}
    by_cell: dict[_FormCell, list[Term]] = defaultdict(list)
    for term in rules.terms:
        if (term.edition, term.rule_id, term.instance) in equal:
            by_cell[term.edition, term.table_id, term.row_id, term.col_id].append(term)
    return {cell: tuple(terms) for cell, terms in by_cell.items()}


def find_tables_in_doubt(
    tables: Sequence[TableRow], cells: Sequence[CellRow], rules: Rules
) -> set[str]:
    """The ids of the tables found in which some equality does not hold, or some cell has words or
    is missing.
    """
    editions = {t.table_id: t.edition for t in tables if t.found}
    by_cell = _terms_by_cell(rules)
    rest: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    in_doubt: set[str] = set()
    for cell in cells:
        if cell.table_id in editions and cell.state in ("text", "absent"):
            in_doubt.add(cell.table_id)
        if cell.value:
            for term in by_cell.get(
                (editions.get(cell.table_id, ""), cell.table_id, cell.row_id, cell.col_id), ()
            ):
                rest[cell.table_id, term.rule_id, term.instance] += term.coefficient * cell.value
    return in_doubt | {table_id for (table_id, _, _), total in rest.items() if total}


def find_uncovered_tables(tables: Sequence[TableRow], rules: Rules) -> set[str]:
    """The ids of the tables found over whose cells no equality goes: nothing else would show that
    one of them was misread.
    """
    covered = covered_tables(rules)
    return {t.table_id for t in tables if t.found and (t.edition, t.table_id) not in covered}


def covered_tables(rules: Rules) -> set[tuple[str, str]]:
    """Edition and id of the tables over whose cells some equality goes."""
    return {(edition, table_id) for edition, table_id, _, _ in _terms_by_cell(rules)}


def pages_of(asked: set[str], cells: Sequence[CellRow]) -> frozenset[int] | None:
    """The pages to read for the tables `asked`, with the next one, on which a cut row may end; None
    where the format has no pages.
    """
    pages = [c.page for c in cells if c.table_id in asked and c.page is not None]
    return frozenset(range(min(pages), max(pages) + 2)) if pages else None


def compare_readings(
    cells: Sequence[CellRow], second: Sequence[CellRow], asked: set[str], reader: str
) -> tuple[RemarkRow, ...]:
    """Remarks on what the second reading gave for the tables `asked`; a table of which `reader`
    found too little gets none.
    """
    other = {_key(c): c for c in second if c.state != "absent"}
    remarks: list[RemarkRow] = []
    for table_id in dict.fromkeys(c.table_id for c in cells):
        theirs = [c for c in cells if c.table_id == table_id]
        if table_id in asked and _is_read(theirs, other):
            compared = _compare_cells(theirs, other, reader)
            remarks += (RemarkRow.of(table_id, remark) for remark in compared)
    return tuple(remarks)


def note_failure(asked: set[str], why: str) -> tuple[RemarkRow, ...]:
    """A remark for each of the tables `asked` that the second reader failed on them, and why."""
    return tuple(RemarkRow.of(t, Remark("second.failed", printed=why)) for t in sorted(asked))


def _is_read(cells: Sequence[CellRow], other: Mapping[_Cell, CellRow]) -> bool:
    """Whether the second reader found enough of the table's cells for its word to count.

    Words where the first reader has a number, or nothing, are no find.
    """
    there = [
        (second := other.get(_key(c))) is not None and (second.state != "text" or c.state == "text")
        for c in cells
        if c.state != "absent"
    ]
    found_any = any(_key(c) in other for c in cells)
    return found_any and sum(there) >= CELLS_TO_FIND * len(there)


def _compare_cells(
    cells: Sequence[CellRow], other: Mapping[_Cell, CellRow], reader: str
) -> list[Remark]:
    remarks = list(_differences(cells, other))
    code = "second.read" if remarks else "second.agrees"
    return [*remarks, Remark(code, printed=reader)]


def _differences(cells: Sequence[CellRow], other: Mapping[_Cell, CellRow]) -> Iterator[Remark]:
    for cell in cells:
        second = other.get(_key(cell))
        if second is not None and second.value is not None and second.value != cell.value:
            yield Remark(
                "second.differs",
                cell.row_id,
                cell.col_id,
                printed=_printed_text(cell),
                meant=f"{second.value:f}",
            )
        # words and missing cells are in no sum that is judged
        elif cell.state not in ("text", "absent") and (
            second is None or _characters(second) != _characters(cell)
        ):
            yield Remark("second.unconfirmed", cell.row_id, cell.col_id)


def _key(cell: CellRow) -> _Cell:
    return cell.table_id, cell.row_id, cell.col_id


def _printed_text(cell: CellRow) -> str:
    return (cell.raw_text or "").strip() or cell.state


def _characters(cell: CellRow) -> str:
    """What is printed in the cell; two readers may differ in blank space."""
    return "".join((cell.raw_text or "").split())
