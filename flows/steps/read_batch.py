"""One batch of documents through the reader processes into staging.

`read_batch` asks for each document and stages the answers as they come. Documents that must be
converted first (legacy Word files) are converted together once the others are read, and asked for
again. A killed run starts again with what is not yet staged.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from extract.document import ReadError
from extract.sandbox.pool import Sandbox
from extract.sandbox.reader_process import SandboxRequest
from flows.steps.answer import NeedsConversion, not_converted, unpack_answer
from flows.steps.request import ReadRequest
from load.staging import StagedReading, write_batch

Batch = Sequence[ReadRequest]
Waiting = Sequence[tuple[ReadRequest, NeedsConversion]]


@dataclass(frozen=True, slots=True)
class BatchDone:
    """One batch as read: how many documents, where they are staged, and which files of the vault
    could not be read as what they should be.
    """

    documents: int
    staged: Path | None
    unreadable: tuple[str, ...] = ()


def read_batch(
    sandbox: Sandbox,
    staging: Path,
    batch: Batch,
    report_done: Callable[[int], None] = lambda count: None,
) -> BatchDone:
    """Read one batch in the sandbox's processes; `report_done` is called for each document."""

    unreadable: set[str] = set()

    def counted() -> Iterator[StagedReading]:
        for reading in read_documents(sandbox, batch):
            yield reading
            if reading.is_unreadable:
                unreadable.add(reading.document_id)
            report_done(1)

    written = write_batch(staging, counted())
    places = (r.provenance.vault_path for r in batch if r.document_id in unreadable)
    return BatchDone(len(batch), written, tuple(place for place in places if place))


def read_documents(sandbox: Sandbox, batch: Batch) -> Iterator[StagedReading]:
    """An answer for each document, those that were converted last."""
    waiting: list[tuple[ReadRequest, NeedsConversion]] = []
    for request, result in _ask(sandbox, batch):
        if isinstance(result, NeedsConversion):
            waiting.append((request, result))
        else:
            yield result
    if waiting:  # else nothing is written, and a run that is killed leaves nothing
        with tempfile.TemporaryDirectory(prefix="nianbao-") as folder:
            yield from _read_converted(sandbox, waiting, Path(folder))


def _ask(
    sandbox: Sandbox, batch: Batch
) -> Iterator[tuple[ReadRequest, StagedReading | NeedsConversion]]:
    answers = sandbox.map(SandboxRequest(request.to_bytes(), request.files) for request in batch)
    for request, answer in zip(batch, answers, strict=True):
        yield request, unpack_answer(request, answer)


def _read_converted(sandbox: Sandbox, waiting: Waiting, folder: Path) -> Iterator[StagedReading]:
    from extract.word.convert import LegacyFile, convert

    files = [
        LegacyFile(Path(request.path), needed.kind, needed.ends_in_table)
        for request, needed in waiting
    ]
    made = convert(files, folder)
    ready: list[ReadRequest] = []
    for request, needed in waiting:
        result = made[Path(request.path)]
        if isinstance(result, ReadError):
            yield not_converted(request, needed.kind, result)
        else:
            ready.append(replace(request, converted=str(result.docx), converted_by=result.by))
    for _, answer in _ask(sandbox, ready):
        # unpack_answer sends no converted document back
        assert isinstance(answer, StagedReading)  # noqa: S101
        yield answer
