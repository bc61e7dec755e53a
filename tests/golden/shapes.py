"""Tools to bend a report's tables: a table as a dense matrix of cells, and back.

`matrix_of(table)` gives rows of `Anchor`s, a merged one standing at every position that it covers;
after any rearrangement `table_of` merges again what still touches. A cell that carries a `key`
carries it along, so that the truth of a bent report is still what its cells say (`truth_of`).
`word` makes a new cell without a key, `silent` a copy of a cell that is not the report's.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from random import Random

from tests.build.draw import random_report
from tests.build.report import (
    Anchor,
    Expected,
    Flow,
    Key,
    Line,
    Report,
    TableLayout,
    anchors_of,
    flow,
    keys,
    read_printed,
    unit_of,
)

Row = list[Anchor]
Matrix = list[Row]
TableChange = Callable[[TableLayout], TableLayout | Sequence[TableLayout | Line]]


def numbered(edition: str, fees: bool = False) -> Report:
    """A report in which every figure is another number, so that a figure in a wrong place shows;
    its sums do not hold.
    """
    base = random_report(5, edition, fees=fees)
    every = [*keys(edition), *(k for k in base.figures if k[0] == "fees")]
    return replace(base, figures={k: str(101 + n) for n, k in enumerate(every)})


def sparse(edition: str, seed: int, blank: str = "") -> Report:
    """`numbered` with four cells in ten left blank (or printed as `blank`)."""
    rng = Random(seed)
    base = numbered(edition)
    return replace(
        base, figures={k: blank if rng.random() < 0.4 else t for k, t in base.figures.items()}
    )


def word(text: str = "") -> Anchor:
    """A cell that is no figure of the form."""
    return Anchor(text, 0, 0)


def words(*texts: str) -> Row:
    """A row of such cells."""
    return [word(text) for text in texts]


def silent(cell: Anchor, text: str | None = None) -> Anchor:
    """The same cell as a figure that the report is not judged by."""
    return replace(cell, text=cell.text if text is None else text, key=None)


def matrix_of(table: TableLayout) -> Matrix:
    """Dense rows; a position that no cell covers gets an empty cell of its own."""
    return [[cell if cell is not None else word() for cell in row] for row in table.matrix()]


def table_of(matrix: Matrix, table_id: str, head_rows: int = 0) -> TableLayout:
    """The inverse of `matrix_of`: equal neighbours (one cell object) merge, parts of a cell torn
    apart become cells of their own.
    """
    width = max(map(len, matrix))
    rows = [[*row, *(word() for _ in range(width - len(row)))] for row in matrix]
    taken = [[False] * width for _ in rows]
    anchors: list[Anchor] = []
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if taken[r][c]:
                continue
            right = c + 1
            while right < width and row[right] is cell and not taken[r][right]:
                right += 1
            below = r + 1
            while below < len(rows) and all(
                rows[below][x] is cell and not taken[below][x] for x in range(c, right)
            ):
                below += 1
            for y in range(r, below):
                taken[y][c:right] = [True] * (right - c)
            anchors.append(Anchor(cell.text, r, c, below - r, right - c, cell.key))
    return TableLayout(table_id, tuple(anchors), len(rows), width, head_rows)


def without_keys(table: TableLayout) -> TableLayout:
    """The same table as one that the report is not judged by."""
    return replace(table, anchors=tuple(silent(a) for a in table.anchors))


def bent(report: Report, **changes: TableChange) -> Flow:
    """The report's flow with some of its tables changed: a change may give one table, or several
    blocks in its place.
    """
    out: Flow = []
    for block in flow(report):
        change = changes.get(block.table_id) if isinstance(block, TableLayout) else None
        if change is None or not isinstance(block, TableLayout):
            out.append(block)
            continue
        changed = change(block)
        out.extend([changed] if isinstance(changed, TableLayout) else changed)
    return out


def on_matrix(change: Callable[[Matrix], Matrix]) -> TableChange:
    """A change of the matrix as a change of the table."""
    return lambda table: table_of(change(matrix_of(table)), table.table_id, table.head_rows)


def before(blocks: Flow, table_id: str, *new: Line | TableLayout) -> Flow:
    """The flow with `new` before the heading that stands above the table (or before the table where
    none does).
    """
    at = next(
        i for i, b in enumerate(blocks) if isinstance(b, TableLayout) and b.table_id == table_id
    )
    at = max(
        (i for i, b in enumerate(blocks[:at]) if isinstance(b, Line) and b.role == "heading"),
        default=at,
    )
    return [*blocks[:at], *new, *blocks[at:]]


def beside(
    blocks: Flow,
    table_id: str,
    above: Iterable[Line | TableLayout] = (),
    below: Iterable[Line | TableLayout] = (),
) -> Flow:
    """The flow with blocks directly above and below a table."""
    out: Flow = []
    for block in blocks:
        here = isinstance(block, TableLayout) and block.table_id == table_id
        out += [*(above if here else ()), block, *(below if here else ())]
    return out


def truth_of(blocks: Flow, edition: str) -> dict[Key, Expected]:
    """What the figures of a flow say, by the grammar of `tests.build.report`; words that are no
    number are text.
    """
    found: dict[Key, Expected] = {}
    for anchor in anchors_of(blocks):
        if anchor.key is None or anchor.key in found:
            continue
        unit = unit_of(anchor.key, edition)
        try:
            state, value, printed = read_printed(anchor.text)
        except ValueError:
            state, value, printed = "text", None, None
        found[anchor.key] = Expected(state, value, printed or unit)
    return found
