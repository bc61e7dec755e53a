"""Titles, names, years: by hand in many shapes, on the real reports, and with anything at all."""

import html
import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.document import Cell, Document, Paragraph, grid_of
from tests.cost import cost
from transform.identity.agency_names import complete, division_of, is_fuller, level_of
from transform.identity.divisions import load_places
from transform.identity.identify import Identity, SourceEntry, identify, is_report_title
from transform.identity.title import name_in, parse_title, squeeze

TODAY = date(2026, 11, 24)


def of(
    *lines: str, facts: tuple[tuple[str, str], ...] = (), source: SourceEntry | None = None
) -> Identity:
    return identify(
        Document(tuple(Paragraph(line) for line in lines), "test", facts), source, TODAY
    )


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
    found = of(*lines, "正文的第一段。")
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
    found = of(
        "淮安市人民政府",
        "2024年政府信息公开工作年度报告",
        facts=(("title", "政府信息公开工作年度报告"),),
    )
    assert (found.agency_name, found.year) == ("淮安市人民政府", 2024)


def test_the_year_is_that_of_the_report() -> None:
    found = of(
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
    found = of(
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
    found = of(
        "上饶市民政局政府信息公开年报",
        "本报告所列数据统计期限自2020年1月1",
        "日起至2020年12月31日止。",
    )
    assert [(s.value, s.paragraph) for s in found.statements] == [(2020, 1)]


def test_years_that_disagree_are_all_kept() -> None:
    found = of(
        "上饶市民政局2021年政府信息公开工作年度报告", "统计期限自2020年1月1日至2020年12月31日。"
    )
    assert found.year == 2021
    assert [s.value for s in found.statements] == [2021, 2020]
    assert "years_disagree" in found.remarks


def test_years_in_the_names_of_papers_are_no_evidence() -> None:
    found = of(
        "上饶市民政局2021年政府信息公开工作年度报告",
        "根据《关于做好2019年政府信息公开工作年度报告编制工作的通知》（国办函〔2020〕109号）编制。",
    )
    assert [s.value for s in found.statements] == [2021]


def test_the_year_of_publication_is_the_last_resort() -> None:
    title = ("title", "上饶市民政局政府信息公开年报")
    assert of("正文。", facts=(title, ("published_on", "2021-01-26"))).year == 2020
    assert (
        "year_from_publication"
        in of("正文。", facts=(title, ("published_on", "2021-01-26"))).remarks
    )
    assert of("正文。", facts=(title, ("published_on", "2020-12-19"))).year is None
    assert of("正文。", facts=(title, ("published_on", "2021-01"))).year is None
    assert of("正文。", "上饶市民政局", "2021年1月26日", facts=(title,)).year == 2020
    assert of("正文。", facts=(("published_on", "2021-01-26"),)).year is None


@pytest.mark.parametrize(
    ("year", "believed"),
    [(2007, False), (2008, True), (2026, True), (2027, True), (2028, False), (2099, False)],
)
def test_only_years_in_range_are_believed(year: int, believed: bool) -> None:
    assert (of(f"上饶市民政局{year}年政府信息公开工作年度报告").year == year) is believed


def test_a_blank_form_is_nobody() -> None:
    found = of(
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


def test_a_short_name_is_completed_from_the_prose() -> None:
    found = of("市民政局政府信息公开工作2019年度报告", "通过上饶市政府信息公开平台公开。")
    assert (found.agency_name, found.agency_id) == ("市民政局", "上饶市民政局")
    assert (found.level, found.division_code, found.remarks) == (
        "city_department",
        "361100",
        ("agency_inferred",),
    )


def test_a_short_name_without_a_place_stays_unknown() -> None:
    for text in ("正文。", "学习深圳市与上饶市的做法。"):
        found = of("市民政局政府信息公开工作2019年度报告", text)
        assert (found.agency_name, found.agency_id) == ("市民政局", "unknown")
        assert "agency_not_completed" in found.remarks


def test_the_source_completes_a_name() -> None:
    title = "科委2019年政府信息公开工作年度报告"
    assert of(title, source=SourceEntry(place="上海市")).agency_id == "上海市科学技术委员会"
    assert (
        of("上海市" + title, source=SourceEntry(agency="上海市科学技术委员会")).agency_id
        == "上海市科学技术委员会"
    )
    found = of(
        "2019年政府信息公开工作年度报告",
        source=SourceEntry(
            agency="上海市科学技术委员会", division_code="310000", level="x", scope="y"
        ),
    )
    assert (found.agency_name, found.agency_id, found.level, found.scope) == (
        None,
        "上海市科学技术委员会",
        "x",
        "y",
    )
    assert (
        of(
            "上饶市民政局2019年政府信息公开年报", source=SourceEntry(agency="上饶市财政局")
        ).agency_id
        == "上饶市民政局"
    )


@pytest.mark.parametrize(
    ("lines", "facts"),
    [
        (("正文。",), (("publisher", "平潭综合实验区苏平片区管理局"),)),
        (("正文。", "平潭综合实验区苏平片区管理局2021年1月26日"), (("publisher", "1"),)),
        (("正文。", "平潭综合实验区苏平片区管理局", "2021年1月26日", "附件下载"), ()),
        (("正文暂无。 平潭综合实验区苏平片区管理局 2021年1月26日",), ()),
        (
            (
                "本报告由平潭综合实验区苏平片区管理局根据《中华人民共和国政府信息公开条例》编制。",
                "正文。",
            ),
            (),
        ),
        (("现将平潭综合实验区苏平片区管理局2020年度政府信息公开工作年度报告公布如下。",), ()),
        (
            ("根据《中华人民共和国政府信息公开条例》，平潭综合实验区苏平片区管理局编制了本报告。",),
            (),
        ),
    ],
)
def test_the_agency_where_the_title_has_none(
    lines: tuple[str, ...], facts: tuple[tuple[str, str], ...]
) -> None:
    found = of("本机关2020年政府信息公开工作年度报告", *lines, facts=facts)
    assert found.agency_name == found.agency_id == "平潭综合实验区苏平片区管理局"
    assert (found.year, found.level, found.division_code) == (2020, "zone_department", None)


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "",
        "本机关",
        "我局",
        "附件下载",
        "来源：上饶市民政局",
        "根据条例要求",
        "上饶市民政局2020",
        "政府",
        "局" * 50,
    ],
)
def test_no_names(text: str) -> None:
    assert name_in(text) is None


@pytest.mark.parametrize(
    ("name", "prose", "fuller", "full", "level", "code"),
    [
        (
            "区发改局",
            ["淮安市洪泽区", "洪泽区政府"],
            [],
            "淮安市洪泽区发改局",
            "county_department",
            "320813",
        ),
        (
            "县财政局",
            ["省和县有关", "鄱阳县人民政府"],
            [],
            "鄱阳县财政局",
            "county_department",
            "361128",
        ),
        (
            "鼓楼区人民政府",
            ["南京市鼓楼区"],
            [],
            "南京市鼓楼区人民政府",
            "county_government",
            "320106",
        ),
        ("鼓楼区人民政府", ["福州市"], [], "福州市鼓楼区人民政府", "county_government", "350102"),
        ("鼓楼区人民政府", [], [], None, None, None),
        (
            "大厂区人民政府",
            ["南京市大厂区"],
            [],
            "南京市大厂区人民政府",
            "county_government",
            "320100",
        ),
        ("浦东新区人民政府", [], [], "上海市浦东新区人民政府", "county_government", "310115"),
        ("市场监督管理局", ["上饶市"], [], "上饶市市场监督管理局", "city_department", "361100"),
        ("住房和城乡建设局", ["上饶市", "婺源县"], [], None, None, None),
        (
            "城市管理局",
            [],
            ["婺源县城市管理和综合行政执法局"],
            "婺源县城市管理和综合行政执法局",
            "county_department",
            "361130",
        ),
        ("市政府", [], ["上饶市人民政府办公室"], "上饶市人民政府", "city_government", "361100"),
        ("民政局", [], ["上饶市财政局"], None, None, None),
        (
            "自治区财政厅",
            ["宁夏回族自治区"],
            [],
            "宁夏回族自治区财政厅",
            "province_department",
            "640000",
        ),
        ("内蒙古自治区人民政府", [], [], "内蒙古自治区人民政府", "province_government", "150000"),
        ("延边朝鲜族自治州民政局", [], [], "延边朝鲜族自治州民政局", "city_department", "222400"),
        ("和县人民政府", [], [], "和县人民政府", "county_government", "340523"),
        ("国家发展改革委", [], [], "国家发展改革委", "central_department", None),
        ("民政部", [], [], "民政部", "central_department", None),
        ("县委宣传部", ["鄱阳县"], [], "鄱阳县委宣传部", "county_department", "361128"),
        (
            "国家税务总局上饶市税务局",
            [],
            [],
            "国家税务总局上饶市税务局",
            "city_department",
            "361100",
        ),
        ("平潭综合实验区", [], [], "平潭综合实验区", "zone_government", None),
        ("上饶经济技术开发区管委会", [], [], "上饶经济技术开发区管委会", "zone_government", None),
        ("高新区管委会", [], ["合肥高新区管委会"], "合肥高新区管委会", "zone_government", None),
        ("经开区管委会", ["上饶市"], [], "上饶市经开区管委会", "zone_government", "361100"),
        ("洋河新区管委会", [], [], "洋河新区管委会", "zone_government", None),
        (
            "石塘镇人民政府",
            ["铅山县石塘镇"],
            [],
            "铅山县石塘镇人民政府",
            "town_government",
            "361124",
        ),
        ("石塘镇人民政府", ["铅山县"], [], None, None, None),
        ("铅山县石塘镇人民政府", [], [], "铅山县石塘镇人民政府", "town_government", "361124"),
        ("镇人民政府", ["铅山县"], [], None, None, None),
    ],
)
def test_full_names(
    name: str,
    prose: list[str],
    fuller: list[str],
    full: str | None,
    level: str | None,
    code: str | None,
) -> None:
    found = complete(name, fuller, None, lambda: prose)
    assert found == full
    if found is not None:
        assert (level_of(found), division_of(found)) == (level, code)


def test_fuller_names() -> None:
    assert is_fuller("财金局", "平潭综合实验区财政金融局")
    assert is_fuller("洪泽区人民政府", "淮安市洪泽区人民政府办公室")
    assert is_fuller("上海市科委", "上海市科学技术委员会")
    assert not is_fuller("鼓楼区人民政府", "南京市玄武区人民政府")
    assert not is_fuller("市民政局", "上饶市财政局")
    assert not is_fuller("市民政局", "民政局")


def test_places() -> None:
    places = load_places()
    assert places.chain("江西省上饶市信州区民政局") == ("江西省", "上饶市", "信州区")
    assert places.code(("上饶市", "信州区")) == "361102"
    assert places.code(("鼓楼区",)) is None
    assert places.codes["上海市"] == ("310000",)
    assert set(places.cities("鼓楼区")) >= {"南京市", "徐州市", "福州市"}
    assert places.count(["省、市和县，完成县城"]) == {}


def test_scope_as_stated() -> None:
    assert of("上饶市人民政府（本级）2020年政府信息公开工作年度报告").scope == "own_level"
    assert (
        of("洪泽区人民政府2020年政府信息公开工作年度报告", "本报告汇总了各部门的数据。").scope
        == "whole_area"
    )
    assert of("上饶市人民政府2020年政府信息公开工作年度报告", "正文。").scope is None


def _document(path: Path) -> Document:
    """A rough reading of a real file: only its title and its prose matter here."""
    text = path.read_bytes().decode("utf-8")
    facts: list[tuple[str, str]] = []
    if path.suffix == ".html":
        facts += [("title", t) for t in re.findall("<title>(.*?)</title>", text, re.DOTALL)[:1]]
        text = re.sub("<table.*?</table>", " ", text, flags=re.DOTALL)
        text = html.unescape(
            re.sub("<[^>]+>", "", re.sub("</(?:p|div|h[1-6]|li|title)>|<br */?>", "\n", text))
        )
    elif text.startswith("标题: "):
        names = {"标题": "title", "发布时间": "published_on", "发布机构": "publisher"}
        head, _, text = text.partition("正文 =")
        pairs = (line.partition(": ") for line in head.splitlines())
        facts += [(names[k], v) for k, _, v in pairs if k in names and v]
    return Document(
        tuple(Paragraph(line.strip()) for line in text.splitlines() if line.strip()),
        "test",
        tuple(facts),
    )


# Where the truth has a fuller name than the title, the title's own name is the report's name for
# itself.
PRINTED = {"006": "上海市科委", "008": "测试市", "80469": "财金局"}
FULL = {"80469": "平潭综合实验区财政金融局", "shangrao-minzheng-2019": "上饶市民政局"}


def test_the_real_reports(shared_dir: Path) -> None:
    files = [
        p
        for p in sorted((shared_dir / "corpus" / "raw").iterdir())
        if p.suffix in (".html", ".txt")
    ]
    assert len(files) > 15
    for path in files:
        truth = json.loads(
            (shared_dir / "corpus" / "truth" / f"{path.stem}.json").read_text(encoding="utf-8")
        )
        found = identify(_document(path), None, TODAY)
        name = PRINTED.get(path.stem, truth["agency"])
        assert (found.agency_name, found.year) == (name, truth["year"]), path.name
        assert found.agency_id == FULL.get(path.stem, name), path.name
        assert "years_disagree" not in found.remarks, path.name


def test_it_is_fast(shared_dir: Path) -> None:
    """Typical 0.3 ms; the bound leaves room for a busy machine."""
    document = _document(shared_dir / "corpus" / "raw" / "80560.html")
    identify(document, None, TODAY)
    assert cost(lambda: [identify(document, None, TODAY) for _ in range(50)]) / 50 < 0.005


HAN_TEXT = st.text(
    st.sampled_from(
        "上饶市民政局县区省人府信息公开工作年度报告的函关于送2019二〇三0１（）《》_-　\n\t：，"
        "。由编制现将布至月日镇乡管委会国家税务总"
    )
    | st.characters(),
    max_size=200,
)


@settings(max_examples=300, deadline=None)
@given(
    lines=st.lists(HAN_TEXT, max_size=8),
    facts=st.lists(
        st.tuples(st.sampled_from(["title", "published_on", "publisher", "site"]), HAN_TEXT),
        max_size=4,
    ),
    place=st.none() | st.just("上饶市"),
)
def test_identify_never_raises(
    lines: list[str], facts: list[tuple[str, str]], place: str | None
) -> None:
    found = of(*lines, facts=tuple(facts), source=SourceEntry(place=place))
    assert found.year is None or 2008 <= found.year <= 2027
    assert found.agency_id
    assert all(s.paragraph is None or 0 <= s.paragraph < len(lines) for s in found.statements)
    assert found.agency_name is None or not re.search(r"\s", found.agency_name)


@pytest.mark.parametrize(
    "piece",
    [
        "由" + "上" * 3000,
        "编制" * 1000,
        "2020年" * 700,
        "政府信息公开" * 400,
        "（" * 3000,
        "《" * 3000,
        "统计期限" * 800,
        "现将公布" * 700,
    ],
)
def test_hostile_text_takes_no_time(piece: str) -> None:
    assert cost(lambda: of(*[piece] * 60, facts=(("title", piece),))) < 1


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
    found = of("上饶市民政局2021年政府信息公开工作年度报告", line, "一、总体情况")
    assert found.published_on == day


def test_what_the_format_states_goes_before_what_is_printed() -> None:
    title = "上饶市民政局2021年政府信息公开工作年度报告"
    found = of(title, "日期：2022-01-12", facts=(("published_on", "2022-01-10"),))
    assert found.published_on == "2022-01-10"


@pytest.mark.parametrize("office", ["办公室", "党政办公室", "党政综合办公室"])
def test_the_office_that_compiled_is_not_the_agency(office: str) -> None:
    found = of(
        "政府信息公开工作年度报告",
        f"本报告由微山县两城镇人民政府{office}编制。",
        "统计期限为2020年1月1日至2020年12月31日。",
    )
    assert found.agency_id == "微山县两城镇人民政府"


def test_an_office_with_a_report_of_its_own_is_the_agency() -> None:
    found = of("上饶市人民政府办公室2021年政府信息公开工作年度报告", "本报告由办公室编制。")
    assert found.agency_id == "上饶市人民政府办公室"


def test_the_year_in_a_sentence_that_publishes_the_report() -> None:
    published = "根据条例，现公布上饶市民政局2022年政府信息公开工作年度报告。"
    assert of("政府信息公开年报", "一、总体情况", published).year == 2022
    spoken_of = "2021年政府信息公开工作年度报告提出的问题已经解决。"
    assert of("政府信息公开年报", "一、总体情况", spoken_of).year is None


def test_a_date_in_chinese_numerals() -> None:
    title = ("title", "上饶市民政局政府信息公开年报")
    for day in ("二〇二三年一月十五日", "二○二三年一月", "二〇二三年十月二十一日"):
        assert of("正文。", "上饶市民政局", day, facts=(title,)).year == (
            2022 if day.endswith("日") else None
        )
    assert squeeze("二〇二三年十二月三十一日") == "2023年12月31日"
    assert squeeze("二〇二三年一月") == "2023年1月"


def test_half_a_year_is_no_annual_report() -> None:
    for title in ("上饶市2022年上半年政府信息公开工作报告", "上饶市2022年第一季度信息公开年报"):
        assert not is_report_title(title)
