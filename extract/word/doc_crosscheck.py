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
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from extract.document import Block, Cell, Document, Grid, Paragraph, ReadError, Reason, grid_of
from extract.limits import TABLE_COLUMNS, TABLE_ROWS
from extract.word.ole import Container

READER: Final = "ms-doc"

_PAGE: Final = 512
_NEAR: Final = 40  # twentieths of a point: edges this near are one
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


@dataclass
class _Table:
    """A table that is being read: finished rows with their properties, the cells of this row, the
    lines of this cell.
    """

    rows: list[tuple[list[str], Properties]] = field(default_factory=list)
    row: list[str] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)


def read(data: bytes) -> Document:
    """The document's paragraphs and tables in order; a nested table comes before the one that holds
    it.
    """
    try:
        return Document(tuple(_blocks(data)), READER)
    except (struct.error, IndexError, KeyError, UnicodeDecodeError) as error:
        raise ReadError(
            Reason.DAMAGED, f"a structure of the Word file leads out of it ({error})"
        ) from error


def _blocks(data: bytes) -> Iterator[Block]:
    open_tables: dict[int, _Table] = {}
    for text, end, properties in _paragraphs(Container(data)):
        depth = _depth(properties)
        for deeper in sorted((d for d in open_tables if d > depth), reverse=True):
            yield _grid(open_tables.pop(deeper))
        if not depth:
            if text.strip():
                yield Paragraph(" ".join(text.split()))
            continue
        table = open_tables.setdefault(depth, _Table())
        if _flag(properties, _ROW_END if depth == 1 else _INNER_ROW_END):
            table.rows.append((table.row, properties))
            table.row, table.cell = [], []
            if len(table.rows) > TABLE_ROWS:
                raise ReadError(Reason.TOO_LARGE, f"a table of more than {TABLE_ROWS} rows")
            continue
        table.cell.append(text)
        if end == _CELL_END if depth == 1 else _flag(properties, _INNER_CELL):
            table.row.append("\n".join(table.cell))
            table.cell = []
    for deeper in sorted(open_tables, reverse=True):
        yield _grid(open_tables[deeper])


def _flag(properties: Properties, sprm: int) -> bool:
    return properties.get(sprm, b"\0")[:1] not in (b"\0", b"")


def _depth(properties: Properties) -> int:
    deep = int(struct.unpack("<l", properties.get(_DEPTH, bytes(4)))[0])
    return min(deep, TABLE_COLUMNS) if deep > 0 else int(_flag(properties, _IN_TABLE))


# ---- text and properties


def _paragraphs(container: Container) -> Iterator[tuple[str, str, Properties]]:
    """Text, last character and properties of each paragraph of the main text."""
    word = container.stream("worddocument")
    table = container.stream(
        "1table" if struct.unpack_from("<H", word, 10)[0] & 0x0200 else "0table"
    )
    more = container.stream("data") if "data" in container else b""
    paragraphs, characters = _runs(word, table, more, _PAPX), _runs(word, table, more, _CHPX)
    text: list[str] = []
    inner = 0  # fields whose instruction is being passed over
    for char, place in _characters(word, table):
        if (
            any(_flag(characters.at(place), sprm) for sprm in _UNSEEN)
            and char not in _PARAGRAPH_ENDS
        ):
            continue
        if char == _FIELD:
            inner += 1
        elif char in (_RESULT, _FIELD_END):
            inner = max(0, inner - (char == _RESULT or inner > 0))
        elif char in _PARAGRAPH_ENDS:
            yield "".join(text), char, paragraphs.at(place)
            text = []
        elif not inner and (char >= " " or char in "\t" + _LINE):
            text.append("\n" if char == _LINE else char)
        elif char == "\x1e":
            text.append("-")


def _characters(word: bytes, table: bytes) -> Iterator[tuple[str, int]]:
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


def _runs(word: bytes, table: bytes, more: bytes, place: int) -> _Runs:
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
                _properties(_held(page, offset, place == _PAPX), more) if offset else {}
            )
    order = sorted(range(len(runs.starts)), key=runs.starts.__getitem__)
    return _Runs(
        [runs.starts[i] for i in order],
        [runs.ends[i] for i in order],
        [runs.properties[i] for i in order],
    )


def _held(page: bytes, offset: int, of_paragraph: bool) -> bytes:
    size = page[offset]
    if not of_paragraph:
        return page[offset + 1 : offset + 1 + size]
    start, size = (offset + 2, 2 * page[offset + 1]) if size == 0 else (offset + 1, 2 * size - 1)
    return page[start + 2 : start + size]  # the first two name the style


def _properties(held: bytes, more: bytes, deep: int = 0) -> Properties:
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
            found |= _properties(
                more[start + 2 : start + 2 + struct.unpack_from("<H", more, start)[0]], more, 1
            )
        elif sprm == _UPRIGHT:  # one for each cell that is merged upright
            found[sprm] = found.get(sprm, b"") + operand[:2]
        else:
            found[sprm] = operand
    return found


# ---- rows to grids


def _grid(table: _Table) -> Grid:
    """Columns from the edges of all rows; a cell that goes on from above or from the left belongs
    to the one where it began.
    """
    rows = [_row(texts, properties) for texts, properties in table.rows]
    edges: list[int] = []
    for edge in sorted(
        {place for row in rows for left, right, *_ in row for place in (left, right)}
    ):
        if not edges or edge - edges[-1] > _NEAR:
            edges.append(edge)
    cells: list[Cell] = []
    above: dict[int, int] = {}
    for r, row in enumerate(rows):
        for left, right, goes_on, text in row:
            col, behind = (bisect_right(edges, place + _NEAR) - 1 for place in (left, right))
            if goes_on and col in above:
                before = cells[above[col]]
                cells[above[col]] = before._replace(row_span=r + 1 - before.row)
                continue
            above[col] = len(cells)
            cells.append(Cell(text, r, col, 1, max(1, behind - col)))
    return grid_of(cells)


def _row(texts: list[str], properties: Properties) -> list[tuple[int, int, bool, str]]:
    """Left and right edge of each cell of a row, whether it goes on from above, and its text.

    Without a definition all are of one width.
    """
    held = properties.get(_ROW, b"")
    count = held[0] if held else 0
    if not count or count < len(texts):
        return [(2000 * i, 2000 * (i + 1), False, text) for i, text in enumerate(texts)]
    edges = struct.unpack_from(f"<{count + 1}h", held, 1)
    flags = [
        int.from_bytes(held[1 + 2 * (count + 1) + 20 * i :][:2], "little") for i in range(count)
    ]
    upright = {i: flags[i] >> 5 & 3 for i in range(count)}
    merged = properties.get(_UPRIGHT, b"")
    upright |= {merged[i]: merged[i + 1] for i in range(0, len(merged) - 1, 2)}
    row: list[tuple[int, int, bool, str]] = []
    for i, text in enumerate(texts):
        if flags[i] & 3 == 1 and row:  # goes on from the left
            row[-1] = (row[-1][0], edges[i + 1], *row[-1][2:])
        else:
            row.append((edges[i], edges[i + 1], upright[i] == 1, text))
    return row
