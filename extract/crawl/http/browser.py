"""A page that scripts make, shown in a headless Chromium and taken as HTML:
`render(url, terms, fetcher)` gives the page as it stands at last.

Every page gets a browser of its own with an empty profile. Two things keep it from the network.
Each request of the page, of its frames and of its workers is answered here, with what `fetcher`
gets for it under the rules of every fetch (addresses and those of redirects, limits, our name);
and Chromium itself is started with a proxy that leads nowhere, resolves no names and speaks no UDP,
so that what is no request of a page (a preconnect, a WebSocket, WebRTC) ends in nothing. Pictures,
fonts and films are not fetched, service and shared workers are off, files are not saved.

The page counts once it is loaded and its requests have rested for half a second; one that never
rests is a timeout, because half a list looks like a whole one. The result is the document as it
stands then, in UTF-8 with a byte order mark, whatever its own `meta` declares. Frames stay frames,
to be followed by who reads the page. What the page could not load is logged.

Needs the extra `browser` (Playwright, which drives the Chromium of the system) and Chromium. The
sandbox of Chromium is on unless the user is root, for whom it cannot work. Out of scope: which
pages need this (`FaultKind.NEEDS_BROWSER`).
"""

import contextlib
import json
import logging
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict

import httpx

from data import ConfigError
from extract import limits
from extract.crawl.http.client import Fetcher, FetchPart
from extract.crawl.http.messages import FetchError, FetchReason, Request, Response
from extract.crawl.http.policy import Terms
from extract.crawl.sites.html_page import open_page
from extract.document import Reason

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Route
    from playwright.sync_api import Request as PageRequest

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS: Final = (
    "--disable-quic",
    "--disable-shared-workers",  # a page that starts one would never be seen to rest
    "--no-pings",
    "--deny-permission-prompts",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    f"--js-flags=--max-old-space-size={limits.BROWSER_HEAP_MIB}",
    "--renderer-process-limit=4",
)
_NOT_LOADED: Final = frozenset({"image", "media", "font"})
# said of the connection, or by the fetcher itself
_NOT_PASSED_ON: Final = frozenset(
    [
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "if-modified-since",
        "if-none-match",
        "keep-alive",
        "proxy-connection",
        "range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    ]
)
_GRACE_SECONDS: Final = 5.0  # beyond the limit, before the browser is killed
_LOOK_SECONDS: Final = 0.1  # between looks at whether a page is done
_BOM: Final = b"\xef\xbb\xbf"
_one_at_a_time: Final = threading.Lock()  # a browser takes a core and some hundred MiB

log = logging.getLogger(__name__)


def program() -> str:
    """The browser's path; ConfigError that says what to install."""
    if find_spec("playwright") is None:
        raise ConfigError(
            "the extra for pages that scripts make is not installed: `pip install "
            "'nianbao[browser]'`, or set NIANBAO_BROWSER=false"
        )
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        names = ", ".join(PROGRAMS)
        raise ConfigError(
            f"no browser is installed ({names}): install Chromium (on Debian `apt-get install "
            "chromium`), or set NIANBAO_BROWSER=false"
        )
    return found


def needs_browser(request: Request, answer: Response) -> bool:
    """Whether an answer is a page that scripts would fill, so that `render` may tell more."""
    return (
        request.method == "GET"
        and answer.status == 200
        and open_page(answer).reason is Reason.NEEDS_BROWSER
    )


def render(
    url: str, terms: Terms, fetcher: Fetcher, *, seconds: float = limits.BROWSER_SECONDS
) -> Response:
    """The page as it stands once its scripts have run, with status 200.

    FetchError as of the fetcher; ConfigError where no browser can start.

    `seconds` is the limit from the browser's start on. One page at a time in a process.
    """
    path = program()
    with _one_at_a_time, fetcher.page(url, terms) as fetch:
        visit = _PageVisit(url, fetch, time.monotonic() + seconds)
        with _browser(path, visit) as page:
            return _shown(page, visit)


# ---- what the page asks for


class _Fulfilment(TypedDict):
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class _PageVisit:
    """One page while it is shown: what it may still spend, and why it failed."""

    url: str
    fetch: FetchPart
    until: float  # monotonic seconds
    failure: FetchError | None = None
    requests: int = 0
    loaded_bytes: int = 0
    # answers that came from another address than was asked, until the browser asks for that
    redirected: dict[str, Response] = field(default_factory=dict)

    def seconds_left(self) -> float:
        return self.until - time.monotonic()

    def fail(self, reason: FetchReason, detail: str, url: str = "") -> None:
        """Give the page up; the first reason stays."""
        self.failure = self.failure or FetchError(reason, url or self.url, detail)

    def answer(self, request: "PageRequest", is_main: bool) -> _Fulfilment | None:
        """What the browser gets for a request of the page; None for nothing. `is_main` where the
        page itself is asked for, whose failure is the page's.
        """
        self.requests += 1
        if self.requests > limits.BROWSER_REQUESTS:
            self.fail(
                FetchReason.TOO_LARGE,
                f"the page asks for more than {limits.BROWSER_REQUESTS} files",
            )
        if self.failure is not None:
            return None
        asked = str(httpx.URL(request.url).copy_with(fragment=None))
        try:
            response = self.redirected.pop(asked, None) or self._fetched(request)
        except FetchError as error:
            if is_main:
                self.failure = error
            log.debug("%s: not loaded: %s", self.url, error)
            return (
                None
                if error.status is None
                else _Fulfilment(status=error.status, headers={}, body=b"")
            )
        if request.is_navigation_request() and response.url != asked:
            self.redirected[response.url] = response
            return _sending_on(response.url)
        if is_main:
            self._judge_page(response)
        return None if self.failure else _as_it_came(response)

    def _fetched(self, request: "PageRequest") -> Response:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _NOT_PASSED_ON}
        asked = Request(
            request.url, request.method, headers=headers, content=request.post_data_buffer
        )
        response = self.fetch(asked, self.seconds_left())
        self.loaded_bytes += len(response.content)
        if self.loaded_bytes > limits.BROWSER_BYTES:
            self.fail(
                FetchReason.TOO_LARGE, f"the page loads more than {limits.BROWSER_BYTES} bytes"
            )
        return response

    def _judge_page(self, response: Response) -> None:
        kind = response.headers.get("content-type", "")
        if response.status != 200:
            self.failure = FetchError(
                FetchReason.HTTP_ERROR,
                response.url,
                f"status {response.status}",
                response.status,
            )
        elif kind and "html" not in kind.lower():
            self.fail(
                FetchReason.HTTP_ERROR, f"the page became a file of type {kind}", response.url
            )


def _as_it_came(response: Response) -> _Fulfilment:
    headers = {k: v for k, v in response.headers.items() if k != "location"}
    return {"status": response.status, "headers": headers, "body": response.content}


def _sending_on(url: str) -> _Fulfilment:
    """A page that leads to where the fetcher was redirected, so that the browser knows the address
    of what it shows.
    """
    target = json.dumps(url).replace("<", "\\u003c")
    body = f"<script>location.replace({target})</script>".encode()
    return {"status": 200, "headers": {"content-type": "text/html; charset=utf-8"}, "body": body}


# ---- the browser


def _shown(page: "Page", visit: _PageVisit) -> Response:
    """Go to the page, wait until it rests, and take it."""
    from playwright.sync_api import Error, TimeoutError

    page.context.route("**/*", lambda route: _answer(route, page, visit))
    page.on("crash", lambda _: visit.fail(FetchReason.TOO_LARGE, _CRASHED))
    try:
        page.goto(visit.url, wait_until="commit", timeout=_milliseconds(visit))
        page.wait_for_load_state("networkidle", timeout=_milliseconds(visit))
        address, markup = page.url, page.content()
    except TimeoutError as error:
        raise visit.failure or _timeout(visit) from error
    except Error as error:
        raise visit.failure or _broken(visit, str(error)) from error
    if visit.failure is not None:
        raise visit.failure
    content = _BOM + markup.encode("utf-8", "replace")
    if len(content) > limits.FETCH_BYTES:
        raise FetchError(
            FetchReason.TOO_LARGE,
            address,
            f"the page became longer than {limits.FETCH_BYTES} bytes",
        )
    return Response(
        address.partition("#")[0], 200, {"content-type": "text/html; charset=utf-8"}, content
    )


_CRASHED: Final = f"the page broke the browser; its scripts may use {limits.BROWSER_HEAP_MIB} MiB"


def _answer(route: "Route", page: "Page", visit: _PageVisit) -> None:
    """Answer one request of the browser."""
    from playwright.sync_api import Error

    request = route.request
    with contextlib.suppress(Error):  # the page is gone, or the request of a window that it opened
        is_main = request.is_navigation_request() and request.frame == page.main_frame
        found = None
        if request.resource_type not in _NOT_LOADED:
            found = visit.answer(request, is_main)
        if found is None:
            route.abort("blockedbyclient")
        else:
            route.fulfill(status=found["status"], headers=found["headers"], body=found["body"])


def _milliseconds(visit: _PageVisit) -> float:
    return max(1.0, 1000 * visit.seconds_left())  # 0 would mean no limit


def _timeout(visit: _PageVisit) -> FetchError:
    return FetchError(FetchReason.TIMEOUT, visit.url, "the page did not come to rest in time")


def _broken(visit: _PageVisit, said: str) -> FetchError:
    """The failure of a page that the browser gave up, by what the browser says of it."""
    if visit.seconds_left() <= 0:
        return _timeout(visit)
    return FetchError(FetchReason.CONNECT, visit.url, f"Chromium says {' '.join(said.split())}")


@contextlib.contextmanager
def _browser(path: str, visit: _PageVisit) -> "Iterator[Page]":
    """The empty page of a browser without a way to the network. Afterwards neither a process nor a
    file of it is left; one that hangs is killed soon after the limit of the page.
    """
    from playwright.sync_api import Error, sync_playwright

    is_root = os.geteuid() == 0
    if is_root:
        _warn_of_root()
    with (
        tempfile.TemporaryDirectory(prefix="nianbao-browser-", ignore_cleanup_errors=True) as home,
        _closed_port() as port,
        sync_playwright() as playwright,
    ):
        try:
            context = playwright.chromium.launch_persistent_context(
                Path(home, "profile"),
                executable_path=path,
                args=list(_FLAGS),
                chromium_sandbox=not is_root,
                proxy={"server": f"http://127.0.0.1:{port}", "bypass": "<-loopback>"},
                env=_environment(home),
                artifacts_dir=Path(home, "artifacts"),
                timeout=_milliseconds(visit),
                service_workers="block",
                accept_downloads=False,
                locale="zh-CN",
            )
        except Error as error:
            said = " ".join(str(error).split())[-400:]
            raise ConfigError(
                "Chromium does not start (its sandbox needs user namespaces, which containers "
                f"may lack): {said}"
            ) from error
        with context:
            page = context.pages[0]
            session = context.new_cdp_session(page)
            name = session.send("Browser.getVersion")["userAgent"].replace("Headless", "")
            session.send("Emulation.setUserAgentOverride", {"userAgent": name})
            with _killed_after(context, visit.seconds_left() + _GRACE_SECONDS):
                yield page


@cache
def _warn_of_root() -> None:
    """Said once in a run."""
    log.warning("Chromium runs without its sandbox, which does not work for root")


@contextlib.contextmanager
def _closed_port() -> Iterator[int]:
    """A port of 127.0.0.1 that refuses every connection, and that nobody else can open."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextlib.contextmanager
def _killed_after(context: "BrowserContext", seconds: float) -> Iterator[None]:
    """The browser's processes are killed after so many seconds: what asks a page whose scripts
    never end would wait for ever.
    """
    if context.browser is None:  # not so for one that was started here
        raise ConfigError("Chromium gives no connection to itself: install a newer Playwright")
    session = context.browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    group = os.getpgid(next(p["id"] for p in processes if p["type"] == "browser"))
    done = threading.Event()
    deadline = time.monotonic() + seconds
    threading.Thread(target=_kill_unless, args=(done, deadline, group), daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _kill_unless(done: threading.Event, deadline: float, group: int) -> None:
    """Kill the processes of the group at the deadline, if it is not done by then."""
    while not done.is_set():
        if time.monotonic() >= deadline and group != os.getpgrp():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
            return
        time.sleep(_LOOK_SECONDS)


def _environment(home: str) -> dict[str, str | float | bool]:
    """What a browser needs, and nothing of ours: no proxies, no secrets, and its caches within a
    folder that is removed.
    """
    places = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
    path = os.environ.get("PATH", os.defpath)
    return {**dict.fromkeys(places, home), "PATH": path, "LANG": "C.UTF-8"}
