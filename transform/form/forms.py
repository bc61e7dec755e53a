"""The forms: which tables, rows, columns and cells each edition of the report has, with labels in
Chinese and English.

`load_forms` reads `data/forms/*.yaml` (one file an edition; `fees.yaml` adds a table to several)
and gives frozen `Forms -> Edition -> Table -> Block -> Row | Column`. Ids are the project's
contract and never change with an edition. A new edition or a renamed row is a new or changed file,
no code: `same_as: "2021.requests"` takes a table of another edition over, `replace` and `remove`
say in which rows it differs.

Faults in the files raise `ConfigError` with file and line. Out of scope: matching printed labels
(`align`), the rules.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from data import ConfigError, ConfigFile, read, validate_file
from transform.form.form_file import BlockEntry, FormFile, Kind, Number, RowEntry, TableEntry


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table. A header row has no cells of its own.

    `position` counts from 0 through the whole table.

    `unit` and `number` are set where the row, not the column, decides them (the statistics before
    2019). `comparable` names the cell of another edition (table|row|column) that means the same as
    the row's one number; rows and columns of one id mean the same in all editions.
    """

    row_id: str
    label: str
    label_en: str
    aliases: tuple[str, ...]
    parent: str | None
    kind: Kind
    unit: str | None
    basis: str | None
    position: int
    number: Number | None = None
    optional: bool = False
    comparable: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a block. A header column only spans others.

    `position` counts from 0 through the block.

    In labels and aliases `YYYY` stands for any year.
    """

    col_id: str
    label: str
    label_en: str
    aliases: tuple[str, ...]
    parent: str | None
    kind: Kind
    type: Number
    unit: str | None
    position: int
    optional: bool = False


@dataclass(frozen=True, eq=False)
class Block:
    """A part of a table with a header of its own.

    `label_columns` are the (id, label) of columns that hold labels or units.
    """

    block_id: str
    caption: str | None
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    label_columns: tuple[tuple[str, str], ...] = ()
    caption_en: str | None = None

    @cached_property
    def data_columns(self) -> tuple[Column, ...]:
        """The columns that hold numbers."""
        return tuple(c for c in self.columns if c.kind == "data")


@dataclass(frozen=True, eq=False)
class Table:
    """One table of one edition.

    `corners` are texts of its corner cell; `fingerprints` are labels that no other edition has.
    """

    table_id: str
    edition: str
    label: str
    label_en: str
    aliases: tuple[str, ...]
    blocks: tuple[Block, ...]
    optional: bool = False
    notes: tuple[str, ...] = ()
    corners: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """All rows in form order, headers among them."""
        return tuple(r for b in self.blocks for r in b.rows)

    @cached_property
    def data_rows(self) -> tuple[Row, ...]:
        """The rows that hold numbers, in form order."""
        return tuple(r for r in self.rows if r.kind == "data")

    @cached_property
    def columns(self) -> dict[str, Column]:
        """All columns by id, headers among them; an id that several blocks share is one column with
        one meaning.
        """
        found: dict[str, Column] = {}
        for block in self.blocks:
            for column in block.columns:
                found.setdefault(column.col_id, column)
        return found

    @cached_property
    def cells(self) -> tuple[tuple[str, str], ...]:
        """Every (row_id, col_id) of the form, row by row."""
        return tuple(
            (r.row_id, c.col_id)
            for b in self.blocks
            for r in b.rows
            if r.kind == "data"
            for c in b.data_columns
        )

    @cached_property
    def _rows(self) -> dict[str, Row]:
        return {r.row_id: r for r in self.rows}

    @cached_property
    def _block_of(self) -> dict[str, Block]:
        by_row = {r.row_id: b for b in self.blocks for r in b.rows}
        return by_row | {b.block_id: b for b in self.blocks}

    @cached_property
    def _columns(self) -> dict[tuple[str, str], Column]:
        return {(key, c.col_id): c for key, block in self._block_of.items() for c in block.columns}

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        return {
            p.row_id: tuple(r.row_id for r in self.data_rows if r.parent == p.row_id)
            for p in self.rows
        }

    def row(self, row_id: str) -> Row:
        """The row of that id; KeyError if the table has none."""
        return self._rows[row_id]

    def block(self, row_or_block_id: str) -> Block:
        """The block of that id, or in which that row stands; KeyError if there is none."""
        return self._block_of[row_or_block_id]

    def column(self, row_or_block_id: str, col_id: str) -> Column:
        """The column of that id in the block (or the row's block); KeyError if there is none."""
        return self._columns[row_or_block_id, col_id]

    def children(self, row_id: str) -> tuple[str, ...]:
        """The ids of the row's direct children that hold numbers; `sum(denied.*)` of a rule means
        these.
        """
        return self._children[row_id]

    @cached_property
    def facts(self) -> dict[tuple[str, str], tuple[str | None, Number]]:
        """For each cell of the form its unit and the kind of number that belongs into it."""
        return {(r, c): (self.unit_of(r, c), self.type_of(r, c)) for r, c in self.cells}

    def unit_of(self, row_id: str, col_id: str) -> str | None:
        """The form's unit of a cell, None where the form prints none."""
        return self.row(row_id).unit or self.column(row_id, col_id).unit

    def type_of(self, row_id: str, col_id: str) -> Number:
        """The kind of number that belongs into a cell."""
        return self.row(row_id).number or self.column(row_id, col_id).type


@dataclass(frozen=True, slots=True)
class Section:
    """One of the report's chapters; `table` where a table of the form belongs to it."""

    section_id: str
    label: str
    label_en: str
    kind: Literal["text", "table"]
    table: str | None
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Edition:
    """One edition of the form.

    `years` are the first and last year reported on; no last year means: still in force.
    `prescribed_from` is the first of these years in which a report must follow it; None: no report
    must.
    """

    edition_id: str
    title: str
    title_en: str
    authority: str | None
    years: tuple[int, int | None]
    tables: dict[str, Table]
    sections: tuple[Section, ...]
    prescribed_from: int | None = None

    def covers(self, year: int) -> bool:
        """Whether a report on `year` should follow this edition."""
        first, last = self.years
        return first <= year and (last is None or year <= last)


@dataclass(frozen=True, eq=False)
class Forms:
    """All editions by id, the oldest first.

    Compared and hashed by identity, so that what is derived from it can be cached.
    """

    editions: dict[str, Edition]

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """Every table of every edition, the oldest edition first."""
        return tuple(t for e in self.editions.values() for t in e.tables.values())

    def table(self, edition_id: str, table_id: str) -> Table:
        """One table; KeyError if the edition has none of that id."""
        return self.editions[edition_id].tables[table_id]


@lru_cache(maxsize=4)
def load_forms(folder: Path | None = None) -> Forms:
    """All forms of `folder` (by default those that come with the project), read once and kept.

    Raises ConfigError with file and line for anything that does not fit together.
    """
    where: Traversable = files("data") / "forms" if folder is None else folder
    sheets = [
        read(p) for p in sorted(where.iterdir(), key=lambda p: p.name) if p.name.endswith(".yaml")
    ]
    parsed = [(sheet, validate_file(sheet, FormFile)) for sheet in sheets]
    own = {f.edition: (sheet, f) for sheet, f in parsed if f.edition is not None}
    if not own:
        raise ConfigError(
            f"{where}:1: no form with an `edition` in this folder: give the folder of the "
            "form files"
        )
    tables: dict[str, dict[str, Table]] = {e: {} for e in own}
    for sheet, file in parsed:
        for edition in _editions_of_file(sheet, file, own):
            tables[edition] |= _build_tables(sheet, file, own, edition)
    editions = [_build_edition(*own[e], own, tables[e]) for e in own]
    return Forms(
        {e.edition_id: e for e in sorted(editions, key=lambda e: (e.years[0], e.edition_id))}
    )


_Own = dict[str, tuple[ConfigFile, FormFile]]  # the files that are an edition, by its id


def _editions_of_file(sheet: ConfigFile, file: FormFile, own: _Own) -> list[str]:
    """The edition that the file is, or those to which it adds its tables."""
    editions = [file.edition] if file.edition is not None else file.adds_to
    for edition in editions:
        if edition not in own:
            raise ConfigError(
                f"{sheet.at(('adds_to',))}: adds_to: there is no edition {edition}: name "
                f"one of {', '.join(own)}"
            )
    return editions


def _build_tables(sheet: ConfigFile, file: FormFile, own: _Own, edition: str) -> dict[str, Table]:
    tables = {}
    for table_id, entry in file.tables.items():
        table = _build_table(sheet, own, edition, table_id, entry)
        _check_rows(sheet, table)
        _check_columns(sheet, table)
        tables[table_id] = table
    return tables


def _build_edition(
    sheet: ConfigFile, file: FormFile, own: _Own, tables: dict[str, Table]
) -> Edition:
    if file.first_year is None or file.edition is None:
        raise ConfigError(
            f"{sheet.at(())}: first_year: missing: add the first year reported on with this edition"
        )
    sections = file.sections
    if file.sections_same_as is not None:
        if file.sections_same_as not in own:
            raise ConfigError(
                f"{sheet.at(('sections_same_as',))}: sections_same_as: no such edition: name "
                f"one of {', '.join(own)}"
            )
        sections = own[file.sections_same_as][1].sections
    return Edition(
        file.edition,
        file.title,
        file.title_en,
        file.authority,
        (file.first_year, file.last_year),
        tables,
        tuple(
            Section(s.id, s.label, s.label_en, s.kind, s.table, tuple(s.aliases)) for s in sections
        ),
        file.prescribed_from,
    )


def _build_table(
    sheet: ConfigFile, own: _Own, edition: str, table_id: str, table: TableEntry
) -> Table:
    """The table as written, or as taken over from another edition and changed."""
    at = ("tables", table_id, "same_as")
    if table.same_as is not None:
        other_edition, _, other_id = table.same_as.partition(".")
        other_sheet, other_file = own.get(other_edition, (sheet, None))
        if (
            other_file is None
            or other_id not in other_file.tables
            or other_file.tables[other_id].same_as is not None
        ):
            raise ConfigError(
                f"{sheet.at(at)}: same_as: {table.same_as}: name a table that is written out, "
                'such as "2021.requests"'
            )
        base = _build_table(other_sheet, own, edition, table_id, other_file.tables[other_id])
        blocks = tuple(_change_rows(sheet, table_id, table, block) for block in base.blocks)
        return replace(
            base,
            blocks=_number_rows(blocks),
            fingerprints=tuple(table.fingerprints),
            notes=tuple(table.notes),
            optional=table.optional,
        )
    if table.label is None or table.label_en is None or not table.blocks:
        raise ConfigError(
            f"{sheet.at(at)}: {table_id}: a table needs label, label_en and blocks, or "
            "same_as: add them"
        )
    return Table(
        table_id,
        edition,
        table.label,
        table.label_en,
        tuple(table.aliases),
        _number_rows(tuple(map(_build_block, table.blocks))),
        table.optional,
        tuple(table.notes),
        tuple(table.corners),
        tuple(table.fingerprints),
    )


def _build_block(block: BlockEntry) -> Block:
    columns = [c for c in block.columns if c.kind in ("data", "header")]
    return Block(
        block.id,
        block.caption,
        tuple(
            Column(
                c.id,
                c.label,
                c.label_en,
                tuple(c.aliases),
                c.parent,
                _kind_of_column(c.kind),
                c.type,
                c.unit,
                i,
                c.optional,
            )
            for i, c in enumerate(columns)
        ),
        tuple(map(_build_row, block.rows)),
        tuple((c.id, c.label) for c in block.columns if c.kind in ("label", "unit")),
        block.caption_en,
    )


def _kind_of_column(kind: str) -> Kind:
    return "header" if kind == "header" else "data"


def _build_row(row: RowEntry) -> Row:
    named = (row.id, row.label, row.label_en, tuple(row.aliases), row.parent, row.kind)
    return Row(*named, row.unit, row.basis, 0, row.number, row.optional, row.comparable)


def _change_rows(sheet: ConfigFile, table_id: str, table: TableEntry, block: Block) -> Block:
    """`block` with the rows that `table` replaces and removes, which must be there."""
    ids = {r.row_id for r in block.rows}
    for key, named in (("replace", [r.id for r in table.replace]), ("remove", table.remove)):
        for i, row_id in enumerate(named):
            if row_id not in ids:
                raise ConfigError(
                    f"{sheet.at(('tables', table_id, key, i))}: {key}: no row {row_id} in "
                    f"{table.same_as}: name one that is there"
                )
    new = {r.id: _build_row(r) for r in table.replace}
    return replace(
        block, rows=tuple(new.get(r.row_id, r) for r in block.rows if r.row_id not in table.remove)
    )


def _number_rows(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    start, out = 0, []
    for block in blocks:
        out.append(
            replace(
                block, rows=tuple(replace(r, position=start + i) for i, r in enumerate(block.rows))
            )
        )
        start += len(block.rows)
    return tuple(out)


def _refuse(sheet: ConfigFile, table: Table, what: str) -> ConfigError:
    return ConfigError(f"{sheet.at(('tables', table.table_id))}: {table.table_id}: {what}")


def _check_rows(sheet: ConfigFile, table: Table) -> None:
    """Refuse ids of rows and blocks that stand twice, and parents that do not exist."""
    row_ids = [r.row_id for r in table.rows]
    block_ids = [b.block_id for b in table.blocks if len(table.blocks) > 1]
    for repeated in _find_repeated(row_ids + block_ids):
        raise _refuse(sheet, table, f"the id {repeated} stands twice: rename one")
    for row in table.rows:
        if row.parent is not None and row.parent not in row_ids:
            raise _refuse(
                sheet,
                table,
                f"row {row.row_id}: no row {row.parent} to be its parent: correct `parent`",
            )


def _check_columns(sheet: ConfigFile, table: Table) -> None:
    """Refuse column ids that stand twice in a block or mean two things, and parents that do not
    exist.
    """
    for block in table.blocks:
        ids = [c.col_id for c in block.columns]
        for repeated in _find_repeated(ids):
            raise _refuse(
                sheet,
                table,
                f"block {block.block_id}: the column {repeated} stands twice: rename one",
            )
        for column in block.columns:
            if column.parent is not None and column.parent not in ids:
                raise _refuse(
                    sheet,
                    table,
                    f"column {column.col_id}: no column {column.parent} to be its parent: "
                    "correct `parent`",
                )
            if _meaning(column) != _meaning(table.columns[column.col_id]):
                raise _refuse(
                    sheet,
                    table,
                    f"the column {column.col_id} has two meanings in two blocks: give one of "
                    "them another id",
                )


def _meaning(column: Column) -> tuple[Number, str | None, str]:
    return column.type, column.unit, column.label_en


def _find_repeated(ids: Iterable[str]) -> list[str]:
    return [name for name, n in Counter(ids).items() if n > 1]
