"""Small pages and tables in markup, and what the reader gives of them."""

from extract.document import Grid, texts
from extract.html.read import read
from tests.extract.documents import rows_of


def page(body: str, head: str = "") -> bytes:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    ).encode()


def grids(body: str) -> list[Grid]:
    return read(page(body)).grids


def only_rows(body: str) -> list[list[str]]:
    found = grids(body)
    assert len(found) == 1
    return rows_of(found[0])


def lines(body: str) -> list[str]:
    """The prose of a page that has a table too, so that it is not judged for want of text."""
    return texts(read(page(body + DATA)).blocks)


def cell(inside: str) -> str:
    """What is read of one cell with such markup in it."""
    return only_rows(f"<table><tr><td>标签</td><td>{inside}</td></tr></table>")[0][1]


def tr(*cells: str) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def td(text: str = "", down: object = None, across: object = None) -> str:
    return (
        f"<td{'' if down is None else f' rowspan={down!r}'}"
        f"{'' if across is None else f' colspan={across!r}'}>{text}</td>"
    )


DATA = "<table><tr><td>甲</td><td>乙</td></tr><tr><td>1</td><td>2</td></tr></table>"

ROWS = [["甲", "乙"], ["1", "2"]]


def form(down: int) -> str:
    """Five rows of three values under a vertical label that states `down` rows where four are
    right, and a closing row.
    """
    rows = [
        tr(td("项", None, 3), *map(td, "甲乙丙")),
        tr(td("三", down), td("（一）", None, 2), *map(td, "123")),
        tr(td("（二）", 2), td("a"), *map(td, "456")),
    ]
    rows += [
        tr(td("b"), *map(td, "789")),
        tr(td("（七）", None, 2), *map(td, "345")),
        tr(td("四", None, 3), *map(td, "678")),
    ]
    return f"<table>{''.join(rows)}</table>"
