"""The sums of the form's tables, for reading what only they tell: numbers that run together, and
numbers without a single label.

`sums_of_tables(forms)` gives for each table of each edition the equalities of level error that lie
within it. `transform.align` knows nothing of rules; what it needs of them is handed to it.
`is_order_proved(aligned, forms)` says whether a table in which no label names any row may be read
by the order of its rows: every sum of the form must hold, some of them between numbers other than
0. `without_numbers(aligned)` leaves the cells of any other open, with one remark.
`join_cut_numbers(aligned, forms)` reads a number that a page cut in two, `1` above `08`, as one
where every sum over its cell holds by it; else it stays words.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Final

from extract.number_text import ANY_UNIT, DIGITS
from transform.align.align import UNDECIDED, Aligned, CellKey, PlacedText
from transform.align.run_together import BY_SUMS, Sums, TableSum
from transform.form.forms import Forms
from transform.parse_number import parse
from transform.records import Remark
from transform.rules.expand import Term
from transform.rules.load import load_rules

BY_ORDER: Final = "row.by_order"  # the remark on a row that only its order names
# digits on two lines, the unit behind them
_CUT: Final = re.compile(rf"[{DIGITS}]{{1,6}}[ \t]*\n[ \t]*[{DIGITS}]{{1,6}}(?:{ANY_UNIT})?")


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


def join_cut_numbers(aligned: Aligned, forms: Forms) -> Aligned:
    """The table with numbers cut in two put together where all sums over them hold by it."""
    cut = {k: _joined(p) for k, p in aligned.cells.items() if _CUT.fullmatch(p.text.strip())}
    if not cut:
        return aligned
    tried = replace(aligned, cells=aligned.cells | cut)
    of_table = sums_of_tables(forms).get((aligned.edition.edition_id, aligned.table.table_id), ())
    proved = {key: text for key, text in cut.items() if _is_proved(key, of_table, tried)}
    remarks = (
        Remark("cell.joined_by_sums", *key, aligned.cells[key].text.strip(), text.text)
        for key, text in proved.items()
    )
    return replace(aligned, cells=aligned.cells | proved, remarks=(*aligned.remarks, *remarks))


def _joined(placed: PlacedText) -> PlacedText:
    text = "".join(placed.text.split())
    return placed._replace(text=text, confidence=min(placed.confidence, BY_SUMS))


def _is_proved(key: CellKey, of_table: Sequence[TableSum], tried: Aligned) -> bool:
    """Whether the cell stands in sums, and all of them hold."""
    row_id, col_id = key
    columns = [c.col_id for c in tried.table.block(row_id).data_columns]
    over = [
        table_sum
        for table_sum in of_table
        if any(columns[position] == col_id for position, _ in table_sum.terms.get(row_id, ()))
    ]
    return bool(over) and all(_weigh(table_sum, tried)[0] == 0 for table_sum in over)


def without_numbers(aligned: Aligned) -> Aligned:
    """The table with every cell open: its text is kept, its place in the form is not known."""
    remarks = [r for r in aligned.remarks if r.code != BY_ORDER]
    return replace(
        aligned,
        cells={key: p._replace(confidence=UNDECIDED) for key, p in aligned.cells.items()},
        remarks=(*remarks, Remark("table.order_unproved", printed=str(len(aligned.rows)))),
    )
