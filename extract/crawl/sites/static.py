"""Lists that lie on the server as pages: TRS WCM, 博达 webber (VSB), 开普's static columns, 陕西's
numbered pages, `?page=` and the like.

The next page is where the page's own pager leads (a link 下一页, or one whose text is the next
number; VSB numbers its older pages downwards, so the number in the address tells nothing). Where a
script draws the pager, the addresses that such sites use are guessed one after the other, and a
guess counts only if it brings new links from where the links of the page before it are: the wrong
one answers 404, the same page again, or another column's.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from extract.crawl.http.messages import Request, Response
from extract.crawl.sites.html_page import WebPage, join, open_page
from extract.crawl.sites.links import address, links_in
from extract.crawl.sites.list_plan import Family, ListAnswer, ListPlan

_NEXT: Final = re.compile(
    r"(?:下一?[页頁]|后一?[页頁]|next(?:\s*page)?|[>›»]{1,2})\s*(?:[>›»]{0,2})", re.I
)
_LAST: Final = re.compile(r"(?:尾|末|最后一)页|last", re.I)
_CALL: Final = re.compile(r"createPage(?:HTML|Html)?\s*\(([^()]{0,200})\)")
_COUNT: Final = re.compile(
    r"\b(?:countPage|pageCount|totalPages?|pagecount|page_count|PageCount|"
    r"allPage)['\"]?\s*[=:]\s*['\"]?(\d{1,5})"
)
_PAGE_FIELDS: Final = (
    "page",
    "pageindex",
    "pageno",
    "currpage",
    "currentpage",
    "curpage",
    "p",
    "pagenum",
)
_NUMBER_IN_NAME: Final = re.compile(r"^(.*?)[_-]?(\d{1,4})(\.\w{2,5})$")
_FULL_PAGE: Final = 10  # entries; a list without any pager that has fewer is taken to be whole
_GUESSES: Final = 8


def page_count(page: WebPage) -> int | None:
    """How many pages the list has by its script, None if it does not say."""
    for found in _CALL.finditer(page.text):
        numbers = re.findall(r"(?<![\w'\"])\d{1,5}(?![\w'\"])", found.group(1))
        if numbers:
            return int(numbers[0])
    found_count = _COUNT.search(page.text)
    return int(found_count.group(1)) if found_count else None


def plans(page: WebPage) -> Sequence[ListPlan]:
    """The page's own next link, else guesses while there is reason to think that there are more
    pages.
    """
    following = _next_link(page, 1)
    linked = [_chain(following, 2)] if following is not None else []
    count = page_count(page)
    last = _last_link(page)
    if count == 1 or (
        count is None
        and last is None
        and sum(1 for _ in links_in(page.tree, page.url)) < _FULL_PAGE
    ):
        return linked
    return linked + [_template(make, 2, count) for make in _templates(page, last)][:_GUESSES]


# ---- next links


def _next_link(page: WebPage, number: int) -> str | None:
    """The address of page `number + 1` as the pager of page `number` gives it."""
    for is_it in (_NEXT.fullmatch, re.compile(rf"\[?{number + 1}\]?").fullmatch):
        for node in page.nodes("a"):
            text = "".join(node.text().split())
            if (
                text
                and is_it(text)
                and (target := address(node, page.url)) is not None
                and target.split("#")[0] != page.url.split("#")[0]
            ):
                return target
    return None


def _chain(url: str, number: int) -> ListPlan:
    def read(response: Response) -> ListAnswer:
        page = open_page(response)
        following = _next_link(page, number)
        return ListAnswer(
            list(links_in(page.tree, page.url)),
            _chain(following, number + 1) if following is not None else None,
        )

    return ListPlan(Request(url), read, guessed=True)


# ---- guesses


def _last_link(page: WebPage) -> str | None:
    for node in page.nodes("a[href]"):
        if _LAST.fullmatch("".join(node.text().split())):
            return address(node, page.url)
    return None


def _templates(page: WebPage, last: str | None) -> Iterator[Callable[[int], str]]:
    """Functions from a page's number to its address, the likeliest first.

    0-based names go before 1-based ones: asked for page 2, a site that counts from 1 answers
    `index_1` with 404 or with page 1 again, while a site that counts from 0 would answer `index_2`
    with page 3.
    """
    parts = urlsplit(page.url)
    folder, _, name = parts.path.rpartition("/")

    def at(path: str, query: str = "") -> str:
        return urlunsplit((parts.scheme, parts.netloc, path, query, ""))

    def numbered(stem: str, end: str, less: int) -> Callable[[int], str]:
        return lambda n: at(f"{folder}/{stem}_{n - less}{end}")

    names: list[tuple[str, str]] = []  # stem and extension
    for found in _CALL.finditer(page.text):
        words = re.findall(r"['\"]([\w-]{1,40})['\"]", found.group(1))
        if len(words) >= 2:
            names.append((words[-2], "." + words[-1]))
    if last is not None and (
        found_last := _NUMBER_IN_NAME.match(urlsplit(last).path.rpartition("/")[2])
    ):
        names.append((found_last.group(1), found_last.group(3)))
    extension = re.search(r"\.\w{2,5}$", name)
    suffix = extension.group() if extension else _usual_suffix(page)
    names.append((name.removesuffix(suffix) if name else "index", suffix))
    for stem, end in dict.fromkeys(names):
        if stem:
            yield from (numbered(stem, end, 1), numbered(stem, end, 0))
    yield lambda n: at(f"{folder}/{n}{suffix}")
    if name:
        yield lambda n: at(f"{folder}/{name.removesuffix(suffix)}/{n}{suffix}")
    fields = dict(parse_qsl(parts.query, keep_blank_values=True))
    field = next((f for f in fields if f.lower() in _PAGE_FIELDS), "page")
    yield lambda n: at(parts.path, urlencode({**fields, field: str(n)}))


def _usual_suffix(page: WebPage) -> str:
    """The extension that most of the page's own links have."""
    ends = re.findall(r"href=[\"'][^\"'?#]{0,300}(\.s?html?|\.jsp|\.aspx)[\"'?#]", page.text)
    return max(set(ends), key=ends.count) if ends else ".html"


def _template(make: Callable[[int], str], number: int, count: int | None) -> ListPlan:
    def read(response: Response) -> ListAnswer:
        page = open_page(response)
        more = count is None or number < count
        return ListAnswer(
            list(links_in(page.tree, page.url)),
            _template(make, number + 1, count) if more else None,
        )

    return ListPlan(Request(make(number)), read, guessed=True)


def selected(item: str, following: str | None) -> Callable[[WebPage], Sequence[ListPlan]]:
    """Plans of a site that no family fits: its source names the entries and the next link by CSS
    selectors.
    """

    def next_of(page: WebPage) -> ListPlan | None:
        node = page.tree.css_first(following) if following else None
        target = (
            (address(node, page.url) or join(page.url, node.attributes.get("href")))
            if node is not None
            else None
        )
        return (
            ListPlan(Request(target), read, guessed=True)
            if target is not None and target != page.url
            else None
        )

    def read(response: Response) -> ListAnswer:
        page = open_page(response)
        return ListAnswer(list(links_in(page.tree, page.url, item)), next_of(page))

    def made(page: WebPage) -> Sequence[ListPlan]:
        first = next_of(page)
        return (first,) if first is not None else ()

    return made


TRS: Final = Family(
    "trs",
    lambda page: "createPage" in page.text or "TRS_Editor" in page.text or "countPage" in page.text,
    plans,
)
VSB: Final = Family(
    "vsb",
    lambda page: (
        "_sitegray" in page.text or "vsb_" in page.text or "/system/_content/" in page.text
    ),
    plans,
)
STATIC: Final = Family("static", lambda page: True, plans)
