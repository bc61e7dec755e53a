"""How each cell of a form is marked: the level of the finding that blames it, what it should have,
what the rules prove for a blank, and what a second reader says.

An equation that fails names many cells. Marked is the one that is likely wrong where an explanation
is sure, and else the last, which is the total.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from review.judged import Judged
from review.messages import say
from review.pages.equations import plain
from review.pages.form_view import CellMark, Key, anchor_of

Finding = dict[str, Any]
Suspect = dict[str, Any]


def as_key(text: str) -> Key:
    """The cell that is written table|row|column; of a row or a table the rest is empty."""
    parts = text.split("|")
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else (text, "", "")


def anchor_of_key(text: str) -> str:
    """The id in a page of the cell that is written table|row|column; empty for a row or a table."""
    key = as_key(text)
    return anchor_of(key) if key[2] else ""


def implied_of(suspect: Suspect) -> str:
    """The value that a cell should have, as a person writes it."""
    sign = {"=": "", "<=": "≤ ", ">=": "≥ "}[suspect["relation"]]
    return f"{sign}{plain(suspect['implied'])}"


def ranked_suspects(suspects: Sequence[Suspect], cause: str) -> list[list[Suspect]]:
    """The explanations of one cause, the likeliest first, each with its cells."""
    mine = sorted((s for s in suspects if s["cause_id"] == cause), key=lambda s: int(s["rank"]))
    return [list(cells) for _, cells in groupby(mine, key=lambda s: int(s["rank"]))]


def marks_of(judged: Judged, lang: str) -> dict[Key, CellMark]:
    """The marks of all cells that have one."""
    open_ones = [f for f in judged.findings if f.get("status") != "dismissed"]
    suspected = _suspected(judged, {f["cause_id"] for f in open_ones})
    levels = _levels(open_ones, suspected)
    proved = {
        (d["table_id"], d["row_id"], d["col_id"]): plain(d["value"])
        for d in judged.deductions
        if d["basis"] == "deduced" and d["value"] is not None
    }
    notes = _notes(judged, lang)
    marks = {}
    for key in levels.keys() | suspected.keys() | proved.keys() | notes.keys():
        suspect = suspected.get(key)
        sure = suspect is not None and suspect["confident"]
        marks[key] = CellMark(
            levels.get(key, ""),
            suspect is not None,
            implied_of(suspect) if suspect is not None and sure else "",
            proved.get(key, ""),
            notes.get(key, ""),
        )
    return marks


def _suspected(judged: Judged, causes: set[str]) -> dict[Key, Suspect]:
    """The cells of the likeliest explanation of each cause."""
    return {
        (s["table_id"], s["row_id"], s["col_id"]): s
        for s in judged.suspects
        if s["rank"] == 1 and s["row_id"] is not None and s["cause_id"] in causes
    }


def _levels(findings: Sequence[Finding], suspected: Mapping[Key, Suspect]) -> dict[Key, str]:
    """The worst level for each cell that is marked; what is for information marks none."""
    levels: dict[Key, str] = {}
    for finding in findings:
        if finding["level"] == "info":
            continue
        cause = finding["cause_id"]
        sure = [k for k, s in suspected.items() if s["cause_id"] == cause and s["confident"]]
        for key in sure or [as_key(k) for k in (finding["cells"] or ())[-1:]]:
            if levels.get(key) != "error":
                levels[key] = finding["level"]
    return levels


def _notes(judged: Judged, lang: str) -> dict[Key, str]:
    """What the rules say of blanks, and numbers that a second reader read otherwise."""
    notes: dict[Key, str] = {}
    for d in judged.deductions:
        if d["basis"] != "deduced" or d["value"] is not None:
            continue
        low, high = (None if d[n] is None else plain(d[n]) for n in ("low", "high"))
        name = "page.at_least" if high is None else "page.between"
        key = (d["table_id"], d["row_id"], d["col_id"])
        notes[key] = say(name, lang, low=low or "0", high=high or "")
    for r in judged.reading.remarks:
        if r.code == "second.differs" and r.row_id is not None and r.col_id is not None:
            key = (r.table_id, r.row_id, r.col_id)
            notes[key] = say("page.read_otherwise", lang, other=r.meant or "")
    return notes
