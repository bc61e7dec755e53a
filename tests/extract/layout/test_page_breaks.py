"""Table rows that a page break cuts are put together, and two rows stay two."""

import pytest

from extract.document import Cell, grid_of
from extract.layout.page_breaks import MOVED, PageLine, PageTable, mend_cut_rows
from extract.layout.text_lines import TextLine
from extract.number_text import is_value

WIDE = (50.0, 200.0, 300.0, 400.0, 500.0)


def piece(
    rows: list[list[str]],
    page: int,
    room: dict[int, float] | None = None,
    spans: dict[tuple[int, int], int] | None = None,
) -> PageTable:
    """A table of one page, its columns where `WIDE` says; "^" goes on from the cell above."""
    cells = []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text != "^":
                span = next(
                    (
                        k
                        for k in range(1, len(rows) - r + 1)
                        if r + k == len(rows) or rows[r + k][c] != "^"
                    ),
                    1,
                )
                cells.append(
                    Cell(text, r, c, span, 1, (WIDE[c], 20.0 * r, WIDE[c + 1], 20.0 * (r + span)))
                )
    return PageTable(grid_of(cells, page), page, room or {})


def rows_of(pieces: list[PageTable | PageLine]) -> list[list[list[str]]]:
    return [
        [[c.text for c in p.grid.cells if c.row == r] for r in range(p.grid.n_rows)]
        for p in pieces
        if isinstance(p, PageTable)
    ]


def test_the_tail_of_a_label_goes_to_its_row() -> None:
    upper = piece([["1.重复", "1", "2"], ["2.要求行政机关确认", "5", "6"]], 1, {0: 0.8})
    lower = piece([["或重新出具", "", ""], ["3.其他", "7", "8"]], 2)
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["1.重复", "1", "2"], ["2.要求行政机关确认\n或重新出具", "5", "6"]],
        [["3.其他", "7", "8"]],
    ]


def test_the_head_of_a_label_goes_to_the_values() -> None:
    upper = piece([["1.重复", "1", "2"], ["2.要求（仅限", "", ""]], 1)
    lower = piece([["本年）", "5", "6"], ["3.其他", "7", "8"]], 2)
    pieces = mend_cut_rows([upper, lower])
    assert rows_of(pieces) == [
        [["1.重复", "1", "2"]],
        [["2.要求（仅限\n本年）", "5", "6"], ["3.其他", "7", "8"]],
    ]
    assert isinstance(pieces[1], PageTable)
    assert {c.confidence for c in pieces[1].grid.cells} == {1.0}


def test_values_without_a_label_belong_to_the_label_without_values() -> None:
    upper, lower = piece([["1.重复", "1", "2"], ["2.其他", "", ""]], 1), piece([["", "5", "6"]], 2)
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["1.重复", "1", "2"]],
        [["2.其他", "5", "6"]],
    ]


def test_a_row_with_values_on_both_pages() -> None:
    upper, lower = piece([["2.要求（仅限", "5", ""]], 1), piece([["本年）", "", "6件"]], 2)
    (whole,) = mend_cut_rows([upper, lower])
    assert isinstance(whole, PageTable)
    assert [(c.text, c.confidence) for c in whole.grid.cells] == [
        ("2.要求（仅限\n本年）", 1.0),
        ("5", 1.0),
        ("6件", MOVED),
    ]


def test_a_row_without_a_label_whose_values_stand_on_both_pages() -> None:
    (whole,) = mend_cut_rows([piece([["3", "", "12"]], 1), piece([["", "4", ""]], 2)])
    assert isinstance(whole, PageTable)
    assert [(c.text, c.confidence) for c in whole.grid.cells] == [
        ("3", 1.0),
        ("4", MOVED),
        ("12", 1.0),
    ]


def test_a_label_that_the_break_put_behind_its_values() -> None:
    upper, lower = (
        piece([["1.重复", "1", "2"], ["", "5", "6"]], 1),
        piece([["2.要求行政机关\n确认", "", ""], ["3.其他", "7", "8"]], 2),
    )
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["1.重复", "1", "2"], ["2.要求行政机关\n确认", "5", "6"]],
        [["3.其他", "7", "8"]],
    ]
    upper, lower = (
        piece([["", "件", "5"]], 1),
        piece([["受理总数", "", ""], ["其他", "件", "8"]], 2),
    )  # a column of units is no label
    assert rows_of(mend_cut_rows([upper, lower]))[0] == [["受理总数", "件", "5"]]


def test_units_behind_the_break_belong_to_the_values_before_it() -> None:
    upper, lower = (
        piece([["（七）总计", "45", ""]], 1),
        piece([["", "件", "1"], ["四、结转", "5", "0"]], 2),
    )
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["（七）总计", "45件", "1"]],
        [["四、结转", "5", "0"]],
    ]


def test_words_between_two_items_of_a_list_go_on_from_the_first() -> None:
    upper, lower = (
        piece([["3.政策解", "篇", "0"]], 1),
        piece([["读稿件数", "", ""], ["4.微博回应", "次", "1"]], 2),
    )
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["3.政策解\n读稿件数", "篇", "0"]],
        [["4.微博回应", "次", "1"]],
    ]
    lower = piece([["读稿件数", "", ""], ["5.其他", "次", "1"]], 2)
    assert len(rows_of(mend_cut_rows([upper, lower]))[1]) == 2


def test_a_header_printed_again_is_stepped_over() -> None:
    head = ["信息内容", "本年", "总数"]
    upper, lower = (
        piece([head, ["1.重复", "1", "2"], ["2.要求（仅限", "5", "6"]], 1),
        piece([head, ["本年）", "", ""], ["3.其他", "7", "8"]], 2),
    )
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [head, ["1.重复", "1", "2"], ["2.要求（仅限\n本年）", "5", "6"]],
        [head, ["3.其他", "7", "8"]],
    ]
    line = TextLine(
        -1, 0, "统计指标 单位 统计数", 50.0, 80.0, 400.0, 10.0
    )  # the same without rules
    upper, lower = piece([["1.重复", "1", "2"], ["2.其他", "", ""]], 1), piece([["", "5", "6"]], 2)
    assert (
        len(
            rows_of(
                mend_cut_rows(
                    [PageLine(line, 1, 50, 500), upper, PageLine(line, 2, 50, 500), lower]
                )
            )[0]
        )
        == 1
    )


def test_merged_labels_over_the_break() -> None:
    upper = piece([["（五）", "1.重复", "1"], ["^", "2.要求（仅", "2"]], 1)
    lower = piece([["不予处理", "限本年）", ""], ["^", "3.其他", "7"]], 2)
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["（五）", "1.重复", "1"], ["2.要求（仅\n限本年）", "2"]],
        [["不予处理", "3.其他", "7"]],
    ]
    single = piece([["（五）", "2.要求（仅", ""]], 1)
    below = piece([["不予处理", "限本年）", "2"], ["^", "3.其他", "7"]], 2)
    assert rows_of(mend_cut_rows([single, below])) == [
        [["（五）\n不予处理", "2.要求（仅\n限本年）", "2"], ["3.其他", "7"]]
    ]


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (["2.其他", "1", "2"], ["3.重复", "", ""]),  # a row whose zeros are blank
        (["行政许可", "1", "2"], ["行政强制", "", ""]),
        (["2.要求（仅限", "1", "2"], ["本年）", "5", "6"]),  # values in both
        (["结果维持", "结果纠正", "总计"], ["3", "0", "1"]),  # a header and the row below it
        (["信息内容", "本年", "总数"], ["行政许可", "1", "2"]),
        (["", "1", "2"], ["", "5", "6"]),
    ],
)
def test_two_rows_stay_two(above: list[str], below: list[str]) -> None:
    assert rows_of(mend_cut_rows([piece([above], 1, {0: 0.5}), piece([below], 2)])) == [
        [above],
        [below],
    ]


def test_a_number_cut_by_the_break_is_words_of_both_parts() -> None:
    upper, lower = piece([["行政许可", "1", "14"]], 1), piece([["", "08", ""]], 2)
    assert rows_of(mend_cut_rows([upper, lower])) == [[["行政许可", "1\n08", "14"]]]
    upper, lower = piece([["行政许可", "1"]], 1), piece([["", "08件"], ["行政处罚", "3"]], 2)
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["行政许可", "1\n08件"]],
        [["行政处罚", "3"]],
    ]
    upper = piece([["（一）予以公", "1", "0", "128"]], 1, {0: 1.4})
    lower = piece([["开", "08件", "件", ""], ["（二）部分公开", "15", "3", "18"]], 2)
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["（一）予以公\n开", "1\n08件", "0件", "128"]],
        [["（二）部分公开", "15", "3", "18"]],
    ]


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (["行政许可", "/", "2"], ["", "/", ""]),  # no digits on both sides
        (["1.重复", "1", "2"], ["2.其他", "5", ""]),  # a label of its own
        (["1.重复", "总计", "2"], ["", "5", "3"]),  # a header above a row
    ],
)
def test_rows_with_values_on_both_sides_that_are_two(above: list[str], below: list[str]) -> None:
    assert rows_of(mend_cut_rows([piece([above], 1), piece([below], 2)])) == [[above], [below]]


def test_prose_between_or_other_columns_part_tables() -> None:
    upper, lower = piece([["2.要求（仅限", "1", "2"]], 1), piece([["本年）", "", ""]], 2)
    line = TextLine(-1, 0, "续表", 50.0, 80.0, 400.0, 10.0)
    assert len(rows_of(mend_cut_rows([upper, PageLine(line, 1, 50, 500), lower]))) == 2
    assert (
        len(rows_of(mend_cut_rows([upper, PageLine(line, 1, 50, 500, at_edge=True), lower]))) == 1
    )
    assert len(rows_of(mend_cut_rows([upper, PageTable(lower.grid, 3, {})]))) == 2
    moved = grid_of(c._replace(bbox=(0.0, 0.0, 9.0, 9.0)) for c in lower.grid.cells)
    assert len(rows_of(mend_cut_rows([upper, PageTable(moved, 2, {})]))) == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", True),
        ("1,234.5", True),
        ("２８件", True),
        ("3（其中\n1件）", True),
        ("/", True),
        ("1.属于", False),
        ("2、其他", False),
        ("", False),
    ],
)
def test_what_a_value_is(text: str, value: bool) -> None:
    assert is_value(text) is value
