"""Findings, suspects and deductions of a run, merged with those of the runs before.

A finding is known by its fingerprint: one that was there before keeps `first_seen` and what people
said of it, one that the rules no longer make goes.
"""

from collections.abc import Collection, Sequence
from typing import Final

import duckdb

from load.changes import note_findings
from load.corrections import apply_verdicts
from load.database import Con, scalar
from load.merge import RunInfo
from transform.temporary_tables import Rows, make_rows, temporary_table, texts

FINDING_COLUMNS: Final = (
    "report_id",
    "agency_id",
    "year",
    "rule_id",
    "instance",
    "level",
    "state",
    "expected",
    "actual",
    "delta",
    "cells",
    "cause_id",
    "verdict",
    "message_zh",
    "message_en",
    "fingerprint",
)

_NO_FINDING: Final = "correction.no_finding"  # what a verdict says whose finding is not there
# The findings whose place those judged now take: on the reports that were judged and on reports
# that went, and those of rules that were applied to all reports.
_REPLACED: Final = """
    CREATE TEMP TABLE replaced AS
    SELECT finding_id FROM findings
    WHERE report_id IN (SELECT report_id FROM judged_reports)
        OR report_id NOT IN (SELECT report_id FROM reports)
        OR rule_id IN (SELECT unnest($rules::VARCHAR[]))
"""
_MERGED: Final = """
    CREATE TEMP TABLE merged AS
    SELECT
        f.fingerprint AS finding_id, f.* EXCLUDE (fingerprint),
        CASE WHEN o.finding_id IS NULL THEN 'new' WHEN o.status IN ('accepted',
            'dismissed') THEN o.status ELSE 'standing' END AS status,
        coalesce(o.first_seen, $now) AS first_seen,
        -- a clock that went back does not turn time around
        greatest(coalesce(o.last_seen, $now), $now) AS last_seen
    FROM judged AS f
    LEFT JOIN findings AS o ON o.finding_id = f.fingerprint
"""
_STAND: Final = """
    UPDATE findings SET
        status = CASE status WHEN 'new' THEN 'standing' ELSE status END,
        last_seen = greatest(last_seen, $now)
    WHERE finding_id NOT IN (SELECT finding_id FROM replaced)
"""


def merge_findings(
    con: Con, run: RunInfo, reports: Sequence[str], across: Collection[str]
) -> tuple[int, int]:
    """Put the findings in temporary table `judged` in place of the earlier ones on `reports` and of
    the rules `across`, keeping what is known of those that were there; how many are new, and how
    many went. All other findings stand. The differences are noted in table `changes`.
    """
    with temporary_table(con, "judged_reports", _report_ids(reports)):
        con.execute(_REPLACED, {"rules": sorted({*across, _NO_FINDING})})
    con.execute(_MERGED, {"now": run.started_at})
    apply_verdicts(con, run.started_at)
    note_findings(con, run.run_id)
    new: int = scalar(con, "SELECT count(*) FROM merged WHERE status = 'new'")
    gone: int = scalar(
        con, "SELECT count(*) FROM replaced WHERE finding_id NOT IN (SELECT finding_id FROM merged)"
    )
    con.execute(_STAND, {"now": run.started_at})
    con.execute("DELETE FROM findings WHERE finding_id IN (SELECT finding_id FROM replaced)")
    con.execute("INSERT INTO findings BY NAME SELECT * FROM merged")
    con.execute("DROP TABLE merged")
    con.execute("DROP TABLE replaced")
    return new, gone


def replace_diagnosis(
    con: Con,
    reports: Sequence[str],
    suspects: duckdb.DuckDBPyRelation,
    deductions: duckdb.DuckDBPyRelation,
) -> None:
    """Put the suspects and deductions of `reports` in place of those that were there."""
    with temporary_table(con, "diagnosed", _report_ids(reports)):
        for name, rows in (("suspects", suspects), ("deductions", deductions)):
            con.execute(f"""
                DELETE FROM {name} WHERE report_id IN (SELECT report_id FROM diagnosed)
            """)  # noqa: S608 - constants
            con.register("rows_now", rows)
            con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM rows_now")  # noqa: S608 - constants
            con.unregister("rows_now")


def _report_ids(reports: Sequence[str]) -> Rows:
    return make_rows(texts("report_id"), ((report_id,) for report_id in reports))


def repeated_key(con: Con) -> str | None:
    """Says which key stands twice among reports or findings, None if none does."""
    for name, key in (("reports", "report_id"), ("findings", "finding_id")):
        query = f"SELECT {key} FROM {name} GROUP BY {key} HAVING count(*) > 1 LIMIT 1"  # noqa: S608
        twice = scalar(con, query)
        if twice is not None:
            return f"{key} {twice} stands twice in {name}"
    return None
