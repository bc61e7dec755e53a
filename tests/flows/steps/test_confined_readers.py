"""Every reader works in its confined process, and gives there what it gives outside."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from extract.sandbox.pool import Sandbox
from extract.sandbox.reader_process import SandboxRequest
from extract.word.convert import Converted, LegacyFile, convert
from flows.steps.answer import NeedsConversion, unpack_answer
from flows.steps.read import read_document
from flows.steps.request import WORK, ReadRequest
from load.staging import StagedReading
from tests.build.draw import random_report
from tests.build.office import office_or_skip
from tests.build.pdf_files import STYLES, paper
from tests.build.report import flow
from tests.build.scan_files import LOOKS, jpeg, pictures
from tests.hostile.mutations import SAMPLES, bases
from transform.records import Reading, from_json


def requests(folder: Path, files: dict[str, bytes]) -> list[ReadRequest]:
    made = []
    for name, data in files.items():
        path = folder / name
        path.write_bytes(data)
        document_id = hashlib.sha256(data).hexdigest()
        made.append(ReadRequest(str(path), document_id, len(data), uncovered_too=True))
    return made


def without_seconds(reading: Reading) -> Reading:
    return replace(reading, outcome=replace(reading.outcome, seconds=0))


def agree(asked: list[ReadRequest], folder: Path) -> None:
    """Files that need it are converted, as in a run, and asked for again."""
    with Sandbox(WORK, workers=1) as sandbox:
        waiting = []
        for request, answer in _ask(sandbox, asked):
            outside = read_document(request)
            if isinstance(answer, NeedsConversion):
                assert answer == outside
                waiting.append((request, answer))
            else:
                _assert_same(answer, outside, request.path)
        for request, answer in _ask(sandbox, list(_convert(waiting, folder))):
            _assert_same(answer, read_document(request), request.path)


def _ask(
    sandbox: Sandbox, asked: list[ReadRequest]
) -> Iterator[tuple[ReadRequest, StagedReading | NeedsConversion]]:
    answers = sandbox.map(SandboxRequest(r.to_bytes(), r.files) for r in asked)
    for request, answer in zip(asked, answers, strict=True):
        yield request, unpack_answer(request, answer)


def _convert(
    waiting: list[tuple[ReadRequest, NeedsConversion]], folder: Path
) -> Iterator[ReadRequest]:
    if not waiting:
        return
    office_or_skip()
    made = convert(
        [LegacyFile(Path(r.path), needed.kind, needed.ends_in_table) for r, needed in waiting],
        folder,
    )
    for request, _ in waiting:
        result = made[Path(request.path)]
        assert isinstance(result, Converted)
        yield replace(request, converted=str(result.docx), converted_by=result.by)


def _assert_same(
    confined: StagedReading | NeedsConversion, outside: Reading | NeedsConversion, path: str
) -> None:
    assert isinstance(confined, StagedReading), path
    assert isinstance(outside, Reading), path
    assert without_seconds(from_json(confined.line)) == without_seconds(outside), path
    assert outside.cells, path


def test_files_of_every_format(tmp_path: Path) -> None:
    """With their second readings, which use other libraries."""
    last = "hybrid-xlsx-sheets.xlsx"
    agree(requests(tmp_path, {**bases(), last: (SAMPLES / last).read_bytes()}), tmp_path)


def test_scans(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason='the extra "scan" is not installed')
    printed = paper(flow(random_report(5, "2021")), STYLES["line"], Random(5))
    page = pictures(printed, LOOKS["clean"])[0]
    agree(requests(tmp_path, {"page.jpg": jpeg(page)}), tmp_path)
