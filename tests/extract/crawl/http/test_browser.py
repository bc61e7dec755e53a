"""The browser against the test web: what scripts make is read, what must not be reached is not, and
nothing is left running.
"""

import logging
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data import ConfigError
from extract import limits
from extract.crawl.http import browser
from extract.crawl.http.browser import needs_browser, render
from extract.crawl.http.client import Fetcher
from extract.crawl.http.connection import Connections, Resolve, resolve
from extract.crawl.http.messages import FetchError, FetchReason, Request, Response
from extract.crawl.http.policy import FetchPolicy, Terms
from extract.crawl.sites.detail_page import open_item
from extract.crawl.sites.html_page import open_page
from extract.crawl.sites.listing import list_reports
from extract.crawl.sites.results import FaultKind, State, drive
from extract.crawl.sources import load_sources
from tests.web import write_sources
from tests.web.reports import markup_of
from tests.web.server import Asked, Reply, Site

AGENCY = "云岫市民政局"
TITLE = f"{AGENCY}2022年政府信息公开工作年度报告"
TERMS = Terms(hosts=("127.0.0.2",))
POLICY = FetchPolicy("tests@example.org", gap=0.0, backoff=0.0, loopback=True)
OURS = "nianbao (+tests@example.org)"
SHELL = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'></head><body><div "
    "id='app'></div><script>{}</script></body></html>"
)
FILL = (
    "fetch('{}').then(a => a.text()).then(t => {{ document.getElementById('app').innerHTML = t; "
    "}});"
)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site("script", "127.0.0.2")
    made.put("/robots.txt", "User-agent: *\nDisallow:\n", "text/plain")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No process and no file of a browser outlives its page, however that ended."""
    with tempfile.TemporaryDirectory() as folder:  # a short name: Chromium lays a socket there
        monkeypatch.setattr(tempfile, "tempdir", folder)
        monkeypatch.setenv("TMPDIR", folder)
        yield
        assert not list(Path(folder).iterdir())
        assert not [p for p in Path("/proc").glob("[0-9]*/cmdline") if folder.encode() in _read(p)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended since
        return b""


def shown(
    site: Site,
    path: str,
    resolve: Resolve = resolve,
    policy: FetchPolicy = POLICY,
    seconds: float = limits.BROWSER_SECONDS,
) -> Response:
    connections = Connections(loopback=policy.loopback, resolve=resolve)
    with Fetcher(policy, connections) as fetcher:
        return render(site.root + path, TERMS, fetcher, seconds=seconds)


@contextmanager
def listening(host: str, kind: socket.SocketKind) -> Iterator[tuple[int, list[object]]]:
    """A port of a host that nobody may reach, and who came all the same."""
    came: list[object] = []
    with socket.socket(socket.AF_INET, kind) as ear:
        ear.bind((host, 0))
        if kind is socket.SOCK_STREAM:
            ear.listen()

        def wait() -> None:
            while True:
                try:
                    came.append(ear.accept() if kind is socket.SOCK_STREAM else ear.recvfrom(1500))
                except OSError:
                    return

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        yield ear.getsockname()[1], came
        if kind is socket.SOCK_STREAM:
            ear.shutdown(socket.SHUT_RDWR)


def test_a_list_and_a_report_made_by_script(site: Site, tmp_path: Path) -> None:
    site.put("/nb/", SHELL.format(FILL.format("/api/list")))
    site.put(
        "/api/list",
        (
            '<ul><li><a href="/nb/t1.html" '
            f'title="{TITLE}">{TITLE}</a><span>2023-01-15</span></li></ul>'
        )
        + "<p>本栏目公开年度报告。</p>" * 20,
    )
    site.put("/nb/t1.html", SHELL.format(FILL.format("/api/paper")))
    site.put("/api/paper", f"<h1>{TITLE}</h1>{markup_of(AGENCY, 2022)}")
    site.entry = {
        "id": "script",
        "site": site.host,
        "lists": [f"{site.root}/nb/"],
        "family": "static",
        "years": {"first": 2022, "last": 2022},
        "pace": 0,
        "exceptions": {"hosts": {"reason": "a site on loopback, for tests"}},
    }
    (source,) = load_sources(write_sources({"script": site}, tmp_path / "sources.yaml"))
    (column,) = source.report_lists()
    with Fetcher(POLICY) as fetcher:

        def ask(request: Request) -> Response:
            return fetcher.fetch(request, source.terms)

        def rendered(request: Request) -> Response:
            answer = ask(request)
            if not needs_browser(request, answer):
                return answer
            return render(answer.url, source.terms, fetcher)

        assert {f.kind for f in drive(list_reports(source, column), ask).faults} == {
            FaultKind.NEEDS_BROWSER
        }
        (item,) = drive(list_reports(source, column), rendered).items
        assert (item.url, item.title, item.years) == (f"{site.root}/nb/t1.html", TITLE, (2022,))
        assert {f.kind for f in drive(open_item(source, item), ask).faults} == {
            FaultKind.NEEDS_BROWSER
        }
        opened = drive(open_item(source, item), rendered)
    assert opened.state is State.DOCUMENTS and [p.role for p in opened.files] == ["page"]
    (paper,) = opened.files
    assert paper.response is not None
    document = open_page(paper.response).document
    assert document is not None and len(document.grids) >= 3
    assert {v.asked.headers["user-agent"] for v in site.log} == {OURS}


def test_what_must_not_be_reached_is_not(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reached: list[str] = []
    connect = socket.create_connection

    def noted(address: tuple[str, int], *more: object, **named: object) -> socket.socket:
        assert address[0].startswith("127."), "a test asks no other machine"
        reached.append(address[0])
        return connect(address, *more, **named)  # type: ignore[arg-type]

    def private(host: str, port: int) -> list[str]:
        return ["10.0.0.1"] if host == "inside.gov.cn" else [host]

    monkeypatch.setattr(socket, "create_connection", noted)
    with (
        listening("127.0.0.3", socket.SOCK_STREAM) as (port, came),
        listening("127.0.0.2", socket.SOCK_STREAM) as (own, came_own),
        listening("127.0.0.3", socket.SOCK_DGRAM) as (udp, came_udp),
        listening("127.0.0.2", socket.SOCK_DGRAM) as (own_udp, came_own_udp),
    ):
        urls = [
            "http://169.254.169.254/latest",
            f"http://127.0.0.3:{port}/",
            f"https://127.0.0.3:{port}/",
            "http://inside.gov.cn/",
            "https://inside.gov.cn/",
            "http://127.0.0.1:22/",
            "http://127.0.0.2:25/",
            "http://[::ffff:169.254.169.254]/",
            "http://2130706435/",
            "file:///etc/passwd",
            "/away",
            "/far",
        ]
        site.put("/away", lambda asked: _sent_to(f"http://127.0.0.3:{port}/"))
        site.put("/far", lambda asked: _sent_to("/away"))
        site.put("/worker.js", _worker(port, own, "postMessage"), "text/javascript")
        site.put("/shared.js", _worker(port, own, "void"), "text/javascript")
        site.put("/service.js", "", "text/javascript")
        hints = (
            f"<link rel='dns-prefetch' href='//127.0.0.2:{own}'>"
            f"<link rel='preconnect' href='http://127.0.0.2:{own}'>"
            f"<link rel='preconnect' href='http://127.0.0.3:{port}'>"
            f"<link rel='prefetch' href='http://127.0.0.3:{port}/prefetch'>"
        )
        script = _attempts(urls, port, own, [udp, own_udp])
        site.put("/", SHELL.format(script).replace("<head>", "<head>" + hints))
        with caplog.at_level(logging.DEBUG, "extract.crawl.http.browser"):
            answer = shown(site, "/", resolve=private)
        assert came == came_own == came_udp == came_own_udp == []
        assert set(reached) == {"127.0.0.2"}
    tried = len(urls) + 4  # the two sockets, the worker, the beacon
    assert f"<title>{tried}</title>".encode() in answer.content, "each of them was tried"
    assert {v.asked.headers["user-agent"] for v in site.log} == {OURS}, "all through the fetcher"
    assert {"/away", "/far", "/worker.js"} <= set(site.paths())
    assert "/service.js" not in site.paths()
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert all(host in said for host in ("169.254.169.254", "127.0.0.3", "inside.gov.cn"))
    assert b"root:" not in answer.content


def _sent_to(url: str) -> Reply:
    return Reply(status=302, headers={"Location": url})


def _worker(port: int, own: int, said: str) -> str:
    """A worker that tries what a page tries; it says when it is done."""
    return f"""
        function tell() {{ {said}(1); }}
        for (const port of ['127.0.0.3:{port}', '127.0.0.2:{own}']) {{
            try {{ new WebSocket('ws://' + port + '/'); }} catch (error) {{}}
        }}
        fetch('http://127.0.0.3:{port}/', {{mode: 'no-cors'}}).then(tell, tell);
    """


def _attempts(urls: list[str], port: int, own: int, udp: list[int]) -> str:
    """A script that tries every way out that a page has, and counts in the title what came back."""
    tries = "".join(
        f"fetch('{u}', {{mode: 'no-cors'}}).then(tell, tell); add('img', '{u}'); "
        f"add('script', '{u}'); add('iframe', '{u}');"
        for u in urls
    )
    servers = ", ".join(
        [
            *(f"{{urls: 'stun:127.0.0.{n}:{p}'}}" for n, p in zip((3, 2), udp, strict=True)),
            *(
                f"{{urls: 'turn:127.0.0.{n}:{p}?transport={kind}', username: 'u', credential: 'c'}}"
                for n, p, kind in ((3, port, "tcp"), (2, own, "tcp"), (3, udp[0], "udp"))
            ),
        ]
    )
    return f"""
        let n = 0;
        function tell() {{ document.title = ++n; }}
        function add(tag, url) {{
            const made = document.createElement(tag);
            made.src = url;
            document.body.append(made);
        }}
        {tries}
        new WebSocket('ws://127.0.0.3:{port}/').onerror = tell;
        new WebSocket('ws://127.0.0.2:{own}/').onerror = tell;
        new Worker('/worker.js').onmessage = tell;
        try {{ new SharedWorker('/shared.js'); }} catch (error) {{}}
        new EventSource('http://127.0.0.3:{port}/events');
        navigator.sendBeacon('http://127.0.0.3:{port}/beacon', 'x');
        tell();
        navigator.serviceWorker?.register('/service.js').catch(() => 0);
        const peer = new RTCPeerConnection({{iceServers: [{servers}]}});
        peer.createDataChannel('x');
        peer.createOffer().then(o => peer.setLocalDescription(o));
    """


def test_a_request_of_a_page_goes_through_whole(site: Site) -> None:
    site.put(
        "/",
        lambda asked: Reply(
            SHELL.format(
                "document.cookie = 'b=2'; fetch('/api', {method: 'POST', body: 'page=1', headers: "
                "{'Content-Type': 'application/x-www-form-urlencoded', 'X-Kind': 'list'}})"
                ".then(a => a.text().then(t => document.title = a.status + t))"
            ).encode(),
            headers={"Set-Cookie": "a=1; Path=/"},
        ),
    )
    site.put("/api", lambda asked: Reply(f"{asked.method} {asked.body.decode()}".encode()))
    assert b"<title>200POST page=1</title>" in shown(site, "/").content
    (asked,) = [v.asked for v in site.log if v.asked.path == "/api"]
    assert asked.headers["x-kind"] == "list" and asked.headers["cookie"] == "a=1; b=2"


def test_what_a_page_asks_for_fails_as_it_would_anywhere(site: Site) -> None:
    site.put("/", SHELL.format("fetch('/none').then(a => document.title = 's' + a.status)"))
    assert b"<title>s404</title>" in shown(site, "/").content


def test_a_page_that_is_redirected_knows_its_address(site: Site) -> None:
    site.put("/old", lambda asked: _sent_to("/folder/new"))
    site.put("/folder/new", SHELL.format("document.title = new URL('x', location).pathname"))
    answer = shown(site, "/old")
    assert answer.url == f"{site.root}/folder/new"
    assert b"<title>/folder/x</title>" in answer.content
    assert site.paths().count("/folder/new") == 1, "what the fetcher has is not asked for again"


def test_robots_txt_holds_for_the_page(site: Site) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /nb\n", "text/plain")
    site.put("/nb", SHELL.format(""))
    with pytest.raises(FetchError) as error:
        shown(site, "/nb")
    assert error.value.reason is FetchReason.ROBOTS and site.paths() == ["/robots.txt"]


def test_a_page_that_sends_on(site: Site) -> None:
    site.put("/old", "<script>location.replace('/new#part')</script>")
    site.put(
        "/new",
        "<html><head><meta charset='gb2312'></head><body><p>年度报告</p></body></html>".encode(
            "gb18030"
        ),
        "text/html; charset=gb2312",
    )
    answer = shown(site, "/old")
    assert answer.url == f"{site.root}/new"
    page = open_page(answer)
    assert "年度报告" in page.text and page.reason is None, (
        "its bytes are UTF-8, whatever it declares"
    )
    for target in ("http://169.254.169.254:8080/latest", "https://169.254.169.254/latest"):
        site.put("/away", f"<script>location.href = '{target}'</script>")
        with pytest.raises(FetchError) as error:
            shown(site, "/away")
        assert (error.value.reason, error.value.url) == (FetchReason.REFUSED_ADDRESS, target)


@pytest.mark.parametrize("path", ["/loop", "/slow", "/restless"])
def test_a_page_that_never_ends_is_given_up(site: Site, path: str) -> None:
    site.put("/loop", "<p>wait</p><script>for (;;) {}</script>")
    site.put("/slow", "<p>wait</p><script src='/never.js'></script>")
    site.put("/restless", SHELL.format("setInterval(() => fetch('/api'), 100)"))
    site.put("/api", "x")
    free = threading.Event()

    def never(asked: Asked) -> Reply:
        free.wait(60)
        return Reply(b"")

    site.put("/never.js", never)
    with pytest.raises(FetchError) as error:
        shown(site, path, seconds=6.0)
    free.set()
    assert error.value.reason is FetchReason.TIMEOUT
    assert path in site.paths()


def test_a_page_that_hangs_once_it_rests_is_killed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "_GRACE_SECONDS", 0.0)
    site.put("/", SHELL.format("setTimeout(() => { for (;;) {} }, 520)"))
    with pytest.raises(FetchError) as error:
        for _ in range(5):  # it may be read before it hangs
            shown(site, "/", seconds=6.0)
        raise FetchError(FetchReason.TIMEOUT, site.root, "it was always read in time")
    assert error.value.reason is FetchReason.TIMEOUT


def test_failures_have_the_fetchers_reasons(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.put("/file", b"%PDF-1.4", "application/pdf")
    for path, reason in (("/none", FetchReason.NOT_FOUND), ("/file", FetchReason.HTTP_ERROR)):
        with pytest.raises(FetchError) as error:
            shown(site, path)
        assert error.value.reason is reason and error.value.url == site.root + path
    with pytest.raises(FetchError) as error:
        shown(site, "/", policy=FetchPolicy("tests@example.org"))
    assert error.value.reason is FetchReason.REFUSED_ADDRESS and "/" not in site.paths()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match="apt-get install chromium"):
        shown(site, "/")
    monkeypatch.setattr(browser, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"nianbao\[browser\]"):
        shown(site, "/")


@pytest.mark.parametrize(("limit", "most"), [("BROWSER_BYTES", 200_000), ("BROWSER_REQUESTS", 5)])
def test_a_page_that_loads_too_much(
    site: Site, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(limits, limit, most)
    site.put("/", SHELL.format("for (let n = 0; n < 9; n++) fetch('/big?' + n);"))
    site.put("/big", b"x" * 100_000)
    with pytest.raises(FetchError) as error:
        shown(site, "/")
    assert error.value.reason is FetchReason.TOO_LARGE


def test_the_sandbox_is_on_for_all_but_root(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    started: list[bool] = []

    class Launched(Exception):
        pass

    def launch(self: object, *more: object, chromium_sandbox: bool, **options: object) -> None:
        started.append(chromium_sandbox)
        raise Launched

    monkeypatch.setattr("playwright.sync_api.BrowserType.launch_persistent_context", launch)
    for user in (0, 1000):
        monkeypatch.setattr(browser.os, "geteuid", lambda user=user: user)
        with pytest.raises(Launched):
            shown(site, "/")
    assert started == [False, True]
