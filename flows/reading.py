"""One document to its `Reading`: bytes, reader, identity, tables, tidy rows. Runs inside a reader process.

`read_document` never raises for what a document may hold: it ends in the outcome. `work` is the function that the sandbox
calls: a request and an answer of bytes (JSON).
"""

import json
import time
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path

from extract.document import Document, ReadError, Reason, Status
from extract.readers import read
from flows.version import reading_version
from transform.form import load_forms
from transform.identity import Identity, identify
from transform.rows import DocumentRow, OutcomeRow, Reading, ReportRow, StatementRow, to_json
from transform.tidy import Tidied, tidy

REPORT_ID_DIGITS = 16  # of the document's SHA-256: a report is named by the bytes that it was read from


@dataclass(frozen=True, slots=True)
class Request:
    """One file to read. `document_id` is the SHA-256 of its bytes."""

    path: str
    document_id: str
    size: int

    def to_bytes(self) -> bytes:
        """For the way into a reader process."""
        return json.dumps(asdict(self)).encode()


def work(request: bytes) -> bytes:
    """What a reader process does: a `Request` to a `Reading`, both as JSON."""
    return to_json(read_document(Request(**json.loads(request))))


def blank_reading(request: Request, status: Status, reason: Reason, detail: str, seconds: float = 0.0, kind: str = "unknown") -> Reading:
    """The reading of a document that gave no report."""
    document = DocumentRow(request.document_id, Path(request.path).name, kind, request.size)
    return Reading(document, OutcomeRow(request.document_id, status, reason, detail or None, None, reading_version(), seconds))


def read_document(request: Request) -> Reading:
    """The whole way of one document. Whatever cannot be read ends as its outcome; a limit that is hit ends the process instead."""
    started = time.perf_counter()
    try:
        data = Path(request.path).read_bytes()
    except OSError as error:
        return blank_reading(request, Status.REJECTED, Reason.UNREADABLE, error.strerror or str(error))
    try:
        kind, document = read(data)
    except ReadError as error:
        status = Status.FAILED if error.reason is Reason.READER_CRASHED else Status.REJECTED
        return blank_reading(request, status, error.reason, error.detail, time.perf_counter() - started)
    identity = identify(document)
    tidied = tidy(document, load_forms(), identity.year)
    return _reading(request, kind, document, identity, tidied, time.perf_counter() - started)


def _reading(request: Request, kind: str, document: Document, identity: Identity, tidied: Tidied, seconds: float) -> Reading:
    row = DocumentRow(request.document_id, Path(request.path).name, kind, request.size, title=identity.title)
    outcome = OutcomeRow(request.document_id, tidied.status, tidied.reason, tidied.detail, document.reader, reading_version(), seconds)
    if not tidied.tables:
        return Reading(row, outcome)
    report_id = request.document_id[:REPORT_ID_DIGITS]
    report = ReportRow(
        report_id, request.document_id, identity.agency_id, identity.agency_name, identity.year, identity.title, identity.published_on, identity.scope
    )
    statements = tuple(
        StatementRow(f"{s.metric}.{n}", s.metric, Decimal(s.value), s.sentence, s.paragraph) for n, s in enumerate(identity.statements)
    )
    return replace(Reading(row, outcome), report=report, tables=tidied.tables, cells=tidied.cells, statements=statements)
