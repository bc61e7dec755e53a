"""Tables with a cell on each line, and with commas between cells."""

import pytest

from extract.text.read import read
from tests.extract.text.blocks import blocks, only

CELL_LINES = "标题 二、情况 内容 制发 废止 现行 规章 1 0 2 文件 3 0 4 三、情况 无。".replace(
    " ", "\n"
)


@pytest.mark.parametrize("between", ["\n", "\n\n", " |\n", "\n|\n"])
def test_a_row_is_its_values_with_the_label_in_front(between: str) -> None:
    assert blocks(CELL_LINES.replace("\n", between)) == [
        "标题",
        "二、情况",
        [["内容", "制发", "废止", "现行"], ["规章", "1", "0", "2"], ["文件", "3", "0", "4"]],
        "三、情况",
        "无。",
    ]


def test_a_row_that_lacks_a_value_is_not_told_apart() -> None:
    assert blocks(CELL_LINES.replace("4\n三、", "4\n其他\n5\n6\n三、"))[2] == [
        ["内容", "制发", "废止", "现行"],
        ["规章", "1", "0", "2"],
        ["文件", "3", "0", "4"],
        ["其他", "5\n6"],
    ]


def test_numbers_on_lines_of_their_own_are_no_table() -> None:
    assert blocks("正文一。\n1\n正文二。\n2\n正文三。\n3") == [
        "正文一。",
        "1",
        "正文二。",
        "2",
        "正文三。",
        "3",
    ]


def test_commas_as_spreadsheet_programs_write_them() -> None:
    text = '报告,,\n项目,"数,\n量",备注\n规章,"1,234",\n"一、说明。abcdefghijklmnopq",,\n许可,5,0'
    assert blocks(text) == [
        "报告",
        [["项目", "数,\n量", "备注"], ["规章", "1,234", ""]],
        "一、说明。abcdefghijklmnopq",
        [["许可", "5", "0"]],
    ]
    assert only("规章;1;2\n许可;3;4") == [["规章", "1", "2"], ["许可", "3", "4"]]


@pytest.mark.parametrize(
    "text", ["收到申请3件,答复3件\n公开2件,不予公开1件", "a,1", '规章,"1\n许可,2', "甲,乙\n丙,丁"]
)
def test_commas_in_prose_are_no_table(text: str) -> None:
    assert not read(text.encode()).grids
