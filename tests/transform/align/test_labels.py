"""Labels: what is folded away, what a text may mean, and what must never be taken for another."""

from itertools import combinations

import pytest

from transform.align.data_rows import likes_of
from transform.align.labels import (
    CONTAINED,
    EXACT,
    MARK_BONUS,
    is_year,
    key,
    key_without_brackets,
    likeness,
    mark,
    vocabulary,
)
from transform.form.forms import load_forms

FORMS = load_forms()
VOCABULARY = vocabulary(FORMS)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("三 、本 年 度办 理 结果", "本年度办理结果"),
        ("（三）不予公开", "不予公开"),
        ("(3)不予公开", "不予公开"),
        ("其中：1.政府网站公开数", "政府网站公开数"),
        ("3.危及“三安全一稳定”", "危及三安全一稳定"),
        ("2018年度", "yyyy年度"),
        ("本年新\n制作数量", "本年新制作数量"),
        ("５．属于三类内部事务信息", "属于三类内部事务信息"),
        ("12.5万元", "125万元"),
        ("（）", ""),
        ("\u3000", ""),
    ],
)
def test_what_a_key_keeps(text: str, folded: str) -> None:
    assert key(text) == folded


def test_words_in_brackets_can_be_left_out() -> None:
    assert (
        key_without_brackets("（二）部分公开（区分处理的，只计这一情形（2020年起））") == "部分公开"
    )
    assert key_without_brackets("本年收费金额（单位：万元）") == "本年收费金额"


@pytest.mark.parametrize(
    ("text", "numeral"),
    [
        ("（三）不予公开", "三"),
        ("3.其他", "3"),
        ("其中：1、网站公开", "1"),
        ("不予公开", ""),
        ("三三、本年度", "三三"),
    ],
)
def test_marks(text: str, numeral: str) -> None:
    assert mark(text) == numeral


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("2023年", True), ("2018年度", True), ("2023", False), ("2023年数据", False), ("本年", False)],
)
def test_years(text: str, is_one: bool) -> None:
    assert is_year(text) is is_one


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2.其他法律行政止公开", "2.其他法律行政法规禁止公开"),
        ("行政事业型收费", "行政事业性收费"),
        ("现行有效件", "现行有效件数"),
        (
            "（本列数据的钩稽关系为：第一项加第二项之和",
            "（本列数据的勾稽关系为：第一项加第二项之和",
        ),
        ("三三、本年度办理结果", "三、本年度办理结果"),
        ("其他对外管理服务事项（除许可以外，2020年共3项）", "其他对外管理服务事项"),
    ],
)
def test_a_misprint_is_near(text: str, label: str) -> None:
    assert 0.6 < likeness(text, (label,)) < EXACT + MARK_BONUS


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("行政检查", "行政强制"),
        ("行政许可", "行政处罚"),
        ("不予处理", "不予公开"),
        ("（七）合计", "（七）总计"),
        ("其他组织", "其他"),
        ("4.政务抖音公开政府信息数", "4.政务微信公开政府信息数"),
        ("二、上年结转政府信息公开申请数量", "一、本年新收政府信息公开申请数量"),
        ("民办非企业单位", "科研机构"),
        ("2023年", "自然人"),
        ("", "其他"),
    ],
)
def test_another_word_is_not(text: str, label: str) -> None:
    assert likeness(text, (label,)) == 0.0


def test_no_label_of_a_table_passes_for_another_of_it() -> None:
    """Within one table, a row's label is never so near to another row that a lost row could be
    filled from it by a typo.
    """
    near = set()
    for table in FORMS.tables:
        for a, b in combinations((r for r in table.rows if r.label), 2):
            if (
                key(a.label) != key(b.label)
                and likeness(a.label, (b.label,)) > CONTAINED + MARK_BONUS
            ):
                near.add((table.edition, a.row_id, b.row_id))
    # 政务微博 and 政务微信: one character of eleven; exact labels decide first
    assert near == {("2014", "a.ch.weibo", "a.ch.wechat")}


def test_hits_tell_what_a_text_may_name() -> None:
    assert {(h.table_id, h.ident) for h in VOCABULARY.hits("1.属于国家秘密")} == {
        ("requests", "denied.state_secret")
    }
    assert {h.kind for h in VOCABULARY.hits("其他") if h.table_id == "requests"} == {
        "row",
        "column",
    }
    assert VOCABULARY.hits("见附件") == ()


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("三、收到和处理政府信息公开申请情况", "requests"),
        ("二、收到和处理政府信息公开的申请情况", "requests"),
        ("四、政府信息公开行政法复议、行政诉讼情况", "disputes"),
        ("二、主动公开政府政府情况", "proactive"),
        ("五、信息处理费收取情况", "fees"),
        ("一、总体情况", None),
        (
            (
                "本机关2024年收到和处理政府信息公开申请情况良好，全年共收到申请12件，"
                "均已按期答复，无一逾期办理，也未被提起复议。"
            ),
            None,
        ),
    ],
)
def test_headings(text: str, table: str | None) -> None:
    assert VOCABULARY.section(text) == table


def test_a_label_may_stand_behind_those_of_its_groups() -> None:
    """One label column with the whole path in each cell, as where merged cells were taken apart."""
    for table in load_forms().tables:
        for j, row in enumerate(table.rows):
            path, above = row.label, row.parent
            while above and row.label:
                path, above = f"{table.row(above).label} {path}", table.row(above).parent
                likes = likes_of(path, table)
                assert likes[j] == EXACT == max(likes) and likes.count(EXACT) == 1, path
