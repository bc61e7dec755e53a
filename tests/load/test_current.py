"""Which of several documents of one agency and year is current, and what takes whose place."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.load.made import START, cell, full_cells, put, reading, rows, run, sha
from transform.records import Reading

SMALL = cell("requests", "new", "total", 5)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "out" / "nianbao.duckdb"


def fetched(name: str, at: str, **more: Any) -> Reading:
    """A reading of a document that the crawl fetched, each from an address of its own."""
    place = {"vault_path": f"raw/{name}", "url": f"https://a.gov.cn/{name}"}
    return reading(name, fetched_at=at, **place, **more)


@pytest.mark.parametrize(
    ("rivals", "best"),
    [
        ([reading("x", status="partial", cells=full_cells(1)), reading("y")], "y"),
        (
            [
                reading("x", cells=[SMALL]),
                reading("y", cells=[SMALL, cell("requests", "new", "natural", 0)]),
            ],
            "y",
        ),
        (
            [
                reading("x", cells=[SMALL, cell("requests", "new", "natural", None)]),
                reading("y", published_on="2022-01-02"),
            ],
            "y",
        ),
        ([reading("x", published_on="2022-03-01"), reading("y", published_on="2022-01-02")], "x"),
        ([fetched("x", "2024-01-03"), fetched("y", "2024-01-02", cells=full_cells(1))], "x"),
        (
            [
                fetched("x", "2024-01-03T02:00:00"),
                fetched("y", "2024-01-03T01:00:00", cells=full_cells(1)),
            ],
            "y",
        ),
        ([fetched("x", "2024-01-03T02:00:00"), fetched("y", "2024-01-03T01:00:00")], "x"),
    ],
)
def test_one_report_of_an_agency_and_year_is_current(
    tmp_path: Path, rivals: list[Any], best: str
) -> None:
    """Whatever the order in which the documents of one run come."""
    for number, order in enumerate((rivals, rivals[::-1])):
        database = tmp_path / f"{number}.duckdb"
        put(database, [*order, reading("other", year=2000)], run())
        assert {
            d for (d,) in rows(database, "SELECT document_id FROM reports WHERE is_current")
        } == {sha(best), sha("other")}
        assert rows(database, "SELECT count(*) FROM reports WHERE is_current IS NULL") == [(0,)]


@pytest.mark.parametrize("order", ["xy", "yx"])
def test_of_two_files_given_by_hand_the_one_first_met_later_is_current(
    database: Path, order: str
) -> None:
    kinds = {"x": reading("x", cells=full_cells(1)), "y": reading("y")}
    for number, name in enumerate(order):
        put(database, [kinds[name]], run(number))
    found = rows(database, "SELECT document_id FROM reports WHERE is_current")
    assert found == [(sha(order[1]),)]
    put(database, [replace_version(kinds[order[0]])], run(5))
    assert rows(database, "SELECT document_id FROM reports WHERE is_current") == found, (
        "read again is not met again"
    )
    assert rows(database, "SELECT document_id, first_seen FROM documents ORDER BY first_seen") == [
        (sha(order[0]), START),
        (sha(order[1]), START + timedelta(days=1)),
    ]


def replace_version(read: Reading) -> Reading:
    """The same as a later reader gives it."""
    return replace(read, outcome=replace(read.outcome, reader_version="2"))


def test_new_bytes_at_the_path_of_a_file_given_by_hand_replace_the_old(database: Path) -> None:
    old = reading("old", path="/in/r.docx", cells=full_cells(1))
    other = reading("other", "乙县民政局", path="/in/s.docx")
    put(database, [old, other], run(), paths={"/in/r.docx": sha("old"), "/in/s.docx": sha("other")})
    new = reading("new", path="/in/r.docx")
    done = put(database, [new], run(2), paths={"/in/r.docx": sha("new")})
    assert (done.added, done.replaced, done.removed) == (0, 1, 0)
    held = "SELECT document_id, path, is_current FROM documents JOIN reports USING (document_id)"
    assert sorted(rows(database, held)) == sorted(
        [(sha("new"), "/in/r.docx", True), (sha("other"), "/in/s.docx", True)]
    )
    assert rows(
        database, "SELECT DISTINCT report_id FROM cells WHERE agency_id = '甲县财政局'"
    ) == [(sha("new")[:16],)]


def test_bytes_that_moved_to_another_path_stay(database: Path) -> None:
    """The old bytes lie elsewhere in the input: both documents stay, each with its path."""
    put(database, [reading("a", path="/in/r")], run(), paths={"/in/r": sha("a")})
    where = {"/in/r": sha("b"), "/in/kept/r": sha("a")}
    present = set(where.values())
    done = put(database, [reading("b", path="/in/r")], run(2), present=present, paths=where)
    assert (done.added, done.replaced, done.removed) == (1, 0, 0)
    assert sorted(rows(database, "SELECT path, document_id FROM documents")) == [
        ("/in/kept/r", sha("a")),
        ("/in/r", sha("b")),
    ]


def test_what_was_fetched_is_never_pruned(database: Path) -> None:
    crawled = fetched("crawled", "2024-01-03")
    put(database, [crawled, reading("given", "乙县民政局")], run())
    done = put(database, [], run(2), present=set(), prune=True)
    assert done.removed == 1
    assert rows(database, "SELECT document_id FROM documents") == [(sha("crawled"),)]


def test_reports_of_an_unknown_agency_or_year_are_current_each(database: Path) -> None:
    put(
        database,
        [
            reading("a", "unknown"),
            reading("b", "unknown"),
            reading("c", year=None),
            reading("d", year=None),
        ],
        run(),
    )
    assert rows(database, "SELECT count(*) FROM reports WHERE is_current") == [(4,)]


def test_the_next_report_becomes_current_when_the_best_leaves(database: Path) -> None:
    put(database, [reading("x", cells=full_cells(1)), reading("y")], run())
    put(database, [], run(2), present={sha("y")}, prune=True)
    assert rows(database, "SELECT document_id, is_current FROM reports") == [(sha("y"), True)]
