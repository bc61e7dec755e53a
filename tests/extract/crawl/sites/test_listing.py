"""What a list does when something is wrong: each trouble has its name, and a list that was not read
to its end never counts as whole.
"""

import json
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from extract import limits
from extract.crawl.http.messages import Request, Response
from extract.crawl.sites.results import FaultKind
from tests.cost import cost
from tests.extract.crawl.walk import Held, client, listed, source
from tests.web import web
from tests.web.server import FIREWALL

HOST = "http://www.a.gov.cn"
LIST = f"{HOST}/nb/"
FILLER = (
    "<p>本栏目公开本机关历年的政府信息公开工作年度报告，欢迎社会各界监督并提出宝贵的意见。</p>" * 8
)


def _rows(*years: int, folder: str = "/nb/202401/") -> str:
    return "".join(
        (
            "<li><a "
            f'href="{folder}t20240101_{y}.html">云岭市财政局{y}年政府信息公开工作年度报告</a></li>'
        )
        for y in years
    )


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (None, FaultKind.NOT_FETCHED),
        (404, FaultKind.STATUS),
        (503, FaultKind.STATUS),
        (FIREWALL, FaultKind.BLOCKED_PAGE),
        (b"<html>" + bytes(range(128, 256)) * 20, FaultKind.UNREADABLE),
        ("<html><body><p>栏目建设中</p></body></html>" + FILLER, FaultKind.NO_LIST),
        (
            "<html><body><div id='app'></div><script src='/app.js'></script></body></html>",
            FaultKind.NEEDS_BROWSER,
        ),
    ],
    ids=str,
)
def test_a_column_that_cannot_be_read(answer: Any, trouble: FaultKind) -> None:
    (listing,) = listed(source(LIST), Held({LIST: answer}))
    assert [f.kind for f in listing.faults] == [trouble] and not listing.items and not listing.whole


def test_a_site_that_is_down_or_behind_a_firewall() -> None:
    with web(["jpage"], agencies=1) as sites, client() as ask:
        site = sites["jpage"]
        column = site.root + "/col/col1229000000/index.html"
        site.down = True
        assert [f.kind for f in listed(source(column), ask)[0].faults] == [FaultKind.NOT_FETCHED]
        site.down, site.firewall = False, True
        (listing,) = listed(source(column), ask)
        assert [f.kind for f in listing.faults] == [
            FaultKind.BLOCKED_PAGE
        ] and "拦截" in listing.faults[0].detail


@pytest.mark.parametrize("answer", [None, 503, FIREWALL])
def test_a_list_broken_off_is_not_whole(answer: Any) -> None:
    """Its second page fails: what was found stays, and the fault is told."""
    held = Held(
        {
            LIST: f"<ul>{_rows(2023, 2022)}</ul><a href='index_1.html'>下一页</a>",
            f"{LIST}index_1.html": answer,
        }
    )
    (listing,) = listed(source(LIST), held)
    assert len(listing.items) == 2 and not listing.whole
    wanted = {None: FaultKind.NOT_FETCHED, 503: FaultKind.STATUS, FIREWALL: FaultKind.BLOCKED_PAGE}
    assert [f.kind for f in listing.faults] == [wanted[answer]]


def test_pages_announced_and_not_found() -> None:
    held = Held(
        {
            LIST: (
                f"<ul>{_rows(2023, 2022)}</ul><script>createPageHTML(4, 0, 'index', "
                "'html')</script>"
            )
        }
    )
    (listing,) = listed(source(LIST), held)
    assert [f.kind for f in listing.faults] == [
        FaultKind.INCOMPLETE
    ] and "4 pages" in listing.faults[0].detail
    assert len(held.asked) <= 10  # the guesses are few


def test_a_list_of_one_page_is_asked_for_once() -> None:
    for pager in ("", "<script>createPageHTML(1, 0, 'index', 'html')</script>"):
        held = Held({LIST: f"<ul>{_rows(2023, 2022)}</ul>{pager}"})
        (listing,) = listed(source(LIST), held)
        assert listing.whole and len(held.asked) == 1


def test_entries_said_and_not_given() -> None:
    column = f"{HOST}/col/col1/index.html"
    page = "<p>ms-controller fjdzapp</p><meta name='ChnlId' content='9'>" + _rows(2023)
    answer = (
        '{"recordCount": 5, "data": [{"doctitle": "云岭市2023年年报", "docpuburl": '
        '"/nb/202401/t20240101_2023.html"}]}'
    )
    (listing,) = listed(source(column), Held({column: page, f"{HOST}/fjdzapp/search": answer}))
    assert [f.kind for f in listing.faults] == [
        FaultKind.INCOMPLETE
    ] and "5 entries, 1 were given" in listing.faults[0].detail


def test_an_endless_list_ends_at_the_cap() -> None:
    def page(request: Request) -> str:
        number = int(request.url.rpartition("_")[2].split(".")[0]) if "_" in request.url else 0
        return f"<ul>{_rows(2010 + number)}</ul><a href='index_{number + 1}.html'>下一页</a>"

    class Endless(Held):
        def __call__(self, request: Request) -> Response | None:
            self.table = {request.url: page}
            return super().__call__(request)

    held = Endless({})
    (listing,) = listed(source(LIST), held)
    assert len(held.asked) == limits.LIST_PAGES and [f.kind for f in listing.faults] == [
        FaultKind.PAGE_CAP
    ]


@pytest.mark.parametrize("following", ["index.html", "#", "index_1.html"])
def test_a_pager_that_leads_in_a_circle_ends(following: str) -> None:
    page = f"<ul>{_rows(2023, 2022)}</ul><a href='{following}'>下一页</a>"
    held = Held({LIST: page, f"{LIST}index.html": page, f"{LIST}index_1.html": page})
    (listing,) = listed(source(LIST), held)
    assert len(listing.items) == 2 and listing.whole and len(held.asked) <= 3


def test_other_hosts_are_told_and_never_asked() -> None:
    rows = _rows(2023) + (
        "<li><a "
        'href="http://mirror.example.com/1234.html">云岭市财政局2022年政府信息公开工作年度报告</a></li>'
    )
    held = Held({LIST: f"{rows}<a href='http://mirror.example.com/2.html'>下一页</a>"})
    (listing,) = listed(source(LIST), held)
    assert [i.years for i in listing.items] == [(2023,)]
    assert (
        listing.faults[0].kind is FaultKind.OUTSIDE
        and listing.faults[0].url == "http://mirror.example.com/1234.html"
    )
    assert {r.url.split("/")[2] for r in held.asked if "2.html" not in r.url} == {"www.a.gov.cn"}


def test_a_column_that_leads_to_another_host() -> None:
    held = Held(
        {LIST: lambda _: Response("http://www.other.gov.cn/nb/", 200, {}, _rows(2023).encode())}
    )
    (listing,) = listed(source(LIST), held)
    assert [f.kind for f in listing.faults] == [FaultKind.OUTSIDE] and not listing.items


def test_a_column_that_moved_is_told_where_to() -> None:
    news = "<a href='/xw/t20240101_2023.html'>云岭市2023年政府信息公开工作年度报告</a>"
    moved = f"<a href='/zwgk/zfxxgknb/'>政府信息公开年报</a>{news}{FILLER}"
    for answer in (
        lambda _: Response(f"{HOST}/", 200, {}, moved.encode()),
        f"<meta http-equiv='refresh' content='0;url={HOST}/index.html'>",
    ):
        (listing,) = listed(source(LIST), Held({LIST: answer, f"{HOST}/index.html": moved}))
        assert not listing.items, "the front page's news are no list of the agency"
        assert [f.kind for f in listing.faults] == [
            FaultKind.NO_LIST
        ] and f"{HOST}/zwgk/zfxxgknb/" in listing.faults[0].detail


def test_of_several_lists_of_one_page_the_one_with_reports_is_taken() -> None:
    column, unit = (
        f"{HOST}/col/col5/index.html",
        f"{HOST}/api-gateway/jpaas-publish-server/front/page/build/unit",
    )
    units = "".join(
        f"{{'webId':'1','pageId':'{p}','tagId':'t','tplSetId':'s'}} " for p in ("news", "hot", "nb")
    )
    rows = {"nb": _rows(2023, 2022), "news": "<a href='/xw/t20240101_3.html'>要闻</a>", "hot": ""}

    def server(request: Request) -> str:
        asked = parse_qs(urlsplit(request.url).query)
        turn = json.loads(asked["paramJson"][0])["pageNo"]
        return json.dumps({"data": {"html": rows[asked["pageId"][0]] if turn == 1 else ""}})

    (listing,) = listed(
        source(column),
        Held({column: f"<script>'jpaas-publish-server' {units}</script>", unit: server}),
    )
    assert [i.years for i in listing.items] == [(2023,), (2022,)] and listing.whole


def test_columns_of_other_agencies_in_the_menu_are_no_entries() -> None:
    menu = (
        "<a href='/b/nb/'>政府信息公开年报</a><a "
        "href='/c/nb/index.html'>云岭市教育局政府信息公开工作年度报告</a><a "
        "href='/d/zn.html'>公开指南</a>"
    )
    (listing,) = listed(source(LIST), Held({LIST: menu + _rows(2023)}))
    assert [i.url for i in listing.items] == [f"{HOST}/nb/202401/t20240101_2023.html"]


def test_a_page_that_sends_on_and_a_list_in_a_frame() -> None:
    held = Held(
        {
            LIST: (
                "<html><head><meta http-equiv='Refresh' content='0; "
                "URL=./shell.html'></head></html>"
            ),
            f"{LIST}shell.html": (
                "<iframe src='http://ads.example.com/'></iframe><iframe "
                f"src='list.html'></iframe>{FILLER}"
            ),
            f"{LIST}list.html": _rows(2023, 2022),
        }
    )
    (listing,) = listed(source(LIST), held)
    assert (
        [i.years for i in listing.items] == [(2023,), (2022,)]
        and listing.whole
        and len(held.asked) == 3
    )


def test_frames_in_a_circle_end() -> None:
    held = Held(
        {
            LIST: f"<iframe src='a.html'></iframe>{FILLER}",
            f"{LIST}a.html": f"<iframe src='./'></iframe>{FILLER}",
        }
    )
    (listing,) = listed(source(LIST), held)
    assert [f.kind for f in listing.faults] == [FaultKind.NO_LIST] and len(
        held.asked
    ) <= 1 + limits.FRAMES


def test_folders_by_year_within_the_wanted_years() -> None:
    folders = (
        "".join(f"<a href='{y}n/'>{y}年</a>" for y in (2021, 2022, 2023))
        + "<a href='/other/2022n/'>2022年</a>"
    )
    held = Held(
        {LIST: folders + FILLER}
        | {f"{LIST}{y}n/": _rows(y, folder=f"/nb/{y}n/") for y in (2021, 2022, 2023)}
    )
    (listing,) = listed(source(LIST, years={"first": 2022, "last": 2023}), held)
    assert sorted(i.years for i in listing.items) == [(2022,), (2023,)] and listing.whole
    assert [r.url for r in held.asked] == [LIST, f"{LIST}2022n/", f"{LIST}2023n/"]


def test_a_title_cut_in_one_place_and_whole_in_another() -> None:
    """The whole title decides, whichever comes first."""
    cut = (
        '<a href="/nb/202401/t20240101_1.html">云岭市财政局关于2023年度政府…</a><a '
        'href="/nb/202401/t20240101_2.html">云岭市财政局2023年度政…</a>'
    )
    whole = (
        "<a "
        'href="/nb/202401/t20240101_1.html">云岭市财政局关于2023年度政府信息公开工作要点的通知</a>'
    )
    whole += (
        '<a href="/nb/202401/t20240101_2.html">云岭市财政局2023年度政府信息公开工作年度报告</a>'
    )
    more = '<a href="/nb/202401/t20240101_2.html">查看</a>'
    for page in (cut + whole, whole + cut, more + cut + whole, cut + more + whole + more):
        (listing,) = listed(source(LIST), Held({LIST: page}))
        assert [(i.url.rpartition("_")[2], i.sure) for i in listing.items] == [("2.html", True)], (
            page
        )


HOSTILE = {
    "one long word": "x" * 1_000_000,
    "dots": f"<a href='/nb/1234.html'>{'.' * 200_000}x</a>",
    "records left open": "<record>" * 200_000,
    "slashes": "/a" * 200_000,
    "quotes": "'" * 200_000 + '"./' * 200_000,
    "many links": "<a href='/nb/t1234.html'>云岭市2023年年报…</a>" * 20_000,
    "a script's long string": f'<a onclick="open(\'{"." * 300_000}">x</a>',
    "deep": "<div>" * 30_000,
}
MARKS = (
    "dataproxy.jsp module/xxgk/ jpaas-publish-server getMessage.do _CONFIG gkmlpt site/label/8888 "
    "EWB-FRONT fjdzapp _isAgg createPageHTML("
)


@pytest.mark.parametrize("case", HOSTILE, ids=str)
def test_a_page_built_to_harm_costs_little(case: str) -> None:
    for family in ("jpage", "ucap", "trs"):
        held = Held({LIST: HOSTILE[case] + f"<p>{MARKS}</p><meta name='channelid' content='1'>"})
        assert cost(partial(listed, source(LIST, family=family), held)) < 5, family
