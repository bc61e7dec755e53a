"""Word's binary format (.doc) read as it lies in the file, without LibreOffice: text by its table
of pieces, cells by paragraph properties.

The first reading goes through a conversion; this one takes nothing from it. Structures and names
are those of [MS-DOC]: the Clx, the pages of formatted paragraphs and characters (FKP),
sprmTDefTable with the edges of a row's cells. Deleted, hidden and struck-out text is left out, of
fields only the result stays. Only the main text is read; styles, lists, notes and pictures are not.

Raises ReadError DAMAGED where a structure leads out of the file.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from extract.document import Block, Cell, Document, Grid, Paragraph, ReadError, Reason, grid_of
from extract.limits import TABLE_COLUMNS, TABLE_ROWS
from extract.word.ole import Container

READER: Final = "ms-doc"

_PAGE: Final = 512
_NEAR_TWIPS: Final = 40  # twentieths of a point: edges this near are one
_CLX, _PAPX, _CHPX = (
    0x01A2,
    0x0102,
    0x00FA,
)  # where the file's header (FIB) keeps place and size of each
_IN_TABLE, _ROW_END, _DEPTH, _INNER_CELL, _INNER_ROW_END = 0x2416, 0x2417, 0x6649, 0x244B, 0x244C
_ROW, _UPRIGHT, _ELSEWHERE = 0xD608, 0xD62B, (0x6645, 0x6646, 0x646B)
_UNSEEN: Final = (0x0800, 0x0837, 0x083C, 0x2A53)  # deleted, struck, hidden, struck twice
_OPERANDS: Final = (
    1,
    1,
    2,
    4,
    2,
    2,
    0,
    3,
)  # bytes, by the three high bits of a sprm; 0 where a byte says it
_CELL_END, _LINE, _PARAGRAPH_ENDS = "\x07", "\x0b", "\r\x07\x0c"
_FIELD, _RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_WRITTEN_CONTROLS: Final = {"\t": "\t", _LINE: "\n", "\x1e": "-"}  # the last is a hard hyphen

Properties = dict[int, bytes]


@dataclass
class _Runs:
    """What holds for which bytes of the file: `starts` sorted, `ends` and `properties` beside."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    properties: list[Properties] = field(default_factory=list)

    def at(self, place: int) -> Properties:
        """The properties of the byte at `place`."""
        i = bisect_right(self.starts, place) - 1
        return self.properties[i] if i >= 0 and place < self.ends[i] else {}


@dataclass(frozen=True, slots=True)
class _WordParagraph:
    """A paragraph of the main text: its text, the character that ends it, its properties."""

    text: str
    end: str
    properties: Properties

    @property
    def depth(self) -> int:
        """How many tables hold the paragraph."""
        deep = int(struct.unpack("<l", self.properties.get(_DEPTH, bytes(4)))[0])
        return min(deep, TABLE_COLUMNS) if deep > 0 else int(_flag(self.properties, _IN_TABLE))

    @property
    def ends_row(self) -> bool:
        """Whether it is the mark behind the last cell of a row."""
        return _flag(self.properties, _ROW_END if self.depth == 1 else _INNER_ROW_END)

    @property
    def ends_cell(self) -> bool:
        """Whether it is the last of a cell."""
        return self.end == _CELL_END if self.depth == 1 else _flag(self.properties, _INNER_CELL)


@dataclass
class _OpenTable:
    """A table that is being read: finished rows with their properties, the cells of this row, the
    lines of this cell.
    """

    rows: list[tuple[list[str], Properties]] = field(default_factory=list)
    row: list[str] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)

    def add(self, paragraph: _WordParagraph) -> None:
        """The next paragraph of the table. Raises ReadError TOO_LARGE for too many rows."""
        if paragraph.ends_row:
            self.rows.append((self.row, paragraph.properties))
            self.row, self.cell = [], []
            if len(self.rows) > TABLE_ROWS:
                raise ReadError(Reason.TOO_LARGE, f"a table of more than {TABLE_ROWS} rows")
            return
        self.cell.append(paragraph.text)
        if paragraph.ends_cell:
            self.row.append("\n".join(self.cell))
            self.cell = []


@dataclass(frozen=True, slots=True)
class _PlacedCell:
    """A cell by its edges, in twentieths of a point."""

    left: int
    right: int
    continues: bool  # it goes on from the row above
    text: str


def read(data: bytes) -> Document:
    """The document's paragraphs and tables in order; a nested table comes before the one that holds
    it.
    """
    try:
        return Document(tuple(_read_blocks(data)), READER)
    except (struct.error, IndexError, KeyError, UnicodeDecodeError) as error:
        raise ReadError(
            Reason.DAMAGED, f"a structure of the Word file leads out of it ({error})"
        ) from error


def _read_blocks(data: bytes) -> Iterator[Block]:
    open_tables: dict[int, _OpenTable] = {}  # by depth
    for paragraph in _read_paragraphs(Container(data)):
        depth = paragraph.depth
        yield from _close_tables(open_tables, depth)
        if depth:
            open_tables.setdefault(depth, _OpenTable()).add(paragraph)
        elif paragraph.text.strip():
            yield Paragraph(" ".join(paragraph.text.split()))
    yield from _close_tables(open_tables, 0)


def _close_tables(open_tables: dict[int, _OpenTable], depth: int) -> Iterator[Grid]:
    """The tables that lie deeper than `depth`, the deepest first; they are open no more."""
    for deeper in sorted((d for d in open_tables if d > depth), reverse=True):
        yield _make_grid(open_tables.pop(deeper))


def _flag(properties: Properties, sprm: int) -> bool:
    return properties.get(sprm, b"\0")[:1] not in (b"\0", b"")


# ---- text and properties


def _read_paragraphs(container: Container) -> Iterator[_WordParagraph]:
    """The paragraphs of the main text."""
    word = container.stream("worddocument")
    table = container.stream(
        "1table" if struct.unpack_from("<H", word, 10)[0] & 0x0200 else "0table"
    )
    more = container.stream("data") if "data" in container else b""
    paragraphs = _read_runs(word, table, more, _PAPX)
    formats = _read_runs(word, table, more, _CHPX)
    seen = (
        (char, place)
        for char, place in _read_characters(word, table)
        if char in _PARAGRAPH_ENDS or not any(_flag(formats.at(place), sprm) for sprm in _UNSEEN)
    )
    text: list[str] = []
    for char, place in _without_instructions(seen):
        if char in _PARAGRAPH_ENDS:
            yield _WordParagraph("".join(text), char, paragraphs.at(place))
            text = []
        elif char >= " " or char in _WRITTEN_CONTROLS:
            text.append(_WRITTEN_CONTROLS.get(char, char))


def _without_instructions(characters: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """The characters without the marks of fields and what stands in a field before its result;
    ends of paragraphs stay.
    """
    fields: list[bool] = []  # the open fields, from the outermost: whether the result has begun
    for char, place in characters:
        if char == _FIELD:
            fields.append(False)
        elif char == _RESULT:
            fields[-1:] = [True] if fields else []
        elif char == _FIELD_END:
            fields[-1:] = []
        elif char in _PARAGRAPH_ENDS or all(fields):
            yield char, place


def _read_characters(word: bytes, table: bytes) -> Iterator[tuple[str, int]]:
    """The characters of the main text, and where in the file each stands."""
    left = struct.unpack_from("<l", word, 0x4C)[0]
    at, size = struct.unpack_from("<2L", word, _CLX)
    clx, at = table[at : at + size], 0
    while clx[at] == 1:
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    count = (struct.unpack_from("<L", clx, at + 1)[0] - 4) // 12
    places = struct.unpack_from(f"<{count + 1}L", clx, at + 5)
    for n in range(count):
        start = struct.unpack_from("<L", clx, at + 5 + 4 * (count + 1) + 8 * n + 2)[0]
        length = min(places[n + 1] - places[n], left)
        narrow = bool(start & 0x40000000)  # one byte a character
        start, step = ((start & 0x3FFFFFFF) // 2, 1) if narrow else (start, 2)
        raw = word[start : start + step * length]
        if len(raw) < step * length:
            raise ReadError(Reason.DAMAGED, "the text of the Word file is cut off")
        for i in range(length):
            unit = raw[i * step : i * step + step]
            yield (
                unit.decode("cp1252" if narrow else "utf-16-le", errors="replace"),
                start + i * step,
            )
        left -= length


def _read_runs(word: bytes, table: bytes, more: bytes, place: int) -> _Runs:
    """All formatted paragraphs or characters, from the pages that the table of `place` names."""
    at, size = struct.unpack_from("<2L", word, place)
    count = (size - 4) // 8
    runs = _Runs()
    for number in struct.unpack_from(f"<{max(0, count)}L", table, at + 4 * (count + 1)):
        page = word[number * _PAGE : number * _PAGE + _PAGE]
        parts = page[_PAGE - 1]
        starts = struct.unpack_from(f"<{parts + 1}L", page, 0)
        for i in range(parts):
            offset = 2 * page[4 * (parts + 1) + i * (13 if place == _PAPX else 1)]
            runs.starts.append(starts[i])
            runs.ends.append(starts[i + 1])
            runs.properties.append(
                _read_properties(_find_held(page, offset, place == _PAPX), more) if offset else {}
            )
    order = sorted(range(len(runs.starts)), key=runs.starts.__getitem__)
    return _Runs(
        [runs.starts[i] for i in order],
        [runs.ends[i] for i in order],
        [runs.properties[i] for i in order],
    )


def _find_held(page: bytes, offset: int, of_paragraph: bool) -> bytes:
    size = page[offset]
    if not of_paragraph:
        return page[offset + 1 : offset + 1 + size]
    start, size = (offset + 2, 2 * page[offset + 1]) if size == 0 else (offset + 1, 2 * size - 1)
    return page[start + 2 : start + size]  # the first two name the style


def _read_properties(held: bytes, more: bytes, deep: int = 0) -> Properties:
    """Operands by their code; what lies in the data stream is taken from there."""
    found: Properties = {}
    at = 0
    while at + 2 < len(held):
        sprm = struct.unpack_from("<H", held, at)[0]
        at += 2
        size = _OPERANDS[sprm >> 13]
        if sprm == _ROW:
            size, at = struct.unpack_from("<H", held, at)[0] - 1, at + 2
        elif not size:
            size, at = held[at], at + 1
        operand = held[at : at + size]
        at += size
        if sprm in _ELSEWHERE and deep == 0 and len(operand) == 4:
            start = struct.unpack("<L", operand)[0]
            found |= _read_properties(
                more[start + 2 : start + 2 + struct.unpack_from("<H", more, start)[0]], more, 1
            )
        elif sprm == _UPRIGHT:  # one for each cell that is merged upright
            found[sprm] = found.get(sprm, b"") + operand[:2]
        else:
            found[sprm] = operand
    return found


# ---- rows to grids


def _make_grid(table: _OpenTable) -> Grid:
    """Columns from the edges of all rows; a cell that goes on from above or from the left belongs
    to the one where it began.
    """
    rows = [_place_row(texts, properties) for texts, properties in table.rows]
    columns = _find_columns(rows)
    cells: list[Cell] = []
    above: dict[int, int] = {}  # by column the cell that stands there, as its index in `cells`
    for r, row in enumerate(rows):
        for placed in row:
            left, right = (
                bisect_right(columns, edge + _NEAR_TWIPS) - 1
                for edge in (placed.left, placed.right)
            )
            if placed.continues and left in above:
                begun = cells[above[left]]
                cells[above[left]] = begun._replace(row_span=r + 1 - begun.row)
            else:
                above[left] = len(cells)
                cells.append(Cell(placed.text, r, left, 1, max(1, right - left)))
    return grid_of(cells)


def _find_columns(rows: list[list[_PlacedCell]]) -> list[int]:
    """The edges of all cells from left to right, those near each other as one."""
    columns: list[int] = []
    for edge in sorted({edge for row in rows for cell in row for edge in (cell.left, cell.right)}):
        if not columns or edge - columns[-1] > _NEAR_TWIPS:
            columns.append(edge)
    return columns


def _place_row(texts: list[str], properties: Properties) -> list[_PlacedCell]:
    """The cells of a row by their edges.

    Without a definition all are of one width.
    """
    held = properties.get(_ROW, b"")
    count = held[0] if held else 0
    if not count or count < len(texts):
        return [_PlacedCell(2000 * i, 2000 * (i + 1), False, t) for i, t in enumerate(texts)]
    edges = struct.unpack_from(f"<{count + 1}h", held, 1)
    flags = [
        int.from_bytes(held[1 + 2 * (count + 1) + 20 * i :][:2], "little") for i in range(count)
    ]
    upright = {i: flags[i] >> 5 & 3 for i in range(count)}
    merged = properties.get(_UPRIGHT, b"")
    upright |= {merged[i]: merged[i + 1] for i in range(0, len(merged) - 1, 2)}
    row: list[_PlacedCell] = []
    for i, text in enumerate(texts):
        if flags[i] & 3 == 1 and row:  # goes on from the left
            row[-1] = replace(row[-1], right=edges[i + 1])
        else:
            row.append(_PlacedCell(edges[i], edges[i + 1], upright[i] == 1, text))
    return row
