"""Readers that misbehave cost their own document and nothing else."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from extract import limits
from extract.document import ReadError, Reason
from extract.sandbox import allowance
from extract.sandbox.pool import Sandbox
from extract.sandbox.reader_process import SandboxError, SandboxRequest
from tests.cost import cost

WORK = "tests.extract.hostile:misbehave"
WALL, CPU, MEMORY = 2.0, 1, 200 * limits.MIB
CHECKOUT = Path(__file__).resolve().parents[3]


def children() -> set[int]:
    """Living child processes of this one, whatever thread started them."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread that has ended since
            found |= {int(pid) for pid in (task / "children").read_text(encoding="ascii").split()}
    return {pid for pid in found if lives(pid)}


def lives(pid: int) -> bool:
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            != "Z"
        )
    except (FileNotFoundError, ProcessLookupError):
        return False


def ended_within(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while lives(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not lives(pid)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf(
        "SC_PAGESIZE"
    )


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    before = children()
    with Sandbox(WORK, workers=1, wall=WALL, cpu=CPU, memory=MEMORY) as pool:
        yield pool
    assert children() == before  # no test may leave a process behind


MISBEHAVIOUR: dict[str, tuple[bytes, Reason | None, str]] = {
    "busy loop": (b"busy", Reason.TIME_LIMIT, ""),
    "sleep": (b"sleep", Reason.TIME_LIMIT, "2 s"),
    "memory": (b"hog", Reason.MEMORY_LIMIT, "200 MiB"),
    "recursion": (b"recursion", Reason.READER_CRASHED, "RecursionError"),
    "exit": (b"exit", Reason.READER_CRASHED, "exit status 7"),
    "segmentation fault": (b"segv", Reason.READER_CRASHED, "SIGSEGV"),
    "output flood": (b"flood", None, ""),
    "huge answer": (b"huge 100000000", Reason.TOO_LARGE, "100000000 bytes"),
    "sys.exit": (b"sys_exit", Reason.READER_CRASHED, "SystemExit: leaving"),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_misbehaviour(name: str, sandbox: Sandbox) -> None:
    request, reason, detail = MISBEHAVIOUR[name]
    assert sandbox.run(b"warm") == b"warm"
    before = resident()
    started = time.monotonic()
    if reason is None:
        answer = sandbox.run(request)
        assert answer == request
    else:
        with pytest.raises(ReadError) as refusal:
            sandbox.run(request)
        assert refusal.value.reason == reason
        assert detail in refusal.value.detail
    assert time.monotonic() - started < WALL + 5
    assert sandbox.run(b"next") == b"next"
    assert resident() - before < 50 * limits.MIB


def test_processor_time_is_for_each_document() -> None:
    """The system's limit counts the whole life of a process; here three documents of 0.7 s each
    keep a limit of 1 s.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with Sandbox(
        "tests.extract.sandbox.test_pool:spin", workers=1, wall=20, cpu=1, memory=MEMORY
    ) as pool:
        pids = {pool.run(b"0.7") for _ in range(3)}
        assert len(pids) == 1
        with pytest.raises(ReadError) as refusal:
            pool.run(b"30")
        assert refusal.value.reason == Reason.TIME_LIMIT
        assert "processor" in refusal.value.detail
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 6


def spin(request: bytes) -> bytes:
    until = time.process_time() + float(request)
    while time.process_time() < until:
        pass
    return str(os.getpid()).encode()


def test_a_scan_may_take_longer() -> None:
    """The reader that asks gets SCAN_TIMES the time, for that document alone; and no more."""
    assert limits.SCAN_TIMES * limits.READER_WALL_SECONDS == 300
    with Sandbox(
        "tests.extract.sandbox.test_pool:scan", workers=1, wall=0.6, cpu=1, memory=MEMORY
    ) as pool:
        pid = pool.run(b"1.2")
        assert pool.run(b"0.1") == pid
        with pytest.raises(ReadError) as refusal:
            pool.run(b"30")
        assert refusal.value.reason == Reason.TIME_LIMIT and "3 s" in refusal.value.detail
    with (
        Sandbox(
            "tests.extract.sandbox.test_pool:spin", workers=1, wall=0.6, cpu=1, memory=MEMORY
        ) as pool,
        pytest.raises(ReadError),
    ):
        pool.run(b"1.2")


def scan(request: bytes) -> bytes:
    for _ in range(2):
        allowance.for_scan()
    until = time.monotonic() + float(request)
    while time.monotonic() < until:
        time.sleep(0.01)
    return str(os.getpid()).encode()


def test_refusals_and_crashes_keep_the_child(sandbox: Sandbox) -> None:
    pid = sandbox.run(b"pid")
    with pytest.raises(ReadError) as refusal:
        sandbox.run(b"refuse")
    assert (refusal.value.reason, refusal.value.detail) == (Reason.DAMAGED, "第 3 页 is cut off")
    with pytest.raises(ReadError) as crash:
        sandbox.run(b"raise")
    assert crash.value.reason == Reason.READER_CRASHED
    assert crash.value.detail.startswith(
        "ValueError: a message of two lines at extract/hostile.py:"
    )
    assert sandbox.run(b"pid") == pid


def test_readers_write_no_file(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(ReadError) as crash:
        sandbox.run(f"write {tmp_path / 'out'}".encode())
    assert "PermissionError" in crash.value.detail
    assert not (tmp_path / "out").exists()


def test_no_document_pays_for_an_earlier_one(sandbox: Sandbox) -> None:
    """Memory that earlier documents leaked does not fail the next one, which needs little."""
    for _ in range(6):
        assert sandbox.run(b"leak 90") == b"leak 90"


def test_a_child_that_died_idle_is_replaced(sandbox: Sandbox) -> None:
    pid = int(sandbox.run(b"pid"))
    os.kill(pid, signal.SIGKILL)
    assert ended_within(pid, 2)
    assert int(sandbox.run(b"pid")) != pid


def test_a_child_is_replaced_after_its_documents() -> None:
    with Sandbox(WORK, workers=1, documents=3) as pool:
        pids = [pool.run(b"pid") for _ in range(6)]
    assert pids[0] == pids[2] and pids[3] == pids[5] and pids[0] != pids[3]


@pytest.mark.parametrize("size", [0, 1, 65_535, 1_000_001, limits.ANSWER_BYTES])
def test_bytes_come_back_as_they_went(size: int) -> None:
    request = os.urandom(1024) * (size // 1024 + 1)
    with Sandbox("tests.extract.sandbox.test_pool:echo", workers=1) as pool:
        assert pool.run(request[:size]) == request[:size]


def echo(request: bytes) -> bytes:
    return request


def test_map_keeps_order_and_goes_on_after_failures() -> None:
    requests = [
        b"exit" if i % 7 == 3 else b"refuse" if i % 7 == 5 else f"echo {i}".encode()
        for i in range(40)
    ]
    with Sandbox(WORK, workers=2) as pool:
        answers = list(pool.map(map(SandboxRequest, requests)))
    assert len(answers) == len(requests)
    for request, answer in zip(requests, answers, strict=True):
        expected = {b"exit": Reason.READER_CRASHED, b"refuse": Reason.DAMAGED}.get(request)
        if isinstance(answer, ReadError):
            assert answer.reason == expected
        else:
            assert answer == request


def test_map_uses_all_children_and_takes_few_requests_in_advance() -> None:
    taken = 0

    def requests() -> Iterator[SandboxRequest]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield SandboxRequest(b"sleep 0.2")

    with Sandbox(WORK, workers=4) as pool:
        list(pool.map([SandboxRequest(b"warm")] * 4))
        answers = pool.map(requests())
        started = time.monotonic()
        for _ in range(8):
            assert next(answers) == b"sleep 0.2"
        assert time.monotonic() - started < 1.3  # 8 × 0.2 s one after the other are 1.6 s
        assert taken <= 8 + 4 * 4
        started = time.monotonic()
        answers.close()  # type: ignore[attr-defined]  # a generator
        assert time.monotonic() - started < 1


def test_leaving_map_early_ends_the_busy_children() -> None:
    with Sandbox(WORK, workers=2) as pool:
        pid = int(pool.run(b"pid"))
        requests = [b"quick", b"sleep 100", b"sleep 100", b"sleep 100"] * 5
        answers = pool.map(map(SandboxRequest, requests))
        assert next(answers) == b"quick"
        time.sleep(0.5)  # both children have begun to sleep: an idle one would rightly live on
        answers.close()  # type: ignore[attr-defined]
        assert ended_within(pid, 2)
        assert pool.run(b"still of use") == b"still of use"


def test_many_threads() -> None:
    requests = [f"echo {i}".encode() for i in range(200)]
    with Sandbox(WORK, workers=2) as pool, ThreadPoolExecutor(8) as threads:
        assert list(threads.map(pool.run, requests)) == requests
        assert len(children()) <= 2


def test_a_thread_that_ends_takes_no_child_with_it() -> None:
    pids: list[bytes] = []
    with Sandbox(WORK, workers=1) as pool:
        for _ in range(3):
            thread = threading.Thread(target=lambda: pids.append(pool.run(b"pid")))
            thread.start()
            thread.join()
            time.sleep(0.05)
    assert len(pids) == 3 and len(set(pids)) == 1


def test_close_frees_a_waiting_thread() -> None:
    pool = Sandbox(WORK, workers=1)
    pool.run(b"warm")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(pool.run, b"sleep 100")
        time.sleep(0.1)
        pool.close()
        with pytest.raises(SandboxError, match="closed"):
            waiting.result(timeout=3)
    with pytest.raises(SandboxError, match="closed"):
        pool.run(b"late")
    assert children() == set()


@pytest.mark.parametrize(
    ("work", "message"),
    [
        ("no.such.module:f", "ModuleNotFoundError"),
        ("tests.extract.hostile:nothing", "AttributeError"),
    ],
)
def test_work_that_cannot_be_imported_is_named(work: str, message: str) -> None:
    with Sandbox(work) as pool, pytest.raises(SandboxError, match=message):
        pool.run(b"")
    assert children() == set()


def test_work_needs_a_name() -> None:
    with pytest.raises(SandboxError, match=r"package\.module:function"):
        Sandbox("tests.extract.hostile")


def parent(code: str, folder: Path) -> "subprocess.Popen[str]":
    """Another Python that runs `code` from another folder, as a stand-in for the whole program."""
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("request_", ["sleep 100", "busy"])
def test_children_end_with_a_killed_parent(request_: str, tmp_path: Path) -> None:
    code = f"""
        from extract.sandbox.pool import Sandbox
        pool = Sandbox("{WORK}", workers=1)
        print(pool.run(b"pid").decode(), flush=True)
        pool.run(b"{request_}")
    """
    with parent(code, tmp_path) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        time.sleep(0.2)
        assert lives(pid)
        process.kill()
        assert ended_within(pid, 2)


def test_ctrl_c_ends_map_and_its_children(tmp_path: Path) -> None:
    (
        tmp_path / "extract"
    ).mkdir()  # the current folder must not stand in the way of the real package
    (tmp_path / "extract/__init__.py").touch()
    code = f"""
        import sys
        sys.path.remove("")
        from extract.sandbox.pool import Sandbox
        from extract.sandbox.reader_process import SandboxRequest
        with Sandbox("{WORK}", workers=2) as pool:
            print(pool.run(b"pid").decode(), flush=True)
            list(pool.map([SandboxRequest(b"sleep 100")] * 50))
    """
    with parent(code, tmp_path) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        time.sleep(0.5)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
        assert time.monotonic() - started < 3
        assert "KeyboardInterrupt" in errors
        assert ended_within(pid, 2)


def test_overhead() -> None:
    """Measured 0.06 ms a document; the bound leaves room for a busy machine."""
    with Sandbox("tests.extract.sandbox.test_pool:echo", workers=1) as pool:
        pool.run(b"warm")
        assert cost(lambda: [pool.run(b"x" * 1000) for _ in range(500)]) / 500 < 0.002
