"""One cell over all organisations, in a table that pages cut: natural persons and totals stay
numbers on every page.
"""

from dataclasses import replace
from random import Random

import pytest

from extract.detect import sniff
from extract.registry import reader_of
from tests.build import docx_files, html_files, ofd_files, pdf_files
from tests.build.draw import random_report
from tests.build.report import Flow, TableLayout, flow
from transform.form.forms import load_forms
from transform.tidy import tidy

WRITERS = {
    "docx": docx_files.clean,
    "html": lambda b: html_files.page(b, html_files.Style(), Random(1)),
    "pdf": lambda b: pdf_files.paper(b, pdf_files.Style(), Random(1)),
    "ofd": ofd_files.paper,
}
ORGANISATIONS = ("business", "research", "charity", "legal_service", "other_org")
OWN = random_report(5, agency="上饶市林业局", mean=60)


def merged_flow() -> Flow:
    """The flow of the report with the number of enterprises over all five columns."""
    blocks: Flow = []
    for block in flow(OWN):
        if isinstance(block, TableLayout) and block.table_id == "requests":
            kept = [a for a in block.anchors if a.key is None or a.key[2] not in ORGANISATIONS[1:]]
            wide = [replace(a, col_span=5) if a.key and a.key[2] == "business" else a for a in kept]
            block = replace(block, anchors=tuple(wide))
        blocks.append(block)
    return blocks


@pytest.mark.parametrize("kind", WRITERS)
def test_numbers_beside_a_merged_cell_stay_numbers(kind: str) -> None:
    data = WRITERS[kind](merged_flow())
    result = tidy(reader_of(sniff(data))(data), load_forms(), OWN.year)
    cells = {(c.row_id, c.col_id): c for c in result.cells if c.table_id == "requests"}
    rows = {row for table, row, _ in OWN.figures if table == "requests"}
    for row in rows:
        for col in ("natural", "total"):
            assert str(cells[row, col].value) == OWN.figures["requests", row, col], (row, col)
        number = OWN.figures["requests", row, "business"]
        states = {cells[row, col].state for col in ORGANISATIONS}
        assert states == ({"zero"} if number == "0" else {"text"}), row
    assert {r.code for r in result.remarks if r.table_id == "requests"} == {"cell.merged"}
