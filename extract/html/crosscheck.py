"""Pages by lxml: tables by HTML's own rule for spans and nothing else, prose from what stands
outside of them.

Spans are taken as written, but never beyond the table's rows; wrong ones are not mended.
"""

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree, html

from extract.document import Block, Cell, Document, Grid, Paragraph, ReadError, Reason, grid_of
from extract.encoding import decode_text
from extract.html.page_facts import unwrap
from extract.limits import TABLE_COLUMNS, TABLE_ROWS

READER: Final = "lxml"
# lxml reads nothing behind it, browsers do
_END: Final = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
_SILENT: Final = frozenset({"script", "style", "noscript", "template", "head"})
_BREAKS: Final = frozenset({"br", "p", "div"})  # lines of a cell
_LINES: Final = _BREAKS | {
    *("li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "tr", "section", "article")
}


def read(data: bytes) -> Document:
    """The page; ReadError(DAMAGED) for what holds no element at all."""
    text = _END.sub("", unwrap(decode_text(data)))
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = html.document_fromstring(text.encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ReadError(Reason.DAMAGED, f"lxml cannot parse it ({error})") from error
    return Document(tuple(_read_blocks(root)), READER)


def _read_blocks(root: "html.HtmlElement") -> Iterator[Block]:
    line: list[str] = []
    for part in _read_parts(root):
        if isinstance(part, str):
            line.append(part)
            continue
        text = " ".join("".join(line).split())
        line.clear()
        if text:
            yield Paragraph(text)
        if part is not None:
            yield part


def _read_parts(root: "html.HtmlElement") -> Iterator[str | Grid | None]:
    """In order of the page: its text outside of tables, its innermost tables, and None where a
    line ends.
    """
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        is_start = event == "start"
        if element.tag == "table" and is_start:
            yield None
            yield from (_read_grid(t) for t in element.iter("table") if t.find(".//table") is None)
            walk.skip_subtree()
        elif element.tag not in _SILENT:
            if element.tag in _LINES:
                yield None
            if is_start:
                yield element.text or ""
        if not is_start and element is not root:
            yield element.tail or ""
    yield None


def _read_grid(table: "html.HtmlElement") -> Grid:
    rows = list(table.iter("tr"))[:TABLE_ROWS]
    taken: set[tuple[int, int]] = set()
    cells = []
    for r, row in enumerate(rows):
        c = 0
        for element in row.iterchildren("td", "th"):
            while (r, c) in taken:
                c += 1
            tall = min(_read_span(element, "rowspan"), len(rows) - r)
            wide = min(_read_span(element, "colspan"), TABLE_COLUMNS)
            taken |= {(i, j) for i in range(r, r + tall) for j in range(c, c + wide)}
            cells.append(Cell(_read_cell_text(element), r, c, tall, wide))
            c += wide
    return grid_of(cells)


def _read_span(element: "html.HtmlElement", name: str) -> int:
    digits = (element.get(name) or "1").strip()
    return max(1, int(digits)) if digits.isdigit() and len(digits) < 6 else 1


def _read_cell_text(cell: "html.HtmlElement") -> str:
    parts = [cell.text or ""]
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        if element is cell:
            continue
        if event == "start" and element.tag in _BREAKS and parts != [""]:
            parts.append("\n")
        if event == "start" and element.tag not in _SILENT and element.text:
            parts.append(element.text)
        if event == "end" and element.tail:
            parts.append(element.tail)
    return "".join(parts)
