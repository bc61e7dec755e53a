"""The tidy rows of one document: what `tidy` gives, what a shard stores and what the warehouse
loads.

Field names are the column names of `load/schema.sql`; a test holds them together. `Reading` is the
whole of one document: the document, its outcome and, if it is a report, the report with tables,
cells and statements. `to_json` and `from_json` carry a reading out of a reader process; JSON and
not pickle, so that a reader led astray by its input can send nothing but text.
"""

import json
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Self

UNKNOWN_AGENCY = "unknown"
# of the document's SHA-256: a report is named by the bytes that it was read from
REPORT_ID_DIGITS = 16


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One file as it was met. `document_id` is the SHA-256 of its bytes in hex; `path` is empty for
    a file that was fetched.
    """

    document_id: str
    file_name: str
    format: str
    bytes: int
    title: str | None = None
    source_id: str | None = None
    url: str | None = None
    fetched_at: str | None = None
    vault_path: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """How the work on one document ended; `reason` is empty only for `extracted`."""

    document_id: str
    status: str
    reason: str | None
    detail: str | None
    reader: str | None
    reader_version: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report. `agency_name` as the report names itself, `agency_id` the full name or
    `unknown`.
    """

    report_id: str
    document_id: str
    agency_id: str
    agency_name: str | None
    year: int | None
    title: str | None
    published_on: str | None  # ISO date
    scope: str | None
    sketch: str | None = None  # of the prose, by transform.narrative.minhash


@dataclass(frozen=True, slots=True)
class TableRow:
    """One table of the form in one report."""

    table_id: str
    edition: str
    found: bool
    rows_matched: int
    rows_expected: int


@dataclass(frozen=True, slots=True)
class CellRow:
    """One cell. `page`, `grid`, `grid_row` and `grid_col` count from 1.

    `state` is number, zero, blank, marker, text or absent; `value` is None unless number or zero.
    """

    table_id: str
    row_id: str
    col_id: str
    value: Decimal | None
    state: str
    raw_text: str | None
    unit: str | None
    page: int | None
    grid: int | None
    grid_row: int | None
    grid_col: int | None
    bbox: str | None
    reader: str
    confidence: float


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A figure stated in the prose; `paragraph` counts from 1."""

    statement_id: str
    metric: str
    value: Decimal | None
    sentence: str
    paragraph: int | None


@dataclass(frozen=True, slots=True)
class Remark:
    """A doubt met while reading a table: a rule of kind `remark` in data/rules/ with the same
    `code` words it.

    `row_id` and `col_id` name the cell where there is one; `printed` is what stands in the
    document, `meant` what it was taken for.
    """

    code: str
    row_id: str | None = None
    col_id: str | None = None
    printed: str | None = None
    meant: str | None = None


@dataclass(frozen=True, slots=True)
class RemarkRow:
    """A `Remark` with the table that it is on."""

    table_id: str
    row_id: str | None
    col_id: str | None
    code: str
    printed: str | None
    meant: str | None

    @classmethod
    def of(cls, table_id: str, remark: Remark) -> Self:
        """The row of a remark on this table."""
        return cls(
            table_id, remark.row_id, remark.col_id, remark.code, remark.printed, remark.meant
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was made of one document."""

    document: DocumentRow
    outcome: OutcomeRow
    report: ReportRow | None = None
    tables: tuple[TableRow, ...] = ()
    remarks: tuple[RemarkRow, ...] = ()
    cells: tuple[CellRow, ...] = ()
    statements: tuple[StatementRow, ...] = ()


_LISTS = {
    "tables": TableRow,
    "remarks": RemarkRow,
    "cells": CellRow,
    "statements": StatementRow,
}
_COLUMNS = {name: [f.name for f in fields(row)] for name, row in _LISTS.items()}


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"no JSON for {type(value).__name__}")


def to_json(reading: Reading) -> bytes:
    """The reading as one line of UTF-8 JSON: decimals as texts; tables, cells and statements column
    by column, which is a third of the size of row by row. Each cell has the edition of its table
    beside it.

    ValueError for what JSON cannot hold: lone surrogates, numbers that are none.
    """
    whole: dict[str, Any] = {
        "document": _fields(reading.document),
        "outcome": _fields(reading.outcome),
        "report": None if reading.report is None else _fields(reading.report),
    }
    for name, columns in _COLUMNS.items():
        rows = getattr(reading, name)
        whole[name] = {column: [getattr(row, column) for row in rows] for column in columns}
    editions = {t.table_id: t.edition for t in reading.tables}
    whole["cells"]["edition"] = [editions.get(c.table_id) for c in reading.cells]
    return json.dumps(
        whole, default=_plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()


def from_json(line: bytes) -> Reading:
    """The inverse of `to_json`."""
    raw: dict[str, Any] = json.loads(line)
    for table in (raw["cells"], raw["statements"]):
        table["value"] = [None if v is None else Decimal(v) for v in table["value"]]
    lists: dict[str, Any] = {
        name: tuple(
            row(*values) for values in zip(*(raw[name][c] for c in _COLUMNS[name]), strict=True)
        )
        for name, row in _LISTS.items()
    }
    return Reading(
        document=DocumentRow(**raw["document"]),
        outcome=OutcomeRow(**raw["outcome"]),
        report=None if raw["report"] is None else ReportRow(**raw["report"]),
        **lists,
    )


def _fields(row: DocumentRow | OutcomeRow | ReportRow) -> dict[str, Any]:
    return {f.name: getattr(row, f.name) for f in fields(row)}
