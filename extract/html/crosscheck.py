"""Pages by lxml: tables by HTML's own rule for spans and nothing else, prose from what stands
outside of them.

Spans are taken as written, but never beyond the table's rows; wrong ones are not mended.
"""

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree, html

from extract.document import Block, Cell, Document, Paragraph, ReadError, Reason, grid_of
from extract.encoding import decode_text
from extract.html.page_facts import unwrapped
from extract.limits import TABLE_COLUMNS, TABLE_ROWS

READER: Final = "lxml"
# lxml reads nothing behind it, browsers do
_END: Final = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
_SILENT: Final = frozenset({"script", "style", "noscript", "template", "head"})
_LINES: Final = frozenset(
    {"p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "tr", "section", "article"}
)


def read(data: bytes) -> Document:
    """The page; ReadError(DAMAGED) for what holds no element at all."""
    text = _END.sub("", unwrapped(decode_text(data)))
    try:
        root = html.document_fromstring(
            text.encode(), parser=html.HTMLParser(encoding="utf-8", no_network=True)
        )
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ReadError(Reason.DAMAGED, f"lxml cannot parse it ({error})") from error
    return Document(tuple(_blocks(root)), READER)


def _blocks(root: "html.HtmlElement") -> Iterator[Block]:
    line: list[str] = []
    inside = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment")):
        if event == "comment" or not isinstance(element.tag, str):
            continue
        if element.tag == "table":
            if event == "start":
                yield from _line(line)
                if element.find(".//table") is None:
                    yield _grid(element)
                inside += 1
            else:
                inside -= 1
                line.clear()
        elif not inside and element.tag not in _SILENT:
            if element.tag in _LINES or element.tag == "br":
                yield from _line(line)
            if event == "start" and element.text:
                line.append(element.text)
        if event == "end" and not inside and element.tail and element.tag != "html":
            line.append(element.tail)
    yield from _line(line)


def _line(parts: list[str]) -> Iterator[Block]:
    text = " ".join("".join(parts).split())
    parts.clear()
    if text:
        yield Paragraph(text)


def _grid(table: "html.HtmlElement") -> Block:
    rows = list(table.iter("tr"))[:TABLE_ROWS]
    taken: set[tuple[int, int]] = set()
    cells = []
    for r, row in enumerate(rows):
        c = 0
        for element in row.iterchildren("td", "th"):
            while (r, c) in taken:
                c += 1
            tall = min(_span(element, "rowspan"), len(rows) - r)
            wide = min(_span(element, "colspan"), TABLE_COLUMNS)
            taken |= {(i, j) for i in range(r, r + tall) for j in range(c, c + wide)}
            cells.append(Cell(_text(element), r, c, tall, wide))
            c += wide
    return grid_of(cells)


def _span(element: "html.HtmlElement", name: str) -> int:
    digits = (element.get(name) or "1").strip()
    return max(1, int(digits)) if digits.isdigit() and len(digits) < 6 else 1


def _text(cell: "html.HtmlElement") -> str:
    parts = []
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        if not isinstance(element.tag, str):
            if event == "end" and element.tail:
                parts.append(element.tail)
            continue
        if element.tag in ("br", "p", "div") and event == "start" and parts:
            parts.append("\n")
        if event == "start" and element.text and element.tag not in _SILENT:
            parts.append(element.text)
        if event == "end" and element is not cell and element.tail:
            parts.append(element.tail)
    return "".join(parts)
