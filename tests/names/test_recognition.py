from __future__ import annotations

import pytest

from tests.names.told import DATA
from tidegauge.names.recognition import source_of, sources

FORMATS = {
    "DhcpSrvLog-Mon.log": "windows-dhcp",
    "dhcpd.leases": "isc-dhcpd-leases",
    "dnsmasq-extra.log": "dnsmasq-log",
    "dnsmasq-plain.log": "dnsmasq-log",
    "dnsmasq.leases": "dnsmasq-leases",
    "dnstap.fstrm": "dnstap",
    "fortigate-leases": "fortigate-leases",
    "ip-neigh": "neighbours",
    "kea-leases4.csv": "kea-leases",
    "radius-detail": "radius-detail",
    "unbound.log": "unbound-log",
    "windows-dns.log": "windows-dns",
}


def test_every_file_is_listed() -> None:
    assert {path.name for path in DATA.iterdir() if path.suffix != ".md"} == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_exactly_one_source_recognises_a_file(name: str) -> None:
    head = (DATA / name).read_bytes()[:8192]
    assert [source.name for source in sources() if source.recognises(head)] == [FORMATS[name]]


@pytest.mark.parametrize(
    "head", [b"", b"\n", b"\x00" * 100, b"hello world\n", b"{}", b"\xff\xd8\xff\xe0 JFIF"]
)
def test_nobody_recognises_what_is_none(head: bytes) -> None:
    assert source_of(head) is None


def test_no_source_trips_over_a_cut_or_mixed_up_file() -> None:
    contents = [(DATA / name).read_bytes() for name in FORMATS]
    for content in contents:
        for length in range(0, len(content), 97):
            source_of(content[:length])


def test_sources_are_found_by_name() -> None:
    names = [source.name for source in sources()]
    assert names == sorted(names)
    assert set(FORMATS.values()) < set(names)


def test_what_is_asked_among_decides() -> None:
    assert source_of((DATA / "dnsmasq.leases").read_bytes(), among=()) is None
