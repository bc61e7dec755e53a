"""表三: columns in another order, left out, or more of them."""

from collections.abc import Callable

from tests.build.report import Flow, Report
from tests.golden.invented.common import HEAD, INVENTED, LABELS, requests
from tests.golden.shape import shape
from tests.golden.shapes import Matrix, Row, TableChange, bent, on_matrix, silent, word, words


def _columns(*order: int) -> TableChange:
    """Grid columns in another order."""
    return on_matrix(lambda m: [[row[c] for c in order] for row in m])


shape(INVENTED, "total-first")(requests(_columns(0, 1, 2, 9, 3, 4, 5, 6, 7, 8)))
shape(INVENTED, "natural-last")(requests(_columns(0, 1, 2, 4, 5, 6, 7, 8, 3, 9)))
shape(INVENTED, "total-first-natural-last")(requests(_columns(0, 1, 2, 9, 4, 5, 6, 7, 8, 3)))
shape(INVENTED, "organisations-exchanged")(requests(_columns(0, 1, 2, 3, 5, 4, 8, 7, 6, 9)))
shape(INVENTED, "columns-reversed")(requests(_columns(0, 1, 2, 9, 8, 7, 6, 5, 4, 3)))
shape(INVENTED, "labels-last", loses="requests")(requests(_columns(3, 4, 5, 6, 7, 8, 9, 0, 1, 2)))
shape(INVENTED, "column-left-out")(requests(_columns(0, 1, 2, 3, 4, 5, 7, 8, 9)))
shape(INVENTED, "total-left-out")(requests(_columns(0, 1, 2, 3, 4, 5, 6, 7, 8)))
shape(INVENTED, "natural-left-out")(requests(_columns(0, 1, 2, 4, 5, 6, 7, 8, 9)))


def _inserted(
    at: int, header: tuple[str, str, str] | str, cell: str | Callable[[int, Row], object]
) -> TableChange:
    """A column more before grid column `at`; a string as header stands over all header rows."""

    def change(m: Matrix) -> Matrix:
        top = [word(header)] * HEAD if isinstance(header, str) else words(*header)
        out = []
        for r, row in enumerate(m):
            text = cell if isinstance(cell, str) else str(cell(r, row))
            out.append([*row[:at], top[r] if r < HEAD else word(text), *row[at:]])
        return out

    return on_matrix(change)


def _sum(r: int, row: Row) -> str:
    return str(9000 + r)


shape(INVENTED, "serial-numbers-first")(requests(_inserted(0, "序号", lambda r, row: r - HEAD + 1)))
shape(INVENTED, "serial-numbers-after-labels")(
    requests(_inserted(3, "行次", lambda r, row: r - HEAD + 1))
)
shape(INVENTED, "percent-last")(requests(_inserted(10, "占比", "12.5%")))
shape(INVENTED, "plain-share-last")(requests(_inserted(10, "占比（%）", "12.5")))
shape(INVENTED, "remarks-last")(requests(_inserted(10, "备注", "")))
shape(INVENTED, "remarks-with-numbers")(
    requests(_inserted(10, "备注", lambda r, row: "7" if r % 3 else ""))
)
shape(INVENTED, "unnamed-column-last")(requests(_inserted(10, "", "")))
shape(INVENTED, "unnamed-numbers-last")(requests(_inserted(10, "", _sum)))
shape(INVENTED, "unnamed-numbers-first")(requests(_inserted(3, "", _sum)))
shape(INVENTED, "unnamed-numbers-within")(requests(_inserted(6, ("", "", ""), _sum)))
shape(INVENTED, "organisations-subtotal")(
    requests(_inserted(9, ("申请人情况", "法人小计", "法人小计"), _sum))
)
shape(INVENTED, "organisations-subtotal-first")(
    requests(_inserted(4, ("申请人情况", "小计", "小计"), _sum))
)
shape(INVENTED, "organisations-subtotal-called-total")(
    requests(_inserted(9, ("申请人情况", "法人或其他组织", "合计"), _sum))
)
shape(INVENTED, "second-other-column")(
    requests(_inserted(8, ("申请人情况", "法人或其他组织", "其他组织"), _sum))
)
shape(INVENTED, "last-years-total")(requests(_inserted(10, "上年总计", _sum)))
shape(INVENTED, "last-years-total-first")(requests(_inserted(9, "上年总计", _sum)))


@shape(INVENTED, "two-years-side-by-side", loses="requests")
def _two_years(report: Report) -> Flow:
    """Under each applicant a column for last year and one for this."""

    def change(m: Matrix) -> Matrix:
        out = []
        for r, row in enumerate(m):
            cells = list(row[:LABELS])
            for cell in row[LABELS:]:
                cells += [cell, cell] if r < HEAD else [silent(cell, f"9{cell.text}"), cell]
            out.append(cells)
        corner = [m[0][0]] * LABELS
        years = [
            *corner,
            *(word(y) for _ in range(7) for y in (f"{report.year - 1}年", f"{report.year}年")),
        ]
        return [*out[:HEAD], years, *out[HEAD:]]

    return bent(report, requests=on_matrix(change))


@shape(INVENTED, "two-years-one-blank", loses="requests")
def _two_years_blank(report: Report) -> Flow:
    """The same, with last year's columns given only where there was something."""

    def change(m: Matrix) -> Matrix:
        out = []
        for r, row in enumerate(m):
            cells = list(row[:LABELS])
            for c, cell in enumerate(row[LABELS:]):
                cells += (
                    [cell, cell]
                    if r < HEAD
                    else [cell, silent(cell, f"9{cell.text}" if (r + c) % 5 == 0 else "")]
                )
            out.append(cells)
        return out

    return bent(report, requests=on_matrix(change))
