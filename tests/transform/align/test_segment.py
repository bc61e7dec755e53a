"""The stream of table lines: which table a line belongs to, where a printing ends and another
begins.
"""

from extract.document import Document
from tests.build.report import official_tables
from tests.golden.shapes import numbered
from tests.transform.grids import document, grid, grid_from, lines
from transform.align.labels import vocabulary
from transform.align.segment import Copy, exact_rows, table_copies
from transform.form.forms import load_forms

FORMS = load_forms()
TABLES = {t.table_id: grid_from(t) for t in official_tables(numbered("2021"))}
NAMES = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")


def copies(made: Document) -> dict[str, list[Copy]]:
    return table_copies(made, vocabulary(FORMS))


def test_each_table_is_one_copy() -> None:
    found = copies(
        document(
            "二、主动公开政府信息情况",
            TABLES["proactive"],
            "三、…",
            TABLES["requests"],
            TABLES["disputes"],
        )
    )
    assert {t: len(c) for t, c in found.items()} == {"proactive": 1, "requests": 1, "disputes": 1}
    assert len(found["requests"][0].lines) == 28


def test_parts_of_a_cut_table_join() -> None:
    whole = TABLES["requests"]
    rows = [[c.text for c in whole.cells if c.row == r] for r in range(whole.n_rows)]
    found = copies(document(grid(*rows[:15]), "- 3 -", grid(*rows[15:])))
    assert [len(c.lines) for c in found["requests"]] == [28]


def test_a_table_printed_again_is_another_copy() -> None:
    found = copies(document("2023年", TABLES["requests"], "2024年", TABLES["requests"]))
    assert [c.years for c in found["requests"]] == [frozenset({2023}), frozenset({2024})]


def test_a_caption_between_year_and_table_does_not_hide_the_year() -> None:
    found = copies(document("2023年", "第二十条第（一）项", TABLES["proactive"]))
    assert found["proactive"][0].years == {2023}


def test_prose_above_a_table_names_no_year_of_an_older_one() -> None:
    found = copies(document("2023年", "具体如下：", TABLES["requests"]))
    assert found["requests"][0].years == frozenset()


def test_two_years_in_one_grid_are_two_copies_with_one_header() -> None:
    head = [["", *NAMES]]
    rows = [
        ["一、本年新收政府信息公开申请数量", *"1234567"],
        ["（一）予以公开", *"2345678"],
        ["1.属于国家秘密", *"3456789"],
        ["（七）总计", *"4567891"],
    ]
    (found,) = copies(
        document(grid(*head, [("2023年", 8)], *rows, [("2024年", 8)], *rows))
    ).values()
    assert [c.years for c in found] == [{2023}, {2024}]
    assert [len(c.lines) for c in found] == [6, 6]


def test_a_table_of_other_things_is_left_out() -> None:
    assert (
        copies(
            document("一、总体情况", grid(["平台", "数量"], ["门户网站", "12"], ["公众号", "30"]))
        )
        == {}
    )


def test_years_alone_speak_for_no_table() -> None:
    (line, *_) = lines(grid(["", "2023年", "2024年"], ["规章", "1", "2"]))
    assert line.votes == {}


def test_a_serial_number_is_no_figure() -> None:
    (line,) = lines(grid(["1", "行政许可", "12"]))
    assert line.first_number == 2
    assert exact_rows(line) == {"licence"}


def test_numbers_before_a_label_are_figures() -> None:
    (line,) = lines(grid(["12", "7", "行政许可"]))
    assert line.first_number == 0


def test_a_header_line_names_no_row() -> None:
    (line,) = lines(grid(list(NAMES)))
    assert exact_rows(line) == set()


def test_numbers_under_a_heading_go_on_with_its_table() -> None:
    found = copies(
        document("四、政府信息公开行政复议、行政诉讼情况", grid([str(n) for n in range(20, 35)]))
    )
    assert len(found["disputes"][0].lines) == 1
    assert (
        copies(
            document(
                "四、政府信息公开行政复议、行政诉讼情况", grid([str(n) for n in range(20, 33)])
            )
        )
        == {}
    )
