"""Pages of characters and lines to a `Document`: what the readers of page formats (PDF and its
like) have in common.

Takes `PageContent`s, the pages of one document in order; gives the document. Ruled tables
(`extract.layout.ruled_tables`) become grids with a page and a box for every cell, other text
paragraphs in reading order. Marks of the page's number at its edges are left out, wrapped lines of
one paragraph joined, and a table row that a page break cuts in two is put together again
(`page_breaks`). A table that goes on over pages stays one grid a page.

A document without any ruled table is looked through for tables set with blank space
(`extract.text.whitespace`); what that does not take for certain stays prose.

Raises ReadError: TOO_LARGE; READER_MISSING where there is no text but pictures or outlines (scanned
pages); BAD_ENCODING where the fonts do not say what their characters mean.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from extract.document import (
    UNREADABLE,
    BBox,
    Block,
    Cell,
    Document,
    Grid,
    Paragraph,
    ReadError,
    Reason,
    count_of,
)
from extract.layout.filled_cells import are_all_filled, cell_sides, find_filled_cells
from extract.layout.note_marks import NOTE_MARK_REMARK, find_note_marks
from extract.layout.page_breaks import PageLine, PageTable, mend_cut_rows
from extract.layout.pictures import pictures_beside_text, with_pictures
from extract.layout.ruled_tables import RuledTable, find_tables
from extract.layout.ruling_lines import RULES, RulingLine
from extract.layout.strikethrough import find_strikethrough, without_glyphs
from extract.layout.text_lines import SPLIT, Glyphs, TextLine, fixed_pitch_lines
from extract.text.whitespace import read_spaced

INSTALL: Final = (
    'as a PDF or as picture files they can be read with more packages: pip install "nianbao[scan]"'
)

UNKNOWN: Final = "\ufffd"  # a character whose meaning the file does not say
_NAMED: Final = 5  # damaged pages that are named
_PICTURE_SHARE: Final = 0.05  # of a page: less is a seal or an ornament
_SCAN_SHARE: Final = 0.3  # a page without text that pictures cover so far is a scan
_OUTLINE_PATHS: Final = 200  # on a page without text: its characters are drawn
FEW_GLYPHS: Final = 20  # that a stamp or a page mark may leave on a scanned page
_FILLED_TRIES: Final = 3  # to find tables among filled areas, without those that are none
_GARBLED_SHARE: Final = 0.2  # of all characters: more without a meaning, and the text is of no use
_EDGE_OF_HEIGHT: Final = 0.13  # of the page's height: where page marks stand
_FULL_EM: Final = 1.3  # ems: a line that ends nearer to the right margin is full
_INDENT_EM: Final = 0.7  # ems
_LEADING_EM: Final = 3.0  # ems from baseline to baseline of one paragraph
_ROW_NUMBERS: Final = 4  # numbers one after the other in a line: the row of a table

_DASH: Final = r"[-—–―－·•~\s]*"
_PAGE_MARK: Final = re.compile(
    rf"{_DASH}(?:第\s*)?\d{{1,3}}\s*(?:页[\s,，/／]*(?:共\s*\d{{1,3}}\s*页)?|"
    rf"[/／]\s*(?:共\s*)?\d{{1,3}}\s*页?)?{_DASH}|"
    rf"[-—–―－]{{1,3}}\s*[ivxIVX]{{1,5}}\s*[-—–―－]{{1,3}}"
)
_LIST_MARK: Final = re.compile(
    r"[(（]?[一二三四五六七八九十\d]{1,3}[)）、.．]|第[一二三四五六七八九十]+[章节条]|[—\-]"
)
_LATIN: Final = re.compile(r"[A-Za-z0-9]")
_NUMBERS: Final = re.compile(rf"(?<!\S)\d[\d.,]*(?: \d[\d.,]*){{{_ROW_NUMBERS - 1},}}(?!\S)")
_BLANKS: Final = re.compile(r" +")


@dataclass(frozen=True, slots=True)
class PageContent:
    """One page.

    `turns` is how many quarter turns clockwise bring it from as it is shown to as it is read.
    """

    number: int
    width: float
    height: float
    glyphs: Glyphs
    rules: list[RulingLine]
    picture_share: float  # of the page that pictures cover, at most 1
    drawn_paths: int  # how many paths there are that are no lines
    unknown_glyphs: int  # whose meaning the file does not say
    turns: int = 0
    areas: Sequence[BBox] = ()  # rectangles that are filled and not ruled
    remarks: tuple[str, ...] = ()  # what the reader of the page left out
    pictures: Sequence[BBox] = ()  # boxes of what is seen and is no text
    damage: str = ""  # why a part of the page cannot be read
    scale: float = 1.0  # how many times as large as it is shown it is read

    @property
    def lacks_text(self) -> bool:
        """Whether pictures or outlines stand where text would: the page must be read as a scan."""
        return len(self.glyphs) <= FEW_GLYPHS and (
            self.picture_share > _SCAN_SHARE
            or (self.drawn_paths > _OUTLINE_PATHS and len(self.rules) <= RULES)
        )

    def placed(self, box: BBox) -> BBox:
        """A box on the page as it is read, on the page as it is shown."""
        left, top, right, bottom = box
        for _ in range(self.turns % 4):
            left, top, right, bottom = top, -right, bottom, -left
        shift_x = (0.0, 0.0, self.width, self.height)[self.turns % 4]
        shift_y = (0.0, self.width, self.height, 0.0)[self.turns % 4]
        moved = left + shift_x, top + shift_y, right + shift_x, bottom + shift_y
        left, top, right, bottom = (edge / self.scale for edge in moved)
        return left, top, right, bottom


@dataclass(frozen=True, slots=True)
class _ReadPage:
    """What a page gives to the document: its pieces in order, remarks, and what it is made of."""

    content: PageContent
    pieces: list[PageTable | PageLine]
    remarks: tuple[str, ...]

    @property
    def is_ruled(self) -> bool:
        """Boxes one below the other, or lines between rows, tell no columns; a word or two in boxes
        are no table, nor is a row by itself, as one stripe of a table without lines.
        """
        grids = (piece.grid for piece in self.pieces if isinstance(piece, PageTable))
        return any(grid.n_cols > 1 and grid.n_rows > 1 and len(grid.cells) > 2 for grid in grids)


def build_document(pages: Iterable[PageContent], reader: str) -> Document:
    """The pages as paragraphs and grids in reading order; see above for what is refused."""
    read = [_read_page(page) for page in pages]
    ruled = any(page.is_ruled for page in read)
    contents = [page.content for page in read]
    remarks = dict.fromkeys(remark for page in read for remark in page.remarks)
    remarks |= dict.fromkeys(_check_contents(contents, ruled))
    large = sum(page.picture_share > _PICTURE_SHARE for page in contents)
    instead = count_of("page with a picture", large, "pages with pictures")
    if ruled:
        pieces = [piece for page in read for piece in page.pieces]
        blocks, without_cells = list(_in_blocks(mend_cut_rows(pieces))), False
    else:
        blocks, without_cells = _unruled(contents)
    shown = tuple(_without_unknown(block) for block in blocks)
    return Document(
        shown,
        reader,
        text_without_cells=without_cells,
        remarks=tuple(remarks),
        instead=instead,
        flaw=_find_flaw(contents, shown != tuple(blocks)),
    )


def _without_unknown(block: Block) -> Block:
    """A table whose figures of unknown meaning are marks of what cannot be read."""
    if isinstance(block, Paragraph) or not any(map(_is_unknown, block.cells)):
        return block
    cells = (c._replace(text=UNREADABLE) if _is_unknown(c) else c for c in block.cells)
    return replace(block, cells=tuple(cells))


def _is_unknown(cell: Cell) -> bool:
    return UNKNOWN in cell.text and not any(character.isalpha() for character in cell.text)


def _find_flaw(pages: Sequence[PageContent], lacks_figures: bool) -> tuple[Reason, str] | None:
    damaged = [f"page {page.number}: {page.damage}" for page in pages if page.damage]
    if damaged:
        return Reason.DAMAGED, "; ".join(damaged[:_NAMED])
    if not lacks_figures:
        return None
    numbers = [page.number for page in pages if page.unknown_glyphs]
    return Reason.BAD_ENCODING, (
        "the fonts do not say what the figures in some cells mean, or draw others (pages "
        f"{_listed(numbers)}); export the file anew from its source"
    )


def _read_page(printed: PageContent) -> _ReadPage:
    page = _without_strikethrough(printed)
    strikethrough_remark = (
        ("text that is struck through was left out",) if page is not printed else ()
    )
    marks = find_note_marks(page.glyphs)
    if marks.any():
        page = replace(page, glyphs=without_glyphs(page.glyphs, marks))
    found, prose = _tables(page)
    pictures = pictures_beside_text(page.pictures, page.glyphs)
    found = [replace(table, grid=with_pictures(table.grid, pictures)) for table in found]
    remarks = [
        *printed.remarks,
        *((NOTE_MARK_REMARK,) if marks.any() else ()),
        *(remark for table in found for remark in table.remarks),
    ]
    numbered = (f"page {page.number}: {remark}" for remark in remarks)
    return _ReadPage(page, _pieces(page, found, prose), (*strikethrough_remark, *numbered))


def _check_contents(pages: Sequence[PageContent], ruled: bool) -> Iterator[str]:
    """Remarks on pages without text and glyphs without a meaning.

    Raises ReadError where that is all, or too much.
    """
    glyphs = sum(len(page.glyphs) for page in pages)
    unknown = sum(page.unknown_glyphs for page in pages)
    words = sum(sum(map(str.isalpha, page.glyphs.text)) for page in pages)
    if unknown > _GARBLED_SHARE * max(1, glyphs) and unknown > words:
        raise ReadError(
            Reason.BAD_ENCODING,
            f"the fonts do not say what {unknown} of {glyphs} characters mean; export the file "
            "anew from its source",
        )
    scans = [page.number for page in pages if page.lacks_text]
    if scans and not ruled:
        raise ReadError(
            Reason.READER_MISSING,
            f"scanned pages ({_listed(scans)}) hold pictures and no text; {INSTALL}",
        )
    if scans:
        yield f"pages without text, pictures only: {_listed(scans)}; {INSTALL}"
    if unknown:
        yield f"{unknown} characters of unknown meaning"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")


def _without_strikethrough(page: PageContent) -> PageContent:
    """The page without the words that are struck through; the same object where there are none."""
    gone = find_strikethrough(page.rules, page.glyphs)
    return replace(page, glyphs=without_glyphs(page.glyphs, gone)) if gone.any() else page


def _tables(page: PageContent) -> tuple[list[RuledTable], list[TextLine]]:
    """The tables that rules draw; where that leaves areas of colour that are the cells of a table,
    that one too.
    """
    found, prose = find_tables(page.rules, page.glyphs, page.number)
    taken = [table.bbox for table in found]
    filled = find_filled_cells(page.areas, taken)
    for _ in range(_FILLED_TRIES):
        if not filled or len(page.rules) + 4 * len(filled) > RULES:
            break
        drawn = [RulingLine(*side) for side in cell_sides(filled)]
        more, rest = find_tables([*page.rules, *drawn], page.glyphs, page.number)
        added = [table for table in more if table.bbox not in taken]
        false = _find_false(added, filled)
        if not false:
            return (more, rest) if len(more) - len(added) == len(found) else (found, prose)
        filled = find_filled_cells(filled, false)
    return found, prose


def _find_false(tables: Sequence[RuledTable], filled: Sequence[BBox]) -> list[BBox]:
    """The boxes of those tables whose cells are not the areas that are filled, and of those that
    are stripes: several of one row, with rows that are not filled between them.
    """
    rows = [table for table in tables if table.grid.n_rows == 1]
    stripes = {table.bbox for table in rows if len(rows) > 1}
    return [t.bbox for t in tables if t.bbox in stripes or not _is_filled(t, filled)]


def _is_filled(table: RuledTable, filled: Sequence[BBox]) -> bool:
    return table.grid.n_cols > 1 and are_all_filled(filled, table.grid.cells)


def _pieces(
    page: PageContent, found: Sequence[RuledTable], prose: Sequence[TextLine]
) -> list[PageTable | PageLine]:
    """The tables and the other lines of one page, in reading order, page marks left out."""
    upright = _without_page_marks(
        sorted((line for line in prose if not line.turn), key=lambda line: line.level), page.height
    )
    left, right = _margins(upright)
    texts = [PageLine(t, page.number, left, right, _at_edge(t, page.height)) for t in upright]
    pieces: list[PageTable | PageLine] = []
    at = 0
    for table in found:
        while at < len(texts) and texts[at].line.level < table.bbox[1] + texts[at].line.size / 2:
            pieces.append(texts[at])
            at += 1
        pieces.append(PageTable(_shown(table, page), page.number, table.room))
    sideways = [PageLine(line, page.number, left, right) for line in prose if line.turn]
    return [*pieces, *texts[at:], *sideways]


def _shown(table: RuledTable, page: PageContent) -> Grid:
    """The grid with its boxes on the page as it is shown, where that is not how it is read."""
    if not page.turns and page.scale == 1:
        return table.grid
    return replace(
        table.grid,
        cells=tuple(
            c._replace(bbox=page.placed(c.bbox)) if c.bbox else c for c in table.grid.cells
        ),
    )


def _margins(upright: Sequence[TextLine]) -> tuple[float, float]:
    return min((t.start for t in upright), default=0.0), max((t.end for t in upright), default=0.0)


def _without_page_marks(upright: Sequence[TextLine], height: float) -> list[TextLine]:
    """The lines of a page from top to bottom without the page's number: alone in the first or last
    line, at the edge.
    """
    outer = (0, len(upright) - 1)
    return [
        line
        for i, line in enumerate(upright)
        if not (i in outer and _at_edge(line, height) and _PAGE_MARK.fullmatch(line.text))
    ]


def _at_edge(line: TextLine, height: float) -> bool:
    return line.level < _EDGE_OF_HEIGHT * height or line.level > (1 - _EDGE_OF_HEIGHT) * height


# --- lines to paragraphs


def _in_blocks(pieces: Iterable[PageTable | PageLine]) -> Iterable[Block]:
    """Grids as they are, and the lines between them as paragraphs."""
    held: list[PageLine] = []
    for piece in pieces:
        if isinstance(piece, PageLine):
            held.append(piece)
            continue
        yield from _paragraphs(held)
        held = []
        yield piece.grid
    yield from _paragraphs(held)


def _paragraphs(texts: Sequence[PageLine]) -> list[Paragraph]:
    """Lines joined where one is full and the next begins at the margin, without a list mark."""
    found: list[Paragraph] = []
    for i, text in enumerate(texts):
        words = _BLANKS.sub(" ", text.line.text.replace(SPLIT, " ")).strip()
        if not words:
            continue
        if found and i and _goes_on(texts[i - 1], text):
            before = found[-1].text
            gap = " " if _LATIN.match(before[-1]) and _LATIN.match(words[0]) else ""
            found[-1] = Paragraph(before + gap + words, found[-1].page)
        else:
            found.append(Paragraph(words, text.page))
    return found


def _goes_on(before: PageLine, text: PageLine) -> bool:
    one, two = before.line, text.line
    return (
        not one.turn
        and not two.turn
        and one.end > before.right - _FULL_EM * one.size
        and two.start < text.left + _INDENT_EM * two.size
        and abs(one.size - two.size) < 0.2 * one.size
        and (before.page != text.page or two.level - one.level < _LEADING_EM * one.size)
        and _LIST_MARK.match(two.text) is None
    )


# --- tables without lines


def _unruled(pages: Sequence[PageContent]) -> tuple[list[Block], bool]:
    """Prose, and the tables that blank space alone sets apart, as text of fixed pitch would show
    them.

    Also whether rows of numbers are left that no such table took. Where texts lie over each other,
    as a spreadsheet prints columns that are too narrow, no table is trusted.
    """
    texts: list[PageLine] = []
    typed: list[str | None] = []
    for page in pages:
        both = dict(fixed_pitch_lines(page.glyphs))
        kept = _without_page_marks(sorted(both, key=lambda line: line.level), page.height)
        texts += [PageLine(line, page.number, *_margins(kept)) for line in kept]
        typed += [both[line] for line in kept]
    rows = [row for row in typed if row is not None]
    if len(rows) < len(typed):
        return [*_paragraphs(texts)], any(map(_is_row, texts))
    blocks: list[Block] = []
    left_over = False
    at = start = 0
    while at < len(rows):
        found = read_spaced(rows, at)
        if found is None or not any(_is_sure(b) for b in found.blocks):
            left_over |= _is_row(texts[at])
            at += 1
            continue
        blocks += [
            *_paragraphs(texts[start:at]),
            *(replace(b, page=texts[at].page) for b in found.blocks),
        ]
        at = start = found.end
    return [*blocks, *_paragraphs(texts[start:])], left_over


def _is_row(text: PageLine) -> bool:
    return _NUMBERS.search(text.line.text.replace(SPLIT, " ")) is not None


def _is_sure(block: Block) -> bool:
    """Whether a table's cells have their columns by count or by place, none by order alone."""
    return isinstance(block, Grid) and all(c.confidence == 1.0 for c in block.cells)
