"""tidegauge meters, collects and explains network flows, and keeps every clock involved honest.

The rooms, from the floor up; each imports only rooms below it:

``flow`` says what a flow is: its fields, units and counters. ``receiving`` takes datagrams and
captures in, ``metering`` makes flows of packets, ``ntp`` asks and tells the time, ``store`` keeps
the lake, and ``query`` turns a filter into SQL; these five do not know each other. ``analysis``
answers questions over a lake, ``web`` serves the answers, ``app`` wires a collector together,
``lab`` simulates an office to collect from, and ``cli`` is one file per command.

``_core`` is the seam to Rust, where everything runs that must run per packet or per record.
ARCHITECTURE.md draws the map; ``lint-imports`` enforces it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """Read the version only when somebody asks: importlib.metadata costs more than the rest of us."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 loaded when asked for

        return version("tidegauge")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
