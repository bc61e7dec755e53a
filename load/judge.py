"""Judging within a publication: which reports are judged again, in which parts, and what becomes of
their findings.

`judge(con, run, judging, scope)` applies the rules of one report and of the years of one agency to
the reports of the scope, some thousands at a time, so that memory does not grow with the warehouse;
then those that compare agencies, over all reports. While a part is judged, temporary tables of its
reports stand before the tables of the warehouse: the rules see nothing else. A part holds all years
of each of its agencies, so that the findings are those of a judgement of the whole.

Out of scope: the rules themselves (`Judging` brings them), and what became of a finding since the
last run (`load.merge_findings`).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Final

import duckdb

from load.codebook import Codebook
from load.database import Con, scalar
from load.merge import RunInfo
from load.merge_findings import FINDING_COLUMNS, merge_findings, replace_diagnosis
from transform.localize.diagnose import Diagnosis
from transform.records import UNKNOWN_AGENCY
from transform.rules.corrections import Corrections
from transform.temporary_tables import make_rows, temporary_table, texts

REPORTS_AT_ONCE: Final = 20_000  # with their cells some 100 MiB
# what the rules read of a report
_SHOWN: Final = ("reports", "tables", "cells", "statements", "remarks", "corrections")

Check = Callable[[Con], duckdb.DuckDBPyRelation]
Diagnose = Callable[[Con, duckdb.DuckDBPyRelation, Sequence[str]], Diagnosis]


@dataclass(frozen=True, slots=True)
class Judging:
    """How a publication judges.

    `check` gives the findings on the reports that the connection shows, with the columns
    `FINDING_COLUMNS`; `diagnose` is given these findings and the reports, and reasons on them.
    `check_across` gives the findings of the rules `across`, which compare agencies. All are called
    once all cells are in, without access to files. `corrections` are applied to the cells before,
    and those of an earlier run that are not among them taken back (`load.corrections`).
    """

    check: Check
    codebook: Codebook
    diagnose: Diagnose | None = None
    check_across: Check | None = None
    across: Collection[str] = ()
    corrections: Corrections = field(default_factory=Corrections)


@dataclass(frozen=True, slots=True)
class Scope:
    """The reports to be judged: those named, or every one."""

    reports: Sequence[str] = ()
    everything: bool = False


def judge(con: Con, run: RunInfo, judging: Judging, scope: Scope) -> tuple[int, int]:
    """Judge the reports of the scope; how many findings are new, and how many went."""
    columns = ", ".join(c for c in FINDING_COLUMNS if c != "fingerprint")
    con.execute(f"""
        CREATE TEMP TABLE judged AS
        SELECT {columns}, finding_id AS fingerprint FROM findings LIMIT 0
    """)  # noqa: S608 - constants
    reports = sorted(_all_reports(con) if scope.everything else scope.reports)
    for part in _parts(con, reports):
        with _shown_alone(con, part):
            found = judging.check(con)
            if judging.diagnose is None:
                _keep(con, found)
                continue
            diagnosis = judging.diagnose(con, found, part)
            replace_diagnosis(con, part, diagnosis.suspects, diagnosis.deductions)
            _keep(con, diagnosis.findings)
    if judging.check_across is not None:
        _keep(con, judging.check_across(con), only=judging.across)
    counts = merge_findings(con, run, reports, judging.across)
    con.execute("DROP TABLE judged")
    return counts


def _all_reports(con: Con) -> list[str]:
    return [r for (r,) in con.execute("SELECT report_id FROM reports").fetchall()]


def _parts(con: Con, reports: Sequence[str]) -> Iterator[list[str]]:
    """The reports in parts, each with all of them that belong to one agency; nobody knows what
    reports of an unknown agency belong together, so that each is by itself.
    """
    with temporary_table(con, "asked", make_rows(texts("report_id"), ((r,) for r in reports))):
        groups = con.execute(
            """
            SELECT list(report_id ORDER BY report_id) FROM reports SEMI JOIN asked USING (report_id)
            GROUP BY agency_id, CASE agency_id WHEN $unknown THEN report_id END
            ORDER BY agency_id, min(report_id)
            """,
            {"unknown": UNKNOWN_AGENCY},
        ).fetchall()
    part: list[str] = []
    for (group,) in groups:
        if part and len(part) + len(group) > REPORTS_AT_ONCE:
            yield part
            part = []
        part += group
    if part:
        yield part


def _shown_alone(con: Con, reports: Sequence[str]) -> AbstractContextManager[None]:
    """For the time of the `with` the connection shows these reports and no others."""
    if len(reports) == int(scalar(con, "SELECT count(*) FROM reports")):
        return nullcontext()
    return _shadow_tables(con, reports)


@contextmanager
def _shadow_tables(con: Con, reports: Sequence[str]) -> Iterator[None]:
    home = str(scalar(con, "SELECT current_database()")).replace('"', '""')
    rows = make_rows(texts("report_id"), ((report_id,) for report_id in reports))
    with temporary_table(con, "shown_reports", rows):
        for name in _SHOWN:
            con.execute(f"""
                CREATE TEMP TABLE {name} AS
                FROM "{home}".main.{name} SEMI JOIN temp.shown_reports USING (report_id)
            """)
    try:
        yield
    finally:
        for name in _SHOWN:
            con.execute(f"DROP TABLE temp.{name}")


def _keep(con: Con, found: duckdb.DuckDBPyRelation, only: Collection[str] | None = None) -> None:
    """Add findings to the temporary table `judged`, only those of the rules named, if any."""
    missing = [c for c in FINDING_COLUMNS if c not in found.columns]
    if missing:
        raise ValueError(f"the check gave no column {', '.join(missing)}")
    con.register("found_now", found)
    columns = ", ".join(FINDING_COLUMNS)
    condition = "" if only is None else "WHERE rule_id IN (SELECT unnest($only::VARCHAR[]))"
    con.execute(
        f"INSERT INTO judged BY NAME SELECT {columns} FROM found_now {condition}",  # noqa: S608 - constants
        {} if only is None else {"only": sorted(only)},
    )
    con.unregister("found_now")
