"""What a warehouse knows that nothing else does: when each document and finding was first seen,
what was said of findings, which runs there were and what they changed, and what is known of
agencies.

All of that is kept a second time in a small DuckDB file beside the warehouse, `NAME.history`, which
`write_history` makes anew with every publication. It lies beside the warehouse and not in the
vault, because several warehouses may be made from one vault, each with a past of its own. Where the
warehouse is gone, `restore_history` gives its past to the one that is made anew; everything else
comes from the vault, the input, the corrections and the registry of sources.

Tables that people have added to the warehouse are not among it.
"""

import os
from pathlib import Path
from typing import Final

import duckdb

from load.database import Con, connect_for_writing, scalar
from load.errors import HistoryDamaged

_ATTACHED: Final = "history_file"
_PUT_BACK: Final = ("runs", "changes", "agencies", "findings")
_COMPARED: Final = ("documents", "reports")
# the columns that are kept of each table; of a finding what tells it from a new one, and what table
# `changes` says of one that goes
_KEPT: Final = {
    "runs": "*",
    "changes": "*",
    "agencies": "*",
    "findings": "finding_id, report_id, agency_id, year, rule_id, status, first_seen, last_seen",
    "documents": "document_id, first_seen",
    "reports": "report_id, document_id, agency_id, year, is_current",
}


def history_beside(database: Path) -> Path:
    """Where the history of a warehouse lies."""
    return database.with_name(f"{database.name}.history")


def write_history(database: Path, history: Path) -> None:
    """Make the file `history` of the warehouse file `database`."""
    con = connect_for_writing(history)
    try:
        quoted = str(database).replace("'", "''")
        con.execute(f"ATTACH '{quoted}' AS warehouse (READ_ONLY)")
        for name, columns in _KEPT.items():
            con.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM warehouse.{name}")  # noqa: S608
        con.execute("DETACH warehouse")
        con.execute("CHECKPOINT")
    finally:
        con.close()
    with history.open("rb") as file:
        os.fsync(file.fileno())


def begin_without_history(con: Con) -> None:
    """Make the temporary tables `history_documents` and `history_reports`, empty: for a warehouse
    that is there.
    """
    for name in _COMPARED:
        con.execute(f"""
            CREATE TEMP TABLE history_{name} AS SELECT {_KEPT[name]} FROM {name} LIMIT 0
        """)  # noqa: S608 - constants


def restore_history(con: Con, history: Path) -> None:
    """Put the past of a warehouse that is gone into the empty one, and make the temporary tables
    `history_documents` and `history_reports` of what it held.

    Findings stand there with little more than their ids, until the rules are evaluated. Raises
    HistoryDamaged.
    """
    quoted = str(history).replace("'", "''")
    try:
        con.execute(f"ATTACH '{quoted}' AS {_ATTACHED} (READ_ONLY)")
        for name in _PUT_BACK:
            con.execute(f"INSERT INTO {name} BY NAME FROM {_ATTACHED}.{name}")
        for name in _COMPARED:
            con.execute(f"CREATE TEMP TABLE history_{name} AS FROM {_ATTACHED}.{name}")
        con.execute(f"DETACH {_ATTACHED}")
    except duckdb.Error as error:
        said = str(error).partition("\n")[0]
        raise HistoryDamaged(
            history,
            f"the past of the warehouse, which is gone, cannot be read ({said})",
            "Restore this file or the warehouse from a copy; or move it away: vault, input and "
            "corrections are whole, and when things were first seen begins anew",
        ) from error


def missing_documents(con: Con) -> int:
    """How many documents the warehouse that is gone held, and this one does not."""
    return int(
        scalar(
            con,
            "SELECT count(*) FROM history_documents WHERE document_id NOT IN "
            "(SELECT document_id FROM documents)",
        )
    )
