"""Opening DuckDB files: a warehouse for reading or writing, a new one, and one in memory.

Files are written in storage version `STORAGE_VERSION`, so that every DuckDB client since 1.0 opens
them; `has_storage_version` tells it from the header of a file. The number of the schema stands
once, in the comment of table `runs` in `schema.sql`. A file of an older schema is upgraded by the
next `publish` (`load.upgrade`); who only reads is told so, unless it asks for older files too.

Every connection is without access to other files and the network. Faults of the system (a full
disk, a folder that cannot be written) are named by `named_system_faults` and `named_duckdb_faults`.
"""

import errno
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import duckdb

from load.errors import (
    CannotWrite,
    NotAWarehouse,
    SchemaMismatch,
    WarehouseError,
    WarehouseLocked,
    WarehouseMissing,
)
from load.view_comments import add_view_comments

STORAGE_VERSION: Final = "v1.0.0"
_STORAGE_NUMBER: Final = 64  # of v1.0.0, as the header of a file has it
_STORAGE_OFFSET: Final = 12  # bytes: after the checksum and the magic word
_MAGIC: Final = b"DUCK"
_STORAGE: Final[dict[str, str | bool | int | float | list[str]]] = {
    "storage_compatibility_version": STORAGE_VERSION
}
_CLOSED: Final[dict[str, str | bool | int | float | list[str]]] = _STORAGE | {
    "enable_external_access": "false",
    "lock_configuration": "true",
}
_FOLDER: Final = Path(__file__).parent
_STAMP: Final = re.compile(r"Made with schema (\d+)\.")
_WRITE_FAULTS: Final = tuple(
    os.strerror(e)
    for e in (
        errno.ENOSPC,
        errno.EFBIG,
        errno.EDQUOT,
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.EIO,
    )
)
_MAKE_ROOM: Final = (
    "Free some room or choose a folder that can be written; the earlier warehouse is as it was"
)

Con = duckdb.DuckDBPyConnection


@cache
def schema_version() -> int:
    """The number of the schema that this program writes."""
    found = _STAMP.search((_FOLDER / "schema.sql").read_text(encoding="utf-8"))
    if found is None:
        raise ValueError("load/schema.sql: the comment of `runs` names no schema number")
    return int(found[1])


def connect(database: Path, read_only: bool = True, *, older_too: bool = False) -> Con:
    """Open a warehouse, without access to other files or the network.

    `older_too` opens one of an older schema as well: its columns are then not those of
    `schema.sql`. Raises WarehouseMissing, WarehouseLocked, NotAWarehouse, SchemaMismatch.
    """
    if not database.exists():
        raise WarehouseMissing(
            database,
            "there is no such file",
            "Run `nianbao run` first, or name the warehouse with --database",
        )
    con = _open(database, read_only)
    try:
        found = _schema_of(con, database)
        if found > schema_version():
            raise SchemaMismatch(
                database,
                f"it was made with schema {found}, this program knows {schema_version()}",
                "Update the program",
            )
        if found < schema_version() and not older_too:
            raise SchemaMismatch(
                database,
                f"it was made with schema {found}, this program writes {schema_version()}",
                "Run `nianbao run`, which upgrades it and keeps what is in it",
            )
    except WarehouseError:
        con.close()
        raise
    return con


def connect_for_writing(path: Path) -> Con:
    """Open, or make, a DuckDB file that will become the warehouse; it may read staged files."""
    return duckdb.connect(path, config=_STORAGE)


def close_to_outside(con: Con) -> None:
    """Take from a connection the access to other files and the network."""
    for setting in ("enable_external_access = false", "lock_configuration = true"):
        con.execute(f"SET {setting}")


def connect_in_memory(*, views: bool = True, comments: bool = False) -> Con:
    """An empty warehouse in memory with all tables.

    About 35 ms, of which 16 are DuckDB's start and 12 the views: who only evaluates rules does
    without views.
    """
    con = duckdb.connect(":memory:", config=_CLOSED)
    create_schema(con, views=views, comments=comments)
    return con


def create_schema(con: Con, *, views: bool = True, comments: bool = True) -> None:
    """Make the tables of the contract in an empty database, and its views."""
    con.execute(_schema(views, comments))
    if views and comments:
        add_view_comments(con)


def schema_number(con: Con, attached: str | None = None) -> int | None:
    """The number of the schema that an open database, or the one attached under that name, was
    made with; None if it is no warehouse.
    """
    found = con.execute(
        "SELECT comment FROM duckdb_tables() WHERE table_name = 'runs' AND schema_name = 'main' "
        "AND NOT temporary AND database_name = coalesce(?, current_database())",
        [attached],
    ).fetchall()
    stamp = _STAMP.search(found[0][0] or "") if found else None
    return None if stamp is None else int(stamp[1])


def scalar(con: Con, query: str, parameters: Sequence[Any] = ()) -> Any:
    """The first column of the first row, None if there is no row."""
    rows = con.execute(
        query, parameters
    ).fetchall()  # not fetchone: a result not read to its end blocks the connection
    return rows[0][0] if rows else None


def has_storage_version(path: Path) -> bool:
    """Whether the header of a DuckDB file says that it is in `STORAGE_VERSION`."""
    with path.open("rb") as file:
        header = file.read(_STORAGE_OFFSET + 8)
    number = int.from_bytes(header[_STORAGE_OFFSET:], "little")
    return header[8:_STORAGE_OFFSET] == _MAGIC and number == _STORAGE_NUMBER


@contextmanager
def named_system_faults(target: Path) -> Iterator[None]:
    """Name what the system says about a full disk or a folder that cannot be written."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(
            target, f"the warehouse cannot be written ({error.strerror or error})", _MAKE_ROOM
        ) from error


@contextmanager
def named_duckdb_faults(target: Path) -> Iterator[None]:
    """The same where DuckDB met it: its errors have many types, but quote the system's words."""
    try:
        yield
    except duckdb.Error as error:
        fault = next((f for f in _WRITE_FAULTS if f in str(error)), None)
        if fault is None:
            raise
        raise CannotWrite(
            target, f"the warehouse cannot be written ({fault})", _MAKE_ROOM
        ) from error


@cache
def _schema(views: bool, comments: bool) -> str:
    """The statements of schema.sql and views.sql as one transaction."""
    text = "".join(
        (_FOLDER / name).read_text(encoding="utf-8")
        for name in (["schema.sql", "views.sql"] if views else ["schema.sql"])
    )
    statements = [s for s in re.split(r";[ ]*\n", text) if s.strip()]
    kept = [s for s in statements if comments or not s.lstrip().startswith("COMMENT ON")]
    return ";\n".join(["BEGIN", *kept, "COMMIT"])


def _open(database: Path, read_only: bool) -> Con:
    try:
        return duckdb.connect(database, read_only=read_only, config=_CLOSED)
    except duckdb.Error as error:
        said = str(error).partition("\n")[0]
        if "Could not set lock" in said or "different configuration" in said:
            holder = re.search(r"PID \d+", said)
            who = (
                f"another process ({holder[0]})" if holder else "another connection of this process"
            )
            raise WarehouseLocked(
                database, f"{who} has it open for writing", "Close it there and try again"
            ) from error
        remedy = "Name another file with --database, or move this one away"
        raise NotAWarehouse(
            database, f"it cannot be opened as a DuckDB database ({said})", remedy
        ) from error


def _schema_of(con: Con, database: Path) -> int:
    try:
        found = schema_number(con)
    except duckdb.Error as error:
        raise NotAWarehouse(
            database,
            f"it is damaged ({error})",
            "Restore it, or move it away and run again to make it anew",
        ) from error
    if found is None:
        raise NotAWarehouse(
            database,
            "it is a DuckDB database, but none of nianbao",
            "Name another file with --database",
        )
    return found
