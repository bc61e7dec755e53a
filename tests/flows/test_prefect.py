"""Prefect as an operator uses it: a server, a work pool, `deploy --all`, a worker, a run that is
watched, and the warehouse that it leaves.

One real server on a free loopback port serves the whole module; its database and profile lie in a
temporary folder.
"""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import pytest

from load.database import connect
from tests.conftest import CHECKOUT
from tests.flows.command import SAMPLE_COUNT, SAMPLES, contents, environment, nianbao
from tests.flows.post import post_office
from tests.flows.steps.test_nightly_run import changed_file
from tests.web import web, write_sources

pytestmark = pytest.mark.slow
PREFECT: Final = str(Path(sys.executable).with_name("prefect"))
ENDED: Final = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
SHANGHAI: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Server:
    """A running server: what a client must have in its environment, and its API."""

    home: Path
    env: dict[str, str]

    def prefect(self, *arguments: str, cwd: Path = CHECKOUT) -> subprocess.CompletedProcess[str]:
        """A command of Prefect's, with nobody there to answer a question."""
        env = environment(self.home, **self.env)
        return subprocess.run(
            [PREFECT, *arguments],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ask(self, path: str, **query: Any) -> Any:
        """A query of the API."""
        url = f"{self.env['PREFECT_API_URL']}/{path}"
        asked = urllib.request.Request(  # noqa: S310
            url, json.dumps(query).encode(), {"Content-Type": "application/json"}
        )
        for pause in (1, 2, 4, 8, 16):  # its clients try again too when it is busy
            try:
                with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
                time.sleep(pause)
        raise AssertionError(f"the server stays too busy to answer {path}")

    def run_deployment(self, deployment: str, **parameters: Any) -> str:
        """The state in which a new run of a deployment, named flow/deployment, ends."""
        (found,) = self.ask(
            "deployments/filter", deployments={"name": {"any_": [deployment.partition("/")[2]]}}
        )
        run = self.ask(f"deployments/{found['id']}/create_flow_run", parameters=parameters)
        deadline = time.monotonic() + 120
        while run["state_type"] not in ENDED:
            assert time.monotonic() < deadline, f"still {run['state_type']}"
            time.sleep(0.5)
            (run,) = self.ask("flow_runs/filter", flow_runs={"id": {"any_": [run["id"]]}})
        return str(run["state_type"])

    def batches(self, since: int) -> list[dict[str, Any]]:
        """The task runs that read a batch, without the first `since`."""
        found = self.ask("task_runs/filter", sort="EXPECTED_START_TIME_ASC", limit=200)
        return [task for task in found if task["name"].startswith("read batch")][since:]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ended(process: subprocess.Popen[bytes]) -> None:
    """End a process that was started here, with what it has started; kill it if it must be."""
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
    env = {
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # asked more often than is usual, so that little time is spent waiting
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        # on a busy machine its SQLite file is locked for longer than the usual 10 s
        "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
        "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": "60",
    }
    started = Server(home, env)
    with (home / "server.log").open("wb") as log:
        command = [
            PREFECT,
            "server",
            "start",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--no-ui",
        ]
        process = subprocess.Popen(
            command,
            cwd=home,
            env=environment(home, **env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
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
    assert not unexpected_errors((home / "server.log").read_text())


def unexpected_errors(log: str) -> list[str]:
    """The records of a server's log with a traceback, but for SQLite's answer to two writers at
    once: whatever the timeout, it does not wait where one of them has read before. The server
    answers with status 503 then, and its clients ask again.
    """
    records = re.split(r"^(?=\d\d:\d\d:\d\d\.\d+ \||[A-Z]+: )", log, flags=re.MULTILINE)
    return [text for text in records if "Traceback" in text and "database is locked" not in text]


def test_unexpected_errors() -> None:
    failed = (
        "12:00:00.123 | ERROR   | a\nTraceback (most recent call last):\n  File\nKeyError: 'd'\n"
    )
    locked = failed.replace("KeyError: 'd'", "OperationalError: database is locked\n[SQL: INSERT]")
    ready = "INFO:     ready\n"
    assert unexpected_errors(ready + locked + failed + locked + ready) == [failed]


@pytest.fixture(scope="module")
def deployments(server: Server) -> dict[str, dict[str, Any]]:
    """The deployments of `prefect.yaml` by name, made on the server."""
    made = server.prefect("work-pool", "create", "--overwrite", "--type", "process", "nianbao")
    assert made.returncode == 0, made.stderr + made.stdout
    deployed = server.prefect("--no-prompt", "deploy", "--all")
    assert deployed.returncode == 0 and "successfully created" in deployed.stdout, (
        deployed.stderr + deployed.stdout
    )
    return {deployment["name"]: deployment for deployment in server.ask("deployments/filter")}


@contextmanager
def working(server: Server, folder: Path, **env: str) -> Iterator[Path]:
    """A worker, not started in the checkout: relative paths of the settings are those of the
    checkout all the same. Gives its log.
    """
    log = folder / "worker.log"
    with log.open("ab") as out:
        worker = subprocess.Popen(
            [PREFECT, "worker", "start", "--pool", "nianbao", "--type", "process"],
            cwd=folder,
            env=environment(server.home, **server.env, **env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        try:
            yield log
        finally:
            ended(worker)


def test_deploy_run_and_watch(
    server: Server, deployments: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    assert set(deployments) == {
        "nightly",
        "crawl",
        "ingest",
        "publish",
        "second-reading",
        "reverify",
    }
    deployment = deployments["nightly"]
    (schedule,) = deployment["schedules"]
    assert schedule["active"] and (
        schedule["schedule"]["cron"],
        schedule["schedule"]["timezone"],
    ) == ("30 2 * * *", "Asia/Shanghai")
    assert (
        deployment["global_concurrency_limit"]["limit"] == 1
        and deployment["entrypoint"] == "flows/nightly.py:nightly"
    )

    database = tmp_path / "night.duckdb"
    tasks = len(server.batches(0))
    with working(server, tmp_path, NIANBAO_INPUT=str(SAMPLES)):
        watched = server.prefect(
            "deployment",
            "run",
            "nightly/nightly",
            "--watch",
            "--watch-interval",
            "1",
            "-p",
            f"database={json.dumps(str(database))}",
        )
    said = (tmp_path / "worker.log").read_text()
    assert watched.returncode == 0 and "finished successfully" in watched.stdout, (
        watched.stdout + watched.stderr + said
    )
    assert f"{SAMPLE_COUNT} extracted" in said and "leaked" not in said and "Traceback" not in said
    with connect(database) as con:
        assert con.execute("SELECT status, count(*) FROM outcomes GROUP BY 1").fetchall() == [
            ("extracted", SAMPLE_COUNT)
        ]
        assert con.execute("SELECT count(*) > 2000 FROM cells").fetchall() == [(True,)]
    assert len(server.batches(tasks)) == 1  # few documents, one task

    query = {
        "deployments": {"id": {"any_": [deployment["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
        "limit": 5,
    }
    for _ in range(60):
        if nights := server.ask("flow_runs/filter", sort="EXPECTED_START_TIME_ASC", **query):
            break
        time.sleep(0.5)
    assert nights and {
        datetime.fromisoformat(n["expected_start_time"]).astimezone(SHANGHAI).strftime("%H:%M")
        for n in nights
    } == {"02:30"}


def test_the_same_warehouse_with_and_without(server: Server, tmp_path: Path) -> None:
    plain = nianbao(tmp_path / "plain", "run", SAMPLES, env={"NIANBAO_BATCH": "5"})
    before = len(server.batches(0))
    through = nianbao(
        tmp_path / "through",
        "run",
        SAMPLES,
        "--prefect",
        env=server.env | {"NIANBAO_BATCH": "5"},
    )
    assert plain.returncode == through.returncode == 0, plain.stderr + through.stderr
    assert (
        plain.stdout.replace("/plain/", "/through/")
        == through.stdout[through.stdout.index(f"read {SAMPLE_COUNT} of {SAMPLE_COUNT}") :]
    )
    assert "leaked" not in through.stderr
    assert contents(tmp_path / "plain" / "w.duckdb") == contents(tmp_path / "through" / "w.duckdb")
    tasks = server.batches(before)
    # a task for each batch, none for a document
    assert len(tasks) == -(-SAMPLE_COUNT // 5) and {
        (t["state_type"], t["run_count"]) for t in tasks
    } == {("COMPLETED", 1)}
    again = nianbao(tmp_path / "through", "run", SAMPLES, "--prefect", env=server.env)
    assert "nothing has changed" in again.stdout and len(server.batches(before)) == len(tasks)


BREAKING: Final = """
import itertools, sys
from flows.steps import pipeline
whole, calls = pipeline.read_batch, itertools.count()
def broken(sandbox, staging, batch, report_done):
    if next(calls) {when}:
        raise OSError(5, "the disk is ill", "a-disk")
    return whole(sandbox, staging, batch, report_done)
pipeline.read_batch = broken
from flows.commands.cli import main
main()
"""


def breaking(home: Path, when: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A run through Prefect whose batches break by the count of attempts."""
    command = [sys.executable, "-c", BREAKING.format(when=when), "run", str(SAMPLES)]
    command += ["--prefect"]
    return subprocess.run(
        command,
        env=environment(home, **env),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_batch_that_breaks_is_tried_once_more(server: Server, tmp_path: Path) -> None:
    before = len(server.batches(0))
    env = server.env | {"NIANBAO_BATCH": "5"}
    done = breaking(tmp_path, "== 0", env)
    assert done.returncode == 0 and f"{SAMPLE_COUNT} extracted" in done.stdout, done.stderr
    batches = -(-SAMPLE_COUNT // 5)  # of five, the last with what is left
    assert sorted(t["run_count"] for t in server.batches(before)) == [1] * (batches - 1) + [2]


def test_a_batch_that_breaks_twice_fails_the_run_and_only_it_is_read_again(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "earlier").mkdir()
    for name in ("2021-txt-tabs.txt", "2019-txt-pipes.txt"):
        shutil.copy(SAMPLES / name, tmp_path / "earlier" / name)
    assert nianbao(tmp_path, "run", tmp_path / "earlier").returncode == 0
    earlier = (tmp_path / "w.duckdb").read_bytes()
    # two batches to read: the first two attempts of three are those of one, or one of each
    half = (SAMPLE_COUNT - 2) // 2
    env = server.env | {"NIANBAO_BATCH": str(half)}
    done = breaking(tmp_path, ">= 1", env)
    assert done.returncode == 2 and done.stderr.rstrip().endswith(
        "nianbao: a-disk: the disk is ill"
    ), done.stderr
    assert (tmp_path / "w.duckdb").read_bytes() == earlier
    again = nianbao(tmp_path, "run", SAMPLES)
    assert (
        f"read {half} of {SAMPLE_COUNT} documents ({half + 2} known already)" in again.stdout
        and f"{SAMPLE_COUNT} extracted" in again.stdout
    )


def test_without_a_server_prefect_brings_its_own(server: Server, tmp_path: Path) -> None:
    (tmp_path / "prefect").mkdir()
    with (
        sqlite3.connect(server.home / "prefect" / "prefect.db") as made,
        sqlite3.connect(tmp_path / "prefect" / "prefect.db") as copy,
    ):
        made.backup(copy)  # setting up an empty one takes ten seconds
    # a busy machine takes longer than the 20 s that Prefect waits for it
    env = {"PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "100"}
    report = SAMPLES / "2021-txt-tabs.txt"
    done = nianbao(tmp_path, "run", report, "--prefect", env=env, timeout=160)
    assert done.returncode == 0 and "1 extracted" in done.stdout, done.stderr
    assert "leaked" not in done.stderr and "Flow run" in done.stderr


@pytest.mark.usefixtures("deployments")
def test_nights_of_an_operator(server: Server, tmp_path: Path) -> None:
    """The first night fills the warehouse, the second changes nothing; a changed paper is restated;
    a dead site and a failure are told by mail.
    """
    (tmp_path / "input").mkdir()
    shutil.copy(SAMPLES / "2021-txt-tabs.txt", tmp_path / "input")
    database = tmp_path / "w.duckdb"
    with post_office() as mails, web(("trs", "jpage"), agencies=2, years=(2021, 2022)) as sites:
        for site in sites.values():
            site.entry["tested"] = True
        env = {
            "NIANBAO_DATABASE": str(database),
            "NIANBAO_INPUT": str(tmp_path / "input"),
            "NIANBAO_VAULT": str(tmp_path / "vault"),
            "NIANBAO_SOURCES": str(write_sources(sites, tmp_path / "sources.yaml")),
            "NIANBAO_CONTACT": "crawler@example.org",
            "NIANBAO_LOOPBACK": "true",
            "NIANBAO_SMTP": f"127.0.0.1:{mails.port}",
            "NIANBAO_NOTIFY": "operator@example.org",
        }

        def ask(query: str) -> Any:
            with connect(database) as con:
                return con.execute(query).fetchall()

        with working(server, tmp_path, **env) as log:
            dry = server.run_deployment("nightly/nightly", dry_run=True, years=[2021])
            assert dry == "COMPLETED" and not (tmp_path / "vault").exists(), log.read_text()
            assert server.run_deployment("nightly/nightly") == "COMPLETED", log.read_text()
            truth = {t.sha256 for site in sites.values() for t in site.truth}
            assert {
                d for (d,) in ask("SELECT document_id FROM documents WHERE vault_path IS NOT NULL")
            } == truth
            assert ask("SELECT count(*) FROM documents") == [(len(truth) + 1,)]
            keys = {a["key"] for a in server.ask("artifacts/filter", limit=50)}
            assert {"nightly-sources", "nightly-summary", "nightly-warehouse"} <= keys
            before = contents(database)
            assert server.run_deployment("nightly/nightly") == "COMPLETED", log.read_text()
            assert contents(database) == before
            assert not mails.got
            site, old = next(
                (site, t) for site in sites.values() for t in site.truth if t.url.endswith(".docx")
            )
            site.put(
                old.url.removeprefix(site.root),
                changed_file(old.agency, old.year),
                "application/octet-stream",
            )
            dead = next(s for s in sites.values() if s is not site)
            dead.down = True
            assert server.run_deployment("nightly/nightly") == "COMPLETED", log.read_text()
            assert len(ask("SELECT 1 FROM findings WHERE rule_id = 'report.restated'")) == 1
            assert ask("SELECT source_id FROM sources WHERE stale_since IS NOT NULL") == [
                (dead.entry["id"],)
            ]
            (mail,) = mails.got
            assert mail["Subject"].startswith(f"nianbao: done, but look: {dead.entry['id']} is")
            assert dead.entry["id"] in mail.get_content()
            (task,) = server.ask(
                "task_runs/filter",
                task_runs={
                    "name": {"any_": [f"crawl {dead.host}"]},
                    "state": {"type": {"any_": ["FAILED"]}},
                },
            )
            assert task["run_count"] == 2 and "is stale: " in task["state"]["message"]
            named = server.ask(
                "flow_runs/filter", flow_runs={"state": {"name": {"any_": ["Done, but look"]}}}
            )
            assert len(named) == 1
            assert server.run_deployment("reverify/reverify") == "COMPLETED", log.read_text()
            assert server.run_deployment("second-reading/second-reading") == "COMPLETED"
            failed = server.run_deployment("nightly/nightly", database="/proc/none/w.duckdb")
            assert failed == "FAILED" and "nianbao: nightly failed" in [
                m["Subject"] for m in mails.got
            ], log.read_text()
    assert "leaked" not in log.read_text()
