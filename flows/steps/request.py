"""One document on its way to a reader process and back: what is asked, and what is made of the
answer.

`request_of` names a file by its bytes, `answered` makes a `Reading` of whatever comes back. Kept
apart from `flows.steps.read`, the reader process's side, and light to import: a reader process can
start while the caller imports the rest.
"""

import hashlib
import json
import os
import stat
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Self

from extract.document import ReadError, Reason, Status
from flows.steps.version import reading_version
from transform.records import DocumentRow, OutcomeRow, Reading, from_json

WORK: Final = "flows.steps.read:work"


@dataclass(frozen=True, slots=True)
class Found:
    """Where a fetched file was found, and what the site and the registry of sources say of it; all
    of it may be empty.
    """

    name: str = ""
    source_id: str = ""
    url: str = ""
    fetched_at: str = ""
    vault_path: str = ""
    title: str = ""
    published_on: str = ""
    agency: str = ""
    level: str = ""
    division_code: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One file to read.

    `document_id` is the SHA-256 of its bytes; `converted` a docx made of it, where it has to be
    read from that.

    `found` is empty for a file that was given by hand.
    """

    path: str
    document_id: str
    size: int
    converted: str = ""
    converted_by: str = ""
    found: Found = field(default_factory=Found)

    def to_bytes(self) -> bytes:
        """For the way into a reader process."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The inverse of `to_bytes`."""
        held = json.loads(data)
        return cls(**held | {"found": Found(**held["found"])})

    def document(self, kind: str, title: str | None = None) -> DocumentRow:
        """The document's row; `kind` is its format."""
        found = self.found
        return DocumentRow(
            self.document_id,
            found.name or shown(Path(self.path).name),
            kind,
            self.size,
            title or found.title or None,
            found.source_id or None,
            found.url or None,
            found.fetched_at or None,
            found.vault_path or None,
            None if found.vault_path else shown(self.path),
        )


def request_of(path: Path) -> Request | Reading:
    """The request for the file at `path`; for one that cannot be opened, the reading that says so.

    Such a file has no bytes to be named by: its id is the hash of its path.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise OSError("it is no regular file")
        with path.open("rb") as file:
            document_id = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        named = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()
        return blank_reading(
            Request(str(path.absolute()), named, 0),
            Status.REJECTED,
            Reason.UNREADABLE,
            error.strerror or str(error),
        )
    return Request(str(path.absolute()), document_id, status.st_size)


def blank_reading(
    request: Request,
    status: Status,
    reason: Reason,
    detail: str,
    seconds: float = 0.0,
    kind: str = "unknown",
) -> Reading:
    """The reading of a document that gave no report."""
    return Reading(
        request.document(kind),
        OutcomeRow(
            request.document_id, status, reason, detail or None, None, reading_version(), seconds
        ),
    )


def shown(name: str) -> str:
    """The name of a file as text.

    Bytes that are no UTF-8 are taken for GB 18030, as archives made under Windows leave them.
    """
    raw = os.fsencode(name)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def answered(request: Request, answer: bytes | ReadError) -> Reading:
    """The reading of an answer of the sandbox: a limit that was hit, or a reader that died, ends as
    `failed`.
    """
    if isinstance(answer, ReadError):
        return blank_reading(request, Status.FAILED, answer.reason, answer.detail)
    return from_json(answer)
