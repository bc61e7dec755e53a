"""The rules as data: `data/rules/*.yaml` with the forms, expanded to one sparse system of terms and
to rows of the codebook.

`load_rules(forms)` gives `Rules`: the rules by kind, and for those of kind `sum` the terms
`(edition, rule_id, instance, table_id, row_id, col_id, coefficient)` of `left - right`. The same
terms drive the SQL check, and whatever else reasons about sums. A rule that names an unknown cell,
an expression that cannot be read, an unknown key or kind is refused with file and line
(`ConfigError`).

The language of expressions: `table[row,col]` is one cell, `sum(table[row.*,col])` adds the parts of
a row, `+` and `-` join them, `==`, `<=` or `>=` stands between the two sides, a side may be 0.
`$name` is replaced by each value of `for_each`.

Out of scope: evaluating anything (`transform.rules.evaluate`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from data import ConfigError, Sheet, read, validate_sheet
from transform.form.forms import Edition, Forms, Table

Level = Literal["error", "warning", "info"]
TESTS: Final[
    dict[str, tuple[str, ...]]
] = {  # what a rule of each kind may test; a query in transform/rules/ answers each
    "cell": (
        "text",
        "negative",
        "not_integer",
        "blank",
        "marker",
        "absent",
        "year",
        "split_digits",
        "subtotal",
        "one_of_pair",
        "no_power",
    ),
    "structure": (
        "table_missing",
        "table_not_filed",
        "row_missing",
        "hybrid",
        "wrong_year",
        "agency_unknown",
        "agency_inferred",
        "year_unknown",
        "year_differs",
        "late",
        "section_missing",
        "section_order",
        "section_number",
        "section_empty",
        "fees_silent",
    ),
    "statement": (
        "received",
        "carried",
        "answered",
        "result",
        "dispute",
        "scope",
        "all_done",
        "all_upheld",
        "parts",
        "parts_beyond",
        "share",
        "growth",
        "period",
    ),
    "years": (
        "carried_over",
        "carried_over_applicant",
        "in_force",
        "items",
        "cumulative",
        "form_changed",
        "unit_jump",
        "disputes_alone",
        "same_numbers",
        "same_words",
        "outlier",
    ),
    "corpus": (
        "year_missing",
        "versions_differ",
        "same_report",
        "same_numbers",
        "children_differ",
        "peer_outlier",
        "zero_years",
        "last_digits",
        "restated",
        "same_file",
    ),
}
ALL_ROWS: Final = "*"


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str
    kind: Literal["sum", "cell", "structure", "remark", "statement", "years", "corpus"]
    level: Level
    source: Literal["official", "derived"]
    message_zh: str
    message_en: str
    quote: str | None = None
    editions: list[str] = []
    for_each: dict[str, list[str] | str] = {}
    expr: str | None = None
    test: str | None = None
    each: Literal["cell", "table"] | None = None
    limit: float | None = None


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    message_zh: str
    message_en: str


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    rules: list[_Rule]
    states: dict[
        Literal["total_blank", "holds_if_blank_is_zero", "not_assessable", "readings_disagree"],
        _Words,
    ] = {}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one or more editions.

    `expression` is the sum's, or the name of the test; `limit` is what the test compares with.
    """

    rule_id: str
    editions: tuple[str, ...]
    kind: str
    level: str
    source: str
    quote: str | None
    expression: str | None
    message_zh: str
    message_en: str
    test: str | None
    each: str | None
    limit: float | None


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


@dataclass(frozen=True, eq=False)
class Rules:
    """All rules, and the sparse system that those of kind sum expand to."""

    rules: tuple[Rule, ...]
    instances: tuple[Instance, ...]
    terms: tuple[Term, ...]
    states: dict[str, tuple[str, str]]  # state of a sum -> its message in Chinese and in English

    def of_kind(self, kind: str) -> tuple[Rule, ...]:
        """The rules of one kind."""
        return tuple(r for r in self.rules if r.kind == kind)


@lru_cache(maxsize=4)
def load_rules(forms: Forms, folder: Path | None = None) -> Rules:
    """All rules of `folder` (by default those that come with the project) expanded over `forms`,
    read once and kept.
    """
    where: Traversable = files("data") / "rules" if folder is None else folder
    rules: list[Rule] = []
    instances: list[Instance] = []
    terms: list[Term] = []
    states: dict[str, tuple[str, str]] = {}
    seen: set[tuple[str, str]] = set()
    for path in sorted(
        (p for p in where.iterdir() if p.name.endswith(".yaml")), key=lambda p: p.name
    ):
        sheet = read(path)
        file = validate_sheet(sheet, _File)
        states |= {
            state: (words.message_zh, words.message_en) for state, words in file.states.items()
        }
        for i, entry in enumerate(file.rules):
            at = sheet.at(("rules", i, "id"))
            rule = _checked(entry, forms, at)
            for edition in rule.editions or ("",):
                if (rule.rule_id, edition) in seen:
                    raise ConfigError(
                        f"{at}: {rule.rule_id}: stands twice for edition {edition or 'any'}: "
                        "keep one"
                    )
                seen.add((rule.rule_id, edition))
            rules.append(rule)
            if entry.kind == "sum":
                _expand(sheet, i, entry, forms, instances, terms)
    return Rules(tuple(rules), tuple(instances), tuple(terms), states)


def _checked(entry: _Rule, forms: Forms, at: str) -> Rule:
    for edition in entry.editions:
        if edition not in forms.editions:
            raise ConfigError(
                f"{at}: {entry.id}: there is no edition {edition}: name one of "
                f"{', '.join(forms.editions)}"
            )
    needs = {
        "sum": entry.expr and entry.editions,
        "cell": entry.test and entry.each,
        "remark": True,
    }
    if not needs.get(entry.kind, entry.test):
        raise ConfigError(
            f"{at}: {entry.id}: a rule of kind {entry.kind} lacks a key: sum needs editions "
            "and expr, cell test and each, the others test"
        )
    if entry.test is not None and entry.test not in TESTS.get(entry.kind, ()):
        raise ConfigError(
            f"{at}: {entry.id}: there is no test {entry.test} of kind {entry.kind}: name one "
            f"of {', '.join(TESTS.get(entry.kind, ()))}"
        )
    return Rule(
        entry.id,
        tuple(entry.editions),
        entry.kind,
        entry.level,
        entry.source,
        entry.quote,
        entry.expr or entry.test,
        entry.message_zh,
        entry.message_en,
        entry.test,
        entry.each,
        entry.limit,
    )


_REF: Final = re.compile(
    r"(?P<sum>sum\()?(?P<table>[a-z_]+)\[(?P<row>[a-z_0-9.*]+),(?P<col>[a-z_0-9.]+)\](?(sum)\))"
)
_SIDES: Final = re.compile(r"(.+?)(==|<=|>=)(.+)", re.DOTALL)


def _expand(
    sheet: Sheet,
    index: int,
    rule: _Rule,
    forms: Forms,
    instances: list[Instance],
    terms: list[Term],
) -> None:
    """One rule to its instances and terms, for each of its editions."""
    at = sheet.at(("rules", index, "expr"))
    sides = _SIDES.fullmatch(rule.expr or "")
    if sides is None:
        raise ConfigError(f"{at}: {rule.id}: no ==, <= or >= between two sides: write one")
    for edition_id in rule.editions:
        edition = forms.editions[edition_id]
        for name, value in _bindings(rule, edition, at):
            left, right = (
                _side(text.replace(f"${name}", value) if name else text, edition, rule.id, at)
                for text in (sides[1], sides[3])
            )
            table_id, total_row, total_col = (right or left)[0][:3]
            found = Instance(
                edition_id,
                rule.id,
                value or "all",
                table_id,
                sides[2],
                sides[2] == "==" and len(right) == 1 and len(left) > 1,
                value
                if name == "row" and value in {r.row_id for r in edition.tables[table_id].rows}
                else total_row,
                value if name == "col" else total_col,
                value if name == "block" else None,
            )
            instances.append(found)
            for side, sign, cells in (("left", 1, left), ("right", -1, right)):
                terms.extend(
                    Term(edition_id, rule.id, found.instance, t, r, c, sign * k, side)
                    for t, r, c, k in cells
                )


def _bindings(rule: _Rule, edition: Edition, at: str) -> Iterator[tuple[str, str]]:
    if not rule.for_each:
        yield "", ""
        return
    if len(rule.for_each) != 1:
        raise ConfigError(
            f"{at}: {rule.id}: for_each ranges over one name: write one rule for each combination"
        )
    ((name, values),) = rule.for_each.items()
    if isinstance(values, str):
        found = _REF.search((rule.expr or "").replace(f"${name}", "x"))
        if values != ALL_ROWS or found is None or found["table"] not in edition.tables:
            raise ConfigError(
                f'{at}: {rule.id}: for_each takes a list, or "*" for all rows of the table'
            )
        values = [r.row_id for r in edition.tables[found["table"]].data_rows]
    for value in values:
        yield name, value


def _side(text: str, edition: Edition, rule_id: str, at: str) -> list[tuple[str, str, str, int]]:
    """One side of an expression to (table, row, column, coefficient)."""
    rest = "".join(text.split())
    cells: list[tuple[str, str, str, int]] = []
    if rest == "0":
        return cells
    sign = 1
    while True:
        found = _REF.match(rest)
        if found is None:
            raise ConfigError(
                f"{at}: {rule_id}: cannot read “{rest[:60]}”: write table[row,col] or "
                "sum(table[row.*,col]) joined by + or -"
            )
        for row_id in _rows(found, edition, rule_id, at):
            cells.append((found["table"], row_id, found["col"], sign))
        rest = rest[found.end() :]
        if not rest:
            return cells
        if rest[0] not in "+-":
            raise ConfigError(
                f"{at}: {rule_id}: cannot read “{rest[:60]}”: + or - belongs between two terms"
            )
        sign = 1 if rest[0] == "+" else -1
        rest = rest[1:]


def _rows(ref: re.Match[str], edition: Edition, rule_id: str, at: str) -> Sequence[str]:
    table = edition.tables.get(ref["table"])
    if table is None:
        raise ConfigError(
            f"{at}: {rule_id}: edition {edition.edition_id} has no table {ref['table']}: name "
            f"one of {', '.join(edition.tables)}"
        )
    whole = ref["row"]
    row_ids = (
        table.children(whole[:-2])
        if ref["sum"] and whole.endswith(".*") and whole[:-2] in {r.row_id for r in table.rows}
        else (whole,)
    )
    for row_id in row_ids:
        if (row_id, ref["col"]) not in _cells_of(table):
            raise ConfigError(
                f"{at}: {rule_id}: edition {edition.edition_id} has no cell "
                f"{ref['table']}[{row_id},{ref['col']}]: correct the row or column"
            )
    if not row_ids:
        raise ConfigError(
            f"{at}: {rule_id}: the row {whole[:-2]} has no parts in edition "
            f"{edition.edition_id}: name a row with parts"
        )
    return row_ids


@lru_cache(maxsize=64)
def _cells_of(table: Table) -> frozenset[tuple[str, str]]:
    return frozenset(table.cells)
