"""Tables whose cells only blank space sets apart."""

import pytest

from extract.text.read import read
from extract.text.whitespace import IN_ORDER
from tests.extract.text.blocks import blocks, only, texts


def test_a_label_and_numbers_apart_by_single_spaces() -> None:
    label = "（二）部分公开（区分处理的，只计这一情形）"
    text = (
        "正文共收到申请 34 件。\n信息内容 制发件数 废止件数 有效件数\n规章 0 0 0\n2.其他 "
        f"法律法规 13 0 -\n{label} 1 2,000 3.5\n完"
    )
    assert blocks(text) == [
        "正文共收到申请 34 件。",
        [
            ["信息内容", "制发件数", "废止件数", "有效件数"],
            ["规章", "0", "0", "0"],
            ["2.其他 法律法规", "13", "0", "-"],
            [label, "1", "2,000", "3.5"],
        ],
        "完",
    ]


def test_bare_numbers_need_to_be_several() -> None:
    assert blocks("其中\n0 0 0 0 0 0 0\n- 3 -\n2020 1 2") == [
        "其中",
        [["0"] * 7],
        "- 3 -",
        "2020 1 2",
    ]


@pytest.mark.parametrize("line", ["总计 1 234", "总计 1 234 567", "总计   1 234 567"])
def test_numbers_that_may_be_one_are_not_split_without_proof(line: str) -> None:
    assert blocks(line) == [" ".join(line.split())]


def test_other_rows_prove_whether_numbers_are_apart() -> None:
    assert only("甲项 5 6 7\n总计 1 234 567") == [
        ["甲项", "5", "6", "7"],
        ["总计", "1", "234", "567"],
    ]
    assert only("甲项   5\n总计   1 234\n乙项   7") == [
        ["甲项", "5"],
        ["总计", "1 234"],
        ["乙项", "7"],
    ]
    assert only("甲项   5   6\n总计   1 234   5") == [["甲项", "5", "6"], ["总计", "1 234", "5"]]
    assert blocks("甲项 5 6\n乙项 5 6 7\n总计 1 234 5\n丙项 5 6 8")[1] == "总计 1 234 5"


def test_a_label_and_one_number_only_beside_rows_or_away_from_prose() -> None:
    assert blocks("信息内容处理数量\n行政许可 97\n第六项") == [
        "信息内容处理数量",
        [["行政许可", "97"]],
        "第六项",
    ]
    assert blocks("行政处罚 0\n行政强制 3") == [[["行政处罚", "0"], ["行政强制", "3"]]]
    prose = ["今年以来认真办理群众来信来访，", "全年收到信息公开申请 34", "件，均已答复"]
    assert blocks("\n".join(prose)) == prose


def test_spaced_columns_by_position_keep_blanks_blank() -> None:
    text = (
        "项目      自然人    企业    总 计\n规章      12        3       15\n行政许可            4 "
        "      4\n处罚      1                 1\n"
    )
    assert only(text) == [
        ["项目", "自然人", "企业", "总 计"],
        ["规章", "12", "3", "15"],
        ["行政许可", "", "4", "4"],
        ["处罚", "1", "", "1"],
    ]


def test_a_header_cell_spans_the_columns_below_it() -> None:
    (grid,) = read(
        "项目      申请人情况\n规章      12      3       15\n行政许可          4       4\n".encode()
    ).grids
    assert [(c.text, c.col, c.col_span) for c in grid.cells if c.row == 0] == [
        ("项目", 0, 1),
        ("申请人情况", 1, 2),
    ]


def test_short_rows_without_agreeing_positions_carry_doubt() -> None:
    (grid,) = read("规章     12   3   15\n行政许可      2 4\n".encode()).grids
    assert texts(grid) == [["规章", "12", "3", "15"], ["行政许可", "2", "4"]]
    assert {c.confidence for c in grid.cells if c.row == 1} == {IN_ORDER}
    assert {c.confidence for c in grid.cells if c.row == 0} == {1.0}


def test_spaced_out_words_and_signatures_are_no_rows() -> None:
    assert blocks("年　度　报　告\n某某局  2020年1月2日\n首页  政务公开  年报") == [
        "年 度 报 告",
        "某某局 2020年1月2日",
        "首页 政务公开 年报",
    ]
    assert only("规　章  3  4\n合　　计  5  6\n") == [["规 章", "3", "4"], ["合 计", "5", "6"]]
