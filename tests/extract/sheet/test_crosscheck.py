"""The second readers of workbooks: a formula without its result is open, never a blank."""

from io import BytesIO

import openpyxl

from extract.document import UNREADABLE
from extract.sheet.crosscheck import read_xlsx


def test_a_formula_without_a_result_is_no_blank() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["合计", 1, 2, "=SUM(B1:C1)", None])
    made = BytesIO()
    book.save(made)  # openpyxl calculates nothing
    (grid,) = read_xlsx(made.getvalue()).grids
    assert [c.text for c in grid.cells][:4] == ["合计", "1", "2", UNREADABLE]
