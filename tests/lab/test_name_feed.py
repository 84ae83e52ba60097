from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tidegauge.lab import activity
from tidegauge.lab.call import single_call
from tidegauge.lab.journal import Entry
from tidegauge.lab.lan import Lan
from tidegauge.lab.logs import Logs
from tidegauge.lab.name_feed import READ_INTERVAL, NameFeed
from tidegauge.lab.people import person
from tidegauge.store.lake import Lake

NOON = 1_767_268_800_000_000_000
ASKED = [
    Entry(NOON, 0, "dnsmasq", "1 192.168.10.13/9 query[A] pypi.org from 192.168.10.13"),
    Entry(NOON, 1, "dnsmasq", "1 192.168.10.13/9 reply pypi.org is 151.101.128.223"),
]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Logs]:
    with Logs(tmp_path / "log") as logs:
        yield logs


def stored(lake: Lake) -> int:
    return len(list((lake.path / "names").glob("*.parquet")))


def test_each_line_is_read_once(lake: Lake, logs: Logs) -> None:
    feed = NameFeed(lake, logs)
    assert feed.read(NOON) == 0
    logs.write(ASKED)
    assert feed.read(NOON) == 1
    assert feed.read(NOON) == 0


def test_each_table_is_read_once(lake: Lake, logs: Logs) -> None:
    feed = NameFeed(lake, logs)
    logs.write([Entry(NOON, 0, "ip", "fd10::1 dev eth0 lladdr da:a1:19:5e:04:07 REACHABLE")])
    assert feed.read(NOON) == 1
    assert feed.read(NOON) == 0


@pytest.fixture
def lan() -> Lan:
    """A network on which John has just been to GitHub."""
    lan = Lan(1)
    deed = activity.exchange("John", person("John").laptop, "GitHub", NOON, Random(1))
    assert list(lan.connect(single_call(deed)))
    return lan


def test_what_is_written_down_is_read_every_few_seconds(lake: Lake, logs: Logs, lan: Lan) -> None:
    feed = NameFeed(lake, logs)
    feed.read(NOON)
    feed.take(lan, NOON + READ_INTERVAL - 1)
    assert "query[A] github.com" in logs.syslog_path.read_text()
    assert stored(lake) == 0
    feed.take(lan, NOON + READ_INTERVAL)
    assert stored(lake) == 1
    assert "john-laptop" in logs.leases_path.read_text()


def test_a_lake_that_takes_nothing_does_not_end_the_office(lake: Lake, logs: Logs, lan: Lan) -> None:
    (lake.path / "names").write_text("in the way")
    NameFeed(lake, logs).take(lan, NOON + READ_INTERVAL)
    assert "query[A] github.com" in logs.syslog_path.read_text()
