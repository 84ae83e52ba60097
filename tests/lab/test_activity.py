from __future__ import annotations

from random import Random

from tidegauge.lab import activity
from tidegauge.lab.activity import MEGABYTE, SECOND
from tidegauge.lab.people import MEETING_ROOM_LAPTOP, person

JOHN = person("John").laptop


def test_a_transfer_moves_exactly_its_amount() -> None:
    down = activity.transfer("John", JOHN, "YouTube", 0, 1800, down=500 * MEGABYTE)
    assert (down.bytes_down, down.bytes_up, down.end) == (490 * MEGABYTE, 10 * MEGABYTE, 1800 * SECOND)
    up = activity.transfer("John", JOHN, "CloudBackup", 0, 10, up=1_000)
    assert (up.bytes_up, up.bytes_down) == (980, 20)


def test_a_scan_knocks_at_every_port_and_is_refused_by_servers_only() -> None:
    scan = activity.scan("laptop", MEETING_ROOM_LAPTOP, 0, hosts=20, ports=12)
    assert scan.connections == 240
    assert scan.bytes_up == 240 * 44
    assert scan.bytes_down == 3 * 12 * 40  # hosts 5, 10 and 20 exist


def test_sizes_have_a_heavy_tail_that_ends() -> None:
    random = Random(1)
    sizes = sorted(activity.heavy_tailed(random, 1000, 100_000) for _ in range(10_000))
    assert 900 < sizes[5_000] < 1_100
    assert sum(sizes[9_000:]) > 0.4 * sum(sizes)
    assert sizes[-1] <= 100_000


def test_a_meeting_loads_both_directions() -> None:
    meeting = activity.meeting("John", JOHN, 0, 30, Random(1))
    assert meeting.bytes_up > 50 * MEGABYTE
    assert meeting.bytes_down > meeting.bytes_up / 3
    assert 28 * 60 * SECOND < meeting.end <= 30 * 60 * SECOND


def test_small_deeds_are_small_and_short() -> None:
    random = Random(1)
    lookup = activity.lookup("John", JOHN, "Resolver", 0, random)
    mail = activity.send_mail("Sarah", JOHN, 0, random, 18_000)
    opened = activity.keep_open("John", JOHN, "Slack", 0, 900 * SECOND, 10_001)
    exchange = activity.exchange("John", JOHN, "Slack", 0, random)
    visit = activity.visit("John", JOHN, "BBC", 0, random)
    assert lookup.bytes_up < 100
    assert lookup.end < SECOND
    assert mail.bytes_up == 18_000
    assert opened.bytes_up + opened.bytes_down == 10_001
    assert exchange.end <= 9 * SECOND
    assert visit.bytes_down > visit.bytes_up
