"""What crawling finds, what it costs, and how it bears failures; all of it against sites on
loopback.

    python -m bench.crawl families [--agencies 20] [--gap 0.05]
    python -m bench.crawl failures [--addresses 1000]
    python -m bench.crawl unchanged [--documents 100000] [--filled 10000]

`families`: every family of sites of the test web, three years; what is found against the sites' own
truth, and whether the pace was kept by the sites' own clocks. `failures`: one site where every
fifth address fails in a way of its own; memory while it is crawled. `unchanged`: a night over a
vault and a warehouse where all is known and nothing changed, without the requests themselves;
`--filled` is how many reports have their 200 cells in the warehouse. Processor time is this
process's; in the first two the sites are in it.
"""

import argparse
import hashlib
import multiprocessing
import os
import resource
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from unittest import mock

import duckdb
import yaml

from extract.crawl.http.client import Fetcher
from extract.crawl.http.messages import Response
from extract.crawl.http.policy import FetchPolicy
from extract.crawl.sources import load_sources
from extract.crawl.vault.crawl_record import CrawlRecord
from extract.crawl.vault.store import Change, Origin, Vault
from flows.steps.crawl import CrawlRun, Wanted, crawl, crawl_and_record
from flows.steps.pending_run import PendingRun
from flows.steps.pipeline import make_plan, publish_run
from flows.steps.request import Provenance, ReadRequest
from flows.steps.settings import Settings
from flows.steps.vault_input import ROLES, fetched_input
from flows.steps.version import format_versions
from load.staging import staged, write_batch
from tests.build.draw import synthetic_cells
from tests.web import Reply, Site, web, write_sources
from tests.web.many import many
from tests.web.server import Asked
from transform.records import OutcomeRow, Reading, ReportRow

CONTACT = "bench@example.org"
YEARS = (2020, 2021, 2022)
TIMER = 0.002  # seconds by which a sleep may be short on a coarse clock
PAGE = os.sysconf("SC_PAGE_SIZE")


class Watch:
    """A site's requests by its own clock: how many at once at most, and the least time from an
    answer to the next request.
    """

    def __init__(self, site: Site) -> None:
        self.at_once, self.least_gap = 0, float("inf")
        self._inside, self._ended = 0, float("-inf")
        self._lock, self._reply_to = threading.Lock(), site.reply_to
        site.reply_to = self._answer  # type: ignore[method-assign]  # the watch stands between the server and its site

    def _answer(self, asked: Asked) -> Reply | None:
        with self._lock:
            self._inside += 1
            self.at_once = max(self.at_once, self._inside)
            self.least_gap = min(self.least_gap, time.monotonic() - self._ended)
        reply = self._reply_to(asked)
        with self._lock:
            self._inside -= 1
            self._ended = time.monotonic()
        return reply


@contextmanager
def timed(name: str, into: dict[str, tuple[float, float]]) -> Iterator[None]:
    """Adds processor and wall seconds under `name`."""
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    before = into.get(name, (0.0, 0.0))
    into[name] = (before[0] + time.process_time() - cpu, before[1] + time.perf_counter() - wall)


def told(times: dict[str, tuple[float, float]]) -> str:
    """The times and the peak as words."""
    cpu, wall = (sum(t[i] for t in times.values()) for i in (0, 1))
    return (
        f"{cpu:.1f} s processor, {wall:.1f} s wall, peak "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    )


def families(home: Path, agencies: int, gap: float) -> None:
    """Print one line a family, and one for all."""
    with web(agencies=agencies, years=YEARS) as sites:
        watches = {name: Watch(site) for name, site in sites.items()}
        for site in sites.values():
            site.entry |= {"pace": gap, "tested": True}
        sources = write_sources(sites, home / "sources.yaml")
        settings = Settings(vault=home / "vault", sources=sources, contact=CONTACT, loopback=True)
        times: dict[str, tuple[float, float]] = {}
        with timed("crawl", times):
            done = {one.source_id: one for one in crawl(settings, Wanted())}
        with Vault(settings.vault) as vault:
            held = {(e.source, e.sha256) for e in vault.entries() if e.role in ROLES}
        print(
            "| family | wanted | found | wrong | requests | misses | at once | least gap, s "
            "|\n|---|---|---|---|---|---|---|---|"
        )
        lines = []
        for name, site in sites.items():
            wanted = {t.sha256 for t in site.truth}
            got = {sha256 for source, sha256 in held if source == site.entry["id"]}
            watch = watches[name]
            lines.append(
                (
                    len(wanted),
                    len(wanted & got),
                    len(got - wanted),
                    len(site.log),
                    len(done[site.entry["id"]].misses),
                )
            )
            print(
                f"| {name} | {' | '.join(map(str, lines[-1]))} | {watch.at_once} | "
                f"{watch.least_gap:.3f} |"
            )
        total = [sum(column) for column in zip(*lines, strict=True)]
        broken = sum(w.at_once > 1 or w.least_gap < gap / 2 - TIMER for w in watches.values())
        print(
            f"| all, {100 * total[1] / total[0]:.1f} % found | {' | '.join(map(str, total))} "
            f"| pace of {gap} s broken by {broken} | {told(times)} |"
        )


def failures(home: Path, addresses: int) -> None:
    """Print one line: what was stored, how the others ended, and how memory grew."""
    sizes: list[int] = []

    def now() -> datetime:  # the vault asks for the time once an entry
        sizes.append(int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE)
        return datetime.now(UTC)

    times: dict[str, tuple[float, float]] = {}
    fetch_policy = FetchPolicy(contact=CONTACT, loopback=True, gap=0, backoff=0.01)
    with (
        many(addresses) as (site, failing),
        Vault(home / "vault", now) as vault,
        Fetcher(fetch_policy) as fetcher,
    ):
        (source,) = load_sources(write_sources({"many": site}, home / "sources.yaml"))
        with timed("crawl", times):
            done = crawl_and_record(source, CrawlRun(fetcher, vault, Wanted()))
        right = {miss.url: str(miss.reason) for miss in done.misses} == failing
        first, last = mean(sizes[:100]) / 2**20, mean(sizes[-100:]) / 2**20
    print(
        "| addresses | stored | failed | each with its reason | memory, first and last 100 | "
        "growth | cost |\n|---|---|---|---|---|---|---|"
    )
    grown = f"{first:.1f} MiB, {last:.1f} MiB | {100 * (last / first - 1):+.1f} %"
    print(
        f"| {addresses} | {done.changes['new']} | {len(done.misses)} | {right} | {grown} | "
        f"{told(times)} |"
    )
    print(
        ", ".join(
            f"{n} {reason}"
            for reason, n in sorted(Counter(str(m.reason) for m in done.misses).items())
        )
    )


HOST = "http://www.bench.gov.cn"


def address(number: int) -> str:
    """The address of one document of the unchanged site."""
    return f"{HOST}/zwgk/bm{number // 100}/zfxxgknb/202301/t20230115_{number:07d}.docx"


def origin(number: int) -> Origin:
    """What its list says of it."""
    title = f"云岫市第{number // 10}街道办事处{2013 + number % 10}年政府信息公开工作年度报告"
    page = f"{HOST}/zwgk/bm{number // 100}/zfxxgknb/"
    return Origin(
        address(number),
        "bench",
        "attachment",
        title,
        page,
        f"云岫市第{number // 10}街道办事处",
        2013 + number % 10,
        {"date": "2023-01-15"},
    )


def settings_of(home: Path) -> Settings:
    """Everything below one folder."""
    return Settings(
        database=home / "w.duckdb",
        input=home / "input",
        vault=home / "vault",
        sources=home / "sources.yaml",
        contact=CONTACT,
    )


def set_up(home: Path, documents: int, filled: int) -> None:
    """A vault, and a warehouse that has published all of it.

    Nothing here is made durable, which would take most of the time.
    """
    settings = settings_of(home)
    settings.input.mkdir()
    (settings.input / "empty.txt").write_bytes(b"")
    entry = {
        "id": "bench",
        "site": "www.bench.gov.cn",
        "lists": [f"{HOST}/zwgk/"],
        "years": {"first": 2013, "last": 2022},
        "tested": True,
    }
    (home / "sources.yaml").write_text(yaml.safe_dump({"sources": [entry]}), encoding="utf-8")
    with mock.patch("os.fsync"), Vault(settings.vault) as vault:
        for n in range(documents):
            headers = {
                "content-type": "application/msword",
                "etag": f'"{n:x}"',
                "last-modified": "Sun, 15 Jan 2023 08:00:00 GMT",
            }
            vault.keep(Response(address(n), 200, headers, b"%d" % n), origin(n))
        at = vault.time()
        vault.note_crawl(CrawlRecord("bench", at, at, "www.bench.gov.cn", documents=documents))
    requests: Sequence[ReadRequest] = (
        *fetched_input(settings, Wanted()).requests,
        ReadRequest("empty.txt", hashlib.sha256(b"").hexdigest(), 0),
    )
    for batch in (requests[i : i + 10_000] for i in range(0, len(requests), 10_000)):
        write_batch(settings.staging_folder, map(staged, map(known_reading, batch)))
    night = fetched_input(settings, Wanted())
    made = make_plan(settings, [], fetched=night.requests)
    publish_run(
        settings,
        PendingRun(
            made.present,
            made.to_read,
            made.known,
            crawled=night.crawled,
            agencies=night.agencies,
        ),
    )
    with duckdb.connect(settings.database) as con:
        con.execute("SET enable_progress_bar = false")
        for at in range(0, filled, 5_000):
            con.register("synthetic", synthetic_cells(min(5_000, filled - at), at + 1))
            con.execute("INSERT INTO cells BY NAME SELECT * FROM synthetic")
            con.unregister("synthetic")


def known_reading(request: ReadRequest) -> Reading:
    """The reading of a document as an earlier night made it, without cells."""
    found: Provenance = request.provenance
    report = ReportRow(
        request.document_id[:16],
        request.document_id,
        found.agency,
        found.agency,
        found.year,
        found.title,
        "2023-01-15",
        None,
    )
    outcome = OutcomeRow(
        request.document_id, "extracted", None, None, "bench", format_versions()["docx"].read, 0.0
    )
    return Reading(request.document_row("docx"), outcome, report if found.agency else None)


def unchanged(home: Path, documents: int, filled: int) -> None:
    """Print one line a step, and one for all."""
    child = multiprocessing.get_context("spawn").Process(
        target=set_up, args=(home, documents, filled)
    )
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(f"the set-up ended with {child.exitcode}")
    settings, times, started = (
        settings_of(home),
        dict[str, tuple[float, float]](),
        datetime.now(UTC),
    )
    with timed("vault opened", times):
        vault = Vault(settings.vault)
    for at in range(0, documents, 1_000):
        origins = [origin(n) for n in range(at, min(at + 1_000, documents))]
        with timed("`known` and `keep` of each", times):
            for found in origins:
                known = vault.known(found.url)
                kept = known and vault.keep(
                    Response(
                        known.url,
                        304,
                        {"etag": known.etag, "date": "Tue, 24 Nov 2026 03:00:00 GMT"},
                        b"",
                    ),
                    found,
                )
                if kept is None or kept.change is not Change.UNCHANGED:
                    raise SystemExit(f"{found.url}: the vault does not know it as it was")
    with timed("what is listed no more", times):
        vault.mark_gone(vault.unlisted("bench", {address(n) for n in range(documents)}))
    with timed("vault closed", times):
        vault.close()
    with timed("`fetched_input`", times):
        night = fetched_input(settings, Wanted())
    with timed("`make_plan`", times):
        made = make_plan(settings, [], fetched=night.requests)
    with timed("`publish_run`", times):
        run = PendingRun(
            made.present,
            made.to_read,
            made.known,
            crawled=night.crawled,
            agencies=night.agencies,
            started=started,
        )
        summary = publish_run(settings, run)
    print("| step | s processor | s wall |\n|---|---|---|")
    for name, (cpu, wall) in times.items():
        print(f"| {name} | {cpu:.2f} | {wall:.2f} |")
    print(f"| all of {documents} documents, {summary.cells} cells | {told(times)} | |", flush=True)
    if (made.to_read, made.known, summary.rebuilt, len(night.requests)) != (
        0,
        documents + 1,
        False,
        documents,
    ):
        raise SystemExit(
            f"{made.to_read} documents were to be read again: was the code changed meanwhile?"
        )


def main() -> None:
    """Print the table that is asked for."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("what", choices=("families", "failures", "unchanged"))
    options.add_argument("--agencies", type=int, default=20)
    options.add_argument("--gap", type=float, default=0.05)
    options.add_argument("--addresses", type=int, default=1_000)
    options.add_argument("--documents", type=int, default=100_000)
    options.add_argument("--filled", type=int, default=10_000)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as home:
        if asked.what == "families":
            families(Path(home), asked.agencies, asked.gap)
        elif asked.what == "failures":
            failures(Path(home), asked.addresses)
        else:
            unchanged(Path(home), asked.documents, asked.filled)


if __name__ == "__main__":
    main()
