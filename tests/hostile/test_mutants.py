"""Harmed files: none breaks a reader, each ends with a reason of the closed list, and no figure
becomes another one, or a blank, without a word.
"""

import hashlib
from pathlib import Path

import pytest

from extract.document import Reason
from flows.steps.read import read_document
from flows.steps.request import ReadRequest
from tests.conftest import more_at_night
from tests.hostile.harm import cells_of, read_harmed, untold
from tests.hostile.mutations import Mutant, bases
from transform.records import Reading

SEED = 20260101


def read(path: Path, data: bytes) -> Reading:
    path.write_bytes(data)
    request = ReadRequest(str(path), hashlib.sha256(data).hexdigest(), len(data))
    reading = read_document(request)
    assert isinstance(reading, Reading)
    return reading


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


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("2019-html-word.html", b"</tr>"),
        ("2021-pdf-line.pdf", b"/W ["),
        ("2021-txt-tabs.txt", b"\t"),
    ],
)
def test_zeros_in_place_of_a_part_are_damage(name: str, figure: bytes, tmp_path: Path) -> None:
    """Single zeros, and zeros behind the end, are not."""
    data = bases()[name]
    at = data.index(figure) + 1
    harmed = read(tmp_path / name, data[:at] + bytes(16) + data[at + 16 :])
    assert harmed.outcome.reason == Reason.DAMAGED
    assert "zeros stand for a part of the file" in (harmed.outcome.detail or "")
    behind = read(tmp_path / name, data.rstrip() + b"\n" + (bytes(2) if b"<" in data else b""))
    assert behind.outcome.reason is None


def test_harmed_files_end_in_a_word_and_never_in_another_figure(tmp_path: Path) -> None:
    count = more_at_night(300, 3_000)
    harm = read_harmed(SEED, count, tmp_path)
    assert harm.faults == []
    assert sum(harm.outcomes.values()) == count
    assert harm.children_left == 0
    assert harm.grown_mib <= 50
