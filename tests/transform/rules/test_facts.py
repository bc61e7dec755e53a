"""What regulations and notices say: forms that nobody must follow, who may make 规章, fees."""

import pytest

from extract.html.read import read as read_html
from tests.transform.rules.test_evaluate import check, clean, reading
from transform.form.forms import load_forms
from transform.records import DocumentRow, OutcomeRow, Reading, ReportRow
from transform.tidy import tidy

FORMS = load_forms()

# The table that the office of the government of Putian prescribed for the reports on 2009.
PUTIAN = (
    ("主动公开信息数", "条", 120, 560),
    ("其中：1.政府网站", "条", 100, 500),
    ("2.政府公报", "条", 20, 60),
    ("受理依申请公开信息总数", "条", 10, 31),
    ("其中：1.当面申请数", "条", 1, 6),
    ("2.传真申请数", "条", 2, 5),
    ("3.电子邮件申请数", "条", 3, 5),
    ("4.网上申请数", "条", 2, 5),
    ("5.信函申请数", "条", 1, 5),
    ("6.其它形式申请数", "条", 1, 5),
    ("本年度对申请的答复总数", "条", 10, 31),
    ("其中：1.同意公开答复数", "条", 5, 20),
    ("2.同意部分公开答复数", "条", 2, 6),
    ("3.否决公开答复总数", "条", 3, 5),
    ("行政复议数", "件", 0, 1),
    ("行政诉讼数", "件", 0, 0),
    ("行政申诉数", "件", 0, 0),
)
PINGTAN = (
    ("主动公开信息数", "条", 120, 560),
    ("其中：1、网站公开", "条", 100, 500),
    ("其中：2、政府公报公开", "条", 20, 60),
    ("受理依申请公开信息总数", "条", 6, 16),
    ("其中：1、当面申请数", "条", 1, 6),
    ("其中：2、传真申请数", "条", 2, 5),
    ("其中：3、电子邮件申请数", "条", 3, 5),
)


def local_report(lines: tuple[tuple[str, str, int, int], ...], **changed: int) -> Reading:
    """A report with this table, read from a page; `changed` are figures of the year by label."""
    cells = "".join(
        f"<tr><td>{label}<td>{unit}<td>{changed.get(label, year)}<td>{total}</tr>"
        for label, unit, year, total in lines
    )
    page = "<table><tr><td>指标名称<td>计量单位<td>2009年度<td>历年累计</tr>" + cells + "</table>"
    made = tidy(read_html(page.encode()), FORMS, 2009)
    return Reading(
        DocumentRow("d1", "x", "html", 1),
        OutcomeRow("d1", made.status.value, None, None, "made", "1", 0.0),
        ReportRow("r1", "d1", "莆田市民政局", "莆田市民政局", 2009, None, None, None),
        made.tables,
        made.remarks,
        made.cells,
    )


@pytest.mark.parametrize("lines", [PUTIAN, PINGTAN])
def test_a_local_table_to_the_letter_gives_no_finding(
    lines: tuple[tuple[str, str, int, int], ...],
) -> None:
    found = [(f["rule_id"], f["message_zh"]) for f in check([local_report(lines)])]
    assert found == []


def test_a_local_sum_that_fails_is_a_question() -> None:
    found = check([local_report(PUTIAN, **{"受理依申请公开信息总数": 11})])
    assert [(f["rule_id"], f["level"], f["state"]) for f in found] == [
        ("statistics.recv", "warning", "fails")
    ]


def test_a_row_that_the_local_table_never_had_is_mentioned_only() -> None:
    found = check([local_report((*PUTIAN, ("网站点击量", "次", 7, 9)))])
    assert {(f["rule_id"], f["level"]) for f in found} == {("row.extra", "info")}


@pytest.mark.parametrize(
    ("edition", "year", "level"), [("2019", 2019, "info"), ("2019", 2020, "error")]
)
def test_the_form_is_encouraged_for_2019_and_prescribed_for_2020(
    edition: str, year: int, level: str
) -> None:
    figures = {k: None if k[1] == "new" else v for k, v in clean(edition).items()}
    found = check([reading(1, edition, figures, year=year)])
    assert {f["level"] for f in found if f["rule_id"] == "row.missing"} == {level}


def test_the_annex_of_2014_in_a_report_on_2019_is_mentioned_only() -> None:
    found = check([reading(1, "2014", clean("2014"), year=2019)])
    assert {f["level"] for f in found if f["rule_id"] == "form.wrong_year"} == {"info"}


@pytest.mark.parametrize(
    ("agency", "questioned"),
    [
        ("锡林郭勒盟行政公署", True),
        ("大兴安岭地区行政公署办公室", True),
        ("红河哈尼族彝族自治州人民政府", False),
        ("东莞市人民政府", False),
        ("昆山市人民政府", True),
    ],
)
def test_who_may_make_regulations(agency: str, questioned: bool) -> None:
    figures = {**clean("2021"), ("proactive", "regulations", "in_force"): "4"}
    found = check([reading(1, "2021", figures, agency_id=agency, agency_name=agency)])
    assert ("proactive.no_power" in {f["rule_id"] for f in found}) == questioned


def test_the_office_of_an_administrative_office_publishes_its_report() -> None:
    name = "阿里地区行署办公室"
    made = reading(
        1, "2021", clean("2021"), agency_id=name, agency_name=name, published_on="2023-03-20"
    )
    assert "report.late" not in {f["rule_id"] for f in check([made])}


FEES = {  # rule -> notices, billed, collected, given up for a fee not paid, amount in table 二
    "fees.step": ("2", "25", "20", "0", "0.01"),
    "fees.pair": ("0", "20", "0", "0", "0"),
    "fees.notices": ("1", "20", "0", "2", "0"),
    "fees.treasury": ("1", "400", "400", "0", "0"),
}


def with_fees(
    notices: str, billed: str, collected: str, given_up: str, treasury: str
) -> list[dict[str, object]]:
    figures = {
        **clean("2021"),
        ("fees", "fees", "notices"): notices,
        ("fees", "fees", "billed"): billed,
        ("fees", "fees", "collected"): collected,
        ("requests", "other.no_fee", "total"): given_up,
        ("proactive", "admin_fee", "fee_amount"): treasury,
    }
    return [f for f in check([reading(1, "2021", figures)]) if str(f["rule_id"])[:4] == "fees"]


@pytest.mark.parametrize("rule_id", FEES)
def test_fees_that_do_not_go_together(rule_id: str) -> None:
    found = with_fees(*FEES[rule_id])
    assert {f["rule_id"] for f in found} == {rule_id}
    assert not any("{" in str(f["message_zh"]) + str(f["message_en"]) for f in found)


@pytest.mark.parametrize(
    "right", [("0", "0", "0", "0", "0"), ("3", "340", "120", "1", "0.012"), ("", "", "", "4", "")]
)
def test_fees_that_go_together(right: tuple[str, ...]) -> None:
    assert with_fees(*right) == []
