"""Fixtures shared by all tests.

`NIANBAO_REQUIRE_ALL=1` turns every skip into a failure, but for those of the real reports in
`../shared`, which are no part of the project.
"""

import fcntl
import os
import signal
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

CHECKOUT = Path(__file__).resolve().parents[1]

# Examples are the same in each run, so that what passes here passes anywhere; `make fuzz` draws
# others each time. Neither has a deadline: a machine may be busy.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.register_profile("fuzz", derandomize=False, deadline=None, print_blob=True)
hypothesis.settings.load_profile("steady")


NIGHT = os.environ.get("NIANBAO_NIGHT") == "1"
_NO_REAL_REPORTS = "the folder of real reports (../shared) is not here"


def more_at_night(day: int, night: int) -> int:
    """How much of something a test does: `night` when run by `make test-night`, else `day`."""
    return night if NIGHT else day


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `night` are run by `make test-night` alone."""
    if not NIGHT:
        left = [item for item in items if item.get_closest_marker("night")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def pytest_configure() -> None:
    """Tests started in the background of a shell ignore Ctrl-C, and so would every program that
    they start and stop.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    """With NIANBAO_REQUIRE_ALL=1 nothing may be skipped silently."""
    report = yield
    if (
        report.skipped
        and os.environ.get("NIANBAO_REQUIRE_ALL") == "1"
        and not hasattr(report, "wasxfail")
        and _NO_REAL_REPORTS not in str(report.longrepr)
    ):
        report.outcome = "failed"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """The same for whole modules, which `pytest.importorskip` at their top leaves out before any of
    their tests is known.
    """
    report = yield
    if report.skipped and os.environ.get("NIANBAO_REQUIRE_ALL") == "1":
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of real reports that lies beside the checkout; tests that need it are skipped
    where it is absent.
    """
    shared = CHECKOUT.parent / "shared"
    if not shared.is_dir():
        pytest.skip(_NO_REAL_REPORTS)
    return shared


FillOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def fill_once(tmp_path_factory: pytest.TempPathFactory) -> FillOnce:
    """Gives a folder by its name, filled by the function once for all processes that run tests:
    for what is slow to make and is not changed.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent

    def filled(name: str, fill: Callable[[Path], None]) -> Path:
        folder, building = base / name, base / f"{name}.building"
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                building.mkdir()
                fill(building)
                building.rename(folder)
        return folder

    return filled
