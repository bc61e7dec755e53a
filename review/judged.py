"""One judged document, and the same as JSON for programs.

`as_json` gives an object with these keys, always all of them, in this order; later versions may add
keys and never rename one.

    version     of this shape: 1
    file        the path as given
    verdict     clean (no error), errors, or unreadable
    counts      how many findings of each level: error, warning, info
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
    compared_with_last_year
                whether the report of the year before was given too

Of several drafts there is an object with `version` and `drafts`, a list of such objects.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from transform.records import Reading

LEVELS: Final = ("error", "warning", "info")
VERDICTS: Final = ("clean", "errors", "unreadable")
VERSION: Final = 1  # of the shape of the JSON
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
    compared_with_last_year: bool = False

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return self.counts["error"]

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each level."""
        counted = Counter(f["level"] for f in self.findings)
        return {level: counted[level] for level in LEVELS}

    @property
    def verdict(self) -> str:
        """`unreadable`, `errors` or `clean`."""
        if self.reading.report is None:
            return "unreadable"
        return "errors" if self.errors else "clean"


def as_json(drafts: Sequence[Judged]) -> str:
    """Everything, for a program: an object for one draft, a list of them for several."""
    objects = [_as_object(judged) for judged in drafts]
    whole = objects[0] if len(objects) == 1 else {"version": VERSION, "drafts": objects}
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str)


def _as_object(judged: Judged) -> dict[str, Any]:
    reading = judged.reading
    return {
        "version": VERSION,
        "file": str(judged.file),
        "verdict": judged.verdict,
        "counts": judged.counts,
        "document": asdict(reading.document),
        "outcome": asdict(reading.outcome),
        "report": None if reading.report is None else asdict(reading.report),
        "tables": [asdict(t) | {"note": _notes(reading, t.table_id)} for t in reading.tables],
        "cells": [asdict(c) for c in reading.cells],
        "findings": judged.findings,
        "suspects": judged.suspects,
        "deductions": judged.deductions,
        "figures_compared": judged.figures_compared,
        "compared_with_last_year": judged.compared_with_last_year,
    }


def _notes(reading: Reading, table_id: str) -> list[dict[str, str]]:
    """The remarks on a table, each an object with what it has."""
    return [
        {name: text for name in _NOTED if (text := getattr(remark, name)) is not None}
        for remark in reading.remarks
        if remark.table_id == table_id
    ]
