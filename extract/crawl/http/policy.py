"""What may be asked, and how: http and https on public hosts of Chinese agencies, as far as the
host's robots.txt allows it. `FetchPolicy` says who asks, how often and how long.

`checked(url, terms)` judges what is written: scheme, user information, port, and the host, which
must be `gov.cn` or end in `.gov.cn` unless the source's entry names other hosts.
`refused_network(ip)` judges what a name resolves to; `connection` calls it for the very address
that it connects to, so that a name cannot answer publicly once and privately the next time.

`rules_of(status, content, token)` judges an answer for robots.txt after RFC 9309: 2xx is read, at
most 500 KiB of it; 4xx means that there are no rules. Anything else is for `client` to judge: a
host that cannot say its rules is left alone for the run. Reading the rules is Protego's work.

Out of scope: fetching and caching robots.txt (`client`), visit times, and who decides what a source
may reach beyond the rule (its entry in data/sources, given as `Terms`).
"""

import re
from dataclasses import dataclass
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from pathlib import Path
from typing import Final

import httpx
from protego import Protego

from extract import limits

GOVERNMENT: Final = "gov.cn"
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_AUTHORITY: Final = re.compile(r"[a-z]+://([^/?#]*)", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
# a user, a password, or what parsers understand in different ways
_NO_AUTHORITY: Final = re.compile(r"[\s\\@%]")
# a last label like this makes browsers read the host as a number
_LOOKS_NUMERIC: Final = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_LOWEST_FREE_PORT: Final = 1024  # below it stand other services than the web's, mail for one
_WEB_PORTS: Final = {"http": 80, "https": 443}
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")  # all of IPv6 that is given out to public networks
# Networks that Python counts as public and no public site has: the services of a cloud that every
# machine in it can ask, and those of RFC 7526, 9637 and 9602.
_NOT_FOR_THE_PUBLIC: Final = tuple(
    ip_network(network)
    for network in (
        *("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24"),
        *("3fff::/20", "5f00::/16"),
    )
)
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")  # an IPv4 address seen through NAT64


class AddressRefused(Exception):
    """An address that must not be asked; the message says which and why."""


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """How we behave.

    `contact` is a mail or web address that is sent with every request; times in seconds; `loopback`
    is for tests.
    """

    contact: str
    agent: str = "nianbao"  # also the name by which a robots.txt would call us
    gap: float = limits.HOST_GAP_SECONDS
    tries: int = limits.FETCH_TRIES
    backoff: float = limits.FETCH_BACKOFF_SECONDS
    connect: float = limits.FETCH_CONNECT_SECONDS
    read: float = limits.FETCH_READ_SECONDS
    whole: float = limits.FETCH_WHOLE_SECONDS
    robots: float = limits.ROBOTS_SECONDS
    size: int = limits.FETCH_BYTES
    ca_file: Path | None = None
    loopback: bool = False

    def __post_init__(self) -> None:
        if (
            not self.contact.isascii()
            or not self.contact.isprintable()
            or not any(mark in self.contact for mark in ("@", "://"))
        ):
            raise ValueError(
                f"contact is {self.contact!r}: give a mail address or a web address under "
                "which the crawler's owner is reached"
            )

    @property
    def user_agent(self) -> str:
        """The header that says who asks."""
        return f"{self.agent} (+{self.contact})"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a source's entry allows beyond the rule.

    `hosts` are further host names, each exact or as `*.example.cn` for all below it. `unverified`
    is the reason for which the TLS certificates of the source's hosts are not verified,
    `robots_ignored` the one for which robots.txt is not obeyed; empty, which is the rule: they are.
    Both hold for the host that is asked first, not for those that it redirects to. `gap` in seconds
    between two requests to a host takes the place of the general one.
    """

    hosts: tuple[str, ...] = ()
    unverified: str = ""
    gap: float | None = None
    robots_ignored: str = ""


NO_TERMS: Final = Terms()


@dataclass(frozen=True, slots=True)
class Address:
    """An address that passed: `url` without its fragment, `host` in lower case without brackets,
    `origin` as scheme://host:port.
    """

    url: httpx.URL
    host: str
    port: int

    @property
    def origin(self) -> str:
        """What robots.txt holds for."""
        return f"{self.url.scheme}://{self.host}:{self.port}"


def checked(url: str, terms: Terms = NO_TERMS, loopback: bool = False) -> Address:
    """The address if it may be asked; AddressRefused otherwise.

    `loopback` opens this machine's own addresses, for tests.
    """
    parsed = _parsed(url)
    if parsed.scheme not in _WEB_PORTS:
        raise AddressRefused(
            f"{url}: the scheme is {parsed.scheme or 'missing'}, only http and https are fetched"
        )
    if parsed.userinfo:
        raise AddressRefused(f"{url}: holds a user name or password before the host")
    host = parsed.raw_host.decode("ascii").lower().removesuffix(".")
    port = parsed.port or _WEB_PORTS[parsed.scheme]
    if not (port in _WEB_PORTS.values() or _LOWEST_FREE_PORT <= port <= 65_535):
        raise AddressRefused(
            f"{url}: port {port} belongs to another service than the web, or to none"
        )
    if not (loopback and host in ("localhost", "127.0.0.1", "::1")):
        _check_host(url, host, terms)
    return Address(parsed.copy_with(host=host, fragment=None), host, port)


def refused_network(ip: str, loopback: bool = False) -> str:
    """Why a connection to `ip` is refused; empty where it is a public address."""
    try:
        address = ip_address(ip.partition("%")[0])
    except ValueError:
        return f"{ip} is no IP address"
    if loopback and address.is_loopback:
        return ""
    for inner in _layers(address):
        if not _is_public(inner):
            return f"{ip} is not a public address"
    return ""


def _parsed(url: str) -> httpx.URL:
    authority = _AUTHORITY.match(url)
    if _CONTROL.search(url) or (authority and _NO_AUTHORITY.search(authority[1])):
        raise AddressRefused(
            f"{url!r}: holds control characters, or before the path a user name, a blank, a "
            "backslash or an encoded character"
        )
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError) as error:  # half a surrogate pair is the latter
        raise AddressRefused(f"{url[:200]!r}: is no address ({error})") from error


def _check_host(url: str, host: str, terms: Terms) -> None:
    if not host:
        raise AddressRefused(f"{url}: names no host")
    labels = host.split(".")
    if _LOOKS_NUMERIC.fullmatch(labels[-1]):
        try:
            IPv4Address(host)
        except AddressValueError:
            raise AddressRefused(f"{url}: the host is a number in disguise") from None
    elif ":" not in host and not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused(f"{url}: {host} is no host name")
    if not any(
        _matches(host, allowed) for allowed in (GOVERNMENT, f"*.{GOVERNMENT}", *terms.hosts)
    ):
        raise AddressRefused(
            f"{url}: {host} is not below {GOVERNMENT}; if the agency does publish there, name "
            "the host in the source's entry"
        )


def _matches(host: str, allowed: str) -> bool:
    allowed = allowed.lower()
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed


def _layers(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address and what it carries inside: IPv4 mapped, translated, or tunnelled.

    A mapped or translated one stands for its inside alone.
    """
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in _TRANSLATED:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    inside: list[IPv4Address | IPv6Address] = [address]
    if address.sixtofour:
        inside.append(address.sixtofour)
    if address.teredo:
        inside += address.teredo
    return inside


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_unspecified)
        and not any(address in network for network in _NOT_FOR_THE_PUBLIC)
    )


# ---- robots.txt


@dataclass(frozen=True)
class RobotsRules:
    """The rules of one origin as they hold for us.

    `delay` in seconds is the least gap between two requests.
    """

    token: str
    parsed: Protego | None = None
    delay: float = 0.0

    def allow(self, url: str) -> bool:
        """Whether this address may be asked."""
        return self.parsed is None or self.parsed.can_fetch(url, self.token)


NO_RULES: Final = RobotsRules("")


def rules_of(status: int, content: bytes, token: str) -> RobotsRules:
    """The rules in an answer of status 2xx or 4xx; `token` is the name by which a robots.txt would
    call us.
    """
    if not 200 <= status < 300:
        return NO_RULES
    whole = content[: limits.ROBOTS_BYTES]
    # the last line may be cut, and half a rule can say the opposite of the whole one
    if len(content) >= limits.ROBOTS_BYTES:
        whole = whole[: whole.rfind(b"\n") + 1]
    parsed = Protego.parse(whole.decode("utf-8-sig", errors="replace"))
    rate = parsed.request_rate(token)
    gaps = (parsed.crawl_delay(token) or 0.0, rate.seconds / rate.requests if rate else 0.0)
    return RobotsRules(token, parsed, max(0.0, *gaps))
