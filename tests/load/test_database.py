"""The file is one that every DuckDB client opens, and every column of a view has a plain name."""

import subprocess
import sys
from pathlib import Path

import duckdb

from load.database import has_storage_version
from load.warehouse import memory
from tests.conftest import CHECKOUT
from tests.load.made import put, reading, rows, run

STORAGE_NUMBER_OF_1_0_0 = 64  # what DuckDB 1.0.0 writes into a header, and the newest it reads


def storage_number(database: Path) -> int:
    """The version number in the main header of a DuckDB file: 8 bytes behind checksum and magic."""
    header = database.read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    return int.from_bytes(header[12:20], "little")


def test_a_new_file_is_in_storage_version_1_0_0(tmp_path: Path) -> None:
    database = tmp_path / "w.duckdb"
    for number in (1, 2):
        put(database, [reading(str(number))], run(number))
        assert storage_number(database) == STORAGE_NUMBER_OF_1_0_0
        assert has_storage_version(database)


def test_a_file_of_another_storage_version_becomes_one_of_1_0_0(tmp_path: Path) -> None:
    """With all that it holds, tables and views of somebody else included."""
    database, newer = tmp_path / "w.duckdb", tmp_path / "newer.duckdb"
    put(database, [reading("a")], run())
    con = duckdb.connect(newer)
    con.execute(f"ATTACH '{database}' AS made")
    con.execute("COPY FROM DATABASE made TO newer")
    con.execute("CREATE TABLE mine AS SELECT 1 AS x")
    con.execute("CREATE VIEW my_view AS SELECT x + 1 AS y FROM mine")
    con.close()
    assert storage_number(newer) > STORAGE_NUMBER_OF_1_0_0 and not has_storage_version(newer)
    put(newer, [reading("b")], run(2))
    assert storage_number(newer) == STORAGE_NUMBER_OF_1_0_0
    assert rows(newer, "SELECT count(*) FROM reports") == [(2,)]
    assert rows(newer, "SELECT y FROM my_view") == [(2,)]
    assert rows(newer, "SELECT run_id FROM runs") == [("run-1",), ("run-2",)]


def test_every_column_of_every_view_can_be_selected_bare() -> None:
    """No column is a reserved word: it stands in SELECT and ORDER BY without quotes."""
    con = memory()
    columns = con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() JOIN duckdb_views() ON table_name = "
        "view_name AND duckdb_columns.database_name = duckdb_views.database_name WHERE NOT "
        "duckdb_views.internal"
    ).fetchall()
    assert len({view for view, _ in columns}) >= 7
    for view, column in columns:
        con.execute(f"SELECT {column} FROM {view} ORDER BY {column}")
        con.execute(f"SELECT min({column}), {column} FROM {view} GROUP BY {column}")


def test_what_publishes_imports_no_pandas() -> None:
    """It takes longer to import than a document to read."""
    program = "import sys, load.warehouse, load.staging; print('pandas' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
