"""A port that is watched for a while: what arrives is taken apart and not stored, for ``decode --listen``."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

from tidegauge._core import Decoder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from tidegauge.exporters.element_file import ToldElement
    from tidegauge.receiving.listen_address import ListenAddress

_LONGEST_DATAGRAM = 65_535


class WatchedPort:
    """Takes datagrams at a UDP address, one at a time. For an engineer's eyes: a collector is far quicker."""

    def __init__(self, address: ListenAddress, elements: Sequence[ToldElement] = ()) -> None:
        """Bind; raises OSError when the address is taken or not ours."""
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.bind((address.host, address.port))
        except OSError as error:
            self._socket.close()
            raise OSError(f"cannot listen at {address}: {error}") from error
        self.address = address._replace(port=self._socket.getsockname()[1])
        self._decoder = Decoder(dissects=True)
        self._decoder.name_elements(elements)

    def dissections(self, maximum_datagrams: int, seconds: float) -> Iterator[bytes]:
        """Yield datagrams as they come, each a line of JSON, until there were so many or time is up."""
        deadline = time.monotonic() + seconds
        for _ in range(maximum_datagrams):
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                datagram, sender = self._socket.recvfrom(_LONGEST_DATAGRAM)
            except TimeoutError:
                return
            self._decoder.feed(datagram, sender[0].partition("%")[0], sender[1], time.time_ns())
            self._decoder.drain()  # Rows are for those who store them.
            yield self._decoder.dissected()

    def counters(self) -> dict[str, int]:
        """Totals since the start, by the names of ``schema/counters.toml``."""
        return self._decoder.counters()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
