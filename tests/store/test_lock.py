from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from tidegauge.store.lock import FileLock, create_locked_folder

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
