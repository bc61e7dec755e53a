"""Tables printed twice, cut, or with single cells that are merged, missing or hold words."""

from dataclasses import replace

from tests.build.report import Anchor, Flow, Line, Report, TableLayout, official_tables
from tests.golden.invented.common import INVENTED, rows
from tests.golden.shape import shape
from tests.golden.shapes import (
    Matrix,
    before,
    bent,
    matrix_of,
    on_matrix,
    silent,
    table_of,
    without_keys,
    word,
)


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
    return [
        *bent(report),
        Line("附件：全市汇总情况"),
        *(without_keys(t) for t in official_tables(_other_figures(report))),
    ]


@shape(INVENTED, "last-year-after-this")
def _last_year_after(report: Report) -> Flow:
    out: Flow = []
    for block in bent(report):
        out.append(block)
        if isinstance(block, TableLayout):
            other = next(
                t for t in official_tables(_other_figures(report)) if t.table_id == block.table_id
            )
            out += [Line(f"附：{report.year - 1}年情况", "note"), without_keys(other)]
    return out


@shape(INVENTED, "last-year-before-this", loses="anything")
def _last_year_before(report: Report) -> Flow:
    out: Flow = []
    for block in bent(report):
        if isinstance(block, TableLayout):
            other = next(
                t for t in official_tables(_other_figures(report)) if t.table_id == block.table_id
            )
            out += [
                Line(f"（一）{report.year - 1}年情况", "note"),
                without_keys(other),
                Line(f"（二）{report.year}年情况", "note"),
            ]
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
        return [
            table_of(m[:9], "requests", 3),
            Line("第 3 页"),
            table_of(m[9:20], "requests"),
            Line("第 4 页"),
            table_of(m[20:], "requests"),
        ]

    return bent(report, requests=change)


@shape(INVENTED, "each-row-a-table")
def _row_tables(report: Report) -> Flow:
    """Every line of 表三 a table of its own, as some converters give it."""

    def change(table: TableLayout) -> list[TableLayout]:
        m = matrix_of(table)
        return [table_of(m[:3], "requests", 3), *(table_of([row], "requests") for row in m[3:])]

    return bent(report, requests=change)


@shape(INVENTED, "zeros-merged-over-row", loses="requests|denied")
def _merged_row(report: Report) -> Flow:
    """In one row all seven columns are one cell."""

    def change(rows: Matrix) -> Matrix:
        cell = silent(rows[6][3], "0")
        return [[*row[:3], *[cell] * 7] if i == 6 else row for i, row in enumerate(rows)]

    return bent(report, requests=rows(change))


@shape(INVENTED, "two-cells-merged", loses="requests|denied")
def _merged_two(report: Report) -> Flow:
    """In one row two columns are one cell."""

    def change(rows: Matrix) -> Matrix:
        cell = silent(rows[6][4], "3")
        return [[*row[:4], cell, cell, *row[6:]] if i == 6 else row for i, row in enumerate(rows)]

    return bent(report, requests=rows(change))


@shape(INVENTED, "two-cells-merged-and-remarks", loses="requests|denied")
def _merged_two_remarks(report: Report) -> Flow:
    """In one row two columns are one cell, and a column without a name stands at the end: as many
    cells as columns.
    """

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

    return bent(report, requests=rows(change))


@shape(INVENTED, "total-merged-down-groups", loses="requests|total")
def _total_merged(report: Report) -> Flow:
    """The total column is one cell for each group of rows."""

    def change(rows: Matrix) -> Matrix:
        out: Matrix = []
        cells: dict[int, Anchor] = {}
        for row in rows:
            cell = cells.setdefault(id(row[1]), silent(row[9])) if row[1] is not row[2] else row[9]
            out.append([*row[:9], cell])
        return out

    return bent(report, requests=rows(change))


@shape(INVENTED, "short-row", loses="requests|denied")
def _short_row(report: Report) -> Flow:
    """One row lacks a cell, one does not know which; as html leaves it, the others move to the
    left.
    """

    def change(rows: Matrix) -> Matrix:
        return [[*row[:5], *row[6:]] if i == 6 else row for i, row in enumerate(rows)]

    blocks = bent(report, requests=rows(change))
    return [
        _hole(b) if isinstance(b, TableLayout) and b.table_id == "requests" else b for b in blocks
    ]


def _hole(table: TableLayout) -> TableLayout:
    """Without the empty cell that fills up a short row, and without the keys of the row."""
    anchors = tuple(
        silent(a) if a.row == 9 else a for a in table.anchors if not (a.row == 9 and not a.text)
    )
    return replace(table, anchors=anchors)


@shape(INVENTED, "word-for-natural", loses="requests|new|natural")
def _word_for_number(report: Report) -> Flow:
    """A word stands where the first number belongs."""
    return bent(
        replace(report, figures={**report.figures, ("requests", "new", "natural"): "见附件"})
    )


@shape(INVENTED, "words-for-a-row", loses="requests|new")
def _words_for_row(report: Report) -> Flow:
    figures = {
        k: "另行统计" if k[:2] == ("requests", "new") else t for k, t in report.figures.items()
    }
    return bent(replace(report, figures=figures))


@shape(INVENTED, "two-numbers-in-a-cell", loses="requests|granted|natural")
def _two_numbers(report: Report) -> Flow:
    figures = {
        **report.figures,
        ("requests", "granted", "natural"): "3/2",
        ("requests", "partial", "natural"): "1+1",
        ("requests", "new", "natural"): "18\n19",
    }
    return bent(replace(report, figures=figures))


@shape(INVENTED, "footnote-marks", loses="anything")
def _footnotes(report: Report) -> Flow:
    marks = {
        "new": "18①",
        "carried_in": "3*",
        "granted": "5[1]",
        "partial": "6注1",
        "result_total": "7²",
        "carried_out": "约8",
    }
    return bent(
        replace(
            report,
            figures={**report.figures, **{("requests", r, "natural"): t for r, t in marks.items()}},
        )
    )


@shape(INVENTED, "counts-in-labels")
def _counts_in_labels(report: Report) -> Flow:
    """Labels that tell a number themselves."""
    labels = {
        "（一）予以公开": "（一）予以公开（共12件）",
        "3.其他": "3.其他（2件）",
        "（七）总计": "（七）总计（20件）",
    }
    return bent(replace(report, labels=labels))
