"""Plain text: each layout reads back as the grid that was written, real reports give their figures,
and nothing is ever invented.
"""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from extract import limits
from extract.document import UNREADABLE, Grid, Paragraph, ReadError, Reason
from extract.text.read import read
from extract.text.whitespace import IN_ORDER, _width

FLATTENED = (
    "020",
    "021",
    "022",
    "023",
    "024",
    "025",
    "030",
    "031",
    "032",
    "033",
    "034",
    "040",
    "043",
)


def texts(grid: Grid) -> list[list[str]]:
    """The rows as printed, holes at the right left out."""
    return [[cell.text for cell in row if cell] for row in grid.matrix]


def blocks(text: str) -> list[str | list[list[str]]]:
    return [b.text if isinstance(b, Paragraph) else texts(b) for b in read(text.encode()).blocks]


def only(text: str) -> list[list[str]]:
    (grid,) = read(text.encode()).grids
    return texts(grid)


# --- dump
# --------------------------------------------------------------------------------------------------------------


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


# --- bars
# --------------------------------------------------------------------------------------------------------------


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


# --- a cell a line


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


# --- commas


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


# --- tabs
# --------------------------------------------------------------------------------------------------------------


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


# --- blank space
# -------------------------------------------------------------------------------------------------------


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


# --- the whole text
# ----------------------------------------------------------------------------------------------------


def test_facts_of_the_head_stay_paragraphs_too() -> None:
    document = read(
        (
            "标题: 某局2018年度报告\n发布时间：2019-01-10 16:13\n发布机构: 1\n发布单位: "
            "某局\n公开日期: 2020-02-30\n正文"
        ).encode("gb18030")
    )
    assert document.facts == (
        ("title", "某局2018年度报告"),
        ("published_on", "2019-01-10"),
        ("publisher", "某局"),
    )
    assert len(document.paragraphs) == 6
    assert read("发布时间: 2021-01\n正文".encode()).facts == ()
    assert read("成文 2020年1月2日\n发布日期：2020年1月2日\n".encode()).facts == (
        ("published_on", "2020-01-02"),
    )


def test_leftovers_of_word_and_mere_rules_are_no_text() -> None:
    text = (
        "[bookmark: _GoBack]1、正文<!--[if "
        "!supportLists]-->继续<!--[endif]-->\n==========\n───\n== 正文 ==\n--> 完"
    )
    assert blocks(text) == ["1、正文继续", "== 正文 ==", "完"]


def test_an_empty_text_is_an_empty_file() -> None:
    with pytest.raises(ReadError) as caught:
        read(" \n\t\u3000\n".encode())
    assert caught.value.reason is Reason.EMPTY_FILE


@pytest.mark.parametrize(
    "text",
    [
        "| 1 | 2 |\n" * (limits.TABLE_ROWS + 1),
        "| 1 " * (limits.TABLE_COLUMNS + 1) + "|",
        "甲 1 2\n" * 501,
    ],
)
def test_rows_of_a_table_beyond_the_limits_are_paragraphs(text: str) -> None:
    document = read(f"{text}\n\n| 甲 | 乙 |\n| 1 | 2 |\n".encode())
    assert [grid.n_rows for grid in document.grids] == [2]
    words = "".join("".join(p.text for p in document.paragraphs).split())
    assert words == "".join(text.replace("|", "").split())


def test_a_cell_beyond_the_limit_is_open_and_its_words_are_prose() -> None:
    document = read(f"| {'甲' * 4001} | 1 |".encode())
    assert [cell.text for cell in document.grids[0].cells] == [UNREADABLE, "1"]
    assert [p.text for p in document.paragraphs] == ["甲" * 4001]


def test_cells_run_together_give_no_grid() -> None:
    flat = "规章000规范性文件898989行政许可3960181其他100153行政处罚26480430行政强制126025"
    spaced = "规章 0 0 0 规范性文件 6 4 11 行政许可 0 1 0 其他 0 0 0 行政处罚 0 0 0 合计"
    for text in (flat, spaced):
        document = read(f"二、情况{text}三、其他".encode())
        assert not document.grids
        assert document.text_without_cells
    assert not read(
        "2019年，共收到申请34件，其中予以公开12件，部分公开3件，不予公开5件，无法提供4件。".encode()
    ).text_without_cells


# --- written and read back
# ---------------------------------------------------------------------------------------------

_CELL_LABEL = st.text(alphabet="规章行政许可处罚强制收费", min_size=2, max_size=8)
_FIGURE = (
    st.integers(0, 99_999_999).map(str)
    | st.decimals(0, 99_999, places=6).map(str)
    | st.sampled_from(["-15", "1,234", "12%", "251000元", "/"])
)
_LAYOUTS = ("dump", "bars", "markdown", "tabs", "aligned", "single")


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A header and rows with a label each, two to eight columns; any figure but one a row may be
    blank.
    """
    n = draw(st.integers(3, 8))
    header = draw(st.lists(_CELL_LABEL, min_size=n, max_size=n))
    body = []
    for _ in range(draw(st.integers(1, 6))):
        figures = draw(st.lists(_FIGURE, min_size=n - 1, max_size=n - 1))
        assume(any(c.isdigit() for f in figures for c in f))
        body.append([draw(_CELL_LABEL), *figures])
    return [header, *body]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _written(table: list[list[str]], layout: str) -> str:
    if layout == "dump":
        return "\n\n".join("\n".join(f"\t{cell}" for cell in row) for row in table)
    if layout == "bars":
        return "\n".join("| " + " | ".join(row) + " |" for row in table)
    if layout == "markdown":
        head, *body = ["|" + "|".join(row) + "|" for row in table]
        return "\n".join([head, "|" + "---|" * len(table[0]), *body])
    if layout == "tabs":
        return "\n".join("\t".join(row) for row in table)
    if layout == "single":
        return "\n".join(" ".join(row) for row in table)
    widths = [max(_width(row[c]) for row in table) + 2 for c in range(len(table[0]))]
    return "\n".join(
        "".join(_padded(cell, w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


@settings(max_examples=300, deadline=None)
@given(
    tables(),
    st.sampled_from(_LAYOUTS),
    st.sets(st.tuples(st.integers(1, 6), st.integers(1, 7)), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_reads_back_in_every_layout(
    table: list[list[str]], layout: str, blank: set[tuple[int, int]], end: str
) -> None:
    if layout == "single":
        # may be one number
        assume(not any(re.search(r"\b\d{1,3} \d{3}\b", " ".join(row)) for row in table))
    else:
        for r, c in blank:
            others = (
                table[r][:c] + table[r][c + 1 :] if r < len(table) and c < len(table[0]) else []
            )
            # a row without any number is no row
            if any(ch.isdigit() for text in others for ch in text):
                table[r][c] = ""
    text = f"二、情况\n\n{_written(table, layout)}\n\n三、其他情况".replace("\n", end)
    document = read(text.encode())
    assert [p.text for p in document.paragraphs] == ["二、情况", "三、其他情况"]
    assert [texts(g) for g in document.grids] == [table]


_ROWS = st.lists(
    st.sampled_from(["规章", "行政许可", "0", "12", "1,234", "", "本年", "予以公开", "3"]),
    min_size=1,
    max_size=6,
)
_WAYS_OF_WRITING = (
    " | ".join,
    lambda row: f"| {' | '.join(row)} |",
    lambda row: f"| {' | '.join(row)}",
    lambda row: f"{' | '.join(row)} |",
    "\t".join,
    lambda row: "\n".join(f"\t{cell}" for cell in row),
    "  ".join,
    ",".join,
    lambda row: "，".join(row) + "。",
    lambda row: "|---|---|",
    lambda row: "",
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(_ROWS, st.sampled_from(range(len(_WAYS_OF_WRITING)))), max_size=14))
def test_nothing_of_a_text_vanishes_however_its_lines_are_written(
    lines: list[tuple[list[str], int]],
) -> None:
    """Lines of all layouts in any order, as where one of a table lacks its closing bar."""
    text = "\n".join(_WAYS_OF_WRITING[way](row) for row, way in lines)
    assume(text.strip())
    read_back = "".join(
        b.text if isinstance(b, Paragraph) else "".join(c.text for c in b.cells)
        for b in read(text.encode()).blocks
    )
    assert Counter(filter(str.isalnum, read_back)) == Counter(filter(str.isalnum, text))


@pytest.mark.parametrize("open_line", range(4))
def test_a_line_without_its_closing_bar_is_a_row_like_the_others(open_line: int) -> None:
    table = [["内容", "数量"], ["规章", "1"], ["许可", "2"], ["处罚", "3"]]
    lines = [f"| {' | '.join(row)} |" for row in table]
    lines[open_line] = lines[open_line].removesuffix(" |")
    assert blocks("\n".join(["一、总体", *lines, "二、其他"])) == ["一、总体", table, "二、其他"]


def test_bars_at_the_end_of_lines_are_borders_only_where_that_makes_rows_even() -> None:
    table = [["", "甲", ""], ["一", "1", "2"], ["", "3", "4"], ["", "5", "6"], ["", "7", ""]]
    assert only("\n".join(" | ".join(row) for row in table)) == table


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="规章行政 \t\n|│─-0123456789,.，。（）\u3000\xa0一二三、", max_size=120))
def test_every_digit_of_any_text_is_kept_in_order_and_none_is_added(text: str) -> None:
    try:
        document = read(text.encode())
    except ReadError as error:
        assert error.reason is Reason.EMPTY_FILE
        return
    read_back = "".join(
        b.text if isinstance(b, Paragraph) else "".join(c.text for c in b.cells)
        for b in document.blocks
    )
    assert [c for c in read_back if c.isdigit()] == [c for c in text if c.isdigit()]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutated_bytes_raise_nothing_but_read_errors(data: st.DataObject) -> None:
    original = (
        "标题: 某局\n\t规章\n\t0\n\n| 许可 | 1 |\n规章 1 2 3\n处罚    4   5\n甲\t1\t2\n".encode(
            data.draw(st.sampled_from(["utf-8", "gb18030"]))
        )
    )
    mutated = bytearray(original)
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(original) - 1), st.integers(0, 255)), max_size=10)
    ):
        mutated[at] = byte
    try:
        read(bytes(mutated[: data.draw(st.integers(0, len(original)))]))
    except ReadError as error:
        assert error.reason in (Reason.EMPTY_FILE, Reason.BAD_ENCODING)


# --- real reports
# ------------------------------------------------------------------------------------------------------


def test_the_dumped_report_gives_every_figure_in_its_place(shared_dir: Path) -> None:
    document = read((shared_dir / "seed/shangrao-minzheng-2019.txt").read_bytes())
    truth = json.loads(
        (shared_dir / "corpus/truth/shangrao-minzheng-2019.json").read_text(encoding="utf-8")
    )["cells"]
    assert [(g.n_rows, g.n_cols) for g in document.grids] == [(18, 4), (26, 10), (4, 15)]
    expected: dict[str, dict[str, list[str]]] = {}
    for name, cell in truth.items():
        table, row, _ = name.split("|")
        expected.setdefault(table, {}).setdefault(row, []).append(cell["raw"] or "")
    proactive, requests, disputes = (texts(g) for g in document.grids)
    headers = {"第二十条", "信息内容"}
    assert [row[1:] for row in proactive if row[0][:4] not in headers] == list(
        expected["proactive"].values()
    )
    assert [row[-7:] for row in requests[3:]] == list(expected["requests"].values())
    assert disputes[3:] == list(expected["disputes"].values())
    assert sum(cell["value"] is not None for cell in truth.values()) == 54
    assert not document.text_without_cells
    assert not any("bookmark" in p.text for p in document.paragraphs)


@pytest.mark.parametrize("name", FLATTENED)
def test_flattened_reports_give_prose_only(shared_dir: Path, name: str) -> None:
    document = read((shared_dir / f"corpus/raw/{name}.txt").read_bytes())
    assert not document.grids
    assert document.text_without_cells
    assert dict(document.facts)["title"].startswith("平潭")


def test_a_report_taken_from_a_pdf_keeps_its_pieces_in_order(shared_dir: Path) -> None:
    document = read((shared_dir / "corpus/raw/006.txt").read_bytes())
    figures = [
        row
        for grid in document.grids
        for row in texts(grid)
        if row[-1].isdigit() or row[-2].isdigit()
    ]
    truth = json.loads((shared_dir / "corpus/truth/006.json").read_text(encoding="utf-8"))["cells"]
    for table, count in (("requests", 25), ("disputes", 1)):
        rows: dict[str, list[str]] = {}
        for name, cell in truth.items():
            if name.startswith(table + "|"):
                rows.setdefault(name.split("|")[1], []).append(cell["raw"] or "")
        assert len(rows) == count
        width = len(next(iter(rows.values())))
        printed = [[text for text in row if text == "" or text.isdigit()] for row in figures]
        # markdown pads a row to the header's length
        printed = [row[:width] for row in printed if width <= len(row) <= width + 1]
        assert sorted(printed) == sorted(rows.values())
    assert ["规范性文件", "13", "0", "55"] in figures
    assert ["行政许可", "97"] in figures
