from __future__ import annotations

import socket
import struct

import pytest

from tidegauge.ntp.chrony import bound_from_report, chrony_bound, tracking_request

SEQUENCE = 0x12345678
FOLLOWED = 0xC0000201


def number(value: float) -> int:
    """Chrony's floating point, from outside: the coefficient is a fraction of 2**24."""
    if value == 0:
        return 0
    exponent = 1
    while abs(value) >= 1:
        value, exponent = value / 2, exponent + 1
    while abs(value) < 0.5:
        value, exponent = value * 2, exponent - 1
    return (exponent & 0x7F) << 25 | round(value * 2**24) & 0x1FFFFFF


def report(
    correction: float = 0.0,
    delay: float = 0.0,
    dispersion: float = 0.0,
    *,
    leap: int = 0,
    reference: int = FOLLOWED,
    status: int = 0,
) -> bytes:
    head = struct.pack("!BBHHHHHHHIII", 6, 2, 0, 33, 5, status, 0, 0, 0, SEQUENCE, 0, 0)
    numbers = [correction, 0, 0, -7.25, 0, 0, delay, dispersion, 64]
    body = struct.pack("!I20sHHIII", reference, bytes(20), 3, leap, 0, 1_795_000_000, 5)
    return head + body + struct.pack("!9I", *map(number, numbers))


def test_the_request_is_as_long_as_the_answer() -> None:
    request = tracking_request(SEQUENCE)
    assert len(request) == len(report()) == 104
    assert request[:12].hex(" ", 2) == "0601 0000 0021 0000 1234 5678"


@pytest.mark.parametrize("sign", [1, -1])
def test_correction_dispersion_and_half_the_delay_add_up(sign: int) -> None:
    bound = bound_from_report(report(sign * 0.001, 0.024, 0.0005), SEQUENCE)
    assert bound == pytest.approx(13_500_000, rel=1e-6)


def test_who_knows_nothing_bounds_nothing() -> None:
    for told in (report(leap=3), report(reference=0), report(reference=0x7F7F0101)):
        assert bound_from_report(told, SEQUENCE) is None


@pytest.mark.parametrize("reply", [b"", report()[:-1], report(status=2), b"\5" + report()[1:]])
def test_anything_else_is_an_error(reply: bytes) -> None:
    with pytest.raises(OSError, match="chronyd answered"):
        bound_from_report(reply, SEQUENCE)
    with pytest.raises(OSError, match="chronyd answered"):
        bound_from_report(report(), SEQUENCE + 1)


def test_a_machine_without_chronyd_says_so_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        port = link.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        chrony_bound(port)
