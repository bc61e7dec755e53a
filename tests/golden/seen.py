"""Layouts and ways of printing that real reports have, each as one small case with figures of our
own.

`SEEN` maps a name to a `Shape`. What every format can do wrong by itself (spans that lie, run-on
pastes, cut pages) stands in `tests.build.layouts` and is read by `tests/test_layouts.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from tests.build.report import Anchor, Flow, Line, Report, TableLayout, flow, official_tables
from tests.golden.shape import Shape, shape
from tests.golden.shapes import (
    Matrix,
    before,
    bent,
    beside,
    matrix_of,
    on_matrix,
    silent,
    table_of,
    without_keys,
    word,
    words,
)

SEEN: Final[dict[str, Shape]] = {}
NEW: Final = ("2021",)
OLD: Final = ("2019",)
HEAD: Final = 3  # header rows of 表三


def _plain(report: Report) -> Flow:
    return bent(report)


shape(SEEN, "form-of-2021", NEW)(_plain)
shape(SEEN, "form-of-2019", OLD)(_plain)
shape(SEEN, "hybrid", ("hybrid",))(_plain)
shape(SEEN, "statistics-of-2014", ("2014",))(_plain)
shape(SEEN, "local-statistics", ("fj2008",))(_plain)


@shape(SEEN, "obsolete-form-late", OLD)
def _late(report: Report) -> Flow:
    """The form of 2019 in a report on 2024."""
    return bent(replace(report, year=2024))


@shape(SEEN, "fees-table", NEW)
def _fees(report: Report) -> Flow:
    """A fifth chapter with the fees charged; the chapters behind it move on."""
    fees = {
        ("fees", "fees", c): str(301 + i) for i, c in enumerate(("notices", "billed", "collected"))
    }
    return flow(replace(report, figures={**report.figures, **fees}))


@shape(SEEN, "short-local-statistics", ("fj2008",))
def _short(report: Report) -> Flow:
    """Seven of the rows with one column 年末统计."""
    kept = (
        "主动公开文件数",
        "其中：1.政府网站公开数",
        "2.政府公报公开数",
        "受理政府信息公开申请总数",
        "对申请的答复总数",
        "行政复议数",
        "行政诉讼数",
    )

    def change(m: Matrix) -> Matrix:
        rows = [[*row[:2], row[2]] for row in m if row[0].text in kept]
        return [words("指标名称", "单位", "年末统计"), *rows]

    return bent(report, statistics=on_matrix(change))


# ---- around the tables


@shape(SEEN, "two-numbering-systems", NEW)
def _numbering(report: Report) -> Flow:
    """总体情况 numbers its topics 一 to 六, then the chapters are numbered one too low."""
    out: Flow = []
    for block in flow(report):
        if (
            isinstance(block, Line)
            and block.role == "heading"
            and block.text[1:2] == "、"
            and not block.text.startswith("一")
        ):
            block = Line(
                "一二三四五"["二三四五六".index(block.text[0])] + block.text[1:], "heading"
            )
        out.append(block)
        if isinstance(block, Line) and block.text == "一、总体情况":
            out += [
                Line(f"{n}、{t}", "heading")
                for n, t in zip(
                    "一二三四", ("主动公开", "依申请公开", "政府信息管理", "监督保障"), strict=True
                )
            ]
    return out


@shape(SEEN, "prose-around-tables", NEW)
def _sandwich(report: Report) -> Flow:
    """Prose between heading and table, and between the two tables of a chapter."""

    def change(table: TableLayout) -> list[TableLayout | Line]:
        m = matrix_of(table)
        half = next(r for r, row in enumerate(m) if row[0].text.startswith("第二十条第（六）项"))
        said = Line("2024年共收到申请12件，其中予以公开5件，部分公开3件。")
        return [
            said,
            table_of(m[:half], "proactive"),
            Line("行政处罚等情况如下："),
            table_of(m[half:], "proactive"),
            said,
        ]

    return bent(
        report,
        proactive=change,
        requests=lambda t: [Line("2023年结转2件，2024年新收10件，同比增长25%。"), t],
    )


@shape(SEEN, "letter", NEW)
def _letter(report: Report) -> Flow:
    """The report is a letter to a superior office."""
    return [
        Line(f"关于报送{report.year}年政府信息公开工作年度报告的函", "title"),
        Line("区政府办公室："),
        *bent(report)[1:],
        Line("特此函告。"),
    ]


@shape(SEEN, "heading-lost", NEW)
def _no_heading(report: Report) -> Flow:
    return [b for b in bent(report) if not (isinstance(b, Line) and b.role == "heading")]


@shape(SEEN, "heading-misspelt", NEW)
def _misspelt(report: Report) -> Flow:
    change = {
        "二、主动公开政府信息情况": "二、主动公开政府政府情况",
        "四、政府信息公开行政复议、行政诉讼情况": "四、政府信息公开行政法复议、行政诉讼情况",
    }
    return [
        replace(b, text=change.get(b.text, b.text)) if isinstance(b, Line) else b
        for b in bent(report)
    ]


@shape(SEEN, "narrative-table-first", NEW)
def _narrative_table(report: Report) -> Flow:
    """总体情况 has a table that uses the form's words, with other numbers."""
    small = table_of(
        [
            words("办理结果", "件数", "占比"),
            words("予以公开", "5", "50%"),
            words("部分公开", "2", "20%"),
            words("不予公开", "3", "30%"),
            words("总计", "10", "100%"),
        ],
        "",
    )
    return before(bent(report), "proactive", small)


@shape(SEEN, "metadata-table-first", NEW)
def _metadata(report: Report) -> Flow:
    facts = table_of(
        [
            words("索引号", "Y00/2025-00017", "发布机构", report.agency),
            words("公开日期", "2025-01-20", "文号", ""),
        ],
        "",
    )
    return [facts, *bent(report)]


@shape(SEEN, "own-and-whole-area", NEW)
def _areas(report: Report) -> Flow:
    """The tables for the agency itself, and again for the whole area: the first are taken, and it
    is said.
    """
    area = replace(report, figures={k: str(60_000 + i) for i, k in enumerate(report.figures)})
    return [
        *bent(report),
        Line("附：全市汇总情况"),
        *(without_keys(t) for t in official_tables(area)),
    ]


@shape(SEEN, "this-year-and-last", NEW)
def _years(report: Report) -> Flow:
    """Last year's tables are printed first; the paragraph above each says which year it is."""
    last = replace(report, figures={k: str(70_000 + i) for i, k in enumerate(report.figures)})
    out: Flow = []
    for block in bent(report):
        if isinstance(block, TableLayout):
            other = next(t for t in official_tables(last) if t.table_id == block.table_id)
            out += [
                Line(f"{report.year - 1}年数据", "note"),
                without_keys(other),
                Line(f"{report.year}年数据", "note"),
            ]
        out.append(block)
    return out


# ---- rows and labels


@shape(SEEN, "row-more", OLD)
def _extra_row(report: Report) -> Flow:
    """其他主动公开文件 below 规范性文件."""

    def change(m: Matrix) -> Matrix:
        return [*m[:4], [word("其他主动公开文件"), *(silent(c, "41") for c in m[3][1:])], *m[4:]]

    return bent(report, proactive=on_matrix(change))


@shape(SEEN, "row-missing", NEW)
def _missing_row(report: Report) -> Flow:
    """规章 is left out."""
    return bent(replace(report, omitted=frozenset({("proactive", "regulations")})))


@shape(SEEN, "results-label-twice", NEW)
def _results_twice(report: Report) -> Flow:
    """三、本年度办理结果 stands twice, as after a page break."""

    def halves(m: Matrix) -> Matrix:
        second = word("三、本年度办理结果")
        return [
            [second if r >= 15 and row[0].text.startswith("三、") else row[0], *row[1:]]
            for r, row in enumerate(m)
        ]

    return bent(report, requests=on_matrix(halves))


@shape(SEEN, "label-missing", NEW)
def _label_missing(report: Report) -> Flow:
    """One row without its label is told by its place."""

    def change(m: Matrix) -> Matrix:
        return [[row[0], row[1], word(), *row[3:]] if r == 9 else row for r, row in enumerate(m)]

    return bent(report, requests=on_matrix(change))


@shape(SEEN, "labels-missing", NEW)
def _labels_missing(report: Report) -> Flow:
    """Three rows in a run without labels are told by their order."""

    def change(m: Matrix) -> Matrix:
        return [
            [row[0], row[1], word(), *row[3:]] if 8 <= r <= 10 else row for r, row in enumerate(m)
        ]

    return bent(report, requests=on_matrix(change))


@shape(SEEN, "labels-missing-ambiguous", NEW, loses="requests|denied")
def _labels_ambiguous(report: Report) -> Flow:
    """Three rows without labels where the form has four: none is told."""

    def change(m: Matrix) -> Matrix:
        rows = [
            [row[0], row[1], word(), *row[3:]] if 8 <= r <= 10 else row for r, row in enumerate(m)
        ]
        return [*rows[:11], *rows[12:]]

    return bent(report, requests=on_matrix(change))


def _labelled(labels: Mapping[str, str]) -> Callable[[Report], Flow]:
    return lambda report: bent(replace(report, labels=labels))


shape(SEEN, "instructions-in-labels", OLD)(
    _labelled(
        {
            "其他对外管理服务事项": (
                "其他对外管理服务事项（除行政许可以外，包括行政处罚、行政强制等，2020年清单共3项）"
            ),
            "本年增/减": ("本年增/减（指2020年比2019年增加或减少，如 -8）"),
            "（二）部分公开（区分处理的，只计这一情形，不计其他情形）": (
                "（二）部分公开（区分处理的，只计这1种情形，不计其他情形；2020年起）"
            ),
        }
    )
)
shape(SEEN, "labels-misspelt", NEW)(
    _labelled(
        {
            "2.其他法律行政法规禁止公开": "2.其他法律行政止公开",
            "三、本年度办理结果": "三三、本年度办理结果",
            "行政事业性收费": "行政事业型收费",
            ("现行有效件数"): ("现行有效件"),
            "3.危及“三安全一稳定”": '3.危及"三安全一稳定"',
            "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请": (
                "1、申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"
            ),
            "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）": (
                "（本列数据的钩稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
            ),
        }
    )
)
shape(SEEN, "labels-spaced", NEW)(
    _labelled(
        {
            "三、本年度办理结果": "三 、本 年 度办 理 结果",
            "4.无正当理由大量反复申请": "4.无正当理由大量反复 申请",
            "商业企业": "商 业 企 业",
            "结果维持": "结 果 维持",
            "总计": "总 计",
            "第二十条第（一）项": "第二十条 第（一）项",
        }
    )
)
shape(SEEN, "labels-one-character-a-line", NEW)(
    _labelled(
        {
            "三、本年度办理结果": "\n".join("三、本年度办理结果"),
            "（三）不予公开": "\n".join("（三）不予公开"),
        }
    )
)
shape(SEEN, ("labels-shortened"), NEW)(
    _labelled(
        {
            "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请": "1.逾期不补正",
            "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请": (
                "2.逾期不缴费"
            ),
            "（二）部分公开（区分处理的，只计这一情形，不计其他情形）": ("（二）部分公开"),
            "行政规范性文件": "规范性文件",
        }
    )
)


@shape(SEEN, "subtotals-printed", NEW)
def _subtotals(report: Report) -> Flow:
    """（三）, （四） and （五） stand in rows of their own with subtotals."""

    def change(m: Matrix) -> Matrix:
        out: Matrix = []
        seen: list[Anchor] = []
        for row in m:
            if (
                row[1].text[:3] in ("（三）", "（四）", "（五）")
                and row[1] not in seen
                and row[1] is not row[2]
            ):
                seen.append(row[1])
                out.append([row[0], row[1], row[1], *(word(str(800 + i)) for i in range(7))])
            out.append(row)
        return out

    return bent(report, requests=on_matrix(change))


# ---- headers


@shape(SEEN, "header-cell-broken-over-rows", NEW)
def _broken_header(report: Report) -> Flow:
    """商业|科研 above 企业|机构."""

    def change(m: Matrix) -> Matrix:
        upper = [word(c.text[:2]) if 4 <= i <= 7 else c for i, c in enumerate(m[2])]
        lower = [word(c.text[2:]) if 4 <= i <= 7 else c for i, c in enumerate(m[2])]
        return [*m[:2], upper, lower, *m[3:]]

    return bent(report, requests=on_matrix(change))


@shape(SEEN, "total-header-in-third-row", NEW)
def _total_low(report: Report) -> Flow:
    def change(m: Matrix) -> Matrix:
        rows = [list(row) for row in m]
        rows[1][9], rows[2][9] = word(), word("总计")
        return rows

    return bent(report, requests=on_matrix(change))


@shape(SEEN, "blank-header-under-natural", NEW)
def _blank_header(report: Report) -> Flow:
    """自然人 does not reach down: a blank cell stands below it."""

    def change(m: Matrix) -> Matrix:
        rows = [list(row) for row in m]
        rows[1][3], rows[2][3] = word("自然人"), word()
        return rows

    return bent(report, requests=on_matrix(change))


shape(SEEN, "two-columns-called-alike", OLD)(
    _labelled({"本年新制作数量": "本年新", "本年新公开数量": "本年新"})
)
shape(SEEN, "column-labels-drifting", OLD)(
    _labelled(
        {
            "本年新公开数量": "本年公开数量",
            "对外公开总数量": "对外公开总数量（历史累计）",
            "本年新制作数量": "本年新\n制作数量",
        }
    )
)
shape(SEEN, "unit-in-the-header", OLD)(_labelled({"采购总金额": "采购总金额(万元)"}))


@shape(SEEN, "organisations-subtotal-column", NEW)
def _organisations(report: Report) -> Flow:
    """A column 法人小计 more."""

    def change(m: Matrix) -> Matrix:
        head = [m[0][3], word("小计"), word("法人小计")]
        return [
            [*row[:9], head[r] if r < HEAD else word(str(900 + r)), *row[9:]]
            for r, row in enumerate(m)
        ]

    return bent(report, requests=on_matrix(change))


@shape(SEEN, "sizing-row", NEW)
def _sizing(report: Report) -> Flow:
    """A first row of empty cells that only gives the widths, and an empty row below."""
    empty = [""] * 10
    return bent(
        report,
        requests=on_matrix(lambda m: [words(*empty), *m, words(*empty)]),
        disputes=on_matrix(lambda m: [*m, words(*["\u00a0"] * 15)]),
    )


@shape(SEEN, "disputes-row-label-cases", NEW)
def _cases_label(report: Report) -> Flow:
    """件数 before the numbers of 表四."""
    return bent(
        report,
        disputes=on_matrix(
            lambda m: [[word(t), *row] for row, t in zip(m, ("", "", "", "件数"), strict=True)]
        ),
    )


@shape(SEEN, "disputes-header-gone", NEW)
def _no_header(report: Report) -> Flow:
    return bent(report, disputes=on_matrix(lambda m: m[3:]))


@shape(SEEN, "disputes-header-shattered", NEW)
def _shattered(report: Report) -> Flow:
    """The header is there in pieces: no place under a label can be trusted, the order can."""

    def change(m: Matrix) -> Matrix:
        top = words("行政复", "", "", "", "", "行政", "诉", "讼", *[""] * 7)
        return [
            top,
            words(*["结果", "结果", "其他", "尚未", "总"] * 3),
            words(*["维持", "纠正", "结果", "审结", "计"] * 3),
            m[3],
        ]

    return bent(report, disputes=on_matrix(change))


@shape(SEEN, "note-below-disputes", NEW)
def _note(report: Report) -> Flow:
    return beside(
        bent(report), "disputes", below=[Line("注：本年度复议案件2件为上年结转。", "note")]
    )


# ---- cells


def _printed(texts: Mapping[tuple[str, str, str], str]) -> Callable[[Report], Flow]:
    return lambda report: bent(replace(report, figures={**report.figures, **texts}))


shape(SEEN, "words-beside-numbers", NEW)(
    _printed(
        {
            ("proactive", "normative", "issued"): "24（其中修订 11 件）",
            ("proactive", "normative", "repealed"): "57（含自然失效 3 件）",
        }
    )
)
shape(SEEN, "units-in-cells", OLD)(
    _printed(
        {
            ("proactive", "procurement", "amount"): "251000元",
            ("proactive", "procurement", "projects"): "2个",
        }
    )
)
shape(SEEN, "large-counts", NEW)(
    _printed(
        {
            ("proactive", "licence", "decisions"): "11398889",
            ("proactive", "admin_fee", "fee_amount"): "24252.311082",
        }
    )
)
shape(SEEN, "equation-misused", OLD)(
    _printed(
        {
            ("proactive", "licence", "prev_items"): "1215",
            ("proactive", "licence", "change"): "-35",
            ("proactive", "licence", "decisions"): "1180",
        }
    )
)
shape(SEEN, "signs", OLD)(
    _printed(
        {
            ("proactive", "licence", "change"): "+1036",
            ("proactive", "penalty", "change"): "－18",
            ("proactive", "coercion", "change"): "0",
        }
    )
)
shape(SEEN, "spaces-in-cells", NEW)(
    _printed(
        {
            ("requests", "new", "natural"): "1\u30002",
            ("requests", "new", "total"): "\u00a0 12",
            ("requests", "granted", "natural"): "\u30003",
        }
    )
)


def _where(test: Callable[[tuple[str, str, str]], bool], text: str) -> Callable[[Report], Flow]:
    return lambda report: bent(
        replace(report, figures={k: text if test(k) else t for k, t in report.figures.items()})
    )


shape(SEEN, "blank-but-natural-and-total", NEW)(
    _where(lambda k: k[0] == "requests" and k[2] not in ("natural", "total"), "")
)
shape(SEEN, "blank-but-total", NEW)(
    _where(lambda k: k[0] == "requests" and k[2] != "total", "\u00a0")
)
shape(SEEN, "totals-blank", OLD)(
    _where(
        lambda k: k[0] == "requests" and k[2] == "total" and k[1] not in ("new", "result_total"),
        "\u00a0",
    )
)
shape(SEEN, "nearly-all-blank", NEW)(
    _where(lambda k: k[1:] != ("new", "natural") and k[0] != "proactive", "")
)
shape(SEEN, "not-filed-in", NEW)(_where(lambda k: True, ""))
shape(SEEN, "strokes-for-nothing", NEW)(_where(lambda k: k[2] in ("research", "charity"), "/"))


@shape(SEEN, "zero-in-a-merged-row", NEW, loses="requests|not_processed.mass")
def _merged_zero(report: Report) -> Flow:
    """One 0 over a whole row is no seven zeros."""

    def change(m: Matrix) -> Matrix:
        at = next(r for r, row in enumerate(m) if row[2].text.startswith("4.无正当理由"))
        zero = silent(m[at][3], "0")
        return [[*row[:3], *[zero] * 7] if r == at else row for r, row in enumerate(m)]

    return bent(report, requests=on_matrix(change))
