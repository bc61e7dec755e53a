"""Reports in traditional characters are read like any other; their cells keep what is printed."""

from dataclasses import replace
from random import Random

import pytest

from extract.detect import Format, sniff
from extract.document import Document
from extract.registry import reader_of
from tests.build import html_files
from tests.build.draw import random_report
from tests.build.packing import pack, unpack
from tests.build.registry import build
from tests.build.report import Report, expected_cells, flow
from tests.transform.grids import document
from transform.form.forms import load_forms
from transform.identity.identify import identify
from transform.tidy import tidy
from transform.traditional import _pairs, simplified, with_printed_texts

FORMS = load_forms()
_PAIRS = "".join(_pairs().pairs)
TRADITIONAL = str.maketrans(_PAIRS[1::2], _PAIRS[::2])


def mirrored(report: Report, layout: str) -> Document:
    """The report as a mirror in traditional characters has it."""
    data = build(report, layout).data
    if layout == "docx-clean":
        parts = unpack(data)
        body = parts["word/document.xml"].decode().translate(TRADITIONAL)
        data = pack(parts | {"word/document.xml": body.encode()})
    else:
        data = data.decode().translate(TRADITIONAL).encode()
    return reader_of(sniff(data))(data)


@pytest.mark.parametrize("layout", ["html-clean", "txt-tabs", "docx-clean"])
@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_a_report_in_traditional_pairs(layout: str, edition: str) -> None:
    report = random_report(3, edition, agency="上饶市林业局", mean=20)
    printed = mirrored(report, layout)
    plain = simplified(printed)
    found = identify(plain)
    assert (found.agency_id, found.year) == ("上饶市林业局", report.year)
    result = tidy(plain, FORMS, found.year)
    assert {(c.table_id, c.row_id, c.col_id): c.value for c in result.cells} == {
        key: cell.value for key, cell in expected_cells(report).items()
    }
    assert result.statements
    assert {r.code for r in result.remarks} <= {"cell.unit_in_cell"}


def test_cells_keep_the_pairs_of_the_page() -> None:
    report = random_report(3, agency="上饶市林业局", mean=20)
    keys = [("requests", "granted", "charity"), ("disputes", "cases", "direct.other")]
    page = html_files.page(
        flow(replace(report, figures={**report.figures, keys[0]: "无", keys[1]: "未统计"})),
        html_files.Style(),
        Random(1),
    )
    printed = reader_of(Format.HTML)(page.decode().translate(TRADITIONAL).encode())
    cells = with_printed_texts(tidy(simplified(printed), FORMS, 2022).cells, printed)
    found = {(c.table_id, c.row_id, c.col_id): c for c in cells}
    assert [(found[k].state, found[k].raw_text) for k in keys] == [
        ("marker", "無"),
        ("text", "未統計"),
    ]


def test_other_documents_are_left_as_they_are() -> None:
    quoted = document("我局与《書局年報》合作，開設専欄。", "政府信息公开工作年度报告")
    assert simplified(quoted) is quoted
    cells = tidy(quoted, FORMS, 2022).cells
    assert with_printed_texts(cells, quoted) is cells
