"""Workbooks made for the tests, and what the reader gives of them."""

import io
import zipfile
from collections.abc import Callable

import xlwt
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from extract.document import Document, Grid
from extract.sheet.read import read_xlsx

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


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
