"""Readings, runs and checks made for the tests of `load`: small, whole, and with known values."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from load.codebook import Codebook, codebook
from load.database import connect
from load.judge import Judging
from load.merge import Met, RunInfo
from load.staging import staged, write_batch
from load.warehouse import Published, publish
from transform.form.forms import load_forms
from transform.records import (
    CellRow,
    DocumentRow,
    OutcomeRow,
    Reading,
    ReportRow,
    TableRow,
)
from transform.rules.load import Rule

START = datetime(2025, 2, 1, 3, 0)
KEYS = {
    "agencies": ("agency_id",),
    "documents": ("document_id",),
    "outcomes": ("document_id",),
    "reports": ("report_id",),
    "tables": ("report_id", "table_id"),
    "remarks": ("report_id", "table_id", "row_id", "col_id", "code", "printed", "meant"),
    "cells": ("report_id", "table_id", "row_id", "col_id"),
    "statements": ("report_id", "statement_id"),
    "findings": ("finding_id",),
    "suspects": ("report_id", "cause_id", "rank", "table_id", "row_id", "col_id"),
    "deductions": ("report_id", "table_id", "row_id", "col_id"),
    "corrections": ("report_id", "table_id", "row_id", "col_id", "finding_id"),
    "sources": ("source_id",),
    "changes": (
        "run_id",
        "kind",
        "document_id",
        "report_id",
        "table_id",
        "row_id",
        "col_id",
        "finding_id",
    ),
    "runs": ("run_id",),
    "form_rows": ("edition", "table_id", "row_id"),
    "form_columns": ("edition", "table_id", "block_id", "col_id"),
    "rules": ("rule_id", "edition"),
}


def a_rule(
    rule_id: str = "requests.balance",
    editions: tuple[str, ...] = ("2019", "2021"),
    kind: str = "sum",
    expression: str = "a + b == c + d",
) -> Rule:
    """A rule as the codebook takes it."""
    tests: dict[str, Any] = dict.fromkeys(("test", "each", "limit"))
    tests["asks_for_form"] = False
    texts = {"message_zh": "不平衡", "message_en": "does not balance", "quote": None}
    named: dict[str, Any] = {"level": "error", "source": "official", "expression": expression}
    return Rule(rule_id, editions, kind, **named | texts | tests)


@cache
def book() -> Codebook:
    """The codebook of the project's forms and one rule."""
    return codebook(load_forms(), [a_rule()])


def sha(name: str) -> str:
    """A document id."""
    return hashlib.sha256(name.encode()).hexdigest()


def cell(
    table_id: str,
    row_id: str,
    col_id: str,
    value: int | str | None,
    state: str | None = None,
    **more: Any,
) -> CellRow:
    """One cell; its state follows from the value unless given."""
    number = None if value is None else Decimal(value)
    plain = {
        "raw_text": None if value is None else str(value),
        "unit": "件",
        "page": 1,
        "grid": 1,
        "grid_row": 1,
        "grid_col": 1,
    }
    fixed: dict[str, Any] = plain | {"bbox": None, "reader": "docx", "confidence": 1.0} | more
    return CellRow(
        table_id,
        row_id,
        col_id,
        number,
        state or ("blank" if number is None else "number" if number else "zero"),
        **fixed,
    )


def full_cells(value: int) -> tuple[CellRow, ...]:
    """All cells of the edition of 2021, each with the same value."""
    tables = load_forms().editions["2021"].tables
    return tuple(
        cell(t, row, col, value)
        for t in ("proactive", "requests", "disputes")
        for row, col in tables[t].cells
    )


def reading(
    name: str,
    agency: str = "甲县财政局",
    year: int | None = 2021,
    *,
    version: str = "1",
    status: str = "extracted",
    cells: Sequence[CellRow] = (cell("requests", "new", "total", 5),),
    published_on: str | None = None,
    **document: Any,
) -> Reading:
    """The reading of a document that is named by `name`."""
    did = sha(name)
    facts: dict[str, Any] = {
        "document_id": did,
        "file_name": f"{name}.docx",
        "format": "docx",
        "bytes": 1000,
    } | document
    tables = tuple(
        TableRow(t, "2021", any(c.table_id == t for c in cells), 1, 2)
        for t in ("proactive", "requests", "disputes")
    )
    return Reading(
        DocumentRow(**facts),
        OutcomeRow(
            did,
            status,
            None if status == "extracted" else "missing_tables",
            None,
            "docx",
            version,
            0.01,
        ),
        ReportRow(
            did[:16], did, agency, agency[-3:], year, f"{agency}年度报告", published_on, None
        ),
        tables,
        cells=tuple(cells),
    )


def rejected(name: str, version: str = "1") -> Reading:
    """The reading of a document that is no report."""
    did = sha(name)
    return Reading(
        DocumentRow(did, f"{name}.pdf", "pdf", 10),
        OutcomeRow(did, "rejected", "damaged", "truncated", "pdf", version, 0.5),
    )


def run(number: int = 1, code: str = "a") -> RunInfo:
    """The run of that number, one a day."""
    return RunInfo(f"run-{number}", START + timedelta(days=number), code, {"offered": 1})


def big_values(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """A check: each cell above 100 is a finding."""
    return con.sql("""
        SELECT report_id, agency_id, year, 'cell.big' AS rule_id,
            row_id || '|' || col_id AS instance, 'error' AS level, 'fails' AS state,
            100 AS expected, value AS actual, value - 100 AS delta,
            [table_id || '|' || row_id || '|' || col_id] AS cells, NULL::VARCHAR AS cause_id,
            NULL::VARCHAR AS verdict, '太大' AS message_zh, 'too big' AS message_en,
            md5(concat_ws('|', report_id, table_id, row_id, col_id, value)) AS fingerprint
        FROM cells WHERE value > 100
    """)


def put(
    database: Path,
    readings: Sequence[Reading],
    info: RunInfo,
    check: Callable[[duckdb.DuckDBPyConnection], duckdb.DuckDBPyRelation] = big_values,
    *,
    present: Collection[str] | None = None,
    paths: Mapping[str, str] | None = None,
    prune: bool = False,
    **more: Any,
) -> Published:
    """Stage the readings beside the database, and publish them."""
    batch = stage(database.parent / "staging", readings)
    named = {f.name: more.pop(f.name) for f in fields(Judging) if f.name in more}
    judging = Judging(**({"check": check, "codebook": book()} | named))
    met = Met(present, paths or {}, prune)
    return publish(database, [batch] if batch else [], info, judging, met=met, **more)


def stage(folder: Path, readings: Sequence[Reading]) -> Path | None:
    """Write the readings as one batch."""
    return write_batch(folder, map(staged, readings))


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query, asked of a warehouse that is opened and closed again."""
    con = connect(database)
    try:
        return con.execute(query).fetchall()
    finally:
        con.close()


def dump(database: Path, leave_out: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, each table sorted; without the tables, and columns (table.column),
    that are to be left out.
    """
    con = connect(database)
    found = {}
    try:
        for table in KEYS:
            columns = [c.partition(".")[2] for c in leave_out if c.startswith(f"{table}.")]
            if table not in leave_out:
                chosen = f"* EXCLUDE ({', '.join(columns)})" if columns else "*"
                found[table] = con.execute(f"SELECT {chosen} FROM {table} ORDER BY ALL").fetchall()
    finally:
        con.close()
    return found
