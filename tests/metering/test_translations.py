from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.utils import wrpcap

from tests.conntrack import GONE, NEW, Ends, life, message
from tidegauge._core import Meter
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.metering.translations import Tell, Translations, translation_remarks

CLIENT, SERVER, PUBLIC = "10.0.0.5", "203.0.113.10", "198.51.100.1"
SECOND = 1_000_000_000
NOON = instant_from_text("2025-10-09T12:00:00Z")
ORIGINAL, REPLY = Ends(CLIENT, 40_000, SERVER, 80), Ends(SERVER, 80, PUBLIC, 30_084)
SHOWN = "src_addr::VARCHAR, src_port, nat_src_addr::VARCHAR, nat_src_port, dst_addr::VARCHAR, dst_port,"
SHOWN += "nat_dst_addr::VARCHAR, nat_dst_port, nat_event, packets"


def packet(ends: Ends, seconds: float) -> Ether:
    made = Ether() / IP(src=ends.src, dst=ends.dst) / TCP(sport=ends.src_port, dport=ends.dst_port)
    made.time = NOON / SECOND + seconds
    return made


def mapped(address: str) -> str:
    octets = [int(octet) for octet in address.split(".")]
    return "00000000-0000-0000-0000-ffff{:02x}{:02x}{:02x}{:02x}".format(*octets)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """What the kernel said of one connection."""
    path = tmp_path / "messages"
    begun = message(NEW, 7, ORIGINAL, REPLY, life(NOON))
    path.write_bytes(begun + message(GONE, 7, ORIGINAL, REPLY, life(NOON, NOON + 5 * SECOND)))
    return path


@pytest.mark.parametrize("side", ["inside", "outside"])
def test_flows_of_a_capture_tell_their_other_side(side: str, saved: Path, tmp_path: Path) -> None:
    back = Ends(SERVER, 80, CLIENT, 40_000)
    seen = (ORIGINAL, back) if side == "inside" else (Ends(PUBLIC, 30_084, SERVER, 80), REPLY)
    capture = tmp_path / "capture.pcap"
    wrpcap(str(capture), [packet(seen[0], 0.001), packet(seen[1], 0.002), packet(ORIGINAL, 100)])
    meter = Meter(active_timeout_seconds=60)
    meter.translate(path=str(saved))
    while meter.read(str(capture)):
        pass
    here, there = (CLIENT, 40_000), (PUBLIC, 30_084)
    if side == "outside":
        here, there = there, here
    [flows, events] = meter.drain(everything=True)
    with duckdb.connect() as connection:
        rows = connection.from_arrow(flows).order("start").project(SHOWN).fetchall()
        told = connection.from_arrow(events).order("start").project(f"epoch_ns(start), {SHOWN}").fetchall()
    (host, port), (other, other_port), server = here, there, mapped(SERVER)
    assert rows == [
        (mapped(host), port, mapped(other), other_port, server, 80, None, None, None, 1),
        (server, 80, None, None, mapped(host), port, mapped(other), other_port, None, 1),
        # Long after the end, the same ends are no longer translated.
        (mapped(CLIENT), 40_000, None, None, server, 80, None, None, None, 1),
    ]
    became = (mapped(CLIENT), 40_000, mapped(PUBLIC), 30_084, server, 80, server, 80)
    assert told == [(NOON, *became, 4, None), (NOON + 5 * SECOND, *became, 5, None)]
    assert meter.counters()["nat_created"] == meter.counters()["nat_deleted"] == 1


def test_events_are_told_to_who_asks_for_them(saved: Path) -> None:
    meter = Meter()
    meter.translate(path=str(saved), with_events=False)
    assert meter.drain(everything=True) == []
    assert meter.counters()["nat_created"] == 1


def test_what_the_kernel_counted_is_told_where_it_counts() -> None:
    counters = {"nat_created": 1, "nat_deleted": 1, "nat_packets": 7, "nat_bytes": 600, "nat_left_out": 2}
    assert translation_remarks(counters)[1:] == [
        "the kernel counted 7 packets (600 bytes) in those that ended",
        "2 translations found no room",
    ]


def test_a_kernel_that_keeps_translations_to_itself_is_told_to_speak(tmp_path: Path) -> None:
    (tmp_path / "nf_conntrack_events").write_text("0\n")
    with pytest.raises(OSError, match=r"sysctl net\.netfilter\.nf_conntrack_events=1"):
        Translations(Meter(), Tell.FLOWS, tmp_path)
