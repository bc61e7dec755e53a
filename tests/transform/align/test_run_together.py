"""Tables whose cells run together: most is read, and never a wrong number, whatever the report's
own faults are.
"""

import random
from collections import Counter
from dataclasses import replace

import pytest

from extract.text.read import read
from tests.build.draw import random_report
from tests.build.dress import DRESSINGS
from tests.build.report import Report, expected_cells, official_tables
from transform.align.run_together import FORCED
from transform.form.forms import load_forms
from transform.tidy import tidy

REPORTS = [(seed, edition) for seed in range(24) for edition in ("2019", "2021", "hybrid")]


def flattened(report: Report, rng: random.Random) -> bytes:
    """The report with its tags stripped: labels and numbers one behind the other, with a stray
    blank here and there.
    """
    parts = [f"标题: {report.agency}{report.year}年政府信息公开工作年度报告\n"]
    for table in official_tables(report):
        for anchor in sorted(table.anchors, key=lambda a: (a.row, a.col)):
            parts.append(anchor.text + (" " if rng.random() < 0.05 else ""))
    return "".join([*parts, "五、存在的主要问题及改进情况"]).encode()


def with_faults(report: Report, rng: random.Random) -> Report:
    """One or two cells of the tables with sums changed, so that sums fail."""
    figures = dict(report.figures)
    for _ in range(rng.choice([1, 2])):
        key = rng.choice([k for k in figures if k[0] != "proactive"])
        figures[key] = str(
            rng.choice(
                [0, 1, int(figures[key]) + 1, int(figures[key]) * 10, int(figures[key] + "3")]
            )
        )
    return replace(report, figures=figures)


def outcome(report: Report, rng: random.Random) -> Counter[str]:
    """How many cells come out right, wrong or not at all."""
    cells = {
        (c.table_id, c.row_id, c.col_id): c
        for c in tidy(read(flattened(report, rng)), load_forms(), report.year).cells
    }
    count: Counter[str] = Counter()
    for key, wanted in expected_cells(report).items():
        cell = cells.get(key)
        lost = cell is None or cell.state == "absent"
        count[
            "lost"
            if lost
            else "right"
            if cell is not None and cell.value == wanted.value
            else "wrong"
        ] += 1
    return count


def test_clean_reports_are_read_to_nine_tenths_and_nothing_wrongly() -> None:
    total: Counter[str] = Counter()
    for seed, edition in REPORTS:
        rng = random.Random(seed)
        total += outcome(random_report(seed, edition, mean=rng.choice([5, 40, 400])), rng)
    assert total["wrong"] == 0
    assert total["right"] > 0.9 * total.total()


@pytest.mark.parametrize("fault", ["faults", "blanks", "some_blanks"])
def test_reports_with_faults_or_blanks_give_no_wrong_number(fault: str) -> None:
    total: Counter[str] = Counter()
    for seed, edition in REPORTS:
        rng = random.Random(seed)
        report = random_report(seed, edition, mean=rng.choice([5, 40, 400]))
        total += outcome(
            with_faults(report, rng) if fault == "faults" else DRESSINGS[fault](report, rng), rng
        )
    assert total["wrong"] == 0
    assert total.total() > 0


def test_a_number_cut_by_sums_says_so() -> None:
    report = random_report(3, "2021", mean=40)
    result = tidy(read(flattened(report, random.Random(1))), load_forms(), report.year)
    decided = [c for c in result.cells if c.value is not None and c.confidence < FORCED]
    assert decided
    assert all(
        c.reader == "text+rules" and c.confidence < 1 for c in result.cells if c.state != "absent"
    )
    assert ("requests", "row.cut_by_sums") in {(r.table_id, r.code) for r in result.remarks}
