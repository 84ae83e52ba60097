from __future__ import annotations

import pytest

from tidegauge.ntp.server_address import ServerAddress


@pytest.mark.parametrize("text", ["host:port", "host:99999", "[::1", "host/path", ":123", "", "http://host"])
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ServerAddress.parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ntp.example.org", ServerAddress("ntp.example.org", 123)),
        ("192.0.2.1:11123", ServerAddress("192.0.2.1", 11123)),
        ("2001:db8::1", ServerAddress("2001:db8::1", 123)),
        ("[2001:db8::1]:11123", ServerAddress("2001:db8::1", 11123)),
        ("[2001:db8::1]", ServerAddress("2001:db8::1", 123)),
        ("ntp://host", ServerAddress("host", 123)),
        ("nts://host", ServerAddress("host", 4460, is_nts=True)),
        ("nts://[::1]:4461", ServerAddress("::1", 4461, is_nts=True)),
    ],
)
def test_hosts_are_read_with_and_without_port(text: str, expected: ServerAddress) -> None:
    address = ServerAddress.parse(text)
    assert address == expected
    assert ServerAddress.parse(str(address)) == address


def test_nts_may_be_asked_for_beside() -> None:
    assert ServerAddress.parse("host", is_nts=True) == ServerAddress("host", 4460, is_nts=True)
    assert ServerAddress.parse("ntp://host", is_nts=True) == ServerAddress("host", 123)
