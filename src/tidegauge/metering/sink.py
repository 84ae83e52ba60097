"""Where a probe's flows go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import TypeAlias

    from tidegauge.metering.encoder import Batch


class Sink(Protocol):
    """Takes flows, and counts the datagrams that they filled."""

    datagrams: int

    def send(self, batch: Batch, export_time: int) -> None:
        """Take every row; ``export_time`` is the exporter's wall clock in nanoseconds since 1970."""


if TYPE_CHECKING:
    SinkOpener: TypeAlias = Callable[[int], AbstractContextManager[Sink]]
    """Opens a sink, told when the exporter booted: only the first packet of a capture tells that."""
