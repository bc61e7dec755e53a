"""Shards: readings on disk, many documents a Parquet file, until they are published.

A row is one document: structs `document`, `outcome` and `report`, and lists of structs `tables`,
`remarks`, `cells`, `statements`. The name of a shard is a hash of its documents' ids and the
reader version,
which also stands in the file's metadata: a run that was killed finds what it has done with
`shard_documents`, and writing the same batch again replaces the same file.

No reading can stop a run. One that a shard cannot hold (a key twice, a value beyond DECIMAL(24,6),
a date that is none) is a mistake of a reader or of `tidy`: it is stored as `failed`,
`reader_crashed`, with the mistake in `detail`, and no report.

Out of scope: which readings to make, and when a shard may go (the caller says so with
`remove_shards`).
"""

import hashlib
import logging
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from itertools import accumulate
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from extract.document import Reason, Status
from load.errors import CannotWrite
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

log = logging.getLogger(__name__)

DECIMAL: Final = pa.decimal128(24, 6)
STALE_SECONDS: Final = 3600  # an unfinished file older than this is left over from a killed run

_TEXT, _INT, _REAL = pa.string(), pa.int32(), pa.float64()
_DOCUMENT: Final = pa.struct(
    [
        (f.name, {"bytes": pa.int64(), "fetched_at": pa.timestamp("us")}.get(f.name, _TEXT))
        for f in fields(DocumentRow)
    ]
)
_OUTCOME: Final = pa.struct(
    [(f.name, {"seconds": _REAL}.get(f.name, _TEXT)) for f in fields(OutcomeRow)]
)
_REPORT: Final = pa.struct(
    [
        (f.name, {"year": _INT, "published_on": pa.date32()}.get(f.name, _TEXT))
        for f in fields(ReportRow)
    ]
)
_TABLE: Final = pa.struct(
    [
        (
            f.name,
            {"found": pa.bool_(), "rows_matched": _INT, "rows_expected": _INT}.get(f.name, _TEXT),
        )
        for f in fields(TableRow)
    ]
)
_REMARK: Final = pa.struct([(f.name, _TEXT) for f in fields(RemarkRow)])
_CELL_TYPES: Final = {"value": DECIMAL, "confidence": _REAL} | dict.fromkeys(
    ("page", "grid", "grid_row", "grid_col"), _INT
)
# its table's, so that no join is needed
_CELL: Final = pa.struct(
    [(f.name, _CELL_TYPES.get(f.name, _TEXT)) for f in fields(CellRow)] + [("edition", _TEXT)]
)
_STATEMENT: Final = pa.struct(
    [
        (f.name, {"value": DECIMAL, "paragraph": _INT}.get(f.name, _TEXT))
        for f in fields(StatementRow)
    ]
)

SCHEMA: Final = pa.schema(
    [
        ("document", _DOCUMENT),
        ("outcome", _OUTCOME),
        ("report", _REPORT),
        ("tables", pa.list_(_TABLE)),
        ("remarks", pa.list_(_REMARK)),
        ("cells", pa.list_(_CELL)),
        ("statements", pa.list_(_STATEMENT)),
    ]
)
_VERSION_KEY: Final = b"nianbao_reader_version"
_UNFIT: Final = (
    pa.ArrowInvalid,
    pa.ArrowTypeError,
    OverflowError,
    TypeError,
    ValueError,
)  # ValueError includes all of Unicode's
_Row = TypeVar("_Row", DocumentRow, OutcomeRow)
_CELL_KEY = attrgetter("table_id", "row_id", "col_id")


def write_shard(folder: Path, readings: Sequence[Reading], reader_version: str) -> Path:
    """Write `readings` as one shard into `folder` (made if need be) and give its path.

    Atomic: whole or not at all.

    Of readings of one document the last counts. Raises CannotWrite; ValueError for no readings at
    all.
    """
    if not readings:
        raise ValueError("a shard needs at least one reading")
    last = {r.document.document_id: r for r in readings}
    name = hashlib.sha256("\n".join([reader_version, *sorted(last)]).encode()).hexdigest()[:32]
    path = folder / f"{name}.parquet"
    table = arrow_of(list(last.values())).replace_schema_metadata(
        {_VERSION_KEY: reader_version.encode()}
    )
    unfinished: str | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(prefix=f"{name}.", suffix=".unfinished", dir=folder)
        with os.fdopen(handle, "wb") as out:
            pq.write_table(table, out, compression="zstd")
            out.flush()
            os.fsync(out.fileno())
        os.chmod(unfinished, 0o644)  # mkstemp gives 0600
        os.replace(unfinished, path)
        sync_folder(folder)
    except OSError as error:
        if unfinished is not None:
            Path(unfinished).unlink(missing_ok=True)
        raise CannotWrite(
            path,
            f"the shard cannot be written ({error.strerror or error})",
            "Free some room there or choose another folder",
        ) from error
    return path


def shard_documents(folder: Path, reader_version: str) -> set[str]:
    """The ids of all documents that shards in `folder` hold as read with `reader_version`; only ids
    are read, no cells.

    A file that is damaged or no shard of ours is renamed to `….unusable` and logged; its
    documents will be read again.
    """
    return {document for ids in _survey(folder, reader_version).values() for document in ids}


def shards_of(folder: Path, reader_version: str) -> list[Path]:
    """The shards in `folder` that were written with `reader_version`, by name; sets files aside as
    `shard_documents` does.
    """
    return list(_survey(folder, reader_version))


def remove_shards(paths: Iterable[Path]) -> None:
    """Remove shards; one that is gone already is no fault."""
    for path in paths:
        path.unlink(missing_ok=True)


def arrow_of(readings: Sequence[Reading]) -> pa.Table:
    """The readings as an Arrow table of `SCHEMA`, one row a document; readings that it cannot hold
    become `failed`.
    """
    try:
        return _arrow([_checked(r) for r in readings])
    except _UNFIT:
        return _arrow([_storable(r) for r in readings])


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _survey(folder: Path, reader_version: str) -> dict[Path, list[str]]:
    found = {}
    for path in sorted(folder.glob("*.parquet")):
        try:
            with pq.ParquetFile(path) as file:
                if not file.schema_arrow.equals(SCHEMA):
                    raise pa.ArrowInvalid("its columns are not those of a shard")
                if (file.schema_arrow.metadata or {}).get(_VERSION_KEY) == reader_version.encode():
                    ids = (
                        file.read(columns=["document.document_id"])
                        .column("document")
                        .combine_chunks()
                    )
                    found[path] = ids.field("document_id").to_pylist()
        except FileNotFoundError:
            continue  # another run has removed it
        except (pa.ArrowException, OSError) as error:
            _set_aside(path, error)
    for path in folder.glob("*.unfinished"):
        try:
            if datetime.now(UTC).timestamp() - path.stat().st_mtime > STALE_SECONDS:
                path.unlink()
        except FileNotFoundError:
            continue
    return found


def _set_aside(path: Path, error: Exception) -> None:
    aside = path.with_name(path.name + ".unusable")
    log.warning(
        "%s is no usable shard (%s): renamed to %s, its documents will be read again",
        path,
        error,
        aside.name,
    )
    os.replace(path, aside)


def _storable(reading: Reading) -> Reading:
    """The reading with the texts of document and outcome made valid UTF-8 (file names may hold any
    bytes), or in its place a failed one.
    """
    document, outcome = _cleaned(reading.document), _cleaned(reading.outcome)
    try:
        kept = replace(reading, document=document, outcome=outcome)
        _arrow([_checked(kept)])
        return kept
    except _UNFIT as error:
        log.error(
            "%s (%s): the reading cannot be stored: %s",
            document.file_name,
            document.document_id,
            error,
        )
        detail = _clean(f"the reading cannot be stored: {error}")
    try:
        _moment(document.fetched_at)
    except ValueError:
        document = replace(document, fetched_at=None)
    return Reading(
        document,
        replace(
            outcome, status=Status.FAILED.value, reason=Reason.READER_CRASHED.value, detail=detail
        ),
    )


def _cleaned(row: _Row) -> _Row:
    texts: dict[str, Any] = {
        f.name: _clean(v) for f in fields(row) if isinstance(v := getattr(row, f.name), str)
    }
    return replace(row, **texts)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _checked(reading: Reading) -> Reading:
    """The reading, if its keys are unique; ValueError else."""
    if len(set(map(_CELL_KEY, reading.cells))) < len(reading.cells):
        raise ValueError("a cell (table, row, column) stands twice")
    if len({t.table_id for t in reading.tables}) < len(reading.tables):
        raise ValueError("a table stands twice")
    if len({s.statement_id for s in reading.statements}) < len(reading.statements):
        raise ValueError("a statement stands twice")
    if reading.report is None and (reading.cells or reading.tables or reading.statements):
        raise ValueError("tables, cells or statements without a report")
    return reading


def _arrow(readings: Sequence[Reading]) -> pa.Table:
    """Column by column: a dict a cell would take ten times as long."""
    return pa.Table.from_arrays(
        [
            _structs([r.document for r in readings], _DOCUMENT),
            _structs([r.outcome for r in readings], _OUTCOME),
            _structs([r.report for r in readings], _REPORT),
            _lists([r.tables for r in readings], _TABLE),
            _lists([r.remarks for r in readings], _REMARK),
            _lists([r.cells for r in readings], _CELL, edition=_editions(readings)),
            _lists([r.statements for r in readings], _STATEMENT),
        ],
        schema=SCHEMA,
    )


def _structs(rows: Sequence[Any], kind: pa.StructType) -> pa.StructArray:
    mask = pa.array([row is None for row in rows], pa.bool_())
    columns = []
    for f in kind:
        values = [None if row is None else getattr(row, f.name) for row in rows]
        if pa.types.is_timestamp(f.type):
            values = [_moment(v) for v in values]
        elif pa.types.is_date(f.type):
            values = [None if v is None else date.fromisoformat(v) for v in values]
        columns.append(pa.array(values, f.type))
    return pa.StructArray.from_arrays(columns, fields=list(kind), mask=mask)


def _lists(
    groups: Sequence[Sequence[Any]], kind: pa.StructType, **given: list[str | None]
) -> pa.ListArray:
    """Lists of structs; the fields named in `given` come from there and not from the rows."""
    rows = [row for group in groups for row in group]
    offsets = list(accumulate(map(len, groups), initial=0))
    columns = [
        pa.array(given[f.name] if f.name in given else list(map(attrgetter(f.name), rows)), f.type)
        for f in kind
    ]
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()),
        pa.StructArray.from_arrays(columns, fields=list(kind)),
        type=pa.list_(kind),
    )


def _editions(readings: Sequence[Reading]) -> list[str | None]:
    of = [{t.table_id: t.edition for t in r.tables} for r in readings]
    return [
        editions.get(c.table_id) for r, editions in zip(readings, of, strict=True) for c in r.cells
    ]


def _moment(text: str | None) -> datetime | None:
    """An ISO time as naive UTC; one without a zone is UTC already."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
