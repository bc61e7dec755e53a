"""The second reading of what fails: which tables need one, and what it says of the first.

`doubtful_tables` is a quick look at one report's cells: tables in which an equation does not hold
by the printed numbers, or a number is missing. It may name a table too many, which costs time and
nothing else; the judgement is that of `transform.rules.evaluate`. `compare` lays two readings of a
table side by side and gives remarks: `second.agrees` with the reader's name, or `second.differs`
for each cell that reads differently. The check turns them into the verdict of a finding.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from functools import lru_cache
from json import dumps, loads

from transform.records import CellRow, Remark, TableRow
from transform.rules.load import Rules, Term

_Key = tuple[str, str, str, str]  # edition, table, row, column


@lru_cache(maxsize=4)
def _terms_by_cell(rules: Rules) -> dict[_Key, tuple[Term, ...]]:
    equal = {(i.edition, i.rule_id, i.instance) for i in rules.instances if i.operator == "=="}
    by_cell: dict[_Key, list[Term]] = defaultdict(list)
    for term in rules.terms:
        if (term.edition, term.rule_id, term.instance) in equal:
            by_cell[term.edition, term.table_id, term.row_id, term.col_id].append(term)
    return {cell: tuple(terms) for cell, terms in by_cell.items()}


def doubtful_tables(tables: Sequence[TableRow], cells: Sequence[CellRow], rules: Rules) -> set[str]:
    """The ids of the tables found in which some equality does not hold, or some cell has words or
    is missing.
    """
    editions = {t.table_id: t.edition for t in tables if t.found}
    by_cell = _terms_by_cell(rules)
    rest: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    doubtful: set[str] = set()
    for cell in cells:
        if cell.table_id in editions and cell.state in ("text", "absent"):
            doubtful.add(cell.table_id)
        if cell.value:
            for term in by_cell.get(
                (editions.get(cell.table_id, ""), cell.table_id, cell.row_id, cell.col_id), ()
            ):
                rest[cell.table_id, term.rule_id, term.instance] += term.coefficient * cell.value
    return doubtful | {table_id for (table_id, _, _), total in rest.items() if total}


def compare(
    tables: Sequence[TableRow],
    cells: Sequence[CellRow],
    second: Sequence[CellRow],
    asked: set[str],
    reader: str,
) -> tuple[TableRow, ...]:
    """The table rows with remarks on what the second reading gave for the tables `asked`; a table
    that it did not find gets none.
    """
    other = {(c.table_id, c.row_id, c.col_id): c for c in second}
    seen = {c.table_id for c in second if c.state != "absent"}
    out = []
    for table in tables:
        if table.table_id in asked & seen:
            differing = [
                Remark("second.differs", c.row_id, c.col_id, printed=_said(c), meant=_said(o))
                for c in cells
                if c.table_id == table.table_id
                and (o := other.get((c.table_id, c.row_id, c.col_id))) is not None
                and (o.value, o.state) != (c.value, c.state)
            ]
            remarks = [
                *differing,
                Remark("second.agrees" if not differing else "second.read", printed=reader),
            ]
            table = _with(table, remarks)
        out.append(table)
    return tuple(out)


def unread(tables: Sequence[TableRow], asked: set[str], why: str) -> tuple[TableRow, ...]:
    """The table rows with a remark that the second reader failed on those `asked`, and why."""
    return tuple(
        _with(t, [Remark("second.failed", printed=why)]) if t.table_id in asked else t
        for t in tables
    )


def _with(table: TableRow, remarks: list[Remark]) -> TableRow:
    notes = loads(table.note) + [
        {k: v for k, v in asdict(r).items() if v is not None} for r in remarks
    ]
    return replace(table, note=dumps(notes, ensure_ascii=False))


def _said(cell: CellRow) -> str:
    return (cell.raw_text or "").strip() or cell.state
