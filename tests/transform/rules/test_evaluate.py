"""The rules as SQL: each has a case that passes and one that fails, and the sums agree with a plain
evaluation of the same rules.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import pytest

import transform
from data import ConfigError
from load.warehouse import load_readings, memory
from tests.build.draw import random_report
from tests.conftest import more_at_night
from transform.form.forms import load_forms
from transform.parse_number import parse
from transform.records import (
    CellRow,
    DocumentRow,
    OutcomeRow,
    Reading,
    Remark,
    RemarkRow,
    ReportRow,
    StatementRow,
    TableRow,
)
from transform.rules.evaluate import findings
from transform.rules.load import load_rules
from transform.temporary_tables import fetch_rows

FORMS = load_forms()
RULES = load_rules(FORMS)
EDITIONS = ("2019", "2021", "hybrid", "2014", "fj2008")
Key = tuple[str, str, str]


def reading(
    number: int,
    edition: str,
    figures: Mapping[Key, str | None],
    *,
    notes: dict[str, list[Remark]] | None = None,
    **report: object,
) -> Reading:
    """A report with these printed figures, as if read; a None is an absent cell."""
    editions = {
        t: {"hybrid": "2019" if t != "proactive" else "2021"}.get(edition, edition)
        for t, _, _ in figures
    }
    cells = []
    for (table, row, col), text in figures.items():
        printed = parse(text or "")
        state = "absent" if text is None else printed.state
        cells.append(
            CellRow(
                table,
                row,
                col,
                printed.value,
                state,
                text,
                None,
                None,
                None,
                None,
                None,
                None,
                "made",
                1.0,
            )
        )
    tables = []
    for table, its in editions.items():
        rows = len(FORMS.table(its, table).data_rows)
        tables.append(TableRow(table, its, True, rows, rows))
    identity = {
        "agency_id": "云岭市林业局",
        "agency_name": "云岭市林业局",
        "year": {"2019": 2020, "2014": 2016, "fj2008": 2012}.get(edition, 2022),
    } | report
    of = ReportRow(
        f"r{number:05}",
        f"d{number:05}",
        title=None,
        **{"published_on": None, "scope": None, **identity},
    )  # type: ignore[arg-type]
    outcome = OutcomeRow(of.document_id, "extracted", None, None, "made", "1", 0.0)
    remarks = tuple(RemarkRow.of(t, r) for t in editions for r in (notes or {}).get(t, []))
    document = DocumentRow(of.document_id, "x", "text", 1)
    return Reading(document, outcome, of, tuple(tables), remarks, tuple(cells))


def check(readings: list[Reading]) -> list[dict[str, object]]:
    with memory() as con:
        load_readings(con, readings)
        found: list[dict[str, object]] = fetch_rows(findings(con, FORMS, RULES))
    return found


@cache
def clean(edition: str, seed: int = 3) -> dict[Key, str]:
    return dict(random_report(seed, edition, mean=40.0).figures)


@pytest.mark.parametrize("edition", EDITIONS)
def test_clean_reports_give_no_error_and_no_failed_sum(edition: str) -> None:
    # each a place of its own, that may make 规章
    cities = [f"{chr(0x5000 + n)}岭市人民政府" for n in range(40)]
    found = check(
        [
            reading(n, edition, clean(edition, n), agency_id=city, agency_name=city)
            for n, city in enumerate(cities)
        ]
    )
    expected = {"form.hybrid"} if edition == "hybrid" else set()
    assert {f["rule_id"] for f in found if f["level"] != "info"} == expected


def _failing(rule_id: str, edition: str, instance: str) -> dict[Key, str | None]:
    """Clean figures with one cell changed so that this equation fails: the last cell with a
    coefficient, by far.
    """
    figures: dict[Key, str | None] = dict(clean(edition))
    terms = [
        t for t in RULES.terms if (t.edition, t.rule_id, t.instance) == (edition, rule_id, instance)
    ]
    operator = next(
        i.operator
        for i in RULES.instances
        if (i.edition, i.rule_id, i.instance) == (edition, rule_id, instance)
    )
    wanted = {"==": None, "<=": 1, ">=": -1}[operator]
    term = next(
        t
        for t in terms
        if wanted is None or t.coefficient == wanted or (len(terms) == 1 or t is terms[-1])
    )
    sign = 1 if wanted is None or term.coefficient == wanted else -1
    figures[term.table_id, term.row_id, term.col_id] = str(sign * 10**7 + 3)
    return figures


SUMS = sorted({(r.rule_id, e) for r in RULES.of_kind("sum") for e in r.editions})


@pytest.mark.parametrize(("rule_id", "edition"), SUMS)
def test_each_sum_fails_where_it_should(rule_id: str, edition: str) -> None:
    instance = next(
        i.instance for i in RULES.instances if (i.edition, i.rule_id) == (edition, rule_id)
    )
    found = check([reading(1, edition, _failing(rule_id, edition, instance))])
    own = [
        f
        for f in found
        if f["rule_id"] == rule_id and f["instance"] == instance and f["state"] == "fails"
    ]
    assert len(own) == 1
    assert own[0]["delta"] == own[0]["actual"] - own[0]["expected"]  # type: ignore[operator]
    assert own[0]["cells"]


def _with(edition: str, key: Key, text: str | None) -> list[Reading]:
    return [reading(1, edition, {**clean(edition), key: text})]


NEW = ("requests", "new", "natural")


def _without(table_id: str) -> list[Reading]:
    figures = {k: v for k, v in clean("2021").items() if k[0] != table_id}
    made = reading(1, "2021", figures)
    return [replace(made, tables=(*made.tables, TableRow(table_id, "2021", False, 0, 1)))]


def _split_digits() -> list[Reading]:
    row = {k: "0" for k in clean("2021") if k[:2] == ("requests", "new")}
    split = {("requests", "new", "natural"): "1", ("requests", "new", "total"): "10"}
    return [reading(1, "2021", {**clean("2021"), **row, **split})]


def _subtotal() -> list[Reading]:
    note = {"requests": [Remark("row.subtotal", "denied", printed="（三）不予公开")]}
    figures = {**clean("2021"), ("requests", "denied", "natural"): "99999"}
    return [reading(1, "2021", figures, notes=note)]


def _one_of_pair() -> list[Reading]:
    bought = {
        ("proactive", "procurement", "projects"): "0",
        ("proactive", "procurement", "amount"): "12.5",
    }
    return [reading(1, "2019", {**clean("2019"), **bought})]


def _year_differs() -> list[Reading]:
    year = StatementRow("s", "report.year", Decimal(2019), "2019年", 1)
    return [replace(reading(1, "2021", clean("2021")), statements=(year,))]


def _without_new_row() -> list[Reading]:
    """Rows of new requests are not there at all."""
    figures = clean("2021")
    return [reading(1, "2021", {k: None if k[1] == "new" else v for k, v in figures.items()})]


def _unfiled() -> list[Reading]:
    figures = clean("2021")
    blank = {k: "" if k[0] == "disputes" else v for k, v in figures.items()}
    return [reading(1, "2021", blank)]


def _stated(**facts: object) -> list[Reading]:
    """A clean report of which the identity is another."""
    return [reading(1, "2021", clean("2021"), **facts)]


# the fault that a test of the rules is named after -> reports that have it
CASES: Final[dict[str, Callable[[], list[Reading]]]] = {
    "text": lambda: _with("2021", NEW, "见附件"),
    "negative": lambda: _with("2021", NEW, "-3"),
    "not_integer": lambda: _with("2021", NEW, "1.5"),
    "blank": lambda: _with("2021", NEW, ""),
    "marker": lambda: _with("2021", NEW, "/"),
    "absent": lambda: _with("2021", NEW, None),
    "row_missing": _without_new_row,
    "table_missing": lambda: _without("disputes"),
    "table_not_filed": _unfiled,
    "hybrid": lambda: [reading(1, "hybrid", clean("hybrid"))],
    "wrong_year": lambda: _stated(year=2020),
    "agency_unknown": lambda: _stated(agency_id="unknown", agency_name=None),
    "agency_inferred": lambda: _stated(agency_name="市林业局"),
    "year_unknown": lambda: _stated(year=None),
    # the sum of its row fails for it, too
    "year": lambda: _with("2021", ("requests", "carried_out", "charity"), "2022"),
    "split_digits": _split_digits,
    "subtotal": _subtotal,
    "one_of_pair": _one_of_pair,
    "no_power": lambda: _with("2021", ("proactive", "regulations", "in_force"), "4"),
    "late": lambda: _stated(published_on="2023-02-01"),
    "year_differs": _year_differs,
}


# structure that the prose shows, and fees: cases in test_statement_rules.py and test_facts.py
OF_PROSE = ("section.", "fees.")


@pytest.mark.parametrize(
    "rule_id",
    [
        r.rule_id
        for r in (*RULES.of_kind("cell"), *RULES.of_kind("structure"))
        if not r.rule_id.startswith(OF_PROSE)
    ],
)
def test_each_other_rule_fires_where_it_should(rule_id: str) -> None:
    rule = next(r for r in RULES.rules if r.rule_id == rule_id)
    found = [f for f in check(CASES[str(rule.test)]()) if f["rule_id"] == rule_id]
    assert found and {f["level"] for f in found} == {rule.level}
    for f in found:
        for message in (f["message_zh"], f["message_en"]):
            assert message and "{" not in str(message)


@pytest.mark.parametrize("code", [r.rule_id for r in RULES.of_kind("remark")])
def test_each_remark_becomes_a_finding(code: str) -> None:
    note = Remark(code, "new", "natural", printed="甲", meant="乙")
    found = [
        f
        for f in check([reading(1, "2021", clean("2021"), notes={"requests": [note]})])
        if f["rule_id"] == code
    ]
    assert len(found) == 1 and "{" not in str(found[0]["message_zh"]) + str(found[0]["message_en"])


def second_reading(*remarks: Remark) -> dict[str, list[Remark]]:
    return {"requests": [*remarks, Remark("second.read", printed="other")]}


SECOND_READINGS = [
    # remarks of the second reader on a row whose total is 1 too much -> state, level, verdict
    ({}, ("fails", "error", None)),
    ({"requests": [Remark("second.agrees", printed="other")]}, ("fails", "error", "source")),
    (
        second_reading(Remark("second.differs", "new", "total", "right + 1", meant="right")),
        ("readings_disagree", "warning", "undecided"),
    ),
    # by its numbers the sum does not hold either
    (
        second_reading(Remark("second.differs", "new", "total", "right + 1", meant="12345")),
        ("fails", "error", "undecided"),
    ),
    (
        second_reading(Remark("second.unconfirmed", "new", "business")),
        ("fails", "error", "undecided"),
    ),
    (
        second_reading(Remark("second.unconfirmed", "granted", "business")),
        ("fails", "error", "source"),
    ),
]


@pytest.mark.parametrize(("notes", "expected"), SECOND_READINGS)
def test_a_failed_sum_by_a_second_reading(
    notes: dict[str, list[Remark]], expected: tuple[str, ...]
) -> None:
    figures = dict(clean("2021"))
    right = figures["requests", "new", "total"]
    wrong = str(int(right) + 1)
    notes = {
        t: [replace(r, meant=right if r.meant == "right" else r.meant) for r in remarks]
        for t, remarks in notes.items()
    }
    found = check(
        [reading(1, "2021", figures | {("requests", "new", "total"): wrong}, notes=notes)]
    )
    assert [
        (f["state"], f["level"], f["verdict"])
        for f in found
        if f["rule_id"] == "requests.row_total" and f["instance"] == "new"
    ] == [expected]


def test_a_blank_total_that_a_second_reader_sees_is_not_held_against_the_agency() -> None:
    figures = dict(clean("2021"))
    total = ("requests", "new", "total")
    seen = second_reading(Remark("second.differs", "new", "total", "blank", meant=figures[total]))
    found = check([reading(1, "2021", figures | {total: ""}, notes=seen)])
    states = {f["state"] for f in found if f["rule_id"] == "requests.row_total"}
    assert states == {"readings_disagree"}


def test_codes_of_remarks_are_those_of_the_rules() -> None:
    """A remark without a rule would vanish in silence.

    Those of the second reading are no findings of their own but for the difference.
    """
    used: set[str] = set()
    for path in Path(transform.__file__).parent.rglob("*.py"):
        used |= set(re.findall(r'Remark\(\s*"([a-z_.]+)"', path.read_text(encoding="utf-8")))
        used |= set(re.findall(r'"(cell\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    used -= {"second.failed", "second.agrees", "second.read", "second.unconfirmed"}
    assert used <= {r.rule_id for r in RULES.of_kind("remark")}, (
        "a remark without words in data/rules/remarks.yaml"
    )


def test_sums_agree_with_a_plain_evaluation() -> None:
    """Tables with faults and blanks: the states of all sums, by SQL and by hand."""
    rng = Random(5)
    readings, plain = [], {}
    by_instance = defaultdict(list)
    for t in RULES.terms:
        by_instance[t.edition, t.rule_id, t.instance].append(t)
    operators = {(i.edition, i.rule_id, i.instance): i.operator for i in RULES.instances}
    for n in range(more_at_night(day=400, night=2_000)):
        edition = rng.choice(["2019", "2021"])
        figures: dict[Key, str | None] = dict(clean(edition, n % 50))
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            key = rng.choice([k for k in figures if k[0] == "requests"])
            figures[key] = rng.choice(["", "7", "0", str(rng.randrange(200)), "/", None])
        readings.append(reading(n, edition, figures, agency_id=f"{n}局"))
        for (its, rule_id, instance), terms in by_instance.items():
            if its != edition or operators[its, rule_id, instance] != "==":
                continue
            texts = [figures[t.table_id, t.row_id, t.col_id] for t in terms]
            values = [parse(x).value or 0 for x in texts if x is not None]
            if any(x is None for x in texts):
                state = "not_assessable"
            elif sum(t.coefficient * v for t, v in zip(terms, values, strict=True)) != 0:
                state = "fails or total_blank"
            else:
                state = "holds"
            plain[f"r{n:05}", rule_id, instance] = state
    got = {
        (f["report_id"], f["rule_id"], f["instance"]): f["state"]
        for f in check(readings)
        if f["rule_id"] in {i.rule_id for i in RULES.instances}
    }
    for key, state in plain.items():
        # what cannot be judged is said once a table
        said = got.get(key) or got.get((*key[:2], "requests"), "holds")
        if state == "holds":
            assert said in ("holds", "holds_if_blank_is_zero", "not_assessable"), (key, said)
        else:
            assert said in state.split(" or "), (key, said, state)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('expr: "requests[nothing,total] == requests[new,total]"', "no cell"),
        ('expr: "requests[new,total] = 5"', "no =="),
        ('expr: "requests[new,total] == 5"', "cannot read"),
        ('expr: "nowhere[new,total] == 0"', "no table"),
        ('expr: "requests[new,total] == requests[new,natural]"\n    colour: red', "unknown key"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    head = (
        'rules:\n  - id: a.b\n    kind: sum\n    editions: ["2021"]\n    level: error\n    '
        "source: derived\n    message_zh: a\n    message_en: a\n    "
    )
    (tmp_path / "mine.yaml").write_text(head + text + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"mine\.yaml:\d+: .*{said}"):
        load_rules(FORMS, tmp_path)


@pytest.mark.parametrize(
    ("printed", "agency", "inferred"),
    [
        ("平潭综合实验区管委会", "平潭综合实验区管理委员会", False),  # another spelling
        ("平潭综合实验区管理委员会", "平潭综合实验区管理委员会", False),
        ("市林业局", "上饶市林业局", True),  # completed by a place
        (None, "上饶市林业局", True),
    ],
)
def test_another_spelling_of_an_agency_is_not_inferred(
    printed: str | None, agency: str, inferred: bool
) -> None:
    figures = clean("2021")
    made = [reading(1, "2021", figures, agency_id=agency, agency_name=printed)]
    with memory(views=False) as con:
        load_readings(con, made)
        found = fetch_rows(findings(con, FORMS, RULES))
    assert ("agency.inferred" in {f["rule_id"] for f in found}) is inferred
