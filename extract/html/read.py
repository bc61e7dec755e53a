"""Web pages, and tables pasted from Word or WPS into them: bytes in, paragraphs and grids out.

The page is parsed by lexbor as a browser would parse it; then one walk over what lies outside of
tables gives the lines of prose, and each table its cells. Text is what a browser shows: runs are
joined with nothing between, a `<br>` or the edge of a block ends a line, scripts, styles, comments,
templates, `<xml>` islands of Word are no text, nor is what is hidden or struck through (`visible`
decides).

Spans follow HTML's table model, with what is wrong in real pages: a span of 0 or beyond its row
group ends with the group, one that runs into a cell from above ends there, nonsense counts as 1. A
span down that is one row too long or too short moves the cells of the row at its end sideways;
where only the other length puts them into the columns that three rows in four share, that length is
taken and a remark says so. Columns that only blank rows use (Word's sizing rows) vanish. Tables in
tables: see `nested_tables`.

What a page says about itself and whether it is a report's page at all: see `page_facts`. Raises
`ReadError`: BAD_ENCODING, XML_GUARD (nested beyond HTML_DEPTH in a page of so many tags that it
costs time; a smaller page does no harm at any depth, since nothing here recurses but tables in
tables, which have a limit of their own), TOO_LARGE (a table beyond the limits), BLOCKED_PAGE,
NEEDS_BROWSER. Out of scope: frames, attached files.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extract import limits
from extract.document import Document, ReadError, Reason
from extract.encoding import decode_text
from extract.html.page_facts import FACT_TAGS, facts_of, judge_page, unwrapped
from extract.html.table_grid import RawCell, place, without_sizing_columns
from extract.html.visible import keep_what_is_seen
from extract.nested_tables import Item, NestedCell, NestedTable, blocks_of

READER: Final = "html"

_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.I)
_HEAD: Final = 4096

# Beyond so many tags the depth is counted before parsing: lexbor's time grows with the square of
# the depth.
_MANY_TAGS: Final = 10_000
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# Elements that never hold others, or that the next of their kind ends: they make no depth.
_SHALLOW_NAMES: Final = (
    "area base br col embed hr img input link meta param source track wbr p li dt dd tr td th "
    "thead tbody tfoot colgroup"
)
_BLOCK_NAMES: Final = (
    "p div li ul ol dl dt dd h1 h2 h3 h4 h5 h6 section article header footer main aside nav "
    "form fieldset legend figure figcaption"
    " blockquote center address hr body html tr td th tbody thead tfoot caption details "
    "summary dialog menu"
)
_SILENT_NAMES: Final = (
    "script style noscript template head title meta link base xml select textarea button iframe "
    "frameset object svg math canvas audio video -comment -doctype"
)
_SHALLOW: Final = frozenset(_SHALLOW_NAMES.split())
_BLOCKS: Final = frozenset(_BLOCK_NAMES.split())
_NO_TEXT: Final = frozenset(_SILENT_NAMES.split())
_TABLE_DEPTH: Final = 30  # tables in tables

# elements of Office's own; only <o:p> is a run of text
_WORD_LEFTOVER: Final = re.compile(r"(?:w|v|m|x):|o:(?!p$)")
_BLANKS: Final = re.compile(r"[ \t\n\r\f]+")
# conditional comments that an editor escaped or broke
_LEFTOVER_TEXT: Final = re.compile(r"<!(?:--)?\[[^\]<>]{0,80}\](?:--)?>|<!--|-->")
_COUNT: Final = re.compile(r"[ \t\n\r\f]*\+?([0-9]{1,6})")
_WIDEST: Final = 1_000  # HTML's own limit for colspan
_MARK: Final = "\x1f"


@dataclass(slots=True)
class _Page:
    """What the walk must know of the whole page. Nodes are known by their `mem_id`."""

    spans: frozenset[int]
    hidden: frozenset[int]
    plain_cells: bool  # no cell holds a script, a style or a hidden element
    # elements in which a page states facts, as met outside of tables
    facts: list[LexborNode] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read(data: bytes) -> Document:
    """The document in the bytes of a page or of a script string that holds one."""
    declared = _CHARSET.search(data, 0, _HEAD)
    text = unwrapped(decode_text(data, declared.group(1).decode("ascii") if declared else None))
    if text.count("<") > _MANY_TAGS:
        _refuse_depth(text)
    tree = LexborHTMLParser(text)
    root = tree.root
    if root is None:
        raise ReadError(Reason.DAMAGED, "the page has no content")
    seen = keep_what_is_seen(tree, text)
    page = _Page(
        frozenset(node.mem_id for node in tree.css("[rowspan],[colspan]")),
        seen.hidden,
        not seen.hidden and tree.css_first("table script,table style") is None,
        remarks=list(seen.remarks),
    )
    items: list[Item] = []
    head = tree.head
    if head is not None:
        page.facts += [node for node in head.iter() if node.tag in FACT_TAGS]
    body = tree.body
    _flow(body if body is not None else root, items, page, 0)
    blocks = tuple(blocks_of(items))
    judge_page(tree, blocks)
    return Document(
        blocks, READER, facts_of(page.facts, blocks), remarks=tuple(dict.fromkeys(page.remarks))
    )


def _refuse_depth(text: str) -> None:
    """Raise ReadError for tags nested beyond HTML_DEPTH, in one pass.

    Comments and scripts are counted too; they hold few tags.
    """
    depth = 0
    for closing, name in _TAG.findall(text):
        if name.lower() not in _SHALLOW:
            depth = max(0, depth - 1) if closing else depth + 1
            if depth > limits.HTML_DEPTH:
                raise ReadError(
                    Reason.XML_GUARD, f"elements are nested deeper than {limits.HTML_DEPTH}"
                )


# ---- text


def _flow(container: LexborNode, items: list[Item], page: _Page, table_depth: int) -> None:
    """The lines and tables within `container` into `items`, in order.

    Goes down by a stack of its own, whatever the depth.
    """
    line: list[str] = []
    above: list[
        tuple[LexborNode, bool]
    ] = []  # the open elements, and whether their end ends a line
    node = container.first_child
    while True:
        if node is None:
            if not above:
                break
            parent, is_block = above.pop()
            if is_block:
                _end_line(line, items)
            node = parent.next
            continue
        tag = node.tag or ""
        if tag == "-text":
            line.append(node.text_lexbor())
        elif tag == "br":
            _end_line(line, items)
        elif not _is_silent(tag, node, page, table_depth):
            if tag == "table":
                _end_line(line, items)
                _table(node, items, page, table_depth + 1)
            elif tag == "pre" and node.css_first("table") is None:
                _end_line(line, items)
                items += node.text().split("\n")
            else:
                is_block = tag in _BLOCKS or tag == "pre"
                if is_block:
                    _end_line(line, items)
                child = node.first_child
                if child is not None:
                    above.append((node, is_block))
                    node = child
                    continue
        node = node.next
    _end_line(line, items)


def _is_silent(tag: str, node: LexborNode, page: _Page, table_depth: int) -> bool:
    """Whether an element shows no text. Notes those in which a page states facts, shown or not."""
    if tag in FACT_TAGS and not table_depth:
        page.facts.append(node)
    if tag in _NO_TEXT or (":" in tag and _WORD_LEFTOVER.match(tag)):
        return True
    return bool(page.hidden) and node.mem_id in page.hidden


def _end_line(line: list[str], items: list[Item]) -> None:
    text = _clean("".join(line)) if line else ""
    line.clear()
    if text:
        items.append(text)


def _clean(text: str) -> str:
    """White space as a browser shows it, and no blanks around."""
    text = text.strip()
    if text.isalnum():
        return text  # nearly every cell
    if "-->" in text or "<!" in text:
        text = _LEFTOVER_TEXT.sub("", text).strip()
    return (
        _BLANKS.sub(" ", text)
        if " " in text or "\n" in text or "\t" in text or "\r" in text
        else text
    )


# ---- tables


def _table(node: LexborNode, items: list[Item], page: _Page, depth: int) -> None:
    """A table into `items`, after its caption's lines."""
    if depth > _TABLE_DEPTH:
        raise ReadError(Reason.XML_GUARD, f"tables are nested deeper than {_TABLE_DEPTH}")
    groups: list[list[LexborNode]] = []
    feet: list[list[LexborNode]] = []
    # rows that stand in no group of their own, one after the other
    loose: list[LexborNode] | None = None
    for child in node.iter():
        tag = child.tag
        if page.hidden and child.mem_id in page.hidden:
            continue
        if tag == "tr":
            if loose is None:
                loose = []
                groups.append(loose)
            loose.append(child)
        elif tag in ("tbody", "thead", "tfoot"):
            loose = None
            (feet if tag == "tfoot" and not groups else groups).append(
                [row for row in child.iter() if row.tag == "tr"]
            )
        elif tag == "caption":
            _flow(child, items, page, depth)
    cells: list[NestedCell] = []
    nests = len(node.css("table")) > 1  # the search finds the table itself too
    first = 0
    for rows in groups + feet:
        if page.hidden:
            rows = [row for row in rows if row.mem_id not in page.hidden]
        if first + len(rows) > limits.TABLE_ROWS:
            raise ReadError(Reason.TOO_LARGE, f"a table has more than {limits.TABLE_ROWS} rows")
        raw = [_cells(row, page, depth, nests) for row in rows]
        placed, mended = place(raw, first)
        cells += placed
        first += len(rows)
        if mended:
            page.remarks.append(
                "a cell's rowspan is one row too long or too short; the row at its end was "
                "read by the columns of the others"
            )
    items.append(NestedTable(without_sizing_columns(cells)))


def _cells(row: LexborNode, page: _Page, depth: int, nests: bool) -> list[RawCell]:
    """A row's cells with what they hold and the spans they state."""
    cells: list[RawCell] = []
    native = page.plain_cells and not nests
    for node in row.iter():
        if node.tag not in ("td", "th") or (page.hidden and node.mem_id in page.hidden):
            continue
        text = _one_run(node.text(separator=_MARK)) if native else None
        inside: list[Item]
        if text is None:
            inside = []
            _flow(node, inside, page, depth)
        else:
            inside = [text] if text else []
        if node.mem_id in page.spans:
            stated = node.attributes
            cells.append(
                (
                    inside,
                    _count(stated.get("rowspan"), 0),
                    min(_count(stated.get("colspan"), 1), _WIDEST),
                )
            )
        else:
            cells.append((inside, 1, 1))
    if len(cells) > limits.TABLE_COLUMNS:
        raise ReadError(
            Reason.TOO_LARGE,
            f"a table's row has {len(cells)} cells, the limit is {limits.TABLE_COLUMNS}",
        )
    return cells


def _one_run(text: str) -> str | None:
    """The text of a cell given run by run; None where several runs hold text: whether they share a
    line, only a walk can tell.
    """
    if _MARK not in text:
        return _clean(text)
    runs = [run for run in text.split(_MARK) if run and not run.isspace()]
    return None if len(runs) > 1 else _clean(runs[0]) if runs else ""


def _count(stated: str | None, least: int) -> int:
    """A span as HTML reads it: leading digits count, nonsense is 1; 0 stands only where `least`
    allows it.
    """
    found = _COUNT.match(stated or "")
    return max(int(found.group(1)), least) if found else 1
