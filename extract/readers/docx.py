"""Word files (.docx, .docm; transitional and strict): bytes in, paragraphs and grids out.

Own walk over the XML, because Word states merged cells by grid column (`gridSpan`, `vMerge`) and python-docx resolves them at
ten times the cost. What Word prints is text: inserted runs, fields' results, text boxes; deleted runs and rows, hidden runs, field
instructions and note marks are not. Runs are joined with nothing between, since Word splits them at will. Numbers that Word makes
itself (lists, headings) stand nowhere in the file, so a label may lack its "1.".

Tables: columns are the places where a cell begins. Edges less than `_SLIVER` apart are one edge: LibreOffice writes columns of a
point or two that nobody sees. A row whose spans do not add up to the table's is placed by its cells' widths where it states them.
A cell that continues a merge from above belongs to the open cell over it; with none open it is a cell of its own.
Tables in tables, and tables that only arrange the page: see `nesting`.

Gives a `Document` with the fact "title" of the file's properties where it has one. Raises `ReadError` for what `guards` refuses,
for a package without a main part (DAMAGED), and for a table beyond the limits (TOO_LARGE).
Out of scope: headers, footers, notes, comments, pictures, embedded files.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from lxml import etree

from extract import limits
from extract.document import Document, ReadError, Reason
from extract.guards import Archive, open_archive, parse_xml
from extract.readers.nesting import Item, Placed, Table, blocks_of
from extract.sniff import office_main_part

READER: Final = "docx"

_WORD: Final = ("http://schemas.openxmlformats.org/wordprocessingml/2006/main", "http://purl.oclc.org/ooxml/wordprocessingml/main")
_MATH: Final = ("http://schemas.openxmlformats.org/officeDocument/2006/math", "http://purl.oclc.org/ooxml/officeDocument/math")
_ALTERNATIVES: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TITLE: Final = "{http://purl.org/dc/elements/1.1/}title"
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_XML_BLANK: Final = " \t\r\n"
_OFF: Final = frozenset({"0", "false", "off"})

_WRAPPERS: Final = "sdt sdtContent ins moveTo smartTag customXml hyperlink fldSimple dir bdo ruby rubyBase r"
_LEAVES: Final = (
    "body p tbl tr tc t br cr tab ptab noBreakHyphen sym drawing pict object txbxContent altChunk"
    " tblGrid gridCol trPr tcPr gridBefore gridAfter del hidden gridSpan vMerge hMerge tcW"
)
# What an element is, by its Clark name; an element that is not here holds no text that is printed in the body.
_KIND: Final[dict[str, str]] = (
    {f"{{{ns}}}{name}": "wrapper" for ns in _WORD for name in _WRAPPERS.split()}
    | {f"{{{ns}}}{name}": name for ns in _WORD for name in _LEAVES.split()}
    | {f"{{{ns}}}{name}": "wrapper" for ns in _MATH for name in ("oMath", "oMathPara", "r")}
    | {f"{{{ns}}}t": "t" for ns in _MATH}
    | {f"{_ALTERNATIVES}AlternateContent": "alternatives", f"{_ALTERNATIVES}Choice": "branch", f"{_ALTERNATIVES}Fallback": "branch"}
)
_TEXTS: Final = tuple(f"{{{ns}}}t" for ns in _WORD)
_VANISH: Final = tuple(f"{{{ns}}}vanish" for ns in _WORD)
_RUN_PROPERTIES: Final = tuple(f"{{{ns}}}rPr" for ns in _WORD)
_RUNS: Final = tuple(f"{{{ns}}}r" for ns in _WORD)
_CHARACTERS: Final = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}

_SLIVER: Final = 60  # twips, 3 pt: narrower than any digit printed
_UNKNOWN_WIDTH: Final = 1_000  # twips, for columns whose width is stated nowhere


@dataclass(slots=True)
class _Raw:
    """A w:tc as it stands: what it holds, and what it states of itself."""

    items: list[Item]
    span: int = 1  # grid columns
    width: int | None = None  # twips
    opens_merge: bool = False
    continues_above: bool = False
    continues_left: bool = False

    @property
    def is_blank(self) -> bool:
        return all(isinstance(i, str) and not i.strip() for i in self.items)


@dataclass(slots=True)
class _Row:
    """A w:tr: its cells, and the grid columns left free before them; `columns` counts also those left free after them."""

    cells: list[_Raw]
    before: int
    columns: int


def read(data: bytes) -> Document:
    """The document in the bytes of a docx."""
    archive = open_archive(data)
    main = "word/document.xml" if "word/document.xml" in archive else None
    main = office_main_part(archive) or main
    if main is None:
        raise ReadError(Reason.DAMAGED, "the package names no main document; open the file in a word processor and save it again")
    remarks: list[str] = []
    return document_of(parse_xml(archive.read(main)), main, _facts(archive, remarks), remarks)


def document_of(root: etree._Element, name: str, facts: tuple[tuple[str, str], ...], remarks: list[str]) -> Document:
    """The document in a main part that is parsed already; `name` is its name, for errors."""
    body = next((child for child in root if _KIND.get(child.tag) == "body"), None)
    if body is None:
        raise ReadError(Reason.DAMAGED, f"{name} has no body")
    _take_out_hidden(root)
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


def _take_out_hidden(root: etree._Element) -> None:
    """Rename the runs that are hidden, so that the walk takes them for nothing it knows. One search in C where there are none."""
    for mark in list(root.iter(*_VANISH)):
        properties = mark.getparent()
        run = None if properties is None or properties.tag not in _RUN_PROPERTIES else properties.getparent()
        if run is not None and run.tag in _RUNS and (_value(mark) or "") not in _OFF:
            run.tag = "hidden"


# ---- text


def _branch(alternatives: etree._Element) -> etree._Element | None:
    """The first alternative that holds text: each says the same for a different generation of Word."""
    return next((b for b in alternatives if _KIND.get(b.tag) == "branch" and next(b.iter(*_TEXTS), None) is not None), None)


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


def _inline(element: etree._Element, parts: list[str], items: list[Item], remarks: list[str]) -> None:
    """Text of a paragraph or of what wraps its runs into `parts`; text boxes anchored in it go to `items`, so before it."""
    for child in element:
        kind = _KIND.get(child.tag)
        if kind is None:
            continue
        if kind == "t":
            text = child.text
            if text:
                if (text[0] in _XML_BLANK or text[-1] in _XML_BLANK) and child.get(_SPACE) != "preserve":
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
    """A character of a symbol font, by its code; codes of the private use area stay, so that the cell does not look blank."""
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
    """The children of a table or row that the walk knows, with their kind; wrappers are looked through, of alternatives one is taken."""
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
    rows: list[_Row] = []
    for kind, child in _children(tbl):
        if kind == "tblGrid":
            widths = [max(0, _number(_attribute(c, "w")) or 0) for k, c in _children(child) if k == "gridCol"]
        elif kind == "tr":
            row = _row(child, remarks)
            if row is not None and row.cells:
                rows.append(row)
                if len(rows) > limits.TABLE_ROWS:
                    raise ReadError(Reason.TOO_LARGE, f"a table has more than {limits.TABLE_ROWS} rows")
    return Table(_merged(rows, _placed(rows, widths), remarks))


def _row(tr: etree._Element, remarks: list[str]) -> _Row | None:
    """A row, or None where it is deleted or hidden."""
    cells: list[_Raw] = []
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
        raise ReadError(Reason.TOO_LARGE, f"a table's row has {len(cells)} cells, the limit is {limits.TABLE_COLUMNS}")
    return _Row(cells, before, before + sum([c.span for c in cells]) + after)


def _cell(tc: etree._Element, remarks: list[str]) -> _Raw:
    cell = _Raw([])
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


def _join(cell: _Raw, right: _Raw) -> None:
    """The old way of merging sideways: `right` is the next part of `cell`, and shows nothing of its own."""
    cell.span += right.span
    cell.width = cell.width + right.width if cell.width is not None and right.width is not None else None


def _placed(rows: list[_Row], widths: list[int]) -> list[list[int]]:
    """For each row the edges at which its cells begin and the last one ends, as numbers of edges without slivers."""
    if not rows:
        return []
    totals = Counter([row.columns for row in rows])
    n = len(widths) if len(widths) in totals else max(totals, key=lambda total: (totals[total], total))
    x = _positions(rows, widths, n, max(*totals, n))
    by_span = [_running(row.before, [c.span for c in row.cells]) for row in rows]
    edge = _without_slivers(x)
    if edge[-1] + 1 < len(x) and any(
        edge[left] == edge[right] and not cell.is_blank
        for row, at in zip(rows, by_span, strict=True)
        for cell, left, right in zip(row.cells, at, at[1:], strict=False)
    ):
        edge = list(range(len(x)))  # a cell that holds something in so narrow a column: the widths are not to be trusted
    return [
        (None if row.columns == n else _by_width(row, x, edge)) or [edge[i] for i in at]
        for row, at in zip(rows, by_span, strict=True)
    ]  # fmt: skip


def _running(start: int, steps: list[int]) -> list[int]:
    return list(accumulate(steps, initial=start))


def _rises(values: Sequence[int]) -> bool:
    return all(a < b for a, b in pairwise(values))


def _positions(rows: list[_Row], widths: list[int], n: int, last: int) -> list[int]:
    """Where the edges 0 to `last` stand, in twips: by the table's grid, else by the cells' widths, else evenly spaced."""
    x: list[int] = []
    if len(widths) == n and all(widths):
        x = _running(0, widths)
    else:
        known: dict[int, int] = {0: 0}
        for row in rows:
            if row.columns == n and not row.before and all(c.width for c in row.cells):
                for i, at in zip(_running(0, [c.span for c in row.cells]), _running(0, [c.width or 0 for c in row.cells]), strict=True):
                    known.setdefault(i, at)
        marks = sorted(known.items())
        if n in known and _rises([at for _, at in marks]):
            x = [0]
            for (i, here), (j, there) in pairwise(marks):  # edges at which no measured cell ends share the space evenly
                x += [here + (there - here) * k // (j - i) for k in range(1, j - i + 1)]
    x = x or _running(0, [_UNKNOWN_WIDTH] * n)
    while len(x) <= last:
        x.append(x[-1] + _UNKNOWN_WIDTH)
    return x


def _without_slivers(x: list[int]) -> list[int]:
    """For each edge the number of the group it belongs to; edges less than `_SLIVER` from a group's first are one."""
    edge, first = [0], x[0]
    for at in x[1:]:
        if at - first >= _SLIVER:
            edge.append(edge[-1] + 1)
            first = at
        else:
            edge.append(edge[-1])
    return edge


def _by_width(row: _Row, x: list[int], edge: list[int]) -> list[int] | None:
    """The edges nearest to where the widths of the row's cells put them; None where widths are missing or two edges would meet."""
    if not all(c.width for c in row.cells) or row.before >= len(x):
        return None
    run = _running(x[row.before], [c.width or 0 for c in row.cells])
    near: list[int] = []
    for at in run:
        i = bisect_left(x, at)
        if i == len(x) or (i > 0 and at - x[i - 1] <= x[i] - at):
            i -= 1
        near.append(edge[i])
    return near if _rises(near) else None


def _merged(rows: list[_Row], placed: list[list[int]], remarks: list[str]) -> list[Placed]:
    """The rows' cells with vertical merges resolved, in reading order."""
    cells: list[Placed] = []
    above: list[Placed] = []  # merges that reach down to the row before
    for r, (row, edges) in enumerate(zip(rows, placed, strict=True)):
        here: list[Placed] = []
        for i, raw in enumerate(row.cells):
            left, right = edges[i], edges[i + 1]
            if left == right:
                continue  # a sliver that holds nothing
            over = _covering(left, right, above, row, edges) if raw.continues_above and above else ()
            for anchor in over:
                anchor.bottom = r + 1
                if not any(anchor is other for other in here):
                    here.append(anchor)
            if not over:
                cells.append(Placed(raw.items, r, r + 1, left, right))
                if raw.opens_merge or raw.continues_above:
                    here.append(cells[-1])
            elif not raw.is_blank:
                remarks.append("text in the continuation of a merged cell is not shown by Word and was left out")
        above = here
    return cells


def _covering(left: int, right: int, above: list[Placed], row: _Row, edges: list[int]) -> list[Placed]:
    """The open merges over `left` to `right`, less those in which another cell of this row would stand: nothing may be covered."""
    own = [pair for cell, pair in zip(row.cells, pairwise(edges), strict=True) if not cell.continues_above]
    return [a for a in above if a.left < right and left < a.right and not any(lo < a.right and a.left < hi for lo, hi in own)]
