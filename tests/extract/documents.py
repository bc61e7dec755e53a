"""Tests of the readers, and what more than one of them needs: random tables with merged cells."""

from hypothesis import strategies as st

from extract.document import Cell, Grid


@st.composite
def merged_tables(draw: st.DrawFn, rows: int = 6, columns: int = 6) -> list[Cell]:
    """Anchors that tile a table without gap or overlap, each with a text of its own; at least two
    of them.
    """
    height, width = draw(st.integers(1, rows)), draw(st.integers(2, columns))
    taken = [[False] * width for _ in range(height)]
    cells: list[Cell] = []
    for r in range(height):
        for c in range(width):
            if taken[r][c]:
                continue
            free = next((i for i in range(c, width) if taken[r][i]), width) - c
            across = draw(st.integers(1, free if (r, c) != (0, 0) else max(1, width - 1)))
            down = draw(st.integers(1, height - r))
            for rr in range(r, r + down):
                taken[rr][c : c + across] = [True] * across
            cells.append(
                Cell(
                    draw(st.sampled_from(["", "总计", "0", "12", "1.其他"])) + str(len(cells)),
                    r,
                    c,
                    down,
                    across,
                )
            )
    return cells


def with_used_columns(cells: list[Cell]) -> list[Cell]:
    """The same anchors counted in the columns at which some cell begins."""
    starts = sorted({c.col for c in cells})
    column = {
        edge: sum(s < edge for s in starts) for c in cells for edge in (c.col, c.col + c.col_span)
    }
    return [
        Cell(c.text, c.row, column[c.col], c.row_span, column[c.col + c.col_span] - column[c.col])
        for c in cells
    ]


def rows_of(grid: Grid) -> list[list[str]]:
    """The texts of the anchors that begin in each row."""
    return [[c.text for c in grid.cells if c.row == r] for r in range(grid.n_rows)]


def places_of(grid: Grid) -> list[tuple[str, int, int, int, int]]:
    """Text, row, column, rows down and columns across of each anchor."""
    return [(c.text, c.row, c.col, c.row_span, c.col_span) for c in grid.cells]
