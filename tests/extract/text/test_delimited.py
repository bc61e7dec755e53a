"""Tables whose cells tabs, bars or empty lines set apart."""

import pytest

from extract import limits
from extract.document import UNREADABLE
from extract.text.read import read
from tests.extract.text.blocks import blocks, only, texts


def test_dump_rows_end_at_empty_lines_and_cells_continue_without_a_tab() -> None:
    text = (
        "二、"
        "情况\n\t第一项\n\n\t信息\n\t本年新\n制作数量\n\t总\n数量\n\n\t规章\n\t\u3000\u30000\n\t\xa0\n\n\n\n三、"
        "情况\n正文。\n"
    )
    assert blocks(text) == [
        "二、情况",
        [["第一项"], ["信息", "本年新\n制作数量", "总\n数量"], ["规章", "0", ""]],
        "三、情况",
        "正文。",
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("\n", "\r\n"),
        lambda t: t.replace("\t", " \u3000\t"),
        lambda t: t.replace("规章", "规章\t \t"),
    ],
)
def test_dump_with_other_line_ends_and_stray_blanks(change: object) -> None:
    text = "\t项\n\t数\n\n\t规章\n\t1\n\n\t\n\t2"
    assert callable(change)
    assert only(change(text)) == [["项", "数"], ["规章", "1"], ["", "2"]]


def test_dump_prose_right_behind_a_value_is_not_its_second_line() -> None:
    assert blocks(
        "\t规章\n\t3\n三、收到和处理申请情况\n\t项\n\t数\n\n\t许可\n\t22\n（其中修订16件）\n\t0\n"
    ) == [
        [["规章", "3"]],
        "三、收到和处理申请情况",
        [["项", "数"], ["许可", "22\n（其中修订16件）", "0"]],
    ]


def test_dump_lines_of_spaces_inside_a_row_do_not_end_it() -> None:
    assert only("\t项\n\t数\n\n\t规章\n \u3000\n\t3\n") == [["项", "数"], ["规章", "3"]]


def test_prose_that_a_tab_indents_is_no_table() -> None:
    long = "我局认真贯彻实施条例，层层分解落实重点工作安排，加强领导、明确责任，健全制度。"
    assert blocks(f"\t一、总体情况\n\t{long}\n\t{long}\n\n\t二、情况\n\n\t{long}\n") == [
        "一、总体情况",
        long,
        long,
        "二、情况",
        long,
    ]


def test_dump_tables_that_a_large_gap_parts() -> None:
    text = "\t甲\n\t1\n\n\t乙\n\t2\n\n\n\n\n\t丙\n\t1\n\t2\n\n\t丁\n\t3\n\t4\n"
    assert blocks(text) == [[["甲", "1"], ["乙", "2"]], [["丙", "1", "2"], ["丁", "3", "4"]]]


def test_dump_without_empty_lines_gives_no_grid() -> None:
    document = read("\n".join(f"\t{n}" for n in range(limits.TABLE_COLUMNS + 5)).encode())
    assert not document.grids
    assert document.text_without_cells
    assert document.remarks


def test_markdown_tables() -> None:
    text = (
        "## 表二\n| 信息内容 | 制发 |\n|---|:-:|\n| 规章 | 0 |\n| 许可<br>事项 | - |\n| 其他 |  "
        "|\n\n正文\n| a \\| b | 1 |\n|-|-|\n"
    )
    assert blocks(text) == [
        "表二",
        [["信息内容", "制发"], ["规章", "0"], ["许可\n事项", "-"], ["其他", ""]],
        "正文",
        [["a | b", "1"]],
    ]


def test_drawn_tables_join_the_lines_between_rules_unless_a_column_has_two_values() -> None:
    drawn = "┌──┬──┐\n│信息│制发│\n│内容│件数│\n├──┼──┤\n│规章│ 0  │\n├──┼──┤\n│许可│ 97 │\n└──┴──┘"
    assert only(drawn) == [["信息\n内容", "制发\n件数"], ["规章", "0"], ["许可", "97"]]
    header_ruled = (
        "+----+---+\n| 项 | 数|\n+----+---+\n| 规 | 1 |\n| 章 | 2 |\n+----+---+\n| 计 | 3 "
        "|\n+----+---+"
    )
    assert only(header_ruled) == [["项", "数"], ["规", "1"], ["章", "2"], ["计", "3"]]


def test_a_drawn_table_with_rules_inside_its_rows_stays_prose() -> None:
    document = read("┌──┬──┐\n│    ├──┤\n│规章│ 0  │\n└──┴──┘".encode())
    assert not document.grids
    assert document.text_without_cells
    assert "not understood" in document.remarks[0]


def test_bars_in_prose_are_no_table() -> None:
    assert blocks("首页 | 政务公开 | 年报\n正文") == ["首页 | 政务公开 | 年报", "正文"]
    assert only("规章 | 0 | 1\n许可 | 3 |\n") == [["规章", "0", "1"], ["许可", "3", ""]]


def test_bars_with_an_empty_line_behind_every_row() -> None:
    assert only("| 项 | 数 |\n\n| 规章 | 0 |\n\n| 许可 | 1 |\n\n正文") == [
        ["项", "数"],
        ["规章", "0"],
        ["许可", "1"],
    ]


def test_one_line_without_its_border_loses_nothing() -> None:
    rows = ["| 规章 | 1 | 2 ||", "| 许可 | 3 | |", "| 收费 | 4"]
    assert only("\n".join(rows)) == [["规章", "1", "2", ""], ["许可", "3", ""], ["收费", "4"]]
    assert only("规章 | 1 | 2 |\n许可 | 3 |\n收费 | 4") == [
        ["规章", "1", "2"],
        ["许可", "3"],
        ["收费", "4"],
    ]


def test_an_empty_first_cell_of_markdown_without_borders_stays() -> None:
    assert only("项 | 数 | 和\n--- | --- | ---\n | 1 | 2\n| 甲 | 3 | 4 |\n乙 | 5 | ") == [
        ["项", "数", "和"],
        ["", "1", "2"],
        ["甲", "3", "4"],
        ["乙", "5", ""],
    ]


def test_the_marks_of_markdown_are_no_part_of_a_figure() -> None:
    rows = [
        "| 项目 | 数 |",
        "| --- | --- |",
        "| **规章** | **12** |",
        "| [许可](http://a/b) | `7` |",
        "| 收费 | 194\\.6 |",
        "| __强制__ | $3$ |",
        "| 处罚 | ~~9~~8 |",
        "| a\\|b | ![](x.png) |",
        "| 其他 | 5<sup>1</sup> |",
    ]
    document = read("\n".join(rows).encode())
    assert texts(document.grids[0])[1:] == [
        ["规章", "12"],
        ["许可", "7"],
        ["收费", "194.6"],
        ["强制", "3"],
        ["处罚", "8"],
        ["a|b", UNREADABLE],
        ["其他", "5<sup>1</sup>"],
    ]
    assert document.remarks == ("text that is struck through was left out",)
    assert blocks("张**诉李**一案") == ["张**诉李**一案"], "no Markdown"


def test_tabs() -> None:
    assert blocks("表\n\t自然人\t总计\n规章\t0\t\n许可\t\t3\n\n完") == [
        "表",
        [["", "自然人", "总计"], ["规章", "0", ""], ["许可", "", "3"]],
        "完",
    ]
    assert only("项\t数\t\n规章\t1\t\n") == [["项", "数"], ["规章", "1"]]
    assert only("项\t数\n\n规章\t1\n\n许可\t2\n\n\n完") == [
        ["项", "数"],
        ["规章", "1"],
        ["许可", "2"],
    ]


def test_a_row_a_line_right_behind_led_cells_is_not_part_of_their_row() -> None:
    assert blocks("\t甲\n\t1\n\n\t自然人\n规章\t3\n许可\t4\n") == [
        [["甲", "1"]],
        [["", "自然人"], ["规章", "3"], ["许可", "4"]],
    ]


def test_a_tab_in_prose_is_no_table() -> None:
    long = "我局认真贯彻实施条例，层层分解落实重点工作安排，健全制度。"
    assert blocks(f"1.\t{long}\n2.\t{long}\n附件\t1.表") == [
        f"1. {long}",
        f"2. {long}",
        "附件 1.表",
    ]


@pytest.mark.parametrize("open_line", range(4))
def test_a_line_without_its_closing_bar_is_a_row_like_the_others(open_line: int) -> None:
    table = [["内容", "数量"], ["规章", "1"], ["许可", "2"], ["处罚", "3"]]
    lines = [f"| {' | '.join(row)} |" for row in table]
    lines[open_line] = lines[open_line].removesuffix(" |")
    assert blocks("\n".join(["一、总体", *lines, "二、其他"])) == ["一、总体", table, "二、其他"]


def test_bars_at_the_end_of_lines_are_borders_only_where_that_makes_rows_even() -> None:
    table = [["", "甲", ""], ["一", "1", "2"], ["", "3", "4"], ["", "5", "6"], ["", "7", ""]]
    assert only("\n".join(" | ".join(row) for row in table)) == table
