"""Corrections in the warehouse: applied, told of, and taken back; verdicts on findings win, stay,
and go with their entry.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from load.codebook import codebook
from load.warehouse import Published
from tests.load.made import big_values, cell, dump, full_cells, put, reading, rows, run, sha
from transform.form.forms import load_forms
from transform.localize.diagnose import diagnose
from transform.records import Reading, RemarkRow
from transform.rules.corrections import MISPRINT, MISREADING, CellCorrection, Corrections, Decision
from transform.rules.evaluate import findings
from transform.rules.load import load_rules

FORMS = load_forms()
RULES = load_rules(FORMS)
REPORT = sha("a")[:16]
TOTAL = ("requests", "new", "total")
FAILS = (
    "SELECT finding_id FROM findings WHERE rule_id = 'requests.row_total' AND instance = 'new' "
    "AND state = 'fails'"
)
MINE = f"report_id = '{REPORT}' AND table_id = 'requests' AND row_id = 'new' AND col_id = 'total'"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "w.duckdb"


def printed(total: str, value: str | None = None, name: str = "a", **more: Any) -> Reading:
    """A report of zeros but for one total, whose text is `total`."""
    state = None if value is None else "text" if value == "" else "number"
    changed = cell(*TOTAL, (value or None) if value is not None else total, state, raw_text=total)
    cells = [changed if (c.table_id, c.row_id, c.col_id) == TOTAL else c for c in full_cells(0)]
    return reading(name, cells=cells, **more)


def correct(
    kind: str = MISREADING,
    expect: str = "7",
    text: str | None = "0",
    report: str = REPORT,
    key: tuple[str, str, str] = TOTAL,
) -> CellCorrection:
    return CellCorrection(
        report,
        *key,
        kind,
        expect,
        text,
        "seen on the page",
        "2026-02-01",
        "王",
        "mine.yaml:2",
        {"2021": "件"},
    )


def decided(finding: str, status: str = "dismissed", report: str = REPORT) -> Decision:
    return Decision(report, finding, status, "known", "2026-02-01", "王", "mine.yaml:9")


def _check(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    return findings(con, FORMS, RULES)


def publish(
    database: Path,
    readings: Sequence[Reading],
    number: int,
    *given: CellCorrection | Decision,
    **more: Any,
) -> Published:
    entries = Corrections(
        tuple(g for g in given if isinstance(g, CellCorrection)),
        tuple(g for g in given if isinstance(g, Decision)),
    )
    settings: dict[str, Any] = {
        "check": _check,
        "codebook": codebook(FORMS, RULES.rules),
        "corrections": entries,
    } | more
    return put(database, readings, run(number), **settings)


def told(database: Path, like: str = "correction.%") -> list[tuple[Any, ...]]:
    """The findings whose rule has such a name, and what they say."""
    return rows(
        database,
        (
            "SELECT rule_id, level, verdict, message_en FROM findings WHERE rule_id LIKE "
            f"'{like}' ORDER BY 1"
        ),
    )


def test_a_misreading_is_corrected_told_of_and_taken_back(database: Path) -> None:
    publish(database, [printed("7")], 1)
    before = dump(database, ("runs", "changes", "findings"))
    assert len(rows(database, FAILS)) == 1
    done = publish(database, [], 2, correct())
    assert (done.rebuilt, done.added, done.replaced) == (True, 0, 0)
    assert rows(
        database, f"SELECT value, state, raw_text, unit, reader FROM cells WHERE {MINE}"
    ) == [(0, "zero", "7", "件", "docx+correction")]
    assert rows(database, FAILS) == []
    assert told(database) == [("correction.misreading", "info", "extraction", told(database)[0][3])]
    assert "read as “7”, corrected to “0”" in told(database)[0][3]
    assert rows(
        database,
        (
            "SELECT kind, text_read, value_read, state_read, text_meant, value_meant, reason, "
            "decided_by, is_stale FROM corrections"
        ),
    ) == [("misreading", "7", 7, "number", "0", 0, "seen on the page", "王", False)]
    assert publish(database, [], 3, correct()).rebuilt is False
    assert publish(database, [], 4).rebuilt is True
    assert dump(database, ("runs", "changes", "findings")) == before
    assert len(rows(database, FAILS)) == 1


def test_a_correction_that_is_changed_is_applied_anew_to_what_was_read(database: Path) -> None:
    publish(database, [printed("7")], 1, correct(text="8"), check=big_values)
    publish(database, [], 2, correct(text="0"), check=big_values)
    assert rows(database, "SELECT value_read FROM corrections") == [(7,)]
    assert rows(database, f"SELECT value, reader FROM cells WHERE {MINE}") == [
        (0, "docx+correction")
    ]
    publish(database, [], 3, correct(text="/"), check=big_values)
    assert rows(database, f"SELECT value, state FROM cells WHERE {MINE}") == [(None, "marker")]


def test_a_document_read_again_is_corrected_again(database: Path) -> None:
    publish(database, [printed("7")], 1, correct(), check=big_values)
    publish(database, [printed("7", version="2")], 2, correct(), check=big_values)
    assert rows(database, f"SELECT value, reader FROM cells WHERE {MINE}") == [
        (0, "docx+correction")
    ]
    assert rows(database, "SELECT value_read FROM corrections") == [(7,)]
    publish(database, [printed("7", version="3")], 3, check=big_values)
    assert rows(database, f"SELECT value, reader FROM cells WHERE {MINE}") == [(7, "docx")]
    assert rows(database, "SELECT count(*) FROM corrections") == [(0,)]


def test_a_text_that_is_no_number_becomes_one(database: Path) -> None:
    publish(database, [printed("O7", "")], 1, check=big_values)
    assert rows(database, f"SELECT value, state FROM cells WHERE {MINE}") == [(None, "text")]
    publish(database, [], 2, correct(expect="O7", text="07"), check=big_values)
    assert rows(database, f"SELECT value, state FROM cells WHERE {MINE}") == [(7, "number")]


def test_a_correction_that_no_longer_fits_is_told_and_changes_nothing(database: Path) -> None:
    publish(database, [printed("7")], 1, correct())
    # a better reader: the entry has done its work
    publish(database, [printed("0", version="2")], 2, correct())
    assert rows(database, f"SELECT value, reader FROM cells WHERE {MINE}") == [(0, "docx")]
    ((rule, level, verdict, said),) = told(database)
    assert (rule, level, verdict) == ("correction.stale", "warning", None)
    assert "now reads “0”" in said
    assert rows(database, "SELECT is_stale FROM corrections") == [(True,)]


def test_a_cell_that_the_report_lacks_is_told(database: Path) -> None:
    publish(database, [printed("0")], 1, correct(key=("statistics", "a.total", "value")))
    assert [t[0] for t in told(database)] == ["correction.stale"]


def test_a_misprint_stays_and_its_findings_are_the_documents_fault(database: Path) -> None:
    publish(database, [printed("7")], 1)
    assert rows(
        database, "SELECT DISTINCT verdict FROM findings WHERE rule_id = 'requests.row_total'"
    ) == [(None,)]
    publish(database, [], 2, correct(MISPRINT))
    assert rows(database, f"SELECT value, reader FROM cells WHERE {MINE}") == [(7, "docx")]
    assert rows(
        database,
        (
            "SELECT DISTINCT verdict FROM findings WHERE rule_id = 'requests.row_total' AND state "
            "= 'fails'"
        ),
    ) == [("source",)]
    assert rows(
        database,
        (
            "SELECT expected, actual, delta, verdict FROM findings WHERE rule_id = "
            "'correction.misprint'"
        ),
    ) == [(0, 7, 7, "source")]
    assert "confirmed as wrong in the document: 0；seen on the page" in told(database)[0][3]


def test_a_verdict_wins_stays_until_the_value_changes_and_goes_with_its_entry(
    database: Path,
) -> None:
    publish(database, [printed("7")], 1)
    ((finding,),) = rows(database, FAILS)
    status = f"SELECT status FROM findings WHERE finding_id = '{finding}'"
    assert publish(database, [], 2, decided(finding)).rebuilt is True
    assert rows(database, status) == [("dismissed",)]
    publish(database, [], 3, decided(finding, "accepted"))
    assert rows(database, status) == [("accepted",)]
    publish(database, [printed("7", version="2")], 4, decided(finding, "accepted"))
    assert rows(database, status) == [("accepted",)] and told(database) == []
    publish(database, [], 5)
    assert rows(database, status) == [("standing",)]
    publish(database, [printed("8", version="3")], 6, decided(finding))
    assert rows(database, status) == []
    assert rows(database, FAILS.replace("finding_id", "status")) == [("new",)]
    ((rule, level, _, said),) = told(database)
    assert (rule, level) == ("correction.no_finding", "warning") and finding in said
    assert rows(database, "SELECT is_stale FROM corrections") == [(True,)]


def test_a_verdict_given_in_the_database_is_kept_without_an_entry(database: Path) -> None:
    publish(database, [printed("7")], 1)
    con = duckdb.connect(database)
    con.execute("UPDATE findings SET status = 'dismissed'")
    con.close()
    publish(database, [printed("0", name="b", agency="乙县民政局")], 2)
    assert rows(database, f"SELECT DISTINCT status FROM findings WHERE report_id = '{REPORT}'") == [
        ("dismissed",)
    ]


def test_a_corrected_cell_has_other_fingerprints(database: Path) -> None:
    """What was decided on the sum as misread does not hold for the sum as corrected."""
    publish(database, [printed("7")], 1)
    ((finding,),) = rows(database, FAILS)
    publish(database, [], 2, correct(text="9"))
    ((other,),) = rows(database, FAILS)
    assert other != finding


def test_what_a_person_has_looked_at_is_no_doubt_any_more(database: Path) -> None:
    doubts = (
        RemarkRow("requests", "new", "total", "second.differs", "7", "0"),
        RemarkRow("requests", "new", "total", "cell.normalised", "7", None),
    )
    read = replace(printed("7"), remarks=doubts)
    publish(database, [read], 1)
    assert rows(database, FAILS.replace("'fails'", "'readings_disagree'")) != []
    # what the second reader saw stands in the finding on the sum, and in no other
    assert {t[0] for t in told(database, "%")} & {"second.differs", "cell.normalised"} == {
        "cell.normalised"
    }
    publish(database, [], 2, correct(MISPRINT))
    assert {t[0] for t in told(database, "%")} & {"second.differs", "cell.normalised"} == {
        "cell.normalised"
    }
    assert len(rows(database, FAILS)) == 1
    publish(database, [], 3, correct())
    assert {t[0] for t in told(database, "%")} & {"second.differs", "cell.normalised"} == set()


def test_reports_concerned_are_reasoned_on_again_and_no_others(database: Path) -> None:
    asked: list[list[str]] = []

    def think(
        con: duckdb.DuckDBPyConnection, found: duckdb.DuckDBPyRelation, reports: Sequence[str]
    ) -> Any:
        asked.append(list(reports))
        return diagnose(con, FORMS, RULES, found, reports)

    publish(
        database,
        [
            printed("7"),
            printed("0", name="b", agency="乙县民政局"),
            printed("0", name="c", year=2022),
        ],
        1,
        diagnose=think,
        check=big_values,
    )
    publish(database, [], 2, correct(), diagnose=think, check=big_values)
    # the other year of the same agency too
    assert sorted(asked[1]) == sorted([REPORT, sha("c")[:16]])


def test_an_entry_for_a_report_that_is_not_here_is_left_out(database: Path) -> None:
    publish(
        database, [printed("7")], 1, correct(report="f" * 16), decided("0" * 20, report="f" * 16)
    )
    assert rows(database, "SELECT count(*) FROM corrections") == [(0,)]
    assert told(database) == []


def test_a_pruned_report_takes_its_corrections_along(database: Path) -> None:
    other = printed("0", name="b", agency="乙县民政局")
    publish(database, [printed("7"), other], 1, correct(), check=big_values)
    publish(database, [], 2, correct(), present={sha("b")}, prune=True, check=big_values)
    assert rows(database, "SELECT count(*) FROM corrections") == [(0,)]


def test_values_are_exact(database: Path) -> None:
    publish(
        database, [printed("7")], 1, correct(text="123456789012345678.123456"), check=big_values
    )
    assert rows(database, f"SELECT value FROM cells WHERE {MINE}") == [
        (Decimal("123456789012345678.123456"),)
    ]
