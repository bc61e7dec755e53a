"""Damaged and hostile workbooks, and tables and cells beyond the limits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract import limits
from extract.document import UNREADABLE, ReadError, Reason
from extract.sheet.read import read_xls, read_xlsx
from tests.extract.sheet.workbooks import built, raw_xlsx, rows, xls_bytes


def test_a_table_beyond_the_limits_costs_that_table_alone() -> None:
    small: list[list[object]] = [["乙", 1], ["丙", 2]]
    for large in (
        [["甲", 1]] * (limits.TABLE_ROWS + 1),
        [[1] * (limits.TABLE_COLUMNS + 1)],
    ):
        document = built(rows(*large, [], *small))
        assert [grid.n_rows for grid in document.grids] == [2]
        assert document.flaw is not None and document.flaw[0] is Reason.TOO_LARGE


def test_a_cell_beyond_the_limit_is_open_and_its_words_are_prose() -> None:
    words = "甲" * (limits.CELL_CHARACTERS + 1)
    document = built(rows([words, 1]))
    assert [cell.text for cell in document.grids[0].cells] == [UNREADABLE, "1"]
    assert [p.text for p in document.paragraphs] == [words] and document.flaw is None


@pytest.mark.parametrize(
    "sheet",
    [
        '<sheetData><row r="1"><c r="A1" t="s"><v>7</v></c></row></sheetData>',
        '<sheetData><row r="x"><c r="A1"><v>7</v></c></row></sheetData>',
        '<sheetData><row r="1"><c r="Ä1"><v>7</v></c></row></sheetData>',
        '<sheetData/><mergeCells><mergeCell ref="B"/></mergeCells>',
        "<sheetData><row>",
    ],
)
def test_broken_sheets_are_damaged(sheet: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_xlsx(raw_xlsx(sheet))
    assert caught.value.reason is Reason.DAMAGED


def test_merged_ranges_that_cover_everything_many_times_are_refused() -> None:
    merges = "".join(f'<mergeCell ref="{c}1:{c}900000"/>' for c in "ABC")
    sheet = (
        '<sheetData><row r="900000"><c '
        f'r="A900000"><v>1</v></c></row></sheetData><mergeCells>{merges}</mergeCells>'
    )
    with pytest.raises(ReadError) as caught:
        read_xlsx(raw_xlsx(sheet))
    assert caught.value.reason is Reason.TOO_LARGE


_XLSX, _XLS = (
    raw_xlsx(
        (
            '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c '
            'r="B1"><v>2</v></c></row></sheetData>'
        ),
        "<si><t>甲</t></si>",
    ),
    xls_bytes(),
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_bytes_raise_nothing_but_read_errors(data: st.DataObject) -> None:
    original, read = data.draw(st.sampled_from([(_XLSX, read_xlsx), (_XLS, read_xls)]))
    mutated = bytearray(original)
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(original) - 1), st.integers(0, 255)), max_size=8)
    ):
        mutated[at] = byte
    cut = data.draw(st.integers(0, len(original)) | st.just(len(original)))
    try:
        document = read(bytes(mutated[:cut]))
    except ReadError:
        return
    assert document.reader in ("xlsx", "xls")
