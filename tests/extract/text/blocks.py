"""What the reader of plain text gives, as short lists."""

from extract.document import Grid, Paragraph
from extract.text.read import read


def texts(grid: Grid) -> list[list[str]]:
    """The rows as printed, holes at the right left out."""
    return [[cell.text for cell in row if cell] for row in grid.matrix]


def blocks(text: str) -> list[str | list[list[str]]]:
    return [b.text if isinstance(b, Paragraph) else texts(b) for b in read(text.encode()).blocks]


def only(text: str) -> list[list[str]]:
    (grid,) = read(text.encode()).grids
    return texts(grid)
