"""Tables as Word, WPS, LibreOffice and converters write them; random merged ones come back."""

import io

import docx
from hypothesis import given, settings

from extract.document import Cell, Grid, Paragraph, texts
from extract.word.docx import read
from tests.extract.documents import merged_tables, places_of, rows_of, with_used_columns
from tests.extract.word.packages import INNER, only_grid, p, package, tbl, tc, tr


def test_a_cell_keeps_its_paragraphs_as_lines() -> None:
    grid = only_grid(tbl(tr(tc(inner=p("商业") + p(" 企业 ") + "<w:p/>"), tc("1"))))
    assert rows_of(grid) == [["商业\n企业", "1"]]


def test_spans_both_ways() -> None:
    rows = (
        tr(tc("标签", 2, "restart"), tc("甲"), tc("乙")),
        tr(tc("", 2, "continue"), tc("1"), tc("2")),
        tr(tc("x"), tc("y"), tc("3", 2)),
    )
    for grid in ([1000] * 4, [], [1000] * 3):  # right, missing, wrong
        assert places_of(only_grid(tbl(*rows, grid=grid))) == [
            ("标签", 0, 0, 2, 2),
            ("甲", 0, 2, 1, 1),
            ("乙", 0, 3, 1, 1),
            ("1", 1, 2, 1, 1),
            ("2", 1, 3, 1, 1),
            ("x", 2, 0, 1, 1),
            ("y", 2, 1, 1, 1),
            ("3", 2, 2, 1, 2),
        ]


def test_a_continuation_without_a_start_is_a_cell() -> None:
    grid = only_grid(
        tbl(tr(tc("7", merge="continue"), tc("a")), tr(tc("", merge="continue"), tc("b")))
    )
    assert places_of(grid) == [("7", 0, 0, 2, 1), ("a", 0, 1, 1, 1), ("b", 1, 1, 1, 1)]


def test_a_narrow_continuation_covers_no_number() -> None:
    grid = only_grid(
        tbl(tr(tc("标签", 2, "restart"), tc("a")), tr(tc("", merge="continue"), tc("5"), tc("b")))
    )
    assert ("标签", 0, 0, 1, 2) in places_of(grid)
    assert ("5", 1, 1, 1, 1) in places_of(grid)


def test_two_narrow_continuations_are_one_merge() -> None:
    grid = only_grid(
        tbl(
            tr(tc("标签", 2, "restart"), tc("a")),
            tr(tc("", merge="continue"), tc("", merge="continue"), tc("b")),
        )
    )
    assert rows_of(grid) == [["标签", "a"], ["b"]]
    assert grid.cells[0].row_span == 2


def test_text_that_word_does_not_show_is_left_out_with_a_remark() -> None:
    document = read(
        package(tbl(tr(tc("a", merge="restart"), tc("1")), tr(tc("b", merge="continue"), tc("2"))))
    )
    assert rows_of(document.grids[0]) == [["a", "1"], ["2"]]
    assert any("continuation" in remark for remark in document.remarks)


def test_the_old_horizontal_merge() -> None:
    merged = (
        "<w:tc><w:tcPr><w:hMerge w:val='restart'/></w:tcPr>"
        + p("总计")
        + "</w:tc><w:tc><w:tcPr><w:hMerge/></w:tcPr><w:p/></w:tc>"
    )
    assert places_of(only_grid(tbl(tr(merged), tr(tc("1"), tc("2"))))) == [
        ("总计", 0, 0, 1, 2),
        ("1", 1, 0, 1, 1),
        ("2", 1, 1, 1, 1),
    ]


def test_columns_left_free_before_and_after() -> None:
    grid = only_grid(
        tbl(
            tr(tc("a"), tc("b"), tc("c"), tc("d")),
            tr(tc("1"), tc("2"), properties="<w:gridBefore w:val='1'/><w:gridAfter w:val='1'/>"),
            grid=[900] * 4,
        )
    )
    assert places_of(grid)[4:] == [("1", 1, 1, 1, 1), ("2", 1, 2, 1, 1)]


def test_slivers_vanish() -> None:
    """LibreOffice writes columns of a point or two where edges of rows differ a little."""
    grid = only_grid(
        tbl(
            tr(tc("甲", width=2000), tc("乙", 2, width=1020), tc("丙", width=1000)),
            tr(tc("1", 2, width=2020), tc("2", width=1000), tc("3", width=1000)),
            grid=[2000, 20, 1000, 1000],
        )
    )
    assert places_of(grid) == [
        (t, r, c, 1, 1) for r, row in enumerate(["甲乙丙", "123"]) for c, t in enumerate(row)
    ]


def test_narrow_columns_that_hold_text_stay() -> None:
    grid = only_grid(
        tbl(tr(tc("a"), tc("b"), tc("c")), tr(tc("1"), tc("2"), tc("3")), grid=[20, 20, 20])
    )
    assert rows_of(grid) == [["a", "b", "c"], ["1", "2", "3"]]
    assert grid.n_cols == 3


def test_rows_without_spans_are_placed_by_width() -> None:
    rows = (
        tr(tc("标题", width=4000)),
        tr(tc("a", width=1000), tc("b", width=3000)),
        tr(*(tc(str(i), width=1000) for i in range(4))),
    )
    for grid in ([1000] * 4, []):
        assert places_of(only_grid(tbl(*rows, grid=grid)))[:3] == [
            ("标题", 0, 0, 1, 4),
            ("a", 1, 0, 1, 1),
            ("b", 1, 1, 1, 3),
        ]


def test_a_short_row_without_widths_stays_at_the_left() -> None:
    assert places_of(only_grid(tbl(tr(tc("a"), tc("b"), tc("c")), tr(tc("1"), tc("2")))))[3:] == [
        ("1", 1, 0, 1, 1),
        ("2", 1, 1, 1, 1),
    ]


def test_rows_and_cells_in_wrappers_and_deleted_rows() -> None:
    body = tbl(
        (
            f"<w:sdt><w:sdtContent>"
            f"{tr('<w:sdt><w:sdtContent>' + tc('a') + '</w:sdtContent></w:sdt>', tc('b'))}"
            "</w:sdtContent></w:sdt>"
        ),
        tr(tc("gone"), tc("gone"), properties="<w:del/>"),
        tr(tc("1"), tc("2"), properties="<w:ins/>"),
    )
    assert rows_of(only_grid(body)) == [["a", "b"], ["1", "2"]]


def test_a_table_in_a_table_of_data_comes_after_it() -> None:
    outer = tbl(
        tr(tc("a"), tc("b")),
        tr(tc("c"), tc("d")),
        tr(tc("e"), tc("f")),
        tr(tc("g"), tc(inner=p("h") + INNER + "<w:p/>")),
    )
    document = read(package(outer))
    assert [rows_of(g) for g in document.grids] == [
        [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]],
        [["甲", "乙"], ["1", "2"]],
    ]
    assert document.paragraphs == []


def test_a_table_that_arranges_the_page_is_no_grid() -> None:
    page = tbl(tr(tc(inner=p("一、总体情况") + INNER + p("二、主动公开") + INNER + p("完"))))
    kinds = [b.text if isinstance(b, Paragraph) else rows_of(b) for b in read(package(page)).blocks]
    table = [["甲", "乙"], ["1", "2"]]
    assert kinds == ["一、总体情况", table, "二、主动公开", table, "完"]
    assert [
        rows_of(g) for g in read(package(tbl(tr(tc("导航"), tc(inner=INNER + "<w:p/>"))))).grids
    ] == [table]


def test_a_table_of_one_cell_is_prose() -> None:
    assert texts(read(package(tbl(tr(tc(inner=p("甲") + p("乙")))))).blocks) == ["甲", "乙"]


def test_blocks_come_in_order() -> None:
    blocks = read(package(p("前") + INNER + p("中") + INNER + p("后"))).blocks
    assert [type(b) for b in blocks] == [Paragraph, Grid, Paragraph, Grid, Paragraph]


def as_xml(cells: list[Cell]) -> str:
    """The table as Word writes it."""
    width = max(c.col + c.col_span for c in cells)
    rows = []
    for r in range(max(c.row + c.row_span for c in cells)):
        here = sorted((c for c in cells if c.row <= r < c.row + c.row_span), key=lambda c: c.col)
        rows.append(
            tr(
                *(
                    tc(
                        c.text if c.row == r else "",
                        c.col_span,
                        ("" if c.row_span == 1 else "restart") if c.row == r else "continue",
                    )
                    for c in here
                )
            )
        )
    return tbl(*rows, grid=[700] * width)


def expected(cells: list[Cell]) -> list[tuple[str, int, int, int, int]]:
    return [(c.text, c.row, c.col, c.row_span, c.col_span) for c in with_used_columns(cells)]


@given(merged_tables())
@settings(deadline=None)
def test_any_merged_table_comes_back(cells: list[Cell]) -> None:
    document = read(package(as_xml(cells)))
    if len(cells) == 1:
        assert texts(document.blocks) == [cells[0].text]
    else:
        assert places_of(document.grids[0]) == expected(cells)


@given(merged_tables(4, 4))
@settings(deadline=None, max_examples=25)
def test_any_table_merged_by_python_docx_comes_back(cells: list[Cell]) -> None:
    height, width = max(c.row + c.row_span for c in cells), max(c.col + c.col_span for c in cells)
    document = docx.Document()
    table = document.add_table(height, width)
    for c in cells:
        table.cell(c.row, c.col).merge(
            table.cell(c.row + c.row_span - 1, c.col + c.col_span - 1)
        ).text = c.text
    stream = io.BytesIO()
    document.save(stream)
    grids = read(stream.getvalue()).grids
    assert (places_of(grids[0]) if grids else [cells[0].text]) == (
        expected(cells) if len(cells) > 1 else [cells[0].text]
    )
