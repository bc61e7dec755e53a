"""The golden cases: every shape written as a file, read by the real readers, and told as text that
a person can compare.

`CASES` maps a name to a `Case`. `told(case)` is what the golden file holds: for each table of the
form its edition, its rows, and every remark; and what was read otherwise than printed.
`wrong(case)` are the values that were read and are not printed there: there must never be one,
whatever the golden file says.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from extract.registry import read
from tests.build import docx_files, html_files, sheet_files, text_files
from tests.build.report import Expected, Flow, Key, Report
from tests.golden.invented import INVENTED
from tests.golden.seen import SEEN
from tests.golden.shape import Shape
from tests.golden.shapes import numbered, truth_of
from transform.form.forms import load_forms
from transform.records import CellRow
from transform.tidy import Tidied, tidy

EXPECTED: Final = Path(__file__).parent / "expected"

WRITERS: Final[dict[str, Callable[[Flow], bytes]]] = {
    "html": lambda blocks: html_files.page(blocks, html_files.Style(), Random(1)),
    "docx": lambda blocks: docx_files.raw(blocks, docx_files.Style(), Random(1)),
    "xlsx": lambda blocks: sheet_files.xlsx(blocks, sheet_files.Style()),
    "pipes": lambda blocks: text_files.encoded(text_files.pipes(blocks)),
    "tabs": lambda blocks: text_files.encoded(text_files.tabs(blocks)),
    "cells": lambda blocks: text_files.encoded(text_files.lines_of_cells(blocks)),
    "dump": lambda blocks: text_files.encoded(text_files.dump(blocks, Random(1))),
}
SPANNED: Final = ("html", "docx", "xlsx")  # formats that keep merged cells
_SIGNS: Final = {"blank": "_", "absent": "×"}


def _printed_value(printed: Expected | None) -> object:
    if printed is None:
        return "nothing"
    return printed.state if printed.value is None else printed.value


@dataclass(frozen=True)
class Case:
    """One shape of one edition."""

    name: str
    shape: Shape
    edition: str
    whole: bool  # whether the golden file lists every cell

    def flow(self, report: Report | None = None) -> Flow:
        """The document's blocks, with figures that are all different unless a report is given."""
        return self.shape.make(report or numbered(self.edition))


def _cases() -> dict[str, Case]:
    return {
        name: Case(
            name, shape, shape.editions[-1 if len(shape.editions) < 3 else 1], register is SEEN
        )
        for register in (SEEN, INVENTED)
        for name, shape in register.items()
    }


CASES: Final = _cases()


@dataclass(frozen=True)
class Reading:
    """What a flow says and what was made of it."""

    truth: dict[Key, Expected]
    tidied: Tidied

    @property
    def cells(self) -> dict[Key, CellRow]:
        """The cells of the form, by table, row and column."""
        groups = {
            (t.table_id, r.row_id)
            for t in load_forms().tables
            for r in t.rows
            if r.kind == "header"
        }
        return {
            (c.table_id, c.row_id, c.col_id): c
            for c in self.tidied.cells
            if not c.row_id.startswith("extra.")
            and not c.col_id.startswith("extra.")
            and (
                (c.table_id, c.row_id, c.col_id) in self.truth
                or (c.table_id, c.row_id) not in groups
            )  # a group's own figures
        }

    @property
    def wrong(self) -> dict[Key, str]:
        """Values that are not what is printed for that cell, or stand where nothing is printed."""
        out = {}
        for key, cell in self.cells.items():
            printed = self.truth.get(key)
            if cell.value is not None and (printed is None or cell.value != printed.value):
                out[key] = f"{cell.value} for {_printed_value(printed)}"
        return out

    @property
    def lost(self) -> dict[Key, str]:
        """What is printed and was not read as it is: another state or unit, or no value."""
        cells = self.cells
        out = {}
        for key, printed in self.truth.items():
            cell = cells.get(key)
            if (
                cell is None
                or cell.state != printed.state
                or (printed.value is not None and printed.unit and cell.unit != printed.unit)
            ):
                out[key] = (
                    "no cell"
                    if cell is None
                    else f"{cell.state}" + (f" {cell.raw_text!r}" if cell.state == "text" else "")
                )
        return out


def read_flow(blocks: Flow, edition: str, year: int, written: str = "html") -> Reading:
    """Write the flow, read it by the real reader, make tidy rows of it."""
    _, document = read(WRITERS[written](blocks))
    return Reading(truth_of(blocks, edition), tidy(document, load_forms(), year))


def read_case(case: Case, written: str = "html") -> Reading:
    """The case's own document, read."""
    return read_flow(case.flow(), case.edition, numbered(case.edition).year, written)


def told(case: Case, reading: Reading) -> dict[str, Any]:
    """What the golden file of the case holds, which was read so."""
    tables = {}
    for table in reading.tidied.tables:
        remarks = Counter(
            " ".join(
                part
                for part in (r.code, r.row_id, r.col_id, r.printed, r.meant)
                if part is not None
            ).replace("\n", "⏎")
            for r in reading.tidied.remarks
            if r.table_id == table.table_id
        )
        entry: dict[str, Any] = {
            "edition": table.edition,
            "rows": f"{table.rows_matched} of {table.rows_expected}"
            if table.found
            else "not found",
        }
        entry["remarks"] = [text if n == 1 else f"{text} (×{n})" for text, n in remarks.items()]
        if case.whole:
            entry["cells"] = _by_row(reading, table.table_id)
        tables[table.table_id] = entry
    out: dict[str, Any] = {
        "about": case.shape.about,
        "written_for": case.edition,
        "status": str(reading.tidied.status),
        "tables": tables,
    }
    if reading.tidied.reason:
        out["reason"] = f"{reading.tidied.reason}: {reading.tidied.detail}"
    out["read_otherwise"] = _otherwise(reading)
    return out


def _by_row(reading: Reading, table_id: str) -> dict[str, str]:
    rows: dict[str, list[str]] = {}
    edition = next(t.edition for t in reading.tidied.tables if t.table_id == table_id)
    form = load_forms().table(edition, table_id)
    for (table, row, column), cell in reading.cells.items():
        if table == table_id:
            rows.setdefault(row, []).append(_sign(cell, form.unit_of(row, column)))
    return {row: " ".join(texts) for row, texts in rows.items()}


def _sign(cell: CellRow, unit: str | None) -> str:
    """A figure, with its unit where that is not the form's; the state of any other cell."""
    if cell.value is not None:
        return format(cell.value, "f") + (cell.unit or "" if cell.unit != unit else "")
    return _SIGNS.get(cell.state) or f"{cell.state}({(cell.raw_text or '').strip()})"


def _otherwise(reading: Reading) -> dict[str, str]:
    """Lost cells by row; many of one kind in a row are told once."""
    rows: dict[str, dict[str, str]] = {}
    for (table, row, column), what in reading.lost.items():
        rows.setdefault(f"{table}|{row}", {})[column] = what
    out = {}
    for row, columns in rows.items():
        kinds = set(columns.values())
        out[row] = (
            f"{len(columns)} cells: {kinds.pop()}"
            if len(kinds) == 1
            else "; ".join(f"{c} {what}" for c, what in columns.items())
        )
    return out


def as_text(content: dict[str, Any]) -> str:
    """The golden file's text."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def path_of(case: Case) -> Path:
    """Where the golden file of the case stands."""
    return EXPECTED / f"{case.name}.json"
