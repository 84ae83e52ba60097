from __future__ import annotations

import pytest

from tidegauge.lab.address import packed
from tidegauge.lab.nat import FORGOTTEN_AFTER, PORTS, PortTranslation, prefix_translated

ONE = packed("192.168.10.10")
TWO = packed("192.168.10.11")
PUBLIC = packed("203.0.113.17")


def test_a_free_port_is_kept_and_stays() -> None:
    translation = PortTranslation()
    assert translation.translate(6, ONE, 40_000, 0) == (PUBLIC, 40_000)
    assert translation.translate(6, ONE, 40_000, 10) == (PUBLIC, 40_000)


def test_a_port_that_is_held_gives_way_to_the_next() -> None:
    translation = PortTranslation()
    translation.translate(6, ONE, 65_535, 0)
    assert translation.translate(6, TWO, 65_535, 0) == (PUBLIC, 1024)
    assert translation.translate(17, TWO, 65_535, 0) == (PUBLIC, 65_535)


def test_a_forgotten_port_can_be_had_again() -> None:
    translation = PortTranslation()
    translation.translate(6, ONE, 40_000, 0)
    assert translation.translate(6, TWO, 40_000, FORGOTTEN_AFTER + 1) == (PUBLIC, 40_000)
    assert translation.translate(6, ONE, 40_000, FORGOTTEN_AFTER + 1) == (PUBLIC, 40_001)


def test_running_out_of_ports_is_said() -> None:
    translation = PortTranslation()
    for port in range(PORTS):
        translation.translate(6, ONE, 1024 + port, 0)
    with pytest.raises(RuntimeError, match="too many connections"):
        translation.translate(6, TWO, 40_000, 0)


def test_a_prefix_is_exchanged_without_touching_checksums() -> None:
    inside = packed("fd10:0:10::2a")
    outside = prefix_translated(inside)
    assert outside[:6] == packed("2001:db8:10::")[:6]
    assert outside[8:] == inside[8:]
    assert checksum(outside) == checksum(inside)


def checksum(address: bytes) -> int:
    return sum(int.from_bytes(address[at : at + 2], "big") for at in range(0, 16, 2)) % 0xFFFF
