from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.names.told import DATA, Told, clock, read, told
from tidegauge.names.sources.dnsmasq_log import DnsmasqLog

SOURCE = DnsmasqLog()
PLAIN, EXTRA = ((DATA / f"dnsmasq-{name}.log").read_bytes() for name in ("plain", "extra"))


def test_an_address_that_changes_hands() -> None:
    bindings, refused = read(SOURCE, PLAIN)
    cards = [(row.name, row.since) for row in told(bindings) if row.kind == "mac"]
    assert cards == [("00:1b:44:11:3a:01", "18:19:32"), ("", "18:19:34"), ("00:1b:44:11:3a:02", "18:19:36")]
    assert not refused


@pytest.mark.parametrize(("content", "client"), [(PLAIN, "192.168.10.95"), (EXTRA, "192.168.10.90")])
def test_sites_are_called_what_the_client_asked_for(content: bytes, client: str) -> None:
    bindings, _ = read(SOURCE, content)
    sites = [(row.name, row.address) for row in told(bindings) if row.kind == "site" and row.client == client]
    assert sites[:3] == [
        ("www.youtube.com", "142.250.185.78"),
        ("www.youtube.com", "142.250.185.110"),
        ("www.youtube.com", "2a00:1450:4001:82a::200e"),
    ]
    assert "youtube-ui.l.google.com" not in {name for name, _ in sites}


def test_answers_from_the_cache_a_hosts_file_and_the_configuration() -> None:
    bindings, _ = read(SOURCE, PLAIN)
    found = {(row.client, row.name, row.address) for row in told(bindings)}
    assert ("192.168.10.95", "intranet.office.example", "192.168.20.10") in found
    cached = [row for row in told(bindings) if row.name == "www.youtube.com" and row.since == "18:19:36"]
    assert {row.address for row in cached} == {"142.250.185.78", "142.250.185.110"}


def test_leases_of_both_families_and_pointers() -> None:
    rows = told(read(SOURCE, EXTRA)[0])
    assert Told("mac", "fd10:0:10::173", "00:1b:44:11:3a:02", "18:18:02", "18:18:02") in rows
    assert Told("host", "142.250.185.78", "fra16s49-in-f14.1e100.net", "18:18:00", "18:18:00") in rows


def test_pi_hole_and_syslog_with_a_host_name() -> None:
    log = (
        b"2026-11-23T18:00:00.5+00:00 pi dnsmasq[7]: 3 10.0.0.5/4711 query[A] a.example from 10.0.0.5\n"
        b"2026-11-23T18:00:00.6+00:00 pi dnsmasq[7]: 3 10.0.0.5/4711 gravity blocked a.example is 0.0.0.0\n"
        b"2026-11-23T18:00:01.5+00:00 pi dnsmasq[7]: 4 10.0.0.5/4712 query[A] b.example from 10.0.0.5\n"
        b"2026-11-23T18:00:01.6+00:00 pi dnsmasq[7]: 4 10.0.0.5/4712 reply b.example is 192.0.2.1\n"
        b"2026-11-23T18:00:02.6+00:00 pi cron[8]: something else\n"
    )
    bindings, refused = read(SOURCE, log)
    assert told(bindings) == [Told("site", "192.0.2.1", "b.example", "18:00:01", "19:00:01", "10.0.0.5")]
    assert clock(bindings[0].since) == "18:00:01"
    assert not refused


def test_a_time_that_does_not_exist_is_counted() -> None:
    bindings, refused = read(SOURCE, b"Nov 31 18:00:00 dnsmasq[7]: query[A] a.example from 10.0.0.5\n")
    assert (bindings, refused) == ([], {"no time": 1})


@given(
    st.lists(st.sampled_from(EXTRA.splitlines(keepends=True) + PLAIN.splitlines(keepends=True)), max_size=40)
)
def test_lines_in_any_order_are_no_trouble(log: list[bytes]) -> None:
    bindings, refused = read(SOURCE, b"".join(log))
    assert not refused
    assert all(binding.client for binding in bindings if binding.kind == "site")
