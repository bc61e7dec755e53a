"""From the registry of sources to files in the vault: lists walked, entries opened, files kept.

Plain functions; no Prefect.

`crawl(settings, wanted)` works through the sources in threads, one for each host, because a host
takes one request at a time. Each source ends as one `SourceDone`; what goes wrong with one never
stops another. The second night asks for lists, and for everything else only whether it changed.

A source is stale that was not read whole (a dead site, a firewall's page, an empty list, a list
that broke off) or holds fewer reports than its `minimum`: nothing of it is taken for deleted. With
fewer than its minimum the lists were probably misread, so what was fetched is not published until
there are enough again (`flows.steps.vault_input`): its last good state stays. A report that a whole
list no longer names stays too, with the date since when it is gone.

Out of scope: how sites list (`extract.crawl`), reading the files, publishing.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from data import ConfigError
from extract.crawl.http.browser import needs_browser, program, render
from extract.crawl.http.client import Fetcher
from extract.crawl.http.messages import NOT_MODIFIED, FetchError, FetchReason, Request, Response
from extract.crawl.http.policy import FetchPolicy, Terms
from extract.crawl.outcome import Miss, SourceDone
from extract.crawl.sites.detail_page import file_fault, open_item
from extract.crawl.sites.listing import list_reports
from extract.crawl.sites.results import (
    Fault,
    FaultKind,
    Item,
    Listing,
    Opened,
    ReportFile,
    State,
    drive,
)
from extract.crawl.sources import ReportList, Source, load_sources
from extract.crawl.vault.fetch_log import VaultError
from extract.crawl.vault.store import Change, Origin, StoredFetch, Vault
from flows.steps.settings import Settings

HOSTS_AT_ONCE: Final = 16  # threads; each waits for its host most of the time
ENTRY: Final = "entry"  # the role of a page that only leads to files
CRASHED: Final = "crashed"  # the reason of a source that our own mistake ended

Show = Callable[[str, Terms], Response]  # a page's address to the page as scripts make it

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to crawl: ids of sources (empty: all that were tested), agencies and years (empty:
    all).
    """

    sources: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    years: tuple[int, ...] = ()

    @property
    def all_of_a_source(self) -> bool:
        """Whether a source is looked at as a whole, so that what is missing is missing."""
        return not self.agencies and not self.years

    def includes(self, report_list: ReportList) -> bool:
        """Whether a list may hold reports of the agencies."""
        agency = report_list.agency
        return not self.agencies or agency is None or agency in self.agencies


def chosen(settings: Settings, wanted: Wanted) -> tuple[Source, ...]:
    """The sources to crawl. ConfigError for an id that is not there, or a contact that is
    missing.
    """
    known = load_sources(settings.sources)
    missing = set(wanted.sources) - {s.id for s in known}
    if missing:
        raise ConfigError(
            f"{', '.join(sorted(missing))}: no such source; see "
            f"{settings.sources or 'data/sources/'}"
        )
    picked = tuple(s for s in known if s.id in wanted.sources or (not wanted.sources and s.tested))
    if wanted.agencies:
        picked = tuple(s for s in picked if any(map(wanted.includes, s.report_lists())))
    if wanted.agencies and not picked:
        where = "the sources named" if wanted.sources else "the sources marked as tested"
        raise ConfigError(
            f"{', '.join(wanted.agencies)}: no agency of {where}; see "
            f"{settings.sources or 'data/sources/'}"
        )
    if picked:
        fetch_policy(settings)
    return picked


def fetch_policy(settings: Settings) -> FetchPolicy:
    """How the fetcher behaves. ConfigError without a contact."""
    try:
        return FetchPolicy(contact=settings.contact, loopback=settings.loopback)
    except ValueError as error:
        raise ConfigError(f"NIANBAO_CONTACT: {error}") from error


def shower(settings: Settings, fetcher: Fetcher) -> Show | None:
    """What shows pages that scripts make; None where NIANBAO_BROWSER is off.

    ConfigError where no browser is installed.
    """
    if not settings.browser:
        return None
    program()
    return partial(render, fetcher=fetcher)


CrawlHost = Callable[[Sequence[Source]], list[SourceDone]]
MapHosts = Callable[
    [CrawlHost, Sequence[Sequence[Source]], threading.Event], Iterable[list[SourceDone]]
]


def map_in_threads(
    crawl_host: CrawlHost, hosts: Sequence[Sequence[Source]], stop: threading.Event
) -> Iterable[list[SourceDone]]:
    """All hosts side by side, the answers in their order."""
    with ThreadPoolExecutor(HOSTS_AT_ONCE) as threads:
        try:
            yield from threads.map(crawl_host, hosts)
        # where all are done nobody hears it; after Ctrl-C or a full disk the others would go on to
        # the end of their lists, and be waited for
        finally:
            stop.set()


def crawl(
    settings: Settings,
    wanted: Wanted,
    report_done: Callable[[SourceDone], None] = lambda one: None,
    *,
    force: bool = False,
    map_hosts: MapHosts = map_in_threads,
) -> tuple[SourceDone, ...]:
    """Crawl the sources; `report_done` is called with each as it ends.

    `force` asks for everything again, whether it changed or not. `map_hosts` says how the hosts are
    worked on side by side: in threads, or as tasks of a flow; it sets the event that it is given
    once nobody waits for the answers any more.
    """
    sources = chosen(settings, wanted)
    if not sources:
        return ()
    stop = threading.Event()
    with Vault(settings.vault) as vault, Fetcher(fetch_policy(settings)) as fetcher:
        crawl_one = partial(
            crawl_source,
            fetcher=fetcher,
            vault=vault,
            wanted=wanted,
            force=force,
            stop=stop,
            show=shower(settings, fetcher),
        )

        def crawl_host(of_host: Sequence[Source]) -> list[SourceDone]:
            made = []
            for source in of_host:
                made.append(safely(source, partial(crawl_one, source)))
                report_done(made[-1])
            return made

        done = map_hosts(crawl_host, by_host(sources), stop)
        return tuple(one for of_host in done for one in of_host)


def trial(
    settings: Settings, source: Source, wanted: Wanted
) -> tuple[tuple[Listing, ...], tuple[Miss, ...]]:
    """What a source lists, with nothing opened or kept: for an entry that is being written."""
    misses: list[Miss] = []
    with Fetcher(fetch_policy(settings)) as fetcher:
        return tuple(
            listings(source, fetcher, wanted, misses, show=shower(settings, fetcher))
        ), tuple(misses)


def by_host(sources: Iterable[Source]) -> list[list[Source]]:
    """Sources in groups of one site each, in their order."""
    groups: dict[str, list[Source]] = {}
    for source in sources:
        groups.setdefault(source.site, []).append(source)
    return list(groups.values())


# ---- one source


class Stopped(Exception):
    """The crawl ends before its end; what is in the vault by now is whole."""


def safely(source: Source, work: Callable[[], SourceDone]) -> SourceDone:
    """What `work`, the crawl of a source, gives; a mistake of ours that one site's pages bring to
    light costs that source alone.
    """
    try:
        return work()
    except (VaultError, ConfigError, Stopped):
        raise  # a full disk, or a browser that does not start, is every source's
    except Exception as error:  # whatever it is, the other sources go on, and the summary names it
        log.exception("source %s", source.id)
        miss = Miss(
            source.site,
            CRASHED,
            f"{type(error).__name__}: {error}; this is a mistake in the program: please report it",
        )
        return SourceDone(source.id, source.site, max(1, source.minimum), False, misses=(miss,))


def crawl_source(
    source: Source,
    fetcher: Fetcher,
    vault: Vault,
    wanted: Wanted,
    *,
    force: bool = False,
    stop: threading.Event | None = None,
    show: Show | None = None,
) -> SourceDone:
    """Walk all lists of one source and keep what they list.

    Raises Stopped before the next page of a list, or entry, after `stop` is set.
    """
    visit = _Visit(source, fetcher, vault, wanted, force, show)
    whole = True
    items: dict[str, Item] = {}
    listed: set[str] = set()
    for listing in listings(source, fetcher, wanted, visit.misses, stop, show):
        visit.misses += [Miss(f.url, f.kind, f.detail) for f in listing.faults]
        whole = whole and listing.whole
        listed |= {_plain(item.url) for item in listing.items}
        items |= {item.url: item for item in listing.items if wanted_year(item, source, wanted)}
    for item in items.values():
        _go_on(stop)
        visit.open(item)
    done = SourceDone(
        source.id,
        source.site,
        source.minimum if wanted.all_of_a_source else 0,
        whole,
        len(items),
        visit.documents,
        visit.changes,
        visit.gone,
        tuple(visit.misses),
    )
    if wanted.all_of_a_source and not done.stale:
        gone = visit.gone + vault.mark_gone(vault.unlisted(source.id, listed))
        done = replace(done, gone=gone)
    vault.flush()
    return done


def listings(
    source: Source,
    fetcher: Fetcher,
    wanted: Wanted,
    misses: list[Miss],
    stop: threading.Event | None = None,
    show: Show | None = None,
) -> Iterator[Listing]:
    """The source's lists, each read to its end.

    What could not be fetched goes into `misses`, with the fetcher's words.
    """

    def ask(request: Request) -> Response | None:
        _go_on(stop)
        try:
            return fetcher.fetch(request, source.terms)
        except FetchError as error:
            return answer_of(error, request.url, misses)

    for report_list in source.report_lists():
        if wanted.includes(report_list):
            listing = drive(list_reports(source, report_list), ask)
            if show is not None and by_script(listing.faults):
                listing = drive(
                    list_reports(source, report_list),
                    lambda request: shown(
                        request, ask(request), fetcher, source.terms, show, misses
                    ),
                )
            yield listing


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


def _go_on(stop: threading.Event | None) -> None:
    if stop is not None and stop.is_set():
        raise Stopped


def answer_of(error: FetchError, url: str, misses: list[Miss]) -> Response | None:
    """An answer with a bad status is an answer to who walks the site; anything else is a miss of
    `url`, which was asked.
    """
    if error.status is not None and error.reason in (FetchReason.HTTP_ERROR, FetchReason.NOT_FOUND):
        return Response(error.url, error.status, {}, b"")
    misses.append(Miss(url, error.reason, error.detail))
    return None


def wanted_year(item: Item, source: Source, wanted: Wanted) -> bool:
    """Whether the entry's title names a year that is asked for, or none at all."""
    return not item.years or any(
        source.wants(year) and (not wanted.years or year in wanted.years) for year in item.years
    )


def _plain(url: str) -> str:
    return url.partition("#")[0]


@dataclass
class _Visit:
    """One source while its entries are opened: what was met, and the counts."""

    source: Source
    fetcher: Fetcher
    vault: Vault
    wanted: Wanted
    force: bool
    show: Show | None = None
    documents: int = 0
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
                [_plain(item.url), *self.vault.linked_from(_plain(item.url))]
            )
            return
        # nothing of it is kept, and what is held of it from an earlier night still counts
        if opened.state is State.FAULT:
            self.documents += len(self.vault.linked_from(_plain(item.url))) or bool(
                self.vault.versions(item.url)
            )
            return
        pages = {
            _plain(file.request.url)
            for file in opened.files
            if file.response is not None and file.request.url in self.raw
        }
        for url in [u for u in self.raw if _plain(u) not in pages]:
            self._keep(url, self._origin(item, url, ENTRY, item.title))
        for file in opened.files:
            self._keep_file(item, opened, file)

    def _keep_file(self, item: Item, opened: Opened, file: ReportFile) -> None:
        """Keep one document of an entry."""
        url = file.request.url
        if file.response is None:
            response = self._ask(file.request, item)
            fault = None if response is None else file_fault(response)
            if response is None or fault is not None:
                if fault is not None:
                    self.misses.append(Miss(fault.url, fault.kind, fault.detail))
                self.documents += bool(self.vault.versions(url))
                return
        # the page was reached over others, and the last of them holds the answer
        if url not in self.raw:
            url = next(reversed(self.raw))
        kept = self._keep(
            url, self._origin(item, url, file.role, opened.title or file.name, opened.date)
        )
        self.documents += 1
        self.changes[kept.change] += 1

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
            "" if _plain(url) == _plain(item.url) else _plain(item.url),
            column.agency or "",
            year,
            {name: value for name, value in more.items() if value},
        )
