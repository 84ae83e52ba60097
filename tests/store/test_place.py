from __future__ import annotations

import os
from pathlib import Path

import pytest

from tidegauge.store.place import default_lake


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIDEGAUGE_LAKE", raising=False)


def test_a_named_lake_is_the_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIDEGAUGE_LAKE", str(tmp_path))
    assert default_lake() == tmp_path


def test_root_keeps_the_lake_where_services_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_lake() == Path("/var/lib/tidegauge")


def test_people_keep_it_under_their_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_lake() == tmp_path / "tidegauge"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_lake() == tmp_path / ".local/state/tidegauge"
