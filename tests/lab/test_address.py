from __future__ import annotations

from tidegauge.lab.address import is_ipv4, packed


def test_ipv4_is_mapped() -> None:
    address = packed("192.168.10.5")
    assert address == bytes(10) + b"\xff\xff" + bytes([192, 168, 10, 5])
    assert is_ipv4(address)


def test_ipv6_stays_as_it_is() -> None:
    address = packed("fd10:0:10::1")
    assert address.hex() == "fd100000001000000000000000000001"
    assert not is_ipv4(address)
