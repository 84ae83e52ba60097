"""An exporter over UDP: each datagram stands alone, and nobody says whether it arrived."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from tidegauge.metering.encoder import Batch, Encoder
from tidegauge.metering.exporter import Exporter

if TYPE_CHECKING:
    from tidegauge.metering.export_settings import ExportSettings
    from tidegauge.metering.export_target import ExportTarget

# A receive buffer left at Linux's default holds about ninety full datagrams, and a flow cache empties in
# bursts of thousands: we rest after a third of that. This still allows about 30 MB a second.
BURST_BYTES = 40_000
REST_SECONDS = 0.001


class DatagramExporter(Exporter):
    """Sends flows to one collector, paced so that a burst does not overrun it.

    ``boot_time`` is where the uptime in NetFlow headers counts from, in nanoseconds since 1970.
    UDP tells nothing of losses but one thing: that nobody listens. This raises ConnectionRefusedError, but
    not in an exporter that ``is_patient``: collectors come and go, so there it adds to ``refusals``.
    """

    def __init__(
        self,
        target: ExportTarget,
        settings: ExportSettings,
        *,
        observation_domain: int = 0,
        boot_time: int = 0,
        is_patient: bool = False,
    ) -> None:
        encoder = Encoder(
            target.protocol_version,
            observation_domain=observation_domain,
            boot_time=boot_time,
            maximum_datagram_bytes=settings.datagram_bytes,
        )
        super().__init__(encoder, target.protocol_version, observation_domain)
        self._target = target
        self._is_patient = is_patient
        self._socket = _connected(target)
        self._burst_bytes = 0

    def send(self, batch: Batch, export_time: int) -> None:
        """Export every row; ``export_time`` is the exporter's wall clock in nanoseconds since 1970."""
        for datagram in self.encode(batch, export_time):
            self._rest(len(datagram))
            self._send(datagram)

    def close(self) -> None:
        """Close the socket; raises if the last datagram found nobody listening."""
        try:
            self._note_refusal()
        finally:
            self._socket.close()

    def abandon(self) -> None:
        """Close the socket, whatever came of the last datagram."""
        self._socket.close()

    def _rest(self, upcoming_bytes: int) -> None:
        self._burst_bytes += upcoming_bytes
        if self._burst_bytes > BURST_BYTES:
            time.sleep(REST_SECONDS)
            self._burst_bytes = upcoming_bytes

    def _send(self, datagram: bytes) -> None:
        try:
            self._socket.send(datagram)
        except OSError as error:
            # The collector's refusal of an earlier datagram is told in place of sending the next.
            self._refused(error.errno or 0)
            with suppress(OSError):
                self._socket.send(datagram)

    def _note_refusal(self) -> None:
        if code := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._refused(code)

    def _refused(self, code: int) -> None:
        if not self._is_patient:
            raise OSError(code, f"cannot export to {self._target}: {os.strerror(code)}")
        self.refusals += 1


def _connected(target: ExportTarget) -> socket.socket:
    """Return a socket that sends to the first address of the target that we have a way to."""
    try:
        addresses = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)
    except OSError as error:
        raise OSError(f"cannot export to {target}: {error.strerror}") from error
    failure: OSError | None = None
    for family, kind, protocol, _, address in addresses:
        link = socket.socket(family, kind, protocol)
        try:
            link.connect(address)
        except OSError as error:
            link.close()
            failure = error
        else:
            return link
    raise OSError(f"cannot export to {target}: {failure}") from failure
