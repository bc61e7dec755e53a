"""Layouts that nobody has shown us, made to break the alignment: a report may be printed like this and a person would read it.

`INVENTED` maps a name to a `Shape`. Where not even a person could be sure, `loses` says why nothing may be read.
"""

from dataclasses import replace
from typing import Final

from tests.build.report import Anchor, Flow, Line, Report, TableLayout, official_tables
from tests.golden.shape import Make, Shape, shape
from tests.golden.shapes import (
    Matrix,
    TableChange,
    before,
    bent,
    beside,
    matrix_of,
    numbered,
    on_matrix,
    silent,
    table_of,
    without_keys,
    word,
    words,
)

INVENTED: Final[dict[str, Shape]] = {}
HEAD: Final = 3  # header rows of 表三
LABELS: Final = 3  # its label columns


def _table(report: Report, table_id: str) -> TableLayout:
    return next(t for t in official_tables(report) if t.table_id == table_id)


def _requests(change: TableChange) -> Make:
    return lambda report: bent(report, requests=change)


def _columns(*order: int) -> TableChange:
    """Grid columns in another order."""
    return on_matrix(lambda m: [[row[c] for c in order] for row in m])


# ---- 表三: columns

shape(INVENTED, "total-first")(_requests(_columns(0, 1, 2, 9, 3, 4, 5, 6, 7, 8)))
shape(INVENTED, "natural-last")(_requests(_columns(0, 1, 2, 4, 5, 6, 7, 8, 3, 9)))
shape(INVENTED, "total-first-natural-last")(_requests(_columns(0, 1, 2, 9, 4, 5, 6, 7, 8, 3)))
shape(INVENTED, "organisations-exchanged")(_requests(_columns(0, 1, 2, 3, 5, 4, 8, 7, 6, 9)))
shape(INVENTED, "columns-reversed")(_requests(_columns(0, 1, 2, 9, 8, 7, 6, 5, 4, 3)))
shape(INVENTED, "labels-last", loses="requests")(_requests(_columns(3, 4, 5, 6, 7, 8, 9, 0, 1, 2)))
shape(INVENTED, "column-left-out")(_requests(_columns(0, 1, 2, 3, 4, 5, 7, 8, 9)))
shape(INVENTED, "total-left-out")(_requests(_columns(0, 1, 2, 3, 4, 5, 6, 7, 8)))
shape(INVENTED, "natural-left-out")(_requests(_columns(0, 1, 2, 4, 5, 6, 7, 8, 9)))


def _inserted(at: int, header: tuple[str, str, str] | str, cell: "str | object", start: int = 0) -> TableChange:
    """A column more before grid column `at`; a string as header stands over all three header rows."""

    def change(m: Matrix) -> Matrix:
        top = [word(header)] * HEAD if isinstance(header, str) else words(*header)
        out = []
        for r, row in enumerate(m):
            text = str(cell(r, row)) if callable(cell) else str(cell)
            out.append([*row[:at], top[r] if r < HEAD else word(text), *row[at:]])
        return out

    return on_matrix(change)


def _sum(r: int, row: list[Anchor]) -> str:
    return str(9000 + r)


shape(INVENTED, "serial-numbers-first")(_requests(_inserted(0, "序号", lambda r, row: r - HEAD + 1)))
shape(INVENTED, "serial-numbers-after-labels")(_requests(_inserted(3, "行次", lambda r, row: r - HEAD + 1)))
shape(INVENTED, "percent-last")(_requests(_inserted(10, "占比", "12.5%")))
shape(INVENTED, "plain-share-last")(_requests(_inserted(10, "占比（%）", "12.5")))
shape(INVENTED, "remarks-last")(_requests(_inserted(10, "备注", "")))
shape(INVENTED, "remarks-with-numbers")(_requests(_inserted(10, "备注", lambda r, row: "7" if r % 3 else "")))
shape(INVENTED, "unnamed-column-last")(_requests(_inserted(10, "", "")))
shape(INVENTED, "unnamed-numbers-last")(_requests(_inserted(10, "", _sum)))
shape(INVENTED, "unnamed-numbers-first")(_requests(_inserted(3, "", _sum)))
shape(INVENTED, "unnamed-numbers-within")(_requests(_inserted(6, ("", "", ""), _sum)))
shape(INVENTED, "organisations-subtotal")(_requests(_inserted(9, ("申请人情况", "法人小计", "法人小计"), _sum)))
shape(INVENTED, "organisations-subtotal-first")(_requests(_inserted(4, ("申请人情况", "小计", "小计"), _sum)))
shape(INVENTED, "organisations-subtotal-called-total")(_requests(_inserted(9, ("申请人情况", "法人或其他组织", "合计"), _sum)))
shape(INVENTED, "second-other-column")(_requests(_inserted(8, ("申请人情况", "法人或其他组织", "其他组织"), _sum)))
shape(INVENTED, "last-years-total")(_requests(_inserted(10, "上年总计", _sum)))
shape(INVENTED, "last-years-total-first")(_requests(_inserted(9, "上年总计", _sum)))


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
        years = [*corner, *(word(y) for _ in range(7) for y in (f"{report.year - 1}年", f"{report.year}年"))]
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
                cells += [cell, cell] if r < HEAD else [cell, silent(cell, f"9{cell.text}" if (r + c) % 5 == 0 else "")]
            out.append(cells)
        return out

    return bent(report, requests=on_matrix(change))


# ---- 表三: rows


def _rows(change: "object") -> TableChange:
    return on_matrix(lambda m: [*m[:HEAD], *change(m[HEAD:])])  # type: ignore[operator]


shape(INVENTED, "rows-reversed")(_requests(_rows(lambda rows: rows[::-1])))
shape(INVENTED, "first-two-rows-exchanged")(_requests(_rows(lambda rows: [rows[1], rows[0], *rows[2:]])))
shape(INVENTED, "two-rows-exchanged")(_requests(_rows(lambda rows: [*rows[:5], rows[6], rows[5], *rows[7:]])))
shape(INVENTED, "carried-out-first")(_requests(_rows(lambda rows: [rows[-1], *rows[:-1]])))
shape(INVENTED, "totals-first")(_requests(_rows(lambda rows: [*rows[:2], rows[-2], *rows[2:-2], rows[-1]])))


@shape(INVENTED, "column-numbers-under-header")
def _column_numbers(report: Report) -> Flow:
    """栏次: the columns numbered below the header, in all three tables."""

    def requests(m: Matrix) -> Matrix:
        return [*m[:HEAD], words("栏次", "甲", "乙", *map(str, range(1, 8))), *m[HEAD:]]

    def disputes(m: Matrix) -> Matrix:
        return [*m[:3], words(*map(str, range(1, 16))), *m[3:]]

    return bent(report, requests=on_matrix(requests), disputes=on_matrix(disputes))


@shape(INVENTED, "column-numbers-without-word")
def _column_numbers_bare(report: Report) -> Flow:
    return bent(report, requests=on_matrix(lambda m: [*m[:HEAD], words("", "", "", *map(str, range(1, 8))), *m[HEAD:]]))


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
    return bent(report, requests=on_matrix(lambda m: _flattened(m, lambda: words(*[str(800 + i) for i in range(7)]))))


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


def _flattened(m: Matrix, group_cells: "object") -> Matrix:
    out = [[m[0][0], *row[LABELS:]] for row in m[:HEAD]]
    above: list[Anchor] = []
    for row in m[HEAD:]:
        labels = list(dict.fromkeys(row[:LABELS]))
        for group in labels[:-1]:
            if group not in above:
                out.append([word(group.text), *group_cells()])  # type: ignore[operator]
        out.append([word(labels[-1].text), *row[LABELS:]])
        above = labels
    return out


@shape(INVENTED, "vertical-halves", loses="requests|right half")
def _halves(report: Report) -> Flow:
    """The columns do not fit the page: labels with the first four columns, then labels with the last three."""

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
        return [[row[0], row[1], word(""), *row[3:]] if 5 <= i <= 7 else row for i, row in enumerate(rows)]

    return bent(report, requests=_rows(change))


@shape(INVENTED, "labels-lost-and-row-missing", loses="requests|denied")
def _labels_lost_row_missing(report: Report) -> Flow:
    """Three rows without labels where four rows of the form belong."""

    def change(rows: Matrix) -> Matrix:
        out = [[row[0], row[1], word(""), *row[3:]] if 5 <= i <= 7 else row for i, row in enumerate(rows)]
        return [*out[:8], *out[9:]]

    return bent(report, requests=_rows(change))


@shape(INVENTED, "total-row-called-heji")
def _heji(report: Report) -> Flow:
    """（七）合计, and a table of the prose below that has a row 总计."""
    small = table_of(
        [words("申请方式", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"),
         words("网络申请", *"1234567"), words("信函申请", *"2345678"), words("总计", *"3456789")], "")  # fmt: skip
    blocks = bent(replace(report, labels={"（七）总计": "（七）合计"}))
    return beside(blocks, "requests", below=[Line("申请方式如下："), small])


@shape(INVENTED, "by-channel-table-above")
def _channels_above(report: Report) -> Flow:
    """A table of the prose by way of request and applicant stands under the heading, before the real one."""
    small = table_of(
        [words("申请方式", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"),
         words("当面申请", *"1234567"), words("其他", *"2345678"), words("总计", *"3456789")], "")  # fmt: skip
    return beside(bent(report), "requests", above=[small, Line("办理情况见下表：")])


@shape(INVENTED, "results-table-in-prose")
def _results_in_prose(report: Report) -> Flow:
    """总体情况 has a small table with the words of the form and other numbers."""
    small = table_of([words("办理结果", "件数"), words("予以公开", "5"), words("部分公开", "2"), words("不予公开", "1"), words("无法提供", "4"),
                      words("其他处理", "3"), words("总计", "15")], "")  # fmt: skip
    across = table_of([words("办理结果", "予以公开", "部分公开", "不予公开", "无法提供", "总计"), words("件数", "5", "2", "1", "4", "12")], "")
    return before(bent(report), "proactive", Line("办理结果如下："), small, Line("或者："), across)


@shape(INVENTED, "results-table-with-applicants-in-prose")
def _wide_results_in_prose(report: Report) -> Flow:
    """The same with the columns of the form: only some of the rows, the numbers of one department."""
    names = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
    small = table_of([words("其中办公室办理", *names), words("本年新收政府信息公开申请数量", *"1111111"), words("上年结转政府信息公开申请数量", *"2222222"),
                      words("予以公开", *"3333333"), words("部分公开", *"4444444"), words("不予公开", *"4444444"), words("无法提供", *"4444444"),
                      words("重复申请", *"5555555"), words("总计", *"6666666")], "")  # fmt: skip
    return before(bent(report), "proactive", small)


# ---- twice, with other figures


def _other_figures(report: Report) -> Report:
    return replace(report, figures={k: str(50_000 + i) for i, k in enumerate(report.figures)})


@shape(INVENTED, "blank-form-first")
def _blank_form_first(report: Report) -> Flow:
    """The blank form is printed first (附：格式), the filled one after it."""
    empty = replace(report, figures=dict.fromkeys(report.figures, ""))
    tables = [without_keys(t) for t in official_tables(empty)]
    return before(bent(report), "proactive", Line("报告格式："), *tables)


@shape(INVENTED, "blank-form-last")
def _blank_form_last(report: Report) -> Flow:
    empty = replace(report, figures=dict.fromkeys(report.figures, ""))
    return [*bent(report), Line("附：报告格式"), *(without_keys(t) for t in official_tables(empty))]


@shape(INVENTED, "whole-area-after-own")
def _area_after(report: Report) -> Flow:
    """Own figures, then the whole city's."""
    return [*bent(report), Line("附件：全市汇总情况"), *(without_keys(t) for t in official_tables(_other_figures(report)))]


@shape(INVENTED, "last-year-after-this")
def _last_year_after(report: Report) -> Flow:
    out: Flow = []
    for block in bent(report):
        out.append(block)
        if isinstance(block, TableLayout):
            other = next(t for t in official_tables(_other_figures(report)) if t.table_id == block.table_id)
            out += [Line(f"附：{report.year - 1}年情况", "note"), without_keys(other)]
    return out


@shape(INVENTED, "last-year-before-this", loses="anything")
def _last_year_before(report: Report) -> Flow:
    out: Flow = []
    for block in bent(report):
        if isinstance(block, TableLayout):
            other = next(t for t in official_tables(_other_figures(report)) if t.table_id == block.table_id)
            out += [Line(f"（一）{report.year - 1}年情况", "note"), without_keys(other), Line(f"（二）{report.year}年情况", "note")]
        out.append(block)
    return out


@shape(INVENTED, "first-half-twice", loses="requests")
def _half_twice(report: Report) -> Flow:
    """Cut by a page, and the second page starts with five rows of the first again."""

    def change(table: TableLayout) -> list[TableLayout | Line]:
        m = matrix_of(table)
        upper = table_of(m[:18], "requests", 3)
        lower = table_of([[silent(c) for c in row] for row in m[13:18]] + m[18:], "requests")
        return [upper, Line("- 5 -", "note"), lower]

    return bent(report, requests=change)


@shape(INVENTED, "cut-in-three")
def _cut_in_three(report: Report) -> Flow:
    def change(table: TableLayout) -> list[TableLayout | Line]:
        m = matrix_of(table)
        return [table_of(m[:9], "requests", 3), Line("第 3 页"), table_of(m[9:20], "requests"), Line("第 4 页"), table_of(m[20:], "requests")]

    return bent(report, requests=change)


@shape(INVENTED, "each-row-a-table")
def _row_tables(report: Report) -> Flow:
    """Every line of 表三 a table of its own, as some converters give it."""

    def change(table: TableLayout) -> list[TableLayout]:
        m = matrix_of(table)
        return [table_of(m[:3], "requests", 3), *(table_of([row], "requests") for row in m[3:])]

    return bent(report, requests=change)


# ---- single cells


@shape(INVENTED, "zeros-merged-over-row", loses="requests|denied")
def _merged_row(report: Report) -> Flow:
    """In one row all seven columns are one cell."""

    def change(rows: Matrix) -> Matrix:
        cell = silent(rows[6][3], "0")
        return [[*row[:3], *[cell] * 7] if i == 6 else row for i, row in enumerate(rows)]

    return bent(report, requests=_rows(change))


@shape(INVENTED, "two-cells-merged", loses="requests|denied")
def _merged_two(report: Report) -> Flow:
    """In one row two columns are one cell."""

    def change(rows: Matrix) -> Matrix:
        cell = silent(rows[6][4], "3")
        return [[*row[:4], cell, cell, *row[6:]] if i == 6 else row for i, row in enumerate(rows)]

    return bent(report, requests=_rows(change))


@shape(INVENTED, "two-cells-merged-and-remarks", loses="requests|denied")
def _merged_two_remarks(report: Report) -> Flow:
    """In one row two columns are one cell, and a column without a name stands at the end: as many cells as columns."""

    def change(m: Matrix) -> Matrix:
        cell = silent(m[9][4], "3")
        rows = [[*row[:4], cell, cell, *row[6:]] if i == 9 else row for i, row in enumerate(m)]
        return [[*row, word("" if i != 9 else "4")] for i, row in enumerate(rows)]

    return bent(report, requests=on_matrix(change))


@shape(INVENTED, "merged-down", loses="requests|denied")
def _merged_down(report: Report) -> Flow:
    """The natural persons of two rows are one cell."""

    def change(rows: Matrix) -> Matrix:
        cell = silent(rows[6][3], "3")
        return [[*row[:3], cell, *row[4:]] if i in (6, 7) else row for i, row in enumerate(rows)]

    return bent(report, requests=_rows(change))


@shape(INVENTED, "total-merged-down-groups", loses="requests|total")
def _total_merged(report: Report) -> Flow:
    """The total column is one cell for each group of rows."""

    def change(rows: Matrix) -> Matrix:
        out, cells = [], {}
        for row in rows:
            cell = cells.setdefault(id(row[1]), silent(row[9])) if row[1] is not row[2] else row[9]
            out.append([*row[:9], cell])
        return out

    return bent(report, requests=_rows(change))


@shape(INVENTED, "short-row", loses="requests|denied")
def _short_row(report: Report) -> Flow:
    """One row lacks a cell, one does not know which; as html leaves it, the others move to the left."""

    def change(rows: Matrix) -> Matrix:
        return [[*row[:5], *row[6:]] if i == 6 else row for i, row in enumerate(rows)]

    blocks = bent(report, requests=_rows(change))
    return [_hole(b) if isinstance(b, TableLayout) and b.table_id == "requests" else b for b in blocks]


def _hole(table: TableLayout) -> TableLayout:
    """Without the empty cell that fills up a short row, and without the keys of the row."""
    anchors = tuple(silent(a) if a.row == 9 else a for a in table.anchors if not (a.row == 9 and not a.text))
    return replace(table, anchors=anchors)


@shape(INVENTED, "word-for-natural", loses="requests|new|natural")
def _word_for_number(report: Report) -> Flow:
    """A word stands where the first number belongs."""
    return bent(replace(report, figures={**report.figures, ("requests", "new", "natural"): "见附件"}))


@shape(INVENTED, "words-for-a-row", loses="requests|new")
def _words_for_row(report: Report) -> Flow:
    figures = {k: "另行统计" if k[:2] == ("requests", "new") else t for k, t in report.figures.items()}
    return bent(replace(report, figures=figures))


@shape(INVENTED, "two-numbers-in-a-cell", loses="requests|granted|natural")
def _two_numbers(report: Report) -> Flow:
    figures = {**report.figures, ("requests", "granted", "natural"): "3/2", ("requests", "partial", "natural"): "1+1", ("requests", "new", "natural"): "18\n19"}
    return bent(replace(report, figures=figures))


@shape(INVENTED, "footnote-marks", loses="anything")
def _footnotes(report: Report) -> Flow:
    marks = {"new": "18①", "carried_in": "3*", "granted": "5[1]", "partial": "6注1", "result_total": "7²", "carried_out": "约8"}
    return bent(replace(report, figures={**report.figures, **{("requests", r, "natural"): t for r, t in marks.items()}}))


@shape(INVENTED, "counts-in-labels")
def _counts_in_labels(report: Report) -> Flow:
    """Labels that tell a number themselves."""
    labels = {"（一）予以公开": "（一）予以公开（共12件）", "3.其他": "3.其他（2件）", "（七）总计": "（七）总计（20件）"}
    return bent(replace(report, labels=labels))


# ---- 表三: second thoughts


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
        return [*m[:HEAD], [word(f"{report.year - 1}年")] * 10, *last, [word(f"{report.year}年")] * 10, *m[HEAD:]]

    return bent(report, requests=on_matrix(change))


@shape(INVENTED, "of-which-rows")
def _of_which(report: Report) -> Flow:
    """其中 rows below the first and the last, with labels that no edition has."""

    def change(rows: Matrix) -> Matrix:
        more = [[word(t)] * 3 + [word("55")] * 7 for t in ("其中：网络申请", "其中：信函申请", "其他")]
        return [rows[0], *more, *rows[1:], *[[word("其中：延期办理")] * 3 + [word("56")] * 7]]

    return bent(report, requests=_rows(change))


@shape(INVENTED, "last-years-row-after-new")
def _last_years_new(report: Report) -> Flow:
    """上年新收 below 本年新收, and 上年结转 not there."""

    def change(rows: Matrix) -> Matrix:
        last = [word("上年新收政府信息公开申请数量")] * 3 + [word("57")] * 7
        return [rows[0], last, *rows[2:]]

    return bent(report, requests=_rows(change))


@shape(INVENTED, "header-printed-in-the-middle")
def _header_again(report: Report) -> Flow:
    return bent(report, requests=on_matrix(lambda m: [*m[:15], *[[silent(c) for c in row] for row in m[:HEAD]], *m[15:]]))


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
    return bent(report, requests=on_matrix(lambda m: [[word(c.text) if c.key is None else c for c in row] for row in m]))


@shape(INVENTED, "group-labels-only-once")
def _once(report: Report) -> Flow:
    """No merged cells: each label is printed once, the places below are empty."""

    def change(m: Matrix) -> Matrix:
        seen: set[int] = set()
        out: Matrix = []
        for row in m:
            out.append([c if c.key else word("" if id(c) in seen or seen.add(id(c)) else c.text) for c in row])  # type: ignore[func-returns-value]
        return out

    return bent(report, requests=on_matrix(change))


@shape(INVENTED, "number-in-a-label-cell")
def _number_beside_label(report: Report) -> Flow:
    """A group's own number stands in the label column behind it."""

    def change(rows: Matrix) -> Matrix:
        return [[row[0], row[1], word("6"), *row[3:]] if row[1] is row[2] else row for row in rows]

    return bent(report, requests=_rows(change))


@shape(INVENTED, "page-number-row")
def _page_number(report: Report) -> Flow:
    """A page mark inside the table, as conversion leaves it."""
    blank = [""] * 9
    return bent(report, requests=on_matrix(lambda m: [*m[:14], words("- 5 -", *blank), *m[14:]]))


@shape(INVENTED, "page-number-row-bare")
def _page_number_bare(report: Report) -> Flow:
    blank = [""] * 4
    return bent(report, requests=on_matrix(lambda m: [*m[:14], words(*blank, "5", *blank, ""), *m[14:]]))


@shape(INVENTED, "missing-row-and-page-number", loses="requests|denied.process")
def _page_number_for_row(report: Report) -> Flow:
    """A row is missing, and in its place stands a line that holds a page number and nothing else."""
    blank = [""] * 4
    return bent(report, requests=on_matrix(lambda m: [*m[:12], words(*blank, "5", *blank, ""), *m[13:]]))


@shape(INVENTED, "unlabelled-sum-in-place-of-row", loses="requests|denied.process")
def _sum_for_row(report: Report) -> Flow:
    """A row is missing, and a line of sums without a label closes its group."""

    def change(m: Matrix) -> Matrix:
        rows = [*m[:12], *m[13:]]
        group = rows[13]
        return [*rows[:14], [group[0], group[1], word(""), *(word("999") for _ in range(7))], *rows[14:]]

    return bent(report, requests=on_matrix(change))


# ---- 表四


def _disputes(change: "object") -> Make:
    return lambda report: bent(report, disputes=on_matrix(change))  # type: ignore[arg-type]


shape(INVENTED, "disputes-litigation-first")(_disputes(lambda m: [[*row[5:], *row[:5]] for row in m]))
shape(INVENTED, "disputes-litigation-exchanged")(_disputes(lambda m: [[*row[:5], *row[10:], *row[5:10]] for row in m]))
shape(INVENTED, "disputes-outcomes-exchanged")(_disputes(lambda m: [[row[1], row[0], *row[2:]] for row in m]))
shape(INVENTED, "disputes-total-first")(_disputes(lambda m: [[row[c] for g in (0, 5, 10) for c in (g + 4, g, g + 1, g + 2, g + 3)] for row in m]))
shape(INVENTED, "disputes-without-totals")(_disputes(lambda m: [[row[c] for c in range(15) if c % 5 != 4] for row in m]))
shape(INVENTED, "disputes-grand-total-last")(_disputes(lambda m: [[*row, word(t)] for row, t in zip(m, ("总计", "总计", "总计", "9999"), strict=True)]))
shape(INVENTED, "disputes-grand-total-first")(_disputes(lambda m: [[word(t), *row] for row, t in zip(m, ("合计", "", "", "9999"), strict=True)]))
shape(INVENTED, "disputes-row-label")(_disputes(lambda m: [[word(t), *row] for row, t in zip(m, ("项目", "", "", "件数"), strict=True)]))
shape(INVENTED, "disputes-serial-number")(_disputes(lambda m: [[word(t), *row] for row, t in zip(m, ("序号", "", "", "1"), strict=True)]))
shape(INVENTED, "disputes-header-lost", loses="")(_disputes(lambda m: m[3:]))
shape(INVENTED, "disputes-header-below")(_disputes(lambda m: [m[3], *m[:3]]))
shape(INVENTED, "disputes-transposed", loses="disputes")(_disputes(lambda m: [list(col) for col in zip(*m, strict=True)]))
shape(INVENTED, "disputes-own-word-twice")(_disputes(lambda m: [words("行政复议", *["行政诉讼"] * 2, *[""] * 12), *m]))


@shape(INVENTED, "disputes-two-years", loses="disputes")
def _disputes_years(report: Report) -> Flow:
    """A line for last year and a line for this."""

    def change(m: Matrix) -> Matrix:
        last = [silent(c, f"9{c.text}") for c in m[3]]
        return [[word("年度"), *m[0]], [word(""), *m[1]], [word(""), *m[2]], [word(f"{report.year - 1}年"), *last], [word(f"{report.year}年"), *m[3]]]

    return bent(report, disputes=on_matrix(change))


@shape(INVENTED, "disputes-two-years-bare", loses="disputes")
def _disputes_years_bare(report: Report) -> Flow:
    return bent(report, disputes=on_matrix(lambda m: [*m[:3], [silent(c, f"9{c.text}") for c in m[3]], m[3]]))


@shape(INVENTED, "disputes-year-numbers", loses="disputes")
def _disputes_year_numbers(report: Report) -> Flow:
    """Years as bare numbers in the first column."""

    def change(m: Matrix) -> Matrix:
        last = [silent(c, f"9{c.text}") for c in m[3]]
        return [[word("年度"), *m[0]], [word(""), *m[1]], [word(""), *m[2]], [word(str(report.year - 1)), *last], [word(str(report.year)), *m[3]]]

    return bent(report, disputes=on_matrix(change))


@shape(INVENTED, "disputes-units", loses="disputes")
def _disputes_departments(report: Report) -> Flow:
    """A line for each department and the sum below."""

    def change(m: Matrix) -> Matrix:
        return [[word("单位"), *m[0]], [word(""), *m[1]], [word(""), *m[2]], [word("办公室"), *(silent(c, "1") for c in m[3])],
                [word("法规处"), *(silent(c, "2") for c in m[3])], [word("合计"), *m[3]]]  # fmt: skip

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
        return [table_of([row[:5] for row in m], "disputes", 3), table_of([row[5:] for row in m], "disputes", 3)]

    return bent(report, disputes=change)


@shape(INVENTED, "disputes-two-tables-litigation-first", loses="disputes")
def _two_tables_exchanged(report: Report) -> Flow:
    def change(table: TableLayout) -> list[TableLayout]:
        m = matrix_of(table)
        return [table_of([row[5:] for row in m], "disputes", 3), table_of([row[:5] for row in m], "disputes", 3)]

    return bent(report, disputes=change)


def _grouped(m: Matrix, order: tuple[int, ...]) -> Matrix:
    names = ("行政复议", "未经复议直接起诉", "复议后起诉")
    head = words("类别", "结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
    return [head, *([word(names[g]), *m[3][g * 5 : g * 5 + 5]] for g in order)]


shape(INVENTED, "disputes-groups-as-rows", loses="disputes")(_disputes(lambda m: _grouped(m, (0, 1, 2))))
shape(INVENTED, "disputes-groups-as-rows-exchanged", loses="disputes")(_disputes(lambda m: _grouped(m, (1, 2, 0))))
shape(INVENTED, "disputes-groups-as-columns", loses="disputes")(
    _disputes(lambda m: [list(c) for c in zip(*_grouped(m, (0, 1, 2)), strict=True)])
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
    return bent(report, disputes=on_matrix(lambda m: [[m[0][c], m[1][c], m[2][c], m[3][c]] for c in range(15)]))


@shape(INVENTED, "disputes-in-prose-first")
def _disputes_prose(report: Report) -> Flow:
    small = table_of([words("类型", "结果维持", "结果纠正", "其他结果", "尚未审结", "总计"), words("件数", *"98765")], "")
    return beside(bent(report), "disputes", above=[Line("其中行政复议："), small])


@shape(INVENTED, "disputes-in-prose-below")
def _disputes_prose_below(report: Report) -> Flow:
    small = table_of([words("行政复议", "", "", "", ""), words("结果维持", "结果纠正", "其他结果", "尚未审结", "总计"), words(*"98765")], "")
    return beside(bent(report), "disputes", below=[Line("其中行政复议："), small])


# ---- 表二


def _proactive(change: "object") -> Make:
    return lambda report: bent(report, proactive=on_matrix(change))  # type: ignore[arg-type]


shape(INVENTED, "proactive-columns-reversed")(_proactive(lambda m: [[row[0], *row[:0:-1]] for row in m]))
shape(INVENTED, "proactive-no-captions")(_proactive(lambda m: [row for row in m if row[0] is not row[-1]]))
shape(INVENTED, "proactive-no-headers", loses="proactive")(_proactive(lambda m: [row for row in m if row[0].text != "信息内容"]))
shape(INVENTED, "proactive-only-rows", loses="proactive")(_proactive(lambda m: [row for row in m if row[0] is not row[-1] and row[0].text != "信息内容"]))


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
        padded = [[*part, *(words(*[""] * len(m[0])) for _ in range(height - len(part)))] for part in parts]
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
                out.append([row[0], *(x for c in dict.fromkeys(row[1:]) for x in [word("上年" + c.text.removeprefix("本年")), c])])
            else:
                out.append([row[0], *(x for c in dict.fromkeys(row[1:]) for x in [silent(c, f"9{c.text}"), c])])
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
            if row[0] is not row[-1] and row[0].text != "信息内容" and (below is None or below[0] is below[-1]):
                out.append([word("合计"), *(silent(c, "888") if c is not row[i] else word("888") for i, c in enumerate(row[1:]))])
        return out

    return bent(report, proactive=on_matrix(change))


@shape(INVENTED, "proactive-more-rows")
def _proactive_more(report: Report) -> Flow:
    """Rows of other matters with labels near those of the form."""

    def change(m: Matrix) -> Matrix:
        out: Matrix = []
        for row in m:
            out.append(row)
            for mine, more in (("行政许可", ("行政确认", "行政给付")), ("行政处罚", ("行政检查",)), ("行政强制", ("行政征收", "行政强制执行"))):
                if row[0].text == mine:
                    out += [[word(t), *(word("666") for _ in row[1:])] for t in more]
        return out

    return bent(report, proactive=on_matrix(change))


@shape(INVENTED, "proactive-row-replaced", loses="proactive|coercion")
def _proactive_replaced(report: Report) -> Flow:
    """行政强制 is not there, 行政检查 stands in its place."""

    def change(m: Matrix) -> Matrix:
        return [[word("行政检查"), *(silent(c) for c in row[1:])] if row[0].text == "行政强制" else row for row in m]

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
        return [[*row, row[0] if row[0] is row[-1] else word(last[row[0].text == "信息内容"] or str(r))] for r, row in enumerate(m)]

    return bent(report, proactive=on_matrix(change))


@shape(INVENTED, "proactive-serial-numbers")
def _proactive_serial(report: Report) -> Flow:
    def change(m: Matrix) -> Matrix:
        return [[row[0] if row[0] is row[-1] else word("序号" if row[0].text == "信息内容" else str(r)), *row] for r, row in enumerate(m)]

    return bent(report, proactive=on_matrix(change))


# ---- annexes


def _statistics(change: "object") -> Make:
    return lambda report: bent(report, statistics=on_matrix(change))  # type: ignore[arg-type]


OLD: Final = ("2014", "fj2008")
shape(INVENTED, "annex-serial-numbers", editions=OLD)(_statistics(lambda m: [[word("序号" if r == 0 else str(r)), *row] for r, row in enumerate(m)]))
shape(INVENTED, "annex-without-units", editions=OLD)(_statistics(lambda m: [[row[0], *row[2:]] for row in m]))
shape(INVENTED, "annex-units-last", editions=OLD)(_statistics(lambda m: [[row[0], *row[2:], row[1]] for row in m]))
shape(INVENTED, "annex-last-year-first", editions=("2014",), loses="statistics")(
    _statistics(lambda m: [[row[0], row[1], word("上年" if r == 0 else f"9{r}"), row[2]] for r, row in enumerate(m)])
)
shape(INVENTED, "annex-last-year-last", editions=("2014",), loses="statistics")(
    _statistics(lambda m: [[*row, word("上年" if r == 0 else f"9{r}")] for r, row in enumerate(m)])
)
shape(INVENTED, "annex-cumulative-first", editions=("fj2008",))(_statistics(lambda m: [[row[0], row[1], row[3], row[2]] for row in m]))


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
        return [[word("4.政务抖音公开政府信息数"), row[1], silent(row[2])] if "微信公开" in row[0].text else row for row in m]

    return bent(report, statistics=on_matrix(change))


__all__ = ["INVENTED", "numbered"]
