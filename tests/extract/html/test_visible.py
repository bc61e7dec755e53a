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
    "td i:nth-child(2){display:none}": "<i>1576</i><i>9</i>",
    "td :not(.s){display:none}": "<b>9</b><i class=s>1576</i>",
    ".h{color:transparent}": "<span class=h>9</span>1576",
    ".h{color:#FFF}": "<span class=h>9</span>1576",
    ".h{height:0;overflow:hidden}": "<div class=h>9</div>1576",
    ".h{display:none!important}": "<span class=h style='display:inline'>9</span>1576",
}
SHOWN = {
    "@media print{.h{display:none}}": "<span class=h>9</span>1576",
    "@media (max-width: 400px){.h{display:none}}": "<span class=h>9</span>1576",
    ".h{display:none}.h{display:inline}": "<span class=h>9</span>1576",
    ".h:hover{display:none}": "<span class=h>9</span>1576",
    ".h{display:none}": "<span class=h style='display:inline'>9</span>1576",
    ".h{font-size:0.9em}": "<span class=h>9</span>1576",
    ".h{color:#fff}td{background:#1f3864}": "<span class=h>9</span>1576",
    ".h{color:#fff}": "<span class=h style='color:#000'>9</span>1576",
    ".h{height:0}": "<div class=h>9</div>1576".replace("div", "span"),
    "i:last-child{display:none}": "<i>9</i><b>1576</b>",
    ".h::before{content:''}": "<span class=h>9</span>1576",
    ".h::before{content:'\\e601'}": "<span class=h>9</span>1576",
}
CELLS = {
    "<span style='visibility:hidden'>9</span>1576": "1576",
    "<span style='mso-hide:all'>9</span>1576": "1576",
    "<ruby>1576<rt>9</rt></ruby>": "1576",
    "1576<span style='color:rgb(255, 255, 255)'>9</span>": "1576",
    "<span style='color:#ffffff'>1576</span>": f"1576{UNREADABLE}",
    "<span style='color:white'>总计</span>": "总计",
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


@pytest.mark.parametrize("content", ["'1'", "attr(data-n)", "counter(n)", "url(one.png)"])
@pytest.mark.parametrize("side", [":before", "::after"])
def test_a_cell_to_which_a_style_sheet_adds_a_number_is_open(content: str, side: str) -> None:
    sheet = f".n{side}{{color:red; content:{content}}}"
    assert UNREADABLE in _first_cell("<span class=n data-n=1>5</span>", sheet)
    assert _first_cell("<span class=n data-n=1></span>", sheet) == UNREADABLE
