"""The tidy rows of one document: what `tidy` gives, what a shard stores and what the warehouse
loads.

Field names are the column names of `load/schema.sql`; a test holds them together. `Reading` is the
whole of one document: the document, its outcome and, if it is a report, the report with tables,
cells and statements. `to_json` and `from_json` carry a reading out of a reader process; JSON and
not pickle, so that a reader led astray by its input can send nothing but text.
"""

import json
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal
from operator import attrgetter
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
    """One report. `agency_name` as the report names itself, `agency_id` the full name or `unknown`."""

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
    """A figure stated in the prose."""

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


_CELL = [f.name for f in fields(CellRow)]
_VALUE = _CELL.index("value")
_cell_fields = attrgetter(*_CELL)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"no JSON for {type(value).__name__}")


def to_json(reading: Reading) -> bytes:
    """The reading as UTF-8 JSON; decimals as strings, a cell as a list of its fields (there are
    some two hundred).
    """
    whole = asdict(replace(reading, cells=()))
    whole["cells"] = [_cell_fields(c) for c in reading.cells]
    return json.dumps(whole, default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def from_json(data: bytes) -> Reading:
    """The inverse of `to_json`."""
    raw: dict[str, Any] = json.loads(data)
    return Reading(
        document=DocumentRow(**raw["document"]),
        outcome=OutcomeRow(**raw["outcome"]),
        report=None if raw["report"] is None else ReportRow(**raw["report"]),
        tables=tuple(TableRow(**t) for t in raw["tables"]),
        remarks=tuple(RemarkRow(**r) for r in raw["remarks"]),
        cells=tuple(_cell(c) for c in raw["cells"]),
        statements=tuple(
            StatementRow(**{**s, "value": None if s["value"] is None else Decimal(s["value"])})
            for s in raw["statements"]
        ),
    )


def _cell(values: list[Any]) -> CellRow:
    if values[_VALUE] is not None:
        values[_VALUE] = Decimal(values[_VALUE])
    return CellRow(*values)
