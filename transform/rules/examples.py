"""What each rule is called, and an example that it passes and one that it fails.

`example_of(rule_id)` gives the `RuleExample` of `data/rule_examples.yaml`: a title in Chinese and
English and, for a rule that is no sum, what a report prints in either case. `sum_example(rules,
rule_id)` makes the example of a sum from its terms: the same cells twice, once so that it holds and
once so that it does not. A test holds rules and examples together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain, repeat
from typing import Final

from pydantic import BaseModel, ConfigDict, RootModel

from data import validate
from transform.rules.expand import Instance, Term
from transform.rules.load import Rules

CellKey = tuple[str, str, str]  # table_id, row_id, col_id

_NUMBERS: Final = (6, 3, 2, 1)  # of the first cells of an example; the others are 0
_APART: Final = 4  # how far the two sides of a failing example are from holding


class RuleExample(BaseModel):
    """The title of a rule, and what is printed where it holds and where it does not."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    zh: str
    en: str
    passes: str = ""
    fails: str = ""


class ExamplesFile(RootModel[dict[str, RuleExample]]):
    """The file, by rule."""


@dataclass(frozen=True, slots=True)
class SumExample:
    """One equation of a rule with two sets of numbers for its cells."""

    instance: Instance
    terms: tuple[Term, ...]
    passes: Mapping[CellKey, int]
    fails: Mapping[CellKey, int]


@cache
def rule_examples() -> Mapping[str, RuleExample]:
    """All of them by rule, read once and kept."""
    return validate(files("data") / "rule_examples.yaml", ExamplesFile).root


def example_of(rule_id: str) -> RuleExample | None:
    """The title and example of a rule, None for one that this version does not know."""
    return rule_examples().get(rule_id)


def title_of_rule(rule_id: str, lang: str) -> str:
    """What the rule is called; its id where this version does not know it."""
    found = example_of(rule_id)
    return rule_id if found is None else found.zh if lang == "zh" else found.en


def sum_example(rules: Rules, rule_id: str) -> SumExample | None:
    """The first equation of the newest national edition that has the rule; None for a rule that
    is no sum."""
    mine = [i for i in rules.instances if i.rule_id == rule_id]
    if not mine:
        return None
    newest = max((i.edition for i in mine), key=lambda edition: (edition.isdigit(), edition))
    instance = next(i for i in mine if i.edition == newest)
    key = (instance.edition, instance.rule_id, instance.instance)
    terms = tuple(t for t in rules.terms if (t.edition, t.rule_id, t.instance) == key)
    changed = _changed_term(instance, terms)
    numbers = {
        _key(term): number
        for term, number in zip(terms, chain(_NUMBERS, repeat(0)), strict=False)
        if term is not changed
    }
    # what the changed cell must hold for both sides to be equal
    equal = -sum(t.coefficient * numbers[_key(t)] for t in terms if t is not changed)
    equal *= changed.coefficient
    passing, failing = _aside(instance.operator)
    return SumExample(
        instance,
        terms,
        numbers | {_key(changed): equal + passing},
        numbers | {_key(changed): equal + failing},
    )


def _changed_term(instance: Instance, terms: Sequence[Term]) -> Term:
    """The cell that makes an example pass or fail: of an equality the total, else the last on the
    left.
    """
    if instance.operator == "==":
        return next(t for t in terms if t.side == "right")
    return [t for t in terms if t.side == "left"][-1]


def _aside(operator: str) -> tuple[int, int]:
    """How far the changed cell stands from equality where the rule holds and where it does not."""
    return {"==": (0, -_APART), "<=": (-1, _APART), ">=": (1, -1)}[operator]


def _key(term: Term) -> CellKey:
    return term.table_id, term.row_id, term.col_id
