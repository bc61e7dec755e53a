"""The warehouse as the pages read it: one read-only connection, opened anew when a run has put
another file in its place. `prepare` is done with each new connection
before anything is asked; what it makes lies in memory, in the catalogue `held`.

`Warehouse.rows` gives dicts; `load_report` one report as `Judged`, the same that `nianbao check`
makes of a draft, so that both are shown by the same code. Raises the errors of `load.errors`.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from load.database import connect
from review.judged import Judged
from transform.records import (
    CellRow,
    DocumentRow,
    OutcomeRow,
    Reading,
    RemarkRow,
    ReportRow,
    StatementRow,
    TableRow,
)

Row = dict[str, Any]
Made = TypeVar("Made")


class Warehouse:
    """A file that may be replaced while it is looked at."""

    def __init__(
        self, database: Path, prepare: Callable[[duckdb.DuckDBPyConnection], None]
    ) -> None:
        self._database = database
        self._prepare = prepare
        self._lock = threading.Lock()
        self._con: duckdb.DuckDBPyConnection | None = None
        self._signature: tuple[int, int, int] | None = None

    def rows(self, query: str, parameters: Sequence[object] | Row = ()) -> list[Row]:
        """The rows of a query."""
        with self._cursor() as cursor:
            result = cursor.execute(query, parameters or None)
            names = [d[0] for d in result.description or []]
            return [dict(zip(names, values, strict=True)) for values in result.fetchall()]

    def open(self) -> None:
        """Open and prepare the file, so that who comes first need not wait for it."""
        self._cursor().close()

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            if self._con is not None:
                self._con.close()
            self._con = None

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            signature = self._stat()
            if self._con is None or signature != self._signature:
                if self._con is not None:
                    self._con.close()
                    self._con = None
                con = connect(self._database)
                con.execute("ATTACH ':memory:' AS held (READ_WRITE)")
                self._prepare(con)
                self._con, self._signature = con, signature
            return self._con.cursor()

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            status = self._database.stat()
        except OSError:
            return None  # `connect` says what is wrong
        return status.st_ino, status.st_mtime_ns, status.st_size


def load_report(warehouse: Warehouse, report_id: str) -> Judged | None:
    """One report with all that is known of it, None if there is none."""
    reports = warehouse.rows("SELECT * FROM reports WHERE report_id = ?", [report_id])
    if not reports:
        return None
    report = reports[0]
    document_id = report["document_id"]
    documents = warehouse.rows("SELECT * FROM documents WHERE document_id = ?", [document_id])
    outcomes = warehouse.rows("SELECT * FROM outcomes WHERE document_id = ?", [document_id])

    def of_report(table: str, order: str = "ALL") -> list[Row]:
        query = f"SELECT * FROM {table} WHERE report_id = ? ORDER BY {order}"  # noqa: S608 - ours
        return warehouse.rows(query, [report_id])

    reading = Reading(
        _made(DocumentRow, documents[0]),
        _made(OutcomeRow, outcomes[0]),
        _made(ReportRow, report),
        tuple(_made(TableRow, r) for r in of_report("tables", "rowid")),
        tuple(_made(RemarkRow, r) for r in of_report("remarks")),
        tuple(_made(CellRow, r) for r in of_report("cells", "rowid")),
        tuple(_made(StatementRow, r) for r in of_report("statements", "rowid")),
    )
    return Judged(
        Path(documents[0]["file_name"]),
        reading,
        tuple(of_report("findings", "rule_id, instance")),
        tuple(of_report("suspects", "cause_id, rank, row_id, col_id")),
        tuple(of_report("deductions")),
    )


def _made(kind: type[Made], row: Row) -> Made:
    """A record of the columns that it has; moments and days as text, as readings have them."""
    columns = fields(kind)  # type: ignore[arg-type]  # each is a dataclass
    values = {f.name: row[f.name] for f in columns}
    return kind(**{k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in values.items()})
