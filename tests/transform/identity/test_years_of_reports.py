"""The year of a report and the day of its publication."""

import pytest

from tests.transform.identity.identities import identify_lines
from transform.identity.title import squeeze


def test_the_year_is_that_of_the_report() -> None:
    found = identify_lines(
        "正文。",
        facts=(
            ("title", "上饶市民政局2020年政府信息公开工作年度报告"),
            ("published_on", "2021-01-26 17:19"),
        ),
    )
    assert (found.year, found.published_on, found.remarks) == (2020, "2021-01-26", ())


@pytest.mark.parametrize(
    "sentence",
    [
        "本报告中所列数据的统计期限自2020年1月1日起至2020年12月31日止。",
        "本报告所列数据的统计期限自2020月1日起至2020年12月31日。",
        "统计时限为2020年1月1日—2020年12月31日。",
        "现公布上饶市民政局2020年度政府信息公开工作年度报告。",
        "数据统计期限为 2 0 2 0 年1月1日至12月31日。",
    ],
)
def test_the_year_from_the_preamble(sentence: str) -> None:
    found = identify_lines(
        "上饶市民政局政府信息公开年报",
        sentence,
        "一、总体情况",
        "已发布2019年度政府信息公开工作年度报告。",
    )
    assert found.year == 2020
    assert found.remarks == ()
    assert {(s.metric, s.value, s.paragraph) for s in found.statements} == {
        ("report.year", 2020, 1)
    }
    assert found.statements[0].sentence == squeeze(sentence)


def test_a_sentence_broken_over_lines() -> None:
    found = identify_lines(
        "上饶市民政局政府信息公开年报",
        "本报告所列数据统计期限自2020年1月1",
        "日起至2020年12月31日止。",
    )
    assert [(s.value, s.paragraph) for s in found.statements] == [(2020, 1)]


def test_years_that_disagree_are_all_kept() -> None:
    found = identify_lines(
        "上饶市民政局2021年政府信息公开工作年度报告", "统计期限自2020年1月1日至2020年12月31日。"
    )
    assert found.year == 2021
    assert [s.value for s in found.statements] == [2021, 2020]
    assert "years_disagree" in found.remarks


def test_years_in_the_names_of_papers_are_no_evidence() -> None:
    found = identify_lines(
        "上饶市民政局2021年政府信息公开工作年度报告",
        "根据《关于做好2019年政府信息公开工作年度报告编制工作的通知》（国办函〔2020〕109号）编制。",
    )
    assert [s.value for s in found.statements] == [2021]


def test_the_year_of_publication_is_the_last_resort() -> None:
    title = ("title", "上饶市民政局政府信息公开年报")
    assert identify_lines("正文。", facts=(title, ("published_on", "2021-01-26"))).year == 2020
    assert (
        "year_from_publication"
        in identify_lines("正文。", facts=(title, ("published_on", "2021-01-26"))).remarks
    )
    assert identify_lines("正文。", facts=(title, ("published_on", "2020-12-19"))).year is None
    assert identify_lines("正文。", facts=(title, ("published_on", "2021-01"))).year is None
    assert identify_lines("正文。", "上饶市民政局", "2021年1月26日", facts=(title,)).year == 2020
    assert identify_lines("正文。", facts=(("published_on", "2021-01-26"),)).year is None


@pytest.mark.parametrize(
    ("year", "believed"),
    [(2007, False), (2008, True), (2026, True), (2027, True), (2028, False), (2099, False)],
)
def test_only_years_in_range_are_believed(year: int, believed: bool) -> None:
    assert (
        identify_lines(f"上饶市民政局{year}年政府信息公开工作年度报告").year == year
    ) is believed


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("发布日期：2022-01-10", "2022-01-10"),
        ("发布日期 : 2022-01-10", "2022-01-10"),
        ("日期：2022年1月10日", "2022-01-10"),
        ("来源：区政府办 时间：2022-01-12 10:01", "2022-01-12"),
        ("文号： 发文日期： 2022-01-10", "2022-01-10"),
        ("2022年01月26日来源：上饶市民政局", "2022-01-26"),
        ("2022/1/26", "2022-01-26"),
        ("成文日期：2022-01-10", None),
        ("统计时间：2021-01-10", None),
        ("时间：2021年1月1日至2021年12月31日", None),
        ("2021年1月1日起施行。", None),
        ("日期：2022-02-30", None),
    ],
)
def test_the_day_of_publication_as_sites_print_it(line: str, day: str | None) -> None:
    found = identify_lines("上饶市民政局2021年政府信息公开工作年度报告", line, "一、总体情况")
    assert found.published_on == day


def test_what_the_format_states_goes_before_what_is_printed() -> None:
    title = "上饶市民政局2021年政府信息公开工作年度报告"
    found = identify_lines(title, "日期：2022-01-12", facts=(("published_on", "2022-01-10"),))
    assert found.published_on == "2022-01-10"


def test_the_year_in_a_sentence_that_publishes_the_report() -> None:
    published = "根据条例，现公布上饶市民政局2022年政府信息公开工作年度报告。"
    assert identify_lines("政府信息公开年报", "一、总体情况", published).year == 2022
    spoken_of = "2021年政府信息公开工作年度报告提出的问题已经解决。"
    assert identify_lines("政府信息公开年报", "一、总体情况", spoken_of).year is None


def test_a_date_in_chinese_numerals() -> None:
    title = ("title", "上饶市民政局政府信息公开年报")
    for day in ("二〇二三年一月十五日", "二○二三年一月", "二〇二三年十月二十一日"):
        assert identify_lines("正文。", "上饶市民政局", day, facts=(title,)).year == (
            2022 if day.endswith("日") else None
        )
    assert squeeze("二〇二三年十二月三十一日") == "2023年12月31日"
    assert squeeze("二〇二三年一月") == "2023年1月"
