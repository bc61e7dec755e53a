"""What rules are called, and their examples: each rule has them, and the example of a sum holds and
fails as it says.
"""

import re

import pytest

from transform.form.forms import load_forms
from transform.rules.examples import SumExample, example_of, rule_examples, sum_example
from transform.rules.load import load_rules

RULES = load_rules(load_forms())
SUMS = sorted({i.rule_id for i in RULES.instances})
HANZI = re.compile(r"[一-鿿]")


def holds(sample: SumExample, numbers: dict[tuple[str, str, str], int]) -> bool:
    difference = sum(t.coefficient * numbers[t.table_id, t.row_id, t.col_id] for t in sample.terms)
    return {"==": difference == 0, "<=": difference <= 0, ">=": difference >= 0}[
        sample.instance.operator
    ]


def test_every_rule_has_a_title_in_both_languages_and_no_rule_is_named_that_is_none() -> None:
    titles = rule_examples()
    assert set(titles) == {r.rule_id for r in RULES.rules}
    assert not [r for r, e in titles.items() if not HANZI.search(e.zh) or HANZI.search(e.en)]
    for lang in ("zh", "en"):
        named = [getattr(e, lang) for e in titles.values()]
        assert {n for n in named if named.count(n) > 1} == set(), "two rules of one name"


@pytest.mark.parametrize("rule", SUMS)
def test_the_example_of_a_sum_holds_and_fails(rule: str) -> None:
    sample = sum_example(RULES, rule)
    assert sample
    assert holds(sample, dict(sample.passes)) and not holds(sample, dict(sample.fails))
    changed = [key for key in sample.passes if sample.passes[key] != sample.fails[key]]
    assert len(changed) == 1, "one cell tells the two apart"
    assert sample.passes[changed[0]] >= 0 or rule == "proactive.items_nonneg"


@pytest.mark.parametrize("rule", sorted({r.rule_id for r in RULES.rules} - set(SUMS)))
def test_the_example_of_another_rule_is_what_is_printed(rule: str) -> None:
    example = example_of(rule)
    assert example and example.passes and example.fails and example.passes != example.fails
