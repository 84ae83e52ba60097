"""Patience: steps of a TLS connection that wait for the network, all together until a deadline."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, TypeVar

from OpenSSL import SSL

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

_Done = TypeVar("_Done")


class Patience:
    """Repeats what would block on a non-blocking connection; ``deadline`` is of the monotonic clock."""

    def __init__(self, link: socket.socket, deadline: float, complaint: str) -> None:
        self._link = link
        self._deadline = deadline
        self._complaint = complaint

    def wait_for(self, step: Callable[[], _Done]) -> _Done:
        """Do the step, as soon as the network lets it. Raises TimeoutError with the complaint."""
        while True:
            try:
                return step()
            except SSL.WantReadError:
                self._wait(select.POLLIN)
            except SSL.WantWriteError:
                self._wait(select.POLLOUT)

    def _wait(self, event: int) -> None:
        rest = self._deadline - time.monotonic()
        poller = select.poll()
        poller.register(self._link, event)
        if rest <= 0 or not poller.poll(rest * 1000):
            raise TimeoutError(self._complaint)
