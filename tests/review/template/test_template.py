"""The blank form: what is written is the form that the program reads, and totals are their sums."""

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from flows.steps.read import read_document
from flows.steps.request import request_of
from review.template.word import word_form
from review.template.workbook import workbook_form
from transform.form.forms import load_forms
from transform.records import Reading
from transform.rules.load import load_rules

FORMS = load_forms()
RULES = load_rules(FORMS)
WRITERS: dict[str, Callable[[str], bytes]] = {
    "docx": lambda edition: word_form(FORMS.editions[edition]),
    "xlsx": lambda edition: workbook_form(FORMS.editions[edition], FORMS, RULES),
}


def sheets(edition: str) -> list[Worksheet]:
    data = WRITERS["xlsx"](edition)
    return list(openpyxl.load_workbook(io.BytesIO(data)).worksheets)


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize("edition", FORMS.editions)
def test_every_table_of_the_edition_is_read_whole(
    edition: str, suffix: str, tmp_path: Path
) -> None:
    file = tmp_path / f"form.{suffix}"
    file.write_bytes(WRITERS[suffix](edition))
    reading = read_document(request_of(file))
    assert isinstance(reading, Reading)
    found = {t.table_id: (t.edition, t.rows_matched) for t in reading.tables if t.found}
    tables = FORMS.editions[edition].tables.values()
    assert found == {t.table_id: (edition, len(t.data_rows)) for t in tables if not t.optional}
    assert [r for r in reading.remarks if r.code.startswith(("row.", "column.", "header."))] == []
    totals = {"0"} if suffix == "xlsx" else set()
    assert {c.raw_text for c in reading.cells if c.state != "absent"} == {""} | totals & {
        c.raw_text for c in reading.cells
    }


def test_totals_of_the_workbook_are_sums() -> None:
    proactive, requests, disputes = sheets("2021")
    line = ["一、本年新收政府信息公开申请数量", *[None] * 8, "=$D$6+$E$6+$F$6+$G$6+$H$6+$I$6"]
    assert [c.value for c in requests[6]] == line
    parts = "+".join(f"$D${row}" for row in range(8, 29))  # （一） to （六）
    assert [requests.cell(row, 4).value for row in range(6, 31)] == [
        *[None] * 23,
        f"={parts}",  # （七）总计
        None,
    ]
    assert [c.value for c in disputes[disputes.max_row]] == [
        *[None] * 4,
        "=$A$6+$B$6+$C$6+$D$6",
        *[None] * 4,
        "=$F$6+$G$6+$H$6+$I$6",
        *[None] * 4,
        "=$K$6+$L$6+$M$6+$N$6",
    ]
    assert not [c for row in proactive for c in row if str(c.value).startswith("=")]


def test_open_cells_take_numbers_and_totals_are_locked() -> None:
    for sheet in sheets("2021"):
        assert sheet.protection.sheet
        validated = {
            place.coord for v in sheet.data_validations.dataValidation for place in v.sqref.ranges
        }
        unlocked = {
            c.coordinate
            for row in sheet
            for c in row
            if not c.protection.locked and c.value is None and c.coordinate in validated
        }
        assert validated
        assert unlocked == validated
        for row in sheet:
            assert all(c.protection.locked for c in row if str(c.value).startswith("="))


def test_cells_of_a_sum_that_does_not_hold_change_their_colour() -> None:
    _, requests, _ = sheets("2021")
    marked = {
        str(ranges.sqref): [rule.formula for rule in rules]
        for ranges, rules in requests.conditional_formatting._cf_rules.items()
    }
    balance = ["ROUND($D$6+$D$7-$D$29-$D$30,6)<>0"]
    for place in ("D6", "D7", "D29", "D30"):
        assert balance in marked[place]
    assert "D8" not in marked  # its sums are formulas, which always hold
