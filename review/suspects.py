"""Which cell is likely wrong, in words: the explanations of one cause, best first.

`explained(suspects, name, lang)` takes the rows of `suspects` of one cause and gives lines. An
explanation that the margin makes sure is called likely; otherwise the first few are offered as
possibilities, and a person decides. Explanations that nothing tells apart (margin 0) are all
listed, without numbers before them. `cells_in_words(cells, name, lang)` names the cells of one
explanation, with what is printed and what is implied.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from review.messages import say

MOST: Final = 3  # explanations offered
MOST_CELLS: Final = 4  # of one explanation told by name

Suspect = dict[str, Any]
Name = Callable[[str, str, str], str]  # table_id, row_id, col_id -> the cell as a person knows it


def explained(suspects: Sequence[Suspect], name: Name, lang: str) -> Iterator[str]:
    """Lines about one cause; none if nothing is suspected."""
    ranked = [
        list(cells)
        for _, cells in groupby(sorted(suspects, key=lambda s: s["rank"]), key=lambda s: s["rank"])
    ]
    if not ranked:
        return
    if ranked[0][0]["row_id"] is None:
        yield say("suspect.not_located", lang)
    elif ranked[0][0]["confident"]:
        yield say("suspect.likely", lang, cells=cells_in_words(ranked[0], name, lang))
    elif equal := _equals(ranked):
        yield say("suspect.equal", lang)
        yield from (f"  - {cells_in_words(cells, name, lang)}" for cells in equal)
    else:
        yield say("suspect.possible", lang)
        yield from (
            f"  {rank}) {cells_in_words(cells, name, lang)}"
            for rank, cells in enumerate(ranked[:MOST], 1)
        )


def _equals(ranked: Sequence[list[Suspect]]) -> Sequence[list[Suspect]]:
    """The explanations that nothing tells from the first; none where something does."""
    ahead = next((n for n, cells in enumerate(ranked) if cells[0]["margin"] != 0), len(ranked))
    return ranked[: ahead + 1] if ahead else []


def cells_in_words(cells: Sequence[Suspect], name: Name, lang: str) -> str:
    """The cells of one explanation, in their order; of many the first are named and the rest
    counted.
    """
    shown = [
        _cell(s, name(s["table_id"], s["row_id"], s["col_id"]), lang) for s in cells[:MOST_CELLS]
    ]
    if len(cells) > MOST_CELLS:
        shown.append(say("suspect.further_cells", lang, count=len(cells) - MOST_CELLS))
    return say("suspect.and", lang).join(shown)


def _cell(suspect: Suspect, name: str, lang: str) -> str:
    printed = " ".join((suspect["printed"] or "").split())
    implied = format(Decimal(suspect["implied"]).normalize() + 0, "f")
    said = "suspect.cell" if printed else "suspect.cell_blank"
    relation = "" if suspect["relation"] == "=" else say(f"relation.{suspect['relation']}", lang)
    return say(
        said,
        lang,
        name=name,
        printed=printed,
        implied=f"{relation}{implied}",
        kind=say(f"kind.{suspect['kind']}", lang),
    )
