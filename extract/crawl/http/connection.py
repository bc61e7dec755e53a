"""The connections: each goes to an address that was checked a moment before, and each request has a
deadline that no slow byte can stretch.

`Connections.send(request, unverified, connect, read, whole)` sends one request and gives the
answer's head, with the body still to be read. A host name is resolved once a connection, every
address that it has is judged by `policy`, and the connection is made to the very address judged: a
name that answers publicly first and privately afterwards (DNS rebinding) gains nothing. TLS and the
Host header keep the name.

Proxies from the environment are not used: behind a proxy, not we but it would resolve the name. TLS
certificates are verified against certifi's authorities and those of `ca_file`; `unverified` is for
hosts whose source says why. HTTP/2 is used where the server offers it.

httpx builds the requests; httpcore carries them, because httpx's own transport leaves no place for
a check between resolving and connecting. The time that the system's resolver takes is its own and
not bounded here. Out of scope: retries, gaps, redirects, bodies (`client`, `body`).
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import certifi
import httpcore
import httpx

from extract import limits
from extract.crawl.http.policy import AddressRefused, refused_network

Resolve = Callable[[str, int], Sequence[str]]
_ADDRESSES_TRIED: Final = 3


def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a host name, as the system's resolver gives them; OSError where it has
    none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Connections:
    """Connections to many hosts, kept open for a while between requests. Threads may share it."""

    def __init__(
        self,
        loopback: bool = False,
        ca_file: Path | None = None,
        resolve: Resolve = resolve,
        network: httpcore.NetworkBackend | None = None,
    ) -> None:
        guarded = _Guarded(network or httpcore.SyncBackend(), resolve, loopback)
        self._deadline = guarded.deadline
        self._pools = {
            False: _pool(_verified(ca_file), guarded),
            True: _pool(_unverified(), guarded),
        }

    def send(
        self, request: httpx.Request, unverified: bool, connect: float, read: float, whole: float
    ) -> httpcore.Response:
        """The answer's status and headers; its `stream` yields the body as sent and must be closed.

        All three times in seconds; `whole` runs on while the body is read, by this thread. Raises
        AddressRefused, and httpcore's errors.
        """
        self._deadline.at = time.monotonic() + whole
        timeout = {"connect": min(connect, whole), "read": read, "write": read, "pool": connect}
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.read(),
            extensions={"timeout": timeout},
        )
        return self._pools[unverified].handle_request(asked)

    def close(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            pool.close()


class _RequestDeadline(threading.local):
    """Until when this thread's request may last, in monotonic seconds.

    A request is made by one thread, wherever its connection came from.
    """

    at: float = float("inf")

    def left(self, timeout: float | None) -> float:
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the whole request took too long")
        return seconds if timeout is None else min(timeout, seconds)


class _Guarded(httpcore.NetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, inner: httpcore.NetworkBackend, resolve: Resolve, loopback: bool) -> None:
        self._inner, self._resolve, self._loopback = inner, resolve, loopback
        self.deadline = _RequestDeadline()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: httpcore.ConnectError | httpcore.ConnectTimeout = httpcore.ConnectError(
            f"{host} has no address"
        )
        for address in self._checked(host, port)[:_ADDRESSES_TRIED]:
            try:
                stream = self._inner.connect_tcp(
                    address, port, self.deadline.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Bounded(stream, self.deadline)
        raise failure

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            found = list(self._resolve(host, port))
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved: {error}") from error
        for address in found:
            if why := refused_network(address, self._loopback):
                raise AddressRefused(f"{host}: {why}")
        return found


class _Bounded(httpcore.NetworkStream):
    """A connection that ends with its request's deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _RequestDeadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Bounded(
            self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout)),
            self._deadline,
        )

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _pool(context: ssl.SSLContext, backend: httpcore.NetworkBackend) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=context,
        max_connections=None,  # the throttle allows one a host
        max_keepalive_connections=limits.FETCH_IDLE_CONNECTIONS,
        keepalive_expiry=limits.FETCH_IDLE_SECONDS,
        http2=True,
        network_backend=backend,
    )


def _verified(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def _unverified() -> ssl.SSLContext:
    """For a source whose entry says why its certificate cannot be verified."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
