"""One rule: what it is called and says, where it comes from, an example that passes and one that
fails, how it does, and where it failed.

A message holds names for what a finding is about; here a failing sum fills them from its example,
and elsewhere they are left open (`…`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from review.names import name_cell
from review.pages.equations import WrittenEquation, write_sum
from review.pages.form_view import Key
from review.pages.marks import anchor_of_key
from review.pages.render import language_of, page, problem
from review.pages.warehouse import Warehouse
from transform.form.forms import Table, load_forms
from transform.records import CellRow
from transform.rules.codebook import name_column, name_row
from transform.rules.examples import CellKey, SumExample, example_of, sum_example, title_of_rule
from transform.rules.load import Rule, load_rules

_INSTANCES: Final = 20  # findings that are shown
_PLACEHOLDER: Final = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class ShownExample:
    """A small table of cells with the numbers of a report that passes and of one that fails, and
    both sums written out.
    """

    table: str
    lines: tuple[tuple[str, int, int], ...]  # name, number that passes, number that fails
    passes: WrittenEquation
    fails: WrittenEquation


def show_rule(request: Request) -> Response:
    """The page of one rule."""
    warehouse: Warehouse = request.app.state.warehouse
    rule_id, lang = request.path_params["rule"], language_of(request)
    rules = load_rules(load_forms())
    rule = next((r for r in rules.rules if r.rule_id == rule_id), None)
    cards = warehouse.rows("SELECT * FROM rule_card WHERE rule_id = ?", [rule_id])
    if rule is None or not cards:
        return problem(request, 404, "page.no_rule")
    instances = warehouse.rows(
        "SELECT * FROM findings WHERE rule_id = ? ORDER BY year DESC NULLS LAST, finding_id "
        "LIMIT ?",
        [rule_id, _INSTANCES],
    )
    for row in instances:
        row["anchor"] = anchor_of_key(row["cells"][-1]) if row["cells"] else ""
    sample = sum_example(rules, rule_id)
    return page(
        request,
        "rule.html",
        rule=rule,
        title=title_of_rule(rule_id, lang),
        message=_message(rule, sample, lang),
        card=cards[0],
        sample=None if sample is None else _shown(sample, lang),
        printed=example_of(rule_id),
        instances=instances,
    )


def _shown(sample: SumExample, lang: str) -> ShownExample:
    """The example with the names of its cells."""
    table = _table(sample)
    names = {key: name_cell(table, key[1], key[2], lang) for key in sample.passes}
    order = [(t.table_id, t.row_id, t.col_id) for t in sample.terms]
    return ShownExample(
        table.label if lang == "zh" else table.label_en,
        tuple((names[key], sample.passes[key], sample.fails[key]) for key in order),
        _written(sample, sample.passes, names),
        _written(sample, sample.fails, names),
    )


def _written(
    sample: SumExample, numbers: Mapping[CellKey, int], names: Mapping[Key, str]
) -> WrittenEquation:
    cells = {key: _cell(key, number) for key, number in numbers.items()}
    return write_sum(sample.instance, sample.terms, cells, names)


def _cell(key: CellKey, number: int) -> CellRow:
    state = "number" if number else "zero"
    nowhere = (None, None, None, None, None, None)  # unit, page, grid and its row and column, box
    return CellRow(*key, Decimal(number), state, str(number), *nowhere, "", 1.0)


def _message(rule: Rule, sample: SumExample | None, lang: str) -> str:
    """What a finding of the rule says."""
    message = rule.message_zh if lang == "zh" else rule.message_en
    known = {} if sample is None else _named(sample, lang)
    return _PLACEHOLDER.sub(lambda found: known.get(found[0].strip("{}"), "…"), message)


def _named(sample: SumExample, lang: str) -> dict[str, str]:
    """What stands for the names in the message of a failing sum."""
    at = 0 if lang == "zh" else 1
    table, instance = _table(sample), sample.instance
    total = sample.terms[-1]
    shown = _shown(sample, lang)
    row = name_row(table, table.row(instance.row_id or total.row_id))[at]
    column = name_column(table, table.column(total.row_id, instance.col_id or total.col_id))[at]
    sides = {"left": shown.fails.left.total, "right": shown.fails.right.total}
    delta = str(int(sides["right"] or 0) - int(sides["left"] or 0))
    return {"table": shown.table, "row": row, "col": column, "delta": delta, **sides}


def _table(sample: SumExample) -> Table:
    return load_forms().table(sample.instance.edition, sample.terms[0].table_id)
