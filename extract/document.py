"""What passes between the rooms: a document as blocks of prose and grids, and the one outcome each
document ends with.

Takes nothing and does nothing by itself: frozen dataclasses and two closed lists.

A `Grid` is a table as printed: its *anchor* cells with their spans, and on demand the dense matrix
in which a merged cell stands at every position that it covers. Readers build grids with `grid_of`,
which clips spans to the table and lets an earlier cell keep a position that a later one would cover
too (the rule of HTML's table model, and what Word shows).

Out of scope: what a table means. Labels, editions and numbers belong to `transform`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

# What a reader writes where something is seen that it cannot read (a picture, an input, an
# equation, a formula without its result): Unicode's character for an object among text.
UNREADABLE = "\ufffc"

SURE = 0.8  # confidence in a cell below which a person is to look at the page
# left, top, right, bottom in points, origin at the page's top left
BBox = tuple[float, float, float, float]


class Status(StrEnum):
    """How the work on one document ended."""

    EXTRACTED = "extracted"  # all of the form's tables were found
    PARTIAL = "partial"  # some were
    REJECTED = "rejected"  # the input cannot or must not be read; see the reason
    FAILED = "failed"  # reading was tried and broke; see the reason


class Reason(StrEnum):
    """Why a document is not `extracted`: a closed list, each with one meaning."""

    EMPTY_FILE = "empty_file"  # no bytes, or nothing but blank space
    UNKNOWN_FORMAT = "unknown_format"  # the bytes are of no format that has a reader
    # a known format whose reader is not installed or not built yet
    READER_MISSING = "reader_missing"
    ENCRYPTED = "encrypted"  # needs a password
    DAMAGED = "damaged"  # truncated, or breaks its own format
    BAD_ENCODING = "bad_encoding"  # the text is in no encoding that we know, or is garbled already
    TOO_LARGE = "too_large"  # beyond a limit of extract/limits.py
    ARCHIVE_GUARD = "archive_guard"  # a zip built to harm: ratio, members, sizes that lie
    XML_GUARD = "xml_guard"  # entities, a DTD, or nesting built to harm
    BLOCKED_PAGE = "blocked_page"  # a firewall's or error page in place of a report
    NEEDS_BROWSER = "needs_browser"  # a page whose content is made by script
    NO_TABLES = "no_tables"  # readable, but holds no table
    NO_CELLS = "no_cells"  # the tables' text is there, run together without a mark between cells
    NOT_A_REPORT = "not_a_report"  # tables, but none of the form
    MISSING_TABLES = "missing_tables"  # partial: at least one table of the form was not found
    TIME_LIMIT = "time_limit"  # the reader ran into its wall or processor time
    MEMORY_LIMIT = "memory_limit"  # the reader ran into its memory limit
    # the reader process died, or a reader broke in a way it does not name
    READER_CRASHED = "reader_crashed"
    UNREADABLE = "unreadable"  # the file could not be opened: gone, a folder, or no permission


class ReadError(Exception):
    """A document that a reader or a guard turns down: `reason` from the closed list, `detail` for a
    person.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


class Cell(NamedTuple):
    """One anchor cell. `text` keeps line breaks as "\\n"; rows and columns count from 0.

    A tuple: a page has hundreds.
    """

    text: str
    row: int
    col: int
    row_span: int = 1
    col_span: int = 1
    bbox: BBox | None = None
    confidence: float = 1.0


@dataclass(frozen=True)
class Grid:
    """One table of the document. `cells` are in reading order; build with `grid_of`."""

    cells: tuple[Cell, ...]
    n_rows: int
    n_cols: int
    page: int | None = None  # counted from 1, where the format has pages

    @cached_property
    def matrix(self) -> list[list[Cell | None]]:
        """Dense `n_rows` x `n_cols`; a merged cell stands at each position that it covers, a hole
        is None.
        """
        dense: list[list[Cell | None]] = [[None] * self.n_cols for _ in range(self.n_rows)]
        for cell in self.cells:
            for r in range(cell.row, cell.row + cell.row_span):
                row = dense[r]
                for c in range(cell.col, cell.col + cell.col_span):
                    if row[c] is None:
                        row[c] = cell
        return dense


def grid_of(cells: Iterable[Cell], page: int | None = None) -> Grid:
    """A grid from anchor cells in any order: sorted, the size taken from the cells, spans below 1
    raised to 1.
    """
    kept = sorted(
        (
            c
            if c.row_span > 0 and c.col_span > 0
            else Cell(
                c.text, c.row, c.col, max(1, c.row_span), max(1, c.col_span), c.bbox, c.confidence
            )
            for c in cells
        ),
        key=lambda c: (c.row, c.col),
    )
    n_rows = max((c.row + c.row_span for c in kept), default=0)
    n_cols = max((c.col + c.col_span for c in kept), default=0)
    return Grid(tuple(kept), n_rows, n_cols, page)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A piece of prose between tables, one visual line or paragraph, inner line breaks folded to
    one space.
    """

    text: str
    page: int | None = None


Block = Paragraph | Grid


@dataclass(frozen=True)
class Document:
    """What a reader gives: blocks in reading order, and facts that the format states about itself.

    `facts` holds pairs such as ("title", "…"), ("published_on", "2020-01-31"), ("publisher", "…"),
    in order of trust; only what the document says (an HTML meta element, a line "发布机构: …"),
    never the file's name. `text_without_cells` is True where the reader saw table text whose cells
    cannot be told apart.
    """

    blocks: tuple[Block, ...]
    reader: str
    facts: tuple[tuple[str, str], ...] = ()
    text_without_cells: bool = False
    remarks: tuple[str, ...] = field(default=())  # what the reader had to mend, for a person
    # what it saw and did not read, and what may stand in the place of a table: "2 pictures"
    instead: tuple[str, ...] = field(default=())
    # why a part of it could not be read though it is there (damaged, bad_encoding), and which
    flaw: tuple[Reason, str] | None = None

    @property
    def grids(self) -> list[Grid]:
        """The tables, in order."""
        return [b for b in self.blocks if isinstance(b, Grid)]

    @property
    def paragraphs(self) -> list[Paragraph]:
        """The prose, in order."""
        return [b for b in self.blocks if isinstance(b, Paragraph)]


def count_of(thing: str, count: int, things: str = "") -> tuple[str, ...]:
    """So many things in words, for `Document.instead`; nothing for none."""
    return (f"{count} {thing if count == 1 else things or thing + 's'}",) if count > 0 else ()


def texts(blocks: Sequence[Block]) -> list[str]:
    """The text of the paragraphs among `blocks`."""
    return [b.text for b in blocks if isinstance(b, Paragraph)]


def without_unreadable(text: str) -> str:
    """A cell's text less UNREADABLE if there are words: a picture beside a label changes nothing of
    it; beside a number, or alone, it may be a part of the number.
    """
    bare = text.replace(UNREADABLE, "")
    return bare.strip() if any(character.isalpha() for character in bare) else text
