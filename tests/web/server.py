"""One site on loopback: a threaded server with a table of addresses, a log of what was asked, and
switches for what goes wrong.

`Site.put` lays a reply (bytes, or a function of what was asked) at a path, with its query or
without. Replies in bytes bear an ETag and a Last-Modified and answer conditional requests with 304.
`Site.fail` gives other replies first, such as 503 twice; `Site.down` breaks the connection;
`Site.firewall` puts a firewall's page with status 200 in place of everything.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

FIREWALL = (
    "<!DOCTYPE html><html><head><meta "
    "charset='utf-8'><title>网站防火墙</title></head><body><h3>您的访问请求被拦截</h3>"
    "<p>事件编号 20240101-7</p><script>var t=1;</script></body></html>"
)
NOT_FOUND = (
    "<!DOCTYPE html><html><head><meta "
    "charset='utf-8'><title>404</title></head><body><p>您访问的页面不存在</p></body></html>"
)


@dataclass(frozen=True)
class Reply:
    """One answer."""

    content: bytes = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request as the table's functions see it.

    `fields` are of the query and of a form together.
    """

    path: str
    method: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        """The query's fields, overlaid by those of the form in the body."""
        found = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if "form" in self.headers.get("content-type", ""):
            found |= dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        return found


@dataclass(frozen=True)
class Visit:
    """One line of the log. `at` is in seconds of the monotonic clock."""

    at: float
    asked: Asked
    status: int


@dataclass(frozen=True)
class Truth:
    """One document that a crawl of the site must bring home."""

    url: str
    sha256: str
    agency: str
    year: int
    title: str
    role: str


Handler = Callable[[Asked], Reply]


class Site:
    """A site that serves from its making until `close`.

    `entry` and `truth` are filled by those who build it.
    """

    def __init__(self, name: str, ip: str = "127.0.0.1") -> None:
        self.name = name
        self.entry: dict[str, Any] = {}
        self.truth: list[Truth] = []
        self.log: list[Visit] = []
        self.down = False
        self.firewall = False
        self.table: dict[str, Reply | Handler] = {}
        self.held: dict[str, dict[str, Any]] = {}  # what functions of the table share
        self._first: dict[str, list[Reply]] = {}
        self._server = ThreadingHTTPServer((ip, 0), _handler_of(self))
        self._server.daemon_threads = True
        self.host = f"{ip}:{self._server.server_port}"
        self.root = f"http://{self.host}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self) -> None:
        """Stops serving."""
        self._server.shutdown()
        self._server.server_close()

    def state(self) -> dict[str, Any]:
        """What a test of a crawl changes, for `restore`."""
        names = ("entry", "down", "firewall", "table", "_first")
        return {name: _copied(getattr(self, name)) for name in names}

    def restore(self, state: dict[str, Any]) -> None:
        """Is again what it was."""
        for name, value in state.items():
            setattr(self, name, value)

    def put(
        self,
        path: str,
        reply: Reply | Handler | bytes | str,
        kind: str = "text/html; charset=utf-8",
    ) -> str:
        """Lays a reply at `path`; gives the whole address."""
        if isinstance(reply, str):
            reply = reply.encode("gb18030" if "gb" in kind else "utf-8")
        self.table[path] = Reply(reply, kind) if isinstance(reply, bytes) else reply
        return self.root + path

    def fail(self, path: str, *replies: Reply) -> None:
        """Gives these replies first, then what lies at `path`."""
        self._first.setdefault(path, []).extend(replies)

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [visit.asked.path for visit in self.log]

    def reply_to(self, asked: Asked) -> Reply | None:
        """The answer, or None for a broken connection."""
        bare = urlsplit(asked.path).path
        if self.down:
            return None
        if self.firewall:
            return Reply(FIREWALL.encode())
        first = self._first.get(asked.path) or self._first.get(bare)
        if first:
            return first.pop(0)
        found = self.table.get(asked.path, self.table.get(bare))
        if found is None:
            return Reply(NOT_FOUND.encode(), status=404)
        if not isinstance(found, Reply):
            return found(asked)
        tag = f'"{hashlib.sha256(found.content).hexdigest()[:16]}"'
        stamp = formatdate(1_700_000_000 + int(tag[1:5], 16), usegmt=True)
        marks = {"ETag": tag, "Last-Modified": stamp, **found.headers}
        if found.status == 200 and (
            asked.headers.get("if-none-match") == tag
            or asked.headers.get("if-modified-since") == stamp
        ):
            return Reply(b"", found.kind, 304, marks)
        return Reply(found.content, found.kind, found.status, marks)


def _copied(value: Any) -> Any:
    """Containers anew, down to what lies in them."""
    if isinstance(value, dict):
        return {key: _copied(held) for key, held in value.items()}
    return [_copied(held) for held in value] if isinstance(value, list) else value


def _handler_of(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10
        # head and body in one packet; else each answer waits 40 ms for the client's acknowledgement
        wbufsize = -1
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            at = time.monotonic()
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked = Asked(
                self.path, self.command, {k.lower(): v for k, v in self.headers.items()}, body
            )
            reply = site.reply_to(asked)
            site.log.append(Visit(at, asked, reply.status if reply else 0))
            if reply is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            if reply.status != 304 and self.command != "HEAD":
                self.wfile.write(reply.content)

        do_GET = do_POST = do_HEAD = _answer

        def log_message(self, format: str, *args: Any) -> None:
            """The site's own log is enough."""

    return Handler
