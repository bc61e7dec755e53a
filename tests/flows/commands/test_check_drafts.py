"""`nianbao check` on several drafts: the table, the formats, last year's reports, exit statuses."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from flows.commands.cli import status
from flows.commands.exit_status import DONE, FAILED, FINDINGS
from tests.build.draw import random_report
from tests.build.registry import build
from tests.conftest import CHECKOUT
from tests.flows.command import environment

SAMPLES = CHECKOUT / "data" / "samples"
WRONG_SUM = SAMPLES / "2019-html-word.html"
CLEAN = SAMPLES / "2014-docx-raw.docx"


@pytest.fixture
def drafts(tmp_path: Path) -> Path:
    """A clean draft, one with two errors, and a file that is none."""
    folder = tmp_path / "drafts"
    folder.mkdir()
    for file in (WRONG_SUM, CLEAN):
        shutil.copy(file, folder)
    (folder / "letter.docx").write_text("no report")
    return folder


def said(capsys: pytest.CaptureFixture[str], *arguments: object, code: int) -> str:
    assert status([str(argument) for argument in arguments]) == code
    return capsys.readouterr().out


def test_several_drafts_are_a_table(drafts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "check", drafts, "--lang", "zh", code=FAILED)
    lines = text.splitlines()
    assert lines[0] == "共 3 份：有错误 1 份，无法读取 1 份，没有错误 1 份"
    assert [line for line in lines if line.startswith(str(drafts))] == [
        f"{drafts}/letter.docx: 无法读取",
        f"{drafts}/2019-html-word.html: 错误 2，提醒 1",
        f"{drafts}/2014-docx-raw.docx: 错误 0，提醒 0",
    ]
    assert "（七）总计为 20" in text and "requests.result_total" not in text
    assert "[requests.result_total]" in said(capsys, "check", drafts, "--all", code=FAILED)


def test_exit_statuses(drafts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "check", CLEAN, WRONG_SUM, code=FINDINGS)
    said(capsys, "check", CLEAN, CLEAN, code=DONE)
    warned = SAMPLES / "2019-txt-pipes.txt"
    said(capsys, "check", warned, code=DONE)
    said(capsys, "check", warned, "--fail-on", "warning", code=FINDINGS)


def test_every_format_holds_every_draft(
    drafts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = {form: tmp_path / f"verdict.{form}" for form in ("json", "sarif", "csv", "xlsx", "html")}
    for file in made.values():
        assert said(capsys, "check", drafts, "-o", file, "--lang", "en", code=FAILED) == ""

    whole: dict[str, Any] = json.loads(made["json"].read_text())
    assert {
        Path(d["file"]).name: (d["verdict"], d["counts"]["error"]) for d in whole["drafts"]
    } == {
        "2014-docx-raw.docx": ("clean", 0),
        "2019-html-word.html": ("errors", 2),
        "letter.docx": ("unreadable", 0),
    }
    (run,) = json.loads(made["sarif"].read_text())["runs"]
    results = [(r["ruleId"], r["level"]) for r in run["results"] if r["level"] == "error"]
    assert results == [("requests.result_total", "error")] * 2
    assert not run["invocations"][0]["executionSuccessful"]
    rows = made["csv"].read_text("utf-8-sig").splitlines()
    assert rows[0] == "file,agency,year,level,rule,finding,cells"
    assert sum(",Errors,requests.result_total," in row for row in rows) == 2
    book = openpyxl.load_workbook(made["xlsx"])
    assert book.sheetnames == ["drafts", "findings"]
    assert [row[4].value for row in book["drafts"].iter_rows(min_row=2)] == [None, 2, 0]
    page = made["html"].read_text()
    assert page.count("<h2>") == 3 and "<script" not in page


def test_a_page_shows_hostile_text_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tmp_path / "<script>alert(1)<b>.txt"
    draft.write_bytes(build(random_report(3), "txt-tabs").data)
    assert status(["check", str(draft), "-o", str(tmp_path / "verdict.html")]) in (DONE, FINDINGS)
    assert "<script>" not in (tmp_path / "verdict.html").read_text()


def test_last_years_report_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    this, before = SAMPLES / "2021-html-fillers.html", SAMPLES / "2021-docx-runs.docx"
    alone = said(capsys, "check", this, "--lang", "en", code=DONE)
    assert "last year's report was not given" in alone
    with_it = said(capsys, "check", this, "--previous", before, "--lang", "en", code=DONE)
    assert "last year's report was not given" not in with_it
    assert str(before) not in with_it


def test_the_standard_input_is_a_draft(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "flows.commands.cli", "check", "-", "--lang", "en"],
        input=CLEAN.read_bytes(),
        env=environment(tmp_path),
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == DONE and ran.stdout.decode().splitlines()[0] == "-", ran.stderr
