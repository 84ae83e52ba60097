"""The export encoder, for rooms that may not enter the seam: whoever exports, exports through metering."""

from __future__ import annotations

from tidegauge._core import Batch, Encoder

__all__ = ["STREAM_MESSAGE_BYTES", "Batch", "Encoder"]

STREAM_MESSAGE_BYTES = 16_000
"""In connections and files, where no packet has to hold a message; a record of TLS just holds it."""
