"""Pages built to harm, damaged bytes, and tables and cells beyond the limits."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.document import UNREADABLE, Document, ReadError, Reason
from extract.html.read import read
from tests.cost import cost
from tests.extract.documents import rows_of
from tests.extract.html.markup import DATA, ROWS, form, lines, page, td, tr


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 100_000,
        "<div>" * 100_000 + DATA + "</div>" * 100_000,
        "<span>" * 100_000,
        "<table><tr><td>" * 33_000,
        "<ul><li>" * 50_000,
        "<b>" * 100_000,
    ],
    ids=["div", "closed", "span", "table", "list", "bold"],
)
def test_pages_too_deep_are_refused_at_once(text: str) -> None:
    def refused() -> None:
        with pytest.raises(ReadError) as error:
            read(text.encode())
        assert error.value.reason is Reason.XML_GUARD

    assert cost(refused) < 1


def test_depth_beyond_python_s_own_is_walked() -> None:
    assert rows_of(read(page("<div>" * 4_000 + DATA)).grids[0]) == ROWS


def test_many_tags_that_are_not_deep_are_read() -> None:
    assert lines("<p>字<p>号" * 6_000) == ["字", "号"] * 6_000


@pytest.mark.parametrize("rows", [tr(td("1"), td("2")) * 501, tr(*[td("1")] * 61)])
def test_a_table_beyond_the_limits_costs_that_table_alone(rows: str) -> None:
    document = read(page(f"<p>字</p><table>{rows}</table>" + DATA))
    assert document.grids == read(page(DATA)).grids and document.paragraphs[0].text == "字"
    assert document.flaw is not None and document.flaw[0] is Reason.TOO_LARGE


def test_a_cell_beyond_the_limit_is_open_and_its_words_are_prose() -> None:
    document = read(page(f"<table>{tr(td('字' * 4001), td('1'))}</table>"))
    assert [cell.text for cell in document.grids[0].cells] == [UNREADABLE, "1"]
    assert [p.text for p in document.paragraphs] == ["字" * 4001] and document.flaw is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<table><tr><td>" * 40 + DATA, Reason.XML_GUARD),
    ],
)
def test_refusals(body: str, reason: Reason) -> None:
    with pytest.raises(ReadError) as error:
        read(page(body))
    assert error.value.reason is reason


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=300)
def test_damaged_bytes_end_in_a_named_refusal_or_a_sound_document(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(page(form(4) + f"<p>政府信息公开</p><div style='display:none'>x</div>{DATA}"))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data))
        match chance.randrange(3):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randrange(40)]
            case _:
                data[at:at] = chance.choice(
                    [
                        b"<table>",
                        b"<td rowspan=9>",
                        b"</tr>",
                        b'\\"',
                        b"<!--",
                        b"{{",
                        b"\0",
                        b"<script>",
                    ]
                )
    try:
        document = read(bytes(data))
    except ReadError:
        return
    assert isinstance(document, Document)
    for grid in document.grids:
        assert all(
            c.row + c.row_span <= grid.n_rows and c.col + c.col_span <= grid.n_cols
            for c in grid.cells
        )
