"""One judged document, and the same as JSON for programs.

`as_json` gives an object with these keys, always all of them, in this order; later versions may add
keys and never rename one.

    file        the path as given
    document    document_id (SHA-256), file_name, format, bytes, title, source_id, url, fetched_at,
                vault_path
    outcome     document_id, status, reason, detail, reader, reader_version, seconds
    report      null if it is no report, else report_id, document_id, agency_id, agency_name, year,
                title, published_on, scope, sketch
    tables      a list: table_id, edition, found, rows_matched, rows_expected, note (remarks, a list
                of objects)
    cells       a list: table_id, row_id, col_id, value (a decimal as text, or null), state,
                raw_text, unit, page, grid, grid_row, grid_col, bbox, reader, confidence
    findings    a list, errors first: the columns of table `findings` in the dictionary but
                finding_id, status, first_seen and last_seen, and with fingerprint; cells are
                written table|row|column; expected, actual and delta are decimals as text
    suspects    a list: the columns of table `suspects`, likeliest first in each cause; implied is a
                decimal as text
    deductions  a list: the columns of table `deductions`; low, high and value are decimals as text
    figures_compared
                how many figures of the prose were held against the tables
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from transform.records import Reading

_NOTED: Final = ("code", "row_id", "col_id", "printed", "meant")


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
    figures_compared: int = 0  # of the prose, with the tables

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(f["level"] == "error" for f in self.findings)


def as_json(judged: Judged) -> str:
    """Everything, for a program."""
    reading = judged.reading
    whole = {
        "file": str(judged.file),
        "document": asdict(reading.document),
        "outcome": asdict(reading.outcome),
        "report": None if reading.report is None else asdict(reading.report),
        "tables": [asdict(t) | {"note": _notes(reading, t.table_id)} for t in reading.tables],
        "cells": [asdict(c) for c in reading.cells],
        "findings": judged.findings,
        "suspects": judged.suspects,
        "deductions": judged.deductions,
        "figures_compared": judged.figures_compared,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str)


def _notes(reading: Reading, table_id: str) -> list[dict[str, str]]:
    """The remarks on a table, each an object with what it has."""
    return [
        {name: text for name in _NOTED if (text := getattr(remark, name)) is not None}
        for remark in reading.remarks
        if remark.table_id == table_id
    ]
