"""A fully filled, clean draft gives no finding at all, in any format."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from flows.steps.read import read_document
from flows.steps.request import request_of
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
