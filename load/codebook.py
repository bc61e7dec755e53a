"""The codebook: the form and the rules as rows of tables (`form_rows`, `form_columns`,
`rules`).

`codebook` takes the forms of `transform.form.forms` and the rules and gives plain tuples in the
order of the columns of these tables; `refresh_codebook` makes the tables of a warehouse the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from load.database import Con
from transform.form.forms import Forms
from transform.rules.load import Rule
from transform.temporary_tables import make_rows, temporary_table

EVERY_EDITION: Final = None  # the edition of a rule that holds for all


Values = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Codebook:
    """Rows of the tables `form_rows`, `form_columns` and `rules`, each a tuple in the order of the
    table's columns.
    """

    form_rows: tuple[Values, ...] = ()
    form_columns: tuple[Values, ...] = ()
    rules: tuple[Values, ...] = ()


def codebook(forms: Forms, rules: Iterable[Rule]) -> Codebook:
    """The codebook of these forms and rules; a rule without editions gets one row with an empty
    edition.
    """
    rows: list[Values] = []
    columns: list[Values] = []
    for table in forms.tables:
        for block in table.blocks:
            of = (table.edition, table.table_id)
            rows += [
                (
                    *of,
                    r.row_id,
                    r.position + 1,
                    block.block_id,
                    r.label,
                    r.label_en,
                    r.parent,
                    r.kind,
                    r.unit,
                    r.basis,
                    r.comparable,
                )
                for r in block.rows
            ]
            columns += [
                (
                    *of,
                    block.block_id,
                    c.col_id,
                    c.position + 1,
                    c.label,
                    c.label_en,
                    c.parent,
                    c.kind,
                    c.unit,
                    c.type,
                )
                for c in block.columns
            ]
    said: list[Values] = [
        (
            r.rule_id,
            edition,
            r.kind,
            r.level,
            r.source,
            r.quote,
            r.expression,
            r.message_zh,
            r.message_en,
        )
        for r in rules
        for edition in (r.editions or (EVERY_EDITION,))
    ]
    return Codebook(tuple(rows), tuple(columns), tuple(said))


def refresh_codebook(con: Con, book: Codebook) -> bool:
    """Make the codebook's tables those of `book`; whether one changed."""
    changed = False
    for name, rows in (
        ("form_rows", book.form_rows),
        ("form_columns", book.form_columns),
        ("rules", book.rules),
    ):
        if con.execute(f"FROM {name} ORDER BY rowid").fetchall() == list(rows):
            continue
        changed = True
        columns = [(c, kind) for c, kind, *_ in con.execute(f"DESCRIBE {name}").fetchall()]
        with temporary_table(con, "book", make_rows(dict(columns), rows)):
            con.execute(f"DELETE FROM {name}")  # noqa: S608 - constants
            con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM book")  # noqa: S608 - constants
    return changed
