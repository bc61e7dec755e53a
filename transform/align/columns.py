"""The header of a form table: which lines are header, and which printed column is which column of
the form.

Takes header lines and a block of the form; gives a `ColumnMap`: the columns in printed order, where
each stands, and the unit that its label names. Three ways, the best first:

1. by place: under each position of the grid the labels from top to bottom make a path; paths are
   matched to the form's columns, so that labels in two rows, broken over rows (商业 / 企业),
   exchanged or unknown columns come out;
2. by presence: where wrong spans disturb the places but each label stands there once, in the form's
   order;
3. by order: the header is lost or broken, the form's order is assumed, and the doubt is told; but
   never where a label or the order of labels speaks against it: then no column is known, and no
   value is read.

Out of scope: the data lines.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from rapidfuzz.distance import LCSseq

from extract.document import Cell
from transform.align.labels import EXACT, folded, key, likeness
from transform.align.segment import Line, column_hits
from transform.form.forms import Block, Column, Table

# a column whose group's label stands above it, against one of the same name in another group
PARENT_BONUS: Final = 0.05
_UNIT: Final = re.compile(r"\((?:单位[::])?(亿元|万元|千元|元)\)")


class Leaf(NamedTuple):
    """One printed column: its labels from top to bottom, the grid columns [start, end) it takes,
    and the line of its last label.
    """

    path: tuple[str, ...]
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The block's columns in printed order, none if they are not known; an unknown one is
    `extra.<label>`. `extents` are grid columns [start, end).
    """

    order: tuple[str, ...]
    by_order: bool = False
    whole: bool = False  # only a line of just as many values may be read by it
    extents: dict[str, tuple[int, int]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    exact: int = 0  # how many columns an exact label told
    typos: tuple[tuple[str, str, str], ...] = ()  # (col_id, printed, meant)


class Label(NamedTuple):
    """One label of a header, and where it stands; lines count from the header's first."""

    text: str
    line: int
    col: int


class Header(NamedTuple):
    """Header lines as printed, without where in the document: agencies use the same ones, and what
    they mean is kept.
    """

    leaves: tuple[Leaf, ...]
    labels: tuple[Label, ...]


def is_header(line: Line, table: Table, *, following: bool) -> bool:
    """Whether a line of this table is header, heading or caption.

    `following`: the line before it was.
    """
    kinds = {h.kind for hits in line.hits for h in hits if h.table_id == table.table_id}
    numbers = line.first_number < len(line.cells)
    if numbers or line.is_blank:
        return False
    if "caption" in kinds or "section" in kinds:
        return True
    columns = column_hits(line)
    if columns >= 2:
        return True
    starting = [hits for c, hits in zip(line.cells, line.hits, strict=True) if line.starts(c)]
    rows = [
        hits
        for hits in starting
        if any(h.kind == "row" and h.table_id == table.table_id for h in hits)
    ]
    # a row's label, and no column's (其他 is both)
    if any(not any(h.kind == "column" for h in hits) for hits in rows):
        return False
    words = sum(
        p.state == "text" for c, p in zip(line.cells, line.printed, strict=True) if line.starts(c)
    )
    if following and words >= 3:
        return True
    return (columns == 1 and not rows) or not table.data_rows[0].label


def header_of(lines: list[Line]) -> Header:
    """The header that these lines make; places are those of the last line's grid."""
    grid, top = lines[-1].grid, lines[0].row
    stacks: dict[int, list[Cell]] = {}
    for line in lines:
        if line.grid != grid:
            continue
        for cell, hits in zip(line.cells, line.hits, strict=True):
            if not cell.text.strip() or any(h.kind in ("caption", "section") for h in hits):
                continue
            for c in range(cell.col, cell.col + cell.col_span):
                stack = stacks.setdefault(c, [])
                if not stack or stack[-1] is not cell:
                    stack.append(cell)
    leaves: list[list[int]] = []  # the grid columns of each
    for c in sorted(stacks):
        if leaves and leaves[-1][-1] == c - 1 and stacks[c - 1][-1] is stacks[c][-1]:
            leaves[-1].append(c)
        else:
            leaves.append([c])
    labels = (
        Label(cell.text, cell.row - top, cell.col)
        for line in lines
        for cell in line.cells
        if line.starts(cell) and cell.text.strip()
    )
    return Header(
        tuple(_leaf([stacks[c] for c in columns], columns, top) for columns in leaves),
        tuple(labels),
    )


def _leaf(stacks: list[list[Cell]], columns: list[int], top: int) -> Leaf:
    """The printed column that takes these grid columns: under the groups that most of them stand
    under, or, where there are no most, all.
    """
    ways = [tuple(map(id, stack)) for stack in stacks]
    common = max(set(ways), key=ways.count)
    path = stacks[ways.index(common)]
    if 2 * ways.count(common) <= len(ways):
        path = [cell for cell in path if all(id(cell) in way for way in ways)]
    return Leaf(tuple(cell.text for cell in path), columns[0], columns[-1] + 1, path[-1].row - top)


@lru_cache(maxsize=1024)
def columns_of(header: Header | None, block: Block, zone: int) -> ColumnMap:
    """The block's columns under this header; by the form's order where the header does not tell.

    `zone` is the grid column at which the row labels of the header's grid end: no column of values
    stands before it.
    """
    if header is not None:
        found = _by_place(header, block, zone)
        if found is None and not _speaks_against_order(header, block):
            found = _by_presence(header, block, zone) or _in_form_order(block, lost=False)
        return found or ColumnMap(())
    return _in_form_order(block, lost=True)


def _in_form_order(block: Block, *, lost: bool) -> ColumnMap:
    return ColumnMap(
        tuple(c.col_id for c in block.data_columns if not c.optional), by_order=True, whole=not lost
    )


def _speaks_against_order(header: Header, block: Block) -> bool:
    """Whether the labels of some line cannot be read from left to right in the form's order, groups
    before their columns.
    """
    tree = _tree(block)
    for line in sorted({label.line for label in header.labels}):
        at = -1
        for label in sorted((x for x in header.labels if x.line == line), key=lambda x: x.col):
            named = [
                i for i, column in enumerate(tree) if likeness(label.text, _labels(column)) >= EXACT
            ]
            if named:
                at = next((i for i in named if i > at), len(tree))
                if at == len(tree):
                    return True
    return False


@lru_cache(maxsize=64)
def _tree(block: Block) -> tuple[Column, ...]:
    """All columns in the order in which the form prints them, each group before its own."""

    def below(parent: str | None) -> list[Column]:
        return [x for c in block.columns if c.parent == parent for x in (c, *below(c.col_id))]

    return tuple(below(None))


def _labels(column: Column) -> tuple[str, ...]:
    return (column.label, *column.aliases)


@lru_cache(maxsize=16_384)
def _path_likeness(
    path: tuple[str, ...],
    labels: tuple[str, ...],
    parents: tuple[str, ...],
    foreign: tuple[str, ...],
) -> float:
    """How near a path of header texts comes to a column: its last text, or its last two or three
    together, and its group above.

    A path under another group than the column's (`foreign`) is none of its own, whatever the label.
    """
    best, used = 0.0, 1
    for n in range(1, min(3, len(path)) + 1):
        near = likeness("".join(path[-n:]), labels)
        if near > best and (n == 1 or any(_shares(path[-1], label) for label in labels)):
            best, used = near, n
    if best and foreign and any(likeness(above, foreign) for above in path[:-used]):
        return 0.0
    if best and parents and any(likeness(above, parents) for above in path[:-used]):
        best += PARENT_BONUS
    return best


@lru_cache(maxsize=64)
def _groups(block: Block) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """For each data column the labels of its own group, and of the groups that it is not in."""
    by_id = {c.col_id: c for c in block.columns}
    found = []
    for column in block.data_columns:
        above = [c.col_id for c in _chain(by_id, column)]
        own = _labels(by_id[column.parent]) if column.parent in by_id else ()
        found.append(
            (
                own,
                tuple(
                    text
                    for c in block.columns
                    if c.kind == "header" and c.col_id not in above
                    for text in _labels(c)
                ),
            )
        )
    return tuple(found)


def _chain(by_id: dict[str, Column], column: Column) -> list[Column]:
    """A column and the groups that it is in, the outermost first."""
    return [*(_chain(by_id, by_id[column.parent]) if column.parent in by_id else []), column]


def _by_place(header: Header, block: Block, zone: int) -> ColumnMap | None:
    leaves, columns = header.leaves, block.data_columns
    groups = _groups(block)
    likes = [
        [_path_likeness(leaf.path, _labels(c), *groups[j]) for j, c in enumerate(columns)]
        for leaf in leaves
    ]
    names = dict(monotone(likes))
    taken = set(names.values())
    shared = {
        c.label
        for n, c in enumerate(columns)
        if any(c.label == other.label for other in columns[:n])
    }
    for i, like in enumerate(
        likes
        # columns out of the form's order, by exact labels only, and by their group where several
        # bear the label
    ):
        if i in names or not like:
            continue
        j = max(
            (k for k in range(len(columns)) if k not in taken), key=lambda k: like[k], default=-1
        )
        if j >= 0 and like[j] >= (EXACT + PARENT_BONUS if columns[j].label in shared else EXACT):
            names[i] = j
            taken.add(j)
    if (
        not names
        or min(leaves[i].start for i in names) < zone
        or _crossed(header, block, names)
        or _twice(likes, names)
    ):
        return None
    label_keys = {key(label) for _, label in block.label_columns} | {""}
    # a corner is no column
    least = 0 if not block.rows[0].label else zone or leaves[min(names)].start
    printed = [
        i
        for i, leaf in enumerate(leaves)
        if i in names or (leaf.start >= least and key(leaf.path[-1]) not in label_keys)
    ]
    known = len(names)
    _fill(leaves, columns, printed, names, taken)
    missing = [c for j, c in enumerate(columns) if j not in taken and not c.optional]
    if missing and (_covered(header, missing) or _unsure(header, block, names, known, printed)):
        return None
    ids = {
        i: columns[names[i]].col_id if i in names else f"extra.{key(leaves[i].path[-1])}"
        for i in printed
    }
    return ColumnMap(
        order=tuple(ids.values()),
        extents={ids[i]: (leaves[i].start, leaves[i].end) for i in printed},
        units={
            ids[i]: u
            for i in names
            if i in ids and (u := unit_in(leaves[i].path[-1])) and u != columns[names[i]].unit
        },
        exact=sum(likes[i][j] >= 0.9 for i, j in names.items()),
        typos=tuple(
            (columns[j].col_id, leaves[i].path[-1], columns[j].label)
            for i, j in names.items()
            if likes[i][j] < 0.9
        ),
    )


def _crossed(header: Header, block: Block, names: dict[int, int]) -> bool:
    """Whether columns stand out of the form's order without their labels saying so: then a span is
    wrong, and no column was moved.

    Labels say so if the two, or the groups that part them, are exchanged within one line.
    """
    told = sorted(names.items())
    inverted = [(a, b, j, k) for n, (a, j) in enumerate(told) for b, k in told[n + 1 :] if j > k]
    if inverted and _groupless(header, block, names):
        return True
    by_id = {c.col_id: c for c in block.columns}
    return any(
        not _exchanged(header, by_id, (a, block.data_columns[j]), (b, block.data_columns[k]))
        for a, b, j, k in inverted
    )


def _exchanged(
    header: Header, by_id: dict[str, Column], left: tuple[int, Column], right: tuple[int, Column]
) -> bool:
    """Whether of two (leaf, column) the left one's label, or its group's, stands left of the right
    one's in the same line.
    """
    chains = _chain(by_id, left[1]), _chain(by_id, right[1])
    parted = next(i for i, (a, b) in enumerate(zip(*chains, strict=False)) if a is not b)
    spots = []
    for (leaf, column), chain in zip((left, right), chains, strict=True):
        if chain[parted] is column:
            spots.append((header.leaves[leaf].line, header.leaves[leaf].start))
        else:
            spots += [
                (x.line, x.col) for x in header.labels if likeness(x.text, _labels(chain[parted]))
            ]
    return len(spots) == 2 and spots[0][0] == spots[1][0] and spots[0][1] < spots[1][1]


def _twice(likes: list[list[float]], names: dict[int, int]) -> bool:
    """Whether a label that names a column stands again where no column is left for it: which of the
    two is meant?
    """
    return any(
        likes[i][j] >= likes[n][j]
        for n, j in names.items()
        for i in range(len(likes))
        if i not in names
    )


def _unsure(
    header: Header, block: Block, names: dict[int, int], known: int, printed: list[int]
) -> bool:
    """Whether places do not tell, with a column missing: a group stands without its columns, most
    labels are unknown, or a label that several groups have stands without its group.
    """
    leaves, columns = header.leaves, block.data_columns
    unknown = [leaves[i] for i in printed if i not in names]
    headers = tuple(text for c in block.columns if c.kind == "header" for text in _labels(c))
    if unknown and (
        3 * known < 2 * len(columns) or any(likeness(leaf.path[-1], headers) for leaf in unknown)
    ):
        return True
    return _groupless(header, block, names)


def _groupless(header: Header, block: Block, names: dict[int, int]) -> bool:
    """Whether a label that several groups have stands without its group."""
    leaves = header.leaves
    keys = [key(c.label) for c in block.data_columns]
    groups = _groups(block)
    return any(
        keys.count(keys[j]) > 1
        and not any(likeness(above, groups[j][0]) for above in leaves[i].path[:-1])
        for i, j in names.items()
    )


def _covered(header: Header, missing: list[Column]) -> bool:
    """Whether a column that no path ends in has its label in the header all the same, under another
    label.
    """
    ends = {leaf.path[-1] for leaf in header.leaves}
    return any(
        likeness(cell.text, _labels(c)) >= EXACT
        for c in missing
        for cell in header.labels
        if cell.text not in ends
    )


def _fill(
    leaves: tuple[Leaf, ...],
    columns: tuple[Column, ...],
    printed: list[int],
    names: dict[int, int],
    taken: set[int],
) -> None:
    """What is left of a label between two known columns, where just as many columns are missing,
    names these.
    """
    bounds = [(-1, -1), *((i, names[i]) for i in printed if i in names), (10**6, len(columns))]
    for (i0, j0), (i1, j1) in pairwise(bounds):
        loose = [i for i in printed if i0 < i < i1 and i not in names]
        missing = [j for j in range(j0 + 1, j1) if j not in taken]
        if (
            loose
            and len(loose) == len(missing)
            and all(
                _part_of(leaves[i].path, columns[j]) for i, j in zip(loose, missing, strict=True)
            )
        ):
            names.update(zip(loose, missing, strict=True))
            taken.update(missing)


def _part_of(path: tuple[str, ...], column: Column) -> bool:
    """Whether the path's last text, or all of it, holds half of the characters of a label in order,
    or is held so by it.
    """
    wanted = key(column.label)
    return any(
        LCSseq.similarity(text, wanted) * 2 >= max(2, min(len(text), len(wanted)))
        for text in (key(path[-1]), key("".join(path)))
    )


def _shares(text: str, label: str) -> bool:
    """Whether half of the text's characters are the label's, in order: 企业 of 商业企业, but not a
    year below it.
    """
    said = key(text)
    return LCSseq.similarity(said, key(label)) * 2 >= len(said)


def _by_presence(header: Header, block: Block, zone: int) -> ColumnMap | None:
    """Each column's label stands in the header, as often as columns bear it; nothing speaks against
    the form's order.
    """
    found: list[Label] = []
    for column in block.data_columns:
        labels = [x for x in header.labels if likeness(x.text, _labels(column)) >= EXACT]
        bearers = [c for c in block.data_columns if c.label == column.label]
        if len(labels) != len(bearers):
            return None
        found.append(labels[bearers.index(column)])
    if len(set(found)) < len(found):
        return None  # one label for several columns
    units = {
        c.col_id: u
        for x, c in zip(found, block.data_columns, strict=True)
        if (u := unit_in(x.text)) and u != c.unit
    }
    known = tuple(text for c in block.columns for text in _labels(c)) + tuple(
        label for _, label in block.label_columns
    )
    more = any(
        leaf.start >= max(zone, 1) and not likeness(leaf.path[-1], known) for leaf in header.leaves
    )
    return ColumnMap(
        tuple(c.col_id for c in block.data_columns), exact=len(found), units=units, whole=more
    )


def unit_in(label: str) -> str | None:
    """The unit of money that a label names in brackets."""
    found = _UNIT.search(folded(label))
    return found[1] if found else None


def monotone(likes: list[list[float]]) -> list[tuple[int, int]]:
    """The pairs (line, row) or (leaf, column), rising in both, with the greatest sum of likeness."""
    only = [[j for j, like in enumerate(row) if like] for row in likes]
    if all(len(js) == 1 for js in only) and all(a[0] < b[0] for a, b in pairwise(only)):
        # each label names one, and in order: nothing to weigh
        return [(i, js[0]) for i, js in enumerate(only)]
    n, m = len(likes), len(likes[0]) if likes else 0
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        here, below, like = best[i], best[i + 1], likes[i]
        for j in range(m - 1, -1, -1):
            value = below[j] if below[j] >= here[j + 1] else here[j + 1]
            if like[j] and like[j] + below[j + 1] > value:
                value = like[j] + below[j + 1]
            here[j] = value
    pairs, i, j = [], 0, 0
    while i < n and j < m:
        if likes[i][j] and best[i][j] == likes[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs
