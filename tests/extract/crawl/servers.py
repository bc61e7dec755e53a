"""A small web server on loopback that does exactly what a test says, byte by byte, and remembers
what it was asked.
"""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

RESET = object()  # in an answer: break the connection here
Piece = bytes | float | object  # bytes are sent, a number is slept, RESET breaks off


@dataclass
class Asked:
    """One request as the server saw it; times are monotonic seconds, `ended` is when its answer was
    sent.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    started: float
    ended: float = 0.0


Answer = Callable[[Asked, int], bytes | Iterable[Piece]]


@dataclass
class Site:
    """A running server.

    `asked` holds every request, in order; `most` is the greatest number in flight at once.
    """

    port: int
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    flying: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def pages(self) -> list[Asked]:
        """What was asked besides robots.txt."""
        return [a for a in self.asked if a.target != "/robots.txt"]

    def url(self, path: str = "/", host: str = "www.test.gov.cn", scheme: str = "http") -> str:
        """An address of this server under a host name that the tests resolve to loopback."""
        return f"{scheme}://{host}:{self.port}{path}"


def reply(status: int = 200, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """The bytes of an answer, with a Content-Length of the body's or the given one."""
    lines = [
        f"HTTP/1.1 {status} X",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextlib.contextmanager
def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A server that gives `answer(request, its number among those for this target, counted from
    1)`; robots.txt is 404 where answer gives b"".
    """
    listener = socket.create_server(("127.0.0.1", 0))
    site = Site(listener.getsockname()[1])
    done = threading.Event()

    def accept() -> None:
        while not done.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            site.connections += 1
            threading.Thread(
                target=_serve, args=(connection, site, answer, tls), daemon=True
            ).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _serve(
    connection: socket.socket, site: Site, answer: Answer, tls: ssl.SSLContext | None
) -> None:
    with contextlib.suppress(OSError, ValueError), contextlib.ExitStack() as stack:
        stack.callback(lambda: connection.close())
        connection.settimeout(20)
        if tls is not None:
            connection = tls.wrap_socket(connection, server_side=True)
        reader = connection.makefile("rb")
        stack.callback(reader.close)
        while (asked := _read(reader)) is not None:
            with site.lock:
                site.asked.append(asked)
                number = sum(a.target == asked.target for a in site.asked)
                site.flying += 1
                site.most = max(site.most, site.flying)
            try:
                pieces = answer(asked, number) or reply(404)
                for piece in [pieces] if isinstance(pieces, bytes) else pieces:
                    if piece is RESET:
                        connection.setsockopt(
                            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                        )
                        return
                    if isinstance(piece, float):
                        time.sleep(piece)
                    elif isinstance(piece, bytes):
                        connection.sendall(piece)
            finally:
                asked.ended = time.monotonic()
                with site.lock:
                    site.flying -= 1
            if not isinstance(pieces, bytes):
                return  # an answer in pieces ends its connection


def _read(reader: socket.SocketIO) -> Asked | None:  # type: ignore[type-arg,unused-ignore]
    line = reader.readline()
    if not line.strip():
        return None
    started = time.monotonic()
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = reader.read(int(headers.get("content-length", "0")))
    return Asked(method, target, headers, body or b"", started)
