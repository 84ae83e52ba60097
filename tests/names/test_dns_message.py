from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dns import DNS, DNSQR, DNSRR

from tests.names.told import packed
from tidegauge.names.dns_message import DnsAnswer, address_of_pointer, answer_from_wire


def wire(name: str, type_: str, *records: DNSRR, rcode: int = 0) -> bytes:
    return bytes(DNS(qr=1, rcode=rcode, qd=DNSQR(qname=name, qtype=type_), an=list(records)))


def test_addresses_count_for_the_name_that_was_asked() -> None:
    message = wire(
        "www.youtube.com",
        "A",
        DNSRR(rrname="www.youtube.com", type="CNAME", rdata="youtube-ui.l.google.com", ttl=300),
        DNSRR(rrname="youtube-ui.l.google.com", type="A", rdata="142.250.185.78", ttl=60),
        DNSRR(rrname="youtube-ui.l.google.com", type="A", rdata="142.250.185.110", ttl=60),
    )
    addresses = (packed("142.250.185.78"), packed("142.250.185.110"))
    assert answer_from_wire(message) == DnsAnswer("www.youtube.com", addresses, (), 60)


def test_ipv6() -> None:
    message = wire("a.example", "AAAA", DNSRR(rrname="a.example", type="AAAA", rdata="2001:db8::1", ttl=5))
    assert answer_from_wire(message) == DnsAnswer("a.example", (packed("2001:db8::1"),), (), 5)


def test_pointers() -> None:
    name = "1.2.0.192.in-addr.arpa"
    message = wire(name, "PTR", DNSRR(rrname=name, type="PTR", rdata="host.example", ttl=9))
    assert answer_from_wire(message) == DnsAnswer(name, (), ("host.example",), 9)


def test_questions_failures_and_empty_answers_say_nothing() -> None:
    assert answer_from_wire(bytes(DNS(qd=DNSQR(qname="a.example")))) is None
    assert answer_from_wire(wire("a.example", "A", rcode=3)) is None
    assert answer_from_wire(wire("a.example", "A")) is None
    assert (
        answer_from_wire(wire("a.example", "TXT", DNSRR(rrname="a.example", type="TXT", rdata="x"))) is None
    )


def test_a_name_that_points_at_itself_is_refused() -> None:
    header = struct.pack("!6H", 1, 0x8180, 1, 1, 0, 0)
    with pytest.raises(ValueError, match="points forward"):
        answer_from_wire(header + b"\xc0\x0c" + b"\x00\x01\x00\x01")


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_refused(message: bytes) -> None:
    with suppress(ValueError):
        answer_from_wire(b"\x00\x01\x81\x80\x00\x01\x00\x05" + message)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("78.185.250.142.in-addr.arpa.", "142.250.185.78"),
        ("1." + "0." * 23 + "8.b.d.0.1.0.0.2.ip6.arpa", "2001:db8::1"),
        ("250.142.in-addr.arpa", None),
        ("x.185.250.142.in-addr.arpa", None),
        ("999.185.250.142.in-addr.arpa", None),
        ("g." + "0." * 31 + "ip6.arpa", None),
        ("www.example", None),
    ],
)
def test_the_address_a_pointer_is_about(name: str, address: str | None) -> None:
    assert address_of_pointer(name) == (packed(address) if address else None)
