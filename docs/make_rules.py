"""Writes docs/rules.md: every rule that a report is checked by, from data/rules/*.yaml.

    python docs/make_rules.py > docs/rules.md          (make docs does it)

`text()` gives the page. Nothing is said of a rule here that does not stand in its file; a test
holds page and files together.
"""

from collections import Counter
from typing import Final

from load.closed_lists import CHECK_STATES, LEVELS
from transform.form.forms import load_forms
from transform.rules.load import Rule, load_rules

INTRODUCTION: Final = """\
# Rules

Made from `data/rules/*.yaml` by `make docs`. The same rules stand in the table `rules` of the
warehouse.

A rule is of one of seven kinds. A **sum** compares two sides, each a sum of cells. A **cell**
rule looks at one cell. A **structure** rule looks at the shape of a table or at the report as a
whole. A **statement** rule compares the figures of the prose with the tables and with each other.
A **years** rule looks at the same agency's reports of other years, a **corpus** rule at all
reports. A **remark** is a doubt that arose while the table was read, or a word on a correction.

Source: *official* where the form itself or its regulation asks for it, *derived* where it follows
from what a total or a part is. In messages `{table}`, `{row}`, `{col}` and so on stand for what
the finding is about.

`nianbao check` sees one report: rules of kind years and corpus are judged in a run.
"""
SUMS: Final = """\
`requests[new,$col]` is one cell, `sum(requests[denied.*,$col])` adds the parts of a row, `$col`
and `$row` stand for each of several columns or rows. *Equations* counts them for each edition of
the form.

How a blank is treated. A blank is not zero, and a sum with blanks is told apart from one that
holds:

- it adds up by the printed numbers alone: no finding;
- it adds up if each blank is 0: an *info* finding, state `holds_if_blank_is_zero`;
- the total is blank and its parts are not zero: state `total_blank`, with the level of the rule;
- it does not add up even then: state `fails`, with the level of the rule;
- a cell holds words or is absent, or a limit such as "at most the total" is blank: state
  `not_assessable`, *info*.

A table without a single number has no sums to fail; it gets the finding `table.not_filed`.
"""
HEADINGS: Final = {
    "sum": "Sums",
    "cell": "Cells",
    "structure": "Structure",
    "statement": "Statements of the prose",
    "years": "Year to year",
    "corpus": "Across the corpus",
    "remark": "Remarks of the reading",
}


def text() -> str:
    """The whole page, in Markdown."""
    rules = load_rules(load_forms())
    equations = Counter((i.rule_id, i.edition) for i in rules.instances)
    lines = [
        INTRODUCTION,
        "Levels:",
        "",
        *(f"- `{level}`: {meaning}" for level, meaning in LEVELS.items()),
        "",
    ]
    lines += [
        "States:",
        "",
        *(f"- `{state}`: {meaning}" for state, meaning in CHECK_STATES.items()),
        "",
    ]
    for kind, heading in HEADINGS.items():
        lines += [f"## {heading}", "", *([SUMS] if kind == "sum" else [])]
        for rule in rules.of_kind(kind):
            lines += [*_entry(rule, equations), ""]
        if kind == "sum":
            lines += ["### What a sum says in the other states", ""]
            lines += [f"- `{state}`: {en}<br>{zh}" for state, (zh, en) in rules.states.items()]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _entry(rule: Rule, equations: Counter[tuple[str, str]]) -> list[str]:
    editions = (
        ", ".join(
            f"{e} ({n} equations)" if (n := equations[rule.rule_id, e]) > 1 else e
            for e in rule.editions
        )
        or "all"
    )
    lines = [
        f"### {rule.rule_id}" + (f" ({', '.join(rule.editions)})" if rule.editions else ""),
        "",
    ]
    lines.append(f"Level {rule.level}, {rule.source}; editions: {editions}.")
    if rule.quote:
        lines.append(f"Why: {rule.quote}")
    if rule.asks_for_form:
        lines.append(
            "Level info where no form is prescribed: years before 2014, 2019, local forms."
        )
    if rule.kind == "sum":
        lines += ["", "    " + " ".join((rule.expression or "").split())]
    elif rule.test:
        lines.append(
            f"Test: `{rule.test}`" + (f", one finding a {rule.each}." if rule.each else ".")
        )
    return [*lines, "", f"> {rule.message_en}<br>{rule.message_zh}"]


if __name__ == "__main__":
    print(text(), end="")
