"""The browser against the test web: what scripts make is read, what must not be reached is not, and
nothing is left running.
"""

import http.client
import logging
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from data import ConfigError
from extract import limits
from extract.crawl.http import browser, proxy
from extract.crawl.http.browser import needs_browser, render
from extract.crawl.http.client import Fetcher, FetchPolicy
from extract.crawl.http.messages import FetchError, FetchReason, Request, Response
from extract.crawl.http.policy import Terms
from extract.crawl.http.proxy import Proxy
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
def nothing_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No process and no file of a browser outlives its page, however that ended."""
    with tempfile.TemporaryDirectory() as folder:  # a short name: Chromium lays a socket there
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield
        assert not list(Path(folder).glob("nianbao-*"))
        assert not [p for p in Path("/proc").glob("[0-9]*/cmdline") if folder.encode() in _read(p)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended since
        return b""


def shown(site: Site, path: str, **more: Any) -> Response:
    return render(
        site.root + path,
        TERMS,
        "nianbao (+tests@example.org)",
        **{"loopback": True, "sandboxed": False, **more},
    )


@contextmanager
def listening(kind: socket.SocketKind) -> Iterator[tuple[int, list[object]]]:
    """A port of 127.0.0.3 that nobody may reach, and who came all the same."""
    came: list[object] = []
    with socket.socket(socket.AF_INET, kind) as ear:
        ear.bind(("127.0.0.3", 0))
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
    with Fetcher(FetchPolicy("tests@example.org", gap=0.0, loopback=True)) as fetcher:

        def ask(request: Request) -> Response:
            return fetcher.fetch(request, source.terms)

        def rendered(request: Request) -> Response:
            answer = ask(request)
            return (
                shown(site, answer.url.removeprefix(site.root))
                if needs_browser(request, answer)
                else answer
            )

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
    agents = {v.asked.headers["user-agent"] for v in site.log if v.asked.path.startswith("/api")}
    assert len(agents) == 1 and "nianbao (+tests@example.org)" in agents.pop()


def test_what_must_not_be_reached_is_not(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reached: list[str] = []
    connect = socket.create_connection

    def noted(address: tuple[str, int], *more: Any) -> socket.socket:
        assert address[0].startswith("127."), "a test asks no other machine"
        reached.append(address[0])
        return connect(address, *more)

    def private(host: str, port: int) -> list[str]:
        return ["10.0.0.1"] if host == "inside.gov.cn" else [host]

    monkeypatch.setattr(proxy.socket, "create_connection", noted)
    with (
        listening(socket.SOCK_STREAM) as (port, came),
        listening(socket.SOCK_DGRAM) as (udp, came_udp),
    ):
        urls = [
            "http://169.254.169.254/latest",
            f"http://127.0.0.3:{port}/",
            f"https://127.0.0.3:{port}/",
            "http://inside.gov.cn/",
            "https://inside.gov.cn/",
        ]
        urls += [
            f"http://127.0.0.1:{22}/",
            "http://127.0.0.2:25/",
            "http://[::ffff:169.254.169.254]/",
            "http://2130706435/",
            "file:///etc/passwd",
        ]
        tries = "".join(
            (
                f"fetch('{u}', {{mode: 'no-cors'}}).then(tell, tell); add('img', '{u}'); "
                f"add('script', '{u}'); add('iframe', '{u}');"
            )
            for u in urls
        )
        servers = (
            f"{{urls: 'stun:127.0.0.3:{udp}'}}, {{urls: 'turn:127.0.0.3:{port}?transport=tcp', "
            f"username: 'u', credential: 'c'}}"
        )
        script = f"""
            let n = 0;
            function tell(what) {{ document.title = ++n; }}
            function add(tag, url) {{ const e = document.createElement(tag); e.src = url; document.body.append(e); }}
            {tries}
            new WebSocket('ws://127.0.0.3:{port}/').onerror = tell;
            const peer = new RTCPeerConnection({{iceServers: [{servers}]}});
            peer.createDataChannel('x');
            peer.createOffer().then(o => peer.setLocalDescription(o));
        """
        site.put(
            "/",
            SHELL.format(script).replace(
                "<head>",
                (
                    "<head><link rel='dns-prefetch' href='//127.0.0.3'><link rel='preconnect' "
                    f"href='http://127.0.0.3:{port}'>"
                ),
            ),
        )
        with caplog.at_level(logging.DEBUG, "extract.crawl.http.browser"):
            answer = shown(site, "/", resolve=private)
        assert f"<title>{len(urls) + 1}</title>".encode() in answer.content, (
            "each of them was tried"
        )
        time.sleep(0.2)
        assert came == came_udp == [] and set(reached) == {"127.0.0.2"}
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert all(host in said for host in ("169.254.169.254", "127.0.0.3", "inside.gov.cn"))
    assert b"root:" not in answer.content


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


@pytest.mark.parametrize("path", ["/loop", "/slow"])
def test_a_page_that_never_ends_is_given_up(site: Site, path: str) -> None:
    site.put("/loop", "<p>wait</p><script>for (;;) {}</script>")
    site.put("/slow", "<p>wait</p><script src='/never.js'></script>")
    free = threading.Event()

    def never(asked: Asked) -> Reply:
        free.wait(60)
        return Reply(b"")

    site.put("/never.js", never)
    started = time.monotonic()
    with pytest.raises(FetchError) as error:
        shown(site, path, seconds=6.0)
    free.set()
    assert error.value.reason is FetchReason.TIMEOUT and time.monotonic() - started < 15
    assert path in site.paths()


def test_failures_have_the_fetchers_reasons(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FetchError) as error:
        shown(site, "/none")
    assert (error.value.reason, error.value.status) == (FetchReason.NOT_FOUND, 404)
    with pytest.raises(FetchError) as error:
        shown(site, "/", loopback=False)
    assert error.value.reason is FetchReason.REFUSED_ADDRESS
    with pytest.raises(FetchError) as error:
        render("http://www.example.com/", TERMS, "nianbao")
    assert (
        error.value.reason is FetchReason.REFUSED_ADDRESS
        and site.paths()[0] == "/none"
        and "/" not in site.paths()
    )
    monkeypatch.setattr(browser.os, "geteuid", lambda: 0)
    with pytest.raises(ConfigError, match="as root"):
        shown(site, "/", sandboxed=True)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match="apt-get install chromium"):
        shown(site, "/")


def test_a_page_that_loads_too_much(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BROWSER_BYTES", 200_000)
    site.put("/", SHELL.format("for (let n = 0; n < 9; n++) fetch('/big?' + n);"))
    site.put("/big", b"x" * 100_000)
    with pytest.raises(FetchError) as error:
        shown(site, "/")
    assert error.value.reason is FetchReason.TOO_LARGE


def test_the_proxy_alone(site: Site) -> None:
    site.put("/a", b"whole")
    with Proxy(TERMS, loopback=True) as door, listening(socket.SOCK_STREAM) as (shut, came):
        plain = {
            f"{site.root}/a": 200,
            f"http://127.0.0.3:{shut}/": 403,
            "/a": 403,
            "ftp://127.0.0.2/": 403,
            f"http://u@{site.host}/a": 403,
        }
        for target, status in plain.items():
            asked = http.client.HTTPConnection("127.0.0.1", door.port, timeout=5)
            asked.request("GET", target)
            answer = asked.getresponse()
            assert (answer.status, answer.getheader("connection")) == (status, "close") and (
                answer.read() == b"whole"
            ) is (status == 200)
            asked.close()
        tunnels = {
            site.host: 200,
            f"127.0.0.3:{shut}": 403,
            "127.0.0.2:25": 403,
            "127.0.0.2:1": 403,
            f"127.0.0.2:{_free_port()}": 502,
        }
        for target, status in tunnels.items():
            with socket.create_connection(("127.0.0.1", door.port), 5) as tunnel:
                tunnel.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
                assert tunnel.recv(4096).startswith(b"HTTP/1.1 %d " % status), target
        with socket.create_connection(
            ("127.0.0.1", door.port), 5
        ) as pair:  # the second request goes where the first went, or nowhere
            pair.sendall(
                (
                    f"GET {site.root}/a HTTP/1.1\r\nHost: {site.host}\r\n\r\nGET "
                    f"http://127.0.0.3:{shut}/ HTTP/1.1\r\nHost: x\r\n\r\n"
                ).encode()
            )
            said = b""
            while piece := pair.recv(4096):
                said += piece
            assert said.count(b"HTTP/1.1") == 1 and said.endswith(b"whole")
        assert (
            came == []
            and "127.0.0.3" in " ".join(door.refused)
            and list(door.failed) == ["127.0.0.2"]
        )
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", door.port), 1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.2", 0)) as taken:
        return int(taken.getsockname()[1])
