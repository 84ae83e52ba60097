from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.conftest import FLOWS, LEDGER
from tests.cli.running import Terminal
from tests.sample_lake import make_lake


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small lake that commands find by themselves."""
    path = tmp_path / "lake"
    make_lake(path, FLOWS, LEDGER)
    monkeypatch.setenv("TIDEGAUGE_LAKE", str(path))
    return path
