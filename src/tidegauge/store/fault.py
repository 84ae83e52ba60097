"""Faults of files: what is wrong with a segment that cannot be what its manifest says it is."""

from __future__ import annotations

import os
from typing import NamedTuple

from tidegauge.store.segment import Segment


class Fault(NamedTuple):
    """A segment with an absolute path, and what is wrong with it as a sentence's end."""

    segment: Segment
    why: str


def fault_at_a_glance(segment: Segment) -> str:
    """What its size betrays; empty for a file as long as it was written, and for one of a tail."""
    try:
        size = os.stat(segment.path).st_size  # noqa: PTH116 -- a path object each would double the cost
    except OSError as error:
        return "is missing" if isinstance(error, FileNotFoundError) else str(error.strerror)
    if segment.bytes and size != segment.bytes:
        return f"has {size:,} bytes and was written with {segment.bytes:,}"
    return ""
