from __future__ import annotations

from tests.names.told import DATA, Told, read, told
from tidegauge.names.sources.isc_leases import IscLeases

SOURCE = IscLeases()


def test_a_released_lease_ends_and_the_next_begins() -> None:
    bindings, refused = read(SOURCE, (DATA / "dhcpd.leases").read_bytes())
    assert [(row.name, row.since, row.until) for row in told(bindings)] == [
        ("00:1b:44:11:3a:01", "18:38:32", "18:48:32"),
        ("john-laptop", "18:38:32", "18:48:32"),
        ("", "18:38:33", "18:38:33"),
        ("", "18:38:33", "18:38:33"),
        ("00:1b:44:11:3a:02", "18:38:35", "18:48:35"),
        ("sarah-laptop", "18:38:35", "18:48:35"),
    ]
    assert not refused


def test_times_as_seconds_and_leases_for_ever() -> None:
    content = b"""lease 10.0.0.1 {
  starts epoch 1795459112; # Mon Nov 23 18:38:32 2026
  ends never;
  binding state active;
  hardware ethernet 00:1b:44:11:3a:01;
}
"""
    assert told(read(SOURCE, content)[0])[0] == Told("mac", "10.0.0.1", "00:1b:44:11:3a:01", "18:38:32", None)


def test_ipv6_leases_with_their_octal_identifiers() -> None:
    content = rb"""ia-na "\001\000\000\000\000\003\000\001\000\033D\021:\002" {
  cltt 1 2026/11/23 18:38:32;
  iaaddr fd10:0:10::50 {
    binding state active;
    preferred-life 375;
    max-life 600;
    ends 1 2026/11/23 18:48:32;
  }
}
"""
    bindings, refused = read(SOURCE, content)
    assert told(bindings)[0] == Told("mac", "fd10:0:10::50", "00:1b:44:11:3a:02", "18:38:32", "18:48:32")
    assert not refused


def test_a_lease_without_times_is_counted() -> None:
    content = b"lease 10.0.0.1 {\n  starts 1 2026/13/41 18:38:32;\n  ends 1 2026/11/23 18:48:32;\n}\n"
    bindings, refused = read(SOURCE, content)
    assert (bindings, refused) == ([], {"no time": 1})
