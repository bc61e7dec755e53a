"""The command as an operator runs it: in a process of its own, with a home, settings and output
folder of the test's.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

from load.database import connect
from tests.build.draw import random_report
from tests.build.registry import LAYOUTS, build
from tests.conftest import CHECKOUT
from tests.load.made import KEYS

NIANBAO: Final = (sys.executable, "-m", "flows.commands.cli")
SAMPLES: Final = CHECKOUT / "data" / "samples"
SAMPLE_COUNT: Final = sum(1 for _ in SAMPLES.iterdir())
_OURS: Final = ("NIANBAO_", "PREFECT_", "LC_", "LANG")
_CHANGES: Final[dict[str, tuple[str, ...]]] = {
    "documents": ("first_seen",),
    "outcomes": ("seconds",),
    "findings": ("status", "first_seen", "last_seen"),
}  # new or standing, and when


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment without what steers the command, the warehouse and staging in `home`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    settings = {
        "NIANBAO_DATABASE": str(home / "w.duckdb"),
        "NIANBAO_STAGING": str(home / "staging"),
        "NIANBAO_WORKERS": "2",
        "LANG": "C.UTF-8",
    }
    return (
        kept
        | settings
        | {"PYTHONPATH": str(CHECKOUT), "PREFECT_HOME": str(home / "prefect")}
        | more
    )


def nianbao(
    home: Path, *arguments: str | Path, cwd: Path = CHECKOUT, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; `env` are further variables."""
    env = environment(home, **more.pop("env", {}))
    command = [*NIANBAO, *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        **more,
    )


def start(home: Path, *arguments: str | Path, **env: str) -> subprocess.Popen[str]:
    """The command, started."""
    command = [*NIANBAO, *map(str, arguments)]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env=environment(home, **env),
        text=True,
        start_new_session=True,
        **pipes,
    )  # type: ignore[call-overload, no-any-return]


def readers_of(parent: int) -> set[int]:
    """The process ids of all descendants of `parent`."""
    children: dict[int, set[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue  # it has ended
            children.setdefault(int(stat.rpartition(")")[2].split()[1]), set()).add(int(entry.name))
    found: set[int] = set()
    todo = [parent]
    while todo:
        new = children.get(todo.pop(), set()) - found
        found |= new
        todo += new
    return found


def alive(pids: Iterable[int]) -> set[int]:
    """Those of the processes that still run; one that waits to be collected does not."""
    running = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state not in "ZX":
            running.add(pid)
    return running


def contents(
    database: Path, leave_out: Sequence[str] = ("runs", "changes")
) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that must not depend on when and how they were made."""
    with connect(database) as con:
        tables = {}
        for name in KEYS:
            if name not in leave_out:
                columns = f"* EXCLUDE ({', '.join(_CHANGES[name])})" if name in _CHANGES else "*"
                tables[name] = con.execute(f"SELECT {columns} FROM {name} ORDER BY ALL").fetchall()
        return tables


def write_reports(folder: Path, count: int, seed: int = 1) -> None:
    """Generated reports of all editions in many layouts, one file each, all different."""
    folder.mkdir(parents=True, exist_ok=True)
    editions = ("2019", "2021", "hybrid")
    # 200 KB each
    names = [name for name in LAYOUTS if not name.startswith("html-word") and name != "html-site"]
    rng = Random(seed)
    for n in range(count):
        made = build(
            random_report(seed * 10_000 + n, editions[n % 3], agency=f"上饶市第{n}管理局"),
            rng.choice(names),
            seed=n,
        )
        (folder / f"{n:04}{made.suffix}").write_bytes(made.data)
