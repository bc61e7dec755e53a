"""表四: groups exchanged, years and offices in lines, tables of the groups, transposed."""

from tests.build.report import Flow, Line, Report, TableLayout
from tests.golden.invented.common import INVENTED, disputes
from tests.golden.shape import shape
from tests.golden.shapes import (
    Matrix,
    bent,
    beside,
    matrix_of,
    on_matrix,
    silent,
    table_of,
    word,
    words,
)

shape(INVENTED, "disputes-litigation-first")(
    disputes(lambda m: [[*row[5:], *row[:5]] for row in m])
)
shape(INVENTED, "disputes-litigation-exchanged")(
    disputes(lambda m: [[*row[:5], *row[10:], *row[5:10]] for row in m])
)
shape(INVENTED, "disputes-outcomes-exchanged")(
    disputes(lambda m: [[row[1], row[0], *row[2:]] for row in m])
)
shape(INVENTED, "disputes-total-first")(
    disputes(
        lambda m: [
            [row[c] for g in (0, 5, 10) for c in (g + 4, g, g + 1, g + 2, g + 3)] for row in m
        ]
    )
)
shape(INVENTED, "disputes-without-totals")(
    disputes(lambda m: [[row[c] for c in range(15) if c % 5 != 4] for row in m])
)
shape(INVENTED, "disputes-grand-total-last")(
    disputes(
        lambda m: [
            [*row, word(t)] for row, t in zip(m, ("总计", "总计", "总计", "9999"), strict=True)
        ]
    )
)
shape(INVENTED, "disputes-grand-total-first")(
    disputes(
        lambda m: [[word(t), *row] for row, t in zip(m, ("合计", "", "", "9999"), strict=True)]
    )
)
shape(INVENTED, "disputes-row-label")(
    disputes(
        lambda m: [[word(t), *row] for row, t in zip(m, ("项目", "", "", "件数"), strict=True)]
    )
)
shape(INVENTED, "disputes-serial-number")(
    disputes(lambda m: [[word(t), *row] for row, t in zip(m, ("序号", "", "", "1"), strict=True)])
)
shape(INVENTED, "disputes-header-lost", loses="")(disputes(lambda m: m[3:]))
shape(INVENTED, "disputes-header-below")(disputes(lambda m: [m[3], *m[:3]]))
shape(INVENTED, "disputes-transposed", loses="disputes")(
    disputes(lambda m: [list(col) for col in zip(*m, strict=True)])
)
shape(INVENTED, "disputes-own-word-twice")(
    disputes(lambda m: [words("行政复议", *["行政诉讼"] * 2, *[""] * 12), *m])
)


@shape(INVENTED, "disputes-two-years", loses="disputes")
def _disputes_years(report: Report) -> Flow:
    """A line for last year and a line for this."""

    def change(m: Matrix) -> Matrix:
        last = [silent(c, f"9{c.text}") for c in m[3]]
        return [
            [word("年度"), *m[0]],
            [word(""), *m[1]],
            [word(""), *m[2]],
            [word(f"{report.year - 1}年"), *last],
            [word(f"{report.year}年"), *m[3]],
        ]

    return bent(report, disputes=on_matrix(change))


@shape(INVENTED, "disputes-two-years-bare", loses="disputes")
def _disputes_years_bare(report: Report) -> Flow:
    return bent(
        report,
        disputes=on_matrix(lambda m: [*m[:3], [silent(c, f"9{c.text}") for c in m[3]], m[3]]),
    )


@shape(INVENTED, "disputes-year-numbers", loses="disputes")
def _disputes_year_numbers(report: Report) -> Flow:
    """Years as bare numbers in the first column."""

    def change(m: Matrix) -> Matrix:
        last = [silent(c, f"9{c.text}") for c in m[3]]
        return [
            [word("年度"), *m[0]],
            [word(""), *m[1]],
            [word(""), *m[2]],
            [word(str(report.year - 1)), *last],
            [word(str(report.year)), *m[3]],
        ]

    return bent(report, disputes=on_matrix(change))


@shape(INVENTED, "disputes-units", loses="disputes")
def _disputes_departments(report: Report) -> Flow:
    """A line for each department and the sum below."""

    def change(m: Matrix) -> Matrix:
        return [
            [word("单位"), *m[0]],
            [word(""), *m[1]],
            [word(""), *m[2]],
            [word("办公室"), *(silent(c, "1") for c in m[3])],
            [word("法规处"), *(silent(c, "2") for c in m[3])],
            [word("合计"), *m[3]],
        ]

    return bent(report, disputes=on_matrix(change))


def _dispute_columns(m: Matrix, group: int) -> Matrix:
    return [row[group * 5 : group * 5 + 5] for row in m]


@shape(INVENTED, "disputes-three-tables", loses="disputes")
def _three_tables(report: Report) -> Flow:
    def change(table: TableLayout) -> list[TableLayout]:
        m = matrix_of(table)
        return [table_of(_dispute_columns(m, g), "disputes", 3) for g in range(3)]

    return bent(report, disputes=change)


@shape(INVENTED, "disputes-two-tables", loses="disputes")
def _two_tables(report: Report) -> Flow:
    def change(table: TableLayout) -> list[TableLayout]:
        m = matrix_of(table)
        return [
            table_of([row[:5] for row in m], "disputes", 3),
            table_of([row[5:] for row in m], "disputes", 3),
        ]

    return bent(report, disputes=change)


@shape(INVENTED, "disputes-two-tables-litigation-first", loses="disputes")
def _two_tables_exchanged(report: Report) -> Flow:
    def change(table: TableLayout) -> list[TableLayout]:
        m = matrix_of(table)
        return [
            table_of([row[5:] for row in m], "disputes", 3),
            table_of([row[:5] for row in m], "disputes", 3),
        ]

    return bent(report, disputes=change)


def _grouped(m: Matrix, order: tuple[int, ...]) -> Matrix:
    names = ("行政复议", "未经复议直接起诉", "复议后起诉")
    head = words("类别", "结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
    return [head, *([word(names[g]), *m[3][g * 5 : g * 5 + 5]] for g in order)]


shape(INVENTED, "disputes-groups-as-rows", loses="disputes")(
    disputes(lambda m: _grouped(m, (0, 1, 2)))
)
shape(INVENTED, "disputes-groups-as-rows-exchanged", loses="disputes")(
    disputes(lambda m: _grouped(m, (1, 2, 0)))
)
shape(INVENTED, "disputes-groups-as-columns", loses="disputes")(
    disputes(lambda m: [list(c) for c in zip(*_grouped(m, (0, 1, 2)), strict=True)])
)


@shape(INVENTED, "disputes-stacked-headers", loses="disputes")
def _stacked_headers(report: Report) -> Flow:
    """复议 above 诉讼 in one table: header, five numbers, header, ten numbers."""

    def change(m: Matrix) -> Matrix:
        upper = [[c for c in row[:5] for _ in (0, 1)] for row in m]
        return [*upper, *[row[5:] for row in m]]

    return bent(report, disputes=on_matrix(change))


@shape(INVENTED, "disputes-list", loses="disputes")
def _disputes_list(report: Report) -> Flow:
    """Label and number, one below the other, in three columns of labels."""
    return bent(
        report,
        disputes=on_matrix(lambda m: [[m[0][c], m[1][c], m[2][c], m[3][c]] for c in range(15)]),
    )


@shape(INVENTED, "disputes-in-prose-first")
def _disputes_prose(report: Report) -> Flow:
    small = table_of(
        [
            words("类型", "结果维持", "结果纠正", "其他结果", "尚未审结", "总计"),
            words("件数", *"98765"),
        ],
        "",
    )
    return beside(bent(report), "disputes", above=[Line("其中行政复议："), small])


@shape(INVENTED, "disputes-in-prose-below")
def _disputes_prose_below(report: Report) -> Flow:
    small = table_of(
        [
            words("行政复议", "", "", "", ""),
            words("结果维持", "结果纠正", "其他结果", "尚未审结", "总计"),
            words(*"98765"),
        ],
        "",
    )
    return beside(bent(report), "disputes", below=[Line("其中行政复议："), small])
