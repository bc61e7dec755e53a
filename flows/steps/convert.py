"""Documents that a reader process cannot read as they are, made ready for it: legacy Word files get
a copy as docx.

`prepared(batch)` converts what needs it, all of a batch together, and holds the copies in a folder
of its own until the batch is read. A document whose conversion failed is not read; `refused` makes
its outcome. Where that is the fault of this machine and not of the document (LibreOffice is
missing, ran out of time, crashed) it is `failed`, and the next run tries again.
"""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from extract.document import ReadError, Reason, Status
from extract.word.convert import convert, is_legacy
from flows.steps.request import Request, blank_reading
from transform.records import Reading

_OF_THE_DOCUMENT: Final = frozenset({Reason.DAMAGED, Reason.TOO_LARGE})


@contextlib.contextmanager
def prepared(batch: Sequence[Request]) -> Iterator[list[Request | ReadError]]:
    """For each request what to read, or why it cannot be read; good until the `with` ends."""
    legacy = [path for path in (Path(request.path) for request in batch) if is_legacy(path)]
    if not legacy:  # then nothing is written, and a run that is killed leaves nothing
        yield list(batch)
        return
    with tempfile.TemporaryDirectory(prefix="nianbao-") as folder:
        made = convert(legacy, Path(folder))
        ready: list[Request | ReadError] = []
        for request in batch:
            result = made.get(Path(request.path))
            if result is None or isinstance(result, ReadError):
                ready.append(result or request)
            else:
                ready.append(replace(request, converted=str(result.docx), converted_by=result.by))
        yield ready


def refused(request: Request, error: ReadError) -> Reading:
    """The reading of a document that could not be converted."""
    status = Status.REJECTED if error.reason in _OF_THE_DOCUMENT else Status.FAILED
    return blank_reading(request, status, error.reason, error.detail)
