"""Waiting to be told to stop, by SIGTERM or SIGINT."""

from __future__ import annotations

import select
import signal
import socket
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopSignals:
    """Turns SIGTERM and SIGINT into something to wait for, between entering and leaving; main thread only.

    The interpreter writes each signal's number into a pipe. A handler of our own could run in the middle of
    whatever the main thread does, lock in hand; and masking signals leaves them to threads started earlier.
    """

    def __enter__(self) -> Self:
        self._reader, self._writer = socket.socketpair()
        self._writer.settimeout(0)
        self._descriptor_before = signal.set_wakeup_fd(self._writer.fileno())
        self._handlers_before = {number: signal.signal(number, _noted) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._descriptor_before)
        self._reader.close()
        self._writer.close()

    def arrived_within(self, seconds: float) -> bool:
        """Wait that long at most; whether one of the signals came since this was last asked."""
        readable, _, _ = select.select([self._reader], [], [], seconds)
        return bool(readable and self._reader.recv(1024))


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the pipe has it already."""
