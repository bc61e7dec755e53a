"""`nianbao check`: one document judged by the same queries as the warehouse, on a database in memory."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from flows.batch import read_one
from flows.run import check_table
from load.warehouse import load_readings, memory
from transform.rows import Reading

_MARK: Final = {"error": "E", "warning": "W", "info": "I"}
_GROUPED: Final = ("holds_if_blank_is_zero", "not_assessable")  # many of a kind: counted, not listed


@dataclass(frozen=True)
class Judged:
    """One document's reading and its findings, each a dict with the columns of table `findings`."""

    file: Path
    reading: Reading
    findings: tuple[dict[str, Any], ...]

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(f["level"] == "error" for f in self.findings)


def judge(file: Path) -> Judged:
    """Read and judge `file`; nothing is stored. NoInput if it does not exist."""
    reading = read_one(file)
    if reading.report is None:
        return Judged(file, reading, ())
    with memory() as con:
        load_readings(con, [reading])
        return Judged(file, reading, tuple(check_table(con).to_pylist()))


def as_text(judged: Judged, lang: str) -> str:
    """For a person: errors first, those of one cause together; many of a kind as a count."""
    reading, report = judged.reading, judged.reading.report
    if report is None:
        outcome = reading.outcome
        return f"{judged.file}: {outcome.status}, {outcome.reason}" + (f": {outcome.detail}" if outcome.detail else "")
    tables = ", ".join(f"{t.table_id} {t.edition if t.found else '—'}" for t in reading.tables)
    lines = [f"{judged.file}: {report.agency_id} {report.year or '—'} ({reading.document.format}; {tables})"]
    listed = [f for f in judged.findings if f["state"] not in _GROUPED]
    causes = list(dict.fromkeys(f["cause_id"] for f in listed if f["level"] == "error"))
    counts = {level: sum(f["level"] == level for f in judged.findings) for level in _MARK}
    of_causes = f" ({len(causes)} cause{'s' * (len(causes) != 1)})" if causes else ""
    lines.append(f"errors: {counts['error']}{of_causes}, warnings: {counts['warning']}, info: {counts['info']}")
    for n, cause in enumerate(causes, 1):
        together = [f for f in listed if f["cause_id"] == cause and f["level"] == "error"]
        if len(together) > 1:
            lines.append(f"cause {n}: {len(together)} findings")
        lines += [_line(f, lang, indent=len(together) > 1) for f in together]
    lines += [_line(f, lang) for f in listed if f["level"] != "error"]
    for state in _GROUPED:
        found = [f for f in judged.findings if f["state"] == state]
        for rule in dict.fromkeys(f["rule_id"] for f in found):
            lines.append(f"I {rule}: {sum(f['rule_id'] == rule for f in found)} × {state}")
    return "\n".join(lines)


def _line(finding: dict[str, Any], lang: str, *, indent: bool = False) -> str:
    return f"{'  ' * indent}{_MARK[finding['level']]} {finding['rule_id']} {finding['instance']}: {finding[f'message_{lang}']}"


def as_json(judged: Judged) -> str:
    """Everything, for a program."""
    whole = {
        "file": str(judged.file),
        "document": asdict(judged.reading.document),
        "outcome": asdict(judged.reading.outcome),
        "report": None if judged.reading.report is None else asdict(judged.reading.report),
        "tables": [asdict(t) for t in judged.reading.tables],
        "cells_by_state": _by_state(judged.reading),
        "findings": judged.findings,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str)


def _by_state(reading: Reading) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for cell in reading.cells:
        table = counts.setdefault(cell.table_id, {})
        table[cell.state] = table.get(cell.state, 0) + 1
    return counts
