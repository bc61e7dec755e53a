"""A draft of a letter that asks an agency to check figures of its reports.

`draft_letter(database, agency, lang)` gives the bytes of a docx: for each current report of the
agency the errors and warnings that stand in the source itself, with the printed figures and where
they are printed. A finding is named only where two readers agreed on what is printed (verdict
`source`) and nobody dismissed or accepted it. Date and signature are left open: the letter is a
draft, and nothing is ever sent.

Raises NoInput where the warehouse does not know the agency, or has nothing to write about.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import docx
import duckdb
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.text.paragraph import Paragraph

from load.database import connect
from load.errors import NoInput
from review.messages import say

_REPORTS: Final = """
    SELECT r.report_id, r.title, r.year, r.published_on, d.url, d.file_name
    FROM reports r JOIN documents d USING (document_id)
    WHERE r.is_current AND r.agency_id = ?
    ORDER BY r.year, r.report_id
"""
_FINDINGS: Final = """
    SELECT finding_id, message_zh, message_en FROM findings
    WHERE report_id = ? AND verdict = 'source' AND level IN ('error', 'warning')
        AND status IN ('new', 'standing')
    ORDER BY level, rule_id, instance
"""
_CELLS: Final = """
    SELECT row_label_zh, row_label_en, col_label_zh, col_label_en,
        trim(printed) AS printed, page, grid, grid_row, grid_col
    FROM finding_cells WHERE finding_id = ? AND report_id = ?
    ORDER BY grid, grid_row, grid_col, row_id, col_id
"""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Point:
    """One finding with the cells that it names."""

    finding: Row
    cells: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _ReportPoints:
    """What is asked about one report."""

    report: Row
    points: tuple[_Point, ...]


def draft_letter(database: Path, agency: str, lang: str) -> bytes:
    """The letter about the agency, named by its id or as its reports name it."""
    with connect(database) as con:
        agency_id = _find_agency(con, agency)
        asked = [
            _ReportPoints(report, _points(con, report["report_id"]))
            for report in _rows(con, _REPORTS, agency_id)
        ]
    asked = [found for found in asked if found.points]
    if not asked:
        raise NoInput(say("letter.nothing_to_ask", lang, agency=agency_id))
    document = docx.Document()
    _write(document, agency_id, asked, lang)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _find_agency(con: duckdb.DuckDBPyConnection, named: str) -> str:
    found = con.execute(
        "SELECT DISTINCT agency_id FROM reports WHERE agency_id = $name OR agency_name = $name",
        {"name": named},
    ).fetchall()
    if len(found) != 1 or found[0][0] == "unknown":
        raise NoInput(f"{named}: no such agency; give an agency_id of the table `agencies`")
    return str(found[0][0])


def _points(con: duckdb.DuckDBPyConnection, report_id: str) -> tuple[_Point, ...]:
    findings = _rows(con, _FINDINGS, report_id)
    return tuple(
        _Point(finding, tuple(_rows(con, _CELLS, finding["finding_id"], report_id)))
        for finding in findings
    )


def _rows(con: duckdb.DuckDBPyConnection, query: str, *values: str) -> list[Row]:
    cursor = con.execute(query, values)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _write(document: WordDocument, agency: str, asked: Sequence[_ReportPoints], lang: str) -> None:
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _add_bold(title, say("letter.title", lang))
    count = sum(len(found.points) for found in asked)
    document.add_paragraph(say("letter.salutation", lang, agency=agency))
    document.add_paragraph(say("letter.opening", lang, count=count))
    for found in asked:
        _add_bold(document.add_paragraph(), _name_report(found.report, lang))
        for line in _origin(found.report, lang):
            document.add_paragraph(line)
        for number, point in enumerate(found.points, start=1):
            message = point.finding[f"message_{lang}"]
            document.add_paragraph(say("letter.point", lang, number=number, message=message))
            _add_cells(document, point.cells, lang)
    for key in ("closing", "signature", "date"):
        document.add_paragraph(say(f"letter.{key}", lang))


def _add_bold(paragraph: Paragraph, text: str) -> None:
    paragraph.add_run(text).bold = True


def _name_report(report: Row, lang: str) -> str:
    title = report["title"] or report["file_name"]
    return say("letter.report", lang, title=title)


def _origin(report: Row, lang: str) -> Iterator[str]:
    """When and where the report was published, as far as it is known."""
    if report["published_on"]:
        yield say("letter.published", lang, date=report["published_on"].isoformat())
    if report["url"]:
        yield say("letter.address", lang, url=report["url"])


def _add_cells(document: WordDocument, cells: Sequence[Row], lang: str) -> None:
    """The cells with something printed in them, and how many are empty."""
    printed = [cell for cell in cells if cell["printed"]]
    empty = len(cells) - len(printed)
    if printed:
        table = document.add_table(1, 3, style="Table Grid")
        for place, key in zip(table.rows[0].cells, ("cell", "printed", "place"), strict=True):
            place.text = say(f"letter.{key}", lang)
        for cell in printed:
            texts = (_name_cell(cell, lang), cell["printed"], _place(cell, lang))
            for place, text in zip(table.add_row().cells, texts, strict=True):
                place.text = text
    if empty:
        document.add_paragraph(say("letter.empty", lang, count=empty))


def _name_cell(cell: Row, lang: str) -> str:
    labels = (cell[f"row_label_{lang}"], cell[f"col_label_{lang}"])
    return " / ".join(label for label in labels if label)


def _place(cell: Row, lang: str) -> str:
    if cell["grid"] is None:
        return ""
    place = say(
        "letter.position", lang, grid=cell["grid"], row=cell["grid_row"], col=cell["grid_col"]
    )
    page = "" if cell["page"] is None else say("letter.page", lang, page=cell["page"])
    return page + place
