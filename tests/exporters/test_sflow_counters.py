from __future__ import annotations

from tidegauge.exporters.sflow_counters import sample

RECEIVED = 1_800_000_000_000_000_000
EXPORTER = bytes(10) + b"\xff\xff\xc0\x00\x02\x09"
TOLD = {
    "sample_datagram.uptime": "5000",
    "if_counters.ifIndex": "3",
    "if_counters.ifSpeed": "1000000000",
    "if_counters.ifInOctets": str(2**40),
    "if_counters.ifInUcastPkts": str(2**32 - 1),
    "if_counters.ifInMulticastPkts": "5",
    "if_counters.ifInBroadcastPkts": "6",
    "if_counters.ifOutOctets": None,
    "if_counters.ifOutUcastPkts": None,
    "if_counters.ifInErrors": "7",
    "if_counters.ifInDiscards": "8",
    "port_name.name": "uplink",
}


def test_counters_of_an_interface_are_a_reading() -> None:
    found = sample(TOLD, EXPORTER, RECEIVED)
    assert found is not None
    assert (found.exporter, found.interface, found.source) == (EXPORTER, 3, "sflow5")
    assert (found.received, found.counting_since) == (RECEIVED, RECEIVED - 5_000_000_000)
    assert (found.octets_in, found.octets_out, found.counter_bits) == (2**40, None, 64)
    assert (found.errors_in, found.discards_in, found.errors_out) == (7, 8, None)
    assert (found.speed, found.name) == (10**9, "uplink")


def test_packets_start_over_at_32_bits_and_what_is_not_counted_is_none() -> None:
    found = sample(TOLD, EXPORTER, RECEIVED)
    assert found is not None
    assert (found.packets_in, found.group_packets_in) == (10, 11)
    assert (found.packets_out, found.group_packets_out) == (None, None)


def test_what_is_not_of_an_interface_is_none() -> None:
    for missing in ("sample_datagram.uptime", "if_counters.ifIndex", "if_counters.ifInOctets"):
        assert (
            sample({name: value for name, value in TOLD.items() if name != missing}, EXPORTER, RECEIVED)
            is None
        )
    assert sample({"processor.5s_cpu": "1"}, EXPORTER, RECEIVED) is None


def test_a_speed_of_nothing_is_unknown() -> None:
    found = sample(TOLD | {"if_counters.ifSpeed": "0", "port_name.name": ""}, EXPORTER, RECEIVED)
    assert found is not None
    assert (found.speed, found.name) == (None, None)
