"""From aligned texts to cell rows: states, units, limits, and which tables a report is expected to
have.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from extract.document import Document, Reason, Status
from tests.build.draw import random_report
from tests.build.report import PARTS, Report, official_tables
from tests.golden.shapes import numbered
from tests.transform.grids import document, grid, grid_from
from transform.form.forms import load_forms
from transform.records import CellRow
from transform.tidy import Tidied, tidy

FORMS = load_forms()
Key = tuple[str, str, str]


def of(report: Report, *without: str) -> Document:
    return document(*(grid_from(t) for t in official_tables(report) if t.table_id not in without))


def read(report: Report, *without: str) -> Tidied:
    return tidy(of(report, *without), FORMS, 2022)


def cell(report: Report, key: Key) -> CellRow:
    (found,) = (c for c in read(report).cells if (c.table_id, c.row_id, c.col_id) == key)
    return found


def printed(key: Key, text: str, edition: str = "2021") -> tuple[CellRow, list[str]]:
    """A cell with this text, and the codes of the remarks on it."""
    base = numbered(edition)
    report = replace(base, figures={**base.figures, key: text})
    return cell(report, key), [r.code for r in read(report).remarks]


@pytest.mark.parametrize(("edition", "tables"), PARTS.items())
def test_every_cell_of_the_form_has_a_row(edition: str, tables: dict[str, str]) -> None:
    result = read(numbered(edition))
    assert (result.status, result.reason) == (Status.EXTRACTED, None)
    wanted = {(t, r, c) for t, e in tables.items() for r, c in FORMS.table(e, t).cells}
    assert {(c.table_id, c.row_id, c.col_id) for c in result.cells} == wanted
    assert {t.table_id: t.edition for t in result.tables if t.table_id != "disputes"} == {
        t: e for t, e in tables.items() if t != "disputes"
    }


@pytest.mark.parametrize(
    ("text", "state", "value", "code"),
    [
        ("0", "zero", "0", None),
        ("", "blank", None, None),
        ("/", "marker", None, None),
        ("见附件", "text", None, None),
        ("12 件", "number", "12", "cell.unit_in_cell"),
        ("１２", "number", "12", "cell.normalised"),
        ("1 2", "number", "12", "cell.inner_space"),
        ("O", "zero", "0", "cell.lookalike"),
        ("12（其中2件）", "number", "12", "cell.words_beside_number"),
        ("1" * 19, "text", None, "cell.too_long"),
        ("0.1234567", "text", None, "cell.too_long"),
        ("-3", "number", "-3", None),
        ("—3", "text", None, None),
        ("3/2", "text", None, None),
    ],
)
def test_what_a_cell_says(text: str, state: str, value: str | None, code: str | None) -> None:
    found, codes = printed(("requests", "granted", "natural"), text)
    assert (found.state, found.value) == (state, None if value is None else Decimal(value))
    assert codes == ([] if code is None else [code])
    assert found.raw_text == text


@pytest.mark.parametrize(
    ("text", "value"), [("-35", -35), ("－35", -35), ("—35", -35), ("– 35", -35), ("+14", 14)]
)
def test_a_dash_is_a_sign_only_where_a_change_belongs(text: str, value: int) -> None:
    found, codes = printed(("proactive", "licence", "change"), text, "2019")
    assert found.value == value
    assert ("cell.dash_as_sign" in codes) is (text[0] in "—–")
    assert printed(("proactive", "licence", "prev_items"), "—35", "2019")[0].state == "text"


def test_a_lone_dash_is_a_marker_everywhere() -> None:
    assert printed(("proactive", "licence", "change"), "—", "2019")[0].state == "marker"


@pytest.mark.parametrize(
    ("text", "header", "unit"),
    [
        ("7", "采购总金额", None),
        ("7元", "采购总金额", "元"),
        ("7万元", "采购总金额", "万元"),
        ("7", "采购总金额（万元）", "万元"),
        ("7元", "采购总金额（万元）", "元"),
    ],
)
def test_the_printed_unit_goes_before_the_headers_and_that_before_the_forms(
    text: str, header: str, unit: str | None
) -> None:
    key = ("proactive", "procurement", "amount")
    base = numbered("2019")
    found = cell(
        replace(base, figures={**base.figures, key: text}, labels={"采购总金额": header}), key
    )
    assert (found.unit, found.value) == (unit, 7)
    assert cell(base, ("proactive", "procurement", "projects")).unit == "个"


def test_a_missing_table_is_told_with_its_cells_absent() -> None:
    result = read(numbered("2019"), "disputes")
    assert (result.status, result.reason, result.detail) == (
        Status.PARTIAL,
        Reason.MISSING_TABLES,
        "disputes",
    )
    (table,) = (t for t in result.tables if not t.found)
    assert (table.table_id, table.edition, table.rows_matched, table.rows_expected) == (
        "disputes",
        "2019",
        0,
        1,
    )
    assert {c.state for c in result.cells if c.table_id == "disputes"} == {"absent"}


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (document("一、总体情况"), Reason.NO_TABLES),
        (document(grid(["网站", "12"], ["公众号", "3"])), Reason.NOT_A_REPORT),
        (Document((), "made", text_without_cells=True), Reason.NO_CELLS),
    ],
)
def test_what_is_no_report(made: Document, reason: Reason) -> None:
    result = tidy(made, FORMS, 2022)
    assert (result.status, result.reason) == (Status.REJECTED, reason)
    assert not result.tables and not result.cells and result.detail


def test_a_few_words_of_the_form_are_no_table_of_it() -> None:
    small = grid(["办理结果", "件数"], ["予以公开", "5"], ["部分公开", "2"], ["总计", "7"])
    assert (
        tidy(document("三、收到和处理政府信息公开申请情况", small), FORMS, 2022).reason
        is Reason.NOT_A_REPORT
    )


def test_a_row_left_out_is_absent_in_all_its_cells() -> None:
    report = replace(numbered("2021"), omitted=frozenset({("proactive", "regulations")}))
    found = {c.col_id: c.state for c in read(report).cells if c.row_id == "regulations"}
    assert found == {"issued": "absent", "repealed": "absent", "in_force": "absent"}
    (table,) = (t for t in read(report).tables if t.table_id == "proactive")
    assert (table.rows_matched, table.rows_expected) == (5, 6)


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("甲市乙区水利局2022年度行政执法统计年报", Status.REJECTED),
        ("甲市乙区水利局2022年政府信息公开工作年度报告", Status.PARTIAL),
    ],
)
def test_statistics_of_law_enforcement_are_no_report(title: str, status: Status) -> None:
    rows = grid(["项目", "数量"], ["行政许可", "12"], ["行政处罚", "340"], ["行政强制", "3"])
    assert tidy(document(title, rows), FORMS, 2022).status is status


def _bare(values: list[list[str]], *beside: str) -> Document:
    """Table 三 without a label, under its heading; `beside`: tables with theirs."""
    tables = {t.table_id: grid_from(t) for t in official_tables(numbered("2021"))}
    heading = "三、收到和处理政府信息公开申请情况"
    return document(*(tables[t] for t in beside), heading, grid(*values))


def test_numbers_without_a_label_are_a_table_by_their_sums_alone() -> None:
    report = random_report(3, mean=20)
    (requests,) = (t for t in official_tables(report) if t.table_id == "requests")
    rows = [row for line in requests.lines() if (row := [a.text for a in line if a.key])]
    read_back = {
        (c.row_id, c.col_id): c.value
        for c in tidy(_bare(rows), FORMS, 2022).cells
        if c.table_id == "requests"
    }
    assert read_back == {
        (r, c): Decimal(text) for (t, r, c), text in report.figures.items() if t == "requests"
    }


def test_numbers_whose_order_nothing_proves_are_open() -> None:
    counted = [[str(7 * i + j + 1) for j in range(7)] for i in range(25)]
    alone = tidy(_bare(counted), FORMS, 2022)
    assert (alone.status, alone.reason) == (Status.REJECTED, Reason.NO_CELLS)
    beside = tidy(_bare(counted, "proactive"), FORMS, 2022)
    requests = [c for c in beside.cells if c.table_id == "requests"]
    assert {c.state for c in requests} == {"absent"} and requests[0].raw_text == "1"
    codes = [r.code for r in beside.remarks if r.table_id == "requests"]
    assert codes.count("table.order_unproved") == 1 and "row.by_order" not in codes
    zeros = tidy(_bare([["0"] * 7 for _ in range(25)]), FORMS, 2022)
    assert zeros.reason is Reason.NO_CELLS


@pytest.mark.parametrize(
    ("text", "printed_total", "state", "value"),
    [
        ("1\n08", "108", "number", "108"),  # every sum holds by 108
        ("１\n０８件", "108", "number", "108"),
        ("1\n08", "109", "text", None),  # the row's sum does not
        ("10\n8", "18", "text", None),  # two numbers that add up to what is meant are not one
    ],
)
def test_a_number_cut_in_two_is_one_where_the_sums_prove_it(
    text: str, printed_total: str, state: str, value: str | None
) -> None:
    zeros = {k: "0" if k[0] == "requests" else v for k, v in numbered("2021").figures.items()}
    for row in ("new", "granted", "result_total"):
        zeros["requests", row, "natural"] = zeros["requests", row, "total"] = "108"
    zeros["requests", "granted", "natural"] = text
    zeros["requests", "granted", "total"] = printed_total
    found = cell(replace(numbered("2021"), figures=zeros), ("requests", "granted", "natural"))
    assert (found.state, found.value) == (state, None if value is None else Decimal(value))
    in_table_2 = {**zeros, ("proactive", "licence", "decisions"): "1\n08"}
    open_cell = cell(
        replace(numbered("2021"), figures=in_table_2), ("proactive", "licence", "decisions")
    )
    assert open_cell.state == "text"  # no sum covers it
