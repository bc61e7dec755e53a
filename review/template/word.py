"""The blank form as a Word document.

`word_form(edition)` gives the bytes of a docx: a title to complete, every section with its heading,
and every table that the edition asks for, as the notice prints it. Optional tables (fees) are left
out. Out of scope: the words of the sections.
"""

import io
from typing import Final

import docx
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt
from docx.table import Table as WordTable
from docx.text.run import Run

from review.messages import say
from review.template.printed_table import PrintedTable, printed_table
from transform.form.forms import Edition, Table

# sizes and typefaces of official documents: GB/T 9704-2012
_PAGE: Final = (Cm(21.0), Cm(29.7))
_MARGINS: Final = (Cm(3.7), Cm(3.5), Cm(2.8), Cm(2.6))  # top, bottom, left, right
_TITLE_SIZE, _HEADING_SIZE, _CELL_SIZE = Pt(22), Pt(16), Pt(10.5)
# of the width of an equal share: so much is a column of numbers, and no less than _NARROWEST;
# the rest goes to the labels, twice as much to the last column of them
_NUMBER_SHARE: Final = 0.72
_NARROWEST: Final = Cm(1.15)
_TITLE_FONT, _HEADING_FONT, _CELL_FONT = "方正小标宋简体", "黑体", "宋体"


def word_form(edition: Edition) -> bytes:
    """A docx of the edition's blank form."""
    document = docx.Document()
    _set_page(document)
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _set_font(title.add_run(say("template.title", "zh")), _TITLE_FONT, _TITLE_SIZE)
    for heading, table in _chapters(edition):
        _set_font(document.add_paragraph().add_run(heading), _HEADING_FONT, _HEADING_SIZE)
        if table is None:
            document.add_paragraph()
        else:
            _add_table(document, table)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _chapters(edition: Edition) -> list[tuple[str, Table | None]]:
    """Every section with its table; tables that belong to no section come last."""
    tables = {t.table_id: t for t in edition.tables.values() if not t.optional}
    chapters = [(s.label, tables.pop(s.table or "", None)) for s in edition.sections]
    return chapters + [(table.label, table) for table in tables.values()]


def _set_page(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = _PAGE
    section.top_margin, section.bottom_margin = _MARGINS[:2]
    section.left_margin, section.right_margin = _MARGINS[2:]


def _add_table(document: WordDocument, table: Table) -> None:
    printed = printed_table(table)
    made = document.add_table(printed.height, printed.width, style="Table Grid")
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    places = [[made.cell(r, c) for c in range(printed.width)] for r in range(printed.height)]
    for cell in printed.cells:
        first = places[cell.top][cell.left]
        if cell.height * cell.width > 1:
            last = places[cell.top + cell.height - 1][cell.left + cell.width - 1]
            first = first.merge(last)
        paragraph = first.paragraphs[0]
        if cell.key or cell.height == 1:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _set_font(paragraph.add_run(cell.text), _CELL_FONT, _CELL_SIZE)
    _set_widths(made, printed)
    _keep_rows_whole(made)


def _set_widths(table: WordTable, printed: PrintedTable) -> None:
    """Labels get what the numbers leave of the page's width."""
    whole = _PAGE[0] - _MARGINS[2] - _MARGINS[3]
    labels = min(cell.left for cell in printed.cells if cell.key)
    number = max(_NARROWEST, int(whole / printed.width * _NUMBER_SHARE)) if labels else 0
    number = number or whole // printed.width
    share = (whole - number * (printed.width - labels)) // (labels + 1)
    widths = [share] * (labels - 1) + [2 * share] * bool(labels)
    widths += [number] * (printed.width - labels)
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Emu(width)
        for cell in column.cells:
            cell.width = Emu(width)


def _keep_rows_whole(table: WordTable) -> None:
    """No row is cut by the end of a page."""
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _set_font(run: Run, name: str, size: Pt) -> None:
    run.font.name, run.font.size = name, size
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)
