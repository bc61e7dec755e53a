"""A cell of a page reads as a person sees it."""

import pytest

from extract.document import UNREADABLE
from extract.html.read import read

SHEETS = {
    ".h{display:none}": "<span class=h>9</span>1576",
    "@media screen{.h{display:none}}": "<span class=h>9</span>1576",
    ".h{visibility:hidden}": "<span class=h>9</span>1576",
    ".h{font-size:0}": "<span class=h>9</span>1576",
    ".h{opacity:0}": "<span class=h>9</span>1576",
    ".h{position:absolute;left:-9999px}": "<span class=h>9</span>1576",
    ".h{position:absolute;clip:rect(0,0,0,0)}": "<span class=h>9</span>1576",
    "td .h{display:none}.h{display:inline}": "<span class=h>9</span>1576",
    ".h{display:none!important}": "<span class=h style='display:inline'>9</span>1576",
}
SHOWN = {
    "@media print{.h{display:none}}": "<span class=h>9</span>1576",
    "@media (max-width: 400px){.h{display:none}}": "<span class=h>9</span>1576",
    ".h{display:none}.h{display:inline}": "<span class=h>9</span>1576",
    ".h:hover{display:none}": "<span class=h>9</span>1576",
    ".h{display:none}": "<span class=h style='display:inline'>9</span>1576",
    ".h{font-size:0.9em}": "<span class=h>9</span>1576",
}
CELLS = {
    "<span style='visibility:hidden'>9</span>1576": "1576",
    "<span style='mso-hide:all'>9</span>1576": "1576",
    "<ruby>1576<rt>9</rt></ruby>": "1576",
    "1576<sub>1</sub>": "1576₁",
    "1576<span style='vertical-align:5px'>1</span>": "1576¹",
    "1576<span style='position:relative;top:-4px'>1</span>": "1576¹",
    "1576<span style='position:relative;top:4px'>1</span>": "1576₁",
    "<input type=text value=1576>": "1576",
    "<input type=hidden value=1576>": "",
    "<input type=checkbox>": UNREADABLE,
    "<select><option>3<option selected>1576</select>": "1576",
    "<select><option>1576<option>3</select>": "1576",
    "<textarea>1576</textarea>": "1576",
    "<img src=d.png alt=1576>": UNREADABLE,
    "157<img src=d.png>": f"157{UNREADABLE}",
    "总计<img src=d.png>": "总计",
    "<img src=d.gif width=1 height=1>": "",
    "<script>w(1576)</script>": UNREADABLE,
    "<table><tr><td>1576</td></tr></table>": "1576",
}


def _first_cell(content: str, sheet: str = "") -> str:
    rows = f"<tr><td>{content}</td><td>2</td></tr><tr><td>3</td><td>4</td></tr>"
    page = f"<html><head><style>{sheet}</style></head><body><table>{rows}</table></body></html>"
    return read(page.encode()).grids[0].cells[0].text


@pytest.mark.parametrize("sheet", SHEETS)
def test_what_a_style_sheet_hides_joins_no_number(sheet: str) -> None:
    assert _first_cell(SHEETS[sheet], sheet) == "1576"


@pytest.mark.parametrize("sheet", SHOWN)
def test_what_a_style_sheet_shows_is_read(sheet: str) -> None:
    assert _first_cell(SHOWN[sheet], sheet) == "91576"


@pytest.mark.parametrize("content", CELLS)
def test_a_cell_reads_as_a_person_sees_it(content: str) -> None:
    assert _first_cell(content) == CELLS[content]


def test_a_hidden_table_is_not_read_beside_a_shown_one() -> None:
    table = "<table{}><tr><td>{}</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>"
    page = (
        f"<style>.old{{display:none}}</style>{table.format(' class=old', 7)}{table.format('', 8)}"
    )
    assert [grid.cells[0].text for grid in read(page.encode()).grids] == ["8"]
