"""Each rule on figures of the prose and on sections: a report that passes, one that fails."""

from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest

from extract.registry import read
from tests.build.draw import random_report
from tests.build.registry import build
from tests.build.samples import Sample, report_of
from tests.transform.narrative.reports import (
    CARRIED,
    FORMS,
    NEW,
    REST,
    RESULTS,
    SEVEN,
    Figures,
    Found,
    disputes,
    judged,
    judged_apart,
    prose_findings,
    report_with,
    rules_of,
    stated,
    total,
    with_cells,
)
from tests.transform.rules.test_evaluate import check, clean, reading
from transform.identity.identify import identify
from transform.narrative.normalize import normalize_text
from transform.records import Reading
from transform.rules.load import load_rules
from transform.tidy import tidy

RULES = load_rules(FORMS)

UPHELD = disputes(
    review__upheld="2",
    review__total="2",
    direct__upheld="1",
    direct__total="1",
    after_review__pending="1",
    after_review__total="1",
)


ALL_GRANTED: Figures = {
    **{k: "0" if k[0] == "requests" and k[1] != "granted" else v for k, v in clean("2021").items()},
    ("requests", "denied.law_forbids", "total"): "1",
    ("proactive", "normative", "issued"): "4",
    ("proactive", "normative", "repealed"): "2",
    ("proactive", "licence", "decisions"): "12",
    ("proactive", "penalty", "decisions"): "7",
    ("fees", "fees", "notices"): "2",
    ("fees", "fees", "billed"): "200",
    ("fees", "fees", "collected"): "0",
}


def test_a_text_that_states_all_groups_rightly_gives_nothing() -> None:
    assert len([x for x in stated(SEVEN) if x.startswith("requests.")]) == 10
    assert judged(SEVEN) == []


def test_both_readings_of_received_are_accepted() -> None:
    assert CARRIED
    assert judged_apart(
        [
            report_with(n, f"全年共收到政府信息公开申请{figure}件。")
            for n, figure in enumerate((NEW, NEW + CARRIED))
        ]
    ) == [[], []]


def test_none_received_is_a_figure_too() -> None:
    said = (
        "本年度未收到政府信息公开申请。",
        "全年无依申请公开事项。",
        "未发生因政府信息公开引起的行政复议、行政诉讼。",
    )
    found = judged_apart([report_with(n, words) for n, words in enumerate(said)])
    assert [rules_of(f) for f in found[:2]] == [[("statement.received", "warning")]] * 2
    assert {r for r, _ in rules_of(found[2])} <= {"statement.dispute"}
    assert judged_apart([report_with(0, said[2], figures=disputes())]) == [[]]


# For each rule: lines that pass, lines that fail, and the figures of the table.
CASES: dict[str, tuple[str, str, Figures | None]] = {
    "statement.received": (
        f"我局收到政府信息公开申请{NEW}件。",
        f"我局收到政府信息公开申请{NEW + CARRIED + 1}件。",
        None,
    ),
    "statement.carried": (
        f"政府信息公开申请上年结转{CARRIED}件。",
        f"政府信息公开申请上年结转{CARRIED + 1}件。",
        None,
    ),
    "statement.answered": (
        f"我局答复政府信息公开申请{RESULTS}件。",
        f"我局答复政府信息公开申请{RESULTS + 7}件。",
        None,
    ),
    "statement.result": (
        f"答复申请，不予公开{total('denied')}件。",
        f"答复申请，不予公开{total('denied') + 1}件。",
        None,
    ),
    "statement.dispute": (
        "政府信息公开行政复议2件，行政诉讼2件。",
        "政府信息公开行政复议2件，行政诉讼3件。",
        UPHELD,
    ),
    "statement.all_done": (
        "政府信息公开申请均已办结，结转下年度3件。",
        "政府信息公开申请均已办结。",
        with_cells(carried_out__total="3"),
    ),
    "statement.all_granted": (
        "主动公开政府信息4件，全部予以公开。",
        "收到政府信息公开申请4件，全部予以公开。",
        ALL_GRANTED,
    ),
    "statement.documents": (
        "本年制发行政规范性文件4件，废止2件。",
        "本年制发行政规范性文件4件，废止3件。",
        ALL_GRANTED,
    ),
    "statement.decisions": (
        "作出行政许可决定12件、行政处罚决定7件。",
        "作出行政许可决定13件、行政处罚决定7件。",
        ALL_GRANTED,
    ),
    "statement.fees": (
        "共发出收费通知2件，未收取信息处理费。",
        "共发出收费通知2件，收取信息处理费20元。",
        ALL_GRANTED,
    ),
    "statement.all_upheld": (
        "政府信息公开行政复议2件，均获维持。",
        "政府信息公开行政诉讼2件，均获维持。",
        UPHELD,
    ),
    "statement.parts": (
        "政府信息公开行政复议2件，其中维持2件，纠正0件，其他结果0件，尚未审结0件。",
        "政府信息公开行政复议2件，其中维持2件，纠正0件，其他结果0件，尚未审结1件。",
        UPHELD,
    ),
    "statement.parts_beyond": (
        "发布信息20条，其中动态12条，公告8条。",
        "发布信息20条，其中动态12条，公告9条。",
        None,
    ),
    "statement.share": (
        f"收到政府信息公开申请{NEW}件，其中网上申请{NEW}件，占100%。",
        f"收到政府信息公开申请{NEW}件，其中网上申请{NEW}件，占90%。",
        None,
    ),
    "statement.growth": (
        f"收到政府信息公开申请{NEW}件，比上年的{NEW * 2}件下降50%。",
        f"收到政府信息公开申请{NEW}件，比上年的{NEW * 2}件下降40%。",
        None,
    ),
    "statement.period": (
        "所列数据的统计期限为2022年1月1日至2022年12月31日。",
        "所列数据的统计期限为2022年1月1日至2022年12月21日。",
        None,
    ),
}


@cache
def cases() -> dict[str, tuple[Found, Found]]:
    """For each rule what it finds on the text that passes, and on the one that fails."""
    made = [
        report_with(2 * n + i, CASES[rule_id][i], figures=CASES[rule_id][2])
        for n, rule_id in enumerate(CASES)
        for i in (0, 1)
    ]
    found = judged_apart(made)
    return {rule_id: (found[2 * n], found[2 * n + 1]) for n, rule_id in enumerate(CASES)}


@pytest.mark.parametrize("rule_id", CASES)
def test_each_rule_passes_and_fails_where_it_should(rule_id: str) -> None:
    _, failing, _ = CASES[rule_id]
    rule = next(r for r in RULES.rules if r.rule_id == rule_id)
    passed, found = ([f for f in of if f["rule_id"] == rule_id] for of in cases()[rule_id])
    assert passed == []
    assert rules_of(found) == [(rule_id, rule.level)]
    for message in (str(found[0]["message_zh"]), str(found[0]["message_en"])):
        assert "{" not in message and (
            rule_id == "statement.period" or normalize_text(failing).rstrip("。")[:12] in message
        )


def test_every_rule_of_the_kind_has_its_cases() -> None:
    assert set(CASES) | {"statement.other_scope"} == {r.rule_id for r in RULES.of_kind("statement")}


def test_a_finding_names_the_cells_compared_and_both_figures() -> None:
    (found,) = judged(f"答复申请，无法提供{total('unable') + 5}件。")
    assert found["cells"] == [
        "requests|unable.must_create|total",
        "requests|unable.not_held|total",
        "requests|unable.still_unclear|total",
    ]
    assert (found["expected"], found["actual"], found["delta"], found["verdict"]) == (
        total("unable"),
        total("unable") + 5,
        5,
        None,
    )


def test_words_of_scope_turn_a_difference_into_a_hint() -> None:
    """洪泽 2024: the text says 17 for the government alone, the table 95."""
    words = (
        "代表市政府",
        "市本级",
        "全市各单位",
        "区政府办公室",
        "经备案的单位",
        "我局本级",
        "各县区",
        "市园林中心",
    )
    for found in judged_apart(
        [report_with(n, f"{w}共受理政府信息公开申请{NEW + 500}件。") for n, w in enumerate(words)]
    ):
        assert rules_of(found) == [("statement.other_scope", "info")]


def test_blanks_make_a_count_not_assessable_unless_it_is_too_small_already() -> None:
    blank: Figures = dict(clean("2021"))
    for key in [k for k in blank if k[:2] == ("requests", "unable.not_held")]:
        blank[key] = "1" if key[2] == "natural" else ""
    least = 1 + total("unable") - total("unable.not_held")
    found = judged_apart(
        [
            report_with(n, f"答复申请，无法提供{least + more}件。", figures=blank)
            for n, more in enumerate((3, -1, 0))
        ]
    )
    assert [rules_of(f) for f in found] == [
        [("statement.result", "info")],
        [("statement.result", "warning")],
        [],
    ]
    assert found[0][0]["state"] == "not_assessable"


def test_a_figure_that_no_table_answers_to_is_not_judged() -> None:
    figures: Figures = {k: v for k, v in clean("2021").items() if k[0] != "disputes"}
    assert judged("政府信息公开行政复议7件。", figures=figures) == []


def test_shanghai_2019_states_less_than_its_cells() -> None:
    """Its totals are blank, but what the rows hold is more than the text says: 265 against 337, 258
    against 275.
    """
    figures: Figures = dict(report_of(Sample("005", "2019", "html-clean")).figures)
    lines = "全年答复申请中，公开及部分公开258件，无法提供265件。"
    found = judged(lines, figures=figures, edition="2019", year=2019)
    assert [(f["rule_id"], f["level"], f["expected"], f["actual"]) for f in found] == [
        ("statement.result", "warning", 275, 258),
        ("statement.result", "warning", 337, 265),
    ]


def test_growth_is_recomputed_from_last_years_report() -> None:
    """宿迁 2024: 3646 received, 3525 of them new and 121 carried in, 3607 the year before; the text
    says 1.05 %.
    """
    made = []
    # the last: against the 3486 that were new
    for n, percent in enumerate(("1.05", "1.08", "1.1", "4.59")):
        past, now = (
            with_cells(new__total="3486", carried_in__total="121"),
            with_cells(new__total="3525", carried_in__total="121"),
        )
        text = f"2022年，我局共收到政府信息公开申请3646件（含上年结转121件），同比增长{percent}%。"
        made += [
            reading(2 * n, "2021", past, year=2021, agency_id=f"机关{n}"),
            report_with(2 * n + 1, text, figures=now, agency_id=f"机关{n}"),
        ]
    (found,) = prose_findings(check(made))
    assert (found["rule_id"], found["level"], found["expected"], found["actual"]) == (
        "statement.growth",
        "warning",
        Decimal("1.08"),
        Decimal("1.05"),
    )
    # nothing to compare with
    assert judged(f"我局共收到政府信息公开申请{NEW}件，同比增长3%。") == []


SECTIONS: dict[str, tuple[str, ...]] = {
    "section.missing": REST[:3] + REST[5:],
    "section.order": (REST[1], REST[0], *REST[2:]),
    "section.number": (*REST[:3], "四、存在的主要问题及改进情况", *REST[4:]),
    "section.empty": (*REST[:4], "无", *REST[5:]),
    "fees.silent": (*REST[:6], "没有其他需要报告的事项。"),
}


def test_each_rule_on_sections_fires_where_it_should() -> None:
    passed, *found = judged_apart(
        [
            report_with(0),
            *(report_with(n, rest=lines) for n, lines in enumerate(SECTIONS.values(), 1)),
        ]
    )
    assert passed == []
    assert [rules_of(f) for f in found] == [[(rule_id, "warning")] for rule_id in SECTIONS]
    assert not any("{" in str(f["message_zh"]) + str(f["message_en"]) for of in found for f in of)


def test_fees_are_asked_for_only_where_the_form_does() -> None:
    assert judged(rest=SECTIONS["fees.silent"], edition="2019") == []


@pytest.mark.parametrize(
    ("layout", "edition"),
    [
        ("docx-clean", "2021"),
        ("html-word", "2021"),
        ("html-site", "2019"),
        ("txt-dump", "2019"),
        ("docx-layout-table", "2021"),
        ("xls-one-sheet", "hybrid"),
    ],
)
def test_clean_reports_give_nothing(layout: str, edition: str) -> None:
    made: list[Reading] = []
    for seed in range(3):
        _, read_back = read(
            build(random_report(seed, edition, mean=40.0), layout, "plain", seed).data
        )
        year = identify(read_back).year
        tidied = tidy(read_back, FORMS, year)
        assert {"requests.received", "requests.carried_in"} <= {s.metric for s in tidied.statements}
        base = reading(seed, edition, {}, year=year)
        made.append(
            replace(base, tables=tidied.tables, cells=tidied.cells, statements=tidied.statements)
        )
    assert prose_findings(check(made)) == []
