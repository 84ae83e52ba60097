from __future__ import annotations

import socket
import time

import pytest

from tidegauge.ntp.stamped_socket import StampedSocket


def test_the_kernel_says_when_a_datagram_left_and_arrived() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        with StampedSocket(*server.getsockname()) as link:
            before = time.time_ns()
            link.send(b"question")
            handed_over = link.sent
            question, client = server.recvfrom(100)
            assert (question, client) == (b"question", link.local)
            server.sendto(b"answer", client)
            time.sleep(0.05)
            answer, arrived = link.receive(time.monotonic() + 5)
            assert (answer, link.remote, link.is_ipv6) == (b"answer", server.getsockname(), False)
            # Read now, but stamped then; and the kernel's stamp of leaving has replaced ours.
            assert before <= handed_over < link.sent < arrived < time.time_ns() - 40_000_000


def test_waiting_for_the_stamp_alone_ends_in_time() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        with StampedSocket(*silent.getsockname()) as link:
            link.send(b"question")
            spent = time.process_time()
            with pytest.raises(TimeoutError):
                link.receive(time.monotonic() + 0.2)
            assert time.process_time() - spent < 0.1


def test_a_closed_port_is_known_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        address = link.getsockname()
    with StampedSocket(*address) as link:
        link.send(b"question")
        with pytest.raises(ConnectionRefusedError):
            link.receive(time.monotonic() + 5)


def test_a_name_without_address_is_an_error() -> None:
    with pytest.raises(OSError, match=r".+"):
        StampedSocket("no-such-host.invalid", 123)


def test_ipv6_is_asked_as_well() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as server:
        server.bind(("::1", 0))
        with StampedSocket("::1", server.getsockname()[1]) as link:
            link.send(b"question")
            server.sendto(b"answer", server.recvfrom(100)[1])
            _, arrived = link.receive(time.monotonic() + 5)
            assert link.is_ipv6
            assert 0 < arrived - link.sent < 10**9
