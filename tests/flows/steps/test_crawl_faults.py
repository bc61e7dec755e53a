"""A crawl where much goes wrong: each failing address ends with its reason, and a run that is
killed leaves nothing half.
"""

import hashlib
import os
import signal
import threading
import time
from pathlib import Path
from random import Random

import pytest

from extract.crawl.http.client import Fetcher
from extract.crawl.http.policy import FetchPolicy
from extract.crawl.sources import load_sources
from extract.crawl.vault.store import Vault
from extract.crawl.vault.verify import verify
from flows.steps.crawl import CRASHED, CrawlRun, Stopped, Wanted, crawl_and_record, crawl_source
from tests.conftest import more_at_night
from tests.flows.command import contents, nianbao, start
from tests.web import web, write_sources
from tests.web.many import many
from tests.web.server import Asked, Reply

KILLS = more_at_night(day=2, night=20)
POLICY = FetchPolicy(contact="crawler@example.org", loopback=True, gap=0, backoff=0.01)


def test_one_in_five_fails_and_each_says_why(tmp_path: Path) -> None:
    with (
        many(100) as (site, failing),
        Vault(tmp_path / "vault") as vault,
        Fetcher(POLICY) as fetcher,
    ):
        (source,) = load_sources(write_sources({"many": site}, tmp_path / "sources.yaml"))
        done = crawl_source(source, CrawlRun(fetcher, vault, Wanted()), vault.time())
        assert (done.listed, done.documents, done.changes["new"]) == (100, 80, 80)
        assert {miss.url: str(miss.reason) for miss in done.misses} == failing and len(
            done.misses
        ) == 20
        again = crawl_source(source, CrawlRun(fetcher, vault, Wanted()), vault.time())
        assert (
            again.documents == again.changes["unchanged"] == 80
            and {miss.url: str(miss.reason) for miss in again.misses} == failing
        )
        assert not [fault for fault in verify(vault) if fault.kind != "orphan"]


def test_a_mistake_of_ours_costs_its_source_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(*arguments: object) -> None:
        raise IndexError("a page like no other")

    monkeypatch.setattr("flows.steps.crawl.list_reports", mistaken)
    with (
        web(families=("trs",), agencies=1, years=(2022,)) as sites,
        Vault(tmp_path / "vault") as vault,
        Fetcher(POLICY) as fetcher,
    ):
        (source,) = load_sources(write_sources(sites, tmp_path / "sources.yaml"))
        done = crawl_and_record(source, CrawlRun(fetcher, vault, Wanted()))
    assert (
        done.stale
        and [miss.reason for miss in done.misses] == [CRASHED]
        and "a page like no other" in done.misses[0].detail
    )


def test_a_crawl_that_is_stopped_asks_for_nothing_more(tmp_path: Path) -> None:
    stop = threading.Event()

    def third(asked: Asked) -> Reply:
        stop.set()
        return paper

    with (
        many(10, every=100) as (site, _),
        Vault(tmp_path / "vault") as vault,
        Fetcher(POLICY) as fetcher,
    ):
        held = site.table["/nb/2023/t2.html"]
        assert isinstance(held, Reply)
        paper = held
        site.put("/nb/2023/t2.html", third)
        (source,) = load_sources(write_sources({"many": site}, tmp_path / "sources.yaml"))
        with pytest.raises(Stopped):
            crawl_and_record(source, CrawlRun(fetcher, vault, Wanted(), stop=stop))
        assert site.paths()[-1] == "/nb/2023/t2.html" and len(list(vault.entries())) == 3
        assert not verify(vault) and not vault.gone()


@pytest.mark.slow
@pytest.mark.parametrize(("end", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_and_systemctl_stop_end_a_crawl_soon(
    tmp_path: Path, end: signal.Signals, code: int
) -> None:
    reached = threading.Event()

    def slow(asked: Asked) -> Reply:
        reached.set()
        time.sleep(0.5)
        return Reply(b"busy", status=404)

    with many(60, every=100) as (site, _):
        for n in range(60):
            site.put(f"/nb/2023/t{n}.html", slow)
        sources = write_sources({"many": site}, tmp_path / "sources.yaml")
        env = {
            "NIANBAO_VAULT": str(tmp_path / "vault"),
            "NIANBAO_SOURCES": str(sources),
            "NIANBAO_CONTACT": "crawler@example.org",
            "NIANBAO_LOOPBACK": "true",
        }
        process = start(tmp_path, "crawl", **env)
        assert reached.wait(20)
        process.send_signal(end)
        out, error = process.communicate(timeout=10)
    assert (
        process.returncode == code
        and error.startswith("nianbao: stopped")
        and error.count("\n") == 1
        and not out
    ), error
    with Vault(tmp_path / "vault") as vault:
        assert not verify(vault)


@pytest.mark.slow
def test_a_killed_night_leaves_nothing_half_and_ends_the_same(tmp_path: Path) -> None:
    rng = Random(20)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    with web(families=("trs", "jpage", "ucap"), agencies=2, years=(2021, 2022)) as sites:
        for site in sites.values():
            site.entry["tested"] = True
        sources = write_sources(sites, tmp_path / "sources.yaml")
        given = tmp_path / "input"  # the same for both: a document says where it lay
        for folder in (whole, killed, given):
            folder.mkdir()
        (given / "empty.txt").write_text("nothing")

        def env(home: Path) -> dict[str, str]:
            return {
                "NIANBAO_VAULT": str(home / "vault"),
                "NIANBAO_SOURCES": str(sources),
                "NIANBAO_CONTACT": "crawler@example.org",
                "NIANBAO_LOOPBACK": "true",
                "NIANBAO_INPUT": str(given),
                "NIANBAO_BATCH": "3",
            }

        started = time.monotonic()
        assert nianbao(whole, "nightly", env=env(whole)).returncode == 0
        took = time.monotonic() - started
        for _ in range(KILLS):
            process = start(killed, "nightly", **env(killed))
            time.sleep(rng.uniform(0.2, took))
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            for path in (p for p in (killed / "vault" / "raw").rglob("*") if p.is_file()):
                assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
        ended = nianbao(killed, "nightly", env=env(killed))
        assert ended.returncode == 0, ended.stderr
    assert _told(contents(killed / "w.duckdb")) == _told(contents(whole / "w.duckdb"))


def _told(tables: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Without what may differ between two runs: when each was, and when each file was fetched."""
    return {name: rows for name, rows in tables.items() if name not in ("runs", "documents")} | {
        "documents": sorted(
            tuple(v for v in row if not hasattr(v, "year")) for row in tables["documents"]
        )
    }
