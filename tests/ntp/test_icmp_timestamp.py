from __future__ import annotations

import os
import struct
import time

import pytest

from tidegauge.ntp import icmp_timestamp as module
from tidegauge.ntp.icmp_timestamp import DAY_MILLISECONDS, MILLISECOND, _instant_near, _request, ask, reply_in

NOON = 1_767_268_800 * 10**9
HEADER = b"\x45" + bytes(19)


def reply(*stamps: int, kind: int = 14) -> bytes:
    """A reply as it comes with its IPv4 header, checksum and all."""
    empty = struct.pack(">BBHHHIII", kind, 0, 0, 7, 9, *stamps)
    return HEADER + empty[:2] + struct.pack(">H", module._checksum(empty)) + empty[4:]


def test_a_reply_is_read_with_whose_question_it_answers() -> None:
    assert reply_in(reply(1, 2, 3)) == (7, 9, 1, 2, 3)


@pytest.mark.parametrize(
    "packet", [b"", HEADER, reply(1, 2, 3)[:-1], reply(1, 2, 3, kind=13), reply(1, 2, 3)[:-1] + b"\x09"]
)
def test_what_is_no_reply_is_passed_over(packet: bytes) -> None:
    assert reply_in(packet) is None


def test_a_question_carries_its_checksum() -> None:
    assert module._checksum(_request(1, 2, 3)) == 0


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        (DAY_MILLISECONDS // 2 - 300_000, NOON - 300_000 * MILLISECOND),
        (DAY_MILLISECONDS // 2 + 300_000, NOON + 300_000 * MILLISECOND),
        (0, NOON - 43_200_000 * MILLISECOND),
    ],
)
def test_a_time_of_day_is_that_of_the_nearest_day(stamp: int, moment: int) -> None:
    assert _instant_near(stamp, NOON) == moment


def test_a_day_ends_between_the_two_clocks() -> None:
    midnight = NOON + 43_200_000 * MILLISECOND
    assert _instant_near(DAY_MILLISECONDS - 1, midnight + 1) == midnight - MILLISECOND
    assert _instant_near(1, midnight - 1) == midnight + MILLISECOND


def test_what_is_no_time_of_day_is_refused() -> None:
    with pytest.raises(ValueError, match="0x80000001, which are no milliseconds"):
        _instant_near(0x8000_0001, NOON)


@pytest.mark.skipif(os.geteuid() != 0, reason="raw sockets need root")
def test_this_machine_tells_its_own_time() -> None:
    address, stamps = ask("127.0.0.1", time.time_ns)
    assert address == "127.0.0.1"
    # Cut to the millisecond.
    assert stamps.sent - MILLISECOND < stamps.came <= stamps.went <= stamps.received


def test_who_may_not_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("socket.socket", refuse)
    with pytest.raises(PermissionError, match="CAP_NET_RAW"):
        ask("127.0.0.1", time.time_ns)
