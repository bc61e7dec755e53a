"""A warehouse that was lost is made anew from the vault, the input, the corrections and the
registry: the same rows, also in a night in which sites are down.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from load.history import history_beside
from tests.flows.command import contents
from tests.flows.steps.test_nightly_run import Web, _web, changed_file
from tests.web import write_sources

RUNNING = ("runs", "changes")  # of which a new run adds rows
OF_THE_RUN = {"outcomes": "seconds", "findings": "last_seen, status"}


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Web]:
    yield from _web(tmp_path, ("trs", "jpage", "numbered", "vsb"), 2)


def rows_of(here: Web) -> dict[str, list[tuple[object, ...]]]:
    """All rows, without the columns that say when a run was and how long it took."""
    return {
        name: here.ask(
            f"SELECT * {f'EXCLUDE ({OF_THE_RUN[name]})' if name in OF_THE_RUN else ''} "
            f"FROM {name} ORDER BY ALL"
        )
        for name in contents(here.settings.database)
        if name not in RUNNING
    }


def lose(here: Web) -> None:
    here.settings.database.rename(here.settings.database.with_name("lost.duckdb"))


def test_a_warehouse_made_anew_while_sites_are_down_is_the_same(sites: Web) -> None:
    sites.night()
    for name in ("trs", "numbered"):
        site = sites.sites[name]
        old = next(t for t in site.truth if t.role != "page" or name == "trs")
        site.put(old.url.removeprefix(site.root), changed_file(old.agency, old.year), "x/x")
    sites.sites["jpage"].down = True
    sites.night()
    sites.sites["vsb"].firewall = True
    sites.sites["trs"].down = True
    sites.night()
    before = rows_of(sites)
    assert len(before["documents"]) > 16 and len(before["sources"]) == 4
    lose(sites)
    done, summary = sites.night()
    assert {name for name, one in done.items() if one.stale} == {"web-trs", "web-jpage", "web-vsb"}
    assert summary.added == len(before["documents"])
    after = rows_of(sites)
    assert {name for name in before if before[name] != after[name]} == set()


def test_what_was_held_back_stays_so_in_a_warehouse_made_anew(sites: Web) -> None:
    """A source with too few reports: what it brought before is published, what it brings waits."""
    sites.night()
    site = sites.sites["trs"]
    old = next(t for t in site.truth if t.url.endswith(".docx"))
    site.put(old.url.removeprefix(site.root), changed_file(old.agency, old.year), "x/x")
    site.entry["minimum"] = 99
    write_sources(sites.sites, sites.home / "sources.yaml")
    done, _ = sites.night()
    assert done["web-trs"].changes["changed"] == 1 and done["web-trs"].reason == "too_few"
    before = rows_of(sites)
    lose(sites)
    sites.night()
    assert rows_of(sites) == before
    narrowed, _ = sites.night(sources=("web-trs",), years=(2022,))
    assert narrowed["web-trs"].good and rows_of(sites) == before, "nor by a narrowed crawl"
    site.entry["minimum"] = 1
    write_sources(sites.sites, sites.home / "sources.yaml")
    done, summary = sites.night()
    assert done["web-trs"].history is not None and done["web-trs"].history.recovered
    assert summary.added == 1, "there are enough again"


def test_a_night_without_news_changes_nothing(sites: Web) -> None:
    sites.night()
    before = contents(sites.settings.database)
    _, summary = sites.night()
    assert contents(sites.settings.database) == before and not summary.rebuilt


def test_a_back_up_makes_the_same_warehouse_on_another_machine(sites: Web) -> None:
    """The files of the vault, its log and the history; no index, no database, nothing staged."""
    sites.night()
    before = rows_of(sites)
    old, elsewhere = sites.settings, sites.home / "elsewhere"
    for name in ("raw", "manifest"):
        shutil.copytree(old.vault / name, elsewhere / "vault" / name)
    history = history_beside(old.database).name
    shutil.copy(history_beside(old.database), elsewhere / history)
    here = {"vault": elsewhere / "vault", "database": elsewhere / old.database.name}
    moved = Web(sites.sites, old.model_copy(update=here), sites.home)
    for site in sites.sites.values():
        site.down = True
    moved.night()
    after = rows_of(moved)
    assert {name for name in before if before[name] != after[name]} == {"sources"}
