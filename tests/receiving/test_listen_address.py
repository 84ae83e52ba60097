from __future__ import annotations

import pytest

from tidegauge.receiving.listen_address import ListenAddress


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("udp://127.0.0.1:2055", "127.0.0.1", 2055),
        ("udp://0.0.0.0:0", "0.0.0.0", 0),
        ("udp://[::]:4739", "::", 4739),
        ("udp://[2001:db8::1]:9995", "2001:db8::1", 9995),
    ],
)
def test_an_address_reads_and_writes_the_same(text: str, host: str, port: int) -> None:
    address = ListenAddress.parse(text)
    assert address == (host, port, "udp")
    assert str(address) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("tcp://127.0.0.1:4739", "listeners are written udp://HOST:PORT"),
        ("127.0.0.1:2055", "listeners are written udp://HOST:PORT"),
        ("udp://127.0.0.1", "the port is missing"),
        ("udp://127.0.0.1:70000", "out of range"),
        ("udp://router.example:2055", "the host is an IP address"),
        ("udp://:2055", "the host is an IP address"),
        ("udp://127.0.0.1:2055/x", "nothing may follow the port"),
    ],
)
def test_what_is_no_address_is_explained(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        ListenAddress.parse(text)
    assert str(caught.value).startswith(text)
