"""The export encoder, for rooms that may not enter the seam: whoever exports, exports through metering."""

from __future__ import annotations

from tidegauge._core import Batch, Encoder

__all__ = ["Batch", "Encoder"]
