"""Reports in traditional characters, as mirrors of sites print them: read in simplified ones, which
all labels and words of the project's data are in.

`simplified(document)` gives the document with every text in simplified characters, and the document
itself where it is not in traditional ones; that is seen by a few characters that every report has,
so that other documents pay nothing. `with_printed_texts(cells, document)` gives cells back the
characters that the document prints. A sentence quoted as a statement, a title and a remark stay in
simplified characters.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Final

from pydantic import BaseModel, ConfigDict

from data import validate
from extract.document import Block, Document, Grid
from transform.records import CellRow

FEWEST_MARKS: Final = 4  # of the marks: fewer may stand in a name or in a quotation


class _CharacterPairs(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    marks: str
    pairs: list[str]


@lru_cache(maxsize=1)
def _pairs() -> _CharacterPairs:
    return validate(files("data") / "traditional.yaml", _CharacterPairs)


@lru_cache(maxsize=1)
def _to_simplified() -> dict[int, int]:
    text = "".join(_pairs().pairs)
    return str.maketrans(text[::2], text[1::2])


def simplified(document: Document) -> Document:
    """`document` in simplified characters."""
    if not _is_traditional(document):
        return document
    table = _to_simplified()
    return replace(
        document,
        blocks=tuple(_in_simplified(block, table) for block in document.blocks),
        facts=tuple((key, value.translate(table)) for key, value in document.facts),
    )


def _is_traditional(document: Document) -> bool:
    text = "".join(_texts(document.blocks))
    return sum(mark in text for mark in _pairs().marks) >= FEWEST_MARKS


def _texts(blocks: Iterable[Block]) -> Iterable[str]:
    for block in blocks:
        if isinstance(block, Grid):
            yield from (cell.text for cell in block.cells)
        else:
            yield block.text


def _in_simplified(block: Block, table: dict[int, int]) -> Block:
    if not isinstance(block, Grid):
        return replace(block, text=block.text.translate(table))
    cells = tuple(c._replace(text=c.text.translate(table)) for c in block.cells)
    return replace(block, cells=cells)


def with_printed_texts(cells: tuple[CellRow, ...], document: Document) -> tuple[CellRow, ...]:
    """`cells`, read from the simplified document, with the characters of `document`."""
    if not _is_traditional(document):
        return cells
    grids = document.grids
    return tuple(_as_printed(cell, grids) for cell in cells)


def _as_printed(cell: CellRow, grids: list[Grid]) -> CellRow:
    if not (cell.raw_text and cell.grid and cell.grid_row and cell.grid_col):
        return cell
    printed = grids[cell.grid - 1].matrix[cell.grid_row - 1][cell.grid_col - 1]
    if printed is None or printed.text.translate(_to_simplified()) != cell.raw_text:
        return cell  # of several cells: they are joined in simplified characters
    return replace(cell, raw_text=printed.text)
