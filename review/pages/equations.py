"""The sums that a finding is about, written out as a person writes them.

`equation_of(finding, cells, names)` gives both sides with each number that adds, zeros and cells
without a number counted, and what the sides come to; None for a finding that is about no sum. Only
numbers add, as in the checks.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from review.pages.form_view import Key, anchor_of
from transform.form.forms import load_forms
from transform.records import CellRow
from transform.rules.expand import Instance, Term
from transform.rules.load import load_rules

InstanceKey = tuple[str, str, str]  # edition, rule_id, instance


@dataclass(frozen=True, slots=True)
class Addend:
    """One number of a side, with its cell."""

    sign: str
    text: str
    key: str
    anchor: str
    name: str


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a sum: numbers that are not zero, how many other cells by state, and the sum,
    empty where no cell has a number.
    """

    addends: tuple[Addend, ...]
    others: tuple[tuple[str, int], ...]
    total: str


@dataclass(frozen=True, slots=True)
class WrittenEquation:
    """A sum with what its sides come to: `relation` is what is asked, `holds` whether it is so."""

    left: Side
    right: Side
    relation: str
    holds: bool


@cache
def _system() -> dict[InstanceKey, tuple[Instance, tuple[Term, ...]]]:
    rules = load_rules(load_forms())
    terms: dict[InstanceKey, list[Term]] = {}
    for term in rules.terms:
        terms.setdefault((term.edition, term.rule_id, term.instance), []).append(term)
    return {
        key: (i, tuple(terms[key]))
        for i in rules.instances
        if (key := (i.edition, i.rule_id, i.instance)) in terms
    }


def equation_of(
    finding: Mapping[str, Any],
    editions: Mapping[str, str],
    cells: Mapping[Key, CellRow],
    names: Mapping[Key, str],
) -> WrittenEquation | None:
    """The sum of a finding; `editions` are those of the report's tables."""
    tables = {cell.partition("|")[0] for cell in finding["cells"] or ()}
    for edition in {editions[t] for t in tables if t in editions}:
        found = _system().get((edition, finding["rule_id"], finding["instance"]))
        if found is not None:
            return write_sum(*found, cells, names)
    return None


def write_sum(
    instance: Instance,
    terms: Sequence[Term],
    cells: Mapping[Key, CellRow],
    names: Mapping[Key, str],
) -> WrittenEquation:
    """One equation with the numbers of `cells`."""
    left, left_sum = _side(terms, "left", cells, names)
    right, right_sum = _side(terms, "right", cells, names)
    holds = left_sum is not None and right_sum is not None
    if left_sum is not None and right_sum is not None:
        holds = {
            "==": left_sum == right_sum,
            "<=": left_sum <= right_sum,
            ">=": left_sum >= right_sum,
        }[instance.operator]
    return WrittenEquation(left, right, {"==": "=", "<=": "≤", ">=": "≥"}[instance.operator], holds)


def _side(
    terms: Sequence[Term], side: str, cells: Mapping[Key, CellRow], names: Mapping[Key, str]
) -> tuple[Side, Decimal | None]:
    addends: list[Addend] = []
    others = Counter[str]()
    here = [t for t in terms if t.side == side]
    total: Decimal | None = None if here else Decimal(0)
    for term in here:
        key = (term.table_id, term.row_id, term.col_id)
        cell = cells.get(key)
        coefficient = term.coefficient if side == "left" else -term.coefficient
        if cell is not None and cell.value is not None:
            total = (total or Decimal(0)) + coefficient * cell.value
        if cell is None or cell.state != "number" or cell.value is None:
            others["absent" if cell is None else cell.state] += 1
            continue
        sign = "−" if coefficient < 0 else "+"
        addends.append(
            Addend(sign, plain(cell.value), "|".join(key), anchor_of(key), names.get(key, ""))
        )
    return Side(tuple(addends), tuple(others.items()), "" if total is None else plain(total)), total


def plain(value: Decimal | str) -> str:
    """A number without zeros at its end and without an exponent."""
    return format(Decimal(value).normalize() + 0, "f")
