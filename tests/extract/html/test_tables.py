"""Tables of pages as cells: spans, rows of wrong length, tables in tables, and random merged tables
there and back.
"""

import pytest
from hypothesis import given, settings

from extract.document import Cell, Paragraph, texts
from extract.html.read import read
from tests.extract.documents import merged_tables, places_of, rows_of, with_used_columns
from tests.extract.html.markup import DATA, ROWS, form, grids, only_rows, page, td, tr


def test_spans_both_ways() -> None:
    (grid,) = grids(
        "<table>"
        + tr(td("标签", 2, 2), td("甲"), td("乙"))
        + tr(td("1"), td("2"))
        + tr(td("x"), td("y"), td("3", None, 2))
        + "</table>"
    )
    assert places_of(grid) == [
        ("标签", 0, 0, 2, 2),
        ("甲", 0, 2, 1, 1),
        ("乙", 0, 3, 1, 1),
        ("1", 1, 2, 1, 1),
        ("2", 1, 3, 1, 1),
        ("x", 2, 0, 1, 1),
        ("y", 2, 1, 1, 1),
        ("3", 2, 2, 1, 2),
    ]


@pytest.mark.parametrize(
    ("down", "rows"),
    [
        (0, 3),
        (100000, 3),
        ("2;", 2),
        ("-1", 1),
        ("x", 1),
        ("", 1),
        (" +2", 2),
        ("2.9", 2),
        ("9999999999", 3),
    ],
)
def test_what_a_rowspan_may_state(down: object, rows: int) -> None:
    body = tr(td("标签", down), td("a"), td("b")) + "".join(
        tr(*([td()] if r >= rows else []), td("1"), td("2")) for r in (1, 2)
    )
    (grid,) = grids(f"<table>{body}</table>")
    assert grid.cells[0].row_span == rows
    assert (grid.n_rows, grid.n_cols) == (3, 3)


@pytest.mark.parametrize(("across", "columns"), [(0, 1), ("2;", 2), ("-3", 1), (100000, 3)])
def test_what_a_colspan_may_state(across: object, columns: int) -> None:
    (grid,) = grids(
        "<table>" + tr(td("题", None, across)) + tr(td("1"), td("2"), td("3")) + "</table>"
    )
    assert grid.cells[0].col_span == columns
    assert grid.n_cols == 3


def test_a_span_ends_with_its_row_group() -> None:
    (grid,) = grids(
        f"<table><thead>{tr(td('标签', 9), td('a'))}{tr(td('b'))}</thead>"
        f"<tbody>{tr(td('1'), td('2'))}</tbody></table>"
    )
    assert places_of(grid) == [
        ("标签", 0, 0, 2, 1),
        ("a", 0, 1, 1, 1),
        ("b", 1, 1, 1, 1),
        ("1", 2, 0, 1, 1),
        ("2", 2, 1, 1, 1),
    ]


def test_a_foot_written_first_comes_last() -> None:
    assert only_rows(
        f"<table><tfoot>{tr(td('总计'), td('3'))}</tfoot>"
        f"<tbody>{tr(td('a'), td('1'))}{tr(td('b'), td('2'))}</tbody></table>"
    ) == [
        ["a", "1"],
        ["b", "2"],
        ["总计", "3"],
    ]


def test_missing_end_tags_headers_and_a_caption() -> None:
    document = read(page("<table><caption>表一</caption><tr><th>甲<th>乙<tr><td>1<td>2</table>"))
    assert texts(document.blocks) == ["表一"]
    assert rows_of(document.grids[0]) == ROWS


def test_overlapping_cells_hide_no_number() -> None:
    (grid,) = grids(
        "<table>" + tr(td("a"), td("标签", 2), td("b")) + tr(td("1", None, 3), td("2")) + "</table>"
    )
    assert {c.text for row in grid.matrix for c in row if c} == {"a", "标签", "b", "1", "2"}


def test_rows_of_different_length_stay_at_the_left() -> None:
    (grid,) = grids(
        "<table>"
        + tr(td("a"), td("b"), td("c"))
        + tr(td("1"), td("2"))
        + tr()
        + tr(td("3"))
        + "</table>"
    )
    assert places_of(grid)[3:] == [("1", 1, 0, 1, 1), ("2", 1, 1, 1, 1), ("3", 3, 0, 1, 1)]
    assert grid.matrix[1][2] is None


def test_empty_cells_that_fill_for_a_span_stay_where_they_are() -> None:
    rows = (
        tr(td("甲"), td("法人", None, 2), td("总计"))
        + tr(td(), td("企业"), td("其他"), td())
        + tr(*map(td, "1234"))
    )
    assert only_rows(f"<table>{rows}</table>") == [
        ["甲", "法人", "总计"],
        ["", "企业", "其他", ""],
        list("1234"),
    ]


def test_columns_that_no_cell_begins_vanish() -> None:
    (grid,) = grids(
        "<table>"
        + tr(td("a", None, 9), td("b", None, 9))
        + tr(td("1", None, 9), td("2"))
        + "</table>"
    )
    assert grid.n_cols == 2


def test_a_sizing_row_makes_no_columns() -> None:
    sizing = tr(*[td("<br/>")] * 18)
    (grid,) = grids(
        "<table>"
        + tr(td("题", None, 18))
        + tr(td("a", None, 8), td("b", None, 10))
        + tr(td("1", None, 8), td("2", None, 10))
        + sizing
        + "</table>"
    )
    assert (grid.n_rows, grid.n_cols) == (4, 2)
    assert rows_of(grid)[:3] == [["题"], ["a", "b"], ["1", "2"]]


def test_a_row_of_blank_values_stays() -> None:
    assert only_rows(
        "<table>" + tr(*map(td, "甲乙丙")) + tr(td("&nbsp;"), td(), td("<br>")) + "</table>"
    ) == [["甲", "乙", "丙"], ["", "", ""]]


@pytest.mark.parametrize("down", [3, 4, 5])
def test_a_label_one_row_too_long_or_too_short_moves_no_value(down: int) -> None:
    document = read(page(form(down)))
    (grid,) = document.grids
    assert [[c.text if c else None for c in row[-3:]] for row in grid.matrix] == [
        list(t) for t in ("甲乙丙", "123", "456", "789", "345", "678")
    ]
    assert grid.n_cols == 6
    assert [c.row_span for c in grid.cells if c.text == "三"] == [4]
    assert bool(document.remarks) == (down != 4)


def test_a_row_that_lacks_its_last_value_is_not_mended() -> None:
    body = form(4).replace(
        td("四", None, 3) + "".join(map(td, "678")), td("四", None, 3) + "".join(map(td, "67"))
    )
    document = read(page(body))
    assert document.remarks == ()
    assert [c.text if c else None for c in document.grids[0].matrix[5][3:]] == ["6", "7", None]


def test_a_table_in_a_table_of_data_comes_after_it() -> None:
    rows = (
        tr(td("a"), td("b"))
        + tr(td("c"), td("d"))
        + tr(td("e"), td("f"))
        + tr(td("g"), td("h" + DATA))
    )
    assert [rows_of(g) for g in grids(f"<table>{rows}</table>")] == [
        [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]],
        ROWS,
    ]


def test_tables_that_arrange_the_page_are_no_grids() -> None:
    inner = f"<table><tr><td>{DATA}三</td></tr></table>"
    body = f"<table><tr><td>导航</td><td><p>一</p>{DATA}<p>二</p>{inner}</td></tr></table>"
    assert [
        b.text if isinstance(b, Paragraph) else rows_of(b) for b in read(page(body)).blocks
    ] == ["导航", "一", ROWS, "二", ROWS, "三"]


def test_hidden_rows_and_cells_are_left_out() -> None:
    rows = (
        "<tr style='display:none'><td>x</td><td>y</td><td>z</td></tr>"
        + tr(td("甲"), td("乙"), "<td style='display: none'>z</td>")
        + tr(td("1"), td("2"))
    )
    assert only_rows(f"<table>{rows}</table>") == ROWS


def test_tables_that_a_script_would_show_are_read() -> None:
    document = read(
        page(f"<div style='display:none'>{DATA}</div><div style='display:none'>别的</div>")
    )
    assert rows_of(document.grids[0]) == ROWS
    assert texts(document.blocks) == []
    assert any("hidden" in remark for remark in document.remarks)
    assert len(grids(f"{DATA}<div style='display:none'>{DATA}</div>")) == 1


def as_html(cells: list[Cell]) -> str:
    rows = range(max(c.row + c.row_span for c in cells))
    printed = [[td(c.text, c.row_span, c.col_span) for c in cells if c.row == r] for r in rows]
    return f"<table>{''.join(tr(*row) for row in printed)}</table>"


@given(merged_tables())
@settings(deadline=None)
def test_any_merged_table_comes_back(cells: list[Cell]) -> None:
    document = read(page(as_html(cells)))
    if len(cells) == 1:
        assert texts(document.blocks) == [cells[0].text]
    else:
        assert places_of(document.grids[0]) == [
            (c.text, c.row, c.col, c.row_span, c.col_span) for c in with_used_columns(cells)
        ]
        assert document.remarks == ()
