"""Fixtures shared by all tests. `NIANBAO_REQUIRE_ALL=1` turns every skip into a failure."""

import os
import signal
from collections.abc import Generator
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
        pytest.skip("the folder of real reports (../shared) is not here")
    return shared
