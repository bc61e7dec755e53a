"""Every reader works in its confined process, and gives there what it gives outside."""

import hashlib
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from extract.sandbox.pool import Sandbox
from extract.sandbox.reader_process import SandboxRequest
from flows.steps.answer import unpack_answer
from flows.steps.read import read_document
from flows.steps.request import WORK, ReadRequest
from load.staging import StagedReading
from tests.build.draw import random_report
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


def agree(asked: list[ReadRequest]) -> None:
    with Sandbox(WORK, workers=1) as sandbox:
        answers = list(sandbox.map(SandboxRequest(r.to_bytes(), r.files) for r in asked))
    for request, answer in zip(asked, answers, strict=True):
        confined = unpack_answer(request, answer)
        assert isinstance(confined, StagedReading)
        outside = read_document(request)
        assert isinstance(outside, Reading)
        assert without_seconds(from_json(confined.line)) == without_seconds(outside), request.path
        assert outside.cells, request.path


def test_files_of_every_format(tmp_path: Path) -> None:
    """With their second readings, which use other libraries."""
    last = "hybrid-xlsx-sheets.xlsx"
    agree(requests(tmp_path, {**bases(), last: (SAMPLES / last).read_bytes()}))


def test_scans(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason='the extra "scan" is not installed')
    printed = paper(flow(random_report(5, "2021")), STYLES["line"], Random(5))
    page = pictures(printed, LOOKS["clean"])[0]
    agree(requests(tmp_path, {"page.jpg": jpeg(page)}))
