"""Every family of sites, served on loopback, gives every report and nothing else; real list pages;
the quirks that sites of one family have.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from extract import limits
from extract.crawl.http.messages import Request, Response
from extract.crawl.sites.family import BY_NAME, FAMILIES, detect
from extract.crawl.sites.html_page import open_page
from extract.crawl.sites.listing import list_reports
from extract.crawl.sites.results import FaultKind, State, drive
from extract.crawl.sources import load_sources
from tests.extract.crawl.walk import Held, brought, client, listed, opened, source
from tests.web import FAMILIES as SITES
from tests.web import Site, web, write_sources
from tests.web.sites import BUILDERS

AGENCIES, YEARS = 4, (2021, 2022, 2023)


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, Site]]:
    with web(agencies=AGENCIES, years=YEARS) as up:
        yield up


@pytest.mark.parametrize("name", SITES)
def test_a_site_gives_every_report_and_nothing_else(
    name: str, sites: dict[str, Site], tmp_path: Path
) -> None:
    site = sites[name]
    (entry,) = [
        s
        for s in load_sources(write_sources(sites, tmp_path / "web.yaml"))
        if s.id == f"web-{name}"
    ]
    home: dict[str, tuple[str, str, str | None]] = {}
    states: Counter[State] = Counter()
    with client() as ask:
        for listing in listed(entry, ask):
            assert listing.family == BUILDERS[name].family
            assert listing.whole and not listing.faults
            for entry_found in opened(entry, listing, ask):
                states[entry_found.state] += 1
                assert not entry_found.faults
                for sha256, (url, role) in brought(entry_found, ask).items():
                    home[sha256] = (url, role, listing.report_list.agency)
    assert home == {t.sha256: (t.url, t.role, t.agency) for t in site.truth}
    assert len({(t.agency, t.year) for t in site.truth}) == AGENCIES * len(YEARS)
    assert (
        states[State.GONE] == AGENCIES
        and states[State.FAULT] == 0
        and states[State.DOCUMENTS] == AGENCIES * len(YEARS)
    )
    asked = site.paths()
    # menus, readings, other years
    assert not [p for p in asked if p.startswith("/files/") or "guide" in p]
    absent = [
        v.asked.path
        for v in site.log
        if v.status == 404
        and "index" not in v.asked.path
        and v.asked.path.endswith((".shtml", ".htm", ".html"))
    ]
    assert not [p for p in absent if "xxgk_" not in p and "_2." not in p and "_1." not in p], (
        "the report of an unwanted year was asked for"
    )


def test_every_family_is_served_and_no_name_is_used_twice() -> None:
    assert {b.family for b in BUILDERS.values()} == set(BY_NAME)
    assert len(BY_NAME) == len(FAMILIES)


def test_a_family_named_by_the_source_needs_no_marks(
    sites: dict[str, Site], tmp_path: Path
) -> None:
    (entry,) = [
        s for s in load_sources(write_sources(sites, tmp_path / "web.yaml")) if s.id == "web-trs"
    ]
    named = entry.model_copy(update={"family": "vsb", "agencies": entry.agencies[:1]})
    with client() as ask:
        (listing,) = listed(named, ask)
    assert listing.family == "vsb" and len(listing.items) == 5


# ---- real lists


@pytest.mark.parametrize("name", ["district", "shs"])
def test_real_list(name: str, shared_dir: Path) -> None:
    """A saved page of a real list: its static entries are all read, and the endpoint is asked for
    the rest.
    """
    truth = json.loads(
        (shared_dir / "corpus" / "lists" / f"list_{name}.json").read_text(encoding="utf-8")
    )
    content = (shared_dir / "corpus" / "lists" / f"list_{name}.html").read_bytes()
    url = truth["list_url"]
    assert detect(open_page(Response(url, 200, {}, content))).name == "trs-json"
    total, size = truth["record_count"], 15
    held = [
        {"doctitle": i["title"], "chnldocurl": i["url"], "docreltime": i["date"]}
        for i in truth["static_items"]
    ]
    held += [
        {
            "doctitle": f"{truth['agency']}{2030 + n}年年报",
            "chnldocurl": f"{url}203001/t20300101_{90000 + n}.htm",
        }
        for n in range(total - len(held))
    ]

    def endpoint(request: Request) -> str:
        form = dict(request.data or {})
        assert (
            request.method == "POST"
            and form["channelid"] == "200210"
            and form["classsql"] == f"chnlid={truth['chnlid']}"
        )
        assert form["sortfield"] == "-docorderpri,-docreltime" and request.headers["Referer"] == url
        start = (int(form["page"]) - 1) * size
        return json.dumps({"data": held[start : start + size], "recordCount": total})

    for answer, wanted in ((endpoint, total), (503, len(truth["static_items"]))):
        (listing,) = listed(
            source(url, agency=truth["agency"]),
            Held({url: content, "https://www.pingtan.gov.cn/fjdzapp/search": answer}),
        )
        items = {i.url: (i.title, i.date, i.sure) for i in listing.items}
        assert len(items) == wanted
        for item in truth["static_items"]:
            title, date, sure = items[item["url"]]
            assert ("".join(title.split()), date, sure) == (
                "".join(item["title"].split()),
                item["date"],
                True,
            )
        assert [f.kind for f in listing.faults] == ([] if wanted == total else [FaultKind.STATUS])
        assert listing.whole == (wanted == total)


# ---- quirks


def _art(n: int) -> str:
    return (
        f'<li><a href="/art/2022/1/25/art_12_{100 + n}.html" '
        f'title="云岭市财政局{2010 + n}年政府信息公开工作年度报告">x</a></li>'
    )


COLUMN = "http://www.a.gov.cn/col/col12/index.html"
PROXY = "http://www.a.gov.cn/module/web/jpage/other.jsp"
JPAGE = (
    '<script>var x = {proxyUrl:"/module/web/jpage/other.jsp"}; <a '
    'href="/module/web/jpage/dataproxy.jsp?page=1&amp;columnid=12&amp;unitid=3"></script>'
)


JPAGE_FIELDS = (
    "<script>$('#3').jpage({proxyUrl:'/module/web/jpage/other.jsp', "
    "ajaxParam:{columnid:12,unitid:'3',webid: 7}}); <datastore></datastore></script>"
)


@pytest.mark.parametrize("page", [JPAGE, JPAGE_FIELDS], ids=["an address", "fields"])
@pytest.mark.parametrize("cap", [3, 7, 60, 100])
@pytest.mark.parametrize("obeys", ["page", "startrecord"])
def test_jpage_whatever_the_server_obeys_and_cuts(cap: int, obeys: str, page: str) -> None:
    total = 64

    def server(request: Request) -> str:
        assert request.data and request.data["columnid"] == "12" and request.data["unitid"] == "3"
        asked = {k: int(v[0]) for k, v in parse_qs(urlsplit(request.url).query).items()}
        size = min(asked["perpage"], cap)
        first = (asked["page"] - 1) * size if obeys == "page" else asked["startrecord"] - 1
        shown = range(first, min(first + size, total))
        return (
            f"<datastore><totalrecord>{total}</totalrecord>"
            + "".join(f"<record><![CDATA[{_art(n)}]]></record>" for n in shown)
            + "</datastore>"
        )

    held = Held({COLUMN: page, PROXY: server})
    (listing,) = listed(source(COLUMN), held)
    assert len(listing.items) == total and listing.whole
    assert len(held.asked) <= 2 + -(-total // min(cap, 60))


@pytest.mark.parametrize("first", [0, 1])
def test_gkmlpt_counts_pages_from_0_or_1(first: int) -> None:
    column = "http://www.a.gov.cn/rsj/gkmlpt/index#721"
    titles = [f"云岭市财政局{2011 + n}年政府信息公开工作年度报告" for n in range(7)]

    def server(request: Request) -> Any:
        number = int(parse_qs(urlsplit(request.url).query)["page"][0]) - first
        shown = (
            list(enumerate(titles))[max(number, 0) * 3 : max(number, 0) * 3 + 3]
            if number >= 0
            else []
        )
        articles = [
            {"title": t, "url": f"http://www.a.gov.cn/rsj/gkmlpt/content/0/963/post_96{n:04d}.html"}
            for n, t in shown
        ]
        return json.dumps({"articles": articles, "total": len(titles)}) if articles else 404

    held = Held(
        {
            column.split("#")[0]: "<script>window._CONFIG={SID:'66'}; 'gkmlpt'</script>",
            "http://www.a.gov.cn/rsj/gkmlpt/api/all/721": server,
        }
    )
    (listing,) = listed(source(column), held)
    assert {i.title for i in listing.items} == set(titles) and listing.whole


def test_gkmlpt_finds_its_category_by_name() -> None:
    tree = (
        '[{"id":720,"name":"政策解读","children":[]},{"id":733,"pid":1,"name":"政府信息公开年报"}]'
    )
    column = "http://www.a.gov.cn/rsj/gkmlpt/index"
    held = Held({column: f"<script>window._CONFIG={{SID:'66',TREE:{tree}}}; 'gkmlpt'</script>"})
    listed(source(column), held)
    assert [r.url for r in held.asked[1:]] == [
        f"http://www.a.gov.cn/rsj/gkmlpt/api/all/733?page={n}&sid=66" for n in (1, 0)
    ]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("wrapped", [False, True])
def test_epoint_counts_pages_from_0_or_1(first: int, wrapped: bool) -> None:
    column = "http://www.a.gov.cn/govInfoPub.html?deptcode=7&categorynum=003"
    titles = [f"云岭市财政局{2011 + n}年政府信息公开工作年度报告" for n in range(8)]

    def server(request: Request) -> str:
        body: Any = request.json
        assert (
            body["siteGuid"] == "7eb5" and body["deptcode"] == "7" and body["categorynum"] == "003"
        )
        number = max(body["pageIndex"] - first, 0)
        rows = [
            {"infourl": f"/zwgk/t2024_{n:04d}.html", "realtitle": t}
            for n, t in list(enumerate(titles))[number * 3 : number * 3 + 3]
        ]
        custom = {"data": rows, "total": len(titles)}
        return json.dumps({"custom": json.dumps(custom) if wrapped else custom})

    script = "var siteInfo={projectName:'/mid', siteGuid:'7eb5'};"
    host = "http://www.a.gov.cn"
    held = Held(
        {
            column: "<p>EWB-FRONT</p>",
            f"{host}/js/webBuilderCommon.js": script,
            f"{host}/mid/rest/lightfrontaction/getgovinfolist": server,
        }
    )
    (listing,) = listed(source(column), held)
    assert {i.title for i in listing.items} == set(titles) and listing.whole


@pytest.mark.parametrize("path", ["/common/search", "/searchList", "/search", "/api/v2/search"])
def test_ucap_asks_at_the_address_in_use(path: str) -> None:
    column, channel = "http://www.a.gov.cn/a/c100/list.shtml", "74ef62665780458e8e43027d6b5d98aa"
    results = [
        {
            "title": f"云岭市财政局{2011 + n}年政府信息公开工作年度报告",
            "url": f"/a/c100/2024{n:02d}/{n:032x}.shtml",
        }
        for n in range(4)
    ]

    def server(request: Request) -> str:
        number = int(parse_qs(urlsplit(request.url).query)["page"][0])
        return json.dumps({"data": {"total": 4, "results": results[number * 2 - 2 : number * 2]}})

    script = f"<script>url = '{path}/{channel}?_isAgg=true'</script>" if "api" in path else ""
    held = Held(
        {
            column: f"<meta name='channelid' content='{channel}'>{script}",
            f"http://www.a.gov.cn{path}/{channel}": server,
        }
    )
    (listing,) = listed(source(column), held)
    assert len(listing.items) == 4 and listing.whole


PAGERS = {
    "named, from 1 on": (
        "/nb/list.shtml",
        "<script>createPageHTML('paging',3,1,'list','shtml',73);</script>",
        "/nb/list_{p}.shtml",
    ),
    "named, from 0 on": (
        "/nb/",
        '<script>createPageHTML(3, 0, "index", "htm")</script>',
        "/nb/index_{q}.htm",
    ),
    "by the last link": ("/nb/", '<a href="more_2.jhtml">尾页</a>', "/nb/more_{q}.jhtml"),
    "a number alone": ("/nb/", "<script>var countPage = 3</script>", "/nb/{p}.html"),
    "in a folder of its name": (
        "/nb/nb.html",
        "<script>var pageCount = 3</script>",
        "/nb/nb/{p}.html",
    ),
    "by a field of the query": (
        "/InfoPublic.aspx?cid=1&page=1",
        "<script>var totalPage='3'</script>",
        "/InfoPublic.aspx?cid=1&page={p}",
    ),
    "by a field that is not there yet": (
        "/list.jsp?cid=1",
        "<script>var totalPage='3'</script>",
        "/list.jsp?cid=1&page={p}",
    ),
}


@pytest.mark.parametrize(
    "soft",
    [
        404,
        (
            "<html><body><p>您访问的页面不存在</p><a "
            "href='/news/2024/t20240101_99.html'>头条新闻</a></body></html>"
        ),
    ],
)
@pytest.mark.parametrize("case", PAGERS, ids=str)
def test_static_pages_are_found_by_guessing(case: str, soft: Any) -> None:
    path, script, pattern = PAGERS[case]
    host = "http://www.a.gov.cn"

    def page(number: int) -> str:
        rows = "".join(
            (
                "<li><a "
                f'href="/gk/202{n}01/t20240101_{number}{n}.html">'
                f"云岭市财政局{2011 + number * 5 + n}年政府信息公开年度报告</a></li>"
            )
            for n in range(5)
        )
        return f"<html><body><ul>{rows}</ul>{script}</body></html>"

    table: dict[str, Any] = {host + pattern.format(p=n, q=n - 1): page(n) for n in (2, 3)} | {
        host + path: page(1)
    }
    held = Held(table)
    (listing,) = listed(
        source(host + path), lambda r: held(r) if r.url in table else Held({r.url: soft})(r)
    )
    assert len(listing.items) == 15 and listing.whole, listing


def test_selectors_of_a_source_go_before_any_family() -> None:
    first, second = "http://www.a.gov.cn/x/", "http://www.a.gov.cn/x/?o=2"
    row = (
        '<p class="r"><b>{}</b><a '
        'href="/d/{}0001.html">云岭市财政局{}年政府信息公开年度报告</a></p><a '
        'href="/hot/20001.html">{}年信息公开年报</a>'
    )
    held = Held(
        {
            first: row.format(1, 2021, 2021, 2019) + '<a id="n" href="?o=2">…</a>',
            second: row.format(2, 2022, 2022, 2018),
        }
    )
    (listing,) = listed(source(first, selectors={"item": "p.r", "next": "a#n"}), held)
    assert listing.family == "selectors" and [i.years for i in listing.items] == [(2021,), (2022,)]


# ---- whatever comes


@pytest.mark.parametrize("name", SITES)
def test_garbled_answers_end_in_a_listing(
    name: str, sites: dict[str, Site], tmp_path: Path
) -> None:
    """Cut, mixed and random answers in place of any: no error, and no more pages than the cap."""
    (entry,) = [
        s
        for s in load_sources(write_sources(sites, tmp_path / "web.yaml"))
        if s.id == f"web-{name}"
    ]
    rng = Random(name)
    with client() as ask:

        def garbled(request: Request) -> Response | None:
            answer = ask(request)
            if answer is None or rng.random() < 0.4:
                return answer
            content = answer.content
            kind = rng.randrange(4)
            if kind == 0:
                content = content[: rng.randrange(len(content) + 1)]
            elif kind == 1:
                content = bytes(b ^ (rng.random() < 0.02) * 32 for b in content)
            elif kind == 2:
                content = rng.randbytes(200)
            else:
                return (
                    None
                    if rng.random() < 0.5
                    else Response(answer.url, rng.choice((301, 403, 500)), {}, b"")
                )
            return Response(answer.url, 200, answer.headers, content)

        for column in entry.report_lists()[:2] * 3:
            listing = drive(list_reports(entry, column), garbled)
            assert listing.pages <= limits.LIST_PAGES + limits.LIST_FOLDERS
            opened(entry, listing, garbled)
