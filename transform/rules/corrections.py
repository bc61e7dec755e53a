"""What people know better: `data/corrections/*.yaml`, checked and ready to be applied.

`load_corrections(forms)` gives `Corrections`: what is to be said of single cells, and what was
decided on findings. A file that cannot be used is refused with file and line (`ConfigError`): an
unknown key, an id that is none, a cell that no edition of the form has, a date that is none, two
entries for one cell or one finding. `require_reports` refuses entries for reports that nobody
knows; it is called at the start of a run, when the warehouse and the input are known.

Two kinds of entries speak of a cell. A `misreading` is our fault: the cell gets the value of
`meant`, while `raw_text` stays what was read. A `misprint` is the document's: the cell stays as
printed. Both say in `expect` which text they were written for; where another text stands now, the
entry is stale and changes nothing (`stale`).

Out of scope: the warehouse (`load.corrections` applies this there and takes it back), and the
findings that tell of it (`rules/corrections.sql`).
"""

import datetime
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from data import ConfigError, ConfigFile, read, validate_file
from transform.form.forms import Forms
from transform.parse_number import Printed, parse
from transform.records import REPORT_ID_DIGITS

MISREADING: Final = "misreading"
MISPRINT: Final = "misprint"
_REPORT: Final = re.compile(
    rf"[0-9a-f]{{{REPORT_ID_DIGITS}}}([0-9a-f]{{{64 - REPORT_ID_DIGITS}}})?"
)
_FINDING: Final = re.compile(r"[0-9a-f]{20}")
_MOST: Final = Decimal(10) ** 18  # the warehouse holds DECIMAL(24,6)
_Text = Annotated[str, Field(min_length=1, pattern=r"\S")]


class CorrectionEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    report: str
    reason: _Text
    date: str
    by: _Text


class CellEntry(CorrectionEntry):
    table: str
    row: str
    col: str
    expect: str


class MisreadingEntry(CellEntry):
    meant: str


class MisprintEntry(CellEntry):
    correct: str | None = None


class DecisionEntry(CorrectionEntry):
    finding: str
    status: Literal["dismissed", "accepted"]


class CorrectionsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    misreadings: list[MisreadingEntry] = []
    misprints: list[MisprintEntry] = []
    findings: list[DecisionEntry] = []


@dataclass(frozen=True, slots=True)
class CellCorrection:
    """What is to be said of one cell.

    `kind` is misreading or misprint; `text` is `meant` or `correct` as written, None if nothing is.

    `at` is file and line; `form_units` is the unit that each edition with this cell has for it.
    """

    report_id: str
    table_id: str
    row_id: str
    col_id: str
    kind: str
    expect: str
    text: str | None
    reason: str
    decided_on: str  # ISO date
    decided_by: str
    at: str
    form_units: Mapping[str, str | None]

    @property
    def meant(self) -> Printed:
        """`text` as a number; a blank where there is no text."""
        return parse(self.text or "")

    def stale(self, raw_text: str | None) -> bool:
        """Whether another text stands there than the one that the entry was written for.

        Blank space makes no difference.
        """
        return self.expect.split() != (raw_text or "").split()

    def unit(self, raw_text: str | None, unit: str | None, edition: str) -> str | None:
        """The unit of the corrected value: that of `meant`, else that of the cell, unless this was
        part of the text misread.
        """
        return self.meant.unit or (
            unit if parse(raw_text or "").unit is None else self.form_units.get(edition)
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on one finding: `status` is dismissed or accepted."""

    report_id: str
    finding_id: str
    status: str
    reason: str
    decided_on: str  # ISO date
    decided_by: str
    at: str


@dataclass(frozen=True, slots=True)
class Corrections:
    """All entries of `data/corrections/`."""

    cells: tuple[CellCorrection, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @property
    def reports(self) -> frozenset[str]:
        """The report_ids that the entries speak of."""
        return frozenset(c.report_id for c in self.cells) | frozenset(
            d.report_id for d in self.decisions
        )


def load_corrections(forms: Forms, folder: Path | None = None) -> Corrections:
    """The entries of all files *.yaml in `folder` (by default those that come with the project);
    none where there is no folder.
    """
    where: Traversable = files("data") / "corrections" if folder is None else folder
    if folder is not None and not folder.is_dir():
        raise ConfigError(
            f"{folder}: the folder of corrections is not there: make it, or name another with "
            "NIANBAO_CORRECTIONS"
        )
    paths = [p for p in where.iterdir() if p.name.endswith(".yaml")] if where.is_dir() else []
    cells: list[CellCorrection] = []
    decisions: list[Decision] = []
    faults: list[str] = []
    for path in sorted(paths, key=lambda p: p.name):
        sheet = read(path)
        file = validate_file(sheet, CorrectionsFile)
        faults += _wrong_ids(sheet, file, forms)
        cells += _cell_corrections(sheet, file, forms)
        decisions += _decisions(sheet, file)
    faults += _twice(((c.report_id, c.table_id, c.row_id, c.col_id), c.at) for c in cells)
    faults += _twice(((d.finding_id,), d.at) for d in decisions)
    if faults:
        raise ConfigError("\n".join(faults))
    return Corrections(tuple(cells), tuple(decisions))


def require_reports(corrections: Corrections, known: Container[str]) -> None:
    """ConfigError that names each entry whose report is not among the report_ids `known`."""
    named = [(c.report_id, c.at) for c in corrections.cells] + [
        (d.report_id, d.at) for d in corrections.decisions
    ]
    faults = [
        (
            f"{at}: {report}: no such report in the warehouse or the input: correct the id, or "
            "remove the entry"
        )
        for report, at in named
        if report not in known
    ]
    if faults:
        raise ConfigError("\n".join(faults))


def _cell_corrections(
    sheet: ConfigFile, file: CorrectionsFile, forms: Forms
) -> Iterator[CellCorrection]:
    for n, misreading in enumerate(file.misreadings):
        at = sheet.at(("misreadings", n))
        yield _cell_correction(misreading, MISREADING, misreading.meant, at, forms)
    for n, misprint in enumerate(file.misprints):
        at = sheet.at(("misprints", n))
        yield _cell_correction(misprint, MISPRINT, misprint.correct, at, forms)


def _cell_correction(
    entry: CellEntry, kind: str, text: str | None, at: str, forms: Forms
) -> CellCorrection:
    units = {
        t.edition: t.unit_of(entry.row, entry.col)
        for t in forms.tables
        if t.table_id == entry.table and (entry.row, entry.col) in t.facts
    }
    return CellCorrection(
        report_id=entry.report[:REPORT_ID_DIGITS],
        table_id=entry.table,
        row_id=entry.row,
        col_id=entry.col,
        kind=kind,
        expect=entry.expect,
        text=text,
        reason=entry.reason,
        decided_on=entry.date,
        decided_by=entry.by,
        at=at,
        form_units=units,
    )


def _decisions(sheet: ConfigFile, file: CorrectionsFile) -> Iterator[Decision]:
    for n, entry in enumerate(file.findings):
        yield Decision(
            report_id=entry.report[:REPORT_ID_DIGITS],
            finding_id=entry.finding,
            status=entry.status,
            reason=entry.reason,
            decided_on=entry.date,
            decided_by=entry.by,
            at=sheet.at(("findings", n)),
        )


def _wrong_ids(sheet: ConfigFile, file: CorrectionsFile, forms: Forms) -> Iterator[str]:
    """A line for each id, date or number that cannot be right, whatever the warehouse holds."""
    listed: list[tuple[str, Sequence[CorrectionEntry]]] = [
        ("misreadings", file.misreadings),
        ("misprints", file.misprints),
        ("findings", file.findings),
    ]
    for name, entries in listed:
        for n, entry in enumerate(entries):
            yield from _wrong_head(sheet, (name, n), entry)
            if isinstance(entry, CellEntry):
                yield from _wrong_cell(sheet, (name, n), entry, _known_cells(forms))
                yield from _wrong_number(sheet, (name, n), entry)


def _wrong_head(sheet: ConfigFile, key: tuple[str, int], entry: CorrectionEntry) -> Iterator[str]:
    """What cannot be right of the keys that every entry has, and of a finding's id."""
    if not _REPORT.fullmatch(entry.report):
        yield (
            f"{sheet.at((*key, 'report'))}: {entry.report}: is no report_id "
            f"({REPORT_ID_DIGITS} hexadecimal digits) and no SHA-256: correct it"
        )
    if not _is_day(entry.date):
        yield (
            f"{sheet.at((*key, 'date'))}: {entry.date}: is no day such as 2026-02-01: correct it"
        )
    if isinstance(entry, DecisionEntry) and not _FINDING.fullmatch(entry.finding):
        yield (
            f"{sheet.at((*key, 'finding'))}: {entry.finding}: is no finding_id (20 hexadecimal "
            "digits): copy it from table findings"
        )


def _wrong_cell(
    sheet: ConfigFile,
    key: tuple[str, int],
    entry: CellEntry,
    known: Mapping[str, Container[tuple[str, str]]],
) -> Iterator[str]:
    if entry.table not in known:
        yield (
            f"{sheet.at((*key, 'table'))}: {entry.table}: no edition has such a table: name one "
            f"of {', '.join(known)}"
        )
    elif (entry.row, entry.col) not in known[entry.table]:
        at = sheet.at((*key, "row"))
        yield (
            f"{at}: {entry.table} {entry.row} {entry.col}: no edition has such a cell: correct "
            "the row or column (tables form_rows and form_columns)"
        )


def _wrong_number(sheet: ConfigFile, key: tuple[str, int], entry: CellEntry) -> Iterator[str]:
    if isinstance(entry, MisreadingEntry):
        name, text = "meant", entry.meant
        if text.split() == entry.expect.split():
            yield (
                f"{sheet.at((*key, 'meant'))}: {text}: is what was read: nothing is corrected by it"
            )
    elif isinstance(entry, MisprintEntry) and entry.correct is not None:
        name, text = "correct", entry.correct
        if parse(text).value is None:
            yield (
                f"{sheet.at((*key, 'correct'))}: {text}: is no number: give the number that the "
                "agency confirmed, or leave this out"
            )
    else:
        return
    value = parse(text).value
    if value is not None and (abs(value) >= _MOST or value != round(value, 6)):
        yield (
            f"{sheet.at((*key, name))}: {text}: has more digits than the warehouse holds (18, and "
            "6 decimals): correct it"
        )


@lru_cache(maxsize=4)
def _known_cells(forms: Forms) -> dict[str, frozenset[tuple[str, str]]]:
    known: dict[str, frozenset[tuple[str, str]]] = {}
    for table in forms.tables:
        known[table.table_id] = known.get(table.table_id, frozenset()) | frozenset(table.cells)
    return known


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _twice(keys: Iterator[tuple[tuple[str, ...], str]]) -> Iterator[str]:
    first: dict[tuple[str, ...], str] = {}
    for key, at in keys:
        if key in first:
            yield f"{at}: {' '.join(key)}: has an entry at {first[key]} already: keep one"
        first.setdefault(key, at)
