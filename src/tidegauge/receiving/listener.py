"""Listeners: UDP sockets with their decoders, all in Rust, each pair on a thread of its own."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tidegauge._core import Batch, ExporterSnapshot, Receiver
from tidegauge.receiving.decoding_settings import DecodingSettings
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tidegauge.exporters.element_file import ToldElement
    from tidegauge.receiving.copying import Copying, CopyRow

__all__ = ["Batch", "ExporterSnapshot", "Listener"]

RECEIVE_BUFFER_MEBIBYTES = 64
"""What the kernel is asked to hold while we are busy: a burst of half a million flows and more."""
MAXIMUM_RECEIVE_BUFFER = 1024
"""The kernel takes the number of bytes as a signed one of 32 bits, and doubles it."""
MAXIMUM_RECEIVERS = 64
_MEBIBYTE = 1 << 20

_log = Log(__name__)


class Listener:
    """Receives and decodes from the moment it is made.

    Rows wait inside until they are drained. When nobody drains for long, reading pauses and the kernel
    drops what its buffer cannot hold, which is counted.
    """

    def __init__(  # noqa: PLR0913 -- keywords
        self,
        address: ListenAddress,
        settings: DecodingSettings | None = None,
        *,
        writer_id: str,
        counters_path: Path,
        resume_path: Path | None = None,
        knowledge: tuple[bytes, int] | None = None,
        receive_buffer: int = RECEIVE_BUFFER_MEBIBYTES,
        receivers: int = 1,
        copying: Copying | None = None,
    ) -> None:
        """Bind and start; raises OSError when the address is taken or not ours.

        Totals are kept in ``counters_path``; sequence numbers continue from ``resume_path``, the same file of
        a listener that is gone. ``knowledge`` is what that one knew, and the moment it is; raises ValueError
        where it is none. Exporters are dealt to as many ``receivers``; ``receive_buffer`` is what the kernel
        is asked to hold for each, in mebibytes. ``copying`` is what else becomes of each datagram.
        """
        wanted = receive_buffer * _MEBIBYTE
        try:
            self._receiver = Receiver(
                address.host,
                address.port,
                writer=writer_id,
                counters_path=str(counters_path),
                resume_path=str(resume_path) if resume_path else None,
                receive_buffer_bytes=wanted,
                settings=(settings or DecodingSettings()).words(address.transport),
                knowledge=knowledge,
                copying=copying.order() if copying else None,
                threads=receivers,
            )
        except OSError as error:
            raise OSError(f"cannot listen at {address}: {error}") from error
        self.address = ListenAddress(address.host, self._receiver.port)
        granted = self._receiver.receive_buffer_bytes
        _log.info("listening", address=self.address, receive_buffer_bytes=granted, receivers=receivers)
        if granted < wanted:
            _log.warning(
                "the kernel granted a smaller receive buffer; bursts may be dropped",
                granted=granted,
                wanted=wanted,
                remedy=f"sysctl net.core.rmem_max={wanted}",
            )
        processors = len(os.sched_getaffinity(0))
        if receivers > processors:
            _log.warning(
                "there are more receivers than processors; they wait for each other",
                receivers=receivers,
                processors=processors,
            )

    def gather(self, seconds: float, maximum_rows: int) -> list[Batch]:
        """Let rows gather for that long, or until there are about ``maximum_rows``, and take them."""
        deadline = time.monotonic() + seconds
        batches: list[Batch] = []
        while (rest := deadline - time.monotonic()) > 0 and sum(map(len, batches)) < maximum_rows:
            batches += self._receiver.drain(rest)
        return batches

    def name_elements(self, elements: Sequence[ToldElement]) -> None:
        """Name elements as somebody told, from now on."""
        self._receiver.name_elements(elements)

    def knowledge(self, *, ages: bool = True) -> bytes | None:
        """What is known of exporters, for the listener after this one; also after ``close``.

        Without ``ages``, None where nothing was learnt or forgotten since the last call.
        """
        return self._receiver.knowledge(ages=ages)

    def exporters(self) -> list[ExporterSnapshot]:
        """What every exporter heard so far looks like now."""
        return self._receiver.exporters()

    def counters(self) -> dict[str, int]:
        """Totals since the start, by the names of ``schema/counters.toml``."""
        return self._receiver.counters()

    def copies(self) -> list[CopyRow]:
        """What became of copies, a row for each who takes them; also after ``close``."""
        return self._receiver.copies()

    def close(self) -> list[Batch]:
        """Stop receiving and hand over the last rows."""
        return self._receiver.close()
