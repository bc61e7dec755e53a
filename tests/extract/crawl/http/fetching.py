"""Fetches from a small server on loopback, quickly, for tests."""

from collections.abc import Iterable
from typing import Any

import pytest

from extract.crawl.http.client import Fetcher
from extract.crawl.http.connection import Connections
from extract.crawl.http.messages import FetchError, FetchReason, Known, Request, Response
from extract.crawl.http.policy import NO_TERMS, FetchPolicy, Terms
from tests.extract.crawl.servers import Answer, Piece, Site

QUICK = FetchPolicy(
    contact="data@example.org",
    gap=0.0,
    backoff=0.01,
    connect=2.0,
    read=1.0,
    whole=3.0,
    robots=0.3,
    loopback=True,
)
OTHER = Terms(hosts=("other.example.com",))


def fetcher_for(fetch_policy: FetchPolicy = QUICK, **options: Any) -> Fetcher:
    """A fetcher for which every host name is loopback."""
    return Fetcher(
        fetch_policy,
        Connections(loopback=True, resolve=lambda host, port: ["127.0.0.1"]),
        **options,
    )


def fetch(
    site: Site,
    path: str = "/a.html",
    fetch_policy: FetchPolicy = QUICK,
    terms: Terms = NO_TERMS,
    known: Known | None = None,
) -> Response:
    with fetcher_for(fetch_policy) as fetcher:
        return fetcher.fetch(Request(site.url(path)), terms, known)


def reason(
    site: Site, path: str = "/a.html", fetch_policy: FetchPolicy = QUICK, terms: Terms = NO_TERMS
) -> FetchReason:
    with pytest.raises(FetchError) as caught:
        fetch(site, path, fetch_policy, terms)
    assert str(caught.value).startswith(f"{caught.value.reason}: {caught.value.url}: ")
    return caught.value.reason


def pages(answers: Iterable[bytes | Iterable[Piece]]) -> Answer:
    """A site without robots.txt whose pages give the answers one after the other, the last one for
    ever.
    """
    kept = list(answers)
    return lambda asked, number: (
        b"" if asked.target == "/robots.txt" else kept[min(number, len(kept)) - 1]
    )
