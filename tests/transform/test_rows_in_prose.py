"""Rows that only lines of the text show are there, and not lacking."""

import pytest

from extract.document import Document, Grid, Paragraph, Reason, Status
from extract.registry import read
from tests.build.draw import random_report
from tests.build.registry import build
from transform.form.forms import load_forms
from transform.rows_in_prose import rows_in_prose
from transform.tidy import tidy

FORMS = load_forms()
TABLE = FORMS.table("2021", "requests")
PROACTIVE = FORMS.table("2021", "proactive")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("行政许可 6538", ("行政许可",)),
        ("行政许可　0", ("行政许可",)),
        ("行政许可", ()),
        ("行政许可6538件，同比增长一成", ()),
        ("行政许可和行政处罚 3", ()),
    ],
)
def test_a_label_with_nothing_but_figures_behind_it_is_a_row(
    line: str, shown: tuple[str, ...]
) -> None:
    assert rows_in_prose(PROACTIVE, (), [line]) == shown
    assert rows_in_prose(PROACTIVE, ("licence",), [line]) == ()


def test_the_first_half_of_a_long_label_is_a_row() -> None:
    (label,) = rows_in_prose(TABLE, (), ["1.申请人无正当理由逾期不补正、行政机关不再处理"])
    assert label.startswith("1.申请人无正当理由")
    assert rows_in_prose(TABLE, (), ["1.申请人", "重复申请"]) == ()


def _with_row_as_line(text: str) -> Document:
    """A report whose row 行政许可 stands outside of its table, as `text`."""
    _, whole = read(build(random_report(4, "2021"), "html-clean").data)
    grid = whole.grids[0]
    row = next(c.row for c in grid.cells if c.text == "行政许可")
    cut = Grid(tuple(c for c in grid.cells if c.row != row), grid.n_rows, grid.n_cols)
    blocks = tuple(cut if block is grid else block for block in whole.blocks)
    return Document((*blocks, Paragraph(text)), whole.reader, whole.facts)


def test_a_row_that_stands_in_the_text_is_open() -> None:
    tidied = tidy(_with_row_as_line("行政许可 12"), FORMS, 2022)
    assert (tidied.status, tidied.reason) == (Status.PARTIAL, Reason.NO_CELLS)
    (cell,) = (c for c in tidied.cells if c.row_id == "licence")
    assert (cell.state, cell.value) == ("absent", None) and cell.raw_text


def test_a_row_that_stands_nowhere_is_lacking() -> None:
    tidied = tidy(_with_row_as_line("办理行政许可若干。"), FORMS, 2022)
    (cell,) = (c for c in tidied.cells if c.row_id == "licence")
    assert tidied.status is Status.EXTRACTED and cell.raw_text is None
