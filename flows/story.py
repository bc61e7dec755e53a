"""`nianbao why`: one cell's whole story from the warehouse."""

from pathlib import Path
from typing import Any

import duckdb

from flows.batch import NoInput
from load.warehouse import connect


def tell(database: Path, report: str, table: str, row: str, col: str, lang: str) -> str:
    """What is printed in the cell, where, how it was read, and each finding that it stands in. NoInput if there is no such cell."""
    with connect(database) as con:
        report_id = _report(con, report)
        cells = _dicts(con, "SELECT * FROM tidy WHERE report_id = ? AND table_id = ? AND row_id = ? AND col_id = ?", report_id, table, row, col)
        if not cells:
            raise NoInput(f"{report_id}: no cell {table}|{row}|{col}; the table `cells` lists those of the report")
        key = f"{table}|{row}|{col}"
        findings = _dicts(con, "SELECT * FROM findings WHERE report_id = ? AND list_contains(cells, ?) ORDER BY level, rule_id, instance", report_id, key)
        lines = [*_cell(cells[0], lang)]
        for finding in findings:
            lines.append(f"{finding['level']} {finding['rule_id']} {finding['instance']} ({finding['state']}, {finding['status']}): {finding[f'message_{lang}']}")
            lines += [f"  {printed}" for printed in _others(con, report_id, finding["cells"], key)]
    if not findings:
        lines.append("no finding names this cell")
    return "\n".join(lines)


def _report(con: duckdb.DuckDBPyConnection, named: str) -> str:
    query = """
        SELECT r.report_id FROM reports r JOIN documents d USING (document_id)
        WHERE r.report_id = $name OR d.file_name = $name OR r.agency_id || '-' || r.year = $name OR r.agency_name || '-' || r.year = $name
        ORDER BY r.is_current DESC, r.report_id
    """
    found = con.execute(query, {"name": named}).fetchall()
    if not found:
        raise NoInput(f"{named}: no such report; give a report_id, a file name, or agency and year joined by - (see the table `reports`)")
    return str(found[0][0])


def _cell(cell: dict[str, Any], lang: str) -> list[str]:
    place = ", ".join(f"{what} {cell[what]}" for what in ("page", "grid", "grid_row", "grid_col") if cell[what] is not None)
    return [
        f"{cell['agency_name']} {cell['year']}, {cell['file_name']} (report {cell['report_id']})",
        f"{cell['table_id']}|{cell['row_id']}|{cell['col_id']}, edition {cell['edition']}: {cell[f'row_label_{lang}']} / {cell[f'col_label_{lang}']}",
        f"printed {cell['raw_text']!r} at {place or 'no place'}; read as {cell['state']}, value {cell['value']}, unit {cell['unit']}",
        f"reader {cell['reader']}, confidence {cell['confidence']}",
    ]


def _others(con: duckdb.DuckDBPyConnection, report_id: str, keys: list[str], own: str) -> list[str]:
    """The other cells of a finding as printed; zeros are left out, they explain nothing."""
    rows = con.execute(
        "SELECT table_id || '|' || row_id || '|' || col_id AS key, state, raw_text FROM cells WHERE report_id = ? AND list_contains(?, key) AND state <> 'zero'",
        [report_id, [k for k in keys if k != own]],
    ).fetchall()
    return [f"{key} {state} {(raw or '').strip()!r}" for key, state, raw in rows[:12]] + ([f"and {len(rows) - 12} more"] if len(rows) > 12 else [])


def _dicts(con: duckdb.DuckDBPyConnection, query: str, *parameters: str) -> list[dict[str, Any]]:
    result = con.execute(query, list(parameters))
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, values, strict=True)) for values in result.fetchall()]
