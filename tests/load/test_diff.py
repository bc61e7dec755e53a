"""Two warehouses compared say what came, went and changed."""

import gzip
import json
from pathlib import Path

import pytest

from load.diff import compare
from load.errors import SchemaMismatch, WarehouseMissing
from load.warehouse import schema_version
from review.diff_text import diff_as_json, diff_in_words
from tests.load.made import cell, put, reading, run
from tests.load.test_upgrade import FIXTURE

NEW = ("requests", "new", "total")


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """甲 restated with another number, 乙 the same with a failing check, 丙 gone, 丁 added."""
    old, new = tmp_path / "old" / "w.duckdb", tmp_path / "new" / "w.duckdb"
    wrong = cell("requests", "new", "natural", 500)
    same = reading("b", "乙县财政局", cells=[wrong, cell(*NEW, 7)])
    put(
        old,
        [
            reading("a", "甲县财政局", cells=[cell(*NEW, 300)]),
            same,
            reading("c", "丙县财政局"),
            reading("u", "unknown", None),
        ],
        run(),
    )
    put(
        new,
        [
            reading(
                "a2", "甲县财政局", cells=[cell(*NEW, 3), cell("requests", "new", "natural", 3)]
            ),
            same,
            reading("d", "丁县财政局", cells=[cell(*NEW, 400)]),
            reading("u", "unknown", None),
        ],
        run(2),
    )
    return old, new


def test_reports_cells_and_findings(two: tuple[Path, Path]) -> None:
    found = compare(*two)
    assert [r["agency_id"] for r in found.added] == ["丁县财政局"]
    assert [r["agency_id"] for r in found.gone] == ["丙县财政局"]
    assert [r["agency_id"] for r in found.restated] == ["甲县财政局"]
    cells = [(c["col_id"], c["before"], c["after"], c["restated"]) for c in found.cells]
    assert cells == [("natural", None, "3", True), ("total", "300", "3", True)]
    assert [(f["agency_id"], f["rule_id"]) for f in found.findings_new] == [
        ("丁县财政局", "cell.big")
    ]
    assert [f["agency_id"] for f in found.findings_fixed] == ["甲县财政局"]
    assert found.standing == {"error": 1, "warning": 0, "info": 0}


def test_a_file_does_not_differ_from_itself(two: tuple[Path, Path]) -> None:
    found = compare(two[0], two[0])
    assert not (found.added or found.gone or found.restated or found.cells or found.findings_new)
    assert "Nothing differs." in diff_in_words(found, "en")


def test_in_words_and_for_programs(two: tuple[Path, Path]) -> None:
    found = compare(*two)
    words = diff_in_words(found, "en", ("one", "other"))
    assert words.startswith("# Changes from one to other\n")
    assert "- Reports added: 1\n" in words
    assert "- 甲县财政局 2021, requests new total: 300 → 3 (restated)\n" in words
    assert "- 丁县财政局 2021: too big [cell.big]\n" in words
    assert "## 新出现的问题\n\n- 丁县财政局 2021: 太大 [cell.big]" in diff_in_words(found, "zh")
    told = json.loads(diff_as_json(found))
    assert told["version"] == 1 and [r["year"] for r in told["reports"]["gone"]] == [2021]
    assert told["findings"]["standing"]["error"] == 1


def test_an_older_file_is_upgraded_aside(two: tuple[Path, Path], tmp_path: Path) -> None:
    older = tmp_path / "older.duckdb"
    older.write_bytes(gzip.decompress(FIXTURE.read_bytes()))
    before = older.read_bytes()
    found = compare(older, two[1])
    assert found.upgraded == {older: 2} and len(found.gone) == 2
    assert "has an older schema (2)" in diff_in_words(found, "en")
    assert older.read_bytes() == before


def test_what_cannot_be_compared_is_told(two: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing):
        compare(tmp_path / "none.duckdb", two[1])
    import duckdb

    with duckdb.connect(two[1]) as con:
        con.execute(f"COMMENT ON TABLE runs IS 'Made with schema {schema_version() + 1}.'")
    with pytest.raises(SchemaMismatch, match="Update the program"):
        compare(*two)
