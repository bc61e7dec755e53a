"""Names of agencies: each spelling of one body gives one name, and no spelling gives another's."""

import pytest

from transform.identity.official_names import name_in_year, official_name, parent_of

ONE_BODY = {
    "建湖县人民政府": ["建湖县", "建湖县政府", "盐城市建湖县人民政府", "江苏省盐城市建湖县"],
    "上饶市人民政府": ["上饶市", "江西省上饶市人民政府", "上饶市政府"],
    "江西省人民政府": ["江西省", "江西省政府"],
    "淮安市洪泽区人民政府": ["淮安市洪泽区", "江苏省淮安市洪泽区人民政府"],
    "沈阳市沈河区五里河街道办事处": ["沈阳市沈河区五里河街道"],
    "铅山县石塘镇人民政府": ["铅山县石塘镇", "上饶市铅山县石塘镇政府"],
    "平潭综合实验区管理委员会": ["平潭综合实验区", "平潭综合实验区管委会"],
    "上海市科学技术委员会": ["上海市科委"],
    "上饶市发展和改革委员会": ["上饶市发改委", "上饶市发展改革委", "江西省上饶市发展改革委员会"],
    "鄱阳县住房和城乡建设局": ["鄱阳县住建局", "上饶市鄱阳县住房城乡建设局"],
    "淮安市洪泽区人力资源和社会保障局": ["淮安市洪泽区人社局"],
    "国家税务总局上饶市税务局": ["上饶市税务局", "上饶市国家税务总局税务局"],
    "国家发展和改革委员会": ["国家发展改革委", "国家发改委"],
}
OTHERS = [
    "上饶市民政局",
    "民政部",
    "国务院办公厅",
    "上饶市人民政府办公室",
    "淮安市洪泽区高良涧街道办事处",
    "上饶市市场监督管理局",
    "国家税务总局",
    "广州海关",
    "平潭综合实验区苏平片区管理局",
]


@pytest.mark.parametrize(
    ("name", "spelling"), [(n, s) for n, spellings in ONE_BODY.items() for s in (n, *spellings)]
)
def test_spellings_of_one_body(name: str, spelling: str) -> None:
    assert official_name(spelling) == name


@pytest.mark.parametrize("name", OTHERS)
def test_official_names_stand(name: str) -> None:
    assert official_name(name) == name


def test_a_name_is_settled_at_once() -> None:
    assert all(official_name(official_name(s)) == n for n, all_ in ONE_BODY.items() for s in all_)


def test_a_district_keeps_its_city_and_other_bodies_are_kept_apart() -> None:
    assert official_name("南京市鼓楼区") != official_name("福州市鼓楼区")
    assert official_name("上饶市政府办公室") != official_name("上饶市政府")
    assert official_name("上饶市发改局") != official_name("上饶市发改委")


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        ("鄱阳县民政局", "鄱阳县人民政府"),
        ("鄱阳县双港镇人民政府", "鄱阳县人民政府"),
        ("沈阳市沈河区五里河街道办事处", "沈阳市沈河区人民政府"),
        ("鄱阳县人民政府", "上饶市人民政府"),
        ("上饶市人民政府", "江西省人民政府"),
        ("上海市浦东新区人民政府", "上海市人民政府"),
        ("仙桃市人民政府", "湖北省人民政府"),
        ("平潭综合实验区财政金融局", None),
        ("江西省人民政府", None),
        ("民政部", None),
        ("国家税务总局上饶市税务局", None),
        ("上饶市气象局", None),
        ("上饶市第一中学", None),
        ("广州海关", None),
    ],
)
def test_the_parent_that_a_name_tells(name: str, parent: str | None) -> None:
    assert parent_of(name) == parent


def test_a_name_that_was_given_up_is_the_later_one() -> None:
    assert name_in_year("黟县卫生和计划生育委员会", 2018, ()) == "黟县卫生和计划生育委员会"
    assert name_in_year("黟县卫生和计划生育委员会", None, ()) == "黟县卫生和计划生育委员会"
    assert name_in_year("黟县扶贫开发办公室", 2022, ()) == "黟县乡村振兴局"
    assert name_in_year("上饶市国家税务局", 2020, ()) == "国家税务总局上饶市税务局"


def test_of_several_later_names_the_document_says_which() -> None:
    old = "黟县国土资源局"
    assert name_in_year(old, 2021, ()) == old
    assert name_in_year(old, 2021, ["黟县财政局", "祁门县自然资源局"]) == old
    assert name_in_year(old, 2021, ["黟县自然资源规划局"]) == "黟县自然资源和规划局"
