"""The sums of the form's tables, for reading what only they tell: numbers that run together, and
numbers without a single label.

`sums_of_tables(forms)` gives for each table of each edition the equalities of level error that lie
within it. `transform.align` knows nothing of rules; what it needs of them is handed to it.
`is_order_proved(aligned, forms)` says whether a table in which no label names any row may be read
by the order of its rows: every sum of the form must hold, some of them between numbers other than
0. `without_numbers(aligned)` leaves the cells of any other open, with one remark.
"""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Final

from transform.align.align import UNDECIDED, Aligned
from transform.align.run_together import Sums, TableSum
from transform.form.forms import Forms
from transform.parse_number import parse
from transform.records import Remark
from transform.rules.expand import Term
from transform.rules.load import load_rules

BY_ORDER: Final = "row.by_order"  # the remark on a row that only its order names


@lru_cache(maxsize=4)
def sums_of_tables(forms: Forms) -> Sums:
    """The sums by (edition, table_id)."""
    terms: dict[tuple[str, str], dict[tuple[str, str], dict[str, list[tuple[int, int]]]]] = (
        defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    )
    for t in _terms_of_equalities(forms):
        columns = forms.table(t.edition, t.table_id).block(t.row_id).data_columns
        position = next(k for k, c in enumerate(columns) if c.col_id == t.col_id)
        instances = terms[t.edition, t.table_id]
        instances[t.rule_id, t.instance][t.row_id].append((position, t.coefficient))
    return {
        table: tuple(_table_sum(rows) for rows in instances.values())
        for table, instances in terms.items()
    }


def _terms_of_equalities(forms: Forms) -> list[Term]:
    rules = load_rules(forms)
    errors = {r.rule_id for r in rules.rules if r.level == "error"}
    equal = {
        (i.edition, i.rule_id, i.instance)
        for i in rules.instances
        if i.operator == "==" and i.rule_id in errors
    }
    return [t for t in rules.terms if (t.edition, t.rule_id, t.instance) in equal]


def _table_sum(rows: dict[str, list[tuple[int, int]]]) -> TableSum:
    return TableSum({row: tuple(cells) for row, cells in rows.items()})


def is_order_proved(aligned: Aligned, forms: Forms) -> bool:
    """Whether a label names some row, or the sums prove the order of the rows."""
    by_order = {r.row_id for r in aligned.remarks if r.code == BY_ORDER}
    if not aligned.rows or not by_order.issuperset(aligned.rows):
        return True
    of_table = sums_of_tables(forms).get((aligned.edition.edition_id, aligned.table.table_id), ())
    weighed = [_weigh(table_sum, aligned) for table_sum in of_table]
    return all(rest == 0 for rest, _ in weighed) and any(filled for _, filled in weighed)


def _weigh(table_sum: TableSum, aligned: Aligned) -> tuple[Decimal | None, bool]:
    """What the terms of a sum add to, None where one is no number, and whether any is not 0."""
    total, filled = Decimal(0), False
    for row_id, terms in table_sum.terms.items():
        columns = aligned.table.block(row_id).data_columns
        for position, coefficient in terms:
            placed = aligned.cells.get((row_id, columns[position].col_id))
            printed = parse(placed.text) if placed else None
            if printed is None or (printed.value is None and printed.state != "blank"):
                return None, False
            total += coefficient * (printed.value or 0)
            filled = filled or bool(printed.value)
    return total, filled


def without_numbers(aligned: Aligned) -> Aligned:
    """The table with every cell open: its text is kept, its place in the form is not known."""
    remarks = [r for r in aligned.remarks if r.code != BY_ORDER]
    return replace(
        aligned,
        cells={key: p._replace(confidence=UNDECIDED) for key, p in aligned.cells.items()},
        remarks=(*remarks, Remark("table.order_unproved", printed=str(len(aligned.rows)))),
    )
