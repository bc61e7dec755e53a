"""Which printed column of a form table is which column of the form.

Takes a header (`transform.align.header`) and a block of the form; gives a `ColumnMap`: the columns
in printed order, where each stands, and the unit that its label names. Three ways, the best first:

1. by place: under each position of the grid the labels from top to bottom make a path; paths are
matched to the form's columns, so that labels in two rows, broken over rows (商业 / 企业), exchanged
or unknown columns come out; 2. by presence: where wrong spans disturb the places but each label
stands there once, in the form's order; 3. by order: the header is lost or broken, the form's order
is assumed, and the doubt is remarked; but never where a label or the order of labels speaks against
it: then no column is known, and no value is read.

Out of scope: the data lines.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Final

from rapidfuzz.distance import LCSseq

from extract.number_text import ANY_MONEY
from transform.align.header import Header, HeaderLabel, Leaf
from transform.align.labels import EXACT, folded, key, likeness
from transform.align.monotone import monotone
from transform.form.forms import Block, Column

# a column whose group's label stands above it, against one of the same name in another group
PARENT_BONUS: Final = 0.05
WHOLE_LABEL: Final = 4  # characters; less may be a piece of a broken header
OFFICIAL: Final = 0.9  # a label less like the form's than this is remarked
_UNIT: Final = re.compile(rf"\((?:单位[::])?({ANY_MONEY})\)")


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
    exact: int = 0  # how many columns an exact label named
    typos: tuple[tuple[str, str, str], ...] = ()  # (col_id, printed, meant)
    of_other_edition: bool = False  # the header is that of another edition of the form
    unknown: bool = False  # the header is whole, and of no edition that is known


@lru_cache(maxsize=1024)
def columns_of(header: Header | None, block: Block, zone: int) -> ColumnMap:
    """The block's columns under this header; by the form's order where the header does not tell.

    `zone` is the grid column at which the row labels of the header's grid end: no column of values
    stands before it.
    """
    if header is not None:
        by_place = None if _is_flat(header, block) else _by_place(header, block, zone)
        found = by_place or _of_other_edition(header, zone) or _of_no_edition(header, block, zone)
        if found is None and not _speaks_against_order(header, block):
            found = _by_presence(header, block, zone) or _in_form_order(block, lost=False)
        return found or ColumnMap(())
    return _in_form_order(block, lost=True)


def _of_other_edition(header: Header, zone: int) -> ColumnMap | None:
    """The printed columns as extra ones, where labels name columns that only another edition has:
    what is known is never taken by order for something else.
    """
    foreign = {label.text for label in header.labels if label.of_other_edition}
    leaves = [leaf for leaf in header.leaves if leaf.start >= zone and leaf.path[-1] in foreign]
    if not leaves:
        return None
    ids = [f"extra.{key(leaf.path[-1])}" for leaf in leaves]
    return ColumnMap(
        tuple(ids),
        extents=dict(zip(ids, ((leaf.start, leaf.end) for leaf in leaves), strict=True)),
        of_other_edition=True,
    )


def _of_no_edition(header: Header, block: Block, zone: int) -> ColumnMap | None:
    """The printed columns as extra ones, where every label is whole words and none is like any of
    the block: a form that nobody told us of, whose columns may mean something else.
    """
    leaves = [leaf for leaf in header.leaves if leaf.start >= max(zone, 1)]
    if not leaves or len({leaf.path[-1] for leaf in leaves}) < len(leaves):
        return None
    known = tuple(text for c in block.columns for text in _labels(c))
    for text in (text for leaf in leaves for text in leaf.path):
        if len(key(text)) < WHOLE_LABEL or likeness(text, known):
            return None
    ids = [f"extra.{key(leaf.path[-1])}" for leaf in leaves]
    return ColumnMap(
        tuple(ids),
        extents=dict(zip(ids, ((leaf.start, leaf.end) for leaf in leaves), strict=True)),
        unknown=True,
    )


def _in_form_order(block: Block, *, lost: bool) -> ColumnMap:
    return ColumnMap(
        tuple(c.col_id for c in block.data_columns if not c.optional), by_order=True, whole=not lost
    )


def _is_flat(header: Header, block: Block) -> bool:
    """Whether the labels of groups and those of their columns all stand in one line, as where each
    was on a line of its own: then places do not tell.
    """
    named = [(c, lines) for c in block.columns if (lines := _lines_that_name(header, c))]
    kinds = {c.kind == "header" for c, _ in named}
    return len(kinds) == 2 and len(set().union(*(lines for _, lines in named))) == 1


def _lines_that_name(header: Header, column: Column) -> set[int]:
    return {x.line for x in header.labels if likeness(x.text, _labels(column)) >= EXACT}


def _speaks_against_order(header: Header, block: Block) -> bool:
    """Whether the labels of some line cannot be read from left to right in the form's order, groups
    before their columns, be it each right before its own or one level of groups before the next.
    """
    lines: dict[int, list[HeaderLabel]] = {}
    for label in sorted(header.labels, key=lambda x: x.col):
        lines.setdefault(label.line, []).append(label)
    return not all(
        any(_stand_in_order(labels, order) for order in (_tree(block), _levels(block)))
        for labels in lines.values()
    )


def _stand_in_order(labels: list[HeaderLabel], tree: tuple[Column, ...]) -> bool:
    """Whether the labels of one line, from left to right, name columns in the order of `tree`."""
    at = -1
    for label in labels:
        named = [i for i, c in enumerate(tree) if likeness(label.text, _labels(c)) >= EXACT]
        later = next((i for i in named if i > at), None)
        if named and later is None:
            return False
        at = at if later is None else later
    return True


@lru_cache(maxsize=64)
def _tree(block: Block) -> tuple[Column, ...]:
    """All columns in the order in which the form prints them, each group before its own."""

    def below(parent: str | None) -> list[Column]:
        return [x for c in block.columns if c.parent == parent for x in (c, *below(c.col_id))]

    return tuple(below(None))


@lru_cache(maxsize=64)
def _levels(block: Block) -> tuple[Column, ...]:
    """All columns, those of the outermost level first."""
    by_id = {c.col_id: c for c in block.columns}
    return tuple(sorted(_tree(block), key=lambda c: len(_chain(by_id, c))))


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
    named = _name_out_of_order(likes, dict(monotone(likes)), columns)
    if (
        not named
        or min(leaves[i].start for i in named) < zone
        or _crossed(header, block, named)
        or _twice(likes, named)
    ):
        return None
    printed = _find_printed(leaves, block, zone, named)
    names = named | _find_remnants(leaves, columns, printed, named)
    missing = [c for j, c in enumerate(columns) if j not in set(names.values()) and not c.optional]
    if missing and (
        _covered(header, missing) or _unsure(header, block, names, len(named), printed)
    ):
        return None
    return _map_columns(header, block, printed, names, likes)


def _name_out_of_order(
    likes: list[list[float]], names: dict[int, int], columns: tuple[Column, ...]
) -> dict[int, int]:
    """`names` (leaf -> column) with the columns out of the form's order: by exact labels only, and
    by their group where several bear the label.
    """
    found = dict(names)
    labels = [c.label for c in columns]
    for i, like in enumerate(likes):
        open_columns = [j for j in range(len(columns)) if j not in found.values()]
        if i in names or not open_columns:
            continue
        j = max(open_columns, key=lambda k: like[k])
        shared = columns[j].label in _repeated(labels)
        if like[j] >= (EXACT + PARENT_BONUS if shared else EXACT):
            found[i] = j
    return found


def _repeated(labels: list[str]) -> set[str]:
    return {label for label in labels if labels.count(label) > 1}


def _find_printed(
    leaves: tuple[Leaf, ...], block: Block, zone: int, names: dict[int, int]
) -> list[int]:
    """The leaves that are columns of values: those with a name, and others that are no label column
    and no corner.
    """
    label_keys = {key(label) for _, label in block.label_columns} | {""}
    least = 0 if not block.rows[0].label else zone or leaves[min(names)].start
    return [
        i
        for i, leaf in enumerate(leaves)
        if i in names or (leaf.start >= least and key(leaf.path[-1]) not in label_keys)
    ]


def _map_columns(
    header: Header,
    block: Block,
    printed: list[int],
    names: dict[int, int],
    likes: list[list[float]],
) -> ColumnMap:
    """The map of the leaves `printed`, of which `names` tells the column; others are extra."""
    leaves, columns = header.leaves, block.data_columns
    ids = {
        i: columns[names[i]].col_id if i in names else f"extra.{key(leaves[i].path[-1])}"
        for i in printed
    }
    units = {i: unit_in(leaves[i].path[-1]) for i in names if i in ids}
    return ColumnMap(
        order=tuple(ids.values()),
        extents={ids[i]: (leaves[i].start, leaves[i].end) for i in printed},
        units={ids[i]: u for i, u in units.items() if u and u != columns[names[i]].unit},
        exact=sum(likes[i][j] >= OFFICIAL for i, j in names.items()),
        typos=tuple(
            (columns[j].col_id, leaves[i].path[-1], columns[j].label)
            for i, j in names.items()
            if likes[i][j] < OFFICIAL
        ),
    )


def _crossed(header: Header, block: Block, names: dict[int, int]) -> bool:
    """Whether columns stand out of the form's order without their labels saying so: then a span is
    wrong, and no column was moved.

    Labels say so if the two, or the groups that part them, are exchanged within one line.
    """
    pairs = sorted(names.items())
    inverted = [(a, b, j, k) for n, (a, j) in enumerate(pairs) for b, k in pairs[n + 1 :] if j > k]
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


def _find_remnants(
    leaves: tuple[Leaf, ...],
    columns: tuple[Column, ...],
    printed: list[int],
    names: dict[int, int],
) -> dict[int, int]:
    """What is left of a label between two known columns, where just as many columns are missing,
    names these.
    """
    found: dict[int, int] = {}
    bounds = [(-1, -1), *((i, names[i]) for i in printed if i in names), (10**6, len(columns))]
    for (i0, j0), (i1, j1) in pairwise(bounds):
        loose = [i for i in printed if i0 < i < i1 and i not in names]
        missing = [j for j in range(j0 + 1, j1) if j not in names.values()]
        if len(loose) == len(missing) and all(
            _part_of(leaves[i].path, columns[j]) for i, j in zip(loose, missing, strict=True)
        ):
            found |= dict(zip(loose, missing, strict=True))
    return found


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
    found: list[HeaderLabel] = []
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
    return ColumnMap(
        tuple(c.col_id for c in block.data_columns),
        exact=len(found),
        units=units,
        whole=_has_unknown(header, block, zone),
    )


def _has_unknown(header: Header, block: Block, zone: int) -> bool:
    """Whether a printed column bears no label of the block."""
    known = tuple(text for c in block.columns for text in _labels(c)) + tuple(
        label for _, label in block.label_columns
    )
    return any(
        leaf.start >= max(zone, 1) and not likeness(leaf.path[-1], known) for leaf in header.leaves
    )


def unit_in(label: str) -> str | None:
    """The unit of money that a label names in brackets."""
    found = _UNIT.search(folded(label))
    return found[1] if found else None
