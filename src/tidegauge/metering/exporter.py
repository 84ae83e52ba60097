"""An exporter: encodes flows, and tells beside them what collectors should know of the probe."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

from tidegauge.metering import announcement

if TYPE_CHECKING:
    from tidegauge.metering.encoder import Batch, Encoder
    from tidegauge.metering.settings import MeterSettings


class Exporter(ABC):
    """Sends flows to one place. Close it in the end, or leave its block: then everything was sent.

    ``datagrams`` were sent, or messages where it is a stream, with so many ``octets`` and ``flows``. Of these
    datagrams ``refusals`` were refused. ``lost_flows`` were never sent.
    """

    def __init__(self, encoder: Encoder, protocol_version: str, observation_domain: int) -> None:
        self._encoder = encoder
        self._protocol_version = protocol_version
        self._observation_domain = observation_domain
        self._ignored_packets: int | None = None
        self.datagrams = 0
        self.octets = 0
        self.flows = 0
        self.refusals = 0
        self.lost_flows = 0

    def announce_sampling(self, settings: MeterSettings) -> None:
        """Tell collectors how packets are sampled, if they are."""
        if settings.sampling_interval > 1:
            self._encoder.announce(
                *announcement.sampling(self._protocol_version, settings, self._observation_domain)
            )

    def announce_interface(self, index: int, name: str) -> None:
        """Tell collectors the name of an interface."""
        self._encoder.announce(*announcement.interface(self._protocol_version, index, name))

    def announce_ignored(self, packets: int) -> None:
        """Tell collectors how many packets came too fast to be metered, ever since the start."""
        version, domain = self._protocol_version, self._observation_domain
        # A total says nothing without the one before it, which went out with the first templates.
        has_grown = self._ignored_packets not in (None, packets)
        self._ignored_packets = packets
        self._encoder.announce(*announcement.ignored(version, domain, packets), at_once=has_grown)

    def encode(self, batch: Batch, export_time: int) -> list[bytes]:
        """What is to be sent of these rows, and of how much was sent before."""
        if self.datagrams:
            counts = (self.datagrams, self.octets, self.flows)
            self._encoder.announce(
                *announcement.exported(self._protocol_version, self._observation_domain, *counts)
            )
        messages = self._encoder.encode(batch, export_time)
        self.datagrams += len(messages)
        self.octets += sum(map(len, messages))
        self.flows += len(batch) if batch.table == "flows" else 0
        return messages

    @abstractmethod
    def send(self, batch: Batch, export_time: int) -> None:
        """Export every row; ``export_time`` is the exporter's wall clock in nanoseconds since 1970."""

    @abstractmethod
    def close(self) -> None:
        """Send what still waits, and end; raises OSError where the last of it found nobody."""

    @abstractmethod
    def abandon(self) -> None:
        """End without sending what still waits."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()
