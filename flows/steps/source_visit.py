"""One source while its entries are opened: asked for, kept in the vault, and counted.

`SourceVisit.open` takes one entry of a list: its page and its files are asked for, and what came is
kept. What gave nothing, or an answer that is of no use, has a line in the fetch log, so that it is
known how long that has gone on.

Out of scope: which entries there are (`flows.steps.crawl`), and what a page says (`extract.crawl`).
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from extract.crawl.http.browser import needs_browser
from extract.crawl.http.client import Fetcher
from extract.crawl.http.messages import NOT_MODIFIED, FetchError, FetchReason, Request, Response
from extract.crawl.http.policy import Terms
from extract.crawl.outcome import Miss
from extract.crawl.sites.detail_page import file_fault, open_item
from extract.crawl.sites.results import Fault, FaultKind, Item, Opened, ReportFile, State, drive
from extract.crawl.sources import Source
from extract.crawl.vault.store import Change, Origin, StoredFetch, Vault

ENTRY: Final = "entry"  # the role of a page that only leads to files

Show = Callable[[str, Terms], Response]  # a page's address to the page as scripts make it


def by_script(faults: Iterable[Fault]) -> bool:
    """Whether a browser may help."""
    return any(fault.kind is FaultKind.NEEDS_BROWSER for fault in faults)


def shown(
    request: Request,
    answer: Response | None,
    fetcher: Fetcher,
    terms: Terms,
    show: Show,
    misses: list[Miss],
) -> Response | None:
    """The answer; where it is a page that scripts would fill, what they make of it."""
    if answer is None or not needs_browser(request, answer):
        return answer
    try:
        return show(answer.url, terms)
    except FetchError as error:
        return answer_of(error, request.url, misses)


def answer_of(error: FetchError, url: str, misses: list[Miss]) -> Response | None:
    """An answer with a bad status is an answer to who walks the site; anything else is a miss of
    `url`, which was asked.
    """
    if error.status is not None and error.reason in (FetchReason.HTTP_ERROR, FetchReason.NOT_FOUND):
        return Response(error.url, error.status, {}, b"")
    misses.append(Miss(url, error.reason, error.detail))
    return None


def plain_address(url: str) -> str:
    """An address without the place in its page."""
    return url.partition("#")[0]


@dataclass
class SourceVisit:
    """One source while its entries are opened: what was met, and the counts."""

    source: Source
    fetcher: Fetcher
    vault: Vault
    force: bool
    show: Show | None = None
    documents: int = 0
    failed: int = 0  # entries of which something could not be fetched
    gone: int = 0
    changes: Counter[Change] = field(default_factory=Counter)
    misses: list[Miss] = field(default_factory=list)
    # answers of this entry as they came, by the address that was asked
    raw: dict[str, Response] = field(default_factory=dict)

    def open(self, item: Item) -> None:
        """One entry: ask for its page and its files, keep what came."""
        self.raw.clear()
        missed = len(self.misses)
        opened = drive(open_item(self.source, item), lambda request: self._ask(request, item))
        if self.show is not None and by_script(opened.faults):
            opened = drive(open_item(self.source, item), partial(self._shown, item, self.show))
        self.misses += [
            Miss(f.url, f.kind, f.detail)
            for f in opened.faults
            if f.kind is not FaultKind.NOT_FETCHED or len(self.misses) == missed
        ]
        if opened.state is State.GONE:
            self.misses.append(Miss(item.url, FetchReason.NOT_FOUND, "listed, but deleted"))
            self.gone += self.vault.mark_gone(
                [plain_address(item.url), *self.vault.linked_from(plain_address(item.url))]
            )
            return
        if opened.state is State.FAULT:
            self._keep_nothing(item, opened)
            return
        pages = {
            plain_address(file.request.url)
            for file in opened.files
            if file.response is not None and file.request.url in self.raw
        }
        for url in [u for u in self.raw if plain_address(u) not in pages]:
            self._keep(url, self._origin(item, url, ENTRY, item.title))
        kept = [self._keep_file(item, opened, file) for file in opened.files]
        self.failed += not all(kept)

    def _keep_nothing(self, item: Item, opened: Opened) -> None:
        """An entry that is of no use; what is held of it from an earlier night still counts."""
        self.failed += 1
        if (
            item.url in self.raw
        ):  # an answer was had, so that nothing of the log says that it failed
            kind = opened.faults[0].kind if opened.faults else FaultKind.UNREADABLE
            self.vault.failed(self._origin(item, item.url, "", item.title), kind)
        self.documents += len(self.vault.linked_from(plain_address(item.url))) or bool(
            self.vault.versions(item.url)
        )

    def _keep_file(self, item: Item, opened: Opened, file: ReportFile) -> bool:
        """Keep one document of an entry; whether there was one to keep."""
        url = file.request.url
        if file.response is None:
            response = self._ask(file.request, item)
            fault = None if response is None else file_fault(response)
            if fault is not None:
                self.misses.append(Miss(fault.url, fault.kind, fault.detail))
                self.vault.failed(self._origin(item, url, file.role, file.name), fault.kind)
            if response is None or fault is not None:
                self.documents += bool(self.vault.versions(url))
                return False
        # the page was reached over others, and the last of them holds the answer
        if url not in self.raw:
            url = next(reversed(self.raw))
        kept = self._keep(
            url, self._origin(item, url, file.role, opened.title or file.name, opened.date)
        )
        self.documents += 1
        self.changes[kept.change] += 1
        return True

    def _ask(self, request: Request, item: Item) -> Response | None:
        """The answer, from the vault where the site says that nothing changed."""
        known = None if self.force or request.method != "GET" else self.vault.known(request.url)
        try:
            answer = self.fetcher.fetch(request, self.source.terms, known)
        except FetchError as error:
            self.vault.failed(
                self._origin(item, request.url, "", item.title), error.reason, error.status
            )
            return answer_of(error, request.url, self.misses)
        self.raw[request.url] = answer
        return self.vault.stored(request.url) if answer.status == NOT_MODIFIED else answer

    def _shown(self, item: Item, show: Show, request: Request) -> Response | None:
        answer = shown(
            request, self._ask(request, item), self.fetcher, self.source.terms, show, self.misses
        )
        if answer is not None and self.raw.get(request.url, answer).status != NOT_MODIFIED:
            self.raw[request.url] = answer  # what is kept is the page as it was shown
        return answer

    def _keep(self, url: str, origin: Origin) -> StoredFetch:
        return self.vault.keep(self.raw[url], origin)

    def _origin(self, item: Item, url: str, role: str, text: str, date: str = "") -> Origin:
        column = item.report_list
        year = item.years[0] if len(item.years) == 1 else None
        more = {
            "level": column.level,
            "division_code": column.division_code,
            "date": date or item.date,
        }
        return Origin(
            url,
            self.source.id,
            role,
            text,
            "" if plain_address(url) == plain_address(item.url) else plain_address(item.url),
            column.agency or "",
            year,
            {name: value for name, value in more.items() if value},
        )
