"""From an entry to its documents: what the document is, what is attached, what is gone, what is
wrong.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from extract.crawl.http.messages import Response
from extract.crawl.sites.detail_page import file_fault, open_item
from extract.crawl.sites.results import FaultKind, Item, Opened, State, drive
from tests.extract.crawl.walk import Held, source
from tests.web.reports import file_of, markup_of
from tests.web.server import FIREWALL, NOT_FOUND

HOST = "http://www.a.gov.cn"
LIST = f"{HOST}/czj/nb/"
PAPER = f"{LIST}202401/t20240110_5.html"
TITLE = "云岭市财政局2023年政府信息公开工作年度报告"
LETTER = f"<h1>{TITLE}</h1><p>现将年度报告予以公布。</p>"


def _open(table: dict[str, Any], url: str = PAPER, sure: bool = True, title: str = TITLE) -> Opened:
    site = source(LIST)
    item = Item(url, title, "2024-01-10", (2023,), sure, site.report_lists()[0], LIST)
    return drive(open_item(site, item), Held(table))


def _files(found: Opened) -> list[str]:
    return [p.request.url.removeprefix(HOST) for p in found.files if p.role == "attachment"]


def _tables() -> str:
    return markup_of("云岭市财政局", 2023)


def test_the_page_the_files_or_both() -> None:
    link = '<a href="P01.docx">附件</a>'
    cases = {
        _tables(): ["page"],
        LETTER + link: ["attachment"],
        _tables() + link: ["page", "attachment"],
        LETTER: ["page"],
    }
    for body, roles in cases.items():
        found = _open({PAPER: f"<html><body>{body}</body></html>"})
        assert (found.state, [p.role for p in found.files]) == (State.DOCUMENTS, roles)
        assert all((p.response is not None) == (p.role == "page") for p in found.files)


def test_a_long_text_without_tables_is_the_document() -> None:
    text = (
        "<p>一年来，本机关认真贯彻落实条例的各项要求，持续做好主动公开和依申请公开工作，"
        "不断提升服务水平。</p>"
    ) * 20
    assert [p.role for p in _open({PAPER: f"{LETTER}{text}<a href='/a/b.pdf'>下载</a>"}).files] == [
        "page",
        "attachment",
    ]


ATTACHED = {
    "a link by its extension": (
        '<a href="./P020241219.PDF">x</a>',
        ["/czj/nb/202401/P020241219.PDF"],
    ),
    "a link with a query": ('<a href="/a/b.docx?v=1">x</a>', ["/a/b.docx?v=1"]),
    "a viewer": (
        '<iframe src="/pdfjs/web/viewer.html?file=/files/a%20b.pdf"></iframe>',
        ["/files/ab.pdf"],
    ),
    "an embedded file": (
        '<embed src="a.pdf"><object data="b.pdf"></object>',
        ["/czj/nb/202401/a.pdf", "/czj/nb/202401/b.pdf"],
    ),
    "a window": ("<a href='#' onclick=\"window.open('/f/a.xls')\">x</a>", ["/f/a.xls"]),
    "a script": ('<script>var pdfUrl = "\\/f\\/a.pdf"; var css = "a.css";</script>', ["/f/a.pdf"]),
    "a download": (
        "<a href='/system/_content/download.jsp?owner=1&wbfileid=22'>附件.doc</a>",
        ["/system/_content/download.jsp?owner=1&wbfileid=22"],
    ),
    "a name in the text": (f"<a href='/down?id=7'>{TITLE}.wps</a>", ["/down?id=7"]),
    "one file offered twice": (
        "<a href='/f/a.pdf'>x</a><iframe src='/f/a.pdf'></iframe>",
        ["/f/a.pdf"],
    ),
    "two forms of one report": (
        "<a href='/f/a.docx'>x</a><a href='/f/a.pdf'>x</a>",
        ["/f/a.docx", "/f/a.pdf"],
    ),
    "not the menu's": (
        (
            "<div class='nav menu'><a href='/f/a.pdf'>x</a></div><footer><a "
            "href='/f/b.pdf'>y</a></footer>"
        ),
        [],
    ),
    "not a reading": ("<a href='/f/a.pdf'>一图读懂</a><a href='/f/指南.doc'>x</a>", []),
    "not another year's": (
        "<a href='/f/a.pdf'>2022年政府信息公开工作年度报告</a><a href='/f/2021年报.doc'>x</a>",
        [],
    ),
    "no picture, script or page": (
        "<a href='/f/a.jpg'>x</a><a href='/f/a.html'>y</a><a href='/f/pdf/'>z</a>",
        [],
    ),
}


@pytest.mark.parametrize("case", ATTACHED, ids=str)
def test_attachments(case: str) -> None:
    markup, wanted = ATTACHED[case]
    found = _open({PAPER: f"<html><body>{LETTER}{markup}</body></html>"})
    assert _files(found) == wanted
    assert all(p.request.headers["Referer"] == PAPER for p in found.files if p.role == "attachment")


def test_files_on_other_hosts_are_told_and_not_taken() -> None:
    found = _open({PAPER: f"{LETTER}<a href='http://files.example.com/a.pdf'>x</a>"})
    assert [f.kind for f in found.faults] == [FaultKind.OUTSIDE] and not _files(found)


def test_pictures_of_pages_where_there_is_nothing_else() -> None:
    pictures = (
        "<div class='TRS_Editor'><img src='W01.jpg'><img src='W02.png'></div><img src='/logo.png'>"
    )
    found = _open({PAPER: f"<h1>{TITLE}</h1>{pictures}"})
    assert [(p.role, p.request.url.rpartition("/")[2]) for p in found.files] == [
        ("image", "W01.jpg"),
        ("image", "W02.png"),
    ]
    assert [p.role for p in _open({PAPER: _tables() + pictures}).files] == ["page"]


def test_a_file_in_place_of_a_page() -> None:
    data = file_of("云岭市财政局", 2023, "docx")
    found = _open({PAPER: data})
    assert [(p.role, p.response.content if p.response else b"") for p in found.files] == [
        ("attachment", data)
    ]
    assert _open({}, url=f"{LIST}a.pdf").files[0].response is None  # to be asked for by the caller


GONE = {
    "404": 404,
    "410": 410,
    "sent to the column": (
        f"<html><head><meta http-equiv='refresh' content='0;url={LIST}'></head></html>"
    ),
    "sent to the column's page": "<meta http-equiv='REFRESH' content='3; url=../index.html'>",
    "sent above the column": (
        "<html><head><meta http-equiv=refresh "
        "content='1;URL=/czj/'></head><body>页面跳转中</body></html>"
    ),
    "sent to the front by script": "<script>window.location.href='/';</script>",
    "redirected to the column": Response(LIST, 200, {}, b"<p>list</p>"),
    "redirected to the front": Response(f"{HOST}/index.html", 200, {}, b"<p>front</p>"),
}


@pytest.mark.parametrize("case", GONE, ids=str)
def test_deleted_entries_are_gone(case: str) -> None:
    found = _open({PAPER: GONE[case]})
    assert (found.state, found.files, found.faults) == (State.GONE, (), ())


NOT_GONE = {
    "the same page on another scheme": Response(
        PAPER.replace("http:", "https:"), 200, {}, _tables().encode()
    ),
    "a page that refreshes itself": (
        f"<meta http-equiv='refresh' content='300;url={PAPER}'>{_tables()}"
    ),
    "a page for browsers without scripts": (
        f"<noscript><meta http-equiv='refresh' content='0;url=/'></noscript>{_tables()}"
    ),
    "a page with a script that could leave": (
        f"<script>if (mobile) location.href='/';</script>{_tables()}"
    ),
}


@pytest.mark.parametrize("case", NOT_GONE, ids=str)
def test_pages_that_are_there_are_not_gone(case: str) -> None:
    assert [p.role for p in _open({PAPER: NOT_GONE[case]}).files] == ["page"]


def test_sent_on_to_a_file_or_to_the_page_itself() -> None:
    found = _open({PAPER: "<meta http-equiv='refresh' content='0;url=/files/a.pdf'>"})
    assert _files(found) == ["/files/a.pdf"]
    found = _open(
        {
            PAPER: "<script>location.replace('/x/t20240111_6.html')</script>",
            f"{HOST}/x/t20240111_6.html": _tables(),
        }
    )
    assert [p.request.url for p in found.files] == [f"{HOST}/x/t20240111_6.html"]


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (None, FaultKind.NOT_FETCHED),
        (500, FaultKind.STATUS),
        (FIREWALL, FaultKind.BLOCKED_PAGE),
        (b" ", FaultKind.EMPTY),
        ("<div id='app'></div><script src='a.js'></script>", FaultKind.NEEDS_BROWSER),
        (Response("http://x.gov.cn/", 200, {}, b"x"), FaultKind.OUTSIDE),
        ("<meta http-equiv='refresh' content='0;url=http://x.com/t1.html'>", FaultKind.OUTSIDE),
    ],
    ids=str,
)
def test_troubles(answer: Any, trouble: FaultKind) -> None:
    found = _open({PAPER: answer})
    assert (found.state, [f.kind for f in found.faults], found.files) == (
        State.FAULT,
        [trouble],
        (),
    )


def test_pages_that_send_in_a_circle_end() -> None:
    other = f"{LIST}202401/t20240110_6.html"
    table = {
        PAPER: f"<meta http-equiv='refresh' content='0;url={other}'>",
        other: f"<meta http-equiv='refresh' content='0;url={PAPER}'>",
    }
    assert _open(table).state is State.FAULT


def test_the_body_in_a_frame_of_a_shell() -> None:
    table = {
        PAPER: f"<h1>{TITLE}</h1><iframe src='/body/1.html'></iframe><script>1</script>",
        f"{HOST}/body/1.html": _tables(),
    }
    assert [p.request.url for p in _open(table).files] == [f"{HOST}/body/1.html"]
    table = {PAPER: f"{_tables()}<iframe src='/share/1.html'></iframe>"}
    assert [p.request.url for p in _open(table).files] == [PAPER]


def test_a_title_cut_short_is_settled_by_the_page() -> None:
    cut = "云岭市财政局2023年度政府信息公"
    for own, state in (
        (TITLE, State.DOCUMENTS),
        ("云岭市财政局政府信息公开指南", State.NOT_A_REPORT),
    ):
        head = (
            f"<meta name='ArticleTitle' content='{own}'><meta name='PubDate' content='2024-01-20 "
            f"10:00'><title>{own}_云岭市</title>"
        )
        body = _tables().replace(TITLE, own)
        found = _open(
            {PAPER: f"<html><head>{head}</head><body>{body}</body></html>"}, sure=False, title=cut
        )
        assert (found.state, found.title, found.date) == (state, own, "2024-01-20")


def test_files_are_judged_by_their_bytes() -> None:
    def fault(content: bytes, status: int = 200) -> FaultKind | None:
        found = file_fault(Response(f"{HOST}/a.pdf", status, {}, content))
        return found.kind if found else None

    assert fault(file_of("云岭市财政局", 2023, "pdf")) is None and fault(_tables().encode()) is None
    assert fault(FIREWALL.encode()) is fault(NOT_FOUND.encode()) is FaultKind.BLOCKED_PAGE
    assert fault(b"") is FaultKind.EMPTY and fault(b"%PDF-1.4", 404) is FaultKind.STATUS


@pytest.mark.parametrize("name", ["005", "008", "014", "80560", "80595", "80613", "86513", "80469"])
def test_real_pages(name: str, shared_dir: Path) -> None:
    """Saved pages of real reports are documents themselves, whose title and date are found; nothing
    in them is taken for an attachment but files that they offer.
    """
    content = (shared_dir / "corpus" / "raw" / f"{name}.html").read_bytes()
    truth = json.loads(
        (shared_dir / "corpus" / "truth" / f"{name}.json").read_text(encoding="utf-8")
    )
    found = _open(
        {PAPER: content}, title=f"{truth['agency']}{truth['year']}年政府信息公开工作年度报告"
    )
    assert found.state is State.DOCUMENTS and found.files[0].role == "page"
    assert all(p.role == "attachment" for p in found.files[1:])
    assert str(truth["year"]) in found.title
