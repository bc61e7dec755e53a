"""Figures in prose: what a sentence states, what it does not, and each rule on them with a case
that passes and one that fails.

All sentences are made up; figures of real reports are those of `tests/build/figures.json` and of
the list of checks.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import ConfigError
from extract.document import Cell, Document, Paragraph, grid_of
from extract.registry import read
from tests.build.draw import random_report
from tests.build.registry import build
from tests.build.samples import Sample, report_of
from tests.cost import cost
from tests.transform.rules.test_evaluate import Key, check, clean, reading
from transform.form.forms import load_forms
from transform.identity.identify import identify
from transform.narrative.claims import statements
from transform.narrative.patterns import load_phrases, reading_terms
from transform.narrative.sentences import count_of, plain, prose_of
from transform.records import Reading, StatementRow
from transform.rules.load import load_rules
from transform.tidy import tidy

FORMS = load_forms()
RULES = load_rules(FORMS)
TITLE = ("云岭市林业局2022年政府信息公开工作年度报告", "一、总体情况", "（二）依申请公开情况。")
REST = (
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "公开内容的时效还要加强，下一步将细化责任。",
    "六、其他需要报告的事项",
    "本年度没有收取信息处理费。",
)


def document(*lines: str, title: Sequence[str] = TITLE, rest: Sequence[str] = ()) -> Document:
    return Document(tuple(Paragraph(x) for x in (*title, *lines, *rest)), "made")


def stated(*lines: str, year: int | None = 2022) -> list[str]:
    """What the lines state, as `metric=value`, and the words of scope; headings left out."""
    rows = statements(document(*lines), FORMS, year)
    return [
        f"scope:{r.sentence}" if r.metric == "scope" else f"{r.metric}={r.value}"
        for r in rows
        if not r.metric.startswith(("section.", "words."))
    ]


# ---- counts in words


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("0", 0),
        ("1.2万", 12000),
        ("三百一十二", 312),
        ("十二", 12),
        ("二十", 20),
        ("一百零五", 105),
        ("一千零一十", 1010),
        ("两", 2),
        ("一万零三", 10003),
        ("十二万三千", 123000),
        ("二〇二", 202),
        ("〇", 0),
        ("零", 0),
        ("两千", 2000),
    ],
)
def test_a_count_in_digits_or_words(text: str, value: int) -> None:
    assert count_of(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "几", "三四", "三百五", "百", "十百", "1.", "12_3", "万", "一二三", "百三十", "1,2", "-3"],
)
def test_what_is_no_count(text: str) -> None:
    assert count_of(text) is None


def spelled(n: int) -> str:
    """A number below 100,000,000 as one writes it: 105 is 一百零五."""
    if n >= 10_000:
        return (
            spelled(n // 10_000)
            + "万"
            + (("零" if n % 10_000 < 1_000 else "") + spelled(n % 10_000) if n % 10_000 else "")
        )
    text, gap = "", False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = n // place % 10
        if digit:
            text, gap = (
                text + ("零" if gap and text else "") + "零一二三四五六七八九"[digit] + name,
                False,
            )
        else:
            gap = True
    return text or "零"


@given(st.integers(0, 99_999_999))
def test_numerals_are_read_back(n: int) -> None:
    assert count_of(spelled(n)) == n


@given(st.text("零一二三十百千万0159.两", max_size=8))
def test_no_text_is_a_negative_count(text: str) -> None:
    value = count_of(text)
    assert value is None or value >= 0


# ---- the prose


def test_blank_space_goes_but_never_joins_two_numbers() -> None:
    assert plain("收到 申请 3,119 件，其中 1 2 件(含３件)") == "收到申请3119件，其中1_2件（含3件）"


def test_lines_cut_by_a_page_join_and_keep_their_paragraph() -> None:
    rows = statements(
        document("2022年，我局共收到政府信息公开申请1", "2件，上年结转", "3件。"), FORMS, 2022
    )
    # 1|2 may be 12 or two numbers
    assert [(r.metric, r.value, r.paragraph) for r in rows] == [
        ("requests.carried_in", Decimal(3), 3)
    ]


def test_a_table_parts_the_prose() -> None:
    blocks = (
        Paragraph("全年共收到政府信息公开申请"),
        grid_of([Cell("数", 0, 0)]),
        Paragraph("12件。"),
    )
    assert [s.text for s in prose_of(Document(blocks, "made"), FORMS, {}).sentences] == [
        "全年共收到政府信息公开申请",
        "12件。",
    ]


def test_headings_in_cells_and_within_paragraphs_are_found() -> None:
    cells = grid_of([Cell("一、总体情况", 0, 0), Cell("二、主动公开政府信息情况", 1, 0)])
    made = Document(
        (
            cells,
            Paragraph("结束。 三、收到和处理政府信息公开申请情况"),
            Paragraph("五、存在的主要问题及改进情况：有一些不足。"),
        ),
        "made",
    )
    found = prose_of(made, FORMS, load_phrases().sections)
    assert [(h.section, h.number) for h in found.headings] == [
        ("s1", 1),
        ("s2", 2),
        ("s3", 3),
        ("s5", 5),
    ]
    assert found.bodies["s5"] == "有一些不足。"


def test_a_list_of_contents_is_not_the_headings() -> None:
    lines = [x for x in (TITLE[1], *REST) if x[1] == "、"]
    found = prose_of(document(*lines, "正文", *lines, title=()), FORMS, load_phrases().sections)
    assert [h.paragraph for h in found.headings] == [7, 8, 9, 10, 11, 12]


# ---- what a sentence states


STATES: dict[str, list[str]] = {
    (
        "2022年，我局共收到政府信息公开申请十二件，上年结转一件，已办结十一件，"
        "结转下年度继续办理二件。"
    ): [
        "requests.received=12",
        "requests.carried_in=1",
        "requests.answered=11",
        "requests.carried_out=2",
    ],
    "全年共受理依申请公开8宗，其中予以公开3宗、部分公开2宗、不予公开1宗。": [
        "requests.received=8",
        "requests.granted=3",
        "requests.partial=2",
        "requests.denied=1",
        "parts.some=8",
        "parts.part=3",
        "parts.part=2",
        "parts.part=1",
    ],
    "收到申请15条（均为网上提交），其中8条予以公开，7条无法提供。": [
        "requests.received=15",
        "requests.granted=8",
        "requests.unable=7",
    ],
    "我局答复申请9件：公开及部分公开6件，不予处理2件，其他处理1件。": [
        "requests.answered=9",
        "requests.granted_partial=6",
        "requests.not_processed=2",
        "requests.other=1",
    ],
    (
        "答复申请9件，其中予以公开5件、部分公开1件、不予公开1件、无法提供1件、不予处理1件、"
        "其他处理0件、结转下年度2件。"
    ): [
        "requests.answered=9",
        "requests.granted=5",
        "requests.partial=1",
        "requests.denied=1",
        "requests.unable=1",
        "requests.not_processed=1",
        "requests.other=0",
        "requests.carried_out=2",
        "parts.whole=9",
        *(f"parts.part={n}" for n in (5, 1, 1, 1, 1, 0)),
    ],
    "收到政府信息公开申请9件，其中当面3件，网络6件；加上上年结转2件，共需办理11件。": [
        "requests.received=9",
        "requests.carried_in=2",
        "parts.some=9",
        "parts.part=3",
        "parts.part=6",
    ],
    "收到政府信息公开申请9件，其中予以公开7件，结转下年度2件。": [
        "requests.received=9",
        "requests.granted=7",
        "requests.carried_out=2",
        "parts.some=9",
        "parts.part=7",
        "parts.part=2",
    ],
    "政府信息公开申请受理总量为41件，办结41件。": ["requests.received=41", "requests.answered=41"],
    "共收到并办理政府信息公开申请48件（含2021年结转2件），结转2023年1件。": [
        "requests.handled=48",
        "requests.carried_in=2",
        "requests.carried_out=1",
    ],
    "本年度未收到政府信息公开申请，未发生行政复议、行政诉讼。": [
        "requests.received=0",
        "disputes.review.total=0",
        "disputes.litigation.total=0",
    ],
    "本单位无依申请公开事项，不存在因政府信息公开引起的行政诉讼案件。": [
        "requests.received=0",
        "disputes.litigation.total=0",
    ],
    "本年度收到政府信息公开申请0件，无下年度结转。": [
        "requests.received=0",
        "requests.carried_out=0",
    ],
    "2021年收到政府信息公开申请9件，2022年收到政府信息公开申请11件，同比增长22.22%。": [
        "requests.received=11",
        "growth.percent=22.22",
        "growth.now=11",
        "growth.before=9",
    ],
    "共收到政府信息公开申请21件，比2021年的30件下降30%。": [
        "requests.received=21",
        "growth.percent=-30",
        "growth.now=21",
        "growth.before=30",
    ],
    "收到政府信息公开申请40件，其中，通过网络申请30件，占75%；通过信函申请10件，占25%。": [
        "requests.received=40",
        "share.percent=75",
        "share.part=30",
        "share.whole=40",
        "share.percent=25",
        "share.part=10",
        "share.whole=40",
        "parts.some=40",
        "parts.part=30",
        "parts.part=10",
    ],
    (
        "政府信息公开被申请行政复议3件，其中结果维持1件，结果纠正1件，其他结果1件，尚未审结0件；"
        "行政诉讼2起，其中未经复议直接起诉1起，复议后起诉1起。"
    ): [
        "disputes.review.total=3",
        "disputes.review.upheld=1",
        "disputes.review.corrected=1",
        "disputes.review.other=1",
        "disputes.review.pending=0",
        "disputes.litigation.total=2",
        "disputes.direct.total=1",
        "disputes.after_review.total=1",
        "parts.whole=3",
        "parts.part=1",
        "parts.part=1",
        "parts.part=1",
        "parts.part=0",
    ],
    "因政府信息公开引发的行政复议案件3件，均获维持。": [
        "disputes.review.total=3",
        "disputes.review.all_upheld=0",
    ],
    "收到政府信息公开申请5件，均已按时办结。": ["requests.received=5", "requests.all_done=0"],
    "代表市政府办理政府信息公开申请17件。": ["requests.handled=17", "scope:代表市"],
    "全市各单位共收到政府信息公开申请12,345件。": ["requests.received=12345", "scope:全市"],
    "云岭市林业局共收到政府信息公开申请6件。": ["requests.received=6"],
    "市园林中心共收到政府信息公开申请6件。": ["requests.received=6", "scope:市园林中心"],
    "收到政府信息公开申请10件次。": ["requests.received=10", "scope:10件次"],
    "本报告数据的统计期限自2022年1月1日起至12月21日止。": [
        "period.begin=20220101",
        "period.end=20221221",
    ],
}


@pytest.mark.parametrize("sentence", STATES)
def test_a_sentence_states(sentence: str) -> None:
    assert Counter(stated(sentence)) == Counter(STATES[sentence])


SILENT = (
    "2021年收到政府信息公开申请9件。",
    "去年同期收到政府信息公开申请9件。",
    "收到网络申请5件，信函申请3件。",
    "制作信息30条，不予公开信息数0条，占比0%。",
    "收到政府信息公开申请30余件，答复近百件，办结3-5件。",
    "受理居民向市政府提出的政府信息公开申请5件。",
    "2021年收到，结转至2022年答复的申请3件。",
    "受理行政许可申请120件，公开率100%。",
    "市司法局办理行政复议案件35件，公开听证3件。",
    "收到行政复议申请35件，审结30件，维持20件。",
    "收到人大建议12件、政协提案8件，均已办结。",
    "自2008年条例实施以来，累计收到政府信息公开申请300件。",
    "上半年收到政府信息公开申请30件。",
    "主动公开信息200条，依申请公开5条，不予公开3条。",
    "按期答复申请20件，延期答复3件。",
    "未发生因政府信息公开被纠正的行政复议情况。",
    "依法办理政府信息公开申请，没有收到举报。",
    "未收到涉及第三方的政府信息公开申请。",
    "申请人撤回申请3件，补正2件。",
    "收到转办申请2件。",
    "接受政府信息公开咨询30次。",
    "依申请公开信息数142条，不予公开信息数137条。",
    "全年受理公开申请 1 2 件。",
    "信息公开申请的办理时限为20个工作日。",
    "没有依申请公开工作人员。",
    "市政府信息公开网站收到留言60件，已全部答复。",
    "所收信访件均已按时办结，办结率100%。",
)


@pytest.mark.parametrize("sentence", SILENT)
def test_a_sentence_states_nothing(sentence: str) -> None:
    assert [
        x
        for x in stated(sentence)
        if x.startswith(("requests.", "disputes.", "growth", "share", "parts"))
    ] == []


def test_what_all_done_needs() -> None:
    """Words for all are no contradiction where the same sentence says what is left, or what is
    spoken of is something else.
    """
    assert "requests.all_done=0" not in stated(
        "收到政府信息公开申请5件，其余均已办结，结转下年度1件。"
    )
    # in time, but not said to be all
    assert "requests.all_done=0" not in stated("收到政府信息公开申请5件，均在法定期限内答复。")
    assert "disputes.review.all_upheld=0" not in stated("政府信息公开行政复议3件，审结的均获维持。")


def test_without_a_year_every_figure_is_the_reports() -> None:
    assert "requests.received=9" in stated("2021年收到政府信息公开申请9件。", year=None)


@given(st.text("收到受理政府信息公开申请0123件，。（）、其中结转下年度均已办结%占 ", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    rows = statements(document(text), FORMS, 2022)
    assert len({r.statement_id for r in rows}) == len(rows)
    assert all(r.value is None or r.value >= 0 or r.metric == "growth.percent" for r in rows)


HARM = (
    "的" * 60_000,
    "共" * 1_900 + "件。",
    "收到申请" * 400 + "3件",
    "9" * 5_000 + "件",
    "3件，收到申请9" + "9" * 30 + "件，同比增长" + "1" * 40 + "%。",
    "申请1件，" * 20_000,
    "收到申请1件。" * 20_000,
    "其中" + "占1%，1件，" * 150,
    "一" * 1_900 + "件",
)


@pytest.mark.parametrize("text", HARM, ids=range(len(HARM)))
def test_a_text_made_to_harm_costs_little(text: str) -> None:
    rows: list[StatementRow] = []
    harmful = document(f"收到政府信息公开申请{text}")
    assert cost(lambda: rows.extend(statements(harmful, FORMS, 2022))) < 3.0
    assert len(rows) < 2_000 and all(r.value is None or abs(r.value) < 10**17 for r in rows)


# ---- the rules


Found = list[dict[str, object]]


Figures = dict[Key, str | None]


def told(
    number: int,
    *lines: str,
    figures: Figures | None = None,
    edition: str = "2021",
    rest: Sequence[str] = REST,
    **report: object,
) -> Reading:
    """A report with this prose."""
    made = reading(number, edition, dict(clean(edition)) if figures is None else figures, **report)  # type: ignore[arg-type]
    return replace(
        made,
        statements=statements(
            document(*lines, rest=rest), FORMS, made.report.year if made.report else None
        ),
    )


def judged(*lines: str, **report: object) -> Found:
    """Findings of statements and sections on a report with this prose."""
    return ours(check([told(1, *lines, **report)]))  # type: ignore[arg-type]


def judged_apart(reports: Sequence[Reading]) -> list[Found]:
    """The findings on each of several reports, of as many agencies, judged together."""
    apart = [
        replace(r, report=replace(r.report, agency_id=f"机关{n}"))
        for n, r in enumerate(reports)
        if r.report is not None
    ]
    found = ours(check(apart))
    return [
        [f for f in found if f["report_id"] == r.report.report_id]
        for r in apart
        if r.report is not None
    ]


def ours(found: Found) -> Found:
    return [
        f for f in found if str(f["rule_id"]).startswith(("statement.", "section.", "fees.silent"))
    ]


def rules_of(found: Found) -> list[tuple[object, object]]:
    return [(f["rule_id"], f["level"]) for f in found]


def total(row: str, figures: Figures | None = None) -> int:
    """A row's total, or that of a group's rows."""
    of = clean("2021") if figures is None else figures
    return sum(
        int(str(v))
        for (t, r, c), v in of.items()
        if t == "requests" and c == "total" and (r == row or r.startswith(f"{row}."))
    )


NEW, CARRIED, RESULTS, LEFT = (
    total(r) for r in ("new", "carried_in", "result_total", "carried_out")
)
SEVEN = (
    f"全年新收政府信息公开申请{NEW}件，上年结转{CARRIED}件，共答复{RESULTS}件，"
    f"其中予以公开{total('granted')}件、部分公开{total('partial')}件、"
    f"不予公开{total('denied')}件、"
    f"无法提供{total('unable')}件、不予处理{total('not_processed')}件、"
    f"其他处理{total('other')}件，结转下年度{LEFT}件。"
)


def test_a_text_that_states_all_groups_rightly_gives_nothing() -> None:
    assert len([x for x in stated(SEVEN) if x.startswith("requests.")]) == 10
    assert judged(SEVEN) == []


def test_both_readings_of_received_are_accepted() -> None:
    assert CARRIED
    assert judged_apart(
        [
            told(n, f"全年共收到政府信息公开申请{figure}件。")
            for n, figure in enumerate((NEW, NEW + CARRIED))
        ]
    ) == [[], []]


def test_none_received_is_a_figure_too() -> None:
    said = (
        "本年度未收到政府信息公开申请。",
        "全年无依申请公开事项。",
        "未发生因政府信息公开引起的行政复议、行政诉讼。",
    )
    found = judged_apart([told(n, words) for n, words in enumerate(said)])
    assert [rules_of(f) for f in found[:2]] == [[("statement.received", "warning")]] * 2
    assert {r for r, _ in rules_of(found[2])} <= {"statement.dispute"}
    assert judged_apart([told(0, said[2], figures=disputes())]) == [[]]


def with_cells(**cells: str) -> Figures:
    """Clean figures but for these: `unable__not_held__total` is the row unable.not_held, column
    total.
    """
    changed: Figures = dict(clean("2021"))
    for name, text in cells.items():
        *row, col = name.split("__")
        changed["requests", ".".join(row), col] = text
    return changed


def disputes(**cells: str) -> Figures:
    """Clean figures with these in the table of disputes and nought elsewhere in it."""
    changed: Figures = {k: "0" if k[0] == "disputes" else v for k, v in clean("2021").items()}
    return changed | {
        ("disputes", "cases", name.replace("__", ".")): text for name, text in cells.items()
    }


UPHELD = disputes(
    review__upheld="2",
    review__total="2",
    direct__upheld="1",
    direct__total="1",
    after_review__pending="1",
    after_review__total="1",
)
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
        told(2 * n + i, CASES[rule_id][i], figures=CASES[rule_id][2])
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
            rule_id == "statement.period" or plain(failing).rstrip("。")[:12] in message
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
        [told(n, f"{w}共受理政府信息公开申请{NEW + 500}件。") for n, w in enumerate(words)]
    ):
        assert rules_of(found) == [("statement.other_scope", "info")]


def test_blanks_make_a_count_not_assessable_unless_it_is_too_small_already() -> None:
    blank: Figures = dict(clean("2021"))
    for key in [k for k in blank if k[:2] == ("requests", "unable.not_held")]:
        blank[key] = "1" if key[2] == "natural" else ""
    least = 1 + total("unable") - total("unable.not_held")
    found = judged_apart(
        [
            told(n, f"答复申请，无法提供{least + more}件。", figures=blank)
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
            told(2 * n + 1, text, figures=now, agency_id=f"机关{n}"),
        ]
    (found,) = ours(check(made))
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
        [told(0), *(told(n, rest=lines) for n, lines in enumerate(SECTIONS.values(), 1))]
    )
    assert passed == []
    assert [rules_of(f) for f in found] == [[(rule_id, "warning")] for rule_id in SECTIONS]
    assert not any("{" in str(f["message_zh"]) + str(f["message_en"]) for of in found for f in of)


def test_fees_are_asked_for_only_where_the_form_does() -> None:
    assert judged(rest=SECTIONS["fees.silent"], edition="2019") == []


def test_a_template_is_not_judged_by_its_words() -> None:
    for text, counted in (
        ("（文字描述）", False),
        ("［…］", False),
        ("略", False),
        ("围绕发展战略还要加强公开", True),
    ):
        rows = statements(document(rest=(*REST[:4], text, *REST[5:])), FORMS, 2022)
        assert any(r.metric == "words.s5" for r in rows) is counted


def test_a_text_without_headings_is_not_said_to_lack_them() -> None:
    made = replace(document(*REST), text_without_cells=True)
    assert not [s for s in statements(made, FORMS, 2022) if s.metric.startswith("section.")]
    assert not [
        s
        for s in statements(document("一段文字。", title=TITLE[:2]), FORMS, 2022)
        if s.metric.startswith("section.")
    ]


# ---- as a whole


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
    assert ours(check(made)) == []


def test_reading_the_prose_is_quick() -> None:
    made = document(
        *[SEVEN, "我局深入推进政务公开工作，组织培训三次，围绕重点领域更新栏目，及时回应关切。" * 8]
        * 10,
        rest=REST,
    )
    statements(made, FORMS, 2022)
    # 5 times 6,000 characters with 100 figures; some 15 ms each
    assert cost(lambda: [statements(made, FORMS, 2022) for _ in range(5)]) < 1.0


def test_every_metric_answers_to_cells_of_the_form() -> None:
    answers = {a.metric for a in reading_terms(FORMS) if a.edition in ("2019", "2021")}
    assert {m.metric for m in load_phrases().metrics} <= answers
    assert {
        (a.row_id, a.edition)
        for a in reading_terms(FORMS)
        if a.metric == "requests.other" and a.edition == "2019"
    } == {("other", "2019")}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{count}", "{nothing}", "not among the words"),
        ("{request}", "(", "no pattern"),
        ("test: carried", "test: nothing", "test"),
    ],
)
def test_a_wrong_pattern_is_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "data" / "statements.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(
        text[: text.index("metrics:")] + text[text.index("metrics:") :].replace(old, new, 1),
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=rf"mine\.yaml:\d+: .*{said}"):
        load_phrases(tmp_path / "mine.yaml")


def test_rows_are_those_of_the_table() -> None:
    row = statements(document(SEVEN), FORMS, 2022)[0]
    assert row == StatementRow("0.requests.received", "requests.received", Decimal(NEW), SEVEN, 3)
