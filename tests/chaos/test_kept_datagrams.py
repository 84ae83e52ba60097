"""A collector that is killed loses what it had not kept yet: a second of datagrams, and never the file."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.daemon import Daemon
from tests.flow_sender import send, wait_until
from tests.numbered_flows import numbers_in
from tidegauge.app.raw_decoding import Redecoding, decode_again
from tidegauge.clock.timerange import TimeRange
from tidegauge.store.copy_record import read_records
from tidegauge.store.lake import Lake
from tidegauge.store.raw_folder import raw_files


def test_what_was_kept_outlives_the_kill(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with Daemon(lake, options=("--keep-raw", "1d")) as daemon:
        send(daemon.address, range(300))
        wait_until(lambda: bool(raw_files(Lake.open(lake))))
        before = raw_files(Lake.open(lake))[0].bytes
        send(daemon.address, range(300, 600))
        wait_until(lambda: raw_files(Lake.open(lake))[0].bytes > before)
        daemon.kill()
    opened = Lake.open(lake)
    [file] = raw_files(opened)
    # What was being written is cut anywhere: here in the middle of the last frame.
    with file.path.open("r+b") as content:
        content.truncate(file.bytes - 20)
    list(decode_again(Redecoding(opened, TimeRange()), tmp_path / "again", 0))
    found = numbers_in(Lake.open(tmp_path / "again"))
    assert found[:300] == list(range(300))
    assert len(found) == len(set(found))
    assert len(list(read_records(opened))) == 1
