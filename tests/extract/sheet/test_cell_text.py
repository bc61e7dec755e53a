"""The text of a cell is what a person sees in it: formats, kinds of cells, struck-out text."""

import io
from datetime import date, datetime
from decimal import Decimal

import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from extract.document import UNREADABLE
from extract.sheet.number_format import BUILT_IN, format_number, read_number
from extract.sheet.read import read_xls, read_xlsx
from tests.extract.sheet.workbooks import built, only, raw_xlsx


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
      <c r="A1" t="inlineStr"><is><t>合计</t></is></c>
      <c r="B1"><f>SUM(C1:D1)</f><v>34</v></c><c r="C1"><f>1+1</f><v/></c>
      <c r="D1" t="str"><f>""</f><v></v></c>
      <c r="E1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="F1" t="b"><v>0</v></c>
    </row></sheetData>"""
    document = read_xlsx(raw_xlsx(sheet))
    assert only(document) == [["合计", "34", UNREADABLE, "", "#DIV/0!", "FALSE"]]
    assert document.remarks == (
        "sheet '表': 1 formulas whose result is not in the file; open it in a spreadsheet "
        "program and save it",
    )


def test_rich_text_joins_its_runs_and_leaves_the_phonetic_guide() -> None:
    strings = """<si><r><rPr/><t xml:space="preserve">第二十条 </t></r><r><t>第（一）项</t></r>
        <rPh sb="0" eb="1"><t>ディ</t></rPh></si>
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
