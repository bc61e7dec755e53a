"""Passages of the kinds that reports have: nearly every figure is read, and none that is not
there.
"""

from typing import Final

import pytest

from tests.transform.narrative.passages import PASSAGES
from tests.transform.narrative.reports import FORMS, SEVEN, report_with, stated
from transform.narrative.compared import count_compared

PREFIXES: Final = {"D": "disputes", "P": "proactive", "F": "fees"}
BESIDE: Final = ("scope", "parts", "share", "growth", "period", "fees.mentioned")


def expected(truth: str) -> set[str]:
    figures = set()
    for figure in truth.split():
        head, _, rest = figure.partition(".")
        figures.add(f"{PREFIXES[head]}.{rest}" if head in PREFIXES else f"requests.{figure}")
    return figures


def read(passage: str) -> set[str]:
    return {s for s in stated(passage) if not s.startswith(BESIDE)}


@pytest.mark.parametrize(("passage", "truth"), PASSAGES)
def test_no_figure_is_read_that_is_not_there(passage: str, truth: str) -> None:
    assert read(passage) <= expected(truth)


def test_nearly_all_figures_are_read() -> None:
    wanted = [(passage, figure) for passage, truth in PASSAGES for figure in expected(truth)]
    found = [figure for passage, figure in wanted if figure in read(passage)]
    assert len(PASSAGES) >= 80 and len(found) >= 0.95 * len(wanted)


def test_the_figures_that_were_compared_are_counted() -> None:
    def compared(*lines: str) -> int:
        made = report_with(1, *lines, rest=())
        return count_compared(made.statements, made.tables, made.cells, FORMS)

    assert compared("主动公开政府信息1203条。") == 0
    assert compared(SEVEN) == 10
    assert (
        compared("2022年制发行政规范性文件3件，发出收费通知3件。") == 1
    )  # it has no table of fees
    assert compared("收到政府信息公开申请4件。", "共收到政府信息公开申请4件。") == 1
