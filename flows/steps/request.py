"""One document on its way to a reader process: what is asked.

`request_of` names a file by its bytes, the only thing that this side does with them. Kept apart
from `flows.steps.read`, the reader process's side, and light to import: a reader process can start
while the caller imports the rest. What comes back is in `flows.steps.answer`.
"""

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Final, Self

from extract.document import Reason, Status
from transform.records import DocumentRow, OutcomeRow, Reading

WORK: Final = "flows.steps.read:work"
UNKNOWN_FORMAT: Final = "unknown"  # of documents that no reader has seen
AGENCY_FILE: Final = "agency.yaml"  # beside files given by hand: flows.steps.agency_file

Versions = Mapping[str, tuple[str, str, str]]  # by format, see `flows.steps.version.FormatVersion`


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fetched file was found, and what the site and the registry of sources say of it, or
    the `agency.yaml` beside a file given by hand; all of it may be empty.
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
    place: str = ""


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One file to read.

    `document_id` is the SHA-256 of its bytes; `converted` a docx made of it, where it has to be
    read from that. `provenance` has no `vault_path` for a file that was given by hand. `versions`
    are those of the readers, for the outcome to name. `uncovered_too`: tables that no sum covers
    are read a second time whatever they say; many documents are read without.
    """

    path: str
    document_id: str
    size: int
    converted: str = ""
    converted_by: str = ""
    provenance: Provenance = field(default_factory=Provenance)
    versions: Versions = field(default_factory=dict)
    uncovered_too: bool = False

    def to_bytes(self) -> bytes:
        """For the way into a reader process."""
        shallow = {f.name: getattr(self, f.name) for f in fields(self)}
        return json.dumps(shallow | {"provenance": asdict(self.provenance)}).encode()

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the reader process is handed."""
        return (self.path, self.converted) if self.converted else (self.path,)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The inverse of `to_bytes`."""
        held = json.loads(data)
        return cls(**held | {"provenance": Provenance(**held["provenance"])})

    def version_of(self, kind: str, *, crosschecked: bool = False) -> str:
        """The version of the reader of a format, empty where none was given."""
        found = self.versions.get(kind) or self.versions.get(UNKNOWN_FORMAT) or ("", "", "")
        return found[2 if crosschecked and self.uncovered_too else int(crosschecked)]

    def document_row(self, kind: str, title: str | None = None) -> DocumentRow:
        """The document's row; `kind` is its format."""
        found = self.provenance
        return DocumentRow(
            self.document_id,
            found.name or displayed_name(Path(self.path).name),
            kind,
            self.size,
            title or found.title or None,
            found.source_id or None,
            found.url or None,
            found.fetched_at or None,
            found.vault_path or None,
            None if found.vault_path else displayed_name(self.path),
        )


def request_of(path: Path, versions: Versions | None = None) -> ReadRequest | Reading:
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
        unopened = ReadRequest(str(path.absolute()), named, 0, versions=versions or {})
        detail = error.strerror or str(error)
        return blank_reading(unopened, Status.REJECTED, Reason.UNREADABLE, detail)
    return ReadRequest(
        str(path.absolute()),
        document_id,
        status.st_size,
        provenance=_beside(path),
        versions=versions or {},
    )


def _beside(path: Path) -> Provenance:
    """What `agency.yaml` in the file's folder says."""
    folder = path.absolute().parent
    if not (folder / AGENCY_FILE).is_file():
        return Provenance()
    from flows.steps.agency_file import read_agency_file  # needs pydantic and YAML, which few do

    said = read_agency_file(folder)
    return Provenance(agency=said.agency, place=said.place, year=said.year)


def blank_reading(
    request: ReadRequest,
    status: Status,
    reason: Reason,
    detail: str,
    seconds: float = 0.0,
    kind: str = UNKNOWN_FORMAT,
) -> Reading:
    """The reading of a document that gave no report."""
    outcome = OutcomeRow(
        request.document_id,
        status,
        reason,
        detail or None,
        None,
        request.version_of(kind),
        seconds,
    )
    return Reading(request.document_row(kind), outcome)


def displayed_name(name: str) -> str:
    """The name of a file as text.

    Bytes that are no UTF-8 are taken for GB 18030, as archives made under Windows leave them.
    """
    raw = os.fsencode(name)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")
