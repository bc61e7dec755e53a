"""The rules as data: `data/rules/*.yaml` with the forms, expanded to one sparse system of terms and
to rows of the codebook.

`load_rules(forms)` gives `Rules`: the rules by kind, and for those of kind `sum` the instances and
terms of `transform.rules.expand`. The same terms drive the SQL check, and whatever else reasons
about sums. `states.yaml` beside the rules has the words of a sum in the states other than `fails`.
An unknown key, kind or test, a placeholder that a message of this kind does not have, and what
`expand` refuses, is refused with file and line (`ConfigError`).

A test of a new kind takes three things: its name in `TESTS` here; a query in the file of its kind
(`transform/rules/KIND.sql`), which joins `rule_book` on kind and test and inserts a row into
`found` for each finding; and a rule in `data/rules/` with this `test`, which gives it level and
words. `tests/transform/rules/test_load.py` holds the three together, and each rule has an example
that passes and one that fails there.

Out of scope: evaluating anything (`transform.rules.evaluate`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import chain
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from data import ConfigError, ConfigFile, read, validate_file
from transform.form.forms import Forms
from transform.rules.expand import Instance, SumRule, Term, expand_sum

Level = Literal["error", "warning", "info"]
STATES_FILE: Final = "states.yaml"
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
        "fee_step",
        "fee_pair",
        "fee_notices",
        "fee_treasury",
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
        "documents",
        "decisions",
        "fees",
        "all_granted",
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
        "new_edition",
    ),
}
_OF_A_SUM: Final = "table row col block left right delta blanks unread"
# what a message of each kind can name; each stands for what the finding is about
PLACEHOLDERS: Final[dict[str, frozenset[str]]] = {
    kind: frozenset(names.split())
    for kind, names in {
        "sum": _OF_A_SUM,
        "state of a sum": f"{_OF_A_SUM} printed cells",
        "cell": "table row col printed meant count cells",
        "structure": "table row printed meant",
        "remark": "table row col printed meant count cells",
        "statement": "table row col left right printed meant cells",
        "years": "table row col printed meant count",
        "corpus": "table row col printed meant count cells",
    }.items()
}
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}|[{}]")


class _Wording(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    message_zh: str
    message_en: str


class RuleEntry(_Wording):
    """One rule as its file has it."""

    id: str
    kind: Literal["sum", "cell", "structure", "remark", "statement", "years", "corpus"]
    level: Level
    source: Literal["official", "derived"]
    quote: str | None = None
    editions: list[str] = []
    for_each: dict[Literal["row", "col", "block"], list[str] | str] = {}
    expr: str | None = None
    test: str | None = None
    each: Literal["cell", "table"] | None = None
    limit: float | None = None
    asks_for_form: bool = False


class RulesFile(BaseModel):
    """A file of rules."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    rules: list[RuleEntry]


class StatesFile(BaseModel):
    """What a sum says in the states other than `fails`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    states: dict[
        Literal["total_blank", "holds_if_blank_is_zero", "not_assessable", "readings_disagree"],
        _Wording,
    ]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one or more editions.

    `expression` is the sum's, or the name of the test; `limit` is what the test compares with.
    `asks_for_form`: where no form is prescribed for the year, the findings are of level info.
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
    asks_for_form: bool = False


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


@dataclass(frozen=True, slots=True)
class _PlacedEntry:
    """A rule of a file, and where it stands there."""

    entry: RuleEntry
    file: ConfigFile
    index: int

    def at(self, key: str) -> str:
        """`file:line` of one of its keys."""
        return self.file.at(("rules", self.index, key))

    def refusal(self, what: str, key: str = "id") -> ConfigError:
        return ConfigError(f"{self.at(key)}: {self.entry.id}: {what}")


@lru_cache(maxsize=4)
def load_rules(forms: Forms, folder: Path | None = None) -> Rules:
    """All rules of `folder` (by default those that come with the project) expanded over `forms`,
    read once and kept.
    """
    where: Traversable = files("data") / "rules" if folder is None else folder
    paths = sorted((p for p in where.iterdir() if p.name.endswith(".yaml")), key=lambda p: p.name)
    of_states = [path for path in paths if path.name == STATES_FILE]
    placed = [one for path in paths if path not in of_states for one in _read_entries(path)]
    rules = tuple(_checked_rule(one, forms) for one in placed)
    _refuse_doubles(placed)
    equations = [
        equation for sum_rule in _sum_rules(placed) for equation in expand_sum(sum_rule, forms)
    ]
    return Rules(
        rules,
        tuple(instance for instance, _ in equations),
        tuple(term for _, terms in equations for term in terms),
        dict(chain.from_iterable(map(_read_states, of_states))),
    )


def _read_entries(path: Traversable) -> Iterator[_PlacedEntry]:
    file = read(path)
    for index, entry in enumerate(validate_file(file, RulesFile).rules):
        yield _PlacedEntry(entry, file, index)


def _read_states(path: Traversable) -> Iterator[tuple[str, tuple[str, str]]]:
    file = read(path)
    for state, words in validate_file(file, StatesFile).states.items():
        for key, message in (("message_zh", words.message_zh), ("message_en", words.message_en)):
            if unknown := _unknown_placeholder(message, "state of a sum"):
                at = file.at(("states", state, key))
                raise ConfigError(f"{at}: {state}: {unknown}")
        yield state, (words.message_zh, words.message_en)


def _refuse_doubles(placed: list[_PlacedEntry]) -> None:
    seen: set[tuple[str, str]] = set()
    for one in placed:
        for edition in one.entry.editions or ("",):
            if (one.entry.id, edition) in seen:
                raise one.refusal(f"stands twice for edition {edition or 'any'}: keep one")
            seen.add((one.entry.id, edition))


def _checked_rule(placed: _PlacedEntry, forms: Forms) -> Rule:
    entry = placed.entry
    _refuse_unknown_editions(placed, forms)
    _refuse_wrong_keys(placed)
    for key, message in (("message_zh", entry.message_zh), ("message_en", entry.message_en)):
        if unknown := _unknown_placeholder(message, entry.kind):
            raise placed.refusal(unknown, key)
    return Rule(
        rule_id=entry.id,
        editions=tuple(entry.editions),
        kind=entry.kind,
        level=entry.level,
        source=entry.source,
        quote=entry.quote,
        expression=entry.expr or entry.test,
        message_zh=entry.message_zh,
        message_en=entry.message_en,
        test=entry.test,
        each=entry.each,
        limit=entry.limit,
        asks_for_form=entry.asks_for_form,
    )


def _refuse_unknown_editions(placed: _PlacedEntry, forms: Forms) -> None:
    for edition in placed.entry.editions:
        if edition not in forms.editions:
            raise placed.refusal(
                f"there is no edition {edition}: name one of {', '.join(forms.editions)}"
            )


def _refuse_wrong_keys(placed: _PlacedEntry) -> None:
    entry = placed.entry
    needs = {
        "sum": entry.expr and entry.editions,
        "cell": entry.test and entry.each,
        "remark": True,
    }
    if not needs.get(entry.kind, entry.test):
        raise placed.refusal(
            f"a rule of kind {entry.kind} lacks a key: sum needs editions and expr, cell test and "
            "each, the others test"
        )
    if entry.kind != "sum" and entry.for_each:
        raise placed.refusal("for_each belongs to rules of kind sum: leave it out", "for_each")
    tests = TESTS.get(entry.kind, ())
    if entry.test is not None and entry.test not in tests:
        raise placed.refusal(
            f"there is no test {entry.test} of kind {entry.kind}: name one of {', '.join(tests)}"
        )


def _unknown_placeholder(message: str, kind: str) -> str | None:
    """What is wrong with the placeholders of a message; None if nothing is."""
    known = PLACEHOLDERS[kind]
    for found in _PLACEHOLDER.finditer(message):
        if found[1] not in known:
            return (
                f"a message of kind {kind} has no placeholder “{found[0]}”: write one of "
                f"{', '.join(f'{{{name}}}' for name in sorted(known))}"
            )
    return None


def _sum_rules(placed: list[_PlacedEntry]) -> Iterator[SumRule]:
    for one in placed:
        entry = one.entry
        if entry.kind == "sum":
            yield SumRule(
                rule_id=entry.id,
                editions=tuple(entry.editions),
                expression=entry.expr or "",
                for_each={str(name): values for name, values in entry.for_each.items()},
                at_expression=one.at("expr"),
                at_for_each=one.at("for_each"),
            )
