"""Pace: one request at a time to a host, a gap between two, and hosts that do not wait for each
other.
"""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from extract.crawl.http.client import Fetcher
from extract.crawl.http.connection import Connections
from extract.crawl.http.messages import Request
from extract.crawl.http.policy import FetchPolicy
from extract.crawl.http.throttle import Throttle
from tests.extract.crawl.servers import reply, serving

POLICY = FetchPolicy(contact="data@example.org", gap=0.02, loopback=True)


def _fetcher(fetch_policy: FetchPolicy) -> Fetcher:
    return Fetcher(
        fetch_policy, Connections(loopback=True, resolve=lambda host, port: ["127.0.0.1"])
    )


def test_200_addresses_of_one_host_from_eight_threads_in_real_time() -> None:
    with (
        serving(
            lambda asked, number: b"" if asked.target == "/robots.txt" else reply(200, b"x")
        ) as site,
        _fetcher(POLICY) as fetcher,
    ):
        with ThreadPoolExecutor(8) as pool:
            answers = list(
                pool.map(lambda n: fetcher.fetch(Request(site.url(f"/{n}"))), range(200))
            )
        assert {a.status for a in answers} == {200}
        assert len({a.target for a in site.pages}) == 200
        assert site.most == 1
        gaps = [b.started - a.started for a, b in zip(site.asked, site.asked[1:], strict=False)]
        assert min(gaps) >= POLICY.gap / 2
        assert max(gaps) > POLICY.gap  # it varies
        assert {a.headers["user-agent"] for a in site.asked} == {"nianbao (+data@example.org)"}


def test_the_gap_of_the_setting_is_never_below_half_a_second() -> None:
    now = [0.0]
    pace = Throttle(clock=lambda: now[0], sleep=lambda s: now.__setitem__(0, now[0] + s))
    starts, ends = [], []
    for _ in range(300):
        with pace.turn("a"):
            starts.append(now[0])
            now[0] += 0.3
            ends.append(now[0])
    gaps = [start - end for end, start in zip(ends, starts[1:], strict=False)]
    assert min(gaps) >= 0.5
    assert max(gaps) <= 1.5 + 1e-6
    assert 0.9 < sum(gaps) / len(gaps) < 1.1


def test_a_longer_delay_and_a_hold_are_never_undercut() -> None:
    now = [0.0]
    pace = Throttle(clock=lambda: now[0], sleep=lambda s: now.__setitem__(0, now[0] + s))
    with pace.turn("a", 5.0):
        assert now[0] == 0.0
    with pace.turn("a", 5.0):
        assert now[0] == 5.0
        pace.hold("a", 100.0)
        pace.hold("a", 7.0)
    with pace.turn("b", 5.0):
        assert now[0] == 5.0
    with pace.turn("a", 5.0):
        assert now[0] == 105.0
    with pace.turn("a", gap=40.0):
        assert 125.0 <= now[0] <= 165.0


def test_hosts_do_not_wait_for_each_other() -> None:
    pace = Throttle(gap=0.0)
    both = threading.Barrier(2, timeout=5)

    def hold(host: str) -> None:
        with pace.turn(host):
            both.wait()  # passes only while both turns are held at once

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(hold, ["a", "b"])) == [None, None]


def test_hosts_are_fetched_in_parallel_and_each_one_at_a_time() -> None:
    with (
        serving(lambda asked, number: [0.1, reply(200, b"x")]) as site,
        _fetcher(replace(POLICY, gap=0.0)) as fetcher,
        ThreadPoolExecutor(8) as pool,
    ):
        hosts = [f"www.{letter}.gov.cn" for letter in "abcd"]
        urls = [site.url(f"/{n}", host) for n in range(3) for host in hosts]
        assert {
            answer.content for answer in pool.map(lambda url: fetcher.fetch(Request(url)), urls)
        } == {b"x"}
        assert site.most >= 2
        for host in hosts:
            own = sorted(
                (a for a in site.asked if a.headers["host"].startswith(host)),
                key=lambda a: a.started,
            )
            assert all(b.started >= a.ended - 0.01 for a, b in itertools.pairwise(own))


def test_a_turn_that_fails_is_given_back() -> None:
    pace = Throttle(gap=0.05)
    for _ in range(2):
        try:
            with pace.turn("a"):
                raise ValueError
        except ValueError:
            ended = time.monotonic()
    with pace.turn("a"):
        assert time.monotonic() - ended >= 0.025


def test_tries_keep_the_gap_too() -> None:
    fetch_policy = replace(POLICY, gap=0.2, backoff=0.0)
    with (
        serving(lambda asked, number: reply(503) if number < 3 else reply(200, b"x")) as site,
        _fetcher(fetch_policy) as fetcher,
    ):
        fetcher.fetch(Request(site.url()))
        gaps = [b.started - a.ended for a, b in zip(site.asked, site.asked[1:], strict=False)]
        assert len(gaps) == 5
        assert min(gaps) >= 0.09
