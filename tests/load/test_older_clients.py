"""Every DuckDB client since 1.0 opens the file and reads all of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tests.flows.command import nianbao

READ_ALL = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=True)
names = con.execute("SELECT table_name FROM information_schema.tables ORDER BY 1").fetchall()
for (name,) in names:
    con.execute(f'SELECT * FROM "{name}"').fetchall()
print(len(names), con.execute("SELECT count(*) FROM tidy").fetchall()[0][0])
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clients")
    assert nianbao(folder, "run", CHECKOUT / "data" / "samples").returncode == 0
    return folder / "w.duckdb"


@pytest.mark.night
@pytest.mark.parametrize("version", ["==1.0.0", "==1.1.3", "==1.4.5", ""])
def test_a_client_reads_every_table_and_view(version: str, warehouse: Path, tmp_path: Path) -> None:
    """Needs the package index, for a client in an environment of its own."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", f"duckdb{version}"]
    installed = subprocess.run(pip, capture_output=True, text=True)
    if installed.returncode:
        pytest.skip(f"duckdb{version} cannot be installed here")
    read = subprocess.run(
        [python, "-c", READ_ALL, warehouse], capture_output=True, text=True, check=True
    )
    tables, cells = map(int, read.stdout.split())
    assert tables > 25 and cells > 3000
