"""Titles of lists, links and their dates, addresses; JSON of any shape."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.crawl.sites.html_page import fragment, host_of, join, key
from extract.crawl.sites.links import (
    count_in_json,
    is_attachment_text,
    is_document_name,
    is_folder,
    links_in,
    links_of_json,
    parsed,
    shared_stem,
    stem,
    verdict,
    years_in,
)

REPORTS = (
    "平潭综合实验区2025年度政府信息公开工作年度报告",
    "平潭综合实验区社会事业局 2019年政府信息公开工作年度报告",
    "关于报送2019年政府信息公开工作年度报告的函",
    "上饶市民政局政府信息公开工作年度报告",
    "云岭市审计局2023年年报",
    "二〇二三年政府信息公开年度报告",
    "云岭市人民政府2022年政府信息公开工作年度报告（图片版）",
    "2021年度政务公开工作报告",
    "云岭市统计局２０２２年政府信息公开工作年度报告",
    "云岭海关2023年政府信息公开工作年度报告（本级）",
)
OTHERS = (
    "《2023年政府信息公开工作年度报告》解读",
    "一图读懂2023年政府信息公开年报（图解）",
    "政府信息公开指南",
    "政府信息公开年报",
    "信息公开年度报告",
    "年度报告",
    "政府信息公开制度",
    "2023年法治政府建设年度报告",
    "云岭市2022年部门决算年度报告",
    "政府网站工作年度报表（2023年）",
    "2023年政务公开要点落实情况的报告",
    "政府信息公开自查报告2023年度",
    "关于做好2023年政府信息公开年度报告编制工作的通知",
    "云岭市2023年预算绩效年度报告",
    "首页",
    "下一页",
    "",
)


@pytest.mark.parametrize("title", REPORTS)
def test_titles_of_reports(title: str) -> None:
    assert verdict(title) is True


@pytest.mark.parametrize("title", OTHERS)
def test_titles_of_other_papers(title: str) -> None:
    assert verdict(title) is False


def test_a_title_cut_short_says_nothing_unless_it_tells_already() -> None:
    title = REPORTS[0]
    for end in range(6, len(title)):
        assert verdict(title[:end], whole=False) in (None, True), title[:end]
    assert verdict("《云岭市2023年年报》解读之", whole=False) is False
    assert verdict("云岭市2023年法治政府建设", whole=False) is False
    # all that a list of annual reports may say
    assert verdict("2022年") is None and verdict("2022年度") is None


@given(st.text(max_size=60))
def test_any_title_has_a_verdict(title: str) -> None:
    assert verdict(title) in (True, False, None)
    assert all(1900 <= year < 2100 for year in years_in(title))


LIST = """
<ul>
 <li><a href='./202401/t20240110_1.html' 
    title="云岭市财政局2023年政府信息公开工作年度报告">云岭市财政局2023年政府…</a><span>2024-01-10</span></li>
 <li><a title='云岭市教育局2022年年报' href="/b/2.html">云岭市教育局2022年年报</a> 2023年1月9日</li>
 <li><a href="//file.example.gov.cn/3.pdf">关于2021年10月1日起…</a></li>
 <li><a href="javascript:void(0)" 
    onclick="window.open('/c/4.html','_blank')">云岭市民政局2020年年报</a>[2021/1/31]</li>
 <li><a href="javascript:show('d/5.html')">云岭市司法局2019年年报</a><i>2020.01.15</i></li>
 <li><a>无链接</a><a href="mailto:a@b.cn">邮箱</a><a href="#top">顶部</a><a href="http://[bad">坏</a></li>
</ul>
<table><tr><td><a href="6.html">六</a></td><td>2019-13-45</td><td>2019-01-05</td></tr>
 <tr><td><a href="7.html">七</a></td></tr></table>
<p><a href="8.html">云岭市水利局2018年年报<em>[2019-01-08]</em></a></p>
"""


def test_links_with_titles_and_dates() -> None:
    found = [
        (x.url, x.title, x.date, x.whole)
        for x in links_in(fragment(LIST), "https://www.example.gov.cn/nb/index.html")
    ]
    host = "https://www.example.gov.cn"
    assert found == [
        (
            f"{host}/nb/202401/t20240110_1.html",
            "云岭市财政局2023年政府信息公开工作年度报告",
            "2024-01-10",
            True,
        ),
        (f"{host}/b/2.html", "云岭市教育局2022年年报", "2023-01-09", True),
        ("https://file.example.gov.cn/3.pdf", "关于2021年10月1日起", "2021-10-01", False),
        (f"{host}/c/4.html", "云岭市民政局2020年年报", "2021-01-31", True),
        (f"{host}/nb/d/5.html", "云岭市司法局2019年年报", "2020-01-15", True),
        (f"{host}/nb/6.html", "六", "2019-01-05", True),
        (f"{host}/nb/7.html", "七", "", True),
        (f"{host}/nb/8.html", "云岭市水利局2018年年报", "2019-01-08", True),
    ]


SHAPES: tuple[Any, ...] = (
    {
        "data": [{"doctitle": "一", "docpuburl": "/1.html", "docreltime": "2024-01-02 10:00"}],
        "recordCount": "1",
    },
    {
        "data": {
            "total": 1,
            "results": [
                {"title": "<em>一</em>", "url": "/1.html", "publishedTimeStr": "2024-01-02"}
            ],
        }
    },
    {
        "custom": {
            "total": 1,
            "data": [
                {"realtitle": "一", "title": "一…", "infourl": "/1.html", "infodate": "2024-01-02"}
            ],
        }
    },
    {
        "articles": [
            {"title": "一", "url": "https://a.gov.cn/1.html", "display_publish_time": 1704124800}
        ],
        "total": 1,
        "categories": [{"name": "x"}],
    },
    {"total": 1, "rows": [{"Title": "一", "LinkUrl": "1.html", "PublishTime": 1704124800000}]},
)


@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
def test_links_of_json_of_any_shape(shape: Any) -> None:
    (link,) = links_of_json(shape, "https://a.gov.cn/api")
    assert (link.url, link.title, link.date, link.whole) == (
        "https://a.gov.cn/1.html",
        "一",
        "2024-01-02",
        True,
    )
    assert count_in_json(shape) == 1


def test_json_bare_or_in_a_callback() -> None:
    assert (
        parsed('{"a": 1}') == parsed('cb({"a": 1});') == parsed('window.x.y({"a": 1})') == {"a": 1}
    )
    assert parsed("<html></html>") is None and parsed("[" * 100_000) is None


def test_addresses() -> None:
    base = "http://A.gov.cn:80/x/index.html"
    assert join(base, " ../y/\n1.html#top ") == "http://a.gov.cn:80/y/1.html"
    assert join(base, "//b.gov.cn") == "http://b.gov.cn/"
    refused = (
        "javascript:x()",
        "ftp://b.gov.cn/",
        "http://u:p@b.gov.cn/",
        "http://b.gov.cn:99999/",
        "",
        None,
        "data:text/html,x",
        "a\x01b",
        "http://[b/",
    )
    assert [join("http://a.gov.cn/", a) for a in refused] == [None] * len(refused)
    assert (
        host_of("https://A.gov.cn:443/") == "a.gov.cn"
        and host_of("https://a.gov.cn:80/") == "a.gov.cn:80"
    )
    assert key("http://a.gov.cn/x?y=1#z") == key("https://A.gov.cn:443/x?y=1")


def test_places_of_papers() -> None:
    host = "https://a.gov.cn"
    assert stem(f"{host}/sygfj/gknb/202401/abc.shtml") == "/sygfj/gknb/"
    assert stem(f"{host}/art/2022/1/25/art_12_34.html") == "/art/:art_12_"
    assert stem(f"{host}/public/2681553/1111174149.html") == "/public/2681553/"
    assert shared_stem([f"{host}/a/b/2021n/1.html", f"{host}/a/c/2021n/2.html"]) == "/a/"
    assert shared_stem([f"{host}/a/1.html", f"{host}/b/2.html"]) == "/"
    assert [
        is_folder(f"{host}{p}")
        for p in ("/nb/", "/nb/index.html", "/nb/2023n/", "/nb/index_2.shtml")
    ] == [True] * 4
    assert [
        is_folder(f"{host}{p}") for p in ("/nb/1.html", "/gqbg43/5696721/index.html", "/a.jsp?id=1")
    ] == [False] * 3
    assert [
        is_document_name(f"{host}{p}")
        for p in ("/a/t20240101_1.html", "/info/1050/21831.htm", "/x?id=12345", "/art_1_345.html")
    ] == [True] * 4
    assert not is_document_name(f"{host}/nb/index_1.html")


def test_files_beside_a_report() -> None:
    assert (
        is_attachment_text("附件：2023年报.docx", (2023,))
        and is_attachment_text("点击下载", (2023,))
        and is_attachment_text("附件目录.pdf", ()) is False
    )
    assert not is_attachment_text(
        "2022年政府信息公开工作年度报告", (2023,)
    ) and not is_attachment_text("一图读懂", (2023,))
