"""Staging: what reader processes answered, on disk until it is published.

A batch is two files: `NAME.jsonl.gz` has one line a document, the reading as `to_json` gives it and
as the reader process sent it; `NAME.json` is its index: for each document the version that it was
read with and the agency, and the length of the longest line. The index is written last, so that a
batch without one is unfinished. NAME is a hash of the documents' ids and versions: the same batch
written again replaces the same files, and a run that was killed finds what it has done.

DuckDB reads the lines with the types declared here (`read_query`); nothing is decoded on the way,
so that a reading is checked where it is made (`load.storable`). `mend_batch` does it for lines that
a reader process has falsified.

Out of scope: which readings to make, and when a batch may go (the caller says so with
`remove_batches`).
"""

import gzip
import hashlib
import json
import logging
import os
import tempfile
import time
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, get_type_hints

from extract.document import Reason
from extract.sync_folder import sync_folder
from load.errors import BrokenBatch, CannotWrite
from load.storable import storable
from transform.records import (
    CellRow,
    DocumentRow,
    OutcomeRow,
    Reading,
    RemarkRow,
    ReportRow,
    StatementRow,
    TableRow,
    from_json,
)

log = logging.getLogger(__name__)

STALE_SECONDS: Final = 3600  # an unfinished file older than this is left over from a killed run
LINES: Final = ".jsonl.gz"
INDEX: Final = ".json"
UNUSABLE: Final = ".unusable"
_GZIP_LEVEL: Final = 1  # four times as fast as the usual 9, and half as large again

_TYPES: Final = {
    str: "VARCHAR",
    int: "INTEGER",
    float: "DOUBLE",
    bool: "BOOLEAN",
    Decimal: "DECIMAL(24,6)",
}
_OTHER_TYPES: Final = {"bytes": "BIGINT", "fetched_at": "TIMESTAMP", "published_on": "DATE"}


# ---- types


def _struct(row: type, *more: str, suffix: str = "") -> str:
    hints = get_type_hints(row)
    columns = [
        f"{f.name} {_OTHER_TYPES.get(f.name) or _TYPES[_plain_type(hints[f.name])]}{suffix}"
        for f in fields(row)
    ]
    return f"STRUCT({', '.join([*columns, *(f'{name} VARCHAR{suffix}' for name in more)])})"


def _plain_type(hint: Any) -> type:
    """The type of a field that may be None."""
    found: type = next((t for t in getattr(hint, "__args__", ()) if t is not type(None)), hint)
    return found


LIST_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "tables": tuple(f.name for f in fields(TableRow)),
    "remarks": tuple(f.name for f in fields(RemarkRow)),
    "cells": (*(f.name for f in fields(CellRow)), "edition"),
    "statements": tuple(f.name for f in fields(StatementRow)),
}
COLUMN_TYPES: Final = {
    "document": _struct(DocumentRow),
    "outcome": _struct(OutcomeRow),
    "report": _struct(ReportRow),
    "tables": _struct(TableRow, suffix="[]"),
    "remarks": _struct(RemarkRow, suffix="[]"),
    "cells": _struct(CellRow, "edition", suffix="[]"),
    "statements": _struct(StatementRow, suffix="[]"),
}


def read_query(batches: Sequence[Path]) -> str:
    """The batches as a relation: a row a document, columns as COLUMN_TYPES, and `filename`.

    Raises BrokenBatch for one that is gone.
    """
    files = ", ".join(_quoted(_without_patterns(str(path))) for path in batches)
    types = ", ".join(f"{name}: {_quoted(kind)}" for name, kind in COLUMN_TYPES.items())
    longest = max(_longest_line(path) for path in batches)
    return (
        f"read_json([{files}], format = 'newline_delimited', columns = {{{types}}}, "
        f"compression = 'gzip', filename = true, maximum_object_size = {longest + 1024})"
    )


def _longest_line(path: Path) -> int:
    try:
        return _read_index(path).longest
    except FileNotFoundError as error:
        raise BrokenBatch(path, "it is gone", "Run again: its documents are read anew") from error


def _without_patterns(path: str) -> str:
    """The path with the characters of patterns made plain."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


def decode_query() -> str:
    """The same for lines in memory, which are the query's one parameter."""
    types = ", ".join(f"{name} {kind}" for name, kind in COLUMN_TYPES.items())
    return (
        f"(SELECT unnest(CAST(line::JSON AS STRUCT({types}))) "  # noqa: S608 - types of ours
        "FROM (SELECT unnest(?::VARCHAR[]) AS line))"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# ---- batches


# in a line of JSON; within a text of the document the quotes would be escaped
_UNREADABLE: Final = b'"reason":"%s"' % Reason.UNREADABLE.encode()


@dataclass(frozen=True, slots=True)
class StagedReading:
    """One reading as a line of JSON, with what the index says of it."""

    document_id: str
    reader_version: str
    agency_id: str | None
    line: bytes

    @property
    def is_unreadable(self) -> bool:
        """Whether the file could not be opened, or was another than it should be."""
        return _UNREADABLE in self.line


@dataclass(frozen=True, slots=True)
class BatchIndex:
    """What the index of a batch holds: of each document version and agency."""

    documents: Mapping[str, tuple[str, str | None]]
    longest: int  # bytes of the longest line

    def was_read_with(self, versions: Collection[str]) -> bool:
        """Whether one of its documents was."""
        return any(version in versions for version, _ in self.documents.values())


def staged(reading: Reading) -> StagedReading:
    """The reading made ready for a batch."""
    kept, line = storable(reading)
    return StagedReading(
        kept.document.document_id,
        kept.outcome.reader_version,
        None if kept.report is None else kept.report.agency_id,
        line,
    )


def write_batch(folder: Path, readings: Iterable[StagedReading]) -> Path | None:
    """Write `readings`, as they come, as one batch into `folder` (made if need be); the path of its
    lines, None where there were none.

    Atomic: whole or not at all. Raises CannotWrite; ValueError for a document that comes twice.
    """
    documents: dict[str, tuple[str, str | None]] = {}
    longest = 0
    unfinished: str | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(suffix=".unfinished", dir=folder)
        with os.fdopen(handle, "wb") as out:
            with gzip.GzipFile(
                filename="", mode="wb", fileobj=out, compresslevel=_GZIP_LEVEL, mtime=0
            ) as packed:
                for reading in readings:
                    if reading.document_id in documents:
                        raise ValueError(f"{reading.document_id} comes twice")
                    documents[reading.document_id] = (reading.reader_version, reading.agency_id)
                    longest = max(longest, len(reading.line))
                    packed.write(reading.line + b"\n")
            out.flush()
            os.fsync(out.fileno())
        if not documents:
            os.unlink(unfinished)
            return None
        path = folder / f"{_name(documents)}{LINES}"
        os.chmod(unfinished, 0o644)  # mkstemp gives 0600
        os.replace(unfinished, path)
        _write_index(path, BatchIndex(documents, longest))
    except BaseException as error:
        # also when stopped: nothing half written stays
        if unfinished is not None:
            Path(unfinished).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise CannotWrite(
                folder,
                f"what was read cannot be written ({error.strerror or error})",
                "Free some room there or choose another folder",
            ) from error
        raise
    return path


def list_batches(folder: Path, versions: Collection[str]) -> list[Path]:
    """The batches in `folder` that hold documents read with one of `versions`, by name.

    An index that is damaged is renamed to `….unusable`, with its lines, and logged; the documents
    are read again. Files that a killed run has left go once they are old.
    """
    found = []
    for index in sorted(folder.glob(f"*{INDEX}")):
        path = _lines_of(index)
        try:
            if path.is_file() and _read_index(path).was_read_with(versions):
                found.append(path)
        except FileNotFoundError:
            continue  # another run has removed it
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            set_aside(path, error)
    _sweep(folder)
    return found


def staged_documents(folder: Path, versions: Collection[str]) -> set[str]:
    """The ids of all documents that batches in `folder` hold as read with one of `versions`."""
    return {
        document_id
        for path in list_batches(folder, versions)
        for document_id, (version, _) in _read_index(path).documents.items()
        if version in versions
    }


def staged_agencies(batches: Iterable[Path]) -> set[str]:
    """The agencies whose reports stand in the batches."""
    return {
        agency_id
        for path in batches
        for _, agency_id in _read_index(path).documents.values()
        if agency_id is not None
    }


def remove_batches(paths: Iterable[Path]) -> None:
    """Remove batches; one that is gone already is no fault."""
    for path in paths:
        _index_of(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def set_aside(path: Path, error: Exception) -> None:
    """Rename a batch that cannot be used, so that its documents are read again."""
    log.warning(
        "%s is no usable batch (%s): renamed to …%s, its documents will be read again",
        path,
        error,
        UNUSABLE,
    )
    for part in (_index_of(path), path):
        if part.exists():
            os.replace(part, part.with_name(part.name + UNUSABLE))


def _name(documents: Mapping[str, tuple[str, str | None]]) -> str:
    named = sorted(f"{document_id} {version}" for document_id, (version, _) in documents.items())
    return hashlib.sha256("\n".join(named).encode()).hexdigest()[:32]


def _index_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(LINES) + INDEX)


def _lines_of(index: Path) -> Path:
    return index.with_name(index.name.removesuffix(INDEX) + LINES)


def _read_index(path: Path) -> BatchIndex:
    held = json.loads(_index_of(path).read_bytes())
    documents = {
        document_id: (version, agency)
        for document_id, (version, agency) in held["documents"].items()
    }
    return BatchIndex(documents, int(held["longest"]))


def _write_index(path: Path, index: BatchIndex) -> None:
    place = _index_of(path)
    unfinished = place.with_name(place.name + ".unfinished")
    with unfinished.open("w", encoding="utf-8") as out:
        json.dump({"documents": index.documents, "longest": index.longest}, out)
        out.flush()
        os.fsync(out.fileno())
    os.replace(unfinished, place)
    sync_folder(path.parent)


def _sweep(folder: Path) -> None:
    """Remove what killed runs have left: unfinished files, and lines without an index."""
    left = [p for p in folder.glob(f"*{LINES}") if not _index_of(p).exists()]
    for path in [*left, *folder.glob("*.unfinished")]:
        try:
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                path.unlink()
        except FileNotFoundError:
            continue


# ---- mending


def mend_batch(path: Path) -> Path | None:
    """Write the batch again with each line checked, for one that DuckDB could not read; the new
    path, None where nothing of it is left.

    A line that is no reading of a document of the index is left out: the document is read again.
    """
    known = _read_index(path).documents
    mended: dict[str, StagedReading] = {}
    try:
        with gzip.open(path) as lines:
            for line in lines:
                reading = _decoded(line)
                if reading is not None and reading.document_id in known:
                    mended[reading.document_id] = reading
    except (OSError, EOFError, zlib.error) as error:
        set_aside(path, error)
        return None
    remove_batches([path])
    return write_batch(path.parent, mended.values())


def _decoded(line: bytes) -> StagedReading | None:
    try:
        return staged(from_json(line))
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        log.error("a line of a staged batch is no reading: %s", error)
        return None
