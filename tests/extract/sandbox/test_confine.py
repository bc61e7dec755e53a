"""Code in a reader process gains nothing: each attack is refused, as root too.

What a kernel lacks is told by `describe_confinement`; a test of something that it has fails where
that does not hold.
"""

import ctypes
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from extract.sandbox.confine import Confinement, describe_confinement
from extract.sandbox.pool import Sandbox
from tests.conftest import CHECKOUT
from tests.extract.sandbox.test_pool import children

WORK: Final = "tests.extract.sandbox.attacks:work"
OFFERED: Final = describe_confinement()
by_calls = pytest.mark.skipif(not OFFERED.filters_calls, reason="this system has no seccomp")
by_files = pytest.mark.skipif(not OFFERED.landlock_abi, reason="this kernel has no Landlock")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    before = children()
    with Sandbox(WORK, workers=1) as pool:
        yield pool
    assert children() == before


def attack(sandbox: Sandbox, name: str, at: object = "") -> str:
    return sandbox.run(json.dumps({"attack": name, "at": str(at)}).encode()).decode()


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A warehouse."""
    path = tmp_path / "nianbao.duckdb"
    path.write_bytes(b"rows")
    return path


@by_calls
def test_connect(sandbox: Sandbox, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert attack(sandbox, "connect", port).startswith("refused: PermissionError")
        assert attack(sandbox, "send datagram", port).startswith("refused: PermissionError")
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()
    with socket.socket(socket.AF_UNIX) as local:
        local.bind(str(tmp_path / "socket"))
        local.listen()
        said = attack(sandbox, "connect to unix socket", tmp_path / "socket")
    assert said.startswith("refused: PermissionError")


@by_calls
def test_listen(sandbox: Sandbox) -> None:
    assert attack(sandbox, "listen").startswith("refused: PermissionError")


@by_files
def test_read_what_root_may(sandbox: Sandbox) -> None:
    for path in ("/etc/shadow", "/etc/passwd", "/etc/hostname"):
        assert attack(sandbox, "read", path) == "refused: PermissionError 13"
    assert attack(sandbox, "list", Path.home()) == "refused: PermissionError 13"


@by_files
def test_read_settings_and_data(sandbox: Sandbox, victim: Path) -> None:
    """`.env` lies in the folder of the packages, the warehouse by default in that of the forms."""
    assert attack(sandbox, "read", victim) == "refused: PermissionError 13"
    assert attack(sandbox, "list", CHECKOUT) == "refused: PermissionError 13"
    for path in (CHECKOUT / "README.md", CHECKOUT / "data" / "samples" / "2019-doc.doc"):
        assert path.exists()
        assert attack(sandbox, "read", path) == "refused: PermissionError 13"
    assert attack(sandbox, "read", CHECKOUT / "data" / "identity.yaml").startswith("gained")


def test_parents_environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "refused" in attack(sandbox, "parent's environment")
    monkeypatch.setenv("NIANBAO_SMTP", "secret")
    with Sandbox("tests.extract.sandbox.test_confine:environment", workers=1) as other:
        names = set(json.loads(other.run(b"")))
    assert names <= {
        *("LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONUTF8"),
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX", "PYTHONPATH"),
    }


def environment(request: bytes) -> bytes:
    return json.dumps(sorted(os.environ)).encode()


@by_calls
def test_parents_memory(sandbox: Sandbox) -> None:
    secret = ctypes.create_string_buffer(b"a secret")
    at = ctypes.addressof(secret)
    assert "refused" in attack(sandbox, "parent's memory by call", at)
    if OFFERED.landlock_abi:
        assert attack(sandbox, "parent's memory", at) == "refused: PermissionError 13"


@by_calls
@pytest.mark.parametrize("way", ["truncate", "open to write", "change mode", "delete", "make"])
def test_harm_a_warehouse(way: str, sandbox: Sandbox, victim: Path) -> None:
    mode = victim.stat().st_mode
    assert attack(sandbox, way, victim).startswith("refused: PermissionError")
    assert victim.read_bytes() == b"rows" and victim.stat().st_mode == mode
    assert list(victim.parent.iterdir()) == [victim]


@by_calls
def test_rename(sandbox: Sandbox, victim: Path) -> None:
    assert attack(sandbox, "rename", victim).startswith("refused: PermissionError")
    assert list(victim.parent.iterdir()) == [victim]


@by_calls
@pytest.mark.parametrize("limit", ["RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_CPU", "RLIMIT_NOFILE"])
def test_raise_limits(limit: str, sandbox: Sandbox) -> None:
    assert attack(sandbox, "raise limits", limit) == "refused: PermissionError 1"


@by_calls
def test_execute(sandbox: Sandbox) -> None:
    assert attack(sandbox, "execute").startswith("refused: PermissionError")
    assert attack(sandbox, "replace itself").startswith("refused: PermissionError")


@by_calls
@pytest.mark.parametrize("way", ["outlive", "leave group", "survive parent"])
def test_outlive(way: str, sandbox: Sandbox) -> None:
    assert "refused: PermissionError" in attack(sandbox, way)


@by_calls
@pytest.mark.parametrize("way", ["trace parent", "signal parent"])
def test_trace(way: str, sandbox: Sandbox) -> None:
    assert "refused: PermissionError" in attack(sandbox, way)


def test_a_reader_reads_what_it_was_handed_and_nothing_else(tmp_path: Path) -> None:
    mine, other, gone = (tmp_path / name for name in ("mine", "other", "gone"))
    mine.write_bytes(b"mine")
    other.write_bytes(b"other")
    os.mkfifo(tmp_path / "pipe")
    with Sandbox("tests.extract.sandbox.test_confine:read_handed", workers=1) as pool:

        def ask(path: Path, *files: Path) -> bytes:
            return pool.run(os.fsencode(path), [str(file) for file in files])

        assert ask(mine, mine) == b"mine"
        assert ask(mine, other, mine) == b"mine"
        assert ask(other, other) == b"other"
        assert ask(mine, other) == b"PermissionError: it was not handed to the reader process"
        assert ask(gone, gone) == b"FileNotFoundError: No such file or directory"
        assert ask(tmp_path / "pipe", tmp_path / "pipe").startswith(b"OSError")
        strange = tmp_path / os.fsdecode(b"\xff\n")
        strange.write_bytes(b"strange")
        assert ask(strange, strange) == b"strange"
        for _ in range(300):  # each is closed again
            assert ask(mine, mine, other, gone) == b"mine"


def read_handed(request: bytes) -> bytes:
    from extract.sandbox.handed import read_file

    try:
        return read_file(os.fsdecode(request))
    except OSError as error:
        return f"{type(error).__name__}: {error.strerror}".encode()


@pytest.mark.parametrize(
    ("offered", "words"),
    [
        (Confinement(7, True), []),
        (Confinement(3, True), ["signals"]),
        (Confinement(0, True), ["Landlock"]),
        (Confinement(0, False), ["Landlock", "seccomp"]),
    ],
)
def test_what_is_lacking_is_told(offered: Confinement, words: list[str]) -> None:
    assert len(offered.lacking) == len(words)
    assert all(word in said for word, said in zip(words, offered.lacking, strict=True))


def test_a_process_with_threads_is_not_half_confined() -> None:
    code = """if True:
        import threading
        from extract.sandbox.confine import confine_reader
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        confine_reader()
    """
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=CHECKOUT
    )
    assert done.returncode != 0 and "2 threads" in done.stderr
