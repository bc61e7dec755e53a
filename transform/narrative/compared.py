"""How many figures of the prose were held against the tables of the same report.

`count_compared(statements, tables, cells, forms)` counts each figure once, however often the text
states it, where the tables hold a number for every cell of one of its readings. Whether they agree
is for the rules to say (`transform/rules/statements.sql`).
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from transform.form.forms import Forms
from transform.narrative.patterns import list_metric_cells
from transform.records import CellRow, StatementRow, TableRow

_Reading = tuple[tuple[str, str, str], ...]  # cells, each table, row and column


def count_compared(
    statements: Iterable[StatementRow],
    tables: Sequence[TableRow],
    cells: Iterable[CellRow],
    forms: Forms,
) -> int:
    """The number of figures of which one reading at least has a number in each of its cells."""
    filled = {(c.table_id, c.row_id, c.col_id) for c in cells if c.value is not None}
    editions = {t.edition for t in tables if t.found}
    figures = {(s.metric, s.value) for s in statements}
    comparable = {
        metric
        for metric in {metric for metric, _ in figures}
        if any(
            filled.issuperset(reading)
            for edition in editions
            for reading in _readings(forms).get((metric, edition), ())
        )
    }
    return sum(metric in comparable for metric, _ in figures)


@lru_cache(maxsize=2)
def _readings(forms: Forms) -> Mapping[tuple[str, str], tuple[_Reading, ...]]:
    """The cells of each reading, by metric and edition."""
    cells: dict[tuple[str, str], dict[int, list[tuple[str, str, str]]]] = {}
    for c in list_metric_cells(forms):
        readings = cells.setdefault((c.metric, c.edition), {})
        readings.setdefault(c.reading, []).append((c.table_id, c.row_id, c.col_id))
    return {key: tuple(map(tuple, readings.values())) for key, readings in cells.items()}
