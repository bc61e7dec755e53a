"""Harmed files: none breaks a reader, each ends with a reason of the closed list, and no figure
becomes another one, or a blank, without a word.
"""

import hashlib
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from extract.document import Reason, Status
from flows.steps.read import read_document
from flows.steps.request import ReadRequest
from load.warehouse import load_readings, memory
from tests.conftest import more_at_night
from tests.hostile.mutations import Mutant, bases, mutants
from transform.form.forms import load_forms
from transform.records import CellRow, Reading
from transform.rules.evaluate import findings
from transform.rules.load import load_rules
from transform.temporary_tables import fetch_rows

SEED = 20260101
CellKey = tuple[str, str, str]


def read(path: Path, data: bytes) -> Reading:
    path.write_bytes(data)
    request = ReadRequest(str(path), hashlib.sha256(data).hexdigest(), len(data))
    reading = read_document(request)
    assert isinstance(reading, Reading)
    return reading


def cells_of(reading: Reading) -> dict[CellKey, CellRow]:
    return {(c.table_id, c.row_id, c.col_id): c for c in reading.cells}


def named_cells(readings: list[Reading]) -> dict[str, dict[str, set[str]]]:
    """By document and rule the cells that findings above info name; a table for one without
    cells."""
    forms = load_forms()
    named: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    with memory() as con:
        load_readings(con, readings)
        owner = dict(con.execute("SELECT report_id, document_id FROM reports").fetchall())
        for f in fetch_rows(findings(con, forms, load_rules(forms))):
            if f["level"] != "info" and f["report_id"] in owner:
                said = f["cells"] or [f["instance"].split("|")[0]]
                named[owner[f["report_id"]]][f["rule_id"]].update(said)
    return named


def is_named(key: CellKey, said: dict[str, set[str]], before: dict[str, set[str]]) -> bool:
    """Whether a finding that the sound file does not have is on the cell, or on its table."""
    cell = "|".join(key)
    return any(
        (cell in cells or key[0] in cells) and cell not in before.get(rule, set())
        for rule, cells in said.items()
    )


def changed(sound: Reading, harmed: Reading) -> list[CellKey]:
    """The cells with a figure that have another one now, or none and are called blank."""
    now = cells_of(harmed)
    return [
        key
        for key, cell in cells_of(sound).items()
        if cell.value is not None
        and (other := now.get(key)) is not None
        and (other.state == "blank" or _is_other(cell.value, other.value))
    ]


def _is_other(one: Decimal, other: Decimal | None) -> bool:
    return other is not None and one != other


def untold(
    sound: dict[str, Reading], harmed: list[tuple[Mutant, Reading]]
) -> list[tuple[str, CellKey]]:
    """The figures that changed without a word: no finding is on them, and the document is not said
    to be damaged.
    """
    named = named_cells([*sound.values(), *(reading for _, reading in harmed)])
    return [
        (mutant.name, key)
        for mutant, reading in harmed
        if reading.outcome.reason != Reason.DAMAGED
        for key in changed(sound[mutant.base], reading)
        if not is_named(
            key,
            named[reading.document.document_id],
            named[sound[mutant.base].document.document_id],
        )
    ]


def test_a_figure_that_changed_without_a_word_is_found(tmp_path: Path) -> None:
    name = "2021-html-fillers.html"
    data = bases()[name]
    sound = {name: read(tmp_path / name, data)}
    key, cell = next(
        (key, cell)
        for key, cell in cells_of(sound[name]).items()
        if key[0] == "proactive" and cell.value and data.count(str(cell.value).encode()) == 1
    )
    other = data.replace(str(cell.value).encode(), str(cell.value + 1).encode())
    harmed = [(Mutant(name, "by hand", other), read(tmp_path / "harmed", other))]
    assert untold(sound, harmed) == [(f"{name}, by hand", key)]


def test_harmed_files_end_in_a_word_and_never_in_another_figure(tmp_path: Path) -> None:
    sound = {name: read(tmp_path / name, data) for name, data in bases().items()}
    harmed: list[tuple[Mutant, Reading]] = []
    known = {reading.document.document_id for reading in sound.values()}
    for mutant in mutants(SEED, more_at_night(300, 3_000)):
        reading = read(tmp_path / "harmed", mutant.data)
        outcome = reading.outcome
        assert outcome.reason != Reason.READER_CRASHED, f"{mutant.name}: {outcome.detail}"
        assert outcome.reason is None or outcome.reason in set(Reason), mutant.name
        assert (outcome.reason is None) == (outcome.status == Status.EXTRACTED), mutant.name
        if reading.document.document_id not in known:
            known.add(reading.document.document_id)
            harmed.append((mutant, reading))
    assert not untold(sound, harmed)
