from __future__ import annotations

from tests.names.told import DATA, Told, read, told
from tidegauge.names.sources.dnsmasq_leases import DnsmasqLeases

SOURCE = DnsmasqLeases()


def test_leases_hold_from_when_the_file_was_written() -> None:
    bindings, refused = read(SOURCE, (DATA / "dnsmasq.leases").read_bytes())
    assert told(bindings)[2:4] == [
        Told("mac", "192.168.10.91", "00:1b:44:11:3a:02", "19:00:00", "20:17:33"),
        Told("machine", "192.168.10.91", "sarah-laptop", "19:00:00", "20:17:33"),
    ]
    assert not refused


def test_a_card_is_found_in_the_identifier_of_an_ipv6_lease() -> None:
    bindings, _ = read(SOURCE, (DATA / "dnsmasq.leases").read_bytes())
    assert told(bindings)[-2:] == [
        Told("mac", "fd10:0:10::173", "00:1b:44:11:3a:02", "19:00:00", "20:18:02"),
        Told("machine", "fd10:0:10::173", "sarah-laptop", "19:00:00", "20:18:02"),
    ]


def test_a_lease_for_ever_has_no_end_and_one_that_is_over_says_nothing() -> None:
    content = b"0 00:1b:44:11:3a:01 192.168.10.1 a *\n1000000000 00:1b:44:11:3a:02 192.168.10.2 b *\n"
    bindings, _ = read(SOURCE, content)
    assert [(row.name, row.until) for row in told(bindings)] == [("00:1b:44:11:3a:01", None), ("a", None)]


def test_lines_that_are_no_leases_are_counted() -> None:
    content = b"1795465056 da:a1:19:00:00:03 192.168.10.40 * *\nnonsense\n1795465056 x 1.2.3.4.5 y *\n"
    bindings, refused = read(SOURCE, content)
    assert (len(bindings), refused) == (2, {"no lease": 2})
