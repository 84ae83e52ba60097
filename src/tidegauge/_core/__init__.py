"""The seam: everything Rust does for Python passes through the names here.

Only scalars, buffers, frozen snapshots and Arrow (PyCapsule protocol) cross. Malformed input is
a counter with a reason, never an exception; exceptions mean misuse or a lost resource.
"""

from tidegauge._core._native import (
    Batch,
    Decoder,
    Encoder,
    ExporterSnapshot,
    Meter,
    Receiver,
    Replay,
    SegmentWriter,
    TimeServer,
    search,
)

__all__ = [
    "Batch",
    "Decoder",
    "Encoder",
    "ExporterSnapshot",
    "Meter",
    "Receiver",
    "Replay",
    "SegmentWriter",
    "TimeServer",
    "search",
]
