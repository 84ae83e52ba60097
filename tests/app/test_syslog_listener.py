from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from datetime import UTC

import pytest

from tests.names.told import packed
from tidegauge.app.syslog_listener import SyslogListener, line_of_message
from tidegauge.flow.binding import Binding, Kind
from tidegauge.receiving.listen_address import ListenAddress

NOW = 1_795_457_973_000_000_000  # 2026-11-23T18:19:33Z


def heard(messages: list[bytes], expected: int, address: ListenAddress) -> list[Binding]:
    told: list[Binding] = []

    def tell(bindings: Iterable[Binding]) -> None:
        told.extend(bindings)

    listener = SyslogListener(address, UTC, lambda: NOW, tell)
    listener.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for message in messages:
            sender.sendto(message, (address.host, listener.address.port))
    deadline = time.monotonic() + 10
    while len(told) < expected and time.monotonic() < deadline:
        time.sleep(0.001)
    listener.stop()
    return told


def test_a_routers_dnsmasq_is_understood_among_everything_else(loopback: ListenAddress) -> None:
    """As OpenWrt sends it with ``log_ip``: priority, time, host, program."""
    messages = [
        b"<6>Nov 23 18:19:30 OpenWrt kernel: br-lan: port 1 entered blocking state",
        b"<30>Nov 23 18:19:32 OpenWrt dnsmasq-dhcp[1]: DHCPACK(br-lan) 192.168.10.95 00:1b:44:11:3a:01 pc",
        b"<30>Nov 23 18:19:33 OpenWrt dnsmasq[1]: query[A] video.example from 192.168.10.95",
        b"<30>Nov 23 18:19:33 OpenWrt dnsmasq[1]: reply video.example is 192.0.2.80",
    ]
    told = heard(messages, 3, loopback)
    assert [(binding.kind, binding.name, binding.since // 10**9 - NOW // 10**9) for binding in told] == [
        (Kind.MAC, "00:1b:44:11:3a:01", -1),
        (Kind.MACHINE, "pc", -1),
        (Kind.SITE, "video.example", 0),
    ]
    assert told[2].client == packed("192.168.10.95")


def test_the_new_form_of_a_message_is_put_into_the_old_one() -> None:
    message = (
        b"<30>1 2026-11-23T18:19:33.5+01:00 gw dnsmasq 7 - - \xef\xbb\xbfquery[A] a.example from 192.0.2.9"
    )
    assert line_of_message(message) == (
        b"2026-11-23T18:19:33.5+01:00 gw dnsmasq[7]: query[A] a.example from 192.0.2.9"
    )
    assert line_of_message(b"no priority") == b"no priority"


def test_an_address_that_is_taken_is_told(loopback: ListenAddress) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((loopback.host, 0))
        taken = ListenAddress(loopback.host, other.getsockname()[1])
        with pytest.raises(OSError, match=str(taken)):
            SyslogListener(taken, UTC, lambda: NOW, lambda _: None)
