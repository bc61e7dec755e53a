"""Fetcher and vault together, as a night of crawling uses them: what fails has a reason, what is
unchanged costs a question, what changed is kept twice.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from extract.crawl.http.client import Fetcher
from extract.crawl.http.connection import Connections
from extract.crawl.http.messages import FetchError, Request
from extract.crawl.http.policy import FetchPolicy
from extract.crawl.vault.store import Origin, Vault
from extract.crawl.vault.verify import verify
from tests.extract.crawl.servers import RESET, Asked, Piece, Site, reply, serving

QUICK = FetchPolicy(
    contact="data@example.org",
    gap=0.0,
    backoff=0.0,
    connect=2.0,
    read=0.3,
    whole=2.0,
    loopback=True,
)
MANY = 100
FAILING = {
    0: "not_found",
    10: "http_error",
    20: "http_error",
    30: "timeout",
    40: "truncated",
    50: "too_many_redirects",
    60: "refused_address",
    70: "coding",
    80: "connect",
    90: "robots",
}


def _site(edition: list[int]) -> object:
    def answer(asked: Asked, number: int) -> bytes | list[Piece]:
        if asked.target == "/robots.txt":
            return reply(200, b"User-agent: *\n" + b"Disallow: /90.html\n")
        n = int(asked.target.strip("/").removesuffix(".html"))
        answers: dict[int, bytes | list[Piece]] = {
            0: reply(404),
            10: reply(500),
            20: reply(403),
            30: [0.5],
            40: [reply(200, b"x", length=9)],
            50: reply(302, b"", f"Location: /{n}.html"),
            60: reply(302, b"", "Location: http://10.0.0.1/"),
            70: reply(200, b"x", "Content-Encoding: br"),
            80: [RESET],
        }
        if n in answers:
            return answers[n]
        tag = f'"{n}-{edition[0] if n % 50 == 1 else 0}"'
        return (
            reply(304, b"", f"ETag: {tag}")
            if asked.headers.get("if-none-match") == tag
            else reply(200, tag.encode() * 100, f"ETag: {tag}")
        )

    return answer


def _night(site: Site, root: Path) -> tuple[Counter[str], Counter[str], int]:
    """Gives the reasons, the changes, and the bytes that came."""
    with (
        Vault(root) as vault,
        Fetcher(
            QUICK, Connections(loopback=True, resolve=lambda host, port: ["127.0.0.1"])
        ) as fetcher,
        ThreadPoolExecutor(4) as pool,
    ):

        def one(n: int) -> tuple[str, str]:
            origin = Origin(site.url(f"/{n}.html", f"www.{n % 4}.gov.cn"), f"s{n % 4}")
            try:
                answer = fetcher.fetch(Request(origin.url), known=vault.known(origin.url))
            except FetchError as error:
                vault.failed(origin, error.reason, error.status)
                return error.reason, ""
            return "", vault.keep(answer, origin).change

        results = list(pool.map(one, range(MANY)))
        assert {fault.kind for fault in verify(vault)} == set()
        return (
            Counter(r for r, _ in results if r),
            Counter(c for _, c in results if c),
            fetcher.counts()["bytes"],
        )


def test_three_nights(tmp_path: Path) -> None:
    edition = [0]
    expected = Counter(FAILING.values())
    with serving(_site(edition)) as site:  # type: ignore[arg-type]
        reasons, changes, _ = _night(site, tmp_path)
        assert (reasons, changes) == (expected, {"new": 90})
        reasons, changes, came = _night(site, tmp_path)
        assert (reasons, changes) == (expected, {"unchanged": 90})
        assert came < 1000  # robots.txt
        edition[0] = 1
        reasons, changes, _ = _night(site, tmp_path)
        assert (reasons, changes) == (expected, {"unchanged": 88, "changed": 2})
    with Vault(tmp_path) as vault:
        assert len(list(vault.entries())) == 92
        assert sum(1 for p in (tmp_path / "raw").rglob("*") if p.is_file()) == 92
        assert (
            sum(
                line.count(b"\n")
                for line in (p.read_bytes() for p in (tmp_path / "manifest").iterdir())
            )
            == 3 * MANY
        )
