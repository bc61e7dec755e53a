"""What can go wrong with the warehouse and what is staged for it: each error names the file and
says what to do.
"""

from pathlib import Path


class WarehouseError(Exception):
    """Base of all errors of `load`. `path` is the file that it is about."""

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        super().__init__(f"{path}: {problem}. {remedy}")
        self.path = path
        self.problem = problem
        self.remedy = remedy


class WarehouseMissing(WarehouseError):
    """There is no file of that name."""


class WarehouseLocked(WarehouseError):
    """Another process, or another connection of this one, has the database open for writing, or
    publishes it.
    """


class NotAWarehouse(WarehouseError):
    """The file is no DuckDB database, is damaged, or is a database of another kind."""


class SchemaMismatch(WarehouseError):
    """The database was made with another version of `load/schema.sql`."""


class CannotWrite(WarehouseError):
    """No room left, no permission, or a read-only folder."""


class BrokenBatch(WarehouseError):
    """A staged batch vanished or was damaged between its listing and its reading."""


class HistoryDamaged(WarehouseError):
    """The history beside a warehouse that is gone cannot be read."""


class KeyNotUnique(WarehouseError):
    """Rows to be published share a key that must be unique: a mistake in the program, not in a
    document.
    """


class NoInput(Exception):
    """What the command names is not there: a path, a folder without files, a report, a cell.

    Says what was looked for.
    """
