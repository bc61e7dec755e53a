"""Titles of reports, in many shapes, and what is none."""

import pytest

from extract.document import Cell, Document, grid_of
from tests.transform.identity.identities import TODAY, identify_lines
from transform.identity.identify import identify, is_report_title
from transform.identity.title import parse_title


@pytest.mark.parametrize(
    ("title", "agency", "year"),
    [
        ("2019年上海市人民政府办公厅政府信息公开工作年度报告", "上海市人民政府办公厅", 2019),
        ("市民政局政府信息公开工作2019年度报告", "市民政局", 2019),
        (
            "平潭综合实验区财政金融局2018 年政府信息公开工作年度报告",
            "平潭综合实验区财政金融局",
            2018,
        ),
        (
            "平潭综合实验区苏平片区管理局关于报送2020年度政府信息公开工作年度报告的函",
            "平潭综合实验区苏平片区管理局",
            2020,
        ),
        ("2024 年上海市科委政府信息公开工作\n年度报告", "上海市科委", 2024),
        ("淮安市人民政府2024年政府信息公开工作年度报告", "淮安市人民政府", 2024),
        ("关于上饶市财政局2023年度政府信息公开工作的报告", "上饶市财政局", 2023),
        ("中华人民共和国教育部2023年政府信息公开工作年度报告", "中华人民共和国教育部", 2023),
        ("鄱阳县财政局政府信息公开年度报告（2024年）", "鄱阳县财政局", 2024),
        ("鄱阳县财政局2024年政府信息公开年报", "鄱阳县财政局", 2024),
        ("鄱阳县财政局政府信息公开2024年年报", "鄱阳县财政局", 2024),
        ("（2022年）鄱阳县财政局政府信息公开工作年度报告", "鄱阳县财政局", 2022),
        ("鄱阳县财政局 2022 年度 政府信息公开工作 年度报告", "鄱阳县财政局", 2022),
        ("鄱阳县财政局２０２２年度政府信息公开工作年度报告", "鄱阳县财政局", 2022),
        ("鄱阳县财政局二〇二三年政府信息公开工作年度报告", "鄱阳县财政局", 2023),
        (
            "二○二一年度鄱阳县财政局政府信息公开工作年度报告".replace("○", "〇"),
            "鄱阳县财政局",
            2021,
        ),
        ("关于公布鄱阳县财政局2021年政府信息公开工作年度报告的公告", "鄱阳县财政局", 2021),
        ("沭阳县发展和改革局2023年政府信息公开年度报告-沭阳县发改局", "沭阳县发展和改革局", 2023),
        (
            "财金局2016年政府信息公开年度报告_政府信息公开年报_平潭综合实验区党工委管委会",
            "财金局",
            2016,
        ),
        (
            "2019年上海市教育委员会政府信息公开工作年度报告 - 上海市人民政府",
            "上海市教育委员会",
            2019,
        ),
        ("上海市人民政府-上海市教育委员会2019年政府信息公开工作年度报告", "上海市教育委员会", 2019),
        ("洪泽区人民政府信息公开2023年年报", "洪泽区人民政府", 2023),
        ("洪泽区人民政府2023年信息公开年度报告", "洪泽区人民政府", 2023),
        ("市政务公开办公室2023年政务公开工作年度报告", "市政务公开办公室", 2023),
        ("标题：上饶市统计局2020年政府信息公开工作年度报告", "上饶市统计局", 2020),
        ("上饶市大数据发展管理局2021年度政府信息公开工作情况报告", "上饶市大数据发展管理局", 2021),
        ("2021年上饶市统计局发布2020年度政府信息公开年报", "上饶市统计局", 2020),
        ("政府信息公开工作2020年度报告（上饶市民政局）", "上饶市民政局", 2020),
        ("上饶市人民政府（本级）2020年政府信息公开工作年度报告", "上饶市人民政府", 2020),
        ("《上饶市人民政府2020年政府信息公开工作年度报告》", "上饶市人民政府", 2020),
        ("首页>政务公开>上饶市人民政府2020年政府信息公开工作年度报告", "上饶市人民政府", 2020),
        (
            "国家税务总局上饶市税务局2022年政府信息公开工作年度报告（全文）",
            "国家税务总局上饶市税务局",
            2022,
        ),
        ("灵溪镇2022年度政府信息公开工作年度报告（图片版）", "灵溪镇", 2022),
        ("本机关2022年度政府信息公开工作年度报告", None, 2022),
        ("2022年度政府信息公开工作年度报告", None, 2022),
        ("政府信息公开工作年度报告", None, None),
    ],
)
def test_titles_of_reports(title: str, agency: str | None, year: int | None) -> None:
    assert is_report_title(title)
    found = parse_title(title)
    assert found is not None
    assert (found.agency, found.years[0] if found.years else None) == (agency, year)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "报告",
        "一、总体情况",
        "上饶市民政局2020年政府信息公开工作年度报告解读",
        "图解：上饶市民政局2020年政府信息公开工作年度报告",
        "一图读懂上饶市民政局2020年政府信息公开工作年度报告",
        "《上饶市民政局2020年政府信息公开工作年度报告》解读",
        "上饶市民政局2020年政府信息公开自查报告",
        "上饶市民政局政府信息公开指南",
        "2021年政府信息公开工作要点落实情况的函",
        "上饶市政府信息公开年度报告制度",
        "2021年政府信息公开工作方案",
        "关于做好2019年政府信息公开工作年度报告编制公布工作的通知",
        "政府信息公开工作年度报告格式模板",
        "上饶市民政局关于政府信息公开工作的报告",
        "上饶市2020年国民经济和社会发展统计公报",
        "现将上饶市民政局2020年政府信息公开工作年度报告公布如下",
        "本报告根据《中华人民共和国政府信息公开条例》的要求编制",
    ],
)
def test_not_titles_of_reports(title: str) -> None:
    assert not is_report_title(title)


def test_the_site_is_cut_from_the_title() -> None:
    found = parse_title("沭阳县发展和改革局 2023年政府信息公开年度报告-沭阳县发改局")
    assert found is not None
    assert found.text == "沭阳县发展和改革局2023年政府信息公开年度报告"


@pytest.mark.parametrize(
    "lines",
    [
        ("洪泽区人民政府", "2023 年政府信息公开工作年度报告"),
        ("洪泽区人民政府2023年", "政府信息公开工作", "年度报告"),
        ("正文", "2023 年洪泽区人民政府政府信息公开工作", "年度报告"),
        (
            "首页",
            "洪泽区教育局",
            "政府信息公开年报",
            "洪泽区人民政府2023年政府信息公开工作年度报告",
        ),
        (
            (
                "当前位置： 首页政务公开 洪泽区人民政府2023年政府信息公开工作年度报告 来源： "
                "时间：2024-01-01"
            )
            + "正文" * 60,
        ),
        ("洪泽区人民政府关于报送2023年度政府信息公开工作年度报告的函市办公室：" + "正文" * 60,),
    ],
)
def test_titles_over_lines_and_in_pages_run_together(lines: tuple[str, ...]) -> None:
    found = identify_lines(*lines, "正文的第一段。")
    assert (found.agency_name, found.year) == ("洪泽区人民政府", 2023)
    assert found.title is not None
    assert found.title.endswith(("年度报告", "的函"))
    assert "正文" not in found.title


def test_a_title_in_the_first_row_of_a_table() -> None:
    grid = grid_of(
        [Cell("上饶市民政局2022年政府信息公开工作年度报告", 0, 0, 1, 7), Cell("申请人情况", 1, 0)]
    )
    found = identify(Document((grid,), "test"), None, TODAY)
    assert (found.agency_id, found.year) == ("上饶市民政局", 2022)


def test_a_generic_fact_gives_way_to_the_page() -> None:
    found = identify_lines(
        "淮安市人民政府",
        "2024年政府信息公开工作年度报告",
        facts=(("title", "政府信息公开工作年度报告"),),
    )
    assert (found.agency_name, found.year) == ("淮安市人民政府", 2024)


def test_a_blank_form_is_nobody() -> None:
    found = identify_lines(
        "政府信息公开工作年度报告格式模板",
        "一、总体情况",
        "（文字描述）",
        facts=(("published_on", "2021-09-26"),),
    )
    assert (found.agency_name, found.agency_id, found.year, found.title) == (
        None,
        "unknown",
        None,
        None,
    )


def test_half_a_year_is_no_annual_report() -> None:
    for title in ("上饶市2022年上半年政府信息公开工作报告", "上饶市2022年第一季度信息公开年报"):
        assert not is_report_title(title)
