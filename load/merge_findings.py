"""Findings, suspects and deductions of a run, merged with those of the runs before.

A finding is known by its fingerprint: one that was there before keeps `first_seen` and what people
said of it, one that the rules no longer make goes.
"""

from collections.abc import Sequence
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

_MERGED: Final = """
    CREATE TEMP TABLE merged AS
    SELECT
        f.fingerprint AS finding_id, f.report_id, f.agency_id, f.year, f.rule_id, f.instance,
            f.level, f.state, f.expected, f.actual, f.delta,
        f.cells, CASE WHEN d.report_id IS NULL THEN coalesce(o.cause_id, f.cause_id)
            ELSE f.cause_id END AS cause_id, f.verdict,
        f.message_zh, f.message_en,
        CASE WHEN o.finding_id IS NULL THEN 'new' WHEN o.status IN ('accepted',
            'dismissed') THEN o.status ELSE 'standing' END AS status,
        coalesce(o.first_seen, $now) AS first_seen,
        -- a clock that went back does not turn time around
        greatest(coalesce(o.last_seen, $now), $now) AS last_seen
    FROM found AS f
    LEFT JOIN findings AS o ON o.finding_id = f.fingerprint
    LEFT JOIN diagnosed AS d ON d.report_id = f.report_id
"""


def merge_findings(
    con: Con, found: duckdb.DuckDBPyRelation, run: RunInfo, diagnosed: Sequence[str] = ()
) -> tuple[int, int]:
    """Replace the findings by `found`, keeping what is known of those that were there; how many are
    new, and how many went. The differences are noted in table `changes`.

    Of reports that were not `diagnosed` now, the cause of a finding that stays is the one found
    before.
    """
    missing = [c for c in FINDING_COLUMNS if c not in found.columns]
    if missing:
        raise ValueError(f"the check gave no column {', '.join(missing)}")
    con.register("found", found)
    with temporary_table(con, "diagnosed", _report_ids(diagnosed)):
        con.execute(_MERGED, {"now": run.started_at})
    con.unregister("found")
    apply_verdicts(con, run.started_at)
    note_findings(con, run.run_id)
    new: int = scalar(con, "SELECT count(*) FROM merged WHERE status = 'new'")
    gone: int = scalar(
        con, "SELECT count(*) FROM findings WHERE finding_id NOT IN (SELECT finding_id FROM merged)"
    )
    con.execute("DELETE FROM findings")
    con.execute("INSERT INTO findings BY NAME SELECT * FROM merged")
    con.execute("DROP TABLE merged")
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
