"""The one door of the browser: a proxy on loopback that lets through what the fetcher would ask,
and nothing else.

`Proxy(terms)` serves until it is closed. Every address that the browser asks for, as a whole for
http and as host and port for https, is judged by `addresses.checked`; then its name is resolved
here, every IP address that it has is judged by `addresses.refused_network`, and the connection is
made to the very address judged, as `wire` does it. What is refused gets status 403 and stands in
`refused`; what could not be reached gets 502. Connections and bytes are counted against limits;
beyond them everything is closed and `spent` says why.

Each connection carries one request or one tunnel: an answer's head is told to close, so that no
second request can travel on a connection that was opened for another host. Out of scope: TLS (the
browser's own), robots.txt and pace (the caller's).
"""

import contextlib
import re
import selectors
import socket
import threading
import time
from types import TracebackType
from typing import Final, Self

from extract import limits
from extract.crawl.http.connection import Resolve, resolve
from extract.crawl.http.policy import Address, AddressRefused, Terms, checked, refused_network

_CONNECT: Final = re.compile(rb"CONNECT (\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+):(\d{1,5}) HTTP/1\.[01]")
_PLAIN: Final = re.compile(rb"([A-Z]{3,10}) (http://\S+) HTTP/1\.[01]")
_HOP: Final = re.compile(rb"(?im)^(?:proxy-[a-z-]+|connection|keep-alive|upgrade):[^\r\n]*\r\n")
_PORT: Final = re.compile(r":\d*$")
_END: Final = b"\r\n\r\n"
_PIECE: Final = 64 * 1024
_TRIED: Final = 3  # addresses of one host
_LOOK: Final = 0.2  # seconds between looks at whether the proxy is closed


class Proxy:
    """The running proxy. `port` is where it listens on 127.0.0.1; `resolve` is replaced by tests."""

    def __init__(
        self,
        terms: Terms,
        loopback: bool = False,
        seconds: float = limits.BROWSER_SECONDS,
        resolve: Resolve = resolve,
    ) -> None:
        self.refused: dict[str, str] = {}  # host -> why
        self.failed: dict[str, str] = {}
        self.spent = ""
        self._terms, self._loopback, self._resolve = terms, loopback, resolve
        self._until = time.monotonic() + seconds
        self._bytes = self._connections = 0
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_LOOK)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, name="proxy", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._closed.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._over():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._connections += 1
            if self._connections > limits.BROWSER_CONNECTIONS:
                self.spent = f"the page opens more than {limits.BROWSER_CONNECTIONS} connections"
            threading.Thread(
                target=self._handle, args=(client,), name="proxied", daemon=True
            ).start()

    def _over(self) -> bool:
        return self._closed.is_set() or bool(self.spent) or time.monotonic() > self._until

    def _handle(self, client: socket.socket) -> None:
        """One connection of the browser; whatever breaks it off ends it."""
        with client, contextlib.suppress(OSError):
            client.settimeout(limits.FETCH_CONNECT_SECONDS)
            head, rest = self._head(client)
            line = head.partition(b"\r\n")[0]
            try:
                address = self._address(line)
                server = self._connected(address)
            except AddressRefused as refused:
                _say(client, 403, str(refused))
                return
            except OSError as error:
                _say(client, 502, str(error))
                return
            with server:
                if line.startswith(b"CONNECT"):
                    client.sendall(b"HTTP/1.1 200 OK" + _END)
                    server.sendall(rest)
                else:
                    server.sendall(_forwarded(head, address) + rest)
                    self._answer_head(server, client)
                self._relay(client, server)

    def _head(self, sender: socket.socket) -> tuple[bytes, bytes]:
        """A head with its empty line, and what came after it. OSError where none comes."""
        held = b""
        while _END not in held:
            piece = sender.recv(_PIECE)
            if not piece or len(held) > limits.BROWSER_HEAD_BYTES:
                raise ConnectionError("no head of a request or an answer")
            held += piece
            self._count(len(piece))
        head, end, rest = held.partition(_END)
        return head + end, rest

    def _address(self, line: bytes) -> Address:
        """The address of a request's first line. AddressRefused."""
        tunnel, plain = _CONNECT.fullmatch(line), _PLAIN.fullmatch(line)
        if tunnel:
            url = f"https://{tunnel[1].decode('latin-1')}:{int(tunnel[2])}/"
        elif plain:
            url = plain[2].decode("latin-1")
        else:
            raise AddressRefused(f"{line[:100]!r}: no request for a web address")
        try:
            return checked(url, self._terms, self._loopback)
        except AddressRefused as refused:
            self.refused[_host(url)] = str(refused)
            raise

    def _connected(self, address: Address) -> socket.socket:
        """A connection to an IP address of the host that was judged a moment before.

        AddressRefused, OSError.
        """
        host = address.host
        try:
            found = list(self._resolve(host, address.port))
        except (OSError, UnicodeError) as error:
            self.failed[host] = f"{host} cannot be resolved: {error}"
            raise ConnectionError(self.failed[host]) from error
        for ip in found:
            if why := refused_network(ip, self._loopback):
                self.refused[host] = f"{host}: {why}"
                raise AddressRefused(self.refused[host])
        failure: OSError = ConnectionError(f"{host} has no address")
        for ip in found[:_TRIED]:
            try:
                return socket.create_connection((ip, address.port), limits.FETCH_CONNECT_SECONDS)
            except OSError as error:
                failure = error
        self.failed[host] = str(failure)
        raise failure

    def _answer_head(self, server: socket.socket, client: socket.socket) -> None:
        """Pass the answer's head on, told to close; interim answers (1xx) before it are left out."""
        server.settimeout(limits.FETCH_READ_SECONDS)
        head, rest = self._head(server)
        while head[9:10] == b"1":
            while _END not in rest:
                piece = server.recv(_PIECE)
                if not piece:
                    raise ConnectionError("an interim answer without another")
                self._count(len(piece))
                rest += piece
            head, _, rest = rest.partition(_END)
            head += _END
        client.sendall(_closing(head) + rest)

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        """Bytes in both directions until either side ends."""
        with selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while not self._over():
                for key, _ in ready.select(_LOOK):
                    piece = key.fileobj.recv(_PIECE)  # type: ignore[union-attr]  # it is one of the two sockets
                    if not piece:
                        return
                    self._count(len(piece))
                    key.data.sendall(piece)

    def _count(self, size: int) -> None:
        with self._lock:
            self._bytes += size
            if self._bytes > limits.BROWSER_BYTES:
                self.spent = f"the page loads more than {limits.BROWSER_BYTES} bytes"


def _host(url: str) -> str:
    """The host of an address that did not pass, without its port."""
    return _PORT.sub("", url.partition("://")[2].partition("/")[0].rpartition("@")[2]).strip("[]")[
        :200
    ]


def _say(client: socket.socket, status: int, why: str) -> None:
    body = why.encode()
    head = (
        f"HTTP/1.1 {status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
        f"{len(body)}\r\nConnection: close\r\n\r\n"
    )
    client.sendall(head.encode() + body)


def _forwarded(head: bytes, address: Address) -> bytes:
    """The request as the site's server expects it: its path alone, and one request for the
    connection.
    """
    line, _, fields = head.partition(b"\r\n")
    method, target = line.split(b" ")[0], address.url.raw_path
    return _closing(method + b" " + target + b" HTTP/1.1\r\n" + fields)


def _closing(head: bytes) -> bytes:
    """A head without what speaks of the connection, told to close."""
    return _HOP.sub(b"", head).removesuffix(b"\r\n") + b"Connection: close\r\n\r\n"
