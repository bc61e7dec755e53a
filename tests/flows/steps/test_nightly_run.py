"""Whole nights over the test web: every family crawled, read, checked and published, twice; and
what changes, fails or vanishes in between.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from data import ConfigError
from extract.crawl.outcome import SourceDone
from flows.steps.crawl import Wanted, chosen, crawl
from flows.steps.nightly_run import run_night
from flows.steps.pipeline import ingest
from flows.steps.settings import Settings
from flows.steps.vault_input import fetched_input
from load.database import connect
from review.crawl_report import in_words
from review.run_report import Summary
from tests.build.draw import random_report
from tests.build.registry import LAYOUTS
from tests.flows.command import contents, nianbao
from tests.web import FAMILIES, Reply, Site, web, write_sources
from tests.web.reports import report_of

YEARS = (2021, 2022)
THREE = ("trs", "jpage", "numbered")


@dataclass
class Web:
    """The sites, and the settings of who crawls them."""

    sites: dict[str, Site]
    settings: Settings
    home: Path

    def night(
        self, **wanted: tuple[str, ...] | tuple[int, ...]
    ) -> tuple[dict[str, SourceDone], Summary]:
        done, summary = run_night(self.settings, Wanted(**wanted), [self.home / "input"])  # type: ignore[arg-type]
        return {one.source_id: one for one in done}, summary

    def ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with connect(self.settings.database) as con:
            return con.execute(query, list(values)).fetchall()


def _web(home: Path, families: tuple[str, ...], agencies: int) -> Iterator[Web]:
    (home / "input").mkdir()
    (home / "input" / "empty.txt").write_text("nothing")
    with web(families=families, agencies=agencies, years=YEARS) as sites:
        for site in sites.values():
            site.entry["tested"] = True
        sources = write_sources(sites, home / "sources.yaml")
        settings = Settings(
            database=home / "w.duckdb",
            vault=home / "vault",
            sources=sources,
            contact="crawler@example.org",
            loopback=True,
            workers=2,
        )
        yield Web(sites, settings, home)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Web]:
    yield from _web(tmp_path, THREE, 2)


@pytest.fixture(scope="module")
def _first_night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    for here in _web(tmp_path_factory.mktemp("first"), THREE, 2):
        here.night()
        yield here


@pytest.fixture
def crawled(_first_night: Web, tmp_path: Path) -> Iterator[Web]:
    """`three` after its first night: a copy of the vault and of the warehouse; what a test does to
    the sites is undone.
    """
    here, old = _first_night, _first_night.settings
    settings = old.model_copy(
        update={
            "database": Path(shutil.copy(old.database, tmp_path)),
            "vault": Path(shutil.copytree(old.vault, tmp_path / "vault")),
        }
    )
    states = {name: site.state() for name, site in here.sites.items()}
    yield Web(here.sites, settings, here.home)
    for name, state in states.items():
        here.sites[name].restore(state)
    write_sources(here.sites, here.home / "sources.yaml")


@pytest.mark.slow
def test_two_nights_over_all_families(tmp_path: Path) -> None:
    for here in _web(tmp_path, FAMILIES, 2):
        done, summary = here.night()
        truth = {t.sha256: t for site in here.sites.values() for t in site.truth}
        held = here.ask(
            "SELECT document_id, source_id, url, fetched_at IS NOT NULL FROM documents WHERE "
            "vault_path IS NOT NULL"
        )
        assert {row[0] for row in held} == set(truth), "all of it and nothing else"
        assert all(
            source and str(url).startswith("http://127.0.0.") and fetched
            for _, source, url, fetched in held
        )
        assert not [one for one in done.values() if one.stale]
        assert {str(miss.reason) for one in done.values() for miss in one.misses} == {
            "not_found"
        }, "the entries that are listed, but deleted"
        read = {
            (d, a, y) for d, a, y in here.ask("SELECT document_id, agency_id, year FROM reports")
        }
        assert read == {(t.sha256, t.agency, t.year) for t in truth.values()}
        assert summary.outcomes["extracted"] == len(truth)

        before = contents(here.settings.database)
        asked = {name: len(site.log) for name, site in here.sites.items()}
        again, summary = here.night()
        assert contents(here.settings.database) == before and not summary.rebuilt
        assert all(
            one.changes.total() == one.changes["unchanged"] == done[name].documents
            for name, one in again.items()
        )
        for name, site in here.sites.items():
            papers = {t.url for t in site.truth}
            later = [
                visit for visit in site.log[asked[name] :] if site.root + visit.asked.path in papers
            ]
            assert later and all(visit.status == 304 for visit in later), (
                f"{name}: a paper was fetched again"
            )


def changed_file(agency: str, year: int) -> bytes:
    """A docx of the same agency and year with other figures."""
    report = report_of(agency, year)
    return LAYOUTS["docx-clean"](
        replace(report, figures=random_report(5, report.edition, mean=20.0).figures), Random(1)
    )


def test_a_changed_attachment_is_restated_and_the_older_stays(crawled: Web) -> None:
    site, old = next(
        (site, t) for site in crawled.sites.values() for t in site.truth if t.url.endswith(".docx")
    )
    path = old.url.removeprefix(site.root)
    site.put(path, changed_file(old.agency, old.year), "application/octet-stream")
    done, summary = crawled.night()
    assert done[site.entry["id"]].changes["changed"] == 1 and summary.added == 1
    kept = crawled.ask(
        (
            "SELECT d.document_id, r.is_current FROM documents d JOIN reports r USING "
            "(document_id) WHERE url = ? ORDER BY fetched_at"
        ),
        old.url,
    )
    assert [row[1] for row in kept] == [False, True] and kept[0][0] == old.sha256
    ((cells, level, message),) = crawled.ask(
        "SELECT cells, level, message_en FROM findings WHERE rule_id = 'report.restated'"
    )
    assert level == "info" and f"{len(cells)} cells differ" in message  # type: ignore[arg-type,operator]
    differing = """
        SELECT count(*) FROM cells n JOIN reports r ON r.report_id = n.report_id AND r.is_current
        JOIN cells o ON o.table_id = n.table_id AND o.row_id = n.row_id AND o.col_id = n.col_id
        WHERE n.report_id = ? AND o.report_id = ? AND n.value <> o.value
    """
    assert crawled.ask(differing, str(kept[1][0])[:16], old.sha256[:16]) == [(len(cells),)]  # type: ignore[arg-type]


def test_a_dead_site_keeps_its_last_good_state_and_stops_no_other(crawled: Web) -> None:
    held = crawled.ask("SELECT document_id FROM documents WHERE source_id = 'web-jpage' ORDER BY 1")
    crawled.sites["jpage"].down = True
    newcomer = crawled.sites["trs"].truth[0]
    done, summary = crawled.night()
    assert (
        done["web-jpage"].stale
        and done["web-jpage"].misses
        and not done["web-trs"].stale
        and not done["web-numbered"].stale
    )
    assert (
        crawled.ask("SELECT document_id FROM documents WHERE source_id = 'web-jpage' ORDER BY 1")
        == held
    )
    assert crawled.ask("SELECT source_id FROM sources WHERE stale_since IS NOT NULL") == [
        ("web-jpage",)
    ]
    ((since,),) = crawled.ask("SELECT stale_since FROM sources WHERE source_id = 'web-jpage'")
    crawled.night()
    assert crawled.ask("SELECT stale_since FROM sources WHERE source_id = 'web-jpage'") == [
        (since,)
    ], "stale since the first time"
    crawled.sites["jpage"].down = False
    done, _ = crawled.night()
    assert not done["web-jpage"].stale and crawled.ask(
        "SELECT count(*) FROM sources WHERE stale_since IS NOT NULL"
    ) == [(0,)]
    assert (
        crawled.ask("SELECT count(*) FROM documents WHERE document_id = ?", newcomer.sha256)
        == [(1,)]
        and summary.removed == 0
    )


def _empty_lists(site: Site) -> None:
    for path in [p for p in site.table if "/zfxxgknb" in p and "/info/" not in p]:
        site.put(path, "<html><body><ul class='list'></ul><p>暂无信息</p></body></html>")


def _second_page_forbidden(site: Site) -> None:
    second = max(p for p in site.table if re.fullmatch(r"/bm0/zfxxgknb/\d\.htm", p))
    site.put(second, lambda asked: Reply(b"no", status=403))


@pytest.mark.parametrize(
    ("fail", "reason"),
    [
        (lambda site: setattr(site, "down", True), "connect"),
        (lambda site: setattr(site, "firewall", True), "blocked_page"),
        (_empty_lists, "no_list"),
        (_second_page_forbidden, "status"),
    ],
    ids=["dead", "firewall", "empty list", "list that breaks off"],
)
def test_a_source_that_was_not_read_whole_is_stale_without_a_minimum(
    tmp_path: Path, fail: Callable[[Site], None], reason: str
) -> None:
    for here in _web(tmp_path, ("vsb", "numbered"), 1):
        for site in here.sites.values():
            del site.entry["minimum"]
        write_sources(here.sites, here.home / "sources.yaml")
        done, _ = here.night()
        assert not [one for one in done.values() if one.stale]
        held = here.ask("SELECT document_id FROM documents ORDER BY 1")
        fail(here.sites["vsb"])
        done, _ = here.night()
        one = done["web-vsb"]
        assert one.stale and one.reason == "not_whole" and done["web-numbered"].good
        assert reason in {str(miss.reason) for miss in one.misses}
        assert "web-vsb: STALE since 20" in in_words([one])
        assert "the lists were not read whole" in in_words([one])
        assert one.gone == 0 and here.ask(
            "SELECT count(*) FROM documents WHERE gone_since IS NOT NULL"
        ) == [(0,)]
        assert here.ask("SELECT document_id FROM documents ORDER BY 1") == held
        assert here.ask(
            "SELECT source_id, state, reason, detail LIKE '%not read whole%' FROM sources WHERE "
            "stale_since IS NOT NULL"
        ) == [("web-vsb", "stale", "not_whole", True)]


def test_what_a_source_without_a_minimum_holds_is_published_though_it_is_stale(
    tmp_path: Path,
) -> None:
    for here in _web(tmp_path, ("vsb",), 1):
        site = here.sites["vsb"]
        del site.entry["minimum"]
        write_sources(here.sites, here.home / "sources.yaml")
        _second_page_forbidden(site)
        done, _ = here.night()
        assert done["web-vsb"].stale and done["web-vsb"].documents > 0
        assert here.ask("SELECT count(*) FROM documents WHERE source_id = 'web-vsb'") == [
            (done["web-vsb"].documents,)
        ]


def test_a_source_under_its_minimum_is_not_published_until_it_is_good(three: Web) -> None:
    three.sites["trs"].entry["minimum"] = 99
    write_sources(three.sites, three.home / "sources.yaml")
    done, _ = three.night()
    assert done["web-trs"].stale and done["web-trs"].changes["new"] == 4
    assert three.ask("SELECT count(*) FROM documents WHERE source_id = 'web-trs'") == [(0,)]
    assert three.ask("SELECT count(*) FROM documents WHERE source_id = 'web-jpage'") == [
        (len(three.sites["jpage"].truth),)
    ]
    done, _ = three.night()
    assert done["web-trs"].stale and done["web-trs"].changes["unchanged"] == 4
    three.night(sources=("web-jpage",))
    assert three.ask("SELECT count(*) FROM documents WHERE source_id = 'web-trs'") == [(0,)], (
        "nor in a later night"
    )
    three.sites["trs"].entry["minimum"] = 1
    write_sources(three.sites, three.home / "sources.yaml")
    three.night()
    assert three.ask("SELECT count(*) FROM documents WHERE source_id = 'web-trs'") == [(4,)]


def test_a_firewall_is_named_and_never_stored(three: Web) -> None:
    three.sites["trs"].firewall = True
    done, _ = three.night()
    assert {miss.reason for miss in done["web-trs"].misses} == {"blocked_page"} and done[
        "web-trs"
    ].stale
    assert three.ask("SELECT count(*) FROM documents WHERE source_id = 'web-trs'") == [(0,)]


def test_a_report_that_is_gone_from_its_list_stays_with_the_date(crawled: Web) -> None:
    site = crawled.sites["numbered"]
    gone = site.truth[0]
    for path, reply in list(site.table.items()):
        if (
            isinstance(reply, Reply)
            and gone.title.encode() in reply.content
            and site.root + path != gone.url
        ):
            site.table[path] = replace(
                reply, content=reply.content.replace(gone.title.encode(), "机关大事记".encode())
            )
    site.entry["minimum"] = 1
    write_sources(crawled.sites, crawled.home / "sources.yaml")
    done, summary = crawled.night()
    assert done["web-numbered"].gone >= 1 and summary.removed == 0
    ((since,),) = crawled.ask("SELECT gone_since FROM documents WHERE document_id = ?", gone.sha256)
    assert since is not None and crawled.ask(
        "SELECT count(*) FROM reports WHERE document_id = ?", gone.sha256
    ) == [(1,)]
    others = crawled.ask(
        "SELECT count(*) FROM documents WHERE gone_since IS NOT NULL AND document_id <> ?",
        gone.sha256,
    )
    assert others == [(0,)]


def test_one_file_on_the_lists_of_two_agencies_is_an_error(crawled: Web) -> None:
    attached = [
        (site, t) for site in crawled.sites.values() for t in site.truth if t.role == "attachment"
    ]
    site, first, other = next(
        (s, t, o) for s, t in attached for of, o in attached if of is s and o.agency != t.agency
    )
    content = site.table[first.url.removeprefix(site.root)]
    assert crawled.ask("SELECT count(*) FROM findings WHERE rule_id = 'report.same_file'") == [(0,)]
    site.table[other.url.removeprefix(site.root)] = content
    crawled.night()
    found = crawled.ask(
        (
            "SELECT level, message_en FROM findings WHERE rule_id = 'report.same_file' AND "
            "report_id = ?"
        ),
        first.sha256[:16],
    )
    assert (
        len(found) == 1
        and found[0][0] == "error"
        and first.agency in str(found[0][1])
        and other.agency in str(found[0][1])
    )


def test_a_broken_file_of_the_vault_is_never_read_and_unmakes_no_reading(crawled: Web) -> None:
    before = crawled.ask("SELECT * FROM cells ORDER BY ALL")
    ((document, place),) = crawled.ask(
        "SELECT document_id, vault_path FROM documents WHERE format = 'docx' ORDER BY 1 LIMIT 1"
    )
    file = crawled.settings.vault / str(place)
    whole = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    paths = [crawled.home / "input"]
    fetched = fetched_input(crawled.settings, Wanted())
    ingest(crawled.settings, paths, fetched=fetched, force=True)
    assert crawled.ask("SELECT * FROM cells ORDER BY ALL") == before, "the good reading stays"
    fresh = crawled.settings.model_copy(update={"database": crawled.home / "fresh.duckdb"})
    ingest(fresh, paths, fetched=fetched_input(fresh, Wanted()))
    with connect(fresh.database) as con:
        ((status, reason),) = con.execute(
            "SELECT status, reason FROM outcomes WHERE document_id = ?", [document]
        ).fetchall()
        assert (status, reason) == ("failed", "unreadable")
    file.write_bytes(whole)
    ingest(fresh, paths, fetched=fetched_input(fresh, Wanted()))
    with connect(fresh.database) as con:
        assert con.execute(
            "SELECT status FROM outcomes WHERE document_id = ?", [document]
        ).fetchall() == [("extracted",)], "restored, it is read"


def test_what_is_asked_for_narrows_the_crawl(three: Web) -> None:
    agency = three.sites["trs"].truth[0].agency
    done, _ = three.night(sources=("web-trs",), agencies=(agency,), years=(2021,))
    assert list(done) == ["web-trs"] and not done["web-trs"].stale
    assert set(three.ask("SELECT agency_id, year FROM reports")) == {(agency, 2021)}
    assert not three.sites["jpage"].log


def test_the_registry_is_asked_before_anything_is_fetched(three: Web) -> None:
    with pytest.raises(ConfigError, match="nowhere: no such source"):
        crawl(three.settings, Wanted(("nowhere",)))
    with pytest.raises(ConfigError, match="没有局: no agency of the sources marked as tested"):
        crawl(three.settings, Wanted(agencies=("没有局",)))
    with pytest.raises(ConfigError, match="NIANBAO_CONTACT"):
        crawl(three.settings.model_copy(update={"contact": ""}), Wanted())
    assert not any(site.log for site in three.sites.values())
    for site in three.sites.values():
        site.entry["tested"] = False
    write_sources(three.sites, three.home / "sources.yaml")
    assert chosen(three.settings, Wanted()) == (), (
        "an entry that nobody has seen work is crawled only by name"
    )


def test_the_commands(three: Web) -> None:
    env = {
        "NIANBAO_VAULT": str(three.settings.vault),
        "NIANBAO_SOURCES": str(three.settings.sources),
        "NIANBAO_CONTACT": three.settings.contact,
        "NIANBAO_LOOPBACK": "true",
        "NIANBAO_INPUT": str(three.home / "input"),
    }
    tried = nianbao(three.home, "source", "test", "web-trs", env=env)
    assert (
        tried.returncode == 0 and "family trs" in tried.stdout and not three.settings.vault.exists()
    ), tried.stderr
    assert all(t.title[:8] in tried.stdout for t in three.sites["trs"].truth)
    dry = nianbao(three.home, "crawl", "--dry-run", env=env)
    assert (
        dry.returncode == 0
        and dry.stdout.count("reports listed") == 3
        and not three.settings.vault.exists()
    ), dry.stderr
    crawled = nianbao(three.home, "crawl", env=env)
    assert crawled.returncode == 0 and "web-jpage: " in crawled.stdout, crawled.stderr
    done = nianbao(three.home, "nightly", env=env)
    assert done.returncode == 0 and "unchanged)" in done.stdout and "extracted" in done.stdout, (
        done.stderr
    )
    assert nianbao(three.home, "vault", "verify", env=env).returncode == 0
    exported = nianbao(three.home, "vault", "export", "--warc", three.home / "all.warc.gz", env=env)
    assert exported.returncode == 0 and (three.home / "all.warc.gz").stat().st_size > 1000, (
        exported.stderr
    )
    broken = next(p for p in (three.settings.vault / "raw").rglob("*") if p.is_file())
    broken.chmod(0o644)
    broken.write_bytes(broken.read_bytes()[:-1])
    faulty = nianbao(three.home, "vault", "verify", env=env)
    assert faulty.returncode == 4 and broken.name in faulty.stdout
    for wrong, said in (
        (["crawl", "--source", "nowhere"], "no such source"),
        (["source", "test", "nowhere"], "no such source"),
    ):
        refused = nianbao(three.home, *wrong, env=env)
        assert (
            refused.returncode == 3 and said in refused.stderr and "Traceback" not in refused.stderr
        )
    three.sites["jpage"].down = True
    stale = nianbao(three.home, "crawl", env=env)
    assert stale.returncode == 4 and "web-jpage: STALE" in stale.stdout, stale.stderr
    nowhere = nianbao(
        three.home, "vault", "verify", env=env | {"NIANBAO_VAULT": str(three.home / "none")}
    )
    assert nowhere.returncode == 3 and "crawl first" in nowhere.stderr


@pytest.mark.parametrize("made", [False, True])
def test_a_night_without_an_input_folder_reads_the_vault_alone(tmp_path: Path, made: bool) -> None:
    """Never the samples: neither where nothing is set, nor where the folder is empty."""
    env = {"NIANBAO_VAULT": str(tmp_path / "vault")}
    if made:
        (tmp_path / "input").mkdir()
        env["NIANBAO_INPUT"] = str(tmp_path / "input")
    ran = nianbao(tmp_path, "nightly", env=env)
    assert ran.returncode == 0 and "read 0 of 0 documents" in ran.stdout, ran.stderr
