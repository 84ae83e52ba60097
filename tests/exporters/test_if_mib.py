from __future__ import annotations

from typing import Any

from tests.names.told import packed
from tests.sample_lake import NOON, SECOND
from tidegauge.exporters.agent import Agent, Community
from tidegauge.exporters.if_mib import Told, question, sample
from tidegauge.flow.interface_sample import InterfaceSample

EDGE = Agent("edge", "192.0.2.1", 161, packed("192.0.2.9"), Community("c"), 60 * SECOND, SECOND)
IF, WIDE = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
UPTIME = "1.3.6.1.2.1.1.3.0"
OLD: dict[str, Told] = {
    UPTIME: 6000,
    f"{IF}.2.7": b"Ethernet seven\0", f"{IF}.5.7": 10_000_000, f"{IF}.10.7": 1000, f"{IF}.11.7": 5,
    f"{IF}.12.7": 2, f"{IF}.13.7": 3, f"{IF}.14.7": 4, f"{IF}.16.7": 2000, f"{IF}.17.7": 6,
}  # fmt: skip
NEW: dict[str, Told] = OLD | {
    f"{WIDE}.1.7": b"Gi0/7", f"{WIDE}.18.7": "Zürich".encode(), f"{WIDE}.15.7": 10_000,
    f"{WIDE}.6.7": 2**40, f"{WIDE}.7.7": 2**40, f"{WIDE}.8.7": 20, f"{WIDE}.9.7": 1, f"{WIDE}.10.7": 2**41,
    f"{IF}.5.7": 2**32 - 1,
}  # fmt: skip


def read(answer: dict[str, Told], **changed: Told) -> InterfaceSample:
    found = sample(EDGE, 7, answer | changed, NOON)
    assert found is not None
    return found


def test_every_object_is_of_the_interface_but_the_uptime() -> None:
    first, *others = question(7)
    assert first == UPTIME
    assert set(NEW) <= {first, *others}
    assert {oid.rpartition(".")[2] for oid in others} == {"7"}


def test_counters_of_64_bits_and_what_the_interface_is_called() -> None:
    assert read(NEW) == InterfaceSample(
        received=NOON, exporter=packed("192.0.2.9"), interface=7, source="snmp",
        counting_since=NOON - 60 * SECOND, counter_bits=64, octets_in=2**40, octets_out=2**41,
        packets_in=2**40 + 21, group_packets_in=21, errors_in=4, discards_in=3,
        speed=10_000_000_000, name="Gi0/7", description="Zürich",
    )  # fmt: skip


def test_an_agent_without_ifxtable_has_32() -> None:
    assert read(OLD) == InterfaceSample(
        received=NOON, exporter=packed("192.0.2.9"), interface=7, source="snmp",
        counting_since=NOON - 60 * SECOND, counter_bits=32, octets_in=1000, octets_out=2000,
        packets_in=7, packets_out=6, group_packets_in=2, errors_in=4, discards_in=3,
        speed=10_000_000, name="Ethernet seven",
    )  # fmt: skip


def test_since_when_it_counts() -> None:
    """An uptime that went round is smaller than the moment of a discontinuity before that."""
    moment = f"{WIDE}.19.7"
    assert read(NEW | {moment: 0}).counting_since == NOON - 60 * SECOND
    assert read(NEW | {moment: 5000}).counting_since == NOON - 10 * SECOND
    assert read(NEW | {moment: 2**32 - 1000}).counting_since == NOON - 70 * SECOND


def test_speeds_that_say_nothing() -> None:
    assert read(OLD | {f"{IF}.5.7": 0}).speed is None
    assert read(OLD | {f"{IF}.5.7": 2**32 - 1}).speed is None
    assert read(NEW | {f"{WIDE}.15.7": 0, f"{IF}.5.7": 64_000}).speed == 64_000
    assert read(NEW | {f"{WIDE}.15.7": 2**60, f"{IF}.5.7": 64_000}).speed == 64_000


def test_an_interface_that_is_not_counted_is_none() -> None:
    assert sample(EDGE, 8, NEW, NOON) is None
    assert sample(EDGE, 7, {**NEW, UPTIME: None}, NOON) is None
    assert sample(EDGE, 7, {UPTIME: 1, f"{IF}.10.7": b"many"}, NOON) is None


def test_numbers_that_no_counter_holds_were_not_told() -> None:
    absurd: dict[str, Any] = {f"{WIDE}.6.7": -1, f"{WIDE}.7.7": 2**64}
    found = read(NEW | absurd)
    assert (found.octets_in, found.octets_out, found.packets_in) == (None, 2**41, 21)
