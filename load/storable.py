"""A reading that the warehouse can hold: `storable(reading)` gives it, with its line of JSON.

What cannot be held (a key twice, a value beyond DECIMAL(24,6), a date that is none) is a mistake of
a reader or of `tidy`: the reading becomes `failed`, `reader_crashed`, with the mistake in `detail`,
and no report. No reading can stop a run.
"""

import logging
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, TypeVar

from extract.document import Reason, Status
from transform.records import DocumentRow, OutcomeRow, Reading, to_json

log = logging.getLogger(__name__)

_INT32: Final = 2**31
_DECIMAL_DIGITS: Final = 18  # before the point
_DECIMAL_PLACES: Final = 6
_CELL_KEY = attrgetter("table_id", "row_id", "col_id")
_Row = TypeVar("_Row", DocumentRow, OutcomeRow)


def storable(reading: Reading) -> tuple[Reading, bytes]:
    """A reading that the warehouse can hold, and its line.

    Texts of document and outcome are made valid UTF-8 (file names may hold any bytes); what cannot
    be stored gives a failed reading in its place.
    """
    reading = replace(
        reading, document=_cleaned(reading.document), outcome=_cleaned(reading.outcome)
    )
    try:
        reading = _checked(reading)
        return reading, to_json(reading)
    except (ValueError, TypeError, ArithmeticError) as error:
        log.error(
            "%s (%s): the reading cannot be stored: %s",
            reading.document.file_name,
            reading.document.document_id,
            error,
        )
        failed = _failed(reading, _clean(f"the reading cannot be stored: {error}"))
        return failed, to_json(failed)


def _failed(reading: Reading, detail: str) -> Reading:
    document = reading.document
    try:
        document = replace(document, fetched_at=_in_utc(document.fetched_at))
    except ValueError:
        document = replace(document, fetched_at=None)
    outcome = replace(
        reading.outcome,
        status=Status.FAILED.value,
        reason=Reason.READER_CRASHED.value,
        detail=detail,
    )
    return Reading(document, outcome)


def _cleaned(row: _Row) -> _Row:
    texts: dict[str, Any] = {
        f.name: _clean(v) for f in fields(row) if isinstance(v := getattr(row, f.name), str)
    }
    return replace(row, **texts)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _checked(reading: Reading) -> Reading:
    """The reading with times in UTC, if all columns can hold it and its keys are unique; ValueError
    else.
    """
    if reading.report is None and (reading.cells or reading.tables or reading.statements):
        raise ValueError("tables, cells or statements without a report")
    _require_unique("a cell (table, row, column)", list(map(_CELL_KEY, reading.cells)))
    _require_unique("a table", [t.table_id for t in reading.tables])
    _require_unique("a statement", [s.statement_id for s in reading.statements])
    for value in (*(c.value for c in reading.cells), *(s.value for s in reading.statements)):
        _require_decimal(value)
    for cell in reading.cells:
        _require_small(cell.page, cell.grid, cell.grid_row, cell.grid_col)
    if reading.report is not None and reading.report.published_on is not None:
        date.fromisoformat(reading.report.published_on)
    document = reading.document
    return replace(reading, document=replace(document, fetched_at=_in_utc(document.fetched_at)))


def _require_unique(what: str, keys: Sequence[object]) -> None:
    if len(set(keys)) < len(keys):
        raise ValueError(f"{what} stands twice")


def _require_decimal(value: Decimal | None) -> None:
    """DuckDB would round what has more decimals."""
    if value is None:
        return
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_DECIMAL_PLACES:
        raise ValueError(f"{value} has more than {_DECIMAL_PLACES} decimals")
    if value and value.adjusted() >= _DECIMAL_DIGITS:
        raise ValueError(f"{value} has more than {_DECIMAL_DIGITS} digits before the point")


def _require_small(*numbers: int | None) -> None:
    for number in numbers:
        if number is not None and not -_INT32 <= number < _INT32:
            raise ValueError(f"{number} is no place")


def _in_utc(text: str | None) -> str | None:
    """An ISO time as naive UTC; one without a zone is UTC already."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat()
