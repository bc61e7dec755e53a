"""Spreadsheets to a `Document`: `read_xlsx(data)` for Office Open XML, `read_xls(data)` for the
binary format before it.

A cell gives the text that a person sees: numbers in their number format (`number_format`), dates as
ISO text, errors and booleans as words, text untouched (a text "0012" keeps its zeros). Where a
format is not understood the full value stands, with a remark. One deviation: a negative number
always has its minus sign, also where the workbook shows it by colour or brackets alone. Struck-out
text is left out with a remark; raised digits of a text become superscript characters, so that they
join no number. Hidden sheets, rows and columns are left out with a remark. Values come from the
last calculation: a formula is never run.

Each run of rows without an empty row between becomes a block. In a block the rows that hold one
piece of prose become paragraphs, the rest a grid; which rows are prose is told by the lines drawn
around cells, and in a sheet without lines by length and by standing before the first or (merged)
behind the last row of several cells. A table has the rows and columns that hold text, and blank
ones with lines around their cells; formats that run on to the end of the sheet do not count.

The sheet's XML is walked here because openpyxl refuses workbooks for faults in parts that do not
matter (styles, names), cannot tell an uncalculated formula from a blank in one pass and takes more
than twice as long, and calamine gives neither formats nor hidden rows; xls is read by xlrd, which
gives both.

A formula whose result is not in the file leaves its cell open (UNREADABLE), with a remark.

A table beyond the limits is left out (`extract.table_limits`). Raises ReadError: ENCRYPTED,
DAMAGED, TOO_LARGE (merged ranges), and what `extract.archive` raises. Out of scope: text boxes,
comments, charts, macros, xlsb, and tables that stand side by side.
"""

import io
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import xlrd
from lxml import etree

from extract.archive import Archive, open_archive, parse_xml
from extract.detect import office_main_part
from extract.document import Block, Document, ReadError, Reason, count_of
from extract.nested_tables import SUPERSCRIPT
from extract.sheet.number_format import BUILT_IN
from extract.sheet.regions import Worksheet
from extract.sheet.regions import blocks as blocks_of
from extract.table_limits import flaw_of

READER_XLSX: Final = "xlsx"
READER_XLS: Final = "xls"

SIDES: Final = 2  # lines that make a cell one of a table; one may be the border of its neighbour
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_LAST_COLUMN: Final = 16_384  # XFD
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class _CellStyle:
    """What a cell's style says: its number format, whether a line is drawn along the cell, and
    whether its text is struck through.
    """

    number_format: str = "General"
    has_lines: bool = False
    has_line_through: bool = False


@dataclass(frozen=True, slots=True)
class _Workbook:
    """What all sheets share."""

    strings: list[str]
    styles: list[_CellStyle]
    epoch_1904: bool

    def style(self, index: int) -> _CellStyle:
        """The style of that number; the default for one that the workbook lacks."""
        return self.styles[index] if 0 <= index < len(self.styles) else _CellStyle()

    def string(self, index: int, sheet: str) -> str:
        """A shared text; ReadError(DAMAGED) for one that the workbook lacks."""
        if not 0 <= index < len(self.strings):
            raise ReadError(
                Reason.DAMAGED,
                f"sheet {sheet!r} refers to text {index}, the workbook has {len(self.strings)}",
            )
        return self.strings[index]


def _document(sheets: list[Worksheet], reader: str, hidden: list[str]) -> Document:
    remarks = [f"sheet {name!r}: hidden and left out" for name in hidden]
    blocks: list[Block] = []
    for sheet in sheets:
        blocks.extend(blocks_of(sheet))
        remarks.extend(sheet.remarks())
    return Document(tuple(blocks), reader, remarks=tuple(remarks), flaw=flaw_of(remarks))


# ---- xlsx


def read_xlsx(data: bytes) -> Document:
    """The visible sheets of an Office Open XML workbook, in the order of their tabs."""
    archive = open_archive(data)
    place = office_main_part(archive) or "xl/workbook.xml"
    workbook = parse_xml(archive.read(place))
    parts = _relations(archive, place)
    by_kind = {kind: path for kind, path in parts.values() if path in archive}
    shared = _Workbook(
        _strings(archive, by_kind.get("sharedStrings")),
        _styles(archive, by_kind.get("styles")),
        any(e.get("date1904") in ("1", "true") for e in workbook.iter("{*}workbookPr")),
    )
    sheets: list[Worksheet] = []
    hidden: list[str] = []
    for element in workbook.iter("{*}sheet"):
        name = element.get("name", "")
        if element.get("state", "visible") != "visible":
            hidden.append(name)
            continue
        ident = next((str(v) for k, v in element.attrib.items() if str(k).endswith("}id")), "")
        kind, path = parts.get(ident, ("", ""))
        if kind != "worksheet":
            continue  # a chart or dialog sheet has no cells
        if path not in archive:
            raise ReadError(Reason.DAMAGED, f"sheet {name!r} is missing from the workbook")
        sheets.append(_read_worksheet(parse_xml(archive.read(path)), name, shared))
    document = _document(sheets, READER_XLSX, hidden)
    pictures = sum(name.lower().startswith("xl/media/") for name in archive.names)
    return replace(document, instead=count_of("picture", pictures))


def _relations(archive: Archive, place: str) -> dict[str, tuple[str, str]]:
    """For each relation of the part `place`: its kind and the part that it leads to."""
    folder, name = posixpath.split(place)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in archive:
        return {}
    names = {n.lower(): n for n in archive.names}  # writers differ from their own relations in case
    found: dict[str, tuple[str, str]] = {}
    for element in parse_xml(archive.read(rels)).iter("{*}Relationship"):
        target = element.get("Target", "")
        path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        found[element.get("Id", "")] = (
            element.get("Type", "").rpartition("/")[2],
            names.get(path.lower(), path),
        )
    return found


def _rich_text(element: etree._Element) -> str:
    """The text of a string item: plain or in runs, without the phonetic guide above it and without
    struck-out runs.
    """
    parts: list[str] = []
    for t in element.iter("{*}t"):
        run = t.getparent()
        kind = "" if run is None else etree.QName(run).localname
        if kind == "rPh" or (run is not None and kind == "r" and _on(run.find("{*}rPr/{*}strike"))):
            continue
        raised = run is not None and any(
            e.get("val") == "superscript" for e in run.iterfind("{*}rPr/{*}vertAlign")
        )
        parts.append((t.text or "").translate(SUPERSCRIPT) if raised else t.text or "")
    return _unescape("".join(parts))


def _on(switch: etree._Element | None) -> bool:
    return switch is not None and switch.get("val", "1") not in ("0", "false")


def _unescape(text: str) -> str:
    """Characters that XML cannot hold, or could lose, stand as _xHHHH_; those that are no text are
    left out.
    """
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(
        lambda m: c if (c := chr(int(m[1], 16))).isprintable() or c.isspace() else "", text
    )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _strings(archive: Archive, place: str | None) -> list[str]:
    if place is None:
        return []
    return [_rich_text(si) for si in parse_xml(archive.read(place)).iterfind("{*}si")]


def _styles(archive: Archive, place: str | None) -> list[_CellStyle]:
    """The cell styles in the order of their numbers."""
    if place is None:
        return []
    root = parse_xml(archive.read(place))
    codes = dict(BUILT_IN)
    for element in root.iterfind("{*}numFmts/{*}numFmt"):
        codes[_int(element.get("numFmtId"))] = element.get("formatCode", "")
    lined = [_xlsx_lined(border) for border in root.iterfind("{*}borders/{*}border")]
    crossed_out = [_on(font.find("{*}strike")) for font in root.iterfind("{*}fonts/{*}font")]
    styles: list[_CellStyle] = []
    for xf in root.iterfind("{*}cellXfs/{*}xf"):
        border, font = _int(xf.get("borderId")), _int(xf.get("fontId"))
        styles.append(
            _CellStyle(
                codes.get(_int(xf.get("numFmtId")), "General"),
                0 <= border < len(lined) and lined[border],
                0 <= font < len(crossed_out) and crossed_out[font],
            )
        )
    return styles


def _xlsx_lined(border: etree._Element) -> bool:
    sides = [etree.QName(side).localname for side in border if side.get("style", "none") != "none"]
    return len({"left", "right", "start", "end", "top", "bottom"}.intersection(sides)) >= SIDES


def _int(text: str | None, default: int = 0) -> int:
    """An attribute that counts something; nonsense means a damaged file."""
    if text is None:
        return default
    if len(text) > 10 or not text.strip().lstrip("-").isdecimal():
        raise ReadError(Reason.DAMAGED, f"a number was expected, not {text[:40]!r}")
    return int(text)


def _position(reference: str) -> tuple[int, int]:
    """Row and column, from 0, of a reference such as "BC12"."""
    found = _REFERENCE.fullmatch(reference.replace("$", ""))
    if found is None:
        raise ReadError(Reason.DAMAGED, f"not a cell reference: {reference[:40]!r}")
    col = 0
    for letter in found[1]:
        col = col * 26 + ord(letter) - 64
    return int(found[2]) - 1, col - 1


def _read_worksheet(root: etree._Element, name: str, workbook: _Workbook) -> Worksheet:
    views = root.iterfind("{*}sheetViews/{*}sheetView")
    sheet = Worksheet(
        name,
        shows_zeros=not any(view.get("showZeros") in ("0", "false") for view in views),
        epoch_1904=workbook.epoch_1904,
    )
    for col in root.iterfind("{*}cols/{*}col"):
        if _is_hidden(col, "width"):
            first, last = max(1, _int(col.get("min"))), min(_LAST_COLUMN, _int(col.get("max")))
            sheet.hidden_cols.update(range(first - 1, last))
    row = -1
    for element in root.iterfind("{*}sheetData/{*}row"):
        row = _int(element.get("r"), row + 2) - 1
        if _is_hidden(element, "ht"):
            sheet.hidden_rows.add(row)
        for col_index, cell in _cells_in_places(element):
            style = workbook.style(_int(cell.get("s")))
            if style.has_lines:
                sheet.note_lines(row, col_index)
            text = _cell_text(sheet, cell, style, workbook)
            sheet.put(row, col_index, text, style.has_line_through)
    for merge in root.iterfind("{*}mergeCells/{*}mergeCell"):
        start, _, end = merge.get("ref", "").partition(":")
        (r0, c0), (r1, c1) = _position(start), _position(end or start)
        sheet.merges.append((min(r0, r1), min(c0, c1), max(r0, r1) + 1, max(c0, c1) + 1))
    return sheet


def _cells_in_places(row: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    """The cells of a row with their columns; one that states none stands behind the one before."""
    col = -1
    for cell in row.iterfind("{*}c"):
        reference = cell.get("r")
        col = _position(reference)[1] if reference else col + 1
        yield col, cell


def _is_hidden(element: etree._Element, size: str) -> bool:
    """Hidden by name, or drawn with no height or width."""
    return element.get("hidden") in ("1", "true") or (element.get(size) or "1").strip("0.") == ""


def _cell_text(
    sheet: Worksheet, cell: etree._Element, style: _CellStyle, workbook: _Workbook
) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(_rich_text(part) for part in cell.iterfind("{*}is"))
    raw = cell.findtext("{*}v") or ""
    if kind == "str":
        return _unescape(raw)
    raw = raw.strip()
    if not raw:
        return sheet.note_formula_without_result() if cell.find("{*}f") is not None else ""
    match kind:
        case "s":
            return workbook.string(_int(raw), sheet.name)
        case "b":
            return "TRUE" if raw == "1" else "FALSE"
        case "e":
            return raw
        case "d":
            return raw.removesuffix("T00:00:00").replace("T", " ")
        case _:
            return sheet.show_number(raw, style.number_format)


# ---- xls


def read_xls(data: bytes) -> Document:
    """The visible sheets of a binary Excel workbook (BIFF 2 to 8)."""
    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )
        sheets = [_read_xls_sheet(book, sheet) for sheet in book.sheets() if sheet.visibility == 0]
        hidden = [sheet.name for sheet in book.sheets() if sheet.visibility != 0]
    except (ReadError, MemoryError):
        raise
    except xlrd.XLRDError as error:
        reason = Reason.ENCRYPTED if "encrypted" in str(error).lower() else Reason.DAMAGED
        raise ReadError(reason, f"the workbook does not open: {error}") from error
    # xlrd meets broken records with whatever the record breaks: struct.error, IndexError,
    # AssertionError
    except Exception as error:
        raise ReadError(
            Reason.DAMAGED, f"the workbook breaks its own format: {type(error).__name__}: {error}"
        ) from error
    return _document(sheets, READER_XLS, hidden)


def _read_xls_sheet(book: xlrd.book.Book, source: xlrd.sheet.Sheet) -> Worksheet:
    sheet = Worksheet(
        source.name, shows_zeros=bool(source.show_zero_values), epoch_1904=book.datemode == 1
    )
    sheet.hidden_rows = {
        r for r, info in source.rowinfo_map.items() if info.hidden or info.height == 0
    }
    sheet.hidden_cols = {
        c for c, info in source.colinfo_map.items() if info.hidden or info.width == 0
    }
    sheet.merges = [(r0, c0, r1, c1) for r0, r1, c0, c1 in source.merged_cells]
    styles = [
        _CellStyle(
            book.format_map[xf.format_key].format_str,
            _xls_lined(xf.border),
            bool(book.font_list[xf.font_index].struck_out),
        )
        for xf in book.xf_list
    ]
    for row in range(source.nrows):
        for col in range(source.row_len(row)):
            style = styles[source.cell_xf_index(row, col)]
            if style.has_lines:
                sheet.note_lines(row, col)
            text = _xls_cell_text(book, source, sheet, style, (row, col))
            sheet.put(row, col, text, style.has_line_through)
    return sheet


def _xls_cell_text(
    book: xlrd.book.Book,
    source: xlrd.sheet.Sheet,
    sheet: Worksheet,
    style: _CellStyle,
    place: tuple[int, int],
) -> str:
    value = source.cell_value(*place)
    match source.cell_type(*place):
        case xlrd.XL_CELL_TEXT:
            text = _xls_text(book, value, source.rich_text_runlist_map.get(place, []))
            return text.replace("\r\n", "\n").replace("\r", "\n")
        case xlrd.XL_CELL_NUMBER | xlrd.XL_CELL_DATE:
            return sheet.show_number(repr(value), style.number_format)
        case xlrd.XL_CELL_BOOLEAN:
            return "TRUE" if value else "FALSE"
        case xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(value, "#ERROR!"))
        case _:
            return ""


def _xls_text(book: xlrd.book.Book, text: str, runs: list[tuple[int, int]]) -> str:
    """The text without what is struck through; `runs` says where which font begins."""
    if not runs:
        return text
    parts = [text[: runs[0][0]]]
    for (start, font_index), end in zip(
        runs, [*(start for start, _ in runs[1:]), len(text)], strict=True
    ):
        font = book.font_list[font_index]
        if not font.struck_out:
            parts.append(
                text[start:end].translate(SUPERSCRIPT) if font.escapement == 1 else text[start:end]
            )
    return "".join(parts)


def _xls_lined(border: xlrd.formatting.XFBorder) -> bool:
    sides = (
        border.left_line_style,
        border.right_line_style,
        border.top_line_style,
        border.bottom_line_style,
    )
    return len([style for style in sides if style]) >= SIDES
