"""What a run with `--prune` drops: files given by hand that the database holds and the input no
longer has. What was fetched stays: the vault has it, and the crawl says what is gone.

`files_to_drop` names them before anything is read, so that who started the run can still say no
(`Agree`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

MOST_NAMED: Final = 10  # files named; the rest is counted

Agree = Callable[[Sequence[str]], None]  # is given the files; raises where they shall stay


class PruneRefused(Exception):
    """Nobody has agreed that files be dropped. The message names them."""


def files_to_drop(
    database: Path, present: Collection[str], paths: Mapping[str, str]
) -> tuple[str, ...]:
    """The files that leave, by name; one whose place other bytes have taken is replaced and not
    dropped.
    """
    from load.database import connect  # DuckDB is slow to load, and commands name `Agree` alone

    if not database.exists():
        return ()
    with connect(database, older_too=True) as con:
        rows = con.execute(
            "SELECT document_id, path, coalesce(path, file_name) FROM documents "
            "WHERE vault_path IS NULL ORDER BY 3"
        ).fetchall()
    return tuple(
        name for document_id, path, name in rows if document_id not in present and path not in paths
    )


def named_files(names: Sequence[str]) -> str:
    """The files in words."""
    more = len(names) - MOST_NAMED
    listed = "".join(f"\n  {name}" for name in names[:MOST_NAMED])
    return (
        f"{len(names)} {'file' if len(names) == 1 else 'files'} given by hand that the input no "
        f"longer has:{listed}{f'{chr(10)}  and {more} more' if more > 0 else ''}"
    )
