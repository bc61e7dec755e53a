"""`nianbao check`: drafts judged by the same queries as the warehouse, on a database in memory.

`judge_drafts` reads in reader processes; while these start, DuckDB, the forms and the rules are
loaded here. All drafts, and the reports of last year that were given, are judged together, so that
rules over years and agencies see them all; nothing is stored. What a person gets to see is made in
`review.check_text` and `review.drafts`, what a program in `review.judged` and `review.sarif`.
"""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from extract.sandbox.pool import Sandbox
from flows.steps.plan import find_files
from flows.steps.read_batch import read_documents
from flows.steps.request import WORK, ReadRequest, request_of
from flows.steps.version import format_versions
from review.judged import Judged
from transform.records import UNKNOWN_AGENCY, Reading, ReportRow, from_json

if TYPE_CHECKING:
    import duckdb

_OF_CORPUS: Final = ("report.year_missing",)  # what nobody collected is no fault of a draft


def judge(file: Path) -> Judged:
    """Read and judge one draft. NoInput if there is none at the path."""
    (judged,) = judge_drafts([file])
    return judged


def judge_drafts(paths: Sequence[Path], previous: Sequence[Path] = ()) -> list[Judged]:
    """Read and judge the drafts at `paths`, files or folders, in their order; `previous` are
    reports of last year to compare them with. NoInput names a path where there is nothing.
    """
    versions = format_versions()
    drafts = {path: request_of(path, versions) for path in find_files(paths)}
    before = {path: request_of(path, versions) for path in find_files(previous)}
    to_read = {
        request.document_id: replace(request, uncovered_too=True)
        for request in (*drafts.values(), *before.values())
        if isinstance(request, ReadRequest)
    }
    if not to_read:
        return [Judged(path, found) for path, found in drafts.items() if isinstance(found, Reading)]
    workers = min(len(to_read), os.cpu_count() or 1)
    # The sandbox closes first, also on Ctrl-C: then the thread need not wait for the readers.
    with ThreadPoolExecutor(1) as thread, Sandbox(WORK, workers=workers) as sandbox:
        pending = thread.submit(_read, sandbox, list(to_read.values()))
        con = _prepare_judging()
        readings = pending.result()
    asked = {
        path: found if isinstance(found, Reading) else readings[found.document_id]
        for path, found in drafts.items()
    }
    with con:
        return _judge(asked, list(readings.values()), con)


def _read(sandbox: Sandbox, requests: Sequence[ReadRequest]) -> dict[str, Reading]:
    """What the documents hold, by document_id."""
    answers = read_documents(sandbox, requests)
    return {answer.document_id: from_json(answer.line) for answer in answers}


def _prepare_judging() -> "duckdb.DuckDBPyConnection":
    """An empty warehouse in memory; and whatever else judging will need is imported and read, for
    the modules to keep.
    """
    from load.warehouse import memory
    from transform.form.forms import load_forms
    from transform.rules.load import load_rules

    load_rules(load_forms())
    return memory(views=False)


def _judge(
    drafts: dict[Path, Reading], readings: Sequence[Reading], con: "duckdb.DuckDBPyConnection"
) -> list[Judged]:
    from load.warehouse import load_readings
    from transform.form.forms import load_forms
    from transform.localize.diagnose import diagnose
    from transform.narrative.compared import count_compared
    from transform.rules.evaluate import findings
    from transform.rules.load import load_rules
    from transform.temporary_tables import fetch_rows

    reports = [reading.report for reading in readings if reading.report is not None]
    if not reports:
        return [Judged(path, reading) for path, reading in drafts.items()]
    load_readings(con, readings)
    forms = load_forms()
    rules = load_rules(forms)
    asked = {reading.report.report_id for reading in drafts.values() if reading.report is not None}
    made = diagnose(con, forms, rules, findings(con, forms, rules), sorted(asked))
    found, suspects, deductions = (
        _by_report(fetch_rows(rows)) for rows in (made.findings, made.suspects, made.deductions)
    )
    judged: list[Judged] = []
    for path, reading in drafts.items():
        if (report := reading.report) is None:
            judged.append(Judged(path, reading))
            continue
        key = report.report_id
        judged.append(
            Judged(
                path,
                reading,
                findings=tuple(f for f in found.get(key, ()) if f["rule_id"] not in _OF_CORPUS),
                suspects=tuple(suspects.get(key, ())),
                deductions=tuple(deductions.get(key, ())),
                figures_compared=count_compared(
                    reading.statements, reading.tables, reading.cells, forms
                ),
                compared_with_last_year=_has_previous(report, reports),
            )
        )
    return judged


def _by_report(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["report_id"], []).append(row)
    return found


def _has_previous(report: ReportRow, reports: Iterable[ReportRow]) -> bool:
    """Whether the report of the year before is among `reports`."""
    if report.agency_id == UNKNOWN_AGENCY or report.year is None:
        return False
    wanted = (report.agency_id, report.year - 1)
    return any((other.agency_id, other.year) == wanted for other in reports)
