"""Plain text to a `Document`: tables that a program has written as text become grids, every other
line a paragraph.

Layouts, each tried at every line; what fits none of them stays prose:
- *dump*: each cell on a line of its own led by a tab, rows apart by empty lines, as text taken from
  a Word file comes. A line without the tab right behind a cell is its second line; a merged cell is
  one cell, and an empty one in the rows below it.
- *bars*: cells apart by `|` or drawn bars, rules such as `|---|` or `├──┼──┤` between. Lines
  between two rules are one row. Bars at both ends are borders where most rows have them; the
  marks of Markdown are taken off (`extract.text.markdown`).
- *tabs*: a row a line, cells apart by tabs.
- *commas* or semicolons, as a spreadsheet program saves a table; see `extract.text.separated`.
- *spaces*: cells apart by blank space, as text taken from a PDF comes; see
  `extract.text.whitespace`.
- *lines*: a cell a line and nothing that tells rows apart; see `extract.text.cell_lines`.
Rows keep their own length: what a text does not print is a hole of the grid, not a blank cell.
Nothing is split that is not visibly apart, and a line whose cells are in doubt stays prose.

Text whose tags were stripped so that cells run together (`693665`) gives no grid, and
`text_without_cells`. Facts come from lines such as "发布时间: 2020-01-31" at the top. Raises
ReadError: EMPTY_FILE, TOO_LARGE, and what `decode_text` raises. Out of scope: cells that span
columns (text does not show them), rules inside the rows of drawn tables.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from extract import limits
from extract.document import Block, Document, Grid, Paragraph, ReadError, Reason
from extract.encoding import decode_text, find_gap
from extract.text.cell_lines import read_cell_lines
from extract.text.delimited import (
    TextBlocks,
    drop_inner_blanks,
    read_barred,
    read_dump,
    read_tabbed,
)
from extract.text.markdown import STRIKETHROUGH_REMARK, is_markdown, without_marks
from extract.text.separated import read_separated
from extract.text.whitespace import read_spaced

READER: Final = "text"

_PARSERS: Final[tuple[Callable[[list[str], int], TextBlocks | None], ...]] = (
    read_dump,
    read_barred,
    read_tabbed,
    read_separated,
    read_spaced,
)
_LINE_END: Final = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_LEFTOVERS: Final = re.compile(
    r"\[bookmark: ?[^\]\n]{0,80}\]|<!--\[(?:if|endif)[^\n>]{0,80}>|-->|[\ufeff\x00]"
)

_HEAD_LINES: Final = 20  # facts stand within so many lines of the top
_FACTS: Final = {  # labels of the lines that sites put above a page they save as text
    "title": ("标题", "题名", "名称", "信息名称"),
    "published_on": ("发布时间", "发布日期", "公开日期", "公开时间", "发文日期"),
    "publisher": ("发布机构", "发布单位", "公开机构", "发文机关"),
}
_FACT: Final = re.compile(r"\s*([\u4e00-\u9fff]{2,4})\s*[:：]\s*(\S.*?)\s*")
_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")

RUN_TOGETHER: Final = 5  # glued numbers in one paragraph that show a table without its cells
# Words, a number, and words again with nothing between, where the latter are no measure of the
# number: "条138其中".
_MEASURES: Final = (
    "年月日时分秒件条份个次人项万亿元篇名期号家场部类宗起多余所级第届周岁位批户亩米公平章款"
)
_GLUED: Final = re.compile(rf"[\u3400-\u9fff)）”]\d+[、.．]?(?![{_MEASURES}])(?=[\u3400-\u9fff])")
_DIGIT_RUN: Final = re.compile(
    r"[\u3400-\u9fff)）”][ \u3000]?\d[\d \u3000.]{4,}(?=[\u3400-\u9fff(（]|$)"
)


def read(data: bytes) -> Document:
    """The text as paragraphs and grids in order."""
    text = decode_text(data)
    if not text.strip():
        raise ReadError(Reason.EMPTY_FILE, "nothing but blank space")
    split = _LINE_END.split(_LEFTOVERS.sub("", text))
    if len(split) > limits.TEXT_LINES:
        said = f"a text of {len(split)} lines, the limit is {limits.TEXT_LINES}"
        raise ReadError(Reason.TOO_LARGE, said)
    lines, remarks = _without_marks(drop_inner_blanks(split))
    found = list(_parse(lines))
    blocks = tuple(block for part in found for block in part.blocks)
    remarks |= {part.remark: None for part in found if part.remark}
    without_cells = not any(isinstance(b, Grid) for b in blocks) and (
        any(part.unclear for part in found) or any(_runs_together(b) for b in blocks)
    )
    return Document(
        blocks, READER, _facts(lines), without_cells, tuple(remarks), flaw=find_gap(text)
    )


def _without_marks(lines: list[str]) -> tuple[list[str], dict[str, None]]:
    """The lines without the inline marks of Markdown, and remarks on what was left out."""
    if not is_markdown(lines):
        return lines, {}
    shown = [without_marks(line) for line in lines]
    is_any_crossed_out = any(is_crossed_out for _, is_crossed_out in shown)
    return [line for line, _ in shown], {STRIKETHROUGH_REMARK: None} if is_any_crossed_out else {}


def _parse(lines: list[str]) -> Iterator[TextBlocks]:
    """Tables and the prose between them, in order."""
    plain_from = at = 0
    while at < len(lines):
        found = _parse_at(lines, at)
        if found is None:
            at += 1
            continue
        yield TextBlocks(read_cell_lines(lines[plain_from:at]), at)
        yield found
        plain_from = at = found.end
    yield TextBlocks(read_cell_lines(lines[plain_from:]), at)


def _parse_at(lines: list[str], at: int) -> TextBlocks | None:
    if not lines[at].strip():
        return None
    return next((found for parse in _PARSERS if (found := parse(lines, at)) is not None), None)


def _runs_together(block: Block) -> bool:
    """Whether a paragraph is a table whose cells stand one after another without a mark between
    them.
    """
    if not isinstance(block, Paragraph):
        return False
    runs = _DIGIT_RUN.findall(block.text)
    return len(runs) >= RUN_TOGETHER or len(_GLUED.findall(block.text)) >= RUN_TOGETHER


def _facts(lines: list[str]) -> tuple[tuple[str, str], ...]:
    """What the lines at the top say of the text: title, ISO date, publisher; a value that cannot be
    one is left out.
    """
    facts: list[tuple[str, str]] = []
    for line in [line for line in lines if line.strip()][:_HEAD_LINES]:
        found = _FACT.fullmatch(line)
        name = next((n for n, labels in _FACTS.items() if found and found[1] in labels), None)
        if found is None or name is None or any(name == n for n, _ in facts):
            continue
        value = (
            _iso_date(found[2])
            if name == "published_on"
            else found[2]
            if _HAN.search(found[2])
            else None
        )
        if value:
            facts.append((name, value))
    return tuple(facts)


def _iso_date(text: str) -> str | None:
    found = _DATE.match(text)
    try:
        return date(*map(int, found.groups())).isoformat() if found else None
    except ValueError:
        return None
