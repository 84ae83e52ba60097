from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.lab.wired.folder import office_folder


def test_it_is_made_anew_and_nothing_is_left_however_it_ends(tmp_path: Path) -> None:
    place = tmp_path / "office"
    place.mkdir()
    (place / "old").touch()
    with office_folder(place) as folder:
        assert list(folder.iterdir()) == []
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "new").touch()
    assert not place.exists()
    with pytest.raises(RuntimeError), office_folder(place):
        raise RuntimeError
    assert not place.exists()
