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
tables, which have a limit of their own), BLOCKED_PAGE, NEEDS_BROWSER. Out of scope: frames,
attached files.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extract import limits
from extract.document import Document, ReadError, Reason, count_of
from extract.encoding import decode_text, find_gap
from extract.html.page_facts import FACT_TAGS, find_facts, judge_page, unwrap
from extract.html.table_grid import RawCell, place_cells, without_sizing_columns
from extract.html.visible import ancestors_of, keep_what_is_seen
from extract.nested_tables import Item, NestedCell, NestedTable, blocks_of, remarks_of
from extract.table_limits import LARGE_TABLE_REMARK, flaw_of, is_too_large

READER: Final = "html"

_MANY_DIVS: Final = 20  # in a page without a table: they may be one
_NOT_READ: Final = (
    ("iframe", "iframe,frame"),
    ("embedded object", "object,embed"),
    ("picture", "body img[src]"),
    (
        "div row",
        "div[style*='display:table'],div[style*='display: table'],[role=table],[role=grid],"
        "[role=row],div[style*='display:grid'],div[style*='display: grid'],"
        "div[style*='display:flex'],div[style*='display: flex']",
    ),
)
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
_SEPARATOR: Final = "\x1f"  # between runs of text
_MENDED_REMARK: Final = (
    "a cell's rowspan is one row too long or too short; the row at its end was read by the "
    "columns of the others"
)


@dataclass(frozen=True, slots=True)
class _SurveyedPage:
    """What the walk must know of the whole page. Nodes are known by their `mem_id`."""

    spans: frozenset[int]  # the cells that state a span
    hidden: frozenset[int]
    plain_cells: bool  # no cell holds a script, a style or a hidden element

    def is_hidden(self, node: LexborNode) -> bool:
        """Whether the element is not seen; asked often, and most pages hide nothing."""
        return bool(self.hidden) and node.mem_id in self.hidden


def read(data: bytes) -> Document:
    """The document in the bytes of a page or of a script string that holds one."""
    declared = _CHARSET.search(data, 0, _HEAD)
    text = unwrap(decode_text(data, declared.group(1).decode("ascii") if declared else None))
    if text.count("<") > _MANY_TAGS:
        _refuse_depth(text)
    tree = LexborHTMLParser(text)
    root = tree.root
    if root is None:
        raise ReadError(Reason.DAMAGED, "the page has no content")
    seen = keep_what_is_seen(tree)
    page = _SurveyedPage(
        frozenset(node.mem_id for node in tree.css("[rowspan],[colspan]")),
        seen.hidden,
        not seen.hidden and tree.css_first("table script,table style") is None,
    )
    items = _read_items(tree.body or root, page, 0)
    blocks = tuple(blocks_of(items))
    judge_page(tree, blocks)
    facts = find_facts(_fact_nodes(tree, page), blocks)
    remarks = tuple(dict.fromkeys((*seen.remarks, *remarks_of(items))))
    return Document(
        blocks,
        READER,
        facts,
        remarks=remarks,
        instead=tuple(_seen_instead(tree)),
        flaw=find_gap(text) or flaw_of(remarks),
    )


def _seen_instead(tree: LexborHTMLParser) -> Iterator[str]:
    """What a page shows that is not read and may stand for a table."""
    for thing, selector in _NOT_READ:
        yield from count_of(thing, len(tree.css(selector)))
    if tree.css_first("table") is None and (divs := len(tree.css("div"))) >= _MANY_DIVS:
        yield from count_of("div", divs)


def _fact_nodes(tree: LexborHTMLParser, page: _SurveyedPage) -> list[LexborNode]:
    """The elements outside of tables in which a page states facts, whether shown themselves or
    not.
    """
    return [
        node
        for node in tree.css(",".join(sorted(FACT_TAGS)))
        if all(_may_hold_facts(above, page) for above in ancestors_of(node))
    ]


def _may_hold_facts(above: LexborNode, page: _SurveyedPage) -> bool:
    tag = above.tag or ""
    return tag == "head" or (tag != "table" and not _is_silent(tag, above, page))


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


class _Step(Enum):
    """What the walk meets."""

    TEXT = auto()
    LINE_END = auto()  # a line break
    TABLE = auto()
    PREFORMATTED = auto()
    BLOCK = auto()  # an element whose edges end a line
    INLINE = auto()
    SILENT = auto()  # shows no text


def _read_items(container: LexborNode, page: _SurveyedPage, table_depth: int) -> list[Item]:
    """The lines and tables within `container`, in order."""
    items: list[Item] = []
    line: list[str] = []
    for step, node in _walk(container, page):
        if step is _Step.TEXT:
            line.append(node.text_lexbor())
            continue
        if line and (text := _clean("".join(line))):
            items.append(text)
        line = []
        if step is _Step.TABLE:
            items += _read_table(node, page, table_depth + 1)
        elif step is _Step.PREFORMATTED:
            items += node.text().split("\n")
    return [*items, text] if line and (text := _clean("".join(line))) else items


def _walk(container: LexborNode, page: _SurveyedPage) -> Iterator[tuple[_Step, LexborNode]]:
    """All that stands within `container`, in order; a block is given at its start and at its end.

    Goes down by a stack of its own, whatever the depth.
    """
    above: list[tuple[_Step, LexborNode]] = []  # the open elements
    node = container.first_child
    while node is not None or above:
        if node is None:
            step, parent = above.pop()
            if step is _Step.BLOCK:
                yield step, parent
            node = parent.next
            continue
        step = _step_of(node, page)
        if step not in (_Step.SILENT, _Step.INLINE):
            yield step, node
        child = node.first_child if step in (_Step.BLOCK, _Step.INLINE) else None
        if child is not None:
            above.append((step, node))
        node = node.next if child is None else child


def _step_of(node: LexborNode, page: _SurveyedPage) -> _Step:
    tag = node.tag or ""
    if tag == "-text":
        return _Step.TEXT
    if tag == "br":
        return _Step.LINE_END
    if _is_silent(tag, node, page):
        return _Step.SILENT
    if tag == "table":
        return _Step.TABLE
    if tag == "pre":
        return _Step.PREFORMATTED if node.css_first("table") is None else _Step.BLOCK
    return _Step.BLOCK if tag in _BLOCKS else _Step.INLINE


def _is_silent(tag: str, node: LexborNode, page: _SurveyedPage) -> bool:
    """Whether an element shows no text."""
    if tag in _NO_TEXT or (":" in tag and _WORD_LEFTOVER.match(tag)):
        return True
    return page.is_hidden(node)


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


def _read_table(node: LexborNode, page: _SurveyedPage, depth: int) -> list[Item]:
    """A table, after its captions' lines."""
    if depth > _TABLE_DEPTH:
        raise ReadError(Reason.XML_GUARD, f"tables are nested deeper than {_TABLE_DEPTH}")
    captions = [c for c in node.iter() if c.tag == "caption" and not page.is_hidden(c)]
    items = [item for caption in captions for item in _read_items(caption, page, depth)]
    cells: list[NestedCell] = []
    nests = len(node.css("table")) > 1  # the search finds the table itself too
    first = 0
    any_mended = False
    for rows in _row_groups(node, page):
        read = (
            []
            if is_too_large(first + len(rows))
            else [_read_row(row, page, depth, nests) for row in rows]
        )
        if is_too_large(first + len(rows), max(map(len, read), default=0)):
            return [*items, NestedTable([], (LARGE_TABLE_REMARK,))]
        placed, mended = place_cells(read, first)
        cells += placed
        first += len(rows)
        any_mended |= mended
    remarks = (_MENDED_REMARK,) if any_mended else ()
    return [*items, NestedTable(without_sizing_columns(cells), remarks)]


def _row_groups(table: LexborNode, page: _SurveyedPage) -> list[list[LexborNode]]:
    """The rows that are seen, group by group; those that stand in no group of their own and follow
    each other are one. A foot that comes first is shown last.
    """
    groups: list[list[LexborNode]] = []
    feet: list[list[LexborNode]] = []
    loose: list[LexborNode] | None = None
    for child in table.iter():
        if page.is_hidden(child):
            continue
        if child.tag == "tr":
            if loose is None:
                groups.append(loose := [])
            loose.append(child)
        elif child.tag in ("tbody", "thead", "tfoot"):
            loose = None
            rows = [row for row in child.iter() if row.tag == "tr" and not page.is_hidden(row)]
            (feet if child.tag == "tfoot" and not groups else groups).append(rows)
    return groups + feet


def _read_row(row: LexborNode, page: _SurveyedPage, depth: int, nests: bool) -> list[RawCell]:
    """A row's cells with what they hold and the spans they state."""
    native = page.plain_cells and not nests
    nodes = (n for n in row.iter() if n.tag in ("td", "th") and not page.is_hidden(n))
    return [
        (_read_cell(n, page, depth, native), *_spans_of(n, page))
        for n in islice(nodes, limits.TABLE_COLUMNS + 1)
    ]


def _read_cell(node: LexborNode, page: _SurveyedPage, depth: int, native: bool) -> list[Item]:
    """What a cell holds; by one native search where that can tell."""
    text = _one_run(node.text(separator=_SEPARATOR)) if native else None
    if text is None:
        return _read_items(node, page, depth)
    return [text] if text else []


def _spans_of(cell: LexborNode, page: _SurveyedPage) -> tuple[int, int]:
    if cell.mem_id not in page.spans:
        return 1, 1
    stated = cell.attributes
    across = min(_count(stated.get("colspan"), 1), _WIDEST)
    return _count(stated.get("rowspan"), 0), across


def _one_run(text: str) -> str | None:
    """The text of a cell given run by run; None where several runs hold text: whether they share a
    line, only a walk can tell.
    """
    if _SEPARATOR not in text:
        return _clean(text)
    runs = [run for run in text.split(_SEPARATOR) if run and not run.isspace()]
    return None if len(runs) > 1 else _clean(runs[0]) if runs else ""


def _count(stated: str | None, least: int) -> int:
    """A span as HTML reads it: leading digits count, nonsense is 1; 0 stands only where `least`
    allows it.
    """
    found = _COUNT.match(stated or "")
    return max(int(found.group(1)), least) if found else 1
