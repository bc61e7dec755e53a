"""How a source stands after a crawl: good, stale or failing, since when and why, over many nights.

The clock is the test's own: a night is a day later than the one before.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from extract.crawl.http.client import Fetcher
from extract.crawl.http.policy import FetchPolicy
from extract.crawl.outcome import SourceDone
from extract.crawl.sources import load_sources
from extract.crawl.vault.crawl_record import CrawlReason, CrawlState
from extract.crawl.vault.store import Vault
from flows.steps.crawl import CrawlRun, Wanted, crawl_and_record
from load.closed_lists import SOURCE_REASONS, SOURCE_STATES
from review.crawl_report import in_words, rows
from tests.web import write_sources
from tests.web.many import many
from tests.web.pages import page
from tests.web.server import Reply, Site

POLICY = FetchPolicy(contact="crawler@example.org", loopback=True, gap=0, backoff=0.01)
REPORTS = 6
SHELL = '<html><body><div id="app"></div><script src="/app.js"></script></body></html>'


@dataclass
class Nights:
    """One site with six reports, crawled a night at a time."""

    site: Site
    home: Path
    today: datetime = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)

    def night(self, wanted: Wanted | None = None) -> SourceDone:
        self.today += timedelta(days=1)
        (source,) = load_sources(write_sources({"many": self.site}, self.home / "sources.yaml"))
        with Vault(self.home / "vault", lambda: self.today) as vault, Fetcher(POLICY) as fetcher:
            return crawl_and_record(source, CrawlRun(fetcher, vault, wanted or Wanted()))

    def answer(self, count: int, reply: Reply | str) -> None:
        """Have the first `count` reports answered like this from now on."""
        for n in range(count):
            self.site.put(
                f"/nb/2023/t{n}.html", (lambda asked: reply) if isinstance(reply, Reply) else reply
            )


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Nights]:
    with many(REPORTS, every=100) as (site, _):
        yield Nights(site, tmp_path)


def only(count: int) -> Callable[[Site], None]:
    """A list that names so many reports."""

    def shorten(site: Site) -> None:
        links = "".join(
            f'<li><a href="/nb/2023/t{n}.html">云岫市第{n}街道办事处2022年年度报告</a></li>'
            for n in range(count)
        )
        site.put("/nb/index.html", page(f"<ul>{links}</ul>"))

    return shorten


def test_a_list_that_shrinks_by_a_third_is_stale_without_a_minimum(nights: Nights) -> None:
    assert nights.night().good
    only(5)(nights.site)
    assert nights.night().good, "a fifth may go"
    only(3)(nights.site)
    done = nights.night()
    assert (done.reason, done.expected, done.documents, done.gone) == ("too_few", 4, 3, 0)
    assert "STALE since 2026-11-04: 3 documents held, at least 4 expected" in in_words([done])
    nights.site.entry["minimum"] = 2
    done = nights.night()
    assert done.good and done.gone == 2, "what the entry says goes before what was learned"


def test_the_first_night_expects_nothing(nights: Nights) -> None:
    nights.site.down = True
    done = nights.night()
    assert (done.expected, done.state, done.reason) == (0, "stale", "not_whole")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [(Reply(b"slow down", status=429), "status"), (SHELL, "needs_browser"), (Reply(b""), "empty")],
    ids=["429", "shells", "nothing"],
)
def test_a_source_of_which_every_report_fails_is_failing(
    nights: Nights, reply: Reply | str, reason: str
) -> None:
    nights.night()
    nights.answer(REPORTS, reply)
    done = nights.night()
    assert done.documents == REPORTS and done.whole, "what is held counts, and hides nothing"
    assert (done.state, done.reason, done.failed) == ("failing", "most_failed", REPORTS)
    assert {str(miss.reason) for miss in done.misses} == {reason}
    assert done.detail.startswith("6 of 6 reports listed could not be fetched: ")
    (row,) = rows([done])
    assert row["state"] == "failing" and row["since"] == "2026-11-03T02:30:00Z"


@pytest.mark.parametrize("reply", [Reply(b"no", status=403), SHELL], ids=["403", "shell"])
def test_one_report_that_fails_for_days_makes_its_source_failing(
    nights: Nights, reply: Reply | str
) -> None:
    nights.answer(1, reply)
    assert [nights.night().state for _ in range(2)] == ["good", "good"]
    nights.today -= timedelta(days=1)
    assert nights.night().good, "two crawls of one day count once"
    done = nights.night()
    assert (done.state, done.reason) == ("failing", "failed_for_days")
    assert done.overdue == (f"{nights.site.root}/nb/2023/t0.html",)
    assert "1 of what is listed has given nothing for 3 days or more" in done.detail


def test_a_report_that_is_deleted_but_listed_fails_nothing(nights: Nights) -> None:
    nights.answer(1, Reply(b"gone", status=404))
    assert [nights.night().state for _ in range(5)] == ["good"] * 5


def test_a_failing_report_that_is_no_longer_listed_is_forgotten(nights: Nights) -> None:
    nights.answer(1, Reply(b"no", status=403))
    states = [nights.night().state for _ in range(3)]
    assert states[-1] == "failing"
    links = (
        '<li><a href="/nb/2023/t1.html">云岫市第1街道办事处2022年政府信息公开工作年度报告</a></li>'
    )
    nights.site.put("/nb/index.html", page(f"<ul>{links}</ul>"))
    nights.site.entry["minimum"] = 1
    assert nights.night().good


def test_a_recovery_is_told_once(nights: Nights) -> None:
    nights.night()
    nights.site.down = True
    stale = [nights.night() for _ in range(3)]
    assert {one.history.not_good_since for one in stale if one.history} == {"2026-11-03T02:30:00Z"}
    nights.site.down = False
    again = nights.night()
    assert again.good and again.history is not None and again.history.recovered
    assert "many: good again; 6 reports listed" in in_words([again])
    later = nights.night()
    assert later.history is not None and not later.history.recovered
    assert "good again" not in in_words([later])


def test_a_narrowed_crawl_says_nothing_about_the_source(nights: Nights) -> None:
    nights.night()
    nights.site.down = True
    nights.night()
    nights.site.down = False
    narrowed = nights.night(Wanted(years=(2022,)))
    assert narrowed.good and narrowed.history is not None
    assert narrowed.history.last is not None and narrowed.history.last.state == "stale"


def test_the_dictionary_has_the_words_of_the_crawl() -> None:
    assert set(SOURCE_STATES) == set(CrawlState) and set(SOURCE_REASONS) == set(CrawlReason)
