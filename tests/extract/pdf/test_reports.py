"""Reports drawn in every style, and published ones, come back exact."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from extract.detect import Format
from extract.pdf.read import READER
from extract.pdf.read import read as read_pdf
from extract.registry import read
from tests.build.draw import random_report
from tests.build.dress import DRESSINGS
from tests.build.pdf_files import STYLES, paper
from tests.build.report import EDITIONS, expected_cells, flow
from transform.form.forms import load_forms
from transform.identity.identify import identify
from transform.tidy import tidy


def cases() -> Iterator[tuple[str, str, str]]:
    """Every style with two editions, one of them dressed; over all styles every edition comes
    several times.
    """
    for i, style in enumerate(STYLES):
        yield style, EDITIONS[i % 5], "plain"
        yield style, EDITIONS[(i + 2) % 5], "everything"


@pytest.mark.parametrize(("style", "edition", "dressing"), list(cases()))
def test_a_report_drawn_in_any_style_is_exact(style: str, edition: str, dressing: str) -> None:
    rng = Random(f"{style} {edition}")
    report = DRESSINGS[dressing](random_report(11, edition), rng)
    kind, document = read(paper(flow(report, rng.choice((4, 5))), STYLES[style], rng))
    identity = identify(document)
    result = tidy(document, load_forms(), identity.year)
    assert kind is Format.PDF
    assert document.reader == READER
    assert identity.year == report.year
    got = {(c.table_id, c.row_id, c.col_id): (c.state, c.value, c.unit) for c in result.cells}
    assert {k: got.get(k) for k in expected_cells(report)} == {
        k: tuple(v) for k, v in expected_cells(report).items()
    }
    assert all(c.page is not None and c.bbox for c in result.cells if c.state != "absent")


@pytest.mark.parametrize(("name", "count"), [("001", 186), ("003", 200)])
def test_real_reports_are_exact(shared_dir: Path, name: str, count: int) -> None:
    truth = json.loads(
        (shared_dir / "corpus" / "truth" / f"{name}.json").read_text(encoding="utf-8")
    )
    document = read_pdf((shared_dir / "corpus" / "raw" / f"{name}.pdf").read_bytes())
    got = {
        f"{c.table_id}|{c.row_id}|{c.col_id}": (c.state, c.value)
        for c in tidy(document, load_forms(), truth["year"]).cells
    }
    want = {
        k: (v["state"], None if v["value"] is None else Decimal(v["value"]))
        for k, v in truth["cells"].items()
    }
    assert len(want) == count
    assert {k: got.get(k) for k in want} == want
