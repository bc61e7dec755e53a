"""A file of an older schema is upgraded by the next run, and keeps what people did in it.

`files/schema_2.duckdb.gz` was made by a program of schema 2 from two of the samples: two runs, a
finding accepted in the file, one dismissed by an entry, a misread cell corrected, and a table that
somebody added. The codebook was emptied to make it small.
"""

import gzip
from datetime import datetime
from pathlib import Path

import pytest

from load.database import connect, has_storage_version, schema_number, schema_version
from load.errors import SchemaMismatch
from load.merge import RunInfo
from tests.conftest import CHECKOUT
from tests.flows.command import nianbao
from tests.load.made import put, rows

FIXTURE = Path(__file__).parent / "files" / "schema_2.duckdb.gz"
SAMPLES = CHECKOUT / "data" / "samples"
FIRST, SECOND = datetime(2026, 1, 5, 2), datetime(2026, 2, 2, 2)
CORRECTIONS = """
misreadings:
  - {report: "b616d2cca8c48f57", table: requests, row: new, col: natural, expect: "32",
     meant: "999", reason: The line shows another number., date: "2026-02-01", by: the editor}
findings:
  - {report: "24bb3be54fde7535", finding: "32a8bc34fa3c67111628", status: dismissed,
     reason: The agency counts one case twice., date: "2026-02-01", by: the editor}
"""


@pytest.fixture
def older(tmp_path: Path) -> Path:
    path = tmp_path / "w.duckdb"
    path.write_bytes(gzip.decompress(FIXTURE.read_bytes()))
    return path


def test_an_older_file_is_not_read_as_if_it_were_new(older: Path) -> None:
    with pytest.raises(SchemaMismatch, match="Run `nianbao run`"):
        connect(older)
    with connect(older, older_too=True) as con:
        assert schema_number(con) == 2


def test_a_publication_carries_everything_over(older: Path) -> None:
    """With nothing to read: what is there is what was there, in the words of this schema."""
    columns = "report_id, table_id, row_id, col_id, state, raw_text, page, bbox"
    with connect(older, older_too=True) as con:
        positions = "grid + 1, grid_row + 1, grid_col + 1"
        cells = con.execute(f"SELECT {columns}, {positions} FROM cells ORDER BY ALL").fetchall()
        [(first,)] = con.execute("SELECT min(paragraph) FROM statements").fetchall()
    put(older, [], RunInfo("third", datetime(2026, 3, 1), "a"))
    positions = "grid, grid_row, grid_col"
    assert rows(older, f"SELECT {columns}, {positions} FROM cells ORDER BY ALL") == cells
    with connect(older) as con:
        assert schema_number(con) == schema_version()
    assert has_storage_version(older)
    assert rows(older, "SELECT * FROM remarks ORDER BY ALL") == [
        (
            "24bb3be54fde7535",
            "proactive",
            "procurement",
            "amount",
            "cell.unit_in_cell",
            "73802895.90元",
            None,
        ),
        ("24bb3be54fde7535", "requests", None, None, "second.agrees", "lxml", None),
    ]
    assert rows(older, "SELECT min(grid), min(grid_row), min(grid_col) FROM cells")[0][0] == 1
    assert rows(older, "SELECT min(paragraph) FROM statements") == [(first + 1,)]
    assert rows(older, "SELECT note FROM my_notes") == [(1,)]
    assert rows(older, "SELECT run_id, started_at FROM runs") == [
        ("first", FIRST),
        ("second", SECOND),
        ("third", datetime(2026, 3, 1)),
    ]


def test_the_next_run_keeps_verdicts_corrections_and_when_a_finding_was_first_seen(
    older: Path, tmp_path: Path
) -> None:
    kept = (
        "SELECT finding_id, first_seen FROM findings WHERE finding_id IN "
        "('61b46edda03084c6985b', '32a8bc34fa3c67111628') ORDER BY 1"
    )
    with connect(older, older_too=True) as con:
        before = con.execute(kept).fetchall()
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("2019-html-word.html", "2021-txt-tabs.txt"):
        (folder / name).write_bytes((SAMPLES / name).read_bytes())
    corrections = tmp_path / "corrections"
    corrections.mkdir()
    (corrections / "corrections.yaml").write_text(CORRECTIONS, encoding="utf-8")
    done = nianbao(tmp_path, "run", folder, env={"NIANBAO_CORRECTIONS": str(corrections)})
    assert done.returncode == 0, done.stderr
    assert "added 0, replaced 2, removed 0" in done.stdout
    assert before == rows(older, kept) and {seen for _, seen in before} == {FIRST}
    verdicts = "SELECT finding_id, status FROM findings WHERE status IN ('accepted', 'dismissed')"
    assert sorted(rows(older, verdicts)) == [
        ("32a8bc34fa3c67111628", "dismissed"),
        ("61b46edda03084c6985b", "accepted"),
    ]
    corrected = "SELECT raw_text, value, reader FROM cells WHERE reader LIKE '%+correction'"
    assert rows(older, corrected) == [("32", 999, "text+correction")]
    assert rows(older, "SELECT value_read, value_meant FROM corrections WHERE kind = 'misreading'")
    assert [r[0] for r in rows(older, "SELECT run_id FROM runs")][:2] == ["first", "second"]
    assert rows(older, "SELECT DISTINCT province FROM agencies ORDER BY 1")[0] == ("上海市",)
