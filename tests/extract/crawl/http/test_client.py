"""Fetching against real servers on loopback: retries, redirects, conditional requests, sizes and
times.
"""

import gzip
from contextlib import ExitStack
from dataclasses import replace

import pytest

from extract.crawl.http.messages import FetchError, FetchReason, Known, Request
from tests.extract.crawl.http.fetching import OTHER, QUICK, fetch, fetcher_for, pages, reason
from tests.extract.crawl.servers import RESET, Asked, Piece, reply, serving


def test_an_answer_is_whole_and_says_where_it_came_from() -> None:
    def answer(asked: Asked, number: int) -> bytes:
        return reply(
            200,
            gzip.compress("年报".encode()),
            "Content-Encoding: gzip",
            'ETag: "1"',
            "X-Two: a",
            "X-Two: b",
        )

    with serving(answer) as site:
        got = fetch(site, "/年报.html?a=1#top")
        assert (got.status, got.content, got.url) == (
            200,
            "年报".encode(),
            site.url("/%E5%B9%B4%E6%8A%A5.html?a=1"),
        )
        assert got.headers["etag"] == '"1"'
        assert got.headers["x-two"] == "a, b"
        assert "content-encoding" not in got.headers
        asked = site.pages[0]
        assert asked.target == "/%E5%B9%B4%E6%8A%A5.html?a=1"
        assert asked.headers["host"] == f"www.test.gov.cn:{site.port}"
        assert asked.headers["user-agent"] == "nianbao (+data@example.org)"
        assert asked.headers["accept-encoding"] == "gzip, deflate"


def test_forms_and_json_are_posted() -> None:
    with serving(pages([reply(200, b"x")])) as site, fetcher_for() as fetcher:
        fetcher.fetch(
            Request(
                site.url("/s"),
                "POST",
                data={"classsql": "chnlid=1813", "name": "年报"},
                headers={"Referer": "http://www.test.gov.cn/"},
            )
        )
        fetcher.fetch(Request(site.url("/s"), "POST", json={"pageIndex": 1}))
        form, json = site.pages
        assert (form.method, form.body) == (
            "POST",
            b"classsql=chnlid%3D1813&name=%E5%B9%B4%E6%8A%A5",
        )
        assert form.headers["content-type"] == "application/x-www-form-urlencoded"
        assert form.headers["referer"] == "http://www.test.gov.cn/"
        assert json.headers["content-type"] == "application/json"
        assert json.body.replace(b" ", b"") == b'{"pageIndex":1}'


def test_what_a_header_cannot_hold_is_encoded_and_what_a_body_cannot_hold_is_refused() -> None:
    with serving(pages([reply(200, b"x")])) as site, fetcher_for() as fetcher:
        headers = {
            "Referer": "http://www.a.gov.cn/年报%20a?b=c\r\nX: y\ud800",
            "User-Agent": "other",
            "Accept-Encoding": "br",
        }
        fetcher.fetch(Request(site.url(), headers=headers))
        assert (
            site.pages[0].headers["referer"]
            == "http://www.a.gov.cn/%E5%B9%B4%E6%8A%A5%20a?b=c%0D%0AX: y?"
        )
        assert site.pages[0].headers["user-agent"] == QUICK.user_agent
        assert "x" not in site.pages[0].headers
        for request in (
            Request(site.url(), "POST", data={"a": "\ud800"}),
            Request(site.url(), "POST", json={"a": "\ud800"}),
            Request(site.url("/\ud800")),
        ):
            with pytest.raises(FetchError) as caught:
                fetcher.fetch(request)
            assert caught.value.reason is FetchReason.REFUSED_ADDRESS
        assert len(site.pages) == 1


# Retries: what may be transient is tried three times, and an answer is never half.


def test_two_503_then_200() -> None:
    with serving(pages([reply(503), reply(503), reply(200, b"x")])) as site:
        assert fetch(site).content == b"x"
        assert len(site.pages) == 3


def test_three_503() -> None:
    with serving(pages([reply(503)])) as site:
        assert reason(site) is FetchReason.HTTP_ERROR
        assert len(site.pages) == 3


def test_retry_after_is_waited_for_in_real_time() -> None:
    with serving(pages([reply(429, b"", "Retry-After: 3"), reply(200, b"x")])) as site:
        assert fetch(site).content == b"x"
        assert site.pages[1].started - site.pages[0].ended >= 3.0


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("Retry-After: 600", 600.0),
        ("Retry-After: Tue, 24 Nov 2026 10:01:00 GMT", 60.0),
        ("Retry-After: soon", 0.0),
    ],
)
def test_retry_after_as_a_number_and_as_a_date(header: str, wait: float) -> None:
    slept: list[float] = []
    with (
        serving(
            pages(
                [reply(503, b"", "Date: Tue, 24 Nov 2026 10:00:00 GMT", header), reply(200, b"x")]
            )
        ) as site,
        fetcher_for(sleep=slept.append) as fetcher,
    ):
        assert fetcher.fetch(Request(site.url())).content == b"x"
        assert max(slept) == pytest.approx(max(wait, QUICK.backoff), abs=0.5)


def test_a_host_that_wants_a_longer_rest_is_left_alone() -> None:
    with serving(pages([reply(429, b"", "Retry-After: 601")])) as site, fetcher_for() as fetcher:
        for _ in range(3):
            with pytest.raises(FetchError) as caught:
                fetcher.fetch(Request(site.url()))
            assert caught.value.reason is FetchReason.HOST_SKIPPED and "601" in caught.value.detail
        assert len(site.pages) == 1
        assert fetcher.counts()["hosts_skipped"] == 1


def test_the_rest_doubles() -> None:
    slept: list[float] = []
    with (
        serving(pages([reply(503)])) as site,
        fetcher_for(
            replace(QUICK, tries=4, backoff=1.0), clock=lambda: 0.0, sleep=slept.append
        ) as fetcher,
    ):
        with pytest.raises(FetchError):
            fetcher.fetch(Request(site.url()))
        assert slept[-3:] == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_asked_once(status: int) -> None:
    with serving(pages([reply(status)])) as site:
        assert reason(site) is FetchReason.NOT_FOUND
        assert len(site.pages) == 1


@pytest.mark.parametrize("status", [206, 304, 400, 403, 451, 501])
def test_other_statuses_are_no_answer(status: int) -> None:
    with serving(pages([reply(status)])) as site:
        assert reason(site) is FetchReason.HTTP_ERROR
        assert len(site.pages) == 1


HALVES: dict[str, list[Piece]] = {
    "reset in mid-body": [reply(200, b"half", length=100), 0.05, RESET],
    "short against its length": [reply(200, b"half", length=100)],
    "chunks without an end": [b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"],
    "gzip that ends early": [reply(200, gzip.compress(b"x" * 5000)[:-9], "Content-Encoding: gzip")],
}


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_half_an_answer_is_retried_and_never_given(half: list[Piece]) -> None:
    with serving(pages([half, half, reply(200, b"whole")])) as site:
        assert fetch(site).content == b"whole"
        assert len(site.pages) == 3
    with serving(pages([half])) as site:
        assert reason(site) is FetchReason.TRUNCATED
        assert len(site.pages) == 3


def test_a_connection_that_breaks_before_the_answer_is_retried() -> None:
    with serving(pages([[RESET], [0.0], reply(200, b"x")])) as site:
        assert fetch(site).content == b"x"
    with serving(pages([[b"nonsense\r\n\r\n"]])) as site:
        assert reason(site) is FetchReason.CONNECT


def test_nobody_listens() -> None:
    with serving(pages([b""])) as site:
        pass
    assert reason(site) is FetchReason.CONNECT


# Times and sizes.


def test_an_answer_that_does_not_come() -> None:
    with serving(pages([[10.0]])) as site:
        assert reason(site, fetch_policy=replace(QUICK, read=0.2, tries=2)) is FetchReason.TIMEOUT
        assert [asked.ended for asked in site.pages] == [0.0, 0.0], "no answer was waited for"


@pytest.mark.parametrize("head", [b"", reply(200, b"", length=10_000)], ids=["head", "body"])
def test_an_answer_that_drips_ends_at_the_whole_time(head: bytes) -> None:
    drip = [head, *[piece for i in range(100) for piece in (b"H"[: not head] or b"x", 0.1)]]
    with serving(pages([drip])) as site:
        assert reason(site, fetch_policy=replace(QUICK, whole=0.5, tries=1)) is FetchReason.TIMEOUT
        assert [asked.ended for asked in site.pages] == [0.0], "it still drips"


@pytest.mark.parametrize(
    "large",
    [
        reply(200, b"", length=10**9),
        b"HTTP/1.1 200 X\r\n\r\n" + b"x" * 20_000,
        reply(200, gzip.compress(bytes(10**7)), "Content-Encoding: gzip"),
    ],
    ids=["declared", "sent", "unpacked"],
)
def test_too_large(large: bytes) -> None:
    with serving(pages([[large]])) as site:
        assert reason(site, fetch_policy=replace(QUICK, size=10_100)) is FetchReason.TOO_LARGE
        assert len(site.pages) == 1


def test_a_coding_that_was_not_asked_for() -> None:
    with serving(pages([reply(200, b"x", "Content-Encoding: br")])) as site:
        assert reason(site) is FetchReason.CODING


# Redirects, each judged like a first address.


def test_redirects_are_followed() -> None:
    def answer(asked: Asked, number: int) -> bytes:
        step = asked.target.removeprefix("/")
        if asked.target == "/robots.txt":
            return b""
        return (
            reply(302, b"", f"Location: {int(step) - 1}", f"Set-Cookie: step={step}")
            if step != "0"
            else reply(200, b"x")
        )

    with serving(answer) as site:
        assert fetch(site, "/5").url == site.url("/0")
        assert site.pages[-1].headers["cookie"] == "step=1"
        assert reason(site, "/6") is FetchReason.TOO_MANY_REDIRECTS


def test_a_redirect_in_the_sites_own_encoding() -> None:
    moved = (
        b"HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: /"
        + "年报".encode("gb18030")
        + b".html\r\n\r\n"
    )
    with serving(
        lambda asked, number: (
            moved
            if asked.target == "/a.html"
            else reply(200, b"x")
            if "%C4%EA" in asked.target
            else b""
        )
    ) as site:
        assert fetch(site).url.endswith("/%C4%EA%B1%A8.html")


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(302, "GET", b""), (303, "GET", b""), (307, "POST", b"a=1"), (308, "POST", b"a=1")],
)
def test_what_becomes_of_a_post(status: int, method: str, body: bytes) -> None:
    with serving(
        lambda asked, number: (
            reply(status, b"", "Location: /b") if asked.target == "/a" else reply(200, b"")
        )
    ) as site:
        with fetcher_for() as fetcher:
            fetcher.fetch(Request(site.url("/a"), "POST", data={"a": "1"}))
        assert (site.pages[-1].method, site.pages[-1].body) == (method, body)


@pytest.mark.parametrize(
    "target",
    [
        "http://other.example.com/",
        "file:///etc/passwd",
        "http://10.0.0.1/",
        "http://user@www.test.gov.cn/",
        "http://2130706433/",
        "//[::1",
        "data:,x",
    ],
)
def test_a_redirect_to_a_refused_address(target: str) -> None:
    with serving(pages([reply(301, b"", f"Location: {target}")])) as site:
        assert reason(site) is FetchReason.REFUSED_ADDRESS
        assert len(site.pages) == 1


def test_a_redirect_to_another_host_meets_that_hosts_rules() -> None:
    with ExitStack() as stack:
        other = stack.enter_context(
            serving(
                lambda asked, number: (
                    reply(200, b"User-agent: *\nDisallow: /b")
                    if asked.target == "/robots.txt"
                    else reply(200)
                )
            )
        )
        first = stack.enter_context(
            serving(
                lambda asked, number: reply(
                    302, b"", f"Location: {other.url(asked.target, 'other.example.com')}"
                )
            )
        )
        with fetcher_for() as fetcher:
            assert fetcher.fetch(Request(first.url("/a")), OTHER).url == other.url(
                "/a", "other.example.com"
            )
            with pytest.raises(FetchError) as caught:
                fetcher.fetch(Request(first.url("/b")), OTHER)
        assert caught.value.reason is FetchReason.ROBOTS
        assert [a.target for a in other.pages] == ["/a"]


# Conditional requests.


def test_an_unchanged_address_answers_304() -> None:
    def answer(asked: Asked, number: int) -> bytes:
        if asked.headers.get("if-none-match") == '"1"' and "if-modified-since" in asked.headers:
            return reply(304, b"", 'ETag: "1"')
        return reply(200, b"x", 'ETag: "1"', "Last-Modified: Tue, 24 Nov 2026 10:00:00 GMT")

    with (
        serving(
            lambda asked, number: b"" if asked.target == "/robots.txt" else answer(asked, number)
        ) as site,
        fetcher_for() as fetcher,
    ):
        first = fetcher.fetch(Request(site.url()))
        known = Known(first.url, first.headers["etag"], first.headers["last-modified"])
        again = fetcher.fetch(Request(site.url()), known=known)
        assert (again.status, again.content) == (304, b"")
        assert (
            fetcher.fetch(Request(site.url()), known=replace(known, url=site.url("/before"))).status
            == 200
        )
        assert fetcher.counts()["not_modified"] == 1
        assert site.connections == 1  # connections are kept
