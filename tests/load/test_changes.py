"""Table `changes` says what a run changed."""

from pathlib import Path

import pytest

from tests.load.made import cell, put, reading, rows, run, sha

CHANGES = """
    SELECT kind, document_id, report_id, row_id, col_id, before, after FROM changes
    WHERE run_id = ? AND kind NOT LIKE 'finding%' ORDER BY ALL
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "w.duckdb"


def told(database: Path, number: int) -> list[tuple[object, ...]]:
    return rows(database, CHANGES.replace("?", f"'run-{number}'"))


def figures(total: int | None, natural: int | None = 3) -> list[object]:
    return [cell("requests", "new", "total", total), cell("requests", "new", "natural", natural)]


def report_id(name: str) -> str:
    return sha(name)[:16]


def test_a_document_that_comes_or_goes_is_one_row(database: Path) -> None:
    put(database, [reading("a"), reading("b", "乙县民政局")], run())
    assert told(database, 1) == sorted(
        ("added", sha(n), report_id(n), None, None, None, None) for n in "ab"
    )
    put(database, [], run(2), present={sha("a")}, prune=True)
    assert told(database, 2) == [("removed", sha("b"), report_id("b"), None, None, sha("b"), None)]
    put(database, [], run(3))
    assert told(database, 3) == []


def test_a_document_read_anew_tells_the_cells_that_differ(database: Path) -> None:
    put(database, [reading("a", cells=figures(5))], run())
    put(database, [reading("a", cells=figures(None), version="2")], run(2))
    assert told(database, 2) == [
        ("cell", None, report_id("a"), "new", "total", "5", "blank"),
        ("replaced", sha("a"), report_id("a"), None, None, sha("a"), sha("a")),
    ]


def test_new_bytes_at_a_path_tell_the_cells_that_differ(database: Path) -> None:
    put(database, [reading("a", path="/r", cells=figures(5))], run(), paths={"/r": sha("a")})
    new = reading("b", path="/r", cells=figures(70)[:1])
    put(database, [new], run(2), paths={"/r": sha("b")})
    assert [c for c in told(database, 2) if c[0] != "restated"] == [
        ("cell", None, report_id("b"), "new", "natural", "3", None),
        ("cell", None, report_id("b"), "new", "total", "5", "70"),
        ("replaced", sha("b"), report_id("b"), None, None, sha("a"), sha("b")),
    ]


def test_another_current_report_of_the_year_restates_it(database: Path) -> None:
    put(database, [reading("a", cells=figures(5))], run())
    put(database, [reading("b", cells=figures(6))], run(2))
    assert told(database, 2) == [
        ("added", sha("b"), report_id("b"), None, None, None, None),
        ("cell", None, report_id("b"), "new", "total", "5", "6"),
        ("restated", None, report_id("b"), None, None, report_id("a"), report_id("b")),
    ]


def test_findings_of_reports_that_stay_are_told(database: Path) -> None:
    put(database, [reading("a", cells=figures(500)), reading("z", "乙县民政局")], run())
    query = (
        "SELECT kind, report_id, rule_id FROM changes WHERE kind LIKE 'finding%' ORDER BY run_id"
    )
    assert rows(database, query) == [], "of a document that came they follow from its coming"
    put(database, [reading("a", cells=figures(5), version="2")], run(2))
    assert rows(database, query) == [("finding_gone", report_id("a"), "cell.big")]
    put(database, [reading("a", cells=figures(700), version="3")], run(3))
    assert rows(database, query)[1:] == [("finding_new", report_id("a"), "cell.big")]


def test_a_run_says_whether_it_changed_anything(database: Path) -> None:
    put(database, [reading("a")], run())
    put(database, [reading("a")], run(2))
    assert rows(database, "SELECT status FROM runs ORDER BY run_id") == [
        ("published",),
        ("unchanged",),
    ]
