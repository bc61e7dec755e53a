"""From the registry of sources to files in the vault: lists walked, entries opened, files kept.

Plain functions; no Prefect.

`crawl(settings, wanted)` works through the sources in threads, one for each host, because a host
takes one request at a time. Each source ends as one `SourceDone`; what goes wrong with one never
stops another. The second night asks for lists, and for everything else only whether it changed.

How a source stands after it, good, stale or failing and why, is a line of the fetch log
(`extract.crawl.outcome`). Of a stale source nothing is taken for deleted. With fewer reports than
expected the lists were probably misread, so what was fetched is not published until there are
enough again (`flows.steps.vault_input`): its last good state stays. A report that a whole list no
longer names stays too, with the date since when it is gone.

Out of scope: how sites list (`extract.crawl`), reading the files, publishing.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from data import ConfigError
from extract.crawl.http.browser import program, render
from extract.crawl.http.client import Fetcher
from extract.crawl.http.messages import FetchError, FetchReason, Request, Response
from extract.crawl.http.policy import FetchPolicy
from extract.crawl.outcome import Miss, SourceDone, expected_documents
from extract.crawl.sites.listing import list_reports
from extract.crawl.sites.results import (
    Item,
    Listing,
    drive,
)
from extract.crawl.sources import ReportList, Source, load_sources
from extract.crawl.vault.fetch_log import VaultError
from extract.crawl.vault.store import Vault
from flows.steps.settings import Settings
from flows.steps.source_visit import (
    Show,
    SourceVisit,
    answer_of,
    by_script,
    plain_address,
    shown,
)

HOSTS_AT_ONCE: Final = 16  # threads; each waits for its host most of the time
CRASHED: Final = "crashed"  # the reason of a source that our own mistake ended

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
        run = CrawlRun(
            fetcher, vault, wanted, force, stop, shower(settings, fetcher), settings.failing_days
        )

        def crawl_host(of_host: Sequence[Source]) -> list[SourceDone]:
            made = []
            for source in of_host:
                made.append(crawl_and_record(source, run))
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


@dataclass(frozen=True, slots=True)
class CrawlRun:
    """What the sources of one crawl share.

    `days` is on how many days in a row an address may give nothing before its source is failing.
    """

    fetcher: Fetcher
    vault: Vault
    wanted: Wanted
    force: bool = False
    stop: threading.Event | None = None
    show: Show | None = None
    days: int = 3


def crawl_and_record(source: Source, run: CrawlRun) -> SourceDone:
    """Crawl one source, and write into the fetch log how that ended."""
    started = run.vault.time()
    done = safely(source, partial(crawl_source, source, run, started))
    narrowed = not run.wanted.all_of_a_source
    history = run.vault.note_crawl(done.record(started, run.vault.time(), narrowed=narrowed))
    return replace(done, history=history)


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
        expected = max(1, source.minimum or 0)
        return SourceDone(source.id, source.site, expected, False, misses=(miss,))


def crawl_source(source: Source, run: CrawlRun, started: str) -> SourceDone:
    """Walk all lists of one source and keep what they list.

    Raises Stopped before the next page of a list, or entry, after `run.stop` is set.
    """
    vault, wanted = run.vault, run.wanted
    visit = SourceVisit(source, run.fetcher, vault, run.force, run.show)
    whole = True
    items: dict[str, Item] = {}
    listed: set[str] = set()
    for listing in listings(source, run.fetcher, wanted, visit.misses, run.stop, run.show):
        visit.misses += [Miss(f.url, f.kind, f.detail) for f in listing.faults]
        whole = whole and listing.whole
        listed |= {plain_address(item.url) for item in listing.items}
        items |= {item.url: item for item in listing.items if wanted_year(item, source, wanted)}
    for item in items.values():
        _go_on(run.stop)
        visit.open(item)
    history = vault.history(source.id) if wanted.all_of_a_source else None
    minimum = source.minimum if wanted.all_of_a_source else 0
    done = SourceDone(
        source.id,
        source.site,
        expected_documents(minimum, history),
        whole,
        len(items),
        visit.documents,
        visit.failed,
        visit.changes,
        visit.gone,
        tuple(visit.misses),
        _overdue(vault, source.id, run.days, started),
        run.days,
    )
    if wanted.all_of_a_source and not done.stale:
        gone = visit.gone + vault.mark_gone(vault.unlisted(source.id, listed))
        done = replace(done, gone=gone)
    vault.flush()
    return done


def _overdue(vault: Vault, source_id: str, days: int, started: str) -> tuple[str, ...]:
    """What a source names and has not given for that many days; what it says is deleted is
    another matter.
    """
    failed = vault.failed_addresses(source_id, days, started)
    return tuple(address for address, reason in failed if reason != FetchReason.NOT_FOUND)


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


def _go_on(stop: threading.Event | None) -> None:
    if stop is not None and stop.is_set():
        raise Stopped


def wanted_year(item: Item, source: Source, wanted: Wanted) -> bool:
    """Whether the entry's title names a year that is asked for, or none at all."""
    return not item.years or any(
        source.wants(year) and (not wanted.years or year in wanted.years) for year in item.years
    )
