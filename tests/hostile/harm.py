"""Harmed files through the confined reader processes, and what became of them.

    python -m tests.hostile.harm [COUNT [SEED]]

`read_harmed` reads so many, each tenth of them left alone, and gives a `Harm` with everything that
must be nothing. Files that LibreOffice converts are among them. They are read first and judged
afterwards, so that the memory of reading is measured alone.
"""

import hashlib
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Final

from extract import limits
from extract.document import Reason, Status
from extract.sandbox.pool import Sandbox
from flows.steps.read_batch import read_documents
from flows.steps.request import WORK, ReadRequest
from load.warehouse import load_readings, memory
from tests.extract.sandbox.test_pool import children, resident
from tests.hostile.mutations import Mutant, bases, mutants
from transform.form.forms import load_forms
from transform.records import CellRow, Reading, from_json
from transform.rules.evaluate import findings
from transform.rules.load import load_rules
from transform.temporary_tables import fetch_rows

_BATCH: Final = 250
_LEFT_ALONE: Final = "left alone"
CellKey = tuple[str, str, str]


@dataclass
class Harm:
    """What must not be, as sentences; and how the files ended."""

    faults: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    grown_mib: float = 0.0
    children_left: int = 0


@dataclass(frozen=True)
class Answered:
    """A file and the reading of it, as a line of JSON."""

    mutant: Mutant
    line: bytes

    @property
    def reading(self) -> Reading:
        """The reading."""
        return from_json(self.line)


def read_harmed(seed: int, count: int, folder: Path) -> Harm:
    """Read and judge so many files."""
    harm = Harm()
    before = children()
    kept: list[Path] = []
    with Sandbox(WORK, workers=2) as sandbox:
        alone = [Mutant(name, _LEFT_ALONE, data) for name, data in bases().items()]
        sound = {a.mutant.base: a.reading for a in _read(sandbox, alone, folder)}
        harm.faults += [f"{n}: {r.outcome}" for n, r in sound.items() if not r.cells]
        at_first = resident()
        for number, some in enumerate(_batches(_with_some_left_alone(mutants(seed, count)))):
            lines = [a.line for a in _read(sandbox, some, folder)]
            kept.append(folder / f"{number}.jsonl")
            kept[-1].write_bytes(b"\n".join(lines))
            if number == 0:  # what reading needs once
                at_first = resident()
            harm.grown_mib = max(harm.grown_mib, (resident() - at_first) / limits.MIB)
    harm.children_left = len(children() - before)
    for path, some in zip(kept, _batches(_with_some_left_alone(mutants(seed, count))), strict=True):
        lines = path.read_bytes().split(b"\n")
        _judge(harm, sound, [Answered(m, line) for m, line in zip(some, lines, strict=True)])
    return harm


def _with_some_left_alone(harmed: Iterable[Mutant]) -> Iterator[Mutant]:
    for number, mutant in enumerate(harmed):
        is_left = number % 10 == 9
        yield Mutant(mutant.base, _LEFT_ALONE, bases()[mutant.base]) if is_left else mutant


def _batches(of: Iterator[Mutant]) -> Iterator[list[Mutant]]:
    while some := list(islice(of, _BATCH)):
        yield some


def _read(sandbox: Sandbox, some: list[Mutant], folder: Path) -> list[Answered]:
    """An answer for each file, in their order."""
    requests = []
    for number, mutant in enumerate(some):
        path = folder / f"{number}-{mutant.base}"
        path.write_bytes(mutant.data)
        document_id = hashlib.sha256(mutant.data).hexdigest()
        requests.append(ReadRequest(str(path), document_id, len(mutant.data)))
    lines = {answer.document_id: answer.line for answer in read_documents(sandbox, requests)}
    return [Answered(m, lines[r.document_id]) for m, r in zip(some, requests, strict=True)]


def _judge(harm: Harm, sound: dict[str, Reading], answers: list[Answered]) -> None:
    harmed: dict[str, tuple[Mutant, Reading]] = {}
    for answer in answers:
        mutant, reading = answer.mutant, answer.reading
        outcome = reading.outcome
        harm.outcomes[f"{outcome.status} {outcome.reason or ''}".strip()] += 1
        harm.slowest = max(harm.slowest, (outcome.seconds, mutant.name))
        if outcome.reason == Reason.READER_CRASHED:
            harm.faults.append(f"{mutant.name}: {outcome.detail}")
        if outcome.reason is not None and outcome.reason not in set(Reason):
            harm.faults.append(f"{mutant.name}: the reason {outcome.reason!r} is unknown")
        if (outcome.reason is None) != (outcome.status == Status.EXTRACTED):
            harm.faults.append(f"{mutant.name}: {outcome.status} for {outcome.reason}")
        if mutant.way == _LEFT_ALONE:
            if not _same(reading, sound[mutant.base]):
                harm.faults.append(f"{mutant.name}: reads another way than before")
        elif mutant.data != bases()[mutant.base]:
            harmed[reading.document.document_id] = (mutant, reading)
    harm.faults += [f"{name}: {key} changed untold" for name, key in untold(sound, harmed.values())]


def _same(one: Reading, other: Reading) -> bool:
    return (
        replace(
            one,
            document=other.document,
            outcome=replace(one.outcome, seconds=other.outcome.seconds),
        )
        == other
    )


# --- figures that changed


def cells_of(reading: Reading) -> dict[CellKey, CellRow]:
    """The cells by their place in the form."""
    return {(c.table_id, c.row_id, c.col_id): c for c in reading.cells}


def _named_cells(readings: list[Reading]) -> dict[str, dict[str, set[str]]]:
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


def _is_named(key: CellKey, said: dict[str, set[str]], before: dict[str, set[str]]) -> bool:
    """Whether a finding that the sound file does not have is on the cell, or on its table."""
    cell = "|".join(key)
    return any(
        (cell in cells or key[0] in cells) and cell not in before.get(rule, set())
        for rule, cells in said.items()
    )


def _changed(sound: Reading, harmed: Reading) -> list[CellKey]:
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
    sound: dict[str, Reading], harmed: Iterable[tuple[Mutant, Reading]]
) -> list[tuple[str, CellKey]]:
    """The figures that changed without a word: no finding is on them, and the document is not said
    to be damaged.
    """
    harmed = list(harmed)
    named = _named_cells([*sound.values(), *(reading for _, reading in harmed)])
    return [
        (mutant.name, key)
        for mutant, reading in harmed
        if reading.outcome.reason != Reason.DAMAGED
        for key in _changed(sound[mutant.base], reading)
        if not _is_named(
            key,
            named[reading.document.document_id],
            named[sound[mutant.base].document.document_id],
        )
    ]


def main(count: int = 300, seed: int = 1) -> None:
    """Read so many, print how they ended, and fail where something was not nothing."""
    started, cpu = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        harm = read_harmed(seed, count, Path(folder))
    print(f"{count} files of seed {seed}, {len(bases())} sound files")
    print(
        f"{time.monotonic() - started:.0f} s; {time.process_time() - cpu:.0f} s CPU of the parent"
    )
    print(f"parent +{harm.grown_mib:.0f} MiB; {harm.children_left} processes left")
    print(f"slowest {harm.slowest[0]:.1f} s: {harm.slowest[1]}")
    for outcome, number in harm.outcomes.most_common():
        print(f"  {number:6} {outcome}")
    print(f"{len(harm.faults)} faults", *harm.faults[:200], sep="\n  ")
    sys.exit(bool(harm.faults or harm.children_left or harm.grown_mib > 50))


if __name__ == "__main__":
    os.nice(5)
    main(*map(int, sys.argv[1:]))
