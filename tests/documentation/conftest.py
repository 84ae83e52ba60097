from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import tidegauge
from tests.documentation.terminal import Terminal

SAMPLE = "tests/data/softflowd/netflow9.pcap"
# Files a page takes for granted, and what stands in for them.
BELONGINGS = {"old-exports.pcap": SAMPLE, "dnsmasq.log": "tests/data/names/dnsmasq-plain.log"}


@pytest.fixture
def desk(tmp_path: Path, root: Path) -> Path:
    """A folder that looks like a clone after ``make setup``, and that a reader may write to."""
    desk = tmp_path / "tidegauge"
    desk.mkdir()
    (desk / ".venv").symlink_to(sys.prefix)
    (desk / "tests").symlink_to(root / "tests")
    for name, source in BELONGINGS.items():
        shutil.copy(root / source, desk / name)
    return desk


@pytest.fixture
def terminal(desk: Path, tmp_path: Path, root: Path) -> Iterator[Terminal]:
    """A terminal in that folder, with the commands at hand and the sample in the lake."""
    lake = tmp_path / "lake"
    tidegauge("import", "--lake", str(lake), str(root / SAMPLE))
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "PATH": f"{desk / '.venv/bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(desk),
        "TIDEGAUGE_LAKE": str(lake),
        "TMPDIR": str(tmp_path),
    }
    terminal = Terminal(desk, environment)
    yield terminal
    terminal.close()
