"""One document to its `Reading`: bytes, reader, identity, tables, tidy rows.

Runs inside a reader process.

`read_document` never raises for what a document may hold: it ends in the outcome. `work` is the
function that the sandbox calls: a request and an answer of bytes (JSON).
"""

import hashlib
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from extract.detect import Format, sniff
from extract.document import Document, ReadError, Reason, Status
from extract.limits import FILE_BYTES, MIB
from extract.registry import read, second_reader
from extract.word.convert import read_converted
from flows.steps.request import Found, Request, blank_reading
from flows.steps.version import reading_version
from transform.crosscheck import compare_readings, find_tables_in_doubt, note_failure
from transform.form.forms import load_forms
from transform.identity.identify import Identity, SourceEntry, identify
from transform.narrative.minhash import sketch
from transform.records import (
    REPORT_ID_DIGITS,
    OutcomeRow,
    Reading,
    RemarkRow,
    ReportRow,
    StatementRow,
    to_json,
)
from transform.rules.load import load_rules
from transform.tidy import Tidied, tidy


def work(request: bytes) -> bytes:
    """What a reader process does: a `Request` to a `Reading`, both as JSON."""
    return to_json(read_document(Request.from_bytes(request)))


def read_document(request: Request) -> Reading:
    """The whole way of one document.

    Whatever cannot be read ends as its outcome; a limit that is hit ends the process instead.
    """
    started = time.perf_counter()
    if request.size > FILE_BYTES:  # before its bytes are taken into memory
        detail = (
            f"{request.size / MIB:.0f} MiB; the limit for one document is {FILE_BYTES // MIB} MiB"
        )
        return blank_reading(request, Status.REJECTED, Reason.TOO_LARGE, detail)
    try:
        data = Path(request.path).read_bytes()
    except OSError as error:
        return _unreadable(request, error.strerror or str(error))
    if request.found.vault_path and hashlib.sha256(data).hexdigest() != request.document_id:
        return _unreadable(request, "its bytes are not those that were fetched")
    try:
        if request.converted:
            kind, document = (
                sniff(data),
                read_converted(Path(request.converted).read_bytes(), request.converted_by),
            )
        else:
            kind, document = read(data)
    except ReadError as error:
        status = Status.FAILED if error.reason is Reason.READER_CRASHED else Status.REJECTED
        return blank_reading(
            request, status, error.reason, error.detail, time.perf_counter() - started
        )
    identity = _identity(document, request.found)
    tidied = tidy(document, load_forms(), identity.year)
    second = _second_look(request, kind, data, tidied, identity.year)
    tidied = replace(tidied, remarks=(*tidied.remarks, *second))
    return _reading(request, kind, document, identity, tidied, time.perf_counter() - started)


def _unreadable(request: Request, why: str) -> Reading:
    """A file of the vault is tried again by the next run, when it may have been restored."""
    if not request.found.vault_path:
        return blank_reading(request, Status.REJECTED, Reason.UNREADABLE, why)
    return blank_reading(
        request, Status.FAILED, Reason.UNREADABLE, f"{why}: see `nianbao vault verify`"
    )


def _identity(document: Document, found: Found) -> Identity:
    """Whose report it is, on which year: from its own words, and where they are silent from where
    it was found.
    """
    source = SourceEntry(
        agency=found.agency or None,
        division_code=found.division_code or None,
        level=found.level or None,
    )
    identity = identify(document, source)
    return replace(
        identity,
        year=identity.year or found.year,
        title=identity.title or found.title or None,
        published_on=identity.published_on or found.published_on or None,
    )


def _second_look(
    request: Request, kind: Format, data: bytes, tidied: Tidied, year: int | None
) -> tuple[RemarkRow, ...]:
    """What a second reader says of the tables whose sums do not hold; nothing where there is none.

    A .doc is read from its own bytes, whoever converted it before; other legacy files from their
    copy: the conversion is shared, the reader is not.
    """
    asked = find_tables_in_doubt(tidied.tables, tidied.cells, load_rules(load_forms()))
    copied = bool(request.converted) and kind is not Format.DOC
    reader = second_reader(Format.DOCX if copied else kind) if asked else None
    if reader is None:
        return ()
    try:
        document = reader(Path(request.converted).read_bytes() if copied else data)
    except Exception as error:
        # whatever another library meets in the file, the first reading stands
        return note_failure(asked, f"{type(error).__name__}: {error}")
    second = tidy(document, load_forms(), year).cells
    return compare_readings(tidied.cells, second, asked, document.reader)


def _reading(
    request: Request,
    kind: str,
    document: Document,
    identity: Identity,
    tidied: Tidied,
    seconds: float,
) -> Reading:
    row = request.document(kind, identity.title)
    outcome = OutcomeRow(
        request.document_id,
        tidied.status,
        tidied.reason,
        tidied.detail,
        document.reader,
        reading_version(),
        seconds,
    )
    if not tidied.tables:
        return Reading(row, outcome)
    report_id = request.document_id[:REPORT_ID_DIGITS]
    report = ReportRow(
        report_id,
        request.document_id,
        identity.agency_id,
        identity.agency_name,
        identity.year,
        identity.title,
        identity.published_on,
        identity.scope,
        sketch(document),
    )
    statements = tuple(
        StatementRow(f"{s.metric}.{n}", s.metric, Decimal(s.value), s.sentence, s.paragraph)
        for n, s in enumerate(identity.statements)
    )
    return replace(
        Reading(row, outcome),
        report=report,
        tables=tidied.tables,
        remarks=tidied.remarks,
        cells=tidied.cells,
        statements=(*statements, *tidied.statements),
    )
