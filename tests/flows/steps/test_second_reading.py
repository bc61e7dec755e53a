"""Tables without sums are read a second time after publication: once each, and a run that was
stopped goes on where it stood.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extract.detect import Format
from extract.document import Document
from extract.registry import reader_of
from flows.steps import read
from flows.steps.pipeline import ReadBatch, ingest
from flows.steps.read_batch import Batch, BatchDone
from flows.steps.second_reading import find_unconfirmed, read_again
from flows.steps.settings import Settings
from flows.steps.version import format_versions
from load.database import connect
from load.staging import staged, write_batch
from tests.build import docx_files, text_files
from tests.build.draw import random_report
from tests.build.report import Report, flow
from transform.records import Reading

LICENCE = ("proactive", "licence", "decisions")


def draft(seed: int) -> Report:
    agency = ("上饶市民政局", "上饶市财政局", "上饶市林业局", "上饶市水利局")[seed - 1]
    report = random_report(seed, agency=agency, mean=60)
    return replace(report, published_on=f"{report.year + 1}-01-20")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Three reports that have a second reader and one that has none are published."""
    folder = tmp_path / "input"
    folder.mkdir()
    for seed in (1, 2, 3):
        (folder / f"{seed}.docx").write_bytes(docx_files.clean(flow(draft(seed))))
    (folder / "4.txt").write_bytes(text_files.encoded(text_files.tabs(flow(draft(4)))))
    made = Settings(
        database=tmp_path / "w.duckdb",
        staging=tmp_path / "staging",
        vault=tmp_path / "vault",
        workers=1,
        batch=2,
    )
    ingest(made, [folder])
    return made


def query(settings: Settings, text: str) -> list[tuple[Any, ...]]:
    with connect(settings.database) as con:
        return con.execute(text).fetchall()


def other_reader(report: Report) -> Callable[..., Callable[[bytes], Document]]:
    """A second reader that sees another figure in a table without sums."""
    wrong = replace(report, figures=report.figures | {LICENCE: "99999"})
    seen = reader_of(Format.DOCX)(docx_files.clean(flow(wrong)))
    return lambda kind, pages: lambda data: seen


def in_this_process(settings: Settings) -> Callable[[ReadBatch, Sequence[Batch]], Iterator[Any]]:
    def map_batches(_: ReadBatch, batches: Sequence[Batch]) -> Iterator[BatchDone]:
        for batch in batches:
            readings = [r for r in map(read.read_document, batch) if isinstance(r, Reading)]
            yield BatchDone(len(batch), write_batch(settings.staging_folder, map(staged, readings)))

    return map_batches


def test_each_document_with_a_second_reader_is_read_again_once(settings: Settings) -> None:
    figures = query(settings, "FROM cells ORDER BY ALL")
    assert query(settings, "SELECT * FROM remarks WHERE code ^@ 'second.'") == []
    due = find_unconfirmed(settings)
    assert sorted(Path(request.path).name for request in due) == ["1.docx", "2.docx", "3.docx"]
    summary = read_again(settings, due)
    assert (summary.replaced, summary.removed) == (3, 0)
    confirmed = query(
        settings,
        "SELECT count(*) FROM remarks WHERE (table_id, code) = ('proactive', 'second.agrees')",
    )
    assert confirmed == [(3,)]
    assert query(settings, "FROM cells ORDER BY ALL") == figures
    assert query(settings, "SELECT count(*) FROM documents") == [(4,)]
    assert find_unconfirmed(settings) == []
    again = ingest(settings, [settings.database.parent / "input"])
    assert (again.read, again.replaced) == (0, 0), "a later run reads nothing of it anew"


def test_what_the_second_reader_sees_differently_is_a_finding(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (due,) = [r for r in find_unconfirmed(settings) if r.path.endswith("1.docx")]
    monkeypatch.setattr(read, "second_reader", other_reader(draft(1)))
    read_again(settings, [due], in_this_process(settings))
    found = query(
        settings,
        "SELECT agency_id, level FROM findings WHERE rule_id = 'second.differs'",
    )
    assert found == [("上饶市民政局", "warning")]


def test_a_run_is_bounded_and_one_that_was_stopped_goes_on(settings: Settings) -> None:
    due = find_unconfirmed(settings, at_most=2)
    assert len(due) == 2
    first = read.read_document(due[0])
    assert isinstance(first, Reading)
    assert first.outcome.reader_version == format_versions()["docx"].uncovered_too
    write_batch(settings.staging_folder, [staged(first)])  # as a run that was killed leaves it
    left = find_unconfirmed(settings)
    assert len(left) == 2 and due[0].document_id not in {r.document_id for r in left}
    read_again(settings, left)
    assert find_unconfirmed(settings) == []


def test_a_file_that_is_no_longer_there_is_left_out(settings: Settings) -> None:
    folder = settings.database.parent / "input"
    (folder / "1.docx").unlink()
    (folder / "2.docx").write_bytes(b"something else")
    assert [Path(r.path).name for r in find_unconfirmed(settings)] == ["3.docx"]
