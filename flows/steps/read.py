"""One document to its `Reading`: bytes, reader, identity, tables, tidy rows.

Runs inside a reader process, which alone opens documents.

`read_document` never raises for what a document may hold: it ends in the outcome. `work` is the
function that the sandbox calls: a request and an answer of bytes (`flows.steps.answer`).
"""

import hashlib
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from extract.detect import Format, sniff
from extract.document import Document, ReadError, Reason, Status
from extract.limits import FILE_BYTES, MIB
from extract.registry import CONVERTED, reader_of, second_reader
from extract.sandbox.handed import read_file
from flows.steps.answer import NeedsConversion, pack_answer
from flows.steps.request import UNKNOWN_FORMAT, Provenance, ReadRequest, blank_reading
from transform.align.labels import vocabulary
from transform.crosscheck import (
    compare_readings,
    find_tables_in_doubt,
    find_uncovered_tables,
    note_failure,
    pages_of,
)
from transform.form.forms import load_forms
from transform.identity.identify import Identity, SourceEntry, identify
from transform.narrative.minhash import sketch_document
from transform.records import (
    REPORT_ID_DIGITS,
    OutcomeRow,
    Reading,
    RemarkRow,
    ReportRow,
    StatementRow,
)
from transform.reports_in_file import first_report, note_second_report
from transform.rules.load import load_rules
from transform.tidy import Tidied, tidy
from transform.traditional import simplified, with_printed_texts

# Part of the name of a reader of pictures, whose work takes many times as long: with it a table
# is read again only where it is in doubt.
PICTURE_READER: Final = "scan"


def work(request: bytes) -> bytes:
    """What a reader process does."""
    return pack_answer(read_document(ReadRequest.from_bytes(request)))


def read_document(request: ReadRequest) -> Reading | NeedsConversion:
    """The whole way of one document.

    Whatever cannot be read ends as its outcome; a limit that is hit ends the process instead. A
    format that is read from a docx is sent back, unless the request brings one.
    """
    started = time.perf_counter()
    if request.size > FILE_BYTES:  # before its bytes are taken into memory
        detail = (
            f"{request.size / MIB:.0f} MiB; the limit for one document is {FILE_BYTES // MIB} MiB"
        )
        return blank_reading(request, Status.REJECTED, Reason.TOO_LARGE, detail)
    try:
        data = read_file(request.path)
    except OSError as error:
        return _unreadable(request, error.strerror or str(error))
    if request.provenance.vault_path and hashlib.sha256(data).hexdigest() != request.document_id:
        return _unreadable(request, "its bytes are not those that were fetched")
    try:
        kind: Format | None = None
        kind = sniff(data)
        if kind in CONVERTED and not request.converted:
            return _needs_conversion(request, kind, data)
        document = _first_reading(request, kind, data)
    except ReadError as error:
        status = Status.FAILED if error.reason is Reason.READER_CRASHED else Status.REJECTED
        return blank_reading(
            request,
            status,
            error.reason,
            error.detail,
            time.perf_counter() - started,
            kind or UNKNOWN_FORMAT,
        )
    printed = document
    document, other_title = first_report(simplified(printed), vocabulary(load_forms()))
    identity = _identity(document, request.provenance)
    tidied = tidy(document, load_forms(), identity.year)
    tidied = replace(tidied, cells=with_printed_texts(tidied.cells, printed))
    second = _crosscheck(request, kind, data, tidied, identity.year, document.reader)
    left_out = note_second_report(tidied.tables, other_title)
    tidied = replace(tidied, remarks=(*tidied.remarks, *left_out, *second.remarks))
    outcome = OutcomeRow(
        request.document_id,
        tidied.status,
        tidied.reason,
        tidied.detail,
        document.reader,
        request.version_of(kind, crosschecked=second.due),
        time.perf_counter() - started,
    )
    return _reading(request, kind, document, identity, tidied, outcome)


def _needs_conversion(request: ReadRequest, kind: Format, data: bytes) -> NeedsConversion:
    from extract.word.convert import legacy_file

    return NeedsConversion(kind, legacy_file(Path(request.path), kind, data).ends_in_table)


def _first_reading(request: ReadRequest, kind: Format, data: bytes) -> Document:
    if not request.converted:
        return reader_of(kind)(data)
    from extract.word.convert import read_converted

    return read_converted(read_file(request.converted), request.converted_by)


def _unreadable(request: ReadRequest, why: str) -> Reading:
    """A file of the vault is tried again by the next run, when it may have been restored."""
    if not request.provenance.vault_path:
        return blank_reading(request, Status.REJECTED, Reason.UNREADABLE, why)
    return blank_reading(
        request, Status.FAILED, Reason.UNREADABLE, f"{why}: see `nianbao vault verify`"
    )


def _identity(document: Document, found: Provenance) -> Identity:
    """Whose report it is, on which year: from its own words, and where they are silent from where
    it was found.
    """
    source = SourceEntry(
        agency=found.agency or None,
        place=found.place or None,
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


class _Crosscheck(NamedTuple):
    """What the second reader says of the tables, and whether one had to look at them."""

    remarks: tuple[RemarkRow, ...]
    due: bool


def _crosscheck(
    request: ReadRequest,
    kind: Format,
    data: bytes,
    tidied: Tidied,
    year: int | None,
    first_reader: str,
) -> _Crosscheck:
    """What a second reader says of the tables whose sums do not hold, and of those without any
    where the request says so; nothing where there is none.

    A .doc is read from its own bytes, whoever converted it before; other legacy files from their
    copy: the conversion is shared, the reader is not.
    """
    rules = load_rules(load_forms())
    asked = find_tables_in_doubt(tidied.tables, tidied.cells, rules)
    if request.uncovered_too and PICTURE_READER not in first_reader.split("+"):
        asked |= find_uncovered_tables(tidied.tables, rules)
    if not asked:
        return _Crosscheck((), False)
    copied = bool(request.converted) and kind is not Format.DOC
    pages = pages_of(asked, tidied.cells)
    reader = second_reader(Format.DOCX if copied else kind, pages)
    if reader is None:
        return _Crosscheck((), True)
    try:
        document = reader(read_file(request.converted) if copied else data)
    except Exception as error:
        # whatever another library meets in the file, the first reading stands
        said = f"{type(error).__name__}: {error}"
        return _Crosscheck(note_failure(asked, said), True)
    plain = first_report(simplified(document), vocabulary(load_forms())).document
    second = with_printed_texts(tidy(plain, load_forms(), year).cells, document)
    return _Crosscheck(compare_readings(tidied.cells, second, asked, document.reader), True)


def _reading(
    request: ReadRequest,
    kind: Format,
    document: Document,
    identity: Identity,
    tidied: Tidied,
    outcome: OutcomeRow,
) -> Reading:
    row = request.document_row(kind, identity.title)
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
        sketch_document(document),
    )
    statements = tuple(
        StatementRow(
            f"{s.metric}.{n}",
            s.metric,
            Decimal(s.value),
            s.sentence,
            None if s.paragraph is None else s.paragraph + 1,
        )
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
