"""Values of one line to columns: in order, by place, and not at all where these contradict each
other or neither tells.
"""

import pytest

from extract.document import Cell
from transform.align.columns import ColumnMap
from transform.align.values import UNNAMED, Extents, place_values
from transform.form.forms import load_forms

BLOCK = load_forms().table("2019", "proactive").blocks[0]  # three columns
ONE = load_forms().table("2021", "proactive").blocks[1]  # one column
ORDER = ("made", "disclosed", "public_total")
PLACES: Extents = {"made": (1, 2), "disclosed": (2, 3), "public_total": (3, 4)}


def cells(*texts: str, start: int = 1, spans: tuple[int, ...] = ()) -> tuple[Cell, ...]:
    out, at = [], start
    for i, text in enumerate(texts):
        width = spans[i] if spans else 1
        out.append(Cell(text, 5, at, 1, width))
        at += width
    return tuple(out)


def placed(
    values: tuple[Cell, ...], columns: ColumnMap | None = None, extents: Extents | None = None
) -> dict[str, str] | None:
    """Texts by column; `*` behind those that stand over several columns."""
    found, _ = place_values(
        values, columns or ColumnMap(ORDER), BLOCK, PLACES if extents is None else extents
    )
    return (
        None
        if found is None
        else {c: cell.text + "*" * shared for c, (cell, shared) in found.items()}
    )


def test_as_many_values_as_columns_go_in_order() -> None:
    assert placed(cells("1", "2", "3")) == {"made": "1", "disclosed": "2", "public_total": "3"}


def test_order_goes_before_spans_that_drift() -> None:
    drifted = {"made": (1, 2), "disclosed": (2, 4), "public_total": (4, 5)}
    assert placed(cells("1", "2", "3", spans=(2, 1, 1)), extents=drifted) == {
        "made": "1",
        "disclosed": "2",
        "public_total": "3",
    }


def test_a_cell_over_two_columns_is_shared() -> None:
    assert placed(cells("1", "2", spans=(2, 1))) == {
        "made": "1*",
        "disclosed": "1*",
        "public_total": "2",
    }


def test_a_wide_cell_and_one_beside_are_as_many_by_chance() -> None:
    assert placed(cells("1", "2", "3", spans=(2, 1, 1))) is None


def test_a_line_with_a_cell_too_few_tells_nothing() -> None:
    assert placed(cells("1", "2")) is None
    assert placed(cells("1", "2"), extents={}) is None


def test_an_empty_label_cell_before_the_values_is_none_of_them() -> None:
    assert placed(cells("", "1", "2", "3", start=0)) == {
        "made": "1",
        "disclosed": "2",
        "public_total": "3",
    }


def test_a_figure_under_no_label_is_kept_beside() -> None:
    assert placed(cells("1", "2", "3", "9")) == {
        "made": "1",
        "disclosed": "2",
        "public_total": "3",
        f"{UNNAMED}4": "9",
    }


def test_a_blank_first_value_is_not_dropped_for_a_figure_behind() -> None:
    """Without places nobody knows whether the first or the last of four cells is one too many."""
    assert placed(cells("", "2", "3", "9"), extents={}) is None
    assert placed(cells("", "2", "3", "9")) == {
        "made": "",
        "disclosed": "2",
        "public_total": "3",
        f"{UNNAMED}4": "9",
    }


def test_as_many_figures_beside_as_columns_may_be_another_years() -> None:
    wide = {"made": (1, 2), "disclosed": (3, 4), "public_total": (5, 6)}
    assert placed(cells("1", "11", "2", "12", "3", "13"), extents=wide) is None


def test_two_cells_under_one_label_tell_nothing() -> None:
    assert (
        placed(
            cells("1", "", "2", "", "3", ""),
            extents={"made": (1, 3), "disclosed": (3, 5), "public_total": (5, 7)},
        )
        is None
    )


def test_a_blank_cell_that_the_header_has_under_its_row_labels_is_no_value() -> None:
    """The last cell of the line is cut off: what is left is as many as columns, and each would slip
    by one.
    """
    assert placed(cells("", "1", "2", start=0), ColumnMap(ORDER, extents=PLACES), {}) is None


def test_a_label_among_the_values_makes_the_line_none_of_the_form() -> None:
    assert placed(cells("本年新制作数量", "1", "2")) is None


def test_columns_that_are_not_known_take_nothing() -> None:
    assert placed(cells("1", "2", "3"), ColumnMap(())) is None


def test_a_header_that_lacks_a_label_is_filled_from_the_form_where_the_line_is_complete() -> None:
    short = ColumnMap(("made", "public_total"), extents={"made": (1, 2), "public_total": (3, 4)})
    found, by_order = place_values(cells("1", "2", "3"), short, BLOCK, short.extents)
    assert found is not None and {c: cell.text for c, (cell, _) in found.items()} == {
        "made": "1",
        "disclosed": "2",
        "public_total": "3",
    }
    assert by_order
    assert placed(cells("", "1", "2", start=0), short, short.extents) != {
        "made": "",
        "disclosed": "1",
        "public_total": "2",
    }


@pytest.mark.parametrize(
    ("texts", "said"),
    [(("5", "", ""), "5"), (("", "5", ""), "5"), (("", "", "5"), "5"), (("5", "", "7"), None)],
)
def test_one_value_among_blanks_is_that_of_a_single_column(
    texts: tuple[str, ...], said: str | None
) -> None:
    found, _ = place_values(cells(*texts), ColumnMap(("decisions",), by_order=True), ONE, {})
    assert (found["decisions"][0].text if found else None) == said


def test_below_a_header_of_other_words_even_that_is_doubtful() -> None:
    found, _ = place_values(
        cells("5", ""), ColumnMap(("decisions",), by_order=True, whole=True), ONE, {}
    )
    assert found is None


def test_under_no_header_blank_cells_behind_a_figure_for_each_column_are_padding() -> None:
    lost = ColumnMap(ORDER, by_order=True)
    assert placed(cells("1", "2", "3", ""), lost, {}) == {
        "made": "1",
        "disclosed": "2",
        "public_total": "3",
    }
    assert placed(cells("1", "", "3", ""), lost, {}) is None
    assert placed(cells("", "2", "3", "4"), lost, {}) is None


def test_two_numbers_in_one_cell_and_a_blank_last_one_are_a_shift() -> None:
    assert placed(cells("25\n182", "7", "")) is None
    assert placed(cells("1\n0", "7", "")) is not None, "a number that wraps"
    assert placed(cells("25\n182", "7", "8")) is not None
