"""Connections: sixteen kinds of refused addresses of which no byte reaches anyone, TLS, HTTP/2, and
no proxy from the environment.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import httpcore
import pytest
import trustme

from extract.crawl.http.client import Fetcher
from extract.crawl.http.connection import Connections
from extract.crawl.http.messages import FetchError, FetchReason, Request
from extract.crawl.http.policy import NO_TERMS, FetchPolicy, Terms
from tests.extract.crawl.servers import Site, reply, serving

QUICK = FetchPolicy(
    contact="data@example.org",
    gap=0.0,
    backoff=0.01,
    connect=2.0,
    read=2.0,
    whole=3.0,
    loopback=True,
)


class Network(httpcore.NetworkBackend):
    """Remembers where it was to connect to, and leads every address that is not loopback to `port`
    on loopback.
    """

    def __init__(self, port: int) -> None:
        self.port, self.connected = port, list[tuple[str, int]]()

    def connect_tcp(
        self, host: str, port: int, *rest: Any, **options: Any
    ) -> httpcore.NetworkStream:
        self.connected.append((host, port))
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.port, *rest, **options)


def failing(url: str, connections: Connections, terms: Terms = NO_TERMS) -> FetchReason:
    with (
        Fetcher(replace(QUICK, loopback=False), connections) as fetcher,
        pytest.raises(FetchError) as caught,
    ):
        fetcher.fetch(Request(url), terms)
    return caught.value.reason


ANY = Terms(
    hosts=(
        "*.cn",
        "127.0.0.1",
        "::1",
        "169.254.169.254",
        "10.0.0.1",
        "100.64.0.1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "0.0.0.0",  # noqa: S104
        "2130706433",
    )
)
WRITTEN = {
    "loopback": "http://127.0.0.1:{}/",
    "loopback 6": "http://[::1]:{}/",
    "link local": "http://169.254.169.254/latest/",
    "private": "http://10.0.0.1:{}/",
    "shared": "http://100.64.0.1:{}/",
    "unique local 6": "http://[fc00::1]:{}/",
    "mapped": "http://[::ffff:127.0.0.1]:{}/",
    "any": "http://0.0.0.0:{}/",
    "decimal": "http://2130706433:{}/",
    "file": "file:///etc/hostname",
    "data": "data:text/plain,x",
    "ftp": "ftp://127.0.0.1:{}/",
    "user": "http://a:b@127.0.0.1:{}/",
}


@pytest.mark.parametrize("url", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("terms", [NO_TERMS, ANY], ids=["rule", "named in the source"])
def test_refused_addresses_are_never_connected_to(url: str, terms: Terms) -> None:
    """Thirteen kinds by what is written, and even where a source's entry names them."""
    with serving(lambda asked, number: reply(200)) as site:
        network = Network(site.port)
        connections = Connections(resolve=lambda host, port: [host], network=network)
        assert failing(url.format(site.port), connections, terms) is FetchReason.REFUSED_ADDRESS
        assert (network.connected, site.connections) == ([], 0)


@pytest.mark.parametrize(
    "found",
    [
        ["10.0.0.7"],
        ["127.0.0.1"],
        ["202.96.128.86", "192.168.0.1"],
        ["::ffff:10.0.0.1"],
        ["fe80::1%eth0"],
    ],
)
def test_a_name_that_leads_to_a_private_address(found: list[str]) -> None:
    with serving(lambda asked, number: reply(200)) as site:
        network = Network(site.port)
        assert (
            failing(site.url(), Connections(resolve=lambda host, port: found, network=network))
            is FetchReason.REFUSED_ADDRESS
        )
        assert (network.connected, site.connections) == ([], 0)


@pytest.mark.parametrize(
    "target",
    [
        "http://intern.test.gov.cn/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
    ],
)
def test_a_redirect_to_a_private_address(target: str) -> None:
    names = {"www.test.gov.cn": "202.96.128.86", "intern.test.gov.cn": "10.0.0.1"}
    with serving(
        lambda asked, number: (
            b"" if asked.target == "/robots.txt" else reply(302, b"", f"Location: {target}")
        )
    ) as site:
        network = Network(site.port)
        connections = Connections(
            resolve=lambda host, port: [names.get(host, host)], network=network
        )
        assert failing(site.url(), connections, ANY) is FetchReason.REFUSED_ADDRESS
        assert {host for host, _ in network.connected} == {"202.96.128.86"}


def test_a_name_that_is_public_first_and_private_afterwards() -> None:
    """Each connection goes to the address that was judged; the second answer of the name is judged
    anew and refused.
    """
    answers = iter([["202.96.128.86"], ["127.0.0.1"], ["127.0.0.1"]])
    with serving(lambda asked, number: reply(200, b"", "Connection: close")) as site:
        network = Network(site.port)
        assert (
            failing(
                site.url(), Connections(resolve=lambda host, port: next(answers), network=network)
            )
            is FetchReason.REFUSED_ADDRESS
        )
        assert network.connected == [("202.96.128.86", site.port)]
        # the first connection's; nothing followed
        assert [a.target for a in site.asked] == ["/robots.txt"]
        assert site.asked[0].headers["host"] == f"www.test.gov.cn:{site.port}"


def test_a_name_without_an_address() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    assert failing("http://www.test.gov.cn/", Connections(resolve=unknown)) is FetchReason.CONNECT


def test_the_next_address_is_tried_where_the_first_does_not_answer() -> None:
    connections = Connections(loopback=True, resolve=lambda host, port: ["::1", "127.0.0.1"])
    with (
        serving(lambda asked, number: reply(200, b"x")) as site,
        Fetcher(QUICK, connections) as fetcher,
    ):
        assert fetcher.fetch(Request(site.url())).content == b"x"


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        serving(lambda asked, number: reply(200, b"proxy")) as proxy,
        serving(lambda asked, number: reply(200, b"site")) as site,
    ):
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        with Fetcher(
            QUICK, Connections(loopback=True, resolve=lambda host, port: ["127.0.0.1"])
        ) as fetcher:
            assert fetcher.fetch(Request(site.url())).content == b"site"
        assert proxy.connections == 0


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def server_side(certificate: trustme.LeafCert, *alpn: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def ask(site: Site, ca_file: Path | None, terms: Terms = NO_TERMS) -> tuple[bytes, dict[str, int]]:
    with Fetcher(
        QUICK, Connections(loopback=True, ca_file=ca_file, resolve=lambda host, port: ["127.0.0.1"])
    ) as fetcher:
        return fetcher.fetch(Request(site.url(scheme="https")), terms).content, fetcher.counts()


def certificates(authority: trustme.CA) -> dict[str, trustme.LeafCert]:
    return {
        "expired": authority.issue_cert(
            "www.test.gov.cn", not_before=datetime(2020, 1, 1), not_after=datetime(2021, 1, 1)
        ),
        "self-signed": trustme.CA().issue_cert("www.test.gov.cn"),
        "wrong host": authority.issue_cert("www.other.gov.cn"),
    }


@pytest.mark.parametrize("kind", ["expired", "self-signed", "wrong host"])
def test_a_bad_certificate_is_refused_unless_the_source_says_why(
    authority: trustme.CA, ca_file: Path, kind: str
) -> None:
    with serving(
        lambda asked, number: reply(200, b"x"), server_side(certificates(authority)[kind])
    ) as site:
        with pytest.raises(FetchError) as caught:
            ask(site, ca_file)
        assert caught.value.reason is FetchReason.TLS
        assert site.asked == []
        content, counts = ask(
            site, ca_file, Terms(unverified="the agency has let its certificate expire")
        )
        assert (content, counts["unverified"]) == (b"x", 2)


def test_a_good_certificate_is_verified(authority: trustme.CA, ca_file: Path) -> None:
    with serving(
        lambda asked, number: reply(200, b"x"), server_side(authority.issue_cert("www.test.gov.cn"))
    ) as site:
        content, counts = ask(site, ca_file)
        assert (content, counts.get("unverified", 0)) == (b"x", 0)


def test_a_reason_holds_for_the_sources_own_host_alone(
    authority: trustme.CA, ca_file: Path
) -> None:
    bad = server_side(certificates(authority)["self-signed"])
    with serving(lambda asked, number: reply(200, b"x"), bad) as other:
        moved = reply(302, b"", f"Location: {other.url(host='www.b.gov.cn', scheme='https')}")
        with (
            serving(
                lambda asked, number: moved if asked.target != "/robots.txt" else b"", bad
            ) as site,
            pytest.raises(FetchError) as caught,
        ):
            ask(site, ca_file, Terms(unverified="self-signed"))
        assert caught.value.reason is FetchReason.TLS
        assert other.asked == []


def test_no_tls_where_tls_is_expected(ca_file: Path) -> None:
    with (
        serving(lambda asked, number: reply(200, b"x")) as site,
        pytest.raises(FetchError) as caught,
    ):
        ask(site, ca_file)
    # a server that waits for the rest of what it takes for a request lets the handshake time out
    refused = (FetchReason.TLS, FetchReason.CONNECT, FetchReason.HOST_SKIPPED)
    assert caught.value.reason in refused
    assert "GET" not in {a.method for a in site.asked}


# HTTP/2


@contextmanager
def serving_http2(
    context: ssl.SSLContext, send: Callable[[h2.connection.H2Connection, int, str], None]
) -> Iterator[Site]:
    """A server that speaks HTTP/2 alone: `send(connection, stream, path)` puts the answer into the
    connection.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    site = Site(listener.getsockname()[1])

    def talk(raw: socket.socket) -> None:
        with suppress(OSError), closing(context.wrap_socket(raw, server_side=True)) as peer:
            protocol = h2.connection.H2Connection(
                h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
            )
            protocol.initiate_connection()
            peer.sendall(protocol.data_to_send())
            while data := peer.recv(65_536):
                for event in protocol.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        send(protocol, event.stream_id, dict(event.headers)[":path"])
                peer.sendall(protocol.data_to_send())

    def serve() -> None:
        with suppress(OSError):
            while True:
                raw, _ = listener.accept()
                site.connections += 1
                threading.Thread(target=talk, args=(raw,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def test_http2_is_spoken_and_half_an_answer_is_refused_there_too(
    authority: trustme.CA, ca_file: Path
) -> None:
    def send(protocol: h2.connection.H2Connection, stream: int, path: str) -> None:
        if path == "/robots.txt":
            protocol.send_headers(stream, [(":status", "404")], end_stream=True)
            return
        protocol.send_headers(
            stream, [(":status", "200"), ("content-length", "4"), ("etag", '"2"')]
        )
        protocol.send_data(
            stream, b"ha" if path == "/short" else b"half", end_stream=path != "/reset"
        )
        if path == "/reset":
            protocol.reset_stream(stream)

    with (
        serving_http2(server_side(authority.issue_cert("www.test.gov.cn"), "h2"), send) as site,
        Fetcher(
            QUICK,
            Connections(loopback=True, ca_file=ca_file, resolve=lambda host, port: ["127.0.0.1"]),
        ) as fetcher,
    ):
        got = fetcher.fetch(Request(site.url(scheme="https")))
        assert (got.content, got.headers["etag"]) == (b"half", '"2"')
        assert site.connections == 1
        for path in ("/short", "/reset"):
            with pytest.raises(FetchError) as caught:
                fetcher.fetch(Request(site.url(path, scheme="https")))
            assert caught.value.reason in (
                FetchReason.TRUNCATED,
                FetchReason.CONNECT,
            )  # it may break before the head is read
