"""What a publication changes, what it keeps, and that doing it again changes nothing."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from load.codebook import Codebook
from load.errors import CannotWrite, KeyNotUnique
from load.judge import Judging
from load.merge import RunInfo
from load.warehouse import publish
from tests.load.made import (
    KEYS,
    START,
    big_values,
    book,
    cell,
    dump,
    full_cells,
    put,
    reading,
    rejected,
    rows,
    run,
    sha,
    stage,
)

BIG = cell("requests", "new", "total", 500)
SMALL = cell("requests", "new", "total", 5)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "out" / "nianbao.duckdb"


def change(database: Path, statement: str) -> None:
    """Someone edits the file by hand."""
    con = duckdb.connect(database)
    con.execute(statement)
    con.close()


def statuses(database: Path) -> dict[str, str]:
    return dict(
        rows(
            database,
            "SELECT left(document_id, 4), status FROM findings JOIN reports USING (report_id)",
        )
    )


CORPUS = [
    reading("a", cells=[BIG, cell("disputes", "cases", "review.total", None)]),
    reading("b", "乙县民政局", 2022, cells=full_cells(101), status="partial"),
    reading("c", "unknown", None),
    rejected("d"),
]


def test_everything_is_loaded(database: Path) -> None:
    done = put(database, CORPUS, run())
    assert (done.rebuilt, done.added, done.replaced, done.removed) == (True, 4, 0, 0)
    assert done.findings == done.findings_new == 201
    assert (
        rows(database, "SELECT count(*) FROM documents")
        == rows(database, "SELECT count(*) FROM outcomes")
        == [(4,)]
    )
    assert rows(
        database, "SELECT status, reason, reader_version FROM outcomes WHERE reader = 'pdf'"
    ) == [("rejected", "damaged", "1")]
    assert rows(
        database, "SELECT value, agency_id, year, edition FROM cells WHERE state = 'blank'"
    ) == [(None, "甲县财政局", 2021, "2021")]
    assert rows(database, "SELECT agency_id, name FROM agencies ORDER BY 1") == [
        ("乙县民政局",) * 2,
        ("甲县财政局",) * 2,
    ]
    assert rows(database, "SELECT count(*) FROM tables") == [(9,)]
    [(run_id, code, counts)] = rows(database, "SELECT run_id, code_version, counts FROM runs")
    assert (run_id, code) == ("run-1", "a")
    assert json.loads(counts) == {
        "offered": 1,
        "added": 4,
        "replaced": 0,
        "removed": 0,
        "findings": 201,
        "findings_new": 201,
        "findings_gone": 0,
    }
    assert [p.name for p in sorted(database.parent.iterdir())] == [
        "nianbao.duckdb",
        "nianbao.duckdb.history",
        "nianbao.duckdb.lock",
        "staging",
    ]


@pytest.mark.parametrize("table", KEYS)
def test_keys_are_unique(database: Path, table: str) -> None:
    put(database, CORPUS, run())
    put(
        database,
        [
            reading("a", cells=full_cells(3), version="2"),
            reading("e", cells=full_cells(3), version="2"),
        ],
        run(2),
    )
    key = ", ".join(KEYS[table])
    assert rows(database, f"SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1") == []


def test_the_same_again_changes_no_row(database: Path) -> None:
    put(database, CORPUS, run())
    before = dump(database, leave_out=("runs",))
    slower = [replace(r, outcome=replace(r.outcome, seconds=9.0)) for r in CORPUS]
    done = put(database, slower, run(2))
    assert (done.rebuilt, done.added, done.replaced, done.findings, done.findings_new) == (
        False,
        0,
        0,
        201,
        0,
    )
    assert dump(database, leave_out=("runs",)) == before
    assert rows(database, "SELECT run_id FROM runs") == [("run-1",), ("run-2",)]
    assert put(database, [], run(3)).rebuilt is False
    assert dump(database, leave_out=("runs",)) == before


def test_one_go_and_many_come_to_the_same(tmp_path: Path) -> None:
    one, many = tmp_path / "one" / "w.duckdb", tmp_path / "many" / "w.duckdb"
    put(one, CORPUS, run())
    for i, r in enumerate(CORPUS):
        put(many, [r], run(i + 1))
    left_out = (
        "runs",
        "changes",
        "findings",
        "documents.first_seen",
    )  # when each was first seen differs
    assert dump(one, left_out) == dump(many, left_out)
    query = "SELECT * EXCLUDE (status, first_seen, last_seen) FROM findings ORDER BY ALL"
    assert rows(one, query) == rows(many, query)


def test_a_newer_reading_replaces_all_rows_of_its_document(database: Path) -> None:
    put(database, CORPUS, run())
    change(
        database,
        (
            f"INSERT INTO suspects (report_id) VALUES ('{sha('b')[:16]}'); INSERT INTO deductions "
            f"(report_id) VALUES ('{sha('b')[:16]}')"
        ),
    )
    done = put(database, [reading("b", "丙县教育局", 2023, version="2")], run(2))
    assert (done.rebuilt, done.added, done.replaced, done.findings, done.findings_gone) == (
        True,
        0,
        1,
        1,
        200,
    )
    assert rows(
        database, f"SELECT value, agency_id, year FROM cells WHERE report_id = '{sha('b')[:16]}'"
    ) == [(5, "丙县教育局", 2023)]
    assert rows(
        database, f"SELECT reader_version, status FROM outcomes WHERE document_id = '{sha('b')}'"
    ) == [("2", "extracted")]
    assert rows(database, "SELECT agency_id FROM agencies ORDER BY 1") == [
        ("丙县教育局",),
        ("甲县财政局",),
    ]
    assert rows(
        database, "SELECT count(*) FROM suspects UNION ALL SELECT count(*) FROM deductions"
    ) == [(0,), (0,)]
    assert put(database, [rejected("b", "3")], run(3)).replaced == 1
    assert rows(database, "SELECT count(*) FROM reports") == [(2,)]


def test_of_two_batches_the_later_counts(database: Path, tmp_path: Path) -> None:
    old = stage(tmp_path, [reading("a", cells=[SMALL]), reading("b", "乙县民政局")])
    new = stage(tmp_path, [reading("a", cells=[BIG], version="2")])
    assert old is not None and new is not None
    for number, (order, value) in enumerate((([old, new], 500), ([new, old], 5))):
        publish(database, order, run(number), Judging(big_values, book()))
        assert rows(database, f"SELECT value FROM cells WHERE report_id = '{sha('a')[:16]}'") == [
            (value,)
        ]
        assert rows(database, "SELECT count(*) FROM cells") == [(2,)]


def test_a_changed_name_of_a_document_is_taken_over(database: Path) -> None:
    put(database, CORPUS, run())
    assert (
        put(
            database,
            [replace(CORPUS[0], document=replace(CORPUS[0].document, url="https://example.org/a"))],
            run(2),
        ).replaced
        == 1
    )
    assert rows(database, f"SELECT url FROM documents WHERE document_id = '{sha('a')}'") == [
        ("https://example.org/a",)
    ]


def test_a_document_that_vanished_stays_unless_pruned(database: Path) -> None:
    put(database, CORPUS, run())
    put(database, CORPUS[:1], run(2), present={sha("a")})
    assert rows(database, "SELECT count(*) FROM documents") == [(4,)]
    done = put(database, CORPUS, run(3), present={sha("a"), sha("d")}, prune=True)
    assert (done.rebuilt, done.added, done.removed, done.findings_gone) == (True, 0, 2, 200)
    gone = tuple(sha(n)[:16] for n in "bc")
    for table in ("reports", "tables", "cells", "findings"):
        assert rows(database, f"SELECT count(*) FROM {table} WHERE report_id IN {gone}") == [(0,)]
    assert rows(database, "SELECT agency_id FROM agencies") == [("甲县财政局",)]
    assert {d for (d,) in rows(database, "SELECT document_id FROM outcomes")} == {
        sha("a"),
        sha("d"),
    }
    with pytest.raises(ValueError, match="present"):
        put(database, CORPUS, run(4), prune=True)


def test_a_finding_keeps_what_a_person_said_until_a_value_changes(database: Path) -> None:
    corpus = [
        reading(n, f"{n}局", cells=[replace(BIG, col_id=c) for c in ("total",)]) for n in "abc"
    ]
    put(database, corpus, run())
    assert set(statuses(database).values()) == {"new"}
    change(database, f"UPDATE findings SET status = 'accepted' WHERE report_id = '{sha('a')[:16]}'")
    change(
        database, f"UPDATE findings SET status = 'dismissed' WHERE report_id = '{sha('b')[:16]}'"
    )
    put(database, [*corpus, reading("d", cells=[BIG])], run(2))
    assert statuses(database) == {
        sha("a")[:4]: "accepted",
        sha("b")[:4]: "dismissed",
        sha("c")[:4]: "standing",
        sha("d")[:4]: "new",
    }
    seen = rows(database, "SELECT status, first_seen, last_seen FROM findings ORDER BY status")
    first, second = START + timedelta(days=1), START + timedelta(days=2)
    assert seen == [
        ("accepted", first, second),
        ("dismissed", first, second),
        ("new", second, second),
        ("standing", first, second),
    ]
    put(
        database,
        [reading("a", "a局", cells=[cell("requests", "new", "total", 501)], version="2")],
        run(3),
    )
    assert statuses(database)[sha("a")[:4]] == "new"


def test_new_code_evaluates_the_rules_again(database: Path) -> None:
    put(database, CORPUS[:1], run())
    assert put(database, CORPUS[:1], run(2, "b")).rebuilt
    assert rows(database, "SELECT status, last_seen FROM findings") == [
        ("standing", START + timedelta(days=2))
    ]
    assert not put(database, CORPUS[:1], run(3, "b")).rebuilt


def test_a_clock_that_goes_back_does_not_turn_time_around(database: Path) -> None:
    put(database, CORPUS[:1], run(5))
    early = RunInfo("early", START - timedelta(hours=1), "b")
    assert put(database, CORPUS[:1], early).rebuilt
    assert rows(database, "SELECT first_seen <= last_seen, last_seen FROM findings") == [
        (True, START + timedelta(days=5))
    ]
    assert not put(database, CORPUS[:1], replace(early, run_id="later")).rebuilt


def test_a_run_of_the_same_id_is_replaced(database: Path) -> None:
    put(database, CORPUS[:1], run())
    put(database, CORPUS, run())
    assert rows(database, "SELECT count(*), max(counts::JSON ->> 'added') FROM runs") == [(1, "3")]


def test_a_changed_codebook_is_taken_over(database: Path) -> None:
    put(database, CORPUS[:1], run())
    smaller = Codebook(book().form_rows[:3], book().form_columns, ())
    assert put(database, CORPUS[:1], run(2), codebook=smaller).rebuilt
    assert (
        rows(database, "SELECT count(*) FROM form_rows") == [(3,)]
        and rows(database, "SELECT * FROM rules") == []
    )
    assert not put(database, CORPUS[:1], run(3), codebook=smaller).rebuilt


def test_agencies_keep_what_is_set_and_take_what_is_given(database: Path) -> None:
    put(
        database,
        CORPUS,
        run(),
        agencies=[
            {"agency_id": "甲县财政局", "site": "https://a.gov.cn", "level": None},
            {"agency_id": "丁县", "level": "县"},
        ],
    )
    change(
        database,
        "UPDATE agencies SET level = 'by hand', name = 'Finance' WHERE agency_id = '甲县财政局'",
    )
    given = [
        {"agency_id": "甲县财政局", "level": "given", "name": "given", "parent_id": "甲县"},
        {"agency_id": "丁县", "division_code": "1"},
    ]
    assert put(database, CORPUS, run(2), agencies=given).rebuilt
    given_columns = "agency_id, name, level, division_code, parent_id, site"
    expected = [
        ("丁县", "丁县", "县", "1", None, None),
        ("乙县民政局", "乙县民政局", None, None, None, None),
        ("甲县财政局", "Finance", "by hand", None, "甲县", "https://a.gov.cn"),
    ]
    assert rows(database, f"SELECT {given_columns} FROM agencies ORDER BY agency_id") == expected
    assert not put(database, CORPUS, run(3), agencies=given).rebuilt
    put(database, CORPUS, run(4), present={sha("d")}, prune=True)
    assert rows(database, f"SELECT {given_columns} FROM agencies") == expected[2:], (
        "no report, not given, nothing of its own: gone; what a person named stays"
    )


def test_the_check_sees_everything_but_no_files(database: Path, tmp_path: Path) -> None:
    seen: list[Any] = []

    def look(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        seen.extend(
            con.execute(
                "SELECT count(*), count(DISTINCT agency_name) FROM tidy WHERE is_current AND "
                "row_label_zh IS NOT NULL"
            ).fetchall()
        )
        with pytest.raises(duckdb.PermissionException):
            con.execute(f"COPY cells TO '{tmp_path / 'stolen.csv'}'")
        return big_values(con)

    put(database, CORPUS, run(), look)
    assert seen == [(203, 3)]


def test_a_check_that_breaks_leaves_the_earlier_file(database: Path) -> None:
    put(database, CORPUS, run())
    before = database.read_bytes()

    def breaks(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        raise FileNotFoundError("a document to read again")

    for check, error in (
        (breaks, FileNotFoundError),
        (lambda con: big_values(con).project("* EXCLUDE (verdict)"), ValueError),
    ):
        with pytest.raises(error):
            put(database, [reading("z")], run(2), check)
        assert database.read_bytes() == before
        assert sorted(p.name for p in database.parent.iterdir()) == [
            "nianbao.duckdb",
            "nianbao.duckdb.history",
            "nianbao.duckdb.lock",
            "staging",
        ]
    with pytest.raises(KeyNotUnique, match="finding_id"):
        put(database, [reading("z")], run(2), lambda con: big_values(con).union(big_values(con)))
    twin = reading("z")
    assert twin.report is not None
    with pytest.raises(KeyNotUnique, match="report_id"):
        put(database, [replace(twin, report=replace(twin.report, report_id=sha("a")[:16]))], run(2))
    assert database.read_bytes() == before


def test_odd_names_of_files_and_folders(tmp_path: Path) -> None:
    folder, other = tmp_path / "[*] it's 年报", tmp_path / "x?"
    folder.mkdir()
    real, link = folder / "w'.duckdb", tmp_path / "link.duckdb"
    link.symlink_to(real)
    judging = Judging(big_values, book())
    batches = [b for b in (stage(folder, CORPUS), stage(other, [reading("e")])) if b]
    stage(tmp_path / "xy", [reading("never")])
    assert publish(link, batches, run(), judging).added == 5
    assert link.is_symlink() and rows(real, "SELECT count(*) FROM documents") == [(5,)]
    os.chmod(real, 0o640)
    publish(link, batches, run(2), judging)
    assert real.stat().st_mode & 0o777 == 0o640
    with pytest.raises(CannotWrite, match="question mark"):
        publish(other / "w.duckdb", batches, run(), judging)
