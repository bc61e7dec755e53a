"""What a reader process answers: a reading, or that the document must be converted first.

An answer is one line of JSON that says which, and for a reading its line as it will be staged
(`load.staging`). The parent reads the first alone. It believes a reader process nothing that
concerns other documents: a line that names any but the one that was asked is a crash of the reader.
"""

import json
from dataclasses import dataclass
from typing import Final

from extract.detect import Format
from extract.document import ReadError, Reason, Status
from flows.steps.request import ReadRequest, blank_reading
from load.staging import StagedReading, staged
from transform.records import REPORT_ID_DIGITS, Reading

_OF_THE_DOCUMENT: Final = frozenset({Reason.DAMAGED, Reason.TOO_LARGE})


@dataclass(frozen=True, slots=True)
class NeedsConversion:
    """The document is of a format that is read from a docx made of it."""

    kind: Format
    ends_in_table: bool  # see `extract.word.convert`


def pack_answer(result: Reading | NeedsConversion) -> bytes:
    """The answer, on the reader process's side."""
    if isinstance(result, NeedsConversion):
        return json.dumps({"convert": result.kind, "ends_in_table": result.ends_in_table}).encode()
    kept = staged(result)
    head = json.dumps({"version": kept.reader_version, "agency": kept.agency_id})
    return head.encode() + b"\n" + kept.line


def unpack_answer(
    request: ReadRequest, answer: bytes | ReadError
) -> StagedReading | NeedsConversion:
    """What an answer of the sandbox says of `request`: a limit that was hit, or a reader that died,
    ends as `failed`.
    """
    if isinstance(answer, ReadError):
        return _failed(request, answer.reason, answer.detail)
    head, _, line = answer.partition(b"\n")
    try:
        header = json.loads(head)
        if "convert" in header and not request.converted:
            return NeedsConversion(Format(header["convert"]), bool(header["ends_in_table"]))
        version, agency = header["version"], header["agency"]
    except (ValueError, TypeError, KeyError):
        return _broken_protocol(request)
    if not _is_about(request.document_id, line) or not _is_text(version, agency):
        return _broken_protocol(request)
    return StagedReading(request.document_id, version, agency, line)


def not_converted(request: ReadRequest, kind: Format, error: ReadError) -> StagedReading:
    """The outcome of a document that could not be converted.

    Where that is the fault of this machine and not of the document (LibreOffice is missing, ran out
    of time, crashed) it is `failed`, and the next run tries again.
    """
    status = Status.REJECTED if error.reason in _OF_THE_DOCUMENT else Status.FAILED
    return staged(blank_reading(request, status, error.reason, error.detail, kind=kind))


def _failed(request: ReadRequest, reason: Reason, detail: str) -> StagedReading:
    return staged(blank_reading(request, Status.FAILED, reason, detail))


def _broken_protocol(request: ReadRequest) -> StagedReading:
    return _failed(request, Reason.READER_CRASHED, "the reader process broke the protocol")


def _is_text(version: object, agency: object) -> bool:
    return isinstance(version, str) and (agency is None or isinstance(agency, str))


def _is_about(document_id: str, line: bytes) -> bool:
    """Whether all that the line names as document and report is this one.

    Within a text of the document the quotes would be escaped.
    """
    own = {
        b'"document_id":': b'"%s"' % document_id.encode(),
        b'"report_id":': b'"%s"' % document_id[:REPORT_ID_DIGITS].encode(),
    }
    names_it = line.startswith(b'{"document":{"document_id":"')
    return (
        names_it
        and b"\n" not in line
        and all(line.count(key) == line.count(key + value) for key, value in own.items())
    )
