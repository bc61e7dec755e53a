"""表三: rows in another order, more rows, other labels, tables of the prose beside it."""

from collections.abc import Callable
from dataclasses import replace

from tests.build.report import Anchor, Flow, Line, Report, TableLayout
from tests.golden.invented.common import HEAD, INVENTED, LABELS, requests, rows
from tests.golden.shape import shape
from tests.golden.shapes import (
    Matrix,
    Row,
    before,
    bent,
    beside,
    matrix_of,
    on_matrix,
    table_of,
    word,
    words,
)

shape(INVENTED, "rows-reversed")(requests(rows(lambda rows: rows[::-1])))
shape(INVENTED, "first-two-rows-exchanged")(
    requests(rows(lambda rows: [rows[1], rows[0], *rows[2:]]))
)
shape(INVENTED, "two-rows-exchanged")(
    requests(rows(lambda rows: [*rows[:5], rows[6], rows[5], *rows[7:]]))
)
shape(INVENTED, "carried-out-first")(requests(rows(lambda rows: [rows[-1], *rows[:-1]])))
shape(INVENTED, "totals-first")(
    requests(rows(lambda rows: [*rows[:2], rows[-2], *rows[2:-2], rows[-1]]))
)


@shape(INVENTED, "column-numbers-under-header")
def _column_numbers(report: Report) -> Flow:
    """栏次: the columns numbered below the header, in all three tables."""

    def numbered_columns(m: Matrix) -> Matrix:
        return [*m[:HEAD], words("栏次", "甲", "乙", *map(str, range(1, 8))), *m[HEAD:]]

    def numbered_disputes(m: Matrix) -> Matrix:
        return [*m[:3], words(*map(str, range(1, 16))), *m[3:]]

    return bent(report, requests=on_matrix(numbered_columns), disputes=on_matrix(numbered_disputes))


@shape(INVENTED, "column-numbers-without-word")
def _column_numbers_bare(report: Report) -> Flow:
    return bent(
        report,
        requests=on_matrix(
            lambda m: [*m[:HEAD], words("", "", "", *map(str, range(1, 8))), *m[HEAD:]]
        ),
    )


@shape(INVENTED, "units-under-header")
def _units_row(report: Report) -> Flow:
    return bent(
        report,
        requests=on_matrix(lambda m: [*m[:HEAD], words("", "", "", *["件"] * 7), *m[HEAD:]]),
        disputes=on_matrix(lambda m: [*m[:3], words(*["件"] * 15), *m[3:]]),
    )


@shape(INVENTED, "last-year-under-each-row")
def _last_year_rows(report: Report) -> Flow:
    """Under each row a line for last year, labelled 上年."""

    def change(m: Matrix) -> Matrix:
        out = m[:HEAD]
        for row in m[HEAD:]:
            out += [row, [row[0], row[1], word("上年同期"), *(word("77") for _ in range(7))]]
        return out

    return bent(report, requests=on_matrix(change))


@shape(INVENTED, "last-year-under-each-row-unlabelled")
def _last_year_rows_bare(report: Report) -> Flow:
    """The same, the label merged over both lines."""

    def change(m: Matrix) -> Matrix:
        out = m[:HEAD]
        for row in m[HEAD:]:
            out += [row, [*row[:LABELS], *(word("77") for _ in range(7))]]
        return out

    return bent(report, requests=on_matrix(change))


@shape(INVENTED, "one-label-column")
def _flat(report: Report) -> Flow:
    """Labels in one column, the groups as rows of their own without numbers."""
    return bent(report, requests=on_matrix(lambda m: _flattened(m, lambda: words(*[""] * 7))))


@shape(INVENTED, "one-label-column-subtotals")
def _flat_subtotals(report: Report) -> Flow:
    """The same with subtotals in the groups' rows."""
    return bent(
        report,
        requests=on_matrix(
            lambda m: _flattened(m, lambda: words(*[str(800 + i) for i in range(7)]))
        ),
    )


@shape(INVENTED, "one-label-column-of-which")
def _flat_of_which(report: Report) -> Flow:
    """Labels in one column, 其中： before the first of a group."""

    def change(m: Matrix) -> Matrix:
        rows = _flattened(m, lambda: words(*[""] * 7))
        out = []
        for above, row in zip([None, *rows], rows, strict=False):
            first = above is not None and above[0].text.startswith("（三）")
            out.append([replace(row[0], text="其中：" + row[0].text), *row[1:]] if first else row)
        return out

    return bent(report, requests=on_matrix(change))


def _flattened(m: Matrix, group_cells: Callable[[], Row]) -> Matrix:
    out = [[m[0][0], *row[LABELS:]] for row in m[:HEAD]]
    above: list[Anchor] = []
    for row in m[HEAD:]:
        labels = list(dict.fromkeys(row[:LABELS]))
        for group in labels[:-1]:
            if group not in above:
                out.append([word(group.text), *group_cells()])
        out.append([word(labels[-1].text), *row[LABELS:]])
        above = labels
    return out


@shape(INVENTED, "vertical-halves", loses="requests|right half")
def _halves(report: Report) -> Flow:
    """The columns do not fit the page: labels with the first four columns, then labels with the
    last three.
    """

    def change(table: TableLayout) -> list[TableLayout | Line]:
        m = matrix_of(table)
        left = table_of([[*row[:3], *row[3:7]] for row in m], "requests", 3)
        right = table_of([[*row[:3], *row[7:]] for row in m], "requests", 3)
        return [left, Line("（续表）", "note"), right]

    return bent(report, requests=change)


@shape(INVENTED, "transposed", loses="requests")
def _transposed(report: Report) -> Flow:
    return bent(report, requests=on_matrix(lambda m: [list(col) for col in zip(*m, strict=True)]))


@shape(INVENTED, "three-labels-lost")
def _labels_lost(report: Report) -> Flow:
    """Three rows in a run without their labels."""

    def change(rows: Matrix) -> Matrix:
        return [
            [row[0], row[1], word(""), *row[3:]] if 5 <= i <= 7 else row
            for i, row in enumerate(rows)
        ]

    return bent(report, requests=rows(change))


@shape(INVENTED, "labels-lost-and-row-missing", loses="requests|denied")
def _labels_lost_row_missing(report: Report) -> Flow:
    """Three rows without labels where four rows of the form belong."""

    def change(rows: Matrix) -> Matrix:
        out = [
            [row[0], row[1], word(""), *row[3:]] if 5 <= i <= 7 else row
            for i, row in enumerate(rows)
        ]
        return [*out[:8], *out[9:]]

    return bent(report, requests=rows(change))


@shape(INVENTED, "total-row-called-heji")
def _heji(report: Report) -> Flow:
    """（七）合计, and a table of the prose below that has a row 总计."""
    small = table_of(
        [
            words(
                "申请方式",
                "自然人",
                "商业企业",
                "科研机构",
                "社会公益组织",
                "法律服务机构",
                "其他",
                "总计",
            ),
            words("网络申请", *"1234567"),
            words("信函申请", *"2345678"),
            words("总计", *"3456789"),
        ],
        "",
    )
    blocks = bent(replace(report, labels={"（七）总计": "（七）合计"}))
    return beside(blocks, "requests", below=[Line("申请方式如下："), small])


@shape(INVENTED, "by-channel-table-above")
def _channels_above(report: Report) -> Flow:
    """A table of the prose by way of request and applicant stands under the heading, before the
    real one.
    """
    small = table_of(
        [
            words(
                "申请方式",
                "自然人",
                "商业企业",
                "科研机构",
                "社会公益组织",
                "法律服务机构",
                "其他",
                "总计",
            ),
            words("当面申请", *"1234567"),
            words("其他", *"2345678"),
            words("总计", *"3456789"),
        ],
        "",
    )
    return beside(bent(report), "requests", above=[small, Line("办理情况见下表：")])


@shape(INVENTED, "results-table-in-prose")
def _results_in_prose(report: Report) -> Flow:
    """总体情况 has a small table with the words of the form and other numbers."""
    small = table_of(
        [
            words("办理结果", "件数"),
            words("予以公开", "5"),
            words("部分公开", "2"),
            words("不予公开", "1"),
            words("无法提供", "4"),
            words("其他处理", "3"),
            words("总计", "15"),
        ],
        "",
    )
    across = table_of(
        [
            words("办理结果", "予以公开", "部分公开", "不予公开", "无法提供", "总计"),
            words("件数", "5", "2", "1", "4", "12"),
        ],
        "",
    )
    return before(bent(report), "proactive", Line("办理结果如下："), small, Line("或者："), across)


@shape(INVENTED, "results-table-with-applicants-in-prose")
def _wide_results_in_prose(report: Report) -> Flow:
    """The same with the form's columns: only some of the rows, the numbers of one department."""
    names = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
    small = table_of(
        [
            words("其中办公室办理", *names),
            words("本年新收政府信息公开申请数量", *"1111111"),
            words("上年结转政府信息公开申请数量", *"2222222"),
            words("予以公开", *"3333333"),
            words("部分公开", *"4444444"),
            words("不予公开", *"4444444"),
            words("无法提供", *"4444444"),
            words("重复申请", *"5555555"),
            words("总计", *"6666666"),
        ],
        "",
    )
    return before(bent(report), "proactive", small)
