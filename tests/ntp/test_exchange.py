from __future__ import annotations

from tidegauge.ntp.exchange import udp_packet_bytes


def test_a_datagram_is_longer_on_the_wire() -> None:
    assert udp_packet_bytes(48, is_ipv6=False) == 76
    assert udp_packet_bytes(48, is_ipv6=True) == 96
