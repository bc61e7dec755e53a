"""`nianbao check`: one document judged by the same queries as the warehouse, on a database in
memory.

`judge` reads in a reader process; while that starts, DuckDB, the forms and the rules are loaded
here. `as_json` is for programs: an object with these keys, always all of them, in this order; later
versions may add keys and never rename one.

    file        the path as given
    document    document_id (SHA-256), file_name, format, bytes, title, source_id, url, fetched_at, vault_path
    outcome     document_id, status, reason, detail, reader, reader_version, seconds
    report      null if it is no report, else report_id, document_id, agency_id, agency_name, year, title, published_on, scope, sketch
    tables      a list: table_id, edition, found, rows_matched, rows_expected, note (remarks, a list of objects)
    cells       a list: table_id, row_id, col_id, value (a decimal as text, or null), state, raw_text, unit, page, grid, grid_row,
                grid_col, bbox, reader, confidence
    findings    a list, errors first: the columns of table `findings` in the dictionary but finding_id, status, first_seen and
                last_seen, and with fingerprint; cells are written table|row|column; expected, actual and delta are decimals as text
    suspects    a list: the columns of table `suspects`, likeliest first in each cause; implied is a decimal as text
    deductions  a list: the columns of table `deductions`; low, high and value are decimals as text

What a person gets to see is made in `flows.verdict`.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extract.document import ReadError
from extract.sandbox import Sandbox
from flows.prepare import prepared, refused
from flows.request import WORK, NoInput, Request, answered, request_of
from transform.rows import Reading

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Judged:
    """One document's reading, its findings and what lies behind them; each a dict with the columns
    of the table of that name.
    """

    file: Path
    reading: Reading
    findings: tuple[dict[str, Any], ...] = ()
    suspects: tuple[dict[str, Any], ...] = ()
    deductions: tuple[dict[str, Any], ...] = ()

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(f["level"] == "error" for f in self.findings)


def judge(file: Path) -> Judged:
    """Read and judge `file`; nothing is stored. NoInput if it does not exist or is a folder."""
    if file.is_dir():
        raise NoInput(f"{file}: is a folder; name one document, or use `nianbao run` for many")
    if not file.exists():
        raise NoInput(f"{file}: no such file; check the path")
    request = request_of(file)
    if isinstance(request, Reading):
        return Judged(file, request)
    with prepared([request]) as (made,):
        if isinstance(made, ReadError):
            return Judged(file, refused(request, made))
        # The sandbox closes first, also on Ctrl-C: then the thread need not wait for the reader.
        with ThreadPoolExecutor(1) as thread, Sandbox(WORK, workers=1) as sandbox:
            pending = thread.submit(_read, sandbox, made)
            con = _bench()
            reading = pending.result()
    with con:
        return Judged(file, reading) if reading.report is None else _judged(file, reading, con)


def _read(sandbox: Sandbox, request: Request) -> Reading:
    try:
        return answered(request, sandbox.run(request.to_bytes()))
    except ReadError as error:
        return answered(request, error)


def _bench() -> "duckdb.DuckDBPyConnection":
    """An empty warehouse in memory; and whatever else judging will need is imported and read, for
    the modules to keep.
    """
    from flows.lean import import_pyarrow_alone

    import_pyarrow_alone()
    import pyarrow.compute  # noqa: F401 - pyarrow needs it for the first table

    import transform.check
    import transform.diagnose  # noqa: F401
    from load.warehouse import memory
    from transform.form import load_forms
    from transform.rules import load_rules

    load_rules(load_forms())
    return memory(views=False)


def _judged(file: Path, reading: Reading, con: "duckdb.DuckDBPyConnection") -> Judged:
    from load.warehouse import load_readings
    from transform.check import findings
    from transform.diagnose import diagnose
    from transform.form import load_forms
    from transform.rules import load_rules

    load_readings(con, [reading])
    forms = load_forms()
    rules = load_rules(forms)
    ids = [] if reading.report is None else [reading.report.report_id]
    made = diagnose(con, forms, rules, findings(con, forms, rules), ids)
    return Judged(
        file,
        reading,
        *(tuple(rows.to_pylist()) for rows in (made.findings, made.suspects, made.deductions)),
    )


def as_json(judged: Judged) -> str:
    """Everything, for a program."""
    reading = judged.reading
    whole = {
        "file": str(judged.file),
        "document": asdict(reading.document),
        "outcome": asdict(reading.outcome),
        "report": None if reading.report is None else asdict(reading.report),
        "tables": [asdict(t) | {"note": json.loads(t.note)} for t in reading.tables],
        "cells": [asdict(c) for c in reading.cells],
        "findings": judged.findings,
        "suspects": judged.suspects,
        "deductions": judged.deductions,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str)
