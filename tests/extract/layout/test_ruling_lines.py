"""Lines of a page, with a table that a page break cuts: the grids that they draw."""

import numpy as np

from extract.layout.ruling_lines import RulingLine, find_ruled_grids


def lines_of(xs: list[float], ys: list[float]) -> list[RulingLine]:
    """The lines of a plain table."""
    return [RulingLine(xs[0], y, xs[-1], y) for y in ys] + [
        RulingLine(x, ys[0], x, ys[-1]) for x in xs
    ]


def test_upright_lines_beside_a_table_as_high_as_it_are_of_it() -> None:
    # a page in the middle of a table: cells that reach over all of it have no lower line here
    rules = lines_of([80, 140, 200, 260], [0, 30, 60])
    beside = [RulingLine(x, 0, x, 60) for x in (0, 40)]
    lower = [RulingLine(x, 0, x, 40) for x in (0, 40)]
    cx, cy = np.array([20.0, 60.0, 110.0, 170.0]), np.array([15.0, 15.0, 15.0, 45.0])
    [grid] = find_ruled_grids([*rules, *beside], cx, cy, 8.0)
    assert (grid.xs, grid.ys) == ([0, 40, 80, 140, 200, 260], [0, 30, 60])
    assert grid.across[1] == [False, False, True, True, True]
    [grid] = find_ruled_grids([*rules, *lower], cx, cy, 8.0)
    assert grid.xs == [80, 140, 200, 260]


def test_an_empty_row_lower_than_the_type_is_none() -> None:
    # a browser ends a cell that goes on from the page before too early, here at 13.5
    rules = [*lines_of([0, 60, 120], [0, 20, 40]), RulingLine(0, 13.5, 60, 13.5)]
    cx, cy = np.array([30.0, 90.0, 30.0, 90.0]), np.array([8.0, 8.0, 30.0, 30.0])
    [grid] = find_ruled_grids(rules, cx, cy, 12.0)
    assert len(grid.ys) == 3
    [grid] = find_ruled_grids(rules, cx, cy, 8.0)
    assert len(grid.ys) == 4
