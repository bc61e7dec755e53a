"""`nianbao check`: one document judged by the same queries as the warehouse, on a database in
memory.

`judge` reads in a reader process; while that starts, DuckDB, the forms and the rules are loaded
here.
What a person gets to see is made in `review.check_text`, what a program in `review.judged`.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from extract.sandbox.pool import Sandbox
from flows.steps.read_batch import read_documents
from flows.steps.request import WORK, ReadRequest, request_of
from flows.steps.version import format_versions
from load.errors import NoInput
from review.judged import Judged
from transform.records import Reading, from_json

if TYPE_CHECKING:
    import duckdb


def judge(file: Path) -> Judged:
    """Read and judge `file`; nothing is stored. NoInput if it does not exist or is a folder."""
    if file.is_dir():
        raise NoInput(f"{file}: is a folder; name one document, or use `nianbao run` for many")
    if not file.exists():
        raise NoInput(f"{file}: no such file; check the path")
    request = request_of(file, format_versions())
    if isinstance(request, Reading):
        return Judged(file, request)
    request = replace(request, uncovered_too=True)
    # The sandbox closes first, also on Ctrl-C: then the thread need not wait for the reader.
    with ThreadPoolExecutor(1) as thread, Sandbox(WORK, workers=1) as sandbox:
        pending = thread.submit(_read, sandbox, request)
        con = _prepare_judging()
        reading = pending.result()
    with con:
        return Judged(file, reading) if reading.report is None else _judged(file, reading, con)


def _read(sandbox: Sandbox, request: ReadRequest) -> Reading:
    (answer,) = read_documents(sandbox, [request])
    return from_json(answer.line)


def _prepare_judging() -> "duckdb.DuckDBPyConnection":
    """An empty warehouse in memory; and whatever else judging will need is imported and read, for
    the modules to keep.
    """
    from load.warehouse import memory
    from transform.form.forms import load_forms
    from transform.rules.load import load_rules

    load_rules(load_forms())
    return memory(views=False)


def _judged(file: Path, reading: Reading, con: "duckdb.DuckDBPyConnection") -> Judged:
    from load.warehouse import load_readings
    from transform.form.forms import load_forms
    from transform.localize.diagnose import diagnose
    from transform.narrative.compared import count_compared
    from transform.rules.evaluate import findings
    from transform.rules.load import load_rules
    from transform.temporary_tables import fetch_rows

    load_readings(con, [reading])
    forms = load_forms()
    rules = load_rules(forms)
    ids = [] if reading.report is None else [reading.report.report_id]
    made = diagnose(con, forms, rules, findings(con, forms, rules), ids)
    found, suspects, deductions = (
        tuple(fetch_rows(rows)) for rows in (made.findings, made.suspects, made.deductions)
    )
    compared = count_compared(reading.statements, reading.tables, reading.cells, forms)
    return Judged(file, reading, found, suspects, deductions, compared)
