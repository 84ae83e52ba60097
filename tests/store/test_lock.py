from __future__ import annotations

import pkgutil
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tidegauge.store.lock import FileLock, create_locked_folder, remove_unborn

HOLD = """
import pathlib, sys
from tidegauge.store.lock import FileLock
lock = FileLock.exclusive(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_an_exclusive_lock_excludes(tmp_path: Path) -> None:
    with FileLock.exclusive(tmp_path / "lock"):
        assert FileLock.exclusive_at_once(tmp_path / "lock") is None
        assert FileLock.shared_at_once(tmp_path / "lock") is None
    assert FileLock.exclusive_at_once(tmp_path / "lock") is not None


def test_shared_locks_live_together(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    first = FileLock.shared_at_once(tmp_path / "lock")
    second = FileLock.shared_at_once(tmp_path / "lock")
    assert first is not None
    assert second is not None
    assert FileLock.exclusive_at_once(tmp_path / "lock") is None


def test_an_absent_file_has_no_lock(tmp_path: Path) -> None:
    assert FileLock.exclusive_at_once(tmp_path / "none") is None
    assert FileLock.shared_at_once(tmp_path / "none") is None


def test_exclusive_waits_for_its_turn(tmp_path: Path) -> None:
    got = threading.Event()

    def wait() -> None:
        with FileLock.exclusive(tmp_path / "lock"):
            got.set()

    with FileLock.exclusive(tmp_path / "lock"):
        waiter = threading.Thread(target=wait)
        waiter.start()
        assert not got.wait(0.1)
    assert got.wait(5)
    waiter.join()


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert FileLock.exclusive_at_once(tmp_path / "lock") is None
        holder.kill()
    assert FileLock.exclusive_at_once(tmp_path / "lock") is not None


def test_a_lock_knows_that_its_file_is_gone(tmp_path: Path) -> None:
    lock = FileLock.exclusive(tmp_path / "lock")
    assert lock.is_linked
    (tmp_path / "lock").unlink()
    assert not lock.is_linked


def test_a_lock_reads_its_file_more_than_once(tmp_path: Path) -> None:
    (tmp_path / "lock").write_bytes(b"content")
    lock = FileLock.shared_at_once(tmp_path / "lock")
    assert lock is not None
    assert lock.read() == lock.read() == b"content"


def test_a_locked_folder_is_born_locked(tmp_path: Path) -> None:
    folder, lock = create_locked_folder(tmp_path / "parent", "writer")
    assert folder == tmp_path / "parent" / "writer"
    assert FileLock.exclusive_at_once(folder / "lock") is None
    lock.release()
    assert FileLock.exclusive_at_once(folder / "lock") is not None


def test_a_folder_that_nobody_will_name_is_removed(tmp_path: Path) -> None:
    """Its maker was killed before, or after, it made the lock."""
    (tmp_path / ".a").mkdir()
    (tmp_path / ".b").mkdir()
    (tmp_path / ".b/lock").touch()
    (tmp_path / ".born").mkdir()
    with FileLock.exclusive(tmp_path / ".born/lock"):
        remove_unborn(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [".born"]


@pytest.mark.parametrize("step", ["tidegauge.store.lock.FileLock.exclusive", "tidegauge.store.lock.sync"])
def test_one_removed_while_it_is_born_is_born_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Somebody takes it for one of a maker that was killed, just before it has a lock, or its name."""
    whole = pkgutil.resolve_name(step)

    def removed_before(path: Path) -> FileLock | None:
        monkeypatch.undo()
        shutil.rmtree(tmp_path / ".w")
        lock: FileLock | None = whole(path)
        return lock

    monkeypatch.setattr(step, removed_before)
    folder, held = create_locked_folder(tmp_path, "w")
    assert held.is_linked
    assert FileLock.exclusive_at_once(folder / "lock") is None
