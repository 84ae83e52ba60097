"""tidegauge meters, collects and explains network flows, and keeps every clock involved honest.

From Python: ``tidegauge.open("lake").top("user", since="1d")``.

The rooms, from the floor up; each imports only rooms below it:

``flow`` says what a flow is: its fields, units and counters. ``receiving`` takes datagrams and
captures in, ``metering`` makes flows of packets, ``ntp`` asks and tells the time, ``store`` keeps
the lake, ``names`` knows who and what an address was, and ``query`` turns a filter into SQL; these six
do not know each other. ``analysis`` answers questions over a lake, ``web`` serves the answers,
``app`` wires a collector together, ``lab`` simulates an office to collect from, ``cli`` is one file
per command, and ``notebook`` asks the same questions from Python.

``_core`` is the seam to Rust, where everything runs that must run per packet or per record.
ARCHITECTURE.md draws the map; ``lint-imports`` enforces it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tidegauge.notebook.open_lake import open_lake as open  # noqa: A004 (as io.open, gzip.open and others)

    __version__: str

__all__ = ["__version__", "open"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 (what a module holds may be anything)
    """Load what is asked for only then: the version alone costs more than the rest of us."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 loaded when asked for

        return version("tidegauge")
    if name == "open":
        from tidegauge.notebook.open_lake import open_lake  # noqa: PLC0415 the same

        return open_lake
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
