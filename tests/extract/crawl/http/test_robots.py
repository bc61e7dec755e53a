"""What robots.txt makes of a fetch, against real servers; and hosts that are left alone."""

from dataclasses import replace

import pytest

from extract import limits
from extract.crawl.http.messages import FetchError, FetchReason, Request
from extract.crawl.http.policy import FetchPolicy, Terms
from tests.extract.crawl.http.fetching import QUICK, fetch, fetcher_for, pages, reason
from tests.extract.crawl.servers import RESET, Answer, Asked, reply, serving


def robots(body: bytes = b"", status: int = 200, *headers: str) -> Answer:
    return lambda asked, number: (
        reply(status, body, *headers) if asked.target == "/robots.txt" else reply(200, b"x")
    )


def test_what_robots_forbids_is_never_asked() -> None:
    with serving(
        robots(
            b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n\nUser-agent: nianbao\nDisallow: "
            b"/no/\nDisallow: /*.doc$\n"
        )
    ) as site:
        with fetcher_for() as fetcher:
            assert fetcher.fetch(Request(site.url("/yes/"))).content == b"x"
            for path in ("/no/a.html", "/b/c.doc"):
                with pytest.raises(FetchError) as caught:
                    fetcher.fetch(Request(site.url(path)))
                assert caught.value.reason is FetchReason.ROBOTS
        assert [a.target for a in site.asked] == ["/robots.txt", "/yes/"]


def test_a_source_may_say_why_robots_is_not_obeyed_for_its_own_host_alone() -> None:
    ignored = Terms(robots_ignored="the agency asked for it in writing")
    with serving(robots(b"User-agent: *\nDisallow: /\n")) as site, fetcher_for() as fetcher:
        assert fetcher.fetch(Request(site.url()), ignored).content == b"x"
        assert fetcher.counts()["robots_ignored"] == 1
        assert len(site.asked) == 1
        with (
            serving(robots(b"", 302, f"Location: {site.url(host='www.b.gov.cn')}")) as first,
            pytest.raises(FetchError) as caught,
        ):
            fetcher.fetch(Request(first.url("/robots.txt")), ignored)
        assert caught.value.reason is FetchReason.ROBOTS


def test_crawl_delay_is_obeyed_and_counts_from_robots_itself() -> None:
    with serving(robots(b"User-agent: *\nCrawl-delay: 0.4\n")) as site, fetcher_for() as fetcher:
        for _ in range(2):
            fetcher.fetch(Request(site.url()))
        gaps = [b.started - a.ended for a, b in zip(site.asked, site.asked[1:], strict=False)]
        assert len(gaps) == 2
        assert min(gaps) >= 0.39


def test_a_crawl_delay_beyond_reason_means_leave_alone() -> None:
    with serving(robots(b"User-agent: *\nCrawl-delay: 86400\n")) as site:
        assert reason(site) is FetchReason.HOST_SKIPPED
        assert site.pages == []


@pytest.mark.parametrize("status", [404, 401, 403])
def test_no_robots_no_rules(status: int) -> None:
    with serving(robots(b"User-agent: *\nDisallow: /\n", status)) as site:
        assert fetch(site).content == b"x"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_host_that_cannot_say_its_rules_is_skipped_for_the_run(status: int) -> None:
    with serving(robots(b"", status)) as site, fetcher_for() as fetcher:
        for path in ("/a", "/b"):
            with pytest.raises(FetchError) as caught:
                fetcher.fetch(Request(site.url(path)))
            assert caught.value.reason is FetchReason.HOST_SKIPPED
        assert [a.target for a in site.asked] == ["/robots.txt"] * 3


def test_robots_of_10_megabytes_is_read_to_500_kibibytes() -> None:
    body = b"User-agent: *\nDisallow: /no\n" + b"#" * 100 + b"\n" + b"Disallow: /x\n" * 800_000
    with serving(robots(body)) as site:
        assert fetch(site, "/yes").content == b"x"
        assert reason(site, "/no") is FetchReason.ROBOTS


def test_robots_redirected() -> None:
    def answer(asked: Asked, number: int) -> bytes:
        if asked.target == "/robots.txt":
            return reply(301, b"", "Location: /r")
        return reply(200, b"User-agent: *\nDisallow: /no\n" if asked.target == "/r" else b"x")

    with serving(answer) as site:
        assert fetch(site, "/yes").content == b"x"
        assert reason(site, "/no") is FetchReason.ROBOTS
    with serving(robots(b"", 302, "Location: /robots.txt")) as site:
        assert fetch(site).content == b"x"  # a loop means that there are no rules
    with serving(robots(b"", 302, "Location: http://www.example.com/")) as site:
        assert reason(site) is FetchReason.HOST_SKIPPED
        assert site.pages == []


def test_robots_that_does_not_come() -> None:
    with serving(
        lambda asked, number: [1.0] if asked.target == "/robots.txt" else reply(200, b"x")
    ) as site:
        assert reason(site) is FetchReason.HOST_SKIPPED
        assert site.pages == []


def test_robots_is_kept_for_24_hours() -> None:
    now = [0.0]
    with serving(robots()) as site, fetcher_for(clock=lambda: now[0]) as fetcher:
        for hour, asked in ((0, 1), (23, 1), (25, 2), (48, 2)):
            now[0] = hour * 3600.0
            fetcher.fetch(Request(site.url()))
            assert len(site.asked) - len(site.pages) == asked


def test_a_dead_host_is_left_alone_after_a_few_addresses() -> None:
    with serving(pages([[RESET]])) as site, fetcher_for(replace(QUICK, tries=1)) as fetcher:
        found = []
        for number in range(limits.HOST_FAULTS + 2):
            with pytest.raises(FetchError) as caught:
                fetcher.fetch(Request(site.url(f"/{number}")))
            found.append(caught.value.reason)
        assert found == [FetchReason.CONNECT] * limits.HOST_FAULTS + [FetchReason.HOST_SKIPPED] * 2
        assert len(site.pages) == limits.HOST_FAULTS


@pytest.mark.parametrize("contact", ["", "nobody", "a@b.cn\r\nX: y", "年报@example.org"])
def test_a_contact_is_needed(contact: str) -> None:
    with pytest.raises(ValueError, match="contact"):
        FetchPolicy(contact=contact)
