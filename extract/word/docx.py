"""Word files (.docx, .docm; transitional and strict): bytes in, paragraphs and grids out.

Own walk over the XML, because Word states merged cells by grid column (`gridSpan`, `vMerge`) and
python-docx resolves them at ten times the cost. What a person sees is text: inserted runs, fields'
results, text boxes; what is deleted, hidden or struck through is not (`visible` decides). Runs are
joined with nothing between, since Word splits them at will. Numbers that Word makes itself (lists,
headings) stand nowhere in the file, so a label may lack its "1.".

Tables: columns are the places where a cell begins. Edges less than a sliver apart are one edge:
LibreOffice writes columns of a point or two that nobody sees. A row whose spans do not add up to
the table's is placed by its cells' widths where it states them. A cell that continues a merge from
above belongs to the open cell over it; with none open it is a cell of its own. Tables in tables,
and tables that only arrange the page: see `nested_tables`.

Gives a `Document` with the fact "title" of the file's properties where it has one. Raises
`ReadError` for what `archive` refuses and for a package without a main part (DAMAGED). Out of
scope: headers, footers, notes, comments, what pictures show.
Embedded documents: see `embedded`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from lxml import etree

from extract import limits
from extract.archive import Archive, open_archive, parse_xml
from extract.detect import office_main_part
from extract.document import UNREADABLE, Document, ReadError, Reason, count_of
from extract.nested_tables import Item, NestedTable, blocks_of, remarks_of
from extract.table_limits import LARGE_TABLE_REMARK, flaw_of, is_too_large
from extract.word.embedded import open_embedded
from extract.word.look import may_change_looks
from extract.word.table_grid import WordCell, WordRow, place_cells
from extract.word.visible import STYLE_NAMES, UNREADABLE_TAG, keep_what_is_seen
from extract.word.vocabulary import (
    ALTERNATIVES,
    MATH,
    TEXTS,
    WORD,
    attribute,
    is_on,
    used_in,
    value_of,
)

READER: Final = "docx"

_TITLE: Final = "{http://purl.org/dc/elements/1.1/}title"
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_XML_BLANK: Final = " \t\r\n"

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
    {f"{{{ns}}}{name}": "wrapper" for ns in WORD for name in _WRAPPERS.split()}
    | {f"{{{ns}}}{name}": name for ns in WORD for name in _LEAVES.split()}
    | {f"{{{ns}}}{name}": "wrapper" for ns in MATH for name in ("oMath", "oMathPara", "r")}
    | {f"{{{ns}}}t": "t" for ns in MATH}
    | {
        f"{ALTERNATIVES}AlternateContent": "alternatives",
        f"{ALTERNATIVES}Choice": "branch",
        f"{ALTERNATIVES}Fallback": "branch",
        UNREADABLE_TAG: "unreadable",
    }
)
_CHARACTERS: Final = {
    "br": "\n",
    "cr": "\n",
    "tab": "\t",
    "ptab": "\t",
    "noBreakHyphen": "-",
    "unreadable": UNREADABLE,
}
_DRAWINGS: Final = frozenset({"drawing", "pict", "object"})
_PICTURES: Final = ("{*}blip", "{*}imagedata")
_PROPERTIES: Final = "docProps/core.xml"
_STYLES: Final = "word/styles.xml"
_PART_WORDS: Final = {_PROPERTIES: "properties", _STYLES: "styles"}


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
    root = parse_xml(archive.read(main))
    embedded = open_embedded(root, archive, main)
    properties, damaged_properties = _optional_part(archive, _PROPERTIES)
    named = next(root.iter(*used_in(root, STYLE_NAMES)), None) is not None
    styles, damaged_styles = _optional_part(archive, _STYLES) if named else (None, ())
    document = document_of(
        root,
        main,
        title_facts(None if properties is None else properties.findtext(_TITLE)),
        styles,
        (*damaged_properties, *damaged_styles, *embedded.remarks),
    )
    return replace(
        document,
        blocks=tuple(embedded.blocks_for(document.blocks)),
        instead=(*embedded.unread, *document.instead),
    )


def document_of(
    root: etree._Element,
    name: str,
    facts: tuple[tuple[str, str], ...],
    styles: etree._Element | None = None,
    remarks: tuple[str, ...] = (),
) -> Document:
    """The document in a main part that is parsed already; `name` is its name, for errors,
    `styles` the root of the part of that name, `remarks` come before those made here.
    """
    body = next((child for child in root if _KIND.get(child.tag) == "body"), None)
    if body is None:
        raise ReadError(Reason.DAMAGED, f"{name} has no body")
    pictures = count_of("picture", sum(1 for _ in body.iter(*_PICTURES)))
    seen = keep_what_is_seen(root, styles)
    items = _read_items(body)
    made = tuple(dict.fromkeys((*remarks, *seen, *remarks_of(items))))
    return Document(
        tuple(blocks_of(items)), READER, facts, remarks=made, instead=pictures, flaw=flaw_of(made)
    )


def title_facts(title: str | None) -> tuple[tuple[str, str], ...]:
    """The fact "title", if the file's properties state one."""
    title = " ".join((title or "").split())
    return (("title", title),) if title else ()


def _optional_part(archive: Archive, name: str) -> tuple[etree._Element | None, tuple[str, ...]]:
    """The root of a part that a document need not have, None for one that changes nothing. A
    broken one costs a remark, not the report.
    """
    if name not in archive:
        return None, ()
    try:
        data = archive.read(name)
        if name == _STYLES and not may_change_looks(data):
            return None, ()
        return parse_xml(data), ()
    except ReadError as error:
        if error.reason is not Reason.DAMAGED:
            raise
        return None, (f"the file's {_PART_WORDS[name]} are damaged: {error.detail}",)


# ---- text


def _choose_branch(alternatives: etree._Element) -> etree._Element | None:
    """The first alternative that holds text: each is for a different generation of Word."""
    return next(
        (
            branch
            for branch in alternatives
            if _KIND.get(branch.tag) == "branch" and next(branch.iter(*TEXTS), None) is not None
        ),
        None,
    )


def _looked_through(element: etree._Element, kind: str | None) -> etree._Element | None:
    """The element itself if it only wraps others, of alternatives the one to be read; None for
    all else.
    """
    if kind == "wrapper":
        return element
    return _choose_branch(element) if kind == "alternatives" else None


def _children(element: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """The children of a table or a row that the walk knows, with their kind."""
    for child in element:
        kind = _KIND.get(child.tag)
        inner = _looked_through(child, kind)
        if inner is not None:
            yield from _children(inner)
        elif kind is not None:
            yield kind, child


def _read_items(container: etree._Element) -> list[Item]:
    """The paragraphs' texts and the tables of a body, a cell or a text box, in order."""
    items: list[Item] = []
    for child in container:
        kind = _KIND.get(child.tag)
        if kind == "p":
            items += _read_paragraph(child)
        elif kind == "tbl":
            items.append(_read_table(child))
        elif kind is not None and (inner := _looked_through(child, kind)) is not None:
            items += _read_items(inner)
    return items


def _read_paragraph(paragraph: etree._Element) -> list[Item]:
    """A paragraph's text, after what the text boxes anchored in it hold."""
    parts = _read_runs(paragraph)
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) == len(parts):
        return ["".join(texts)]
    boxes = [part for part in parts if not isinstance(part, str)]
    return [*(item for box in boxes for item in _read_boxes(box)), "".join(texts)]


def _read_runs(element: etree._Element) -> list[str | etree._Element]:
    """The texts of a paragraph or of what wraps its runs, and the drawings among them."""
    parts: list[str | etree._Element] = []
    for child in element:
        kind = _KIND.get(child.tag)
        if kind == "wrapper":
            parts += _read_runs(child)
        elif kind == "t":
            parts.append(_text_of(child))
        elif kind in _CHARACTERS:
            parts.append(_CHARACTERS[kind])
        elif kind == "sym":
            parts.append(_symbol(child))
        elif kind in _DRAWINGS:
            parts.append(child)
        elif kind == "alternatives" and (branch := _choose_branch(child)) is not None:
            parts += _read_runs(branch)
    return parts


def _text_of(element: etree._Element) -> str:
    """A w:t as Word prints it: blanks at its ends count only where it says so."""
    text = element.text or ""
    if text and (text[0] in _XML_BLANK or text[-1] in _XML_BLANK):
        return text if element.get(_SPACE) == "preserve" else text.strip(_XML_BLANK)
    return text


def _read_boxes(drawing: etree._Element) -> list[Item]:
    """What the text boxes in a drawing hold; a group of shapes can nest alternatives again."""
    items: list[Item] = []
    for child in drawing:
        kind = _KIND.get(child.tag)
        if kind == "txbxContent":
            items += _read_items(child)
        elif kind != "alternatives":
            items += _read_boxes(child)
        elif (branch := _choose_branch(child)) is not None:
            items += _read_boxes(branch)
    return items


def _symbol(sym: etree._Element) -> str:
    """A character of a symbol font, by its code; codes of the private use area stay, so that the
    cell does not look blank.
    """
    try:
        return chr(int(attribute(sym, "char") or "", 16))
    except (ValueError, OverflowError):
        return ""


def _number(text: str | None) -> int | None:
    """A whole number, or None for what is none; a percentage is none."""
    try:
        return round(float(text or ""))
    except (ValueError, OverflowError):
        return None


# ---- tables


def _read_table(tbl: etree._Element) -> NestedTable:
    """A w:tbl with its cells in place."""
    widths: list[int] = []
    rows: list[WordRow] = []
    for kind, child in _children(tbl):
        if kind == "tblGrid":
            widths = [
                max(0, _number(attribute(column, "w")) or 0)
                for kind_within, column in _children(child)
                if kind_within == "gridCol"
            ]
        elif kind == "tr" and (row := _read_row(child)).cells:
            rows.append(row)
            if is_too_large(len(rows), len(row.cells)):
                return NestedTable([], (LARGE_TABLE_REMARK,))
    return place_cells(rows, widths)


def _read_row(tr: etree._Element) -> WordRow:
    """A row; without cells where it is deleted or hidden."""
    children = list(_children(tr))
    stated = [pair for kind, child in children if kind == "trPr" for pair in _children(child)]
    if any(kind in ("del", "hidden") and is_on(child) for kind, child in stated):
        return WordRow([], 0, 0)
    left_free = {kind: _grid_columns(child) for kind, child in stated}
    cells = _joined_cells(_read_cell(child) for kind, child in children if kind == "tc")
    before, after = left_free.get("gridBefore", 0), left_free.get("gridAfter", 0)
    return WordRow(cells, before, before + sum([c.span for c in cells]) + after)


def _joined_cells(cells: Iterable[WordCell]) -> list[WordCell]:
    joined: list[WordCell] = []
    for cell in cells:
        if cell.continues_left and joined:
            joined[-1] = _merge_sideways(joined[-1], cell)
        else:
            joined.append(cell)
    return joined


def _grid_columns(element: etree._Element) -> int:
    return min(max(0, _number(value_of(element)) or 0), limits.TABLE_COLUMNS)


def _read_cell(tc: etree._Element) -> WordCell:
    cell = WordCell(_read_items(tc))
    properties = next(iter(tc), None)
    if properties is None or _KIND.get(properties.tag) != "tcPr":  # by the schema they come first
        return cell
    for child in properties:
        kind = _KIND.get(child.tag)
        if kind == "tcW":
            width = _number(attribute(child, "w"))
            in_twips = (attribute(child, "type") or "dxa") == "dxa"
            cell.width = width if in_twips and width is not None and width > 0 else None
        elif kind == "gridSpan":
            cell.span = max(1, _grid_columns(child))
        elif kind == "vMerge":
            cell.opens_merge = value_of(child) == "restart"
            cell.continues_above = not cell.opens_merge
        elif kind == "hMerge":
            cell.continues_left = value_of(child) != "restart"
    return cell


def _merge_sideways(cell: WordCell, right: WordCell) -> WordCell:
    """The old way of merging sideways: `right` is the next part of `cell`, and shows nothing of its
    own.
    """
    known = cell.width is not None and right.width is not None
    width = (cell.width or 0) + (right.width or 0) if known else None
    return replace(cell, span=cell.span + right.span, width=width)
