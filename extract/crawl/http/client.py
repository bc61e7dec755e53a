"""One polite, guarded request after the other: `Fetcher.fetch` gives a whole answer or a
`FetchError` with a reason from a closed list.

Of every request, and again at every redirect (at most 5, followed here): the address may be asked
(`policy`, and at connect time `connection`), the host's robots.txt allows it (fetched first, kept
24 hours; where it cannot be had, the host is left alone for the run), the host's turn has come
(`throttle`). An answer is never half (`body`). What may be transient is tried 3 times with growing
rests, and `Retry-After` is obeyed up to 10 minutes. The User-Agent names the project and a contact.
Cookies live for one chain of redirects only.

Conditional requests: the caller gives what its fetch log knows (`Known`), and an answer of status
304 says that nothing changed. A cache library (hishel) would keep every body a second time and
decide by HTTP's rules of freshness not to ask at all; two header lines do what is needed here.

    with Fetcher(FetchPolicy(contact="data@example.org")) as fetcher:
        answer = fetcher.fetch(Request("https://www.example.gov.cn/a.html"),
        known=vault.known("https://www.example.gov.cn/a.html"))

Threads may share a Fetcher; one thread a host is enough, because a host takes one request at a
time. State lives as long as the Fetcher: one run. Out of scope: what to fetch (`sites`), where
it is kept (`vault`), pages that are made by script.
"""

import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote, urljoin, urlsplit

import httpcore
import httpx

from extract import limits
from extract.crawl.http.body import ACCEPTED, BodyError, BodyFault, read_body
from extract.crawl.http.connection import Connections
from extract.crawl.http.messages import (
    NOT_MODIFIED,
    FetchError,
    FetchReason,
    Known,
    Request,
    Response,
)
from extract.crawl.http.policy import (
    NO_RULES,
    NO_TERMS,
    Address,
    AddressRefused,
    FetchPolicy,
    RobotsRules,
    Terms,
    checked,
    rules_of,
)
from extract.crawl.http.throttle import SkippedHosts, Throttle, retry_after

_FOR_ONE_HOST: Final = frozenset({"authorization", "cookie"})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})  # worth another try
_GONE: Final = frozenset({404, 410})
_UNREAD: Final = 64 * 1024  # so much of an error's page is read, to keep the connection
# what a header may hold as it is; a Referer may hold more
_PLAIN: Final = "".join(map(chr, range(0x20, 0x7F)))
# they speak of the bytes as sent
_UNDONE: Final = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_RETRIED: Final = frozenset({FetchReason.TIMEOUT, FetchReason.CONNECT, FetchReason.TRUNCATED})
_BODY_REASONS: Final = {
    BodyFault.TOO_LARGE: FetchReason.TOO_LARGE,
    BodyFault.TRUNCATED: FetchReason.TRUNCATED,
    BodyFault.CODING: FetchReason.CODING,
}


# fetches a request within so many seconds
FetchPart = Callable[[Request, float], Response]


@dataclass(frozen=True, slots=True)
class _FetchContext:
    """What holds for one fetch over all its redirects."""

    terms: Terms
    whole: float  # seconds a request may last
    size: int
    known: Known | None = None
    for_robots: bool = False
    is_part: bool = False  # of a page that a browser shows, in whose turn it is fetched
    # the host of the first address: a reason not to verify certificates holds for it alone
    own: str = ""
    unverified: bool = False  # the TLS of the host that is asked now
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)


class Fetcher:
    """Fetches for one run. `counts()` says what it did.

    `connections`, `clock` (monotonic seconds) and `sleep` are replaced by tests.
    """

    def __init__(
        self,
        fetch_policy: FetchPolicy,
        connections: Connections | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._policy = fetch_policy
        self._connections = connections or Connections(
            loopback=fetch_policy.loopback, ca_file=fetch_policy.ca_file
        )
        self._clock = clock
        self._throttle = Throttle(fetch_policy.gap, clock, sleep)
        self._skipped = SkippedHosts()
        self._lock = threading.Lock()  # for the two below
        self._robots: dict[str, tuple[float, RobotsRules]] = {}
        self._counts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connections.close()

    def counts(self) -> dict[str, int]:
        """So far: `requests` sent (robots.txt included), `robots`, `retries`, `unverified` (TLS),
        `robots_ignored`, `not_modified`, `bytes` of content, `hosts_skipped`.
        """
        with self._lock:
            return {**self._counts, "hosts_skipped": len(self._skipped)}

    def fetch(
        self, request: Request, terms: Terms = NO_TERMS, known: Known | None = None
    ) -> Response:
        """The whole answer: status 2xx, or 304 if `known` was given and still holds.

        Raises FetchError.
        """
        return self._follow(
            request, _FetchContext(terms, self._policy.whole, self._policy.size, known)
        )

    @contextmanager
    def page(self, url: str, terms: Terms) -> Iterator[FetchPart]:
        """The turn of a page's host, for a browser that shows the page: gives what fetches the page
        and its parts, without further turns, as one visit. FetchError where robots.txt forbids the
        page or its host is left alone.

        Every address is judged as for `fetch`, that of every redirect too.
        """
        address = self._address(url, terms)
        context = _FetchContext(terms, self._policy.whole, self._policy.size, own=address.host)
        self._skipped.refuse(str(address.url), address.host, context.unverified)
        delay = self._delay_by_robots(address, context)
        with self._throttle.turn(address.host, delay, terms.gap):
            yield partial(self._part, context)

    def _part(self, context: _FetchContext, request: Request, seconds: float) -> Response:
        if seconds <= 0:
            raise FetchError(FetchReason.TIMEOUT, request.url, "the page took too long")
        whole = min(seconds, context.whole)
        return self._follow(request, replace(context, whole=whole, is_part=True))

    def _follow(self, request: Request, context: _FetchContext) -> Response:
        for _ in range(limits.FETCH_REDIRECTS + 1):
            address = self._address(request.url, context.terms)
            own = context.own or address.host
            context = replace(
                context, own=own, unverified=bool(context.terms.unverified) and address.host == own
            )
            self._skipped.refuse(str(address.url), address.host, context.unverified)
            if context.is_part:
                answer = _judged(self._once(request, address, context), context)
            else:
                delay = self._delay_by_robots(address, context)
                answer = self._tried(request, address, context, delay)
            if answer.status not in _REDIRECTS:
                return answer
            request = _redirected(request, answer)
        raise FetchError(
            FetchReason.TOO_MANY_REDIRECTS,
            request.url,
            f"more than {limits.FETCH_REDIRECTS} redirects",
        )

    def _delay_by_robots(self, address: Address, context: _FetchContext) -> float:
        """The least gap in seconds that the host's robots.txt asks for. FetchError where it forbids
        the address.
        """
        if context.terms.robots_ignored and address.host == context.own:
            self._count("robots_ignored")
            return 0.0
        if context.for_robots:
            return 0.0
        rules = self._rules(address, context)
        if not rules.allow(str(address.url)):
            raise FetchError(
                FetchReason.ROBOTS, str(address.url), "forbidden by the host's robots.txt"
            )
        return rules.delay

    def _address(self, url: str, terms: Terms) -> Address:
        try:
            return checked(url, terms, self._policy.loopback)
        except AddressRefused as refused:
            raise FetchError(FetchReason.REFUSED_ADDRESS, url, str(refused)) from refused

    def _rules(self, address: Address, context: _FetchContext) -> RobotsRules:
        """What the host's robots.txt says, fetched if need be.

        Raises FetchError and leaves the host alone where it cannot be had.
        """
        with self._lock:
            at, rules = self._robots.get(address.origin, (float("-inf"), NO_RULES))
        if self._clock() - at < limits.ROBOTS_FRESH_SECONDS:
            return rules
        self._count("robots")
        where = str(address.url.copy_with(path="/robots.txt", query=None))
        asked = replace(
            context,
            whole=self._policy.robots,
            size=limits.ROBOTS_BYTES,
            known=None,
            for_robots=True,
            cookies=httpx.Cookies(),
        )
        try:
            answer = self._follow(Request(where), asked)
            rules = rules_of(answer.status, answer.content, self._policy.agent)
        except FetchError as error:
            none = error.reason is FetchReason.TOO_MANY_REDIRECTS or (
                error.status is not None and 400 <= error.status < 500 and error.status not in _BUSY
            )
            if not none:
                raise self._without_rules(address, context, where, error) from error
            rules = NO_RULES
        if rules.delay > limits.ROBOTS_DELAY_SECONDS:
            raise self._skip(
                address, context, f"robots.txt asks for {rules.delay:g} s between two requests"
            )
        with self._lock:
            self._robots[address.origin] = (self._clock(), rules)
            if len(self._robots) > limits.ROBOTS_KEPT:
                del self._robots[next(iter(self._robots))]
        return rules

    def _without_rules(
        self, address: Address, context: _FetchContext, where: str, error: FetchError
    ) -> FetchError:
        """The host's own fault keeps its reason, because the page itself would have met it too; any
        other makes the host be left alone.
        """
        if error.url == where and error.reason in (
            FetchReason.REFUSED_ADDRESS,
            FetchReason.TLS,
            FetchReason.CONNECT,
        ):
            if error.reason is FetchReason.CONNECT:
                self._skip(address, context, f"it could not be reached ({error.detail})")
            return FetchError(error.reason, str(address.url), error.detail)
        return self._skip(
            address,
            context,
            f"its robots.txt cannot be had ({error.reason}: {error.detail})",
            error.status,
        )

    def _skip(
        self, address: Address, context: _FetchContext, why: str, status: int | None = None
    ) -> FetchError:
        self._skipped.add(address.host, context.unverified, why)
        return FetchError(FetchReason.HOST_SKIPPED, str(address.url), why, status)

    def _tried(
        self, request: Request, address: Address, context: _FetchContext, delay: float
    ) -> Response:
        """The answer after at most `tries` requests, each in a turn of its own so that the host's
        gap holds for them too.
        """
        for attempt in range(1, self._policy.tries + 1):
            rest = min(self._policy.backoff * 2 ** (attempt - 1), limits.FETCH_BACKOFF_CAP_SECONDS)
            with self._throttle.turn(address.host, delay, context.terms.gap):
                self._skipped.refuse(str(address.url), address.host, context.unverified)
                try:
                    answer = self._once(request, address, context)
                except FetchError as error:
                    failure = error
                else:
                    if answer.status not in _BUSY:
                        self._skipped.count(address.host, context.unverified, None)
                        return _judged(answer, context)
                    failure = FetchError(
                        FetchReason.HTTP_ERROR, answer.url, f"status {answer.status}", answer.status
                    )
                    wanted = retry_after(answer.headers)
                    if wanted > limits.FETCH_RETRY_AFTER_SECONDS:
                        raise self._skip(
                            address,
                            context,
                            f"it answers {answer.status} and asks to wait {wanted:g} s",
                            answer.status,
                        )
                    rest = max(rest, wanted)
                again = failure.reason in _RETRIED or failure.status is not None
                if again:
                    self._throttle.hold(address.host, rest)
            if not again or attempt == self._policy.tries:
                break
            self._count("retries")
        self._skipped.count(address.host, context.unverified, failure)
        raise failure

    def _once(self, request: Request, address: Address, context: _FetchContext) -> Response:
        """One request and its answer, whatever its status. Raises FetchError."""
        url = str(address.url)
        unverified = context.unverified and address.url.scheme == "https"
        try:
            sent = httpx.Request(
                request.method,
                address.url,
                headers=self._headers(request, url, context),
                data=request.data,
                json=request.json,
                content=request.content,
            )
        except (UnicodeError, TypeError) as error:
            raise FetchError(
                FetchReason.REFUSED_ADDRESS, url, f"the request cannot be written ({error})"
            ) from error
        context.cookies.set_cookie_header(sent)
        self._count("requests")
        if unverified:
            self._count("unverified")
        try:
            answer = self._connections.send(
                sent, unverified, self._policy.connect, self._policy.read, context.whole
            )
        except AddressRefused as error:
            raise FetchError(FetchReason.REFUSED_ADDRESS, url, str(error)) from error
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise FetchError(
                _broken(error, FetchReason.CONNECT), url, str(error) or type(error).__name__
            ) from error
        try:
            head = httpx.Response(answer.status, headers=answer.headers, request=sent)
            context.cookies.extract_cookies(head)
            content = _content(answer, head, context)
        except BodyError as error:
            raise FetchError(_BODY_REASONS[error.fault], url, str(error)) from error
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise FetchError(
                _broken(error, FetchReason.TRUNCATED), url, str(error) or type(error).__name__
            ) from error
        finally:
            answer.close()
        self._count("bytes", len(content))
        if answer.status == NOT_MODIFIED:
            self._count("not_modified")
        headers = {k.lower(): v for k, v in head.headers.items() if k.lower() not in _UNDONE}
        if cookies := head.headers.get_list("set-cookie"):
            headers["set-cookie"] = "\n".join(cookies)  # a comma may stand within each
        return Response(url, answer.status, headers | _location(answer), content)

    def _headers(self, request: Request, url: str, context: _FetchContext) -> httpx.Headers:
        headers = httpx.Headers({"Accept": "*/*", "Accept-Language": "zh-CN,zh;q=0.9"})
        headers.update(
            {
                name: quote(value, safe=_PLAIN, errors="replace")
                for name, value in request.headers.items()
            }
        )
        headers.update({"User-Agent": self._policy.user_agent, "Accept-Encoding": ACCEPTED})
        if context.known is not None and context.known.url == url:
            headers.update(
                {
                    k: v
                    for k, v in (
                        ("If-None-Match", context.known.etag),
                        ("If-Modified-Since", context.known.last_modified),
                    )
                    if v
                }
            )
        return headers

    def _count(self, what: str, by: int = 1) -> None:
        with self._lock:
            self._counts[what] += by


def _content(answer: httpcore.Response, head: httpx.Response, context: _FetchContext) -> bytes:
    """The body of an answer that is wanted; of any other a little is read and thrown away.

    Raises BodyError and httpcore's errors.
    """
    if 200 <= answer.status < 300:
        length = head.headers.get("content-length", "")
        declared = int(length) if length.isascii() and length.isdigit() else None
        return read_body(
            answer.iter_stream(),
            head.headers.get("content-encoding", ""),
            declared,
            context.size,
            cut=context.for_robots,
        )
    # the status says enough
    with suppress(
        BodyError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError
    ):
        read_body(answer.iter_stream(), "", None, _UNREAD, cut=True)
    return b""


def _location(answer: httpcore.Response) -> dict[str, str]:
    """The header of a redirect with every byte beyond ASCII percent-encoded as it is: such a path
    is in the site's own encoding, often GBK.
    """
    for name, value in answer.headers:
        if name.lower() == b"location":
            return {"location": "".join(chr(b) if b < 0x80 else f"%{b:02X}" for b in value)}
    return {}


def _judged(answer: Response, context: _FetchContext) -> Response:
    """An answer that is given to the caller or followed; FetchError for every other status."""
    status = answer.status
    conditional = context.known is not None and context.known.url == answer.url
    if (
        status in (200, 201, 202, 203, 204, 205)
        or (status == NOT_MODIFIED and conditional)
        or (status in _REDIRECTS and answer.headers.get("location"))
    ):
        return answer
    if status in _GONE:
        raise FetchError(FetchReason.NOT_FOUND, answer.url, f"status {status}", status)
    said = "part of the file, which was not asked for" if status == 206 else f"status {status}"
    raise FetchError(FetchReason.HTTP_ERROR, answer.url, said, status)


def _redirected(request: Request, answer: Response) -> Request:
    """The request that a redirect asks for: as browsers do it, a POST becomes a GET unless the
    status is 307 or 308.
    """
    try:
        target = urljoin(answer.url, answer.headers["location"].strip())
    except ValueError as error:
        raise FetchError(
            FetchReason.REFUSED_ADDRESS,
            answer.headers["location"],
            f"a redirect to no address ({error})",
        ) from error
    headers = request.headers
    if urlsplit(target).netloc != urlsplit(answer.url).netloc:
        headers = {k: v for k, v in headers.items() if k.lower() not in _FOR_ONE_HOST}
    if answer.status in (307, 308):
        return replace(request, url=target, headers=headers)
    return Request(target, "GET", headers=headers)


def _broken(error: Exception, otherwise: FetchReason) -> FetchReason:
    """The reason for an error of the network, by what is under it."""
    if isinstance(error, httpcore.TimeoutException):
        return FetchReason.TIMEOUT
    cause = error.args[0] if error.args else None  # httpcore puts the error beneath there
    if (
        isinstance(error, httpcore.ConnectError)
        and isinstance(cause, ssl.SSLError)
        and not isinstance(cause, ssl.SSLEOFError)
    ):
        return FetchReason.TLS
    return otherwise
