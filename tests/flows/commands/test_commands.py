"""The command's voice: exit statuses, what `check` and `why` say in both languages, the shape of
the JSON, and what is not imported.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.commands.cli import status
from flows.commands.exit_status import DONE, FINDINGS
from load.database import connect
from load.merge_findings import FINDING_COLUMNS
from load.warehouse import load_readings, memory
from review.check_text import as_text
from review.judged import Judged
from review.messages import say
from tests.conftest import CHECKOUT
from tests.cost import slowness
from tests.flows.command import SAMPLES, environment, nianbao
from tests.load.made import full_cells, reading
from transform.form.forms import load_forms
from transform.localize.diagnose import SUSPECTS
from transform.records import CellRow
from transform.rules.evaluate import findings
from transform.rules.load import load_rules
from transform.temporary_tables import fetch_rows

WRONG_SUM = SAMPLES / "2019-html-word.html"  # the results of 自然人 add to 26, the total says 20
BLANKS = SAMPLES / "2019-txt-dump.txt"  # 三 totals blank over parts that are not
CLEAN = SAMPLES / "2014-docx-raw.docx"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of two samples."""
    home = tmp_path_factory.mktemp("cli")
    done = nianbao(home, "run", WRONG_SUM, BLANKS)
    assert done.returncode == DONE, done.stderr
    return home / "w.duckdb"


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: int = DONE) -> str:
    """What the command says on its output; nothing on the error output."""
    assert status([str(a) for a in arguments]) == code
    captured = capsys.readouterr()
    assert not captured.err
    return captured.out


# ---- what is imported

HEAVY = ("prefect", "pandas", "rich.console", "scipy", "asyncio")


def loaded(tmp_path: Path, *arguments: str | Path) -> set[str]:
    """The modules that the command has imported when it ends."""
    program = (
        "import sys\nfrom flows.commands.cli import "
        "status\nstatus(sys.argv[1:])\nprint('\\n'.join(['', "
        "'MODULES', *sys.modules]))"
    )
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(
        command, env=environment(tmp_path), cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.partition("\nMODULES\n")[2].split())


def test_no_command_but_a_run_through_prefect_imports_it(tmp_path: Path) -> None:
    for arguments in (
        ["run", CLEAN],
        ["check", CLEAN],
        ["why", CLEAN.name, "statistics", "a", "value"],
        ["dictionary"],
        ["--help"],
    ):
        modules = loaded(tmp_path, *arguments)
        assert "flows.commands.cli" in modules and "prefect" not in modules, arguments
        if arguments[0] in ("run", "check"):
            assert "duckdb" in modules and not {"pandas", "pyarrow"} & modules, arguments
    assert not {"duckdb", "pyarrow", "pydantic"} & loaded(tmp_path, "--help")
    assert not {"pydantic_settings", "flows.steps.settings", "rich.progress"} & loaded(
        tmp_path, "check", CLEAN
    )


def cpu(tmp_path: Path, *arguments: str | Path) -> float:
    """Processor time of the command and its children, in seconds of a machine of usual pace."""
    before = os.times()
    nianbao(tmp_path, *arguments)
    after = os.times()
    spent = after.children_user + after.children_system
    return (spent - before.children_user - before.children_system) / slowness()


def test_commands_start_fast(tmp_path: Path) -> None:
    nianbao(tmp_path, "run", SAMPLES)
    assert cpu(tmp_path, "run", SAMPLES) < 2.0  # 0.8 s where nothing else runs
    # 1.7 s where nothing else runs, in two processes side by side
    assert cpu(tmp_path, "check", BLANKS) < 4.0


# ---- check


def test_check_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "check", BLANKS, "--lang", "zh", code=FINDINGS)
    head, errors, warnings, infos = text.split("\n\n")
    assert head.splitlines()[1:3] == [
        "上饶市民政局 2019 年度报告",
        "text 文件；表式：2019 版（表二、表三、表四）",
    ]
    assert head.splitlines()[3].startswith("错误 3，提醒 ")
    assert errors.splitlines()[:3] == [
        "错误",
        "  三、收到和处理政府信息公开申请情况",
        "    - 以下 3 处出于同一原因：",
    ]
    *told, likely = errors.splitlines()[3:]
    totals = [line.partition("“")[2].partition("”")[0] for line in told]
    assert totals == [
        "一、本年新收政府信息公开申请数量 / 总计",
        "（三）不予公开 4.保护第三方合法权益 / 总计",
        "（七）总计 / 总计",
    ]  # in the order of the form
    assert likely.startswith("      → 很可能是：") and likely.count("未填，应为 ≥ 5（漏填）") == 3
    assert "    - 有 135 个空白单元格。没有发生的请填 0，以免与漏填混淆。 [cell.blank]" in warnings
    assert "整份报告" in infos and "按正文中的地名补全为“上饶市民政局”" in infos
    assert re.search(r"- \d+ 个空白按 0 计时等式成立。没有发生的请填 0。", infos)
    for word in ("holds_if_blank_is_zero", "not_assessable", "requests|", "None", "{"):
        assert word not in text


def test_check_in_english(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "check", WRONG_SUM, "--lang", "en", code=FINDINGS)
    assert (
        "平潭综合实验区管理委员会, report on 2020\nhtml file; form: edition of 2019 (II, III, "
        "IV)\nerrors 2, warnings 1, for information 0"
    ) in text
    assert (
        "  III. Disclosure requests received and handled\n    - These 2 have one cause:\n     "
        " - Column Natural persons: the results (1)"
    ) in text
    assert (
        "      → One of these may be wrong:\n          1) " in text
        and "Likely" not in text
        and "causes" not in text
    )


def test_check_speaks_the_language_of_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    assert say("check.clean", "en") in said(capsys, "check", CLEAN)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert say("check.clean", "zh") in said(capsys, "check", CLEAN)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert say("check.clean", "en") in said(capsys, "check", CLEAN)


def test_a_table_that_is_not_there_is_said_at_the_head(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (SAMPLES / "2021-html-fillers.html").read_text(encoding="utf-8")
    tables = list(re.finditer(r"<table.*?</table>", page, re.DOTALL))
    (tmp_path / "cut.html").write_text(
        page[: tables[-1].start()] + page[tables[-1].end() :], encoding="utf-8"
    )
    text = said(capsys, "check", tmp_path / "cut.html", "--lang", "zh", code=FINDINGS)
    assert (
        "未找到：表四" in text.splitlines()[2]
        and "未找到四、政府信息公开行政复议、行政诉讼情况的表格" in text
    )


JSON_KEYS = [
    "version",
    "file",
    "verdict",
    "counts",
    "document",
    "outcome",
    "report",
    "tables",
    "cells",
    "findings",
    "suspects",
    "deductions",
    "figures_compared",
    "compared_with_last_year",
]


def test_the_shape_of_the_json(capsys: pytest.CaptureFixture[str]) -> None:
    whole: dict[str, Any] = json.loads(said(capsys, "check", WRONG_SUM, "--json", code=FINDINGS))
    assert list(whole) == JSON_KEYS
    assert (
        whole["file"] == str(WRONG_SUM)
        and whole["outcome"]["status"] == "extracted"
        and whole["outcome"]["reason"] is None
    )
    assert (
        whole["report"]["agency_id"] == "平潭综合实验区管理委员会"
        and whole["report"]["year"] == 2020
    )
    assert [t["table_id"] for t in whole["tables"]] == [
        "proactive",
        "requests",
        "disputes",
    ] and isinstance(whole["tables"][0]["note"], list)
    cells = {(c["table_id"], c["row_id"], c["col_id"]): c for c in whole["cells"]}
    total = cells["requests", "result_total", "natural"]
    assert Decimal(total["value"]) == 20 and (
        total["state"],
        total["raw_text"].strip(),
        total["grid_row"],
    ) == ("number", "20", 25)
    finding = whole["findings"][0]
    assert (
        set(finding) == set(FINDING_COLUMNS)
        and finding["rule_id"] == "requests.result_total"
        and Decimal(finding["delta"]) == -6
    )
    assert "requests|result_total|natural" in finding["cells"]
    suspect = whole["suspects"][0]
    assert (
        set(suspect) == set(SUSPECTS)
        and suspect["cause_id"] == finding["cause_id"]
        and suspect["rank"] == 1
        and suspect["confident"] is False
    )


def test_the_json_of_what_is_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.docx").touch()
    whole: dict[str, Any] = json.loads(
        said(capsys, "check", tmp_path / "empty.docx", "--json", code=2)
    )
    assert list(whole) == JSON_KEYS
    assert (
        whole["report"] is None
        and whole["outcome"]["reason"] == "empty_file"
        and whole["findings"] == whole["suspects"] == whole["deductions"] == []
    )


def test_real_reports_end_in_a_clear_verdict(
    shared_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("005.html", "008.html", "014.html", "80595.html", "86513.html"):
        for lang in ("zh", "en"):
            code = status(["check", str(shared_dir / "corpus" / "raw" / name), "--lang", lang])
            text = capsys.readouterr().out
            assert code in (DONE, FINDINGS) and "None" not in text and "{" not in text
            assert (f"\n{say('level_heading.error', lang)}\n" in text) == (code == FINDINGS)
            assert all(line.startswith("    ") or "[" not in line for line in text.splitlines()), (
                "a finding stands outside its table"
            )


# ---- why


def test_why_shows_the_cell_and_both_sides_of_its_sums(
    warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(
        capsys,
        "why",
        "2019-html-word.html",
        "requests",
        "result_total",
        "natural",
        "--database",
        warehouse,
        "--lang",
        "en",
    )
    lines = text.splitlines()
    assert lines[0].startswith("平潭综合实验区 2020, 2019-html-word.html (report ")
    assert lines[2:4] == [
        "printed “20”, table 2, row 25, column 4 of the document",
        "read as: number 20 件 (reader html, confidence 1)",
    ]
    assert (
        "  requests.balance natural: 20 == 20, holds" in lines
        and "  requests.result_total natural: 26 == 20, fails" in lines
    )
    left = lines[lines.index("  requests.result_total natural: 26 == 20, fails") + 1]
    assert sum(map(int, re.findall(r"(\d+) \(", left))) == 26 and left.endswith("13 × zero")
    assert "Findings:" in lines and lines[-1].startswith("  error requests.result_total (new, ")


def test_why_tells_a_blank_from_nought(warehouse: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(
        capsys,
        "why",
        "上饶市民政局-2019",
        "requests",
        "new",
        "total",
        "--database",
        warehouse,
        "--lang",
        "zh",
    )
    assert "原文空白，在第 2 个表第 4 行第 8 列\n读作：空白（读取程序 text，置信度 1）" in text
    assert (
        "requests.row_total new: 5 == —, 总计空白\n    左 5 (natural) + 5 × 空白\n    右 1 × 空白"
        in text
    )
    assert "requests.balance total: — == —, " in text  # four blanks


def test_why_agrees_with_the_findings(warehouse: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each sum that fails is shown with the two sides that the check has found."""
    with connect(warehouse) as con:
        failing = con.execute(
            "SELECT report_id, rule_id, instance, expected, actual, cells[1] FROM findings "
            "WHERE state = 'fails' AND len(cells) > 1 AND level = 'error'"
        ).fetchall()
    assert failing
    for report_id, rule_id, instance, expected, actual, cell in failing:
        text = said(capsys, "why", report_id, *cell.split("|"), "--database", warehouse)
        assert (
            f"  {rule_id} {instance}: {expected.normalize():f} == {actual.normalize():f}, " in text
        )


def test_a_cell_in_no_sum(warehouse: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(
        capsys,
        "why",
        "2019-html-word.html",
        "proactive",
        "procurement",
        "amount",
        "--database",
        warehouse,
        "--lang",
        "en",
    )
    assert (
        "printed “73802895.90元”" in text
        and "read as: number 73802895.9 元" in text
        and "It stands in no sum." in text
    )
    assert "warning cell.unit_in_cell" in text


# ---- long lists


def judged(cells: Sequence[CellRow]) -> Judged:
    """The verdict on a report with these cells."""
    forms = load_forms()
    made = reading("a", "上饶市民政局", cells=cells)
    with memory(views=False) as con:
        load_readings(con, [made])
        return Judged(
            Path("a.docx"), made, tuple(fetch_rows(findings(con, forms, load_rules(forms))))
        )


def test_missing_cells_are_named_and_the_list_is_cut() -> None:
    cells = [
        replace(c, state="absent", value=None, raw_text=None)
        if c.row_id in ("new", "granted") and c.col_id != "total"
        else c
        for c in full_cells(0)
    ]
    text = as_text(judged(cells), "zh")
    names = text.partition("缺少 12 个单元格：")[2].partition("……")[0].split("；")
    assert (
        len(names) == 6
        and names[0] == "一、本年新收政府信息公开申请数量 / 自然人"
        and "requests|" not in text
    )
    assert "Natural persons; " in as_text(judged(cells), "en")


def test_many_findings_of_one_rule_are_counted_beyond_a_dozen() -> None:
    cells = [
        replace(c, value=Decimal("0.5"), state="number") if c.table_id == "disputes" else c
        for c in full_cells(0)
    ]
    text = as_text(judged(cells), "zh")
    assert (
        text.count("[cell.not_an_integer]") == 13
        and "还有 3 处同类问题，加 --all 全部列出 [cell.not_an_integer]" in text
    )


def test_an_agency_without_its_place_is_shown_by_the_name_it_has() -> None:
    made = judged(full_cells(0))
    assert made.reading.report is not None
    unplaced = replace(
        made,
        reading=replace(
            made.reading,
            report=replace(made.reading.report, agency_id="unknown", agency_name="城关镇人民政府"),
        ),
    )
    assert "城关镇人民政府 (full name not known), report on" in as_text(
        unplaced, "en"
    ) and "城关镇人民政府（未能确定全称）" in as_text(unplaced, "zh")


def test_a_line_break_in_what_is_quoted_breaks_no_line() -> None:
    made = judged(
        [
            replace(c, state="text", value=None, raw_text="见\n附件")
            if (c.row_id, c.col_id) == ("new", "natural")
            else c
            for c in full_cells(0)
        ]
    )
    assert "但" not in as_text(made, "en") and "it says “见 附件”" in as_text(made, "en")
