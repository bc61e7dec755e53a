"""Drives the pure part of the crawler in tests: against the small web, or against answers held in a
dict.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from extract.crawl.http.messages import Request, Response
from extract.crawl.sites.detail_page import file_fault, open_item
from extract.crawl.sites.listing import list_reports
from extract.crawl.sites.results import Listing, Opened, drive
from extract.crawl.sources import Source

Ask = Callable[[Request], Response | None]
Answerer = str | bytes | int | None | Callable[[Request], Any]


@contextmanager
def client() -> Iterator[Ask]:
    """Fetches without pace or robots; a broken connection is None."""
    with httpx.Client(follow_redirects=True, trust_env=False, timeout=10) as http:

        def ask(request: Request) -> Response | None:
            try:
                answer = http.request(
                    request.method,
                    request.url,
                    data=request.data,
                    json=request.json,
                    headers=dict(request.headers),
                )
            except httpx.HTTPError:
                return None
            return Response(
                str(answer.url),
                answer.status_code,
                {k.lower(): v for k, v in answer.headers.items()},
                answer.content,
            )

        yield ask


def source(url: str, **more: Any) -> Source:
    """A source of one list."""
    host = httpx.URL(url).netloc.decode()
    return Source.model_validate(
        {"id": "test", "site": host, "agency": "云岭市财政局", "lists": [url], **more}
    )


class Held:
    """Answers from a table by address: text, bytes, a status, None for no answer, or a function of
    the request. `asked` is the log.
    """

    def __init__(self, table: Mapping[str, Answerer]) -> None:
        self.table = table
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Response | None:
        self.asked.append(request)
        found: Any = self.table.get(request.url, self.table.get(request.url.split("?")[0], 404))
        if callable(found):
            found = found(request)
        if found is None or isinstance(found, Response):
            return found
        if isinstance(found, int):
            return Response(request.url, found, {}, b"")
        return Response(request.url, 200, {}, found.encode() if isinstance(found, str) else found)


def listed(source: Source, ask: Ask) -> list[Listing]:
    """The listings of all of a source's columns."""
    return [drive(list_reports(source, column), ask) for column in source.report_lists()]


def opened(source: Source, listing: Listing, ask: Ask) -> list[Opened]:
    """Every entry of a listing, opened."""
    return [drive(open_item(source, item), ask) for item in listing.items]


def brought(found: Opened, ask: Ask) -> dict[str, tuple[str, str]]:
    """sha256 to (address, role) of an entry's documents; attachments are fetched and judged."""
    home = {}
    for paper in found.files:
        response = paper.response or ask(paper.request)
        if response is not None and file_fault(response) is None:
            home[hashlib.sha256(response.content).hexdigest()] = (response.url, paper.role)
    return home
