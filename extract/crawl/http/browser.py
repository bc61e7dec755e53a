"""A page that scripts make, shown in a headless Chromium and taken as HTML: `render(url, terms,
agent)` gives the page as it stands at last.

Every page gets a browser of its own: an empty profile, a process group that is killed at the end or
at the limit, and one door to the network, `proxy`, which asks what the fetcher would ask and
nothing else. The browser resolves no names, speaks no QUIC and no UDP, does not phone home, loads
no pictures and saves no files. The proxy closes with the page.

The page counts once it is loaded and its requests have rested for half a second; one that never
rests is a timeout, because half a list looks like a whole one. The result is the document as it
stands then, in UTF-8 with a byte order mark, whatever its own `meta` declares. Frames stay frames,
to be followed by who reads the page. What the page could not load (other hosts, most often
counters) is logged.

Chromium is started as a program and asked over two pipes (its DevTools protocol), so that no port
is opened and no library is needed. Its own sandbox is kept on: it needs a user other than root.
Certificates are verified by Chromium, always.

Out of scope: whether the address may be asked by robots.txt, and when (`fetch`); which pages need
this (`FaultKind.NEEDS_BROWSER`).
"""

import contextlib
import fcntl
import json
import logging
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from data import ConfigError
from extract import limits
from extract.crawl.http.connection import Resolve, resolve
from extract.crawl.http.messages import FetchError, FetchReason, Request, Response
from extract.crawl.http.policy import AddressRefused, Terms, checked
from extract.crawl.http.proxy import Proxy
from extract.crawl.sites.html_page import open_page
from extract.document import Reason

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OFF: Final = "MediaRouter,OptimizationHints,NetworkTimeServiceQuerying,Translate,DnsOverHttps,AsyncDns,AutofillServerCommunication"
_FLAGS: Final = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--no-pings",
    "--disable-quic",
    "--metrics-recording-only",
    "--password-store=basic",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--blink-settings=imagesEnabled=false",
    "--deny-permission-prompts",
    "--lang=zh-CN",
    f"--disable-features={_OFF}",
    f"--js-flags=--max-old-space-size={limits.BROWSER_HEAP_MIB}",
    "--renderer-process-limit=4",
)
# The pipes must have the numbers 3 and 4; a start function of subprocess is not safe beside
# threads, a small program of its own is.
_START: Final = (
    "import os,sys; os.dup2(int(sys.argv[1]),3); os.dup2(int(sys.argv[2]),4); "
    "os.execv(sys.argv[3],sys.argv[3:])"
)
_HIGH: Final = 10  # descriptors from here on cannot be 3 or 4
_PIECE: Final = 256 * 1024
_LOOK: Final = 0.05  # seconds
_LOOKS: Final = 100
_BOM: Final = b"\xef\xbb\xbf"
_one: Final = threading.Lock()  # a browser takes a core and some hundred MiB

log = logging.getLogger(__name__)


def program() -> str:
    """The browser's path; ConfigError that says what to install."""
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        names = ", ".join(PROGRAMS)
        raise ConfigError(
            f"no browser is installed ({names}): install Chromium (on Debian `apt-get install "
            "chromium`), or set NIANBAO_BROWSER=false"
        )
    return found


def render(
    url: str,
    terms: Terms,
    agent: str,
    *,
    referer: str = "",
    loopback: bool = False,
    sandboxed: bool = True,
    seconds: float = limits.BROWSER_SECONDS,
    resolve: Resolve = resolve,
) -> Response:
    """The page as it stands once its scripts have run, with status 200.

    FetchError as of the fetcher; ConfigError where no browser can start.

    `agent` is said behind the browser's own name, `seconds` is the limit from the browser's start
    on. One page at a time in a process. `loopback`, `resolve` and `sandboxed` are for tests:
    without its sandbox Chromium must not show pages that are not our own.
    """
    try:
        address = checked(url, terms, loopback)
    except AddressRefused as refused:
        raise FetchError(FetchReason.REFUSED_ADDRESS, url, str(refused)) from refused
    if sandboxed and os.geteuid() == 0:
        raise ConfigError(
            "Chromium cannot shut pages in when it is started as root: run as another user, "
            "or set NIANBAO_BROWSER=false"
        )
    with _one, Proxy(terms, loopback, seconds, resolve) as proxy:
        try:
            with _browser(
                proxy.port, sandboxed, time.monotonic() + seconds, lambda: proxy.spent
            ) as talk:
                response = _shown(talk, str(address.url), agent, referer)
        except _Failed as failed:
            raise _named(failed, str(address.url), proxy) from failed
        if proxy.spent:
            raise FetchError(FetchReason.TOO_LARGE, url, proxy.spent)
        for host, why in proxy.refused.items():
            log.debug("%s: not loaded: %s: %s", url, host, why)
        if (host := urlsplit(response.url).hostname or "") in proxy.refused:
            raise FetchError(FetchReason.REFUSED_ADDRESS, response.url, proxy.refused[host])
        return response


def needs_browser(request: Request, answer: Response) -> bool:
    """Whether an answer is a page that scripts would fill, so that `render` may tell more."""
    return (
        request.method == "GET"
        and answer.status == 200
        and open_page(answer).reason is Reason.NEEDS_BROWSER
    )


class _Failed(Exception):
    """The browser gave no page: the reason, the address that it was at, and words for a person."""

    def __init__(
        self, reason: FetchReason, detail: str, url: str = "", status: int | None = None
    ) -> None:
        super().__init__(detail)
        self.reason, self.detail, self.url, self.status = reason, detail, url, status


def _named(failed: _Failed, url: str, proxy: Proxy) -> FetchError:
    """The failure with what the proxy knows of it: it says why, the browser only that."""
    at = failed.url or url
    host = urlsplit(at).hostname or ""
    if host in proxy.refused:
        return FetchError(FetchReason.REFUSED_ADDRESS, at, proxy.refused[host])
    if proxy.spent:
        return FetchError(FetchReason.TOO_LARGE, at, proxy.spent)
    if host in proxy.failed:
        return FetchError(FetchReason.CONNECT, at, proxy.failed[host])
    return FetchError(failed.reason, at, failed.detail, failed.status)


# ---- one page


@dataclass
class _Main:
    """What is known of the page's own document; a script that sends on begins another."""

    frame: str
    loader: str = ""
    url: str = ""
    status: int = 0
    kind: str = ""
    failed: bool = False  # the browser shows a page of its own in its place
    leaving: bool = False  # a script has sent on, and what comes is not here yet
    at_rest: set[str] = field(default_factory=set)  # loaders whose requests have rested

    @property
    def shown(self) -> bool:
        """Whether the page is there and rests."""
        return self.loader in self.at_rest and not self.leaving

    def see(self, event: Mapping[str, Any]) -> None:
        """Take in one event."""
        name, said = event.get("method"), event.get("params", {})
        if name == "Page.frameNavigated" and said["frame"]["id"] == self.frame:
            self.loader, self.leaving = said["frame"]["loaderId"], False
            self.url, self.failed = (
                said["frame"].get("unreachableUrl") or said["frame"]["url"],
                "unreachableUrl" in said["frame"],
            )
        elif (
            name in ("Page.frameRequestedNavigation", "Page.frameStoppedLoading")
            and said["frameId"] == self.frame
        ):
            self.leaving = name == "Page.frameRequestedNavigation"
        elif (
            name == "Network.responseReceived"
            and said.get("type") == "Document"
            and said.get("frameId") == self.frame
        ):
            self.status, self.kind = said["response"]["status"], said["response"]["mimeType"]
        elif (
            name == "Page.lifecycleEvent"
            and said["frameId"] == self.frame
            and said["name"] == "networkIdle"
        ):
            self.at_rest.add(said["loaderId"])


def _shown(talk: "_Talk", url: str, agent: str, referer: str) -> Response:
    """Go to the page, wait until it rests, and take it."""
    own = talk.ask("Browser.getVersion")["userAgent"].replace("Headless", "")
    talk.ask("Browser.setDownloadBehavior", behavior="deny")
    target = talk.ask("Target.createTarget", url="about:blank")["targetId"]
    talk.session = talk.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    main = _Main(target)  # a page's own frame bears the name of its target
    for method, said in (
        ("Page.enable", {}),
        ("Network.enable", {}),
        ("Page.setLifecycleEventsEnabled", {"enabled": True}),
        ("Network.setUserAgentOverride", {"userAgent": f"{own} {agent}"}),
        ("Network.setBypassServiceWorker", {"bypass": True}),
    ):
        talk.ask(method, **said)
    talk.events.clear()
    gone = talk.ask(
        "Page.navigate", url=url, **({"referrer": referer} if referer.isascii() and referer else {})
    )
    if gone.get("errorText"):
        raise _Failed(_reason(gone["errorText"]), f"Chromium says {gone['errorText']}")
    while not main.shown:
        event = talk.next_event()
        main.see(event)
        if event.get("method") == "Page.javascriptDialogOpening":
            talk.send("Page.handleJavaScriptDialog", accept=False)
        elif event.get("method") == "Inspector.targetCrashed":
            raise _Failed(
                FetchReason.TOO_LARGE,
                f"the page broke the browser; its scripts may use {limits.BROWSER_HEAP_MIB} MiB",
            )
    if main.failed:
        raise _Failed(
            FetchReason.CONNECT, "the page sent on to an address that could not be shown", main.url
        )
    if main.status != 200:
        reason = FetchReason.NOT_FOUND if main.status in (404, 410) else FetchReason.HTTP_ERROR
        raise _Failed(reason, f"status {main.status}", main.url, main.status)
    if "html" not in main.kind:
        raise _Failed(
            FetchReason.HTTP_ERROR, f"the page became a file of type {main.kind}", main.url
        )
    root = talk.ask("DOM.getDocument", depth=0)["root"]["nodeId"]
    markup: str = talk.ask("DOM.getOuterHTML", nodeId=root)["outerHTML"]
    content = _BOM + markup.encode("utf-8", "replace")
    if len(content) > limits.FETCH_BYTES:
        raise _Failed(
            FetchReason.TOO_LARGE,
            f"the page became longer than {limits.FETCH_BYTES} bytes",
            main.url,
        )
    return Response(
        main.url.partition("#")[0], 200, {"content-type": "text/html; charset=utf-8"}, content
    )


def _reason(said: str) -> FetchReason:
    if "CERT" in said or "SSL" in said:
        return FetchReason.TLS
    if "TOO_MANY_REDIRECTS" in said:
        return FetchReason.TOO_MANY_REDIRECTS
    return FetchReason.TIMEOUT if "TIMED_OUT" in said else FetchReason.CONNECT


# ---- the browser's process


class _Talk:
    """The DevTools protocol over two pipes: JSON, each message closed by a zero byte."""

    def __init__(
        self, to: int, of: int, said: Path, until: float, over: Callable[[], object]
    ) -> None:
        self._to, self._of, self._said, self._until, self._over = to, of, said, until, over
        self._ready = select.poll()  # select itself knows no descriptors beyond 1,023
        self._ready.register(of, select.POLLIN)
        self._held = bytearray()
        self._number = 0
        self.session = ""
        self.events: list[Mapping[str, Any]] = []

    def send(self, method: str, **said: object) -> int:
        """Ask without waiting; gives the number that the answer will bear."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": said} | (
            {"sessionId": self.session} if self.session else {}
        )
        try:
            os.write(self._to, json.dumps(message).encode() + b"\0")
        except OSError as error:
            raise self._ended() from error
        return self._number

    def ask(self, method: str, **said: object) -> Mapping[str, Any]:
        """The result of a command; events that come before it wait in `events`."""
        number = self.send(method, **said)
        while True:
            message = self._read()
            if message.get("id") == number:
                if "error" in message:
                    raise _Failed(
                        FetchReason.CONNECT,
                        f"Chromium refused {method}: {message['error'].get('message')}",
                    )
                result: Mapping[str, Any] = message["result"]
                return result
            if "method" in message:
                self.events.append(message)

    def next_event(self) -> Mapping[str, Any]:
        """The next event, in order."""
        while not self.events:
            message = self._read()
            if "method" in message:
                self.events.append(message)
        return self.events.pop(0)

    def _read(self) -> Mapping[str, Any]:
        start = 0
        while (end := self._held.find(b"\0", start)) < 0:
            start = len(self._held)
            if start > 2 * limits.BROWSER_BYTES:
                raise _Failed(FetchReason.TOO_LARGE, "the page says too much")
            while not self._ready.poll(1000 * _LOOK):
                if self._over() or time.monotonic() > self._until:
                    raise _Failed(FetchReason.TIMEOUT, "the page did not come to rest in time")
            piece = os.read(self._of, _PIECE)
            if not piece:
                raise self._ended()
            self._held += piece
        message: Mapping[str, Any] = json.loads(bytes(self._held[:end]))
        del self._held[: end + 1]
        return message

    def _ended(self) -> Exception:
        """Chromium is gone: a browser that was never up cannot be used here, one that was has met a
        page that breaks it.
        """
        if self._number > 1:
            return _Failed(FetchReason.CONNECT, "the page broke the browser")
        said = " ".join(self._said.read_text(encoding="utf-8", errors="replace").split())[-400:]
        return ConfigError(
            "Chromium does not start (its sandbox needs user namespaces, which containers "
            f"may lack): {said or 'it gave no reason'}"
        )


@contextlib.contextmanager
def _browser(
    port: int, sandboxed: bool, until: float, over: Callable[[], object]
) -> Iterator[_Talk]:
    """A browser with an empty profile, talked to until `until` or until `over` says something.

    Afterwards neither a process nor a file of it is left.
    """
    path = program()
    with (
        tempfile.TemporaryDirectory(
            prefix="nianbao-browser-", ignore_cleanup_errors=True
        ) as profile,
        contextlib.ExitStack() as opened,
    ):
        theirs_in, ours_out = _pipe()
        ours_in, theirs_out = _pipe()
        for descriptor in (ours_in, ours_out):
            opened.callback(os.close, descriptor)
        said = Path(profile, "said.txt")
        flags = [
            *_FLAGS,
            f"--proxy-server=http://127.0.0.1:{port}",
            f"--user-data-dir={profile}",
            *([] if sandboxed else ["--no-sandbox"]),
        ]
        try:
            with said.open("wb") as words:
                process = subprocess.Popen(  # noqa: S603 - a browser found on PATH, and flags of our own
                    [
                        sys.executable,
                        "-ISc",
                        _START,
                        str(theirs_in),
                        str(theirs_out),
                        path,
                        *flags,
                        "about:blank",
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=words,
                    pass_fds=(theirs_in, theirs_out),
                    start_new_session=True,
                    cwd=profile,
                    env=_environment(profile),
                )
        finally:
            for descriptor in (theirs_in, theirs_out):
                os.close(descriptor)
        try:
            yield _Talk(ours_out, ours_in, said, until, over)
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill the browser's whole process group, and see that it is gone before its files are removed."""
    for _ in range(_LOOKS):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            break
        process.poll()  # a group whose leader is not taken note of stays
        time.sleep(_LOOK)
    process.wait()


def _pipe() -> tuple[int, int]:
    """The reading and the writing end, both with high numbers."""
    ends = []
    for low in os.pipe():
        ends.append(fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, _HIGH))
        os.close(low)
    return ends[0], ends[1]


def _environment(profile: str) -> dict[str, str]:
    """What a browser needs, and nothing of ours: no proxies, no secrets, and its caches within the
    profile.
    """
    places = dict.fromkeys(
        ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"), profile
    )
    return {**places, "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
