"""A fresh lake, and an address on the loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


@pytest.fixture
def loopback() -> ListenAddress:
    return ListenAddress("127.0.0.1", 0)
