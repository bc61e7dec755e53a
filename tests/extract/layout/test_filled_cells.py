"""Areas of colour that are the cells of a table: which are, and where their sides stand."""

import numpy as np

from extract.document import BBox
from extract.layout.filled_cells import find_filled_cells
from extract.layout.pages import PageContent, build_document
from extract.layout.text_lines import Glyph, glyphs_from
from tests.extract.layout.test_ruled_tables import in_box

HIGH, WIDE, GAP = 17.0, 60.0, 0.8


def areas_of(left: float, top: float, rows: int, cols: int) -> list[BBox]:
    """Cells with narrow gaps between them, row by row."""
    return [
        (left + c * WIDE, top + r * HIGH, left + (c + 1) * WIDE - GAP, top + (r + 1) * HIGH - GAP)
        for r in range(rows)
        for c in range(cols)
    ]


def grids_of(areas: list[BBox], glyphs: list[Glyph]) -> list[list[str]]:
    page = PageContent(1, 595, 842, glyphs_from(glyphs), [], 0.0, 0, 0, 0, areas)
    return [[c.text for c in grid.cells] for grid in build_document([page], "pdf").grids]


def words_in(areas: list[BBox], texts: list[str]) -> list[Glyph]:
    return [g for box, text in zip(areas, texts, strict=True) for g in in_box(text, *box)]


def test_a_side_that_ends_early_is_that_of_its_row() -> None:
    """As a browser draws the background of a cell that goes on from the page before."""
    areas = areas_of(60, 100, 3, 4)
    left, top, right, bottom = areas[4]
    areas[4] = (left, top, right, bottom - 5.2)
    found = np.array(find_filled_cells(areas, []))
    assert sorted(set(found[:, 3].tolist())) == sorted(
        {round(box[3], 1) for box in areas[::4]} - {round(bottom - 5.2, 1)} | {round(bottom, 1)}
    )


def test_a_cell_that_ends_early_loses_no_cell() -> None:
    areas = areas_of(60, 100, 3, 4)
    texts = [str(n) for n in range(12)]
    glyphs = words_in(areas, texts)
    left, top, right, bottom = areas[4]
    areas[4] = (left, top, right, bottom - 5.2)
    assert grids_of(areas, glyphs) == [texts]


def test_a_table_that_is_none_takes_no_other_with_it() -> None:
    """Below a table stand areas around a place that holds words and is not filled."""
    cells, around = areas_of(60, 100, 2, 3), areas_of(60, 300, 3, 3)
    texts = ["甲", "1", "2", "乙", "3", "4"]
    glyphs = [*words_in(cells, texts), *words_in(around, ["丙", "5", "6"] * 3)]
    assert grids_of([*cells, *around], glyphs) == [texts, ["丙", "5", "6"] * 3]
    assert grids_of([*cells, *around[:4], *around[5:]], glyphs) == [texts]


def test_stripes_are_no_tables_of_one_row_each() -> None:
    """Every other row of a table without lines is filled: all rows are read alike."""
    areas = areas_of(60, 100, 6, 4)
    texts = [word for n in range(6) for word in (f"{'甲乙丙丁戊己'[n]}类信息", f"{n}", "2", "3")]
    stripes = [box for n, box in enumerate(areas) if n // 4 % 2]
    assert grids_of(stripes, words_in(areas, texts)) == [texts]
