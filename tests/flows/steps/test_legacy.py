"""Runs over legacy Word files: converted a batch at a time, and what a machine without LibreOffice
makes of them.
"""

import json
import shutil
from pathlib import Path

import pytest

from load.database import connect
from tests.build.draw import random_report
from tests.build.office import office_or_skip, save_as
from tests.build.registry import build
from tests.flows.command import nianbao

KINDS = ("doc", "rtf", "odt")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two reports, each as .docx, .doc, .rtf and .odt."""
    office = office_or_skip()
    home = tmp_path_factory.mktemp("mixed")
    folder = home / "input"
    folder.mkdir()
    for n, edition in enumerate(("2019", "2021")):
        (folder / f"{edition}.docx").write_bytes(
            build(random_report(n, edition, mean=20.0), "docx-raw").data
        )
    sources = sorted(folder.iterdir())
    for kind in KINDS:
        for path in save_as(kind, sources, home, office).values():
            shutil.move(path, folder)
    return folder


def outcomes(home: Path) -> dict[str, tuple[str, str, str | None, str | None]]:
    """File name -> format, status, reason, reader."""
    with connect(home / "w.duckdb") as con:
        rows = con.execute(
            "SELECT file_name, format, status, reason, reader FROM documents JOIN outcomes "
            "USING (document_id)"
        ).fetchall()
    return {name: tuple(rest) for name, *rest in rows}


def test_each_format_gives_the_cells_of_the_docx(mixed: Path, tmp_path: Path) -> None:
    assert nianbao(tmp_path, "run", mixed).returncode == 0
    assert outcomes(tmp_path) == {
        f"{edition}.{kind}": (kind, "extracted", None, "docx" if kind == "docx" else "soffice+docx")
        for edition in ("2019", "2021")
        for kind in ("docx", *KINDS)
    }
    query = (
        "SELECT table_id, row_id, col_id, value, state, raw_text FROM cells JOIN reports USING "
        "(report_id) JOIN documents USING (document_id)"
    )
    with connect(tmp_path / "w.duckdb") as con:
        for edition in ("2019", "2021"):
            cells = [
                con.execute(
                    f"{query} WHERE file_name = ? ORDER BY ALL", [f"{edition}.{kind}"]
                ).fetchall()
                for kind in ("docx", *KINDS)
            ]
            assert len(cells[0]) > 150 and cells == [cells[0]] * 4
    assert "read 0 of 8" in nianbao(tmp_path, "run", mixed).stdout


def test_without_libreoffice(mixed: Path, tmp_path: Path) -> None:
    """A .doc is read all the same; the others say what to install. All are read by the first run
    after that, the .doc by the better program.
    """
    folder = tmp_path / "input"
    folder.mkdir()
    for kind in ("doc", "rtf"):
        shutil.copy(mixed / f"2021.{kind}", folder)
    done = nianbao(tmp_path, "run", folder, env={"PATH": str(tmp_path)})
    assert done.returncode == 0 and "apt-get install" in done.stdout
    assert outcomes(tmp_path) == {
        "2021.doc": ("doc", "extracted", None, "msdoc2docx+docx"),
        "2021.rtf": ("rtf", "failed", "reader_missing", None),
    }
    assert "read 2 of 2" in nianbao(tmp_path, "run", folder).stdout
    assert outcomes(tmp_path)["2021.doc"] == ("doc", "extracted", None, "soffice+docx")
    assert outcomes(tmp_path)["2021.rtf"] == ("rtf", "extracted", None, "soffice+docx")


def test_check_reads_them_too(mixed: Path, tmp_path: Path) -> None:
    for kind in KINDS:
        judged = json.loads(nianbao(tmp_path, "check", mixed / f"2019.{kind}", "--json").stdout)
        assert judged["document"]["format"] == kind and judged["outcome"]["status"] == "extracted"
    assert (
        "apt-get install"
        in nianbao(tmp_path, "check", mixed / "2019.odt", env={"PATH": str(tmp_path)}).stdout
    )
