"""Small files that would cost much are refused by what they hold, long before the time limit."""

import time

import pytest

from extract.document import ReadError, Reason
from extract.registry import read

RULES = "".join(f".a{n} b{{display:none}}" for n in range(20_000))
COSTLY = {
    "a digit a line": "1\n" * 700_000,
    "bars": ("|" * 20 + "\n") * 100_000,
    "tabs": ("\t1" * 20 + "\n") * 50_000,
    "commas": "1,2,3,4,5,6,7\n" * 150_000,
    "headings": "二、主动公开政府信息情况\n" * 60_000,
    "blanks": (" " * 40 + "1\n") * 50_000,
    "cells in a row": f"<table><tr>{'<td>1</td>' * 200_000}</tr></table>",
    "style rules": f"<style>{RULES}</style>{'<p class=a1>1</p>' * 20_000}",
}


@pytest.mark.parametrize("name", COSTLY)
def test_costly_files_cost_little(name: str) -> None:
    """Measured 0.1 to 2 s of processor time; without limits 3 to 20."""
    data = COSTLY[name].encode()
    started = time.process_time()
    try:
        _, document = read(data)
        said = document.flaw[0] if document.flaw else None
    except ReadError as error:
        said = error.reason
    assert said is Reason.TOO_LARGE
    assert time.process_time() - started < 5
