"""A document to the tidy rows of its report: tables aligned, texts read as numbers, one row a cell
of the form.

Takes a `Document`, its identity and the forms; gives a `Tidied`: the status with its reason, table
rows, remarks, cell rows and the figures that the prose states. Every cell of every expected
table has a row; what the document lacks is `absent`. Which tables are expected: the annex
`statistics` alone where only that is found (reports before 2019), otherwise tables 二, 三 and
四; `fees` where it stands.

A printed number is never altered. A text that stands over several cells of the form is `text` in
each of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from typing import Final

from extract.document import SURE, UNREADABLE, Document, Grid, Reason, Status, texts
from transform.align.align import UNDECIDED, Aligned, PlacedText, align
from transform.align.labels import vocabulary
from transform.align.run_together import flat_tables
from transform.align.segment import table_copies
from transform.form.forms import Edition, Forms, Table
from transform.identity.identify import title_of
from transform.narrative.claims import read_statements
from transform.parse_number import Printed, parse, parse_change
from transform.records import CellRow, Remark, RemarkRow, StatementRow, TableRow
from transform.reports_in_file import compared_years, note_part_of_year
from transform.rows_in_prose import rows_in_prose
from transform.table_sums import (
    is_order_proved,
    join_cut_numbers,
    sums_of_tables,
    without_numbers,
)

STATUTORY: Final = ("proactive", "requests", "disputes")
# of a table's rows; fewer, and it is a table of the prose that uses some of the form's words
MIN_ROWS: Final = 0.25
BARE_NUMBERS: Final = 25  # a table of so many cells without a word may be one of the form's
MAX_VALUE: Final = Decimal(10) ** 18  # the warehouse holds DECIMAL(24,6)
MAX_DECIMALS: Final = 6
UNREAD: Final = "report.not_all_read"  # code of the remark on a document with a flaw
REMARKS_IN_DETAIL: Final = 3  # remarks of the reader that the detail names where tables are missing
SHORT: Final = 18  # characters; no number of that length reaches MAX_VALUE
# what a cell that is not in the document has none of
_NOTHING: Final = dict.fromkeys(
    ("raw_text", "unit", "page", "grid", "grid_row", "grid_col", "bbox")
)


@dataclass(frozen=True)
class Tidied:
    """What one document holds. `reason` is None only for a report with all its tables."""

    status: Status
    reason: Reason | None
    detail: str | None
    tables: tuple[TableRow, ...] = ()
    remarks: tuple[RemarkRow, ...] = ()
    cells: tuple[CellRow, ...] = ()
    statements: tuple[StatementRow, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """What one table of the form gives."""

    table: TableRow
    cells: tuple[CellRow, ...]
    remarks: tuple[RemarkRow, ...] = ()


def tidy(document: Document, forms: Forms, year: int | None) -> Tidied:
    """The tables and cells of the report in `document`; `year` only settles which edition an
    undecided table is counted to.
    """
    if not document.grids and not document.text_without_cells:
        said = "; ".join(("the document holds no table", *_seen_instead(document)))
        return Tidied(Status.REJECTED, *(document.flaw or (Reason.NO_TABLES, said)))
    found, reader = _find_tables(document, forms, year)
    if reader == document.reader:  # else the rows were found in the text
        document = _with_its_flaw(document, found, _base_edition(found, forms, year))
    if (refused := _refuse(document, found)) is not None:
        return refused if document.flaw is None else Tidied(Status.REJECTED, *document.flaw)
    parts = _make_parts(document, found, forms, year, reader)
    status, reason, detail = _outcome(document, [p.table for p in parts])
    return Tidied(
        status,
        reason,
        detail,
        tuple(p.table for p in parts),
        (
            *chain.from_iterable(p.remarks for p in parts),
            *note_part_of_year(document, [p.table for p in parts]),
        ),
        tuple(chain.from_iterable(p.cells for p in parts)),
        read_statements(document, forms, year),
    )


def _make_parts(
    document: Document,
    found: dict[str, Aligned],
    forms: Forms,
    year: int | None,
    reader: str,
) -> list[_Part]:
    base = _base_edition(found, forms, year)
    parts = [
        _missing_part(base, table_id, reader)
        if (aligned := found.get(table_id)) is None
        else _found_part(aligned, reader)
        for table_id in _expected_tables(found)
    ]
    return parts if document.flaw is None else _with_flaw(parts, document.flaw[1])


def _outcome(
    document: Document, tables: Sequence[TableRow]
) -> tuple[Status, Reason | None, str | None]:
    """How the reading of a report ended: status, reason and detail."""
    missing = [table.table_id for table in tables if not table.found]
    if document.flaw is not None:
        return Status.PARTIAL, document.flaw[0], "; ".join((document.flaw[1], *missing))
    if not missing:
        return Status.EXTRACTED, None, None
    said = (*_seen_instead(document), *document.remarks[:REMARKS_IN_DETAIL])
    return Status.PARTIAL, Reason.MISSING_TABLES, "; ".join((", ".join(missing), *said))


def _find_tables(
    document: Document, forms: Forms, year: int | None
) -> tuple[dict[str, Aligned], str]:
    """The form tables found, by id, and the reader that their cells are owed to.

    Where nothing but their order says what the numbers are, and the sums do not prove it, a table
    beside others is open, and one alone is none.
    """
    found = _aligned(document, forms, year)
    found = {t: join_cut_numbers(a, forms) for t, a in found.items()}
    unproved = {t for t, a in found.items() if not is_order_proved(a, forms)}
    if unproved and unproved == set(found):
        return {}, document.reader
    found |= {t: without_numbers(found[t]) for t in unproved}
    if found or not document.text_without_cells:
        return found, document.reader
    return flat_tables(document, forms, sums_of_tables(forms)), f"{document.reader}+rules"


def _expected_tables(found: Mapping[str, Aligned]) -> list[str]:
    """The tables that the report should have, and those beside that it has."""
    if set(found) == {"statistics"}:
        return ["statistics"]
    return [*STATUTORY, *sorted(set(found) - set(STATUTORY))]


def _refuse(document: Document, found: Mapping[str, Aligned]) -> Tidied | None:
    """Why the document is no report that can be read, None if it is one."""
    if found and (years := compared_years(document)):
        reason = Reason.NOT_A_REPORT
        detail = f"a comparison of the reports on {' and '.join(years)}, no report of one year"
    elif set(found) == {"proactive"} and not _speaks_of_disclosure(document):
        reason = Reason.NOT_A_REPORT
        detail = "a table of licences and penalties in a document that nowhere speaks of disclosure"
    elif set(found) == {"proactive"} and _holds_decisions_alone(document, found["proactive"]):
        reason = Reason.NOT_A_REPORT
        detail = (
            "statistics of licences and penalties alone, in a document without a report's title"
        )
    elif found:
        return None
    elif any(_is_bare(grid) for grid in document.grids):
        reason = Reason.NO_CELLS
        detail = (
            "numbers without a label, and the sums do not prove which cells of the form they are"
        )
    elif document.text_without_cells:
        reason = Reason.NO_CELLS
        detail = (
            "the tables' text has no mark between cells, and the sums do not tell the numbers apart"
        )
    else:
        reason = Reason.NOT_A_REPORT
        detail = f"{len(document.grids)} tables, none with the rows and columns of a form"
        detail = "; ".join((detail, *_seen_instead(document)))
    return Tidied(Status.REJECTED, reason, detail)


def _with_its_flaw(document: Document, found: Mapping[str, Aligned], base: Edition) -> Document:
    """The document with the flaw that its tables show: a table too large to be read is none beside
    a report all of whose tables were found, and rows that stand in lines of the text are one.
    """
    if document.flaw is not None:
        is_beside = document.flaw[0] is Reason.TOO_LARGE and set(STATUTORY) <= set(found)
        return replace(document, flaw=None) if is_beside else document
    if not set(STATUTORY) & set(found):
        return document
    lines = texts(document.blocks)
    labels: list[str] = []
    for table_id in STATUTORY:
        aligned = found.get(table_id)
        table, rows = (aligned.table, aligned.rows) if aligned else (base.tables[table_id], ())
        labels += rows_in_prose(table, rows, lines)
    said = f"rows stand in the text without cells that can be told apart: {'、'.join(labels)}"
    return replace(document, flaw=(Reason.NO_CELLS, said)) if labels else document


def _with_flaw(parts: Sequence[_Part], what: str) -> list[_Part]:
    """The parts of a document of which something could not be read: a cell that was not found may
    be there, and so is open, and a remark says why.
    """
    reported = RemarkRow.of(parts[0].table.table_id, Remark(UNREAD, printed=what))
    opened = [replace(part, cells=tuple(_opened(cell) for cell in part.cells)) for part in parts]
    return [replace(opened[0], remarks=(*opened[0].remarks, reported)), *opened[1:]]


def _opened(cell: CellRow) -> CellRow:
    is_unread = cell.state == "absent" or cell.raw_text == UNREADABLE
    return replace(cell, state="absent", raw_text=UNREADABLE) if is_unread else cell


def _seen_instead(document: Document) -> tuple[str, ...]:
    """What the document holds where a table may be meant, in words."""
    seen = document.instead
    return (f"it holds {', '.join(seen)}, which the reader does not read",) if seen else ()


def _is_bare(grid: Grid) -> bool:
    """Whether a table holds numbers, one a cell, and not a word."""
    states = [parse(cell.text).state for cell in grid.cells]
    return len(states) >= BARE_NUMBERS and set(states) <= {"number", "zero", "blank", "marker"}


def _missing_part(edition: Edition, table_id: str, reader: str) -> _Part:
    """A table that the document lacks."""
    table = edition.tables[table_id]
    return _Part(
        TableRow(table_id, edition.edition_id, False, 0, len(table.data_rows)),
        tuple(_absent(table_id, row_id, col_id, reader) for row_id, col_id in table.cells),
    )


def _found_part(aligned: Aligned, reader: str) -> _Part:
    table = aligned.table
    cells = list(_cells(aligned, reader))
    remarks = chain(aligned.remarks, *(remarks for _, remarks in cells))
    return _Part(
        TableRow(
            table.table_id,
            aligned.edition.edition_id,
            True,
            len(aligned.rows),
            len(table.data_rows),
        ),
        tuple(cell for cell, _ in cells),
        tuple(RemarkRow.of(table.table_id, remark) for remark in remarks),
    )


def _holds_decisions_alone(document: Document, proactive: Aligned) -> bool:
    """Whether, of table 二, nothing is there but rows that every agency publishes by themselves."""
    counted = {row.row_id for block in proactive.table.blocks[1:] for row in block.rows}
    return set(proactive.rows) <= counted and title_of(document) is None


def _speaks_of_disclosure(document: Document) -> bool:
    """Whether 公开 stands anywhere: statistics of law enforcement have rows of table 二 as well."""
    stated = [value for _, value in document.facts]
    cells = [c.text for grid in document.grids for c in grid.cells]
    return any("公开" in text for text in (*texts(document.blocks), *stated, *cells))


def _aligned(document: Document, forms: Forms, year: int | None) -> dict[str, Aligned]:
    """The form tables found, by id.

    Tables 二 and 三 tell the edition that an undecided table is counted to.
    """
    copies = table_copies(document, vocabulary(forms))
    prefer = next(
        (e.edition_id for e in forms.editions.values() if year is not None and e.covers(year)), None
    )
    found: dict[str, Aligned] = {}
    for table_id in sorted(
        copies,
        key=lambda t: ("requests", "proactive").index(t) if t in ("requests", "proactive") else 2,
    ):
        aligned = align(copies[table_id], forms, prefer, year)
        if (
            aligned is not None
            and len(aligned.rows) >= MIN_ROWS * len(aligned.table.data_rows)
            and aligned.cells
        ):
            found[table_id] = aligned
            if table_id == "requests":
                prefer = aligned.edition.edition_id
    return found


def _base_edition(found: dict[str, Aligned], forms: Forms, year: int | None) -> Edition:
    """The edition whose tables are expected where one was not found: that of the tables found, else
    the year's, else the newest.
    """
    for table_id in STATUTORY:
        if table_id in found:
            return found[table_id].edition
    statutory = [e for e in forms.editions.values() if set(STATUTORY) <= set(e.tables)]
    return next((e for e in statutory if year is not None and e.covers(year)), statutory[-1])


def _cells(aligned: Aligned, reader: str) -> Iterator[tuple[CellRow, Sequence[Remark]]]:
    table = aligned.table
    for row_id, col_id in table.cells:
        placed = aligned.cells.get((row_id, col_id))
        if placed is not None:
            yield _cell(table, row_id, col_id, placed, reader)
        elif not table.column(row_id, col_id).optional:
            yield _absent(table.table_id, row_id, col_id, reader), ()
    for (row_id, col_id), placed in aligned.extra.items():
        yield _cell(table, row_id, col_id, placed, reader)


def _absent(table_id: str, row_id: str, col_id: str, reader: str) -> CellRow:
    return CellRow(
        table_id, row_id, col_id, None, "absent", reader=reader, confidence=1.0, **_NOTHING
    )


def _cell(
    table: Table, row_id: str, col_id: str, placed: PlacedText, reader: str
) -> tuple[CellRow, Sequence[Remark]]:
    """The cell with the remarks on it."""
    # an extra row or column has no fact in the form
    form_unit, kind = table.facts.get((row_id, col_id), (None, "decimal"))
    printed, codes = _read(placed, kind == "signed_int")
    codes = list(codes)
    if kind != "signed_int" and printed.value is not None and placed.text.lstrip()[0] in "+＋":
        codes.append("cell.plus_sign")
    if placed.confidence < SURE and printed.state != "absent":
        codes.append("cell.low_confidence")
    cell = CellRow(
        table.table_id,
        row_id,
        col_id,
        printed.value,
        printed.state,
        placed.text,
        printed.unit or placed.unit or form_unit,
        placed.page,
        _from_one(placed.grid),
        _from_one(placed.row),
        _from_one(placed.col),
        None if placed.bbox is None else ",".join(f"{x:.1f}" for x in placed.bbox),
        reader,
        placed.confidence,
    )
    return cell, [Remark(code, row_id, col_id, printed=placed.text.strip()) for code in codes]


def _from_one(index: int | None) -> int | None:
    """A position as a person counts it."""
    return None if index is None else index + 1


def _read(placed: PlacedText, signed: bool) -> tuple[Printed, Iterable[str]]:
    """The text as a number, within what one cell may be, and the codes of the remarks on it."""
    printed = parse(placed.text)
    if (
        printed.value is not None
        and not placed.shared
        and placed.confidence
        and len(placed.text) < SHORT
        and "." not in placed.text
    ):
        return printed, printed.remarks  # nothing of what follows can be: most cells end here
    if placed.confidence == UNDECIDED:
        return Printed("absent"), ()
    if placed.shared and printed.state != "blank":
        return Printed("text"), ()
    if signed:
        printed = parse_change(placed.text)
    if printed.value is not None and (
        abs(printed.value) >= MAX_VALUE or _decimals(printed.value) > MAX_DECIMALS
    ):
        return Printed("text"), ("cell.too_long",)
    return printed, printed.remarks


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
