from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from tidegauge.app.stop_signals import StopSignals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_waited_for(number: signal.Signals) -> None:
    with StopSignals() as signals:
        assert not signals.arrived_within(0)
        os.kill(os.getpid(), number)
        assert signals.arrived_within(5)
        assert not signals.arrived_within(0)


def test_waiting_ends_with_the_signal() -> None:
    with StopSignals() as signals:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
        began = time.monotonic()
        assert signals.arrived_within(10)
        assert time.monotonic() - began < 5


def test_afterwards_signals_work_as_before() -> None:
    with StopSignals():
        pass
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
