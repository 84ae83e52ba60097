"""What exporters said when asked for their time, in the lake: a line for each answer in ``clock_probes/``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegauge.flow.clock_probe import ClockProbe
from tidegauge.store.day_lines import DayLines, lines_of_days

if TYPE_CHECKING:
    from tidegauge.store.lake import Lake

_FOLDER = "clock_probes"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ClockProbe).decode


class ProbeWriter:
    """Appends answers to the lake."""

    def __init__(self, lake: Lake) -> None:
        self._lines = DayLines(lake.path / _FOLDER)

    def append(self, probe: ClockProbe) -> None:
        """Write one line; raises OSError where the disk does not take it."""
        self._lines.append(probe.sent, _encode(probe))


def probes_between(lake: Lake, since: int, until: int) -> list[ClockProbe]:
    """The answers to what was asked in ``[since, until)``, in order."""
    found = []
    for line in lines_of_days(lake.path / _FOLDER, since, until):
        try:
            probe = _decode(line)
        except msgspec.MsgspecError:
            continue  # a crash tore it
        if since <= probe.sent < until:
            found.append(probe)
    return sorted(found, key=lambda probe: probe.sent)
