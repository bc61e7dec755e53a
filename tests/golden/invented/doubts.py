"""表三 again: layouts in which one doubt hides another."""

from tests.build.report import Anchor, Flow, Report
from tests.golden.invented.common import HEAD, INVENTED, rows
from tests.golden.shape import shape
from tests.golden.shapes import Matrix, bent, on_matrix, silent, word, words


@shape(INVENTED, "column-replaced", loses="requests|research")
def _column_replaced(report: Report) -> Flow:
    """民办非企业单位 stands where the form has 科研机构."""

    def change(m: Matrix) -> Matrix:
        rows = [[*row[:5], silent(row[5]), *row[6:]] for row in m]
        rows[2][5] = word("民办非企业单位")
        return rows

    return bent(report, requests=on_matrix(change))


@shape(INVENTED, "total-column-unnamed", loses="requests|total")
def _total_unnamed(report: Report) -> Flow:
    """The header of the totals is empty, and remarks follow."""

    def change(m: Matrix) -> Matrix:
        rows = [[*row, word("备注" if r < HEAD else "")] for r, row in enumerate(m)]
        for r in range(1, HEAD):
            rows[r][9] = word("")
        return rows

    return bent(report, requests=on_matrix(change))


@shape(INVENTED, "two-years-in-one-grid", loses="anything")
def _stacked_years(report: Report) -> Flow:
    """Last year's table goes on in this year's, with a line 上年 between."""

    def change(m: Matrix) -> Matrix:
        last = [[silent(c, f"9{c.text}") if c.key else c for c in row] for row in m[HEAD:]]
        return [*m, [word(f"{report.year - 1}年")] * 10, *last]

    return bent(report, requests=on_matrix(change))


@shape(INVENTED, "last-year-first-in-one-grid", loses="anything")
def _stacked_years_first(report: Report) -> Flow:
    def change(m: Matrix) -> Matrix:
        last = [[silent(c, f"9{c.text}") if c.key else c for c in row] for row in m[HEAD:]]
        return [
            *m[:HEAD],
            [word(f"{report.year - 1}年")] * 10,
            *last,
            [word(f"{report.year}年")] * 10,
            *m[HEAD:],
        ]

    return bent(report, requests=on_matrix(change))


@shape(INVENTED, "of-which-rows")
def _of_which(report: Report) -> Flow:
    """其中 rows below the first and the last, with labels that no edition has."""

    def change(rows: Matrix) -> Matrix:
        more = [
            [word(t)] * 3 + [word("55")] * 7 for t in ("其中：网络申请", "其中：信函申请", "其他")
        ]
        return [rows[0], *more, *rows[1:], *[[word("其中：延期办理")] * 3 + [word("56")] * 7]]

    return bent(report, requests=rows(change))


@shape(INVENTED, "last-years-row-after-new")
def _last_years_new(report: Report) -> Flow:
    """上年新收 below 本年新收, and 上年结转 not there."""

    def change(rows: Matrix) -> Matrix:
        last = [word("上年新收政府信息公开申请数量")] * 3 + [word("57")] * 7
        return [rows[0], last, *rows[2:]]

    return bent(report, requests=rows(change))


@shape(INVENTED, "header-printed-in-the-middle")
def _header_again(report: Report) -> Flow:
    return bent(
        report,
        requests=on_matrix(
            lambda m: [*m[:15], *[[silent(c) for c in row] for row in m[:HEAD]], *m[15:]]
        ),
    )


@shape(INVENTED, "header-in-the-middle-other-order")
def _header_again_other(report: Report) -> Flow:
    """Below the middle the columns stand in another order, under a header that says so."""

    def change(m: Matrix) -> Matrix:
        lower = [[*row[:3], row[9], *row[3:9]] for row in m]
        return [*m[:15], *lower[:HEAD], *lower[15:]]

    return bent(report, requests=on_matrix(change))


@shape(INVENTED, "group-labels-repeated-in-each-row")
def _repeated(report: Report) -> Flow:
    """No merged cells: each row prints all its labels."""
    return bent(
        report,
        requests=on_matrix(
            lambda m: [[word(c.text) if c.key is None else c for c in row] for row in m]
        ),
    )


@shape(INVENTED, "group-labels-only-once")
def _once(report: Report) -> Flow:
    """No merged cells: each label is printed once, the places below are empty."""

    def change(m: Matrix) -> Matrix:
        seen: dict[int, Anchor] = {}

        def once(cell: Anchor) -> Anchor:
            if cell.key:
                return cell
            first = id(cell) not in seen
            seen[id(cell)] = cell
            return word(cell.text if first else "")

        return [[once(cell) for cell in row] for row in m]

    return bent(report, requests=on_matrix(change))


@shape(INVENTED, "number-in-a-label-cell")
def _number_beside_label(report: Report) -> Flow:
    """A group's own number stands in the label column behind it."""

    def change(rows: Matrix) -> Matrix:
        return [[row[0], row[1], word("6"), *row[3:]] if row[1] is row[2] else row for row in rows]

    return bent(report, requests=rows(change))


@shape(INVENTED, "page-number-row")
def _page_number(report: Report) -> Flow:
    """A page mark inside the table, as conversion leaves it."""
    blank = [""] * 9
    return bent(report, requests=on_matrix(lambda m: [*m[:14], words("- 5 -", *blank), *m[14:]]))


@shape(INVENTED, "page-number-row-bare")
def _page_number_bare(report: Report) -> Flow:
    blank = [""] * 4
    return bent(
        report, requests=on_matrix(lambda m: [*m[:14], words(*blank, "5", *blank, ""), *m[14:]])
    )


@shape(INVENTED, "missing-row-and-page-number", loses="requests|denied.process")
def _page_number_for_row(report: Report) -> Flow:
    """A row is missing, and in its place stands a line that holds only a page number."""
    blank = [""] * 4
    return bent(
        report, requests=on_matrix(lambda m: [*m[:12], words(*blank, "5", *blank, ""), *m[13:]])
    )


@shape(INVENTED, "unlabelled-sum-in-place-of-row", loses="requests|denied.process")
def _sum_for_row(report: Report) -> Flow:
    """A row is missing, and a line of sums without a label closes its group."""

    def change(m: Matrix) -> Matrix:
        rows = [*m[:12], *m[13:]]
        group = rows[13]
        return [
            *rows[:14],
            [group[0], group[1], word(""), *(word("999") for _ in range(7))],
            *rows[14:],
        ]

    return bent(report, requests=on_matrix(change))
