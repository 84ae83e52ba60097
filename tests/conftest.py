"""What a test needs from its surroundings, and what happens where that is missing.

A test marked ``peers``, ``browser``, ``packaging`` or ``conformance`` is deselected where its
surroundings are missing, with one printed line. With ``CI`` set it stays and fails, and so does
every skip: what continuous integration leaves out, nobody runs.
"""

from __future__ import annotations

import fcntl
import os
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.surroundings import MISSING, ROOT, captures, is_ci

MEMORY = Path("/dev/shm")
LEFT_OUT = pytest.StashKey[dict[str, str]]()


@pytest.fixture(scope="session")
def root() -> Path:
    """Top folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def captures_path() -> Path:
    return captures()


@pytest.fixture(scope="module")
def office_turn() -> Iterator[None]:
    """Wait until no other test has the office with a real network open: a machine can have one."""
    with (Path(tempfile.gettempdir()) / "tidegauge-office-tests.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@pytest.fixture
def memory_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: forcing files to a disk by the thousand takes long."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="tidegauge-") as folder:
        yield Path(folder)


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        # A shell starts background jobs deaf to SIGINT, and so would be what tests interrupt.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    reasons = {mark: missing() for mark, missing in MISSING.items()}
    config.stash[LEFT_OUT] = {mark: reason for mark, reason in reasons.items() if reason}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if is_ci():
        return
    dropped = [item for item in items if marks_left_out(item)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if not marks_left_out(item)]


def marks_left_out(item: pytest.Item) -> dict[str, str]:
    """Of the item's marks, those whose surroundings are missing, with the reason."""
    left_out = item.config.stash[LEFT_OUT]
    return {mark.name: left_out[mark.name] for mark in item.iter_markers() if mark.name in left_out}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if is_ci():
        return
    for mark, reason in config.stash[LEFT_OUT].items():
        terminalreporter.write_line(f"tests marked {mark} left out: {reason}", yellow=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark, reason in marks_left_out(item).items():
        pytest.fail(f"CI must run tests marked {mark}: {reason}", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,  # noqa: ARG001 pytest passes hook arguments by name
    call: pytest.CallInfo[None],  # noqa: ARG001 the same
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if is_ci() and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI counts as a failure: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,  # noqa: ARG001 pytest passes hook arguments by name
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if is_ci() and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI counts as a failure: {report.longrepr}"
    return report
