"""A report against the same agency's other years: each rule fires where it should, and nowhere
else.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from extract.document import Document, Paragraph
from tests.build.draw import YEARS, draw
from tests.build.report import keys
from tests.transform.rules.test_evaluate import RULES, Key, check, reading
from transform.narrative.minhash import BITS, sketch_document, sketch_texts
from transform.records import Reading, Remark, ReportRow

IN, OUT, NEW, GRANTED = (
    ("requests", row, "total") for row in ("carried_in", "carried_out", "new", "granted")
)
FORCE = ("proactive", "normative", "in_force")
FEE = ("proactive", "admin_fee", "fee_amount")
Found = dict[str, Any]


def made(
    year: int,
    changed: Mapping[Key, str | None] | None = None,
    edition: str = "2021",
    number: int | None = None,
    **more: Any,
) -> Reading:
    """A report of zeros but for some cells."""
    figures: dict[Key, str | None] = {**dict.fromkeys(keys(edition), "0"), **(changed or {})}
    return reading(number or year, edition, figures, year=year, **more)


def of_kind(readings: list[Reading], kind: str = "years") -> list[Found]:
    rules = {r.rule_id for r in RULES.of_kind(kind)}
    return [f for f in check(readings) if f["rule_id"] in rules]


def with_report(made: Reading, **changed: Any) -> Reading:
    assert isinstance(made.report, ReportRow)
    return replace(made, report=replace(made.report, **changed))


CASES: dict[
    str, tuple[list[Reading], list[Reading]]
] = {  # test: reports that fail on the last, reports that pass
    "carried_over": (
        [made(2022, {OUT: "7"}), made(2023, {IN: "5"})],
        [made(2022, {OUT: "7"}), made(2023, {IN: "7"})],
    ),
    "carried_over_applicant": (
        [
            made(2022, {("requests", "carried_out", "natural"): "7"}),
            made(2023, {("requests", "carried_in", "business"): "7"}),
        ],
        [
            made(2022, {("requests", "carried_out", "natural"): "7"}),
            made(2023, {("requests", "carried_in", "natural"): "7"}),
        ],
    ),
    "in_force": (
        [
            made(2022, {FORCE: "597"}),
            made(
                2023,
                {
                    FORCE: "421",
                    ("proactive", "normative", "issued"): "50",
                    ("proactive", "normative", "repealed"): "227",
                },
            ),
        ],
        [
            made(2022, {FORCE: "597"}),
            made(
                2023,
                {
                    FORCE: "420",
                    ("proactive", "normative", "issued"): "50",
                    ("proactive", "normative", "repealed"): "227",
                },
            ),
        ],
    ),
    "items": (
        [
            made(
                2019,
                {
                    ("proactive", "licence", "prev_items"): "20",
                    ("proactive", "licence", "change"): "-3",
                },
                "2019",
            ),
            made(2020, {("proactive", "licence", "prev_items"): "20"}, "2019"),
        ],
        [
            made(
                2019,
                {
                    ("proactive", "licence", "prev_items"): "20",
                    ("proactive", "licence", "change"): "-3",
                },
                "2019",
            ),
            made(2020, {("proactive", "licence", "prev_items"): "17"}, "2019"),
        ],
    ),
    "cumulative": (
        [
            made(2016, {("statistics", "recv", "cumulative"): "40"}, "fj2008"),
            made(2017, {("statistics", "recv", "cumulative"): "39"}, "fj2008"),
        ],
        [
            made(2016, {("statistics", "recv", "cumulative"): "40"}, "fj2008"),
            made(2017, {("statistics", "recv", "cumulative"): "40"}, "fj2008"),
        ],
    ),
    "form_changed": ([made(2020, edition="2019"), made(2021)], [made(2021), made(2022)]),
    "unit_jump": (
        [made(2022, {FEE: "12.5"}), made(2023, {FEE: "131000"})],
        [made(2022, {FEE: "12.5"}), made(2023, {FEE: "1310"})],
    ),
    "disputes_alone": (
        [made(2022), made(2023, {("disputes", "cases", "review.total"): "1"})],
        [made(2022, {NEW: "1"}), made(2023, {("disputes", "cases", "review.total"): "1"})],
    ),
    "same_numbers": (
        [
            made(2022, {NEW: "31", GRANTED: "17", FEE: "12.5"}),
            made(2023, {NEW: "31", GRANTED: "17", FEE: "12.5"}),
        ],
        [
            made(2022, {NEW: "31", GRANTED: "17", FEE: "12.5"}),
            made(2023, {NEW: "31", GRANTED: "17", FEE: "12.6"}),
        ],
    ),
    "same_words": (
        [
            with_report(made(2022), sketch="0f" * 32),
            with_report(made(2023), sketch="0f" * 31 + "0e"),
        ],
        [
            with_report(made(2022), sketch="0f" * 32),
            with_report(made(2023), sketch="0f" * 28 + "f0" * 4),
        ],
    ),
    "outlier": (
        [made(2021 + n, {NEW: text}) for n, text in enumerate(("40", "44", "38", "41", "430"))],
        [made(2021 + n, {NEW: text}) for n, text in enumerate(("40", "90", "150", "41", "199"))],
    ),
}


@pytest.mark.parametrize("rule", RULES.of_kind("years"), ids=lambda r: r.rule_id)
def test_each_rule_fires_on_the_later_report_and_passes_where_it_holds(rule: Any) -> None:
    failing, passing = CASES[rule.test]
    own = [f for f in of_kind(failing) if f["rule_id"] == rule.rule_id]
    assert own and {f["level"] for f in own} == {rule.level}
    assert {f["year"] for f in own} == {failing[-1].report.year}  # type: ignore[union-attr]
    for f in own:
        assert "{" not in f["message_zh"] + f["message_en"]
    assert [f for f in of_kind(passing) if f["rule_id"] == rule.rule_id] == []


def test_what_a_finding_says() -> None:
    failing, _ = CASES["in_force"]
    [found] = [f for f in of_kind(failing) if f["level"] != "info"]
    assert (found["expected"], found["actual"], found["delta"]) == (
        Decimal(420),
        Decimal(421),
        Decimal(1),
    )
    assert (
        found["cells"] == ["proactive|normative|in_force"]
        and "为 421" in found["message_zh"]
        and "420" in found["message_en"]
    )


def test_totals_and_applicants_have_one_cause() -> None:
    before = made(2022, {OUT: "7", ("requests", "carried_out", "natural"): "7"})
    found = [
        f for f in of_kind([before, made(2023)]) if f["rule_id"].startswith("years.carried_over")
    ]
    assert {f["rule_id"]: f["level"] for f in found} == {
        "years.carried_over": "error",
        "years.carried_over_applicant": "warning",
    }
    assert len({f["cause_id"] for f in found}) == 1


def test_a_finding_is_another_once_last_years_value_changes() -> None:
    prints = [
        next(
            f["fingerprint"]
            for f in of_kind([made(2022, {OUT: out}), made(2023)])
            if f["rule_id"] == "years.carried_over"
        )
        for out in ("7", "8")
    ]
    assert prints[0] != prints[1]


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_consistent_agencies_pass(edition: str) -> None:
    """Whole histories drawn so that every rule between years holds; a chance outlier aside, which
    is none of an equation.
    """
    cells, figures = keys(edition), draw(edition, 12, 4)
    readings = [
        reading(
            100 * a + y,
            edition,
            {
                k: str(Decimal(int(v)) / 1_000_000)
                for k, v in zip(cells, figures[a, y], strict=True)
            },
            year=year,
            agency_id=f"{a}局",
        )
        for a in range(12)
        for y, year in enumerate(YEARS[edition])
    ]
    assert {f["rule_id"] for f in of_kind(readings)} <= {"years.outlier", "years.disputes_alone"}


@pytest.mark.parametrize("text", ["", "/", "见附件", None])
def test_a_blank_is_no_nought_between_years(text: str | None) -> None:
    found = of_kind([made(2022, {OUT: "7", NEW: "1"}), made(2023, {IN: text, NEW: "1"})])
    assert [(f["rule_id"], f["level"], f["state"]) for f in found] == [
        ("years.carried_over", "info", "not_assessable")
    ]


def test_what_cannot_be_compared_is_said_once_a_table() -> None:
    blank: dict[Key, str | None] = {
        ("proactive", r, "prev_items"): "" for r in ("licence", "penalty", "coercion")
    }
    earlier: dict[Key, str | None] = {
        ("proactive", r, "prev_items"): "9" for r in ("licence", "penalty", "coercion")
    }
    found = of_kind([made(2019, earlier, "2019"), made(2020, blank, "2019")])
    assert [(f["rule_id"], f["state"]) for f in found] == [("years.items", "not_assessable")]
    assert len(found[0]["cells"]) == 3 and "3" in found[0]["message_en"]


def test_nothing_is_compared_across_forms_and_it_is_said_once() -> None:
    old = made(
        2020,
        {
            ("proactive", "normative", "public_total"): "90",
            ("proactive", "licence", "prev_items"): "9",
        },
        "2019",
    )
    found = of_kind([old, made(2021, {FORCE: "3"})])
    assert [(f["rule_id"], f["level"], f["state"]) for f in found] == [
        ("years.form_changed", "info", "not_assessable")
    ]
    assert "2019" in found[0]["message_zh"] and "2021" in found[0]["message_zh"]


def test_carried_over_holds_across_forms() -> None:
    found = of_kind([made(2020, {OUT: "7"}, "2019"), made(2021, {IN: "6"})])
    assert {f["rule_id"] for f in found} == {"years.carried_over", "years.form_changed"}


def test_only_current_reports_of_consecutive_years_of_one_known_agency_are_compared() -> None:
    apart = [made(2021, {OUT: "7"}), made(2023)]
    others = [made(2022, {OUT: "7"}), made(2023, agency_id="云岭市财政局")]
    unknown = [made(2022, {OUT: "7"}, agency_id="unknown"), made(2023, agency_id="unknown")]
    worse = made(2022, {OUT: "7", **dict.fromkeys(keys("2021")[:40], "")}, number=9)
    replaced = [worse, made(2022, {OUT: "3"}), made(2023, {IN: "3"})]
    for readings in (apart, others, unknown, replaced):
        assert of_kind(readings) == []


def test_a_table_read_differently_by_a_second_reader_is_not_held_against_the_agency() -> None:
    note = {"requests": [Remark("second.differs", "carried_out", "total", printed="7", meant="1")]}
    found = of_kind([made(2022, {OUT: "7"}, notes=note), made(2023)])
    assert [(f["rule_id"], f["level"], f["state"]) for f in found] == [
        ("years.carried_over", "info", "not_assessable")
    ]


def test_another_unit_is_no_jump() -> None:
    fee = made(2022, {FEE: "12.5"})
    other = replace(
        fee,
        cells=tuple(
            replace(c, unit="元") if (c.table_id, c.row_id, c.col_id) == FEE else c
            for c in fee.cells
        ),
    )
    assert [
        f
        for f in of_kind([other, made(2023, {FEE: "131000"})])
        if f["rule_id"] == "years.unit_jump"
    ] == []


def test_few_years_make_no_outlier() -> None:
    failing, _ = CASES["outlier"]
    assert of_kind(failing[1:]) == []


CLAUSES = [
    f"{a}政府信息公开{b}取得新的成效"
    for a in "甲乙丙丁戊己庚辛"
    for b in ("工作", "平台", "队伍", "制度", "目录", "栏目", "渠道", "指南")
]


def share(one: str | None, other: str | None) -> float:
    assert one is not None and other is not None
    return 1 - 2 * (int(one, 16) ^ int(other, 16)).bit_count() / BITS


def test_sketches_estimate_what_two_texts_share() -> None:
    whole = sketch_texts(["，".join(CLAUSES[i : i + 8]) + "。" for i in range(0, 64, 8)])
    assert whole is not None and len(whole) == BITS // 4
    for kept in (64, 56, 32, 0):
        mixed = CLAUSES[:kept] + [c + "和进展" for c in CLAUSES[kept:]]
        true = kept / (128 - kept)
        assert (
            abs(
                share(
                    whole,
                    sketch_texts(["，".join(mixed[i : i + 8]) + "。" for i in range(0, 64, 8)]),
                )
                - true
            )
            < 0.2
        )


def test_a_sketch_leaves_numbers_labels_and_order_out() -> None:
    text = "。".join(f"2023年{c}共{n}件" for n, c in enumerate(CLAUSES)) + "。"
    other = (
        "。".join(f"2024年 {c}共{n + 7}件" for n, c in reversed(list(enumerate(CLAUSES))))
        + "。\n（一）予以公开 3 0 0"
    )
    assert sketch_texts([text]) == sketch_texts([other])
    assert sketch_texts([text.removesuffix("。")]) != sketch_texts(["没有句号" * 20])
    assert sketch_texts(["没有句号" * 20]) is None
    assert sketch_document(Document((Paragraph(text),), "made")) == sketch_texts([text])
