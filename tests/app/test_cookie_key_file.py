from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.app.cookie_key_file import NAME, CookieKeyFile
from tidegauge.ntp.cookie_keys import DAY

NOW = 1_795_000_000_000_000_000


def test_a_restarted_server_knows_its_keys(tmp_path: Path) -> None:
    keys = CookieKeyFile(tmp_path).keys_at(NOW)
    assert CookieKeyFile(tmp_path).keys_at(NOW + DAY - 1) == keys
    later = CookieKeyFile(tmp_path).keys_at(NOW + DAY)
    assert later.keys[1:] == keys.keys
    assert CookieKeyFile(tmp_path).keys_at(NOW + DAY) == later


def test_nobody_else_can_read_the_keys(tmp_path: Path) -> None:
    CookieKeyFile(tmp_path).keys_at(NOW)
    [path] = tmp_path.iterdir()
    assert (path.name, path.stat().st_mode & 0o777) == (NAME, 0o600)


def test_without_a_folder_keys_are_new_each_time(tmp_path: Path) -> None:
    file = CookieKeyFile(None)
    assert file.keys_at(NOW) != file.keys_at(NOW)
    assert not list(tmp_path.iterdir())


def test_a_broken_file_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("{}")
    with pytest.raises(OSError, match="remove it to start with new keys"):
        CookieKeyFile(tmp_path).keys_at(NOW)
    assert (tmp_path / NAME).read_text() == "{}"
