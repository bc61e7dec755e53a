"""Headers: columns by place, by presence, by order, and none at all where the labels contradict the
order.
"""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.document import Grid
from tests.build.report import official_tables
from tests.golden.shapes import matrix_of, numbered, table_of, word
from tests.transform.grids import Written, document, grid, grid_from, lines
from transform.align.columns import ColumnMap, columns_of, unit_in
from transform.align.header import header_of, is_header
from transform.align.monotone import monotone
from transform.form.forms import Block, Table, load_forms
from transform.tidy import tidy

FORMS = load_forms()
REQUESTS = FORMS.table("2021", "requests")
BLOCK = REQUESTS.blocks[0]
DISPUTES = FORMS.table("2021", "disputes").blocks[0]
ORDER = tuple(c.col_id for c in BLOCK.data_columns)
TABLES = {t.table_id: t for t in official_tables(numbered("2021"))}
CORNER = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"


def columns(made: Grid, block: Block = BLOCK, zone: int = 3, table: Table = REQUESTS) -> ColumnMap:
    return columns_of(header_of(lines(made), table), block, zone)


def test_the_form_itself() -> None:
    table = TABLES["requests"]
    found = columns(grid_from(table_of(matrix_of(table)[:3], "requests")))
    assert found.order == ORDER and found.exact == 7 and not found.by_order
    assert found.extents["natural"] == (3, 4) and found.extents["total"] == (9, 10)


@settings(max_examples=400, deadline=None)
@given(st.permutations(range(3)), st.permutations(range(5)), st.integers(0, 10), st.booleans())
def test_any_order_of_columns_that_the_header_prints(
    groups: list[int], within: list[int], at: int, more: bool
) -> None:
    """自然人, the organisations and 总计 in any order, the organisations in any order among
    themselves, and a column more somewhere.
    """
    organisations = [4 + i for i in within]
    blocks = [[3], organisations, [9]]
    order = [c for g in groups for c in blocks[g]]
    head = [
        [row[0], row[1], row[2], *(row[c] for c in order)]
        for row in matrix_of(TABLES["requests"])[:3]
    ]
    at = 3 + min(at, len(order))
    if more:
        head = [
            [*row[:at], cell, *row[at:]] for row, cell in zip(head, [word("备注")] * 3, strict=True)
        ]
    found = columns(grid_from(table_of(head, "requests")))
    wanted = [ORDER[c - 3] for c in order]
    assert [c for c in found.order if not c.startswith("extra.")] in (wanted, []), (
        "never another order"
    )
    if not more or at in (3, len(head[0]) - 1):  # a column within a group tears the group's label
        assert found.order and not found.by_order


@settings(max_examples=400, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=7, max_size=7))
def test_labels_broken_over_rows(cuts: list[int]) -> None:
    """Each lowest label cut in up to three pieces that stand one below the other."""
    head = matrix_of(TABLES["requests"])[:3]
    deep = [list(head[0]), list(head[1])]
    pieces = []
    for cut, cell in zip(cuts, head[2][3:], strict=True):
        size = max(2, -(-len(cell.text) // (cut + 1)))
        pieces.append([cell.text[i : i + size] for i in range(0, len(cell.text), size)])
    depth = max(map(len, pieces))
    for level in range(depth):
        cells = [word(p[level]) if level < len(p) else word() for p in pieces]
        deep.append([*head[2][:3], *cells])
    for i in (3, 9):  # 自然人 and 总计 stand over all of it
        for row in deep[1:]:
            row[i] = head[1][i]
    assert columns(grid_from(table_of(deep, "requests"))).order == ORDER


def test_groups_tell_columns_of_one_name_apart() -> None:
    head = [row[5:] + row[:5] for row in matrix_of(TABLES["disputes"])[:3]]
    found = columns(grid_from(table_of(head, "disputes")), DISPUTES, 0)
    assert (
        found.order[:2] == ("direct.upheld", "direct.corrected")
        and found.order[-1] == "review.total"
    )


def test_labels_of_one_name_without_their_group_are_none() -> None:
    found = columns(
        grid(["类型", "结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]), DISPUTES, 0
    )
    assert found.extents == {} and found.exact == 0


@pytest.mark.parametrize(
    "top",
    [
        ["", "", "", "总计", "自然人", ("法人或其他组织", 5)],
        ["", "", "", ("法人或其他组织", 5), "总计", "自然人"],
    ],
)
def test_a_header_that_contradicts_the_order_gives_no_column_by_order(top: list[Written]) -> None:
    """The lowest labels are lost: the upper ones say that the order is another."""
    found = columns(grid(top))
    assert found.order == ()


def test_a_label_twice_is_neither() -> None:
    found = columns(
        grid(
            [
                (CORNER, 3),
                *(
                    "自然人",
                    "商业企业",
                    "科研机构",
                    "社会公益组织",
                    "法律服务机构",
                    "其他",
                    "总计",
                    "总计",
                ),
            ]
        )
    )
    assert not found.extents


def test_wrong_spans_are_told_by_presence() -> None:
    """A header whose lower labels slipped to the left, as a wrong span makes them."""
    made = grid(
        [(CORNER, 3), ("申请人情况", 7)],
        ["自然人", ("法人或其他组织", 5), "总计"],
        ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"],
    )
    found = columns(made)
    assert found.order == ORDER and not found.extents


def test_what_is_left_of_labels_names_missing_columns() -> None:
    block = FORMS.table("2019", "proactive").blocks[0]
    found = columns(grid(["信息内容", "本年新", "本年新", "对外公开总数量"]), block, 1)
    assert found.order == ("made", "disclosed", "public_total")
    assert [printed for _, printed, _ in found.typos] == ["本年新", "本年新"]


def test_another_word_names_no_missing_column() -> None:
    found = columns(
        grid(
            [
                (CORNER, 3),
                *(
                    "自然人",
                    "商业企业",
                    "民办非企业单位",
                    "社会公益组织",
                    "法律服务机构",
                    "其他",
                    "总计",
                ),
            ]
        )
    )
    assert found.order[2] == "extra.民办非企业单位" and "research" not in found.order


def test_a_year_below_a_label_is_no_part_of_it() -> None:
    block = FORMS.table("2021", "proactive").blocks[1]
    found = columns(grid(["信息内容", ("本年处理决定数量", 2)], ["", "2023年", "2024年"]), block, 1)
    assert not found.extents and (found.whole or not found.order)


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("采购总金额(万元)", "万元"),
        ("本年收费金额（单位：万元）", "万元"),
        ("金额（元）", "元"),
        ("采购总金额", None),
        ("（件）", None),
    ],
)
def test_units_in_labels(label: str, unit: str | None) -> None:
    assert unit_in(label) == unit


def test_header_lines() -> None:
    table = FORMS.table("2021", "requests")
    made = lines(
        grid(
            ["", "自然人", "总计"],
            ["（一）予以公开", "1", "1"],
            ["（三）不予公开", "", ""],
            ["", "", ""],
            ["其他", "商业企业", "科研机构"],
        )
    )
    assert [is_header(line, table, following=False) for line in made] == [
        True,
        False,
        False,
        False,
        True,
    ]


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([0.0, 0.0, 0.7, 1.0]), min_size=4, max_size=4), max_size=5)
)
def test_monotone_pairs_rise_and_are_worth_most(likes: list[list[float]]) -> None:
    pairs = monotone(likes)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(pairs))
    assert all(likes[i][j] for i, j in pairs)

    def best(i: int, j: int) -> float:
        if i == len(likes) or j == 4:
            return 0.0
        with_this = likes[i][j] + best(i + 1, j + 1) if likes[i][j] else 0.0
        return max(with_this, best(i + 1, j), best(i, j + 1))

    assert sum(likes[i][j] for i, j in pairs) == pytest.approx(best(0, 0))


def test_a_whole_header_of_no_edition_is_never_taken_by_order() -> None:
    """Three columns under words that no edition has: their numbers are kept apart."""
    rows = (
        [("第二十条第（一）项", 4)],
        ["信息内容", "本年度印发份数", "本年度失效份数", "累计保留份数"],
        ["规章", "1", "2", "3"],
        ["行政规范性文件", "5", "4", "21"],
        [("第二十条第（五）项", 4)],
        ["信息内容", ("本年处理决定数量", 3)],
        ["行政许可", ("2", 3)],
        [("第二十条第（六）项", 4)],
        ["信息内容", ("本年处理决定数量", 3)],
        ["行政处罚", ("7", 3)],
        ["行政强制", ("8", 3)],
    )
    result = tidy(document("二、主动公开政府信息情况", grid(*rows), "本年公开"), load_forms(), 2022)
    cells = {(c.row_id, c.col_id): c for c in result.cells if c.table_id == "proactive"}
    assert {cells["normative", c].state for c in ("issued", "repealed", "in_force")} == {"absent"}
    assert cells["normative", "extra.累计保留份数"].value == 21
    assert cells["penalty", "decisions"].value == 7
    (remark,) = (r for r in result.remarks if r.code == "header.unknown")
    assert remark.printed == "本年度印发份数、本年度失效份数、累计保留份数"
