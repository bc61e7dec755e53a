"""The index says the same, whether it grew with the fetches or is made again from the manifest;
looking things up in between changes nothing.
"""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest

from extract.crawl.http.messages import Response
from extract.crawl.vault import index as ledger
from extract.crawl.vault.crawl_record import CrawlRecord
from extract.crawl.vault.store import Origin, Vault


def _tables(root: Path) -> list[list[tuple[object, ...]]]:
    with sqlite3.connect(root / "index.sqlite") as db:
        return [
            db.execute(f"select * from {table} order by 1, 2").fetchall()
            for table in ("addresses", "versions", "read", "crawls")
        ]


def _ticking() -> Callable[[], datetime]:
    minutes = count()
    return lambda: datetime(2026, 11, 24, tzinfo=UTC) + timedelta(minutes=next(minutes))


@pytest.mark.parametrize("waiting", [1, 3, 1_000])
@pytest.mark.parametrize("seed", range(4))
def test_an_index_that_grew_and_one_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, waiting: int
) -> None:
    monkeypatch.setattr(ledger, "_WAITING", waiting)
    monkeypatch.setattr(ledger, "_RECENT", 2 + waiting)
    rng = Random(seed)
    urls = [f"https://www.a.gov.cn/{n}.html" for n in range(6)]
    held: dict[str, bytes] = {}
    gone: set[str] = set()
    clock = _ticking()
    for _ in range(12):
        with Vault(tmp_path, clock) as vault:
            for _ in range(15):
                url = rng.choice(urls)
                origin = Origin(
                    url, rng.choice("st"), page=rng.choice(urls), text=rng.choice(["年报", "报告"])
                )
                what = rng.choice([*["same"] * 4, "new", "fails", "gone", "look", "crawled"])
                if what == "same" and url in held:
                    known = vault.known(url)
                    vault.keep(
                        Response(
                            url,
                            304,
                            {"etag": f'"{rng.random()}"'} if rng.random() < 0.5 else {},
                            b"",
                        ),
                        origin,
                    )
                    assert known is not None
                    gone.discard(url)
                elif what == "new":
                    held[url] = b"%d" % rng.randrange(4)
                    vault.keep(Response(url, 200, {"etag": '"1"'}, held[url]), origin)
                    gone.discard(url)
                elif what == "fails":
                    vault.failed(origin, "timeout")
                elif what == "crawled":
                    at = vault.time()
                    state, narrowed = rng.choice(["good", "stale"]), rng.random() < 0.3
                    vault.note_crawl(CrawlRecord("s", at, at, state=state, narrowed=narrowed))
                elif what == "gone" and url in held:
                    assert vault.mark_gone([url]) == (url not in gone)
                    gone.add(url)
                elif what == "look":
                    assert set(vault.gone()) == gone == {u for u in urls if vault.gone_since(u)}
                    present = vault.unlisted("s", ()) + vault.unlisted("t", ())
                    assert sorted(present) == sorted(set(held) - gone)
                    assert all(
                        (answer := vault.stored(u)) is not None and answer.content == held[u]
                        for u in held
                    )
                    assert all(vault.versions(u)[-1].path.read_bytes() == held[u] for u in held)
        grown = _tables(tmp_path)
        (tmp_path / "index.sqlite").unlink()
        Vault(tmp_path).close()
        assert _tables(tmp_path) == grown
    assert len(grown[0]) == len(urls)
