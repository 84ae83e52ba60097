"""Exports handed over in memory: what a socket would bring, without one."""

from __future__ import annotations

from tidegauge._core import Batch, Decoder

__all__ = ["Batch", "HandOver"]

# No port is told of: there was none.
PORT = 0


class HandOver:
    """Decodes the datagrams of one exporter as a listener would."""

    def __init__(self, exporter: str, *, writer_id: str) -> None:
        self._exporter = exporter
        self._decoder = Decoder(writer=writer_id)

    def take(self, datagram: bytes, received: int) -> None:
        """Decode a datagram as if it had arrived at ``received``."""
        self._decoder.feed(datagram, self._exporter, PORT, received)

    def drain(self) -> list[Batch]:
        """Rows decoded since the last call."""
        return self._decoder.drain()

    def close(self) -> list[Batch]:
        """The last rows."""
        return self._decoder.close()
