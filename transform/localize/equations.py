"""The sums of one table of the form as a system of equations over numbered cells: what locate and
deduce reason on.

`system_of(forms, rules, edition, table_id)` gives a `System`. Every equation reads `sum(coefficient
* cell) operator 0`, with the terms that `transform.rules.load` expanded from data/rules/; a form or
a rule that is added there is here by itself.

`scale_of(values)` is what makes whole numbers of a report's values, which are a sequence beside
`System.cells`; all else about them is out of scope.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from transform.form.forms import Forms, Table
from transform.localize.disjoint_sets import DisjointSets
from transform.rules.load import Rules

CellKey = tuple[str, str, str]  # table_id, row_id, col_id


@dataclass(frozen=True, slots=True)
class Equation:
    """One sum: `sum(coefficients[i] * value of cells[i]) operator 0`; `cells` are places in
    `System.cells`.

    `total` says that the last of `cells` is the total of the others. `level` is that of the rule.
    """

    rule_id: str
    instance: str
    operator: str  # ==, <= or >=
    cells: tuple[int, ...]
    coefficients: tuple[int, ...]
    total: bool
    level: str


@dataclass(frozen=True, eq=False, slots=True)
class System:
    """All equations of one table in one edition.

    `types` is what each cell may hold: int, signed_int or decimal.
    """

    edition: str
    table_id: str
    cells: tuple[CellKey, ...]
    types: tuple[str, ...]
    equations: tuple[Equation, ...]
    # for each cell the places in `equations` that it stands in
    of_cell: tuple[tuple[int, ...], ...]
    index: Mapping[CellKey, int]
    # cells that are filled in together: joined by equations, those in none by their block
    groups: tuple[tuple[int, ...], ...]


@lru_cache(maxsize=32)
def system_of(forms: Forms, rules: Rules, edition: str, table_id: str) -> System:
    """The system of one table, made once and kept. Cells that stand in no sum are there too.

    KeyError for a table that is not.
    """
    table = forms.editions[edition].tables[table_id]
    cells = tuple((table_id, row, col) for row, col in table.cells)
    index = {key: n for n, key in enumerate(cells)}
    levels = {(r.rule_id, e): r.level for r in rules.rules for e in r.editions}
    terms: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for t in rules.terms:
        if (t.edition, t.table_id) == (edition, table_id):
            terms.setdefault((t.rule_id, t.instance), []).append(
                (index[t.table_id, t.row_id, t.col_id], t.coefficient)
            )
    equations = tuple(
        Equation(
            i.rule_id,
            i.instance,
            i.operator,
            *_columns(terms[i.rule_id, i.instance]),
            i.total,
            levels[i.rule_id, edition],
        )
        for i in rules.instances
        if (i.edition, i.table_id) == (edition, table_id)
    )
    of_cell: list[list[int]] = [[] for _ in cells]
    for n, equation in enumerate(equations):
        for cell in equation.cells:
            of_cell[cell].append(n)
    types = tuple(table.type_of(row, col) for _, row, col in cells)
    return System(
        edition,
        table_id,
        cells,
        types,
        equations,
        tuple(map(tuple, of_cell)),
        index,
        _groups(table, cells, equations),
    )


def _groups(
    table: Table, cells: tuple[CellKey, ...], equations: tuple[Equation, ...]
) -> tuple[tuple[int, ...], ...]:
    together = DisjointSets(range(len(cells)))
    for equation in equations:
        for cell in equation.cells[1:]:
            together.join(equation.cells[0], cell)
    used = {cell for equation in equations for cell in equation.cells}
    first: dict[str, int] = {}
    for n, (_, row_id, _) in enumerate(cells):
        if n not in used:
            together.join(n, first.setdefault(table.block(row_id).block_id, n))
    return tuple(together.groups(range(len(cells))))


def scale_of(values: Iterable[Decimal | None]) -> int:
    """The least power of ten that makes all values whole."""
    exponents = (v.normalize().as_tuple().exponent for v in values if v is not None)
    return int(10 ** max((-e for e in exponents if isinstance(e, int) and e < 0), default=0))


def _columns(pairs: list[tuple[int, int]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(cell for cell, _ in pairs), tuple(coefficient for _, coefficient in pairs)
