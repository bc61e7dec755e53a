"""Every bad input: which exit status, and that one line names it and says why.

Never a traceback, and the earlier warehouse stays.
"""

import functools
import io
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import duckdb
import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from extract.document import Reason
from flows.commands.cli import status
from flows.commands.exit_status import DONE, FAILED, FINDINGS, INTERRUPTED, USAGE
from flows.steps.plan import make_batches
from flows.steps.read import read_document
from flows.steps.request import ReadRequest, request_of
from flows.steps.settings import load_settings
from load.database import connect
from review.messages import say
from tests.build.draw import random_report
from tests.build.registry import build
from tests.conftest import CHECKOUT
from tests.extract import hostile
from tests.flows.command import (
    SAMPLES,
    alive,
    contents,
    environment,
    nianbao,
    readers_of,
    start,
    write_reports,
)
from transform.records import Reading

CHALLENGE: Final = """<!DOCTYPE html><html><head><title>请稍候…</title>
<meta http-equiv="refresh" content="5"></head><body>
<div>您的访问请求可能存在安全风险，已被云防护拦截。请完成安全验证。Request ID: 7f0e</div>
<script>document.cookie="c=1"</script></body></html>"""
SCRIPT_ONLY: Final = """<!DOCTYPE html><html><head><meta charset="utf-8">
<title>年度报告</title></head><body><div id="app"></div>
<noscript>请启用 JavaScript</noscript><script src="/static/js/app.js"></script></body></html>"""


def locked(suffix: str) -> bytes:
    """A report that needs a password."""
    plain = (
        SAMPLES / {"docx": "2021-docx-clean.docx", "xlsx": "2021-xlsx-one-sheet.xlsx"}[suffix]
    ).read_bytes()
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(plain)).encrypt("secret", out)
    return out.getvalue()


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cut(name: str) -> bytes:
    data = (SAMPLES / name).read_bytes()
    return data[: len(data) // 2]


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in ("报告一.docx", "报告二.docx"):
            file.writestr(f"2021年报/{name}", (SAMPLES / "2021-docx-clean.docx").read_bytes())
    return out.getvalue()


DOCUMENTS: Final[dict[str, tuple[Callable[[], bytes], Reason]]] = {
    "empty.docx": (lambda: b"", Reason.EMPTY_FILE),
    "blank.txt": (lambda: b" \r\n\t\r\n", Reason.EMPTY_FILE),
    "locked.docx": (functools.partial(locked, "docx"), Reason.ENCRYPTED),
    "locked.xlsx": (functools.partial(locked, "xlsx"), Reason.ENCRYPTED),
    "locked.xls": (
        lambda: hostile.ole({"Workbook": hostile.workbook_stream(encrypted=True)}),
        Reason.ENCRYPTED,
    ),
    "cut.docx": (functools.partial(cut, "2021-docx-clean.docx"), Reason.DAMAGED),
    "cut.xlsx": (functools.partial(cut, "2021-xlsx-one-sheet.xlsx"), Reason.DAMAGED),
    "cut.xls": (functools.partial(cut, "2021-xls-sheets.xls"), Reason.DAMAGED),
    "bomb.docx": (
        lambda: hostile.docx(None, ("word/media/image1.emf", bytes(30 << 20))),
        Reason.ARCHIVE_GUARD,
    ),
    "entities.docx": (
        lambda: hostile.docx(
            b'<!DOCTYPE d [<!ENTITY a "aaaa">]>' + hostile.document_xml().partition(b"?>")[2]
        ),
        Reason.XML_GUARD,
    ),
    "archive.zip": (archive, Reason.NOT_A_REPORT),
    "prose.docx": (
        lambda: hostile.docx(
            hostile.document_xml("<w:p><w:r><w:t>本机关认真履行公开职责。</w:t></w:r></w:p>")
        ),
        Reason.NO_TABLES,
    ),
    "firewall.html": (CHALLENGE.encode, Reason.BLOCKED_PAGE),
    "script.html": (SCRIPT_ONLY.encode, Reason.NEEDS_BROWSER),
    "other.xlsx": (lambda: workbook(("姓名", "电话"), ("甲", 1), ("乙", 2)), Reason.NOT_A_REPORT),
    "noise.doc": (lambda: bytes(range(256)) * 20, Reason.UNKNOWN_FORMAT),
    "huge.txt": (lambda: b"1\n" * (26 << 20), Reason.TOO_LARGE),
}


@pytest.fixture(scope="module")
def junk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every bad document."""
    folder = tmp_path_factory.mktemp("junk")
    for name, (make, _) in DOCUMENTS.items():
        (folder / name).write_bytes(make())
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the settings of the command, for calls within this process."""
    for name in os.environ:
        if name.startswith(("NIANBAO_", "PREFECT_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NIANBAO_DATABASE", str(tmp_path / "w.duckdb"))
    monkeypatch.setenv("NIANBAO_STAGING", str(tmp_path / "staging"))
    monkeypatch.setenv("NIANBAO_WORKERS", "1")
    return tmp_path


# ---- one document


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_bad_document_ends_with_its_reason(junk: Path, name: str) -> None:
    request = request_of(junk / name)
    assert isinstance(request, ReadRequest)
    reading = read_document(request)
    assert isinstance(reading, Reading)
    outcome = reading.outcome
    assert (outcome.status, outcome.reason) == ("rejected", DOCUMENTS[name][1]), outcome
    assert outcome.detail or outcome.reason == Reason.EMPTY_FILE


@pytest.mark.parametrize("name", ["locked.docx", "bomb.docx", "firewall.html"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_check_says_it_in_one_line(
    junk: Path, here: Path, capsys: pytest.CaptureFixture[str], name: str, lang: str
) -> None:
    assert status(["check", str(junk / name), "--lang", lang]) == FAILED
    said = capsys.readouterr()
    reason = DOCUMENTS[name][1]
    assert said.out.count("\n") == 1 and said.out.startswith(str(junk / name)) and not said.err
    assert say(f"reason.{reason}", lang) in said.out and f"[rejected, {reason}: " in said.out


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("2021-docx-runs.docx", "a.txt"),
        ("2021-html-fillers.html", "b.doc"),
        ("2021-xls-sheets.xls", "c.xlsx"),
    ],
)
def test_a_wrong_extension_is_no_matter(tmp_path: Path, name: str, wrong: str) -> None:
    shutil.copy(SAMPLES / name, tmp_path / wrong)
    asked = [request_of(SAMPLES / name), request_of(tmp_path / wrong)]
    readings = [read_document(r) for r in asked if isinstance(r, ReadRequest)]
    right, renamed = (r for r in readings if isinstance(r, Reading))
    assert (
        right.outcome.status == "extracted"
        and right.cells == renamed.cells
        and right.document.format == renamed.document.format
    )


# ---- a run over bad documents


def test_a_run_over_junk_succeeds_and_the_good_go_on(junk: Path, tmp_path: Path) -> None:
    folder = tmp_path / "input"
    shutil.copytree(junk, folder)
    good = ("2021-docx-runs.docx", "2019-txt-pipes.txt")
    for name in good:
        shutil.copy(SAMPLES / name, folder / name)
    (folder / "gone.docx").symlink_to(folder / "nowhere.docx")
    os.mkfifo(folder / "pipe.docx")
    (folder / "~$2021-docx-runs.docx").write_bytes(b"lock file of an office program")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "x.docx").write_bytes(b"x")
    done = nianbao(tmp_path, "run", folder)
    assert done.returncode == DONE, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    with connect(tmp_path / "w.duckdb") as con:
        found = dict(
            con.execute(
                "SELECT file_name, coalesce(reason, status) FROM outcomes JOIN documents "
                "USING (document_id)"
            ).fetchall()
        )
    expected = {name: str(reason) for name, (_, reason) in DOCUMENTS.items()} | dict.fromkeys(
        good, "extracted"
    )
    assert found == expected | {"gone.docx": "unreadable", "pipe.docx": "unreadable"}
    for said in (
        "rejected, encrypted: 3",
        "locked.docx: ",
        "2 extracted",
        f"{len(DOCUMENTS) + 2} rejected",
        "pipe.docx: it is no regular file",
    ):
        assert said in done.stdout
    alone = tmp_path / "alone"
    nianbao(alone, "run", *(SAMPLES / name for name in good))
    whole, only = contents(tmp_path / "w.duckdb"), contents(alone / "w.duckdb")
    assert (
        whole["cells"] == only["cells"]
        and whole["findings"] == only["findings"]
        and len(only["cells"]) > 300
    )
    again = nianbao(tmp_path, "run", folder)
    assert "nothing has changed" in again.stdout and contents(tmp_path / "w.duckdb") == whole
    pruned = nianbao(tmp_path, "run", folder, "--prune")
    assert (
        pruned.returncode == USAGE
        and "gone.docx: the file cannot be opened" in pruned.stderr
        and "without --prune" in pruned.stderr
    )
    assert contents(tmp_path / "w.duckdb") == whole


def test_a_folder_of_nothing_but_junk_makes_a_warehouse_of_rejections(
    junk: Path, tmp_path: Path
) -> None:
    done = nianbao(tmp_path, "run", junk)
    assert (
        done.returncode == DONE
        and f"documents: {len(DOCUMENTS)} rejected" in done.stdout
        and "cells: 0" in done.stdout
    )


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """As unzip leaves names from Windows: their bytes are GB 18030."""
    folder = tmp_path / "input"
    folder.mkdir()
    shutil.copy(SAMPLES / "2021-txt-tabs.txt", os.fsencode(folder) + "/年报.txt".encode("gb18030"))
    (folder / "a\nb.txt").write_bytes(b"")
    done = nianbao(tmp_path, "run", folder)
    assert done.returncode == DONE, done.stderr
    with connect(tmp_path / "w.duckdb") as con:
        names = {name for (name,) in con.execute("SELECT file_name FROM documents").fetchall()}
    assert names == {"年报.txt", "a\nb.txt"}
    checked = subprocess.run(
        [
            *map(os.fsencode, (sys.executable, "-m", "flows.commands.cli", "check")),
            os.fsencode(folder) + "/年报.txt".encode("gb18030"),
        ],
        env=environment(tmp_path, PYTHONIOENCODING="ascii"),
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    )
    assert checked.returncode in (DONE, FINDINGS) and not checked.stderr


# ---- wrong usage

USES: Final[dict[str, tuple[list[str], int, str]]] = {
    "unknown command": (["bogus"], USAGE, "No such command 'bogus'"),
    "unknown option": (["run", "--nope"], USAGE, "No such option: --nope"),
    "no file": (["check"], USAGE, "Missing argument"),
    "one draft of two": (["check", str(SAMPLES), "nowhere"], USAGE, "nowhere: no such file"),
    "rows without a file": (["check", str(SAMPLES), "--format", "csv"], USAGE, "add -o FILE.csv"),
    "no such language": (
        ["check", "x.docx", "--lang", "fr"],
        USAGE,
        "'fr' is not one of 'zh', 'en'",
    ),
    "workers in words": (["run", "--workers", "two"], USAGE, "--workers"),
    "no workers": (["run", "--workers", "0"], USAGE, "--workers is '0': "),
    "too many workers": (["run", "--workers", "1000"], USAGE, "--workers is '1000': "),
    "no such path": (["run", "nowhere"], USAGE, "nowhere: no such file or folder"),
    "one path of two": (["run", str(SAMPLES), "nowhere"], USAGE, "nowhere: no such file or folder"),
    "folder without files": (["run", "{here}/empty"], USAGE, "empty: the folder holds no file"),
    "check nothing": (["check", "nowhere.docx"], USAGE, "nowhere.docx: no such file"),
    "why without a warehouse": (
        ["why", "x", "requests", "new", "total"],
        FAILED,
        "w.duckdb: there is no such file. Run `nianbao run` first",
    ),
    "database is a folder": (
        ["run", str(SAMPLES), "--database", "{here}/empty"],
        FAILED,
        "empty: it cannot be opened as a DuckDB database",
    ),
    "database in a file": (
        ["run", str(SAMPLES), "--database", "{here}/file/w.duckdb"],
        FAILED,
        "its folder cannot be made (File exists)",
    ),
    "database of another kind": (
        ["run", str(SAMPLES), "--database", "{here}/file"],
        FAILED,
        "file: it cannot be opened as a DuckDB database",
    ),
}


@pytest.mark.parametrize("case", USES)
def test_wrong_use_is_said_in_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    (here / "empty").mkdir()
    (here / "file").write_bytes(b"not a database")
    arguments, code, said = USES[case]
    assert status([a.format(here=here) for a in arguments]) == code
    captured = capsys.readouterr()
    assert (
        said in captured.err
        and captured.err.startswith("nianbao: ")
        and captured.err.count("\n") == 1
        and not captured.out
    )
    assert (here / "file").read_bytes() == b"not a database" and not (here / "staging").exists()


def test_without_arguments_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert status([]) == USAGE and "Commands:" in capsys.readouterr().out
    assert status(["--help"]) == DONE and "check" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NIANBAO_BATCH", "none", "NIANBAO_BATCH"),
        ("NIANBAO_BATCH", "0", "NIANBAO_BATCH"),
        ("NIANBAO_WORKERS", "", "NIANBAO_WORKERS"),
        ("NIANBAO_SMTP", "mail", "NIANBAO_SMTP is 'mail': give host:port"),
    ],
)
def test_a_wrong_setting_is_refused_at_start(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert status(["run", str(SAMPLES)]) == USAGE
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and not (here / "w.duckdb").exists()


def test_the_staging_folder_may_be_named_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIANBAO_STAGING", raising=False)
    monkeypatch.setenv("NIANBAO_SHARDS", "/waiting")
    assert load_settings().staging_folder == Path("/waiting")
    monkeypatch.delenv("NIANBAO_SHARDS")
    given = load_settings(database=Path("a.duckdb"))
    assert given.staging_folder == Path("a.duckdb.staging")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("NIANBAO_DATABSE=w.duckdb", "did you mean NIANBAO_DATABASE?"),
        ("NIANBAO_DATABASE w.duckdb", "line 2: 'NIANBAO_DATABASE w.duckdb' is no NAME=value"),
    ],
)
def test_a_line_that_sets_nothing_is_refused(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / ".env").write_text(f"# mine\n{line}\nOTHER=1\n")
    ran = nianbao(tmp_path, "run", SAMPLES, cwd=tmp_path)
    assert ran.returncode == USAGE and said in ran.stderr, ran.stderr


def test_a_name_in_the_environment_that_is_no_setting_is_refused(tmp_path: Path) -> None:
    ran = nianbao(tmp_path, "run", SAMPLES, env={"NIANBAO_WORKER": "2"})
    assert ran.returncode == USAGE and "did you mean NIANBAO_WORKERS?" in ran.stderr


def test_an_env_file_is_read_and_refused(tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "2021-txt-tabs.txt", tmp_path / "report.txt")
    env = {
        "NIANBAO_DATABASE": "mine.duckdb",
        "NIANBAO_STAGING": "waiting",
    }  # relative: to the folder of the command
    (tmp_path / ".env").write_text(
        "NIANBAO_WORKERS=1\nNIANBAO_INPUT=report.txt\nOTHER=1\n", encoding="utf-8"
    )
    done = nianbao(tmp_path, "run", cwd=tmp_path, env=env)
    assert (
        done.returncode == DONE
        and "read 1 of 1" in done.stdout
        and (tmp_path / "mine.duckdb").is_file()
    ), done.stderr
    for text, said in (
        (b"NIANBAO_BATCH=many\n", "NIANBAO_BATCH"),
        ("NIANBAO_INPUT=报告\n".encode("gb18030"), ".env: "),
    ):
        (tmp_path / ".env").write_bytes(text)
        refused = nianbao(tmp_path, "run", cwd=tmp_path, env=env)
        assert (
            refused.returncode == USAGE
            and said in refused.stderr
            and refused.stderr.count("\n") == 1
        ), refused.stderr


# ---- why


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of two samples."""
    home = tmp_path_factory.mktemp("why")
    done = nianbao(home, "run", SAMPLES / "2019-html-word.html", SAMPLES / "2019-txt-dump.txt")
    assert done.returncode == DONE, done.stderr
    return home / "w.duckdb"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (
            ("nobody-2019", "requests", "new", "total"),
            "nobody-2019: no such report; give a report_id, a file name, or agency and year",
        ),
        (
            ("2019-html-word.html", "request", "new", "total"),
            "this report has the tables disputes, proactive, requests",
        ),
        (
            ("2019-html-word.html", "requests", "old", "total"),
            "this table has the rows new, carried_in, granted",
        ),
        (
            ("2019-html-word.html", "requests", "new", "all"),
            "this row has the columns natural, business",
        ),
    ],
)
def test_why_says_what_there_is_instead(
    warehouse: Path, capsys: pytest.CaptureFixture[str], cell: tuple[str, ...], said: str
) -> None:
    assert status(["why", *cell, "--database", str(warehouse)]) == USAGE
    assert said in capsys.readouterr().err


# ---- runs that fail


@pytest.fixture
def published(here: Path, warehouse: Path) -> Iterator[bytes]:
    """The warehouse of an earlier run, which a failing one must leave as it is."""
    shutil.copy(warehouse, here / "w.duckdb")
    before = (here / "w.duckdb").read_bytes()
    yield before
    assert (here / "w.duckdb").read_bytes() == before
    assert not list(here.glob("*.building*"))


def test_a_locked_warehouse(
    here: Path, published: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    program = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('ready', flush=True); "
        "sys.stdin.readline()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(here / "w.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None and holder.stdout.readline() == "ready\n"
    try:
        assert status(["run", str(SAMPLES)]) == FAILED
        error = capsys.readouterr().err
        assert (
            f"w.duckdb: another process (PID {holder.pid}) has it open for writing" in error
            and error.count("\n") == 1
        )
    finally:
        holder.communicate("\n")


def test_a_staging_folder_that_cannot_be_written(
    here: Path, published: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "staging").write_bytes(b"a file where a folder should be")
    assert status(["run", str(SAMPLES / "2021-txt-tabs.txt")]) == FAILED
    error = capsys.readouterr().err
    assert (
        "what was read cannot be written" in error
        and str(here / "staging") in error
        and error.count("\n") == 1
    )


def test_folders_that_may_not_be_read_or_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with tempfile.TemporaryDirectory() as name:  # not tmp_path: nobody else may enter that
        home, user = Path(name), os.geteuid()
        home.chmod(0o755)
        monkeypatch.setenv("NIANBAO_DATABASE", str(home / "w.duckdb"))
        monkeypatch.setenv("NIANBAO_STAGING", str(home / "staging"))
        (home / "input" / "secret").mkdir(parents=True)
        shutil.copy(SAMPLES / "2021-txt-tabs.txt", home / "input" / "report.txt")
        assert status(["run", str(home / "input" / "report.txt")]) == DONE
        (home / "w.duckdb.lock").unlink()
        before = (home / "w.duckdb").read_bytes()
        capsys.readouterr()
        (home / "input" / "secret").chmod(0)
        home.chmod(0o555)
        try:
            if user == 0:
                os.seteuid(65534)  # to root nothing is forbidden
            for target, code in (("input", USAGE), ("input/report.txt", FAILED)):
                assert status(["run", str(home / target)]) == code
                error = capsys.readouterr().err
                assert "Permission denied" in error and error.count("\n") == 1, error
        finally:
            os.seteuid(user)
            home.chmod(0o755)
        assert (home / "w.duckdb").read_bytes() == before


@pytest.mark.parametrize("room", [1_000, 200_000, 2_000_000])
def test_a_full_disk(tmp_path: Path, warehouse: Path, room: int) -> None:
    """A limit on the size of files stands in for a disk: it is met in a shard, in the copy of the
    warehouse, or while that grows.
    """
    shutil.copy(warehouse, tmp_path / "w.duckdb")
    before = (tmp_path / "w.duckdb").read_bytes()
    done = nianbao(
        tmp_path,
        "run",
        SAMPLES,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    assert done.returncode == FAILED and done.stderr.count("\n") == 1, done.stderr
    assert "cannot be written (File too large). Free some room" in done.stderr
    assert (tmp_path / "w.duckdb").read_bytes() == before and not list(tmp_path.glob("*.building*"))
    # and when there is room again, all is well
    assert "18 extracted" in nianbao(tmp_path, "run", SAMPLES).stdout


def test_output_that_cannot_be_written(tmp_path: Path) -> None:
    command, env = [sys.executable, "-m", "flows.commands.cli", "dictionary"], environment(tmp_path)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command,
            env=env,
            cwd=CHECKOUT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (
        done.returncode == FAILED
        and "No space left on device" in done.stderr
        and done.stderr.count("\n") == 1
    ), done.stderr
    piped = subprocess.Popen(
        command, env=env, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert piped.stdout is not None and piped.stderr is not None
    piped.stdout.close()  # a reader such as `head` that has had enough
    assert piped.stderr.read() == "" and piped.wait() == DONE


# ---- configuration


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("rules/sums.yaml", "requests[new,$col]", "requests[nowhere,$col]", "sums.yaml:"),
        ("rules/cells.yaml", "level: error", "level: awful", "cells.yaml:"),
        ("rules/cells.yaml", "rules:", "rules: [", "cells.yaml:"),
        ("forms/2021.yaml", "tables:", "tabels:", "2021.yaml:"),
    ],
)
def test_broken_rules_and_forms_are_named_with_their_line(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    shutil.copytree(
        CHECKOUT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("out", "samples")
    )
    broken = tmp_path / "data" / file
    text = broken.read_text(encoding="utf-8")
    assert old in text
    broken.write_text(text.replace(old, new, 1), encoding="utf-8")
    for command in ("check", "run"):
        program = (
            f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from flows.commands.cli import "
            "main; main()"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, command, str(SAMPLES / "2021-txt-tabs.txt")],
            env=environment(tmp_path),
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == USAGE and "Traceback" not in done.stderr, done.stderr
        assert (
            all(str(broken) in line for line in done.stderr.splitlines())
            and said in done.stderr
            and not (tmp_path / "w.duckdb").exists()
        )


# ---- Ctrl-C


@pytest.mark.slow
def test_ctrl_c_ends_a_run_with_its_children(tmp_path: Path) -> None:
    write_reports(tmp_path / "input", 60)
    run = start(tmp_path, "run", tmp_path / "input", NIANBAO_BATCH="10")
    while not list((tmp_path / "staging").glob("*.jsonl.gz")):
        assert run.poll() is None, run.communicate()
        time.sleep(0.02)
    readers = readers_of(run.pid)
    assert len(readers) >= 2
    run.send_signal(signal.SIGINT)
    out, error = run.communicate(timeout=20)
    assert run.returncode == INTERRUPTED and not out
    assert (
        error == "nianbao: stopped; what was read is kept, start the same command again to go on\n"
    )
    assert not alive(readers)
    again = nianbao(tmp_path, "run", tmp_path / "input")
    known = int(again.stdout.partition("(")[2].partition(" known")[0])
    assert (
        again.returncode == DONE and 10 <= known < 60 and "documents: 60 extracted" in again.stdout
    )


def test_ctrl_c_ends_a_check(tmp_path: Path) -> None:
    for _ in range(
        3
    ):  # pydantic, while it is imported, now and then makes an error of its own of it
        check = start(tmp_path, "check", SAMPLES / "2019-html-word.html")
        while not (readers := readers_of(check.pid)):
            assert check.poll() is None
            time.sleep(0.005)
        check.send_signal(signal.SIGINT)
        out, error = check.communicate(timeout=20)
        if check.returncode == INTERRUPTED:
            break
    assert (
        (check.returncode, out) == (INTERRUPTED, "")
        and "nianbao: stopped" in error
        and "Traceback" not in error
    )
    assert not alive(readers)


# ---- the plan


def test_the_same_bytes_under_two_names_are_one_document(tmp_path: Path) -> None:
    made = build(random_report(5), "txt-tabs")
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).write_bytes(made.data)
    found = make_batches(
        [tmp_path, tmp_path / "a.txt"], tmp_path / "none.duckdb", tmp_path / "none", 10
    )
    assert [Path(r.path).name for batch in found.batches for r in batch] == ["a.txt"] and len(
        found.present
    ) == 1


def test_a_warehouse_stays_readable_by_duckdb_itself(warehouse: Path) -> None:
    with duckdb.connect(warehouse, read_only=True) as con:
        assert con.sql("SELECT count(*) > 300 FROM tidy").fetchall() == [(True,)]
