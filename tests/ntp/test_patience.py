from __future__ import annotations

import socket
import time

import pytest
from OpenSSL import SSL

from tidegauge.ntp.patience import Patience


def test_a_step_is_repeated_until_the_network_lets_it() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wants: list[type[SSL.Error]] = [SSL.WantWriteError, SSL.WantReadError]

        def step() -> str:
            if not wants:
                return "done"
            if len(wants) == 1:
                theirs.send(b"x")
            raise wants.pop(0)

        assert Patience(ours, time.monotonic() + 5, "late").wait_for(step) == "done"
        assert not wants


@pytest.mark.parametrize("seconds", [-1, 0.01])
def test_nobody_is_waited_for_longer_than_agreed(seconds: float) -> None:
    def step() -> None:
        raise SSL.WantReadError

    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TimeoutError, match="late"):
        Patience(ours, time.monotonic() + seconds, "late").wait_for(step)
