from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest

from tidegauge.lab.wired.path import MILLISECOND, Delays, Settings, Way, settings_from_json, settings_to_json

SERVER, CLIENT = "198.51.100.50", "203.0.113.17"
ARP, IPV4 = b"\x08\x06", b"\x08\x00"
SYN, ACK = 2, 16
DELAY = 20 * MILLISECOND


def frame(
    source: str = SERVER, to: str = CLIENT, size: int = 1500, flags: int = ACK, kind: bytes = IPV4
) -> bytes:
    """As the socket of a path gives it: what is to be done yet, Ethernet, IPv4, TCP."""
    ip = bytes([0x45, 0]) + size.to_bytes(2, "big") + bytes([0, 0, 0, 0, 64, 6, 0, 0])
    ip += socket.inet_aton(source) + socket.inet_aton(to)
    tcp = bytes([1, 187, 80, 0, *bytes(8), 0x50, flags])
    return bytes(10) + bytes(12) + kind + ip + tcp


def carried(way: Way, frames: Sequence[bytes], every: int = MILLISECOND) -> list[int]:
    """Numbers of the frames in the order in which they come out, one taken every so often."""
    numbered = [each + number.to_bytes(4, "big") for number, each in enumerate(frames)]
    for number, each in enumerate(numbered):
        way.take(each, number * every)
    given = []
    while (due := way.next_due()) is not None:
        assert way.give(due - 1) is None
        got = way.give(due)
        assert got is not None
        given.append(int.from_bytes(got[-4:], "big"))
    return given


def test_each_frame_takes_its_time_and_keeps_its_place() -> None:
    way = Way(Settings("a", "b", delay_ms=20), 1)
    assert carried(way, [frame()] * 5) == [0, 1, 2, 3, 4]
    assert way.report.carried == Delays(count=5, mean=DELAY, longest=DELAY)
    assert (way.report.lost, way.report.held, way.report.overtaken) == (0, 0, 0)


def test_what_is_not_ip_does_not_wait() -> None:
    way = Way(Settings("a", "b", delay_ms=20), 1)
    assert carried(way, [frame(), frame(kind=ARP)]) == [1, 0]


def test_losses_are_of_the_chosen_server_counted_and_the_same_for_a_seed() -> None:
    settings = Settings("a", "b", delay_ms=1, source=SERVER, lost_per_thousand=100)
    frames = [frame()] * 1000
    first, again, other = (Way(settings, seed) for seed in (1, 1, 2))
    through = carried(first, frames)
    assert len(through) == 1000 - first.report.lost
    assert first.report.lost_bytes == 1500 * first.report.lost
    assert first.report.lost == pytest.approx(100, abs=40)
    assert carried(again, frames) == through != carried(other, frames)
    spared = Way(settings, 1)
    carried(spared, [frame(size=1000), frame(source="198.51.100.80")] * 500)
    assert spared.report.lost == 0


def test_what_is_held_back_is_overtaken_by_what_comes_behind() -> None:
    settings = Settings("a", "b", delay_ms=1, source=SERVER, held_per_thousand=100, held_ms=2.5)
    way = Way(settings, 1)
    through = carried(way, [*[frame()] * 100, *[frame(size=60)] * 5])
    assert through != sorted(through) == list(range(105))
    assert way.report.held == way.report.overtaken > 0
    lonely = Way(settings, 1)
    carried(lonely, [frame()] * 100, every=10 * MILLISECOND)
    assert lonely.report.held > lonely.report.overtaken == 0


def test_delays_of_handshakes_are_told_by_server() -> None:
    way = Way(Settings("a", "b", delay_ms=20), 1)
    carried(way, [frame(CLIENT, SERVER, 60, SYN), frame(SERVER, CLIENT, 60, SYN | ACK), frame()])
    assert way.report.handshakes == {SERVER: Delays(count=2, mean=DELAY, longest=DELAY)}


def test_settings_survive_being_written() -> None:
    ways = [
        Settings("a", "b", delay_ms=2.5),
        Settings("b", "a", delay_ms=1, source=SERVER, held_per_thousand=3),
    ]
    assert settings_from_json(settings_to_json(ways)) == ways
