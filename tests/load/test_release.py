"""A release holds the same rows in every form, never changes, and is the same each time."""

import csv
import json
import shutil
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import duckdb
import openpyxl
import pytest

from load.database import connect, connect_for_writing
from load.datapackage import count_rows
from load.errors import CannotWrite, NoInput, WarehouseMissing
from load.release import Released, release, warehouse_of
from review.diff_text import diff_in_words
from tests.load.made import START, cell, put, reading, run

FORMULA = "=HYPERLINK(1)"
VALIDATE = "import frictionless; print(frictionless.validate('datapackage.json').valid)"


def make(database: Path, folder: Path) -> Released:
    return release(database, folder, lambda found, names: diff_in_words(found, "en", names))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("released") / "w.duckdb"
    cells = [
        cell("requests", "new", "total", 500, raw_text=FORMULA),
        cell("proactive", "normative", "change", -3),
    ]
    put(path, [reading("a", cells=cells, path="/home/someone/a.docx"), reading("b", "乙局")], run())
    return path


@pytest.fixture(scope="module")
def made(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(database, tmp_path_factory.mktemp("releases")).folder


def test_a_release_has_the_day_of_the_run_and_every_form(made: Path) -> None:
    assert made.name == f"nianbao-{START.replace(day=2):%Y-%m-%d}"
    names = {p.stem for p in (made / "csv").iterdir()}
    assert {"tidy", "cells", "findings", "report_wide", "runs"} <= names
    assert names == {p.stem for p in (made / "parquet").iterdir()}
    assert {p.name for p in made.iterdir()} == {
        "CHANGES.md",
        "SHA256SUMS",
        "csv",
        "datapackage.json",
        "dictionary.html",
        "dictionary.md",
        "nianbao.duckdb",
        "nianbao.xlsx",
        "parquet",
    }


def test_every_form_has_the_same_rows(made: Path) -> None:
    with connect(warehouse_of(made)) as con:
        for path in (made / "csv").iterdir():
            count = con.execute(f"SELECT count(*) FROM {path.stem}").fetchall()[0][0]
            with path.open(encoding="utf-8-sig", newline="") as file:
                assert len(list(csv.DictReader(file))) == count
            parquet = made / "parquet" / f"{path.stem}.parquet"
            assert duckdb.sql(f"SELECT count(*) FROM '{parquet}'").fetchall() == [(count,)]


def test_texts_are_inert_and_negatives_are_numbers(made: Path) -> None:
    with (made / "csv" / "cells.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = {r["row_id"]: (r["raw_text"], r["value"]) for r in csv.DictReader(file)}
    assert cells["new"] == (f"'{FORMULA}", "500")
    assert cells["normative"] == ("-3", "-3")


def test_the_workbook_is_for_people(made: Path) -> None:
    book = openpyxl.load_workbook(made / "nianbao.xlsx")
    assert book.sheetnames == [
        "about",
        "reports",
        "requests",
        "disputes",
        "proactive",
        "findings",
        "dictionary",
    ]
    reports = book["reports"]
    assert reports.freeze_panes == "C2" and reports.auto_filter.ref is not None
    assert [c.value for c in reports[1]][:3] == ["agency_id", "year", "agency_level"]
    assert reports.max_row == 3


def test_nobody_learns_where_a_file_lay(made: Path) -> None:
    with connect(warehouse_of(made)) as con:
        assert con.execute("SELECT count(path) FROM documents").fetchall() == [(0,)]
    held = [p for p in made.rglob("*") if p.is_file() and b"/home/someone" in p.read_bytes()]
    assert held == []


def test_checksums_are_those_of_the_files_and_rows(made: Path) -> None:
    sums = dict(
        reversed(line.split("  ")) for line in (made / "SHA256SUMS").read_text().splitlines()
    )
    files = {p.relative_to(made).as_posix(): p for p in made.rglob("*") if p.is_file()}
    assert set(sums) == set(files) - {"SHA256SUMS"}
    assert all(sha256(files[name].read_bytes()).hexdigest() == sums[name] for name in sums)
    package = json.loads((made / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        if resource["path"] != "nianbao.duckdb":
            assert resource["hash"] == f"sha256:{sums[resource['path']]}"
    with connect(warehouse_of(made)) as con:
        for table, rows in package["rows"].items():
            counted = count_rows(con, table)
            assert rows == {"rows": counted.rows, "checksum": counted.checksum}


def test_the_package_describes_every_column(made: Path) -> None:
    package = json.loads((made / "datapackage.json").read_text(encoding="utf-8"))
    tables = [r for r in package["resources"] if r["type"] == "table"]
    assert len(tables) > 25
    for resource in tables:
        with (made / resource["path"]).open(encoding="utf-8-sig", newline="") as file:
            head = next(csv.reader(file))
        fields = resource["schema"]["fields"]
        assert [f["name"] for f in fields] == head
        assert all(f["description"] and f["type"] for f in fields)
    names = [r["name"] for r in package["resources"]]
    assert len(set(names)) == len(names) and all(n == n.lower() for n in names)


def test_the_same_warehouse_gives_the_same_bytes(
    made: Path, database: Path, tmp_path: Path
) -> None:
    again = make(database, tmp_path / "elsewhere").folder
    for path in made.rglob("*"):
        if path.is_file() and path.name not in ("nianbao.duckdb", "SHA256SUMS"):
            assert path.read_bytes() == (again / path.relative_to(made)).read_bytes(), path.name


def test_a_release_is_never_changed(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "w.duckdb"
    shutil.copy(database, copy)
    releases = tmp_path / "releases"
    first = make(copy, releases)
    assert first.is_new and first.before is None
    assert "first release" in (first.folder / "CHANGES.md").read_text()
    assert all(not p.stat().st_mode & stat.S_IWUSR for p in first.folder.rglob("*") if p.is_file())
    assert make(copy, releases) == Released(first.folder, False, None)
    with connect_for_writing(copy) as con:
        con.execute("UPDATE cells SET value = 4 WHERE row_id = 'normative'")
    second = make(copy, releases)
    assert second.folder.name == f"{first.folder.name}-2" and second.before == first.folder
    changes = (second.folder / "CHANGES.md").read_text(encoding="utf-8")
    assert changes.startswith(f"# Changes from {first.folder.name} to {second.folder.name}\n")
    assert "proactive normative change: -3 → 4" in changes
    assert sorted(p.name for p in releases.iterdir()) == [first.folder.name, second.folder.name]


def test_what_cannot_be_released_is_told(tmp_path: Path, database: Path) -> None:
    with pytest.raises(WarehouseMissing):
        make(tmp_path / "none.duckdb", tmp_path / "releases")
    (tmp_path / "a file").write_text("")
    with pytest.raises(CannotWrite, match="the release cannot be written"):
        make(database, tmp_path / "a file")
    copy = tmp_path / "w.duckdb"
    shutil.copy(database, copy)
    with connect_for_writing(copy) as con:
        con.execute("DELETE FROM runs")
    with pytest.raises(NoInput, match="no run has published"):
        make(copy, tmp_path / "releases")
    assert list((tmp_path / "releases").iterdir()) == []


@pytest.mark.night
def test_frictionless_finds_the_package_valid(made: Path, tmp_path: Path) -> None:
    """Needs the package index, for the validator in an environment of its own."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "frictionless[excel,parquet]"]
    if subprocess.run(pip, capture_output=True).returncode:
        pytest.skip("frictionless cannot be installed here")
    said = subprocess.run(
        [python, "-c", VALIDATE], cwd=made, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "True"
