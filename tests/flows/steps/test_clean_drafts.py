"""A fully filled, clean draft gives no finding at all, in any format."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from extract.detect import Format
from extract.registry import reader_of
from flows.steps import read
from flows.steps.read import read_document
from flows.steps.request import ReadRequest, request_of
from load.warehouse import load_readings, memory
from tests.build import docx_files, html_files, ofd_files, pdf_files, sheet_files, text_files
from tests.build.draw import random_report
from tests.build.report import Flow, Report, flow
from transform.form.forms import load_forms
from transform.records import Reading
from transform.rules.evaluate import findings
from transform.rules.load import load_rules
from transform.temporary_tables import fetch_rows

WRITERS: dict[str, Callable[[Flow], bytes]] = {
    "docx": docx_files.clean,
    "html": lambda b: html_files.page(b, html_files.Style(), Random(1)),
    "pdf": lambda b: pdf_files.paper(b, pdf_files.Style(), Random(1)),
    "xlsx": lambda b: sheet_files.xlsx(b, sheet_files.Style(numbers=True)),
    "xls": lambda b: sheet_files.xls(b, sheet_files.Style()),
    "txt": lambda b: text_files.encoded(text_files.tabs(b)),
    "markdown": lambda b: text_files.encoded(text_files.markdown(b)),
    "ofd": ofd_files.paper,
}


def draft(seed: int) -> Report:
    """A city's government may make 规章, as this report says that it did."""
    report = random_report(seed, agency="上饶市人民政府", mean=60)
    return replace(report, published_on=f"{report.year + 1}-01-20")


@pytest.mark.parametrize("kind", WRITERS)
def test_a_clean_draft_gives_no_finding(kind: str, tmp_path: Path) -> None:
    readings = []
    for seed in (5, 8):
        file = tmp_path / f"{seed}.{kind}"
        file.write_bytes(WRITERS[kind](flow(draft(seed))))
        reading = read_document(request_of(file))
        assert isinstance(reading, Reading)
        readings.append(reading)
    forms = load_forms()
    for reading in readings:  # each alone, as `check` judges it
        with memory() as con:
            load_readings(con, [reading])
            found = fetch_rows(findings(con, forms, load_rules(forms)))
        assert [(f["rule_id"], f["message_en"]) for f in found] == []


def test_a_table_that_no_sum_covers_is_read_again_where_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else would show that a figure of 表二 was misread."""
    file = tmp_path / "a.docx"
    file.write_bytes(WRITERS["docx"](flow(draft(5))))
    figures = draft(5).figures | {("proactive", "licence", "decisions"): "99999"}
    other = reader_of(Format.DOCX)(docx_files.clean(flow(replace(draft(5), figures=figures))))
    monkeypatch.setattr(read, "second_reader", lambda kind, pages: lambda data: other)
    request = request_of(file)
    assert isinstance(request, ReadRequest)
    seen = {}
    for asked in (False, True):
        reading = read_document(replace(request, uncovered_too=asked))
        assert isinstance(reading, Reading)
        seen[asked] = [(r.table_id, r.row_id, r.code, r.meant) for r in reading.remarks]
    assert seen[False] == []
    assert ("proactive", "licence", "second.differs", "99999") in seen[True]
    assert {table for table, *_ in seen[True]} == {"proactive"}  # the others have sums that hold
