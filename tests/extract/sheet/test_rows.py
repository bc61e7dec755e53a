"""How rows become prose and tables, in xlsx and xls; a grid that is written reads back."""

import io
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Border, Side
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from extract.document import Paragraph, ReadError, Reason
from extract.sheet.number_format import read_number
from extract.sheet.read import read_xls, read_xlsx
from tests.extract.sheet.workbooks import built, only, raw_xlsx, rows, saved, texts, xls_bytes

_THIN = Side(style="thin")

_LINED = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def test_merged_ranges_become_spans_and_blanks_stay_blank_cells() -> None:
    def fill(sheet: Worksheet) -> None:
        rows(["申请人情况", None, None], ["自然人", "其他", "总计"], ["一、本年新收", None, 5])(
            sheet
        )
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("B2:B3")
        sheet["A5"], sheet["B5"] = "另一表", 1

    first, second = built(fill).grids
    assert [(c.text, c.row_span, c.col_span) for c in first.cells] == [
        ("自然人", 1, 1),
        ("其他", 2, 1),
        ("总计", 1, 1),
        ("一、本年新收", 1, 1),
        ("5", 1, 1),
    ]
    assert texts(second) == [["另一表", "1"]]


def test_values_left_under_a_merged_range_are_not_seen() -> None:
    sheet = """<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>99</v></c>
        <c r="C1"><v>2</v></c></row></sheetData>
      <mergeCells><mergeCell ref="A1:B1"/></mergeCells>"""
    assert only(read_xlsx(raw_xlsx(sheet))) == [["1", "1", "2"]]


def report(sheet: Worksheet, lined: bool) -> None:
    """A whole report on one sheet: prose and two tables below one another, no empty rows, a blank
    last row and column.
    """
    lines: list[tuple[list[str | int | None], bool]] = [
        (["某局2023年政府信息公开工作年度报告"], False),
        (["二、主动公开政府信息情况"], False),
        (["第二十条第（一）项", None, None], True),
        (["信息内容", "本年制发件数", "现行有效件数"], True),
        (["规章", 0, None], True),
        (["三、收到和处理政府信息公开申请情况"], False),
        (["事项", "自然人", "总计"], True),
        (["一、本年新收", 3, 3], True),
        (["四、结转下年度", None, None], True),
        (["五、存在的主要问题"], False),
    ]
    for r, (values, in_table) in enumerate(lines, 1):
        for c in range(1, 4):
            cell = sheet.cell(r, c, values[c - 1] if c <= len(values) else None)
            if in_table and lined:
                cell.border = _LINED


def test_lines_around_cells_part_prose_from_tables() -> None:
    document = built(lambda sheet: report(sheet, lined=True))
    assert [b.text if isinstance(b, Paragraph) else texts(b) for b in document.blocks] == [
        "某局2023年政府信息公开工作年度报告",
        "二、主动公开政府信息情况",
        [
            ["第二十条第（一）项", "", ""],
            ["信息内容", "本年制发件数", "现行有效件数"],
            ["规章", "0", ""],
        ],
        "三、收到和处理政府信息公开申请情况",
        [["事项", "自然人", "总计"], ["一、本年新收", "3", "3"], ["四、结转下年度", "", ""]],
        "五、存在的主要问题",
    ]


def test_without_lines_no_row_that_may_belong_to_a_table_is_lost() -> None:
    document = built(lambda sheet: report(sheet, lined=False))
    assert [p.text for p in document.paragraphs] == [
        "某局2023年政府信息公开工作年度报告",
        "二、主动公开政府信息情况",
        "第二十条第（一）项",
    ]
    assert only(document)[-2] == ["四、结转下年度", "", ""]


def test_blank_cells_with_lines_are_cells_and_formats_that_run_on_are_not() -> None:
    def fill(sheet: Worksheet) -> None:
        rows(["维持", "纠正", "总计"], [], [])(sheet)
        for r in range(1, 3):
            for c in range(1, 5):
                sheet.cell(r, c).border = _LINED

    assert only(built(fill)) == [["维持", "纠正", "总计", ""], ["", "", "", ""]]

    def run_on(sheet: Worksheet) -> None:
        fill(sheet)
        for r in range(1, 40):
            for c in range(1, 90):
                sheet.cell(r, c).border = _LINED

    assert only(built(run_on)) == [["维持", "纠正", "总计"]]


def test_prose_rows_keep_their_place_and_their_lines() -> None:
    long_text = "我局认真贯彻落实条例。" * 12
    document = built(
        rows(["规章", 1], [f"{long_text}\n第二段"], ["行政许可", 2], [], ["六、其他"], [None, 97])
    )
    assert [b.text if isinstance(b, Paragraph) else texts(b) for b in document.blocks] == [
        [["规章", "1"]],
        long_text,
        "第二段",
        [["行政许可", "2"]],
        "六、其他",
        [["97"]],
    ]


def test_hidden_sheets_rows_and_columns_are_left_out_and_remarked() -> None:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    rows(["项", "旧", "数"], ["草稿", 1, 2], ["规章", 3, 4], ["许可", 5, 6])(sheet)
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True
    other = book.create_sheet("旧稿")
    other.append(["规章", 9])
    other.sheet_state = "hidden"
    last = book.create_sheet("又一")
    last.append(["甲", 1])
    document = read_xlsx(saved(book))
    assert [texts(g) for g in document.grids] == [
        [["项", "数"], ["规章", "4"], ["许可", "6"]],
        [["甲", "1"]],
    ]
    assert document.remarks == (
        "sheet '旧稿': hidden and left out",
        "sheet 'Sheet': hidden and left out: 1 rows, 1 columns",
    )


def test_a_merged_range_over_hidden_rows_keeps_its_visible_part() -> None:
    def fill(sheet: Worksheet) -> None:
        rows(["三、办理结果", "甲", 1], [None, "乙", 2], [None, "丙", 3])(sheet)
        sheet.merge_cells("A1:A3")
        sheet.row_dimensions[1].hidden = True

    assert only(built(fill)) == [["三、办理结果", "乙", "2"], ["三、办理结果", "丙", "3"]]


def test_far_away_formats_and_declared_sizes_do_not_count() -> None:
    sheet = """<dimension ref="A1:XFD1048576"/><sheetData>
      <row r="2"><c r="B2"><v>1</v></c><c r="C2"><v>2</v></c>
      <c r="XFD2" s="0"/></row>
      <row r="1048576"><c r="A1048576"/></row></sheetData>
      <mergeCells><mergeCell ref="A5:XFD1048576"/></mergeCells>"""
    assert only(read_xlsx(raw_xlsx(sheet))) == [["1", "2"]]


def test_xls_reads_as_it_is_seen() -> None:
    document = read_xls(xls_bytes())
    assert [p.text for p in document.paragraphs] == ["某局2023年度报告"]
    assert only(document) == [
        ["三、办理结果", "（一）予以公开", "10", "24252.311082"],
        ["三、办理结果", "0012", "1,235", "2020-01-31"],
        ["四、结转", "", "", ""],
    ]
    assert document.grids[0].cells[0].row_span == 2
    assert document.reader == "xls"
    assert document.remarks == (
        "sheet '稿': hidden and left out",
        "sheet '表': hidden and left out: 1 rows",
    )


def test_xls_with_a_password_is_encrypted() -> None:
    data = bytearray(xls_bytes())
    start = data.find(b"\x09\x08\x10\x00\x00\x06\x05\x00")  # BOF of the workbook's globals
    assert start > 0
    after = start + 20
    # A FILEPASS record takes the place of the first one behind it.
    data[after : after + 10] = b"\x2f\x00\x06\x00\x00\x00\x01\x02\x03\x04"
    with pytest.raises(ReadError) as caught:
        read_xls(bytes(data))
    assert caught.value.reason is Reason.ENCRYPTED


_LABELS = st.text(alphabet="规章政许可处罚一二（）", min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 6).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(-9999, 9_999_999) | _LABELS, min_size=n + 1, max_size=n + 1),
            min_size=1,
            max_size=8,
        )
    )
)
def test_a_grid_written_to_a_sheet_reads_back(table: list[list[object]]) -> None:
    assert only(built(rows(*table))) == [[str(value) for value in line] for line in table]


def test_openpyxl_and_the_reader_agree_on_values() -> None:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    values: list[list[object]] = [
        [f"项{r}", *[r * c / 7 for c in range(1, 8)]] for r in range(1, 30)
    ]
    rows(*values)(sheet)
    data = saved(book)
    mine = only(read_xlsx(data))
    theirs = openpyxl.load_workbook(io.BytesIO(data)).active
    assert isinstance(theirs, Worksheet)
    for line, cells in zip(mine, theirs.iter_rows(values_only=True), strict=True):
        assert [line[0], *[Decimal(text or "") for text in line[1:]]] == [
            cells[0],
            *[read_number(repr(v)) for v in cells[1:]],
        ]
