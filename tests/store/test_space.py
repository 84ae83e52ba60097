from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.store.errors import NoSpaceError
from tidegauge.store.space import SpaceGuard


def test_free_bytes_are_what_the_system_says(tmp_path: Path) -> None:
    assert SpaceGuard(tmp_path).free_bytes() > 0


@pytest.mark.parametrize(("wanted", "expected"), [(0, True), (400, True), (401, False)])
def test_the_reserve_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: int, *, expected: bool
) -> None:
    guard = SpaceGuard(tmp_path, reserve_bytes=600)
    monkeypatch.setattr(guard, "free_bytes", lambda: 1000)
    assert guard.has_room(wanted) is expected


def test_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guard = SpaceGuard(tmp_path, reserve_bytes=5000)
    monkeypatch.setattr(guard, "free_bytes", lambda: 4000)
    with pytest.raises(NoSpaceError, match="4,000 bytes free and 5,000 are kept in reserve; free some space"):
        guard.require_room()
