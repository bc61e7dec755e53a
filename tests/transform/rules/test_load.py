"""The rules as files: every rule can be said in both languages, every one is documented, and faults
are refused with file and line.

That each rule passes where it should and fails where it should stands in `test_check.py`.
"""

import re
from pathlib import Path

import pytest

from data import ConfigError
from tests.conftest import CHECKOUT
from transform.form.forms import load_forms
from transform.narrative.patterns import list_metric_cells
from transform.rules.load import PLACEHOLDERS, TESTS, Rule, load_rules

FORMS = load_forms()
RULES = load_rules(FORMS)
HANZI = re.compile(r"[一-鿿]")
BY_EDITION = [
    pytest.param(r, id=f"{r.rule_id}-{'-'.join(r.editions) or 'any'}") for r in RULES.rules
]


def placeholders(message: str) -> set[str]:
    return set(re.findall(r"\{([^}]*)\}", message))


@pytest.mark.parametrize("rule", BY_EDITION)
def test_a_message_names_what_is_known_and_is_in_its_language(rule: Rule) -> None:
    for message in (rule.message_zh, rule.message_en):
        assert placeholders(message) <= PLACEHOLDERS[rule.kind]
        assert message.count("{") == message.count("}") == len(re.findall(r"\{[a-z]+\}", message))
    assert HANZI.search(rule.message_zh) and not HANZI.search(rule.message_en)
    assert placeholders(rule.message_zh) == placeholders(rule.message_en), (
        "one language says more than the other"
    )
    assert rule.message_zh.endswith("。") and rule.message_en.endswith(".")


@pytest.mark.parametrize(
    "state", ["total_blank", "holds_if_blank_is_zero", "not_assessable", "readings_disagree"]
)
def test_states_of_sums_have_words(state: str) -> None:
    zh, en = RULES.states[state]
    assert placeholders(zh) | placeholders(en) <= PLACEHOLDERS["state of a sum"]
    assert HANZI.search(zh) and not HANZI.search(en)


def test_every_rule_is_in_the_documentation() -> None:
    text = (CHECKOUT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert not [r.rule_id for r in RULES.rules if r.rule_id not in text]


def test_rules_of_the_form_carry_the_forms_words() -> None:
    for rule in RULES.of_kind("sum"):
        assert rule.quote, f"{rule.rule_id}: says where it comes from"
    balance = next(r for r in RULES.rules if r.rule_id == "requests.balance")
    assert balance.quote == "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"


@pytest.mark.parametrize(
    ("edition", "balance", "result_total", "row_total", "disputes"),
    [("2021", 7, 7, 25, 3), ("2019", 7, 7, 23, 3)],
)
def test_number_of_equations(
    edition: str, balance: int, result_total: int, row_total: int, disputes: int
) -> None:
    counts = {
        r: sum((i.edition, i.rule_id) == (edition, r) for i in RULES.instances)
        for r in {i.rule_id for i in RULES.instances}
    }
    assert counts["requests.balance"] == balance and counts["requests.result_total"] == result_total
    assert counts["requests.row_total"] == row_total and counts["disputes.total"] == disputes


def test_no_cell_stands_twice_in_an_equation() -> None:
    seen = [(t.edition, t.rule_id, t.instance, t.table_id, t.row_id, t.col_id) for t in RULES.terms]
    assert len(seen) == len(set(seen))
    assert all(abs(t.coefficient) == 1 for t in RULES.terms)


def test_parts_of_a_row_are_those_that_hold_figures() -> None:
    parts = {
        t.row_id
        for t in RULES.terms
        if (t.edition, t.rule_id, t.instance) == ("2021", "requests.result_total", "total")
    }
    assert (
        len(parts) == 22
        and "denied" not in parts
        and {"denied.state_secret", "other.misc", "result_total"} <= parts
    )


USING_ROW = {"expr": '"requests[$row,total] == requests[$row,natural]"'}
HEAD = "rules:\n"
GOOD = {
    "id": "mine.sum",
    "kind": "sum",
    "editions": '["2021"]',
    "expr": '"requests[new,total] == requests[new,natural]"',
    "level": "error",
    "source": "derived",
    "message_zh": '"甲。"',
    "message_en": '"A."',
}


def written(**changed: str | None) -> str:
    entry = {k: v for k, v in {**GOOD, **changed}.items() if v is not None}
    return "  - " + "\n    ".join(f"{k}: {v}" for k, v in entry.items()) + "\n"


def refused(folder: Path, text: str) -> tuple[int, str]:
    """The line and the words with which a file of rules is refused."""
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_rules(FORMS, folder)
    found = re.match(r".*mine\.yaml:(\d+): (.*)", str(caught.value), re.DOTALL)
    assert found is not None, str(caught.value)
    return int(found[1]), found[2]


def test_the_pattern_itself_is_good(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(HEAD + written(), encoding="utf-8")
    rules = load_rules(FORMS, tmp_path)
    assert [(t.col_id, t.coefficient, t.side) for t in rules.terms] == [
        ("total", 1, "left"),
        ("natural", -1, "right"),
    ]


@pytest.mark.parametrize(
    ("changed", "line", "said"),
    [
        ({"expr": '"requests[new,nothing] == 0"'}, 5, "has no cell requests"),
        ({"expr": '"requests[nobody,total] == 0"'}, 5, "has no cell requests"),
        (
            {"expr": '"requests[denied,total] == 0"'},
            5,
            "has no cell requests",
        ),  # a group holds no figures
        ({"expr": '"nothing[new,total] == 0"'}, 5, "has no table nothing"),
        ({"expr": '"requests[new,total]"'}, 5, "no ==, <= or >="),
        ({"expr": '"requests[new,total] * 2 == 0"'}, 5, "cannot read"),
        ({"expr": '"requests[new,total] == 12"'}, 5, "cannot read"),
        ({"expr": '"sum(requests[new.*,total]) == 0"'}, 5, "has no parts"),
        ({"expr": '"__import__(1) == 0"'}, 5, "cannot read"),
        ({"for_each": "{col: [natural], row: [new]}"}, 10, "one name"),
        ({"for_each": '{row: "all"}', **USING_ROW}, 10, "for_each takes a list"),
        ({"for_each": "{row: [nobody]}", **USING_ROW}, 5, "has no cell requests[nobody,total]"),
        # columns of another table, which the expression does not use
        ({"for_each": "{col: [review.total, direct.total]}"}, 10, "does not use $col"),
        ({"for_each": "{column: [natural]}"}, 10, "for_each"),
        (
            {
                "for_each": "{block: [apart]}",
                "expr": '"disputes[cases,review.total] == 0 + $block"',
            },
            5,
            "cannot read",
        ),
        (
            {
                "for_each": "{block: [upheld]}",
                "expr": '"disputes[cases,review.$block] == disputes[cases,review.total]"',
            },
            10,
            "no column or group of columns upheld",
        ),
        ({"message_zh": '"{table}{colour}。"'}, 8, "no placeholder “{colour}”"),
        ({"message_en": '"{table} {printed}."'}, 9, "no placeholder “{printed}”"),
        ({"message_en": '"{table} {left."'}, 9, "no placeholder “{”"),
        ({"message_en": '"{table} left}."'}, 9, "no placeholder “}”"),
        ({"editions": '["2031"]'}, 2, "no edition 2031"),
        ({"editions": None}, 2, "lacks a key"),
        ({"expr": None}, 2, "lacks a key"),
        ({"kind": "cell"}, 2, "lacks a key"),
        ({"kind": "magic"}, 3, "kind"),
        ({"level": "fatal"}, 6, "level"),
        ({"colour": "red"}, 10, "unknown key"),
        ({"message_en": None}, 2, "message_en"),
    ],
)
def test_a_faulty_rule_is_refused_where_it_stands(
    changed: dict[str, str | None], line: int, said: str, tmp_path: Path
) -> None:
    at, words = refused(tmp_path, HEAD + written(**changed))
    assert said in words
    assert at == line


def test_a_rule_twice_for_one_edition_is_refused(tmp_path: Path) -> None:
    at, words = refused(tmp_path, HEAD + written() + written())
    assert at == 10 and "stands twice" in words


def test_the_same_rule_for_two_editions_is_two_entries(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        HEAD + written() + written(editions='["2019"]'), encoding="utf-8"
    )
    assert {i.edition for i in load_rules(FORMS, tmp_path).instances} == {"2019", "2021"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: &a [*a]\n", ""),  # an alias of itself
        ("rules:\n  - !!python/object/apply:os.system ['true']\n", ""),
        ("rules:\n  - id: a\n    id: b\n", "twice"),
        ("rules: [\n", ""),
        ("more: []\n", "unknown key"),
        ("rules: []\nstates: {}\n", "unknown key"),  # these have a file of their own
    ],
)
def test_files_that_are_no_rules_are_refused(text: str, said: str, tmp_path: Path) -> None:
    _, words = refused(tmp_path, text)
    assert said in words


def test_states_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    words = "states:\n  total_blank:\n    message_zh: 空白。\n    message_en: "
    (tmp_path / "mine.yaml").write_text(HEAD + written() + written(id="mine.second"), "utf-8")
    (tmp_path / "states.yaml").write_text(words + '"{total}."\n', "utf-8")
    with pytest.raises(ConfigError, match=r"states\.yaml:4: total_blank: .*“\{total\}”"):
        load_rules(FORMS, tmp_path)
    (tmp_path / "states.yaml").write_text(words + '"{row}: blank."\n', "utf-8")
    assert load_rules(FORMS, tmp_path).states == {"total_blank": ("空白。", "{row}: blank.")}


@pytest.mark.parametrize("path", sorted((CHECKOUT / "data" / "rules").glob("*.yaml")))
def test_an_entry_can_be_appended_to_any_file_of_rules(path: Path, tmp_path: Path) -> None:
    if path.name == "states.yaml":
        return
    text = path.read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(text + written(id="mine.sum"), encoding="utf-8")
    assert load_rules(FORMS, tmp_path).rules[-1].rule_id == "mine.sum"


@pytest.mark.parametrize(("kind", "test"), [(k, t) for k, tests in TESTS.items() for t in tests])
def test_each_test_has_a_query_and_a_rule(kind: str, test: str) -> None:
    """What takes part in a test of a new kind: a name, a query, a rule."""
    queries = "".join(p.read_text("utf-8") for p in (CHECKOUT / "transform/rules").glob("*.sql"))
    by_statement = {
        answer.test for answer in list_metric_cells(FORMS)
    }  # one query for all of these
    assert f"'{test}'" in queries or (kind == "statement" and test in by_statement)
    assert [r for r in RULES.of_kind(kind) if r.test == test]
