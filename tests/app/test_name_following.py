from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.test_file_follower import NOW, asked, write
from tests.app.written_names import names
from tests.flow_sender import wait_until
from tidegauge.app import file_follower, name_writer
from tidegauge.app.followed_names import FollowedNames
from tidegauge.app.name_following import FollowedElsewhereError, NameFollowing
from tidegauge.store.lake import Lake


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_follower, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(name_writer, "REST_SECONDS", 0.01)


def following(lake: Lake, *files: Path) -> NameFollowing:
    return NameFollowing(lake, FollowedNames(files=tuple(map(str, files))), lambda: NOW)


def test_reading_goes_on_after_a_pause_and_nothing_counts_twice(lake: Lake, tmp_path: Path) -> None:
    log, other = tmp_path / "dns.log", tmp_path / "other.log"
    write(log, asked("a.example", "192.0.2.1"))
    first = following(lake, log)
    first.start()
    wait_until(lambda: first.written == 1)
    first.stop()
    write(log, asked("b.example", "192.0.2.2"))
    write(other, asked("c.example", "192.0.2.3"))
    following_other = following(lake, other)  # what it keeps must not forget the first log
    following_other.start()
    wait_until(lambda: following_other.written == 1)
    following_other.stop()
    log.rename(tmp_path / "dns.log.1")
    write(log, asked("d.example", "192.0.2.4"))
    second = following(lake, log)
    second.start()
    wait_until(lambda: set(names(lake)) == {"a.example", "b.example", "c.example", "d.example"})
    second.stop()


def test_one_process_follows_for_a_lake(lake: Lake, tmp_path: Path) -> None:
    first = following(lake, tmp_path / "dns.log")
    first.start()
    with pytest.raises(FollowedElsewhereError, match="another process follows names"):
        following(lake, tmp_path / "dns.log").start()
    first.stop()
    again = following(lake, tmp_path / "dns.log")
    again.start()
    again.stop()


def test_a_socket_that_cannot_be_had_leaves_nothing_behind(lake: Lake, tmp_path: Path) -> None:
    wanted = FollowedNames(dnstap=(str(tmp_path / "tap"), str(tmp_path / "missing" / "tap")))
    with pytest.raises(FileNotFoundError, match="missing"):
        NameFollowing(lake, wanted, lambda: NOW).start()
    assert not (tmp_path / "tap").exists()
    again = following(lake, tmp_path / "dns.log")
    again.start()
    again.stop()
