"""Two reports in one file, in every format: the second is named and nothing of it is read."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from extract.detect import sniff
from extract.document import Document, Reason, Status
from extract.registry import reader_of
from tests.build import docx_files, html_files, ofd_files, pdf_files, sheet_files, text_files
from tests.build.draw import random_report
from tests.build.packing import pack, unpack
from tests.build.report import Flow, Line, Report, TableLayout, expected_cells, flow
from tests.transform.grids import document, grid, grid_from
from transform.align.labels import vocabulary
from transform.form.forms import load_forms
from transform.reports_in_file import compared_years, first_report, note_second_report
from transform.tidy import tidy

FORMS = load_forms()
OWN = replace(random_report(3, agency="上饶市林业局", mean=20), year=2022)
OTHER = replace(random_report(4, agency="上饶市水利局", mean=20), year=2022)
LAST_YEAR = replace(random_report(5, agency="上饶市林业局", mean=20), year=2021)

WRITERS: dict[str, Callable[[Flow], bytes]] = {
    "docx": docx_files.clean,
    "html": lambda b: html_files.page(b, html_files.Style(), Random(1)),
    "pdf": lambda b: pdf_files.paper(b, pdf_files.Style(), Random(1)),
    "ofd": ofd_files.paper,
    "xlsx, one sheet": lambda b: sheet_files.xlsx(b, sheet_files.Style()),
    "xlsx, a sheet a table": lambda b: sheet_files.xlsx(b, sheet_files.Style(sheets=True)),
    "xls": lambda b: sheet_files.xls(b, sheet_files.Style()),
    "text": lambda b: text_files.encoded(text_files.tabs(b)),
}


def blocks_of(report: Report, *without: str) -> tuple[Line | TableLayout, ...]:
    """The flow of a report without its prose and without some tables."""
    return tuple(
        b
        for b in flow(report)
        if (b.table_id not in without if isinstance(b, TableLayout) else b.role != "text")
    )


def read(data: bytes) -> tuple[Document, str | None]:
    return first_report(reader_of(sniff(data))(data), vocabulary(FORMS))


def made(*blocks: Line | TableLayout) -> tuple[Document, str | None]:
    """The same for blocks without a format."""
    whole = document(*(b.text if isinstance(b, Line) else grid_from(b) for b in blocks))
    return first_report(whole, vocabulary(FORMS))


def tables_read(whole: Document) -> dict[str, list[str]]:
    """The values of each table that was found."""
    values: dict[str, list[str]] = {}
    for cell in tidy(whole, FORMS, 2022).cells:
        if cell.state != "absent":
            values.setdefault(cell.table_id, []).append(str(cell.value))
    return values


def printed(report: Report, *without: str) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for (table_id, _, _), cell in expected_cells(report).items():
        if table_id not in without:
            values.setdefault(table_id, []).append(str(cell.value))
    return {k: sorted(v) for k, v in values.items()}


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("second", [OTHER, LAST_YEAR], ids=["agency", "year"])
def test_nothing_is_taken_of_a_second_report(kind: str, second: Report) -> None:
    """The first lacks 四, which the second has."""
    data = WRITERS[kind]([*blocks_of(OWN, "disputes"), *blocks_of(second)])
    whole, title = read(data)
    assert title == second.heading
    found = {k: sorted(v) for k, v in tables_read(whole).items()}
    assert found == printed(OWN, "disputes")


def test_the_second_report_becomes_one_remark() -> None:
    whole, title = made(*blocks_of(OWN), *blocks_of(OTHER))
    tidied = tidy(whole, FORMS, 2022)
    (remark,) = note_second_report(tidied.tables, title)
    assert (remark.code, remark.printed) == ("report.second_in_file", OTHER.heading)
    assert not any(r.code == "table.printed_again" for r in tidied.remarks)
    assert note_second_report(tidied.tables, None) == ()


def test_a_title_over_two_lines_and_a_report_without_a_title() -> None:
    head, *rest = blocks_of(OTHER)
    assert isinstance(head, Line)
    over_two = [Line("上饶市水利局", "title"), Line(head.text[6:], "title")]
    assert made(*blocks_of(OWN), *over_two, *rest)[1] == OTHER.heading
    assert made(*blocks_of(OWN)[1:], *blocks_of(OTHER))[1] == OTHER.heading


def test_what_ends_no_report() -> None:
    own, other = blocks_of(OWN), blocks_of(OTHER)
    requests = next(b for b in own if isinstance(b, TableLayout) and b.table_id == "requests")
    at = own.index(requests)
    links = [Line(f"上饶市{x}局2021年政府信息公开工作年度报告") for x in ("水利", "民政")]
    for blocks in (
        (*own, *links),  # links behind the report, and before it
        (links[0], *own),
        (*own[:at], own[0], *own[at:]),  # its own title again
        (*own[:at], Line("林业局2022年政府信息公开工作年度报告"), *own[at:]),
        (*own[:at], Line("上饶市林业局（本级）2022年政府信息公开工作年度报告"), *own[at:]),
        (*own[:at], Line("图为2021年政府信息公开工作年度报告发布现场"), *own[at:]),
        (*own[1:at], other[0], *own[at:]),  # a report without a title, with none twice
    ):
        whole, title = made(*blocks)
        assert title is None
        assert {k: sorted(v) for k, v in tables_read(whole).items()} == printed(OWN)


def test_a_package_of_two_documents_names_the_second() -> None:
    parts = unpack(ofd_files.paper(list(blocks_of(OWN))))
    body = b"<ofd:DocBody><ofd:DocInfo><ofd:Title>%s</ofd:Title></ofd:DocInfo></ofd:DocBody>"
    second = body % OTHER.heading.encode()
    parts["OFD.xml"] = parts["OFD.xml"].replace(b"</ofd:OFD>", second + b"</ofd:OFD>")
    whole, title = read(pack(parts))
    assert title == OTHER.heading
    assert {k: sorted(v) for k, v in tables_read(whole).items()} == printed(OWN)


@pytest.mark.parametrize(
    ("lines", "years"),
    [
        (["宿迁市 政务公开年报比对", "年份: 2023 vs 2024"], ("2023", "2024")),
        (["上饶市林业局2022年与2023年政府信息公开工作年度报告对比"], ("2022", "2023")),
        (["上饶市林业局2022年政府信息公开工作年度报告"], ()),
        (["政府信息公开", "2022年，我局答复件数与2021年年报比较，增加3件。"], ()),
        (["上饶市林业局2022年政府信息公开年度报告", "2021年与2022年政府信息公开年报对比"], ()),
    ],
)
def test_a_comparison_of_two_years_is_no_report(lines: list[str], years: tuple[str, ...]) -> None:
    tables = [grid_from(b) for b in blocks_of(OWN) if isinstance(b, TableLayout)]
    whole = document(*lines, *tables)
    assert compared_years(whole) == years
    result = tidy(whole, FORMS, 2022)
    if years:
        assert (result.status, result.reason) == (Status.REJECTED, Reason.NOT_A_REPORT)
        assert result.detail and " and ".join(years) in result.detail
    else:
        assert result.status is Status.EXTRACTED


def test_a_document_without_tables_is_left_as_it_is() -> None:
    whole = document("上饶市林业局2022年政府信息公开工作年度报告", grid(["a", "b"]))
    assert first_report(whole, vocabulary(FORMS)) == (whole, None)


@pytest.mark.parametrize(
    ("line", "is_told"),
    [
        ("上饶市林业局2022年上半年政府信息公开工作情况统计", True),
        ("2022年第三季度政府信息公开统计表", True),
        ("上饶市林业局2022年1-6月政府信息公开工作统计", True),
        ("上饶市林业局2022年1月至12月政府信息公开工作统计", False),
        ("上饶市林业局2022年政府信息公开工作年度报告", False),
        ("2022年上半年，我局公开政府信息12条；下半年20条。", False),
    ],
)
def test_a_paper_on_a_part_of_a_year_is_told_as_such(line: str, is_told: bool) -> None:
    tables = [grid_from(b) for b in blocks_of(OWN) if isinstance(b, TableLayout)]
    result = tidy(document(line, *tables), FORMS, 2022)
    told = [r.printed for r in result.remarks if r.code == "report.part_of_year"]
    assert told == ([line] if is_told else [])


@pytest.mark.parametrize("title", ["2022年政府信息公开统计", OWN.heading])
def test_licences_and_penalties_alone_are_a_report_only_under_its_title(title: str) -> None:
    (whole,) = (b for b in blocks_of(OWN) if getattr(b, "table_id", "") == "proactive")
    assert isinstance(whole, TableLayout)
    first = next(a.row for a in whole.anchors if a.text == "第二十条第（五）项")
    rows = tuple(replace(a, row=a.row - first) for a in whole.anchors if a.row >= first)
    last = max(a.row for a in rows) - 2  # without the row of fees, its caption and head
    kept = tuple(a for a in rows if a.row < last)
    table = TableLayout("proactive", kept, last, whole.n_cols)
    result = tidy(document(title, grid_from(table)), FORMS, 2022)
    assert (result.reason is Reason.NOT_A_REPORT) == (title != OWN.heading)
