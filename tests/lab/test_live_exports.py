from __future__ import annotations

import socket
import time
from pathlib import Path
from random import Random

from tidegauge.lab import activity
from tidegauge.lab.activity import SECOND
from tidegauge.lab.lan import Lan
from tidegauge.lab.live_exports import LiveExports
from tidegauge.lab.logs import Logs
from tidegauge.lab.name_feed import NameFeed
from tidegauge.lab.office import Office
from tidegauge.lab.people import person
from tidegauge.store.lake import Lake


def test_what_is_due_leaves_from_the_routers_own_address(tmp_path: Path) -> None:
    now = time.time_ns()
    alex = person("Alex").laptop
    deeds = [
        activity.transfer("Alex", alex, "Dropbox", now - 5 * SECOND, 4, down=1_000_000),
        activity.transfer("Alex", alex, "FileServer", now - 5 * SECOND, 4, down=1_000_000),
    ]
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector,
        Logs(tmp_path / "log") as logs,
        LiveExports(time.time_ns) as exports,
    ):
        collector.bind(("127.0.0.1", 0))
        collector.settimeout(10)
        names = NameFeed(Lake.create(tmp_path / "lake"), logs)
        exports.start(Office(iter(deeds), Lan(1), Random(1), now), names, collector.getsockname())
        heard: dict[tuple[str, int], int] = {}
        while len(heard) < 2:
            datagram, source = collector.recvfrom(65_535)
            heard[source] = int.from_bytes(datagram[:2], "big")
        assert heard == {exports.sources()["edge1"]: 10, exports.sources()["edge2"]: 9}
        assert "query[A] www.dropbox.com from 192.168.10.23" in logs.syslog_path.read_text()
        assert [host for host, _ in exports.sources().values()] == ["127.0.0.11", "127.0.0.12"]


def test_a_datagram_is_stamped_when_it_leaves_however_long_names_took(tmp_path: Path) -> None:
    now = time.time_ns()
    seconds_per_look = 10
    ticks = iter(range(now, now + 3600 * SECOND, seconds_per_look * SECOND))
    deed = activity.transfer("Alex", person("Alex").laptop, "Dropbox", now - 5 * SECOND, 4, down=1_000_000)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector,
        Logs(tmp_path / "log") as logs,
        LiveExports(lambda: next(ticks)) as exports,
    ):
        collector.bind(("127.0.0.1", 0))
        collector.settimeout(10)
        names = NameFeed(Lake.create(tmp_path / "lake"), logs)
        exports.start(Office(iter([deed]), Lan(1), Random(1), now), names, collector.getsockname())
        stamps = [int.from_bytes(collector.recv(65_535)[4:8], "big")]
    round_began = now // SECOND + seconds_per_look
    assert stamps[0] > round_began


def test_ports_are_free_again_after_the_end() -> None:
    with LiveExports(time.time_ns) as exports:
        address = exports.sources()["edge1"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind(address)
