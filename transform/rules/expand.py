"""One rule of kind sum to the equations that it stands for, over the forms.

`expand_sum(sum_rule, forms)` gives for each edition and each value of `for_each` an `Instance` with
its `Term`s: the cells of `left - right` with their coefficients.

The language of expressions: `table[row,col]` is one cell, `sum(table[row.*,col])` adds the parts of
a row, `+` and `-` join them, `==`, `<=` or `>=` stands between the two sides, a side may be 0.
`$name` is replaced by each value of `for_each`. A cell that no edition of the rule has, a name that
the expression does not use and an expression that cannot be read are refused (`ConfigError`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from data import ConfigError
from transform.form.forms import Edition, Forms, Table

ALL_ROWS: Final = "*"
_REFERENCE: Final = re.compile(
    r"(?P<sum>sum\()?(?P<table>[a-z_]+)\[(?P<row>[a-z_0-9.*]+),(?P<col>[a-z_0-9.]+)\](?(sum)\))"
)
_SIDES: Final = re.compile(r"(.+?)(==|<=|>=)(.+)", re.DOTALL)

_SignedCell = tuple[str, str, str, int]  # table, row, column, coefficient


@dataclass(frozen=True, slots=True)
class Term:
    """One cell in one instance of a sum: `coefficient` in left - right; `side` is left or right."""

    edition: str
    rule_id: str
    instance: str
    table_id: str
    row_id: str
    col_id: str
    coefficient: int
    side: str


@dataclass(frozen=True, slots=True)
class Instance:
    """One equation.

    `operator` is ==, <= or >=; `total` says that the right side is one cell, the total of the left.

    `row_id`, `col_id` and `block` name it in a message: what `for_each` ranged over, else the
    total's row and column.
    """

    edition: str
    rule_id: str
    instance: str
    table_id: str
    operator: str
    total: bool
    row_id: str | None
    col_id: str | None
    block: str | None


@dataclass(frozen=True, slots=True)
class SumRule:
    """A rule of kind sum as its file has it, and `file:line` of its keys for refusals."""

    rule_id: str
    editions: tuple[str, ...]
    expression: str
    for_each: Mapping[str, Sequence[str] | str]
    at_expression: str
    at_for_each: str

    def refusal(self, what: str, at: str | None = None) -> ConfigError:
        return ConfigError(f"{at or self.at_expression}: {self.rule_id}: {what}")


@dataclass(frozen=True, slots=True)
class _Binding:
    """One value that `for_each` gives to its name; both are empty where it ranges over nothing."""

    name: str = ""
    value: str = ""

    def fill(self, text: str) -> str:
        return text.replace(f"${self.name}", self.value) if self.name else text


def expand_sum(rule: SumRule, forms: Forms) -> Iterator[tuple[Instance, tuple[Term, ...]]]:
    """Each instance of the rule with its terms, those of the left side first."""
    sides = _SIDES.fullmatch(rule.expression)
    if sides is None:
        raise rule.refusal("no ==, <= or >= between two sides: write one")
    for edition_id in rule.editions:
        edition = forms.editions[edition_id]
        for binding in _bindings(rule, edition):
            left, right = (
                tuple(_read_side(binding.fill(text), edition, rule))
                for text in (sides[1], sides[3])
            )
            instance = _instance(rule, edition, binding, sides[2], (left, right))
            yield instance, (*_terms(instance, left, "left"), *_terms(instance, right, "right"))


def _instance(
    rule: SumRule,
    edition: Edition,
    binding: _Binding,
    operator: str,
    sides: tuple[Sequence[_SignedCell], Sequence[_SignedCell]],
) -> Instance:
    left, right = sides
    table_id, total_row, total_col, _ = (right or left)[0]
    table = edition.tables[table_id]
    if binding.name == "block" and binding.value not in table.columns:
        raise rule.refusal(
            f"table {table_id} of edition {edition.edition_id} has no column or group of columns "
            f"{binding.value}: correct the value of block",
            rule.at_for_each,
        )
    names_a_row = binding.name == "row" and any(r.row_id == binding.value for r in table.rows)
    return Instance(
        edition=edition.edition_id,
        rule_id=rule.rule_id,
        instance=binding.value or "all",
        table_id=table_id,
        operator=operator,
        total=operator == "==" and len(right) == 1 and len(left) > 1,
        row_id=binding.value if names_a_row else total_row,
        col_id=binding.value if binding.name == "col" else total_col,
        block=binding.value if binding.name == "block" else None,
    )


def _terms(instance: Instance, cells: Sequence[_SignedCell], side: str) -> Iterator[Term]:
    sign = 1 if side == "left" else -1
    of = (instance.edition, instance.rule_id, instance.instance)
    for table_id, row_id, col_id, coefficient in cells:
        yield Term(*of, table_id, row_id, col_id, sign * coefficient, side)


def _bindings(rule: SumRule, edition: Edition) -> Iterator[_Binding]:
    if not rule.for_each:
        yield _Binding()
        return
    if len(rule.for_each) != 1:
        raise rule.refusal(
            "for_each ranges over one name: write one rule for each combination", rule.at_for_each
        )
    ((name, values),) = rule.for_each.items()
    if f"${name}" not in rule.expression:
        raise rule.refusal(
            f"the expression does not use ${name}: use it, or leave for_each out", rule.at_for_each
        )
    for value in _all_rows(rule, name, edition) if isinstance(values, str) else values:
        yield _Binding(name, value)


def _all_rows(rule: SumRule, name: str, edition: Edition) -> Iterator[str]:
    """The rows that hold figures, of the table that the expression names first."""
    found = _REFERENCE.search(rule.expression.replace(f"${name}", "x"))
    whole = rule.for_each[name] == ALL_ROWS
    if not whole or found is None or found["table"] not in edition.tables:
        raise rule.refusal(
            'for_each takes a list, or "*" for all rows of the table', rule.at_for_each
        )
    return (r.row_id for r in edition.tables[found["table"]].data_rows)


def _read_side(text: str, edition: Edition, rule: SumRule) -> Iterator[_SignedCell]:
    """The cells of one side of an expression."""
    rest = "".join(text.split())
    if rest == "0":
        return
    sign = 1
    while True:
        found = _REFERENCE.match(rest)
        if found is None:
            raise rule.refusal(
                f"cannot read “{rest[:60]}”: write table[row,col] or sum(table[row.*,col]) joined "
                "by + or -"
            )
        for row_id in _rows(found, edition, rule):
            yield found["table"], row_id, found["col"], sign
        rest = rest[found.end() :]
        if not rest:
            return
        if rest[0] not in "+-":
            raise rule.refusal(f"cannot read “{rest[:60]}”: + or - belongs between two terms")
        sign = 1 if rest[0] == "+" else -1
        rest = rest[1:]


def _rows(reference: re.Match[str], edition: Edition, rule: SumRule) -> Sequence[str]:
    """The rows that one term of an expression speaks of."""
    table = edition.tables.get(reference["table"])
    if table is None:
        raise rule.refusal(
            f"edition {edition.edition_id} has no table {reference['table']}: name one of "
            f"{', '.join(edition.tables)}"
        )
    whole = reference["row"].removesuffix(".*")
    is_sum = reference["sum"] and reference["row"].endswith(".*")
    known = is_sum and whole in {r.row_id for r in table.rows}
    row_ids = table.children(whole) if known else (reference["row"],)
    for row_id in row_ids:
        if (row_id, reference["col"]) not in _cells_of(table):
            raise rule.refusal(
                f"edition {edition.edition_id} has no cell "
                f"{reference['table']}[{row_id},{reference['col']}]: correct the row or column"
            )
    if not row_ids:
        raise rule.refusal(
            f"the row {whole} has no parts in edition {edition.edition_id}: name a row with parts"
        )
    return row_ids


@lru_cache(maxsize=64)
def _cells_of(table: Table) -> frozenset[tuple[str, str]]:
    return frozenset(table.cells)
