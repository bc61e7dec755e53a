"""Figures in prose: what a sentence states, and what it does not."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cost import cost
from tests.transform.narrative.reports import FORMS, NEW, REST, SEVEN, document, stated
from transform.narrative.claims import read_statements
from transform.records import StatementRow

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
    "收到申请公开件65件，全部予以公开，无上年结转，无下年度结转。": [
        "requests.received=65",
        "requests.all_granted=0",
        "requests.carried_in=0",
        "requests.carried_out=0",
    ],
    "本年度依申请公开3次。": ["requests.handled=3"],
    "全年依申请公开为零。": ["requests.received=0"],
    "本年度政府信息公开申请数量为0。": ["requests.received=0"],
    "上年度结转政府信息公开申请为0件，结转下年度为零。": [
        "requests.carried_in=0",
        "requests.carried_out=0",
    ],
    "政府信息公开申请本年新收12件，其中2件为上年结转。": [
        "requests.received=12",
        "requests.carried_in=2",
    ],
    "收到政府信息公开申请20件，其余2件结转至下一年度办理。": [
        "requests.received=20",
        "requests.carried_out=2",
    ],
    "政府信息公开申请办理85件，下年度继续办理81件。": [
        "requests.handled=85",
        "requests.carried_out=81",
    ],
    "收到政府信息公开申请8件，3件准予公开，其余5件不予公开。": [
        "requests.received=8",
        "requests.granted=3",
        "requests.denied=5",
    ],
    "政府信息公开申请由18件下降到11件。": ["requests.received=11"],
    "公开信息100条。其中包括：机构信息40条，政策信息45条，人事信息9条。": [
        "parts.some=100",
        "parts.part=40",
        "parts.part=45",
        "parts.part=9",
    ],
    # the parts are more than the total next to them: they are of the one before
    "政务信息275条，互动信息52条。其中图片53条、视频22条。": [
        "parts.some=275",
        "parts.part=53",
        "parts.part=22",
    ],
    "因政府信息依申请公开引起行政复议2件。": ["disputes.review.total=2"],
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
    "政府信息公开行政复议申请已审结，下年度继续办理1件。",
    "主动公开50次，依申请公开3次。",
    "主动公开信息50条，依申请公开为零。",
    "依申请公开3条。",
    "网上依申请公开3次。",
    "信函提出的政府信息公开申请为零。",
    "补正后的政府信息公开申请为0件。",
    "政府信息公开申请的收费为零。",
    "政府信息公开申请为0.5件。",
    "2021年政府信息公开申请由18件下降到11件。",
    "政府信息公开申请由2022年的18件下降到2023年的11件。",
    "政府信息公开申请平均用时由18件下降到11件。",
    "政府信息公开申请当场答复8件，其余12件书面答复。",
    "无上半年结转的政府信息公开申请。",
    "政府信息公开培训本年新收12件。",
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
    assert "requests.all_done=0" not in stated("收到政府信息公开申请5件，在法定期限内答复。")
    assert "requests.all_done=0" in stated("收到政府信息公开申请5件，均在法定期限内答复。")
    assert "disputes.review.all_upheld=0" not in stated("政府信息公开行政复议3件，审结的均获维持。")


def test_without_a_year_every_figure_is_the_reports() -> None:
    assert "requests.received=9" in stated("2021年收到政府信息公开申请9件。", year=None)


@given(st.text("收到受理政府信息公开申请0123件，。（）、其中结转下年度均已办结%占 ", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    rows = read_statements(document(text), FORMS, 2022)
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
    assert cost(lambda: rows.extend(read_statements(harmful, FORMS, 2022))) < 3.0
    assert len(rows) < 2_000 and all(r.value is None or abs(r.value) < 10**17 for r in rows)


def test_reading_the_prose_is_quick() -> None:
    made = document(
        *[SEVEN, "我局深入推进政务公开工作，组织培训三次，围绕重点领域更新栏目，及时回应关切。" * 8]
        * 10,
        rest=REST,
    )
    read_statements(made, FORMS, 2022)
    # 5 times 6,000 characters with 100 figures; some 15 ms each
    assert cost(lambda: [read_statements(made, FORMS, 2022) for _ in range(5)]) < 1.0


def test_rows_are_those_of_the_table() -> None:
    row = read_statements(document(SEVEN), FORMS, 2022)[0]
    assert row == StatementRow("0.requests.received", "requests.received", Decimal(NEW), SEVEN, 4)
