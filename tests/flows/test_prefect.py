"""Prefect as an operator uses it: a server, a work pool, `deploy --all`, a worker, a run that is watched, and the warehouse that it leaves.

One real server on a free loopback port serves the whole module; its database and profile lie in a temporary folder.
"""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import pytest

from load.warehouse import connect
from tests.conftest import CHECKOUT
from tests.flows.command import SAMPLES, contents, environment, nianbao

pytestmark = pytest.mark.slow
PREFECT: Final = str(Path(sys.executable).with_name("prefect"))
SHANGHAI: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Server:
    """A running server: what a client must have in its environment, and its API."""

    home: Path
    env: dict[str, str]

    def prefect(self, *arguments: str, cwd: Path = CHECKOUT) -> subprocess.CompletedProcess[str]:
        """A command of Prefect's, with nobody there to answer a question."""
        env = environment(self.home, **self.env)
        return subprocess.run([PREFECT, *arguments], cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)

    def ask(self, path: str, **query: Any) -> Any:
        """A query of the API."""
        url = f"{self.env['PREFECT_API_URL']}/{path}"
        asked = urllib.request.Request(url, json.dumps(query).encode(), {"Content-Type": "application/json"})  # noqa: S310 - our own server
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def batches(self, since: int) -> list[dict[str, Any]]:
        """The task runs that read a batch, without the first `since`."""
        found = self.ask("task_runs/filter", sort="EXPECTED_START_TIME_ASC", limit=200)
        return [task for task in found if task["name"].startswith("read batch")][since:]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ended(process: subprocess.Popen[bytes]) -> None:
    """End a process that was started here, with what it has started; kill it if it does not follow."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("prefect")
    port = free_port()
    env = {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api", "DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    started = Server(home, env)
    with (home / "server.log").open("wb") as log:
        command = [PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"]
        process = subprocess.Popen(command, cwd=home, env=environment(home, **env), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"{env['PREFECT_API_URL']}/health", timeout=5).close()  # noqa: S310 - our own server
                    break
                except OSError:
                    assert process.poll() is None, (home / "server.log").read_text()
                    time.sleep(0.2)
            yield started
        finally:
            ended(process)
    assert "Traceback" not in (home / "server.log").read_text()


def test_deploy_run_and_watch(server: Server, tmp_path: Path) -> None:
    made = server.prefect("work-pool", "create", "--type", "process", "nianbao")
    assert made.returncode == 0, made.stderr + made.stdout
    deployed = server.prefect("--no-prompt", "deploy", "--all")
    assert deployed.returncode == 0 and "successfully created" in deployed.stdout, deployed.stderr + deployed.stdout
    (deployment,) = server.ask("deployments/filter")
    (schedule,) = deployment["schedules"]
    assert schedule["active"] and (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("30 2 * * *", "Asia/Shanghai")
    assert deployment["global_concurrency_limit"]["limit"] == 1 and deployment["entrypoint"] == "flows/nightly.py:nightly"

    database = tmp_path / "night.duckdb"
    with (tmp_path / "worker.log").open("wb") as log:
        # Not started in the checkout: the relative input folder of the settings is that of the checkout all the same.
        worker = subprocess.Popen(
            [PREFECT, "worker", "start", "--pool", "nianbao", "--type", "process"],
            cwd=tmp_path, env=environment(server.home, **server.env), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            watched = server.prefect("deployment", "run", "nightly/nightly", "--watch", "-p", f"database={json.dumps(str(database))}")
        finally:
            ended(worker)
    said = (tmp_path / "worker.log").read_text()
    assert watched.returncode == 0 and "finished successfully" in watched.stdout, watched.stdout + watched.stderr + said
    assert "15 extracted" in said and "leaked" not in said and "Traceback" not in said
    with connect(database) as con:
        assert con.execute("SELECT status, count(*) FROM outcomes GROUP BY 1").fetchall() == [("extracted", 15)]
        assert con.execute("SELECT count(*) > 2000 FROM cells").fetchall() == [(True,)]
    assert len(server.batches(0)) == 1  # 15 documents, one task

    query = {"deployments": {"id": {"any_": [deployment["id"]]}}, "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}, "limit": 5}
    for _ in range(60):
        if nights := server.ask("flow_runs/filter", sort="EXPECTED_START_TIME_ASC", **query):
            break
        time.sleep(0.5)
    assert nights and {datetime.fromisoformat(n["expected_start_time"]).astimezone(SHANGHAI).strftime("%H:%M") for n in nights} == {"02:30"}


def test_the_same_warehouse_with_and_without(server: Server, tmp_path: Path) -> None:
    plain = nianbao(tmp_path / "plain", "run", SAMPLES, env={"NIANBAO_BATCH": "5"})
    before = len(server.batches(0))
    through = nianbao(tmp_path / "through", "run", SAMPLES, env=server.env | {"NIANBAO_BATCH": "5"})
    assert plain.returncode == through.returncode == 0, plain.stderr + through.stderr
    assert plain.stdout.replace("/plain/", "/through/") == through.stdout[through.stdout.index("read 15 of 15") :]
    assert "leaked" not in through.stderr
    assert contents(tmp_path / "plain" / "w.duckdb") == contents(tmp_path / "through" / "w.duckdb")
    tasks = server.batches(before)
    assert len(tasks) == 3 and {(t["state_type"], t["run_count"]) for t in tasks} == {("COMPLETED", 1)}  # a task for each batch, none for a document
    again = nianbao(tmp_path / "through", "run", SAMPLES, env=server.env)
    assert "nothing has changed" in again.stdout and len(server.batches(before)) == 3


BREAKING: Final = """
import itertools, sys
from flows import batch
whole, calls = batch.read_batch, itertools.count()
def broken(sandbox, requests, shards):
    if next(calls) {when}:
        raise OSError(5, "the disk is ill", "a-disk")
    return whole(sandbox, requests, shards)
batch.read_batch = broken
from flows.cli import main
main()
"""


def breaking(home: Path, when: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A run through Prefect whose batches break by the count of attempts."""
    command = [sys.executable, "-c", BREAKING.format(when=when), "run", str(SAMPLES)]
    return subprocess.run(command, env=environment(home, **env), cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False)


def test_a_batch_that_breaks_is_tried_once_more(server: Server, tmp_path: Path) -> None:
    before = len(server.batches(0))
    env = server.env | {"NIANBAO_BATCH": "5"}
    done = breaking(tmp_path, "== 0", env)
    assert done.returncode == 0 and "15 extracted" in done.stdout, done.stderr
    assert sorted(t["run_count"] for t in server.batches(before)) == [1, 1, 2]


def test_a_batch_that_breaks_twice_fails_the_run_and_only_it_is_read_again(server: Server, tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "2021-txt-tabs.txt", tmp_path / "earlier.txt")
    assert nianbao(tmp_path, "run", tmp_path / "earlier.txt").returncode == 0
    earlier = (tmp_path / "w.duckdb").read_bytes()
    env = server.env | {"NIANBAO_BATCH": "7"}  # 14 to read in two batches: the first two attempts of three are those of one, or one of each
    done = breaking(tmp_path, ">= 1", env)
    assert done.returncode == 2 and done.stderr.rstrip().endswith("nianbao: a-disk: the disk is ill"), done.stderr
    assert (tmp_path / "w.duckdb").read_bytes() == earlier
    again = nianbao(tmp_path, "run", SAMPLES)
    assert "read 7 of 15 documents (8 known already)" in again.stdout and "15 extracted" in again.stdout


def test_without_a_server_prefect_brings_its_own(server: Server, tmp_path: Path) -> None:
    (tmp_path / "prefect").mkdir()
    with sqlite3.connect(server.home / "prefect" / "prefect.db") as made, sqlite3.connect(tmp_path / "prefect" / "prefect.db") as copy:
        made.backup(copy)  # setting up an empty one takes ten seconds
    done = nianbao(tmp_path, "run", SAMPLES / "2021-txt-tabs.txt", "--prefect", timeout=120)
    assert done.returncode == 0 and "1 extracted" in done.stdout, done.stderr
    assert "leaked" not in done.stderr and "Flow run" in done.stderr
