"""The sums of the form's tables, for reading text in which only they tell numbers apart.

`sums_of_tables(forms)` gives for each table of each edition the equalities of level error that lie
within it. `transform.align` knows nothing of rules; what it needs of them is handed to it.
"""

from collections import defaultdict
from functools import lru_cache

from transform.align.run_together import Sums, TableSum
from transform.form.forms import Forms
from transform.rules.expand import Term
from transform.rules.load import load_rules


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
