"""Shadows around boxes, as browsers print them: filled rectangles of which a clip leaves edges."""

import pytest

from extract.pdf.read import read
from tests.extract.documents import rows_of
from tests.extract.pdf.pages import one_page
from tests.extract.pdf.test_annotations import WORDS


def shadow(left: int, bottom: int, width: int, height: int, edge: float = 1.0) -> bytes:
    inner = (left + edge, bottom + edge, width - 2 * edge, height - 2 * edge)
    return b"q 0 0 595 842 re %f %f %f %f re W* n " % inner + b"%d %d %d %d re f Q " % (
        left,
        bottom,
        width,
        height,
    )


SHADOWS = b"".join(shadow(x, y, 101, 31) for y in (690, 660) for x in (100, 200))


@pytest.mark.parametrize("order", [(SHADOWS, WORDS), (WORDS, SHADOWS)])
def test_shadows_are_the_lines_of_a_table_and_cover_nothing(order: tuple[bytes, bytes]) -> None:
    document = read(one_page(b"".join(order)))
    assert [rows_of(grid) for grid in document.grids] == [[["1576", ""], ["30", "40"]]]
    assert document.remarks == ()
