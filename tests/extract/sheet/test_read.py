"""Spreadsheets: what a person sees in the cells, how rows become prose and tables, and what damaged
or hostile files end as.
"""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Border, Side
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from extract import limits
from extract.document import UNREADABLE, Document, Grid, Paragraph, ReadError, Reason
from extract.sheet.number_format import BUILT_IN, format_number, read_number
from extract.sheet.read import read_xls, read_xlsx

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_THIN = Side(style="thin")
_LINED = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def built(fill: Callable[[Worksheet], object]) -> Document:
    """The document read from a workbook whose one sheet `fill` has filled."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    fill(sheet)
    return read_xlsx(saved(book))


def rows(*lines: list[object]) -> Callable[[Worksheet], None]:
    def fill(sheet: Worksheet) -> None:
        for line in lines:
            sheet.append(line)

    return fill


def raw_xlsx(sheet: str, strings: str = "", styles: str = "") -> bytes:
    """A workbook of one sheet from the XML inside its elements."""
    relation = '<Relationship Id="{}" Type="' + _RELATIONS + '/{}" Target="{}"/>'
    parts = {
        "_rels/.rels": "<Relationships>"
        + relation.format("r1", "officeDocument", "xl/workbook.xml")
        + "</Relationships>",
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets><sheet name="表" '
            'sheetId="1" r:id="r1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        + relation.format("r1", "worksheet", "worksheets/sheet1.xml")
        + relation.format("r2", "sharedStrings", "SharedStrings.xml")
        + relation.format("r3", "styles", "/xl/styles.xml")
        + "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}">{sheet}</worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>',
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def texts(grid: Grid) -> list[list[str | None]]:
    return [[cell.text if cell else None for cell in row] for row in grid.matrix]


def only(document: Document) -> list[list[str | None]]:
    assert len(document.grids) == 1
    return texts(document.grids[0])


# --- the text of a cell
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "code", "text"),
    [
        ("10.0", "General", "10"),
        ("1E-05", "General", "0.00001"),
        ("24252.311082", "General", "24252.311082"),
        ("2832995.1200000001", "General", "2832995.12"),
        ("0.30000000000000004", "General", "0.3"),
        ("11398889", "General", "11398889"),
        ("12345678901234567890", "General", "12345678901234567890"),
        ("-0", "General", "0"),
        ("13", "0.00", "13.00"),
        ("1.005", "0.00", "1.01"),
        ("2.5", "0", "3"),
        ("999.5", "#,##0", "1,000"),
        ("1234567.891", "#,##0.00", "1,234,567.89"),
        ("0.41499999999999998", "0.0%", "41.5%"),
        ("22", '0"件"', "22件"),
        ("5", '[Blue]General"件"', "5件"),
        ("1000", "[$¥-804]#,##0.00", "¥1,000.00"),
        ("251000", "0!.0000", "25.1000"),
        ("251000", "0!.0,", "25.1"),
        ("12345678", "0.00,,", "12.35"),
        ("0.5", "#.##", "0.5"),
        ("5", "#.##", "5"),
        ("12.5", ".00", "12.50"),
        ("12.5", "#,##0.0#", "12.5"),
        ("5", "000", "005"),
        ("0", BUILT_IN[43], "-"),
        ("-1234.5", BUILT_IN[43], "-1,234.50"),
        ("-18", "0;[Red]0", "-18"),
        ("-18", "0_);(0)", "-18"),
        ("-18", "0.0", "-18.0"),
        ("0", "0;-0;;@", ""),
        ("7", "@", "7"),
        ("43861", "yyyy/m/d", "2020-01-31"),
        ("43861", BUILT_IN[57], "2020-01"),
        ("43861", "[$-F800]dddd, mmmm dd, yyyy", "2020-01-31"),
        ("43861.5", "yyyy/m/d h:mm", "2020-01-31 12:00"),
        ("0.75", "h:mm:ss", "18:00:00"),
        ("59", "yyyy-m-d", "1900-02-28"),
        ("61", "yyyy-m-d", "1900-03-01"),
    ],
)
def test_a_number_reads_as_its_cell_shows_it(raw: str, code: str, text: str) -> None:
    value = read_number(raw)
    assert value is not None
    assert format_number(value, code) == text


@pytest.mark.parametrize(
    "code", ["# ?/?", "0.00E+00", "[DBNum1]0", "[>=100]0;0.0", "[h]:mm", "RMB0", "0" * 300]
)
def test_a_format_that_is_not_understood_is_never_guessed(code: str) -> None:
    assert format_number(Decimal(5), code) is None


@pytest.mark.parametrize("raw", ["NaN", "inf", "1_0", "1e999999999", "0x10", "五", "", "9" * 500])
def test_what_is_no_number_is_none(raw: str) -> None:
    assert read_number(raw) is None


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6), st.integers(0, 6), st.booleans())
def test_a_shown_number_is_the_stored_one_rounded_to_what_the_format_prints(
    value: Decimal, places: int, grouped: bool
) -> None:
    code = ("#,##0" if grouped else "0") + ("." + "0" * places if places else "")
    text = format_number(value, code)
    assert text is not None
    shown = Decimal(text.replace(",", ""))
    assert abs(shown - value) * 2 <= Decimal(1).scaleb(-places)
    assert len(text.partition(".")[2]) == places


@given(
    st.text(alphabet='0#?.,%;"\\!_*[]年月日ymdhsGeneral@E+-¥$() 件', max_size=20),
    st.decimals(-(10**12), 10**12, allow_nan=False, places=4),
)
def test_any_format_code_gives_a_text_or_none(code: str, value: Decimal) -> None:
    text = format_number(value, code)
    assert text is None or text == text.strip()


def test_kinds_of_cells() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["文字", "0012", 12, 10.0, True])
        sheet.append(
            [date(2020, 1, 31), datetime(2020, 1, 31, 8, 30), "#REF!", "  边 上  ", "=1+1"]
        )

    document = built(fill)
    assert only(document) == [
        ["文字", "0012", "12", "10", "TRUE"],
        ["2020-01-31", "2020-01-31 08:30:00", "#REF!", "边 上", UNREADABLE],
    ]
    assert document.reader == "xlsx"
    assert document.remarks == (
        "sheet 'Sheet': 1 formulas whose result is not in the file; open it in a spreadsheet "
        "program and save it",
    )


def test_formulas_give_the_calculated_value_and_never_run() -> None:
    sheet = """<sheetData><row r="1">
      <c r="A1" t="inlineStr"><is><t>合计</t></is></c><c r="B1"><f>SUM(C1:D1)</f><v>34</v></c><c r="C1"><f>1+1</f><v/></c>
      <c r="D1" t="str"><f>""</f><v></v></c><c r="E1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="F1" t="b"><v>0</v></c>
    </row></sheetData>"""
    document = read_xlsx(raw_xlsx(sheet))
    assert only(document) == [["合计", "34", UNREADABLE, "", "#DIV/0!", "FALSE"]]
    assert document.remarks == (
        "sheet '表': 1 formulas whose result is not in the file; open it in a spreadsheet "
        "program and save it",
    )


def test_rich_text_joins_its_runs_and_leaves_the_phonetic_guide() -> None:
    strings = """<si><r><rPr/><t xml:space="preserve">第二十条 </t></r><r><t>第（一）项</t></r><rPh sb="0" eb="1"><t>ディ</t></rPh></si>
      <si><t>本年新_x000D_
制作数量</t></si><si><t>_x005F_x0041_ _x0000__xD83D_</t></si>"""
    sheet = (
        '<sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c '
        't="s"><v>2</v></c></row></sheetData>'
    )
    assert only(read_xlsx(raw_xlsx(sheet, strings))) == [
        ["第二十条 第（一）项", "本年新\n制作数量", "_x0041_"]
    ]


def test_struck_out_text_is_not_there_and_raised_digits_join_no_number() -> None:
    strings = """<si><r><rPr><strike/></rPr><t>5</t></r><r><t>7</t></r></si>
      <si><r><t>2</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>3</t></r></si>"""
    styles = (
        '<fonts><font/><font><strike/></font></fonts><cellXfs><xf numFmtId="0"/><xf numFmtId="0" '
        'fontId="1"/></cellXfs>'
    )
    sheet = (
        '<sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c s="1"><v>9</v></c><c '
        's="0"><v>8</v></c></row></sheetData>'
    )
    document = read_xlsx(raw_xlsx(sheet, strings, styles))
    assert only(document) == [["7", "2³", "", "8"]]
    assert document.remarks == ("sheet '表': 1 cells are struck out and read as blank",)


def test_struck_out_text_of_xls_is_not_there() -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("表")
    gone, raised = xlwt.easyfont("struck_out on"), xlwt.Font()
    raised.escapement = xlwt.Font.ESCAPEMENT_SUPERSCRIPT
    sheet.write_rich_text(0, 0, [("5", gone), "7"])
    sheet.write_rich_text(0, 1, ["2", ("3", raised)])
    sheet.write(0, 2, 9, xlwt.easyxf("font: struck_out on"))
    sheet.write(0, 3, 8)
    stream = io.BytesIO()
    book.save(stream)
    document = read_xls(stream.getvalue())
    assert only(document) == [["7", "2³", "", "8"]]
    assert document.remarks == ("sheet '表': 1 cells are struck out and read as blank",)


def test_a_format_not_understood_keeps_the_full_value_with_a_remark() -> None:
    styles = (
        '<numFmts count="1"><numFmt numFmtId="170" formatCode="# ?/?"/></numFmts><cellXfs><xf '
        'numFmtId="0"/><xf numFmtId="170"/></cellXfs>'
    )
    document = read_xlsx(
        raw_xlsx(
            (
                '<sheetData><row r="1"><c r="A1" s="1"><v>0.25</v></c><c '
                'r="B1"><v>1</v></c></row></sheetData>'
            ),
            styles=styles,
        )
    )
    assert only(document) == [["0.25", "1"]]
    assert document.remarks == (
        "sheet '表': number format '# ?/?' is not understood, the full value is given",
    )


def test_zeros_that_the_sheet_does_not_show_are_blank_with_a_remark() -> None:
    sheet = (
        '<sheetViews><sheetView showZeros="0"/></sheetViews><sheetData><row '
        'r="1"><c><v>4</v></c><c><v>0</v></c><c><v>5</v></c></row></sheetData>'
    )
    document = read_xlsx(raw_xlsx(sheet))
    assert only(document) == [["4", "", "5"]]
    assert document.remarks == (
        "sheet '表': 1 numbers that their format shows as nothing, read as blank",
    )


# --- rows to blocks
# ----------------------------------------------------------------------------------------------------


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
    sheet = """<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>99</v></c><c r="C1"><v>2</v></c></row></sheetData>
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
    sheet = """<dimension ref="A1:XFD1048576"/><sheetData><row r="2"><c r="B2"><v>1</v></c><c r="C2"><v>2</v></c><c r="XFD2" s="0"/></row>
      <row r="1048576"><c r="A1048576"/></row></sheetData><mergeCells><mergeCell ref="A5:XFD1048576"/></mergeCells>"""
    assert only(read_xlsx(raw_xlsx(sheet))) == [["1", "2"]]


def test_a_table_beyond_the_limits_costs_that_table_alone() -> None:
    small: list[list[object]] = [["乙", 1], ["丙", 2]]
    for large in (
        [["甲", 1]] * (limits.TABLE_ROWS + 1),
        [[1] * (limits.TABLE_COLUMNS + 1)],
    ):
        document = built(rows(*large, [], *small))
        assert [grid.n_rows for grid in document.grids] == [2]
        assert document.flaw is not None and document.flaw[0] is Reason.TOO_LARGE


def test_a_cell_beyond_the_limit_is_open_and_its_words_are_prose() -> None:
    words = "甲" * (limits.CELL_CHARACTERS + 1)
    document = built(rows([words, 1]))
    assert [cell.text for cell in document.grids[0].cells] == [UNREADABLE, "1"]
    assert [p.text for p in document.paragraphs] == [words] and document.flaw is None


# --- xls
# ---------------------------------------------------------------------------------------------------------------


def xls_bytes() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    lined = "borders: left thin, right thin, top thin, bottom thin"
    sheet.write_merge(0, 0, 0, 3, "某局2023年度报告")
    sheet.write_merge(1, 2, 0, 0, "三、办理结果", xlwt.easyxf(lined))
    for c, (value, code) in enumerate(
        [("（一）予以公开", "General"), (10, "General"), (24252.311082, "General")], 1
    ):
        sheet.write(1, c, value, xlwt.easyxf(lined, num_format_str=code))
    for c, (value, code) in enumerate([("0012", "@"), (1234.5, "#,##0"), (43861, "yyyy/m/d")], 1):
        sheet.write(2, c, value, xlwt.easyxf(lined, num_format_str=code))
    sheet.write(3, 0, "隐藏", xlwt.easyxf(lined))
    sheet.row(3).hidden = True
    sheet.write(4, 0, "四、结转", xlwt.easyxf(lined))
    for c in range(1, 4):
        sheet.write(4, c, "", xlwt.easyxf(lined))
    draft = book.add_sheet("稿")
    draft.write(0, 0, 1)
    draft.visibility = 1
    stream = io.BytesIO()
    book.save(stream)
    return bytes(stream.getvalue())


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


# --- damaged files
# -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sheet",
    [
        '<sheetData><row r="1"><c r="A1" t="s"><v>7</v></c></row></sheetData>',
        '<sheetData><row r="x"><c r="A1"><v>7</v></c></row></sheetData>',
        '<sheetData><row r="1"><c r="Ä1"><v>7</v></c></row></sheetData>',
        '<sheetData/><mergeCells><mergeCell ref="B"/></mergeCells>',
        "<sheetData><row>",
    ],
)
def test_broken_sheets_are_damaged(sheet: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_xlsx(raw_xlsx(sheet))
    assert caught.value.reason is Reason.DAMAGED


def test_merged_ranges_that_cover_everything_many_times_are_refused() -> None:
    merges = "".join(f'<mergeCell ref="{c}1:{c}900000"/>' for c in "ABC")
    sheet = (
        '<sheetData><row r="900000"><c '
        f'r="A900000"><v>1</v></c></row></sheetData><mergeCells>{merges}</mergeCells>'
    )
    with pytest.raises(ReadError) as caught:
        read_xlsx(raw_xlsx(sheet))
    assert caught.value.reason is Reason.TOO_LARGE


_XLSX, _XLS = (
    raw_xlsx(
        (
            '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c '
            'r="B1"><v>2</v></c></row></sheetData>'
        ),
        "<si><t>甲</t></si>",
    ),
    xls_bytes(),
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_bytes_raise_nothing_but_read_errors(data: st.DataObject) -> None:
    original, read = data.draw(st.sampled_from([(_XLSX, read_xlsx), (_XLS, read_xls)]))
    mutated = bytearray(original)
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(original) - 1), st.integers(0, 255)), max_size=8)
    ):
        mutated[at] = byte
    cut = data.draw(st.integers(0, len(original)) | st.just(len(original)))
    try:
        document = read(bytes(mutated[:cut]))
    except ReadError:
        return
    assert document.reader in ("xlsx", "xls")


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
