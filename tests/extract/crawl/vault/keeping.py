"""Answers to keep and a clock to keep them by, for tests of the vault."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from extract.crawl.http.messages import Response
from extract.crawl.vault.fetch_log import FetchRecord
from extract.crawl.vault.store import Vault
from extract.crawl.vault.verify import verify

URL = "https://www.a.gov.cn/zfxxgk/nb/2022.html"
WHEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


class Clock:
    """A time that goes on by a minute whenever it is asked for."""

    def __init__(self) -> None:
        self.at = WHEN

    def __call__(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at


def answer(
    content: bytes = b"report", status: int = 200, url: str = URL, **headers: str
) -> Response:
    return Response(
        url, status, {name.replace("_", "-"): value for name, value in headers.items()}, content
    )


def lines(root: Path) -> list[FetchRecord]:
    return [
        FetchRecord.from_line(line)
        for path in sorted((root / "manifest").iterdir())
        for line in path.read_bytes().splitlines()
    ]


def kinds(vault: Vault) -> list[str]:
    return [fault.kind for fault in verify(vault)]
