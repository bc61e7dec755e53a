"""From an entry of a list to the documents behind it.

`open_item(source, item)` is a generator (`results.Steps`): it asks for the entry's page, follows a
page that only sends on and a body in a frame of the same site, and returns an `Opened` with its
files. What the document is: the page itself if it holds the tables or a long text, the
attachments, or both; the pictures of a page that holds nothing else; the page again where there is
nothing better, so that an entry is never lost without an outcome. An entry that is a file itself is
one file.

A deleted entry answers 404, or 200 with a page that only sends back to its column: state `gone`.
`file_fault` judges an attachment once it was fetched: firewalls answer with a page in place of a
file.

Attachments are found by the extension of a link, of a frame, of a viewer's `?file=`, of
`window.open` and of addresses in scripts. Left out are links in the page's menus and margins, files
of another kind (解读, 图解, 指南 …) and reports of other years.
"""

import re
from collections.abc import Iterator, Set
from itertools import chain
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from selectolax.lexbor import LexborNode

from extract import limits
from extract.crawl.http.messages import Request, Response
from extract.crawl.sites.html_page import WebPage, frames, host_of, join, key, open_page, sent_on
from extract.crawl.sites.links import address, is_attachment_text, verdict
from extract.crawl.sites.results import Fault, FaultKind, Item, Opened, ReportFile, State, Steps
from extract.crawl.sources import Source
from extract.detect import Format, sniff
from extract.document import ReadError, Reason

_FILE: Final = re.compile(r"\.(?:docx?|pdf|rtf|xlsx?|wps|et|ofd|zip|rar)$", re.I)
_FILE_IN_TEXT: Final = re.compile(r"\.(?:docx?|pdf|rtf|xlsx?|wps|et|ofd|zip|rar)\b", re.I)
_QUOTED_FILE: Final = re.compile(
    r"['\"]([^'\"\s<>]{1,300}?\.(?:docx?|pdf|rtf|xlsx?|wps|ofd)(?:\?[^'\"\s<>]*)?)['\"]", re.I
)
_DOWNLOAD: Final = re.compile(
    r"wbfileid=|DownloadAttach|/download(?:file)?(?:\.jsp|\.do|\.aspx)?\?", re.I
)
_VIEWER_FIELDS: Final = ("file", "url", "src", "path", "furl", "pdf")
_MARGIN: Final = re.compile(
    (
        r"(?:^|[\s_-])(?:nav|navbar|menu|header|footer|foot|sidebar|side|aside|crumbs?|breadcrumb|"
        r"friend(?:link)?s?|related|recommend|hot)(?:$|[\s_-])"
    ),
    re.I,
)
_BODY: Final = (
    ".TRS_Editor",
    ".trs_editor_view",
    "#zoom",
    "#zoomcon",
    "#vsb_content",
    ".v_news_content",
    "#vsb_content_2",
    "ucapcontent",
    "article",
    ".article",
    "#content",
    ".content",
)
# a table of fields (index number, publisher, date) has fewer, the smallest table of the form more
_TABLE_CELLS: Final = 24
_LONG_TEXT: Final = 600  # characters in whole sentences; a covering letter has 100 to 300
_SENTENCE: Final = 30  # a line of a menu is shorter
_PICTURES: Final = 40


def open_item(source: Source, item: Item) -> Steps[Opened]:
    """The documents of one entry."""
    if _FILE.search(urlsplit(item.url).path):
        return _one_file(item, Request(item.url, headers={"Referer": item.found_on}))
    url, referer = item.url, item.found_on
    visited: set[str] = set()
    for _ in range(1 + limits.FRAMES):
        visited.add(key(url))
        response = yield Request(url, headers={"Referer": referer})
        ended = _ended(source, item, url, response)
        if ended is not None or response is None:
            return ended or _faulty(item, FaultKind.NOT_FETCHED, url)
        if _is_file(response):
            return _one_file(item, Request(url), response)
        page = open_page(response)
        further = sent_on(page)
        reached = (
            _opened_page(source, item, page, response, visited)
            if further is None
            else _opened_elsewhere(item, url, further)
        )
        if isinstance(reached, Opened):
            return reached
        if key(reached) in visited or not source.allows(reached):
            return _faulty(item, FaultKind.OUTSIDE, reached, f"{url} sends there")
        url, referer = reached, url
    return _faulty(item, FaultKind.UNREADABLE, item.url, "it only sends on from page to page")


def _opened_page(
    source: Source, item: Item, page: WebPage, response: Response, visited: Set[str]
) -> Opened | str:
    """What a page holds; the address of the frame in it where the page holds nothing itself."""
    if page.reason is Reason.BLOCKED_PAGE:
        return _faulty(item, FaultKind.BLOCKED_PAGE, page.url, page.detail)
    opened = _judged(source, item, page, response)
    if not _is_shell(page, opened):
        return opened
    inside = (f for f in frames(page) if source.allows(f) and not _file_address(f))
    return next((f for f in inside if key(f) not in visited), opened)


def _opened_elsewhere(item: Item, url: str, further: str) -> Opened | str:
    """What a page that sends on to `further` makes of the entry; `further` where that is a page."""
    if _is_above(further, url, item.report_list.url, item.found_on):
        return Opened(item, State.GONE, title=item.title, date=item.date)
    target = _file_address(further)
    if target:
        return _one_file(item, Request(target, headers={"Referer": url}))
    return further


def _one_file(item: Item, request: Request, response: Response | None = None) -> Opened:
    """An entry that is one file."""
    file = ReportFile(request, "attachment", item.title, response)
    return Opened(item, State.DOCUMENTS, (file,), item.title, item.date)


def file_fault(response: Response) -> Fault | None:
    """What is wrong with an attachment's answer: not 200, empty, or a page in place of the file;
    None for a file.

    A deleted file answers with a page too; the page's own reason tells a firewall's from one that
    merely is not there.
    """
    if response.status != 200:
        return Fault(FaultKind.STATUS, response.url, str(response.status))
    if not response.content:
        return Fault(FaultKind.EMPTY, response.url)
    if _is_file(response):
        return None
    page = open_page(response)
    if page.reason is Reason.BLOCKED_PAGE or sent_on(page) is not None:
        return Fault(
            FaultKind.BLOCKED_PAGE,
            response.url,
            page.detail or "a page that sends on, in place of a file",
        )
    if page.reason is Reason.NEEDS_BROWSER:
        return Fault(FaultKind.NEEDS_BROWSER, response.url, page.detail)
    return None


def _ended(source: Source, item: Item, url: str, response: Response | None) -> Opened | None:
    """What an answer that holds no page makes of the entry."""
    if response is None:
        return _faulty(item, FaultKind.NOT_FETCHED, url)
    if not source.allows(response.url):
        return _faulty(item, FaultKind.OUTSIDE, response.url, f"{url} leads there")
    if response.status in (404, 410):
        return Opened(item, State.GONE, title=item.title, date=item.date)
    if response.status != 200:
        return _faulty(item, FaultKind.STATUS, url, str(response.status))
    if not response.content.strip():
        return _faulty(item, FaultKind.EMPTY, url)
    if key(response.url) != key(url) and _is_above(response.url, url, item.report_list.url):
        return Opened(item, State.GONE, title=item.title, date=item.date)
    return None


def _judged(source: Source, item: Item, page: WebPage, response: Response) -> Opened:
    """The files of a page that was read."""
    titles = _facts(page, "title")
    title = next((t for t in titles if verdict(t)), item.title)
    date = next(iter(_facts(page, "published_on")), item.date)
    if titles and not (item.sure or any(map(verdict, titles))):
        return Opened(item, State.NOT_A_REPORT, title=titles[0], date=date)
    itself = ReportFile(Request(response.url), "page", title, response)
    attached = list(_attachments(page, item))
    allowed = [file for file in attached if source.allows(file.request.url)]
    files = _with_page(source, page, itself, allowed)
    if not files:
        return _faulty(item, FaultKind.NEEDS_BROWSER, page.url, page.detail)
    outside = [file.request.url for file in attached if file not in allowed]
    faults = tuple(Fault(FaultKind.OUTSIDE, url, f"attached to {page.url}") for url in outside)
    return Opened(item, State.DOCUMENTS, tuple(files), title, date, faults)


def _with_page(
    source: Source, page: WebPage, itself: ReportFile, attached: list[ReportFile]
) -> list[ReportFile]:
    """The attached files, with the page before them where it holds the report; its pictures or the
    page where nothing is attached. Empty where only a browser can tell.
    """
    if _holds_report(page):
        return [itself, *attached]
    if attached:
        return attached
    pictures = [f for f in _pictures(page, itself.name) if source.allows(f.request.url)]
    return pictures or ([] if page.reason is Reason.NEEDS_BROWSER else [itself])


def _facts(page: WebPage, name: str) -> list[str]:
    """What a page states of itself under a name."""
    return [text for n, text in (page.document.facts if page.document else ()) if n == name]


def _faulty(item: Item, trouble: FaultKind, url: str, detail: str = "") -> Opened:
    return Opened(
        item, State.FAULT, title=item.title, date=item.date, faults=(Fault(trouble, url, detail),)
    )


def _holds_report(page: WebPage) -> bool:
    """Whether the page has a table of data or a long text; a page that could not be read may."""
    document = page.document
    if document is None:
        return page.reason is not Reason.NEEDS_BROWSER
    if any(len(grid.cells) >= _TABLE_CELLS for grid in document.grids):
        return True
    return sum(len(p.text) for p in document.paragraphs if len(p.text) >= _SENTENCE) >= _LONG_TEXT


def _is_shell(page: WebPage, opened: Opened) -> bool:
    """Whether the page holds nothing itself, so that a frame in it may be the report's body."""
    if opened.state is State.FAULT:
        return page.reason is Reason.NEEDS_BROWSER
    return (
        opened.state is State.DOCUMENTS
        and not _holds_report(page)
        and not any(p.role == "attachment" for p in opened.files)
    )


def _is_file(response: Response) -> bool:
    """Whether an answer is a file rather than a page, by its bytes."""
    try:
        return sniff(response.content) not in (Format.HTML, Format.TEXT, Format.XML)
    except ReadError as error:
        # an encrypted or broken file is a file; its reader will say so
        return error.reason is not Reason.EMPTY_FILE


def _is_above(url: str, document: str, *columns: str) -> bool:
    """Whether an address is the site's front page, a column that the document's address lies below,
    or one of `columns` or above it.
    """
    path = _folder(url)
    if path == "/" or any(
        _folder(column) == path and host_of(column) == host_of(url) for column in columns
    ):
        return True
    return (
        path.endswith("/")
        and path != _folder(document)
        and any(_folder(other).startswith(path) for other in (document, *columns))
    )


def _folder(url: str) -> str:
    """An address's path; a folder's index page stands for the folder."""
    return re.sub(r"(?:index|default)\.\w+$", "", urlsplit(url).path) or "/"


# ---- attachments


def _file_address(url: str) -> str | None:
    """The address of a file that `url` is, or shows in a viewer; None for another page."""
    parts = urlsplit(url)
    if _FILE.search(unquote(parts.path)):
        return url
    fields = parse_qsl(parts.query)
    if re.search(r"\.s?html?$|/viewer|/preview|/web/?$", parts.path, re.I):
        for name, value in [*fields, *parse_qsl(parts.fragment)]:
            if name.lower() in _VIEWER_FIELDS and _FILE.search(urlsplit(value).path):
                return join(url, value)
    return url if any(_FILE.search(value) for _, value in fields) or _DOWNLOAD.search(url) else None


def _attachments(page: WebPage, item: Item) -> Iterator[ReportFile]:
    """The files that the page offers, each once, in order."""
    offered: dict[str, str] = {}
    for found, text in chain(_linked(page), _embedded(page), _in_scripts(page)):
        offered.setdefault(found, item.title if text is None else text)
    for found, text in offered.items():
        name = unquote(urlsplit(found).path.rsplit("/", 1)[-1])
        if is_attachment_text(text, item.years) and is_attachment_text(
            re.sub(r"[0-9A-Fa-f]{8,}", "", name), item.years
        ):
            yield ReportFile(
                Request(found, headers={"Referer": page.url}), "attachment", text or item.title
            )


def _linked(page: WebPage) -> Iterator[tuple[str, str | None]]:
    """The files that the page's links lead to, with the links' texts."""
    for node in page.nodes("a"):
        target = address(node, page.url)
        if target is None or _in_margin(node):
            continue
        text = " ".join((node.attributes.get("title") or node.text()).split())
        found = _file_address(target)
        if found is None and _FILE_IN_TEXT.search(text) and key(target) != key(page.url):
            found = target  # named as a file, whatever its address
        if found is not None:
            yield found, text


def _embedded(page: WebPage) -> Iterator[tuple[str, None]]:
    """The files that the page shows within itself."""
    for node in page.nodes("iframe[src],embed[src],object[data]"):
        target = join(page.url, node.attributes.get("src") or node.attributes.get("data"))
        found = _file_address(target) if target is not None else None
        if found is not None:
            yield found, None


def _in_scripts(page: WebPage) -> Iterator[tuple[str, None]]:
    """The files that the page's scripts name."""
    for node in page.nodes("script,[onclick]"):
        for quoted in _QUOTED_FILE.findall(node.attributes.get("onclick") or node.text()):
            target = join(page.url, quoted.replace("\\/", "/"))
            found = _file_address(target) if target is not None else None
            if found is not None:
                yield found, None


def _in_margin(node: LexborNode) -> bool:
    """Whether a link stands in a menu, a head, a foot or a side column."""
    parent = node.parent
    for _ in range(12):
        if parent is None or parent.tag in ("body", "html"):
            return False
        if parent.tag in ("nav", "header", "footer", "aside"):
            return True
        named = parent.attributes
        if _MARGIN.search(named.get("class") or "") or _MARGIN.search(named.get("id") or ""):
            return True
        parent = parent.parent
    return False


def _pictures(page: WebPage, title: str) -> Iterator[ReportFile]:
    """The pictures within the page's body, for a report that was published as pictures of its
    pages.
    """
    shown: dict[str, None] = {}
    for node in page.nodes(",".join(f"{part} img[src]" for part in _BODY)):
        target = join(page.url, node.attributes.get("src"))
        if target is not None and re.search(
            r"\.(?:jpe?g|png|bmp|tiff?)$", urlsplit(target).path, re.I
        ):
            shown.setdefault(target)
    for target in list(shown)[:_PICTURES]:
        yield ReportFile(Request(target, headers={"Referer": page.url}), "image", title)
