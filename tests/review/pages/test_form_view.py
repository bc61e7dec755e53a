"""The form in a page looks as on paper: every line is as wide as the table, merged heads
included.
"""

import pytest

from review.pages.form_view import FormCells, table_view
from transform.form.forms import Table, load_forms

TABLES = [t for t in load_forms().tables if t.blocks]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("table", TABLES, ids=lambda t: f"{t.edition}-{t.table_id}")
def test_each_line_is_as_wide_as_the_table(table: Table, lang: str) -> None:
    shown = table_view(table, FormCells({}, {}, lang), {}, True)
    hanging = [0] * shown.columns  # lines for which a label from above still covers each column
    for row in shown.rows:
        own = [(part.colspan, getattr(part, "rowspan", 1)) for part in (*row.labels, *row.cells)]
        free = [n for n, left in enumerate(hanging) if left == 0]
        assert sum(span for span, _ in own) == len(free), row
        hanging = [max(0, left - 1) for left in hanging]
        for span, height in own:
            for _ in range(span):
                hanging[free.pop(0)] += height - 1
    assert not any(hanging)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: f"{t.edition}-{t.table_id}")
def test_each_cell_of_the_form_stands_in_it_once(table: Table) -> None:
    shown = table_view(table, FormCells({}, {}, "zh"), {}, True)
    keys = [cell.key for row in shown.rows for cell in row.cells]
    assert keys == [f"{table.table_id}|{row}|{col}" for row, col in table.cells]


def test_the_heads_of_table_three_are_those_on_paper() -> None:
    table = load_forms().table("2021", "requests")
    heads = [
        [(part.text[:6], part.colspan, part.rowspan) for part in row.labels]
        for row in table_view(table, FormCells({}, {}, "zh"), {}, True).rows
        if row.is_head
    ]
    assert heads == [
        [("（本列数据的", 3, 3), ("申请人情况", 7, 1)],
        [("自然人", 1, 2), ("法人或其他组", 5, 1), ("总计", 1, 2)],
        [
            ("商业企业", 1, 1),
            ("科研机构", 1, 1),
            ("社会公益组织", 1, 1),
            ("法律服务机构", 1, 1),
            ("其他", 1, 1),
        ],
    ]
