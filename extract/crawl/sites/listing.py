"""From a column to the entries of its list that are annual reports.

`list_reports(source, column)` is a generator (`results.Steps`): it yields requests, is sent
answers, and returns a `Listing`. The column's page is opened (through same-host frames and pages
that only send on), its family is named by the source or detected, the links of the page itself are
taken, and then the family's plans are followed until one brings the list. Folders by year below the
column are lists too.

A list ends with an answer that has no new link, an answer that is not 200, its stated end, or after
LIST_PAGES pages. Never left are the hosts that the source allows. Nothing raises: what went wrong
stands in `Listing.faults`.
"""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from extract import limits
from extract.crawl.http.messages import Request, Response
from extract.crawl.sites.family import BY_NAME, detect
from extract.crawl.sites.hanweb import records_in_page
from extract.crawl.sites.html_page import WebPage, frames, key, open_page, sent_on
from extract.crawl.sites.links import (
    Link,
    is_document_name,
    is_folder,
    links_in,
    shared_stem,
    squeezed,
    stem,
    verdict,
    years_in,
)
from extract.crawl.sites.list_plan import Family, ListAnswer, ListPlan
from extract.crawl.sites.results import Fault, FaultKind, Item, Listing, Steps
from extract.crawl.sites.static import page_count, selected
from extract.crawl.sites.static import plans as static_plans
from extract.crawl.sources import ReportList, Source
from extract.document import Reason

_KINDS: Final = {
    Reason.BLOCKED_PAGE: FaultKind.BLOCKED_PAGE,
    Reason.NEEDS_BROWSER: FaultKind.NEEDS_BROWSER,
}
_FOLDER_TITLE: Final = 8  # characters; longer titles may be those of documents
_STATIC: Final = ("trs", "vsb", "static", "selectors")


def list_reports(source: Source, column: ReportList) -> Steps[Listing]:
    """The reports that the column lists."""
    walk = _ListWalk(source, column)
    waiting = [column.url]
    while waiting and walk.opened < limits.LIST_FOLDERS:
        url = waiting.pop(0)
        walk.opened += 1
        page = yield from _open(walk, url)
        if page is not None:
            yield from _read_list(walk, page)
            waiting += walk.folders(page)
    if not walk.items and walk.by_script:
        walk.fault(FaultKind.NEEDS_BROWSER, column.url, walk.by_script)
    elif not walk.items and not walk.faults:
        walk.fault(FaultKind.NO_LIST, column.url, "no report is listed" + walk.hint)
    return Listing(column, walk.family, tuple(walk.items.values()), walk.pages, tuple(walk.faults))


@dataclass
class _ListWalk:
    """What was met on the way through one column: the one mutable thing here, handed from step to
    step.
    """

    source: Source
    report_list: ReportList
    items: dict[str, Item] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    lists: set[str] = field(default_factory=set)
    # whole titles of links that are no reports
    others: dict[str, str] = field(default_factory=dict)
    family: str = ""
    pages: int = 0
    opened: int = 0
    prefix: str = ""
    hint: str = ""
    by_script: str = ""  # why a page without a report needs a browser

    def fault(self, trouble: FaultKind, url: str, detail: str = "") -> None:
        made = Fault(trouble, url, detail)
        if made not in self.faults:
            self.faults.append(made)

    def usable(self, response: Response | None, url: str) -> Response | Fault:
        """An answer that can be read; a fault in place of any other."""
        if response is None:
            return Fault(FaultKind.NOT_FETCHED, url)
        if not self.source.allows(response.url):
            return Fault(
                FaultKind.OUTSIDE,
                response.url,
                f"{url} leads to a host that the source does not allow",
            )
        if response.status != 200:
            return Fault(FaultKind.STATUS, url, str(response.status))
        return response

    def may_ask(self, plan: ListPlan) -> bool:
        """Whether another page may be asked for; a list that is too long becomes a fault."""
        if self.pages < limits.LIST_PAGES:
            return True
        self.fault(FaultKind.PAGE_CAP, plan.request.url, f"more than {limits.LIST_PAGES} pages")
        return False

    def add_reports(self, links: Iterable[Link], found_on: str, trusted: bool) -> None:
        """Adds the reports among `links`. Of titles cut short those count that lie beside reports;
        all where the links are `trusted` to be the list's own.
        """
        unsure: list[Link] = []
        for link in links:
            self.seen.add(key(link.url))
            if self._is_settled(link):
                continue
            is_report = _is_report(link)
            if is_report is None:
                unsure.append(link)
            elif not is_report:
                self._set_aside(link)
            elif not self.source.allows(link.url):
                self.fault(
                    FaultKind.OUTSIDE,
                    link.url,
                    f"listed as {link.title}: add its host to the source if it is the agency's",
                )
            else:
                self._add(link, found_on, sure=True)
        self._add_unsure(unsure, found_on, trusted)

    def _is_settled(self, link: Link) -> bool:
        """Whether nothing is to be learned from a link: its entry is known, or it is not wanted."""
        known = self.items.get(key(link.url))
        return (
            (known is not None and known.sure)
            or not self._in_years(link.title)
            or is_folder(link.url)
        )

    def _set_aside(self, link: Link) -> None:
        """Notes a document that is no report; it may have been met with its title cut short."""
        at = key(link.url)
        self.others.setdefault(at, squeezed(link.title))
        known = self.items.get(at)
        if known is not None and _begins(known.title, link.title):
            del self.items[at]

    def _add_unsure(self, links: Iterable[Link], found_on: str, trusted: bool) -> None:
        home = urlsplit(self.report_list.url).path.rpartition("/")[0] + "/"
        stems = {stem(i.url) for i in self.items.values()}
        for link in links:
            at = key(link.url)
            is_near = trusted or stem(link.url) in stems or stem(link.url).startswith(home)
            if (
                is_near
                and self.source.allows(link.url)
                and is_document_name(link.url)
                and not _begins(link.title, self.others.get(at, ""))
                and at not in self.items
            ):
                self._add(link, found_on, sure=False)

    def _add(self, link: Link, found_on: str, sure: bool) -> None:
        self.items[key(link.url)] = Item(
            link.url, link.title, link.date, years_in(link.title), sure, self.report_list, found_on
        )

    def _in_years(self, title: str) -> bool:
        named = years_in(title)
        return not named or any(self.source.wants(year) for year in named)

    def folders(self, page: WebPage) -> list[str]:
        """The folders by year below the page, each once."""
        found = []
        for link in links_in(page.tree, page.url):
            if self._is_year_folder(link) and key(link.url) not in self.lists:
                self.lists.add(key(link.url))
                found.append(link.url)
        return found

    def _is_year_folder(self, link: Link) -> bool:
        home = urlsplit(self.report_list.url).path.rpartition("/")[0] + "/"
        path = urlsplit(link.url).path
        return bool(
            years_in(link.title)
            and self._in_years(link.title)
            and is_folder(link.url)
            and path.startswith(home)
            and path != home
            and (len(squeezed(link.title)) <= _FOLDER_TITLE or verdict(link.title) is not False)
            and self.source.allows(link.url)
        )


def _is_report(link: Link) -> bool | None:
    """Whether a link leads to a report, by its title; a title without a year that leads to no
    document is a column's. None where the title was cut short.
    """
    judged = verdict(link.title, link.whole)
    if judged and not years_in(link.title) and not is_document_name(link.url):
        return False
    return judged


def _begins(cut: str, whole: str) -> bool:
    """Whether a title is another's beginning; a second link of an entry, such as 查看, tells
    nothing about its title.
    """
    return bool(whole) and squeezed(whole).startswith(squeezed(cut))


def _open(walk: _ListWalk, url: str) -> Steps[WebPage | None]:
    """The page that shows the list: through pages that only send on, and through frames while there
    is no report on the page itself.
    """
    for _ in range(1 + limits.FRAMES):
        walk.lists.add(key(url))
        asked = url.split("#")[0]
        answer = yield Request(asked)
        walk.pages += 1
        response = walk.usable(answer, asked)
        if isinstance(response, Fault):
            walk.faults.append(response)
            return None
        page = open_page(response, response.url.split("#")[0] + url[len(asked) :])
        if not _may_show_list(walk, page, response, asked):
            return None
        further = sent_on(page) or _frame_with_list(walk, page)
        if further is None or key(further) in walk.lists or not walk.source.allows(further):
            return page
        url = further
    return None


def _may_show_list(walk: _ListWalk, page: WebPage, response: Response, asked: str) -> bool:
    """Whether the page is readable and no site's front page; what it is instead becomes a fault."""
    if page.reason is Reason.BLOCKED_PAGE or (page.reason is not None and not page.text):
        walk.fault(_KINDS.get(page.reason, FaultKind.UNREADABLE), asked, page.detail)
        return False
    if _is_front(response.url) and not _is_front(walk.report_list.url):
        _say_why(walk, page)
        walk.fault(FaultKind.NO_LIST, asked, "it leads to the site's front page" + walk.hint)
        return False
    return True


def _frame_with_list(walk: _ListWalk, page: WebPage) -> str | None:
    """The frame to be read in place of a page that names no report itself."""
    if detect(page).name not in _STATIC:
        return None
    if any(verdict(link.title) for link in links_in(page.tree, page.url)):
        return None
    return next(
        (f for f in frames(page) if walk.source.allows(f) and key(f) not in walk.lists), None
    )


def _is_front(url: str) -> bool:
    """Whether an address is a site's front page, where columns that moved lead; its news name
    reports of any agency.
    """
    return (
        re.fullmatch(r"/?(?:(?:index|default)\.\w+)?", urlsplit(url).path) is not None
        and not urlsplit(url).query
    )


def _read_list(walk: _ListWalk, page: WebPage) -> Steps[None]:
    family = _family_of(walk, page)
    walk.family = walk.family or family.name
    walk.prefix = (
        shared_stem(i.url for i in walk.items.values())
        if walk.items
        else urlsplit(page.url).path.rpartition("/")[0] + "/"
    )
    given = _Given()
    plans = list(family.plans(page))
    for plan in [*plans, *(() if family.name in _STATIC else static_plans(page))]:
        brought = yield from _follow(walk, plan, page.url, given)
        if brought and not given.short and not given.links.isdisjoint(walk.items):
            return  # a page may hold several lists, of news for one; the one with reports is wanted
    _note_what_is_wanting(walk, page, family, given)


def _family_of(walk: _ListWalk, page: WebPage) -> Family:
    """How the list of a page goes on; the reports that the page itself names are added."""
    selectors = walk.source.selectors
    if selectors is not None:
        walk.add_reports(links_in(page.tree, page.url, selectors.item), page.url, trusted=True)
        return Family("selectors", lambda _: True, selected(selectors.item, selectors.next))
    walk.add_reports(links_in(page.tree, page.url), page.url, trusted=False)
    walk.add_reports(records_in_page(page), page.url, trusted=True)
    return BY_NAME[walk.source.family] if walk.source.family else detect(page)


def _note_what_is_wanting(walk: _ListWalk, page: WebPage, family: Family, given: "_Given") -> None:
    """Faults of a list that was not read to its end."""
    if given.short:
        walk.fault(
            FaultKind.INCOMPLETE,
            page.url,
            f"the list says {given.total} entries, {len(given.links)} were given",
        )
    elif not given.links:
        walk.faults += given.doubts
    count = page_count(page) or 1
    is_numbered = family.name in _STATIC and walk.source.selectors is None
    if not given.links and is_numbered and count > 1:
        walk.fault(
            FaultKind.INCOMPLETE,
            page.url,
            f"the page says {count} pages, and none but the first was found",
        )
    if not walk.items:
        _say_why(walk, page)


@dataclass
class _Given:
    """What the plans of one list gave together.

    `doubts` are faults of plans that brought nothing; another plan may bring the list.
    """

    links: set[str] = field(default_factory=set)
    total: int | None = None
    doubts: list[Fault] = field(default_factory=list)

    def note_total(self, total: int | None) -> None:
        """What an answer says of the whole list's length, if it does."""
        self.total = self.total if total is None else total

    @property
    def short(self) -> bool:
        return self.total is not None and 0 < len(self.links) < self.total


def _say_why(walk: _ListWalk, page: WebPage) -> None:
    walk.by_script = page.detail if page.reason is Reason.NEEDS_BROWSER else ""
    columns = [
        link.url
        for link in links_in(page.tree, page.url)
        if is_folder(link.url) and ("年报" in link.title or "年度报告" in link.title)
    ]
    near = [url for url in dict.fromkeys(columns) if key(url) not in walk.lists][:3]
    walk.hint = f"; columns of that name on the page: {', '.join(near)}" if near else ""


def _follow(walk: _ListWalk, plan: ListPlan | None, found_on: str, given: _Given) -> Steps[bool]:
    """Follows one plan to its end; whether it brought the list."""
    own: set[str] = set()
    while plan is not None and walk.may_ask(plan):
        came = yield plan.request
        walk.pages += 1
        response = walk.usable(came, plan.request.url)
        if isinstance(response, Fault):
            if not _is_end(plan, came, bool(own)):
                (walk.faults if own else given.doubts).append(response)
            break
        answer = plan.read(response)
        if answer.links is not None:
            given.note_total(answer.total)
            if not _brings_more(walk, plan, answer.links, own, found_on):
                given.doubts += _blocked(answer, response)
                break
            own |= {key(link.url) for link in answer.links}
        plan = answer.next
    given.links |= own
    return bool(own)


def _is_end(plan: ListPlan, response: Response | None, good: bool) -> bool:
    """Whether a failing answer only says that there are no more pages, or a guess was wrong."""
    return response is not None and response.status in (404, 410) and (good or plan.guessed)


def _brings_more(
    walk: _ListWalk, plan: ListPlan, links: Sequence[Link], own: Set[str], found_on: str
) -> bool:
    """Adds the reports of an answer; whether it holds links that the plan had not given before. A
    guess on a list without a place of its own counts only if it brings a report.
    """
    if not plan.guessed:
        is_fresh = not {key(link.url) for link in links} <= own
    else:
        is_fresh = _fresh_by_guess(walk, links)
    if not is_fresh:
        return False
    before = len(walk.items)
    walk.add_reports(links, found_on, trusted=not plan.guessed)
    return not (plan.guessed and walk.prefix == "/" and len(walk.items) == before)


def _fresh_by_guess(walk: _ListWalk, links: Sequence[Link]) -> bool:
    """Whether there is a new link from where the known ones are."""
    return any(
        key(link.url) not in walk.seen
        and stem(link.url).startswith(walk.prefix)
        and is_document_name(link.url)
        for link in links
    )


def _blocked(answer: ListAnswer, response: Response) -> list[Fault]:
    """Why an answer holds no list."""
    if answer.links:
        return []
    page = open_page(response)
    if page.reason is Reason.BLOCKED_PAGE:
        return [Fault(FaultKind.BLOCKED_PAGE, response.url, page.detail)]
    return [Fault(FaultKind.NO_LIST, response.url, "the answer holds no list")]
