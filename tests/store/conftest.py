"""A fresh lake for every test of the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.store.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")
