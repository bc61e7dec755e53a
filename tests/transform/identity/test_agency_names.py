"""Whose report it is: names, full names and their places."""

import pytest

from tests.transform.identity.identities import identify_lines
from transform.identity.agency_names import complete, division_of, is_fuller, level_of
from transform.identity.divisions import load_places
from transform.identity.identify import SourceEntry
from transform.identity.title import name_in


def test_a_short_name_is_completed_from_the_prose() -> None:
    found = identify_lines(
        "市民政局政府信息公开工作2019年度报告", "通过上饶市政府信息公开平台公开。"
    )
    assert (found.agency_name, found.agency_id) == ("市民政局", "上饶市民政局")
    assert (found.level, found.division_code, found.remarks) == (
        "city_department",
        "361100",
        ("agency_inferred",),
    )


def test_a_short_name_without_a_place_stays_unknown() -> None:
    for text in ("正文。", "学习深圳市与上饶市的做法。"):
        found = identify_lines("市民政局政府信息公开工作2019年度报告", text)
        assert (found.agency_name, found.agency_id) == ("市民政局", "unknown")
        assert "agency_not_completed" in found.remarks


def test_the_source_completes_a_name() -> None:
    title = "科委2019年政府信息公开工作年度报告"
    assert (
        identify_lines(title, source=SourceEntry(place="上海市")).agency_id
        == "上海市科学技术委员会"
    )
    assert (
        identify_lines(
            "上海市" + title, source=SourceEntry(agency="上海市科学技术委员会")
        ).agency_id
        == "上海市科学技术委员会"
    )
    found = identify_lines(
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
        identify_lines(
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
    found = identify_lines("本机关2020年政府信息公开工作年度报告", *lines, facts=facts)
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


@pytest.mark.parametrize("office", ["办公室", "党政办公室", "党政综合办公室"])
def test_the_office_that_compiled_is_not_the_agency(office: str) -> None:
    found = identify_lines(
        "政府信息公开工作年度报告",
        f"本报告由微山县两城镇人民政府{office}编制。",
        "统计期限为2020年1月1日至2020年12月31日。",
    )
    assert found.agency_id == "微山县两城镇人民政府"


def test_an_office_with_a_report_of_its_own_is_the_agency() -> None:
    found = identify_lines(
        "上饶市人民政府办公室2021年政府信息公开工作年度报告", "本报告由办公室编制。"
    )
    assert found.agency_id == "上饶市人民政府办公室"
