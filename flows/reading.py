"""One document to its `Reading`: bytes, reader, identity, tables, tidy rows. Runs inside a reader process.

`read_document` never raises for what a document may hold: it ends in the outcome. `work` is the function that the sandbox
calls: a request and an answer of bytes (JSON).
"""

import json
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from extract.document import Document, ReadError, Reason, Status
from extract.limits import FILE_BYTES, MIB
from extract.readers import read
from extract.readers.doc import read_converted
from extract.second import second_reader
from extract.sniff import Format, sniff
from flows.request import Request, blank_reading, shown
from flows.version import reading_version
from transform.form import load_forms
from transform.identity import Identity, identify
from transform.rows import DocumentRow, OutcomeRow, Reading, ReportRow, StatementRow, TableRow, to_json
from transform.rules import load_rules
from transform.second import compare, doubtful_tables, unread
from transform.tidy import Tidied, tidy

REPORT_ID_DIGITS = 16  # of the document's SHA-256: a report is named by the bytes that it was read from


def work(request: bytes) -> bytes:
    """What a reader process does: a `Request` to a `Reading`, both as JSON."""
    return to_json(read_document(Request(**json.loads(request))))


def read_document(request: Request) -> Reading:
    """The whole way of one document. Whatever cannot be read ends as its outcome; a limit that is hit ends the process instead."""
    started = time.perf_counter()
    if request.size > FILE_BYTES:  # before its bytes are taken into memory
        detail = f"{request.size / MIB:.0f} MiB; the limit for one document is {FILE_BYTES // MIB} MiB"
        return blank_reading(request, Status.REJECTED, Reason.TOO_LARGE, detail)
    try:
        data = Path(request.path).read_bytes()
    except OSError as error:
        return blank_reading(request, Status.REJECTED, Reason.UNREADABLE, error.strerror or str(error))
    try:
        if request.converted:
            kind, document = sniff(data), read_converted(Path(request.converted).read_bytes(), request.converted_by)
        else:
            kind, document = read(data)
    except ReadError as error:
        status = Status.FAILED if error.reason is Reason.READER_CRASHED else Status.REJECTED
        return blank_reading(request, status, error.reason, error.detail, time.perf_counter() - started)
    identity = identify(document)
    tidied = tidy(document, load_forms(), identity.year)
    tidied = replace(tidied, tables=_second_look(request, kind, data, tidied, identity.year))
    return _reading(request, kind, document, identity, tidied, time.perf_counter() - started)


def _second_look(request: Request, kind: Format, data: bytes, tidied: Tidied, year: int | None) -> tuple[TableRow, ...]:
    """The tables with what a second reader says of those whose sums do not hold; as they are where there is none, or it fails.

    A legacy Word file is read a second time from its copy: the conversion is shared, the reader is not.
    """
    asked = doubtful_tables(tidied.tables, tidied.cells, load_rules(load_forms()))
    reader = second_reader(Format.DOCX if request.converted else kind) if asked else None
    if reader is None:
        return tidied.tables
    try:
        document = reader(Path(request.converted).read_bytes() if request.converted else data)
    except Exception as error:  # whatever another library meets in the file, the first reading stands
        return unread(tidied.tables, asked, f"{type(error).__name__}: {error}")
    return compare(tidied.tables, tidied.cells, tidy(document, load_forms(), year).cells, asked, document.reader)


def _reading(request: Request, kind: str, document: Document, identity: Identity, tidied: Tidied, seconds: float) -> Reading:
    row = DocumentRow(request.document_id, shown(Path(request.path).name), kind, request.size, title=identity.title)
    outcome = OutcomeRow(request.document_id, tidied.status, tidied.reason, tidied.detail, document.reader, reading_version(), seconds)
    if not tidied.tables:
        return Reading(row, outcome)
    report_id = request.document_id[:REPORT_ID_DIGITS]
    report = ReportRow(
        report_id, request.document_id, identity.agency_id, identity.agency_name, identity.year, identity.title, identity.published_on, identity.scope
    )
    statements = tuple(StatementRow(f"{s.metric}.{n}", s.metric, Decimal(s.value), s.sentence, s.paragraph) for n, s in enumerate(identity.statements))
    return replace(Reading(row, outcome), report=report, tables=tidied.tables, cells=tidied.cells, statements=statements)
