"""Properties of whole runs: idempotence, what stays and what goes, kills at any moment, memory and
pace, progress.
"""

import os
import pty
import random
import re
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from load.database import connect
from tests.conftest import CHECKOUT, more_at_night
from tests.flows.command import (
    NIANBAO,
    SAMPLE_COUNT,
    SAMPLES,
    alive,
    contents,
    environment,
    nianbao,
    readers_of,
    start,
    write_reports,
)

REPORTS = more_at_night(day=120, night=300)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated reports, all different."""
    folder = tmp_path_factory.mktemp("corpus") / "input"
    write_reports(folder, REPORTS)
    return folder


@pytest.fixture(scope="module")
def whole(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of an uninterrupted run over them."""
    home = tmp_path_factory.mktemp("whole")
    done = nianbao(home, "run", corpus)
    assert done.returncode == 0 and f"documents: {REPORTS} extracted" in done.stdout, (
        done.stdout + done.stderr
    )
    assert "findings: 0 error" in done.stdout  # made so that every sum holds
    return home / "w.duckdb"


def test_the_first_run_of_all(tmp_path: Path) -> None:
    done = nianbao(tmp_path, "run")  # no path: the samples, as an operator meets them first
    assert done.returncode == 0 and not done.stderr
    assert (
        f"read {SAMPLE_COUNT} of {SAMPLE_COUNT} documents (0 known already); "
        f"added {SAMPLE_COUNT}, replaced 0, removed 0\n"
        f"documents: {SAMPLE_COUNT} extracted\ncells: "
    ) in done.stdout
    assert not list((tmp_path / "staging").iterdir())


def test_the_same_again_changes_no_row(tmp_path: Path) -> None:
    nianbao(tmp_path, "run", SAMPLES)
    before = contents(tmp_path / "w.duckdb")
    again = nianbao(tmp_path, "run", SAMPLES)
    assert (
        f"read 0 of {SAMPLE_COUNT} documents ({SAMPLE_COUNT} known already)" in again.stdout
        and "nothing has changed" in again.stdout
    )
    forced = nianbao(tmp_path, "run", SAMPLES, "--force")
    assert (
        f"read {SAMPLE_COUNT} of {SAMPLE_COUNT} documents (0 known already); "
        "added 0, replaced 0, removed 0"
    ) in forced.stdout
    after = contents(tmp_path / "w.duckdb", leave_out=("changes",))
    assert {name: rows for name, rows in after.items() if name != "runs"} == before and len(
        after["runs"]
    ) == 3


def test_a_document_that_vanishes_stays_unless_pruned(tmp_path: Path) -> None:
    folder = tmp_path / "input"
    shutil.copytree(SAMPLES, folder)
    nianbao(tmp_path, "run", folder)
    before = contents(tmp_path / "w.duckdb")
    (folder / "2021-docx-runs.docx").rename(tmp_path / "gone.docx")
    kept = nianbao(tmp_path, "run", folder)
    assert "nothing has changed" in kept.stdout and contents(tmp_path / "w.duckdb") == before
    for more, said in (
        ((), "/input/2021-docx-runs.docx\nadd --yes"),
        (("--prefect",), "add --yes"),
    ):
        refused = nianbao(tmp_path, "run", folder, "--prune", *more)
        assert refused.returncode == 3 and said in refused.stderr, refused.stderr
        assert contents(tmp_path / "w.duckdb") == before
    pruned = nianbao(tmp_path, "run", folder, "--prune", "--yes")
    assert "dropped: 1 file given by hand" in pruned.stdout
    assert "input/2021-docx-runs.docx" in pruned.stdout
    assert "removed 1" in pruned.stdout and f"{SAMPLE_COUNT - 1} extracted" in pruned.stdout
    with connect(tmp_path / "w.duckdb") as con:
        for table in ("cells", "tables", "reports", "findings"):
            assert con.execute(
                f"SELECT count(*) FROM {table} SEMI JOIN documents ON file_name = "
                "'2021-docx-runs.docx'"
            ).fetchall() == [(0,)]
    shutil.rmtree(tmp_path / "staging")
    (tmp_path / "w.duckdb").unlink()
    nianbao(tmp_path, "run", folder)
    alone = contents(tmp_path / "w.duckdb")
    nianbao(tmp_path, "run", folder, tmp_path / "gone.docx")
    nianbao(tmp_path, "run", folder, "--prune", "--yes")
    # come and gone again: as if it had never been there
    assert contents(tmp_path / "w.duckdb") == alone


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["early", "late", "publishing"])
def test_killed_at_any_moment_and_started_again(
    corpus: Path, whole: Path, tmp_path: Path, moment: str
) -> None:
    def reached() -> bool:
        if moment == "publishing":
            return any(tmp_path.glob("*.building"))
        return sum(1 for _ in tmp_path.glob("staging/*.jsonl.gz")) >= (
            1 if moment == "early" else 11
        )

    run = start(tmp_path, "run", corpus, NIANBAO_BATCH=str(REPORTS // 15))
    while not reached():
        assert run.poll() is None, run.communicate()
        time.sleep(0.002)
    time.sleep(random.uniform(0, 0.3))  # wherever the next batch, or the publication, then is
    readers = readers_of(run.pid)
    run.kill()
    run.communicate()
    for _ in range(100):
        if not alive(readers):
            break
        time.sleep(0.05)
    assert not alive(readers)
    done = nianbao(tmp_path, "run", corpus)
    assert done.returncode == 0 and f"documents: {REPORTS} extracted" in done.stdout, done.stderr
    assert contents(tmp_path / "w.duckdb") == contents(whole)
    held = ["staging", "w.duckdb", "w.duckdb.history", "w.duckdb.lock"]
    assert sorted(p.name for p in tmp_path.iterdir()) == held
    # a batch cut off by the kill is swept an hour later, when nobody can be at it
    assert not list((tmp_path / "staging").glob("*.json*"))


def _peak(pid: int) -> int:
    """The most memory that a process has had so far, MiB."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) // 1024 if found else 0


@pytest.mark.slow
@pytest.mark.night
def test_memory_of_the_readers_stays_bounded(corpus: Path, tmp_path: Path) -> None:
    run = start(tmp_path, "run", corpus)
    peaks: dict[int, int] = {}
    while run.poll() is None:
        for pid in readers_of(run.pid):
            peaks[pid] = max(peaks.get(pid, 0), _peak(pid))
        time.sleep(0.05)
    assert run.returncode == 0, run.communicate()
    assert peaks and 20 < max(peaks.values()) < 300, peaks
    assert len(peaks) == 2, "no reader process had to be replaced"


def _on_terminal(home: Path, *arguments: str) -> str:
    """What the command writes to a terminal, errors and output together."""
    main, terminal = pty.openpty()
    command = [*NIANBAO, *arguments]
    env = environment(home, TERM="xterm-256color", COLUMNS="100")
    process = subprocess.Popen(
        command, cwd=CHECKOUT, env=env, stdin=terminal, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    shown = b""
    while True:
        if select.select([main], [], [], 30)[0]:
            try:
                part = os.read(main, 65536)
            except OSError:  # the last to have it open has ended
                break
            if not part:
                break
            shown += part
    process.wait()
    os.close(main)
    assert process.returncode == 0, shown.decode()
    return shown.decode()


def test_progress_on_a_terminal_and_none_in_a_pipe(tmp_path: Path) -> None:
    shown = _on_terminal(tmp_path / "a", "run", str(SAMPLES))
    assert (
        re.search(rf"reading.*{SAMPLE_COUNT}/{SAMPLE_COUNT}", shown)
        and "\x1b[" in shown
        and f"documents: {SAMPLE_COUNT} extracted" in shown
    )
    piped = nianbao(tmp_path / "b", "run", SAMPLES)
    assert not piped.stderr and "\x1b" not in piped.stdout and "reading" not in piped.stdout
    quiet = _on_terminal(tmp_path / "a", "run", str(SAMPLES))
    assert "0/0" not in quiet and "nothing has changed" in quiet
