"""An exporter into an IPFIX file (RFC 5655): the messages of one session, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.metering.encoder import STREAM_MESSAGE_BYTES, Batch, Encoder
from tidegauge.metering.exporter import Exporter

if TYPE_CHECKING:
    from pathlib import Path


class FileExporter(Exporter):
    """Writes flows to a file, in place of what it held; raises OSError where that cannot be done.

    Each message has its checksum beside it, so that whoever reads the file knows what was damaged.
    """

    def __init__(self, path: Path, *, observation_domain: int = 0, boot_time: int = 0) -> None:
        encoder = Encoder(
            "ipfix",
            observation_domain=observation_domain,
            boot_time=boot_time,
            maximum_datagram_bytes=STREAM_MESSAGE_BYTES,
            in_stream=True,
            with_checksums=True,
        )
        super().__init__(encoder, "ipfix", observation_domain)
        self._file = path.open("wb")

    def send(self, batch: Batch, export_time: int) -> None:
        """Write every row."""
        self._file.writelines(self.encode(batch, export_time))
        # Whoever reads meanwhile sees whole messages.
        self._file.flush()

    def close(self) -> None:
        """End the file."""
        self._file.close()

    def abandon(self) -> None:
        """End the file with what it holds."""
        self._file.close()
