"""Word files (.docx, .docm; transitional and strict): bytes in, paragraphs and grids out.

Own walk over the XML, because Word states merged cells by grid column (`gridSpan`, `vMerge`) and
python-docx resolves them at ten times the cost. What Word prints is text: inserted runs, fields'
results, text boxes; deleted runs and rows, runs hidden or struck through, field instructions and
note marks are not. Runs are joined with nothing between, since Word splits them at will. Numbers
that Word makes itself (lists, headings) stand nowhere in the file, so a label may lack its "1.".

Tables: columns are the places where a cell begins. Edges less than a sliver apart are one edge:
LibreOffice writes columns of a point or two that nobody sees. A row whose spans do not add up to
the table's is placed by its cells' widths where it states them. A cell that continues a merge
import copy from above belongs to the open cell over it; with none open it is a cell of its own.
Tables in tables, and tables that only arrange the page: see `nesting`.

Gives a `Document` with the fact "title" of the file's properties where it has one. Raises
`ReadError` for what `guards` refuses, for a package without a main part (DAMAGED), and for a table
beyond the limits (TOO_LARGE). Out of scope: headers, footers, notes, comments, pictures, embedded
files.
"""

from collections.abc import Iterator
from copy import copy
from typing import Final

from lxml import etree

from extract import limits
from extract.archive import Archive, open_archive, parse_xml
from extract.detect import office_main_part
from extract.document import Document, ReadError, Reason
from extract.nested_tables import SUPERSCRIPT, Item, Table, blocks_of
from extract.word.table_grid import Raw, Row, merged, placed

READER: Final = "docx"

_WORD: Final = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_MATH: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "http://purl.oclc.org/ooxml/officeDocument/math",
)
_ALTERNATIVES: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TITLE: Final = "{http://purl.org/dc/elements/1.1/}title"
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_XML_BLANK: Final = " \t\r\n"
_OFF: Final = frozenset({"0", "false", "off"})

_WRAPPERS: Final = (
    "sdt sdtContent ins moveTo smartTag customXml hyperlink fldSimple dir bdo ruby rubyBase r"
)
_LEAVES: Final = (
    "body p tbl tr tc t br cr tab ptab noBreakHyphen sym drawing pict object txbxContent altChunk"
    " tblGrid gridCol trPr tcPr gridBefore gridAfter del hidden gridSpan vMerge hMerge tcW"
)
# What an element is, by its Clark name; an element that is not here holds no text that is printed
# in the body.
_KIND: Final[dict[str, str]] = (
    {f"{{{ns}}}{name}": "wrapper" for ns in _WORD for name in _WRAPPERS.split()}
    | {f"{{{ns}}}{name}": name for ns in _WORD for name in _LEAVES.split()}
    | {f"{{{ns}}}{name}": "wrapper" for ns in _MATH for name in ("oMath", "oMathPara", "r")}
    | {f"{{{ns}}}t": "t" for ns in _MATH}
    | {
        f"{_ALTERNATIVES}AlternateContent": "alternatives",
        f"{_ALTERNATIVES}Choice": "branch",
        f"{_ALTERNATIVES}Fallback": "branch",
    }
)
_TEXTS: Final = tuple(f"{{{ns}}}t" for ns in _WORD)
_VANISH: Final = tuple(f"{{{ns}}}vanish" for ns in _WORD)
_STRIKE: Final = tuple(f"{{{ns}}}{name}" for ns in _WORD for name in ("strike", "dstrike"))
_RAISED: Final = tuple(f"{{{ns}}}vertAlign" for ns in _WORD)
_RUN_STYLE: Final = tuple(f"{{{ns}}}rStyle" for ns in _WORD)
_RUN_PROPERTIES: Final = tuple(f"{{{ns}}}rPr" for ns in _WORD)
_RUNS: Final = tuple(f"{{{ns}}}r" for ns in _WORD)
_CHARACTERS: Final = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}


def read(data: bytes) -> Document:
    """The document in the bytes of a docx."""
    archive = open_archive(data)
    main = "word/document.xml" if "word/document.xml" in archive else None
    main = office_main_part(archive) or main
    if main is None:
        raise ReadError(
            Reason.DAMAGED,
            (
                "the package names no main document; open the file in a word processor and save "
                "it again"
            ),
        )
    remarks: list[str] = []
    root = parse_xml(archive.read(main))
    _spell_out_styles(root, archive, remarks)
    return document_of(root, main, _facts(archive, remarks), remarks)


def _spell_out_styles(root: etree._Element, archive: Archive, remarks: list[str]) -> None:
    """Give each run that a character style strikes through, hides or raises the mark itself, as if
    it were set by hand.
    """
    named = list(root.iter(*_RUN_STYLE))
    if not named or "word/styles.xml" not in archive:
        return
    try:
        sheet = parse_xml(archive.read("word/styles.xml"))
    except ReadError as error:
        if error.reason is not Reason.DAMAGED:
            raise
        remarks.append(f"the file's styles are damaged: {error.detail}")
        return
    marks: dict[str, list[etree._Element]] = {}
    for style in sheet.iter("{*}style"):
        ident = next((str(v) for k, v in style.attrib.items() if str(k).endswith("}styleId")), "")
        marks[ident] = [
            mark
            for mark in style.iterfind("{*}rPr/*")
            if mark.tag in (*_STRIKE, *_VANISH, *_RAISED)
        ]
    for name in named:
        properties = name.getparent()
        own = set() if properties is None else {child.tag for child in properties}
        for mark in marks.get(_value(name) or "", []):
            # what is set by hand goes before the style
            if properties is not None and mark.tag not in own:
                properties.append(copy(mark))


def document_of(
    root: etree._Element, name: str, facts: tuple[tuple[str, str], ...], remarks: list[str]
) -> Document:
    """The document in a main part that is parsed already; `name` is its name, for errors."""
    body = next((child for child in root if _KIND.get(child.tag) == "body"), None)
    if body is None:
        raise ReadError(Reason.DAMAGED, f"{name} has no body")
    _take_out_hidden(root, remarks)
    items: list[Item] = []
    _flow(body, items, remarks)
    return Document(tuple(blocks_of(items)), READER, facts, remarks=tuple(dict.fromkeys(remarks)))


def _facts(archive: Archive, remarks: list[str]) -> tuple[tuple[str, str], ...]:
    """The title that the file's properties state. Broken properties cost a remark, not the report."""
    if "docProps/core.xml" not in archive:
        return ()
    try:
        title = parse_xml(archive.read("docProps/core.xml")).findtext(_TITLE)
    except ReadError as error:
        if error.reason is not Reason.DAMAGED:
            raise
        remarks.append(f"the file's properties are damaged: {error.detail}")
        return ()
    title = " ".join((title or "").split())
    return (("title", title),) if title else ()


def _take_out_hidden(root: etree._Element, remarks: list[str]) -> None:
    """Rename the runs that are hidden or struck through, so that the walk takes them for nothing it
    knows; raise raised digits.

    A digit raised above the line (a note's mark) becomes the character for it, so that it joins no
    number. A search in C each where there are none.
    """
    for mark in list(root.iter(*_VANISH, *_STRIKE)):
        run = _run_of(mark)
        if run is not None and (_value(mark) or "") not in _OFF:
            run.tag = "hidden"
            if mark.tag in _STRIKE:
                remarks.append("text that is struck through was left out")
    for mark in root.iter(*_RAISED):
        run = _run_of(mark) if _value(mark) == "superscript" else None
        for text in () if run is None else run.iter(*_TEXTS):
            text.text = (text.text or "").translate(SUPERSCRIPT)


def _run_of(mark: etree._Element) -> etree._Element | None:
    """The run whose properties hold this mark; None for the properties of a paragraph or a style."""
    properties = mark.getparent()
    run = (
        None
        if properties is None or properties.tag not in _RUN_PROPERTIES
        else properties.getparent()
    )
    return run if run is not None and run.tag in (*_RUNS, "hidden") else None


# ---- text


def _branch(alternatives: etree._Element) -> etree._Element | None:
    """The first alternative that holds text: each says the same for a different generation of Word."""
    return next(
        (
            b
            for b in alternatives
            if _KIND.get(b.tag) == "branch" and next(b.iter(*_TEXTS), None) is not None
        ),
        None,
    )


def _flow(container: etree._Element, items: list[Item], remarks: list[str]) -> None:
    """The paragraphs' texts and the tables of a body, a cell or a text box into `items`, in order."""
    for child in container:
        kind = _KIND.get(child.tag)
        if kind == "p":
            parts: list[str] = []
            _inline(child, parts, items, remarks)
            items.append("".join(parts))
        elif kind == "tbl":
            items.append(_table(child, remarks))
        elif kind == "wrapper":
            _flow(child, items, remarks)
        elif kind == "alternatives":
            branch = _branch(child)
            if branch is not None:
                _flow(branch, items, remarks)
        elif kind == "altChunk":
            remarks.append("a part in another format (altChunk) is embedded and was not read")


def _inline(
    element: etree._Element, parts: list[str], items: list[Item], remarks: list[str]
) -> None:
    """Text of a paragraph or of what wraps its runs into `parts`; text boxes anchored in it go to
    `items`, so before it.
    """
    for child in element:
        kind = _KIND.get(child.tag)
        if kind is None:
            continue
        if kind == "t":
            text = child.text
            if text:
                if (text[0] in _XML_BLANK or text[-1] in _XML_BLANK) and child.get(
                    _SPACE
                ) != "preserve":
                    text = text.strip(_XML_BLANK)
                parts.append(text)
        elif kind == "wrapper":
            _inline(child, parts, items, remarks)
        elif kind in _CHARACTERS:
            parts.append(_CHARACTERS[kind])
        elif kind == "sym":
            parts.append(_symbol(child))
        elif kind == "alternatives":
            branch = _branch(child)
            if branch is not None:
                _inline(branch, parts, items, remarks)
        elif kind in ("drawing", "pict", "object"):
            _boxes(child, items, remarks)


def _boxes(drawing: etree._Element, items: list[Item], remarks: list[str]) -> None:
    """What the text boxes in a drawing hold; a group of shapes can nest alternatives again."""
    for child in drawing:
        kind = _KIND.get(child.tag)
        if kind == "txbxContent":
            _flow(child, items, remarks)
        elif kind == "alternatives":
            branch = _branch(child)
            if branch is not None:
                _boxes(branch, items, remarks)
        else:
            _boxes(child, items, remarks)


def _symbol(sym: etree._Element) -> str:
    """A character of a symbol font, by its code; codes of the private use area stay, so that the
    cell does not look blank.
    """
    try:
        return chr(int(_attribute(sym, "char") or "", 16))
    except (ValueError, OverflowError):
        return ""


def _attribute(element: etree._Element, name: str) -> str | None:
    return element.get(f"{{{_WORD[0]}}}{name}") or element.get(f"{{{_WORD[1]}}}{name}")


def _value(element: etree._Element) -> str | None:
    return _attribute(element, "val")


def _number(text: str | None) -> int | None:
    """A whole number, or None for what is none; a percentage is none."""
    try:
        return round(float(text or ""))
    except (ValueError, OverflowError):
        return None


# ---- tables


def _children(element: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """The children of a table or row that the walk knows, with their kind; wrappers are looked
    through, of alternatives one is taken.
    """
    for child in element:
        kind = _KIND.get(child.tag)
        if kind == "wrapper":
            yield from _children(child)
        elif kind == "alternatives":
            branch = _branch(child)
            if branch is not None:
                yield from _children(branch)
        elif kind is not None:
            yield kind, child


def _table(tbl: etree._Element, remarks: list[str]) -> Table:
    """A w:tbl with its cells in place."""
    widths: list[int] = []
    rows: list[Row] = []
    for kind, child in _children(tbl):
        if kind == "tblGrid":
            widths = [
                max(0, _number(_attribute(c, "w")) or 0)
                for k, c in _children(child)
                if k == "gridCol"
            ]
        elif kind == "tr":
            row = _row(child, remarks)
            if row is not None and row.cells:
                rows.append(row)
                if len(rows) > limits.TABLE_ROWS:
                    raise ReadError(
                        Reason.TOO_LARGE, f"a table has more than {limits.TABLE_ROWS} rows"
                    )
    return Table(merged(rows, placed(rows, widths), remarks))


def _row(tr: etree._Element, remarks: list[str]) -> Row | None:
    """A row, or None where it is deleted or hidden."""
    cells: list[Raw] = []
    before = after = 0
    for kind, child in _children(tr):
        if kind == "tc":
            cell = _cell(child, remarks)
            if cell.continues_left and cells:
                _join(cells[-1], cell)
            else:
                cells.append(cell)
        elif kind == "trPr":
            for name, mark in _children(child):
                if name in ("del", "hidden") and (_value(mark) or "") not in _OFF:
                    return None
                if name == "gridBefore":
                    before = min(max(0, _number(_value(mark)) or 0), limits.TABLE_COLUMNS)
                elif name == "gridAfter":
                    after = min(max(0, _number(_value(mark)) or 0), limits.TABLE_COLUMNS)
    if len(cells) > limits.TABLE_COLUMNS:
        raise ReadError(
            Reason.TOO_LARGE,
            f"a table's row has {len(cells)} cells, the limit is {limits.TABLE_COLUMNS}",
        )
    return Row(cells, before, before + sum([c.span for c in cells]) + after)


def _cell(tc: etree._Element, remarks: list[str]) -> Raw:
    cell = Raw([])
    _flow(tc, cell.items, remarks)
    properties = next(iter(tc), None)
    if properties is None or _KIND.get(properties.tag) != "tcPr":  # by the schema they come first
        return cell
    for child in properties:
        kind = _KIND.get(child.tag)
        if kind == "tcW":
            width = _number(_attribute(child, "w"))
            in_twips = (_attribute(child, "type") or "dxa") == "dxa"
            cell.width = width if in_twips and width is not None and width > 0 else None
        elif kind == "gridSpan":
            cell.span = min(max(1, _number(_value(child)) or 1), limits.TABLE_COLUMNS)
        elif kind == "vMerge":
            cell.opens_merge = _value(child) == "restart"
            cell.continues_above = not cell.opens_merge
        elif kind == "hMerge":
            cell.continues_left = _value(child) != "restart"
    return cell


def _join(cell: Raw, right: Raw) -> None:
    """The old way of merging sideways: `right` is the next part of `cell`, and shows nothing of its
    own.
    """
    cell.span += right.span
    cell.width = (
        cell.width + right.width if cell.width is not None and right.width is not None else None
    )
