"""Tables whose cells run together: text that lost its tags
(`（一）予以公开7000007（二）部分公开…`), read by labels and sums.

Takes the paragraphs of a document whose reader saw no cells; gives `Aligned` tables. Between the
label of a row and the next label stands one string of digits. Every way to cut it into as many
numbers as the row has cells is a candidate: a blank cuts, no number but 0 begins with 0, the
equations of the form that lie within the row must hold. Equations over several rows then strike out
candidates. What is left with one candidate is read; what has several, or none, stays undecided: its
cells are `absent` with the whole string for their text.

Nothing is read at all where any row has fewer digits than cells: then blanks are left out of the
text, and no count of cells can be trusted. A cut that the sums decided stands only if every
equation that the row is in holds in the end: in a report whose sums fail, a false cut may be the
one that satisfies them. Confidence is `FORCED` where the digits can be cut in one way only,
`BY_SUMS` where the sums decided. Out of scope: typos in labels.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import Final

from extract.document import Document
from transform.align.align import UNDECIDED, Aligned, Placed
from transform.form.forms import Edition, Forms, Table
from transform.parse_number import parse
from transform.records import Remark
from transform.rules.load import load_rules

FORCED: Final = 0.95
BY_SUMS: Final = 0.8
MAX_WAYS: Final = 2_000  # candidates of one row
MAX_COMBINATIONS: Final = 50_000  # of the rows that equations left undecided
# of the rows with more than one cell: fewer, and the text is of another kind
MIN_FORCED: Final = 0.5
# from so many rows on most are noughts, and the share of forced ones tells something
MANY_ROWS: Final = 10

Numbers = tuple[int, ...]


@dataclass(frozen=True)
class _Equation:
    """An equation of the form over cells of one table: row_id -> (position in the row,
    coefficient).
    """

    terms: dict[str, tuple[tuple[int, int], ...]]


@dataclass
class _Row:
    """A data row as found: the text between its label and the next one, and the ways to cut it."""

    row_id: str
    text: str
    cells: int
    ways: list[Numbers]
    forced: bool


def flat_tables(document: Document, forms: Forms) -> dict[str, Aligned]:
    """The form tables in run-together text, by id; empty if there are none, or if they cannot be
    told apart safely.
    """
    text = unicodedata.normalize("NFKC", "\n".join(p.text for p in document.paragraphs))
    found: dict[str, Aligned] = {}
    if _leaves_out_blanks(text, forms):
        return found
    for table_id in dict.fromkeys(t.table_id for t in forms.tables):
        fits = [
            f
            for e in forms.editions.values()
            if table_id in e.tables and (f := _fit(text, e, e.tables[table_id], forms))
        ]
        if fits:
            found[table_id] = max(
                fits,
                key=lambda f: (
                    len(f.rows) / len(f.table.data_rows),
                    len(f.rows),
                    f.edition.edition_id,
                ),
            )
    return found


def _fit(text: str, edition: Edition, table: Table, forms: Forms) -> Aligned | None:
    if _of_another_edition(text, table, forms):
        return None
    strings = {row_id: _until_words(s) for row_id, s in _strings(text, table, forms).items()}
    if len(strings) < len(table.data_rows):
        return None
    equations = _equations(table, forms)
    rows = [_row(table, row_id, string, equations) for row_id, string in strings.items()]
    several = [r for r in rows if r.cells > 1]
    if len(several) >= MANY_ROWS and sum(r.forced for r in several) < MIN_FORCED * len(several):
        return None
    _strike_out(rows, equations)
    _doubt(rows, equations)
    aligned = Aligned(table, edition)
    for row in rows:
        aligned.rows.append(row.row_id)
        _place(aligned, row)
    return aligned


def _place(aligned: Aligned, row: _Row) -> None:
    columns = aligned.table.block(row.row_id).data_columns
    printed = row.text.strip()
    for k, column in enumerate(columns):
        if row.cells == 1 and row.forced:
            text, confidence = printed, FORCED
        elif len(row.ways) == 1:
            text, confidence = str(row.ways[0][k]), FORCED if row.forced else BY_SUMS
        else:
            text, confidence = printed, UNDECIDED
        aligned.cells[row.row_id, column.col_id] = Placed(
            text, None, None, None, None, None, confidence
        )
    if (row.cells > 1 and len(row.ways) != 1) or (row.cells == 1 and not row.forced):
        aligned.remarks.append(
            Remark("row.cut_unknown", row.row_id, printed=printed, meant=str(row.cells))
        )
    elif row.cells > 1 and not row.forced:
        aligned.remarks.append(
            Remark(
                "row.cut_by_sums",
                row.row_id,
                printed=printed,
                meant=", ".join(map(str, row.ways[0])),
            )
        )


def _leaves_out_blanks(text: str, forms: Forms) -> bool:
    """Whether some row of some table has fewer digits than cells."""
    for table in forms.tables:
        if not _of_another_edition(text, table, forms):
            for row_id, string in _strings(text, table, forms).items():
                if sum(c.isdigit() for c in string) < len(table.block(row_id).data_columns):
                    return True
    return False


def _of_another_edition(text: str, table: Table, forms: Forms) -> bool:
    """Whether a label that only another edition's table has stands in the text."""
    squeezed = "".join(text.split())
    others = (
        t for t in forms.tables if t.table_id == table.table_id and t.edition != table.edition
    )
    return any(
        "".join(unicodedata.normalize("NFKC", mark).split()) in squeezed
        for t in others
        for mark in t.fingerprints
    )


# --- labels to strings
# ------------------------------------------------------------------------------------------------


def _strings(text: str, table: Table, forms: Forms) -> dict[str, str]:
    """For each data row the text between its label and the next label of any kind, in form order.

    Rows not found are left out.
    """
    pattern, names = _pattern(table, forms)
    hits = [(names[m.lastgroup or ""], m.start(), m.end()) for m in pattern.finditer(text)]
    order = {r.row_id: r.position for r in table.rows}
    found: dict[str, str] = {}
    last = -1
    # no hit has none after it
    for (name, _, end), (_, following, _) in zip(
        hits, [*hits[1:], ("", len(text), 0)], strict=False
    ):
        if name in order and order[name] > last and (last >= 0 or name == table.rows[0].row_id):
            last = order[name]
            if table.row(name).kind == "data":
                found[name] = text[end:following]
    return found


def _until_words(text: str) -> str:
    """The text up to the first words that are no unit: after the last row the report goes on."""
    found = re.match(r"[\s0-9.,+\-]*(?:[万亿千]?元[\s0-9.]*)?", text)
    return found[0] if found else ""


@lru_cache(maxsize=32)
def _pattern(table: Table, forms: Forms) -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern over the table's rows, headers and captions and all section headings, the longest
    first; its groups' names.
    """
    labels: dict[str, str] = {}
    for row in table.rows:
        labels |= dict.fromkeys((row.label, *row.aliases), row.row_id)
    if not table.data_rows[
        0
    ].label:  # no label of its own: the last column's label stands before the numbers
        last = table.blocks[0].data_columns[-1].label
        header = "".join(c.label for c in table.blocks[0].data_columns[-10:])
        labels = {header: table.data_rows[0].row_id, last: ""} if header else labels
    else:
        for block in table.blocks:
            texts = [
                block.caption or "",
                *(c.label for c in block.columns),
                *(label for _, label in block.label_columns),
            ]
            labels |= {t: "" for t in texts if t and t not in labels}
    for other in forms.tables:
        labels |= {t: "" for t in (other.label, *other.aliases) if t not in labels}
    for section in (s for e in forms.editions.values() for s in e.sections):
        labels |= {t: "" for t in (section.label, *section.aliases) if t not in labels}
    ordered = sorted((unicodedata.normalize("NFKC", t), name) for t, name in labels.items() if t)
    ordered.sort(key=lambda pair: -len(pair[0]))
    names = {f"g{i}": name for i, (_, name) in enumerate(ordered)}
    parts = (f"(?P<g{i}>{_loose(text)})" for i, (text, _) in enumerate(ordered))
    return re.compile("|".join(parts)), names


def _loose(label: str) -> str:
    """The label with blank space anywhere, either list dot, any quotes or none."""
    pieces = []
    for char in label:
        if char in "\"“”'":
            pieces.append("[\"“”']?")
        elif char in ".、":
            pieces.append("[.、]")
        else:
            pieces.append(re.escape(char))
    return r"\s*".join(pieces)


# --- strings to numbers
# -----------------------------------------------------------------------------------------------


def _row(table: Table, row_id: str, text: str, equations: list[_Equation]) -> _Row:
    columns = table.block(row_id).data_columns
    count = len(columns)
    if count == 1:
        return _Row(row_id, text, 1, [], len(text.split()) == 1 and parse(text).value is not None)
    ways = list(_cuts(text.split(), count)) if re.fullmatch(r"[\s0-9]+", text) else []
    forced = len(ways) == 1
    within = [e for e in equations if set(e.terms) == {row_id}]
    holding = [w for w in ways if all(_sum(e, row_id, w) == 0 for e in within)]
    return _Row(row_id, text, count, ways if forced else holding, forced)


def _cuts(pieces: list[str], count: int) -> Iterator[Numbers]:
    """All ways to cut `pieces` (digits without blanks) into `count` numbers; none if there are more
    than MAX_WAYS.
    """
    ways: list[tuple[int, Numbers]] = [(0, ())]  # how many digits are used, and the numbers so far
    text = "".join(pieces)
    bounds = set()
    at = 0
    for piece in pieces:
        at += len(piece)
        bounds.add(at)
    for n in range(count):
        grown: list[tuple[int, Numbers]] = []
        for used, numbers in ways:
            left = count - n - 1
            for end in range(used + 1, len(text) - left + 1):
                grown.append((end, (*numbers, int(text[used:end]))))
                if text[used] == "0" or end in bounds:
                    break  # 0 stands alone; a blank ends a number
        if len(grown) > MAX_WAYS:
            return
        ways = grown
    yield from (numbers for used, numbers in ways if used == len(text))


def _equations(table: Table, forms: Forms) -> list[_Equation]:
    """The equalities of the form that lie within this table."""
    grouped: dict[tuple[str, str], dict[str, list[tuple[int, int]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    rules = load_rules(forms)
    equal = {
        (i.rule_id, i.instance)
        for i in rules.instances
        if i.edition == table.edition and i.operator == "=="
    }
    levels = {r.rule_id: r.level for r in rules.rules}
    for t in rules.terms:
        if (
            t.edition == table.edition
            and t.table_id == table.table_id
            and (t.rule_id, t.instance) in equal
            and levels[t.rule_id] == "error"
        ):
            position = next(
                k for k, c in enumerate(table.block(t.row_id).data_columns) if c.col_id == t.col_id
            )
            grouped[t.rule_id, t.instance][t.row_id].append((position, t.coefficient))
    return [
        _Equation({row: tuple(cells) for row, cells in terms.items()}) for terms in grouped.values()
    ]


def _sum(equation: _Equation, row_id: str, numbers: Numbers) -> int:
    return sum(numbers[k] * c for k, c in equation.terms.get(row_id, ()))


def _strike_out(rows: list[_Row], equations: list[_Equation]) -> None:
    """Strike out the ways that equations over several rows exclude, until nothing changes.

    An equation that would leave a row without any way contradicts what is printed: it proves
    nothing and is left out.
    """
    by_id = {r.row_id: r for r in rows}
    usable = [
        e
        for e in equations
        if len(e.terms) > 1 and all(r in by_id and by_id[r].ways for r in e.terms)
    ]
    changed = True
    while changed:
        changed = False
        for equation in usable:
            open_rows = [by_id[r] for r in equation.terms if len(by_id[r].ways) > 1]
            combinations = prod(len(r.ways) for r in open_rows)
            if not open_rows or combinations > MAX_COMBINATIONS:
                continue
            rest = sum(
                _sum(equation, r, by_id[r].ways[0])
                for r in equation.terms
                if len(by_id[r].ways) == 1
            )
            kept: list[set[Numbers]] = [set() for _ in open_rows]
            for chosen in product(*(r.ways for r in open_rows)):
                if (
                    rest
                    + sum(
                        _sum(equation, r.row_id, w) for r, w in zip(open_rows, chosen, strict=True)
                    )
                    == 0
                ):
                    for k, way in zip(kept, chosen, strict=True):
                        k.add(way)
            if not all(kept):
                continue
            for row, k in zip(open_rows, kept, strict=True):
                if len(k) < len(row.ways):
                    row.ways = [w for w in row.ways if w in k]
                    changed = True


def _doubt(rows: list[_Row], equations: list[_Equation]) -> None:
    """Take back what the sums decided for a row of which some equation does not hold, or cannot be
    told.
    """
    by_id = {r.row_id: r for r in rows}

    def holds(equation: _Equation) -> bool:
        known = all(r in by_id and len(by_id[r].ways) == 1 for r in equation.terms)
        return known and sum(_sum(equation, r, by_id[r].ways[0]) for r in equation.terms) == 0

    doubtful = {r for e in equations if not holds(e) for r in e.terms}
    for row in rows:
        if row.row_id in doubtful and not row.forced:
            row.ways = []
