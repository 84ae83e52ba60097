from __future__ import annotations

import ipaddress
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.flow.addresses import address_from_text, network_from_text, text_from_address, uuid_text

ADDRESSES = st.integers(0, 2**128 - 1) | st.integers(0xFFFF << 32, (0x10000 << 32) - 1)


@given(ADDRESSES)
def test_text_keeps_every_address(address: int) -> None:
    assert address_from_text(text_from_address(address.to_bytes(16, "big"))) == address


@given(ADDRESSES, st.integers(0, 128))
def test_text_keeps_every_network(address: int, length: int) -> None:
    network = network_from_text(f"{ipaddress.IPv6Address(address)}/{length}")
    assert network_from_text(str(network)) == network
    assert network.first <= address <= network.last


@given(ADDRESSES)
def test_uuid_text_is_what_uuid_writes(address: int) -> None:
    assert uuid_text(address) == str(uuid.UUID(int=address))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("10/8", "10.0.0.0/8"),
        ("10.1/16", "10.1.0.0/16"),
        ("192.0.2.1/32", "192.0.2.1"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("::/0", "::/0"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1/64", "2001:db8::/64"),
    ],
)
def test_ways_to_write_a_network(text: str, canonical: str) -> None:
    assert str(network_from_text(text)) == canonical


@pytest.mark.parametrize(
    "text", ["", "10", "10.0.0.256", "10.0.0.0/33", "10.0.0.0/x", "::/129", "fe80::1%eth0", "1:2"]
)
def test_what_is_no_network(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        network_from_text(text)
