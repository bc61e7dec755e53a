"""表二 and the annexes before 2019."""

from dataclasses import replace
from typing import Final

from tests.build.report import Anchor, Flow, Report
from tests.golden.invented.common import INVENTED, proactive, statistics
from tests.golden.shape import shape
from tests.golden.shapes import Matrix, bent, on_matrix, silent, word, words

shape(INVENTED, "proactive-columns-reversed")(
    proactive(lambda m: [[row[0], *row[:0:-1]] for row in m])
)
shape(INVENTED, "proactive-no-captions")(
    proactive(lambda m: [row for row in m if row[0] is not row[-1]])
)
shape(INVENTED, "proactive-no-headers", loses="proactive")(
    proactive(lambda m: [row for row in m if row[0].text != "信息内容"])
)
shape(INVENTED, "proactive-only-rows", loses="proactive")(
    proactive(lambda m: [row for row in m if row[0] is not row[-1] and row[0].text != "信息内容"])
)


@shape(INVENTED, "proactive-blocks-reversed")
def _blocks_reversed(report: Report) -> Flow:
    def change(m: Matrix) -> Matrix:
        starts = [r for r, row in enumerate(m) if row[0] is row[-1]]
        parts = [m[a:b] for a, b in zip(starts, [*starts[1:], len(m)], strict=True)]
        return [row for part in parts[::-1] for row in part]

    return bent(report, proactive=on_matrix(change))


@shape(INVENTED, "proactive-side-by-side", loses="proactive")
def _blocks_beside(report: Report) -> Flow:
    """Two blocks beside each other."""

    def change(m: Matrix) -> Matrix:
        starts = [r for r, row in enumerate(m) if row[0] is row[-1]]
        parts = [m[a:b] for a, b in zip(starts, [*starts[1:], len(m)], strict=True)]
        height = max(map(len, parts))
        padded = [
            [*part, *(words(*[""] * len(m[0])) for _ in range(height - len(part)))]
            for part in parts
        ]
        left = [row for part in padded[::2] for row in part]
        right = [row for part in padded[1::2] for row in part]
        right += [words(*[""] * len(m[0])) for _ in range(len(left) - len(right))]
        return [[*a, *b] for a, b in zip(left, right, strict=True)]

    return bent(report, proactive=on_matrix(change))


@shape(INVENTED, "proactive-last-year-beside", loses="proactive")
def _proactive_years(report: Report) -> Flow:
    """Each number of this year after one of last year, under headers 上年 and 本年."""

    def change(m: Matrix) -> Matrix:
        out = []
        for row in m:
            if row[0] is row[-1]:
                out.append([*row, *row[1:]])
            elif row[0].text == "信息内容":
                out.append(
                    [
                        row[0],
                        *(
                            x
                            for c in dict.fromkeys(row[1:])
                            for x in [word("上年" + c.text.removeprefix("本年")), c]
                        ),
                    ]
                )
            else:
                out.append(
                    [
                        row[0],
                        *(x for c in dict.fromkeys(row[1:]) for x in [silent(c, f"9{c.text}"), c]),
                    ]
                )
        return out

    return bent(report, proactive=on_matrix(change))


@shape(INVENTED, "proactive-two-years-one-blank", loses="proactive")
def _proactive_years_blank(report: Report) -> Flow:
    """Headers are years; one of the two numbers is blank."""

    def change(m: Matrix) -> Matrix:
        out = []
        for row in m:
            cells = list(dict.fromkeys(row[1:]))
            if row[0] is row[-1] or len(cells) > 1:
                out.append(row)
            elif row[0].text == "信息内容":
                out.append([row[0], word(f"{report.year - 1}年"), *[word(f"{report.year}年")] * 2])
            else:
                out.append([row[0], silent(cells[0], "777"), *[replace(cells[0], text="")] * 2])
        return out

    return bent(report, proactive=on_matrix(change))


@shape(INVENTED, "proactive-grand-total")
def _proactive_total(report: Report) -> Flow:
    """A row 合计 in each block."""

    def change(m: Matrix) -> Matrix:
        out: Matrix = []
        for row, below in zip(m, [*m[1:], None], strict=True):
            out.append(row)
            if (
                row[0] is not row[-1]
                and row[0].text != "信息内容"
                and (below is None or below[0] is below[-1])
            ):
                out.append(
                    [
                        word("合计"),
                        *(
                            silent(c, "888") if c is not row[i] else word("888")
                            for i, c in enumerate(row[1:])
                        ),
                    ]
                )
        return out

    return bent(report, proactive=on_matrix(change))


@shape(INVENTED, "proactive-more-rows")
def _proactive_more(report: Report) -> Flow:
    """Rows of other matters with labels near those of the form."""

    def change(m: Matrix) -> Matrix:
        out: Matrix = []
        for row in m:
            out.append(row)
            for mine, more in (
                ("行政许可", ("行政确认", "行政给付")),
                ("行政处罚", ("行政检查",)),
                ("行政强制", ("行政征收", "行政强制执行")),
            ):
                if row[0].text == mine:
                    out += [[word(t), *(word("666") for _ in row[1:])] for t in more]
        return out

    return bent(report, proactive=on_matrix(change))


@shape(INVENTED, "proactive-row-replaced", loses="proactive|coercion")
def _proactive_replaced(report: Report) -> Flow:
    """行政强制 is not there, 行政检查 stands in its place."""

    def change(m: Matrix) -> Matrix:
        return [
            [word("行政检查"), *(silent(c) for c in row[1:])] if row[0].text == "行政强制" else row
            for row in m
        ]

    return bent(report, proactive=on_matrix(change))


@shape(INVENTED, "proactive-as-list", loses="proactive")
def _long_list(report: Report) -> Flow:
    """表二 as a list of label and number."""

    def change(m: Matrix) -> Matrix:
        out: Matrix = []
        heads: list[Anchor] = []
        for row in m:
            if row[0].text == "信息内容":
                heads = row
            elif row[0] is not row[-1]:
                for c in dict.fromkeys(row[1:]):
                    out.append([word(row[0].text), word(heads[row.index(c)].text), c])
        return [words("信息内容", "指标", "数量"), *out]

    return bent(report, proactive=on_matrix(change))


@shape(INVENTED, "proactive-years-under-header", loses="proactive")
def _proactive_years_below(report: Report) -> Flow:
    """Under each header of numbers the years, and under each year a number."""

    def change(m: Matrix) -> Matrix:
        out: Matrix = []
        for row in m:
            cells = list(dict.fromkeys(row[1:]))
            if row[0] is row[-1]:
                out.append([*row, *row[1:]])
            elif row[0].text == "信息内容":
                out.append([row[0], *(c for c in cells for _ in (0, 1))])
                out.append([row[0], *(word(f"{report.year - y}年") for _ in cells for y in (1, 0))])
            else:
                out.append([row[0], *(x for c in cells for x in (silent(c, f"9{c.text}"), c))])
        return out

    return bent(report, proactive=on_matrix(change))


@shape(INVENTED, "proactive-remarks")
def _proactive_remarks(report: Report) -> Flow:
    """A column of remarks, some with a number."""

    def change(m: Matrix) -> Matrix:
        last = {True: "备注", False: ""}
        return [
            [*row, row[0] if row[0] is row[-1] else word(last[row[0].text == "信息内容"] or str(r))]
            for r, row in enumerate(m)
        ]

    return bent(report, proactive=on_matrix(change))


@shape(INVENTED, "proactive-serial-numbers")
def _proactive_serial(report: Report) -> Flow:
    def change(m: Matrix) -> Matrix:
        return [
            [
                row[0]
                if row[0] is row[-1]
                else word("序号" if row[0].text == "信息内容" else str(r)),
                *row,
            ]
            for r, row in enumerate(m)
        ]

    return bent(report, proactive=on_matrix(change))


OLD: Final = ("2014", "fj2008")
shape(INVENTED, "annex-serial-numbers", editions=OLD)(
    statistics(lambda m: [[word("序号" if r == 0 else str(r)), *row] for r, row in enumerate(m)])
)
shape(INVENTED, "annex-without-units", editions=OLD)(
    statistics(lambda m: [[row[0], *row[2:]] for row in m])
)
shape(INVENTED, "annex-units-last", editions=OLD)(
    statistics(lambda m: [[row[0], *row[2:], row[1]] for row in m])
)
shape(INVENTED, "annex-last-year-first", editions=("2014",), loses="statistics")(
    statistics(
        lambda m: [
            [row[0], row[1], word("上年" if r == 0 else f"9{r}"), row[2]] for r, row in enumerate(m)
        ]
    )
)
shape(INVENTED, "annex-last-year-last", editions=("2014",), loses="statistics")(
    statistics(lambda m: [[*row, word("上年" if r == 0 else f"9{r}")] for r, row in enumerate(m)])
)
shape(INVENTED, "annex-cumulative-first", editions=("fj2008",))(
    statistics(lambda m: [[row[0], row[1], row[3], row[2]] for row in m])
)


@shape(INVENTED, "annex-two-columns-of-rows", editions=OLD, loses="statistics")
def _annex_halves(report: Report) -> Flow:
    """The annex printed in two columns beside each other."""

    def change(m: Matrix) -> Matrix:
        half = (len(m)) // 2 + 1
        left, right = m[:half], [[replace(c, key=None) for c in m[0]], *m[half:]]
        right += [words(*[""] * len(m[0])) for _ in range(len(left) - len(right))]
        return [[*a, *b] for a, b in zip(left, right, strict=False)]

    return bent(report, statistics=on_matrix(change))


@shape(INVENTED, "annex-row-replaced", editions=("2014",), loses="statistics|a.ch.wechat")
def _annex_replaced(report: Report) -> Flow:
    """政务抖音 stands where the form has 政务微信."""

    def change(m: Matrix) -> Matrix:
        return [
            [word("4.政务抖音公开政府信息数"), row[1], silent(row[2])]
            if "微信公开" in row[0].text
            else row
            for row in m
        ]

    return bent(report, statistics=on_matrix(change))
