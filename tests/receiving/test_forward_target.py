from __future__ import annotations

import pytest

from tidegauge.receiving.forward_target import ForwardTarget, refuse_loops
from tidegauge.receiving.listen_address import ListenAddress


@pytest.mark.parametrize("text", ["udp://192.0.2.7:2055", "udp://[2001:db8::1]:4739", "udp://collector:2055"])
def test_a_target_is_written_as_it_was(text: str) -> None:
    assert str(ForwardTarget.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tcp://192.0.2.7:2055", "is written udp://HOST:PORT"),
        ("udp://192.0.2.7", "is written udp://HOST:PORT"),
        ("192.0.2.7:2055", "is written udp://HOST:PORT"),
        ("udp://192.0.2.7:0", "is written udp://HOST:PORT"),
        ("udp://192.0.2.7:70000", "Port out of range"),
        ("udp://192.0.2.7:2055/x", "nothing may follow"),
    ],
)
def test_what_is_no_target_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ForwardTarget.parse(text)


@pytest.mark.parametrize(
    ("listen", "target", "is_loop"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("0.0.0.0", "127.0.0.1", True),
        ("::", "::1", True),
        ("::", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("0.0.0.0", "192.0.2.7", False),
        ("::1", "127.0.0.1", False),
    ],
)
def test_who_would_hear_itself_is_refused(listen: str, target: str, *, is_loop: bool) -> None:
    def refuse(port: int) -> None:
        refuse_loops([ListenAddress(listen, 2055)], [ForwardTarget(target, port)])

    refuse(2056)
    if is_loop:
        with pytest.raises(ValueError, match="forward to itself"):
            refuse(2055)
    else:
        refuse(2055)


def test_a_listener_of_connections_hears_no_datagrams() -> None:
    refuse_loops([ListenAddress("127.0.0.1", 4739, "tcp")], [ForwardTarget("127.0.0.1", 4739)])
