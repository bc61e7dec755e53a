"""Which report a file holds: where a second one begins, and whether it is a comparison and no
report.

`first_report(document)` gives the document up to the title of another agency or another year, with
that title. A title ends the report only between tables of the form: a list of links to other
reports stands before or behind them all, and a title that names the same agency and year is a head
printed again. Nothing behind the second title is read: what stands there is another agency's. A
package of several documents (OFD) names the second in the fact `second_document`.

`compared_years(document)` gives the years of a paper that lays two years side by side
(`2022年与2023年政府信息公开年报对比`): its tables are of both. `part_of_year(document)` gives the
words by which a paper says that it is on a half-year, a quarter or some months.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from extract.document import Block, Document, Grid, Paragraph
from transform.align.labels import Vocabulary
from transform.align.segment import MIN_STRONG_LABELS, lines_of
from transform.identity.agency_names import is_fuller, without_compiling_office
from transform.identity.identify import begins_a_title, title_of
from transform.identity.title import YEAR, Title, either, load_words, parse_title, squeeze
from transform.records import Remark, RemarkRow, TableRow

LONGEST_LINE: Final = 60  # a longer line is no part of a title over several lines
LINES_OF_TITLE: Final = 3
# a table of the form has more rows; smaller ones arrange a page
ROWS_OF_TABLE: Final = 3
_MONTHS: Final = re.compile(r"(\d{1,2})月?[-—–－~～至到](\d{1,2})月(?!\d)")
FIRST_LINES: Final = 8  # of a document, among which its title stands


class FirstReport(NamedTuple):
    """The document as far as its first report goes, and the title of the second, if there is
    one.
    """

    document: Document
    second: str | None


class _Spot(NamedTuple):
    """A title behind a table: the block where it stands, and the row of it if that is a grid."""

    title: Title
    block: int
    row: int


def first_report(document: Document, vocabulary: Vocabulary) -> FirstReport:
    """`document` without what belongs to a second report."""
    blocks = document.blocks
    large = [i for i, b in enumerate(blocks) if isinstance(b, Grid) and b.n_rows >= ROWS_OF_TABLE]
    beside = next((value for key, value in document.facts if key == "second_document"), None)
    if not large:
        return FirstReport(document, beside)
    own = title_of(replace(document, blocks=blocks[: large[0] + 1]))
    for spot in _titles_behind(blocks, large[0], large[-1]):
        if _is_other(spot.title, own) and _stands_between(blocks, spot, vocabulary, own):
            kept = (*blocks[: spot.block], *_above(blocks[spot.block], spot.row))
            return FirstReport(replace(document, blocks=kept), spot.title.text)
    return FirstReport(document, beside)


def note_second_report(tables: Sequence[TableRow], title: str | None) -> tuple[RemarkRow, ...]:
    """A remark on the second report, with the first of the report's tables: it is on the whole
    file.
    """
    if title is None or not tables:
        return ()
    return (RemarkRow.of(tables[0].table_id, Remark("report.second_in_file", printed=title)),)


def _titles_behind(blocks: Sequence[Block], first: int, last: int) -> Iterator[_Spot]:
    """The titles from the first table on to the last one."""
    for i in range(first, last + 1):
        block = blocks[i]
        if isinstance(block, Grid):
            for row, text in _rows_of_one_cell(block):
                if "公" in text and (title := parse_title(text)) is not None:
                    yield _Spot(title, i, row)
        elif (title := _title_at(blocks, i)) is not None:
            yield _Spot(title, i, 0)


def _title_at(blocks: Sequence[Block], at: int) -> Title | None:
    """The fullest title that begins with this paragraph."""
    lines: list[str] = []
    for block in blocks[at : at + LINES_OF_TITLE]:
        if not isinstance(block, Paragraph) or (lines and len(block.text) > LONGEST_LINE):
            break
        lines.append(block.text)
    several = len(lines[0]) <= LONGEST_LINE and begins_a_title(lines[0])
    texts = ("".join(lines[:n]) for n in range(1, len(lines) + 1 if several else 2))
    found = [t for text in texts if "公" in text and (t := parse_title(text)) is not None]
    return max(found, key=lambda t: 2 * bool(t.years) + bool(t.agency), default=None)


def _rows_of_one_cell(grid: Grid) -> Iterator[tuple[int, str]]:
    """The rows in which one cell has text, as a sheet's title does."""
    by_row: dict[int, list[str]] = {}
    for cell in grid.cells:
        if cell.text.strip():
            by_row.setdefault(cell.row, []).append(cell.text)
    return ((row, texts[0]) for row, texts in by_row.items() if len(texts) == 1)


def _is_other(title: Title, own: Title | None) -> bool:
    """Whether the title names another agency or another year than the report's own."""
    if own is None:
        return bool(title.agency or title.years)
    if title.years and own.years and not set(title.years) & set(own.years):
        return True
    return bool(title.agency and own.agency) and not _is_same_body(title.agency, own.agency)


def _is_same_body(one: str | None, other: str | None) -> bool:
    """Whether two names may be of one body: equal but for place, office and 人民政府."""
    a, b = _bare_name(one or ""), _bare_name(other or "")
    return a.endswith(b) or b.endswith(a) or is_fuller(a, b) or is_fuller(b, a)


@lru_cache(maxsize=64)
def _bare_name(name: str) -> str:
    words = load_words()
    body = re.sub(f"[（(]?(?:{either(words.title.own_bodies)})[）)]?$", "", name) or name
    return without_compiling_office(body).removesuffix("人民政府") or body


def _stands_between(
    blocks: Sequence[Block], spot: _Spot, vocabulary: Vocabulary, own: Title | None
) -> bool:
    """Whether tables of the form stand on both sides; where the report has no title, the same
    table.
    """
    at = blocks[spot.block]
    above = [*blocks[: spot.block], *_above(at, spot.row)]
    behind = [*_below(at, spot.row), *blocks[spot.block + 1 :]]
    before, after = _form_tables(above, vocabulary), _form_tables(behind, vocabulary)
    return bool(before & after) if own is None else bool(before and after)


def _above(block: Block, row: int) -> tuple[Grid, ...]:
    """What stands above a row of a grid, as a grid; nothing of a paragraph."""
    if not isinstance(block, Grid) or row == 0:
        return ()
    cells = tuple(
        c._replace(row_span=min(c.row_span, row - c.row)) for c in block.cells if c.row < row
    )
    return (replace(block, cells=cells, n_rows=row),)


def _below(block: Block, row: int) -> tuple[Grid, ...]:
    if not isinstance(block, Grid):
        return ()
    cells = tuple(c._replace(row=c.row - row) for c in block.cells if c.row >= row)
    return (replace(block, cells=cells, n_rows=block.n_rows - row),)


def _form_tables(blocks: Sequence[Block], vocabulary: Vocabulary) -> set[str]:
    """The tables of the form that the labels of some grid among `blocks` speak for."""
    found: set[str] = set()
    for grid in (b for b in blocks if isinstance(b, Grid)):
        votes: dict[str, int] = {}
        for line in lines_of(grid, 0, vocabulary):
            for table_id, count in line.votes.items():
                votes[table_id] = votes.get(table_id, 0) + count
        found |= {table_id for table_id, count in votes.items() if count >= MIN_STRONG_LABELS}
    return found


def note_part_of_year(document: Document, tables: Sequence[TableRow]) -> tuple[RemarkRow, ...]:
    """A remark on a paper whose figures are those of a part of a year, with the first table."""
    said = part_of_year(document)
    if said is None or not tables:
        return ()
    return (RemarkRow.of(tables[0].table_id, Remark("report.part_of_year", printed=said)),)


def part_of_year(document: Document) -> str | None:
    """The line by which a paper without a report's title says that it is on a part of a year."""
    if title_of(document) is not None:
        return None
    words = load_words().title
    return next(
        (
            line
            for line in _first_lines(document)
            if len(line) <= LONGEST_LINE
            and not any(mark in line for mark in "。；，")
            and re.search(either(words.subjects), line)
            and (re.search(either(words.parts_of_year), line) or _names_months(line))
        ),
        None,
    )


def _names_months(line: str) -> bool:
    return any(found.groups() != ("1", "12") for found in _MONTHS.finditer(line))


def _first_lines(document: Document) -> list[str]:
    """The titles that the document states, and the lines at its head."""
    lines = [value for key, value in document.facts if key == "title"]
    return [
        squeeze(line) for line in (*lines, *(p.text for p in document.paragraphs[:FIRST_LINES]))
    ]


def compared_years(document: Document) -> tuple[str, ...]:
    """The years that a paper without a report's title says it compares, () for any other."""
    if title_of(document) is not None:
        return ()
    lines = _first_lines(document)
    for i in range(len(lines)):
        for n in range(1, LINES_OF_TITLE + 1):
            if years := _compared_in("".join(lines[i : i + n])):
                return years
    return ()


def _compared_in(text: str) -> tuple[str, ...]:
    title = load_words().title
    plain = squeeze(text)
    if len(plain) > 2 * LONGEST_LINE or any(mark in plain for mark in "。；，"):
        return ()
    years = tuple(dict.fromkeys(re.findall(YEAR, plain)))
    about = (title.comparisons, title.subjects, title.papers)
    is_about = all(re.search(either(words), plain, re.IGNORECASE) for words in about)
    return years if is_about and len(years) > 1 else ()
